"""What corruptions cost, and the rules where figures are missing."""

import numpy as np
import pandas as pd
import pytest

from gristmill.corruptions import CORRUPTIONS, SEVERITIES, VALIDATION
from gristmill.evaluate.robustness import (
    ALEXNET_CLEAN,
    CLEAN,
    alexnet,
    by_severity,
    corruption_errors,
    mean_corruption_error,
)


def long(accuracy: dict[str, list[float]], clean: float | None = 0.8, **columns) -> pd.DataFrame:
    """A table as a probe leaves it, of some corruptions' five accuracies."""
    rows = [] if clean is None else [(CLEAN, 0, clean)]
    rows += [(name, *cell) for name, row in accuracy.items() for cell in zip(SEVERITIES, row, strict=True)]
    table = pd.DataFrame(rows, columns=["corruption", "severity", "value"])
    return table.assign(figure="top1", **columns)


FALLING = [0.7, 0.6, 0.5, 0.4, 0.3]


def test_the_reference_is_whole_and_measured_by_itself_is_one():
    reference = alexnet()
    assert tuple(reference.index) == CORRUPTIONS and tuple(reference.columns) == SEVERITIES
    itself = long({name: list(1 - reference.loc[name]) for name in CORRUPTIONS}, 1 - ALEXNET_CLEAN)
    (mean,) = mean_corruption_error(itself, reference).itertuples(index=False)
    assert np.isclose([mean.mce, mean.relative_mce], 1).all() and mean.corruptions == 15
    assert np.isclose(mean.error, reference.to_numpy().mean())


def test_without_a_reference_there_is_the_plain_mean_over_cells():
    table = long({"fog": FALLING, "snow": [0.8] * 5})
    (mean,) = mean_corruption_error(table).itertuples(index=False)
    assert np.isclose([mean.error, mean.clean_error, mean.more_error], [0.35, 0.2, 0.15]).all()
    assert np.isnan(mean.mce) and np.isnan(mean.relative_mce) and mean.corruptions == 2


def test_validation_corruptions_and_other_figures_never_count():
    table = long({"fog": FALLING})
    validation = long({name: [0.0] * 5 for name in VALIDATION}, None)
    more = pd.concat([table, validation, table.assign(figure="top5", value=1.0)])
    for of in (corruption_errors, mean_corruption_error, by_severity):
        pd.testing.assert_frame_equal(of(more), of(table))


def test_one_corruption_is_its_own_mean():
    each, mean = (of(long({"fog": FALLING}), alexnet()) for of in (corruption_errors, mean_corruption_error))
    assert each["ce"].iloc[0] == mean["mce"].iloc[0] == pytest.approx(2.5 / alexnet().loc["fog"].sum())
    assert mean["corruptions"].tolist() == [1]


def test_a_corruption_with_a_missing_severity_is_left_out_of_means_and_seen_in_the_count():
    table = long({"fog": FALLING, "snow": FALLING})
    for partly in (
        table[~((table["corruption"] == "snow") & (table["severity"] == 3))],
        table.assign(value=table["value"].where(~((table["corruption"] == "snow") & (table["severity"] == 3)))),
    ):
        each = corruption_errors(partly, alexnet()).set_index("corruption")
        assert np.isnan(each.loc["snow", ["error", "ce", "relative_ce"]].to_numpy(float)).all()
        expected = mean_corruption_error(long({"fog": FALLING}), alexnet())
        pd.testing.assert_frame_equal(mean_corruption_error(partly, alexnet()), expected)
        assert by_severity(partly)["corruptions"].tolist() == [0, 1, 1, 1, 1, 1]


def test_a_reference_without_errors_gives_no_figure_and_so_none_on_average():
    reference = alexnet()
    reference.loc["fog"] = 0.0
    each = corruption_errors(long({"snow": FALLING, "fog": FALLING}), reference).set_index("corruption")
    assert np.isnan(each.loc["fog", "ce"]) and np.isfinite(each.loc["snow", "ce"])
    assert np.isnan(mean_corruption_error(long({"snow": FALLING, "fog": FALLING}), reference)["mce"].iloc[0])
    level = alexnet() * 0 + 0.435
    assert np.isnan(corruption_errors(long({"fog": FALLING}), level, 0.435)["relative_ce"].iloc[0])
    lacks = alexnet().drop("fog")
    assert np.isnan(corruption_errors(long({"fog": FALLING}), lacks)["ce"].iloc[0])


def test_without_a_clean_accuracy_only_what_is_relative_to_it_is_missing():
    (mean,) = mean_corruption_error(long({"fog": FALLING}, None), alexnet()).itertuples(index=False)
    assert np.isfinite([mean.error, mean.mce]).all()
    assert np.isnan([mean.clean_error, mean.more_error, mean.relative_mce]).all()
    assert by_severity(long({"fog": FALLING}, None))["severity"].tolist() == [1, 2, 3, 4, 5]


def test_the_clean_error_of_the_reference_is_a_parameter():
    first, second = (corruption_errors(long({"fog": FALLING}), alexnet(), clean) for clean in (0.4, 0.5))
    assert first["relative_ce"].iloc[0] < second["relative_ce"].iloc[0] and (first["ce"] == second["ce"]).all()


def test_runs_and_seeds_and_labels_are_judged_by_themselves_in_their_order():
    table = pd.concat([
        long({"fog": FALLING}, seed=1, labels=np.nan, protocol="knn_logo_1"),
        long({"fog": [0.8] * 5}, seed=0, labels=np.nan, protocol="knn_logo_1"),
        long({"fog": [0.6] * 5}, seed=0, labels=3.0, protocol="knn_logo_1"),
    ])
    mean = mean_corruption_error(table)
    assert mean["seed"].tolist() == [1, 0, 0] and np.allclose(mean["error"], [0.5, 0.2, 0.4])
    assert np.isnan(mean["labels"]).tolist() == [True, True, False]
    assert by_severity(table).query("seed == 1")["accuracy"].tolist() == pytest.approx([0.8, *FALLING])


def test_corruptions_come_in_the_order_of_the_paper():
    table = long({"jpeg_compression": FALLING, "gaussian_noise": FALLING, "fog": FALLING})
    assert corruption_errors(table)["corruption"].tolist() == ["gaussian_noise", "fog", "jpeg_compression"]


def test_nothing_measured_is_an_empty_table_with_its_columns():
    for table in (long({}), long({}, None), long({}, None, seed=0)):
        assert mean_corruption_error(table, alexnet()).empty and "mce" in mean_corruption_error(table)
        assert corruption_errors(table).empty and "ce" in corruption_errors(table)
    assert by_severity(long({}))["severity"].tolist() == [0]


def test_wrong_tables_are_refused():
    table = long({"fog": FALLING})
    with pytest.raises(ValueError, match="two figures of fog at severity 1"):
        mean_corruption_error(pd.concat([table, table.iloc[1:2]]))
    with pytest.raises(ValueError, match="from 0 to 1, found 80"):
        mean_corruption_error(table.assign(value=100 * table["value"]))
    with pytest.raises(ValueError, match="lacks figure"):
        mean_corruption_error(table.drop(columns="figure"))
