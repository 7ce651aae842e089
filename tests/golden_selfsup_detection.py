"""Scores of detections: golden kinds."""

from collections.abc import Callable

from gristmill.detection.voc import area, eleven_points, precision_recall
from tests.golden import Case


def voc_ap(case: Case):
    recall, precision = precision_recall(case.inputs["is_true_positive"], case.params["num_positives"])
    return {
        "recall": recall,
        "precision": precision,
        "ap_11point": eleven_points(recall, precision),
        "ap_integral": area(recall, precision),
    }


KINDS: dict[str, Callable] = {"voc_ap": voc_ap}
