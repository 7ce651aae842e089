"""LoGo: neutral settings are multi-crop, the norm that bounds its local update is state, and odd inputs are finite."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from gristmill.losses.local_affinity import pair_affinity, regressor_loss
from gristmill.methods.local_affinity import CLIP
from gristmill.methods.logo_moco import LoGoMoCo
from gristmill.methods.logo_simsiam import LoGoSimSiam
from gristmill.methods.method import Batch, Clock
from gristmill.networks.headed import Headed, simsiam, simsiam_predictor
from gristmill.networks.regressor import Regressor
from gristmill.parameters.local_crops import Local
from gristmill.parameters.logo_moco import Local as LocalMoCo
from gristmill.train.step import advance, make_optimizers
from tests.golden_selfsup_moco import Conv, settings
from tests.methods.test_moco import same
from tests.train.test_loop import Counting

N, C, EPOCH, STEPS = 6, 5, 3, 6
PARAMS: dict[str, Any] = {
    "temperature": 0.2, "key_momentum": 0.9, "queue_size": 24, "lr": 0.1, "sgd_momentum": 0.9, "weight_decay": 1e-3,
    "clip_rate": 0.5, "ll_weight": 0.1, "regressor": "softplus", "lr_regressor": 0.05,
}  # fmt: skip
BOTH = pytest.mark.parametrize("kind", [LoGoMoCo, LoGoSimSiam])
ALTERNATE_OR_NOT = pytest.mark.parametrize("loss", ["alternate_clip", "weighted"])


def make(kind: type, local: dict[str, Any] | None = None, **changed: Any) -> Any:
    torch.manual_seed(0)
    on_moco = kind is LoGoMoCo
    head = nn.Linear(5, C) if on_moco else simsiam(5, 7, C, 2)
    network = Headed(Conv(), head, None if on_moco else simsiam_predictor(C, 4))
    plain = settings(PARAMS | changed, C, N, hidden=8)
    for name, value in (local or {}).items():
        setattr(plain.local, name, value)
    method = kind(network, plain).double().train()
    method.initialize(np.random.default_rng(0))
    return method


def views(step: int, count: int = N) -> dict[str, Tensor]:
    """Global crops of 6 x 6, local ones of 4 x 4."""
    rng = torch.Generator().manual_seed(step)
    sides = {"global1": 6, "global2": 6, "local1": 4, "local2": 4, "first": 6, "second": 6}
    return {name: torch.randn(count, 3, s, s, generator=rng, dtype=torch.float64) for name, s in sides.items()}


def step(method: Any, at: int, optimizers: Any, given: dict[str, Tensor]) -> Any:
    draws = method.draw(np.random.default_rng(at), {"train": len(given["global1"])})
    draws = {name: value.double() if value.is_floating_point() else value for name, value in draws.items()}
    now = Clock(at, STEPS, *divmod(at, EPOCH))
    return advance(method, Batch(train=SimpleNamespace(**given), draws=draws), now, optimizers)


def train(method: Any, first: int = 0, last: int = STEPS, optimizers: Any = None) -> Any:
    optimizers = optimizers or make_optimizers(method, 2, EPOCH)
    return optimizers, [step(method, at, optimizers, views(at)) for at in range(first, last)]


def test_no_clip_rate_no_decay_and_one_key_update_is_multi_crop_to_the_bit():
    none = {"key_updates_per_step": 1}
    logo, crops = make(LoGoMoCo, none, clip_rate=0.0, weight_decay=0.0), make(LoGoMoCo, mode="mc", weight_decay=0.0)
    train(logo), train(crops)
    mine, its = logo.network.state_dict(), crops.network.state_dict()
    differ = {name for name in its if not torch.equal(mine[name], its[name])}
    assert differ == {f"backbone.bn.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")}
    assert same(logo.key, crops.key) and same(logo.memory, crops.memory)
    assert set(crops.optimizers()) == {"main"} and crops.local is None


@BOTH
def test_without_weight_the_regressor_moves_nothing_but_itself(kind: type):
    one, other = make(kind, {"loss": "weighted"}, ll_weight=0.0), make(kind, {"loss": "weighted"}, ll_weight=0.0)
    other.initialize(np.random.default_rng(0))
    other.local.initialize(np.random.default_rng(1))
    train(one), train(other)
    assert same(one.network, other.network) and not same(one.local.regressor, other.local.regressor)
    weighted = make(kind, {"loss": "weighted"}, ll_weight=1.0)
    train(weighted)
    assert not same(one.network, weighted.network)


@BOTH
def test_the_local_update_is_bounded_by_the_last_norm_of_the_epoch(kind: type):
    _, steps = train(make(kind))
    limits, norms = [float(done[1][0].clip) for done in steps], [float(done[2][1]) for done in steps]
    assert limits == [0.0, 0.5 * norms[0], 0.5 * norms[1], 0.0, 0.5 * norms[3], 0.5 * norms[4]]
    assert [[objective.optimizer for objective, _ in done] for done in steps] == [["regressor", "local", "main"]] * 6
    _, steps = train(make(kind, {"reset_norm_each_epoch": False}))
    assert float(steps[3][1][0].clip) == 0.5 * float(steps[2][2][1]) > 0


@BOTH
@ALTERNATE_OR_NOT
@pytest.mark.parametrize("stop", [1, 3, 5])
def test_killed_within_an_epoch_and_taken_up_again_gives_the_same_bits(kind: type, loss: str, stop: int):
    whole, stopped, other = (make(kind, {"loss": loss}) for _ in range(3))
    train(whole)
    before, _ = train(stopped, last=stop)
    other.load_state_dict(deepcopy(stopped.state_dict()))
    optimizers = make_optimizers(other, 2, EPOCH)
    for name, optimizer in optimizers.items():
        optimizer.load(deepcopy(before[name].state()))
    train(other, stop, optimizers=optimizers)
    assert same(other, whole)


def test_a_forgotten_norm_would_be_seen():
    whole, stopped = make(LoGoMoCo), make(LoGoMoCo)
    train(whole)
    before, _ = train(stopped, last=4)
    stopped.local.norm0.zero_()
    train(stopped, 4, optimizers=before)
    assert not same(stopped, whole)


@BOTH
@ALTERNATE_OR_NOT
def test_nothing_in_a_step_waits_for_the_device(kind: type, loss: str):
    method = make(kind, {"loss": loss}, bn_splits=2)
    optimizers = make_optimizers(method, 2, EPOCH)
    with Counting() as count:
        step(method, 0, optimizers, views(0)), step(method, 1, optimizers, views(1))
    assert count.found == []


@BOTH
def test_a_step_that_branches_on_the_clock_is_a_phase_of_its_own(kind: type):
    clocks = [Clock(at, STEPS, *divmod(at, EPOCH)) for at in range(STEPS)]
    phases = [make(kind).phase(now) for now in clocks]
    assert phases[0] == phases[3] and len({phases[i] for i in (1, 2, 4, 5)} - {phases[0]}) == 1
    for local in ({"loss": "weighted"}, {"reset_norm_each_epoch": False}):
        assert len({make(kind, local).phase(now) for now in clocks}) == 1
    assert len({make(LoGoMoCo, mode="mc").phase(now) for now in clocks}) == 1


@pytest.mark.parametrize("updates", [1, 2])
def test_the_key_encoder_follows_once_or_twice_an_iteration(updates: int):
    method = make(LoGoMoCo, {"key_updates_per_step": updates}, weight_decay=0.0)
    method.key.requires_grad_(False)
    for value in method.key.parameters():
        value.add_(1.0)
    key, query = (deepcopy(list(m.parameters())) for m in (method.key, method.network))
    train(method, last=1)  # the first local update of an epoch has no gradient: both times the same query encoder
    for now, own, its in zip(method.key.parameters(), key, query, strict=True):
        torch.testing.assert_close(now, 0.9**updates * own + (1 - 0.9**updates) * its)


def test_plain_sees_two_views_and_stores_the_keys_of_both():
    method = make(LoGoMoCo, mode="plain", bn_splits=2)
    assert method.streams()["train"].views == {"first": "first", "second": "second"}
    assert method.draw(np.random.default_rng(0), {"train": N})["shuffle"].shape == (N, 2)
    train(method, last=1)
    assert method.memory.pointer == 2 * N
    crops = make(LoGoMoCo, mode="mc", bn_splits=2)
    assert list(crops.streams()["train"].views.values()) == ["global", "global", "local", "local"]
    assert crops.draw(np.random.default_rng(0), {"train": N})["shuffle"].shape == (N, 4)


def test_of_simsiam_the_encoders_gradient_alone_is_measured_and_clipped(monkeypatch: pytest.MonkeyPatch):
    method = make(LoGoSimSiam)
    encoder = [*method.network.backbone.parameters(), *method.network.head.parameters()]
    trained = {id(p) for p in encoder if p.requires_grad}
    assert {id(p) for p in method.optimizers()["local"].parameters} == trained
    assert {id(p) for p in method.optimizers()["main"].parameters} > trained
    found = []
    for clip in (CLIP, 1e-3):
        monkeypatch.setattr("gristmill.methods.logo_simsiam.CLIP", clip)
        method = make(LoGoSimSiam)
        network, norm = method.network, method.local.norm0
        step(method, 0, make_optimizers(method, 2, EPOCH), views(0))
        parts = network.backbone, network.head, network.predictor
        found.append([[p.grad for p in part.parameters() if p.grad is not None] for part in parts] + [norm])
    for free, clipped in zip(found[0][2], found[1][2], strict=True):
        assert torch.equal(free, clipped)
    norms = [float(torch.cat([g.flatten() for g in backbone + head]).norm()) for backbone, head, *_ in found]
    assert norms == [pytest.approx(float(found[0][3])), pytest.approx(1e-3, rel=1e-3)]
    assert found[1][3] == found[0][3] > 1e-2


@BOTH
@ALTERNATE_OR_NOT
@pytest.mark.parametrize("regressor", ["softplus", "cos"])
@pytest.mark.parametrize("given", ["zero", "equal", "odd batch"])
def test_zero_and_equal_images_and_odd_batches_stay_finite(kind: type, loss: str, regressor: str, given: str):
    method = make(kind, {"loss": loss}, regressor=regressor)
    optimizers = make_optimizers(method, 2, EPOCH)
    for at in range(4):
        images = views(at, 3 if given == "odd batch" else N)
        if given == "zero":
            images = {name: torch.zeros_like(value) for name, value in images.items()}
        if given == "equal":
            images = {name: value[:1].expand_as(value) for name, value in images.items()}
        assert all(torch.isfinite(o.loss) and torch.isfinite(n) for o, n in step(method, at, optimizers, images))
    assert all(torch.isfinite(value).all() for value in method.state_dict().values())


@pytest.mark.parametrize("affinity", ["softplus", "cos"])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_the_affinity_of_zero_vectors_and_huge_scores_is_finite(affinity: str, kind: torch.dtype):
    u = torch.zeros(3, 4, dtype=kind, requires_grad=True)
    for size in (0.0, 1e4):
        outputs = 1 if affinity == "softplus" else 4

        def score(u: Tensor, v: Tensor, size: float = size, outputs: int = outputs) -> Tensor:
            return (u + size)[:, :outputs]

        for same_image in (False, True):
            found = pair_affinity(affinity, score, u, torch.zeros(3, 4, dtype=kind), same_image)
            (gradient,) = torch.autograd.grad(found.sum(), u)
            assert found.shape == (3,) and torch.isfinite(found).all() and torch.isfinite(gradient).all()


@pytest.mark.parametrize("affinity", ["softplus", "cos"])
def test_the_regressor_learns_which_pairs_are_of_one_image(affinity: str):
    torch.manual_seed(0)
    regressor = Regressor(C, 64, 1 if affinity == "softplus" else C)
    optimizer = torch.optim.SGD(regressor.parameters(), 0.1, 0.9)
    for _ in range(300):
        a = normalize(torch.randn(64, C))
        b = normalize(a + 0.2 * torch.randn(64, C))
        omega, _ = regressor_loss(affinity, regressor, a, b, torch.zeros(64, C), torch.zeros(64, C))
        optimizer.zero_grad()
        omega.backward()
        optimizer.step()
    together, apart = (pair_affinity(affinity, regressor, a, v).mean() for v in (b, b.flip(0)))
    assert together > apart + 0.3  # the encoder, which makes it small, pushes local crops of one image apart


def test_what_a_loss_or_a_mode_does_not_read_is_said():
    values: dict[str, Any] = {
        "loss": "weighted", "clip_rate": 0.015, "weight": 5e-4, "regressor": "softplus", "hidden": 256, "noise": 0.3,
        "lr": 0.03, "reset_norm_each_epoch": True,
    }  # fmt: skip
    assert Local(**values).unused() == {"clip_rate", "reset_norm_each_epoch"}
    assert Local(**values | {"loss": "alternate_clip"}).unused() == {"weight"}
    own = {"mode": "logo", "key_updates_per_step": 2}
    assert LocalMoCo(**values, **own).unused() == {"clip_rate", "reset_norm_each_epoch", "key_updates_per_step"}
    assert LocalMoCo(**values, **own | {"mode": "mc"}).unused() == values.keys() | {"key_updates_per_step"}
