"""What README.md and results/README.md say of the longer trainings is what the tables in results/ say."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from gristmill.figures.theme import DARK, LIGHT
from gristmill.parameters.check import problems
from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve, resolve_all
from gristmill.report.draw_longer import longer_pictures
from gristmill.report.longer import longer_trainings
from gristmill.report.pictures import contents
from scripts import evidence
from tests.project import ROOT

DEMO = re.compile(r"^(\| [^|]+)\|[^|]*\|[^|]*\|(?=[^|]*\|[^|]*\|[^|]*\|$)", re.MULTILINE)  # its two columns
TABLES = [file.stem for file in sorted((ROOT / "results").glob("*.yaml")) if file.with_suffix(".csv").exists()]
VERDICT = re.compile(r"^(\| [^|]+)\|[^|]*\|(?=[^|]*\|[^|]*\|$)", re.MULTILINE)  # the demo's


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two files and the figures, written again."""
    root = tmp_path_factory.mktemp("shown")
    for name in ("params.yaml", "README.md", "results", "data/runs"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("encoders", "features", "*.svg"))
        else:
            shutil.copy(source, root / name)
    evidence.show(Path("results/omniglot.yaml"), root)
    return root


def section(file: Path) -> str:
    return file.read_text("utf-8").partition("<!-- omniglot")[2].partition("<!-- end of omniglot")[0]


def test_results_readme_is_made_from_the_table(shown: Path):
    assert section(ROOT / "results/README.md") == section(shown / "results/README.md")


def test_readme_is_made_from_the_table(shown: Path):
    own, made = (section(root / "README.md") for root in (ROOT, shown))
    assert len(DEMO.findall(own)) > 10 and len(VERDICT.findall(own)) > 5
    without_demo = [VERDICT.sub(r"\1|", DEMO.sub(r"\1|", text)) for text in (own, made)]
    assert without_demo[0] == without_demo[1]  # the demo's own numbers change with the machine that runs it


def test_figures_are_made_from_the_table(shown: Path):
    (longer,) = longer_trainings(pd.read_csv(ROOT / "results/omniglot.csv"), ["omniglot"])
    files = contents(longer_pictures(longer, LIGHT) + longer_pictures(longer, DARK))
    assert set(files) == {path.name for path in (ROOT / "results").glob("omniglot_*.svg")}
    for name, content in files.items():
        words = [re.findall(r"<text.*?>(.*?)</text>", text, re.DOTALL) for text in
                 (content.decode(), (ROOT / "results" / name).read_text("utf-8"))]  # fmt: skip
        assert words[0] == words[1], f"{name}: run python scripts/evidence.py results/omniglot.yaml --show"


def test_few_labels_are_shown_from_their_tables_and_leave_the_other_sections_alone(shown: Path):
    before = {file: (shown / file).read_text("utf-8") for file in ("README.md", "results/README.md")}
    evidence.show(Path("results/fashion.yaml"), shown)
    for file, text in before.items():
        assert (shown / file).read_text("utf-8") == text
        own, made = (part.partition("<!-- fashion")[2].partition("<!-- end of fashion")[0] for part in
                     ((ROOT / file).read_text("utf-8"), (shown / file).read_text("utf-8")))  # fmt: skip
        assert own == made, f"{file}: run python scripts/evidence.py results/fashion.yaml --show"
    pictures = {path.name for path in (ROOT / "results").glob("fashion_*.svg")}
    assert pictures == {path.name for path in (shown / "results").glob("fashion_*.svg")} != set()
    assert len([*(shown / "results").glob("omniglot_*.svg")]) == 12


@pytest.mark.parametrize("name", [name for name in ("two_views", "families") if name in TABLES])
def test_tables_of_several_families_are_shown_as_they_are(name: str, shown: Path):
    evidence.show(Path(f"results/{name}.yaml"), shown)
    for file in ("README.md", "results/README.md"):
        for part in (name, f"{name}_choice"):
            own, made = ((root / file).read_text("utf-8").partition(f"<!-- {part}:")[2].partition("<!-- end of")[0]
                         for root in (ROOT, shown))  # fmt: skip
            assert own == made, f"{file}: run python scripts/evidence.py results/{name}.yaml --show"
    drawn = [{path.name for path in (root / "results").glob(f"{name}_*.svg")} for root in (ROOT, shown)]
    assert drawn[0] == drawn[1] != set()


