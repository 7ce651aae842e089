"""How alike an encoder holds crops of one image to be, as rows of a table."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from gristmill.data.packed import Images


def pair_rows(
    images: "Images",
    table: "pd.DataFrame",
    encoder: "tuple[dict[str, Tensor], dict[str, Any]]",
    views: dict[str, Any],
    seed: int,
) -> "pd.DataFrame":
    """Crops of every test image, and the share of their pairs in each bin of cosines.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task, of one seed.
        encoder: tensors and recipe.
        views: section `views` of a method with local crops: the crops that are drawn, whatever the encoder was trained
            with, so that encoders are shown the same ones.
        seed: of the crops.

    Returns:
        columns pair, low, high, share; bins without a pair are left out.
    """
    import numpy as np
    import pandas as pd

    from gristmill.attributes import attributes
    from gristmill.evaluate.pairs import crop_features, pair_cosines, shares
    from gristmill.pipelines.restore import restore
    from gristmill.train.keys import generator
    from gristmill.views.recipes import recipe

    settings = attributes(views)
    drawn = {role: recipe(settings, role) for role in ("global", "local")}
    rows = table.loc[table["part"] == "test", "row"].to_numpy(np.int64)
    crops = crop_features(restore(*encoder), images, rows, drawn, generator(seed, "pairs"))
    parts = []
    for pair, cosines in pair_cosines(crops).items():
        share, edges = shares(cosines)
        part = pd.DataFrame({"pair": pair, "low": edges[:-1], "high": edges[1:], "share": share})
        parts.append(part.loc[part["share"] > 0])
    return pd.concat(parts, ignore_index=True)
