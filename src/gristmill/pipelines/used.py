"""What each step last ran with, so that nobody records results as those of settings that they do not have.

Kept beside the resume folders: neither git's nor DVC's.
"""

import json
from pathlib import Path
from typing import Any

from gristmill.pipelines.resume import RESUME


def place(name: str) -> Path:
    """The file for `<experiment>/<step>`, `datasets/<name>`, `tasks/<name>`."""
    return RESUME / "used" / f"{name}.json"


def forget(name: str) -> None:
    """Before a step: should it fail, nobody knows what lies in its outputs."""
    place(name).unlink(missing_ok=True)


def keep(name: str, config: dict[str, Any]) -> None:
    """After its outputs have been saved."""
    path = place(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config, indent=2, sort_keys=True), "utf-8")


def last(name: str) -> dict[str, Any] | None:
    """Settings and code of the last run that ended well, None where there was none."""
    path = place(name)
    return json.loads(path.read_text("utf-8")) if path.exists() else None
