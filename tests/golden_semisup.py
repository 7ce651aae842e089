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
from gristmill.methods.method import Optimizer as Settings
from gristmill.methods.method import Stream
from gristmill.networks.average import Average
from gristmill.networks.classifier import Classifier, decay_groups
from gristmill.networks.prototypes import ClassQueues, LabelWindow
from gristmill.networks.wrn import WideResNet
from gristmill.train.batches import Order
from gristmill.train.schedules import cosine_part, fixmatch_cosine, stepped, warmed, warmup_steps
from gristmill.train.step import Optimizer
from tests import golden_few_labels, golden_long_tail
from tests.golden import Case

LATER = {"remixmatch_daso_trajectory"}


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
    shrink = 1 - p["lr"] * torch.tensor(p["ema_weight_decay"], dtype=torch.float64) if p["ema_weight_decay"] else None
    for step in range(steps):
        take_up(step + 1)
        after.append({"decay": average.decay()})
        average.follow(network, shrink)
        state = average.network.state_dict()
        after[-1] |= {f"ema_{name}": state[own].clone() for own, name in names.items()}
    return stacked(after)


def listed(network: Classifier) -> list[nn.Parameter]:
    """Parameters in the vectors' order: the first block's shortcut stands behind its first batch norm."""
    named = dict(network.named_parameters())
    first = named.pop("backbone.blocks.0.shortcut.weight", None)
    values = list(named.values())
    return values if first is None else [*values[:3], first, *values[3:]]


def waves(j: int, shape: torch.Size) -> Tensor:
    """s(i) of the vectors' README for parameter j, in its shape."""
    i = torch.arange(shape.numel(), dtype=torch.float64)
    return (0.7 * i * (1 + 0.013 * j) + 1.3 * (j + 1)).sin().reshape(shape)


@torch.no_grad()
def fill(network: Classifier, offset: int) -> None:
    biases = {id(p) for name, p in network.named_parameters() if name.endswith("bias")}
    for j, parameter in enumerate(listed(network)):
        s, shape = waves(j + offset, parameter.shape), parameter.shape
        if parameter.ndim == 4:
            s *= (4 / (shape[0] * shape[2] * shape[3])) ** 0.5
        elif parameter.ndim == 2:
            s *= 0.2
        else:
            s = 0.1 * s + (id(parameter) not in biases)
        parameter.copy_(s)


def wrn_28_2(case: Case):
    p = case.params
    backbone = WideResNet(28, p["widen"])
    network = Classifier(backbone, backbone.width, p["num_classes"]).double()
    assert [list(parameter.shape) for parameter in listed(network)] == p["param_shapes"]
    fill(network, p["offset"])
    shape = torch.Size((p["batch"], 3, p["height"], p["width_px"]))
    i = torch.arange(shape.numel(), dtype=torch.float64)
    images = ((0.11 * i + p["offset"]).sin() + 0.5 * (0.0137 * i * (i % 97) + p["offset"]).cos()).reshape(shape)
    network.train(p["mode"] == "train")
    logits, features = network(images)
    outputs = arrays(features=features, logits=logits)
    if p["mode"] == "eval":
        return outputs
    loss = cross_entropy(logits, tensors(case)["labels"])
    loss.backward()
    gradients = [parameter.grad for parameter in listed(network) if parameter.grad is not None]
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    outputs |= arrays(
        loss=loss,
        grad_norms=torch.stack([gradient.norm() for gradient in gradients]),
        grad_head=torch.stack([gradient.flatten()[:6] for gradient in gradients]),
        bn_running_mean=torch.cat([norm.running_mean for norm in norms]),
        bn_running_var=torch.cat([norm.running_var for norm in norms]),
    )
    logits, features = network.eval()(images)
    return outputs | arrays(features_eval_after=features, logits_eval_after=logits)


def param_groups(case: Case):
    backbone = WideResNet()
    network = Classifier(backbone, backbone.width, 10)
    parameters = listed(network)
    assert sum(parameter.numel() for parameter in parameters) == case.params["total"]
    modules = {id(p): module for module in network.modules() for p in module.parameters(recurse=False)}
    kinds = {nn.Conv2d: "conv", nn.BatchNorm2d: "bn", nn.Linear: "linear"}

    def decayed(decay: str) -> np.ndarray:
        chosen = {id(p) for p in decay_groups(network, decay)[0]}
        return np.array([int(id(p) in chosen) for p in parameters])

    roles = []
    for parameter in parameters:
        module = modules[id(parameter)]
        role = kinds[type(module)]
        roles.append(role if role == "conv" else f"{role}_{'bias' if parameter is module.bias else 'weight'}")
    numel = np.array([parameter.numel() for parameter in parameters])
    chosen = {"decay_all": decayed("all"), "decay_no_bn_bias": decayed("weights")}
    return {"numel": numel, "roles": np.array(roles), **chosen}


def sgd_trajectory(case: Case):
    p, a, weights = case.params, tensors(case), []
    weight = nn.Parameter(a["weight"])
    chosen = {name: p[name] for name in ("momentum", "weight_decay", "nesterov")}
    optimizer = Optimizer(Settings([weight], 1.0, **chosen), len(a["lr"]), 1)
    optimizer.rates = a["lr"]
    for step, gradient in enumerate(a["grads"]):
        optimizer.follow(step)
        optimizer.update((weight * gradient).sum(), None)
        weights.append({"weights": weight.detach().clone()})
    return stacked(weights) | arrays(momentum_buffer=optimizer.state()["0"])


def lr_schedule(case: Case):
    p = case.params
    steps, base, first, length = p["max_iter"], p["base_lr"], p["warmup_factor"], p["warmup_iters"]
    held, cosine = p["warmup_method"] == "constant", p["schedule"] == "cosine"
    rates = cosine_part(base, steps) if cosine else stepped(base, steps, p["steps"], p["gamma"])
    rates = np.array(warmed(rates, length, first, held))
    if first == 0:  # what a method can ask for by name
        named = (fixmatch_cosine if cosine else warmup_steps)(base, steps, length, 1)
        np.testing.assert_array_equal(named, rates)
    return {"lr": rates[case.inputs["iterations"]]}


def batch_order(case: Case):
    permutations, p = case.inputs["permutations"], case.params

    class Given(Order):
        def permutation(self, number: int) -> np.ndarray:
            return permutations[number]

    stream = Stream("train", p["batch_size"], {}, straddle=True)
    order = Given(0, "order", stream, lambda: permutations.shape[1])
    return {"batches": np.array([order(step) for step in range(p["iterations"])])}


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
    **golden_long_tail.KINDS,
    **golden_few_labels.KINDS,
    "class_queue": class_queue,
    "prototypes": prototypes,
    "pseudo_label_window": pseudo_label_window,
    "ema_trajectory": ema_trajectory,
    "wrn_28_2": wrn_28_2,
    "param_groups": param_groups,
    "sgd_trajectory": sgd_trajectory,
    "lr_schedule": lr_schedule,
    "batch_order": batch_order,
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
