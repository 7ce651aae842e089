"""What methods of two views find, image by image, beside raw pixels, and what goes in."""

from collections.abc import Sequence
from dataclasses import replace

from gristmill.figures.first import first_views
from gristmill.report.choice import ALL_LABELS, two_views
from gristmill.report.draw_look import Look, gallery_picture, same_images, views_picture
from gristmill.report.pictures import Picture


def draw_view_looks(looks: Sequence[Look], dpi: float) -> list[Picture]:
    """For each set of test images the first method's first views, and a gallery a run, of the same queries.

    Args:
        looks: methods of two views and floors; floors on whose test images no method was run are left out.
    """
    found: list[Picture] = []
    for group in same_images([look for look in looks if len(look.row)]):
        methods = [look for look in group if two_views(look.run["method"])]
        pictures = [gallery_picture(look, dpi, like=group[0]) for look in group] if methods else []
        found += [inputs(look, dpi) for look in methods[:1]] + pictures
    return [replace(picture, family="views", pair="views") for picture in found]


def inputs(look: Look, dpi: float) -> Picture:
    """The two views of the first images, and what is told of them."""
    places, views = first_views(look.images, look.table, look.run["train"], look.seed, two_views=True)
    seen = look.table.iloc[places]
    told = list(seen["label_name"]) if look.run["method"] in ALL_LABELS else []
    return views_picture(look, seen["row"].to_numpy(), told, views, dpi)
