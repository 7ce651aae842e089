"""Images of one data set as an encoder of another takes them: its channels, its size."""

from dataclasses import dataclass, replace
from typing import ClassVar

from torch import Tensor

from gristmill.views.color import luminance
from gristmill.views.operation import Operation, as_bytes
from gristmill.views.resize import Resize
from gristmill.views.view import View


def adapted(view: View, channels: int, many_sizes: bool) -> View:
    """A view of an encoder, for uint8 images of 1 or 3 channels and of any size.

    Every view ends at the size that the encoder was trained with: the test views of small images stretch each side to
    it, those of large ones cut the middle out. Mean and deviation stay the encoder's own. What is added here comes
    first: `with_channels`; and where images are of many sizes, but the view begins with what needs one size, each side
    of each image is stretched to the encoder's.

    Args:
        view: as a recipe gives it, for any role.
        channels: of the images that the encoder was trained with.
        many_sizes: whether the images are of many sizes (`gristmill.data.packed`).
    """
    before: dict[str, Operation] = {"channels": Channels(channels)}
    if many_sizes and not all(stage.many_sizes for stage in list(view.stages.values())[:1]):
        before["stretch"] = Resize(view.size)
    return replace(view, stages={**before, **view.stages})


def with_channels(images: Tensor, channels: int) -> Tensor:
    """N x C x H x W uint8 to N x channels x H x W: one channel is repeated, three become their luma.

    The luma is PIL's (ITU-R 601, rounded), so that gray that was repeated comes back as it was.

    Args:
        channels: 1 or 3, as C.
    """
    if images.shape[1] == channels:
        return images
    if {images.shape[1], channels} != {1, 3}:
        raise ValueError(f"images of 1 or 3 channels are needed, found {images.shape[1]}, and {channels} wanted")
    return images.repeat(1, 3, 1, 1) if channels == 3 else as_bytes(luminance(images.float()))


@dataclass(frozen=True)
class Channels(Operation):
    """`with_channels`."""

    channels: int
    many_sizes: ClassVar[bool] = True

    def apply(self, images: Tensor) -> Tensor:
        return with_channels(images, self.channels)
