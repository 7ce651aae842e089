"""The settings of one step of one experiment: defaults, overlaid, cut down to what the step reads.

Settings are plain dicts, lists, strings and numbers. An infinite temperature is the float `inf`; JSON files
hold it as `Infinity`, which Python's json writes and reads back.
"""

from typing import Any

from pydantic import BaseModel

from gristmill.errors import UserError
from gristmill.lookup import module
from gristmill.parameters.entries import ENTRIES
from gristmill.parameters.probes import Probing
from gristmill.parameters.sections import Figures, Section, Step

# kind of entry -> the steps of what it describes; the first trains
STEPS = {
    "experiments": ("train", "evaluate"),
    "pretrainings": ("pretrain",),
    "blendings": ("blend_pseudo_labels", "evaluate"),
}
TRAINING = tuple(steps[0] for steps in STEPS.values())


def entries(parameters: dict) -> dict[str, tuple[str, dict]]:
    """Everything that is trained: name -> the kind of its entry, and the entry."""
    return {name: (kind, entry) for kind in STEPS for name, entry in parameters.get(kind, {}).items()}


def method_step(method: str, step: str) -> type[Step]:
    """The class with the settings of a training step of a method: `Train` of gristmill.parameters.maskcon.

    Raises:
        UserError: there is no such method, or it has no such step.
    """
    name = "".join(part.capitalize() for part in step.split("_"))
    found = getattr(module("parameters", method), name, None)
    if not (isinstance(found, type) and issubclass(found, Step)):
        raise UserError(f"no method '{method}': gristmill/parameters/{method}.py has no class {name}")
    return found


def training_steps(method: str) -> dict[str, type[Step]]:
    """The training steps of a method, by name; none where there is no such method."""
    found = {}
    for step in TRAINING:
        try:
            found[step] = method_step(method, step)
        except UserError:
            continue
    return found


def evaluation(method: str) -> type[Section]:
    """The section that the step `evaluate` of a method reads."""
    return next(iter(training_steps(method).values())).evaluation


def overlay(parameters: dict, experiment: dict, section: str) -> dict[str, Any]:
    """One section: defaults <- those of the experiment's data set <- of the pretraining it starts from <- its own."""
    dataset = parameters["datasets"][experiment["dataset"]]
    start = parameters["pretrainings"][experiment["start"]] if "start" in experiment else {}
    layers = (parameters, dataset, start, experiment)
    return {key: value for layer in layers for key, value in layer.get(section, {}).items()}


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
    _, entry = entries(parameters)[experiment]
    if step == "evaluate":
        model = evaluation(entry["method"])
        return model, cut(overlay(parameters, entry, step), model)
    model = method_step(entry["method"], step)
    sections = {name: field.annotation for name, field in model.model_fields.items()}
    return model, {
        name: cut(overlay(parameters, entry, name), section)
        for name, section in sections.items()
        if isinstance(section, type) and issubclass(section, BaseModel)
    }


