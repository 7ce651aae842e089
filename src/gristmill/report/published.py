"""The figures of DASO's paper beside those of the same settings here.

`published.csv` has top-1 accuracy of the test images in percent, median of the last 20 evaluations: where there is an
`sd`, mean and deviation over three seeds (which deviation is not stated), else one value. Methods are named as in the
paper's main table; `ablation` is what differs from the settings of that table.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gristmill.report.tables import Cell, Row, Table

FILE = Path(__file__).with_name("published.csv")
STEPS = 250_000  # T
DATASETS = {"cifar10": "CIFAR10-LT", "cifar100": "CIFAR100-LT", "stl10": "STL10-LT"}
VALIDATION = {"cifar10": 5000, "cifar100": 5000, "stl10": 500}
METHODS = {"supervised": "Supervised", "pseudolabel": "PseudoLabel", "usadtm": "USADTM", "fixmatch": "FixMatch"}
RELEASED: dict[str, dict[str, Any]] = {
    "network": {"name": "wrn", "depth": 28, "factor": 2, "init": "random"},
    "views": {"recipe": "fixmatch", "size": 32},
    "train": {"batch": 64, "unlabeled": 2, "lr": 0.03, "schedule": "constant", "momentum": 0.9, "weight_decay": 5e-4,
              "decay": "all", "average": 0.999},
    "loss": {"threshold": 0.95, "unlabeled": 1.0, "ramp": 0.4, "information": 0.1, "start": 0.002},
    "pretrain": {"steps": 5000, "window": 100, "prototype_bn": "batch"},
    "balance": {"beta": 0.999},
    "warmup": {"share": 0.0},
}  # fmt: skip
OWN: dict[str, dict[str, dict[str, Any]]] = {  # of some methods
    "supervised": {"train": {"lr": 0.1, "schedule": "steps"}, "warmup": {"share": 0.025}},
    "pseudolabel": {"train": {"unlabeled": 1}},
    "usadtm": {"train": {"unlabeled": 1}, "loss": {"threshold": 0.85}},
}
OF_IMAGES: dict[str, dict[str, Any]] = {  # of some data sets
    "cifar100": {"mean": [0.5071, 0.4865, 0.4409], "std": [0.2673, 0.2564, 0.2762]},
    "": {"mean": [0.4914, 0.4822, 0.4465], "std": [0.2471, 0.2435, 0.2616]},
}
COLUMNS = ["title", "dataset", "setting", "method", "ablation", "published", "published_sd", "table", "source", "n",
           "ours", "ours_sd", "difference", "unlike"]  # fmt: skip


def published() -> pd.DataFrame:
    """Every published figure, a row each: table, dataset, setting, method, ablation, value, sd, source."""
    return pd.read_csv(FILE, keep_default_na=False, na_values={"sd": [""]})


def setting(run: Mapping[str, Any]) -> tuple[str, str] | None:
    """The paper's names of a run's data set and long tail; None where it has none such."""
    tail, dataset = run.get("long_tail"), DATASETS.get(run.get("source", ""))
    if not tail or not dataset or tail.get("class_order"):
        return None
    labels = f"gamma_l={tail['ratio']:g}"
    if tail.get("unlabeled_head") is None:
        return dataset, f"N1={tail['head']},{labels}"
    ratio = f"{tail['unlabeled_ratio']:g}"
    backward = tail.get("reversed") and tail["unlabeled_ratio"] > 1
    return dataset, f"N1={tail['head']},M1={tail['unlabeled_head']},{labels},gamma_u={'1/' * bool(backward)}{ratio}"


def method(run: Mapping[str, Any]) -> str | None:
    """The paper's name of a run's method, its way to make up for rare classes included; None for one without."""
    daso, balance = run["method"] == "daso", run["train"].get("balance", {})
    first = METHODS.get("fixmatch" if daso else run["method"])
    adjust, loss, start = (balance.get(name) for name in ("adjust", "loss", "start"))
    parts = {
        (0.0, "plain", None): "",
        (1.0, "plain", None): "+LA",
        (0.0, "ldam", 0.8): "+LDAM-DRW",
        (0.0, "weighted", 0.0): "+CB re-weight",
    }
    added = parts.get((adjust, loss, start))
    return None if first is None or added is None else f"{first}{added}{'+DASO' * daso}"


def ablation(run: Mapping[str, Any]) -> str:
    """What differs from the settings of the paper's main tables: `T_dist=0.5`; empty where nothing does."""
    if run["method"] != "daso":
        return ""
    blend, first, tail = run["train"]["blend"], run["train"]["pretrain"], run["long_tail"]
    alike = run["source"] == "cifar10" and tail["ratio"] == tail.get("unlabeled_ratio") and not tail.get("reversed")
    values = {  # None: has no influence
        "alpha": (blend["alpha"], None),
        "lambda_align": (blend["align"], 1.0),
        "T_proto": (blend["proto_temperature"], 0.05),
        "T_dist": (blend["dist_temperature"], 1.5 if alike else 0.3),
        "L": (first["queue"], 256),
        "queue": (first["sizes"], "equal"),
        "prototypes": (first["prototypes"], "average"),
    }
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, int | float) else f"{name}={value}"
        for name, (value, usual) in values.items()
        if value is not None and value != usual
    )


