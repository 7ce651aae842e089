"""Pictures of the longer trainings of methods of two views: LoGo beside its base, MoCo's memory, pairs of crops."""

from collections.abc import Iterable, Mapping

import pandas as pd

from gristmill.figures.bands import course_bands
from gristmill.figures.pairs import mean_cosine, pair_histograms
from gristmill.figures.save import svg
from gristmill.figures.setting import setting_curves
from gristmill.figures.theme import LIGHT, Mode, Style, style
from gristmill.protocols import PROTOCOLS, Vote
from gristmill.report.longer import grid
from gristmill.report.pictures import Picture
from gristmill.report.results import having
from gristmill.report.sentences import seeds
from gristmill.report.two_views import top1
from gristmill.report.words import Words, words

LOGO = {"MoCo": ("moco_base", "moco_lr02", "logo_on_moco"), "SimSiam": ("simsiam_base", "logo_on_simsiam")}
"""What is compared -> experiments; the last has LoGo, the one before it differs from it least."""
SETTINGS = {"K": "K, keys in the memory", "m": "m, momentum of the key encoder"}
KNN, LINEAR = "kNN", "linear classifier"


def evidence_of_views(
    evidence: Mapping[str, pd.DataFrame | None], datasets: Iterable[str], mode: Mode = LIGHT, name: str = "two_views"
) -> list[Picture]:
    """The pictures of what lies in results/, where it is of these data sets.

    Args:
        evidence: `<name>`, `<name>_history` and `<name>_pairs`, as `longer_views_pictures` takes them; what is not
            there may be missing.
    """
    found = [evidence.get(f"{name}{end}") for end in ("", "_history", "_pairs")]
    table, history, pairs = (pd.DataFrame() if one is None else one for one in found)
    there = len(table) and set(table["dataset"]) <= set(datasets)
    return longer_views_pictures(table, history, pairs, mode, name) if there else []


def longer_views_pictures(
    table: pd.DataFrame, history: pd.DataFrame, pairs: pd.DataFrame, mode: Mode = LIGHT, name: str = "two_views"
) -> list[Picture]:
    """LoGo beside its base epoch by epoch, MoCo's memory and momentum, crops of one image; those with data.

    Args:
        table: a row a run, as scripts/evidence.py writes it; the others may be empty.
        history: a row an epoch of a run.
        pairs: a row a bin of a run and kind of pair (`pipelines.pairs`).
        name: of the files, before what they show.
    """
    if not len(table):
        return []
    say = words(str(table["task"].iloc[0]))
    found = [epochs_picture(history, say, mode, name), memory_picture(table, say, mode, name)]
    return [picture for picture in [*found, pairs_picture(pairs, say, mode, name)] if picture is not None]


def picture(name: str, mode: Mode, content: bytes, table: pd.DataFrame, pair: str, **said: str) -> Picture:
    """One picture of this section."""
    file = f"{name}.svg" if mode == LIGHT else f"{name}_{mode.name}.svg"
    data = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return Picture(
        name=name, section="longer", family="views", data=data, files={file: content}, pair=f"longer views {pair}",
        **said,
    )  # fmt: skip


def judged_by(table: pd.DataFrame, kind: str) -> str | None:
    """The figure of the first protocol of a kind (KNN, LINEAR) that a table has."""
    names = [top1(protocol) for protocol in PROTOCOLS.values() if isinstance(protocol, Vote) == (kind == KNN)]
    return next((name for name in names if name in table and len(table[[name]].dropna())), None)


def epochs_picture(history: pd.DataFrame, say: Words, mode: Mode, name: str) -> Picture | None:
    """kNN accuracy by epoch of methods with and without LoGo."""
    metric = judged_by(history, KNN)
    if metric is None:
        return None
    parts = [having(history, "experiment", one).assign(panel=panel) for panel, own in LOGO.items() for one in own]
    values = pd.concat(parts)[["panel", "title", "seed", "epoch", metric]].dropna()
    if not len(values):
        return None
    values = pd.DataFrame(values.set_axis(["panel", "line", "seed", "epoch", "value"], axis="columns"))
    looks = {line: course_look(str(line), mode) for line in dict.fromkeys(values["line"])}
    last = values.loc[values["epoch"] == values.groupby("line")["epoch"].transform("max")]
    ends = grid(last, ["line"], "value")
    return picture(
        f"{name}_logo", mode, svg(course_bands(values, looks, "kNN top-1 accuracy", mode)), values, "numbers",
        title="LoGo beside its base, epoch by epoch",
        caption=f"How often the nearest training {say.image}s name the {say.fine} of a test {say.image} ("
        f"{metric.removesuffix('_top1')}), at the marks; nothing was chosen by it. Lines are means over seeds "
        f"({seeds(ends['n'])}), bands one standard deviation.",
        alt="In the last epoch: " + ", ".join(f"{line} {mean:.3f}" for line, _, mean, _ in ends.to_numpy()),
    )  # fmt: skip


def course_look(title: str, mode: Mode) -> Style:
    """The look of a method; with other settings (`MoCo, lr 0.2`) another line and other marks."""
    look = style(title, mode, "views")
    return Style(look.color, "o") if "," in title else look


