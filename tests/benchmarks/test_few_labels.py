"""The literal DASO step is the product's, and the rows of few labels look at steps that do all of it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import operator_calls, small_step, synchronizations
from benchmarks import own_few_labels as few
from benchmarks.daso_run import loaders
from benchmarks.literal_daso import LiteralDASO, LiteralQueues, LiteralWideResNet
from benchmarks.maskcon_run import Viewed
from benchmarks.measure import Calls
from gristmill.methods.method import Clock
from gristmill.networks.classifier import build_classifier
from gristmill.train.step import advance

STEPS, FIRST, WINDOW, THRESHOLD = 7, 3, 2, 0.5
RATE = 0.005  # of learning: with a high one two roundings soon are two runs


def tiny(method: str = "daso") -> SimpleNamespace:
    """WRN-10-1 on images of 8 pixels, 16 + 2 x 32 of them, queues of 8."""
    plain = few.settings(method, batch=16)
    plain.network.depth, plain.network.factor, plain.views.size = 10, 1, 8
    plain.pretrain.steps, plain.pretrain.window, plain.pretrain.queue = FIRST, WINDOW, 8
    plain.train.precision, plain.train.lr, plain.loss.threshold = "fp32", RATE, THRESHOLD
    return plain


def like(network: nn.Module, literal: nn.Module) -> None:
    """The product's weights for the usual way's network, whose modules come in the same order."""
    values = {name: value for name, value in network.state_dict().items() if name != "counts"}.values()
    literal.load_state_dict(dict(zip(literal.state_dict(), values, strict=True)))


def side_by_side(run: Any, kind: torch.dtype) -> tuple[LiteralDASO, list[dict[str, float]], list[dict[str, float]]]:
    """Both run from equal weights on the same batches; what each logs of every step."""
    network = LiteralWideResNet(blocks=1, factor=1)
    like(run.method.network, network)
    run.method.to(kind)
    network.to(kind)
    usual = LiteralDASO(network, LiteralQueues(10, 8, 64), FIRST, WINDOW, THRESHOLD, rate=RATE)
    usual.queues.prototypes = usual.queues.prototypes.to(kind)
    run.batches.dtype = kind
    theirs, ours = [], []
    for step in range(STEPS):
        batch = run.batches(step)
        views = [each.contiguous() for each in (batch.labeled.weak, batch.unlabeled.weak, batch.unlabeled.strong)]
        theirs.append(usual(views[0], batch.labeled.label, views[1], views[2]))
        now = Clock(step, run.steps, 0, step)
        ((objective, _),) = advance(run.method, batch, now, run.optimizers)
        run.method.between(now, run)
        given: Any = objective.pseudo_labels
        used = given.mask.double().mean()
        values = {"loss": objective.loss, **objective.parts, "used": used}
        ours.append({name: value.item() for name, value in values.items()})
    return usual, theirs, ours


@pytest.mark.parametrize(("kind", "tolerance"), [(torch.float32, 1e-4), (torch.float64, 1e-10)])
def test_the_literal_daso_step_has_the_products_losses(kind: torch.dtype, tolerance: float):
    run: Any = few.start(tiny())
    usual, theirs, ours = side_by_side(run, kind)
    for name in ours[0]:
        assert [each[name] for each in theirs] == pytest.approx([each[name] for each in ours], rel=tolerance, abs=1e-7)
    assert [each["alignment_loss"] > 0 for each in theirs] == [step >= FIRST for step in range(STEPS)]
    assert any(0 < each["used"] < 1 for each in theirs[:FIRST])  # the mask is not all or nothing
    assert any(0 < each["used"] < 1 for each in theirs[FIRST:])
    semantic, average = run.method.semantic, run.method.average.network.state_dict()
    assert torch.equal(usual.counts.long(), semantic.window.counts)
    near: Any = {"rtol": 100 * tolerance, "atol": tolerance}
    torch.testing.assert_close(usual.queues.prototypes, semantic.queues.prototypes(), **near)
    values = (value for name, value in average.items() if name != "counts")
    for own, other in zip(values, usual.average.state_dict().values(), strict=True):
        torch.testing.assert_close(other, own, **near)


def test_the_literal_wide_resnet_has_the_products_parameters():
    own = build_classifier(few.settings("daso").network, 3, 10)
    sizes = [[value.shape for value in network.parameters()] for network in (own, LiteralWideResNet())]
    assert sizes[0] == sizes[1]
    assert sum(shape.numel() for shape in sizes[1]) == 1_467_610  # WRN-28-2 with ten classes


def test_both_daso_steps_begin_where_labels_are_blended_and_with_the_same_memory():
    plain = few.settings("daso", batch=16)
    run, usual = few.pretrained(plain), few.literal_pretrained()
    method: Any = run.method
    assert method.phase(Clock(few.FIRST, run.steps, 0, 0)) != method.phase(Clock(few.FIRST - 1, run.steps, 0, 0))
    assert usual.step >= usual.first
    torch.testing.assert_close(method.semantic.queues.prototypes(), usual.queues.prototypes)
    assert all(len(queue) == few.QUEUE for queue in usual.queues.queues)
    assert torch.equal(method.semantic.window.counts, usual.counts.long())


@pytest.mark.parametrize("method", synchronizations.FEW_LABELS)
def test_a_step_of_every_method_counts_its_pseudo_labels_and_never_waits(method: str):
    step = few.pretrained_step(tiny(method)) if method != "daso" else few.StepWithoutViews(few.start(tiny()), FIRST)
    assert synchronizations.waits(step) == 0
    counts = step.run.pseudo_labels.counts
    assert set(counts) == {"supervised": set(), "daso": {"final", "linear", "semantic"}}.get(method, {"final"})
    assert all(int(each[0].sum()) == 2 * 32 for each in counts.values())


def test_rows_of_two_families_are_told_apart():
    first, second = synchronizations.result(5, {"maskcon": 0}), synchronizations.result(16, {"fixmatch": 0, "daso": 2})
    assert (first["passed"], second["passed"], second["own_calls"]) == (True, False, 2)
    assert first["what"] != second["what"]
    x = torch.ones(3)
    row = operator_calls.count("sum", lambda: x.sum().mul(2), lambda: x.sum(), 1)
    assert (row["baseline_calls"], row["own_calls"], row["passed"]) == (2, 1, True)


def test_a_product_network_of_its_own_takes_the_place_of_the_copy(monkeypatch):
    called = []
    own = nn.Linear(2, 20)
    own.register_forward_hook(lambda *_: called.append("own"))

    class Usual(nn.Module):
        def __init__(self, network: nn.Module):
            super().__init__()
            self.network = network

        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor]:
            return (self.network(images.mean((2, 3))),)

    monkeypatch.setattr(small_step, "alternate", lambda variants, calls: variants["own"]())
    small_step.compare(Usual(nn.Linear(2, 20)), torch.randn(4, 2, 4, 4), calls=1, encoder=Usual(own))
    assert called == ["own"]


def test_the_usual_loaders_give_two_streams_with_their_labels():
    labeled, unlabeled = loaders()
    assert (labeled.num_workers, unlabeled.num_workers) == (1, 1)
    pixels = np.zeros((3, 4, 4, 3), np.uint8)
    seen = Viewed(pixels, lambda image: torch.tensor(int(image.sum())), labels=np.array([2, 0, 1]))
    assert [item[1] for item in (seen[0], seen[1], seen[5])] == [2, 0, 1]
    for loader, views, size in ((labeled, 1, 64), (unlabeled, 2, 128)):
        assert loader.batch_size == size
        *images, label = loader.dataset[0]
        assert [image.shape for image in images] == [(3, 32, 32)] * views
        assert 0 <= label < 20
    assert {label for _, label in (labeled.dataset[i] for i in range(64))} > {0, 1, 2}


def test_what_is_counted_as_a_wait_in_the_usual_step():
    queues = LiteralQueues(10, 4, 64)
    with Calls() as seen:
        queues.push(torch.randn(6, 64), torch.tensor([0, 0, 1, 2, 2, 2]))
    assert seen.waits == 10  # a boolean index for every class
    assert [len(queue) for queue in queues.queues][:4] == [2, 1, 3, 0]
    assert not queues.prototypes[3:].any()
