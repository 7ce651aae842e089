"""Products of many rows with many rows: the one place of losses and evaluation that chooses how."""

import torch
from torch import Tensor


def similarity(a: Tensor, b: Tensor) -> Tensor:
    """All inner products of the rows of `a` with the rows of `b`: cosines where the rows have length 1.

    Args:
        a: N x D.
        b: M x D, of the same type and on the same device.

    Returns:
        N x M, `a @ b.T` in the precision of the inputs. float32 on a CPU goes through oneDNN where torch's own
        product goes through MKL, which is 1.6 to 4 times slower on processors that are not Intel's; the two agree
        to rounding. A product that must carry a gradient is torch's own.
    """
    through_onednn = (
        ONEDNN
        and a.dtype == torch.float32 == b.dtype
        and a.device.type == "cpu" == b.device.type
        and a.shape[1] > 0  # oneDNN has no product of empty rows
        and not (torch.is_grad_enabled() and (a.requires_grad or b.requires_grad))
    )
    return onednn_product(a, b) if through_onednn else a @ b.T


def onednn_product(a: Tensor, b: Tensor) -> Tensor:
    """`a @ b.T` by a private operator of torch: keep out of reach of anything but `similarity`."""
    return torch.ops.mkldnn._linear_pointwise(a, b, None, "none", [], "")


def onednn_works() -> bool:
    """Whether this torch has the operator, with the meaning it had, and would otherwise use MKL.

    Decided by what is installed, never by a trial of speed: the same machine must choose alike every time, since
    the choice moves the last bits.
    """
    if not (torch.backends.mkl.is_available() and torch.backends.mkldnn.is_available()):
        return False
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0], [7.0, 8.0], [9.0, 10.0]])
    try:
        return torch.equal(onednn_product(a, b), torch.tensor([[17.0, 23.0, 29.0], [39.0, 53.0, 67.0]]))
    except (AttributeError, RuntimeError, TypeError):
        return False


ONEDNN = onednn_works()
