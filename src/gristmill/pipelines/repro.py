"""`dvc`, started so that it finds this environment's commands, past what a killed one left behind."""

import json
import os
import sys
from pathlib import Path

import psutil

RWLOCK = Path(".dvc/tmp/rwlock")


def run_dvc(*arguments: str) -> None:
    """Become `dvc ...`; its stages find `kedro` beside this Python."""
    here = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([here, os.environ.get("PATH", "")])}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "dvc", *arguments], environment)


def clear_stale_lock() -> None:
    """A dvc that was killed while it wrote its table of locks leaves it empty, and no dvc can read it again."""
    if not RWLOCK.exists():
        return
    try:
        json.loads(RWLOCK.read_text("utf-8"))
    except ValueError:
        if not dvc_runs():
            RWLOCK.unlink(missing_ok=True)
            print(f"{RWLOCK}: left unreadable by a dvc that was killed; removed", file=sys.stderr)


def dvc_runs() -> bool:
    """Whether some dvc works in this folder."""
    here = Path.cwd()
    for process in psutil.process_iter():
        try:
            words = [Path(word).name for word in process.cmdline()[:4]]
            if "dvc" in words and Path(process.cwd()) == here:
                return True
        except psutil.Error:
            continue
    return False
