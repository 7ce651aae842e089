"""The papers' experiments: four projects beside the demo, with the released settings."""

import json
import shutil
from pathlib import Path

import pytest
from yaml import safe_load

from gristmill.parameters.check import problems
from gristmill.parameters.read import read, text_of, traps
from gristmill.parameters.resolve import resolve, resolve_all, title
from tests.project import ROOT, Project

PAPER = ROOT / "paper"
DASO = PAPER / "daso"
TWO_VIEWS = PAPER / "two_views"
PROJECTS = {"paper": PAPER, "daso": DASO, "two_views": TWO_VIEWS, "imagenet100": PAPER / "imagenet100"}
TASKS = {  # prefix of the experiments -> epochs, batch, K, side, MaskCon's w and T2
    "cifartoy_good": (200, 128, 8192, 32, 1.0, 0.05),
    "cifartoy_bad": (200, 128, 8192, 32, 1.0, 0.05),
    "cifartoy_bad_paper": (200, 128, 8192, 32, 1.0, 0.05),
    "cifar100": (200, 128, 8192, 32, 1.0, 0.05),
    "imagenet32": (100, 256, 16384, 32, 1.0, 0.05),
    "sop1": (200, 128, 8192, 224, 0.8, 0.1),
    "sop2": (200, 128, 8192, 224, 0.8, 0.1),
    "cars196": (200, 128, 8192, 224, 1.0, 0.1),
}
METHODS = ["selfcon", "supcon", "supce", "grafit", "coins", "maskcon"]
TAILS = {  # task -> n_valid, N_1, gamma_l, M_1, gamma_u, reversed, T_dist
    "c10_500_100": (5000, 500, 100, 4000, 100, False, 1.5),
    "c10_500_150": (5000, 500, 150, 4000, 150, False, 1.5),
    "c10_1500_100": (5000, 1500, 100, 3000, 100, False, 1.5),
    "c10_1500_150": (5000, 1500, 150, 3000, 150, False, 1.5),
    "c10_500_100_even": (5000, 500, 100, 4000, 1, False, 0.3),
    "c10_500_100_reversed": (5000, 500, 100, 4000, 100, True, 0.3),
    "c10_1500_100_even": (5000, 1500, 100, 3000, 1, False, 0.3),
    "c10_1500_100_reversed": (5000, 1500, 100, 3000, 100, True, 0.3),
    "c100_50_10": (5000, 50, 10, 400, 10, False, 0.3),
    "c100_50_20": (5000, 50, 20, 400, 20, False, 0.3),
    "c100_150_10": (5000, 150, 10, 300, 10, False, 0.3),
    "c100_150_20": (5000, 150, 20, 300, 20, False, 0.3),
    "stl10_150_10": (500, 150, 10, None, None, None, 0.3),
    "stl10_150_20": (500, 150, 20, None, None, None, 0.3),
    "stl10_450_10": (500, 450, 10, None, None, None, 0.3),
    "stl10_450_20": (500, 450, 20, None, None, None, 0.3),
}
BALANCED = ["c10_500_100", "c10_1500_100", "c100_50_10", "c100_150_10", "stl10_150_10", "stl10_450_10"]  # table 11
FEW = {  # experiment -> method, mu, lr, warm-up, schedule, tau_LA
    "supervised": ("supervised", None, 0.1, 12.5, "steps", 0.0),
    "supervised_la": ("supervised", None, 0.1, 12.5, "steps", 1.0),
    "pseudolabel": ("pseudolabel", 1, 0.03, 0.0, "constant", 0.0),
    "fixmatch": ("fixmatch", 2, 0.03, 0.0, "constant", 0.0),
    "fixmatch_la": ("fixmatch", 2, 0.03, 0.0, "constant", 1.0),
    "usadtm": ("usadtm", 1, 0.03, 0.0, "constant", 0.0),
    "daso": ("daso", 2, 0.03, 0.0, "constant", 0.0),
    "daso_la": ("daso", 2, 0.03, 0.0, "constant", 1.0),
}
LOSSES = {
    "pseudolabel": {"threshold": 0.95, "unlabeled": 1.0, "ramp": 0.4},
    "fixmatch": {"threshold": 0.95, "unlabeled": 1.0},
    "usadtm": {"threshold": 0.85, "unlabeled": 1.0, "information": 0.1, "start": 500 / 250_000},
    "daso": {"threshold": 0.95, "unlabeled": 1.0},
}
NORMAL = {  # data set -> mean, std
    "c10": ([0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]),
    "c100": ([0.5071, 0.4865, 0.4409], [0.2673, 0.2564, 0.2762]),
    "stl10": ([0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]),
}
BLENDED = {  # ablations that share the pretraining of the main experiment -> what differs in its second phase
    **{f"alpha_{name}": {"alpha": value, "dist_temperature": None}
       for name, value in (("0", 0.0), ("05", 0.5), ("1", 1.0))},
    **{f"align_{name}": {"align": value} for name, value in (("0", 0.0), ("05", 0.5), ("15", 1.5), ("2", 2.0))},
    **{f"dist_{name}": {"dist_temperature": value} for name, value in (("05", 0.5), ("1", 1.0))},
    **{f"proto_{name}": {"proto_temperature": value}
       for name, value in (("002", 0.02), ("02", 0.2), ("05", 0.5), ("1", 1.0))},
}  # fmt: skip
BEGUN = {  # those that differ before -> what differs in the first phase
    **{f"queue_{value}": {"queue": value} for value in (128, 512, 1024, 2048)},
    "proportional": {"sizes": "proportional", "queue": None},
    "online": {"prototypes": "online", "prototype_bn": None},
    "proportional_online": {"sizes": "proportional", "queue": None, "prototypes": "online", "prototype_bn": None},
}
DISTANT = {"c10_500_100": ("dist_03", 0.3), "stl10_150_10": ("dist_15", 1.5)}  # ablated tasks; T_dist of the other one
BEGINNING = {"steps": 5000, "window": 100, "queue": 256, "sizes": "equal", "prototypes": "average",
             "prototype_bn": "batch"}  # fmt: skip

