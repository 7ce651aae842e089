"""Pictures of what encoders know of other tasks, with few labels, and of corrupted images."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gristmill.figures.corruption_sheet import corruption_sheet
from gristmill.figures.line_panels import Across, line_panels
from gristmill.figures.save import svg
from gristmill.figures.side_by_side import grouped_dots
from gristmill.figures.theme import DASHES, LIGHT, Mode, Style, style
from gristmill.report.choice import few, two_views
from gristmill.report.draw_look import in_both
from gristmill.report.pictures import Picture
from gristmill.report.probes import CLEAN, Probes, Question, Scores, few_scores, transfer_scores
from gristmill.report.probes_corrupted import (
    KEPT,
    corrupted_scores,
    corruption_names,
    counted,
    mean_over_corruptions,
    severities,
)
from gristmill.report.results import having
from gristmill.report.sentences import seeds
from gristmill.report.side_by_side import look_of
from gristmill.report.words import dataset_name, words

DRAWN = ("supcon", "cross_entropy", "simclr", "moco", "maskcon")  # as lines; where there are none of these others
MOST_LINES, MOST_PANELS = 6, 4
SPREAD = "Marks are means over seeds ({}), whiskers one standard deviation"


def probe_pictures(found: Probes, mode: Mode = LIGHT) -> list[Picture]:
    """Other data, few labels, corrupted images."""
    return [
        *(picture for question in found.transfer for picture in transfer_pictures(question, mode)),
        *(few_picture(question, mode) for question in found.few),
        *(picture for question in found.corrupted for picture in corrupted_pictures(question, mode)),
    ]


def transfer_pictures(question: Question, mode: Mode = LIGHT) -> list[Picture]:
    """Every encoder's figures, at most MOST_PANELS columns in a picture."""
    scores = transfer_scores(question)
    titles = scores.titles()[::-1]
    floors = set(scores.floors["title"])
    trained = f"trained on {dataset_name(question.trained_on)}"
    groups = {"not trained": [title for title in titles if title in floors],
              trained: [title for title in titles if title not in floors]}  # fmt: skip
    runs = scores.rows.assign(
        look=[look_of(*run) for run in scores.rows[["method", "title"]].to_numpy()],
        family=[theme_family(method) for method in scores.rows["method"]],
    )
    several = len(question.about) > 2
    columns = [column for column in scores.columns if several or not column.endswith("|")]
    level = next(iter(scores.means(scores.headline, floors=True)), "")
    line, found = f" The dashed line is {level}." if level else "", []
    for first in range(0, len(columns), MOST_PANELS):
        panels = {column: scores.columns[column] for column in columns[first : first + MOST_PANELS]}
        above = {column: text.replace(", ", "\n") for column, text in panels.items()}
        figure = grouped_dots(runs, {name: own for name, own in groups.items() if own}, above, level, mode)
        name = f"probes_transfer_{question.trained_on}" + (f"_{first // MOST_PANELS + 1}" if first else "")
        caption = f"{SPREAD.format(counts(scores))}, small points below them seeds. Encoders as they were trained; "
        caption += f"only the vote or the linear classifier reads the other data.{line}"
        shown = {"title": "title", "seed": "seed"} | panels
        table = pd.DataFrame({text: scores.rows[name].to_numpy() for name, text in shown.items()})
        alt = f"{next(iter(panels.values()))}: {said(scores, next(iter(panels)))}"
        found.append(picture(name, f"{question.place}: other data", caption, alt, table, figure, mode))
    return found


def few_picture(question: Question, mode: Mode = LIGHT) -> Picture:
    """Accuracy against labels a class."""
    say, scores = words(question.task), few_scores(question)
    rows = question.rows.dropna(subset=["labels"])
    values = lines(by_protocol(rows, question, "labels"), scores)
    across = Across(f"labels a {say.fine}", doubling=True)
    figure = line_panels(values, looks(scores, mode), across, "top-1 accuracy", 2, mode)
    caption = f"{SPREAD.format(counts(scores))}; each step to the right doubles the labels.{left_out(scores)}"
    name, title = f"probes_few_{question.trained_on}_{question.probe}", f"{question.place}: few labels"
    alt = f"Labels a {say.fine}, {scores.columns[scores.headline]}: {said(scores, scores.headline)}"
    return picture(name, title, caption, alt, values, figure, mode)


def corrupted_pictures(question: Question, mode: Mode = LIGHT) -> list[Picture]:
    """Accuracy against severity, over all corruptions and one by one for the first protocol."""
    say, place = words(question.task), question.place
    name, first = f"probes_severity_{question.trained_on}_{question.probe}", next(iter(question.protocols))
    scores = corrupted_scores(question, first)
    across, ways = Across("severity; 0 is without corruption"), len(counted(question))
    mean = lines(by_protocol(mean_over_corruptions(question), question, "severity"), scores)
    each = lines(one_by_one(having(question.rows, "protocol", first)), scores)
    drawn = looks(scores, mode)
    caption = f"{SPREAD.format(counts(scores))}; mean over {ways} corruption{'s' * (ways > 1)}.{left_out(scores)}"
    alt = f"Mean accuracy at severity {severities(question)[0]} to {severities(question)[-1]}, "
    alt += f"{question.protocols[first]}: {said(scores, KEPT)}"
    small = f"By {question.protocols[first]}; marks are means over seeds ({counts(scores)}). Every panel starts at the "
    small += f"accuracy on clean {say.image}s.{left_out(scores)}"
    return [
        picture(name, f"{place}: accuracy by severity", caption, alt, mean,
                line_panels(mean, drawn, across, "top-1 accuracy", 2, mode), mode),
        picture(f"{name}_each", f"{place}: corruption by corruption", small, hardest(scores, question), each,
                line_panels(each, drawn, Across(across.words, small=True), "top-1 accuracy", 5, mode), mode),
    ]  # fmt: skip


