"""SimCLR with lightly-train, in an environment that has it; started by benchmarks/other_libraries.py.

Written for lightly-train 0.18.0 (AGPL-3.0: never a dependency of Gristmill, and nothing of it is here). Imports torch,
that library and torchvision, whose networks it trains. The argument is JSON: data (a folder of PNG files), size, batch,
threads, workers, precision. The last line printed is JSON: the library's version and the clock where each step starts.
"""

import json
import sys
from importlib.metadata import version
from time import perf_counter

import lightly_train  # pyright: ignore[reportMissingImports]
import torch
from torchvision.models import resnet18


def main(wanted: dict) -> None:
    """An epoch."""
    torch.set_num_threads(wanted["threads"])
    network, marks = resnet18(), []
    network.conv1 = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False)  # as for small images
    network.maxpool = torch.nn.Identity()  # pyright: ignore[reportAttributeAccessIssue]
    network.conv1.register_forward_pre_hook(lambda *_: marks.append(perf_counter()))
    lightly_train.pretrain(
        out="out",
        data=wanted["data"],
        model=network,
        method="simclr",
        method_args={"hidden_dim": 512, "output_dim": 128, "batch_norm": False, "temperature": 0.1},
        epochs=1,
        batch_size=wanted["batch"],
        num_workers=wanted["workers"],
        devices=1,
        accelerator="cpu",
        precision=wanted["precision"],
        optim="sgd",
        optim_args={"lr": 0.06, "momentum": 0.9, "weight_decay": 5e-4},
        transform_args={  # the operations of Gristmill's `moco_cifar`
            "image_size": (wanted["size"], wanted["size"]),
            "random_resize": {"min_scale": 0.2},
            "color_jitter": {
                "prob": 0.8, "strength": 1.0, "brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1,
            },
            "random_gray_scale": 0.2,
            "gaussian_blur": None,
            "normalize": {"mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25)},
        },
        loggers={"tensorboard": None},
        trainer_args={"enable_progress_bar": False},
    )  # fmt: skip
    print(json.dumps({"version": version("lightly-train"), "marks": marks}))  # one forward pass for both views


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
