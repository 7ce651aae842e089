"""Every run of a parameter file, side by side in one-thread processes, each by `gristmill.alone`; then one table.

    python scripts/evidence.py results/omniglot.yaml            at most 2 hours on two cores with bf16 instructions
    python scripts/evidence.py results/omniglot.yaml --plan     settings and arrays only, into data/evidence/omniglot
    python scripts/evidence.py results/omniglot.yaml --work     only the runs: needs what `gristmill.alone` needs
    python scripts/evidence.py results/omniglot.yaml --collect  only the table, of what is finished, then --show
    python scripts/evidence.py results/omniglot.yaml --show     figures, README.md, results/README.md, from the table
    python scripts/evidence.py results/cifar10_lt.yaml --curves   and their courses, as a table and a figure
    python scripts/evidence.py results/two_views.yaml --pairs   and how alike crops of one image are, as a table
    python scripts/evidence.py results/families.yaml --judge omniglot_fine   every encoder asked by one task's images
    python scripts/evidence.py results/families.yaml --probe omniglot_fine fashion_fine   and with few labels, corrupted
                                                                        images, and about another task
    python scripts/evidence.py results/cifartoy.yaml --gpu      on a GPU, where trainings are too long for processors

A run that was killed goes on from its checkpoint; a finished one is not repeated, nor one that has a row in the table
already: take the row out to repeat it. The table is
results/omniglot.csv, a row a run; figures are results/omniglot_*.svg, light and dark. In both READMEs what stands
between the comments `omniglot` and `end of omniglot` is replaced. Where all runs are classifiers with few labels
there is a second table, a row a class of each run: results/fashion_classes.csv.
"""

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

SETTINGS = {  # columns of the table, and where their values stand in the settings of training
    "epochs": ("train", "epochs"),
    "epoch_steps": ("train", "epoch_steps"),
    "K": ("memory", "size"),
    "m": ("memory", "momentum"),
    "T1": ("loss", "temperature"),
    "w": ("loss", "w"),
    "T2": ("loss", "target_temperature"),
    "P": ("pretrain", "steps"),
    "L": ("pretrain", "queue"),
    "sizes": ("pretrain", "sizes"),
    "prototypes": ("pretrain", "prototypes"),
    "prototype_bn": ("pretrain", "prototype_bn"),
    "alpha": ("blend", "alpha"),
    "align": ("blend", "align"),
    "T_proto": ("blend", "proto_temperature"),
    "T_dist": ("blend", "dist_temperature"),
    "adjust": ("balance", "adjust"),
}
LATER = ("K",)  # columns that older tables do not have: their runs are taken to be as planned

MACHINE = ("device", "precision", "torch", "seconds", "cpu_seconds")  # further columns


def plan(params: Path, folder: Path) -> None:
    """Arrays, tasks and settings, as `gristmill.alone` takes them."""
    from gristmill.data.prepare import prepare
    from gristmill.labels.coarse import group_coarse
    from gristmill.labels.long_tail import split_long_tail
    from gristmill.parameters.check import problems
    from gristmill.parameters.read import read
    from gristmill.parameters.resolve import resolve, resolve_all
    from gristmill.pipelines.configure import step_config
    from gristmill.pipelines.datasets import ArrayDataset

    parameters = read(params)
    found = problems(parameters)
    if found:
        sys.exit("\n".join(found).replace("params.yaml", str(params)))
    tables, resolved = {}, resolve_all(parameters)
    for name, settings in resolved["datasets"].items():
        images, tables[name] = prepare(settings)
        ArrayDataset(str(folder / "prepared" / f"{name}.npy")).save(images)
    (folder / "tasks").mkdir(parents=True, exist_ok=True)
    for name, settings in resolved["tasks"].items():
        make = split_long_tail if "long_tail" in settings else group_coarse
        make(tables[settings["dataset"]], settings).to_parquet(folder / "tasks" / f"{name}.parquet")
    datasets = [{"task": name, "dataset": settings["dataset"]} for name, settings in resolved["tasks"].items()]
    (folder / "tasks.json").write_text(json.dumps(datasets, indent=1), "utf-8")
    runs = []
    for run in resolved["runs"]:
        configs = folder / "config" / run["experiment"]
        configs.mkdir(parents=True, exist_ok=True)
        for step, name in ((run["step"], "train"), ("evaluate", "evaluate")):  # two phases are trained in one go
            config = step_config(step, resolve(parameters, run["experiment"], step))
            (configs / f"{name}.json").write_text(json.dumps(config, indent=2, sort_keys=True), "utf-8")
        runs += [describe(run, seed) for seed in run["seeds"]]
    (folder / "runs.json").write_text(json.dumps(runs, indent=1), "utf-8")


