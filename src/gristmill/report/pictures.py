"""A picture with all that the page says about it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Picture:
    """One figure, drawn.

    Attributes:
        name: of its files, without mode and suffix.
        section: of the page: `longer`, `figures` or `look`.
        title: what it shows.
        caption: what to see in it.
        alt: what it says, for who does not see it.
        settings: what it was made with, in a line.
        data: the numbers in it, as CSV; empty where it shows images alone.
        pair: pictures of one pair stand side by side.
        family: of methods that it belongs to: `coarse`, `few`, `views`, or `together` for all.
        files: name -> content; `<name>.svg`, or `<name>_light.png` and `<name>_dark.png`.
    """

    name: str
    section: str
    title: str
    caption: str
    alt: str
    settings: str = ""
    data: str = ""
    pair: str = ""
    family: str = "coarse"
    files: dict[str, bytes] = field(default_factory=dict)

    def about(self) -> dict[str, Any]:
        """All but the content of its files, for JSON."""
        return {**asdict(self), "files": sorted(self.files)}


def contents(pictures: Iterable[Picture]) -> dict[str, bytes]:
    """File name -> content, of all pictures."""
    return {name: content for picture in pictures for name, content in picture.files.items()}


def put_together(about: Sequence[dict[str, Any]], files: dict[str, bytes]) -> list[Picture]:
    """What `about` and `contents` took apart."""
    return [Picture(**{**entry, "files": {name: files[name] for name in entry["files"]}}) for entry in about]
