"""By which figure a data set is judged where features are transferred to it: a property of the set.

Kornblith et al. (CVPR 2019) took over what is usual for each set; SimCLR, BYOL and SupCon followed.
"""

FIGURES = ("top1", "top5", "mean_class", "map_11")
OTHER = {
    "fgvc_aircraft": "mean_class",
    "oxford_pets": "mean_class",
    "caltech101": "mean_class",
    "flowers102": "mean_class",
    "voc2007": "map_11",
}
TRANSFER = (
    "food101", "cifar10", "cifar100", "birdsnap", "sun397", "cars196", "fgvc_aircraft", "voc2007", "dtd", "oxford_pets",
    "caltech101", "flowers102",
)  # fmt: skip
"""The twelve sources to transfer to, in the order of the papers' tables."""


def judged_by(source: str) -> str:
    """`top1`, `mean_class` (the mean of the classes' accuracies) or `map_11` (average precision, for several labels)."""
    return OTHER.get(source, "top1")
