"""SimCLR with stable-pretraining, in an environment that has it; started by benchmarks/other_libraries.py.

Written for stable-pretraining 0.1.8. Imports torch, that library and Lightning, which it is made on. The argument is
JSON: data (a file of N x 3 x H x W, uint8), size, batch, threads, workers, precision. The last line printed is JSON:
the library's version and the clock where each step starts.
"""

import json
import sys
from importlib.metadata import version
from time import perf_counter

import lightning  # pyright: ignore[reportMissingImports]
import stable_pretraining as spt  # pyright: ignore[reportMissingImports]
import torch
from stable_pretraining.data import transforms  # pyright: ignore[reportMissingImports]
from stable_pretraining.forward import simclr  # pyright: ignore[reportMissingImports]
from torch.utils.data import DataLoader, TensorDataset


def view(size: int):
    """The operations of Gristmill's `moco_cifar`."""
    return transforms.Compose(
        transforms.RandomResizedCrop((size, size), scale=(0.2, 1.0)),
        transforms.RandomHorizontalFlip(p=0.5),
        transforms.ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, p=0.8),
        transforms.RandomGrayscale(p=0.2),
        transforms.ToImage(mean=[0.5] * 3, std=[0.25] * 3),
    )


def main(wanted: dict) -> None:
    """An epoch."""
    torch.set_num_threads(wanted["threads"])
    both = transforms.MultiViewTransform([view(wanted["size"]), view(wanted["size"])])
    images = spt.data.FromTorchDataset(TensorDataset(torch.load(wanted["data"])), names=["image"], transform=both)
    loader = DataLoader(images, wanted["batch"], shuffle=True, num_workers=wanted["workers"], drop_last=True)
    backbone, marks = spt.backbone.from_torchvision("resnet18", low_resolution=True), []
    backbone.conv1.register_forward_pre_hook(lambda *_: marks.append(perf_counter()))
    module = spt.Module(
        forward=simclr,
        backbone=backbone,
        projector=torch.nn.Sequential(torch.nn.Linear(512, 512), torch.nn.ReLU(), torch.nn.Linear(512, 128)),
        simclr_loss=spt.losses.NTXEntLoss(temperature=0.1),
        optim={"optimizer": {"type": "SGD", "lr": 0.06, "momentum": 0.9, "weight_decay": 5e-4}},
    )
    trainer = lightning.Trainer(
        max_epochs=1, accelerator="cpu", devices=1, precision=wanted["precision"], logger=False,
        enable_checkpointing=False, enable_progress_bar=False, num_sanity_val_steps=0, limit_val_batches=0,
    )  # fmt: skip
    trainer.fit(module, datamodule=spt.data.DataModule(train=loader))
    print(json.dumps({"version": version("stable-pretraining"), "marks": marks[::2]}))  # a forward pass for each view


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
