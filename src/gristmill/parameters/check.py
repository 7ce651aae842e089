"""The whole of params.yaml, checked without torch and before anything starts."""

import re
from collections.abc import Iterator
from typing import Any

from gristmill.parameters.entries import ENTRIES, OPTIONAL
from gristmill.parameters.explain import at, errors, line, nearest, unknown
from gristmill.parameters.known import groupings, methods, section_keys, sources, step_sections
from gristmill.parameters.probes import Probing
from gristmill.parameters.resolve import (
    STEPS,
    cut,
    entries,
    limited,
    overlay,
    raw,
    resolve,
    slug,
    title,
    training_steps,
)
from gristmill.parameters.sections import Figures, Limit

# pipelines, namespaces, folders under data/config
TAKEN = {"configure", "data", "report", "prepared", "prepare", "datasets", "tasks", "runs", "used", "probe", "probes"}
BLOCK = "expected a block of keys"


def problems(parameters: dict[str, Any]) -> list[str]:
    """Everything that is wrong with the content of params.yaml, a line each, none twice.

    Each group is looked at only when those before it found nothing, so that one mistake gives one line.
    """
    every = methods()
    known = section_keys(every)
    found = list(outline(parameters, known))
    if not found:
        for kind in ENTRIES:
            for name, values in parameters.get(kind, {}).items():
                found += entry(kind, name, values, known)
        found += names(parameters, every)
    if not found:
        found = list(references(parameters, every))
    if not found:
        found = [*blendings(parameters), *probes(parameters)]
    if not found:
        found = list(long_tails(parameters))
    if not found:
        told: set[tuple] = set()
        for name, (kind, experiment) in entries(parameters).items():
            found += [*foreign(kind, name, experiment), *settings(parameters, name, told)]
        found += defaults(parameters, every)
    if not found:
        found = list(titles(parameters, every))
    return list(dict.fromkeys(found))


def outline(parameters: dict, known: dict[str, set[str]]) -> Iterator[str]:
    """Top-level keys, keys of the defaults, and that every entry is a block of keys."""
    for key, values in parameters.items():
        if key not in known and key not in ENTRIES:
            yield unknown((key,), "section", [*known, *ENTRIES])
        elif not isinstance(values, dict):
            yield f"{at(key)}: {BLOCK}, found {values!r}"
        elif key in ENTRIES and not values and key not in OPTIONAL:
            yield f"{at(key)}: empty; at least one entry is needed"
        elif key in ENTRIES:
            yield from (f"{at(key, name)}: {BLOCK}" for name in values if not isinstance(values[name], dict))
        else:
            wrong = [name for name in values if name not in known[key]]
            yield from (unknown((key, name), "parameter", known[key]) for name in wrong)
    yield from (f"{at(kind)}: missing" for kind in ENTRIES if kind not in (*parameters, *OPTIONAL))


def entry(kind: str, name: str, values: dict, known: dict[str, set[str]]) -> Iterator[str]:
    """One data set, task or experiment: its own keys, and the keys of the sections that it overlays."""
    model, place = ENTRIES[kind], (kind, str(name))
    sections = {} if kind in ("tasks", "probes") else {key: names for key, names in known.items() if key != "probe"}
    own = cut(values, model)
    yield from (line(model, error, (*place, *error["loc"])) for error in errors(model, own))
    for key, block in values.items():
        if key in own:
            continue
        if key not in sections:
            yield unknown((*place, key), "parameter", [*model.model_fields, *sections])
        elif not isinstance(block, dict):
            yield f"{at(*place, key)}: {BLOCK}, found {block!r}"
        else:
            wrong = [k for k in block if k not in sections[key]]
            yield from (unknown((*place, key, k), "parameter", sections[key]) for k in wrong)


def names(parameters: dict, methods: list[str]) -> Iterator[str]:
    """Names are plain, stand once over all mappings, and are no method's."""
    seen: dict[str, str] = {}
    for kind in ENTRIES:
        for name in parameters.get(kind, {}):
            place = at(kind, str(name))
            if not (isinstance(name, str) and re.fullmatch(r"[a-z0-9_]+", name)):
                yield f"{place}: a name has small letters, digits and _ only"
            elif name in methods or name in TAKEN:
                what = "a method is called so" if name in methods else "Gristmill uses this name itself"
                yield f"{place}: {what}; take another name"
            elif name in seen:
                yield f"{place}: the name stands under {seen[name]} too; it is used once over all of them"
            else:
                seen[name] = kind


