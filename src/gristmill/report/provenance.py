"""Where each number comes from."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("gristmill", "torch", "numpy", "pandas", "scikit-learn", "matplotlib", "seaborn", "kedro", "dvc")


@dataclass(frozen=True)
class Origin:
    """Of one experiment.

    Attributes:
        files: path -> md5 as DVC recorded it, empty where it did not.
        state: empty, or why its numbers are not those of the settings: `stale`, `not run`, with the reason.
        settings: dotted name, as in params.yaml -> value, of training and evaluation.
    """

    experiment: str
    title: str
    seeds: str
    files: dict[str, str]
    state: str
    settings: dict[str, str]


def origins(
    runs: Sequence[dict[str, Any]], files: Mapping[str, dict[str, str]], states: Mapping[str, str]
) -> list[Origin]:
    """One entry an experiment.

    Args:
        runs: what params.yaml says of each.
        files: experiment -> path -> md5.
        states: experiment -> what is wrong with its results; without those that are as they should be.
    """
    return [
        Origin(
            experiment=run["experiment"],
            title=run["title"],
            seeds=", ".join(str(seed) for seed in sorted(run["seeds"])),
            files=dict(files.get(run["experiment"], {})),
            state=states.get(run["experiment"], ""),
            settings=flat({"start": run.get("start"), **run.get("train", {}), "evaluate": run.get("evaluate", {})}),
        )
        for run in runs
    ]


def flat(values: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Nested settings as dotted names and text; what has no influence (None) is left out."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{name}.")
        elif value is not None:
            found[before + name] = f"{value:g}" if isinstance(value, float) else str(value)
    return found


def versions() -> dict[str, str]:
    """Python and the packages that make the numbers, as installed where the page is made."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine(runs: Sequence[dict[str, Any]], bf16: bool) -> dict[str, str]:
    """What else decides the bits: processor, threads, precision.

    Args:
        bf16: whether `precision: auto` means bf16 where the page is made.
    """
    trained = [run["train"]["train"] for run in runs if "batch" in run.get("train", {}).get("train", {})]
    precisions = {row["precision"] for row in trained}
    auto = "bf16 (auto)" if bf16 else "fp32 (auto)"
    named = sorted(auto if precision == "auto" else precision for precision in precisions)
    threads = sorted({row["threads"] for row in trained})
    found = {"processor": platform.machine()}
    if trained:
        found |= {"threads": " or ".join(map(str, threads)), "precision": " or ".join(named)}
    return found
