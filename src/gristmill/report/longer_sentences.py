"""What came out of the longer trainings, in sentences that rules make from the numbers."""

from math import exp

from gristmill.report.differences import Gap, at_length, best_w, epochs_of, gap, runs_of
from gristmill.report.found import HEADLINE, highest
from gristmill.report.longer import Longer, chosen, lengths, mean_of, means_by, t2_runs, w_runs
from gristmill.report.results import comparable, having
from gristmill.report.sentences import lead, listed, other_grouping
from gristmill.report.separation import Difference
from gristmill.report.words import words


def longer_sentences(longer: Longer) -> list[str]:
    """The leaders short and long, why, the settings, the other grouping; without those that lack their runs."""
    found = [leaders(longer), short_and_long(longer), shares(longer), saturation(longer)]
    found += [" ".join([best_settings(longer), best_t2(longer)]).strip(), discovered(longer), *groupings(longer)]
    return [sentence for sentence in found if sentence]


def short_sentences(longer: Longer) -> list[str]:
    """The most important of them."""
    found = [leaders(longer), short_and_long(longer), shares(longer), *groupings(longer)]
    return [sentence for sentence in found if sentence]


def leaders(longer: Longer) -> str:
    """Who leads after the table's epochs."""
    first = lead(comparable(longer.table, longer.good, longer.tasks), longer.good)
    return f"After {longer.epochs} epochs, told {words(longer.good).grouping}: {first}" if first else ""


def discovered(longer: Longer) -> str:
    """Who finds fine classes best."""
    own, rows = (comparable(table, longer.good, longer.tasks) for table in (longer.table, longer.summary()))
    rows, say = having(rows, "metric", HEADLINE), words(longer.good)
    if not len(rows):
        return ""
    return f"{say.many(say.fine).capitalize()} found by clustering. {highest(own, rows, longer.good)}"


def groupings(longer: Longer) -> list[str]:
    """What the bad grouping changes."""
    return [other_grouping(longer.table, longer.good, longer.bad), below_nothing(longer)] if longer.bad else []


def between(longer: Longer, epochs: int) -> Gap | None:
    """MaskCon minus CoIns."""
    return gap("", at_length(longer, "MaskCon", epochs), at_length(longer, "CoIns", epochs))


def means(longer: Longer, epochs: int, metric: str) -> str:
    """`0.720 against 0.666`: MaskCon's and CoIns's."""
    values = [mean_of(at_length(longer, title, epochs), metric) for title in ("MaskCon", "CoIns")]
    return f"{values[0]:.3f} against {values[1]:.3f}"


def side(difference: Difference) -> str:
    """Where the first stands, as far as seeds tell."""
    if not difference.separated:
        return "not separated from"
    return "ahead of" if difference.mean > 0 else "behind"


def short_and_long(longer: Longer) -> str:
    """Whether MaskCon passes CoIns when both are trained longer, and what each gains."""
    epochs = epochs_of(longer)
    if len(epochs) < 2:
        return ""
    short, long = epochs[0], epochs[-1]
    before, after = between(longer, short), between(longer, long)
    gains = {
        title: gap("", at_length(longer, title, long), at_length(longer, title, short))
        for title in ("MaskCon", "CoIns")
    }
    if before is None or after is None:
        return ""
    last, first = after.parts["recall_1"], before.parts["recall_1"]
    passes = last.separated and last.mean > 0 >= first.mean
    verb = "passes" if passes else f"is {side(last)}"
    gained = [
        f"{title} gains {100 * one.parts['recall_1'].mean:.1f} in 100 ({one.parts['recall_1'].words()})"
        for title, one in gains.items()
        if one is not None
    ]
    return (
        f"After {long} epochs MaskCon {verb} CoIns: Recall@1 {means(longer, long, 'recall_1')}, a difference of "
        f"{100 * last.mean:+.1f} in 100 ({last.words()}). From {short} to {long} epochs {listed(gained)}. Only "
        f"{listed(list(dict.fromkeys(having(lengths(longer), 'epochs', long)['curve'])))} were trained that long."
    )


def shares(longer: Longer) -> str:
    """Recall@1 taken apart: right coarse class, and right fine class where the coarse one is right."""
    say, parts = words(longer.good), []
    for epochs in epochs_of(longer):
        one = between(longer, epochs)
        if one is None or not {"coarse_recall_1", "within"} <= set(one.parts):
            return ""
        told = [
            f"{side(one.parts[metric])} CoIns in the {name} ({means(longer, epochs, metric)})"
            for metric, name in (("coarse_recall_1", "first"), ("within", "second"))
        ]
        parts.append(f"after {epochs} epochs {listed(told)} (n = {one.parts['within'].n})")
    if not parts:
        return ""
    return (
        f"Why, as far as the figures tell: Recall@1 is the share of {say.image}s whose nearest {say.image} has the "
        f"right {say.coarse}, times the share of these with the right {say.fine}. MaskCon is {'; '.join(parts)}."
        f"{gains_in_shares(longer)}"
    )


