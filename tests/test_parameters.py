"""What params.yaml may say, and what a step gets of it."""

import json
from copy import deepcopy
from math import inf
from pathlib import Path
from typing import Any

import pytest

from gristmill.errors import UserError
from gristmill.parameters.check import problems
from gristmill.parameters.known import methods
from gristmill.parameters.read import read, text_of, traps
from gristmill.parameters.resolve import resolve, resolve_all, slug
from gristmill.pipelines.files import missing_files
from tests.project import ROOT

OWN = read(ROOT / "params.yaml")


def changed(place: str, value: Any) -> dict[str, Any]:
    """The project's parameters with one value at a dotted place; `...` takes it away."""
    parameters = deepcopy(OWN)
    *path, last = place.split("/")
    block = parameters
    for key in path:
        block = block.setdefault(key, {})
    if value is ...:
        del block[last]
    else:
        block[last] = value
    return parameters


def test_the_projects_own_parameters_are_right():
    assert problems(OWN) == []
    assert traps(text_of(ROOT / "params.yaml")) == []


WRONG = [
    (
        "experiments/maskcon_good/loss",
        {"temprature": 0.1},
        "experiments.maskcon_good.loss.temprature: no such parameter; did you mean 'temperature'?",
    ),
    ("loss/temprature", 0.1, "loss.temprature: no such parameter; did you mean 'temperature'?"),
    ("experimets", {}, "experimets: no such section; did you mean 'experiments'?"),
    ("experiments", {}, "params.yaml: experiments: empty; at least one entry is needed"),
    ("tasks", {}, "params.yaml: tasks: empty; at least one entry is needed"),
    ("datasets", {}, "params.yaml: datasets: empty; at least one entry is needed"),
    ("datasets", ..., "params.yaml: datasets: missing"),
    ("tasks", ..., "params.yaml: tasks: missing"),
    ("experiments", None, "params.yaml: experiments: expected a block of keys, found None"),
    ("loss", {1: 3}, "loss.1: no such parameter; there are base_temperature, contrast, denominator, "),
    ("experiments/maskcon_good/loss", {1: 3}, "experiments.maskcon_good.loss.1: no such parameter; there are"),
    ("experiments/maskcon_good/title", {1: 3}, "experiments.maskcon_good.title: expected text, found {1: 3}"),
    (
        "tasks/omniglot_good/split",
        {"column": "drawer", "train": [1], "test": [2], 1: [3]},
        "tasks.omniglot_good.split.1: no such parameter; there are column, order, test, train, unlabeled, validation",
    ),
    ("loss/temperature", -1, "loss.temperature: -1 is out of range (above 0, at most 100)"),
    ("loss/temperature", "low", "loss.temperature: expected a number, found 'low'"),
    ("loss/temperature", ..., "loss.temperature: missing"),
    ("loss/w", 1.5, "loss.w: 1.5 is out of range (at least 0, at most 1)"),
    ("train/epochs", 1.5, "train.epochs: expected a whole number, found 1.5"),
    ("train/warmup", 99, "train: warmup 99 is longer than the run ("),
    ("network/name", "smal", "network.name: 'smal' is not possible; did you mean 'small'?"),
    ("network/widths", [0], "network.widths.0: 0 is out of range (at least 8, at most 4096)"),
    ("evaluate/k", [5, 1], "evaluate.k: [5, 1] must rise: [1, 5]"),
    (
        "evaluate/discover/number",
        "truht",
        "evaluate.discover.number: 'truht' is not possible; give truth, silhouette or a number from 1 to 100000",
    ),
    ("evaluate/discover/number", 0, "evaluate.discover.number: 0 is not possible; give truth, silhouette or a number"),
    ("evaluate/discover/number", True, "evaluate.discover.number: True is not possible; give truth, silhouette or"),
    ("evaluate/discover/number", 2.5, "evaluate.discover.number: 2.5 is not possible; give truth, silhouette or"),
    ("evaluate/discover/most", 1, "evaluate.discover.most: 1 is out of range (at least 2, at most 1000)"),
    ("evaluate/discover/most", ..., "evaluate.discover.most: missing"),
    ("evaluate/discover/starts", 1, "evaluate.discover.starts: no such parameter; did you mean 'restarts'?"),
    ("evaluate/discover", "truth", "evaluate.discover: expected a block of keys, found 'truth'"),
    ("evaluate/discover", ..., "evaluate.discover: missing"),
    ("figures/dpi", 0, "figures.dpi: 0 is out of range (at least 30, at most 1200)"),
    ("memory/size", 1001, "params.yaml: memory.size 1001 is not a multiple of train.batch"),
    (
        "experiments/maskcon_good/memory",
        {"size": 1001},
        "experiments.maskcon_good: memory.size 1001 is not a multiple of train.batch",
    ),
    ("datasets/omniglot/views/std", [0.0], "datasets.omniglot.views.std.0: 0.0 is out of range (above 0, at most 10)"),
    (
        "datasets/omniglot/views/std",
        [1.0, 1.0],
        "datasets.omniglot.views: mean has 1 channels, std 2; give one value a channel in both",
    ),
    ("datasets/omniglot/source", "omniglott", "datasets.omniglot.source: no image source 'omniglott'; did you mean"),
    ("tasks/omniglot_good/grouping", "good", "tasks.omniglot_good.grouping: no grouping 'good'"),
    ("tasks/omniglot_good/dataset", "cifar", "omniglot_good.dataset: no data set 'cifar'; there are fashion, omniglot"),
    (
        "tasks/omniglot_good/split",
        {"column": "drawer", "train": [1], "test": [1]},
        "tasks.omniglot_good.split: split: drawer 1 is in train and in test",
    ),
    (
        "tasks/omniglot_good/split",
        {"column": "drawer", "train": [1], "test": [2], "validation": [3], "unlabeled": [4, 3]},
        "tasks.omniglot_good.split: split: drawer 3 is in unlabeled and in validation",
    ),
    ("experiments/maskcon_good/method", "maskon", "method: no method 'maskon'; did you mean 'maskcon'?"),
    ("experiments/maskcon_good/task", "omniglot_god", "task: no task 'omniglot_god'; did you mean 'omniglot_good'?"),
    ("experiments/maskcon_good/task", ..., "experiments.maskcon_good.task: missing"),
    ("experiments/maskcon_good/seeds", [0, 0], "experiments.maskcon_good: seeds [0, 0]: a seed stands twice"),
    ("experiments/maskcon_good/seeds", 0, "experiments.maskcon_good.seeds: expected a list, found 0"),
    ("experiments/maskcon_good/seed", [0], "experiments.maskcon_good.seed: no such parameter; did you mean 'seeds'?"),
    (
        "experiments/supce_good/loss",
        {"w": 1.0, "target_temperature": 1.0},
        "experiments.supce_good.loss.target_temperature: method 'coins' does not read it",
    ),
    ("experiments/a.b", OWN["experiments"]["supce_good"], "a.b: a name has small letters, digits and _ only"),
    ("experiments/omniglot", OWN["experiments"]["supce_good"], "omniglot: the name stands under datasets too"),
    ("experiments/maskcon", OWN["experiments"]["supce_good"], "experiments.maskcon: a method is called so"),
    ("experiments/report", OWN["experiments"]["supce_good"], "experiments.report: Gristmill uses this name itself"),
    ("experiments/supce", OWN["experiments"]["supce_good"], "the title 'SupCE' is the pipeline 'supce'"),
    ("experiments/supce_good/title", "Grafit", "experiments.supce_good.title: 'Grafit' is another method's name"),
    ("experiments/supce_good/train", {"lr": 1.0}, "title: 'SupCE' is also supce_good, with other settings"),
    (
        "experiments/again",
        OWN["experiments"]["fixmatch_reversed"] | {"loss": {"threshold": 0.8}},
        "title: 'FixMatch' is also fixmatch_reversed, with other settings",
    ),
    ("probe/experiments", ["simclr_drawing"], "probe.experiments: no experiment 'simclr_drawing'; did you mean"),
    ("probe/experiments", [], "probe.experiments: empty, so nobody is asked"),
    ("probe/experiments", ["raw_pixels", "raw_pixels"], "probe: experiments: raw_pixels stands twice"),
    ("probe/batch", 1, "probe.batch: 1 is out of range"),
    ("probe/size", 1, "probe.size: no such parameter; there are batch, experiments, threads"),
    ("probes/few_drawings/task", "omniglot", "few_drawings.task: no task 'omniglot'; did you mean"),
    ("probes/few_drawings/labels", [3, 1], "probes.few_drawings: labels [3, 1]: must rise"),
    ("probes/few_drawings/protocols", ["knn"], "few_drawings.protocols: no such protocol 'knn'; there are "),
    ("probes/few_drawings/protocols", [], "probes.few_drawings.protocols: "),
    ("probes/few_drawings/corruptions", "drawings", "'drawings' is not possible; did you mean 'drawings_1'"),
    ("probes/few_drawings/train", {}, "probes.few_drawings.train: no such parameter; there are corruptions, labels, "),
    ("probes/probe", OWN["probes"]["few_drawings"], "probes.probe: Gristmill uses this name itself"),
    ("experiments/maskcon_good/probe", {"batch": 2}, "experiments.maskcon_good.probe: no such parameter; there are"),
]


