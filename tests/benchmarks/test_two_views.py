"""The literal steps and losses of methods of two views are the product's; the rows look at all of a step."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import batch_loss, knn, monitor, probe, synchronizations
from benchmarks import own_two_views as two_views
from benchmarks import views as pictures
from benchmarks.literal_two_views import LiteralLoGo, LiteralMoCo, LiteralRegressor, literal_network
from benchmarks.measure import Calls
from benchmarks.own import StepWithoutViews
from gristmill.methods.method import Batch, Clock
from gristmill.parameters.resolve import resolve_all
from gristmill.train.step import advance
from tests.benchmarks.test_few_labels import like
from tests.pipelines.test_two_views import TINY

STEPS, BATCH, KEYS, DIM = 4, 8, 32, 6


def tiny(method: str) -> SimpleNamespace:
    """A small network on images of 8 pixels, local crops of 6, queues of 32."""
    plain = two_views.settings(method, "small", BATCH)
    plain.network.widths, plain.network.blocks = [8, 8], 1
    plain.views.size, plain.views.local.size, plain.memory.size = 8, 6, KEYS
    plain.train.precision, plain.train.warmup, plain.train.schedule = "fp32", 0, "constant"
    plain.local.hidden = 8
    if method != "cross_entropy":
        plain.network.dim = DIM
    return plain


def literal(method: Any, plain: SimpleNamespace) -> Any:
    """The usual way from the product's weights and queue."""
    encoder = deepcopy(method.network)
    if plain.method == "moco":
        usual = LiteralMoCo(encoder, KEYS, DIM)
    else:
        regressor = LiteralRegressor(DIM, 8).double()
        like(method.local.regressor, regressor)
        usual = LiteralLoGo(encoder, regressor, KEYS, DIM)
    usual.queue = method.memory.keys.T.clone()
    return usual


@pytest.mark.parametrize("name", ["moco", "logo_moco"])
def test_the_literal_step_has_the_products_losses_and_weights(name: str):
    plain = tiny(name)
    run = two_views.start(plain, 64)
    method: Any = run.method.double()
    usual = literal(method, plain)
    run.batches.dtype = torch.float64
    for step in range(STEPS):
        batch = run.batches(step)
        draws = {k: v.double() if v.is_floating_point() else v for k, v in batch.draws.items()}
        crops = [getattr(batch.train, view).clone() for view in run.batches.streams["train"].views]
        noise = {"noise": (draws["noise_query"], draws["noise_key"])} if name == "logo_moco" else {}
        theirs = usual(*crops, **noise)
        done = advance(method, Batch(train=batch.train, draws=draws), Clock(step, 100, 0, step), run.optimizers)
        assert theirs == pytest.approx(done[-1][0].loss.item(), rel=1e-9)
    for own, other in ((method.network, usual.query), (method.key.network, usual.key)):
        for mine, its in zip(own.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(its, mine, rtol=1e-7, atol=1e-9)
    torch.testing.assert_close(usual.queue.T, method.memory.keys, rtol=1e-7, atol=1e-9)


def test_the_literal_network_has_the_products_parameters():
    own = two_views.start(two_views.settings("moco"), 128).method
    sizes = [[value.shape for value in network.parameters()] for network in (own.evaluated, literal_network())]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("loss", ["SimCLR", "SupCon"])
def test_losses_of_all_pairs_have_the_products_gradients(loss: str):
    features, labels = batch_loss.inputs(12)
    tensors = features.detach().double().requires_grad_(), labels % 3
    usual, own = (batch_loss.gradient(f"{loss} {name}", *tensors) for name in ("usual", "own"))
    torch.testing.assert_close(own, usual, rtol=1e-9, atol=1e-12)
    assert set(batch_loss.measure(f"{loss} own", 16)) == {"seconds", "megabytes"}


@pytest.mark.parametrize("method", synchronizations.TWO_VIEWS)
def test_no_step_of_two_views_waits(method: str):
    plain = tiny(method)
    step = StepWithoutViews(two_views.start(plain, 64))
    assert synchronizations.waits(step) == 0
    usual = LiteralMoCo(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, DIM)), KEYS, DIM)
    with Calls() as seen:
        usual(torch.randn(4, 3, 2, 2), torch.randn(4, 3, 2, 2))
    assert seen.waits == 3  # the loss and two accuracies


def test_votes_are_those_of_the_usual_way():
    tensors = knn.features(60, 900)
    assert torch.equal(knn.literal(*tensors), knn.own(*tensors))


@pytest.mark.parametrize("dependent", [True, False])
def test_probes_minimize_the_same_objective(dependent: bool):
    rows, labels = probe.features(dependent, 400, 16)
    ends = [probe.objective(fit(rows, labels), rows, labels) for fit in (probe.usual, probe.own)]
    assert ends[0] == pytest.approx(ends[1], rel=1e-4)
    constant = probe.Linear(torch.zeros(10, 16).double(), torch.zeros(10).double())
    assert ends[1] < probe.objective(constant, rows, labels) - 0.05


def test_pictures_of_the_usual_views_have_the_size_and_the_colors_of_ours():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    seen = [np.array(pictures.pil_two_views(Image.fromarray(pixels), blur=0.5)) for _ in range(40)]
    assert {each.shape for each in seen} == {(16, 16, 3)}
    gray = [bool((each == each[..., :1]).all()) for each in seen]
    assert 0 < sum(gray) < 25
    red = Image.new("RGB", (2, 2), (255, 0, 0))
    assert np.array(pictures.pil_hue(red, 1 / 3))[0, 0].argmax() == 1  # turned to green


@pytest.mark.parametrize(("epochs", "every", "count"), [(12, 2, 7), (36, 6, 7), (5, 2, 4), (1, 3, 2)])
def test_a_run_is_evaluated_at_both_ends_and_in_between(epochs: int, every: int, count: int):
    assert monitor.looks(epochs, every) == count


def test_the_share_of_the_monitor_is_that_of_the_whole_run():
    parameters = TINY | {"train": TINY["train"] | {"epochs": 20}, "monitor": TINY["monitor"] | {"every": 9}}
    resolved = resolve_all(parameters)
    row = monitor.row(resolved["runs"][0], resolved)
    share = row["own_s"] / (row["own_s"] + row["baseline_s"])
    assert row["notes"].startswith(f"{share:.1%} of the run: 4 evaluations of ") and row["passed"] == (share <= 0.05)
    assert row["baseline"] == "its 80 steps"  # 4 of 64 images in an epoch
