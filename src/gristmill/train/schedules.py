"""Learning rates, one for every step of a run, made at its start."""

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


SCHEDULES = {"cosine": warmup_cosine, "constant": constant}
