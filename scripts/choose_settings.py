"""Choose the demo's settings without its test drawings: train on drawers 1-12 of Omniglot, judge on 13-14.

One setting is changed at a time, starting from params.yaml; all contrastive methods share temperature, learning rate
and momentum, so a value is judged by the mean of their fine Recall@1. Finished runs are kept in data/choose, so a
second call goes on where the first was stopped. Writes results/settings.csv.

    python scripts/choose_settings.py [--processes 2] [--seeds 0 1]
"""

import argparse
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from json import dumps
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

METHODS = ["selfcon_good", "supcon_good", "grafit_good", "coins_good", "maskcon_good"]
EPOCHS = 18  # of the trainings that are compared, whatever the demo's length in params.yaml
SPLIT = {"column": "drawer", "train": list(range(1, 13)), "test": [13, 14]}
GRID = {
    "loss.temperature": ([0.05, 0.07, 0.1, 0.15, 0.2, 0.3], METHODS),
    "train.lr": ([0.03, 0.05, 0.1], METHODS),
    "memory.momentum": ([0.95, 0.97, 0.99], METHODS),
    "loss.w": ([0.5, 0.8, 1.0], ["grafit_good", "coins_good", "maskcon_good"]),
    "loss.target_temperature": ([0.02, 0.05, 0.1], ["maskcon_good"]),
}


def run(experiment: str, settings: dict, seed: int, folder: Path) -> float:
    """Fine Recall@1 among the drawings of drawers 13-14."""
    from gristmill.attributes import attributes
    from gristmill.data.prepare import prepare
    from gristmill.evaluate.features import extract
    from gristmill.evaluate.recall import recall_at_k
    from gristmill.labels.coarse import group_coarse
    from gristmill.networks.build import build, read_encoder
    from gristmill.train.run import train_seed
    from gristmill.views.recipes import recipe

    path = "src/gristmill/data/embedded/omniglot.npz"
    images, table = prepare({"source": "omniglot", "path": path})
    assert isinstance(images, np.ndarray)  # the embedded drawings come in one piece
    task = group_coarse(table, {"dataset": "omniglot", "grouping": "omniglot_good", "split": SPLIT})
    settings["train"]["threads"] = 1
    result = train_seed(images, task, settings, seed, folder, experiment)
    tensors, made = read_encoder(result.file)
    network = build(attributes(made["network"]), made["channels"], made["views"]["size"], made["classes"])
    network.load_state_dict(tensors)
    test = task[task["part"] == "test"]
    view = recipe(attributes(settings["views"]), "test")
    features = extract(network, images, np.asarray(test["row"]), view)
    return recall_at_k(features, np.asarray(test["fine"]), [1]).at[1]


def jobs(parameters: dict, seeds: list[int]):
    """Every run of the grid: (what is changed, value, experiment, seed, settings)."""
    from gristmill.parameters.resolve import resolve

    for name, (values, experiments) in GRID.items():
        section, field = name.split(".")
        for value in values:
            for experiment in experiments:
                settings = resolve(parameters, experiment, "train")
                if settings[section].get(field) is None:
                    continue
                settings[section][field] = value
                settings["train"]["epochs"] = EPOCHS
                for seed in seeds:
                    yield name, value, experiment, seed, settings


def main() -> None:
    from gristmill.parameters.read import read
    from gristmill.pipelines.configure import step_code

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[0])
    given = arguments.parse_args()
    parameters = read(Path("params.yaml"))
    wanted = list(jobs(parameters, given.seeds))
    rows, done = [], {}
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        for name, value, experiment, seed, settings in wanted:
            made_by = [settings, seed, step_code("train", settings)]
            key = sha256(dumps(made_by, sort_keys=True).encode()).hexdigest()[:16]
            folder = Path("data/choose") / key
            if key not in done:
                done[key] = pool.submit(run, experiment, settings, seed, folder)
            rows.append({"setting": name, "value": value, "experiment": experiment, "seed": seed, "key": key})
        for _ in tqdm(as_completed(done.values()), total=len(done)):
            pass
    table = pd.DataFrame(rows)
    table["recall_1"] = [done[key].result() for key in table.pop("key")]
    Path("results").mkdir(exist_ok=True)
    table.to_csv("results/settings.csv", index=False, float_format="%.4f")
    means = table.pivot_table("recall_1", ["setting", "value"], "experiment", aggfunc="mean")
    means["mean"] = means.mean(axis=1)
    print(means.round(3).to_string(na_rep=""))


if __name__ == "__main__":
    np.set_printoptions(precision=3)
    main()
