"""Sets to transfer to, made small in the exact forms in which they are published."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.io import savemat

from gristmill.data import flowers102, voc2007
from tests.data.test_photographs import photo


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def shoot(folder: Path, names: list[str]) -> None:
    """Photographs of several sizes; the first is 21 pixels wide."""
    for i, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        photo(21 + i % 7, 16, seed=i).save(folder / name)


def food101(root: Path) -> None:
    lists = {"train": {"waffles": ["waffles/11", "waffles/7"], "apple_pie": ["apple_pie/3"]},
             "test": {"waffles": ["waffles/2"], "apple_pie": ["apple_pie/9"]}}  # fmt: skip
    for part, held in lists.items():
        put(root / f"food-101/meta/{part}.json", json.dumps(held))
        shoot(root / "food-101/images", [f"{name}.jpg" for names in held.values() for name in names])


def fgvc_aircraft(root: Path) -> None:
    data = root / "fgvc-aircraft-2013b/data"
    put(data / "variants.txt", "Boeing 707\nF/A-18\nAn-12\n")
    put(data / "images_variant_train.txt", "1025794 F/A-18\n0100002 Boeing 707\n0100003 An-12\n")
    put(data / "images_variant_val.txt", "0200001 An-12\n")
    put(data / "images_variant_test.txt", "0300001 Boeing 707\n0300002 F/A-18\n")
    shoot(data / "images", [f"{n}.jpg" for n in (1025794, "0100002", "0100003", "0200001", "0300001", "0300002")])


def dtd(root: Path) -> None:
    lists = {"train": ["banded/b_1.jpg", "dotted/d_1.jpg"], "val": ["dotted/d_2.jpg", "banded/b_3.jpg"],
             "test": ["banded/b_2.jpg", "dotted/d_3.jpg"]}  # fmt: skip
    for name, images in lists.items():
        put(root / f"dtd/labels/{name}1.txt", "\n".join(images) + "\n")
        shoot(root / "dtd/images", images)


def oxford_pets(root: Path) -> None:
    home = root / "oxford-iiit-pet"
    put(home / "annotations/trainval.txt", "Abyssinian_100 1 1 1\nbasset_hound_1 2 2 1\nAbyssinian_2 1 1 1\n")
    put(home / "annotations/test.txt", "#Image CLASS-ID SPECIES BREED ID\nbasset_hound_10 2 2 1\n")
    names = ("Abyssinian_100", "basset_hound_1", "Abyssinian_2", "basset_hound_10")
    shoot(home / "images", [f"{name}.jpg" for name in names])


def sun397(root: Path) -> None:
    put(root / "SUN397/ClassName.txt", "/a/abbey\n/a/apse/indoor\n")
    put(root / "SUN397/Partitions/Training_01.txt", "/a/apse/indoor/sun_ab.jpg\n/a/abbey/sun_cd.jpg\n")
    put(root / "SUN397/Partitions/Testing_01.txt", "/a/abbey/sun_ef.jpg\n")
    shoot(root / "SUN397/a", ["apse/indoor/sun_ab.jpg", "abbey/sun_cd.jpg", "abbey/sun_ef.jpg", "abbey/sun_none.jpg"])


def birdsnap(root: Path) -> None:
    home = root / "birdsnap"
    species = ["1\tAcadian Flycatcher\tEmpidonax virescens\tAcadian_Flycatcher",
               "2\tCooper's Hawk\tAccipiter cooperii\tCoopers_Hawk"]  # fmt: skip
    put(home / "species.txt", "\n".join(["id\tcommon\tscientific\tdir", *species]) + "\n")
    paths = ["Coopers_Hawk/2.jpg", "Acadian_Flycatcher/1.jpg", "Acadian_Flycatcher/gone.jpg", "Coopers_Hawk/4.jpg"]
    rows = [f"http://x/{i}\tabc\t{path}\t{2 if 'Hawk' in path else 1}\t1\t2\t3\t4" for i, path in enumerate(paths)]
    put(home / "images.txt", "\n".join(["url\tmd5\tpath\tspecies_id\tbb_x1\tbb_y1\tbb_x2\tbb_y2", *rows]) + "\n")
    put(home / "test_images.txt", "path\nCoopers_Hawk/2.jpg\n")
    shoot(home / "download/images", [path for path in paths if "gone" not in path])


def flowers(root: Path) -> None:
    """One training image of each of the 102 classes, the last class first, two to validate, two to test."""
    home = root / "flowers-102"
    labels = np.concatenate([np.arange(102, 0, -1), [5, 6, 102, 1]]).astype(np.uint8)
    savemat(home_of(home) / "imagelabels.mat", {"labels": labels[None]})
    parts = {"trnid": list(range(1, 103)), "valid": [103, 104], "tstid": [106, 105]}
    savemat(home / "setid.mat", {name: np.array([rows], np.uint16) for name, rows in parts.items()})
    shoot(home / "jpg", [f"image_{i:05d}.jpg" for i in range(1, 107)])


def home_of(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def caltech(root: Path) -> None:
    for name in ("ant", "BACKGROUND_Google", "zebra"):
        count = 33 if name == "ant" else 31
        shoot(root / "caltech-101/101_ObjectCategories" / name, [f"image_{i:04d}.jpg" for i in range(1, count + 1)])


def voc(root: Path) -> None:
    home = root / "VOCdevkit/VOC2007"
    cars, person = [("car", 0, (1, 1, 10, 10)), ("car", 1, (1, 1, 2, 2))], ("person", 0, (1, 1, 15, 12))
    annotate(home, "train", "000012", [cars[0], person, cars[1]])
    annotate(home, "train", "000017", [("dog", 1, (1, 1, 20, 15)), ("cat", 0, (3, 3, 6, 6))])
    annotate(home, "val", "000005", [("sheep", 1, (1, 1, 4, 4)), ("cow", 1, (1, 1, 8, 8))])
    annotate(home, "test", "000001", [("person", 0, (1, 1, 9, 9))])


def annotate(home: Path, part: str, image: str, objects: list[tuple[str, int, tuple[int, ...]]]) -> None:
    nodes = "".join(
        f"<object><name>{name}</name><pose>Left</pose><truncated>0</truncated><difficult>{difficult}</difficult><bndbox>"
        + "".join(f"<{side}>{value}</{side}>" for side, value in zip(voc2007.BOX, box, strict=True))
        + "</bndbox></object>"
        for name, difficult, box in objects
    )
    put(home / f"Annotations/{image}.xml", f"<annotation><filename>{image}.jpg</filename>{nodes}</annotation>")
    shoot(home / "JPEGImages", [f"{image}.jpg"])
    path = home / f"ImageSets/Main/{part}.txt"
    put(path, (path.read_text() if path.is_file() else "") + f"{image}\n")


MAKE: dict[str, Callable[[Path], None]] = {
    "food101": food101, "birdsnap": birdsnap, "sun397": sun397, "fgvc_aircraft": fgvc_aircraft, "voc2007": voc,
    "dtd": dtd, "oxford_pets": oxford_pets, "caltech101": caltech, "flowers102": flowers,
}  # fmt: skip


def made(name: str, folder: Path, monkeypatch) -> Path:
    """A set in a folder of its own; what is checked by hash has the hash of the small files."""
    root = folder / "raw"
    root.mkdir()
    MAKE[name](root)
    if name == "flowers102":
        hashes = {n: hashlib.md5((root / "flowers-102" / n).read_bytes()).hexdigest() for n in flowers102.MD5}
        monkeypatch.setattr(flowers102, "MD5", hashes)
    return root
