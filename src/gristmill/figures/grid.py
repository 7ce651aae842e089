"""What a setting changes: Recall@1 against it, a curve a method, levels of what does not have it."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.curves import apart
from gristmill.figures.theme import LIGHT, Mode, shown, style, themed


def w_curves(table: pd.DataFrame, ends: Mapping[str, str], start: str, mode: Mode = LIGHT) -> Figure:
    """Recall@1 against w, the weight of the labels' part.

    Args:
        table: columns title, w, n, mean, sd (NaN where n is 1).
        ends: title -> what it is at w = 1, where that has a name.
        start: what all are at w = 0.
    """
    with themed(mode):
        figure, panel = one_panel()
        names = {}
        for title, rows in table.sort_values("w").groupby("title", sort=False):
            draw_curve(panel, rows, "w", str(title), mode)
            last = rows.iloc[-1]
            other = f" (at 1: {ends[str(title)]})" if str(title) in ends and last["w"] == 1 else ""
            names[str(title)] = (float(last["w"]), float(last["mean"]), f"{title}{other}")
        panel.set(xlim=(-0.04, 1.75), xlabel="w, weight of the labels' part", ylabel="Recall@1")
        ticks = sorted({0.0, 1.0, *table["w"]})
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        fit_heights(panel, table, [])
        name_curves(panel, names, 1.08, mode)
        first = table.loc[table["w"] == 0]
        if len(first):
            row = first.iloc[0]
            low = row["mean"] - (0 if pd.isna(row["sd"]) else row["sd"])
            below = {"xytext": (-6, -6), "textcoords": "offset points", "va": "top"}
            panel.annotate(shown(f"at 0: {start}"), (0, low), fontsize=9, **below)
        panel.spines["bottom"].set_bounds(0, 1)
        panel.xaxis.set_label_coords(0.5 / 1.79, -0.13)
        return figure


def t2_curve(table: pd.DataFrame, levels: pd.DataFrame, mode: Mode = LIGHT) -> Figure:
    """Recall@1 against T2, the temperature of the soft targets, on a logarithmic axis.

    Args:
        table: columns title, T2, n, mean, sd; one title, one row or more.
        levels: columns title, label, n, mean, sd: what does not depend on T2, drawn as lines with one deviation.
    """
    with themed(mode):
        figure, panel = one_panel()
        low, high = float(table["T2"].to_numpy().min()), float(table["T2"].to_numpy().max())
        right = high * (high / low) ** 0.06
        names = {}
        for title, rows in table.sort_values("T2").groupby("title", sort=False):
            draw_curve(panel, rows, "T2", str(title), mode)
            names[str(title)] = (high, float(rows.iloc[-1]["mean"]), str(title))
        for row in levels.to_dict("records"):
            look, mean, spread = style(row["title"], mode), float(row["mean"]), 0 if pd.isna(row["sd"]) else row["sd"]
            panel.fill_between([low, right], mean - spread, mean + spread, color=look.color, alpha=0.13, linewidth=0)
            panel.plot([low, right], [mean] * 2, color=look.color, dashes=look.dashes or (None, None), linewidth=1.3)
            names[row["title"]] = (right, mean, row["label"])
        panel.set_xscale("log")
        ticks = sorted(set(table["T2"]))
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        panel.minorticks_off()
        panel.set(xlabel="T2, temperature of the soft targets", ylabel="Recall@1")
        panel.set_xlim(low / 1.15, high * max(high / low, 2) ** 0.55)
        panel.spines["bottom"].set_bounds(low, high)
        panel.xaxis.set_label_coords(0.31, -0.13)
        fit_heights(panel, table, [*levels["mean"]])
        name_curves(panel, names, right * 1.02, mode)
        return figure


def one_panel() -> tuple[Figure, Axes]:
    """Half as high as wide."""
    figure = Figure(figsize=(6.5, 3.1), layout="constrained")
    return figure, figure.subplots()


def draw_curve(panel: Axes, rows: pd.DataFrame, column: str, title: str, mode: Mode) -> None:
    """Means with their standard deviations, joined."""
    look = style(title, mode)
    panel.errorbar(
        rows[column], rows["mean"], yerr=rows["sd"].fillna(0), color=look.color, marker=look.marker, markersize=5.5,
        linewidth=1.6, elinewidth=1, capsize=2.5, zorder=3,
    )  # fmt: skip


def fit_heights(panel: Axes, table: pd.DataFrame, others: Sequence[float]) -> None:
    """The heights in use, with room for whiskers and words."""
    spread = table["sd"].fillna(0)
    values = [*(table["mean"] - spread), *(table["mean"] + spread), *others]
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = 0.12 * (high - low) or 0.05
    panel.set_ylim(low - margin, high + margin)


def name_curves(panel: Axes, names: Mapping[str, tuple[float, float, str]], x: float, mode: Mode) -> None:
    """Names right of the curves, moved apart where they would lie on each other.

    Args:
        names: title -> where its curve ends (x, height) and what is written.
        x: where the names begin.
    """
    low, high = panel.get_ylim()
    order = sorted(names, key=lambda title: names[title][1])
    places = apart([(names[title][1] - low) / (high - low) for title in order], 1 / 13)
    for title, place in zip(order, places, strict=True):
        end, height, words = names[title]
        look, y = style(title, mode), low + place * (high - low)
        panel.plot([end, x], [height, y], color=mode.grid, linewidth=0.8, zorder=1)
        panel.plot([x], [y], look.marker, color=look.color, markersize=4.5)
        panel.annotate(shown(words), (x, y), (6, 0), textcoords="offset points", va="center", fontsize=9)
