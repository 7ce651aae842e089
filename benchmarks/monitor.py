"""Row 24: the share of a run's seconds that evaluation during training takes: SimCLR and MoCo of the demo."""

from pathlib import Path
from typing import Any

from benchmarks.measure import alternate, precision, threads, torch
from gristmill.attributes import attributes
from gristmill.data.prepare import prepare
from gristmill.labels.coarse import group_coarse
from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve_all
from gristmill.pipelines.monitor import make_monitor
from gristmill.train.run import make_run

PARAMETERS, EXPERIMENTS = Path("params.yaml"), ("simclr_drawings", "moco_drawings")
MOST = 0.05  # of the run
STEPS = 4  # in a row; the product makes the views of four batches at a time


def seconds_of(run: dict[str, Any], resolved: dict[str, Any]) -> dict[str, float]:
    """CPU seconds of a training step (views included) and of one evaluation, of an experiment's first seed.

    Args:
        run: what params.yaml says of it.
        resolved: what it says of all.
    """
    images: Any
    images, samples = prepare(resolved["datasets"][run["dataset"]])
    table, settings = group_coarse(samples, resolved["tasks"][run["task"]]), run["train"]
    trained = make_run(images, table, attributes(settings), seed=settings["seeds"][0])
    trained.method.start(trained.start_batches.endless())
    monitor, step = make_monitor(images, table, settings), iter(range(trained.steps))

    def train() -> None:
        for _ in range(STEPS):
            trained.advance(next(step))

    def look() -> None:
        monitor(trained.method.evaluated, trained.bf16)

    with threads(1):
        seconds = alternate({"step": train, "look": look})
    return {"step": seconds["step"] / STEPS, "look": seconds["look"], "steps": trained.steps}


def looks(epochs: int, every: int) -> int:
    """How often a run is evaluated: before epochs 0, n, 2n, ... and after the last one."""
    return len({*range(0, epochs, every), epochs})


def row(run: dict[str, Any], resolved: dict[str, Any]) -> dict[str, Any]:
    """One experiment."""
    seconds, settings = seconds_of(run, resolved), run["train"]
    epochs, every = settings["train"]["epochs"], settings["monitor"]["every"]
    count = looks(epochs, every)
    training, evaluation = seconds["steps"] * seconds["step"], count * seconds["look"]
    share = evaluation / (training + evaluation)
    return {
        "row": "24",
        "what": f"evaluation during training, {run['title']} of the demo, {precision()}",
        "baseline": f"its {seconds['steps']:.0f} steps",
        "baseline_s": training,
        "own_s": evaluation,
        "gate": f"at most {MOST:.0%} of the run",
        "passed": share <= MOST,
        "notes": f"{share:.1%} of the run: {count} evaluations of {seconds['look']:.2f} s in {epochs} epochs",
    }


def run() -> list[dict[str, Any]]:
    """A row an experiment."""
    torch.manual_seed(0)
    resolved = resolve_all(read(PARAMETERS))
    return [row(each, resolved) for each in resolved["runs"] if each["experiment"] in EXPERIMENTS]


if __name__ == "__main__":
    print(run())
