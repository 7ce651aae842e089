"""Where unfinished runs keep what they have: outside of all that DVC deletes before it starts a command."""

import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gristmill.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

RESUME = Path("data/resume")
KEY = "key.json"  # in a run's folder: all that decides its result


def run_key(settings: dict[str, Any], seed: int, images: str, table: "pd.DataFrame", code: dict[str, str]) -> dict:
    """All that decides the result of one seed.

    Args:
        settings: of training; other seeds do not matter.
        images: hash of the prepared images.
        table: the task.
        code: fingerprints of what the step can reach.
    """
    content = table.to_csv(index=False).encode()
    return {
        "settings": {name: value for name, value in settings.items() if name != "seeds"},
        "seed": seed,
        "images": images,
        "table": hashlib.sha256(content).hexdigest(),
        "code": code,
    }


def claim(experiment: str, seed: int, key: dict[str, Any]) -> Path:
    """The folder of one seed, empty unless what lies in it was made with this key."""
    folder = RESUME / experiment / str(seed)
    file, wanted = folder / KEY, as_text(key)
    if not first_process():
        wait_for(file, wanted)
        return folder
    try:
        found = file.read_text("utf-8") if file.exists() else None
        if found != wanted:
            if folder.exists():
                if any(folder.iterdir()):
                    what = "was begun with other settings, data or code" if found else "is of unknown origin"
                    print(f"{folder}: {what}; starting anew", file=sys.stderr)
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
            file.write_text(wanted, "utf-8")
        for draft in folder.glob(".*"):  # what a killed run was just writing
            draft.unlink()
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}; training needs to write there") from error
    return folder


def unfinished(experiment: str, seed: int, key: dict[str, Any]) -> Path | None:
    """The folder of an unfinished seed; None, with a line, where there is none or it was begun otherwise."""
    folder = RESUME / experiment / str(seed)
    file = folder / KEY
    if file.exists() and file.read_text("utf-8") == as_text(key):
        return folder
    what = "was begun with other settings, data or code" if file.exists() else "holds no unfinished run"
    print(f"{folder}: {what}; repeating from the beginning", file=sys.stderr)
    return None


def as_text(key: dict[str, Any]) -> str:
    """As it stands in key.json."""
    return json.dumps(key, sort_keys=True, indent=1)


def first_process() -> bool:
    """Whether this is the first, or the only, process of a run (torchrun tells)."""
    return int(os.environ.get("RANK", "0")) == 0


def wait_for(file: Path, wanted: str, seconds: float = 60.0) -> None:
    """Until the first process has claimed the folder: before that it may hold another run's state."""
    until = time.monotonic() + seconds
    while not file.exists() or file.read_text("utf-8") != wanted:
        if time.monotonic() > until:
            raise UserError(f"{file}: the first process of this run did not write it within {seconds:g} s")
        time.sleep(0.05)


def forget(experiment: str) -> None:
    """Remove what an experiment kept, after its results have been saved."""
    shutil.rmtree(RESUME / experiment, ignore_errors=True)