def unlike(run: Mapping[str, Any]) -> list[str]:
    """Why a run's figures cannot be compared with published ones: its length, settings not as released."""
    train, found = run["train"]["train"], []
    steps = train["epochs"] * train["epoch_steps"]
    if steps < STEPS:
        found.append(f"{steps:,} of {STEPS:,} steps")
    elif steps > STEPS:
        found.append(f"{steps:,} steps ({STEPS:,})")
    settings = run["train"] | {"warmup": {"share": round(train["warmup"] / train["epochs"], 6)}}
    images = OF_IMAGES.get(run["source"], OF_IMAGES[""])
    for section, values in RELEASED.items():
        wanted = values | OWN.get(run["method"], {}).get(section, {}) | (images if section == "views" else {})
        mine = settings.get(section) or {}
        for key, value in wanted.items():
            follows = steps < STEPS and (section, key) in {("pretrain", "steps"), ("pretrain", "window")}
            if mine.get(key) not in (None, "auto", value) and not follows:
                found.append(f"{section}.{key} {mine[key]} ({value})")
    if run["evaluate"]["last"] != 20:
        found.append(f"evaluate.last {run['evaluate']['last']} (20)")
    if run["long_tail"]["validation"] != VALIDATION[run["source"]]:
        found.append(f"validation {run['long_tail']['validation']} ({VALIDATION[run['source']]})")
    return found


