"""Encoders asked about a task: the long table, few labels, corrupted images, images unlike those of the training."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gristmill.attributes import attributes
from gristmill.data.packed import Packed, tail
from gristmill.data.prepare import prepare
from gristmill.errors import UserError
from gristmill.evaluate import finetune
from gristmill.evaluate.linear import regress
from gristmill.labels.coarse import group_coarse
from gristmill.networks.build import build, encoder_bytes, read_encoder
from gristmill.networks.initialize import initialize
from gristmill.pipelines import questions
from gristmill.pipelines.judge import judge
from gristmill.pipelines.probe_encoders import COLUMNS, answers
from gristmill.train.keys import generator

NETWORK = {"name": "small", "widths": [8, 8], "blocks": 1, "dim": 8, "hidden": 8}
SETTINGS = {"protocols": ["knn_logo_1"], "labels": None, "tests": None, "corruptions": None, "batch": 256, "threads": 1}
NAMES = ("brightness", "inverted")
Read = Callable[[], tuple[dict[str, torch.Tensor], dict[str, Any]]]


def corrupted(images: np.ndarray, name: str, severity: int, table: str, seed: int, rows: np.ndarray) -> np.ndarray:
    """Brighter, and a little different for each row and seed; or inverted at the last severity."""
    assert table == "tried_1" and images.dtype == np.uint8 and len(rows) == len(images)
    if name == "inverted":
        return 255 - images if severity == 5 else images.copy()
    more = 20 * severity + (7 * rows + seed) % 13
    return np.minimum(images.astype(np.int64) + more[:, None, None, None], 255).astype(np.uint8)


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, pd.DataFrame]:
    images, table = prepare({"source": "digits", "path": "pyproject.toml"})
    return images, group_coarse(table, {"grouping": "fine"})


@pytest.fixture(scope="module")
def encoders(tmp_path_factory) -> dict[str, Read]:
    """Files of two seeds of a network's first weights."""
    folder = tmp_path_factory.mktemp("probed")
    views = {"recipe": "drawings", "size": 8, "mean": [0.3], "std": [0.4]}
    made = {"network": NETWORK, "views": views, "channels": 1, "classes": 2}
    for seed in (0, 1):
        network = build(attributes(NETWORK), 1, 8, 2)
        initialize(network, generator(seed, "init/network"))
        (folder / f"{seed}.safetensors").write_bytes(encoder_bytes(network, made))
    return {seed: lambda seed=seed: read_encoder(folder / f"{seed}.safetensors") for seed in ("0", "1")}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fine-tuning of a few steps."""
    short = replace(finetune.FINETUNE, steps=8, batch=32)
    monkeypatch.setattr(questions, "FINETUNE", short)
    monkeypatch.setattr(questions, "finetune", lambda *given: finetune.finetune(*given, short))


def probed(data, encoders: dict[str, Read], fits=None, **changes: Any) -> pd.DataFrame:
    more = {"corrupted": corrupted, "corruptions": NAMES}
    return answers(*data, encoders, SETTINGS | changes, fits=fits, **more)


def task(images: np.ndarray | Packed, parts: list[str], fine: list[int]) -> pd.DataFrame:
    """A task on the first images."""
    table = pd.DataFrame({"sample": [str(i) for i in range(len(parts))], "row": range(len(parts)), "part": parts})
    table["label"] = table["fine"] = fine
    table.attrs["images_sha256"] = hashlib.sha256(images.data).hexdigest()
    return table


def transfer(train, validation, classes):
    return regress(*train, classes, 1e-3, 60)


def test_the_table_has_a_row_for_every_figure_of_every_question(data, encoders, quick):
    protocols = ["knn_logo_1", "linear_lbfgs_1", "linear_transfer_1", "finetune_1"]
    more = {"protocols": protocols, "labels": [1, 7], "corruptions": "tried_1"}
    found = probed(data, encoders, {"linear_transfer_1": transfer}, **more)
    assert list(found) == COLUMNS and len(found) == 2 * 4 * 2 * (1 + 2 * 5) * 3
    assert not found.duplicated(COLUMNS[:-1]).any() and found["value"].between(0, 1).all()
    assert [str(found[name].dtype) for name in ("seed", "labels", "severity", "value")] == [
        "int64", "float64", "int64", "float64",
    ]  # fmt: skip
    assert set(found["figure"]) == {"top1", "top5", "mean_class"} and set(found["labels"]) == {1.0, 7.0}
    kinds = found[["corruption", "severity"]].drop_duplicates().to_numpy().tolist()
    assert kinds == [["clean", 0], *([name, severity] for name in NAMES for severity in range(1, 6))]
    wide = found.pivot(index=COLUMNS[:-2], columns="figure", values="value")
    assert (wide["top5"] >= wide["top1"]).all()
    # another encoder of the same kind, asked through another door
    same = wide.xs("linear_transfer_1", level="protocol")
    assert same.equals(wide.xs("linear_lbfgs_1", level="protocol"))
    # what changes no image changes no figure
    for severity in (1, 4):
        assert wide.xs(("inverted", severity), level=("corruption", "severity")).equals(
            wide.xs(("clean", 0), level=("corruption", "severity"))
        )
    top1 = wide["top1"].groupby(["corruption", "severity"]).mean()
    assert top1["clean", 0] > top1["brightness", 5] and top1["clean", 0] > top1["inverted", 5]


def test_all_labels_say_what_the_evaluation_says(data, encoders):
    names = ["knn_logo_1", "linear_lbfgs_1", "linear_supcon_1"]
    found = probed(data, {"1": encoders["1"]}, protocols=names)
    assert found["labels"].isna().all() and set(found["seed"]) == {1}
    known = judge(*data, encoders["1"], names, 1)
    for row in found[found["figure"] != "mean_class"].itertuples():
        assert row.value == known[f"{row.protocol}_{row.figure}"]


def test_more_labels_tell_more_and_every_encoder_of_a_seed_has_the_same(data, encoders):
    named = "figure == 'top1' and protocol == 'linear_lbfgs_1'"
    found = probed(data, encoders, labels=[1, 5, 100], protocols=["linear_lbfgs_1"]).query(named)
    rising = found.groupby("labels")["value"].mean()
    assert rising.is_monotonic_increasing and rising.iloc[-1] > rising.iloc[0] + 0.2
    again = probed(data, {"0": encoders["0"]}, labels=[5], protocols=["knn_logo_1", "linear_lbfgs_1"]).query(named)
    assert again["value"].item() == found.query("labels == 5 and seed == 0")["value"].item()


def test_the_same_again_is_the_same_and_the_encoders_files_are_not_changed(data, encoders, quick):
    before = encoders["0"]()[0]
    one, other = (probed(data, {"0": encoders["0"]}, protocols=["finetune_1"], labels=[2]) for _ in range(2))
    assert one.equals(other)
    assert all(torch.equal(value, before[key]) for key, value in encoders["0"]()[0].items())


def test_figures_do_not_depend_on_the_batch(data, encoders):
    one, other = (
        probed(data, {"0": encoders["0"]}, corruptions="tried_1", protocols=["linear_lbfgs_1"], batch=batch)
        for batch in (17, 400)
    )
    assert np.abs(one["value"] - other["value"]).max() < 0.01


def test_counts_that_are_the_same_images_are_told_and_share_their_figures(data, encoders, capsys):
    found = probed(data, {"0": encoders["0"]}, labels=[5, 500, 600])
    assert "500, 600 a class are the same images" in capsys.readouterr().err
    value = found.query("figure == 'top1'").set_index("labels")["value"]
    assert value[500] == value[600] != value[5]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("many", [False, True])
def test_images_unlike_those_of_the_training_are_taken(encoders, quick, channels, many):
    """Larger ones, of other channels, of many sizes; by a recipe whose random view needs one size."""
    rng = np.random.default_rng(0)
    pieces = [rng.integers(0, 256, (12 + i % 3 * many, 14, channels), np.uint8) for i in range(12)]
    end = tail([(piece.shape[0], piece.shape[1]) for piece in pieces], channels)
    one_line = np.frombuffer(b"".join([*(piece.tobytes() for piece in pieces), end]), np.uint8)
    images = Packed(one_line) if many else np.stack(pieces)
    table = task(images, ["train"] * 6 + ["test"] * 6, [0, 1, 2] * 4)
    names = ["knn_logo_1", "finetune_1"]
    found = probed((images, table), {"0": encoders["0"]}, protocols=names, labels=[1], corruptions="tried_1")
    assert len(found) == 2 * 11 * 3 and found["value"].between(0, 1).all()


def test_a_class_without_training_images_is_missed_and_counts(data, encoders):
    images, _ = data
    table = task(images, ["train"] * 2 + ["test"] * 4, [0, 1, 0, 0, 1, 2])
    found = probed((images, table), {"0": encoders["0"]}).set_index("figure")["value"]
    assert found["top1"] <= 3 / 4 and found["mean_class"] <= 2 / 3


def test_of_one_class_every_figure_is_one(data, encoders, quick):
    images, _ = data
    table = task(images, ["train", "test", "test"], [4, 4, 4])
    found = probed((images, table), {"0": encoders["0"]}, protocols=["knn_logo_1", "linear_lbfgs_1", "finetune_1"])
    assert (found["value"] == 1).all()


@pytest.mark.parametrize(("parts", "fine", "told"), [
    (["train", "train"], [0, 1], "no test image"),
    (["train", "test"], [0, -1], "no test image"),
    (["unlabeled", "test"], [0, 0], "no training image"),
])  # fmt: skip
def test_without_images_to_learn_from_or_to_ask_about_it_says_so(data, encoders, parts, fine, told):
    with pytest.raises(UserError, match=told):
        probed((data[0], task(data[0], parts, fine)), encoders)


def broken(read: Read) -> Read:
    def damaged():
        tensors, made = read()
        return {key: value * torch.nan if value.is_floating_point() else value for key, value in tensors.items()}, made

    return damaged


@pytest.mark.parametrize(("protocol", "told"), [
    ("knn_logo_1", "train features: .*not finite"), ("finetune_1", "train features: .*not finite"),
])  # fmt: skip
def test_an_encoder_that_has_diverged_is_refused_in_one_line(data, encoders, quick, protocol, told):
    with pytest.raises(UserError, match=told) as refused:
        probed(data, {"0": broken(encoders["0"])}, protocols=[protocol])
    assert "\n" not in str(refused.value)


def test_a_protocol_of_one_head_refuses_a_network_with_several(data, encoders):
    with pytest.raises(UserError, match=r"^knn_moco_1: .*one head, .*several"):
        probed(data, encoders, protocols=["knn_moco_1"])


def test_images_of_another_task_are_refused(data, encoders):
    with pytest.raises(UserError, match="hash differs"):
        probed((data[0] ^ 1, data[1]), encoders)


def test_images_to_choose_by_are_handed_over_only_where_all_labels_are(data, encoders):
    images, _ = data
    table = task(images, ["train"] * 4 + ["validation"] * 2 + ["test"] * 2, [0, 1] * 4)
    given = []

    def choose(train, validation, classes):
        given.append((len(train[1]), None if validation is None else len(validation[1])))
        return regress(*train, classes, 1e-3, 60)

    for labels in (None, [1]):
        probed((images, table), {"0": encoders["0"]}, {"own_1": choose}, protocols=["own_1"], labels=labels)
    assert given == [(4, 2), (2, None)]


def test_what_is_not_known_is_named(data, encoders):
    with pytest.raises(ValueError, match=r"no such protocol 'knn'; there are .*finetune_1"):
        probed(data, encoders, protocols=["knn"])
    with pytest.raises(ValueError, match="the function that corrupts"):
        answers(*data, encoders, SETTINGS | {"corruptions": "tried_1"})