def describe(run: dict, seed: int) -> dict:
    """What the table says of a run beside its results."""
    found = {name: run[name] for name in ("experiment", "title", "method", "dataset", "task")}
    for column, (section, key) in SETTINGS.items():
        block = run["train"].get(section) or {}
        if key in block:
            found[column] = block[key]
    return {**found, "seed": seed}


def planned(folder: Path) -> list[dict]:
    """Every run, short ones first, and of these the first seed of all: so a queue that is stopped is balanced."""
    return sorted(json.loads((folder / "runs.json").read_text("utf-8")), key=lambda run: (run["epochs"], run["seed"]))


def place(folder: Path, run: dict) -> Path:
    """The folder of a run."""
    return folder / "runs" / run["experiment"] / str(run["seed"])


def work(folder: Path, file: Path, processes: int, until: float, gpu: bool = False) -> None:
    """Every run that is not finished, some at a time."""
    rows = known(file, planned(folder))
    open_ = [run for run in planned(folder) if identity(run) not in rows]
    runs = [run for run in open_ if not (place(folder, run) / "metrics.json").exists()]
    with ThreadPoolExecutor(processes) as pool:
        waiting = {pool.submit(work_on, folder, run, until, gpu): run for run in runs}
        for done in tqdm(as_completed(waiting), total=len(waiting), desc="runs", mininterval=1):
            if done.result():
                tqdm.write(f"{place(folder, waiting[done])}: {done.result()}", file=sys.stderr)


def work_on(folder: Path, run: dict, until: float, gpu: bool = False) -> str | None:
    """One run in a process of its own; what went wrong."""
    if time.monotonic() > until:
        return None
    command = [sys.executable, "-m", "gristmill.alone", str(folder / "config" / run["experiment"] / "train.json"),
               "--images", str(folder / "prepared" / f"{run['dataset']}.npy"),
               "--table", str(folder / "tasks" / f"{run['task']}.parquet"),
               "--seed", str(run["seed"]), "--out", str(place(folder, run))]  # fmt: skip
    one_thread = {} if gpu else {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        command, env={"PYTHONPATH": "src", **os.environ, **one_thread}, capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["failed"])[-1]


def known(file: Path, planned: Sequence[dict] = ()) -> dict[tuple, dict]:
    """The rows that the table has already.

    Args:
        planned: what columns of LATER are taken from where the table has none.
    """
    rows = pd.read_csv(file).to_dict("records") if file.exists() else []
    later = {(run["experiment"], run["seed"]): {name: run.get(name) for name in LATER} for run in planned}
    return {identity({**later.get((row["experiment"], row["seed"]), {}), **row}): row for row in rows}


def identity(run: dict) -> tuple:
    """What makes two runs the same: experiment, seed and the settings that the table shows."""
    return run["experiment"], run["seed"], *(alike(run.get(name)) for name in SETTINGS)


