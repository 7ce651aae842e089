"""Many small images in one picture."""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt
from typing import Any

import numpy as np
from PIL import Image

SIDE = 48  # pixels of a tile, at most


def sprite_sheet(images: Sequence[np.ndarray]) -> dict[str, Any]:
    """Images as square tiles of one picture, row by row.

    Images of one channel become a PNG of 16 grays, others a WebP; smaller files than a page needs to be quick. What
    is not square is fitted in, with nothing (or 0) around it; what is larger than SIDE is made smaller.

    Args:
        images: H x W x C uint8 each, of any sizes.

    Returns:
        side (pixels of a tile), columns, ink (whether the tiles have one channel: 0 is paper, 255 ink), and the
        picture as an address, `data:image/...`.
    """
    side = min(SIDE, max((max(image.shape[:2]) for image in images), default=1))
    columns = max(1, ceil(sqrt(len(images))))
    ink = all(image.shape[2] != 3 for image in images)
    size = (columns * side, max(1, ceil(len(images) / columns)) * side)
    sheet = Image.new("L" if ink else "RGBA", size)
    for place, image in enumerate(images):
        tile = Image.fromarray(np.ascontiguousarray(image if image.shape[2] == 3 else image[..., 0]))
        tile = fitted(tile.convert(sheet.mode), side)
        corner = ((side - tile.width) // 2, (side - tile.height) // 2)
        sheet.paste(tile, (place % columns * side + corner[0], place // columns * side + corner[1]))
    file = BytesIO()
    if ink:
        sheet.quantize(16, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    else:
        sheet.save(file, "WEBP", quality=85, method=4)
    address = f"data:image/{'png' if ink else 'webp'};base64,{b64encode(file.getvalue()).decode()}"
    return {"side": side, "columns": columns, "ink": ink, "picture": address}


def fitted(image: Image.Image, side: int) -> Image.Image:
    """An image whose longer side is this one."""
    longer = max(image.size)
    if longer == side:
        return image
    size = [max(1, round(length * side / longer)) for length in image.size]
    return image.resize((size[0], size[1]), Image.Resampling.BOX if longer > side else Image.Resampling.BILINEAR)
