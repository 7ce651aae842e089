"""Pictures of pseudo-labels: how right they are, by class and over a training, and what balances them."""

import numpy as np
import pandas as pd

from gristmill.evaluate.classification import grouped
from gristmill.figures.blending import blending
from gristmill.figures.courses import courses
from gristmill.figures.per_class import class_rates
from gristmill.figures.save import svg
from gristmill.figures.theme import KINDS, styles
from gristmill.report.class_runs import (
    RATES,
    ClassRuns,
    listed_rows,
    parts_by_seed,
    rates_by_class,
)
from gristmill.report.draw_look import in_both
from gristmill.report.pictures import Picture
from gristmill.report.sentences import seeds
from gristmill.report.separation import some_seeds

WHICH = (
    "Counted are all labels given between the last two evaluations, used or not, by the network in training (not its "
    "moving average) on weak views."
)
POINTS = "Marks are means over seeds, pale points the seeds"
USED = {"final_used": "Share of labels used", "final_used_accuracy": "Accuracy of those used"}


def label_pictures(runs: ClassRuns, dpi: float) -> list[Picture]:
    """Those that the histories of a task have something for."""
    found = [quality_picture(runs), *(kinds_picture(runs, title) for title in runs.histories)]
    found += [recall_course(runs), used_course(runs)]
    found += [blending_picture(runs, title, dpi) for title in runs.histories]
    return [picture for picture in found if picture is not None]


def slug_of(runs: ClassRuns, title: str) -> str:
    """What tells a method's picture apart in the name of a file: its place among the task's methods."""
    return f"{runs.task}_{list(runs.histories).index(title)}"


def grouping(runs: ClassRuns) -> str:
    """What a caption says of the columns."""
    if runs.many:
        return "Means over the classes of head (three tenths, most labels), middle and tail (three tenths)."
    return "Classes from head to tail by their labels."


def of_seeds(rows: pd.DataFrame) -> str:
    """`n = 3`, from the seeds of each line."""
    return seeds(rows.groupby("line")["seed"].nunique())


def quality_picture(runs: ClassRuns) -> Picture | None:
    """Recall and precision of the final labels, all methods."""
    chosen = {
        title: (history, {rate: f"final_{column}" for rate, column in RATES.items()})
        for title, history in runs.histories.items()
    }
    rows = rates_by_class(runs, chosen)
    if not len(rows):
        return None
    name, looks = f"labels_{runs.task}", styles(dict.fromkeys(rows["line"]), family="few")
    drawn = class_rates(rows, runs.columns, looks, runs.parts)
    parts = {title: parts_by_seed(runs, runs.histories[title], "final_recalls").mean() for title in looks}
    return Picture(
        name=name,
        section="figures",
        title=f"Pseudo-labels by class: {runs.title}",
        caption=f"How many images of a class get its label (recall), and how many with its label are of it "
        f"(precision). {WHICH} {grouping(runs)} {POINTS} ({of_seeds(rows)}).",
        alt="Recall of head, middle and tail: "
        + "; ".join(f"{title} {numbers(part)}" for title, part in parts.items()),
        family="few",
        data=rows.drop(columns="place").to_csv(index=False, float_format="%.6g"),
        files={f"{name}.svg": svg(drawn)},
    )


def numbers(part: pd.Series) -> str:
    """`0.91, 0.85, 0.28`; a dash where there is none."""
    return ", ".join("-" if np.isnan(value) else f"{value:.2f}" for value in part)


