"""Settings as what takes them likes them."""

from types import SimpleNamespace
from typing import Any


def attributes(settings: Any) -> Any:
    """Nested mappings as objects with attributes; everything else as it is."""
    if isinstance(settings, dict):
        return SimpleNamespace(**{name: attributes(value) for name, value in settings.items()})
    return settings
