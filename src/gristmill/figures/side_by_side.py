"""Methods one below the other, by what they are told: seeds as points beside their mean."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, Style, shown, style, themed


def grouped_dots(
    runs: pd.DataFrame, groups: Mapping[str, Sequence[str]], panels: Mapping[str, str], level: str, mode: Mode = LIGHT
) -> Figure:
    """A panel a figure of merit, a line a method, lines in groups under the group's name.

    Args:
        runs: columns title, look and family (of the theme), seed and the figures of merit.
        groups: heading -> titles, from top to bottom.
        panels: column -> what stands above its panel.
        level: title whose mean is drawn through all lines; empty: none.
    """
    lines = [line for name, titles in groups.items() for line in ((name, ""), *((name, title) for title in titles))]
    with themed(mode):
        figure = Figure(figsize=(6.5, 0.7 + 0.235 * len(lines)), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, (column, above) in zip(axes, panels.items(), strict=True):
            middle = runs.loc[runs["title"] == level, column].dropna()
            if len(middle):
                panel.axvline(float(middle.mean()), color=mode.pale, dashes=(2, 2), linewidth=1, zorder=1)
            for place, (_, title) in enumerate(lines):
                own = runs.loc[runs["title"] == title]
                if len(own):
                    look = style(str(own["look"].iloc[0]), mode, str(own["family"].iloc[0]))
                    draw_line(panel, place, own[column].dropna().to_numpy(float), look, mode)
            panel.set(title=shown(above), xlim=(0, 1), ylim=(len(lines) - 0.4, -0.6))
            panel.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])
            panel.tick_params(axis="y", length=0)
            panel.grid(axis="x", linewidth=0.6)
            panel.spines["left"].set_visible(False)
        name_lines(axes[0], lines, mode)
        return figure


def draw_line(panel: Axes, place: float, values: np.ndarray, look: Style, mode: Mode) -> None:
    """Seeds as small points, their mean as a mark, a whisker of one standard deviation and a number."""
    if not len(values):
        return
    if len(values) > 1:
        panel.plot(values, np.full(len(values), place + 0.27), ".", color=look.color, markersize=2.8, zorder=2)
    spread = [values.std(ddof=1)] if len(values) > 1 else None
    panel.errorbar([values.mean()], [place], xerr=spread, fmt=look.marker, color=look.color, markersize=5.5,
                   elinewidth=1.2, capsize=2.2, zorder=3, clip_on=False)  # fmt: skip
    left, reach = values.mean() > 0.75, values.std(ddof=1) if len(values) > 1 else 0.0
    panel.annotate(f"{values.mean():.2f}", (values.mean() + (-reach if left else reach), place), (-6 if left else 6, 0),
                   textcoords="offset points", ha="right" if left else "left", va="center", fontsize=7.5,
                   color=mode.ink)  # fmt: skip


def name_lines(panel: Axes, lines: Sequence[tuple[str, str]], mode: Mode) -> None:
    """Methods left of the panel; headings, pale and above their own."""
    panel.set_yticks(range(len(lines)), [shown(title or name) for name, title in lines])
    for label, (_, title) in zip(panel.get_yticklabels(), lines, strict=True):
        label.set_fontsize(9)
        if not title:
            label.set_color(mode.pale)
            label.set_fontstyle("italic")
