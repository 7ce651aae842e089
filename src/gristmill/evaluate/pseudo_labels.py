"""Quality of pseudo-labels, class by class (DASO, CVPR 2022, figures 2 and 5 to 8)."""

from dataclasses import dataclass

import numpy as np


def label_table(truth: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """K x (K + 1): how many images of each true class were given each label; the last column: none (-1).

    Tables of several batches add up.

    Args:
        truth: any number of integers in 0 .. K - 1; -1 (not known) is left out.
        labels: as many, in -1 .. K - 1.
        classes: K.
    """
    truth, labels = np.asarray(truth).ravel(), np.asarray(labels).ravel()
    known = truth >= 0
    places = truth[known] * (classes + 1) + np.where(labels[known] < 0, classes, labels[known])
    return np.bincount(places, minlength=classes * (classes + 1)).reshape(classes, classes + 1)


@dataclass(frozen=True)
class LabelQuality:
    """What a `label_table` says: K x (K + 1) counts. Shares lie in 0..1; what would be 0 / 0 is NaN."""

    table: np.ndarray

    @property
    def given(self) -> np.ndarray:
        """K: how many images were given each label."""
        return self.table[:, :-1].sum(0)

    @property
    def recall(self) -> np.ndarray:
        """K: share of the images of a class that were labeled so; NaN for a class without images."""
        return ratio(self.table.diagonal(), self.table.sum(1))

    @property
    def precision(self) -> np.ndarray:
        """K: share of the images labeled so that are of the class; NaN for a label never given."""
        return ratio(self.table.diagonal(), self.given)

    @property
    def gain(self) -> np.ndarray:
        """K: how many times its true number a class was labeled; NaN for a class without images."""
        return ratio(self.given, self.table.sum(1))

    @property
    def share(self) -> np.ndarray:
        """K: share of each label among all labels given; NaN without any."""
        return ratio(self.given, self.given.sum())

    @property
    def accuracy(self) -> float:
        """Share of the labels given that are right."""
        return float(ratio(self.table.diagonal().sum(), self.given.sum()))

    @property
    def mean_recall(self) -> float:
        """Over the classes that have images."""
        return mean(self.recall)

    @property
    def mean_precision(self) -> float:
        """Over the labels that were given."""
        return mean(self.precision)

    @property
    def released_mean_precision(self) -> float:
        """Over all classes, a label never given counting as -1: what DASO's released code reports."""
        return float(np.nan_to_num(self.precision, nan=-1.0).mean())

    @property
    def imbalance(self) -> float:
        """Largest by smallest number of labels, of those given at all."""
        return imbalance(self.given)


def imbalance(counts: np.ndarray) -> float:
    """Largest by smallest of K counts, without zeros; NaN where all are zero."""
    positive = counts[counts > 0]
    return float(positive.max() / positive.min()) if len(positive) else float("nan")


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, NaN where the whole is 0."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def mean(values: np.ndarray) -> float:
    """Mean of those that are not NaN; NaN without any."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")
