"""132 photographs of blood under a microscope with boxes around its cells, embedded in the package.

A part of BCCD (github.com/Shenggan/BCCD_Dataset, commit d272fb1), MIT licence, see data/embedded/BLOOD_CELLS_LICENSE.
`scripts/make_blood_cells.py` makes the file. Not every cell has a box, so scores compare, and say little alone.
"""

import zipfile
from io import BytesIO
from pathlib import Path

from gristmill.data.embedded import FOLDER, archive
from gristmill.data.files import check_hash, content_hash, read_bytes
from gristmill.detection import voc_folder
from gristmill.detection.boxes import DetectionSet

EMBEDDED = FOLDER / "blood_cells.zip"
SHA256 = "f4a4491a07f78e91f095e7dd8d397b86ebeb3bb3fb5c9e9c689fd95a411a308e"


def read(path: Path | None = None) -> DetectionSet:
    """71 training, 31 validation and 30 test images of 240 x 320 pixels; Platelets, RBC and WBC.

    Args:
        path: of the archive, if it is not the one in the package.

    Returns:
        The set; two boxes of the source have no area and are left out, as `voc_folder.read` says on stderr.

    Raises:
        UserError: a file that is missing or another one.
    """
    (file,) = archive({"path": path}, EMBEDDED.name, "the set of blood cells")
    content = read_bytes(file)
    check_hash(file, content_hash(content, "sha256"), SHA256, f"get {file.name} of this version of Gristmill back")
    inside = zipfile.ZipFile(BytesIO(content))   # in memory, so processes share no open file
    inside.filename = file.name                  # what a line on stderr calls it
    return voc_folder.read(zipfile.Path(inside))
