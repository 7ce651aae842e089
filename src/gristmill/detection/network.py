"""Faster R-CNN and Mask R-CNN on our backbones: every weight and every batch norm is trained, nothing is frozen."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN, MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNConvFCHead, FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool
from torchvision.ops.poolers import LevelMapper

from gristmill.detection import c4
from gristmill.detection.backbone import Backbone, Trunk, stride, widths
from gristmill.detection.sampling import Sampler
from gristmill.detection.settings import Detector
from gristmill.errors import UserError

MASK_LAYERS = 4  # convolutions of the mask head on a pyramid (He et al., Mask R-CNN)
SAME, OTHER = 0.7, 0.3  # overlaps from which an anchor is positive, and below which it is negative (Faster R-CNN)
HIT = 0.5  # overlap from which a region is of an object's class
ALIKE = 0.7  # overlap above which the lesser of two proposals is dropped
ANCHOR_SHARE, REGION_SHARE = 0.5, 0.25  # of positives, at most, among those drawn


def build_detector(backbone: Backbone, settings: Detector, classes: int, rng: np.random.Generator) -> GeneralizedRCNN:
    """A detector on a backbone: which start the backbone had makes no difference here.

    Args:
        classes: C, without the background.
        rng: of the first weights of everything above the backbone.

    Raises:
        UserError: anchors that do not fit the maps, or stages that the backbone has not.
    """
    check(backbone, settings)
    with torch.random.fork_rng(devices=[]):  # torchvision draws first weights from torch's global generator
        torch.manual_seed(int(rng.integers(2**62)))
        detector = (on_last_stage if settings.head == "c4" else on_pyramid)(backbone, settings, classes + 1)
    detector.rpn.fg_bg_sampler = Sampler(settings.drawn_anchors, ANCHOR_SHARE)  # pyright: ignore[reportArgumentType]
    detector.roi_heads.fg_bg_sampler = Sampler(settings.drawn_regions, REGION_SHARE)  # pyright: ignore[reportArgumentType]
    return detector


def check(backbone: Backbone, settings: Detector) -> None:
    """Refuse what does not fit together."""
    stages = len(backbone.network.stages)
    if settings.head == "c4":
        if stages < 2:
            raise UserError("detector c4: the backbone has one stage, and the last one looks at regions; take two")
        maps = 1
    else:
        chosen = list(settings.stages)
        if not chosen or chosen != list(range(max(chosen[0], 1), min(chosen[-1], stages) + 1)):
            raise UserError(f"detector stages {chosen}: give one or more numbers from 1 to {stages}, without a gap")
        maps = len(chosen) + 1
    if len(settings.anchors) != maps:
        raise UserError(f"detector anchors: {len(settings.anchors)} lists for {maps} maps; give a list for each map")
    if len({len(sides) for sides in settings.anchors}) > 1:
        raise UserError("detector anchors: every map needs the same number of sides")


class Pyramid(nn.Module):
    """A feature pyramid on some stages, with batch norm; and its last map once more, at half the side."""

    def __init__(self, backbone: Backbone, stages: list[int], width: int):
        super().__init__()
        self.stages, self.out_channels = stages, width
        self.body = Trunk(backbone.network, stages[-1])
        inputs = [widths(backbone.network)[stage - 1] for stage in stages]
        self.fpn = FeaturePyramidNetwork(inputs, width, LastLevelMaxPool(), nn.BatchNorm2d)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Maps by name: 0, 1, ..., pool."""
        maps = self.body(x)
        return self.fpn({str(place): maps[stage - 1] for place, stage in enumerate(self.stages)})


class OneMap(nn.Module):
    """All stages but the last."""

    def __init__(self, backbone: Backbone):
        super().__init__()
        stages = len(backbone.network.stages) - 1
        self.body, self.out_channels = Trunk(backbone.network, stages), widths(backbone.network)[stages - 1]

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"0": self.body(x)[-1]}


