"""How the rows of the table are measured: variants alternate in one process, after a warm-up; medians.

CPU time of one thread, unless a row says wall time: on a shared machine the latter says nothing. glibc keeps freed
memory in both variants, as it does in the product; under its default every gain that avoids temporaries would be
overstated. A row that looks at this difference, or at memory, has a process for each variant (`apart`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from gristmill.allocator import keep_memory

DEFAULT_ALLOCATOR = "BENCH_DEFAULT_ALLOCATOR"
if DEFAULT_ALLOCATOR not in os.environ:
    keep_memory()

import torch  # noqa: E402  # the allocator's settings come first
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from gristmill.train.precision import use_bf16  # noqa: E402

ROUNDS = 5
WAITS = {"_local_scalar_dense", "nonzero", "masked_select", "bincount", "_unique", "_unique2", "unique_dim"}


def precision() -> str:
    """What the product's `auto` means on this machine."""
    return "bf16" if use_bf16("auto", torch.device("cpu")) else "fp32"


def alternate(
    variants: dict[str, Callable[[], Any]], rounds: int = ROUNDS, calls: int = 1, wall: bool = False
) -> dict[str, float]:
    """Seconds of one call of each variant, median over the rounds.

    Args:
        variants: name -> what to do; each is called in turn, round after round. The first round is not counted.
        calls: in a row; for what is too short for the clock.
        wall: wall time instead of CPU time.
    """
    clock = perf_counter if wall else process_time
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds + 1):
        for name, call in variants.items():
            start = clock()
            for _ in range(calls):
                call()
            seconds[name].append((clock() - start) / calls)
    return {name: median(values[1:]) for name, values in seconds.items()}


def faster(row: str, what: str, baseline: str, seconds: dict[str, float], gate: float, **more: Any) -> dict[str, Any]:
    """The result of a row whose gate is a ratio of times.

    Args:
        baseline: the usual way, in words.
        seconds: `usual` and `own`.
        gate: times that ours should be faster.
    """
    ratio = seconds["usual"] / seconds["own"]
    times = {"baseline_ms": seconds["usual"] * 1e3, "own_ms": seconds["own"] * 1e3}
    return {"row": row, "what": what, "baseline": baseline, **times, "ratio": ratio, "gate": gate, **more}


def smaller(row: str, what: str, baseline: str, megabytes: dict[str, float], gate: float) -> dict[str, Any]:
    """The result of a row whose gate is memory.

    Args:
        megabytes: `usual` and `own`.
        gate: the most that ours should take, in megabytes.
    """
    used = {"baseline_MB": megabytes["usual"], "own_MB": megabytes["own"]}
    ratio, passed = megabytes["usual"] / megabytes["own"], megabytes["own"] <= gate
    gate_text = f"at most {gate:g} MB"
    return {"row": row, "what": what, "baseline": baseline, **used, "ratio": ratio, "gate": gate_text, "passed": passed}


def apart(module: str, variant: str, default_allocator: bool = False) -> dict[str, float]:
    """What a row's module prints of one variant, in a process that runs no other.

    Args:
        default_allocator: leave glibc's settings as they come. Its threshold follows what was freed before, so that
            variants in one process would decide each other's time.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1"} | ({DEFAULT_ALLOCATOR: "1"} if default_allocator else {})
    command = [sys.executable, "-m", module, variant]
    return json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout)


def extra_megabytes(call: Callable[[], Any]) -> float:
    """What a call takes at its most, beyond what the process has before it. Linux, and once in a process."""
    before = resident("VmRSS")
    call()
    return resident("VmHWM") - before


def resident(name: str) -> float:
    """Megabytes of this process: now (`VmRSS`) or at most so far (`VmHWM`)."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) * 1024 / 1e6


def gate_of_bf16(gate: float) -> float:
    """The gate of a row that lives from bf16 instructions; without them a tenth is what is left."""
    return gate if precision() == "bf16" else 1.1


@contextmanager
def threads(count: int):
    """A number of threads, and afterwards the one that was."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Calls(TorchDispatchMode):
    """Counts operator calls, and those for which a GPU would have to be waited for.

    A copy from the device to the host waits too; where both are one it is no call, and is not seen.
    """

    def __init__(self):
        super().__init__()
        self.calls = self.waits = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        picks = name in ("index", "index_put", "index_put_") and any(
            isinstance(index, torch.Tensor) and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        )
        self.calls += 1
        self.waits += name in WAITS or picks
        return func(*args, **(kwargs or {}))
