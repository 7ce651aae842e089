"""How a committed table is read that may be missing."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

if TYPE_CHECKING:
    import pandas as pd


class EvidenceDataset(AbstractDataset[Any, Any]):
    """A CSV file; empty where it is not there. Read only: scripts/evidence.py writes it."""

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None):
        self.path = Path(filepath)
        self._filepath = self.path  # kedro viz looks for it
        self.metadata = metadata

    def load(self) -> "pd.DataFrame":
        """The table."""
        import pandas as pd

        return pd.read_csv(self.path) if self.path.exists() else pd.DataFrame()

    def save(self, data: Any) -> None:
        """Refused."""
        raise NotImplementedError(f"{self.path} is made by scripts/evidence.py")

    def _exists(self) -> bool:
        return self.path.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path)}
