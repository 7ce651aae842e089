"""The C4 head: the last stage of the backbone looks at each region, as in MoCo's tables of VOC and COCO.

Losses and their weights are detectron2's (cross entropy, L1, binary cross entropy, all with weight 1); torchvision's
own heads have smooth L1 instead.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, l1_loss
from torchvision.models.detection.roi_heads import RoIHeads, maskrcnn_inference, maskrcnn_loss
from torchvision.models.detection.rpn import RegionProposalNetwork
from torchvision.ops import roi_align


class Pool(nn.Module):
    """Regions of the one map that there is: RoIAlign, aligned, with as many samples as a region's pixels ask for.

    Args:
        side: of what is read of a region.
        stride: of the map.
    """

    def __init__(self, side: int, stride: int):
        super().__init__()
        self.side, self.stride = side, stride

    def forward(self, maps: dict[str, Tensor], boxes: list[Tensor], shapes: list[tuple[int, int]]) -> Tensor:
        """R x C x side x side."""
        (x,) = maps.values()
        return roi_align(x, boxes, self.side, 1 / self.stride, sampling_ratio=0, aligned=True)


class Stage5(nn.Module):
    """The last stage, and the extra batch norm behind it."""

    def __init__(self, stage: nn.Module, width: int):
        super().__init__()
        self.stage, self.norm = stage, nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """R x C x 14 x 14 to R x 2C x 7 x 7."""
        return self.norm(self.stage(x))


class Predictor(nn.Module):
    """Scores and boxes, 4 numbers a class, of regions' features R x D; class 0 is the background."""

    def __init__(self, width: int, classes: int):
        super().__init__()
        self.scores, self.boxes = nn.Linear(width, classes), nn.Linear(width, 4 * classes)
        for layer, deviation in ((self.scores, 0.01), (self.boxes, 0.001)):
            nn.init.normal_(layer.weight, std=deviation)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return self.scores(features), self.boxes(features)


class Proposals(RegionProposalNetwork):
    """Proposals with an L1 loss."""

    def compute_loss(
        self, objectness: Tensor, pred_bbox_deltas: Tensor, labels: list[Tensor], regression_targets: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Of objectness and of boxes."""
        positive, negative = (torch.where(torch.cat(drawn))[0] for drawn in self.fg_bg_sampler(labels))
        both, wanted = torch.cat([positive, negative]), torch.cat(regression_targets)
        distance = l1_loss(pred_bbox_deltas[positive], wanted[positive], reduction="sum") / max(len(both), 1)
        return binary_cross_entropy_with_logits(objectness.flatten()[both], torch.cat(labels)[both]), distance


class Heads(RoIHeads):
    """Classes, boxes and, where there is a `mask_predictor`, masks from the same map of a region."""

    def has_mask(self) -> bool:
        """There is no second head for masks."""
        return self.mask_predictor is not None

    def forward(
        self,
        features: dict[str, Tensor],
        proposals: list[Tensor],
        image_shapes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None = None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        """What is found, while detecting; else the losses."""
        if self.training:
            proposals, matched, labels, wanted = self.select_training_samples(proposals, targets)
            maps = self.box_head(self.box_roi_pool(features, proposals, image_shapes))
            return [], self.losses(maps, proposals, matched, labels, torch.cat(wanted), targets)
        maps = self.box_head(self.box_roi_pool(features, proposals, image_shapes))
        logits, deltas = self.box_predictor(maps.mean((2, 3)))
        boxes, scores, labels = self.postprocess_detections(logits, deltas, proposals, image_shapes)
        told = zip(boxes, scores, labels, strict=True)
        found = [{"boxes": box, "scores": score, "labels": label} for box, score, label in told]
        if self.mask_predictor is not None:
            maps = self.box_head(self.box_roi_pool(features, boxes, image_shapes))
            for one, masks in zip(found, maskrcnn_inference(self.mask_predictor(maps), labels), strict=True):
                one["masks"] = masks
        return found, {}

    def losses(
        self, maps: Tensor, regions: list[Tensor], matched: list[Tensor], labels: list[Tensor], wanted: Tensor,
        targets: Any,
    ) -> dict[str, Tensor]:
        """Of the drawn regions.

        Args:
            maps: R x D x h x w.
            regions, matched, labels: of each image: boxes, the truth that each overlaps, its class, 0 the background.
            wanted: R x 4, from a region to its truth.
        """
        scores, deltas = self.box_predictor(maps.mean((2, 3)))
        all_labels = torch.cat(labels)
        own = torch.where(all_labels > 0)[0]
        deltas = deltas.reshape(len(scores), -1, 4)[own, all_labels[own]]
        found = {
            "loss_classifier": cross_entropy(scores, all_labels),
            "loss_box_reg": l1_loss(deltas, wanted[own], reduction="sum") / max(len(scores), 1),
        }
        if self.mask_predictor is not None:
            inside = [torch.where(one > 0)[0] for one in labels]
            found["loss_mask"] = maskrcnn_loss(
                self.mask_predictor(maps[own]),
                [region[i] for region, i in zip(regions, inside, strict=True)],
                [target["masks"] for target in targets],
                [target["labels"] for target in targets],
                [match[i] for match, i in zip(matched, inside, strict=True)],
            )
        return found