def alike(value: object) -> object:
    """A value as it is and as it comes back from a table: numbers as floats, nothing as None."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return None
    return float(value) if isinstance(value, int | float) else str(value)


def judge_all(folder: Path, task: str) -> None:
    """Every finished encoder by the images of one task; what it learned from and how much it saw, beside it."""
    from gristmill.data import packed
    from gristmill.networks.build import read_encoder
    from gristmill.pipelines.judge import judge

    table = pd.read_parquet(folder / "tasks" / f"{task}.parquet")
    known: dict[str, dict] = {}
    for run in tqdm(json.loads((folder / "runs.json").read_text("utf-8")), desc="judged", mininterval=1):
        own = place(folder, run)
        if (own / "encoder.safetensors").exists() and not (own / "judged.json").exists():
            images: Any = packed.open_images(folder / "prepared" / f"{run['dataset']}.npy")
            configs = folder / "config" / run["experiment"]
            protocols = json.loads((configs / "evaluate.json").read_text("utf-8"))["settings"]["protocols"]
            found = judge(images, table, lambda: read_encoder(own / "encoder.safetensors"), protocols, run["seed"])  # noqa: B023
            if run["experiment"] not in known:
                known[run["experiment"]] = learned_from(folder, run, images)
            (own / "judged.json").write_text(json.dumps({**known[run["experiment"]], **found}, indent=2), "utf-8")


def probe_all(folder: Path, task: str, other: str, processes: int) -> None:
    """Every finished encoder asked by its nearest neighbors about another task, and about one task with few labels and
    with corrupted images: `probes.csv` beside it, a row a figure."""
    runs = json.loads((folder / "runs.json").read_text("utf-8"))
    waiting = [run for run in runs if (place(folder, run) / "encoder.safetensors").exists()]
    waiting = [run for run in waiting if not (place(folder, run) / "probes.csv").exists()]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        asked = [pool.submit(probe_one, folder, run, task, other) for run in waiting]
        for done in tqdm(as_completed(asked), total=len(asked), desc="probed", mininterval=1):
            done.result()


def probe_one(folder: Path, run: dict, task: str, other: str) -> None:
    """Every question to one encoder."""
    from gristmill.data.packed import open_images
    from gristmill.labels.seeds import of_seed
    from gristmill.networks.build import read_encoder
    from gristmill.pipelines.probe_encoders import probe_encoders

    datasets = {one["task"]: one["dataset"] for one in json.loads((folder / "tasks.json").read_text("utf-8"))}
    own, parts = place(folder, run), []
    encoder = {str(run["seed"]): lambda: read_encoder(own / "encoder.safetensors")}
    settings = {"protocols": ["knn_logo_1"], "labels": None, "tests": None, "corruptions": None, "batch": 256}
    for probe, (about, more) in {
        "other": (other, {}),
        "few": (task, {"labels": [1, 3, 7, 14]}),
        "corrupted": (task, {"tests": 2, "corruptions": "drawings_1"}),
    }.items():
        images = open_images(folder / "prepared" / f"{datasets[about]}.npy")
        table = of_seed(pd.read_parquet(folder / "tasks" / f"{about}.parquet"), run["seed"])
        with contextlib.redirect_stderr(io.StringIO()):  # several at a time: their progress is that of the whole
            found = probe_encoders(run["experiment"], images, table, encoder, settings | {"threads": 1} | more)
        found = found.loc[found["figure"] == "top1"]
        parts.append(found.assign(probe=probe, dataset=datasets[about], task=about, trained_on=run["dataset"]))
    whole = pd.concat(parts).assign(**{name: run[name] for name in ("experiment", "title", "method")})
    whole.to_csv(own / "probes.csv", index=False, float_format="%.6g", lineterminator="\n")


def probed(own: Path) -> dict[str, float]:
    """What a run's probes come to by the nearest neighbors: on the other task, with one label a class, and the mean
    over corruptions and severities; nothing where it was not asked."""
    if not (own / "probes.csv").exists():
        return {}
    table = pd.read_csv(own / "probes.csv")
    questions = {
        "other_top1": "probe == 'other'",
        "one_label_top1": "probe == 'few' and labels == 1",
        "corrupted_top1": "probe == 'corrupted' and corruption != 'clean'",
    }
    return {name: float(table.query(question)["value"].to_numpy().mean()) for name, question in questions.items()}


def learned_from(folder: Path, run: dict, images: Any) -> dict:
    """Labels that a run reads, of which kind, and how many images its network is shown."""
    from gristmill.attributes import attributes
    from gristmill.labels.seeds import of_seed
    from gristmill.report.choice import reads_labels
    from gristmill.train.run import make_run
    from gristmill.train.shown import images_shown

    task = of_seed(pd.read_parquet(folder / "tasks" / f"{run['task']}.parquet"), run["seed"])
    config = json.loads((folder / "config" / run["experiment"] / "train.json").read_text("utf-8"))["settings"]
    reads = reads_labels(run["method"], run.get("w"))
    told = task.query("part == 'train' and label >= 0") if reads else task.head(0)
    kind = "none" if told.empty else "fine" if len(set(told["label"])) == len(set(told["fine"])) else "coarse"
    shown = images_shown(make_run(images, task, attributes(config), run["seed"]))
    return {"labels": len(told), "label_kind": kind, "images": shown}


def collect(folder: Path, file: Path) -> None:
    """The table: a row a finished run, in the order of the parameter file."""
    from gristmill.report.choice import few

    rows, runs = [], json.loads((folder / "runs.json").read_text("utf-8"))
    before = known(file, runs)
    for run in runs:
        metrics = place(folder, run) / "metrics.json"
        if metrics.exists():
            found = json.loads(metrics.read_text("utf-8"))
            machine = {name: found["machine"].get(name) for name in MACHINE}
            judged = metrics.with_name("judged.json")
            more = json.loads(judged.read_text("utf-8")) if judged.exists() else {}
            rows.append({**run, **found["metrics"], **more, **probed(place(folder, run)), **machine})
        elif identity(run) in before:
            rows.append({**before[identity(run)], **run})
    pd.DataFrame(rows).to_csv(file, index=False, float_format="%.6g", lineterminator="\n")
    print(f"{file}: {len(rows)} of {len(runs)} runs")
    asked = [place(folder, run) / "probes.csv" for run in runs]
    if any(one.exists() for one in asked):
        whole = pd.concat([pd.read_csv(one) for one in asked if one.exists()])
        whole.to_csv(file.with_name(f"{file.stem}_probes.csv"), index=False, lineterminator="\n")
    if all(few(run["method"]) for run in runs):
        columns = None if rows else ["experiment", "seed", "task"]
        collect_classes(folder, beside(file), pd.DataFrame(rows, columns=columns))


def beside(file: Path) -> Path:
    """The table with a row a class."""
    return file.with_name(f"{file.stem}_classes.csv")


def known_classes(file: Path) -> pd.DataFrame:
    """The rows that it has already; a class may be called NA."""
    return pd.read_csv(file, keep_default_na=False, na_values=[""]) if file.exists() else pd.DataFrame()


def collect_classes(folder: Path, file: Path, runs: pd.DataFrame) -> None:
    """The table with a row a class of each run, where runs are classifiers; what is no longer there keeps its rows."""
    from gristmill.labels.seeds import of_seed
    from gristmill.report.longer_classes import class_rows

    before = known_classes(file)
    parts = []
    for run in runs.to_dict("records"):
        history = place(folder, run) / "history.json"
        if history.exists():
            task = of_seed(pd.read_parquet(folder / "tasks" / f"{run['task']}.parquet"), run["seed"])
            classes = task.loc[task["part"] == "train"].groupby("fine")["fine_name"].agg(["first", "size"])
            last = json.loads(history.read_text("utf-8"))[-1]
            parts.append(pd.DataFrame(class_rows(run, last, [*classes["first"]], [*classes["size"]])))
        elif len(before):
            parts.append(before.query("experiment == @run['experiment'] and seed == @run['seed']"))
    if any(map(len, parts)):
        table = pd.concat([part for part in parts if len(part)])
        table.to_csv(file, index=False, float_format="%.6g", lineterminator="\n")


def collect_curves(folder: Path, file: Path) -> None:
    """Every course that is there, without lists over classes, in one table; loss and accuracy drawn.

    Courses of two views are drawn by `show`, seeds in bands.
    """
    from gristmill.figures.curves import training_curves
    from gristmill.figures.save import svg
    from gristmill.figures.theme import DARK, LIGHT
    from gristmill.report.choice import two_views

    parts, lines, runs = [], {}, json.loads((folder / "runs.json").read_text("utf-8"))
    for run in runs:
        history = place(folder, run) / "history.json"
        if history.exists():
            table = pd.DataFrame(json.loads(history.read_text("utf-8")))
            table = table[[name for name in table if not any(isinstance(cell, list) for cell in table[name])]]
            parts.append(table.assign(experiment=run["experiment"], title=run["title"]))
            lines.setdefault(run["title"], []).append(table)
    if not parts:
        sys.exit(f"{folder}: no training has been finished")
    whole = pd.concat(parts)
    first = ["experiment", "title", "seed", "epoch", "step"]
    whole = whole[[*first, *(name for name in whole if name not in first)]]
    whole.to_csv(file.with_name(f"{file.stem}_history.csv"), index=False, float_format="%.6g", lineterminator="\n")
    if any(two_views(run["method"]) for run in runs if run["method"] != "untrained"):
        return
    drawn = {title: pd.concat(tables, ignore_index=True) for title, tables in lines.items()}
    family = "few" if "top1" in whole else "coarse"
    for mode, suffix in ((LIGHT, ""), (DARK, "_dark")):
        file.with_name(f"{file.stem}_curves{suffix}.svg").write_bytes(svg(training_curves(drawn, mode, family)))


def collect_pairs(folder: Path, file: Path) -> None:
    """How alike crops of one image are to the trained encoders of LoGo and its bases, in one table.

    All are shown the crops of the first method with local ones: what they are compared by must be the same.
    """
    from gristmill.data.packed import open_images
    from gristmill.labels.seeds import of_seed
    from gristmill.networks.build import read_encoder
    from gristmill.pipelines.pairs import pair_rows
    from gristmill.report.draw_longer_views import LOGO

    wanted = [name for names in LOGO.values() for name in names]
    runs = [run for run in json.loads((folder / "runs.json").read_text("utf-8")) if run["experiment"] in wanted]
    runs = [run for run in runs if (place(folder, run) / "encoder.safetensors").exists()]
    views = [trained_views(folder, run["experiment"]) for run in runs]
    crops = next((own for own in views if "local" in own), None)
    if crops is None:
        sys.exit(f"{folder}: no method with local crops has been trained; --work does it")
    parts = []
    for run in tqdm(runs, desc="pairs", mininterval=1):
        images = open_images(folder / "prepared" / f"{run['dataset']}.npy")
        task = of_seed(pd.read_parquet(folder / "tasks" / f"{run['task']}.parquet"), run["seed"])
        rows = pair_rows(images, task, read_encoder(place(folder, run) / "encoder.safetensors"), crops, run["seed"])
        parts.append(pd.DataFrame({name: run[name] for name in ("experiment", "title", "seed")}, rows.index).join(rows))
    table = pd.concat(parts)
    table.to_csv(file.with_name(f"{file.stem}_pairs.csv"), index=False, float_format="%.6g", lineterminator="\n")


def trained_views(folder: Path, experiment: str) -> dict:
    """The section `views` of an experiment's training."""
    return json.loads((folder / "config" / experiment / "train.json").read_text("utf-8"))["settings"]["views"]


