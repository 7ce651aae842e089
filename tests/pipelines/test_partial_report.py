"""A page before everything was run: of what is there."""

import pytest
import yaml

from tests.project import PARAMETERS, make_project


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    """One of three experiments was run, and the files of a further data set are not there."""
    parameters = yaml.safe_load(PARAMETERS)
    parameters["datasets"]["cifar10"] = {"source": "cifar10", "path": "data/raw/cifar10"}
    parameters["tasks"]["toy"] = {"dataset": "cifar10", "grouping": "cifartoy_good"}
    parameters["experiments"]["planes"] = {"method": "maskcon", "dataset": "cifar10", "task": "toy", "seeds": [0]}
    project = make_project(tmp_path_factory.mktemp("partial"), yaml.safe_dump(parameters))
    nodes = "configure,prepare.digits,tasks.digits_parity.group_coarse,coins.supce.train,coins.supce.evaluate"
    project.kedro(f"--nodes={nodes}")
    project.kedro("--tags=report")
    return (project.folder / "data/report/report.html").read_text("utf-8")


def test_what_was_run_is_shown_and_what_was_not_is_named(page):
    table = page[page.index('<table class="results">') :]
    assert "SupCE" in table
    assert "not run" in table


def test_data_that_are_not_there_are_not_spoken_of(page):
    assert "planes" not in page
