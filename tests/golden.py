"""Reading golden vectors: the cases of a folder `<family>/cases.json` with one `.npz` each."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(os.environ.get("GRISTMILL_GOLDEN", Path(__file__).parent / "golden"))


@dataclass
class Case:
    family: str
    name: str
    kind: str
    params: dict[str, Any]
    rtol: float
    atol: float
    file: Path
    input_names: list[str] = field(default_factory=list)
    output_names: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.arrays: dict[str, np.ndarray] = {}

    def load(self) -> None:
        with np.load(self.file, allow_pickle=False) as arrays:
            self.arrays = dict(arrays)

    @property
    def inputs(self) -> dict[str, np.ndarray]:
        return {name: self.arrays[name] for name in self.input_names}

    @property
    def outputs(self) -> dict[str, np.ndarray]:
        return {name: self.arrays[name] for name in self.output_names}


def cases(family: str) -> list[Case]:
    """All cases of a family; none where the folder lacks it."""
    folder = FOLDER / family
    if not folder.exists():
        return []
    listed = json.loads((folder / "cases.json").read_text())
    return [
        Case(family, c["name"], c["kind"], c["params"], c["rtol"], c["atol"], folder / c["file"], c["inputs"],
             c["outputs"])
        for c in listed
    ]  # fmt: skip
