"""Tables of two views and of all families in README.md and results/README.md."""

from collections.abc import Sequence

from gristmill.report.families import Families
from gristmill.report.families_sentences import families_sentences, short_families_sentences
from gristmill.report.families_tables import choice_table, families_table
from gristmill.report.longer_views import LongerViews
from gristmill.report.longer_views_sentences import longer_view_sentences, short_longer_view_sentences
from gristmill.report.longer_views_tables import longer_view_tables, method_table
from gristmill.report.markdown import bullets, image, table_lines
from gristmill.report.pictures import Picture
from gristmill.report.tables import Table


def results_section(tables: Sequence[Table], said: Sequence[str], pictures: Sequence[Picture], missing: str) -> str:
    """For results/README.md: tables, what came out, figures."""
    parts = [missing]
    for table in tables:
        parts += [f"### {table.title}", table.note, table_lines(table)]
    parts += ["### What came out", bullets(said)]
    parts += ["### Figures"] * bool(pictures)
    for one in pictures:
        parts += [image(one, ""), f"{one.title}. {one.caption}"]
    return "\n\n".join(part for part in parts if part) + "\n"


def readme_section(heading: str, pictures: Sequence[Picture], *parts: str, command: str, counted: str) -> str:
    """For README.md: a heading, figures, parts, the command."""
    made = f"Made by `python scripts/evidence.py {command}` ({counted}); more: [results/](results/README.md)."
    found = [f"### {heading}", *(image(one, "results/") for one in pictures), *parts, made]
    return "\n\n".join(part for part in found if part) + "\n"


def missing_runs(done: int, planned: int) -> str:
    """What is missing."""
    return f"So far {done} of {planned} runs; the command makes the others." if done < planned else ""


def families_sections(
    families: Families, pictures: Sequence[Picture], planned: int, name: str
) -> tuple[str, str]:
    """For README.md and for results/README.md; `pictures` are the light ones."""
    missing = missing_runs(len(families.rows), planned)
    table, said = families_table(families), bullets(short_families_sentences(families))
    parts, counted = (missing, table.note, table_lines(table), said), f"mean ± standard deviation over seeds, {table.n}"
    command = f"results/{name}.yaml --judge {families.dataset}_fine"
    return (
        readme_section("All families, side by side", pictures, *parts, command=command, counted=counted),
        results_section([table], families_sentences(families), pictures, missing),
    )


def views_sections(longer: LongerViews, pictures: Sequence[Picture], planned: int, name: str) -> tuple[str, str]:
    """For README.md and for results/README.md; `pictures` are the light ones."""
    missing = missing_runs(len(longer.rows), planned)
    said, counted = bullets(short_longer_view_sentences(longer)), method_table(longer).n
    command = f"results/{name}.yaml --curves --pairs"
    return (
        readme_section("No labels, all labels", pictures[:1], missing, said, command=command, counted=counted),
        results_section(longer_view_tables(longer), longer_view_sentences(longer), pictures, missing),
    )


def choice_section(families: Families) -> str:
    """Below `Which of these is for me?`: who comes first with which labels."""
    table, say = choice_table(families), families.words
    about = (
        f"In the table of all families ([above](#all-families-side-by-side); {say.many(say.image)}, short trainings, "
        f"{table.n}), by the labels that were read:"
    )
    return f"{about}\n\n{table_lines(table)}\n"
