"""Batches with the same number of images of each of their classes."""

import numpy as np
import pytest
import torch

from gristmill.errors import UserError
from gristmill.methods.method import Stream
from gristmill.train.class_order import ClassOrder

SIZES = [5, 3, 9, 4, 6, 3]
LABELS = torch.from_numpy(np.random.default_rng(0).permutation(np.repeat([*range(6), -1], [*SIZES, 7])))


def order(batch: int, per_class: int, labels: torch.Tensor = LABELS, seed: int = 0) -> ClassOrder:
    return ClassOrder(seed, "order/train", Stream("train", batch, {}, per_class=per_class), lambda: labels)


def test_a_batch_has_as_many_images_of_each_of_its_classes_and_none_twice():
    for step in range(50):
        places = order(12, 3)(step)
        names, counts = np.unique(LABELS[places].numpy(), return_counts=True)
        assert len(set(places.tolist())) == 12 and counts.tolist() == [3] * 4 and names.min() >= 0


def test_every_class_comes_equally_often_and_every_image_of_it_too():
    one, steps = order(9, 3), 4000
    seen = np.bincount(np.concatenate([one(step) for step in range(steps)]), minlength=len(LABELS))
    for name, size in enumerate(SIZES):
        own = seen[LABELS.numpy() == name]
        assert own == pytest.approx(np.full(size, steps * 3 / 6 * 3 / size), rel=0.15)


def test_a_batch_depends_on_seed_and_step_alone():
    one = order(12, 3)
    batches = [one(step) for step in range(6)]
    again = order(12, 3)
    assert all(np.array_equal(again(step), batches[step]) for step in (5, 2, 0))
    assert not np.array_equal(batches[0], batches[1])
    assert not np.array_equal(order(12, 3, seed=1)(0), batches[0])


def test_labels_that_a_method_replaces_are_read_anew():
    labels = {"now": LABELS}
    one = ClassOrder(0, "order/train", Stream("train", 6, {}, per_class=3), lambda: labels["now"])
    one(0)
    labels["now"] = torch.arange(len(LABELS)) % 2
    assert sorted(labels["now"][one(0)].tolist()) == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("batch", "per_class", "labels", "message"),
    [
        (24, 3, LABELS, "train.per_class: 3 in a batch of 24 need 8 classes, there are 6; take 4, or a train.batch of "
                        "at most 18"),
        (12, 4, LABELS, "train.per_class: 4, but class 1 has only 3 of the training images; take no more than it has, "
                        "or null"),
    ],
)  # fmt: skip
def test_what_the_data_cannot_give_is_refused_in_one_line(
    batch: int, per_class: int, labels: torch.Tensor, message: str
):
    with pytest.raises(UserError) as error:
        order(batch, per_class, labels)
    assert message in str(error.value) and "\n" not in str(error.value)
