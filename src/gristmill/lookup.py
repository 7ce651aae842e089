"""Modules that params.yaml names: the one place where something is imported by name.

What is imported here cannot be seen in the text of the importing module; fingerprint.py is told of it.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from gristmill.errors import UserError


def module(folder: str, name: str) -> ModuleType:
    """The module gristmill.<folder>.<name>: a method, its parameters, a source of images.

    Raises:
        UserError: there is no such module.
    """
    path = f"gristmill.{folder}.{name}"
    if not name.isidentifier() or find_spec(path) is None:
        raise UserError(f"there is no module '{name}' in gristmill/{folder}")
    return import_module(path)
