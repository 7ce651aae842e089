"""Speed against the usual way: one row a file, each in a process of its own, as ratios within one run.

`python -m benchmarks` runs all but the long ones, `python -m benchmarks recall 19` some, by name or number. What a row
gives is kept in results/bench.json at once, beside what other machines gave, and shown in results/README.md. A row that
misses its gate is marked, never an error: gates were set on one kind of machine.
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
README, MARKS = RESULTS.with_name("README.md"), ("<!-- bench -->\n", "<!-- end of bench -->\n")
LONG = {"bf16": "ten trainings; if stopped, the same command goes on"}  # only where they are named


def names() -> list[str]:
    """The files that hold a row."""
    found = (path.stem for path in FOLDER.glob("*.py") if "\ndef run(" in path.read_text())
    return sorted(found, key=lambda name: order(number(name)))


def number(name: str) -> str:
    """The row that a file's first line names."""
    match = re.match(r'"""Row (\w+):', FOLDER.joinpath(f"{name}.py").read_text())
    return match[1] if match else name


def order(row: str) -> tuple[int, str]:
    """Rows as they follow each other: 7, 7b, 10."""
    digits = re.match(r"\d*", row)[0]  # type: ignore[index]
    return (int(digits or 10**9), row)


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
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "torchvision", "numpy", "pillow")},
    }


def mark(row: dict[str, Any]) -> str:
    """What came of a row; nothing of one that only compares."""
    if row.get("skipped"):
        return "not run"
    if "passed" not in row and "gate" not in row:
        return ""
    return "reached" if passed(row) else "MISSED"


def passed(row: dict[str, Any]) -> bool:
    """Whether a row reaches its gate."""
    return row["passed"] if "passed" in row else row["ratio"] >= row["gate"]


def figures(row: dict[str, Any]) -> list[str]:
    """Baseline, own value, their ratio and the gate, as text."""
    unit = next((key.removeprefix("own_") for key in row if key.startswith("own_")), None)
    values = ["", ""]
    if unit is not None:
        values = [f"{short(row[side + unit])} {unit}" for side in ("baseline_", "own_")]
    ratio = f"x{row['ratio']:.2f}" if "ratio" in row else ""
    gate = row.get("gate", "")
    return [*values, ratio, gate if isinstance(gate, str) else f"x{gate}"]


def short(value: float) -> str:
    """Four digits, or all before the point."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


COLUMNS = ("row", "what", "usual way", "usual", "own", "ratio", "gate", "", "notes")


def line(row: dict[str, Any]) -> list[str]:
    """A row's text in each column."""
    return [row["row"], row["what"], row["baseline"], *figures(row), mark(row), row.get("notes", "")]


def describe(about: dict[str, Any]) -> str:
    """A machine in words."""
    said = ", ".join(f"{key} {value}" for key, value in about.items())
    lacks = about.get("precision") == "fp32"
    return said + ("; without bf16 instructions: rows that live from them have the gate x1.1" if lacks else "")


def report(rows: list[dict[str, Any]], about: dict[str, Any]) -> Table:
    """The table for a terminal."""
    table = Table(caption=describe(about))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*line(row))
    return table


def merge(kept: list[dict[str, Any]], about: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is kept of all machines, with new rows of one.

    Args:
        kept: `machine` and its `rows`, for each machine and its versions.
        about: the machine of the new rows. They take the place of those with the same number that this processor
            gave, with whatever versions.
    """
    numbers, merged = {row["row"] for row in rows}, []
    if about not in [each["machine"] for each in kept]:
        kept = [*kept, {"machine": about, "rows": []}]
    for each in kept:
        same = all(each["machine"].get(key) == about[key] for key in ("processor", "cores", "instructions"))
        left = [row for row in each["rows"] if not (same and row["row"] in numbers)]
        left += rows if each["machine"] == about else []
        if left:
            merged.append({"machine": each["machine"], "rows": sorted(left, key=lambda row: order(row["row"]))})
    return merged


def markdown(kept: list[dict[str, Any]]) -> str:
    """The tables for results/README.md, one a machine."""
    parts = []
    for each in kept:
        lines = [COLUMNS, ["---"] * len(COLUMNS), *map(line, each["rows"])]
        rows = "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
        parts.append(f"{describe(each['machine'])}:\n\n{rows}")
    return "\n" + "\n".join(parts) + "\n"


def keep(about: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Write rows to results/bench.json and results/README.md."""
    kept = merge(json.loads(RESULTS.read_text()), about, rows)
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    before, rest = README.read_text().split(MARKS[0])
    README.write_text(before + MARKS[0] + markdown(kept) + MARKS[1] + rest.split(MARKS[1])[1])


def main() -> None:
    about = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=about)
    listed = ", ".join(f"{name} ({number(name)})" for name in names())
    parser.add_argument("names", nargs="*", metavar="row", help=f"{listed}; only where named: {', '.join(LONG)}")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child)
        return
    known = {number(name): name for name in names()} | {name: name for name in names()}
    unknown = set(arguments.names) - set(known)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {listed}")
    chosen = [known[name] for name in arguments.names] or [name for name in names() if name not in LONG]
    here, rows = machine(), []
    for name in chosen:
        load = round(os.getloadavg()[0], 1)
        Console(stderr=True).print(f"  {name} ... (load {load}{f'; {LONG[name]}' if name in LONG else ''})")
        found = [row | {"load": load} for row in measure(name)]
        keep(here, [row for row in found if row["what"] != "failed" and not row.get("skipped")])
        rows += found
    Console(width=None if sys.stdout.isatty() else 160).print(report(rows, here))
    print(RESULTS.relative_to(FOLDER.parent))


if __name__ == "__main__":
    main()
