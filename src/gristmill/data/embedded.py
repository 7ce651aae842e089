"""The archives of images that come with the package, in the folder `embedded`."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.files import check_hash, file_hash
from gristmill.data.source import setting
from gristmill.errors import UserError

FOLDER = Path(__file__).parent / "embedded"


def archive(settings: Any, name: str, title: str) -> list[Path]:
    """The archive to read: `settings.path`, or the one in the package."""
    path = Path(setting(settings, "path") or FOLDER / name)
    if not path.is_file():
        raise UserError(f"{path}: no such file; {title} comes with the package: {FOLDER / name}")
    return [path]


def arrays(path: Path, sha256: str) -> dict[str, np.ndarray]:
    """What is in an archive, by name.

    Raises:
        UserError: its bytes are not those of this version of Gristmill.
    """
    check_hash(path, file_hash(path, "sha256"), sha256, f"get {path.name} of this version of Gristmill back")
    with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as found:
        return dict(found)
