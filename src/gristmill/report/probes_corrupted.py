"""What is left of an encoder's accuracy where test images are corrupted."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from gristmill.report.probes import CLEAN, RUN, Question, Scores, joined, split, wide
from gristmill.report.results import having

COUNTED = (  # of Hendrycks & Dietterich, ImageNet-C (1903.12261); it has four more, which never count
    "gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "snow",
    "frost", "fog", "brightness", "contrast", "elastic_transform", "pixelate", "jpeg_compression",
)  # fmt: skip
Normalize = Callable[[Mapping[str, Sequence[float]], float], tuple[float, float]]
"""Corruption -> error at severities 1 to 5, and the error without: mean corruption error and the relative one, in %."""
KEPT, ERROR, LOST, MCE, RELATIVE = "kept", "error", "lost", "mce", "relative_mce"


def corruption_names(question: Question) -> list[str]:
    """Those of the rows, in their order."""
    return [name for name in dict.fromkeys(question.rows["corruption"]) if name != CLEAN]


def counted(question: Question) -> list[str]:
    """Those that means are over: the 15 of ImageNet-C where all are there, else all."""
    there = corruption_names(question)
    return [name for name in there if name in COUNTED] if {*COUNTED} <= {*there} else there


def severities(question: Question) -> list[int]:
    """Rising, without 0."""
    return sorted({int(level) for level in question.rows["severity"]} - {0})


def corrupted_scores(question: Question, protocol: str, normalize: Normalize | None = None) -> Scores:
    """Accuracy without corruption, mean errors over all corruptions and severities, accuracy under each corruption.

    A run that lacks one of the corruptions and severities that others have has no means: they would not compare.

    Args:
        normalize: mean corruption errors as parts of a reference's; only for the images that it was measured on.

    Returns:
        Figures `clean`, ERROR (mean over corruptions and severities), LOST (mean of the error minus that without), with
        `normalize` MCE and RELATIVE, then a column a corruption: mean accuracy over severities. `rows` has KEPT too,
        1 - ERROR.
    """
    own = having(question.rows, "protocol", protocol)
    cell = joined(own["corruption"], map(int, own["severity"]))
    cells = wide(own, cell)
    names = [name for name in corruption_names(question) if name in set(own["corruption"])]
    levels = {name: [key for key in dict.fromkeys(cell) if key.startswith(f"{name}|")] for name in names}
    table = cells[RUN].assign(clean=cells[f"{CLEAN}|0"] if f"{CLEAN}|0" in cells else float("nan"))
    table[KEPT] = cells[[key for name in counted(question) for key in levels.get(name, [])]].mean(axis=1, skipna=False)
    table[ERROR], table[LOST] = 1 - table[KEPT], table["clean"] - table[KEPT]
    columns = {"clean": "clean", ERROR: "mean error", LOST: "lost"}
    if normalize is not None:
        runs = cells.to_dict("records")
        errors = [{name: sorted_errors(run, levels[name]) for name in counted(question)} for run in runs]
        both = [normalize(error, 1 - clean) for error, clean in zip(errors, table["clean"], strict=True)]
        table[MCE], table[RELATIVE] = ([pair[place] for pair in both] for place in (0, 1))
        columns |= {MCE: "mCE, %", RELATIVE: "relative mCE, %"}
    for name in names:
        table[name] = cells[levels[name]].mean(axis=1, skipna=False)
        columns[name] = name.replace("_", " ")
    return Scores(table, columns, frozenset({ERROR, MCE}), frozenset({LOST, RELATIVE}))


def sorted_errors(run: Mapping[str, float], keys: Sequence[str]) -> list[float]:
    """Errors by rising severity."""
    return [1 - run[key] for key in sorted(keys, key=lambda key: int(key.rpartition("|")[2]))]


def mean_over_corruptions(question: Question) -> pd.DataFrame:
    """RUN, protocol, severity, value: mean accuracy over the corruptions that count; severity 0 is without any."""
    kept = having(question.rows, "corruption", *counted(question))
    parts = [having(question.rows, "corruption", CLEAN)]
    for own in split(kept, ["protocol", "severity"]):
        table = wide(own, [*own["corruption"]])
        value = table[list(dict.fromkeys(own["corruption"]))].mean(axis=1, skipna=False)
        protocol, severity = own["protocol"].iloc[0], own["severity"].iloc[0]
        parts.append(table[RUN].assign(protocol=protocol, severity=severity, value=value))
    found = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return found.reindex(columns=[*RUN, "protocol", "severity", "value"])
