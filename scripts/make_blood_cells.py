"""Make the embedded blood cells: python scripts/make_blood_cells.py <folder in the layout of PASCAL VOC>.

The folder is a part of BCCD (github.com/Shenggan/BCCD_Dataset) with 132 of its images. Images are reduced to a long
side of 320 pixels, boxes with them; all else in the annotations stays as it is, two boxes without area too. The names
in the archive carry no time; the JPEG files depend on the version of Pillow's encoder.
"""

import hashlib
import io
import re
import sys
import zipfile
from pathlib import Path

from PIL import Image

SIDE, QUALITY = 320, 88
EMBEDDED = Path(__file__).resolve().parents[1] / "src" / "gristmill" / "data" / "embedded"
NUMBER = re.compile(r"<(width|height|xmin|ymin|xmax|ymax)>(\d+)<")
FIRST = ("xmin", "ymin")   # VOC counts pixels from 1: these begin one pixel before their number


def reduced(jpeg: bytes) -> tuple[bytes, float]:
    """The image with a long side of SIDE as JPEG, and by how much it was reduced."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    factor = SIDE / max(image.size)
    content = io.BytesIO()
    small = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.BOX)
    small.save(content, "JPEG", quality=QUALITY, optimize=True)
    return content.getvalue(), factor


def scaled(xml: str, factor: float) -> str:
    """An annotation with other numbers for the size and the boxes. What had no area has none."""

    def number(found: re.Match[str]) -> str:
        name, value = found[1], int(found[2])
        first = name in FIRST
        return f"<{name}>{(value - first) * factor + first:g}<"

    return NUMBER.sub(number, xml)


def archive(folder: Path) -> dict[str, bytes]:
    """What goes into the archive, by name."""
    content = {}
    for path in sorted((folder / "ImageSets" / "Main").glob("*.txt")):
        content[f"ImageSets/Main/{path.name}"] = path.read_bytes()
    for path in sorted((folder / "JPEGImages").glob("*.jpg")):
        jpeg, factor = reduced(path.read_bytes())
        xml = (folder / "Annotations" / f"{path.stem}.xml").read_text(encoding="utf-8")
        content[f"JPEGImages/{path.name}"] = jpeg
        content[f"Annotations/{path.stem}.xml"] = scaled(xml, factor).encode()
    return content


def main(folder: Path) -> None:
    """Write the archive and the licence beside it."""
    path = EMBEDDED / "blood_cells.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in archive(folder).items():
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            member.compress_type = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_BZIP2
            file.writestr(member, content, compresslevel=9)
    (EMBEDDED / "BLOOD_CELLS_LICENSE").write_bytes((folder / "LICENSE").read_bytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{path.name}: {path.stat().st_size:,} bytes, sha256 {digest}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(str(__doc__).splitlines()[0])
    main(Path(sys.argv[1]))