def references(parameters: dict, methods: list[str]) -> Iterator[str]:
    """What is named exists, and an experiment's data set is its task's."""
    datasets, tasks = parameters["datasets"], parameters["tasks"]
    wanted: list[tuple[str, str, str, Any]] = [
        ("datasets", "source", "image source", sources()),
        ("tasks", "dataset", "data set", datasets),
        ("tasks", "grouping", "grouping", groupings()),
        *((kind, "method", "method", methods) for kind in STEPS),
        *((kind, "dataset", "data set", datasets) for kind in STEPS),
        *((kind, "task", "task", tasks) for kind in STEPS),
        ("blendings", "start", "pretraining", parameters.get("pretrainings", {})),
        ("probes", "task", "task", tasks),
    ]
    for kind, key, what, known in wanted:
        for name, values in parameters.get(kind, {}).items():
            if key in values and values[key] not in known:
                yield f"{at(kind, name, key)}: no {what} '{values[key]}'{nearest(str(values[key]), known)}"
    for name, (kind, experiment) in entries(parameters).items():
        mine, its = experiment["dataset"], tasks.get(experiment["task"], experiment)["dataset"]
        if mine != its and its in datasets:
            yield f"{at(kind, name, 'dataset')}: {mine}, but task {experiment['task']} is on {its}"
        method, step = experiment["method"], STEPS[kind][0]
        if method in methods and step not in training_steps(method):
            fitting = [other for other in STEPS if STEPS[other][0] in training_steps(method)]
            yield f"{at(kind, name, 'method')}: {method} stands under {' and '.join(fitting)}"


def blendings(parameters: dict) -> Iterator[str]:
    """A blending goes on from a pretraining of the same method, data and task, with seeds that it has."""
    for name, blending in parameters.get("blendings", {}).items():
        start = parameters["pretrainings"][blending["start"]]
        for key in ("method", "dataset", "task"):
            if blending[key] != start[key]:
                yield f"{at('blendings', name, key)}: {blending[key]}, but {blending['start']} has {start[key]}"
        missing = [seed for seed in blending["seeds"] if seed not in start["seeds"]]
        if missing:
            where = f"pretrainings.{blending['start']}.seeds"
            yield f"{at('blendings', name, 'seeds')}: {missing[0]} is not in {where}; add it there"
        shared = set().union(*(model.model_fields for step, model in training_steps(blending["method"]).items()
                               if step == "pretrain"))  # fmt: skip
        for section in blending.keys() & shared:
            where = f"pretrainings.{blending['start']}.{section}"
            yield f"{at('blendings', name, section)}: both phases share it; set it under {where}"


def probes(parameters: dict) -> Iterator[str]:
    """The section that probes share, where there are any: its values, and that its experiments have encoders."""
    section = parameters.get("probe", {})
    if not parameters.get("probes") and not section:
        return
    found = list(errors(Probing, section))
    yield from (line(Probing, error, ("probe", *error["loc"])) for error in found)
    known = [name for name, (kind, _) in entries(parameters).items() if "evaluate" in STEPS[kind]]
    if not found and parameters.get("probes") and not section["experiments"]:
        yield f"{at('probe', 'experiments')}: empty, so nobody is asked; name experiments, or leave probes empty"
    for name in [] if found else section["experiments"]:
        if name not in known:
            yield f"{at('probe', 'experiments')}: no experiment '{name}'{nearest(name, known)}"


def long_tails(parameters: dict) -> Iterator[str]:
    """What does not go with a long-tailed task: a run with a seed that it lacks, a limit of images."""
    tails = {name: task for name, task in parameters["tasks"].items() if task.get("long_tail")}
    for name, (kind, experiment) in entries(parameters).items():
        task = experiment["task"]
        known = tails[task]["long_tail"]["seeds"] if task in tails else experiment["seeds"]
        for seed in experiment["seeds"]:
            if seed not in known:
                where = f"tasks.{task}.long_tail.seeds has {', '.join(map(str, known))}"
                yield f"{at(kind, name, 'seeds')}: no split for seed {seed}: {where}; add it there"
    for name, task in tails.items():
        most = overlay(parameters, task, "limit").get("images")
        if most is not None:
            way_out = f"set datasets.{task['dataset']}.limit.images to null"
            yield f"{at('tasks', name, 'long_tail')}: does not go with limit.images {most}; {way_out}"