def kinds_picture(runs: ClassRuns, title: str) -> Picture | None:
    """Linear, semantic and final labels of one method's runs."""
    history = runs.histories[title]
    kinds = [kind for kind in KINDS if listed_rows(history, f"{kind}_recalls", len(runs.names))]
    if len(kinds) < 2:
        return None
    chosen = {kind: (history, {rate: f"{kind}_{column}" for rate, column in RATES.items()}) for kind in kinds}
    rows, name = rates_by_class(runs, chosen), f"kinds_{slug_of(runs, title)}"
    found = " ".join(shift(runs, history, rate) for rate in RATES)
    return Picture(
        name=name,
        section="figures",
        title=f"{title}: kinds of pseudo-labels, {runs.title}",
        caption=f"Labels of the same images in one run: by the classifier (linear), by likeness to class prototypes "
        f"(semantic), and the blend of both that is learned from (final). {found} {WHICH} "
        f"{grouping(runs)} {POINTS} ({of_seeds(rows)}).",
        alt="Recall of head, middle and tail: "
        + "; ".join(f"{kind} {numbers(parts_by_seed(runs, history, f'{kind}_recalls').mean())}" for kind in kinds),
        family="few",
        data=rows.drop(columns="place").to_csv(index=False, float_format="%.6g"),
        files={f"{name}.svg": svg(class_rates(rows, runs.columns, {kind: KINDS[kind] for kind in kinds}, runs.parts))},
    )


def shift(runs: ClassRuns, history: pd.DataFrame, rate: str) -> str:
    """What changes from linear to semantic labels, in head and tail: means and how many seeds agree."""
    before, after = (parts_by_seed(runs, history, f"{kind}_{RATES[rate]}") for kind in ("linear", "semantic"))
    said = []
    for part in ("head", "tail"):
        change = (after[part] - before[part]).dropna() if len(before) and len(after) else pd.Series(dtype=float)
        if len(change):
            values = change.to_numpy(float)
            way, same = ("higher", values > 0) if values.mean() > 0 else ("lower", values < 0)
            first, second = before[part][change.index].mean(), after[part][change.index].mean()
            often = some_seeds(int(same.sum()), len(values))
            said.append(f"in the {part} {second:.2f} against {first:.2f} ({way} in {often})")
    return f"{rate.capitalize()} of semantic against linear labels: {', '.join(said)}." if said else ""


def recall_course(runs: ClassRuns) -> Picture | None:
    """Recall of final labels by step: all classes, head, tail."""
    count = len(runs.names)
    rows = [
        {"rate": rate, "line": title, "seed": seed, "step": step, "value": value}
        for title, history in runs.histories.items()
        for seed, step, values in listed_rows(history, "final_recalls", count)
        for rate, value in parts_of(values, runs.counts).items()
    ]
    if not rows:
        return None
    order = ["all classes", "head", "tail"]
    table = pd.DataFrame(rows).sort_values("rate", key=lambda rates: rates.map(order.index), kind="stable")
    return course_picture(
        runs,
        table,
        f"labels_course_{runs.task}",
        "Recall of pseudo-labels over the training",
        "How many images of a class get its label, mean over all classes, over the head (three tenths of the classes, "
        "most labels) and over the tail (three tenths, fewest); each value over the steps since the evaluation before, "
        "whether a label was used or not.",
    )


def parts_of(values: list[float | None], counts: np.ndarray) -> dict[str, float]:
    """Means over all classes, head and tail."""
    parts = grouped(values, counts)
    whole = float(np.nanmean(np.array(values, dtype=float)))
    return {"all classes": whole, "head": parts["head"], "tail": parts["tail"]}


def used_course(runs: ClassRuns) -> Picture | None:
    """Mask rate and accuracy of the used labels by step."""
    rows = [
        {"rate": rate, "line": title, "seed": seed, "step": step, "value": value}
        for column, rate in USED.items()
        for title, history in runs.histories.items()
        if column in history
        for seed, step, value in zip(history["seed"], history["step"], history[column], strict=True)
        if pd.notna(value)
    ]
    if not rows:
        return None
    return course_picture(
        runs,
        pd.DataFrame(rows),
        f"used_{runs.task}",
        "Which pseudo-labels are used",
        "Left the share of labels that pass the threshold and are learned from, right how many of those are right; "
        "each value over the steps since the evaluation before. No accuracy where none was used.",
    )