@pytest.mark.parametrize(("place", "value", "message"), WRONG, ids=[f"{w[0]}={w[1]!s:.20}" for w in WRONG])
def test_a_wrong_value_gives_one_line_with_its_place(place: str, value: Any, message: str):
    found = problems(changed(place, value))
    assert len(found) == 1
    assert found[0].startswith("params.yaml: ")
    assert message in found[0]


@pytest.mark.parametrize("kind", ["datasets", "experiments"])
def test_a_key_that_is_no_text_is_named(kind: str):
    assert problems({**OWN, 1: {}})[0].startswith("params.yaml: 1: no such section; there are balance, blend, ")
    line = f"params.yaml: {kind}.1: a name has small letters, digits and _ only"
    assert problems({**OWN, kind: {**OWN[kind], 1: next(iter(OWN[kind].values()))}}) == [line]


def test_an_experiments_data_set_must_be_its_tasks():
    parameters = changed("datasets/other", OWN["datasets"]["omniglot"])
    parameters["experiments"]["maskcon_good"]["dataset"] = "other"
    line = "params.yaml: experiments.maskcon_good.dataset: other, but task omniglot_good is on omniglot"
    assert line in problems(parameters)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\x07\n", "line 2: the character U+0007 is not allowed; take it out"),
        ("a: 1\nb: [-, 2020-13-45]\n", "line 2: 2020-13-45: month must be in 1..12; quote it if it is text"),
        ("a: !!timestamp '2020-13-45'\n", "month must be in 1..12; quote it if it is text"),
        ("a: 1\n b: 2\n", "line 2: mapping values are not allowed here"),
    ],
)
def test_what_no_parser_reads_is_one_line(tmp_path: Path, text: str, line: str):
    (tmp_path / "params.yaml").write_text(text, "utf-8")
    with pytest.raises(UserError) as error:
        read(tmp_path / "params.yaml")
    assert str(error.value) == f"{tmp_path / 'params.yaml'}: {line}"


