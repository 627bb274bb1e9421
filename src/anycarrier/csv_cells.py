"""Cells that no spreadsheet runs and no terminal obeys, and the text that they were made of."""

from __future__ import annotations

import re

__all__ = ["inert", "original"]

_NUMBER = re.compile(r"\+[0-9]{4,15}|-?[0-9]+(\.[0-9]+)?")
"""Text that may begin with a sign: a number in E.164, an amount."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def inert(text: str) -> str:
    """*text* with ``'`` before what could begin a formula, and control characters written out."""
    text = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def original(cell: str) -> str:
    """The text of a cell that :func:`inert` made, or that a person typed."""
    return cell.strip().removeprefix("'")