RESNET18 = {"name": "resnet18", "zero_init_residual": False, "init": "random"}
RESNET50 = RESNET18 | {"name": "resnet50"}
PREDICTED = RESNET18 | {"head": "simsiam", "layers": 2, "hidden": 2048, "dim": 2048, "predictor": 512,
                        "zero_init_residual": True}
PROJECTED = RESNET50 | {"head": "mlp", "hidden": 2048, "dim": 128}
QUEUED = RESNET18 | {"head": "mlp", "hidden": 512, "dim": 128, "splits": 1}
DEMO = {
    "network": RESNET18 | {"head": "linear", "dim": 128, "splits": 8},
    "memory": {"size": 4096, "momentum": 0.99},
    "views": ("moco_cifar", [0.08, 1.0]),
    "train": {"epochs": 200, "batch": 512, "lr": 0.06, "schedule": "demo_cosine", "warmup": 0, "weight_decay": 5e-4},
    "judged": ("knn_moco_1", 1, "linear_moco_1"),
}
SUPCONTRAST = {"epochs": 1000, "batch": 1024, "lr": 0.5, "schedule": "supcon_cosine", "warmup": 10,
               "weight_decay": 1e-4}  # fmt: skip
LOGO = {"epochs": 200, "batch": 256, "lr": 0.03, "schedule": "epoch_cosine", "warmup": 0, "weight_decay": 1e-4}
CROPS = {"size": 32, "area": [0.05, 0.4]}
ALTERNATING = {"loss": "alternate_clip", "clip_rate": 0.015, "weight": None, "regressor": "softplus", "hidden": 256,
               "noise": 0.3, "lr": 0.03, "reset_norm_each_epoch": True}  # fmt: skip