TRAPS = ["a: &x 1", "b: *x", "a: {<<: 1}", "a: 1e-3", "a: 1.5e3", "a: yes", "a: Off", "a: 012", "a: 1:30", "a: ${b}"]


@pytest.mark.parametrize("text", TRAPS)
def test_what_parsers_read_differently_is_refused(text: str):
    (line,) = traps(text)
    assert line.startswith("params.yaml: line 1: ")


@pytest.mark.parametrize("text", ["a: 0.5", "a: 0", "a: 1.0e-3", "a: '1e-3'", "a: true", "a: .inf", "a: -10"])
def test_what_all_parsers_agree_about_is_not_refused(text: str):
    assert traps(text) == []


def test_settings_are_cut_to_what_the_method_reads():
    maskcon, grafit = (resolve(OWN, name, "train") for name in ("maskcon_good", "grafit_good"))
    assert maskcon["loss"].keys() == {"temperature", "target_temperature", "w"}
    assert grafit["loss"].keys() == {"temperature", "w"}
    assert maskcon["seeds"] == [0]
    assert "seeds" not in resolve(OWN, "maskcon_good", "evaluate")


def test_what_has_no_influence_is_blank():
    assert resolve(OWN, "supce_good", "train")["loss"] == {"temperature": None, "w": 1.0}
    assert resolve(OWN, "coins_good", "train")["loss"]["temperature"] == OWN["loss"]["temperature"]
    assert resolve(changed("loss/w", 0.0), "maskcon_good", "train")["loss"]["target_temperature"] is None
    assert resolve(OWN, "raw_pixels", "train")["network"]["widths"] is None


