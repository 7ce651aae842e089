"""Detectors and trainings by name: those of the papers' tables, and one that two processors train in a minute.

VOC and COCO as MoCo's released configurations have them (detectron2's defaults where they are silent). A batch is 16
images on 8 GPUs there, with batch norm over all of them. On other batches scale the rate with the batch.
"""

from dataclasses import replace

from gristmill.detection.settings import Detector, Training

C4 = Detector(
    head="c4",
    masks=False,
    side=800,
    longest=1333,
    stages=[],
    width=256,                                   # of the mask branch
    hidden=0,
    convolutions=0,
    canonical=0,
    anchors=[[32, 64, 128, 256, 512]],
    ratios=[0.5, 1.0, 2.0],
    before=(12000, 6000),
    after=(2000, 1000),
    drawn_anchors=256,
    drawn_regions=512,
    pool=14,
    mask_pool=0,
    least_score=0.05,
    overlap=0.5,
    most=100,
)
PYRAMID = replace(
    C4,
    head="fpn",
    stages=[1, 2, 3, 4],
    hidden=1024,
    canonical=224,
    anchors=[[32], [64], [128], [256], [512]],
    before=(2000, 1000),
    after=(1000, 1000),
    pool=7,
    mask_pool=14,
)
VOC = Training(
    parts=["train", "validation"],
    difficult=True,
    steps=24_000,
    batch=16,
    lr=0.02,
    momentum=0.9,
    weight_decay=1e-4,
    warmup=100,
    first=0.001,
    milestones=[18_000, 22_000],
    factor=0.1,
    sides=list(range(480, 801, 32)),
    flip=0.5,
    settled=200,
    log=20,
    checkpoint=1_000,
    device="auto",
    precision="fp32",
)
COCO_2X = replace(
    VOC,
    parts=["train"],
    difficult=False,
    steps=180_000,
    warmup=1_000,
    milestones=[120_000, 160_000],
    sides=list(range(640, 801, 32)),
)
COCO_1X = replace(COCO_2X, steps=90_000, milestones=[60_000, 80_000])

SMALL = replace(
    PYRAMID,                                     # for photographs reduced to 192 x 256 and a network of four stages
    side=192,
    longest=384,
    stages=[2, 3, 4],
    width=32,
    hidden=64,
    canonical=56,
    anchors=[[16], [32], [48], [64]],
    ratios=[1.0],                                # cells are round
    before=(300, 200),
    after=(100, 100),
    drawn_anchors=64,
    drawn_regions=32,
)
SHORT = Training(
    parts=["train"],
    difficult=True,
    steps=150,
    batch=4,
    lr=0.02,
    momentum=0.9,
    weight_decay=1e-4,
    warmup=20,
    first=0.001,
    milestones=[105, 135],
    factor=0.1,
    sides=[153, 172, 192, 211, 230],
    flip=0.5,
    settled=8,
    log=10,
    checkpoint=25,
    device="auto",
    precision="fp32",
)

# name: the detector, with or without masks, and its training
RECIPES: dict[str, tuple[Detector, Training]] = {
    "voc_c4": (C4, VOC),
    "coco_c4_1x": (replace(C4, masks=True), COCO_1X),
    "coco_c4_2x": (replace(C4, masks=True), COCO_2X),
    "coco_fpn_1x": (replace(PYRAMID, masks=True), COCO_1X),
    "coco_fpn_2x": (replace(PYRAMID, masks=True), COCO_2X),
    "small": (SMALL, SHORT),
}
