"""How all pictures look: two modes, and one color, mark and line a method.

The coarse-label family is warm, the few-label family blue, methods without labels are green, floors are gray; upper
bounds and methods with all labels have the color of ink. Marks and dashes repeat what the color says, for eyes and
printers that do not tell colors apart; they differ within a family.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import seaborn

INK, PALE, GRID = "#1f2329", "#5b636e", "#d5d9df"  # of the light mode; the page swaps them for its own


@dataclass(frozen=True)
class Mode:
    """Colors of what is no data.

    Attributes:
        ink: lines and words.
        pale: what explains.
        grid: what guides the eye.
        paper: what the figure lies on; images of one channel go from paper (0) to ink (255).
    """

    name: str
    ink: str
    pale: str
    grid: str
    paper: str


LIGHT = Mode("light", INK, PALE, GRID, "#ffffff")
DARK = Mode("dark", "#e8eaed", "#a3abb5", "#3a4049", "#15181d")


@dataclass(frozen=True)
class Style:
    """A method's color, mark and dashes (lengths of line and gap; empty: solid)."""

    color: str
    marker: str
    dashes: tuple[float, ...] = ()


COARSE = {
    "raw pixels": Style("#7d8590", "x", (1, 1.5)),
    "untrained network": Style("#7d8590", "+", (4, 1.5)),
    "SupCon (queue)": Style("#a8459a", "v", (5, 1.5)),
    "SelfCon": Style("#d6558a", "^", (3, 1)),
    "Grafit": Style("#a0672b", "s", (5, 1, 1, 1)),
    "SupCE": Style("#b8860b", "D", (2, 1)),
    "CoIns": Style("#d9730d", "P"),
    "MaskCon": Style("#d7263d", "o"),
    "SupFine": Style(INK, "*", (7, 1.5, 1.5, 1.5)),
    "SupFine (contrast)": Style(INK, "h", (9, 2)),
}
FEW = {
    "Supervised": Style("#64748b", "s", (1, 1.2)),
    "PseudoLabel": Style("#2c9dc2", "P", (2, 1)),
    "FixMatch": Style("#1f6fd0", "D", (5, 1.5)),
    "USADTM": Style("#14918f", "v", (3, 1, 1, 1)),
    "DASO": Style("#7a5cf0", "o"),
}
VIEWS = {
    "SimCLR": Style("#12925a", "o"),
    "MoCo": Style("#6f8c10", "D", (5, 1.5)),
    "SimSiam": Style("#0b8f8a", "s", (2, 1)),
    "BYOL": Style("#4f8a3c", "^", (3, 1, 1, 1)),
    "LoGo-MoCo": Style("#8f8718", "P", (1, 1.2)),
    "LoGo-SimSiam": Style("#2a9489", "v", (6, 1.5)),
    "SupCon": Style(INK, "H", (9, 2)),
    "SupCon (batch)": Style(INK, "h", (4, 1, 1, 1)),
    "Cross entropy": Style(INK, "*", (7, 1.5, 1.5, 1.5)),
}
STYLES = COARSE | FEW | VIEWS
CALLED = {"MoCo + LoGo": "LoGo-MoCo", "SimSiam + LoGo": "LoGo-SimSiam", "cross entropy": "Cross entropy"}  # other names
KINDS = {  # of pseudo-labels in one run
    "linear": Style("#1f6fd0", "s", (2, 1)),
    "semantic": Style("#cc7a00", "^", (5, 1.5)),
    "final": Style(INK, "o"),
}
SPARES = {  # for titles that are not listed, by family
    "coarse": (Style("#c05a5a", "<", (2, 2)), Style("#c98a52", ">", (4, 2)), Style("#a55f7a", "p", (6, 2))),
    "few": (Style("#4a86a8", "<", (2, 2)), Style("#5b83d6", ">", (4, 2)), Style("#5d8f86", "p", (6, 2))),
    "views": (Style("#55936a", "<", (2, 2)), Style("#7d8c46", ">", (4, 2)), Style("#4a9083", "p", (6, 2))),
}
DASHES = ((), (4, 1.5), (1, 1.2), (6, 1.5, 1, 1.5))


def style(title: str, mode: Mode = LIGHT, family: str = "coarse") -> Style:
    """The look of a method, by its title; further words may follow the title after a comma."""
    name = title.partition(",")[0]
    found = STYLES.get(title) or STYLES.get(CALLED.get(name, name))
    if found is None:
        spare = SPARES[family]
        found = spare[sum(title.encode()) % len(spare)]
    return inked(found, mode)


def inked(look: Style, mode: Mode) -> Style:
    """A look that has the color of ink, in the mode's."""
    return Style(mode.ink, look.marker, look.dashes) if look.color == INK else look


def styles(titles: Iterable[str], mode: Mode = LIGHT, family: str = "coarse") -> dict[str, Style]:
    """The looks of several lines: those of one method differ in their dashes."""
    looks: dict[str, Style] = {}
    for title in titles:
        own = style(title, mode, family)
        same = [look for look in looks.values() if (look.color, look.marker) == (own.color, own.marker)]
        looks[title] = Style(own.color, own.marker, DASHES[len(same) % len(DASHES)]) if same else own
    return looks


def fine_colors(count: int) -> list[tuple[float, float, float]]:
    """So many colors that are told apart without seeing all hues (ten at most, then they come again)."""
    palette = seaborn.color_palette("colorblind")
    return [palette[i % len(palette)] for i in range(count)]


def shown(words: str) -> str:
    """Words as Matplotlib shall write them: a dollar sign is no mathematics."""
    return words.replace("$", r"\$")


@contextmanager
def themed(mode: Mode = LIGHT) -> Iterator[None]:
    """Draw and save in here; nothing outside changes."""
    own: dict[Any, Any] = {
        **seaborn.axes_style("ticks"),
        **seaborn.plotting_context("paper"),
        **{f"{what}.color": mode.ink for what in ("text", "xtick", "ytick")},
        **{f"axes.{what}color": mode.ink for what in ("label", "title")},
        "axes.edgecolor": mode.pale,
        "xtick.color": mode.pale,
        "ytick.color": mode.pale,
        "xtick.labelcolor": mode.ink,
        "ytick.labelcolor": mode.ink,
        "grid.color": mode.grid,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10,
        "axes.labelsize": 10,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "xtick.labelsize": 9,
        "ytick.labelsize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "svg.fonttype": "none",  # words stay words: found, read aloud, in the color of the page
        "svg.hashsalt": "gristmill",  # else ids are random
    }
    with matplotlib.rc_context(own):
        yield
