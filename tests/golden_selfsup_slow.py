"""SimSiam and BYOL, LARS and learning rates: golden kinds."""

from collections.abc import Callable
from math import sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gristmill.evaluate.rank import spread
from gristmill.losses.cosine import negative_cosine, regression_loss
from gristmill.methods.byol import target_rate
from gristmill.methods.method import Batch, Clock, Optimizer
from gristmill.networks.headed import Headed, byol, byol_predictor, simsiam, simsiam_predictor
from gristmill.train.run import method_class
from gristmill.train.schedules import SCHEDULES, half_cosine
from gristmill.train.step import Optimizer as Trained
from gristmill.train.step import advance, make_optimizers
from tests.golden import Case
from tests.golden_coarse import tensors

Results = dict[str, np.ndarray]


def two_losses(case: Case, loss: Callable[[Tensor, Tensor], Tensor], weight: float) -> Results:
    a = tensors(case)
    p1, p2 = a["p1"].requires_grad_(), a["p2"].requires_grad_()
    losses = weight * (loss(p1, a["z2"]) + loss(p2, a["z1"]))
    losses.mean().backward()
    assert p1.grad is not None and p2.grad is not None
    results = {"per_sample": losses, "loss": losses.mean(), "grad_p1": p1.grad, "grad_p2": p2.grad}
    return {name: value.detach().numpy() for name, value in results.items()}


def simsiam_loss(case: Case) -> Results:
    return two_losses(case, negative_cosine, 0.5)


def byol_loss(case: Case) -> Results:
    return two_losses(case, regression_loss, 1)


def byol_tau(case: Case) -> Results:
    rate = target_rate(tensors(case)["step"].double(), case.params["max_steps"], case.params["base_tau"])
    return {"tau": 1 - rate.numpy()}


def settings(p: dict[str, Any], **rest: Any) -> SimpleNamespace:
    """Settings of a method with two views."""
    steady = "steady" if p.get("fix_predictor_lr") else "scheduled"
    train = SimpleNamespace(
        batch=0, lr=p.get("lr", 1.0), schedule="epoch_cosine", warmup=0, momentum=p["sgd_momentum"],
        weight_decay=p["weight_decay"], optimizer=p.get("optimizer", "sgd"), decay="all", predictor_lr=steady,
    )  # fmt: skip
    return SimpleNamespace(train=train, **rest)


def part(network: nn.Module, names: dict[str, str]) -> Callable[[str], str]:
    """From the vectors' name of a tensor to Gristmill's."""

    def ours(name: str) -> str:
        for prefix, own in names.items():
            if name.startswith(prefix):
                return own + name.removeprefix(prefix)
        return name

    return ours


def load(network: nn.Module, case: Case, prefix: str, names: dict[str, str]) -> None:
    ours = part(network, names)
    given = {n.removeprefix(prefix): v for n, v in tensors(case).items() if n.startswith(prefix)}
    network.load_state_dict({ours(name): value for name, value in given.items()})


def final(network: nn.Module, case: Case, prefix: str, names: dict[str, str]) -> Results:
    ours, state = part(network, names), network.state_dict()
    wanted = [name for name in case.output_names if name.startswith(prefix)]
    return {name: state[ours(name.removeprefix(prefix))].numpy() for name in wanted}


def train(method: Any, case: Case, epochs: int, rates: Tensor | None) -> tuple[list[Any], Any]:
    """All steps of a case; what they yielded, and the optimizer."""
    a = tensors(case)
    optimizers, done, steps = make_optimizers(method, epochs, 1), [], len(a["x1"])
    if rates is not None:
        optimizers["main"].rates = rates
    for step in range(steps):
        batch = Batch(train=SimpleNamespace(first=a["x1"][step], second=a["x2"][step]), draws={})
        done += advance(method, batch, Clock(step, case.params.get("max_steps", steps), step, 0), optimizers)
    return [objective for objective, _ in done], optimizers["main"]


def simsiam_trajectory(case: Case) -> Results:
    p, a = case.params, tensors(case)
    hidden, inputs = a["init.encoder.stem.weight"].shape
    dim, bottleneck = a["init.predictor.3.weight"].shape
    backbone = nn.Sequential(nn.Linear(inputs, hidden), nn.BatchNorm1d(hidden), nn.ReLU())
    network = Headed(backbone, simsiam(hidden, hidden, dim, 3), simsiam_predictor(dim, bottleneck)).double()
    names = {"encoder.stem.": "backbone.0.", "encoder.bn.": "backbone.1.", "encoder.fc.": "head."}
    load(network, case, "init.", names)
    method: Any = method_class("simsiam")(network, settings(p)).double().train()
    done, _ = train(method, case, p["epochs"], None)
    return {
        "losses": np.array([objective.loss.item() for objective in done]),
        "collapse_std": np.array([spread(objective.outputs)["spread"] / sqrt(dim) for objective in done]),
        **final(method.network, case, "final.", names),
    }


