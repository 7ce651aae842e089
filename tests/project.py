"""A small copy of the project to try the stage graph on: digits, a tiny network, one epoch."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPIED = ["conf", "src", ".dvc/config", ".dvc/.gitignore", ".dvc/plots", ".dvcignore", ".gitignore", ".telemetry",
          "dvc.yaml", "hierarchies", "pyproject.toml", "results"]  # fmt: skip
PARAMETERS = """
network: {name: small, widths: [8, 8], blocks: 1, dim: 8, hidden: 8, init: random}
loss: {temperature: 0.2, target_temperature: 0.05, w: 0.5}
memory: {size: 128, momentum: 0.9}
views: {recipe: drawings, key: weak, query: weak, size: 8, mean: [0.3], std: [0.4]}
train:
  epochs: 1
  warmup: 0.5
  batch: 64
  lr: 0.05
  momentum: 0.9
  weight_decay: 5.0e-4
  precision: fp32
  device: cpu
  threads: 1
  checkpoint: 8
monitor: {every: 1, k: [1]}
evaluate: {k: [1, 2], batch: 256, threads: 1, protocols: [], discover: {number: truth, most: 9, restarts: 1}}
limit: {images: null, epochs: null}
figures: {dpi: 60}
datasets:
  digits: {source: digits, path: pyproject.toml}
tasks:
  digits_parity: {dataset: digits, grouping: coarse}
experiments:
  pixels:
    {method: untrained, title: raw pixels, dataset: digits, task: digits_parity, seeds: [0], network: {name: pixels}}
  supce: {method: coins, title: SupCE, dataset: digits, task: digits_parity, seeds: [0], loss: {w: 1.0}}
  parity: {method: maskcon, dataset: digits, task: digits_parity, seeds: [0, 1]}
pretrainings: {}
blendings: {}
probe: {experiments: [], batch: 64, threads: 1}
probes: {}
"""


@dataclass
class Project:
    """A copy in a folder of its own, with its own git and DVC."""

    folder: Path

    def run(self, *command: str, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in it, with this Python's `kedro` and `dvc` and with its own modules."""
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(self.folder / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DVC_NO_ANALYTICS": "1",
            "COLUMNS": "160",
        }
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return done

    def gristmill(self, *arguments: str, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """The command line."""
        return self.run(sys.executable, "-c", "from gristmill.cli import main; main()", *arguments, status=status)

    def kedro(self, *arguments: str, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """`kedro run`."""
        return self.run(sys.executable, "-m", "kedro", "run", *arguments, status=status)

    def dvc(self, *arguments: str) -> str:
        """What a DVC command prints."""
        return self.run(sys.executable, "-m", "dvc", *arguments).stdout

    def repro(self, *arguments: str) -> list[str]:
        """The stages whose command `dvc repro` ran."""
        lines = self.dvc("repro", *arguments).splitlines()
        started = [place for place, line in enumerate(lines) if line.startswith("Running stage '")]
        return [lines[place].split("'")[1] for place in started]

    def commit(self) -> None:
        """Everything that git tracks."""
        person = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        self.run("git", "add", "-A")
        self.run("git", *person, "commit", "-qm", "state")

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file."""
        path = self.folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), "utf-8")


def make_project(folder: Path, parameters: str = PARAMETERS) -> Project:
    """Copy the project into an empty folder, with other parameters."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "params.yaml").write_text(parameters, "utf-8")
    project = Project(folder)
    project.run("git", "init", "-q")
    project.commit()
    return project
