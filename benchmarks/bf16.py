"""Row 22: bf16 against fp32 on the demo: MaskCon of params.yaml, five seeds in each, by fine Recall@1.

The trainings run side by side, each by `gristmill.alone` in a process of one thread. They are kept in data/bench: one
that was stopped goes on from its checkpoint, a finished one is not repeated.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from benchmarks.measure import torch, use_bf16
from gristmill.data.prepare import prepare
from gristmill.labels.coarse import group_coarse
from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve_all
from gristmill.pipelines.configure import step_config

PARAMETERS, KEPT = Path("params.yaml"), Path("data/bench")
EXPERIMENT, SEEDS = "maskcon_good", range(5)
PRECISIONS = ("bf16", "fp32")  # the longer trainings first, where bf16 is emulated


def plan(parameters: Path, kept: Path) -> Path:
    """What `gristmill.alone` needs, in a folder whose name says settings, code and data."""
    resolved = resolve_all(read(parameters))
    run = next(run for run in resolved["runs"] if run["experiment"] == EXPERIMENT)
    images, table = prepare(resolved["datasets"][run["dataset"]])
    task, configs = group_coarse(table, resolved["tasks"][run["task"]]), {}
    for precision in PRECISIONS:
        section = run["train"]["train"] | {"precision": precision, "device": "cpu", "threads": 1, "checkpoint": 20}
        configs[f"{precision}/train.json"] = step_config("train", run["train"] | {"train": section})
        configs[f"{precision}/evaluate.json"] = step_config("evaluate", run["evaluate"] | {"threads": 1})
    made_by = json.dumps(configs, sort_keys=True) + task.to_csv() + task.attrs["images_sha256"]
    folder = kept / sha256(made_by.encode()).hexdigest()[:16]
    if not folder.exists():
        draft = folder.with_suffix(".tmp")
        for name, config in configs.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_text(json.dumps(config, indent=2))
        np.save(draft / "images.npy", np.asarray(images))
        task.to_parquet(draft / "table.parquet")
        draft.rename(folder)
    return folder


def train(folder: Path, precision: str, seed: int) -> float:
    """Fine Recall@1 of one training, in percent."""
    out = folder / precision / str(seed)
    command = [sys.executable, "-m", "gristmill.alone", str(folder / precision / "train.json"), "--seed", str(seed),
               "--images", str(folder / "images.npy"), "--table", str(folder / "table.parquet"),
               "--out", str(out)]  # fmt: skip
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    if not (out / "metrics.json").exists():
        done = subprocess.run(command, env=one_thread, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{out}: {(done.stderr.strip().splitlines() or ['stopped'])[-1]}")
    return 100 * json.loads((out / "metrics.json").read_text())["metrics"]["recall_1"]


def standard_errors(first: list[float], second: list[float]) -> float:
    """How many standard errors the means of two independent samples of the same size are apart."""
    return abs(mean(first) - mean(second)) / sqrt((stdev(first) ** 2 + stdev(second) ** 2) / len(first))


def paired_errors(first: list[float], second: list[float]) -> float:
    """The same of pairs: the two trainings of a seed share their first weights, order and views."""
    gains = [b - a for a, b in zip(first, second, strict=True)]
    return abs(mean(gains)) / (stdev(gains) / sqrt(len(gains)))


def run(parameters: Path = PARAMETERS, kept: Path = KEPT) -> dict[str, Any]:
    """Reached where neither standard error finds a difference of means of 2."""
    folder = plan(parameters, kept)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {p: [pool.submit(train, folder, p, seed) for seed in SEEDS] for p in PRECISIONS}
        recall = {p: [each.result() for each in trainings] for p, trainings in waiting.items()}
    apart, paired = standard_errors(recall["fp32"], recall["bf16"]), paired_errors(recall["fp32"], recall["bf16"])
    native = use_bf16("auto", torch.device("cpu"))
    return {
        "row": "22",
        "what": f"MaskCon of the demo in bf16{'' if native else ' (emulated)'}, fine Recall@1, {len(SEEDS)} seeds",
        "baseline": "fp32",
        "baseline_%": mean(recall["fp32"]),
        "own_%": mean(recall["bf16"]),
        "gate": "means less than 2 standard errors apart",
        "passed": max(apart, paired) < 2,
        "notes": f"{apart:.1f} standard errors; {paired:.1f} of the pairs of a seed",
        "seeds": recall,
    }


if __name__ == "__main__":
    print(run())
