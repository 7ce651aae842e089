"""Whether the files that params.yaml names are there, before DVC says it in its own words."""

from pathlib import Path
from typing import Any

from gristmill.data.source import reader
from gristmill.errors import UserError
from gristmill.parameters.explain import at
from gristmill.parameters.resolve import STEPS, entries, resolve


def missing_files(parameters: dict[str, Any]) -> list[str]:
    """A line for each data set, hierarchy or weight file that is not there: which file, from where, to which folder."""
    found = []
    for name, dataset in parameters["datasets"].items():
        try:
            reader(dataset["source"]).files(dataset)
        except UserError as error:
            found.append(f"{at('datasets', name)}: {error}")
            continue
        if not Path(dataset["path"]).exists():
            found.append(f"{at('datasets', name, 'path')}: {dataset['path']} is not there")
    if any("hierarchy" in task for task in parameters["tasks"].values()):
        from gristmill.pipelines.hierarchy import unfit_hierarchies

        found += unfit_hierarchies(parameters)
    for name, (kind, _) in entries(parameters).items():
        init = resolve(parameters, name, STEPS[kind][0])["network"]["init"]
        if init != "random" and not Path(init).is_file():
            place = at(kind, name, "network", "init")
            found.append(f"{place}: {init}: no such file; give a weight file, or random")
    return found