def gains_in_shares(longer: Longer) -> str:
    """What longer training adds to either share."""
    epochs, parts = epochs_of(longer), []
    for title in ("MaskCon", "CoIns"):
        one = gap("", at_length(longer, title, epochs[-1]), at_length(longer, title, epochs[0]))
        if one is None or len(epochs) < 2:
            return ""
        told = [
            f"{one.parts[metric].mean:+.3f} in the {name}{'' if one.parts[metric].separated else ' (not separated)'}"
            for metric, name in (("coarse_recall_1", "first"), ("within", "second"))
        ]
        parts.append(f"{title} gains {listed(told)}")
    return f" From {epochs[0]} to {epochs[-1]} epochs {listed(parts)}."


def saturation(longer: Longer) -> str:
    """How far the losses and the curves of the long trainings have come."""
    found, epochs = [], epochs_of(longer)
    labels = runs_of(longer, "SupCE", longer.good)
    if "loss" in labels and len(labels):
        loss = mean_of(labels, "loss")
        found.append(
            f"After {longer.epochs} epochs SupCE, which learns from the labels alone, has a training loss of "
            f"{loss:.3f}: the right {words(longer.good).coarse} gets {100 * exp(-loss):.0f} % (geometric mean; "
            f"n = {len(labels)})"
        )
    for title in ("CoIns", "MaskCon") if len(epochs) > 1 else ():
        runs = at_length(longer, title, epochs[-1])
        if {"best_recall_1", "best_epoch"} <= set(runs):
            found.append(
                f"in the {epochs[-1]} epochs {title} was highest at epoch {runs['best_epoch'].median():g} (median; "
                f"{mean_of(runs, 'best_recall_1'):.3f}) and ended at {mean_of(runs):.3f} (n = {len(runs)})"
            )
    said = "; ".join(found)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def best_settings(longer: Longer) -> str:
    """Whether the order after the short training hangs on w."""
    curves = w_runs(longer)
    if any(len(set(having(curves, "curve", title)["w"])) < 3 for title in ("MaskCon", "CoIns")):
        return ""
    (mine, first), (other, second) = best_w(longer, "MaskCon"), best_w(longer, "CoIns")
    one = gap("", first, second)
    if one is None:
        return ""
    own = chosen(longer, "MaskCon")["w"]
    mask, coins = (runs_of(longer, title, longer.good) for title in ("MaskCon", "CoIns"))
    table = gap("", mask, coins)
    same = table is not None and table.parts["recall_1"].mean * one.parts["recall_1"].mean > 0
    turned = f"Other w {'leave' if same else 'turn'} the order of the two means after {longer.epochs} epochs"
    return (
        f"{turned}: MaskCon is highest at w {mine:g} ({mean_of(first):.3f}; at the table's {own:g}: "
        f"{mean_of(mask):.3f}), CoIns at w {other:g} ({mean_of(second):.3f}); so chosen, on "
        f"the test {words(longer.good).image}s themselves, MaskCon "
        f"minus CoIns is {100 * one.parts['recall_1'].mean:+.1f} in 100 ({one.parts['recall_1'].words()})."
    )


def best_t2(longer: Longer) -> str:
    """Whether another T2 would be better."""
    runs = t2_runs(longer)
    heights = means_by(runs, "T2")
    if len(heights) < 3:
        return ""
    top, own = max(heights, key=heights.__getitem__), chosen(longer, "MaskCon")["T2"]
    ends = f"MaskCon's Recall@1 against T2 is highest at {top:g} ({heights[top]:.3f})"
    one = gap("", having(runs, "T2", top), having(runs, "T2", own))
    if top == own or one is None:
        return f"{ends}, the table's own."
    return f"{ends}; the table's {own:g} has {heights[own]:.3f} ({one.parts['recall_1'].words()})."


def below_nothing(longer: Longer) -> str:
    """Methods that the bad grouping's labels harm: below what is told nothing."""
    for free in longer.read_nothing()[:1]:
        parts = []
        for title in dict.fromkeys(having(having(longer.table, "task", longer.bad), "kind", "coarse")["title"]):
            own = runs_of(longer, title, longer.bad)
            one = gap("", own, runs_of(longer, free, longer.good))
            if one is not None and one.parts["recall_1"].mean < 0 and one.parts["recall_1"].separated:
                parts.append(f"{title} ({mean_of(own):.3f}; {one.parts['recall_1'].words()})")
        if parts:
            height = mean_of(runs_of(longer, free, longer.good))
            verb = "falls" if len(parts) == 1 else "fall"
            return (
                f"Told {words(longer.bad).grouping}, {listed(parts)} {verb} below {free}, which is told nothing "
                f"({height:.3f})."
            )
    return ""
