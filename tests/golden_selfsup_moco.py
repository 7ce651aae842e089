"""MoCo, and LoGo on MoCo and on SimSiam: golden kinds."""

import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed, multiprocessing, nn

from gristmill.losses.contrast import memory_contrast, own_key
from gristmill.losses.local_affinity import pair_affinity, regressor_loss
from gristmill.methods.logo_moco import LoGoMoCo
from gristmill.methods.logo_simsiam import LoGoSimSiam
from gristmill.methods.method import Batch, Clock, Method
from gristmill.methods.moco import MoCo, shuffles
from gristmill.networks.headed import Headed, simsiam, simsiam_predictor
from gristmill.networks.parallel import gather
from gristmill.networks.regressor import Regressor
from gristmill.networks.split_batch_norm import SplitBatchNorm
from gristmill.train.step import advance, make_optimizers
from tests.golden import Case

Arrays = dict[str, np.ndarray]


def tensors(case: Case) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in case.inputs.items()}


def below(prefix: str, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in values.items() if name.startswith(prefix)}


class Stem(nn.Module):
    """Linear, batch norm, ReLU, under the names of the vectors' networks."""

    def __init__(self, inputs: int, width: int, names: tuple[str, str] = ("stem", "bn")):
        super().__init__()
        self.names = names
        self.add_module(names[0], nn.Linear(inputs, width))
        self.add_module(names[1], nn.BatchNorm1d(width))

    def forward(self, x: Tensor) -> Tensor:
        layers = dict(self.named_children())
        return layers[self.names[1]](layers[self.names[0]](x)).relu()


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 5, 3, padding=1, bias=False), nn.BatchNorm2d(5)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x)).relu().mean((2, 3))


def ours(name: str) -> str:
    """The vectors' name of a tensor of a network in Gristmill's; `f.0` and `f.1` are a sequence of the test."""
    first, rest = name.split(".", 1)
    if first in ("fc", "predictor"):
        return f"{'head' if first == 'fc' else 'predictor'}.{rest}"
    return f"backbone.{name.replace('f.', 'f', 1) if first == 'f' else name}"


def load(network: nn.Module, values: Mapping[str, Tensor]) -> None:
    network.load_state_dict({ours(name): value for name, value in values.items()})


def state(network: nn.Module, case: Case, prefix: str, rename: Callable[[str], str] = ours) -> Arrays:
    found = network.state_dict()
    names = [name for name in case.output_names if name.startswith(prefix)]
    return {name: found[rename(name[len(prefix) :])].numpy().copy() for name in names}


def tiny(weights: Mapping[str, Tensor]) -> Headed:
    """The network that the weights belong to, with its state."""
    if "conv.weight" in weights:
        backbone: nn.Module = Conv()
    else:
        names, first = (("f0", "f1"), "f.0.weight") if "f.0.weight" in weights else (("stem", "bn"), "stem.weight")
        width, inputs = weights[first].shape
        backbone = Stem(inputs, width, names)
    if "fc.weight" in weights:
        dim, width = weights["fc.weight"].shape
        head: nn.Module = nn.Linear(width, dim)
    elif "fc.6.weight" in weights:
        dim, hidden = weights["fc.6.weight"].shape
        head = simsiam(len(weights["stem.weight"]), hidden, dim, 3)
    else:
        dim, hidden = weights["fc.2.weight"].shape
        head = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, dim))
    predictor = None
    if "predictor.0.weight" in weights:
        hidden, dim = weights["predictor.0.weight"].shape
        predictor = simsiam_predictor(dim, hidden)
    network = Headed(backbone, head, predictor).double()
    load(network, weights)
    return network


def settings(p: dict[str, Any], dim: int, batch: int, hidden: int = 1) -> SimpleNamespace:
    mode = p.get("mode", "logo")
    return SimpleNamespace(
        network=SimpleNamespace(dim=dim, splits=p.get("bn_splits", 1)),
        loss=SimpleNamespace(temperature=p.get("temperature"), symmetric=p.get("symmetric", False)),
        memory=SimpleNamespace(size=p.get("queue_size"), momentum=p.get("key_momentum")),
        local=SimpleNamespace(
            mode=mode if mode in ("mc", "plain") else "logo",
            loss="weighted" if mode == "weighted" else "alternate_clip",
            clip_rate=p.get("clip_rate"), weight=p.get("ll_weight"), regressor=p.get("regressor"), hidden=hidden,
            noise=0.3, lr=p.get("lr_regressor"), reset_norm_each_epoch=True, key_updates_per_step=2,
        ),
        train=SimpleNamespace(
            batch=batch, lr=p.get("lr", p.get("lr_encoder", 1.0)), schedule="constant", warmup=0,
            optimizer="sgd", decay="all", momentum=p.get("sgd_momentum", 0.0), weight_decay=p.get("weight_decay", 0.0),
        ),
    )  # fmt: skip