def limited(parameters: dict, entry: dict, values: dict[str, Any]) -> dict[str, Any]:
    """Values of a training step, no longer than `limit.epochs`; those of other steps as they are.

    Its warm-up is shortened with it, to the same share of the run; a first phase takes at most a tenth of a run that is
    shortened so, and its window no more than the phase. `demo_cosine`, the last epoch of which has rate 0, becomes
    `epoch_cosine` where one epoch is left.
    """
    most, block = overlay(parameters, entry, "limit").get("epochs"), values.get("train", {})
    if not (isinstance(most, int) and block and most < block.get("epochs", 0)):
        return values
    share = most / block["epochs"]
    short = {**values, "train": block | {"epochs": most} | {k: block[k] * share for k in ("warmup",) if k in block}}
    if most == 1 and block.get("schedule") == "demo_cosine":
        short["train"]["schedule"] = "epoch_cosine"
    if "pretrain" in values:
        first, tenth = values["pretrain"], max(1, most * block["epoch_steps"] // 10)
        numbers = {key: min(first[key], tenth) for key in ("steps", "window") if isinstance(first[key], int)}
        short["pretrain"] = first | numbers
    return short


def resolve(parameters: dict, experiment: str, step: str) -> dict[str, Any]:
    """Validated settings of one step of an experiment.

    Args:
        parameters: the content of params.yaml, checked.
        step: one of its kind's. Training settings hold method and seeds; those of evaluation do not (the seeds come
            with the encoders).
    """
    model, values = raw(parameters, experiment, step)
    _, entry = entries(parameters)[experiment]
    settings = plain(model.model_validate(limited(parameters, entry, values)))
    if step == "evaluate":
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


def resolve_probe(parameters: dict, entry: dict) -> dict[str, Any]:
    """A question to encoders, with its task's data set, and how they are shown images; null where all labels, all test
    images, and these as they are, are meant."""
    shared = Probing.model_validate(parameters["probe"]).model_dump(exclude={"experiments"})
    asked = ENTRIES["probes"].model_validate(entry).model_dump()
    return {**asked, "dataset": parameters["tasks"][asked["task"]]["dataset"], **shared}


def title(entry: dict) -> str:
    """How tables call an experiment."""
    return entry.get("title") or next(iter(training_steps(entry["method"]).values())).title


def slug(text: str) -> str:
    """A title as the name of a pipeline: `SupCon (queue)` is `supcon_queue`."""
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split())


def resolve_all(parameters: dict) -> dict[str, Any]:
    """Settings of every step in params.yaml.

    Returns:
        `datasets`, `tasks`: name -> settings; `experiments`: name -> step -> settings, of everything that is trained;
        `figures`; `runs`: a list of what the report needs to know of each of them that is evaluated, `step` being the
        name of its training step, `train` that step's settings, `start` the pretraining that it goes on from, if
        any, `recipe_epochs` those without a limit, `source` its data set's, `long_tail` its task's, if it has one, and
        `of_task` what else decides which images and labels these are: `grouping`, `split`, `limit`;
        `pretrainings`: a list of those that are not; `probes`: name -> settings, and `probed`: the experiments whose
        encoders they ask.
    """
    every = entries(parameters)
    steps = {name: {step: resolve(parameters, name, step) for step in STEPS[kind]} for name, (kind, _) in every.items()}
    runs, pretrainings = [], []
    for name, (kind, entry) in every.items():
        training = STEPS[kind][0]
        about = {
            "experiment": name,
            "title": title(entry),
            **{key: entry[key] for key in ("method", "dataset", "task", "seeds")},
            "step": training,
            "train": steps[name][training],
            **({"start": entry["start"]} if "start" in entry else {}),
        }
        if "evaluate" in steps[name]:
            epochs = overlay(parameters, entry, "train").get("epochs")
            told = {"source": parameters["datasets"][entry["dataset"]]["source"]}
            task = resolve_task(parameters, entry["task"])
            told |= {"long_tail": task["long_tail"]} if "long_tail" in task else {}
            told |= {"of_task": {key: task[key] for key in ("grouping", "split", "limit") if key in task}}
            runs.append({**about, **told, "recipe_epochs": epochs, "evaluate": steps[name]["evaluate"]})
        else:
            pretrainings.append(about)
    return {
        "datasets": {name: resolve_entry("datasets", entry) for name, entry in parameters["datasets"].items()},
        "tasks": {name: resolve_task(parameters, name) for name in parameters["tasks"]},
        "experiments": steps,
        "figures": plain(Figures.model_validate(parameters.get("figures", {}))),
        "runs": runs,
        "pretrainings": pretrainings,
        "probes": {name: resolve_probe(parameters, entry) for name, entry in parameters.get("probes", {}).items()},
        "probed": parameters.get("probe", {}).get("experiments", []) if parameters.get("probes") else [],
    }
