"""What params.yaml can name: methods, image sources, groupings, and the keys of every section."""

import re
from pathlib import Path
from pkgutil import iter_modules

from pydantic import BaseModel

import gristmill.parameters
from gristmill.parameters.probes import Probing
from gristmill.parameters.resolve import evaluation, training_steps
from gristmill.parameters.sections import Figures, Limit

PACKAGE = Path(__file__).parent.parent


def methods() -> list[str]:
    """Names of the methods: modules of gristmill.parameters with a training step (a class `Train`)."""
    return [found.name for found in iter_modules(gristmill.parameters.__path__) if training_steps(found.name)]


def sources() -> list[str]:
    """Names of the image sources: modules of gristmill.data with a function `read`."""
    files = sorted((PACKAGE / "data").glob("*.py"))
    return [file.stem for file in files if re.search(r"^def read\(", file.read_text("utf-8"), re.MULTILINE)]


def groupings() -> list[str]:
    """Names of the coarse groupings that a task can ask for."""
    return ["coarse", "fine", *sorted(file.stem for file in (PACKAGE / "labels" / "groupings").glob("*.csv"))]


def step_sections(method: str) -> dict[str, type[BaseModel]]:
    """Every section that some step of a method reads, by name."""
    steps = training_steps(method).values()
    sections = {name: field.annotation for step in steps for name, field in step.model_fields.items()}
    return {**sections, "evaluate": evaluation(method)}  # type: ignore[dict-item]


def section_keys(methods: list[str]) -> dict[str, set[str]]:
    """Section -> keys that some method, the evaluation, a figure, a limit or a probe reads."""
    alone = {"figures": Figures, "limit": Limit, "probe": Probing}
    keys = {name: set(section.model_fields) for name, section in alone.items()}
    for method in methods:
        for section, model in step_sections(method).items():
            keys.setdefault(section, set()).update(model.model_fields)
    return keys
