"""What the encoders of an experiment know about a task: with how many labels, and of images that are corrupted."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import Tensor

    from gristmill.data.packed import Images
    from gristmill.evaluate.ask import Change
    from gristmill.pipelines.questions import Fit

    Corrupted = Callable[[np.ndarray, str, int, str, int, np.ndarray], np.ndarray]

COLUMNS = ["seed", "protocol", "labels", "corruption", "severity", "figure", "value"]
CLEAN = "clean"
SEVERITIES = (1, 2, 3, 4, 5)


def probe_encoders(
    name: str,
    images: "Images",
    table: "pd.DataFrame",
    encoders: "dict[str, Callable[[], tuple[dict[str, Tensor], dict[str, Any]]]]",
    settings: dict[str, Any],
) -> "pd.DataFrame":
    """`answers` by all named protocols, of the 15 corruptions that count.

    Args:
        name: for the progress bar.
    """
    from gristmill.corruptions import CORRUPTIONS
    from gristmill.evaluate.corrupt.corrupted import corrupted
    from gristmill.evaluate.transfer import fit_transfer
    from gristmill.transfer_protocols import TRANSFER

    fits = {one: lambda *given: fit_transfer(*given).classifier for one in TRANSFER}
    more = {"fits": fits, "corrupted": corrupted, "corruptions": CORRUPTIONS, "name": name}
    return answers(images, table, encoders, settings, **more)


def answers(
    images: "Images",
    table: "pd.DataFrame",
    encoders: "dict[str, Callable[[], tuple[dict[str, Tensor], dict[str, Any]]]]",
    settings: dict[str, Any],
    *,
    fits: "Mapping[str, Fit] | None" = None,
    corrupted: "Corrupted | None" = None,
    corruptions: Sequence[str] = (),
    name: str = "probe",
) -> "pd.DataFrame":
    """Fit each protocol to a task's training images, all or so many a class; ask it about the test images.

    The encoders may come from other images: `evaluate.adapted` says how these are shown to them. Images without a fine
    label take no part. A class without training images is missed and counts; one without test images counts in no
    figure. Of a task of one class every figure is 1.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        encoders: seed -> function that reads tensors and recipe.
        settings: `protocols`: names of `gristmill.protocols`, of `fits`, and `finetune_1`; `labels`: counts of images a
            class (`labels.nested.by_count`), None: all; `corruptions`: None, or the table that `corrupted` is given;
            `batch`, images at a time; `threads`.
        fits: further protocols on the backbone's features, by name: function of training images (features N x d,
            labels N), images to choose by (of the part `validation`; None where the task has none, and where not
            all training images are taken) and number of classes, that gives a function from features to scores.
        corrupted: images N x H x W x C uint8, name, severity, table, seed, rows N -> uint8 of the same shape.
        corruptions: names that it is asked for, each with severities 1 to 5.
        name: for the progress bar.

    Returns:
        a row a figure: seed, protocol, labels (a class; NaN: all), corruption (`clean` without), severity (0 clean),
        figure (`top1`, `top5`, `mean_class`), value (0 to 1). What is drawn depends on the seed, not on the encoder: of
        a seed all encoders have the same labeled images and the same corrupted ones.

    Raises:
        UserError: images that are not those of the task, no training or test image, an encoder that has diverged.
        ValueError: an unknown protocol, corruptions without their function.
    """
    import pandas as pd
    from tqdm import tqdm

    from gristmill.evaluate.ask import Question, ask
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.questions import Encoder, Fitting, asked, known, subsets
    from gristmill.pipelines.restore import restored

    check_intact(images, table)
    found = []
    for seed, own, network, view in restored(table, encoders, settings["threads"]):
        encoder = Encoder(network, view, encoders[seed]()[1], images, settings["batch"])
        task = known(asked(own, settings["tests"], int(seed)))
        fitted, chosen = Fitting(encoder, task, int(seed), fits or {}), subsets(own, settings["labels"], int(seed))
        questions = [Question(one, n, *fitted(one, some)) for one in settings["protocols"] for n, some in chosen]
        shown = conditions(settings["corruptions"], corrupted, corruptions, int(seed))
        for kind, severity, change in tqdm(shown, f"  {name}  seed {seed}", mininterval=1, disable=len(shown) < 2):
            given = ask(questions, images, *task.of("test"), settings["batch"], change)
            for question, answer in zip(questions, given, strict=True):
                key = (int(seed), question.protocol, question.labels, kind, severity)
                found += [(*key, figure, value) for figure, value in answer.items()]
    return pd.DataFrame(found, columns=pd.Index(COLUMNS)).astype({"labels": "float64", "value": "float64"})


def conditions(
    table: str | None, corrupted: "Corrupted | None", names: Sequence[str], seed: int
) -> "list[tuple[str, int, Change | None]]":
    """Name, severity and change of the images (None: as they are)."""
    clean = (CLEAN, 0, None)
    if table is None:
        return [clean]
    if corrupted is None or not names:
        raise ValueError(f"corruptions: {table}: the function that corrupts and the names it knows are needed")

    def change(name: str, severity: int, images: "np.ndarray", rows: "np.ndarray") -> "np.ndarray":
        return corrupted(images, name, severity, table, seed, rows)

    return [clean, *((name, severity, partial(change, name, severity)) for name in names for severity in SEVERITIES)]
