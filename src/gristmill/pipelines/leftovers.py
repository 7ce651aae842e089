"""What data/ holds of things that params.yaml no longer has."""

import shutil
from pathlib import Path
from typing import Any

from gristmill.parameters.resolve import entries


def leftovers(parameters: dict[str, Any]) -> list[Path]:
    """Folders of experiments, tasks and data sets without an entry."""
    trained, found = entries(parameters), []
    folders = {"runs": trained, "resume": trained, "tasks": parameters["tasks"], "prepared": parameters["datasets"]}
    for folder, names in folders.items():
        known = {*names, "used"}
        there = sorted(path for path in Path("data", folder).glob("*") if path.is_dir())
        found += [path for path in there if path.name not in known]
    return found


def remove(folders: list[Path]) -> None:
    """Delete them; what DVC recorded stays in its cache until `dvc gc`."""
    for folder in folders:
        shutil.rmtree(folder)
