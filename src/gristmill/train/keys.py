"""All randomness of a run: a generator for every (seed, purpose, step), made anew where it is needed.

Nothing has to be stored or fast-forwarded: the same numbers come whatever the device, the number of processes, or
the step at which a run was resumed.
"""

from hashlib import blake2b

import numpy as np


def generator(seed: int, purpose: str, step: int = 0) -> np.random.Generator:
    """The generator of one purpose (`view/train/query/0`, `order/train`, `draws` ...) at one step.

    Philox counts upwards from its counter, so the step stands in the highest word: neighboring steps share nothing.
    """
    word = int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest(), "little")
    key = np.array([seed, word], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, step], dtype=np.uint64)))
