"""Modules that are loaded when something in them is first wanted.

pydantic takes as long to import as an HTTP library does, and most programs read nothing that needs it: their searches
and lists are read without.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["later"]


class _Later:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._name), name)
        setattr(self, name, value)
        return value


def later(name: str) -> Any:
    """The module of this name, to be loaded at the first look at something in it.

    For a type checker it is imported as always: ``if TYPE_CHECKING: from . import schemas`` and ``else: schemas =
    later(...)``.
    """
    return _Later(name)