def moco(kind: type[MoCo], case: Case, batch: int) -> Any:
    """A method with a queue in the case's first state."""
    a = tensors(case)
    dim = len(a["init.queue"])
    hidden = len(a["init.regressor.mlp.0.bias"]) if "init.regressor.mlp.0.bias" in a else 1
    plain = settings(case.params, dim, batch, hidden)
    method: Any = kind(tiny(below("init.encoder_q.", a)), plain).double().train()
    load(method.key.network, below("init.encoder_k.", a))
    method.memory.keys.copy_(a["init.queue"].T)
    if getattr(method, "local", None) is not None:
        method.local.regressor.load_state_dict(below("init.regressor.", a))
    return method


def final(method: Any, case: Case) -> Arrays:
    """The tensors that a method with a queue ends with."""
    pointer = method.memory.pointer.numpy().reshape(1).copy()
    return {
        "final.queue": method.memory.keys.T.numpy().copy(), "final.queue_ptr": pointer,
        **state(method.network, case, "final.encoder_q."), **state(method.key.network, case, "final.encoder_k."),
    }  # fmt: skip


def infonce(case: Case) -> Arrays:
    a, temperature = tensors(case), case.params["temperature"]
    q, memory = a["q"].requires_grad_(), a["queue"].T.contiguous()
    loss = memory_contrast(q, a["k"], memory, temperature, own_key(a["k"], memory)).mean()
    loss.backward()
    assert q.grad is not None
    outputs = {"loss": loss, "logits": logits(q, a["k"], memory, temperature), "grad_q": q.grad}
    return {name: value.detach().numpy() for name, value in outputs.items()}


def logits(query: Tensor, key: Tensor, memory: Tensor, temperature: float) -> Tensor:
    return torch.cat([(query * key).sum(1, keepdim=True), query @ memory.T], 1) / temperature


def step(method: Method, optimizers: Any, now: Clock, draws: dict[str, Tensor], **views: Tensor) -> Any:
    """One step; its objectives and the norms of their gradients."""
    return advance(method, Batch(train=SimpleNamespace(**views), draws=draws), now, optimizers)


def trajectory(case: Case) -> Arrays:
    p, a = case.params, tensors(case)
    method, steps = moco(MoCo, case, len(a["x_q"][0])), p["steps"]
    optimizers = make_optimizers(method, 1, steps)
    optimizers["main"].rates = a["lr"]
    losses, found = [], []
    for t in range(steps):
        before, place = method.memory.keys.clone(), int(method.memory.pointer)
        views = {"first": a["x_q"][t], "second": a["x_k"][t]}
        ((objective, _),) = step(method, optimizers, Clock(t, steps, 0, t), {}, **views)
        losses.append(objective.loss.item())
        key = method.memory.keys[place : place + len(a["x_q"][t])]
        found.append(logits(objective.outputs.detach(), key, before, p["temperature"]).numpy())
        hit = np.mean([row.argmax() == 0 for row in found[-1]])
        assert objective.parts["top1"] == hit
    return {"losses": np.array(losses), "logits": np.array(found), **final(method, case)}


def demo(case: Case) -> Arrays:
    p, a = case.params, tensors(case)
    method, steps = moco(MoCo, case, len(a["x1"][0])), p["steps"]
    optimizers, losses = make_optimizers(method, 1, steps), []
    for t in range(steps):
        draws = shuffles(case.inputs["perms"][t].T)
        views = {"first": a["x1"][t], "second": a["x2"][t]}
        ((objective, _),) = step(method, optimizers, Clock(t, steps, 0, t), draws, **views)
        losses.append(objective.loss.item())
    return {"losses": np.array(losses), **final(method, case)}