def setting_runs(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """MoCo's runs that differ in one setting, a row a run and setting that it stands for, and what the others have.

    Returns:
        rows of `table` with columns setting (of SETTINGS, in that order) and at; and setting -> the value at which
        the other setting was changed.
    """
    if not {"K", "m"} <= set(table):
        return table.iloc[:0].assign(setting="", at=0.0), {}
    memory, momentum = (table.loc[table["experiment"].str.startswith(start)] for start in ("memory_", "momentum_"))
    both = having(table, "experiment", "moco_base")  # on both curves
    runs = pd.concat([memory, momentum, both]).dropna(subset=["K", "m"])
    parts = [table.iloc[:0].assign(setting="", at=0.0)]
    held = (("K", momentum[["K"]].dropna()), ("m", memory[["m"]].dropna()))
    base = {key: float(own[key].mode().iloc[0]) for key, own in held if len(own)}
    for setting, other in (("K", "m"), ("m", "K")):
        own = having(runs, other, base.get(other))
        if len(set(own[setting])) > 1:
            parts.append(own.assign(setting=setting, at=own[setting].astype(float)))
    return pd.concat(parts, ignore_index=True), base


def memory_picture(table: pd.DataFrame, say: Words, mode: Mode, name: str) -> Picture | None:
    """Both accuracies against the memory's length and the key encoder's momentum."""
    metrics = {line: metric for line in (KNN, LINEAR) if (metric := judged_by(table, line))}
    runs, base = setting_runs(table)
    if not len(runs) or not metrics:
        return None
    keys = ["setting", "at", "seed"]
    parts = [runs[keys].assign(line=line, value=runs[metric]) for line, metric in metrics.items()]
    values = pd.concat(parts, ignore_index=True).dropna()
    panels = {setting: SETTINGS[setting] for setting in SETTINGS if setting in set(runs["setting"])}
    looks = {KNN: style("MoCo", mode, "views"), LINEAR: Style(mode.ink, "o")}
    drawn = setting_curves(values, panels, base, {line: looks[line] for line in metrics}, mode)
    means = grid(values, ["line", "setting", "at"], "value")
    held = [f"{setting} = {base[setting]:g}" for setting in SETTINGS if setting in base]
    return picture(
        f"{name}_memory", mode, svg(drawn), values, "numbers",
        title="MoCo's memory and momentum",
        caption=f"Top-1 accuracy on the test {say.image}s after {runs['epochs'].iloc[0]:g} epochs "
        f"({' and '.join(metric.removesuffix('_top1') for metric in metrics.values())}). While one setting is changed, "
        f"the other is held at its dotted line ({', '.join(held)}). Points are seeds ({seeds(means['n'])}), "
        "whiskers one standard deviation. Values of a setting stand at even distances; the upright axis does not begin "
        "at 0.",
        alt=", ".join(f"{line} at {key} {at:g} {mean:.3f}" for line, key, at, _, mean, _ in means.to_numpy()),
    )  # fmt: skip


def without_and_with(pairs: pd.DataFrame) -> list[list[str]]:
    """Titles without LoGo and with it, for each method that has both."""
    titles = dict(zip(pairs["experiment"], pairs["title"], strict=True))
    found = [[titles[name] for name in names if name in titles][-2:] for names in LOGO.values() if names[-1] in titles]
    return [both for both in found if len(both) == 2]


def pairs_picture(pairs: pd.DataFrame, say: Words, mode: Mode, name: str) -> Picture | None:
    """Cosines of crops of one image, without LoGo above, with it below."""
    columns = without_and_with(pairs) if len(pairs) else []
    if not columns:
        return None
    shown = having(pairs, "title", *(title for both in columns for title in both))
    counts = {title: len(set(having(shown, "title", title)["seed"])) for title in set(shown["title"])}
    shares = grid(shown, ["title", "pair", "low", "high"], "share")
    of_seeds = [float(n) / counts[title] for n, title in zip(shares["n"], shares["title"], strict=True)]
    shares = shares.assign(share=shares["mean"] * of_seeds)  # a bin that is empty for a seed has no row
    shares = pd.DataFrame(shares[["title", "pair", "low", "high", "share"]])
    told = [f"{title}: {told_means(having(shares, 'title', title))}" for both in columns for title in both]
    return picture(
        f"{name}_pairs", mode, svg(pair_histograms(shares, columns, mode)), shares, "pairs",
        title="Crops of one image, without and with LoGo",
        caption=f"Two global and two local crops of each test {say.image}, the same ones for every network: cosines of "
        f"their features, by kind of pair, mean over seeds ({seeds(counts.values())}). Upright lines are the "
        "means. LoGo's loss pushes local crops apart and pulls all others together.",
        alt=f"Mean cosine. {'; '.join(told)}",
    )  # fmt: skip


def told_means(shares: pd.DataFrame) -> str:
    """The mean cosine of each kind of pair of one network."""
    means = {pair: mean_cosine(having(shares, "pair", pair)) for pair in dict.fromkeys(shares["pair"])}
    return ", ".join(f"{pair} {mean:.2f}" for pair, mean in means.items())
