"""Which steps of an experiment would run again, and because of what."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gristmill.errors import UserError
from gristmill.parameters.explain import nearest
from gristmill.parameters.resolve import STEPS, entries
from gristmill.pipelines.configure import configure
from gristmill.pipelines.lockfile import config_text, locked_stages, md5, recorded, stage_of
from gristmill.pipelines.parameters import for_nodes

SHOWN = 6  # modules named in a line


def reasons(parameters: dict[str, Any], experiment: str) -> list[tuple[str, list[str]]]:
    """Each stage of an experiment with what DVC would say about it, in more words.

    Raises:
        UserError: no such experiment.
    """
    every = entries(parameters)
    if experiment not in every:
        raise UserError(f"no experiment '{experiment}'{nearest(experiment, every)}")
    kind, entry = every[experiment]
    files = configure(for_nodes(parameters))
    node = f"{entry['method']}.{experiment}"
    steps = {
        f"prepare@{entry['dataset']}": (f"datasets/{entry['dataset']}", f"--nodes=prepare.{entry['dataset']}"),
        f"task@{entry['task']}": (f"tasks/{entry['task']}", f"--namespaces=tasks.{entry['task']}"),
    }
    if "start" in entry:
        start = f"{entry['method']}.{entry['start']}"
        steps[f"pretrain@{entry['start']}"] = f"{entry['start']}/pretrain", f"--nodes={start}.pretrain"
    for step in STEPS[kind]:
        steps[f"{stage_of(kind, step)}@{experiment}"] = f"{experiment}/{step}", f"--nodes={node}.{step}"
    locked, found, earlier = locked_stages(), [], ""
    for stage, (file, command) in steps.items():
        lines = list(changes(locked, stage, file, files[file], command))
        if lines:
            earlier = earlier or stage
        elif earlier:
            lines = [f"runs if what {earlier} makes changes"]
        found.append((stage, lines or ["up to date"]))
    return found


def changes(
    locked: dict[str, dict[str, Any]], stage: str, file: str, content: dict[str, Any], command: str
) -> Iterator[str]:
    """What differs from the last time that a stage ran well."""
    if stage not in locked:
        yield "has not run yet"
        return
    lock = locked[stage]
    if lock["cmd"] != f"kedro run {command}":
        yield f"its command was {lock['cmd']}"
    config = f"data/config/{file}.json"
    digest = lock["deps"].get(config)
    if digest != md5(config_text(content).encode()):
        before = recorded(digest) if digest else None
        yield from differences(before, content) if before else ["settings or code differ from those recorded"]
    made = {path: md5 for other in locked.values() for path, md5 in other["outs"].items()}
    for path, digest in lock["deps"].items():
        if path != config and digest != made.get(path, digest):
            yield f"{path} was made anew since"
        elif path not in made and path != config and Path(path).is_file() and md5(Path(path).read_bytes()) != digest:
            yield f"{path} differs"
        elif path not in made and path != config and not Path(path).exists():
            yield f"{path} is not there"
    gone = [path for path in lock["outs"] if not Path(path).exists()]
    if gone:
        yield f"{gone[0]} is not there; dvc checkout may bring it back"


def differences(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Settings with both values, then modules."""
    old, new = flat(before["settings"]), flat(now["settings"])
    for name in sorted({*old, *new}):
        if old.get(name, None) != new.get(name, None):
            yield f"{name}: {old.get(name, 'not there')} -> {new.get(name, 'not there')}"
    old, new = before.get("code", {}), now.get("code", {})
    for what, names in (
        ("changed", [name for name in new if name in old and new[name] != old[name]]),
        ("new", [name for name in new if name not in old]),
        ("not used any more", [name for name in old if name not in new]),
    ):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield f"code {what}: {', '.join(names[:SHOWN])}{more}"


def flat(settings: Any, name: str = "") -> dict[str, Any]:
    """Nested settings by dotted names."""
    if not isinstance(settings, dict):
        return {name: settings}
    found: dict[str, Any] = {}
    for key, value in settings.items():
        found |= flat(value, f"{name}.{key}" if name else key)
    return found
