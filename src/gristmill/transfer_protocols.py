"""The evaluation by which features are judged on other data sets, with its numbers: the name stands for them for good.

As in `gristmill.protocols`, whoever changes a number adds an entry with the next version instead.
"""

from dataclasses import dataclass

from gristmill.protocols import Protocol


@dataclass(frozen=True)
class Sweep(Protocol):
    """Logistic regression, its strength of regularization chosen by validation images, then fitted to all.

    Its objective is sum_i CE(W x_i + b, y_i) + strength / 2 |W|^2. The papers do not say whether they add up or
    average over images; added up, the whole range of strengths is of use.

    Attributes:
        strongest, weakest: exponents of 10.
        count: of strengths, evenly spaced in their exponent.
        held_out: share of each class's training images that validate where there are no images for it.
        seed: of the draw of these.
        iterations: of L-BFGS, at most, for each strength; each starts where the stronger one ended.
        last_iterations: of the last fit, at most.
    """

    strongest: float
    weakest: float
    count: int
    held_out: float
    seed: int
    iterations: int
    last_iterations: int

    @property
    def strengths(self) -> list[float]:
        """From strong to weak."""
        step = (self.weakest - self.strongest) / (self.count - 1)
        return [10 ** (self.strongest + step * place) for place in range(self.count)]


LINEAR_TRANSFER = Sweep(
    "linear_transfer", 1, "Chen et al., SimCLR, ICML 2020 (2002.05709), appendix B.8", "features",
    strongest=5.0, weakest=-6.0, count=45, held_out=0.2, seed=0, iterations=10, last_iterations=200,
)  # fmt: skip
TRANSFER: dict[str, Sweep] = {LINEAR_TRANSFER.name: LINEAR_TRANSFER}
