"""Downloads of public data sets into data/raw; asked for by a person, never by a stage."""

import os
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from gristmill.data import cifar10, cifar100, fashion_mnist, stl10
from gristmill.data.files import Published, file_hash
from gristmill.errors import UserError

PUBLIC = {
    "cifar10": (cifar10.LAYOUT.published,),
    "cifar100": (cifar100.LAYOUT.published,),
    "fashion_mnist": fashion_mnist.PUBLISHED,
    "stl10": (stl10.ARCHIVE,),
}


def fetch(name: str, folder: Path | None = None) -> list[Path]:
    """Download a data set's official files, unless they lie there already, and verify them.

    Args:
        name: one of `PUBLIC`.
        folder: where to, data/raw/<name> by default; made if it is not there.

    Returns:
        The files, as they are published; all readers but STL-10's take them so, that one says how to unpack its.

    Raises:
        UserError: unknown name, no network, a damaged download, a folder that cannot be written; nothing
            half-written stays.
    """
    if name not in PUBLIC:
        raise UserError(f"fetch: '{name}' cannot be downloaded; public sets are {', '.join(PUBLIC)}")
    folder = folder or Path("data/raw") / name
    return [_fetch_file(name, file, folder) for file in PUBLIC[name]]


def _fetch_file(name: str, file: Published, folder: Path) -> Path:
    target = folder / file.name
    if target.is_file() and file_hash(target, "md5") == file.md5:
        return target
    part = folder / f"{file.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(file, part)
        os.replace(part, target)
    except (OSError, HTTPException, RuntimeError) as error:   # RuntimeError: torchvision, for a wrong hash
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"fetch {name}: {reason}; get {file.name} (MD5 {file.md5}) from {file.url} and put it into {folder}"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()
    return target


def _download(file: Published, target: Path) -> None:
    from torchvision.datasets.utils import download_url  # 3 s with torch: only who downloads waits for it

    download_url(file.url, str(target.parent), target.name, file.md5)
