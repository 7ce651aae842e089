"""Images that a run shows the network it trains: what makes trainings of different methods as long as each other."""

from pathlib import Path

import pandas as pd
import pytest

from gristmill.train.shown import images_shown
from tests.train.test_graph import started

VIEWS = {  # of an image in a step
    "maskcon": 1,  # the other one goes through the slow copy
    "grafit": 1,
    "coins": 1,
    "cross_entropy": 1,
    "moco": 1,
    "simclr": 2,
    "supcon": 2,
    "simsiam": 2,
    "byol": 2,
    "logo_moco": 4,  # two whole ones, two local crops
    "logo_simsiam": 4,
}


@pytest.mark.parametrize("method", VIEWS)
def test_every_view_that_the_trained_network_sees_counts_once_a_step(method: str):
    run = started(method)
    (stream,) = run.batches.streams.values()
    assert images_shown(run) == VIEWS[method] * stream.batch * run.steps


def test_all_families_of_the_table_were_shown_the_same_number_of_images():
    table = pd.read_csv(Path(__file__).parents[2] / "results/families.csv")
    trained = table[table["method"] != "untrained"]
    assert set(trained["images"]) == {266_240}
    assert set(table.loc[table["method"] == "untrained", "images"]) == {0}
