"""What more epochs change: methods trained for short and for long, seed by seed."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, style, themed


def short_and_long(runs: pd.DataFrame, panels: Mapping[str, str], mode: Mode = LIGHT) -> Figure:
    """A panel a figure of merit; a thin line a seed, a thick one their mean with its standard deviation.

    Args:
        runs: columns title, epochs, seed and the figures of merit.
        panels: column -> what stands above its panel.
    """
    titles = list(dict.fromkeys(runs["title"]))
    epochs = sorted(set(runs["epochs"]))
    with themed(mode):
        figure = Figure(figsize=(6.5, 2.9), layout="constrained")
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for panel, (column, name) in zip(axes, panels.items(), strict=True):
            ends = {title: draw_lines(panel, runs.loc[runs["title"] == title], column, title, mode) for title in titles}
            panel.set(title=shown(name), xlabel="epochs")
            panel.set_xticks(epochs, [f"{number:g}" for number in epochs])
            if len(epochs) > 1:
                span = epochs[-1] - epochs[0]
                panel.set_xlim(epochs[0] - 0.22 * span, epochs[-1] + 0.22 * span)
            panel.margins(y=0.16)
            write_values(panel, ends, mode)
        for title in titles:
            look = style(title, mode)
            panel.plot([], [], color=look.color, marker=look.marker, linewidth=2, label=shown(title))
        figure.legend(*panel.get_legend_handles_labels(), loc="outside lower center", ncols=len(titles), frameon=False)
        return figure


def draw_lines(panel: Axes, runs: pd.DataFrame, column: str, title: str, mode: Mode) -> dict[float, float]:
    """One method's lines; epochs -> mean."""
    look = style(title, mode)
    for _, own in runs.dropna(subset=[column]).sort_values("epochs").groupby("seed"):
        panel.plot(own["epochs"], own[column], color=look.color, linewidth=0.8, alpha=0.45, zorder=2)
    values = {epochs: own[column].dropna().to_numpy(float) for epochs, own in runs.groupby("epochs")}
    mean = {float(str(epochs)): float(own.mean()) for epochs, own in values.items() if len(own)}
    spread = [float(own.std(ddof=1)) if len(own) > 1 else 0.0 for own in values.values() if len(own)]
    panel.errorbar(
        list(mean), list(mean.values()), yerr=spread, color=look.color, marker=look.marker, markersize=6, linewidth=2.2,
        elinewidth=1, capsize=2.5, zorder=3,
    )  # fmt: skip
    return mean


def write_values(panel: Axes, ends: Mapping[str, Mapping[float, float]], mode: Mode) -> None:
    """The means in numbers, above the higher and below the lower of each pair."""
    for epochs in dict.fromkeys(number for own in ends.values() for number in own):
        values = sorted(own[epochs] for own in ends.values() if epochs in own)
        for place, value in enumerate(values):
            low = place == 0 and len(values) > 1
            panel.annotate(
                f"{value:.3f}", (epochs, value), (0, -11 if low else 11), textcoords="offset points",
                ha="center", va="top" if low else "bottom", fontsize=9, color=mode.ink,
            )  # fmt: skip
