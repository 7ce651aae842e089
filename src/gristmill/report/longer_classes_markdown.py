"""The longer trainings with few labels in README.md and results/README.md."""

from gristmill.report.draw_longer_classes import classes_pictures
from gristmill.report.longer_classes import LongerClasses
from gristmill.report.longer_classes_sentences import classes_sentences, readings, short_classes_sentences
from gristmill.report.longer_classes_tables import all_tables, method_table
from gristmill.report.markdown import bullets, image, table_lines

SHOWN = "methods"  # the picture of README.md
COLUMNS = (
    "Top-1: of balanced test images; against the prior: after the share of each class among the labels is taken out "
    "of the logits. The next three, of pseudo-labels: the share that is trained on, how many of them are right, "
    "and how many images of a class get its label, mean over the classes (all labels)."
)


def unfinished(longer: LongerClasses, planned: int) -> str:
    """What is missing."""
    done = len(longer.rows)
    return f"So far {done} of {planned} runs; the command makes the others." if done < planned else ""


def classes_readme_section(longer: LongerClasses, planned: int = 0) -> str:
    """For README.md: the table of methods and what its columns are, three sentences, a figure, the command."""
    counted = f"{longer.steps:,} steps; mean ± standard deviation over seeds"
    parts = [unfinished(longer, planned), table_lines(method_table(longer)), COLUMNS]
    parts += [bullets(short_classes_sentences(longer))]
    parts += [image(one, "results/") for one in classes_pictures(longer) if one.name == f"{longer.dataset}_{SHOWN}"]
    parts += [f"Made by `python scripts/evidence.py results/{longer.dataset}.yaml` ({counted})."]
    return "\n\n".join(part for part in parts if part) + "\n"


def classes_results_section(longer: LongerClasses, planned: int = 0) -> str:
    """For results/README.md: all tables, what came out, readings, figures.

    Args:
        planned: runs that the parameter file has; said where some are missing.
    """
    parts = [unfinished(longer, planned)]
    for table in all_tables(longer):
        parts += [f"### {table.title}", table.note, table_lines(table)]
    parts += ["### What came out", bullets(classes_sentences(longer))]
    for tail in longer.tails:
        if found := [said.replace("<", "&lt;") for said in readings(longer, tail)]:  # names of classes are data
            parts += [f"### Labels and accuracy, {tail} tails: four readings, checked", bullets(found)]
    parts += ["### Figures"]
    for one in classes_pictures(longer):
        parts += [image(one, ""), f"{one.title}. {one.caption}"]
    return "\n\n".join(part for part in parts if part) + "\n"
