"""The longer trainings in README.md and results/README.md: between two comments, never typed by hand."""

import re
from collections.abc import Sequence

import pandas as pd

from gristmill.errors import UserError
from gristmill.report.claims import Claim
from gristmill.report.differences import machines
from gristmill.report.draw_longer import longer_pictures
from gristmill.report.longer import Longer
from gristmill.report.longer_sentences import longer_sentences, short_sentences
from gristmill.report.longer_tables import by_title, demo_value, even_longer, longer_tables
from gristmill.report.pictures import Picture
from gristmill.report.results import having
from gristmill.report.separation import means_of
from gristmill.report.tables import Cell, Row, Table
from gristmill.report.words import words

SHOWN = ("lengths", "groupings")  # pictures of README.md


def replaced(text: str, name: str, content: str) -> str:
    """A text with what stands between `<!-- name` ... `-->` and `<!-- end of name -->` replaced.

    Raises:
        UserError: the comments are not there.
    """
    found = re.search(rf"(<!-- {re.escape(name)}\b.*?-->\n).*?(<!-- end of {re.escape(name)} -->)", text, re.DOTALL)
    if found is None:
        comments = f"'<!-- {name} -->' and '<!-- end of {name} -->'"
        raise UserError(f"no comments {comments}: write both where the numbers shall stand")
    return f"{text[: found.end(1)]}\n{content}\n{text[found.start(2) :]}"


def results_section(longer: Longer) -> str:
    """For results/README.md: machines, tables, what came out, figures."""
    parts = [few(longer)] if len(machines(longer.rows)) > 1 else []
    for table in longer_tables(longer):
        parts += [f"### {table.title}", table.note, table_lines(table)]
    parts += ["### What came out", bullets(longer_sentences(longer)), "### Figures"]
    for one in longer_pictures(longer):
        parts += [image(one, ""), f"{one.title}. {one.caption}"]
    return "\n\n".join(parts) + "\n"


def few(longer: Longer) -> str:
    """Which runs were not made on the machine of most."""
    most = next(iter(machines(longer.rows)))
    rest: dict[str, list[int]] = {}
    for name, rows in longer.rows.groupby("experiment", sort=False):
        others = [seed for seed, own in rows.groupby("seed") if next(iter(machines(own))) != most]
        if others:
            rest[str(name)] = [int(str(seed)) for seed in others]
    listed = "; ".join(f"{name} {', '.join(map(str, seeds))}" for name, seeds in rest.items())
    return f"Not made on {most} (experiment, seeds): {listed}."


def readme_section(longer: Longer, demo: pd.DataFrame, claims: Sequence[Claim]) -> str:
    """For README.md: the table beside the demo's, what came out, two figures.

    Args:
        demo: the demo's results (`results.name_rows`).
        claims: as `claims.judge_claims` gives them for both.
    """
    pictures = {one.name.removeprefix(f"{longer.dataset}_"): one for one in longer_pictures(longer)}
    table = readme_table(longer, demo)
    parts = [table_lines(table), f"Mean ± standard deviation of the longer trainings: {table.n}."]
    parts += [bullets(short_sentences(longer)), claim_lines(claims, longer)]
    parts += [image(pictures[name], "results/") for name in SHOWN if name in pictures]
    return "\n\n".join(parts) + "\n"


def readme_table(longer: Longer, demo: pd.DataFrame) -> Table:
    """One row a method: the demo, the good grouping, the bad one."""
    good = dict(by_title(longer.shown(longer.summary(), longer.good))) | dict(by_title(even_longer(longer)))
    bad = dict(by_title(longer.shown(longer.summary(), longer.bad))) if longer.bad else {}
    floors = reversed(means_of(having(demo, "kind", "floor"), "recall_1"))
    heights = {title: rows.loc["recall_1", "mean"] for title, rows in good.items()}
    kinds = {title: rows["kind"].iloc[0] for title, rows in good.items()}
    order = sorted(good, key=lambda title: (kinds[title] == "upper", heights[title]))
    lines = []
    for title in [*floors, *order]:
        values = [demo_value(demo, longer, title, longer.good, name) for name in ("recall_1", "recall_10")]
        cells = [Cell("" if value is None else f"{value:.3f}") for value in values]
        cells += [spread_cell(good.get(title), name) for name in ("recall_1", "recall_10")]
        cells += [spread_cell(bad.get(title), "recall_1")]
        lines.append((title, cells))
    n = sorted({int(rows.loc["recall_1", "n"]) for rows in [*good.values(), *bad.values()]})
    counts = f"n = {n[0]}" if len(n) == 1 else f"n = {n[0]} to {n[-1]}"
    told = words(longer.bad or longer.good).grouping
    long = f"{longer.epochs} epochs"
    columns = ["demo R@1", "demo R@10", f"{long} R@1", f"{long} R@10", f"{long}, {told} R@1"]
    return Table(longer.good, "", "", columns, [plain_row(title, cells) for title, cells in lines], counts)


def plain_row(title: str, cells: list[Cell]) -> Row:
    """A row without its n."""
    return Row(title, "coarse", cells, 0, None)


def spread_cell(rows: pd.DataFrame | None, name: str) -> Cell:
    """Mean and deviation, empty where there is none."""
    if rows is None or name not in rows.index:
        return Cell("")
    spread = "" if pd.isna(rows.loc[name, "sd"]) else f"{rows.loc[name, 'sd']:.3f}"
    return Cell(f"{rows.loc[name, 'mean']:.3f}", spread)


def claim_lines(claims: Sequence[Claim], longer: Longer) -> str:
    """What became of the papers' claims."""
    lines = ["| the paper's claim | demo | longer | |", "| --- | --- | --- | --- |"]
    for one in claims:
        if one.longer is not None and one.dataset == longer.dataset:
            lines.append(f"| {one.claim} | {one.verdict.words()} | {one.longer.words()} | {one.longer.here} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def table_lines(table: Table) -> str:
    """A table in Markdown; a column of n where rows have one."""
    counted = any(row.n for row in table.rows)
    heads = [table.head.lower(), *table.columns, *["n"] * counted]
    lines = [heads, ["---"] * len(heads)]
    lines += [[row.title, *map(cell_words, row.cells), *[str(row.n)] * counted] for row in table.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell_words(cell: Cell) -> str:
    """A cell in Markdown."""
    text = f"**{cell.text}**" if cell.mark == "best" else cell.text
    parts = [text, f"± {cell.spread}" if cell.spread else "", f"({cell.interval})" if cell.interval else ""]
    return " ".join(part for part in parts if part)


def bullets(sentences: Sequence[str]) -> str:
    """A line each."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


def image(one: Picture, folder: str) -> str:
    """A figure in the reader's mode."""
    alt = f"{one.title}. {one.alt}".replace('"', "'")
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{folder}{one.name}_dark.svg">'
    return f'<picture>{dark}<img src="{folder}{one.name}.svg" alt="{alt}"></picture>'
