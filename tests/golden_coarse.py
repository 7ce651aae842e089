"""The coarse-label family's golden kinds, through the public functions."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from gristmill.evaluate.neighbours import neighbours
from gristmill.evaluate.recall import recall_at_k
from gristmill.losses.contrast import Targets, memory_contrast, own_key
from gristmill.losses.maskcon import maskcon_targets
from gristmill.losses.targets import mix, supcon_targets
from gristmill.methods.method import Batch, Clock
from gristmill.networks.heads import Encoder
from gristmill.networks.memory import Memory
from gristmill.networks.momentum import SlowCopy
from gristmill.train.run import method_class
from gristmill.train.schedules import warmup_cosine
from gristmill.train.step import advance, make_optimizers
from gristmill.views.policies import policy_op
from tests.golden import Case
from tests.golden_labels import label_table

LATER: set[str] = set()


def tensors(case: Case) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in case.inputs.items()}


def contrast(case: Case, targets: Callable[[Tensor, Tensor, Tensor], Targets], weight: float = 1.0):
    """Outputs that every contrastive loss has; `targets(key, memory, same)`."""
    a = tensors(case)
    q = a["q"].requires_grad_()
    query, key, memory = normalize(q), normalize(a["k"]), a["queue"]
    same = a["labels"][:, None] == a["queue_labels"]
    wanted = targets(key, memory, same)
    losses = memory_contrast(query, key, memory, case.params["T1"], wanted)
    own, rest = wanted(slice(None))
    logits = torch.cat([(query * key).sum(1, keepdim=True), query @ memory.T], 1) / case.params["T1"]
    results = {"loss_per_sample": losses, "logits": logits, "target": torch.cat([own[:, None], rest], 1)}
    return q, losses, results


def finish(q: Tensor, losses: Tensor, results: dict[str, Tensor]) -> dict[str, np.ndarray]:
    loss = losses.mean()
    loss.backward()
    results |= {"loss": loss, "loss_per_sample": losses, "grad_q": q.grad if q.grad is not None else 0 * q}
    return {name: value.detach().numpy() for name, value in results.items()}


def selfcon(case: Case):
    return finish(*contrast(case, lambda key, memory, same: own_key(key, memory)))


def supcon(case: Case):
    return finish(*contrast(case, lambda key, memory, same: lambda rows: supcon_targets(same[rows], key.dtype)))


def grafit(case: Case):
    w = case.params["w"]
    return finish(
        *contrast(case, lambda key, memory, same: lambda rows: mix(supcon_targets(same[rows], key.dtype), w))
    )


def maskcon(case: Case):
    w, t2 = case.params["w"], float(case.params["T2"])
    return finish(
        *contrast(
            case,
            lambda key, memory, same: lambda rows: mix(maskcon_targets(key[rows], memory, same[rows], t2), w),
        )
    )


def coins(case: Case):
    w = case.params.get("w", 1.0)
    q, contrasts, results = contrast(case, lambda key, memory, same: own_key(key, memory))
    class_logits = tensors(case)["class_logits"].requires_grad_()
    classes = cross_entropy(class_logits, tensors(case)["labels"], reduction="none")
    outputs = finish(q, w * classes + (1 - w) * contrasts, results)
    assert class_logits.grad is not None
    return outputs | {"grad_class_logits": class_logits.grad.numpy()}


def recall(case: Case):
    features, labels = case.inputs["features"], case.inputs["labels"]
    ks = case.params["K"]
    at = recall_at_k(features, labels, ks).at
    return {"recall": np.array([at[k] for k in ks]), "neighbours": neighbours(features, max(ks))}


def queue(case: Case):
    a, after = tensors(case), {"queue_after": [], "labels_after": [], "ptr_after": []}
    memory = Memory(*a["queue"].shape).double()
    state = {"keys": a["queue"], "labels": a["queue_labels"], "pointer": torch.tensor(case.params["ptr0"])}
    memory.load_state_dict(state)
    for keys, labels in zip(a["keys"], a["labels"], strict=True):
        memory.push(keys, labels)
        after["queue_after"].append(memory.keys.numpy().copy())
        after["labels_after"].append(memory.labels.numpy().copy())
        after["ptr_after"].append(int(memory.pointer))
    return {name: np.array(values) for name, values in after.items()}


def momentum(case: Case):
    a = tensors(case)
    original = nn.Linear(3, 2).double()
    original.load_state_dict({"weight": a["key_weight"], "bias": a["key_bias"]})
    copy, weights, biases = SlowCopy(original), [], []
    for weight, bias in zip(a["query_weight"], a["query_bias"], strict=True):
        original.load_state_dict({"weight": weight, "bias": bias})
        copy.follow(original, case.params["m"])
        weights.append(copy.network.weight.numpy().copy())
        biases.append(copy.network.bias.numpy().copy())
    return {"key_weight_after": np.array(weights), "key_bias_after": np.array(biases)}


def lr_schedule(case: Case):
    p = case.params
    return {"lr": np.array(warmup_cosine(p["base_lr"], p["epochs"], p["warmup_epochs"], p["iters_per_epoch"]))}


def autoaugment(case: Case):
    image, op = torch.from_numpy(case.inputs["image"]).permute(2, 0, 1), case.params["op"]
    level, sign = torch.from_numpy(case.inputs["level"]), torch.from_numpy(case.inputs["sign"])
    images = image.expand(len(level), -1, -1, -1).contiguous()
    return {"result": policy_op(images, op, level, sign).permute(0, 2, 3, 1).numpy()}


class TinyConv(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(3, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4)
        self.c2, self.b2 = nn.Conv2d(4, 6, 3, 2, 1, bias=False), nn.BatchNorm2d(6)

    def forward(self, x: Tensor) -> Tensor:
        return self.b2(self.c2(self.b1(self.c1(x)).relu())).relu().mean((2, 3))


class TinyMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.b1 = nn.Linear(10, 7), nn.BatchNorm1d(7)
        self.l2, self.b2 = nn.Linear(7, 6), nn.BatchNorm1d(6)

    def forward(self, x: Tensor) -> Tensor:
        return self.b2(self.l2(self.b1(self.l1(x)).relu())).relu()


def ours(name: str) -> str:
    """The vectors' name of a tensor of the encoder in Gristmill's."""
    return name.replace("net.", "backbone.").replace("classifer.", "classifier.")


def encoder_state(encoder: nn.Module, case: Case, prefix: str) -> dict[str, np.ndarray]:
    """An encoder's tensors under the vectors' names, those that the case lists."""
    state = encoder.state_dict()
    names = [n for n in case.output_names if n.startswith(prefix)]
    return {n: state[ours(n[len(prefix) :])].numpy().copy() for n in names}


def train_loop(case: Case):
    p, a = case.params, tensors(case)
    backbone = TinyConv() if p["arch"] == "tinyconv" else TinyMlp()
    network = Encoder(backbone, 6, p["dim"], p["projector_hidden"], p["num_coarse"]).double()
    start = {ours(n[3:]): v for n, v in a.items() if n.startswith("q0.")}
    network.load_state_dict(start, strict=False)
    settings = SimpleNamespace(
        network=SimpleNamespace(dim=p["dim"]),
        memory=SimpleNamespace(size=p["K"], momentum=p["m"]),
        loss=SimpleNamespace(temperature=p["T1"], target_temperature=p.get("T2"), w=p["w"]),
        views=SimpleNamespace(key="weak", query="strong"),
        train=SimpleNamespace(
            batch=p["batch_size"], lr=p["base_lr"], warmup=p["warmup_epochs"], momentum=p["sgd_momentum"],
            weight_decay=p["weight_decay"],
        ),
    )  # fmt: skip
    method = method_class(p["mode"])(network, settings).double().train()
    method.memory.load_state_dict(
        {"keys": a["queue0"], "labels": a["queue_labels0"], "pointer": torch.tensor(0)}
    )

    def batch(key: Tensor, label: Tensor, query: Tensor | None = None) -> Batch:
        return Batch(train=SimpleNamespace(key=key, query=query, label=label), draws={})

    method.start(batch(k, y) for k, y in zip(a["prefill_key_images"], a["prefill_labels"], strict=True))
    results: dict[str, np.ndarray] = {
        "queue_prefilled": method.memory.keys.numpy().copy(),
        "queue_labels_prefilled": method.memory.labels.numpy().copy(),
        **encoder_state(method.key.network, case, "k_prefilled."),
    }
    epochs, n = p["epochs"], p["iters_per_epoch"]
    optimizers = make_optimizers(method, epochs, n)
    losses, lrs, features = [], [], []

    @torch.no_grad()
    def look():
        method.query.eval()
        features.append(method.query.features(a["test_images"]).numpy().copy())
        method.query.train()

    for step in range(epochs * n):
        e, i = divmod(step, n)
        if i == 0:
            look()
        given = batch(a["key_images"][e, i], a["labels"][e, i], a["query_images"][e, i])
        done = advance(method, given, Clock(step, epochs * n, e, i), optimizers)
        losses.append(float(done[0][0].loss.detach()))
        lrs.append(float(optimizers["main"].rate))
    look()
    return results | {
        "losses": np.array(losses),
        "lrs": np.array(lrs),
        "epoch_mean_losses": np.array(losses).reshape(epochs, n).mean(1),
        "features_per_epoch": np.array(features),
        "queue_final": method.memory.keys.numpy(),
        "queue_labels_final": method.memory.labels.numpy(),
        "ptr_final": np.array(int(method.memory.pointer)),
        **encoder_state(method.query, case, "q."),
        **encoder_state(method.key.network, case, "k."),
    }


KINDS: dict[str, Callable[[Case], dict[str, np.ndarray]]] = {
    "selfcon_loss": selfcon,
    "supcon_queue_loss": supcon,
    "supce_loss": coins,
    "grafit_loss": grafit,
    "coins_loss": coins,
    "maskcon_loss": maskcon,
    "supfine_ce": coins,
    "supfine_supcon": supcon,
    "recall_at_k": recall,
    "queue_trajectory": queue,
    "momentum_update": momentum,
    "lr_schedule": lr_schedule,
    "autoaugment_op": autoaugment,
    "label_table": label_table,
    "train_loop": train_loop,
}