def foreign(kind: str, name: str, experiment: dict) -> Iterator[str]:
    """Keys that an experiment sets and its method does not read."""
    sections, method = step_sections(experiment["method"]), experiment["method"]
    for section in experiment.keys() - ENTRIES[kind].model_fields.keys():
        for key in experiment[section]:
            if section not in sections or key not in sections[section].model_fields:
                yield f"{at(kind, name, section, key)}: method '{method}' does not read it"


def written(parameters: dict, name: str, place: tuple, sections: list[str]) -> tuple:
    """Where the value at a place of an experiment's settings stands in the file.

    Args:
        place: section and key; a section alone or nothing where the problem is about several values.
        sections: the blocks that these values stand in, where it is not the one in `place`.
    """
    kind, experiment = entries(parameters)[name]
    dataset, start = experiment["dataset"], experiment.get("start", "")
    homes = {(kind, name): experiment, ("datasets", dataset): parameters["datasets"][dataset]}
    if start:
        homes = {("pretrainings", start): parameters["pretrainings"][start], **homes}
    for home, values in homes.items():
        if len(place) > 1 and place[1] in values.get(place[0], {}):
            return (*home, *place)
        if len(place) < 2 and any(section in values for section in sections or place):
            return (*home, *place)
    return place


def settings(parameters: dict, name: str, told: set[tuple]) -> Iterator[str]:
    """The values that the steps of an experiment get; a problem is told where the value was written.

    Args:
        told: grows by the problems of several values at once, numbers apart. One wrong default clashes with every
            experiment's own values; only the first clash is told.
    """
    kind, entry = entries(parameters)[name]
    for step in STEPS[kind]:
        model, values = raw(parameters, name, step)
        for error in errors(model, values) or errors(model, limited(parameters, entry, values)):
            place = (step, *error["loc"]) if step == "evaluate" else error["loc"]
            clash = (place, re.sub(r"[0-9.]+", "", error["msg"]))
            if len(place) < 2 and clash in told:
                continue
            told.add(clash)
            several = error.get("ctx", {}).get("sections", [])
            yield line(model, error, written(parameters, name, place, several))


def defaults(parameters: dict, methods: list[str]) -> Iterator[str]:
    """Values of the defaults that no experiment needs at present are in range too, for some method that reads them."""
    sections: dict[str, list[Any]] = {"figures": [Figures], "limit": [Limit]}
    for method in methods:
        for section, model in step_sections(method).items():
            sections.setdefault(section, []).append(model)
    for section, models in sections.items():
        wrong: dict[tuple, list[str]] = {}
        for model in dict.fromkeys(models):
            for error in errors(model, cut(parameters.get(section, {}), model)):
                if error["loc"] and (error["type"] != "missing" or section in ("figures", "limit")):
                    wrong.setdefault(error["loc"], []).append(line(model, error, (section, *error["loc"])))
        for place, lines in wrong.items():
            readers = [model for model in dict.fromkeys(models) if place[0] in model.model_fields]
            if len(lines) == len(readers):
                yield lines[0]


def titles(parameters: dict, methods: list[str]) -> Iterator[str]:
    """A title is one thing: one pipeline name, and the same settings wherever it stands on one data set.

    On one task where few images have labels: there settings follow from how the unlabeled images are distributed.
    """
    first: dict[str, tuple[str, str]] = {}
    same: dict[tuple[str, str], tuple[str, Any]] = {}
    evaluated = {name: found for name, found in entries(parameters).items() if "evaluate" in STEPS[found[0]]}
    for name, (kind, experiment) in evaluated.items():
        text, place = title(experiment), at(kind, name, "title")
        short = slug(text)
        if not short or short in TAKEN:
            yield f"{place}: '{text}' cannot be a pipeline's name ('{short}'); take another title"
        elif short in methods and short != experiment["method"]:
            yield f"{place}: '{text}' is another method's name"
            continue
        elif first.setdefault(short, (text, name))[0] != text:
            yield f"{place}: '{text}' and '{first[short][0]}' would both be the pipeline '{short}'"
        mine = {step: {**resolve(parameters, name, step), "seeds": None} for step in STEPS[kind]}
        few = parameters["tasks"][experiment["task"]].get("long_tail")
        other, its = same.setdefault((text, experiment["task" if few else "dataset"]), (name, mine))
        if its != mine:
            yield f"{place}: '{text}' is also {other}, with other settings; give one of them another title"
    for name, (kind, _) in evaluated.items():
        text, owner = first.get(name, ("", name))
        if owner != name:
            yield f"{at(kind, name)}: the title '{text}' is the pipeline '{name}'; take another name"
