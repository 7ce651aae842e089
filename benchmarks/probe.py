"""Row 16: logistic regression of 20,000 images with 512 features in 10 classes, to the same objective.

Both standardize the features; that features depend on each other, as those of a trained network do, no scaling mends.
"""

from typing import Any

from benchmarks.measure import alternate, faster, threads, torch
from gristmill.evaluate.linear import Linear, regress
from gristmill.protocols import PROTOCOLS, Regression

CLASSES = 10
TOLERANCE = 1e-5  # of scikit-learn: ends within 1e-5 of our objective


def features(dependent: bool, count: int = 20_000, width: int = 512) -> tuple[torch.Tensor, torch.Tensor]:
    """N x d float32 and labels.

    Args:
        dependent: most of what varies lies in a few directions.
    """
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(count) % CLASSES
    rows = torch.randn(count, width, generator=generator)
    rows += torch.randn(CLASSES, width, generator=generator)[labels] / 5
    if dependent:
        mixed = torch.randn(width, width, generator=generator) * torch.logspace(0, -3, width)[:, None]
        rows = rows @ mixed
    return rows, labels


def protocol() -> Regression:
    """The named evaluation."""
    found = PROTOCOLS["linear_lbfgs_1"]
    assert isinstance(found, Regression)
    return found


def usual(rows: torch.Tensor, labels: torch.Tensor) -> Linear:
    """scikit-learn's, float32; its default tolerance would stop it 1e-4 of the objective too early."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(rows.numpy())
    given = protocol()
    penalty = 1 / (2 * given.l2 * len(rows))
    model = LogisticRegression(C=penalty, tol=TOLERANCE, max_iter=1000)
    model.fit(scaler.transform(rows.numpy()), labels.numpy())
    weight = model.coef_ / scaler.scale_
    return Linear(torch.from_numpy(weight), torch.from_numpy(model.intercept_ - weight @ scaler.mean_))


def own(rows: torch.Tensor, labels: torch.Tensor) -> Linear:
    """The product's, in float64."""
    given = protocol()
    return regress(rows, labels, CLASSES, given.l2, given.iterations)


def objective(classifier: Linear, rows: torch.Tensor, labels: torch.Tensor) -> float:
    """What both minimize: mean cross entropy + l2 |W|^2, W of the standardized features."""
    deviation = rows.double().std(0, correction=0)
    loss = torch.nn.functional.cross_entropy(classifier(rows), labels)
    return float(loss + protocol().l2 * (classifier.weight * deviation).square().sum())


def run() -> list[dict[str, Any]]:
    """The notes say how far above ours the usual objective ends."""
    found = []
    for dependent, gate in ((True, 1.2), (False, 0.6)):
        rows, labels = features(dependent)
        with threads(1):
            ends = [objective(fit(rows, labels), rows, labels) for fit in (usual, own)]
            seconds = alternate({"usual": lambda: usual(rows, labels), "own": lambda: own(rows, labels)})  # noqa: B023
        what = f"linear probe, 20,000 x 512, {'dependent' if dependent else 'independent'} features"
        notes = f"objective {ends[0] / ends[1] - 1:+.1e} of ours"
        found.append(faster("16", what, "scikit-learn L-BFGS, float32", seconds, gate, notes=notes))
    return found


if __name__ == "__main__":
    for row in run():
        print(row)
