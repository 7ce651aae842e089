"""Losses among the images of a batch: SimCLR, SupCon: golden kinds."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from gristmill.evaluate.rank import channel_spread
from gristmill.losses.naive_contrast import naive_contrast
from gristmill.losses.supcon import supcon_loss
from gristmill.methods.method import Batch, Clock
from gristmill.networks.headed import Headed
from gristmill.train.run import method_class
from tests.golden import Case


def tensors(case: Case) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in case.inputs.items()}


def objective(name: str, loss: dict, **given: Tensor) -> Tensor:
    """The loss that a method yields whose network hands its images on unchanged."""
    network = Headed(nn.Identity(), nn.Identity()).double()
    method = method_class(name)(network, SimpleNamespace(loss=SimpleNamespace(**loss)))
    return next(method.step(Batch(train=SimpleNamespace(**given), draws={}), Clock(0, 1, 0, 0))).loss


def ntxent(case: Case):
    a = tensors(case)
    first, second = a["h1"].requires_grad_(), a["h2"].requires_grad_()
    results, form = {}, {"ntxent_base_temperature": None}
    for reduction in ("mean", "sum_of_halves"):
        loss = objective("simclr", {**case.params, **form, "reduction": reduction}, first=first, second=second)
        results[f"loss_{reduction}"] = loss.detach().numpy()
        if reduction == "mean":
            results["grad_h1"], results["grad_h2"] = (g.numpy() for g in torch.autograd.grad(loss, (first, second)))
    return results


def supcon(case: Case):
    a, p = tensors(case), case.params
    features = a["features"].requires_grad_()
    form = {"temperature": p["temperature"], "base_temperature": p["base_temperature"], "contrast": p["contrast_mode"]}
    loss = supcon_loss(features, a.get("labels"), a.get("mask"), **form).mean()
    loss.backward()
    assert features.grad is not None
    return {"loss": loss.detach().numpy(), "grad_features": features.grad.numpy()}


def supcon_general(case: Case):
    a, p = tensors(case), case.params
    features = a["features"].requires_grad_()
    losses = supcon_loss(
        features, a["labels"], temperature=p["temperature"], summation=p["summation"], denominator=p["denominator"],
        base_temperature=1.0 if p["scale_by_temperature"] else p["temperature"], contrast=p["contrast_mode"],
    )  # fmt: skip
    per_sample = losses.view(-1, len(features)).mean(0)
    per_sample.sum().backward()
    assert features.grad is not None
    return {"per_sample": per_sample.detach().numpy(), "grad_features": features.grad.numpy()}


def naive(case: Case):
    a = tensors(case)
    embeddings = a["embeddings"].requires_grad_()
    losses = naive_contrast(embeddings, a["labels"], case.params["temperature"])
    valid = losses[losses.isfinite()].mean()
    valid.backward()
    assert embeddings.grad is not None
    return {
        "loss_raw": losses.mean().detach().numpy(),
        "per_anchor_raw": losses.detach().numpy(),
        "loss_valid": valid.detach().numpy(),
        "grad_valid": embeddings.grad.numpy(),
    }


def collapse(case: Case):
    deviation = channel_spread(normalize(tensors(case)["z"])).numpy()
    return {"std_per_channel": deviation, "mean_std": deviation.mean(), "reference": np.array(len(deviation) ** -0.5)}


KINDS: dict[str, Callable[[Case], dict[str, np.ndarray]]] = {
    "ntxent_loss": ntxent,
    "supcon_loss": supcon,
    "supcon_loss_general": supcon_general,
    "seed004_loss": naive,
    "collapse_std": collapse,
}