def means(rows: pd.DataFrame) -> str:
    """`recall: FixMatch 0.61, DASO 0.64; precision: ...`: the mean of each line, by rate."""
    return "; ".join(
        f"{rate}: " + ", ".join(f"{line} {each['value'].mean():.2f}" for line, each in own.groupby("line", sort=False))
        for rate, own in rows.groupby("rate", sort=False)
    )


def course_picture(runs: ClassRuns, table: pd.DataFrame, name: str, title: str, what: str) -> Picture:
    """Lines over steps."""
    ends = table.dropna(subset=["value"]).drop_duplicates(["rate", "line", "seed"], keep="last")
    return Picture(
        name=name,
        section="figures",
        title=f"{title}: {runs.title}",
        caption=f"{what} Thick lines are means over seeds, thin ones the seeds ({of_seeds(table)}).",
        alt=f"At the end, {means(ends)}",
        family="few",
        data=table.to_csv(index=False, float_format="%.6g"),
        files={f"{name}.svg": svg(courses(table, styles(dict.fromkeys(table["line"]), family="few")))},
    )


def blending_picture(runs: ClassRuns, title: str, dpi: float) -> Picture | None:
    """Shares of pseudo-labels and blend weights, mean over seeds."""
    history, count = runs.histories[title], len(runs.names)
    means = {name: mean_by_step(listed_rows(history, name, count), count) for name in ("shares", "upsilons")}
    if not len(means["upsilons"]):
        return None
    steps = means["shares"].index.union(means["upsilons"].index)
    shares, weights = (means[name].reindex(steps).to_numpy() for name in means)
    unlabeled = runs.classes["unlabeled"].to_numpy()
    true = unlabeled / unlabeled.sum() if unlabeled.sum() else np.full(count, np.nan)
    before = [step for step in dict.fromkeys(history["step"]) if step < means["upsilons"].index.min()]
    start = max(before, default=None)
    name = f"blending_{slug_of(runs, title)}"
    unknown = " Some unlabeled images have no known class and are not counted." if -1 in set(
        runs.distribution["rank"]) and unlabeled.sum() else ""  # fmt: skip
    data = pd.concat(
        [
            pd.DataFrame(values, columns=pd.Index(runs.names)).assign(what=what, step=at)
            for what, values, at in (("m-hat", shares, steps), ("upsilon", weights, steps), ("true", true[None], [""]))
        ]
    )
    most = [runs.names[place] for place in np.argsort(-np.nan_to_num(weights[-1]), kind="stable")[:3]]
    held = len({seed for seed, _, _ in listed_rows(history, "upsilons", count)})
    return Picture(
        name=name,
        section="figures",
        title=f"{title}: shares and blend weights by class, {runs.title}",
        caption=f"Left the share of the pseudo-labels that each class had in the last window before an evaluation "
        f"(m-hat), beside it its true share of the unlabeled images; right the weight of the semantic label "
        f"that follows from it (upsilon: 0 linear alone, 1 semantic alone). Blending starts after the dashed line; "
        f"gray: no weight yet. Mean over seeds (n = {held}).{unknown}",
        alt=f"At the end the largest blend weights: {', '.join(most)}",
        family="few",
        data=data[["what", "step", *runs.names]].to_csv(index=False, float_format="%.6g"),
        files=in_both(
            lambda mode: blending(steps.to_numpy(), shares, weights, true, runs.names, start, mode), name, dpi
        ),
    )


def mean_by_step(rows: list[tuple[int, int, list[float | None]]], count: int) -> pd.DataFrame:
    """Mean over seeds of lists: a row a step, a column a class; NaN where no seed has a value."""
    values = np.array([values for _, _, values in rows], dtype=float).reshape(-1, count)
    table = pd.DataFrame(values, columns=pd.RangeIndex(count)).assign(step=[step for _, step, _ in rows])
    return table.groupby("step").agg("mean")
