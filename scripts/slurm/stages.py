"""The stage graph as Slurm jobs: data first, then every experiment that is out of date in a job of its own.

    python scripts/slurm/stages.py                             all that are out of date
    python scripts/slurm/stages.py moco_a simclr_b             of these, those that are
    python scripts/slurm/stages.py --dry                       what would be sent
    python scripts/slurm/stages.py -- --partition=gpu --gpus-per-node=1 --cpus-per-task=16

What follows `--` are options of sbatch for the jobs that train. The jobs of experiments do not ask DVC, whose locks
would make them wait for each other; when all have ended, one last job lets it accept what they made (`gristmill
record`) and makes the page. The folder must be one that all machines see.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gristmill.errors import UserError
from gristmill.parameters.read import read
from gristmill.parameters.resolve import STEPS, entries
from gristmill.pipelines.lockfile import stage_of
from gristmill.pipelines.parameters import checked

TRAIN = Path(__file__).with_name("train.sbatch")


def outdated() -> set[str]:
    """Stages that DVC would run, as far as their own data, settings and code go."""
    subprocess.run(["gristmill", "repro", "--quiet", "configure"], check=True)
    done = subprocess.run(["dvc", "status", "--json"], check=True, stdout=subprocess.PIPE, text=True)
    return set(json.loads(done.stdout))


def plan(parameters: dict[str, Any], stages: set[str], wanted: list[str]) -> list[tuple[str, list[str], list[str]]]:
    """The experiments to run, in an order in which each comes after what it starts from.

    Args:
        stages: that are out of date.
        wanted: experiments; none: all.

    Returns:
        name, nodes, names of what must have ended well before.
    """
    found, starts = entries(parameters), {}
    unknown = set(wanted) - set(found)
    if unknown:
        raise UserError(f"no such experiment: {', '.join(sorted(unknown))}")
    own = {name: {f"{stage_of(kind, step)}@{name}" for step in STEPS[kind]} for name, (kind, _) in found.items()}
    names = [name for name in found if own[name] & stages]
    chosen = [name for name in names if not wanted or name in wanted]
    for name in chosen:
        start = found[name][1].get("start")
        starts[name] = [start] if start in names else []
    needed = [start for before in starts.values() for start in before if start not in chosen]
    order = sorted(dict.fromkeys([*needed, *chosen]), key=lambda name: bool(starts.get(name)))
    return [
        (name, [f"{found[name][1]['method']}.{name}.{step}" for step in STEPS[found[name][0]]], starts.get(name, []))
        for name in order
    ]


def send(name: str, command: list[str], options: list[str], dry: bool) -> str:
    """Send a job; its number, or its name where nothing is sent."""
    line = ["sbatch", "--parsable", f"--job-name={name}", *options, *command]
    print(" ".join(line))
    if dry:
        return name
    done = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().split(";")[0]


def main() -> None:
    about = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("experiments", nargs="*")
    parser.add_argument("--dry", action="store_true", help="send nothing")
    given = sys.argv[1:]
    cut = given.index("--") if "--" in given else len(given)
    arguments, options = parser.parse_args(given[:cut]), given[cut + 1 :]
    parameters = checked(read())
    jobs = plan(parameters, outdated(), arguments.experiments)
    if not jobs:
        print("nothing is out of date")
        return
    log, ids = "--output=slurm-%j-%x.log", {}
    data = send("data", ["--wrap=gristmill repro configure prepare task"], [log], arguments.dry)
    for name, nodes, before in jobs:
        after = ":".join([data, *(ids[each] for each in before)])
        ids[name] = send(name, [str(TRAIN), *nodes], [f"--dependency=afterok:{after}", *options], arguments.dry)
    evaluated = [name for name, nodes, _ in jobs if nodes[-1].endswith(".evaluate")]
    steps = "; ".join([*(f"gristmill record {name}" for name in evaluated), "gristmill repro --single-item report"])
    send("record", [f"--wrap={steps}"], [log, f"--dependency=afterany:{':'.join(ids.values())}"], arguments.dry)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(str(error))