def byol_trajectory(case: Case) -> Results:
    p, a = case.params, tensors(case)
    width, inputs = a["init.online.encoder.0.weight"].shape
    dim, hidden = a["init.online.projector.3.weight"].shape
    backbone = nn.Sequential(nn.Linear(inputs, width), nn.BatchNorm1d(width), nn.ReLU())
    predictor = byol_predictor(dim, len(a["init.online.predictor.0.bias"]))
    network = Headed(backbone, byol(width, hidden, dim, 2), predictor).double()
    names = {"encoder.": "backbone.", "projector.": "head."}
    load(network, case, "init.online.", names)
    target = SimpleNamespace(momentum=p["base_tau"], start="copy")
    method: Any = method_class("byol")(network, settings(p, target=target)).double().train()
    load(method.target.network, case, "init.target.", names)
    done, _ = train(method, case, p["steps"], a["lr"])
    return {
        "losses": np.array([objective.loss.item() for objective in done]),
        "tau": np.array([objective.parts["target_momentum"].item() for objective in done]),
        **final(method.network, case, "final.online.", names),
        **final(method.target.network, case, "final.target.", names),
    }


def lars_step(case: Case) -> Results:
    p, a = case.params, tensors(case)
    parameters = {name: nn.Parameter(a[name]) for name in "wbz"}
    rule = {"byol": "lars", "simclr": "lars_simclr"}[p["variant"]]
    rest = {"momentum": p["momentum"], "weight_decay": p["weight_decay"], "rule": rule, "trust": p["eta"]}
    optimizer = Trained(Optimizer(list(parameters.values()), 1.0, **rest), p["steps"], 1)
    optimizer.rates = a["lr"]
    for step in range(p["steps"]):
        optimizer.follow(step)
        losses = [(parameter * a[f"grad_{name}"][step]).sum() for name, parameter in parameters.items()]
        optimizer.update(torch.stack(losses).sum(), None)
    buffers = optimizer.state()
    results = {f"{name}_new": parameter.detach() for name, parameter in parameters.items()}
    results |= {f"mu_{name}": buffers[str(place)] for place, name in enumerate(parameters)}
    return {name: value.numpy() for name, value in results.items()}


def lr_schedule(case: Case) -> Results:
    """Rates of whole runs at the places that a case asks for."""
    p, at = case.params, case.inputs["at"]
    name, base = str(p["schedule"]), p["base_lr"]
    if name in ("moco_cosine", "simsiam_cosine"):  # epoch 200 of 200 is the notebook's last
        peak = base * p.get("batch_size", 256) / 256
        from_0, from_1 = (SCHEDULES[kind](peak, p["epochs"], 0, 1) for kind in ("epoch_cosine", "demo_cosine"))
        assert from_0[1:] == from_1[:-1]
        rates = np.array([*from_0, from_1[-1]])[at]
    elif name in ("moco_step", "linear_probe_step"):
        assert p["milestones"] == [p["epochs"] * 6 // 10, p["epochs"] * 8 // 10] and p["gamma"] == 0.1
        rates = np.array(SCHEDULES["moco_steps"](base, p["epochs"], 0, 1))[at]
    elif name == "supcon_warmup_cosine":
        epoch_steps = p["batches_per_epoch"]
        rates = np.array(SCHEDULES["supcon_cosine"](base, p["epochs"], p["warm_epochs"], epoch_steps))
        rates = rates[(at[:, 0] - 1) * epoch_steps + at[:, 1]]
    elif name.startswith("supcon"):
        kind = name.replace("step", "steps")
        rates = np.array(SCHEDULES[kind](base, p["epochs"], 0, 1))[at - 1]
    else:
        factor = sqrt(p["batch_size"]) if p.get("scaling") == "sqrt" else p["batch_size"] / 256
        steps, warmup = p["total_steps"], p["warmup_steps"]
        after = half_cosine(base * factor, steps - warmup, steps - warmup)  # the rate that the last step leads to
        rates = np.array([*SCHEDULES["cosine"](base * factor, steps, warmup, 1), after])[at]
    return {"lr": rates}


KINDS: dict[str, Callable[[Case], Results]] = {
    "simsiam_loss": simsiam_loss,
    "simsiam_trajectory": simsiam_trajectory,
    "byol_loss": byol_loss,
    "byol_tau": byol_tau,
    "byol_trajectory": byol_trajectory,
    "lars_step": lars_step,
    "lr_schedule": lr_schedule,
}
