"""Training detectors: resumed runs have the same bits, bad ones stop, truth follows the image, shapes are learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gristmill.detection.batches import drawn_rows, scaled, target_of, training_batch
from gristmill.detection.boxes import Annotated, DetectionSet
from gristmill.detection.detect import detect
from gristmill.detection.sampling import draw_from
from gristmill.detection.train import average_batch_norm, train
from gristmill.errors import UserError
from gristmill.train.checkpoint import Checkpoint
from gristmill.train.keys import generator
from tests.detection.shapes import C4, HEIGHT, PYRAMID, TRAINING, WIDTH, detector, shapes


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)
    torch.set_deterministic_debug_mode("error")
    yield
    torch.set_deterministic_debug_mode("default")


class Killed(Exception):
    """What ends a run from outside."""


def killed_after(data: DetectionSet, reads: int) -> DetectionSet:
    left = iter(range(reads))

    def images(row: int) -> np.ndarray:
        if next(left, None) is None:
            raise Killed
        return data.images(row)

    return replace(data, images=images)


@pytest.mark.parametrize("settings", [replace(PYRAMID, masks=True), C4], ids=["pyramid", "c4"])
def test_a_killed_and_resumed_training_has_the_bits_of_an_undisturbed_one(settings, tmp_path):
    data, whole, again = shapes(), detector(settings), detector(settings)
    history = train(whole, data, TRAINING, 0)
    checkpoint = Checkpoint(tmp_path)
    with pytest.raises(Killed):
        train(again, killed_after(data, 2 * 5), TRAINING, 0, checkpoint)     # in the sixth step
    checkpoint.wait()
    torch.manual_seed(99)
    other = detector(settings, seed=7)                                       # its own weights must not matter
    assert train(other, data, TRAINING, 0, Checkpoint(tmp_path)) == history
    assert [row["step"] for row in history] == [4, 6]
    states = whole.state_dict(), other.state_dict()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_another_seed_sees_other_images():
    histories = [train(detector(), shapes(), replace(TRAINING, steps=1), seed) for seed in (0, 1)]
    assert histories[0][0]["loss"] != histories[1][0]["loss"]


def test_a_loss_that_is_not_finite_stops_with_one_line(tmp_path):
    settings = replace(TRAINING, lr=1e30, warmup=0, checkpoint=1)
    with pytest.raises(UserError, match=r"shapes, seed 0: not finite at step [12] .*last good state is step") as error:
        train(detector(), shapes(), settings, 0, Checkpoint(tmp_path), "shapes")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("settings", [PYRAMID, C4], ids=["pyramid", "c4"])
def test_images_without_a_box_train_and_are_asked(settings):
    network, data = detector(replace(settings, masks=True)), shapes(objects=0)
    history = train(network, data, replace(TRAINING, steps=2), 0)
    assert history[0]["loss_mask"] == history[0]["loss_box_reg"] == 0 and np.isfinite(history[0]["loss"])
    (found,) = detect(network, [data.images(0)])
    assert found.boxes.shape == (len(found.scores), 4) and found.masks.shape == (len(found.scores), HEIGHT, WIDTH)


def test_one_class_in_images_of_one_channel():
    network = detector(classes=1, channels=1)
    history = train(network, shapes(classes=1), replace(TRAINING, steps=2), 0)
    found = detect(network, [shapes().images(0)])
    assert np.isfinite(history[0]["loss"]) and set(found[0].labels) <= {0}


def test_what_cannot_be_trained_on_is_refused():
    data = shapes()
    with pytest.raises(UserError, match="no images of test"):
        train(detector(), data, replace(TRAINING, parts=["test"]), 0)
    bare = [replace(truth, masks=None) for truth in data.annotated]
    with pytest.raises(UserError, match="boxes without masks"):
        train(detector(replace(PYRAMID, masks=True)), replace(data, annotated=bare), TRAINING, 0)


def test_every_image_comes_once_before_one_comes_again():
    rows = [row for step in range(15) for row in drawn_rows(5, 3, 0, step)]
    assert all(sorted(rows[start : start + 5]) == [0, 1, 2, 3, 4] for start in range(0, 45, 5))
    assert rows[:5] != rows[5:10] or rows[5:10] != rows[10:15]
    assert sorted(drawn_rows(2, 6, 0, 0)) == [0, 0, 0, 1, 1, 1]              # a batch larger than the data


@pytest.mark.parametrize("flip", [0, 1])
def test_boxes_and_masks_follow_the_image(flip):
    data, settings = shapes(1), replace(TRAINING, flip=flip, sides=[128])
    (image,), (target,) = training_batch(data, [0], settings, 1000, 3, True, generator(0, "view"))
    assert image.shape == (3, 2 * HEIGHT, 2 * WIDTH) and target["masks"].shape == (2, 2 * HEIGHT, 2 * WIDTH)
    for box, mask in zip(target["boxes"], target["masks"], strict=True):
        ys, xs = torch.where(mask > 0)
        inside = torch.tensor([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
        assert (inside - box).abs().max() <= 2                               # a pixel of the image is two here
        assert image[:, mask > 0].mean() > 0.5 > image.mean()                # the object is bright
    assert target["labels"].tolist() == (data.annotated[0].labels + 1).tolist()


def test_the_long_side_has_a_limit():
    image, target = scaled(torch.zeros(3, 50, 200), {"boxes": torch.tensor([[100.0, 0, 200, 50]])}, 100, 100)
    assert image.shape == (3, 25, 100) and target["boxes"].tolist() == [[50, 0, 100, 25]]


def test_difficult_boxes_are_trained_on_only_where_it_is_said():
    boxes = np.array([[0, 0, 5, 5], [1, 1, 9, 9]], np.float32)
    masks = [[[0, 0, 5, 0, 5, 5]], [[1, 1, 9, 1, 9, 9]]]
    truth = Annotated("one", boxes, np.array([0, 1]), np.array([True, False]), masks)
    assert target_of(truth, (10, 12), True, True)["labels"].tolist() == [1, 2]
    few = target_of(truth, (10, 12), False, True)
    assert few["labels"].tolist() == [2] and few["masks"].shape == (1, 10, 12)


def test_settled_batch_norm_has_the_mean_of_its_batches_and_its_momentum_again():
    network, data = detector().train(), shapes()
    draw_from(network, generator(0, "regions"))
    batches = [training_batch(data, [row, row + 1], TRAINING, 128, 3, False, generator(0, "view")) for row in (0, 2)]
    norm, seen = network.backbone.body.bn1, []
    norm.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0].mean((0, 2, 3))))
    average_batch_norm(network, batches)
    assert torch.allclose(norm.running_mean, torch.stack(seen).mean(0), atol=1e-6)
    assert all(module.momentum == 0.1 for module in network.modules() if isinstance(module, nn.BatchNorm2d))


def test_circles_and_squares_are_learned_with_their_masks():
    data, network = shapes(9), detector(replace(PYRAMID, masks=True))
    settings = replace(TRAINING, steps=60, batch=4, lr=0.05, warmup=5, milestones=[50], sides=[64], log=10, settled=4)
    history = train(network, data, settings, 0)
    assert history[-1]["loss"] < 0.7 * history[0]["loss"] and history[-1]["loss_mask"] < history[0]["loss_mask"]
    row = data.part.index("validation")
    (found,) = detect(network, [data.images(row)])
    assert len(found.scores) and (np.diff(found.scores) <= 0).all() and found.masks.dtype == bool
    assert found.boxes.min() >= 0 and found.boxes[:, [0, 2]].max() <= WIDTH and found.boxes[:, [1, 3]].max() <= HEIGHT
