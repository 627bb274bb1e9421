"""Answers that contradict their status: an error that says it was done, a good answer that says it failed."""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["says_done", "says_failed"]

_DONE = re.compile(
    r"(?<!not )(?<!never )\b(?:success(?:ful|fully)?|succeeded"
    r"|(?:was|were|is|are|been) (?:purchased|bought|ordered|charged|added|provisioned))\b"
    r"|^\W*(?:purchased|bought|ordered|charged|provisioned)\b",
    re.IGNORECASE,
)
_DONE_WORDS = frozenset({"success", "succeeded", "ok", "created", "completed", "complete", "done"})


def says_done(body: object) -> bool:
    """Return whether the *body* of an error says in some place that the thing was done.

    An answer that contradicts itself proves nothing: no refusal is read out of one for which this is true.
    """
    if isinstance(body, dict):
        said = body.get("status")
        if body.get("success") is True or (isinstance(said, str) and said.strip().casefold() in _DONE_WORDS):
            return True
        return any(map(says_done, body.values()))
    if isinstance(body, list):
        return any(map(says_done, body))
    return isinstance(body, str) and _DONE.search(body) is not None


_FAILED_WORDS = frozenset({"error", "fail", "failed", "failure"})


def says_failed(body: object, status: int) -> str | None:
    """Member at the top of *body* that contradicts its good *status* and says that it failed; ``None`` without one.

    Such an answer contradicts itself: neither a purchase nor the end of a list is read out of it.
    """
    if not isinstance(body, dict):
        return None
    said, stated = body.get("status"), body.get("statusCode")
    if isinstance(said, str) and said.strip().casefold() in _FAILED_WORDS:
        return "status says that it failed"
    if isinstance(said, int | Decimal) and not isinstance(said, bool) and said >= 400:
        return "status is the one of an error"
    if isinstance(stated, int | Decimal) and not isinstance(stated, bool) and stated != status:
        return "statusCode is another one than the answer's"
    if body.get("success") is False:
        return "success is false"
    return next((f"{name} is there" for name in ("error", "errors") if body.get(name)), None)
