"""Ids of Leadping's, which stand in paths."""

from __future__ import annotations

import re

from anycarrier.adapter import InvalidInput, shape

__all__ = ["checked_id", "is_id"]

_NOT_IN_IDS = "/ \\ ? # %"


def is_id(value: str) -> bool:
    """Return whether *value* can stand in a path as an id."""
    return (
        value not in (".", "..")
        and re.fullmatch("[!-~]{1,200}", value) is not None
        and frozenset(_NOT_IN_IDS).isdisjoint(value)
    )


def checked_id(name: str, value: str) -> str:
    """Return *value*, or raise ``InvalidInput``: Leadping documents no form of its ids, but not all text can be one."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text, an id as Leadping gives them, not {shape(value)}")
    if not is_id(value):
        raise InvalidInput(
            f"{name} must be an id as Leadping gives them, of 1 to 200 ASCII characters without spaces and "
            f"{_NOT_IN_IDS}, got {shape(value)}"
        )
    return value
