"""What the evaluation of an experiment says beside its figures."""

import numpy as np
import pandas as pd
import pytest

from gristmill.pipelines.evaluate import discovered, measure, tell_short
from gristmill.pipelines.over_seeds import over_seeds


def test_ks_beyond_the_gallery_are_told(capsys: pytest.CaptureFixture[str]):
    test = pd.DataFrame({"fine": [0, 0, 1, 1], "label": [0, 0, 0, -1]})
    metrics, short = measure(np.eye(4, 3, dtype=np.float32), test, [1, 3, 5, 10])
    assert short == [5, 10] and metrics["recall_5"] == metrics["recall_10"]
    tell_short(short, len(test))
    line = "evaluate.k: 5, 10: more than the 3 other test images; Recall@K uses them all\n"
    assert capsys.readouterr().err == line
    tell_short([], len(test))
    assert capsys.readouterr().err == ""


def test_fine_classes_are_sought_only_where_coarse_ones_have_several():
    features = np.repeat(np.eye(4, dtype=np.float32), 2, axis=0)
    test = pd.DataFrame({"fine": np.repeat(range(4), 2), "label": np.repeat([0, 1], 4)})
    settings = {"number": "truth", "most": None, "restarts": 1}
    expected = {"discover_nmi": 1.0, "discover_ari": 1.0, "discover_accuracy": 1.0}
    assert discovered(features, test, settings) == expected
    assert discovered(features, test, {**settings, "number": 1})["discover_accuracy"] == 0.5
    assert discovered(features, test.assign(label=test["fine"]), settings) == {}
    assert discovered(features, test.assign(label=-1), settings) == {}


def test_a_figure_that_not_all_seeds_have_is_left_out():
    found = over_seeds([{"recall_1": 0.5, "recall_5": 0.9}, {"recall_1": 0.7, "recall_10": 1.0}])
    assert found["mean"] == {"recall_1": 0.6} and found["sd"].keys() == {"recall_1"}