def beside(results: pd.DataFrame, runs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Published figures of which the same settings were run here, found by the settings and not by names.

    Args:
        results: a row a seed (`results.name_rows`), with `median_top1`, 0 to 1.
        runs: what params.yaml says of each experiment, of some with `source` and `long_tail`.

    Returns:
        COLUMNS; a row for each different figure of the paper. `ours` and `difference` are in percent, `n` the seeds
        behind them; `ours_sd` is a sample deviation, NaN at n = 1. `difference` is NaN where `unlike` is not empty.
    """
    papers, rows = published(), []
    keys = ["dataset", "setting", "method", "ablation"]
    about = {run["experiment"]: run for run in runs}
    groups = results.groupby(["title", "task"], sort=False) if "median_top1" in results else ()
    for _, own in groups:
        run = about.get(own["experiment"].iloc[0])
        where, name = (setting(run), method(run)) if run else (None, None)
        values = 100 * own["median_top1"].dropna()
        if run is None or where is None or name is None or not len(values):
            continue
        known = dict(zip(keys, (*where, name, ablation(run)), strict=True))
        same = papers.loc[(papers[keys] == pd.Series(known)).all(axis=1)]
        reasons = unlike(run)
        figures = same.assign(source=single(same))
        for figure in figures.drop_duplicates(["value", "sd", "source"]).to_dict("records"):
            alike = figures.loc[(figures["value"] == figure["value"]) & (figures["source"] == figure["source"])]
            alike = alike.loc[alike["sd"].isna() == pd.isna(figure["sd"])]
            value, sd, source = figure["value"], figure["sd"], figure["source"]
            rows.append(
                {"title": own["title"].iloc[0], **known}
                | {"published": value, "published_sd": sd, "table": tables(alike["table"])}
                | {"source": source, "n": len(values), "ours": values.mean(), "ours_sd": values.std()}
                | {"difference": float("nan") if reasons else values.mean() - value, "unlike": "; ".join(reasons)}
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def single(figures: pd.DataFrame) -> pd.Series:
    """The source without the number of the table, the same for a figure that stands in several."""
    return figures["source"].str.replace(r" Table \d+$", "", regex=True)


def tables(names: pd.Series) -> str:
    """`Tables 1, 11`."""
    numbers = [name.removeprefix("Table ") for name in dict.fromkeys(names)]
    if not all(number.isdigit() for number in numbers):
        return ", ".join(numbers)
    return f"Table{'s' * (len(numbers) > 1)} {', '.join(numbers)}"


def published_tables(results: pd.DataFrame, runs: Sequence[Mapping[str, Any]]) -> list[Table]:
    """A table for each setting of the paper in which something was run; none where nothing was.

    Args:
        results, runs: as of `beside`.
    """
    found = beside(results, runs)
    places = found[["dataset", "setting"]].drop_duplicates().itertuples(index=False, name=None)
    return [
        published_table(dataset, setting, found.loc[(found["dataset"] == dataset) & (found["setting"] == setting)])
        for dataset, setting in places
    ]


def published_table(dataset: str, setting: str, rows: pd.DataFrame) -> Table:
    """One table, from the rows of a setting."""
    note = (
        "Top-1 accuracy of the test images in percent, median of the last 20 evaluations. Published: Oh, Kim & Kweon, "
        "DASO (CVPR 2022, arXiv:2106.05682), mean ± standard deviation over three seeds, or one value."
    )
    others = [source for source in dict.fromkeys(rows["source"]) if not source.startswith("arXiv")]
    note += "".join(f" {source[0].upper()}{source[1:]}." for source in others)
    if any(rows["unlike"]):
        note += " Where length or settings are not the paper's, the row says so and has no difference: not comparable."
    title = f"{dataset}, {readable(setting)}: published figures and ours"
    columns = ["Published", "Here", "Difference", "From"]
    return Table(dataset, title, note, columns, [published_row(row) for row in rows.to_dict("records")], "")


def published_row(row: Mapping[Any, Any]) -> Row:
    """One figure of the paper, and ours."""
    value = row["published"]  # in the digits of the paper
    difference = "–" if pd.isna(row["difference"]) else f"{row['difference']:+.1f}".replace("-", "−")
    cells = [
        Cell(f"{value:.1f}" if value == round(value, 1) else f"{value:.2f}", spread(row["published_sd"])),
        Cell(f"{row['ours']:.1f}", spread(row["ours_sd"])),
        Cell(difference),
        Cell(row["table"] if row["source"].startswith("arXiv") else row["source"].split(",")[0]),
    ]
    state = f"not comparable: {row['unlike']}" if row["unlike"] else ""
    return Row(row["title"], "published", cells, int(row["n"]), None, state)


def spread(value: float) -> str:
    """A deviation; empty where there is none."""
    return "" if pd.isna(value) else f"{value:.2f}"


def readable(setting: str) -> str:
    """`N1 500, M1 4000, γl 100, γu 1/100`."""
    return setting.replace(",", ", ").replace("=", " ").replace("gamma_", "γ")
