"""The worked example of CONTRIBUTING.md, taken from the page as it stands there, checks and trains."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TRAIN = """
from pathlib import Path
from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve
from gristmill.train.run import train_seed
from tests.train.toy import digits

settings = resolve(read(), "nearest_good", "train")
settings["network"] |= {"widths": [8, 16], "dim": 8, "hidden": 16}
settings["memory"]["size"] = 32
settings["views"]["size"] = 8
settings["train"] |= {"epochs": 2, "batch": 16, "threads": 1, "precision": "fp32"}
result = train_seed(*digits(), settings, 0, Path("out"), "nearest_good")
assert result.file.exists() and result.history["loss"].iloc[1:].notna().all(), result.history
print("trained")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the package with what the page says to add."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    page = (ROOT / "CONTRIBUTING.md").read_text()
    files = re.findall(r"```python\n# (src/\S+)\n(.*?)```", page, re.DOTALL)
    assert [Path(name).parent.name for name, _ in files] == ["parameters", "methods"]
    for name, code in files:
        (tmp_path / name).write_text(code)
    (line,) = re.findall(r"```yaml\n(nearest_good: .*?)\n```", page)
    parameters = (ROOT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(parameters.replace("\nexperiments:\n", f"\nexperiments:\n  {line}\n"))
    return tmp_path


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{project / 'src'}{os.pathsep}{ROOT}", "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True)


def test_the_method_of_the_contributors_page_checks_and_trains(project):
    check = run(project, "-c", "from gristmill.cli import main; main()", "check")
    assert check.returncode == 0 and "nothing wrong" in check.stdout, check.stderr
    trained = run(project, "-c", TRAIN)
    assert trained.stdout.endswith("trained\n"), trained.stderr
