"""What longer trainings of two views reach, and what they cost."""

import pandas as pd

from gristmill.figures.costs import by_seconds
from gristmill.figures.save import svg
from gristmill.figures.theme import LIGHT, Mode
from gristmill.report.longer_views import LongerViews
from gristmill.report.pictures import Picture
from gristmill.report.results import having
from gristmill.report.sentences import seeds
from gristmill.report.side_by_side import METRICS, SECONDS, look_of, mean_of

PANELS = {  # panel -> experiments: of one line those with one method
    "MoCo and LoGo": ("moco_base", "moco_long", "logo_on_moco"),
    "SimSiam and LoGo": ("simsiam_base", "simsiam_long", "logo_on_simsiam"),
}


def seconds_pictures(longer: LongerViews, mode: Mode = LIGHT) -> list[Picture]:
    """Accuracy by processor seconds, where there are any."""
    found = seconds_picture(longer, mode)
    return [] if found is None else [found]


def picture(longer: LongerViews, name: str, mode: Mode, content: bytes, table: pd.DataFrame, **said: str) -> Picture:
    """One picture; its file is called after the data set."""
    full = f"two_views_{longer.dataset}_{name}"
    file = f"{full}.svg" if mode == LIGHT else f"{full}_{mode.name}.svg"
    data = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return Picture(name=full, section="longer", family="views", data=data, pair="longer views", files={file: content},
                   **said)  # fmt: skip


def seconds_picture(longer: LongerViews, mode: Mode) -> Picture | None:
    """What LoGo reaches beside what it costs."""
    metric, parts = longer.headline, []
    for panel, experiments in PANELS.items():
        own = having(longer.table, "experiment", *experiments)
        if {SECONDS, metric} <= set(own):
            parts.append(own.dropna(subset=[SECONDS, metric]).assign(panel=panel))
    runs = pd.concat(parts) if parts else longer.table.iloc[:0]
    runs = runs.loc[runs[SECONDS] > 0] if len(runs) else runs
    if not len(runs):
        return None
    names = [str(title).partition(", ")[0] for title in runs["title"]]
    runs = runs.assign(name=names, look=[look_of(*run) for run in runs[["method", "title"]].to_numpy()])
    runs = runs.assign(seconds=runs[SECONDS])
    titles = list(dict.fromkeys(runs["title"]))
    told = [f"{t} {mean_of(runs, t, metric):.3f} in {mean_of(runs, t, SECONDS):,.0f} s" for t in titles]
    counts = [len(set(having(runs, "title", title)["seed"])) for title in titles]
    return picture(
        longer, "seconds", mode, svg(by_seconds(runs, metric, METRICS[metric], mode)),
        pd.DataFrame(runs[["panel", "title", "epochs", "seed", "seconds", metric]]),
        title="What a training reaches, and what it costs",
        caption=f"{METRICS[metric]} against processor seconds, on a logarithmic axis. Marks are means over seeds "
        f"({seeds(counts)}), whiskers one standard deviation, numbers epochs; lines join trainings of one method. The "
        "upright axis does not begin at 0.",
        alt="; ".join(told),
    )  # fmt: skip