WEIGHTED = ALTERNATING | {"loss": "weighted", "clip_rate": None, "reset_norm_each_epoch": None}
LOGO_MOCO = {
    "network": QUEUED,
    "memory": {"size": 4096, "momentum": 0.999},
    "loss": {"temperature": 0.07},
    "views": ("moco_cifar", [0.4, 1.0], CROPS),
    "train": LOGO,
    "judged": ("knn_logo_1", 1, "linear_moco_1"),
}
LOGO_SIMSIAM = {
    "network": PREDICTED,
    "views": ("moco_cifar", [0.4, 1.0], CROPS),
    "train": LOGO | {"batch": 512},
    "judged": ("knn_logo_1", 1, "linear_moco_1"),
}
TWO = {  # experiment -> what it is trained and judged with
    "c10_moco": DEMO | {"loss": {"temperature": 0.1, "symmetric": False}},
    "c10_moco_symmetric": DEMO | {"loss": {"temperature": 0.1, "symmetric": True}},
    "c10_simsiam": {
        "network": PREDICTED,
        "views": ("simsiam_cifar", [0.2, 1.0]),
        "train": {"epochs": 800, "batch": 512, "lr": 0.03 * 512 / 256, "schedule": "epoch_cosine", "warmup": 0,
                  "weight_decay": 5e-4, "predictor_lr": "scheduled"},
        "judged": ("knn_logo_1", 1, "linear_simsiam_1"),
    },
    "c10_byol": {
        "network": RESNET18 | {"head": "byol", "hidden": 4096, "dim": 256, "predictor": 4096},
        "target": {"momentum": 0.99, "start": "copy"},
        "views": ("simsiam_cifar", [0.2, 1.0]),
        "train": {"epochs": 800, "batch": 512, "lr": 0.06, "schedule": "cosine", "warmup": 0, "weight_decay": 5e-4},
        "judged": ("knn_logo_1", 10, "linear_simsiam_1"),
    },
    "c10_simclr_official": {
        "network": RESNET18 | {"head": "simclr", "layers": 3, "hidden": 512, "dim": 128},
        "loss": {"temperature": 0.5, "reduction": "sum_of_halves"},
        "views": ("simclr_cifar", [0.08, 1.0]),
        "train": {"epochs": 1000, "batch": 512, "lr": 1.0 * 512 / 256, "schedule": "cosine", "warmup": 10,
                  "weight_decay": 1e-4, "optimizer": "lars_simclr", "decay": None},
        "judged": ("knn_logo_1", 10, "linear_simclr_1"),
    },
    "simclr": {
        "network": PROJECTED,
        "loss": {"temperature": 0.5, "reduction": "mean", "ntxent_base_temperature": 0.07},
        "views": ("supcon_cifar", [0.2, 1.0]),
        "train": SUPCONTRAST,
        "judged": ("knn_logo_1", 10, "linear_simclr_1"),
    },
    "supcon": {
        "network": PROJECTED,
        "loss": {"temperature": 0.1, "base_temperature": 0.07, "summation": "out", "denominator": "all",
                 "contrast": "all"},
        "views": ("supcon_cifar", [0.2, 1.0]),
        "train": SUPCONTRAST,
        "judged": ("knn_logo_1", 10, "linear_supcon_1"),
    },
    "cross_entropy": {
        "network": RESNET50,
        "views": ("supcon_cifar", [0.2, 1.0]),
        "train": SUPCONTRAST | {"epochs": 500, "lr": 0.8},
        "judged": ("knn_logo_1", 10, "linear_lbfgs_1"),
    },
    "c10_logo_moco": LOGO_MOCO | {"local": ALTERNATING | {"mode": "logo", "key_updates_per_step": 2}},
    "c10_logo_moco_weighted":
        LOGO_MOCO | {"local": WEIGHTED | {"weight": 5e-4, "mode": "logo", "key_updates_per_step": None}},
    "c10_logo_moco_mc":
        LOGO_MOCO | {"local": dict.fromkeys(ALTERNATING) | {"mode": "mc", "key_updates_per_step": None}},
    "c10_logo_moco_plain":
        LOGO_MOCO
        | {"local": dict.fromkeys(ALTERNATING) | {"mode": "plain", "key_updates_per_step": None}}
        | {"views": ("moco_cifar", [0.08, 1.0], CROPS)},
    "c10_logo_simsiam": LOGO_SIMSIAM | {"local": ALTERNATING},
    "c10_logo_simsiam_weighted": LOGO_SIMSIAM | {"local": WEIGHTED | {"weight": 1e-4}},
}  # fmt: skip
TWO |= {
    f"{name}_{epochs}": TWO[name] | {"train": DEMO["train"] | {"epochs": epochs}}
    for name in ("c10_moco", "c10_moco_symmetric") for epochs in (400, 800)
}  # fmt: skip
for name in ("simclr", "supcon", "cross_entropy"):
    TWO |= dict.fromkeys((f"c10_{name}", f"c100_{name}"), TWO.pop(name))
