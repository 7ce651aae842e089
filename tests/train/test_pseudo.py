"""Pseudo-labels are counted against the truth, whoever gave them and whether they are used."""

import json

import numpy as np
import torch

from gristmill.methods.method import PseudoLabels
from gristmill.train.pseudo import PseudoLabelCounts

TRUTH = torch.tensor([0, 1, 2, -1, 1, 0])  # the fourth image's class is not known
ROWS = torch.tensor([5, 4, 3, 2])  # of the stream


def counted(*steps: tuple[list[int], list[int], list[int]]) -> dict:
    counts = PseudoLabelCounts(TRUTH)
    for index, labels, mask in steps:
        given = {"final": torch.tensor(labels), "semantic": torch.full((len(labels),), -1)}
        counts.count(PseudoLabels("unlabeled", torch.tensor(index), given, torch.tensor(mask).bool()), ROWS)
    return counts.rates()


def test_rates_are_those_of_a_plain_count():
    rates = counted(([0, 1, 2, 3], [0, 2, 1, 2], [1, 1, 1, 0]), ([0, 1], [0, 1], [0, 1]))
    # known images: 0 -> 0, 1 -> 2, 2 -> 2, 0 -> 0, 1 -> 1; used of them: 0 -> 0, 1 -> 2, 1 -> 1, and the unknown one
    assert rates["final_accuracy"] == 4 / 5
    assert rates["final_recall"] == (1 + 1 / 2 + 1) / 3
    assert rates["final_precision"] == (1 + 1 + 1 / 2) / 3
    assert rates["final_used"] == 4 / 6
    assert rates["final_used_accuracy"] == 2 / 3
    assert rates["final_recalls"] == [1.0, 0.5, 1.0] and rates["final_gains"] == [1.0, 0.5, 2.0]


def test_a_kind_without_a_label_yet_is_left_out_and_json_takes_the_rest():
    rates = counted(([0], [0], [1]))
    assert not [name for name in rates if name.startswith("semantic")]
    assert rates["final_recalls"] == [1.0, None, None]
    assert "NaN" not in json.dumps(rates)


def test_counting_starts_anew_after_each_question():
    counts = PseudoLabelCounts(TRUTH)
    given = PseudoLabels("unlabeled", torch.tensor([0]), {"final": torch.tensor([1])}, None)
    counts.count(given, ROWS)
    assert counts.rates()["final_accuracy"] == 0 and counts.rates() == {}


def test_nothing_is_known_of_images_without_classes():
    counts = PseudoLabelCounts(torch.full((4,), -1))
    counts.count(
        PseudoLabels("unlabeled", torch.arange(4), {"final": torch.tensor([0, 1, 2, 1])}, None), torch.arange(4)
    )
    assert np.all([name.startswith("final") for name in counts.rates()])
