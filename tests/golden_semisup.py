"""The semi-supervised family's golden kinds, through the public functions."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gristmill.evaluate.classification import against_prior, classification, median_of_last
from gristmill.evaluate.classification import metrics as all_metrics
from gristmill.evaluate.pseudo_labels import LabelQuality, imbalance, label_table
from gristmill.losses.agreement import agreed, distances
from gristmill.losses.blend import blend, blending_weights
from gristmill.losses.consistency import confident, masked_cross_entropy, ramp
from gristmill.losses.logit_adjustment import adjusted, log_prior
from gristmill.losses.mutual_information import triplet_loss
from gristmill.losses.reweighting import class_balanced_weights, ldam_loss, ldam_margins, weighted_cross_entropy
from gristmill.losses.semantic import alignment_loss, cosines, semantic_probabilities
from gristmill.networks.average import Average
from gristmill.networks.prototypes import ClassQueues, LabelWindow
from tests.golden import Case

LATER = {
    "longtail_counts",
    "split_indices",
    "daso_trajectory",
    "fixmatch_trajectory",
    "supervised_trajectory",
    "pseudolabel_trajectory",
    "usadtm_trajectory",
    "remixmatch_daso_trajectory",
}


def tensors(case: Case) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in case.inputs.items()}


def learning(case: Case, *names: str) -> dict[str, Tensor]:
    """The inputs; those of these names take gradients."""
    return {name: value.requires_grad_() if name in names else value for name, value in tensors(case).items()}


def arrays(**values: Tensor | None) -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in values.items() if value is not None}


def stacked(rows: list[dict[str, Tensor]]) -> dict[str, np.ndarray]:
    """What was seen at each step, by name."""
    return {name: np.array([row[name].tolist() for row in rows]) for name in rows[0]}


def class_queue(case: Case):
    p, a, after = case.params, tensors(case), []
    equal = p["mode"] == "equal"
    sizes = [p["max_size"]] * p["num_classes"] if equal else [5 * n for n in p["labelled_counts"]]
    queues = ClassQueues(sizes, p["feat_dim"]).double()
    for features, labels in zip(a["features"], a["labels"], strict=True):
        queues.push(features, labels)
        after.append({"prototypes": queues.prototypes(), "counts": queues.counts})
    bank = []
    for features, count, pushed in zip(queues.features, queues.counts, queues.pushed, strict=True):
        oldest = int(pushed) % int(count) if int(pushed) > int(count) else 0
        bank.append(features[:count].roll(-oldest, 0))
    return stacked(after) | {"final_bank": torch.cat(bank).numpy()}


def prototypes(case: Case):
    a = tensors(case)
    queues = ClassQueues([len(a["labels"])] * case.params["num_classes"], a["features"].shape[1]).double()
    queues.push(a["features"], a["labels"])
    return {"prototypes": queues.prototypes().numpy()}


def pseudo_label_window(case: Case):
    p, after = case.params, []
    window = LabelWindow(p["num_classes"], p["period"])
    for step, labels in enumerate(tensors(case)["pseudo_labels"]):
        window.push(labels)
        window.end_step(step, p["max_iter"])
        after.append({"counts_after_step": window.counts.clone()})
    return stacked(after) | {"m_hat_final": (window.counts.double() / window.counts.sum()).numpy()}


def semantic_probs(case: Case):
    a = tensors(case)
    probs = semantic_probabilities(a["features"], a["prototypes"], case.params["t_proto"])
    confidence, label = probs.max(1)
    similarity = cosines(a["features"], a["prototypes"])
    return arrays(similarity=similarity, probs=probs, confidence=confidence, label=label)


def alignment(case: Case):
    p, a = case.params, learning(case, "features_weak", "features_strong", "prototypes")
    weak = semantic_probabilities(a["features_weak"], a["prototypes"], p["t_proto"])
    loss = p["weight"] * alignment_loss(weak, a["features_strong"], a["prototypes"], p["t_proto"])
    loss.backward()
    assert a["features_weak"].grad is None and a["prototypes"].grad is None
    return arrays(loss=loss, grad_features_strong=a["features_strong"].grad)


def blended(case: Case):
    p, a = case.params, tensors(case)
    adaptive = blending_weights(a["counts"].double(), p["t_dist"])
    upsilon = adaptive if p["dist_aware"] else torch.full_like(adaptive, p["alpha"])
    probs = blend(a["linear"], a["semantic"], upsilon)
    confidence, label = probs.max(1)
    linear = a["linear"].argmax(1)
    return arrays(upsilon=adaptive, linear_label=linear, blended=probs, confidence=confidence, label=label)


def fixmatch(case: Case):
    p, a = case.params, learning(case, "logits_labelled", "logits_weak", "logits_strong")
    logits = a["logits_labelled"]
    if p["logit_adjust"]:
        logits = adjusted(logits, log_prior(a["labelled_counts"].double()), p["la_tau"])
    label, mask = confident(a["logits_weak"].softmax(1), p["threshold"])
    classes = cross_entropy(logits, a["labels"])
    consistency = p["lambda_u"] * masked_cross_entropy(a["logits_strong"], label, mask)
    (classes + consistency).backward()
    assert a["logits_weak"].grad is None
    outputs = arrays(loss_cls=classes, loss_cons=consistency, mask=mask, pseudo_label=label)
    gradients = {f"grad_{name}": a[name].grad for name in ("logits_labelled", "logits_strong")}
    return outputs | arrays(**gradients)


def pseudolabel(case: Case):
    p, a = case.params, learning(case, "logits_unlabelled")
    factor = ramp(p["iteration"], p["max_iter"], p["ramp_ratio"], p["ramp"])
    label, mask = confident(a["logits_unlabelled"].softmax(1), p["threshold"])
    consistency = factor * masked_cross_entropy(a["logits_unlabelled"], label, mask)
    consistency.backward()
    outputs = arrays(loss_cls=cross_entropy(a["logits_labelled"], a["labels"]), loss_cons=consistency)
    outputs |= {"ramp": np.array(factor)} | arrays(mask=mask, pseudo_label=label)
    return outputs | arrays(grad_logits_unlabelled=a["logits_unlabelled"].grad)


def logit_adjusted_loss(case: Case):
    a = learning(case, "logits")
    loss = cross_entropy(adjusted(a["logits"], log_prior(a["counts"].double()), case.params["tau"]), a["labels"])
    loss.backward()
    return arrays(loss=loss, grad_logits=a["logits"].grad)


def logit_adjusted_eval(case: Case):
    a = tensors(case)
    logits = adjusted(a["logits"], log_prior(a["counts"].double()), -1)
    prediction = logits.argmax(1)
    top1 = 100 * (prediction == a["labels"]).double().mean()
    return arrays(adjusted=logits, prediction=prediction, top1=top1)


def reweighted_loss(case: Case):
    p, a = case.params, tensors(case)
    counts = a["counts"].double()
    weights, margins = class_balanced_weights(counts, p["beta"]), ldam_margins(counts, p["max_margin"])
    losses = {
        "ce": lambda logits: weighted_cross_entropy(logits, a["labels"], weights),
        "ldam": lambda logits: ldam_loss(logits, a["labels"], margins, weights, p["scale"]),
    }
    outputs = arrays(weights=weights, margins=margins)
    for name, loss_of in losses.items():
        logits = a["logits"].clone().requires_grad_()
        loss = loss_of(logits)
        loss.backward()
        outputs |= arrays(**{f"loss_{name}": loss, f"grad_{name}": logits.grad})
    return outputs


def usadtm_pseudo_label(case: Case):
    a = learning(case, "logits_strong")
    features, centers = a["features_weak"], a["prototypes"]
    label, mask = agreed(features, centers, case.params["threshold"])
    consistency = masked_cross_entropy(a["logits_strong"], label, mask)
    consistency.backward()
    apart = distances(features, centers)
    return arrays(
        cosine=cosines(features, centers).amax(1), label=label, euclidean=apart, euclidean_label=apart.argmin(1),
        mask=mask, loss_cons=consistency, grad_logits_strong=a["logits_strong"].grad,
    )  # fmt: skip


def triplet_mi_loss(case: Case):
    a = learning(case, *case.input_names)
    loss = triplet_loss(a["logits_identity"], a["logits_weak"], a["logits_strong"])
    loss.backward()
    return arrays(loss=loss, **{f"grad_{name.removeprefix('logits_')}": a[name].grad for name in a})


def ema_trajectory(case: Case):
    p, a, after = case.params, tensors(case), []
    steps, (outputs, inputs, side, _) = len(a["model_conv"]) - 1, a["model_conv"].shape[1:]
    network = nn.Sequential(
        nn.Conv2d(inputs, outputs, side, bias=False), nn.BatchNorm2d(outputs),
        nn.Linear(a["model_fc_w"].shape[2], a["model_fc_w"].shape[1]),
    ).double()  # fmt: skip
    names = {
        "0.weight": "conv", "1.weight": "bn_g", "1.bias": "bn_b", "1.running_mean": "bn_mean",
        "1.running_var": "bn_var", "2.weight": "fc_w", "2.bias": "fc_b",
    }  # fmt: skip

    def take_up(step: int) -> None:
        network.load_state_dict({own: a[f"model_{name}"][step] for own, name in names.items()}, strict=False)

    take_up(0)
    average = Average(network, p["decay"]).double()
    average.updates.fill_(p["first_step"])
    shrink = 1 - p["lr"] * p["ema_weight_decay"] if p["ema_weight_decay"] else None
    for step in range(steps):
        take_up(step + 1)
        after.append({"decay": average.decay()})
        average.follow(network, shrink)
        state = average.network.state_dict()
        after[-1] |= {f"ema_{name}": state[own].clone() for own, name in names.items()}
    return stacked(after)


def percent(shares: np.ndarray, undefined: float = -1) -> np.ndarray:
    """As the vectors have them: percent, -1 where there is nothing to divide by."""
    return np.where(np.isnan(shares), undefined, 100 * shares)


def metrics(case: Case):
    logits, labels, counts = (case.inputs[name] for name in ("logits", "targets", "labelled_counts"))
    figures = {name: np.array(value) for name, value in all_metrics(logits, labels, counts).items()}
    plain, balanced = classification(logits, labels), classification(against_prior(logits, counts), labels)
    recalls = {"class_recall": percent(plain.recall), "class_recall_la": percent(balanced.recall)}
    shares = {name: value if name.startswith("cost") else percent(value) for name, value in figures.items()}
    return shares | recalls | {"confusion": plain.confusion}


def median_last20(case: Case):
    history = case.inputs["history"]
    medians = [median_of_last(history[: end + 1], case.params["n"]) for end in range(len(history))]
    return {"median": np.array(medians)}


def pl_quality(case: Case):
    a, classes, outputs = case.inputs, case.params["num_classes"], {}
    for kind in ("final", "linear", "semantic"):
        tables = [label_table(t, y, classes) for t, y in zip(a["truth"], a[kind], strict=True)]
        found = LabelQuality(np.sum(tables, 0))
        outputs |= {
            f"{kind}_recall": found.recall, f"{kind}_precision": np.nan_to_num(found.precision, nan=-1.0),
            f"{kind}_gain": found.gain, f"{kind}_avg_recall": found.mean_recall,
            f"{kind}_avg_precision": found.released_mean_precision, f"{kind}_imbalance": found.imbalance,
        }  # fmt: skip
    return outputs | {"labelled_imbalance": imbalance(np.bincount(a["labelled"].ravel(), minlength=classes))}


KINDS: dict[str, Callable[[Case], dict[str, np.ndarray]]] = {
    "class_queue": class_queue,
    "prototypes": prototypes,
    "pseudo_label_window": pseudo_label_window,
    "ema_trajectory": ema_trajectory,
    "metrics": metrics,
    "median_last20": median_last20,
    "pl_quality": pl_quality,
    "semantic_probs": semantic_probs,
    "alignment_loss": alignment,
    "blend": blended,
    "fixmatch_loss": fixmatch,
    "pseudolabel_loss": pseudolabel,
    "logit_adjusted_loss": logit_adjusted_loss,
    "logit_adjusted_eval": logit_adjusted_eval,
    "reweighted_loss": reweighted_loss,
    "usadtm_pseudo_label": usadtm_pseudo_label,
    "triplet_mi_loss": triplet_mi_loss,
}
