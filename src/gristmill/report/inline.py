"""Files as parts of a page: drawings in its colors, pictures and tables as data."""

import re
from base64 import b64encode

from markupsafe import Markup

from gristmill.figures.theme import GRID, INK, PALE

COLORS = {INK: "currentColor", PALE: "var(--pale)", GRID: "var(--grid)", "#ffffff": "var(--paper)"}


def drawing(content: bytes, name: str, alt: str) -> Markup:
    """An SVG of `figures.save.svg` as part of a page: colors of the page, ids of its own, no links.

    Args:
        name: makes its ids different from other drawings'.
        alt: what it says.
    """
    text = content.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    head, rest = text[: text.index(">")], text[text.index(">") :]
    text = re.sub(r'\s(xmlns(:\w+)?|width|height|version)="[^"]*"', "", head) + rest
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(xlink:)?href="#', f'href="#{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    for color, own in COLORS.items():
        text = re.sub(rf"(?<=[ :]){color}(?=[;\"])", own, text)
    return Markup(text.replace("<svg", Markup('<svg role="img" aria-label="{}"').format(alt), 1))


def data_uri(content: bytes | str, kind: str) -> str:
    """Content as an address, `data:<kind>;base64,...`."""
    raw = content.encode() if isinstance(content, str) else content
    return f"data:{kind};base64,{b64encode(raw).decode()}"


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG, pixels."""
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
