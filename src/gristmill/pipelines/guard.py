"""One process trains an experiment at a time, and none outlives the dvc that started it."""

import fcntl
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO

import psutil

from gristmill.errors import UserError
from gristmill.pipelines.resume import RESUME

WAIT = 30.0  # seconds: a killed dvc's command ends within some of these
held: dict[str, IO[str]] = {}  # locks stay open until the process ends; the kernel frees those of the dead


def hold(experiment: str, wait: float = WAIT) -> None:
    """Take the experiment for this process.

    The lock's file is never deleted: another process may have it open.

    Raises:
        UserError: another process trains it, after `wait` seconds still.
    """
    if experiment in held:
        return
    path = RESUME / f"{experiment}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; training needs to write there") from error
    until = time.monotonic() + wait
    while not locked(file):
        if time.monotonic() > until:
            owner = read_owner(path)
            raise UserError(f"{experiment} is being trained by process {owner}; wait for it, or end that process")
        time.sleep(0.2)
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    held[experiment] = file


def release(experiment: str) -> None:
    """Let another process take it."""
    held.pop(experiment).close()


def locked(file: IO[str]) -> bool:
    """Whether the lock could be taken at once."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_owner(path: Path) -> str:
    """The process that wrote itself into a lock."""
    return path.read_text("utf-8").strip() or "unknown"


def dvc_above() -> psutil.Process | None:
    """The dvc that started this process, through a shell or directly."""
    for parent in psutil.Process().parents():
        try:
            words = [Path(word).name for word in parent.cmdline()[:4]]
        except psutil.Error:
            continue
        if "dvc" in words:  # dvc repro; python /.../dvc repro; python -m dvc repro
            return parent
    return None


def watch() -> None:
    """End this process when the dvc above it is gone: another dvc would start the same work beside it.

    A process that was not started by dvc watches nobody. One that was (dvc tells its commands so) and finds no dvc
    any more lost it while it was starting.
    """
    above = dvc_above()
    if above is None and "DVC_STAGE" in os.environ:
        print("the dvc that started this is gone: stopping", file=sys.stderr, flush=True)
        os._exit(1)
    if above is not None:
        threading.Thread(target=end_with, args=(above,), daemon=True, name="watch over dvc").start()


def watch_parent(parent: int) -> None:
    """End this process when the one that started it is gone."""
    try:
        above = psutil.Process(parent)
    except psutil.Error:
        os._exit(1)
    threading.Thread(target=end_with, args=(above,), daemon=True, name="watch over the parent").start()


def end_with(process: psutil.Process) -> None:
    """Look once a second whether a process lives, and end this one when it does not."""
    try:
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(1)
    except psutil.Error:
        pass  # gone between the two questions
    print(f"process {process.pid}, which started this, is gone: stopping", file=sys.stderr, flush=True)
    os._exit(1)
