"""The trainer: the whole step protocol, exact resume, stops before harm is done."""

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from gristmill.errors import UserError
from gristmill.methods.method import Method, Objective, Optimizer, Stream
from gristmill.networks.build import build
from gristmill.networks.initialize import initialize
from gristmill.train.checkpoint import Checkpoint
from gristmill.train.keys import generator
from gristmill.train.loop import Run
from gristmill.train.replay import replay
from gristmill.train.run import make_run, prepare_process, train_seed
from tests.train.toy import Toy, digits, settings


@pytest.fixture(autouse=True)
def one_thread():
    prepare_process(1)


def plain(value):
    return {k: plain(v) for k, v in vars(value).items()} if hasattr(value, "__dict__") else value


def toy_run(folder=None, **train) -> Run:
    images, table = digits()
    values = settings(**train)
    network = build(values.network, 1, 8, 5)
    initialize(network, generator(0, "init/network"))
    checkpoint = None if folder is None else Checkpoint(folder)
    return Run(Toy(network, values), images, table, values, 0, checkpoint, monitor=look, name="toy")


def look(network: nn.Module, bf16: bool) -> dict[str, float]:
    return {"looked": float(sum(p.detach().double().sum() for p in network.parameters()))}


def coarse_run(method: str, folder=None, **train) -> Run:
    images, table = digits()
    values = settings(**train)
    values.method = method
    return make_run(images, table, values, 0, None if folder is None else Checkpoint(folder), method, look)


def same(a: Run, b: Run) -> bool:
    mine, theirs = a.method.state_dict(), b.method.state_dict()
    columns = [list(row) for row in a.history] == [list(row) for row in b.history]
    return all(torch.equal(mine[k], theirs[k]) for k in mine) and a.history == b.history and columns


def test_a_method_may_use_every_part_of_the_protocol():
    run = toy_run(batch=8)
    before = {k: v.clone() for k, v in run.method.state_dict().items()}
    history = run.train()
    after = run.method.state_dict()
    assert history[0]["epoch"] == 0 and "looked" in history[0]
    assert [row["epoch"] for row in history] == [0, 1, 2, 3]
    assert ["looked" in row for row in history] == [True, False, True, True]
    assert {"loss", "class_loss", "consistency_loss", "gradient_norm", "lr", "spread", "rank"} <= set(history[-1])
    assert {"final_accuracy", "final_used", "final_used_accuracy"} <= set(history[-1])
    assert float(after["started"]) != 0, "start saw no batches"
    assert float(after["norm0"]) > 0, "the gradient's norm was not handed back"
    for part in ("regressor.weight", "network.classifier.weight"):
        assert not torch.equal(before[part], after[part]), part
    assert len(run.rows["unlabeled"]) == 24, "between did not change a stream's rows"
    assert run.epoch_steps == 6


def test_an_objective_moves_the_parameters_of_its_own_optimizer_alone():
    run = toy_run()
    regressor = run.optimizers["regressor"]
    loss = (run.method.regressor.weight * 3).sum() + sum(p.sum() for p in run.method.network.parameters())
    before = {k: v.clone() for k, v in run.method.network.state_dict().items()}
    regressor.follow(0)
    norm = regressor.update(loss, torch.tensor(0.1))
    assert norm == pytest.approx(3 * 8), "the norm is that of its own parameters, before clipping"
    moved = run.method.regressor.weight.detach() - torch.eye(8)
    assert float(moved.norm()) == pytest.approx(0.02 * 0.1, rel=1e-3), "clipped to 0.1"
    assert all(torch.equal(v, before[k]) for k, v in run.method.network.state_dict().items())


@pytest.mark.parametrize("method", ["toy", "maskcon", "grafit", "coins"])
def test_resume_after_any_step_gives_the_same_bits(tmp_path, method):
    make = toy_run if method == "toy" else lambda folder=None, **train: coarse_run(method, folder, **train)
    whole = make(checkpoint=1000)
    whole.train()
    for stop in (1, 2, 3, 5, 7, whole.steps - 1):
        folder = tmp_path / f"{method}{stop}"
        folder.mkdir()
        make(folder, checkpoint=1).train(stop=stop)
        again = make(folder, checkpoint=1)
        assert again.resume() == stop
        again.train()
        assert same(whole, again), f"stopped before step {stop}"


def test_no_two_slots_of_a_step_share_a_draw(monkeypatch):
    seen: list[tuple] = []

    def spy(seed, purpose, step=0):
        seen.append((seed, purpose, step))
        return generator(seed, purpose, step)

    monkeypatch.setattr("gristmill.train.batches.generator", spy)
    run = toy_run()
    run.train(stop=4)
    views = [s for s in seen if "view/" in s[1] or "draws" in s[1]]
    assert len(views) == len(set(views)), "a key was used twice"
    firsts = {tuple(generator(*key).random(4)) for key in set(seen)}
    assert len(firsts) == len(set(seen)), "two keys give the same numbers"
    assert {s[1] for s in seen} >= {
        "order/labeled", "order/unlabeled", "view/labeled/weak/0", "view/unlabeled/weak/0",
        "view/unlabeled/strong/1", "draws", "start/draws", "start/order/labeled", "start/view/labeled/weak/0",
    }  # fmt: skip


