"""Row 23: SimCLR end to end (ResNet-18, 32 pixels, batch 128) beside other libraries; wall time, all cores.

They are no dependencies of Gristmill. Each runs where a person has installed it into an environment of its own and
names that environment's Python: `make bench STABLE_PRETRAINING_PYTHON=<python> LIGHTLY_TRAIN_PYTHON=<python>`.
Network, head, batch, operations of the views, precision, threads and two loader workers are the same.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.maskcon_run import CORES
from benchmarks.measure import precision, threads, torch
from benchmarks.own import images
from benchmarks.own_two_views import settings, start

BATCH, SIDE, STEPS, FIRST, WORKERS = 128, 32, 24, 4, 2  # the first steps fill loaders and caches; they are not counted
PRECISIONS = {"bf16": "bf16-mixed", "fp32": "32-true"}  # Lightning's names
ELSEWHERE = Path(__file__).parent / "elsewhere"


@dataclass
class Library:
    """A library.

    Attributes:
        package: its name on the package index.
        variable: of the environment; names a Python that has it.
        write: puts images (N x H x W x C) into a folder as the library reads them.
    """

    package: str
    variable: str
    write: Callable[[Path, np.ndarray], Path]

    @property
    def script(self) -> Path:
        return ELSEWHERE / f"run_{self.package.replace('-', '_')}.py"


class NotRun(Exception):
    """Why a library has no figure, and what to do: one line."""


def one_file(folder: Path, pixels: np.ndarray) -> Path:
    torch.save(torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), folder / "images.pt")
    return folder / "images.pt"


def png_files(folder: Path, pixels: np.ndarray) -> Path:
    (folder / "images").mkdir()
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / "images" / f"{number}.png")
    return folder / "images"


LIBRARIES = [
    Library("stable-pretraining", "STABLE_PRETRAINING_PYTHON", one_file),
    Library("lightly-train", "LIGHTLY_TRAIN_PYTHON", png_files),
]


def python_of(library: Library) -> str:
    """The Python that a person named, or NotRun."""
    python = os.environ.get(library.variable)
    if not python:
        say = f"name an environment that has {library.package}: make bench {library.variable}=<its python>"
        raise NotRun(f"not run: {say}")
    return python


def marks_elsewhere(library: Library, python: str) -> dict[str, Any]:
    """`version` and `marks`, the clock at the start of each step, of a training in another environment."""
    wanted = {"size": SIDE, "batch": BATCH, "threads": CORES, "workers": WORKERS, "precision": PRECISIONS[precision()]}
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"LIGHTLY_TRAIN_EVENTS_DISABLED": "1", "WANDB_MODE": "disabled"}  # a measurement tells nobody
    with TemporaryDirectory() as name:
        wanted["data"] = str(library.write(Path(name), images(STEPS * BATCH, SIDE, 3)))
        command = [python, str(library.script), json.dumps(wanted)]
        try:
            done = subprocess.run(command, cwd=name, env=environment, capture_output=True, text=True)
        except OSError as error:
            raise NotRun(f"not run: {library.variable}: {python} does not start ({error.strerror})") from None
    if done.returncode:
        raise NotRun(f"not run: {reason(library, python, done.stderr)}")
    return json.loads(done.stdout.splitlines()[-1])


def reason(library: Library, python: str, told: str) -> str:
    """What a Python that failed told, in one line."""
    if missing := re.findall(r"No module named '([\w.]+)'", told):
        return f"{python} has no {missing[-1]}: install {library.package} there, or name another in {library.variable}"
    return f"{library.package} stopped: {(told.strip().splitlines() or ['without a word'])[-1]}"


def own_marks() -> list[float]:
    """The clock at the start of each step of the trainer's."""
    run, marks = start(settings("simclr", batch=BATCH), STEPS * BATCH), []
    with threads(CORES):
        for step in range(STEPS):
            marks.append(perf_counter())
            run.advance(step)
    return marks


def rate(marks: list[float]) -> float:
    """Images a second between the first counted step and the start of the last one."""
    counted = marks[FIRST:]
    return BATCH * (len(counted) - 1) / (counted[-1] - counted[0])


def beside(library: Library) -> dict[str, Any]:
    """The row of a library: its training and the trainer's, one right after the other."""
    what = f"SimCLR run, ResNet-18, {SIDE} pixels, batch {BATCH}, {precision()}, {CORES} threads, wall"
    row = {"row": "23", "what": what, "baseline": library.package}
    try:
        found = marks_elsewhere(library, python_of(library))
    except NotRun as why:
        return row | {"notes": str(why), "skipped": True}
    usual, own = rate(found["marks"]), rate(own_marks())
    figures = {"baseline_images/s": usual, "own_images/s": own, "ratio": own / usual}
    return row | {"baseline": f"{library.package} {found['version']}"} | figures


def run() -> list[dict[str, Any]]:
    """A row for each library; one that no environment is named for says so."""
    return [beside(library) for library in LIBRARIES]


if __name__ == "__main__":
    for row in run():
        print(row)
