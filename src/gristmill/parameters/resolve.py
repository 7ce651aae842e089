"""The settings of one step of one experiment: defaults, overlaid, cut down to what the step reads.

Settings are plain dicts, lists, strings and numbers. An infinite temperature is the float `inf`; JSON files
hold it as `Infinity`, which Python's json writes and reads back.
"""

from typing import Any

from pydantic import BaseModel

from gristmill.errors import UserError
from gristmill.lookup import module
from gristmill.parameters.entries import ENTRIES
from gristmill.parameters.sections import Evaluate, Figures, Step

SHARED = {"evaluate": Evaluate}  # steps that are the same for every method
STEPS = ("train", "evaluate")


def method_step(method: str, step: str) -> type[Step]:
    """The class with the settings of a step of a method: `Train` of gristmill.parameters.maskcon.

    Raises:
        UserError: there is no such method.
    """
    name = step.capitalize()
    found = getattr(module("parameters", method), name, None)
    if not (isinstance(found, type) and issubclass(found, Step)):
        raise UserError(f"no method '{method}': gristmill/parameters/{method}.py has no class {name}")
    return found


def overlay(parameters: dict, experiment: dict, section: str) -> dict[str, Any]:
    """One section: defaults <- those of the experiment's data set <- its own."""
    dataset = parameters["datasets"][experiment["dataset"]]
    return {**parameters.get(section, {}), **dataset.get(section, {}), **experiment.get(section, {})}


def cut(values: dict[str, Any], section: type[BaseModel]) -> dict[str, Any]:
    """The keys that a section has."""
    return {key: value for key, value in values.items() if key in section.model_fields}


def blank(settings: dict[str, Any], unused: set[str]) -> dict[str, Any]:
    """Null at every dotted name."""
    for name in unused:
        *sections, field = name.split(".")
        block = settings
        for section in sections:
            block = block[section]
        block[field] = None
    return settings


def plain(values: BaseModel) -> dict[str, Any]:
    """A validated object as plain values, what has no influence blanked."""
    settings = values.model_dump()
    for name in type(values).model_fields:
        block = getattr(values, name)
        if isinstance(block, BaseModel):
            settings[name] = plain(block)
    unused = getattr(values, "unused", set)
    return blank(settings, unused())


def raw(parameters: dict, experiment: str, step: str) -> tuple[type[BaseModel], dict[str, Any]]:
    """The class of a step's settings and the values for it, not yet validated."""
    entry = parameters["experiments"][experiment]
    if step in SHARED:
        return SHARED[step], cut(overlay(parameters, entry, step), SHARED[step])
    model = method_step(entry["method"], step)
    sections = {name: field.annotation for name, field in model.model_fields.items()}
    return model, {
        name: cut(overlay(parameters, entry, name), section)
        for name, section in sections.items()
        if isinstance(section, type) and issubclass(section, BaseModel)
    }


def resolve(parameters: dict, experiment: str, step: str) -> dict[str, Any]:
    """Validated settings of one step of an experiment.

    Args:
        parameters: the content of params.yaml, checked.
        step: `train` or `evaluate`. Training settings hold method and seeds; those of evaluation do not (the
            seeds come with the encoders).
    """
    model, values = raw(parameters, experiment, step)
    entry = parameters["experiments"][experiment]
    most = overlay(parameters, entry, "limit").get("epochs")
    if most is not None and step not in SHARED:
        block = values["train"]
        block |= {name: min(block[name], most) for name in ("epochs", "warmup") if name in block}
    settings = plain(model.model_validate(values))
    if step in SHARED:
        return settings
    return {"method": entry["method"], "seeds": sorted(entry["seeds"]), **settings}


def resolve_entry(kind: str, entry: dict) -> dict[str, Any]:
    """A data set's or task's own keys that have a value, without the sections that overlay defaults."""
    return ENTRIES[kind].model_validate(cut(entry, ENTRIES[kind])).model_dump(exclude_none=True)


def resolve_task(parameters: dict, name: str) -> dict[str, Any]:
    """A task's own keys, and the limit of its images where there is one."""
    entry = parameters["tasks"][name]
    most = overlay(parameters, entry, "limit").get("images")
    return resolve_entry("tasks", entry) | ({} if most is None else {"limit": most})


def title(entry: dict) -> str:
    """How tables call an experiment."""
    return entry.get("title") or method_step(entry["method"], "train").title


def slug(text: str) -> str:
    """A title as the name of a pipeline: `SupCon (queue)` is `supcon_queue`."""
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split())


def resolve_all(parameters: dict) -> dict[str, Any]:
    """Settings of every step in params.yaml.

    Returns:
        `datasets`, `tasks`: name -> settings; `experiments`: name -> step -> settings; `figures`; `runs`: a
        list of what the report needs to know of each experiment, `recipe_epochs` being those without a limit.
    """
    experiments = {
        name: {step: resolve(parameters, name, step) for step in STEPS} for name in parameters["experiments"]
    }
    runs = [
        {
            "experiment": name,
            "title": title(entry),
            **{key: entry[key] for key in ("method", "dataset", "task", "seeds")},
            "recipe_epochs": overlay(parameters, entry, "train").get("epochs"),
            **experiments[name],
        }
        for name, entry in parameters["experiments"].items()
    ]
    return {
        "datasets": {name: resolve_entry("datasets", entry) for name, entry in parameters["datasets"].items()},
        "tasks": {name: resolve_task(parameters, name) for name in parameters["tasks"]},
        "experiments": experiments,
        "figures": plain(Figures.model_validate(parameters.get("figures", {}))),
        "runs": runs,
    }
