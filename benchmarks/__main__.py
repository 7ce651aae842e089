"""Speed against the usual way: one row a file, each in a process of its own, as ratios within one run.

`python -m benchmarks` runs all, `python -m benchmarks recall sgd` some. A row that misses its gate is marked, never
an error: gates were set on one kind of machine.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
RESULTS = FOLDER.parent / "results" / "bench.json"


def names() -> list[str]:
    """The files that hold a row."""
    found = (path.stem for path in FOLDER.glob("*.py") if "\ndef run(" in path.read_text())
    return sorted(found, key=lambda name: row_number(FOLDER.joinpath(f"{name}.py").read_text()))


def row_number(text: str) -> tuple[int, str]:
    """The row that a file's first line names."""
    match = re.match(r'"""Row (\d+)(\w*):', text)
    return (int(match[1]), match[2]) if match else (10**9, "")


def measure(name: str) -> list[dict[str, Any]]:
    """The rows of a file, run in a new process: no row meets another's memory or threads."""
    command = [sys.executable, "-m", "benchmarks", "--child", name]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        return [{"row": name, "what": "failed", "baseline": "", "notes": reason, "passed": False}]
    return json.loads(done.stdout.splitlines()[-1])


def child(name: str) -> None:
    """Run one file and print its rows as JSON."""
    result = import_module(f"benchmarks.{name}").run()
    print(json.dumps(result if isinstance(result, list) else [result]))


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    from benchmarks.measure import precision, torch

    try:
        models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        models = []
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "precision": precision(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "torchvision", "numpy", "pillow")},
    }


def passed(row: dict[str, Any]) -> bool:
    """Whether a row reaches its gate."""
    return row["passed"] if "passed" in row else row["ratio"] >= row["gate"]


def figures(row: dict[str, Any]) -> list[str]:
    """Baseline, own value and their ratio, as text."""
    unit = next((key.removeprefix("own_") for key in row if key.startswith("own_")), None)
    values = ["", ""]
    if unit is not None:
        values = [f"{row[side + unit]:.4g} {unit.replace('_', ' ')}" for side in ("baseline_", "own_")]
    ratio = f"x{row['ratio']:.2f}" if "ratio" in row else ""
    gate = row.get("gate", "")
    return [*values, ratio, gate if isinstance(gate, str) else f"x{gate}"]


def report(rows: list[dict[str, Any]], about: dict[str, Any]) -> Table:
    """The table."""
    table = Table(caption=", ".join(f"{key} {value}" for key, value in about.items()))
    for column in ("row", "what", "usual way", "usual", "own", "ratio", "gate", "", "notes"):
        table.add_column(column, overflow="fold")
    for row in rows:
        mark = "reached" if passed(row) else "MISSED"
        table.add_row(row["row"], row["what"], row["baseline"], *figures(row), mark, row.get("notes", ""))
    return table


def main() -> None:
    about = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=about)
    parser.add_argument("names", nargs="*", metavar="row", help=", ".join(names()))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child)
        return
    unknown = set(arguments.names) - set(names())
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    about, rows = machine(), []
    for name in arguments.names or names():
        Console(stderr=True).print(f"  {name} ...")
        rows += measure(name)
    Console(width=None if sys.stdout.isatty() else 160).print(report(rows, about))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": about, "rows": rows}, indent=2, sort_keys=True) + "\n")
    print(RESULTS.relative_to(FOLDER.parent))


if __name__ == "__main__":
    main()
