"""Row 21: the same run twice, and killed and resumed, gives the same bits; what that costs."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import alternate, threads, torch
from benchmarks.own import StepWithoutViews, images, settings, start, task
from gristmill.train.run import prepare_process, train_seed

EPOCHS, COUNT = 6, 1280


def plain(value: Any) -> Any:
    """Settings as `train_seed` takes them."""
    return {key: plain(item) for key, item in vars(value).items()} if hasattr(value, "__dict__") else value


def train(folder: Path) -> None:
    """A short run with a checkpoint every 5 steps."""
    short = plain(settings("maskcon", "small", 64))
    short["train"] |= {"epochs": EPOCHS, "checkpoint": 5}
    short["memory"]["size"] = 1024
    train_seed(images(COUNT, 28, 1), task(COUNT), short, 0, folder)


def encoder(folder: Path, kill: bool = False) -> bytes:
    """The encoder's file of a run in a process of its own, killed once at its third checkpoint if so wanted."""
    command = [sys.executable, "-m", "benchmarks.repetition", str(folder)]
    if kill:
        process, states = subprocess.Popen(command, stderr=subprocess.DEVNULL), set()
        while process.poll() is None and len(states) < 3:
            state = folder / "state.safetensors"
            if state.exists():
                states.add(state.stat().st_mtime_ns)
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            raise RuntimeError("the run ended before it could be killed")
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return (folder / "encoder.safetensors").read_bytes()


def cost() -> dict[str, float]:
    """Seconds of a step with and without deterministic algorithms, all else as the trainer sets it."""
    with threads(1):
        prepare_process(1)
        step = StepWithoutViews(start("maskcon", "small", 64))

        def run(deterministic: bool) -> None:
            torch.use_deterministic_algorithms(deterministic)
            step()

        variants = {"usual": lambda: run(False), "own": lambda: run(True)}
        return alternate(variants, rounds=61)


def run() -> dict[str, Any]:
    """The ratio is the time of a step without the promise to that with it."""
    with TemporaryDirectory() as name:
        folders = [Path(name) / each for each in ("one", "two", "three")]
        first, again, resumed = (encoder(folder, kill=folder.name == "three") for folder in folders)
    seconds = cost()
    same, ratio = first == again == resumed, seconds["usual"] / seconds["own"]
    said = {True: "equal", False: "DIFFERS"}
    return {
        "row": "21",
        "what": "same run twice, and killed and resumed",
        "baseline": "no promise of bits",
        "baseline_ms": seconds["usual"] * 1e3,
        "own_ms": seconds["own"] * 1e3,
        "ratio": ratio,
        "gate": "same bits, cost below 2 %",
        "passed": same and ratio > 0.98,
        "notes": f"again {said[first == again]}, resumed {said[first == resumed]}",
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        train(Path(sys.argv[1]))
    else:
        print(run())
