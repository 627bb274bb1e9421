"""Hooks for PyInstaller, which finds them by the entry point group ``pyinstaller40``.

Adapters, transports and commands are imported by name, where PyInstaller does not see them.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["folders"]


def folders() -> list[str]:
    """Return the folders with our hooks."""
    return [str(Path(__file__).parent)]
