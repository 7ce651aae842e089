"""The command line: `gristmill --help` is the map. What a command needs is imported when it runs."""

import sys
from pathlib import Path
from typing import Any

import click

MAP = """Representations from coarse, few or no labels, as one reproducible stage graph.

Values stand in params.yaml. The daily commands are those of DVC and Kedro:

\b
  dvc repro                               run whatever is out of date
  dvc repro evaluate@maskcon_good         one experiment
  dvc exp run -S loss.temperature=0.1     a what-if; dvc exp show compares
  dvc metrics diff, dvc plots diff        against the last commit
  kedro run --pipeline=maskcon            one method in one process; then: gristmill record maskcon
  kedro viz run                           the lineage in a browser
"""


@click.group(help=MAP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands() -> None:
    """Everything of Gristmill's own."""


cli = click.Group("gristmill")  # Kedro looks here for commands to add to its own: none


def main() -> None:
    """The entry point; a user's error is one line and status 1."""
    try:
        commands(prog_name="gristmill")
    except Exception as error:
        from gristmill.pipelines.failures import explain

        line = explain(error)
        if line is None:
            raise
        fail(line)


def fail(*lines: str) -> None:
    """End with status 1."""
    print(*lines, sep="\n", file=sys.stderr)
    sys.exit(1)


def parameters() -> dict[str, Any]:
    """The content of params.yaml, checked."""
    from gristmill.parameters.read import read
    from gristmill.pipelines.parameters import checked

    return checked(read())


@commands.command()
@click.option("--files", is_flag=True, help="Also whether the data and weight files are there.")
def check(files: bool) -> None:
    """Check the whole of params.yaml, without running anything."""
    from gristmill.parameters.check import problems
    from gristmill.parameters.read import read, text_of, traps

    content = read()
    found = [*traps(text_of()), *problems(content)]
    if files and not found:
        from gristmill.pipelines.files import missing_files

        found = missing_files(content)
    if found:
        fail(*found)
    count = sum(len(content.get(kind, {})) for kind in ("experiments", "blendings"))
    print(f"params.yaml: {count} experiments, nothing wrong" + (", all files there" if files else ""))


@commands.command()
@click.argument("dataset")
def fetch(dataset: str) -> None:
    """Download a public data set into data/raw, verified."""
    from gristmill.data.fetch import fetch

    entry = parameters()["datasets"].get(dataset, {})
    print(*fetch(entry.get("source", dataset), Path(entry["path"]) if entry else None), sep="\n")


@commands.command()
@click.argument("task", required=False)
@click.option("--dataset", help="Instead of a task: all classes of a data set of params.yaml.")
@click.option("--source", help="wordnet (the excerpt), a folder of WordNet 3.0, or a file in hierarchies/.")
@click.option("--depth", type=click.IntRange(0), help="Cut so many steps below the top.")
@click.option("--classes", type=click.IntRange(1), help="Cut into so many coarse classes.")
@click.option("--node", "nodes", multiple=True, metavar="NODE", help="Cut at this node, a name or wnid; repeatable.")
def hierarchy(task: str | None, dataset: str | None, **given: Any) -> None:
    """Print the hierarchy of a TASK down to its cut, or try a cut.

    Nodes of the cut carry a mark and the number of their coarse class. With --dataset a name of several meanings has
    its commonest one, and the lines to choose another are printed.

    \b
      gristmill hierarchy cifartoy_wordnet
      gristmill hierarchy cifartoy_wordnet --classes 4
      gristmill hierarchy --dataset cifar10 --depth 5
      gristmill hierarchy --dataset cifar10 --source hierarchies/cifar10.csv --node animal --node vehicle
    """
    if (task is None) == (dataset is None):
        raise click.UsageError("give a task, or --dataset")
    from gristmill.pipelines.hierarchy import print_hierarchy

    given["nodes"] = list(given["nodes"])
    print_hierarchy(parameters(), task, dataset, given)


@commands.command()
@click.argument("experiment")
def why(experiment: str) -> None:
    """Say which steps of an experiment would run again, and because of what."""
    from gristmill.pipelines.why import reasons

    found = reasons(parameters(), experiment)
    width = max(len(stage) for stage, _ in found)
    for stage, lines in found:
        for place, line in enumerate(lines):
            print(f"{'' if place else stage:{width}}  {line}")


@commands.command()
@click.argument("experiment")
@click.option("--seed", type=int, required=True, help="The seed that failed.")
@click.option("--step", type=click.IntRange(0), required=True, help="The step to look at.")
def replay(experiment: str, seed: int, step: int) -> None:
    """Look at one step of a training that failed, part by part."""
    from gristmill.pipelines.replay import replay

    for line in replay(parameters(), experiment, seed, step):
        print(line)


@commands.command()
@click.argument("pipeline")
def record(pipeline: str) -> None:
    """Let DVC accept what `kedro run --pipeline=<PIPELINE>` just made; or the nodes of one experiment."""
    from gristmill.pipelines.record import record

    record(parameters(), pipeline)


@commands.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(yes: bool) -> None:
    """List and remove what experiments left that params.yaml no longer has; asks before, or needs --yes."""
    from gristmill.pipelines.leftovers import leftovers, remove

    found = leftovers(parameters())
    print(*found, sep="\n", end="\n" if found else "")
    if not found:
        print("nothing is left over")
    elif not yes and not sys.stdin.isatty():
        fail("nothing was removed: there is no terminal to ask at; --yes removes what is listed")
    elif yes or click.confirm("Remove them?"):
        remove(found)


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def results(as_json: bool) -> None:
    """Print the table of results."""
    from gristmill.pipelines.results import print_results

    print_results(parameters(), as_json)


@commands.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def repro(arguments: tuple[str, ...]) -> None:
    """Check, clear a lock that a killed dvc left, then `dvc repro ARGUMENTS`."""
    from gristmill.pipelines.repro import clear_stale_lock, run_dvc

    commands(["check", "--files"], standalone_mode=False)
    clear_stale_lock()
    run_dvc("repro", *arguments)