def show(params: Path, root: Path = Path()) -> None:
    """Figures and both READMEs, from the table; the demo's numbers as they lie in data/runs."""
    from gristmill.figures.theme import DARK, LIGHT
    from gristmill.report.draw_longer import longer_pictures
    from gristmill.report.families import is_families
    from gristmill.report.longer_classes import is_classes
    from gristmill.report.longer_tables import longer_tables
    from gristmill.report.longer_views import is_longer_views
    from gristmill.report.markdown import readme_section, replaced, results_section, table_lines
    from gristmill.report.pictures import contents

    name = params.stem
    evidence = pd.read_csv(root / params.with_suffix(".csv"))
    if is_families(evidence):  # before classes: some of its methods are classifiers
        pictures, sections, tables = shown_families(params, evidence, root)
    elif is_longer_views(evidence):
        pictures, sections, tables = shown_views(params, evidence, root)
    elif is_classes(evidence):
        pictures, sections, tables = shown_classes(params, evidence, root)
    else:
        longer, demo, claims = judged(evidence, name, root)
        pictures = longer_pictures(longer, LIGHT) + longer_pictures(longer, DARK)
        sections = readme_section(longer, demo, claims), results_section(longer)
        tables = longer_tables(longer, demo)
    for old in (root / params.parent).glob(f"{name}_*.svg"):
        old.unlink()
    for file, content in contents(pictures).items():
        (root / params.parent / file).write_bytes(content)
    for file, section in zip((root / "README.md", root / params.parent / "README.md"), sections, strict=True):
        file.write_text(replaced(file.read_text("utf-8"), name, section), "utf-8")
    for table in tables:
        print(f"\n{table.title}\n{table_lines(table)}")