def split(case: Case) -> Arrays:
    p, a = case.params, tensors(case)
    layer = SplitBatchNorm(a["x"].shape[1], p["num_splits"], p["eps"], p["momentum"]).double().train(p["training"])
    names = ("weight", "bias", "running_mean", "running_var")
    layer.load_state_dict({name: a[name] for name in names}, strict=False)
    x = a["x"].requires_grad_()
    y = layer(x)
    (y * a["upstream"]).sum().backward()
    assert x.grad is not None
    assert layer.weight.grad is not None and layer.bias.grad is not None
    outputs = {
        "y": y, "grad_x": x.grad, "grad_weight": layer.weight.grad, "grad_bias": layer.bias.grad,
        "running_mean_new": layer.running_mean, "running_var_new": layer.running_var,
    }  # fmt: skip
    return {name: value.detach().numpy() for name, value in outputs.items()}


def rank_step(rank: int, port: int, case: Case, folder: str) -> Arrays:
    """What one of the processes that share a batch finds; all but the first write it down."""
    torch.set_num_threads(1)
    p, a = case.params, tensors(case)
    world, share = p["world_size"], p["batch_per_rank"]
    place = {"init_method": f"tcp://127.0.0.1:{port}", "rank": rank, "world_size": world}
    distributed.init_process_group("gloo", **place, timeout=timedelta(minutes=2))
    try:
        rows = slice(rank * share, (rank + 1) * share)
        method = moco(MoCo, case, world * share)
        optimizers = make_optimizers(method, 1, 1)
        draws = {name: order[rows] for name, order in shuffles(case.inputs["perm"][:, None]).items()}
        views = {"first": a["x_q"][rows], "second": a["x_k"][rows]}
        ((objective, _),) = step(method, optimizers, Clock(0, 1, 0, 0), draws, **views)
        pictures = torch.arange(2 * 3 * 4 * 4.0).view(2, 3, 4, 4) + rank
        joined = gather(pictures.contiguous(memory_format=torch.channels_last))
        assert torch.equal(joined[2 * rank : 2 * rank + 2], pictures), "the layout of what is gathered"
    finally:
        distributed.destroy_process_group()
    found: Arrays = {
        "loss_per_rank": objective.loss.detach().numpy(),
        "logits": logits(
            objective.outputs.detach(), method.memory.keys[rows], a["init.queue"].T, p["temperature"]
        ).numpy(),
        "queue": method.memory.keys.T.numpy(),
        "queue_ptr": method.memory.pointer.reshape(1).numpy(),
    }
    gradients = {name: parameter.grad for name, parameter in method.network.named_parameters()}
    found |= {n: gradients[ours(n[10:])].numpy() for n in case.output_names if n.startswith("grad_mean.")}
    for prefix, network in (("encoder_q_", method.network), ("encoder_k_", method.key.network)):
        found |= state(network, case, f"{prefix}buffer_rank.")
    if rank:
        np.savez(f"{folder}/{rank}.npz", **found)  # type: ignore[arg-type]
    return found


def two_processes(case: Case) -> Arrays:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")  # type: ignore[attr-defined]
        others = [context.Process(target=rank_step, args=(r, port, case, folder))
                  for r in range(1, case.params["world_size"])]  # fmt: skip
        for other in others:
            other.start()
        ranks = [rank_step(0, port, case, folder)]
        for rank, other in enumerate(others, 1):
            other.join()
            ranks.append(dict(np.load(f"{folder}/{rank}.npz")))
    for name in ranks[0]:
        if name.startswith(("grad_mean.", "queue")):
            np.testing.assert_array_equal(ranks[0][name], ranks[1][name], err_msg=name)
    own = {name: np.stack([rank[name] for rank in ranks]) for name in ranks[0] if "rank" in name or name == "logits"}
    return ranks[0] | own


def logo_moco(case: Case) -> Arrays:
    p, a = case.params, tensors(case)
    plain, mc = p["mode"] == "plain", p["mode"] == "mc"
    crops = {"global1": "x_g1", "global2": "x_g2", "local1": "x_l1", "local2": "x_l2"}
    inputs = {"first": "x_1", "second": "x_2"} if plain else crops
    method = moco(LoGoMoCo, case, len(a[next(iter(inputs.values()))][0]))
    lengths = p["steps_per_epoch"]
    optimizers = make_optimizers(method, 1, sum(lengths))
    clocks = [Clock(0, sum(lengths), e, i) for e, n in enumerate(lengths) for i in range(n)]
    found: dict[str, list[float]] = {}
    for t, now in enumerate(clocks):
        now = Clock(t, now.steps, now.epoch, now.step_in_epoch)
        draws = {} if plain or mc else {"noise_query": a["noise_q"][t], "noise_key": a["noise_k"][t]}
        done = step(method, optimizers, now, draws, **{name: a[x][t] for name, x in inputs.items()})
        main, norm = done[-1]
        values = {"loss_total": main.loss}
        if len(done) == 3:
            values |= {
                "regressor_neg": done[0][0].parts["regressor_others"], "local_to_local": done[1][0].loss,
                "clip_limit_local": done[1][0].clip, "grad_norm_local": done[1][1], "grad_norm_main": norm,
                "loss_gg_mean": main.parts["global_loss"], "loss_lg_mean": main.parts["local_global_loss"],
                "acc1": 100 * main.parts["top1"],
            }  # fmt: skip
        for name, value in values.items():
            found.setdefault(name, []).append(value.item())
    outputs = {name: np.array(values) for name, values in found.items()} | final(method, case)
    if not (plain or mc):
        outputs |= state(method.local.regressor, case, "final.regressor.", str)
    return outputs


