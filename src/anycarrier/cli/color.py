"""Colors of states on a terminal: green for what is well, yellow for what is open, red for what is not."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["COLUMNS", "code_of", "painted", "wanted"]

COLUMNS = frozenset({"state", "status", "outcome", "result"})
"""Headers of columns and names of facts that hold states."""

RESET = "\x1b[0m"
_WORDS = {
    "32": "active ok done bought bound complete completed ported set_up succeeded confirmed released",
    "33": "pending note open placed unknown in_doubt needs_action waiting parked scheduled submitted running queued "
    "not_tried skipped unbinding partial porting_in porting_out releasing needs_loa left_out",
    "31": "absent failed problem rejected refused refuted exhausted cancelled suspended missing orphan late not_bought",
}
_CODES = {word: f"\x1b[{code}m" for code, words in _WORDS.items() for word in words.split()}


def wanted(stream: TextIO) -> bool:
    """Return whether *stream* shows colors: a terminal without ``NO_COLOR``, and any stream with ``FORCE_COLOR``."""
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced is not None:
        return forced not in ("", "0", "false")
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def code_of(name: str, text: str) -> str:
    """The escape sequence before the state *text* of the column or fact *name*; empty for anything else."""
    if name not in COLUMNS:
        return ""
    words = text.casefold().replace("_", " ").split(" ")
    first = (words[0].strip(",;:()"), "_".join(words[:2]).strip(",;:()"))
    return _CODES.get(first[1]) or _CODES.get(first[0], "")


def painted(code: str, text: str) -> str:
    """*text* in a color; unchanged without one."""
    return f"{code}{text}{RESET}" if code and text else text