def by_protocol(rows: pd.DataFrame, question: Question, at: str) -> pd.DataFrame:
    """A panel a protocol, along this column."""
    return rows.assign(panel=[question.protocols[name] for name in rows["protocol"]], at=rows[at])


def one_by_one(rows: pd.DataFrame) -> pd.DataFrame:
    """A panel a corruption; what is clean starts each of them."""
    clean = having(rows, "corruption", CLEAN)
    names = [name for name in dict.fromkeys(rows["corruption"]) if name != CLEAN]
    panels = {name.replace("_", " "): pd.concat([clean, having(rows, "corruption", name)]) for name in names}
    found = pd.concat([own.assign(panel=panel) for panel, own in panels.items()], ignore_index=True)
    return found.assign(at=found["severity"])


def corruptions_picture(
    image: np.ndarray, corrupted: Mapping[str, Sequence[np.ndarray] | np.ndarray], dataset: str, dpi: float
) -> Picture:
    """One test image under all corruptions.

    Args:
        image: H x W x C uint8.
        corrupted: name -> images by rising severity.
        dataset: that it is from.
    """
    name, say = f"probes_sheet_{dataset}", words(f"{dataset}_fine")
    return Picture(
        name=name,
        section="look",
        title=f"{dataset_name(dataset)}: what corruption looks like",
        caption=f"One test {say.image} as it is, and under each corruption; severity rises to the right. Encoders "
        "never saw such images in training.",
        alt=f"Rows of one {say.image}: " + ", ".join(each.replace("_", " ") for each in corrupted),
        family="probes",
        files=in_both(lambda mode: corruption_sheet(image, corrupted, mode), name, dpi),
    )


def picture(
    name: str, title: str, caption: str, alt: str, data: pd.DataFrame, figure: Figure, mode: Mode
) -> Picture:
    """One drawing of this family."""
    file = f"{name}.svg" if mode == LIGHT else f"{name}_{mode.name}.svg"
    table = data.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    files = {file: svg(figure)}
    return Picture(name, "figures", title, caption, alt, data=table, family="probes", files=files)


def drawn_titles(scores: Scores) -> list[str]:
    """One title for each of DRAWN, its highest; the highest others where there are none of these. Floors behind."""
    trained, means = scores.trained, scores.means(scores.headline)
    method = dict(zip(trained["title"], trained["method"], strict=True))
    ours = {one: next((title for title in means if method[title] == one), "") for one in DRAWN}
    found = [title for title in ours.values() if title] or list(means)[:MOST_LINES]
    return [*found, *dict.fromkeys(scores.floors["title"])]


def looks(scores: Scores, mode: Mode) -> dict[str, Style]:
    """Title -> look, of what is drawn as lines; those of one method differ in their dashes."""
    method, found = dict(zip(scores.rows["title"], scores.rows["method"], strict=True)), {}
    for title in drawn_titles(scores):
        own = style(look_of(method[title], title), mode, theme_family(method[title]))
        same = sum((look.color, look.marker) == (own.color, own.marker) for look in found.values())
        found[title] = Style(own.color, own.marker, DASHES[same % len(DASHES)]) if same else own
    return found


def theme_family(method: str) -> str:
    """By which the theme colors methods that it has no look for."""
    return "views" if two_views(method) else "few" if few(method) else "coarse"


def lines(rows: pd.DataFrame, scores: Scores) -> pd.DataFrame:
    """What is drawn: panel, line, seed, at, value."""
    own = having(rows, "title", *drawn_titles(scores))
    names = {"panel": "panel", "line": "title", "seed": "seed", "at": "at", "value": "value"}
    return pd.DataFrame({name: own[column].to_numpy() for name, column in names.items()})


def left_out(scores: Scores) -> str:
    """That a figure has fewer lines than the table has rows."""
    count = len(set(scores.rows["title"])) - len(drawn_titles(scores))
    return f" {count} more method{'s stand' if count > 1 else ' stands'} in the table alone." if count else ""


def said(scores: Scores, column: str) -> str:
    """`SupCon 0.801, raw pixels 0.300`."""
    means = scores.means(column) | scores.means(column, floors=True)
    return ", ".join(f"{title} {mean:.3f}" for title, mean in means.items()) or "nothing was measured"


def hardest(scores: Scores, question: Question) -> str:
    """Corruptions by what trained encoders keep, the hardest first."""
    names = [name for name in corruption_names(question) if name in scores.columns]
    means = {name: float(np.mean([*scores.means(name).values()] or [np.nan])) for name in names}
    order = sorted(means, key=means.__getitem__)
    told = [f"{scores.columns[name]} {means[name]:.3f}" for name in order]
    return f"Mean accuracy of trained encoders: {', '.join(told)}"


def counts(scores: Scores) -> str:
    """`n = 3`."""
    return seeds(len(own) for own in scores.values(scores.headline).values())
