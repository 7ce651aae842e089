"""What DVC has recorded of the runs: hashes of their files, and whether they are those of the settings."""

from pathlib import Path
from typing import Any

from gristmill.pipelines import used
from gristmill.pipelines.configure import step_config
from gristmill.pipelines.lockfile import config_text, locked_stages, md5, stage_of

FILES = ("history.csv", "metrics.json")  # small enough to be hashed again


def recorded(runs: list[dict[str, Any]]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Hashes and doubts, from dvc.lock; it need not be there.

    Args:
        runs: what params.yaml says of each experiment.

    Returns:
        experiment -> path -> md5, empty where DVC did not record what lies there now; and experiment -> what is wrong
        with its results, without those that are as they should be.
    """
    stages, hashes, states = locked_stages(), {}, {}
    for run in runs:
        name = run["experiment"]
        kind = "blendings" if run["step"] == "blend_pseudo_labels" else "experiments"
        steps = {step: stage_of(kind, step) for step in (run["step"], "evaluate")}
        found = {step: stages.get(f"{stage}@{name}", {"deps": {}, "outs": {}}) for step, stage in steps.items()}
        outs = {path: digest for stage in found.values() for path, digest in stage["outs"].items()}
        current = all(outs.get(f"data/runs/{name}/{file}") == hash_of(f"data/runs/{name}/{file}") for file in FILES)
        paths = sorted(outs) or [f"data/runs/{name}/{file}" for file in ("encoders", *FILES)]
        hashes[name] = {path: outs.get(path, "") if current else "" for path in paths} | first_phase(run, stages)
        late = [step for step, stage in found.items() if stale(run, step, stage["deps"])]
        if late:
            states[name] = f"stale: settings or code of {' and '.join(late)} changed; dvc repro"
    return hashes, states


def first_phase(run: dict[str, Any], stages: dict[str, Any]) -> dict[str, str]:
    """Path -> md5 of what the pretraining left that a run goes on from; nothing where it starts at the beginning."""
    if "start" not in run:
        return {}
    folder = f"data/runs/{run['start']}"
    outs = stages.get(f"{stage_of('pretrainings', 'pretrain')}@{run['start']}", {"outs": {}})["outs"]
    current = outs.get(f"{folder}/history.csv") == hash_of(f"{folder}/history.csv")
    return {path: outs.get(path, "") if current else "" for path in sorted(outs) or [f"{folder}/states"]}


def hash_of(file: str) -> str:
    """MD5 of a file, empty where there is none."""
    path = Path(file)
    return md5(path.read_bytes()) if path.exists() else ""


def stale(run: dict[str, Any], step: str, deps: dict[str, str]) -> bool:
    """Whether both DVC and our own notes say that a step last ran with other settings or code.

    Either alone can be behind: DVC's after `kedro run`, ours after DVC has taken results from its cache.
    """
    name = f"{run['experiment']}/{step}"
    before, noted = deps.get(f"data/config/{name}.json"), used.last(name)
    if before is None or noted is None or before == hash_of(f"data/config/{name}.json"):
        return False
    settings = run["evaluate" if step == "evaluate" else "train"]
    return config_text(noted) != config_text(step_config(step, settings))
