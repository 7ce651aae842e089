"""CIFAR-10: 60,000 photographs of 10 classes. Krizhevsky: Learning multiple layers of features (2009)."""

from pathlib import Path
from typing import Any

from gristmill.data import cifar
from gristmill.data.cifar_layout import Batch, Layout
from gristmill.data.source import Samples

LAYOUT = Layout(
    name="cifar10",
    archive="cifar-10-python.tar.gz",
    archive_md5="c58f30108f718f92721af3b95e74349a",
    folder="cifar-10-batches-py",
    batches=(
        Batch("train", "data_batch_1", "c99cafc152244af753f735de768cd75f", 10_000),
        Batch("train", "data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec", 10_000),
        Batch("train", "data_batch_3", "54ebc095f3ab1f0389bbae665268c751", 10_000),
        Batch("train", "data_batch_4", "634d18415352ddfa80567beed471001a", 10_000),
        Batch("train", "data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb", 10_000),
        Batch("test", "test_batch", "40351d587109b95175f43aff81a1287e", 10_000),
    ),
    fine_key="labels",
    fine_column="label",
    fine_names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
)


def files(settings: Any) -> list[Path]:
    """The files that `read` will open, see `cifar.find_files`."""
    return cifar.find_files(settings, LAYOUT)


def read(settings: Any) -> Samples:
    """Read the set from the folder `settings.path`, see `cifar.read_set`."""
    return cifar.read_set(settings, LAYOUT)
