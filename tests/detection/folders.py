"""Small sets in the exact layouts of PASCAL VOC and COCO."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIZE = 40, 30   # width, height


def picture(path: Path) -> None:
    """A photograph of two tones, so that a reader that turns or swaps something is found out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    pixels[:, : SIZE[0] // 2, 0] = 200
    Image.fromarray(pixels).save(path)


def voc_object(name: str, *corners: object, difficult: int = 0) -> str:
    """An object as VOC and labelImg write it; a part of it, as VOC's persons have, is no object."""
    values = "".join(f"<{key}>{v}</{key}>" for key, v in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True))
    inner = "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>"
    return (
        f"<object><name>{name}</name><pose>Unspecified</pose><truncated>0</truncated>"
        f"<difficult>{difficult}</difficult><bndbox>{values}</bndbox>{inner}</object>"
    )


def voc(folder: Path, lists: Mapping[str, Sequence[str]], objects: Mapping[str, Sequence[str]]) -> Path:
    """A folder of VOC's layout: lists (train, val ...) of names, and the objects of each."""
    main, notes = folder / "ImageSets" / "Main", folder / "Annotations"
    main.mkdir(parents=True)
    notes.mkdir()
    for name, names in lists.items():
        (main / f"{name}.txt").write_text("".join(f"{line}\n" for line in names))
    for name in [name for names in lists.values() for name in names]:
        (notes / f"{name}.xml").write_text(
            f"<annotation><folder>JPEGImages</folder><filename>{name}.jpg</filename>"
            f"<path>/home/somebody/elsewhere/{name}.png</path><size><width>{SIZE[0]}</width><height>{SIZE[1]}</height>"
            f"<depth>3</depth></size><segmented>0</segmented>{''.join(objects.get(name, ()))}</annotation>"
        )
        picture(folder / "JPEGImages" / f"{name}.jpg")
    return folder


def coco_content(ids: Sequence[int], items: Sequence[Mapping[str, Any]], classes: Mapping[int, str]) -> dict[str, Any]:
    """What a file of instances holds; an item may leave out all but image, class and box."""
    usual = {"iscrowd": 0, "area": 1.0}
    return {
        "info": {}, "licenses": [],
        "images": [{"id": i, "file_name": f"{i:04d}.jpg", "width": SIZE[0], "height": SIZE[1]} for i in ids],
        "categories": [{"id": i, "name": name, "supercategory": "all"} for i, name in classes.items()],
        "annotations": [{"id": number, **usual, **item} for number, item in enumerate(items, 1)],
    }  # fmt: skip


def coco(file: Path, images: Path, content: Mapping[str, Any]) -> None:
    """Write the file and its images."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    for image in content["images"]:
        picture(images / image["file_name"])
