"""Training one seed of an experiment, from its settings to the encoder's file."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from torch import Tensor, distributed

from gristmill.attributes import attributes
from gristmill.data.packed import Images, count_channels
from gristmill.errors import UserError
from gristmill.lookup import module
from gristmill.methods.method import Method
from gristmill.networks.build import build, encoder_bytes, load_weights
from gristmill.networks.classifier import Classifier
from gristmill.networks.initialize import initialize
from gristmill.networks.parallel import lost, processes
from gristmill.train.checkpoint import Checkpoint, read_state, state_bytes, write
from gristmill.train.keys import generator
from gristmill.train.loop import Monitor, Run
from gristmill.train.precision import choose_device


@dataclass(frozen=True)
class Result:
    """A finished seed: the file of the evaluated network, or of the state that a first phase left; and the history."""

    file: Path
    history: pd.DataFrame


def train_seed(
    images: Images,
    table: pd.DataFrame,
    settings: dict[str, Any],
    seed: int,
    folder: Path,
    name: str = "run",
    monitor: Monitor | None = None,
    start: bytes | None = None,
    ends: str | None = None,
    line: int = 0,
) -> Result:
    """Train one seed, or take it from `folder` where it is finished.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes; may be memory-mapped.
        table: the task.
        settings: of the experiment, as plain nested mappings.
        folder: keeps the unfinished state, then the finished encoder and history.
        name: of the experiment, for messages.
        monitor: evaluation during training.
        start: the state that a first phase left.
        ends: `pretraining`: with the state that the second phase starts from; None: with the evaluated network.
        line: of the terminal, for its progress, where others train beside it.

    Raises:
        UserError: a loss that is not finite, a full disk, a batch larger than the data; of several processes another
            one has ended.
    """
    file, rows = folder / ("pretrained.safetensors" if ends else "encoder.safetensors"), folder / "history.json"
    if not (file.exists() and rows.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        plain = attributes(settings)
        prepare_process(plain.train.threads, plain.train.device)
        checkpoint, recipe = Checkpoint(folder), make_recipe(images, table, settings)
        run = make_run(images, table, plain, seed, checkpoint, name, monitor)
        run.given, run.line = None if start is None else first_state(start, settings, name), line
        stop = run.method.first_phase if ends else None
        try:
            history = run.train(stop)
            content = encoder_bytes(run.method.evaluated, recipe) if stop is None else phase_bytes(run, stop, settings)
        except RuntimeError as error:
            if not lost(error):
                raise
            what = f"{name}, seed {seed}: another of the {processes()} processes has ended, so this one stops too"
            raise UserError(f"{what}; start all again, and they go on from {checkpoint.describe()}") from None
        if first_process():
            write(file, content)
            write(rows, json.dumps(history).encode())
            checkpoint.path.unlink(missing_ok=True)
    return Result(file, pd.DataFrame(json.loads(rows.read_text()) if rows.exists() else history))


def phase_bytes(run: Run, stop: int, settings: dict[str, Any]) -> bytes:
    """The state that a first phase leaves, with the settings that made it; seeds do not matter."""
    tensors, values = run.state(stop)
    return state_bytes(tensors, {**values, "settings": {k: v for k, v in settings.items() if k != "seeds"}})


def first_state(content: bytes, settings: dict[str, Any], name: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state to start from.

    Raises:
        UserError: damaged, or made with other settings.
    """
    try:
        tensors, values = read_state(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise UserError(f"{name}: the state that it starts from is damaged ({error}); pretrain again") from error
    if any(settings.get(key) != value for key, value in values["settings"].items()):
        raise UserError(f"{name}: the state that it starts from was made with other settings; pretrain again")
    return tensors, values


def make_run(
    images: Images,
    table: pd.DataFrame,
    settings: Any,
    seed: int,
    checkpoint: Checkpoint | None = None,
    name: str = "run",
    monitor: Monitor | None = None,
) -> Run:
    """Network, method and run, with first weights drawn from the seed's keys or read from a file."""
    network = build(settings.network, count_channels(images), settings.views.size, count_classes(table))
    initialize(network, generator(seed, "init/network"))
    if isinstance(network, Classifier):
        network.counts.copy_(count_labels(table))
    if settings.network.init != "random":
        load_weights(network.backbone, settings.network.init)
    method = method_class(settings.method)(network, settings)
    method.initialize(generator(seed, "init/method"))
    return Run(method, images, table, settings, seed, checkpoint, monitor, name)


def method_class(name: str) -> type[Method]:
    """The method in `methods/<name>.py`: there is no registry."""
    file = module("methods", name)
    found = [v for v in vars(file).values() if isinstance(v, type) and issubclass(v, Method)]
    return next(v for v in found if v.__module__ == file.__name__)


def make_recipe(images: Images, table: pd.DataFrame, settings: dict[str, Any]) -> dict[str, Any]:
    """What is needed to build the network again and to feed it: nothing that can change while its numbers stay."""
    network = {key: value for key, value in settings["network"].items() if key != "init"}
    views = {key: settings["views"][key] for key in ("recipe", "size", "mean", "std")}
    return {"network": network, "views": views, "channels": count_channels(images), "classes": count_classes(table)}


def count_labels(table: pd.DataFrame) -> Tensor:
    """C: how many training images of each class the learner sees."""
    labels = table["label"].to_numpy()[(table["part"] == "train").to_numpy()]
    return torch.from_numpy(np.bincount(labels, minlength=count_classes(table)))


def count_classes(table: pd.DataFrame) -> int:
    """C: the classes of the labels that the learner sees."""
    labels = table["label"].to_numpy()[(table["part"] == "train").to_numpy()]
    if len(labels) == 0:
        raise UserError("the task has no training images: look at its split in params.yaml")
    return int(labels.max()) + 1


def prepare_process(threads: int, device: str = "auto") -> None:
    """Threads decide the bits, so they are set before the first operation; several processes find each other."""
    torch.set_num_threads(threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it CUDA refuses to be deterministic
    torch.set_deterministic_debug_mode("error")  # as use_deterministic_algorithms, which imports the compiler too
    deterministic: Any = torch.utils.deterministic
    deterministic.fill_uninitialized_memory = False  # a tenth of a step, and nothing here reads unwritten memory
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not distributed.is_initialized():
        on_gpu = choose_device(device).type == "cuda"
        if on_gpu:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        distributed.init_process_group("nccl" if on_gpu else "gloo")


def first_process() -> bool:
    """Whether this process writes what all have made."""
    return not distributed.is_initialized() or distributed.get_rank() == 0
