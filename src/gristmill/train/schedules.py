"""Learning rates, one for every step of a run, made at its start."""

from collections.abc import Sequence
from math import cos, pi


def half_cosine(base: float, t: float, span: float) -> float:
    """b (1 + cos(pi t / T)) / 2: from `base` at 0 to 0 at `span`."""
    return 0.5 * base * (1 + cos(pi * t / span))


def warmup_cosine(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Linear from 0 over `warmup` epochs, then half a cosine down to 0 (released code of MaskCon, BYOL and SimCLR).

    With n steps an epoch, W warm-up epochs, E epochs, step t: b t / (W n) while t < W n, else
    b (1 + cos(pi (t - W n) / ((E - W) n))) / 2. Step 0 of a warm-up has rate 0.
    """
    start = warmup * epoch_steps
    span = epochs * epoch_steps - start
    return [base * t / start if t < start else half_cosine(base, t - start, span) for t in range(epochs * epoch_steps)]


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


def whole_epochs(rates: Sequence[float], epoch_steps: int) -> list[float]:
    """One rate an epoch, for each of its steps."""
    return [rate for rate in rates for _ in range(epoch_steps)]


def epoch_cosine(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Half a cosine that is taken up at the start of each epoch e = 0, 1, ... (MoCo, SimSiam); linear from 0 before."""
    rates = [half_cosine(base, epoch, epochs) for epoch in range(epochs)]
    return warmed(whole_epochs(rates, epoch_steps), warmup * epoch_steps)


def demo_cosine(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """`epoch_cosine` with epochs counted from 1, so that the last one has rate 0 (MoCo's notebook for CIFAR-10)."""
    rates = [half_cosine(base, epoch, epochs) for epoch in range(1, epochs + 1)]
    return warmed(whole_epochs(rates, epoch_steps), warmup * epoch_steps)


def epochs_stepped(base: float, epochs: int, shares: Sequence[float], factor: float, epoch_steps: int) -> list[float]:
    """`base` times `factor` for every share of the epochs that has passed."""
    milestones = [round(share * epochs) for share in shares]
    return whole_epochs(stepped(base, epochs, milestones, factor), epoch_steps)


def moco_steps(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Times 0.1 at 60 and 80 % of the epochs: 120, 160 of 200 (MoCo v1), 60, 80 of 100 (its linear probe)."""
    return warmed(epochs_stepped(base, epochs, (0.6, 0.8), 0.1, epoch_steps), warmup * epoch_steps)


def from_a_hundredth(rates: Sequence[float], length: float, target: float) -> list[float]:
    """Linear from 0.01 to `target` over `length` steps, then `rates`.

    SupContrast warms up so, over 10 epochs and by itself where the batch is larger than 256. It starts at 0.01 even
    where the rate is smaller.
    """
    rise = [0.01 + t / length * (target - 0.01) for t in range(len(rates)) if t < length]
    return rise + list(rates[len(rise) :])


def supcon_cosine(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Half a cosine over epochs e = 1, 2, ... down to b / 1000, after a rise from 0.01 (SupContrast's code)."""
    floor = base * 0.1**3

    def rate(epoch: float) -> float:
        return floor + half_cosine(base - floor, epoch, epochs)

    rates = whole_epochs([rate(epoch) for epoch in range(1, epochs + 1)], epoch_steps)
    return from_a_hundredth(rates, warmup * epoch_steps, rate(warmup))


def supcon_steps(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Times 0.1 at 70, 80 and 90 % of the epochs, after a rise from 0.01: 700, 800, 900 of 1000 (SupContrast)."""
    rates = epochs_stepped(base, epochs, (0.7, 0.8, 0.9), 0.1, epoch_steps)
    return from_a_hundredth(rates, warmup * epoch_steps, base)


def supcon_linear_steps(base: float, epochs: int, warmup: float, epoch_steps: int) -> list[float]:
    """Times 0.2 at 60, 75 and 90 % of the epochs, after a rise from 0.01: SupContrast's linear classifier."""
    rates = epochs_stepped(base, epochs, (0.6, 0.75, 0.9), 0.2, epoch_steps)
    return from_a_hundredth(rates, warmup * epoch_steps, base)


SCHEDULES = {
    "cosine": warmup_cosine,
    "constant": constant,
    "steps": warmup_steps,
    "fixmatch_cosine": fixmatch_cosine,
    "epoch_cosine": epoch_cosine,
    "demo_cosine": demo_cosine,
    "moco_steps": moco_steps,
    "supcon_cosine": supcon_cosine,
    "supcon_steps": supcon_steps,
    "supcon_linear_steps": supcon_linear_steps,
}