def on_pyramid(backbone: Backbone, settings: Detector, classes: int) -> GeneralizedRCNN:
    """torchvision's detectors, with batch norm wherever their parts can have it."""
    trunk = Pyramid(backbone, settings.stages, settings.width)
    pool = pyramid_pool(backbone, settings, settings.pool)
    inside, hidden = (settings.width, settings.pool, settings.pool), settings.hidden
    if settings.convolutions:
        layers = [settings.width] * settings.convolutions
        head: nn.Module = FastRCNNConvFCHead(inside, layers, [hidden], norm_layer=nn.BatchNorm2d)
    else:
        head = TwoMLPHead(int(np.prod(inside)), hidden)
    predictor = FastRCNNPredictor(hidden, classes)
    parts: dict[str, Any] = {"box_head": head, "box_predictor": predictor, "box_roi_pool": pool}
    if settings.masks:
        parts["mask_roi_pool"] = pyramid_pool(backbone, settings, settings.mask_pool)
        layers = [settings.width] * MASK_LAYERS
        parts["mask_head"] = MaskRCNNHeads(settings.width, layers, 1, norm_layer=nn.BatchNorm2d)
        parts["mask_predictor"] = MaskRCNNPredictor(settings.width, settings.width, classes)
    (before, before_test), (after, after_test) = settings.before, settings.after
    kept: dict[str, Any] = {"rpn_pre_nms_top_n_train": before, "rpn_pre_nms_top_n_test": before_test}
    kept |= {"rpn_post_nms_top_n_train": after, "rpn_post_nms_top_n_test": after_test}
    told: dict[str, Any] = {"box_score_thresh": settings.least_score, "box_nms_thresh": settings.overlap}
    told |= {"rpn_fg_iou_thresh": SAME, "rpn_bg_iou_thresh": OTHER, "rpn_nms_thresh": ALIKE}
    told |= {"box_fg_iou_thresh": HIT, "box_bg_iou_thresh": HIT}
    return (MaskRCNN if settings.masks else FasterRCNN)(
        trunk, None, settings.side, settings.longest, backbone.mean, backbone.std, anchors(settings),
        **parts, **kept, **told, box_detections_per_img=settings.most, _skip_resize=True,
    )  # fmt: skip


def pyramid_pool(backbone: Backbone, settings: Detector, side: int) -> MultiScaleRoIAlign:
    """Reads a region from the map that suits its size.

    torchvision would guess the maps' strides from the first images that it sees, and guess wrong on small padded ones.
    """
    names = [str(place) for place in range(len(settings.stages))]
    pool = MultiScaleRoIAlign(names, side, 2, canonical_scale=settings.canonical)
    pool.scales = [1 / stride(backbone.network, stage) for stage in settings.stages]
    lowest, highest = (int(np.log2(stride(backbone.network, settings.stages[end]))) for end in (0, -1))
    pool.map_levels = LevelMapper(lowest, highest, settings.canonical)
    return pool


def on_last_stage(backbone: Backbone, settings: Detector, classes: int) -> GeneralizedRCNN:
    """The C4 network (detectron2's R50-C4 with MoCo's extra batch norm, where the backbone is ResNet-50)."""
    network, trunk = backbone.network, OneMap(backbone)
    generator = anchors(settings)
    rpn = c4.Proposals(
        generator, RPNHead(trunk.out_channels, generator.num_anchors_per_location()[0]), SAME, OTHER,
        settings.drawn_anchors, ANCHOR_SHARE, both(settings.before), both(settings.after), ALIKE,
    )  # fmt: skip
    pool = c4.Pool(settings.pool, stride(network, len(network.stages) - 1))
    heads = c4.Heads(
        pool, c4.Stage5(network.get_submodule(network.stages[-1]), network.width), c4.Predictor(network.width, classes),
        HIT, HIT, settings.drawn_regions, REGION_SHARE, None, settings.least_score, settings.overlap, settings.most,
    )  # fmt: skip
    if settings.masks:
        heads.mask_predictor = MaskRCNNPredictor(network.width, settings.width, classes)
    shown = GeneralizedRCNNTransform(
        settings.side, settings.longest, backbone.mean, backbone.std, _skip_resize=True
    )
    return GeneralizedRCNN(trunk, rpn, heads, shown)


def both(counts: tuple[int, int]) -> dict[str, int]:
    """As torchvision names the two."""
    return {"training": counts[0], "testing": counts[1]}


def anchors(settings: Detector) -> AnchorGenerator:
    """Every side in every shape, at every place of a map."""
    sides = tuple(tuple(one) for one in settings.anchors)
    return AnchorGenerator(sides, (tuple(settings.ratios),) * len(sides))
