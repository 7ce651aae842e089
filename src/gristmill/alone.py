"""One run without Kedro and DVC: from a settings file and prepared arrays to encoder, history and metrics.

For machines that have torch 2.11 or newer, NumPy, pandas, pyarrow, scikit-learn, safetensors and tqdm, and nothing else
of ours. Where Kedro is, `kedro run --nodes=configure` writes the settings (data/config/<experiment>/train.json, with
evaluate.json beside it), `kedro run --pipeline=data` the arrays; carry these and src/gristmill over, then:

    PYTHONPATH=src python -m gristmill.alone data/config/maskcon_good/train.json --seed 0 \\
        --images data/prepared/omniglot/images.npy --table data/tasks/omniglot_good/table.parquet --out maskcon_0

The same command goes on where it was stopped, with the same bits.
"""

import argparse
import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import IO, Any

from gristmill.allocator import keep_memory
from gristmill.errors import UserError

METRICS = "metrics.json"
MADE = "`kedro run --pipeline"
held: list[IO[str]] = []


def run(settings: Path, images: Path, table: Path, seed: int, out: Path) -> dict[str, Any]:
    """Train and evaluate one seed.

    Args:
        settings: train.json of an experiment; evaluate.json lies beside it.
        images: the prepared images.
        table: of the task.
        out: keeps the unfinished state, then encoder.safetensors, history.json, metrics.json.

    Returns:
        What metrics.json holds: `metrics`, and `machine` with what decides the bits, and the seconds of training
        by the clock and of all processors, null where the run was resumed.

    Raises:
        UserError: a file that is missing or of another kind, a folder that holds another run.
    """
    import pandas as pd
    import torch

    from gristmill.labels.seeds import of_seed
    from gristmill.lookup import module
    from gristmill.networks.build import read_encoder
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.protocol import protocol
    from gristmill.pipelines.resume import run_key
    from gristmill.train.checkpoint import write
    from gristmill.train.precision import choose_device, use_bf16
    from gristmill.train.run import train_seed

    config, judged = read_settings(settings), read_settings(settings.with_name("evaluate.json"))["settings"]
    training = config["settings"]
    pixels, task = open_images(images), of_seed(open_table(table), seed)
    key = run_key(training, seed, check_intact(pixels, task), task, config.get("code", {}))
    fresh = own(out, key)
    if (out / METRICS).exists():
        return json.loads((out / METRICS).read_text("utf-8"))
    started, busy = time.monotonic(), time.process_time()
    monitor = module("pipelines", protocol("monitor", training["monitor"])).make_monitor(pixels, task, training)
    result = train_seed(pixels, task, training, seed, out, settings.parent.name, monitor)
    seconds, busy = time.monotonic() - started, time.process_time() - busy
    history = pd.DataFrame(result.history).assign(seed=seed)
    name = protocol("evaluate", judged)
    evaluate = getattr(module("pipelines", name), name)
    _, metrics = evaluate(pixels, task, {str(seed): lambda: read_encoder(result.file)}, history, judged)
    device = choose_device(training["train"]["device"])
    found = {
        "metrics": metrics["seeds"][str(seed)],
        "machine": {
            "torch": torch.__version__,
            "device": torch.cuda.get_device_name() if device.type == "cuda" else device.type,
            "precision": "bf16" if use_bf16(training["train"]["precision"], device) else "fp32",
            "threads": training["train"]["threads"],
            "seconds": round(seconds, 1) if fresh else None,
            "cpu_seconds": round(busy, 1) if fresh else None,
        },
    }
    write(out / METRICS, json.dumps(found, indent=2).encode())
    return found


def read_settings(path: Path) -> dict[str, Any]:
    """A file that `configure` wrote."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path}: not a settings file ({reason(error)}); `kedro run --nodes=configure` makes it"
        ) from error
    if not isinstance(found, dict) or "settings" not in found:
        raise UserError(f"{path}: not a settings file: it has no 'settings'; {MADE}=configure` makes it")
    return found


def open_images(path: Path) -> Any:
    """The prepared images, memory-mapped."""
    from gristmill.data import packed

    try:
        return packed.open_images(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not prepared images ({reason(error)}); {MADE}=data` makes them") from error


def open_table(path: Path) -> Any:
    """A task's table."""
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise UserError(f"{path}: not a task's table ({reason(error)}); {MADE}=data` makes it") from error


def reason(error: Exception) -> str:
    """An error in one line."""
    return getattr(error, "strerror", None) or str(error).split("\n")[0]


def own(out: Path, key: dict[str, Any]) -> bool:
    """Make the folder of a run, or find it again; whether it was made now. Nothing in it is ever deleted.

    The lock on its key is held until the process ends.
    """
    from gristmill.pipelines.resume import KEY, as_text

    file, wanted = out / KEY, as_text(key)
    if out.exists() and not file.exists() and any(out.iterdir()):
        raise UserError(f"{out}: is not empty and holds no run of this kind; give another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = file.open("a+", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({reason(error)}); give another --out") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UserError(f"{out}: another process trains this run") from error
    held.append(lock)
    lock.seek(0)
    found = lock.read()
    if found and found != wanted:
        raise UserError(f"{out}: holds a run with other settings, data or code; give another --out")
    if not found:
        lock.write(wanted)
        lock.flush()
    return not found


def main() -> None:
    """The command; a user's error is one line and status 1."""
    parser = argparse.ArgumentParser(
        prog="python -m gristmill.alone", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("settings", type=Path, help="train.json of an experiment, with evaluate.json beside it")
    parser.add_argument("--images", type=Path, required=True, help="images.npy of the prepared data set")
    parser.add_argument("--table", type=Path, required=True, help="table.parquet of the task")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; its own, and kept to go on")
    given = parser.parse_args()
    keep_memory()
    try:
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise UserError("this trains in one process; several share a training of `kedro run` (docs/scale.md)")
        found = run(given.settings, given.images, given.table, given.seed, given.out)
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