@pytest.mark.parametrize("method", ["maskcon", "grafit", "coins"])
def test_learner_never_sees_fine_labels(method):
    images, table = digits()
    results = []
    for corrupt in (False, True):
        if corrupt:
            table.loc[table["part"] == "train", "fine"] = 99
        run = make_run(images, table, settings(), 0)
        batch = run.batches(0)
        label = table.set_index("row")["label"]
        rows = run.rows["train"][batch.train.index]
        assert batch.train.label.tolist() == label[rows.numpy()].tolist()
        assert set(vars(batch)) == {"draws", "train"} and set(vars(batch.train)) == {"key", "query", "label", "index"}
        run.batches.ready[0] = batch
        run.train()
        results.append(run)
    assert same(*results)


class Diverging(Method):
    """Its loss is not finite from a given step on."""

    def __init__(self, network, settings, bad_step):
        super().__init__()
        self.network, self.bad_step = network, bad_step

    def streams(self):
        return {"train": Stream("train", 16, {"query": "weak"})}

    def optimizers(self):
        return {"main": Optimizer(list(self.network.parameters()), 0.01)}

    @property
    def evaluated(self):
        return self.network

    def step(self, batch, now):
        loss = self.network(batch.train.query)[1].square().mean()
        yield Objective(loss / (now.step < self.bad_step))


def test_a_loss_that_is_not_finite_stops_before_a_checkpoint_is_written(tmp_path):
    images, table = digits()
    values = settings(checkpoint=2)
    network = build(values.network, 1, 8, 5)
    initialize(network, generator(0, "init/network"))
    run = Run(Diverging(network, values, 5), images, table, values, 0, Checkpoint(tmp_path), name="bad")
    with pytest.raises(UserError, match=r"not finite at step 5 \(loss inf.*last good state is step 4.*"
                       r"gristmill replay bad --seed 0 --step 5"):  # fmt: skip
        run.train()
    saved = Checkpoint(tmp_path).read()
    assert saved is not None and saved[1]["step"] == 4
    assert all(bool(torch.isfinite(t.double()).all()) for t in saved[0].values())


def test_replay_shows_a_step_and_changes_nothing(tmp_path):
    images, table = digits()
    run = make_run(images, table, settings(checkpoint=2), 0, Checkpoint(tmp_path), "maskcon")
    run.train(stop=5)
    before = (tmp_path / "state.safetensors").read_bytes()
    lines = list(replay(images, table, plain(settings()), 0, tmp_path, "maskcon", 5))
    run.advance(5)
    assert any(f"loss {run.log.values(5 % run.epoch_steps)['loss']:.6g}" in line for line in lines)
    assert any(line.startswith("train.query: (16, 1, 8, 8)") for line in lines)
    assert (tmp_path / "state.safetensors").read_bytes() == before


def test_a_finished_seed_is_taken_from_its_folder(tmp_path):
    images, table = digits()
    first = train_seed(images, table, plain(settings()), 0, tmp_path, "maskcon")
    content, history = first.file.read_bytes(), first.history
    assert {p.name for p in tmp_path.iterdir()} == {"encoder.safetensors", "history.json"}
    again = train_seed(images, None, plain(settings()), 0, tmp_path, "maskcon")  # type: ignore[arg-type]
    assert again.file.read_bytes() == content and again.history.equals(history)


def test_a_damaged_checkpoint_is_refused_by_name(tmp_path):
    (tmp_path / "state.safetensors").write_bytes(b"half of a file")
    with pytest.raises(UserError, match=r"state\.safetensors: damaged checkpoint"):
        coarse_run("maskcon", tmp_path).train()


def test_a_full_disk_is_one_line_and_leaves_the_last_state(tmp_path, monkeypatch):
    run = coarse_run("maskcon", tmp_path, checkpoint=2)
    run.train(stop=3)
    before = (tmp_path / "state.safetensors").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="cannot be written: No space left on device"):
        coarse_run("maskcon", tmp_path, checkpoint=2).train()
    assert (tmp_path / "state.safetensors").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["state.safetensors"]


def test_a_batch_larger_than_the_data_is_named():
    with pytest.raises(UserError, match=r"train\.batch: 64 is more than the 48 images"):
        coarse_run("maskcon", batch=64)


def test_a_collapse_is_named(capsys):
    run = coarse_run("maskcon")
    run.method.query.projector[2].weight.data.zero_()
    run.method.query.projector[2].bias.data.fill_(1.0)
    run.method.query.projector.requires_grad_(False)
    for optimizer in run.optimizers.values():
        optimizer.rates.zero_()
    run.train()
    assert "the outputs have collapsed at epoch 1" in capsys.readouterr().err


class Counting(TorchDispatchMode):
    """Names of calls that wait for the device, or whose shape depends on the data."""

    waits = ("_local_scalar_dense", "nonzero", "masked_select", "unique", "bincount")

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        if any(wait in name for wait in self.waits):
            self.found.append(name)
        if name == "index" and any(i is not None and i.dtype == torch.bool for i in args[1]):
            self.found.append("index with a boolean tensor")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("method", ["maskcon", "grafit", "coins"])
def test_nothing_in_a_step_waits_for_the_device(method):
    from gristmill.methods.method import Clock
    from gristmill.train.step import advance

    run = coarse_run(method)
    run.method.start(run.start_batches.endless())
    batch = run.batches(0)
    with Counting() as count:
        done = advance(run.method, batch, Clock(0, run.steps, 0, 0), run.optimizers)
        run.log.add(0, done)
    assert count.found == []
