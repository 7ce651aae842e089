"""One small file for every step, with all that decides its result apart from data: settings and code."""

import hashlib
from pathlib import Path
from typing import Any

from gristmill.fingerprint import PACKAGE, fingerprint, said
from gristmill.labels.hierarchy_files import hierarchy_file
from gristmill.parameters.resolve import TRAINING
from gristmill.pipelines.cautions import of_settings, tell
from gristmill.pipelines.protocol import protocol


def configure(parameters: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Settings and code of every step; says which settings are seldom meant.

    Args:
        parameters: as `for_nodes` gives them.

    Returns:
        name of a file below data/config -> its content: `datasets/<name>`, `tasks/<name>`, `<experiment>/<step>`,
        `probes/<name>`, `report/<what>`.
    """
    tell(of_settings(parameters["runs"]))
    steps = {f"datasets/{name}": ("prepare", settings) for name, settings in parameters["datasets"].items()}
    steps |= {f"tasks/{name}": ("task", settings) for name, settings in parameters["tasks"].items()}
    for run in parameters["runs"] + parameters["pretrainings"]:
        steps[f"{run['experiment']}/{run['step']}"] = run["step"], run["train"]
    for run in parameters["runs"]:
        steps[f"{run['experiment']}/evaluate"] = "evaluate", run["evaluate"]
    steps |= {f"probes/{name}": ("probe_encoders", settings) for name, settings in parameters["probes"].items()}
    steps["report/figures"] = ("report", parameters["figures"])
    files = {name: step_config(step, settings) for name, (step, settings) in steps.items()}
    return files | {f"report/{what}": {"settings": parameters[what]} for what in ("runs", "probes")}


def step_config(step: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The content of a step's file."""
    return {"settings": settings, "code": step_code(step, settings)}


def step_code(step: str, settings: dict[str, Any]) -> dict[str, str]:
    """Fingerprints of the code that a step can reach; its settings say what it imports or reads by name."""
    own = f"gristmill.pipelines.{protocol(step, settings) if step == 'evaluate' else step}"
    modules, files, outside = [own, "gristmill.pipelines.datasets"], [], {}
    if step == "prepare":
        modules.append(f"gristmill.data.{settings['source']}")
    elif step in TRAINING:
        monitor = protocol("monitor", settings["monitor"])
        modules += [f"gristmill.methods.{settings['method']}", f"gristmill.pipelines.{monitor}"]
        outside = weight_file(settings["network"]["init"])
    elif step == "task":  # its module holds the nodes of all kinds of tasks; each runs one of them
        kind = "long_tail" if "long_tail" in settings else "coarse"
        modules, outside = [f"gristmill.labels.{kind}", "gristmill.pipelines.datasets"], {own: said(own)}
        files = [f"labels/groupings/{settings.get('grouping')}.csv"]  # `coarse` and `fine` are no files
        if "hierarchy" in settings:
            outside |= hashed(hierarchy_file(settings["hierarchy"]["source"]))
    elif step == "report":
        modules += ["gristmill.pipelines.summary", "gristmill.pipelines.evidence"]
        pages = sorted((PACKAGE / "report").rglob("*"))  # templates
        files = [str(path.relative_to(PACKAGE)) for path in pages if path.suffix not in ("", ".py", ".pyc")]
    return fingerprint(modules, [name for name in files if (PACKAGE / name).is_file()]) | outside


def weight_file(init: str) -> dict[str, str]:
    """What a network starts from decides its result as code does: path -> SHA-256; a missing file is named later."""
    return {} if init == "random" else hashed(Path(init))


def hashed(path: Path) -> dict[str, str]:
    """Path -> SHA-256, a file of the package from its folder on; nothing where there is no such file."""
    if not path.is_file():
        return {}
    name = path.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else path
    with path.open("rb") as file:
        return {str(name): hashlib.file_digest(file, "sha256").hexdigest()}


def node_step(node: str) -> tuple[str, str] | None:
    """The step and the name of the file (below data/config) that belong to a node, None for those without one."""
    parts = node.split(".")
    if parts[0] == "prepare":
        return "prepare", f"datasets/{parts[1]}"
    if parts[0] == "tasks":
        return "task", f"tasks/{parts[1]}"
    if parts[0] == "probe":
        return "probe_encoders", f"probes/{parts[1]}"
    if parts[-1] in (*TRAINING, "evaluate"):
        return parts[-1], f"{parts[1]}/{parts[-1]}"
    return None
