"""Suggestions for a mistyped name, in one wording wherever a name is refused."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["meant", "meant_or_all"]


def meant(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` with the nearest of *known*; empty where none is near."""
    from difflib import get_close_matches  # imported only once a name is wrong

    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), list(names), 1)
    return f"; did you mean {names[near[0]]}?" if near else ""


def meant_or_all(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?``, or else ``; there are: `` with every name."""
    names = list(known)
    return meant(word, names) or f"; there are: {', '.join(names) or 'none'}"
