"""Downloads of public data sets into data/raw; asked for by a person, never by a stage."""

import os
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from gristmill.data.cifar10 import LAYOUT as CIFAR10
from gristmill.data.cifar100 import LAYOUT as CIFAR100
from gristmill.data.cifar_layout import Layout
from gristmill.data.files import file_hash
from gristmill.errors import UserError

PUBLIC = {layout.name: layout for layout in (CIFAR10, CIFAR100)}


def fetch(name: str, folder: Path | None = None) -> Path:
    """Download a data set's official archive, unless it lies there already, and verify it.

    Args:
        name: one of `PUBLIC`.
        folder: where to, data/raw/<name> by default; made if it is not there.

    Returns:
        The archive, as the reader of the set takes it (it is not unpacked).

    Raises:
        UserError: unknown name, no network, a damaged download, a folder that cannot be written; nothing
            half-written stays.
    """
    if name not in PUBLIC:
        raise UserError(f"fetch: '{name}' cannot be downloaded; public sets are {', '.join(PUBLIC)}")
    layout = PUBLIC[name]
    folder = folder or Path("data/raw") / name
    target = folder / layout.archive
    if target.is_file() and file_hash(target, "md5") == layout.archive_md5:
        return target
    part = folder / f"{layout.archive}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(layout, part)
        os.replace(part, target)
    except (OSError, HTTPException, RuntimeError) as error:   # RuntimeError: torchvision, for a wrong hash
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"fetch {name}: {reason}; get {layout.archive} (MD5 {layout.archive_md5}) "
            f"from {layout.url} and put it into {folder}"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()
    return target


def _download(layout: Layout, target: Path) -> None:
    from torchvision.datasets.utils import download_url  # 3 s with torch: only who downloads waits for it

    download_url(layout.url, str(target.parent), target.name, layout.archive_md5)
