"""What a person sees while a run trains: a bar on a terminal, a line now and then in a log."""

import sys
from shutil import get_terminal_size
from time import monotonic

from tqdm import tqdm

LINE_EVERY = 10.0  # seconds between two lines of a log
FORM = "  {desc} {bar} {percentage:3.0f} %  step {n_fmt}/{total_fmt}  TEXT  {remaining} left"  # tqdm puts a comma first


class Progress:
    """Progress of one run, on stderr.

    Args:
        name: of the experiment, with its seed.
        first, steps: the step that comes first and the number of steps in all.
        images: in a step, for the rate.
        silent: of several processes one speaks.
        line: of the terminal, below others that are drawn by other processes.
    """

    def __init__(self, name: str, first: int, steps: int, images: int, silent: bool = False, line: int = 0):
        self.name, self.first, self.steps, self.images = name, first, steps, images
        self.started = self.spoken = monotonic()
        self.silent, self.terminal = silent, sys.stderr.isatty() and not silent
        columns, rows = get_terminal_size()  # never 0, as some terminals say, and tqdm then draws nothing
        self.bar = tqdm(
            total=steps,
            initial=first,
            desc=f"train  {name}",
            bar_format=FORM.replace("TEXT  ", ""),
            ncols=columns - 1,
            nrows=rows,
            position=line,
            disable=not self.terminal,
        )

    def update(self, step: int, waited: float | None, loss: float | None) -> None:
        """After step `step`; `waited` seconds in all were spent on data, `loss` is the newest; None: not known."""
        now = monotonic()
        if self.terminal:
            self.bar.update(1)
            if now - self.spoken < 0.2:
                return
        elif self.silent or now - self.spoken < LINE_EVERY:
            return
        self.spoken = now
        text = self.text(step + 1, now, waited, loss)
        if self.terminal:
            self.bar.bar_format = FORM.replace("TEXT", text)
            self.bar.refresh()
        else:
            left = (now - self.started) / (step + 1 - self.first) * (self.steps - step - 1)
            share = f"{100 * (step + 1) / self.steps:3.0f} %  step {step + 1}/{self.steps}"
            print(f"  train  {self.name}  {share}  {text}  {left:.0f} s left", file=sys.stderr, flush=True)

    def text(self, done: int, now: float, waited: float | None, loss: float | None) -> str:
        """Loss, rate and the share of time spent on data."""
        spent = max(now - self.started, 1e-9)
        rate = (done - self.first) * self.images / spent
        shown = "" if loss is None else f"loss {loss:.3f}  "
        data = "" if waited is None else f"  data {100 * waited / spent:.0f} %"
        return f"{shown}{rate:,.0f} img/s{data}"

    def close(self) -> None:
        """The last line."""
        self.bar.close()
        if not self.terminal and not self.silent and self.steps:
            seconds = monotonic() - self.started
            print(f"  train  {self.name}  done in {seconds:.0f} s", file=sys.stderr, flush=True)
