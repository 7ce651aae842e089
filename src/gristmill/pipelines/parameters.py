"""The settings of all steps, in the places where Kedro's nodes look for theirs."""

from typing import Any

from gristmill.errors import UserError
from gristmill.parameters.check import problems
from gristmill.parameters.resolve import resolve_all


def checked(parameters: dict[str, Any]) -> dict[str, Any]:
    """The content of params.yaml, when nothing is wrong with it.

    Raises:
        UserError: the first problem, and how many there are.
    """
    found = problems(parameters)
    if found:
        more = f" (and {len(found) - 1} more: gristmill check)" if len(found) > 1 else ""
        raise UserError(found[0] + more)
    return parameters


def for_nodes(parameters: dict[str, Any]) -> dict[str, Any]:
    """From the content of params.yaml to Kedro's parameters.

    Returns:
        `datasets`, `tasks`: name -> settings; for each method experiment -> step -> settings, the namespace that the
        nodes of an experiment have; `figures`; `runs` and `pretrainings`: lists, leaves for Kedro, with all of every
        experiment; `probes`, `probed`.
    """
    settings = resolve_all(checked(parameters))
    shared = ("datasets", "tasks", "figures", "runs", "pretrainings", "probes", "probed")
    places: dict[str, Any] = {key: settings[key] for key in shared}
    for run in settings["runs"] + settings["pretrainings"]:
        steps = settings["experiments"][run["experiment"]]
        places.setdefault(run["method"], {})[run["experiment"]] = steps
    return places
