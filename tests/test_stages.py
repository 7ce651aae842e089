"""dvc.yaml, params.yaml, the catalog and the code tell one story; what a change runs again."""

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml
from dvc.repo import Repo
from kedro.io import CatalogConfigResolver
from kedro.pipeline import Pipeline

from gristmill.parameters.read import read
from gristmill.pipelines.configure import configure, node_step
from gristmill.pipelines.create import create_pipelines
from gristmill.pipelines.lockfile import config_text, md5
from gristmill.pipelines.parameters import for_nodes
from tests.project import PARAMETERS, ROOT, Project, make_project

TINY = yaml.safe_load(PARAMETERS)
OWN = read(ROOT / "params.yaml")


# One story: the project's own parameters


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """DVC's stages of the project's own params.yaml, by name."""
    project = make_project(tmp_path_factory.mktemp("own"), (ROOT / "params.yaml").read_text("utf-8"))
    with contextlib.chdir(project.folder):
        yield {stage.addressing: stage for stage in Repo(".").index.stages}


def nodes_of(command: str) -> Pipeline:
    """The nodes that a `kedro run` command runs."""
    everything = create_pipelines(OWN)["__default__"]
    kind, name = re.fullmatch(r"kedro run --(nodes|namespaces|tags)=(\S+)", command).groups()  # type: ignore[union-attr]
    if kind == "tags":
        return everything.only_nodes_with_tags(name)
    return everything.only_nodes(name) if kind == "nodes" else everything.only_nodes_with_namespaces([name])


def place(dataset: str) -> str | None:
    """Where a dataset of the catalog lies; None where it stays in memory."""
    catalog = yaml.safe_load((ROOT / "conf/base/catalog.yml").read_text("utf-8"))
    config = CatalogConfigResolver(catalog).resolve_pattern(dataset)
    assert config, f"{dataset} is not in the catalog"
    return None if config["type"] == "MemoryDataset" else config.get("filepath") or config["path"]


def inside(path: str, folders: set[str]) -> bool:
    """Whether a path is one of some others, or below one."""
    return any(path == folder or PurePath(folder) in PurePath(path).parents for folder in folders)


def is_data(name: str) -> bool:
    """Whether an input of a node lies in a file."""
    return name != "parameters" and not name.startswith("params:")


def test_a_stage_writes_what_its_nodes_write(stages: dict[str, Any]):
    for name, stage in stages.items():
        written = {path for output in nodes_of(stage.cmd).all_outputs() if (path := place(output))}
        outs = {str(out.def_path) for out in stage.outs}
        assert all(inside(path, outs) for path in written), name
        assert all(any(inside(path, {out}) for path in written) for out in outs), name


def test_a_stage_depends_on_all_that_its_nodes_read(stages: dict[str, Any]):
    for name, stage in stages.items():
        steps = nodes_of(stage.cmd)
        data = filter(is_data, steps.all_inputs() - steps.all_outputs())
        read_in = {path for name in data if (path := place(name))}
        assert all(inside(path, {str(dep.def_path) for dep in stage.deps}) for path in read_in), name


def test_a_node_takes_exactly_the_settings_in_the_file_that_its_stage_depends_on(stages: dict[str, Any]):
    parameters, files = for_nodes(OWN), configure(for_nodes(OWN))
    for name, stage in stages.items():
        deps = {str(dep.def_path) for dep in stage.deps}
        for node in nodes_of(stage.cmd).nodes:
            for taken in (one for one in node.inputs if one.startswith("params:")):
                value: Any = parameters
                for key in taken.removeprefix("params:").split("."):
                    value = value[key]
                found = node_step(node.name)
                file = found[1] if found else f"report/{taken.removeprefix('params:')}"
                assert files[file]["settings"] == value, name
                assert inside(f"data/config/{file}.json", deps), name


def test_every_experiment_has_its_stages_and_every_node_is_in_one(stages: dict[str, Any]):
    covered = {node.name for stage in stages.values() for node in nodes_of(stage.cmd).nodes}
    assert covered == {node.name for node in create_pipelines(OWN)["__default__"].nodes}


# What a change reaches: the files that `configure` writes, on which the stages depend