def shown_classes(params: Path, evidence: pd.DataFrame, root: Path) -> tuple:
    """Pictures in both modes, both sections and the tables of runs that are classifiers."""
    from gristmill.figures.theme import DARK, LIGHT
    from gristmill.report.draw_longer_classes import classes_pictures
    from gristmill.report.longer_classes import longer_classes
    from gristmill.report.longer_classes_markdown import all_tables, classes_readme_section, classes_results_section

    file = beside(root / params.with_suffix(".csv"))
    longer = longer_classes(evidence, known_classes(file), params.stem)
    if longer is None:
        sys.exit(f"{params.with_suffix('.csv')}: has no run of {params.stem}; --work and --collect make them")
    planned = planned_runs(root / params)
    pictures = classes_pictures(longer, LIGHT) + classes_pictures(longer, DARK)
    return (
        pictures,
        (classes_readme_section(longer, planned), classes_results_section(longer, planned)),
        all_tables(longer),
    )


def shown_families(params: Path, evidence: pd.DataFrame, root: Path) -> tuple:
    """Pictures in both modes, both sections and the table of all families; and what README.md says to choose."""
    from gristmill.figures.theme import DARK, LIGHT
    from gristmill.report.draw_families import families_pictures
    from gristmill.report.families import all_families
    from gristmill.report.families_tables import choice_table, families_table
    from gristmill.report.markdown import replaced
    from gristmill.report.side_by_side_markdown import choice_section, families_sections

    families = only(all_families(evidence, evidence["dataset"]), params)
    pictures = families_pictures(families, LIGHT)
    sections = families_sections(families, pictures, planned_runs(root / params), params.stem)
    readme = root / "README.md"
    choice = replaced(readme.read_text("utf-8"), f"{params.stem}_choice", choice_section(families))
    readme.write_text(choice, "utf-8")
    probes, tables = shown_probes(params, root)
    return pictures + families_pictures(families, DARK) + probes, sections, [
        families_table(families), choice_table(families), *tables,
    ]  # fmt: skip


