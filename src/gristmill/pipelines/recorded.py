"""What DVC has recorded of the runs: hashes of their files, and whether they are those of the settings."""

import json
from hashlib import md5
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gristmill.pipelines import used
from gristmill.pipelines.configure import step_config

LOCK = Path("dvc.lock")
STEPS = ("train", "evaluate")
FILES = ("history.csv", "metrics.json")  # small enough to be hashed again


def recorded(runs: list[dict[str, Any]], lock: Path = LOCK) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Hashes and doubts.

    Args:
        runs: what params.yaml says of each experiment.
        lock: what DVC wrote; need not be there.

    Returns:
        experiment -> path -> md5, empty where DVC did not record what lies there now; and experiment -> what is wrong
        with its results, without those that are as they should be.
    """
    stages = YAML(typ="safe").load(lock.read_text("utf-8"))["stages"] if lock.exists() else {}
    hashes, states = {}, {}
    for run in runs:
        name = run["experiment"]
        found = [stages.get(f"{step}@{name}", {}) for step in STEPS]
        outs = {out["path"]: out["md5"] for stage in found for out in stage.get("outs", [])}
        current = all(outs.get(f"data/runs/{name}/{file}") == hash_of(name, file) for file in FILES)
        paths = sorted(outs) or [f"data/runs/{name}/{file}" for file in ("encoders", *FILES)]
        hashes[name] = {path: outs.get(path, "") if current else "" for path in paths}
        late = [step for step, stage in zip(STEPS, found, strict=True) if stale(run, step, stage)]
        if late:
            states[name] = f"stale: {' and '.join(late)} changed since; dvc repro"
    return hashes, states


def hash_of(experiment: str, file: str) -> str:
    """MD5 of a small result, empty where there is none."""
    path = Path("data/runs", experiment, file)
    return md5(path.read_bytes()).hexdigest() if path.exists() else ""


def stale(run: dict[str, Any], step: str, stage: dict[str, Any]) -> bool:
    """Whether both DVC and our own notes say that a step last ran with other settings or code.

    Either alone can be behind: DVC's after `kedro run`, ours after DVC has taken results from its cache.
    """
    config = f"data/config/{run['experiment']}/{step}.json"
    before = next((dep["md5"] for dep in stage.get("deps", []) if dep["path"] == config), None)
    noted = used.last(f"{run['experiment']}/{step}")
    if before is None or noted is None or not Path(config).exists():
        return False
    if md5(Path(config).read_bytes()).hexdigest() == before:
        return False
    return json.dumps(noted, sort_keys=True) != json.dumps(step_config(step, run[step]), sort_keys=True)