@pytest.mark.parametrize("name", TABLES)
def test_the_table_has_the_runs_of_its_settings(name: str):
    table = pd.read_csv(ROOT / f"results/{name}.csv")
    runs = resolve_all(read(ROOT / f"results/{name}.yaml"))["runs"]
    planned = pd.DataFrame([evidence.describe(run, seed) for run in runs for seed in run["seeds"]])
    shown = [key for key in evidence.SETTINGS if key in planned and (key in table or key not in evidence.LATER)]
    keys = ["experiment", "title", "method", "task", "seed", *shown]
    expected = planned[keys].set_index(["experiment", "seed"])
    own = table[keys].set_index(["experiment", "seed"])
    assert own.index.is_unique
    pd.testing.assert_frame_equal(own, expected.loc[own.index], check_dtype=False)


@pytest.mark.parametrize("file", sorted((ROOT / "results").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_file_of_settings_is_right(file: Path):
    assert problems(read(file)) == []


RUN = {"experiment": "maskcon_good", "title": "MaskCon", "method": "maskcon", "dataset": "omniglot", "task": "good",
       "epochs": 40, "m": 0.97, "T1": 0.1, "w": 0.5, "T2": 0.05, "seed": 0}  # fmt: skip


def table(path: Path, *rows: dict) -> Path:
    pd.DataFrame([*rows]).to_csv(path, index=False)
    return path


def test_a_run_with_a_row_is_known_whatever_its_numbers_look_like_in_the_file(tmp_path):
    file = table(tmp_path / "t.csv", {**RUN, "recall_1": 0.6}, {**RUN, "experiment": "supce", "T1": None, "T2": None})
    rows = evidence.known(file)
    assert evidence.identity(RUN) in rows
    assert evidence.identity({**RUN, "experiment": "supce", "T1": None, "T2": None}) in rows


def test_another_seed_or_setting_is_another_run(tmp_path):
    rows = evidence.known(table(tmp_path / "t.csv", RUN))
    for change in ({"seed": 1}, {"epochs": 120}, {"w": 0.8}, {"T2": None}):
        assert evidence.identity({**RUN, **change}) not in rows


def test_a_table_from_before_there_was_a_column_keeps_its_rows_and_one_with_it_compares(tmp_path):
    run = {**RUN, "K": 1024}
    before, with_it = table(tmp_path / "t.csv", RUN), table(tmp_path / "u.csv", run)
    assert evidence.identity(run) in evidence.known(before, [run])
    assert evidence.identity(run) not in evidence.known(before, [{**run, "seed": 1}])
    assert evidence.identity({**run, "K": 256}) not in evidence.known(with_it, [{**run, "K": 256}])


def test_without_a_table_nothing_is_known(tmp_path):
    assert evidence.known(tmp_path / "none.csv") == {}


def test_cifartoy_is_trained_with_the_paper_projects_settings():
    own, paper = (read(ROOT / file) for file in ("results/cifartoy.yaml", "paper/params.yaml"))
    for experiment in own["experiments"]:
        mine, theirs = (resolve(parameters, experiment, "train") for parameters in (own, paper))
        for settings in (mine, theirs):
            del settings["monitor"], settings["train"]["checkpoint"]  # decide no weight
        assert mine == theirs


def test_readme_quotes_the_cifartoy_table():
    (row,) = pd.read_csv(ROOT / "results/cifartoy.csv").to_dict("records")
    history = pd.read_csv(ROOT / "results/cifartoy_history.csv").set_index("epoch")["recall_1"]
    text = " ".join((ROOT / "results/README.md").read_text("utf-8").split())
    for figure in (
        f"Recall@1 {row['recall_1']:.3f}, Recall@10 {row['recall_10']:.3f}",
        f"coarse Recall@1 {row['coarse_recall_1']:.3f}",
        f"accuracy {row['discover_accuracy']:.3f}",
        "is {:.3f}, {:.3f}, {:.3f}, {:.3f} and {:.3f}".format(*history[[20, 60, 100, 140, 180]]),
    ):
        assert figure in text
