"""Made-up tables of two views and of all families, as scripts/evidence.py writes them."""

import numpy as np
import pandas as pd

FAMILIES = [  # experiment, title, method, labels, label_kind, kNN, processor seconds
    ("raw_pixels", "raw pixels", "untrained", 0, "none", 0.35, 1),
    ("untrained_network", "untrained network", "untrained", 0, "none", 0.1, 1),
    ("moco_all", "MoCo", "moco", 0, "none", 0.55, 300),
    ("simclr_all", "SimCLR", "simclr", 0, "none", 0.6, 250),
    ("simsiam_all", "SimSiam", "simsiam", 0, "none", 0.3, 260),
    ("logo_moco_all", "LoGo on MoCo", "logo_moco", 0, "none", 0.45, 500),
    ("selfcon", "SelfCon", "grafit", 0, "none", 0.52, 280),
    ("supce", "SupCE", "coins", 3388, "coarse", 0.5, 200),
    ("coins_all", "CoIns", "coins", 3388, "coarse", 0.7, 280),
    ("maskcon_all", "MaskCon", "maskcon", 3388, "coarse", 0.705, 290),
    ("supervised_few", "Supervised", "supervised", 726, "fine", 0.62, 150),
    ("fixmatch_few", "FixMatch", "fixmatch", 726, "fine", 0.66, 250),
    ("daso_few", "DASO", "daso", 726, "fine", 0.661, 300),
    ("supfine", "SupFine", "coins", 3388, "fine", 0.8, 200),
    ("supcon_all", "SupCon (batch)", "supcon", 3388, "fine", 0.85, 250),
    ("cross_entropy_all", "cross entropy", "cross_entropy", 3388, "fine", 0.88, 120),
]
VIEWS = [  # experiment, title, method, epochs, kNN, processor seconds
    ("raw_pixels", "raw pixels", "untrained", None, 0.35, 1),
    ("untrained_network", "untrained network", "untrained", None, 0.1, 1),
    ("moco_base", "MoCo", "moco", 24, 0.5, 120),
    ("moco_lr02", "MoCo, lr 0.2", "moco", 24, 0.48, 120),
    ("moco_long", "MoCo, 120 epochs", "moco", 120, 0.66, 600),
    ("logo_on_moco", "MoCo + LoGo", "logo_moco", 24, 0.6, 590),
    ("simsiam_base", "SimSiam", "simsiam", 24, 0.3, 250),
    ("simsiam_long", "SimSiam, 48 epochs", "simsiam", 48, 0.345, 500),
    ("logo_on_simsiam", "SimSiam + LoGo", "logo_simsiam", 24, 0.4, 520),
    ("memory_128", "MoCo, K 128", "moco", 24, 0.4, 60),
    ("momentum_0", "MoCo, m 0", "moco", 24, 0.1, 60),
    ("momentum_999", "MoCo, m 0.999", "moco", 24, 0.3, 60),
]
TASKS = {"none": "omniglot_fine", "coarse": "omniglot_good", "fine": "omniglot_fine"}  # by the kind of labels


def make_families(seeds: int = 3, noise: float = 0.004) -> pd.DataFrame:
    """Every family, as results/families.csv."""
    rows, rng = [], np.random.default_rng(0)
    for name, title, method, labels, label_kind, value, seconds in FAMILIES:
        for seed in range(seeds):
            row = {"experiment": name, "title": title, "method": method, "task": TASKS[label_kind], "seed": seed}
            row |= figures(value, noise, seconds, rng) | {"labels": labels, "label_kind": label_kind}
            row |= {"images": 0 if method == "untrained" else 266240, "epoch_steps": np.nan, "epochs": 40}
            few = method in ("supervised", "fixmatch", "daso")
            rows.append({"dataset": "omniglot", **row, "median_top1": 0.5 if few else np.nan})
    return pd.DataFrame(rows)


def make_views(seeds: int = 3, noise: float = 0.004) -> pd.DataFrame:
    """Methods of two views, as results/two_views.csv."""
    rows, rng = [], np.random.default_rng(0)
    for name, title, method, epochs, value, seconds in VIEWS:
        for seed in range(seeds):
            row = {"experiment": name, "title": title, "method": method, "task": "omniglot_fine", "seed": seed}
            row |= figures(value, noise, seconds, rng) | {"epochs": epochs}
            rows.append({"dataset": "omniglot", **row})
    return pd.DataFrame(rows)


def figures(value: float, noise: float, seconds: float, rng: np.random.Generator) -> dict[str, float]:
    """What a run is judged by."""
    names = {"knn_logo_1_top1": 0.0, "linear_lbfgs_1_top1": 0.1, "recall_1": -0.05}
    found = {name: value + plus + noise * rng.normal() for name, plus in names.items()}
    return {**found, "seconds": seconds, "cpu_seconds": seconds * (1 + 0.01 * rng.normal())}
