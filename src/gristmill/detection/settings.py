"""What a detector and its training are told. No field has a default: `recipes.py` has values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Detector:
    """A network that finds boxes.

    Attributes:
        head: `fpn`: Faster R-CNN on a feature pyramid, as torchvision has it; `c4`: the last stage of the backbone on
            each region, as in MoCo's tables.
        masks: Mask R-CNN, with a mask for every box.
        side, longest: an image is scaled so that its short side is `side`, unless its long side were above `longest`;
            pixels, while detecting.
        stages: of the backbone, from 1, that the pyramid stands on, one after the other (`fpn`).
        width: channels of the pyramid and of the heads on it (`fpn`), and of a layer before the masks (`c4`).
        hidden: units of the two layers that see a region (`fpn`).
        convolutions: with batch norm, before one such layer; 0: the two layers alone (`fpn`).
        canonical: side in pixels of regions that are read from the map of stride 16, those half as large from that of
            stride 8; 224 in the pyramid's paper (`fpn`).
        anchors: for each map the sides of its anchors in pixels: one map more than stages (`fpn`), or one map (`c4`).
        ratios: height to width of the anchors.
        before, after: proposals kept before and after suppression: while training, and while detecting.
        drawn_anchors, drawn_regions: that take part in the losses, an image.
        pool: side of what is read of a region.
        mask_pool: the same for its mask (`fpn`).
        least_score, overlap, most: a box with a lower score, or one that overlaps a better one of its class more, is
            not told; and no more than so many an image.
    """

    head: str
    masks: bool
    side: int
    longest: int
    stages: list[int]
    width: int
    hidden: int
    convolutions: int
    canonical: int
    anchors: list[list[int]]
    ratios: list[float]
    before: tuple[int, int]
    after: tuple[int, int]
    drawn_anchors: int
    drawn_regions: int
    pool: int
    mask_pool: int
    least_score: float
    overlap: float
    most: int


@dataclass(frozen=True)
class Training:
    """How a detector is trained, by stochastic gradient descent.

    Attributes:
        parts: of the images to train on: train, validation.
        difficult: whether boxes that do not count in the score are trained on: yes for VOC, no for COCO's crowds.
        steps, batch: so many, of so many images.
        lr: after the warm-up.
        momentum, weight_decay: of the descent; the decay is of all weights.
        warmup, first: steps of the linear rise, from so much of `lr`.
        milestones, factor: steps at which the rate is multiplied.
        sides: short sides of a training image in pixels; one is drawn for each.
        flip: the chance that an image is mirrored.
        settled: batches over which the statistics of batch norm are averaged after training; 0: they stay.
        log, checkpoint: steps between rows of the history, and between states on the disk.
        device, precision: `auto`, cpu, cuda; fp32 or bf16.
    """

    parts: list[str]
    difficult: bool
    steps: int
    batch: int
    lr: float
    momentum: float
    weight_decay: float
    warmup: int
    first: float
    milestones: list[int]
    factor: float
    sides: list[int]
    flip: float
    settled: int
    log: int
    checkpoint: int
    device: str
    precision: str