COLORS = {  # data set -> mean, std
    "c10": ([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
    "c100": ([0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]),
}


@pytest.fixture(scope="module")
def parameters():
    return read(PAPER / "params.yaml")


@pytest.fixture(scope="module")
def few():
    return read(DASO / "params.yaml")


@pytest.fixture(scope="module")
def two():
    return read(TWO_VIEWS / "params.yaml")


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_nothing_is_wrong_with_the_parameters(project):
    assert [*traps(text_of(project / "params.yaml")), *problems(read(project / "params.yaml"))] == []


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_the_stage_graph_finds_every_kind_that_it_goes_through(project):
    stages = safe_load((project / "dvc.yaml").read_text("utf-8"))["stages"].values()
    kinds = {stage["foreach"].strip("${}") for stage in stages if "foreach" in stage}
    assert kinds <= read(project / "params.yaml").keys(), "dvc.yaml cannot be read without it"


@pytest.mark.parametrize("task", TASKS)
def test_every_method_runs_on_every_task_with_the_released_settings(parameters, task):
    epochs, batch, size, side, w, temperature = TASKS[task]
    methods = METHODS if task.startswith("cifartoy_bad") else [*METHODS, "supfine", "supfine_contrast"]
    for method in methods:
        settings = resolve(parameters, f"{task}_{method}", "train")
        train = settings["train"]
        assert (train["epochs"], train["batch"], settings["views"]["size"]) == (epochs, batch, side), method
        assert (train["lr"], train["warmup"], train["momentum"], train["weight_decay"]) == (0.02, 5, 0.9, 5e-4)
        assert settings["network"]["name"] == "resnet18"
        if method not in ("supce", "supfine"):
            assert (settings["memory"]["size"], settings["memory"]["momentum"]) == (size, 0.99)
            assert (settings["loss"]["temperature"], settings["network"]["dim"]) == (0.1, 256)
    loss = resolve(parameters, f"{task}_maskcon", "train")["loss"]
    assert (loss["w"], loss["target_temperature"]) == (w, temperature)


def test_the_grids_have_every_value(parameters):
    losses = [resolve(parameters, name, "train") for name in parameters["experiments"] if name.startswith("cifartoy")]
    good = [s for s, n in zip(losses, parameters["experiments"], strict=False) if "bad" not in n and "supfine" not in n]
    for method in ("grafit", "coins", "maskcon"):
        have = {s["loss"]["w"] for s in good if s["method"] == method}
        assert have >= {0.2, 0.4, 0.5, 0.6, 0.8, 1.0}, method
    temperatures = {s["loss"]["target_temperature"] for s in good if s["method"] == "maskcon" and s["loss"]["w"] == 1.0}
    assert temperatures == {0.01, 0.05, 0.1, 0.2, 0.5, 1.0, float("inf")}


def test_a_limit_shortens_every_run_and_the_report_is_told_what_the_recipe_was(parameters):
    short = {**parameters, "limit": {"epochs": 2, "images": 500}}
    found = resolve_all(short)
    assert {run["train"]["train"]["epochs"] for run in found["runs"]} == {2}
    assert {run["train"]["train"]["warmup"] for run in found["runs"]} == {5 * 2 / 200, 5 * 2 / 100}
    assert {run["recipe_epochs"] for run in found["runs"]} == {100, 200}
    assert {task["limit"] for task in found["tasks"].values()} == {500}
    assert all("limit" not in task for task in resolve_all(parameters)["tasks"].values())


@pytest.mark.parametrize("task", TAILS)
def test_every_task_of_few_labels_is_split_as_released(few, task):
    names = ("validation", "head", "ratio", "unlabeled_head", "unlabeled_ratio", "reversed")
    tail = few["tasks"][task]["long_tail"]
    assert tuple(tail.get(name) for name in names) == TAILS[task][:-1]
    assert (tail["seeds"], tail.get("class_order")) == ([0, 1, 2], None)
    sources = {"c10": "cifar10", "c100": "cifar100", "stl10": "stl10"}
    assert few["datasets"][few["tasks"][task]["dataset"]]["source"] == sources[task.split("_")[0]]


@pytest.mark.parametrize("task", TAILS)
def test_every_method_of_few_labels_runs_on_every_task_with_the_released_settings(few, task):
    for name, (method, mu, lr, warmup, schedule, adjust) in FEW.items():
        experiment = f"{task}_{name}"
        if method == "supervised" and task.endswith(("even", "reversed")):
            assert experiment not in few["experiments"]  # reads no unlabeled images: that of gamma_u = gamma_l
            continue
        settings = resolve(few, experiment, "blend_pseudo_labels" if method == "daso" else "train")
        train = settings["train"]
        assert (settings["method"], settings["seeds"]) == (method, [0, 1, 2])
        assert (train["epochs"] * train["epoch_steps"], train["epoch_steps"], train["batch"]) == (250_000, 500, 64)
        assert (train.get("unlabeled"), train["lr"], train["warmup"], train["schedule"]) == (mu, lr, warmup, schedule)
        assert (train["momentum"], train["weight_decay"], train["decay"]) == (0.9, 5e-4, "all")
        assert train.get("average", 0.999) == 0.999
        assert [settings["network"][key] for key in ("name", "depth", "factor", "init")] == ["wrn", 28, 2, "random"]
        assert (settings["balance"]["adjust"], settings["balance"]["loss"]) == (adjust, "plain")
        assert settings.get("loss") == LOSSES.get(method)
        mean, std = NORMAL[task.split("_")[0]]
        assert settings["views"] == {"recipe": "fixmatch", "size": 32, "mean": mean, "std": std}
        assert settings["monitor"] == {"every": 1}
        assert resolve(few, experiment, "evaluate")["last"] == 20
        if method == "daso":
            assert settings["pretrain"] == BEGINNING
            wanted = {"alpha": None, "align": 1.0, "proto_temperature": 0.05, "dist_temperature": TAILS[task][-1]}
            assert settings["blend"] == wanted
            assert few["blendings"][experiment]["start"] == f"{experiment}_start"
            assert title(few["blendings"][experiment]) == ("DASO + LA" if adjust else "DASO")  # claims go by titles


def test_nothing_else_stands_in_the_few_label_project(few):
    main = {f"{task}_{name}" for task in TAILS for name in FEW}
    main |= {f"{task}_{name}" for task in BALANCED for name in ("supervised_ldam", "fixmatch_cb", "daso_cb")}
    ablations = {f"{task}_daso_{name}" for task, own in DISTANT.items() for name in (*BLENDED, *BEGUN, own[0])}
    assert few["tasks"].keys() == TAILS.keys()
    main -= {f"{task}_supervised{end}" for task in TAILS if "even" in task or "reversed" in task for end in ("", "_la")}
    assert few["experiments"].keys() | few["blendings"].keys() == main | ablations
    assert few["pretrainings"].keys() == {blending["start"] for blending in few["blendings"].values()}


@pytest.mark.parametrize("task", BALANCED)
def test_weighted_losses_are_the_method_of_the_task_with_another_loss(few, task):
    for name, usual, step, loss, start in (
        ("supervised_ldam", "supervised", "train", "ldam", 0.8),
        ("fixmatch_cb", "fixmatch", "train", "weighted", 0.0),
        ("daso_cb", "daso", "blend_pseudo_labels", "weighted", 0.0),
    ):
        plain = resolve(few, f"{task}_{usual}", step)
        wanted = plain["balance"] | {"loss": loss, "beta": 0.999, "start": start}
        assert resolve(few, f"{task}_{name}", step) == plain | {"balance": wanted}


@pytest.mark.parametrize("task", DISTANT)
def test_ablations_of_the_second_phase_share_one_pretraining(few, task):
    main, (distant, temperature) = f"{task}_daso", DISTANT[task]
    for name, changed in (BLENDED | {distant: {"dist_temperature": temperature}}).items():
        ablation = f"{main}_{name}"
        assert few["blendings"][ablation]["start"] == few["blendings"][main]["start"]
        own, usual = (resolve(few, each, "blend_pseudo_labels") for each in (ablation, main))
        assert own == {**usual, "blend": usual["blend"] | changed} != usual


@pytest.mark.parametrize("task", DISTANT)
@pytest.mark.parametrize("name", BEGUN)
def test_ablations_of_the_first_phase_have_a_pretraining_of_their_own(few, name, task):
    ablation, main = f"{task}_daso_{name}", f"{task}_daso"
    assert few["blendings"][ablation]["start"] == f"{ablation}_start"
    own, usual = (resolve(few, each, "blend_pseudo_labels") for each in (ablation, main))
    assert own == {**usual, "pretrain": usual["pretrain"] | BEGUN[name]} != usual


@pytest.mark.parametrize(
    ("epochs", "steps", "window"), [(1, 50, 50), (20, 1000, 100), (100, 5000, 100), (500, 5000, 100)]
)
def test_a_limit_leaves_both_phases_something_to_do(few, epochs, steps, window):
    short = {**few, "limit": {"epochs": epochs, "images": None}}
    assert problems(short) == []
    for experiment, step in (("c10_500_100_daso_start", "pretrain"), ("c10_500_100_daso", "blend_pseudo_labels")):
        first = resolve(short, experiment, step)["pretrain"]
        assert (first["steps"], first["window"]) == (steps, window)
        assert {**first, "steps": 5000, "window": 100} == BEGINNING


def test_a_limit_shortens_the_warm_up_with_the_run(few):
    short = resolve({**few, "limit": {"epochs": 2, "images": None}}, "c10_500_100_supervised", "train")["train"]
    assert (short["epochs"], short["warmup"]) == (2, 12.5 * 2 / 500)


def test_a_limit_that_shortens_nothing_changes_nothing(few):
    assert resolve_all({**few, "limit": {"epochs": 500, "images": None}}) == resolve_all(few)


def test_a_limit_of_images_is_refused_in_one_line(few):
    found = problems({**few, "limit": {"epochs": None, "images": 1024}})
    assert found[0].startswith("params.yaml: tasks.c10_500_100.long_tail: does not go with limit.images 1024; ")


def test_no_other_experiment_stands_among_those_of_two_views(two):
    assert two["experiments"].keys() == TWO.keys()
    labels = {name: (task["dataset"], task["grouping"]) for name, task in two["tasks"].items()}
    assert labels == {"c10": ("cifar10", "fine"), "c100": ("cifar100", "fine")}


@pytest.mark.parametrize("experiment", TWO)
def test_two_views_are_trained_and_judged_as_released(two, experiment):
    wanted, data = TWO[experiment], experiment.split("_")[0]
    settings, entry = resolve(two, experiment, "train"), two["experiments"][experiment]
    assert (entry["task"], settings["seeds"]) == (data, [0])
    for section in ("network", "memory", "loss", "local", "target"):
        found = {key: value for key, value in settings.get(section, {}).items() if value is not None}
        assert found == {key: value for key, value in wanted.get(section, {}).items() if value is not None}, section
    usual = {"optimizer": "sgd", "momentum": 0.9, "decay": "all"}
    assert {key: settings["train"][key] for key in usual | wanted["train"]} == usual | wanted["train"]
    (recipe, area, *local), (mean, std) = wanted["views"], COLORS[data]
    views = {"recipe": recipe, "size": 32, "area": area, "mean": mean, "std": std}
    assert settings["views"] == (views | {"local": local[0]} if local else views)
    watched, every, probe = wanted["judged"]
    assert settings["monitor"] == {"every": every, "k": [1], "protocols": [watched]}
    assert {watched, "knn_logo_1", probe} == set(resolve(two, experiment, "evaluate")["protocols"])


def test_titles_tell_experiments_of_a_task_apart(two):
    titles = [(entry["task"], title(entry)) for entry in two["experiments"].values()]
    assert len(set(titles)) == len(titles)


def test_a_limit_shortens_every_run_of_two_views(two):
    short = {**two, "limit": {"epochs": 1, "images": 4096}}
    assert problems(short) == []
    loops = [run["train"]["train"] for run in resolve_all(short)["runs"]]
    assert {loop["epochs"] for loop in loops} == {1}
    assert "demo_cosine" not in {loop["schedule"] for loop in loops}, "its last epoch has rate 0"


def test_one_epoch_without_a_rate_is_refused(two):
    (line,) = problems({**two, "experiments": {"c10_moco": two["experiments"]["c10_moco"] | {
        "train": {"schedule": "demo_cosine", "epochs": 1}}}})  # fmt: skip
    assert line.endswith("schedule demo_cosine has rate 0 in its last epoch, here the only one; take epoch_cosine")


def test_the_projects_read_their_own_values_through_the_shared_graph(tmp_path):
    shared = ("conf", "src", "dvc.yaml", "hierarchies", "results", ".telemetry", ".dvc/plots", ".dvcignore")
    for name in (*shared, "paper"):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():  # what was run in paper/ stays there
            left = shutil.ignore_patterns("__pycache__", *(["data", "cache", "tmp"] if name == "paper" else []))
            shutil.copytree(ROOT / name, place, symlinks=True, ignore=left)
        else:
            shutil.copy(ROOT / name, place)
    assert all(path.exists() for path in (tmp_path / "paper").rglob("*")), "a link leads nowhere"
    Project(tmp_path / "paper").kedro("--nodes=configure")
    written = Path(tmp_path / "paper/data/config/cifartoy_good_maskcon/train.json")
    assert json.loads(written.read_text())["settings"]["network"]["name"] == "resnet18"
    Project(tmp_path / "paper/daso").kedro("--nodes=configure")
    written = Path(tmp_path / "paper/daso/data/config/c10_500_100_daso_start/pretrain.json")
    assert json.loads(written.read_text())["settings"]["network"]["name"] == "wrn"
    Project(tmp_path / "paper/two_views").kedro("--nodes=configure")
    written = Path(tmp_path / "paper/two_views/data/config/c10_moco/train.json")
    assert json.loads(written.read_text())["settings"]["network"]["splits"] == 8
    Project(tmp_path / "paper/imagenet100").kedro("--nodes=configure")
    written = Path(tmp_path / "paper/imagenet100/data/config/in100_logo_moco/train.json")
    assert json.loads(written.read_text())["settings"]["views"]["local"]["size"] == 96
