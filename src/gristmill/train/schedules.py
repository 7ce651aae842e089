"""Learning rates, one for every step of a run, made at its start."""

from collections.abc import Sequence
from math import cos, pi


def warmup_cosine(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Linear from 0 over `warmup` epochs, then half a cosine down to 0 (MaskCon's released code).

    With n steps an epoch, W warm-up epochs, E epochs, step t: b t / (W n) while t < W n, else
    b (1 + cos(pi (t - W n) / ((E - W) n))) / 2. Step 0 of a warm-up has rate 0.
    """
    start = warmup * epoch_steps
    span = epochs * epoch_steps - start
    return [
        base * t / start if t < start else 0.5 * base * (1 + cos(pi * (t - start) / span))
        for t in range(epochs * epoch_steps)
    ]


def constant(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Linear from 0 over `warmup` epochs, then `base`."""
    start = warmup * epoch_steps
    return [base * t / start if t < start else base for t in range(epochs * epoch_steps)]


def warmed(rates: Sequence[float], length: float, first: float = 0.0, held: bool = False) -> list[float]:
    """Rates times w(t), which rises linearly from `first` to 1 over `length` steps, or is `held` at `first` so long."""
    factors = [first if held else first * (1 - t / length) + t / length for t in range(len(rates)) if t < length]
    return [rate * factor for rate, factor in zip(rates, factors, strict=False)] + list(rates[len(factors) :])


def stepped(base: float, steps: int, milestones: Sequence[int], factor: float) -> list[float]:
    """`base` times `factor` for every milestone that is reached: b g^#(milestones <= t)."""
    return [base * factor ** sum(t >= milestone for milestone in milestones) for t in range(steps)]


def cosine_part(base: float, steps: int) -> list[float]:
    """b cos(7 pi t / (16 T)): down to a fifth of `base` (FixMatch, Sohn et al. 2020)."""
    return [base * cos(7 * pi * t / (16 * steps)) for t in range(steps)]


def warmup_steps(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Linear from 0 over `warmup` epochs, then `base`, times 0.01 at 80 % of the run and again at 90 %.

    As DASO's released code trains Supervised and LDAM: warm-up of 2.5 %, and the first drop one step early.
    """
    steps = epochs * epoch_steps
    return warmed(stepped(base, steps, [round(0.8 * steps) - 1, round(0.9 * steps)], 0.01), warmup * epoch_steps)


def fixmatch_cosine(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """`cosine_part` of the whole run, times a linear rise over `warmup` epochs."""
    return warmed(cosine_part(base, epochs * epoch_steps), warmup * epoch_steps)


SCHEDULES = {"cosine": warmup_cosine, "constant": constant, "steps": warmup_steps, "fixmatch_cosine": fixmatch_cosine}