def changed(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Names of the settings files that differ, the list of runs aside."""
    before, after = (configure(for_nodes(parameters)) for parameters in (old, new))
    differ = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return differ - {"report/runs"}


ROWS = [
    ("loss/temperature", 0.3, {"parity/train"}),
    ("loss/target_temperature", 0.1, {"parity/train"}),
    ("experiments/parity/loss", {"w": 0.4}, {"parity/train"}),
    ("train/lr", 0.1, {"parity/train", "supce/train"}),
    ("train/threads", 2, {"parity/train", "supce/train", "pixels/train"}),
    ("evaluate/k", [1], {"parity/evaluate", "supce/evaluate", "pixels/evaluate"}),
    ("evaluate/discover/number", 3, {"parity/evaluate", "supce/evaluate", "pixels/evaluate"}),
    ("evaluate/discover/most", 8, set()),  # silhouette alone reads it
    ("figures/dpi", 90, {"report/figures"}),
    ("experiments/parity/seeds", [0, 1, 2], {"parity/train"}),
    ("experiments/parity/title", "MaskCon, twice", set()),
    ("experiments/another", {**TINY["experiments"]["supce"], "seeds": [3]}, {"another/train", "another/evaluate"}),
    ("datasets/digits/views", {"size": 10}, {"parity/train", "supce/train", "pixels/train"}),
    ("datasets/digits/path", "dvc.yaml", {"datasets/digits"}),
    ("tasks/digits_parity/grouping", "fine", {"tasks/digits_parity"}),
]


@pytest.mark.parametrize(("name", "value", "files"), ROWS, ids=[row[0] for row in ROWS])
def test_a_changed_value_reaches_only_what_reads_it(name: str, value: Any, files: set[str]):
    parameters = deepcopy(TINY)
    *path, last = name.split("/")
    block = parameters
    for key in path:
        block = block[key]
    block[last] = value
    assert changed(TINY, parameters) == files
    assert changed(TINY, deepcopy(TINY)) == set()


CONFIGURE = """
import json
from gristmill.parameters.read import read
from gristmill.pipelines.configure import configure
from gristmill.pipelines.parameters import for_nodes
print(json.dumps(configure(for_nodes(read()))))
"""
TRAINED, EVALUATED = ({f"{name}/{step}" for name in TINY["experiments"]} for step in ("train", "evaluate"))
EDITS = [
    ("methods/maskcon.py", "# a comment", set()),
    ("methods/maskcon.py", "ADDED = 1", {"parity/train"}),
    ("methods/grafit.py", "ADDED = 1", set()),
    ("methods/coins.py", "ADDED = 1", {"supce/train"}),
    ("methods/query_key.py", "ADDED = 1", {"parity/train", "supce/train"}),
    ("train/loop.py", "ADDED = 1", TRAINED),
    ("evaluate/recall.py", "ADDED = 1", EVALUATED),
    ("evaluate/features.py", "ADDED = 1", TRAINED | EVALUATED),
    ("evaluate/discover.py", "ADDED = 1", EVALUATED),  # training does not look for classes
    ("evaluate/kmeans.py", "ADDED = 1", EVALUATED),
    ("figures/curves.py", "ADDED = 1", {"report/figures"}),
    ("labels/coarse.py", "ADDED = 1", {"tasks/digits_parity"}),
    ("labels/groupings/omniglot_good.csv", "more", set()),
    ("data/digits.py", "ADDED = 1", {"datasets/digits"}),
    ("data/omniglot.py", "ADDED = 1", set()),
    ("parameters/maskcon.py", "ADDED = 1", set()),
    ("cli.py", "ADDED = 1", set()),
    ("losses/new.py", "ADDED = 1", set()),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    """A copy whose modules are edited, and what `configure` writes before that."""
    project = make_project(tmp_path_factory.mktemp("source"))
    return project, configured(project)


def configured(project: Project) -> dict[str, Any]:
    """What `configure` writes there."""
    return json.loads(project.run(sys.executable, "-c", CONFIGURE).stdout)


@pytest.mark.parametrize(("file", "line", "files"), EDITS, ids=[f"{edit[0]}-{edit[1]}" for edit in EDITS])
def test_an_added_line_reaches_only_the_steps_that_can_run_it(
    source: tuple[Project, dict[str, Any]], file: str, line: str, files: set[str]
):
    project, before = source
    path = project.folder / "src/gristmill" / file
    text = path.read_text("utf-8") if path.exists() else None
    try:
        path.write_text((text or "") + f"\n{line}\n", "utf-8")
        after = configured(project)
    finally:
        path.unlink() if text is None else path.write_text(text, "utf-8")
    differ = {name for name in before if before[name] != after[name]}
    assert differ >= files
    assert differ - files <= {"report/figures"}  # the page shows what training sees, so it reaches nearly everything


# DVC itself, on a tiny run


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A tiny project, two experiments, after its first `dvc repro`."""
    lines = [line for line in PARAMETERS.splitlines() if "pixels" not in line]
    project = make_project(tmp_path_factory.mktemp("tiny"), "\n".join(lines))
    ran = set(project.repro())
    assert ran >= {"configure", "prepare@digits", "task@digits_parity", "train@parity", "evaluate@parity", "report"}
    project.commit()
    return project


def test_a_second_repro_does_nothing(project: Project):
    assert project.repro() == []
    assert "up to date" in project.dvc("status")


def test_a_settings_file_is_what_why_computes(project: Project):
    files = configured(project)
    on_disk = Path(project.folder, "data/config")
    found = {str(path.relative_to(on_disk).with_suffix("")): path.read_bytes() for path in on_disk.rglob("*.json")}
    assert {name: md5(content) for name, content in found.items()} == {
        name: md5(config_text(content).encode()) for name, content in files.items()
    }


def test_kedro_run_leaves_the_same_bytes_and_nothing_to_resume(project: Project):
    project.kedro("--pipeline=maskcon")
    stages = ["prepare@digits", "task@digits_parity", "train@parity", "evaluate@parity"]
    assert "up to date" in project.dvc("status", "configure", *stages)
    assert not (project.folder / "data/resume/parity").exists()


def test_a_comment_or_a_new_file_runs_configure_alone(project: Project):
    project.replace("src/gristmill/methods/maskcon.py", "class MaskCon(", "# a comment\n\n\nclass MaskCon(")
    (project.folder / "src/gristmill/losses/new.py").write_text("ONE = 1\n", "utf-8")
    assert project.repro() == ["configure"]
    project.run("git", "checkout", "-q", ".")
    project.run("git", "clean", "-qfd", "src")


def test_a_line_of_maskcon_trains_maskcon_again_and_why_says_so(project: Project):
    project.replace("src/gristmill/methods/maskcon.py", "class MaskCon(", "ADDED = 1\n\n\nclass MaskCon(")
    assert "code changed: gristmill.methods.maskcon" in project.gristmill("why", "parity").stdout
    assert project.repro() == ["configure", "train@parity"]  # the same bytes: nothing after it
    project.run("git", "checkout", "-q", ".")
    project.dvc("checkout")
    assert "up to date" in project.dvc("status")


def test_a_what_if_trains_what_reads_the_value_and_can_be_left_again(project: Project):
    said = project.dvc("exp", "run", "-S", "loss.temperature=0.1", "evaluate@parity", "evaluate@supce")
    ran = re.findall(r"Running stage '(.*?)'", said)
    assert ran == ["configure", "train@parity", "evaluate@parity"]
    assert "loss.temperature" in project.dvc("params", "diff")
    assert "0.1" in project.dvc("exp", "show", "--only-changed", "--csv")
    project.run("git", "checkout", "-q", ".")
    project.dvc("checkout")
    assert "up to date" in project.dvc("status")


def test_record_lets_dvc_accept_what_kedro_made_and_refuses_what_it_did_not(project: Project):
    project.replace("params.yaml", "temperature: 0.2", "temperature: 0.25")
    project.kedro("--pipeline=maskcon")
    project.gristmill("record", "maskcon")
    assert "train@parity" not in project.dvc("status")
    project.replace("data/resume/used/parity/train.json", "0.25", "0.4")  # as `kedro run --params` leaves it
    refused = project.gristmill("record", "maskcon", status=1)
    assert refused.stderr.startswith("parity/train ran with something else: loss.temperature: 0.4 -> 0.25")
    project.run("git", "checkout", "-q", ".")
    project.dvc("checkout", "--force")


def test_what_an_experiment_left_is_found_and_removed(project: Project):
    project.replace("params.yaml", "  supce:", "  supce_again:")
    listed = project.gristmill("clean", "--yes").stdout
    assert "data/runs/supce" in listed
    assert not (project.folder / "data/runs/supce").exists()
    assert (project.folder / "data/runs/parity").exists()
    project.run("git", "checkout", "-q", ".")
    project.dvc("checkout", "--force")
