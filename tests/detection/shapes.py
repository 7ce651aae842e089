"""Small photographs of circles and squares on noise, with boxes and polygons, and small detectors for them."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from gristmill.detection.backbone import Backbone, backbone_of
from gristmill.detection.boxes import Annotated, DetectionSet
from gristmill.detection.network import build_detector
from gristmill.detection.settings import Detector, Training
from gristmill.train.keys import generator

HEIGHT, WIDTH = 64, 80
CLASSES = ["circle", "square"]


def recipe(channels: int = 3, name: str = "small") -> dict:
    """Of an encoder's file, as training writes it."""
    network = {"name": name, "widths": [16, 16, 32, 32], "blocks": 1, "dim": 8, "hidden": 8}
    views = {"size": 64, "mean": [0.5] * channels, "std": [0.25] * channels}
    return {"network": network, "channels": channels, "classes": 3, "views": views}


PYRAMID = Detector(
    head="fpn", masks=False, side=64, longest=128, stages=[2, 3, 4], width=16, hidden=32, convolutions=0, canonical=56,
    anchors=[[12], [20], [28], [40]], ratios=[1.0], before=(200, 100), after=(50, 50), drawn_anchors=64,
    drawn_regions=32, pool=7, mask_pool=14, least_score=0.05, overlap=0.5, most=20,
)  # fmt: skip
C4 = replace(PYRAMID, head="c4", anchors=[[12, 20, 28]], drawn_regions=16, pool=14)
TRAINING = Training(
    parts=["train"], difficult=False, steps=6, batch=2, lr=0.02, momentum=0.9, weight_decay=1e-4, warmup=2, first=0.001,
    milestones=[4], factor=0.1, sides=[48, 64], flip=0.5, settled=2, log=4, checkpoint=4, device="cpu",
    precision="fp32",
)  # fmt: skip


def backbone(seed: int = 0, channels: int = 3) -> Backbone:
    return backbone_of(recipe(channels), generator(seed, "init/network"))


def detector(settings: Detector = PYRAMID, classes: int = 2, seed: int = 0, channels: int = 3):
    return build_detector(backbone(seed, channels), settings, classes, generator(seed, "init/detector"))


def shapes(count: int = 6, classes: int = 2, objects: int = 2, seed: int = 0) -> DetectionSet:
    """`objects` an image; the last image is for validation."""
    rng, images, annotated = np.random.default_rng(seed), [], []
    for number in range(count):
        image = Image.fromarray(rng.integers(0, 60, (HEIGHT, WIDTH, 3), np.uint8))
        boxes, labels, masks = [], [], []
        for place in range(objects):
            radius = int(rng.integers(7, 14))
            x, y = int(rng.integers(15, 24)) + 38 * (place % 2), int(rng.integers(15, HEIGHT - 15))
            label, color = int(rng.integers(classes)), tuple(rng.integers(150, 256, 3).tolist())
            turns = np.arange(24) / 24 * 2 * np.pi if label == 0 else np.pi / 4 + np.arange(4) * np.pi / 2
            reach = radius if label == 0 else radius * np.sqrt(2)
            polygon = np.stack([x + reach * np.cos(turns), y + reach * np.sin(turns)], 1)
            ImageDraw.Draw(image).polygon([tuple(point) for point in polygon], fill=color)
            boxes.append([x - radius, y - radius, x + radius, y + radius])
            labels.append(label)
            masks.append([polygon.ravel().tolist()])
        images.append(np.asarray(image))
        difficult = np.zeros(objects, bool)
        truth = np.array(boxes, np.float32).reshape(-1, 4)
        annotated.append(Annotated(f"{number}", truth, np.array(labels, np.int64), difficult, masks))
    part = ["train"] * (count - 1) + ["validation"]
    return DetectionSet(images.__getitem__, annotated, CLASSES[:classes], part)
