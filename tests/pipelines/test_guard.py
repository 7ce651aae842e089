"""One process trains an experiment at a time, and none outlives the dvc that started it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from gristmill.errors import UserError
from gristmill.pipelines import guard
from tests.project import ROOT

HOLD = "from gristmill.pipelines.guard import hold; hold('parity'); print('held', flush=True); input()"
WATCH = (
    "import time; from gristmill.pipelines.guard import watch; "
    "watch(); print('watching', flush=True); time.sleep(9)"
)


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    """A Python in a folder, after it has said its first word."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=folder, env=environment, text=True, **pipes)  # type: ignore[call-overload]
    assert process.stdout.readline().strip() in ("held", "watching")
    return process


def test_a_second_training_of_an_experiment_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    first = start(HOLD, tmp_path)
    with pytest.raises(UserError, match=f"parity is being trained by process {first.pid}; wait for it"):
        guard.hold("parity", wait=0.1)
    first.kill()
    first.wait()
    guard.hold("parity", wait=5)  # the kernel frees a dead process's lock
    guard.hold("parity")  # and a process may take its own again
    assert Path("data/resume/parity.lock").read_text() == str(os.getpid())
    guard.held.pop("parity").close()


def test_what_a_dvc_started_ends_with_it(tmp_path: Path):
    dvc = tmp_path / "dvc"  # a program of this name, with a shell between it and the command
    dvc.write_text("import subprocess, sys\nsubprocess.run(sys.argv[1], shell=True)\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(dvc), f'{sys.executable} -c "{WATCH}"']
    above = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    assert above.stdout is not None and above.stdout.readline().strip() == "watching"
    below = [child for child in psutil.Process(above.pid).children(recursive=True) if "python" in child.name()]
    assert below
    os.kill(above.pid, signal.SIGKILL)
    above.wait()
    gone, alive = psutil.wait_procs(below, timeout=5)
    assert len(gone) == len(below) and not alive


def test_what_no_dvc_started_watches_nobody(tmp_path: Path):
    if guard.dvc_above() is not None:
        pytest.skip("these tests were started by a dvc")
    process = start(WATCH, tmp_path)
    assert process.poll() is None
    process.kill()
    process.wait()
