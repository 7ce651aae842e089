"""Folders of real data that a test may need."""

import os
from pathlib import Path

import pytest

DEBIAN = "/usr/share/datasets/fashion-mnist"


@pytest.fixture
def fashion_folder() -> Path:
    """The four files of Fashion-MNIST."""
    folder = Path(os.environ.get("GRISTMILL_FASHION", DEBIAN))
    if not folder.is_dir():
        pytest.skip(
            "GRISTMILL_FASHION does not name a folder with the files of Fashion-MNIST, nor did Debian put it there"
        )
    return folder
