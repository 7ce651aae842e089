"""Training and evaluation on packed images of many sizes."""

import hashlib

import numpy as np
import pandas as pd
import pytest
import torch

from gristmill.data import packed
from gristmill.data.packed import Packed, open_images
from gristmill.data.pieces import write_pieces
from gristmill.data.source import Piece, Pieces, sample_table
from gristmill.evaluate.features import extract
from gristmill.pipelines.intact import check_intact
from gristmill.train import batches
from gristmill.train.run import make_run, prepare_process, train_seed
from gristmill.views.recipes import recipe
from tests.train.test_loop import plain
from tests.train.toy import settings

COUNT = 60


@pytest.fixture(autouse=True)
def one_thread():
    prepare_process(1)


@pytest.fixture
def data(tmp_path) -> tuple[Packed, pd.DataFrame]:
    """Patches of three colors in many sizes, and the task on them."""
    rng = np.random.default_rng(0)
    fine = np.arange(COUNT) % 6
    images = [rng.integers(40 * f, 40 * f + 56, (*rng.integers(20, 60, 2), 3)).astype(np.uint8) for f in fine]
    part = np.where(np.arange(COUNT) < 48, "train", "test")
    table = sample_table([str(i) for i in range(COUNT)], part, fine, list("abcdef"))
    digest, table = write_pieces(Pieces(COUNT, iter([Piece(images, table)])), tmp_path / "images.npy", "made")
    task = table.assign(row=np.arange(COUNT), label=fine % 2, label_name="x")
    task.attrs["images_sha256"] = digest
    return open_images(tmp_path / "images.npy"), task


def values(**train):
    made = settings(epochs=2, **train)
    made.views.recipe, made.views.size, made.views.query = "sop", 16, "strong"
    made.views.mean, made.views.std = [0.5] * 3, [0.25] * 3
    return made


def same(a, b) -> bool:
    return all(torch.equal(getattr(a.train, k), getattr(b.train, k)) for k in ("key", "query", "label", "index"))


def test_a_run_trains_and_its_encoder_gives_features(data, tmp_path):
    images, task = data
    assert check_intact(images, task) == hashlib.sha256(np.load(images.filename)).hexdigest()
    made = plain(values())
    view = recipe(values().views, "test")
    rows = task["row"].to_numpy()[48:]

    def monitor(network, bf16):
        return {"norm": float(np.linalg.norm(extract(network, images, rows, view)))}

    result = train_seed(images, task, made, 0, tmp_path / "resume", monitor=monitor)
    assert len(result.history) == 3 and np.isfinite(result.history["loss"].dropna()).all()
    assert result.history["norm"].nunique() > 1
    again = train_seed(images, task, made, 0, tmp_path / "again", monitor=monitor)
    assert again.file.read_bytes() == result.file.read_bytes()


def test_bounded_memory_moves_no_bit(data, monkeypatch):
    images, task = data
    free = make_run(images, task, values(), 0)
    assert free.batches.chunk == 4
    view, rows = recipe(values().views, "test"), np.arange(COUNT)
    seen = extract(free.method.evaluated, images, rows, view)
    monkeypatch.setattr(packed, "BUDGET", 4 * 60 * 60 * 3)
    monkeypatch.setattr(batches, "PIXELS", 2 * 16 * 16 * 16)
    bound = make_run(images, task, values(), 0)
    assert bound.batches.chunk == 2
    assert all(same(free.batches(step), bound.batches(step)) for step in range(6))
    assert np.array_equal(extract(bound.method.evaluated, images, rows, view), seen)


def test_two_processes_see_the_batch_of_one(data):
    images, task = data
    run = make_run(images, task, values(), 0)
    share = [
        batches.Batches(run.method, images, run.rows, run.labels, run.views, 0, run.device, rank=rank, processes=2)
        for rank in (0, 1)
    ]
    for step in range(3):
        whole, halves = run.batches(step).train, [each(step).train for each in share]
        assert torch.equal(torch.cat([half.query for half in halves]), whole.query)


def test_predict_sees_every_row(data):
    run = make_run(*data, values(), 0)
    outputs = run.predict("train", torch.nn.Flatten())
    assert outputs.shape == (48, 3 * 16 * 16)
