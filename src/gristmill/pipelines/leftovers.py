"""What data/ holds of things that params.yaml no longer has."""

import shutil
from pathlib import Path
from typing import Any

FOLDERS = {"runs": "experiments", "resume": "experiments", "tasks": "tasks", "prepared": "datasets"}


def leftovers(parameters: dict[str, Any]) -> list[Path]:
    """Folders of experiments, tasks and data sets without an entry."""
    found = []
    for folder, kind in FOLDERS.items():
        known = {*parameters[kind], "used"}
        there = sorted(path for path in Path("data", folder).glob("*") if path.is_dir())
        found += [path for path in there if path.name not in known]
    return found


def remove(folders: list[Path]) -> None:
    """Delete them; what DVC recorded stays in its cache until `dvc gc`."""
    for folder in folders:
        shutil.rmtree(folder)
