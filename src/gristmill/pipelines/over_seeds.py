"""Figures of several seeds in one."""


def over_seeds(metrics: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean of each figure that all seeds have, and its sample deviation (ddof 1) where there are several seeds."""
    import numpy as np

    shared = [name for name in metrics[0] if all(name in seed for seed in metrics)]
    values = {name: np.array([seed[name] for seed in metrics], float) for name in shared}
    found = {"mean": {name: float(value.mean()) for name, value in values.items()}}
    if len(metrics) > 1:
        found["sd"] = {name: float(value.std(ddof=1)) for name, value in values.items()}
    return found
