"""Published figures of MoCo, SimSiam, SimCLR, SupCon and LoGo on CIFAR, found by a run's settings and not by its name.

`published_two_views.csv` has accuracy of the test images in percent, one value a row. `verified` says whether the study
behind it saw the figure where it was first told (`yes`), or has it at second hand, from memory or from a user's report
(`no`). `measured` is the metric here that is meant by the figure; `alone` says why nothing here stands beside it.
`at_epoch` is a point of the course (`history.csv`), empty for the end.

The published linear classifiers are trained on a random crop of every image and epoch, ours on features of the images
as they are; they report their best epoch by the test images, so what is compared is `<protocol>_top1_best_on_test`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

FILE = Path(__file__).with_name("published_two_views.csv")
NONE = "no verified figure"
KEYS = ["method", "dataset", "network", "epochs", "variant"]
DATASETS = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
METHODS = {
    "moco": "MoCo", "simsiam": "SimSiam", "byol": "BYOL", "simclr": "SimCLR", "supcon": "SupCon",
    "cross_entropy": "CrossEntropy", "logo_moco": "LoGo-MoCo", "logo_simsiam": "LoGo-SimSiam",
}  # fmt: skip
NETWORKS = {"resnet18": "ResNet-18", "resnet34": "ResNet-34", "resnet50": "ResNet-50"}

SGD = {"optimizer": "sgd", "momentum": 0.9}
SUPCONTRAST = {
    "views": {"recipe": "supcon_cifar", "area": [0.2, 1.0]},
    "train": SGD | {"batch": 1024, "schedule": "supcon_cosine", "decay": "all"},
    "warmup": {"epochs": 10},
}
RELEASED: dict[tuple[str, str], dict[str, dict[str, Any]]] = {  # method, variant -> section -> values
    **{
        ("MoCo", variant): {
            "network": {"head": "linear", "dim": 128, "splits": 8},
            "memory": {"size": 4096, "momentum": 0.99},
            "loss": {"temperature": 0.1},
            "views": {"recipe": "moco_cifar", "area": [0.08, 1.0]},
            "train": SGD | {"batch": 512, "lr": 0.06, "schedule": "demo_cosine", "weight_decay": 5e-4, "decay": "all"},
            "warmup": {"epochs": 0},
        }
        for variant in ("asymmetric", "symmetric")
    },
    ("SimSiam", ""): {
        "network": {"head": "simsiam", "layers": 2, "hidden": 2048, "dim": 2048, "predictor": 512,
                    "zero_init_residual": True},
        "views": {"recipe": "simsiam_cifar", "area": [0.2, 1.0]},
        "train": SGD | {"batch": 512, "lr": 0.06, "schedule": "epoch_cosine", "weight_decay": 5e-4, "decay": "all"},
        "warmup": {"epochs": 0},
    },
    ("SimCLR", "official"): {
        "network": {"head": "simclr", "layers": 3, "hidden": 512, "dim": 128},
        "loss": {"temperature": 0.5, "reduction": "sum_of_halves", "ntxent_base_temperature": None},
        "views": {"recipe": "simclr_cifar", "area": [0.08, 1.0]},
        "train": {"batch": 512, "lr": 2.0, "schedule": "cosine", "weight_decay": 1e-4, "momentum": 0.9},
        "warmup": {"epochs": 10},
    },
    ("SimCLR", ""): SUPCONTRAST
    | {
        "network": {"head": "mlp", "hidden": 2048, "dim": 128},
        "loss": {"temperature": 0.5, "reduction": "mean", "ntxent_base_temperature": 0.07},
        "train": SUPCONTRAST["train"] | {"lr": 0.5, "weight_decay": 1e-4},
    },
    ("SupCon", ""): SUPCONTRAST
    | {
        "network": {"head": "mlp", "hidden": 2048, "dim": 128},
        "loss": {"temperature": 0.1, "base_temperature": 0.07, "summation": "out", "denominator": "all",
                 "contrast": "all"},
        "train": SUPCONTRAST["train"] | {"lr": 0.5, "weight_decay": 1e-4},
    },
    ("CrossEntropy", ""): SUPCONTRAST | {"train": SUPCONTRAST["train"] | {"lr": 0.8, "weight_decay": 1e-4}},
    ("LoGo-SimSiam", "weighted"): {
        "network": {"head": "simsiam", "layers": 2, "hidden": 2048, "dim": 2048, "predictor": 512},
        "local": {"weight": 1e-4},
        "views": {"recipe": "moco_cifar", "area": [0.4, 1.0], "local": {"size": 32, "area": [0.05, 0.4]}},
        "train": SGD | {"batch": 512, "lr": 0.03, "schedule": "epoch_cosine", "weight_decay": 1e-4, "decay": "all"},
        "warmup": {"epochs": 0},
    },
}  # fmt: skip
SAYING = {"ntxent_base_temperature"}  # null says something here; elsewhere, that a key has no influence
OF_ALL = {"network": {"init": "random"}, "views": {"size": 32}}
OF_IMAGES: dict[str, dict[str, Any]] = {
    "CIFAR-10": {"mean": [0.4914, 0.4822, 0.4465], "std": [0.2023, 0.1994, 0.2010]},
    "CIFAR-100": {"mean": [0.5071, 0.4867, 0.4408], "std": [0.2675, 0.2565, 0.2761]},
}


@dataclass(frozen=True)
class Published:
    """A figure from elsewhere of what a run measures.

    Attributes:
        value: percent.
        verified: whether it was seen where it was first told.
        source: where it stands.
        unlike: why ours cannot be compared with it: length, settings not as released; empty where it can.
    """

    value: float
    verified: bool
    source: str
    unlike: tuple[str, ...]


def published() -> pd.DataFrame:
    """Every figure, a row each; `at_epoch` and `batch` are NaN where there is none, other columns then empty."""
    return pd.read_csv(FILE, keep_default_na=False, na_values={"at_epoch": [""], "batch": [""]})


def variant(run: Mapping[str, Any]) -> str:
    """Which form of its method a run is, in the words of the table."""
    train = run["train"]
    match run["method"]:
        case "moco":
            return "symmetric" if train["loss"]["symmetric"] else "asymmetric"
        case "simclr":
            return "official" if train["train"]["optimizer"] == "lars_simclr" else ""
        case "logo_moco" | "logo_simsiam":
            local = train["local"]
            mode = local.get("mode", "logo")
            return mode if mode != "logo" else "weighted" if local["loss"] == "weighted" else "alternating"
    return ""


def known(run: Mapping[str, Any]) -> tuple[str, str, str, int, str] | None:
    """KEYS of a run, its length being that of its recipe; None for a method, data set or network without figures."""
    method, dataset = METHODS.get(run["method"]), DATASETS.get(run.get("source", ""))
    network = NETWORKS.get(run["train"].get("network", {}).get("name", ""))
    if method is None or dataset is None or network is None:
        return None
    return method, dataset, network, run["recipe_epochs"], variant(run)


def unlike(run: Mapping[str, Any], task: Mapping[str, Any]) -> list[str]:
    """Why a run's figures cannot be compared with published ones: its images, its length, settings not as released.

    Args:
        run, task: as of `beside`.
    """
    about = known(run)
    if about is None:
        return []
    method, dataset, _, epochs, form = about
    settings, found = run["train"], []
    if "limit" in task:
        found.append(f"at most {task['limit']:,} images in each part")
    if task.get("grouping") != "fine" or "split" in task:
        found.append("labels or parts are not those of the data set")
    train = settings["train"]
    if train["epochs"] != epochs:
        found.append(f"{train['epochs']:,} of {epochs:,} epochs")
    for section, values in RELEASED.get((method, form), {}).items():
        mine = {"epochs": round(train["warmup"] * epochs / train["epochs"], 6)} if section == "warmup" else {}
        mine = mine or settings[section]
        more = OF_ALL.get(section, {}) | (OF_IMAGES[dataset] if section == "views" else {})
        for key, value in (values | more).items():
            if mine.get(key) != value and (key in SAYING or mine.get(key) is not None):
                found.append(f"{section}.{key} {mine.get(key)} ({value})")
    return found


def beside(
    run: Mapping[str, Any], task: Mapping[str, Any], measured: str, epoch: int | None = None
) -> Published | None:
    """The published figure of what a run measures, a verified one before others; None where there is none.

    Args:
        run: what params.yaml says of an experiment (one of `resolve_all(parameters)["runs"]`).
        task: and of its task (of `resolve_all(parameters)["tasks"]`).
        measured: a metric, as in metrics.json.
        epoch: of a point of its course; None for the end.
    """
    about, table = known(run), published()
    if about is None:
        return None
    same = (table[KEYS] == pd.Series(dict(zip(KEYS, about, strict=True)))).all(axis=1) & (table["measured"] == measured)
    same &= table["at_epoch"].isna() if epoch is None else table["at_epoch"] == epoch
    rows = table.loc[same & (table["alone"] == "")].sort_values("verified", ascending=False, kind="stable")
    if rows.empty:
        return None
    row = rows.iloc[0]
    return Published(float(row["value"]), row["verified"] == "yes", row["source"], tuple(unlike(run, task)))