def shown_probes(params: Path, root: Path) -> tuple[list, list]:
    """Pictures in both modes and the tables of what encoders were asked; results/README.md has them in a part of its
    own. Nothing where they were not asked."""
    from gristmill.figures.theme import DARK, LIGHT
    from gristmill.report.draw_probes import probe_pictures
    from gristmill.report.markdown import replaced
    from gristmill.report.probes import probes
    from gristmill.report.probes_sentences import probe_sentences
    from gristmill.report.probes_tables import probe_tables
    from gristmill.report.side_by_side_markdown import results_section

    file = (root / params).with_name(f"{params.stem}_probes.csv")
    if not file.exists():
        return [], []
    found = probes(pd.read_csv(file))
    light, tables = probe_pictures(found, LIGHT), probe_tables(found)
    readme = root / params.parent / "README.md"
    section = results_section(tables, probe_sentences(found), light, "")
    readme.write_text(replaced(readme.read_text("utf-8"), file.stem, section), "utf-8")
    return light + probe_pictures(found, DARK), tables


def shown_views(params: Path, evidence: pd.DataFrame, root: Path) -> tuple:
    """Pictures in both modes, both sections and the tables of methods of two views."""
    from gristmill.figures.theme import DARK, LIGHT
    from gristmill.report.draw_longer_views import evidence_of_views
    from gristmill.report.draw_views_seconds import seconds_pictures
    from gristmill.report.longer_views import longer_views
    from gristmill.report.longer_views_tables import longer_view_tables
    from gristmill.report.side_by_side_markdown import views_sections

    longer = only(longer_views(evidence, evidence["dataset"]), params)
    found = {params.stem: evidence}
    for name in (f"{params.stem}_history", f"{params.stem}_pairs"):
        file = (root / params).with_name(f"{name}.csv")
        found |= {name: pd.read_csv(file)} if file.exists() else {}
    light, dark = (
        seconds_pictures(longer, mode) + evidence_of_views(found, evidence["dataset"], mode, params.stem)
        for mode in (LIGHT, DARK)
    )
    sections = views_sections(longer, light, planned_runs(root / params), params.stem)
    return light + dark, sections, longer_view_tables(longer)


