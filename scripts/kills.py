"""Kill `dvc repro` again and again and compare what comes out in the end with an undisturbed run, to the bit.

Two copies of the project are made in a scratch folder. One runs undisturbed. In the other the run is killed at random
moments, by turns the whole process group and `dvc` alone, and started again with `gristmill repro`; five seconds after
each kill nothing may write any more. At the end every output of every stage must have the undisturbed run's hash.

    python scripts/kills.py --kills 20 --seed 0
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

QUIET = 5.0  # seconds after which nothing of a killed run may write


def copy_project(target: Path, params: Path | None) -> None:
    """The tracked and the new files of this checkout, as a repository of their own."""
    root = Path(__file__).resolve().parent.parent
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=root, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (root / name).is_file() and not name.startswith(("data/runs", "tests/golden")) and name != "dvc.lock":
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)
    if params is not None:
        shutil.copy2(params, target / "params.yaml")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "start"]):
        identity = ["-c", "user.name=kills", "-c", "user.email=kills@example.com"]
        subprocess.run(["git", *identity, *command], cwd=target, check=True)


def start(project: Path, log: Path) -> subprocess.Popen:
    """`gristmill repro` in a process group of its own."""
    environment = os.environ | {
        "PYTHONPATH": str(project / "src"), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    command = [sys.executable, "-c", "from gristmill.cli import main; main()", "repro"]
    return subprocess.Popen(
        command, cwd=project, env=environment, stdout=log.open("ab"), stderr=subprocess.STDOUT, start_new_session=True
    )


def outputs(project: Path) -> dict[str, str]:
    """Hash of every file that the stages made, and of dvc.lock."""
    kept = [p for p in (project / "data").rglob("*") if p.is_file() and "resume" not in p.parts]
    kept = [p for p in kept if p.name not in (".gitkeep", ".gitignore")] + [project / "dvc.lock"]
    return {str(p.relative_to(project)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(kept)}


def stamps(project: Path) -> dict[str, tuple[int, int]]:
    """Size and time of last change of every file below data/."""
    found = {}
    for path in (project / "data").rglob("*"):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        found[str(path)] = (state.st_size, state.st_mtime_ns)
    return found


def kill(process: subprocess.Popen, alone: bool) -> str:
    """End the whole group, or dvc alone (`gristmill repro` becomes dvc); says what was killed."""
    if alone:
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return "dvc alone" if alone else "the whole group"


def alive(project: Path) -> list[str]:
    """Processes that still work in the project."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == project and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()[:6]))
        except psutil.Error:
            continue
    return found


def doing(project: Path) -> str:
    """What the run was busy with, by what has changed last."""
    files = sorted(stamps(project).items(), key=lambda item: -item[1][1])
    return str(Path(files[0][0]).relative_to(project)) if files else "starting"


def trial(scratch: Path, kills: int, seed: int, params: Path | None = None) -> list[str]:
    """Lines of what happened; raises AssertionError where a promise does not hold."""
    lines, rng = [], random.Random(seed)
    calm, disturbed = scratch / "calm", scratch / "disturbed"
    for project in (calm, disturbed):
        copy_project(project, params)
    began = time.monotonic()
    if start(calm, scratch / "calm.log").wait():
        raise AssertionError(f"the undisturbed run failed:\n{(scratch / 'calm.log').read_text()[-2000:]}")
    length = time.monotonic() - began
    lines.append(f"undisturbed: {length:.0f} s")
    for number in range(kills):
        process = start(disturbed, scratch / "disturbed.log")
        try:
            process.wait(1 + rng.uniform(0.2, 1.2) * length / (kills + 1))
            lines.append(f"kill {number + 1}: the run had ended before it (status {process.returncode})")
            continue
        except subprocess.TimeoutExpired:
            what = kill(process, alone=number % 2 == 1)
        time.sleep(QUIET)
        assert not alive(disturbed), f"{QUIET:g} s after kill {number + 1} ({what}) there lives: {alive(disturbed)}"
        before = stamps(disturbed)
        time.sleep(1)
        changed = [path for path, stamp in stamps(disturbed).items() if before.get(path) != stamp]
        assert not changed, f"{QUIET:g} s after kill {number + 1} ({what}) something still wrote: {changed[:3]}"
        lines.append(f"kill {number + 1}: {what}; last written: {doing(disturbed)}")
    last = start(disturbed, scratch / "disturbed.log").wait()
    assert last == 0, f"after the kills the run failed:\n{(scratch / 'disturbed.log').read_text()[-3000:]}"
    expected, found = outputs(calm), outputs(disturbed)
    differing = sorted(k for k in expected.keys() | found.keys() if expected.get(k) != found.get(k))
    assert not differing, f"outputs differ: {differing[:5]}"
    lines.append(f"{len(expected)} files equal those of the undisturbed run")
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--params", type=Path, help="another params.yaml, for a quicker graph")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for line in trial(Path(scratch), given.kills, given.seed, given.params):
            print(line)


if __name__ == "__main__":
    main()
