"""What is made of all runs together: one table, pictures, one page."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gristmill.pipelines.summary import under

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from gristmill.report.draw_look import Look
    from gristmill.report.pictures import Picture


def tabulate(runs: list[dict[str, Any]], **collected: dict[str, Any]) -> "pd.DataFrame":
    """Every figure of every run.

    Args:
        runs: what params.yaml says of each experiment.
        collected: method -> its results.

    Returns:
        a row for each seed of each experiment, in the order of params.yaml: experiment, title, method, dataset,
        task, seed, then the figures.
    """
    from gristmill.report import results

    return results.tabulate(runs, under("metrics.", joined(collected)))


def draw(
    runs: list[dict[str, Any]],
    settings: dict[str, Any],
    questions: dict[str, dict[str, Any]],
    results: "pd.DataFrame",
    **data: Any,
) -> tuple[dict[str, bytes], list[dict[str, Any]], list[dict[str, Any]]]:
    """All pictures of the page, and what its explorer shows.

    Args:
        runs: what params.yaml says of each experiment.
        settings: of figures: `dpi`.
        questions: what params.yaml says of each probe.
        results: as `tabulate` gives them.
        data: `table.<task>`, `images.<dataset>` of the runs that are looked at, `collected.<method>`: its results,
            with features (seed -> function that reads them), `evidence.<name>`: a row a longer training,
            `probe.<question>.<experiment>`: a row a figure; `corrupted.<task>`: its table, and `images.<its dataset>`,
            where its images are corrupted.

    Returns:
        file name -> content; what is said of each picture; and the explorers (`explorer.explorers`): they share the
        maps with the pictures.
    """
    from gristmill.report.choice import compared, explored, looked_at
    from gristmill.report.draw_classes import draw_classes
    from gristmill.report.draw_families import families_pictures
    from gristmill.report.draw_hierarchy import hierarchy_pictures
    from gristmill.report.draw_longer import longer_pictures
    from gristmill.report.draw_longer_classes import classes_pictures
    from gristmill.report.draw_longer_views import evidence_of_views
    from gristmill.report.draw_look import placed
    from gristmill.report.draw_probes import probe_pictures
    from gristmill.report.draw_results import draw_results
    from gristmill.report.draw_two_views import draw_two_views
    from gristmill.report.draw_view_looks import draw_view_looks
    from gristmill.report.draw_view_maps import draw_view_maps
    from gristmill.report.draw_views_seconds import seconds_pictures
    from gristmill.report.explorer import explorers
    from gristmill.report.families import all_families
    from gristmill.report.longer import longer_trainings
    from gristmill.report.longer_classes import longer_of_classes
    from gristmill.report.longer_views import longer_views
    from gristmill.report.pictures import contents
    from gristmill.report.probes import probes
    from gristmill.report.results import describe, name_rows, summarize

    data |= joined(under("collected.", data))
    whole = {name: table for name, table in under("table.", data).items() if table is not None}
    tables = present(whole)
    runs = [run for run in runs if f"metrics.{run['experiment']}" in data and run["task"] in tables]
    tasks = {name: describe(name, table) for name, table in tables.items()}
    rows = name_rows(results, runs, tasks)
    pictures = draw_results(rows, summarize(rows), tasks, under("history.", data))
    pictures += draw_classes(rows, whole, under("history.", data), under("features.", data), settings["dpi"])
    pictures += draw_two_views(rows, tasks, under("history.", data))
    evidence, datasets = under("evidence.", data), [run["dataset"] for run in runs]
    for longer in longer_trainings(evidence.get("omniglot"), datasets):
        pictures += longer_pictures(longer)
    for longer in longer_of_classes(evidence, datasets):
        pictures += classes_pictures(longer)
    for longer in longer_views(evidence.get("two_views"), datasets):
        pictures += seconds_pictures(longer)
    pictures += evidence_of_views(evidence, datasets)
    for families in all_families(evidence.get("families"), datasets):
        pictures += families_pictures(families)
    pictures += probe_pictures(probes(answered(runs, questions, under("probe.", data))))
    pictures += sheets(questions, data, settings["dpi"])
    looks, shown, views = look_at(explored(runs), runs, data), looked_at(runs), compared(runs)
    points = placed(looks)
    pictures += draw_looks([look for look in looks if look.name in shown], points, tables, settings["dpi"])
    pictures += draw_view_looks([look for look in looks if look.name in views], settings["dpi"])
    pictures += draw_view_maps(runs, whole, under("features.", data), settings["dpi"])
    pictures += hierarchy_pictures(tables)
    return contents(pictures), [picture.about() for picture in pictures], explorers(looks, points)


def sheets(questions: dict[str, dict[str, Any]], data: dict[str, Any], dpi: float) -> "list[Picture]":
    """A test image under all corruptions, of each data set whose images are corrupted; none of many sizes."""
    from gristmill.corruptions import CORRUPTIONS, SEVERITIES
    from gristmill.data.packed import Packed
    from gristmill.evaluate.corrupt.corrupted import corrupted
    from gristmill.labels.seeds import of_seed, seeds_of
    from gristmill.report.draw_probes import corruptions_picture

    found: dict[str, Picture] = {}
    for question in questions.values():
        name, table = question["dataset"], data.get(f"corrupted.{question['task']}")
        images = data.get(f"images.{name}")
        if not question["corruptions"] or name in found or table is None or images is None:
            continue
        if isinstance(images, Packed):
            continue
        own = of_seed(table, min(seeds_of(table), default=0))
        row = own.loc[own["part"] == "test", "row"].to_numpy()[:1]
        ways = {
            way: [corrupted(images[row], way, level, question["corruptions"], 0, row)[0] for level in SEVERITIES]
            for way in CORRUPTIONS
        }
        found[name] = corruptions_picture(images[row][0], ways, name, dpi)
    return list(found.values())


def look_at(names: list[str], runs: list[dict[str, Any]], data: dict[str, Any]) -> "list[Look]":
    """Some runs, with the features of their first seed."""
    from gristmill.labels.seeds import of_seed
    from gristmill.report.draw_look import Look

    found = []
    for name in names:
        run, features = next(run for run in runs if run["experiment"] == name), data[f"features.{name}"]
        seed = min(features, key=int)
        arrays = features[seed]()
        images, table = data[f"images.{run['dataset']}"], of_seed(data[f"table.{run['task']}"], int(seed))
        found.append(Look(run, table, images, arrays["features"], arrays["row"], int(seed)))
    return found


def draw_looks(
    looks: "list[Look]", points: "dict[str, np.ndarray]", tables: "dict[str, pd.DataFrame]", dpi: float
) -> "list[Picture]":
    """Galleries, maps, and for each data set what is found in it and what goes in."""
    from gristmill.figures.first import first_views
    from gristmill.report.choice import other_grouping
    from gristmill.report.draw_look import classes_picture, gallery_picture, map_picture, views_picture
    from gristmill.report.draw_proposals import proposals_picture

    pictures = []
    for dataset in dict.fromkeys(look.run["dataset"] for look in looks):
        own = [look for look in looks if look.run["dataset"] == dataset]
        pictures += [gallery_picture(look, dpi) for look in own]
        pictures += [map_picture(look, points[look.name], dpi) for look in own]
        first = own[0]
        found = proposals_picture(first, dpi)
        pictures += [found] if found else []
        places, views = first_views(first.images, first.table, first.run["train"], first.seed)
        seen = first.table.iloc[places]
        pictures.append(views_picture(first, seen["row"].to_numpy(), list(seen["label_name"]), views, dpi))
        pictures.append(classes_picture(first, tables.get(other_grouping(first.run["task"])), dpi))
    return pictures


def write_page(
    runs: list[dict[str, Any]],
    questions: dict[str, dict[str, Any]],
    results: "pd.DataFrame",
    files: dict[str, Callable[[], bytes]],
    about: list[dict[str, Any]],
    explorers: list[dict[str, Any]],
    **data: Any,
) -> bytes:
    """The page, one HTML file.

    Args:
        runs: what params.yaml says of each experiment.
        questions: what it says of each probe.
        results: as `tabulate` gives them.
        files: name of a picture's file -> function that reads it.
        about: what is said of each picture.
        explorers: as `draw` gives them.
        data: `table.<task>`, `collected.<method>`: its results, with histories, `evidence.<name>` and
            `probe.<question>.<experiment>`, as `draw` has.
    """
    from gristmill.pipelines.recorded import recorded
    from gristmill.report.families import all_families
    from gristmill.report.longer import longer_trainings
    from gristmill.report.longer_classes import longer_of_classes
    from gristmill.report.longer_views import longer_views
    from gristmill.report.page import make_page
    from gristmill.report.pictures import put_together
    from gristmill.report.probes import probes
    from gristmill.report.results import describe, name_rows
    from gristmill.train.precision import choose_device, use_bf16

    tables = present(under("table.", data))
    histories = under("history.", joined(under("collected.", data)))
    runs = [run for run in runs if run["task"] in tables]  # those of data that are not here are not spoken of
    tasks = {name: describe(name, table) for name, table in tables.items()}
    named = {name for entry in about for name in entry["files"]}
    pictures = put_together(about, {name: files[name]() for name in sorted(named)})
    md5, states = recorded(runs)
    bf16 = use_bf16("auto", choose_device("auto"))
    evidence, datasets = under("evidence.", data), [run["dataset"] for run in runs]
    longer = longer_trainings(evidence.get("omniglot"), datasets)
    few = longer_of_classes(evidence, datasets)
    views = longer_views(evidence.get("two_views"), datasets)
    families = all_families(evidence.get("families"), datasets)
    rows = name_rows(results, runs, tasks)
    asked = probes(answered(runs, questions, under("probe.", data)))
    return make_page(
        rows, runs, tasks, pictures, md5, states, bf16, explorers, longer, few, histories, views, families, asked
    ).encode()


def answered(
    runs: list[dict[str, Any]], questions: dict[str, dict[str, Any]], tables: "dict[str, pd.DataFrame | None]"
) -> "pd.DataFrame | None":
    """What all encoders answered, one under the other, with whose they are and what was asked; None without any.

    Args:
        tables: `<question>.<experiment>` -> a row a figure (`probe_encoders.answers`); None where it is not there.
    """
    import pandas as pd

    known, parts = {run["experiment"]: run for run in runs}, []
    for name, table in tables.items():
        question, experiment = name.split(".")
        if table is not None and experiment in known:
            run, asked = known[experiment], questions[question]
            about = {"experiment": experiment, "title": run["title"], "method": run["method"], "probe": question}
            about |= {"task": asked["task"], "dataset": asked["dataset"], "trained_on": run["dataset"]}
            parts.append(table.assign(**about))
    return pd.concat(parts, ignore_index=True) if parts else None


def present(tables: "dict[str, pd.DataFrame]") -> "dict[str, pd.DataFrame]":
    """The tables of the tasks that are there; the first seed's of those that differ from seed to seed."""
    from gristmill.labels.seeds import of_seed, seeds_of

    found = {name: table for name, table in tables.items() if table is not None}
    return {name: of_seed(table, min(seeds_of(table), default=0)) for name, table in found.items()}


def joined(collected: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The results of all methods; of those that are there."""
    return {name: value for results in collected.values() for name, value in (results or {}).items()}
