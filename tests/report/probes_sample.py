"""Made-up figures of all probes: the long table as runs give it, with what the report puts in front."""

import numpy as np
import pandas as pd

NAN = float("nan")
ENCODERS = {  # experiment -> title, method, what it is worth
    "raw_pixels": ("raw pixels", "untrained", 0.30),
    "untrained_network": ("untrained network", "untrained", 0.15),
    "moco_all": ("MoCo", "moco", 0.50),
    "logo_moco_all": ("LoGo on MoCo", "logo_moco", 0.45),
    "simclr_all": ("SimCLR", "simclr", 0.56),
    "simsiam_all": ("SimSiam", "simsiam", 0.28),
    "maskcon_all": ("MaskCon", "maskcon", 0.60),
    "supcon_all": ("SupCon (batch)", "supcon", 0.80),
    "cross_entropy_all": ("cross entropy", "cross_entropy", 0.70),
}
PROTOCOLS = {"knn_logo_1": 0.0, "linear_lbfgs_1": 0.08}
FIFTEEN = (
    "gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "snow",
    "frost", "fog", "brightness", "contrast", "elastic_transform", "pixelate", "jpeg_compression",
)  # fmt: skip
MORE = ("speckle_noise", "saturate")


def make_probes(seeds: int = 3, corruptions: tuple[str, ...] = (*FIFTEEN, *MORE), noise: float = 0.003) -> pd.DataFrame:
    """Encoders trained on Omniglot, asked for other data, for characters with few labels, for corrupted drawings."""
    rng, rows = np.random.default_rng(0), []
    for name, (title, method, worth) in ENCODERS.items():
        run = {"experiment": name, "title": title, "method": method, "trained_on": "omniglot"}
        for seed in range(seeds):
            rows += [run | one | {"seed": seed} for one in asked(worth, corruptions, noise, rng)]
    return pd.DataFrame(rows)


def asked(worth: float, corruptions: tuple[str, ...], noise: float, rng: np.random.Generator) -> list[dict]:
    """Every figure of one encoder."""
    found, places = [], [("clean", 0), *((name, level) for name in corruptions for level in range(1, 6))]
    for protocol, plus in PROTOCOLS.items():
        for place, dataset in enumerate(("digits", "fashion")):
            value = 0.4 + 0.5 * worth + plus / 2 - 0.02 * place
            found += figures("other", dataset, f"{dataset}_fine", protocol, NAN, "clean", 0, value)
        for labels in (1, 3, 7, 14):
            value = (worth + plus) * (0.4 + 0.2 * np.log2(labels) / np.log2(14) * 3)
            found += figures("few", "omniglot", "omniglot_fine", protocol, labels, "clean", 0, value)
        for number, (corruption, severity) in enumerate(places):
            value = (worth + plus) * (1 - 0.16 * severity * (0.5 + 0.7 * ((number - 1) // 5 % 4) / 4))
            found += figures("hard", "omniglot", "omniglot_fine", protocol, NAN, corruption, severity, value)
    return [one | {"value": float(np.clip(one["value"] + noise * rng.normal(), 0, 1))} for one in found]


def figures(
    probe: str, dataset: str, task: str, protocol: str, labels: float, corruption: str, severity: int, value: float
) -> list[dict[str, object]]:
    """One cell: top-1 and what stands beside it."""
    cell = {"probe": probe, "dataset": dataset, "task": task, "protocol": protocol, "labels": labels}
    cell |= {"corruption": corruption, "severity": severity}
    plus = {"top1": 0.0, "top5": 0.1, "mean_class": -0.01}
    return [cell | {"figure": figure, "value": value + more} for figure, more in plus.items()]
