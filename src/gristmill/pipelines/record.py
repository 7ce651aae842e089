"""After a `kedro run`: let DVC accept what it made, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from gristmill.errors import UserError
from gristmill.parameters.explain import nearest
from gristmill.parameters.resolve import STEPS, entries, slug, title
from gristmill.pipelines import used
from gristmill.pipelines.configure import configure
from gristmill.pipelines.lockfile import config_text, stage_of
from gristmill.pipelines.parameters import for_nodes
from gristmill.pipelines.why import differences


def record(parameters: dict[str, Any], pipeline: str) -> None:
    """`dvc commit -f` for `configure` and the stages of a pipeline, or of one experiment.

    Raises:
        UserError: no such pipeline; or its last run had other settings or code than params.yaml and the package
            now, for example those of `--params`.
    """
    stages = stages_of(parameters, pipeline)
    files = configure(for_nodes(parameters))
    for name, content in files.items():
        path = Path("data/config", f"{name}.json")
        if not path.exists() or path.read_text("utf-8") != config_text(content):
            raise UserError(f"{path} is not what params.yaml and the code say now; {again(parameters, pipeline)}")
    for name in stages.values():
        ran = used.last(name)
        if ran is None:
            raise UserError(f"{name} has not run to its end here; {again(parameters, pipeline)}")
        what = list(differences(ran, json.loads(config_text(files[name]))))
        if what:
            raise UserError(f"{name} ran with something else: {what[0]}; {again(parameters, pipeline)}")
    command = [sys.executable, "-m", "dvc", "commit", "--quiet", "-f", "configure", *stages]
    status = subprocess.run(command, env={**os.environ, "DVC_NO_ANALYTICS": "1"}, check=False).returncode
    if status:
        raise UserError(f"dvc commit ended with status {status}; what it said stands above")
    print(f"recorded: configure {' '.join(stages)}")


def again(parameters: dict[str, Any], pipeline: str) -> str:
    """The way out."""
    if pipeline not in entries(parameters):
        return f"run it again: kedro run --pipeline={pipeline}"
    kind, entry = entries(parameters)[pipeline]
    nodes = ",".join(f"{entry['method']}.{pipeline}.{step}" for step in STEPS[kind])
    return f"run it again: kedro run --nodes={nodes}"


def stages_of(parameters: dict[str, Any], pipeline: str) -> dict[str, str]:
    """The stages of a pipeline, or of an experiment -> their settings files below data/config; `configure` aside."""
    experiments = entries(parameters)
    evaluated = {name: entry for name, (kind, entry) in experiments.items() if "evaluate" in STEPS[kind]}
    names = {name: {name, entry["method"], slug(title(entry))} for name, entry in evaluated.items()}
    known = {"data", *(word for words in names.values() for word in words)}
    if pipeline not in known:
        raise UserError(f"no pipeline '{pipeline}' with results to record{nearest(pipeline, known)}")
    mine = [name for name in evaluated if pipeline in names[name]]
    mine += dict.fromkeys(evaluated[name]["start"] for name in mine if "start" in evaluated[name])
    tasks = parameters["tasks"] if pipeline == "data" else {experiments[name][1]["task"] for name in mine}
    stages = {f"prepare@{name}": f"datasets/{name}" for name in {parameters["tasks"][t]["dataset"] for t in tasks}}
    stages |= {f"task@{name}": f"tasks/{name}" for name in tasks}
    for name in mine:
        kind, _ = experiments[name]
        stages |= {f"{stage_of(kind, step)}@{name}": f"{name}/{step}" for step in STEPS[kind]}
    return stages