def test_floors_have_no_length_to_limit():
    short = changed("limit/epochs", 1)
    assert problems(short) == []
    assert resolve(short, "raw_pixels", "train") == resolve(OWN, "raw_pixels", "train")
    assert resolve(short, "simclr_drawings", "train")["train"]["epochs"] == 1


def test_few_channels_are_refused_where_they_crash():
    large = changed("datasets/omniglot/views/size", 64)
    assert problems(large) == []
    large["network"]["widths"] = [8, 16]
    assert any("widths [8, 16]: of views of more than 32 pixels" in line for line in problems(large))
    large["network"]["widths"] = [8]  # no strided shortcut
    assert not any("widths" in line for line in problems(large))


def test_sections_overlay_each_other():
    assert resolve(OWN, "maskcon_good", "train")["views"]["size"] == OWN["datasets"]["omniglot"]["views"]["size"]
    assert resolve(OWN, "selfcon_good", "train")["loss"]["w"] == 0.0


def test_settings_survive_json_and_back():
    settings = resolve_all(changed("loss/target_temperature", inf))
    assert settings["experiments"]["maskcon_good"]["train"]["loss"]["target_temperature"] == inf
    assert json.loads(json.dumps(settings)) == settings


def test_a_split_may_have_validation_and_unlabeled_images():
    split = {"column": "drawer", "train": [1], "test": [2], "validation": [3], "unlabeled": [4, 5]}
    parameters = changed("tasks/omniglot_good/split", split)
    assert problems(parameters) == []
    assert resolve_all(parameters)["tasks"]["omniglot_good"]["split"] == split
    del split["validation"]
    assert resolve_all(parameters)["tasks"]["omniglot_good"]["split"] == split


GREY = {"recipe": "cifar", "size": 28, "mean": [0.286], "std": [0.353]}
PHOTOGRAPHS = {"recipe": "cifar", "size": 96, "mean": [0.4914, 0.4822, 0.4465], "std": [0.2471, 0.2435, 0.2616]}
FASHION = "src/gristmill/data/embedded/fashion.npz"
SETS = [("fashion", FASHION, GREY), ("fashion_mnist", "data/raw/none", GREY), ("stl10", "data/raw/none", PHOTOGRAPHS)]


@pytest.mark.parametrize(("source", "path", "views"), SETS)
def test_sets_of_the_family_of_few_labels_may_be_named(source: str, path: str, views: dict[str, Any], monkeypatch):
    parameters = changed("datasets/few", {"source": source, "path": path, "views": views})
    parameters["tasks"]["few_fine"] = {"dataset": "few", "grouping": "fine"}
    parameters["experiments"]["few_supfine"] = {
        "method": "coins", "title": "SupFine", "dataset": "few", "task": "few_fine", "seeds": [0], "loss": {"w": 1.0},
    }  # fmt: skip
    assert problems(parameters) == []
    assert resolve(parameters, "few_supfine", "train")["views"]["mean"] == views["mean"]
    monkeypatch.chdir(ROOT)
    missing = missing_files(parameters)
    assert missing == [] if source == "fashion" else f"datasets.few: {path}: " in missing[0]


def test_one_and_one_point_nought_are_the_same_setting():
    assert json.dumps(resolve_all(changed("train/lr", 1))) == json.dumps(resolve_all(changed("train/lr", 1.0)))


@pytest.mark.parametrize("title, name", [("SupCon (queue)", "supcon_queue"), ("SupCE", "supce"), ("a  b!", "a_b")])
def test_titles_as_names_of_pipelines(title: str, name: str):
    assert slug(title) == name


def test_there_is_no_registry_of_methods():
    assert set(methods()) == {path.stem for path in (ROOT / "src/gristmill/methods").glob("*.py")} & {
        path.stem for path in (ROOT / "src/gristmill/parameters").glob("*.py")
    } - {"__init__", "query_key", "few_labels", "two_views"}
