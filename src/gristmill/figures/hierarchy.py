"""A hierarchy down to the cut that makes a task's coarse classes."""

from collections.abc import Iterator, Sequence
from itertools import count

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, themed
from gristmill.labels.sketch import Branch, Sketch

MOST = 240  # rows; more are not drawn, and a last row says how many
WIDTH, STEP = 6.5, 0.15  # inches: the figure, one level
LONGEST, BEHIND = 0.62, 1.1  # inches: the longest bar; from where bars begin to the names of classes
FARTHEST = 3.4  # inches from the left: where bars begin at most
MARK = "#3b75af"


def hierarchy_tree(tree: Sketch, mode: Mode = LIGHT) -> Figure:
    """A row a node, from the top down; a node of the cut has a mark, its number of classes and some of their names.

    Args:
        tree: as `labels.sketch` makes it. Nodes with one branch are left out but for the lowest.
    """
    rows = list(tree.rows())
    left, rows = len(rows) - MOST, rows[:MOST]
    height = 0.2 if len(rows) < 60 else 0.165  # inches a row
    size = 8.5 if len(rows) < 60 else 7.5
    with themed(mode):
        total = (len(rows) + (left > 0)) * height + 0.1
        figure = Figure(figsize=(WIDTH, total))
        panel = figure.add_axes((0, 0, 1, 1))
        panel.set(xlim=(0, WIDTH), ylim=(total / height - 0.5, -0.5))  # x in inches, y in rows
        panel.set_axis_off()
        for x, first, last in elbows([level for level, _ in rows]):
            panel.plot([x, x], [first, last], color=mode.grid, linewidth=0.9, zorder=1)
        bars = min(max((name_end(level, branch, size) for level, branch in rows), default=0), FARTHEST)
        for place, (level, branch) in enumerate(rows):
            draw_name(panel, place, level, branch, bars, size, mode)
        decided = {place: branch for place, (_, branch) in enumerate(rows) if branch.label is not None}
        most = max((len(branch.classes) for branch in decided.values()), default=1)
        for place, branch in decided.items():
            draw_classes(panel, place, branch, tree.labels, bars, LONGEST * len(branch.classes) / most, size, mode)
        if left > 0:
            panel.text(0.1, len(rows), f"and {left} more", fontsize=size, color=mode.pale, va="center")
        return figure


def name_end(level: int, branch: Branch, size: float) -> float:
    """Inches from the left to where a node's name is written."""
    return 0.35 + level * STEP + len(branch.names[-1]) * size * 0.0085


def draw_name(panel: Axes, place: int, level: int, branch: Branch, bars: float, size: float, mode: Mode) -> None:
    """A node: its dot, its name, the line to what is above it."""
    x, of_cut = 0.1 + level * STEP, branch.label is not None
    if level:
        panel.plot([x - STEP, x - 0.05], [place, place], color=mode.grid, linewidth=0.9, zorder=1)
    panel.plot(x, place, "o", color=MARK if of_cut else mode.grid, markersize=4.5 if of_cut else 2.5, zorder=2)
    weight, color = ("bold", mode.ink) if of_cut else ("normal", mode.pale)
    name = cut_off(readable(branch.names[-1]), int((bars - x - 0.2) / (size * 0.0078)))
    panel.text(x + 0.09, place, shown(name), fontsize=size, color=color, weight=weight, va="center")


def draw_classes(
    panel: Axes, place: int, branch: Branch, labels: Sequence[str], bars: float, long: float, size: float, mode: Mode
) -> None:
    """What a node of the cut decides: a bar and the number of classes, its coarse class if called otherwise, names."""
    panel.barh(place, long, left=bars, height=0.5, color=MARK, alpha=0.75, linewidth=0, zorder=1)
    panel.text(bars + long + 0.05, place, f"{len(branch.classes):,}", fontsize=size, color=mode.ink, va="center")
    label = readable(labels[branch.label or 0])
    told = "" if label == readable(branch.names[-1]) else f"{label}: "
    names = bars + BEHIND
    words = cut_off(told + ", ".join(map(readable, branch.classes)), int((WIDTH - names) / (size * 0.0072)))
    panel.text(names, place, shown(words), fontsize=size - 1, color=mode.pale, va="center")


def elbows(levels: Sequence[int]) -> Iterator[tuple[float, int, int]]:
    """The upright lines between nodes and their branches: x in inches, first and last row."""
    for place, level in enumerate(levels):
        last = place
        for below in count(place + 1):
            if below == len(levels) or levels[below] <= level:
                break
            if levels[below] == level + 1:
                last = below
        if last > place:
            yield 0.1 + level * STEP, place, last


def readable(name: str) -> str:
    """A name with blanks for underscores."""
    return name.replace("_", " ")


def cut_off(words: str, most: int) -> str:
    """Words that fit."""
    return words if len(words) <= most else words[: max(most - 1, 1)].rstrip(" ,") + "…"
