"""The first views of a run, exactly as its trainer makes them."""

from typing import Any, cast

import numpy as np
import pandas as pd
import torch

from gristmill.attributes import attributes
from gristmill.data.packed import Images
from gristmill.figures.sheets import restored
from gristmill.methods.method import Method
from gristmill.methods.query_key import QueryKeyMethod
from gristmill.methods.two_views import TwoViews
from gristmill.train.batches import Batches
from gristmill.views.recipes import recipe


class Shown:
    """Stands in for a method whose batches are looked at: it has their streams, and nothing to train."""

    streams, draw = QueryKeyMethod.streams, Method.draw

    def __init__(self, settings: Any):
        self.settings = settings


class ShownTwoViews(Shown):
    """The same, of a method that compares two views: its local crops, if it has some, are left out."""

    streams, VIEWS = TwoViews.streams, TwoViews.VIEWS


def first_views(
    images: Images, table: pd.DataFrame, settings: dict[str, Any], seed: int, count: int = 8, two_views: bool = False
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The first images of step 0 and their views, from the trainer's own batches.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        settings: of the training of a method with query and key views, or with two.
        two_views: whether it has two.

    Returns:
        places in `table` (count), and view -> count x size x size x C uint8.
    """
    plain = attributes(settings)
    method = cast(Method, (ShownTwoViews if two_views else Shown)(plain))
    (name, stream), = method.streams().items()
    places = (table["part"] == stream.part).to_numpy().nonzero()[0]
    train = table.iloc[places]
    rows, labels = (torch.tensor(train[column].to_numpy(), dtype=torch.long) for column in ("row", "label"))
    views = {role: recipe(plain.views, role) for role in stream.views.values()}
    batches = Batches(method, images, {name: rows}, {name: labels}, views, seed, torch.device("cpu"))
    batch = getattr(batches(0), name)
    mean, std = settings["views"]["mean"], settings["views"]["std"]
    seen = {view: restored(getattr(batch, view)[:count].numpy(), mean, std) for view in stream.views}
    return places[batch.index[:count].numpy()], seen