def only(found: list, params: Path) -> Any:
    """The one data set of a table."""
    if len(found) != 1:
        sys.exit(f"{params.with_suffix('.csv')}: has trainings of {len(found)} data sets, 1 wanted")
    return found[0]


def planned_runs(params: Path) -> int:
    """How many a parameter file has; of two phases one."""
    from gristmill.parameters.read import read
    from gristmill.parameters.resolve import resolve_all

    return sum(len(run["seeds"]) for run in resolve_all(read(params))["runs"])


def judged(evidence: pd.DataFrame, dataset: str, root: Path) -> tuple:
    """Longer trainings, the demo's results, and what both say to the papers' claims."""
    from gristmill.parameters.read import read
    from gristmill.parameters.resolve import resolve_all
    from gristmill.report.claims import judge_claims
    from gristmill.report.longer import longer_trainings
    from gristmill.report.results import TaskFacts, name_rows, summarize, tabulate

    (longer,) = longer_trainings(evidence, [dataset])
    runs = resolve_all(read(root / "params.yaml"))["runs"]
    files = {run["experiment"]: root / "data/runs" / run["experiment"] / "metrics.json" for run in runs}
    metrics = {name: json.loads(file.read_text("utf-8")) for name, file in files.items() if file.exists()}
    tasks = {run["task"]: TaskFacts(run["task"], (), 0, 0, 0, run["task"].endswith("_fine"), dataset) for run in runs}
    demo = name_rows(tabulate(runs, metrics), runs, tasks)
    return longer, demo, judge_claims(demo, summarize(demo), tasks, [longer])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("params", type=Path, help="results/<name>.yaml; the table is results/<name>.csv")
    for part in ("plan", "work", "collect", "show"):
        arguments.add_argument(f"--{part}", action="store_true", help=f"only this part: {part}")
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--curves", action="store_true", help="also the courses, as a table and a figure")
    arguments.add_argument("--pairs", action="store_true", help="also how alike crops of one image are, as a table")
    arguments.add_argument("--judge", metavar="TASK", help="ask every encoder by the images of this task")
    arguments.add_argument("--probe", nargs=2, metavar="TASK", help="ask every encoder about this task and another one")
    arguments.add_argument("--gpu", action="store_true", help="let runs use a GPU")
    arguments.add_argument("--minutes", type=float, default=1e6, help="start no run after that time")
    given = arguments.parse_args()
    folder = Path("data/evidence") / given.params.stem
    whole = not (given.plan or given.work or given.collect or given.show)
    if given.plan or whole:
        plan(given.params, folder)
    if given.work or whole:
        work(
            folder, given.params.with_suffix(".csv"), given.processes, time.monotonic() + 60 * given.minutes, given.gpu
        )
    if given.judge:
        judge_all(folder, given.judge)
    if given.probe:
        task, other = given.probe
        probe_all(folder, task, other, given.processes)
    if given.collect or whole:
        collect(folder, given.params.with_suffix(".csv"))
    if given.curves:
        collect_curves(folder, given.params.with_suffix(".csv"))
    if given.pairs:
        collect_pairs(folder, given.params.with_suffix(".csv"))
    marked = f"<!-- {given.params.stem}" in Path("README.md").read_text("utf-8")
    if given.show or ((given.collect or whole) and marked):  # other tables are shown by hand
        show(given.params)


if __name__ == "__main__":
    main()
