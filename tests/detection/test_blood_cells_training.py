"""A small detector on real photographs."""

from dataclasses import replace

import numpy as np
import torch

from gristmill.detection import blood_cells, voc
from gristmill.detection.detect import detect
from gristmill.detection.network import build_detector
from gristmill.detection.recipes import RECIPES
from gristmill.detection.train import train
from gristmill.train.keys import generator
from tests.detection.shapes import backbone


def test_blood_cells_are_trained_on_and_scored():
    torch.set_num_threads(1)
    data, (settings, training) = blood_cells.read(), RECIPES["small"]
    settings = replace(settings, side=96, longest=192, anchors=[[8], [16], [24], [32]])
    training = replace(training, steps=24, warmup=4, milestones=[20], sides=[96], log=6, settled=4, device="cpu")
    network = build_detector(backbone(), settings, len(data.classes), generator(0, "init/detector"))
    history = train(network, data, training, 0, name="blood_cells")
    assert history[-1]["loss"] < history[0]["loss"]
    rows = [row for row, part in enumerate(data.part) if part == "test"][:4]
    found = detect(network, [data.images(row) for row in rows])
    assert all(one.boxes[:, 2].max(initial=0) <= 320 and one.boxes[:, 3].max(initial=0) <= 240 for one in found)
    table = voc.average_precision(found, [data.annotated[row] for row in rows], data.classes)
    assert table["ap50"].between(0, 1).all() and np.isfinite(table["ap"]).all()
