"""What all methods with a query encoder, a key encoder and a memory read of params.yaml."""

from typing import Self

from pydantic import model_validator

from gristmill.parameters.sections import Memory, Monitor, Network, Step, Training, Views, refuse


class QueryKeyStep(Step):
    """Everything but the loss."""

    network: Network
    memory: Memory
    views: Views
    train: Training
    monitor: Monitor

    @model_validator(mode="after")
    def memory_of_whole_batches(self) -> Self:
        """The memory is filled batch by batch: K is a multiple of N."""
        size, batch = self.memory.size, self.train.batch
        if size % batch:
            below = size // batch * batch
            ways = f"{below} or {below + batch} would do" if below else f"{batch} would do"
            what = f"memory.size {size} is not a multiple of train.batch {batch}; {ways}"
            raise refuse(what, "memory", "train")
        return self