def logo_simsiam(case: Case) -> Arrays:
    p, a = case.params, tensors(case)
    weights = below("init.encoder.", a) | {k[5:]: v for k, v in a.items() if k.startswith("init.predictor.")}
    plain = settings(p, p["feature_dim"], len(a["x_g1"][0]), len(a["init.regressor.mlp.0.bias"]))
    method: Any = LoGoSimSiam(tiny(weights), plain).double().train()
    method.local.regressor.load_state_dict(below("init.regressor.", a))
    optimizers, found = make_optimizers(method, 1, p["steps"]), {}
    for t in range(p["steps"]):
        views = {"global1": a["x_g1"][t], "global2": a["x_g2"][t], "local1": a["x_l1"][t], "local2": a["x_l2"][t]}
        draws = {"noise_query": a["noise_q"][t], "noise_key": a["noise_k"][t]}
        done = step(method, optimizers, Clock(t, p["steps"], 0, t), draws, **views)
        main, norm = done[-1]
        if p["mode"] == "weighted":
            apart, norms = main.parts["local_local_loss"], (torch.zeros(()), torch.zeros(()))
            similar = main.loss - p["ll_weight"] * apart
        else:
            apart, norms, similar = done[1][0].loss, (done[1][1], norm), main.loss
        values = {
            "loss_sim": similar, "omega": done[0][0].loss, "local_to_local": apart, "grad_norm_local": norms[0],
            "grad_norm_main": norms[1], "loss_gg": main.parts["global_loss"],
            "loss_lg": main.parts["local_global_loss"],
        }  # fmt: skip
        for name, value in values.items():
            found.setdefault(name, []).append(value.item())
    return (
        {name: np.array(values) for name, values in found.items()}
        | state(method.network, case, "final.encoder.")
        | state(method.network, case, "final.predictor.", lambda name: f"predictor.{name}")
        | state(method.local.regressor, case, "final.regressor.", str)
    )


def regressor_losses(case: Case) -> Arrays:
    p, a = case.params, tensors(case)
    sizes = {name: len(a[f"regressor.mlp.{name}.bias"]) for name in (0, 6)}
    dim = a["q_local"].shape[1]
    regressor = Regressor(dim, sizes[0], sizes[6]).double()
    regressor.load_state_dict(below("regressor.", a))
    q = a["q_local"].requires_grad_()
    first, second = q.chunk(2)
    noise = [0.3 / dim**0.5 * a[name] for name in ("noise_q", "noise_k")]
    omega, others = regressor_loss(p["regressor"], regressor, first.detach(), second.detach(), *noise)
    omega.backward()
    gradients = {f"grad_regressor.{n}": w.grad for n, w in regressor.named_parameters() if w.grad is not None}
    gradients = {name: value.clone() for name, value in gradients.items()}
    apart = pair_affinity(p["regressor"], regressor, first, second).mean()
    apart.backward()
    assert q.grad is not None
    outputs = {
        "omega": omega, "pos_mean": omega - others, "neg_mean": others, "local_to_local": apart, "grad_q_local": q.grad,
        **gradients,
    }  # fmt: skip
    return {name: value.detach().numpy() for name, value in outputs.items()} | state(regressor, case, "after.", str)


KINDS: dict[str, Callable[[Case], Arrays]] = {
    "infonce_loss": infonce,
    "moco_trajectory": trajectory,
    "moco_ddp_step": two_processes,
    "split_batchnorm": split,
    "moco_demo_trajectory": demo,
    "logo_moco_trajectory": logo_moco,
    "logo_simsiam_trajectory": logo_simsiam,
    "logo_regressor_losses": regressor_losses,
}
