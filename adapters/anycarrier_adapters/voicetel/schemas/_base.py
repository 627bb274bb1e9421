"""Envelopes, and the time within a key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from anycarrier.adapter import Details, Record, Text

__all__ = ["Answer", "Note", "Success", "moment"]


class Success(Record):
    """Envelope of every 2xx answer with a body."""

    status: Literal["success"]


class Answer(Success):
    """Answer whose ``data`` is passed on unread."""

    data: dict[str, Any]


class Note(Details):
    """Answer that only says that something was done."""

    message: Text = None


def moment(key: Sequence[str | None] | None) -> datetime | None:
    """The time that a key of several parts ends in, in seconds since 1970; ``None`` where it ends in something else."""
    last = key[-1] if key else None
    try:
        return None if last is None else datetime.fromtimestamp(int(last), UTC)
    except (ValueError, OverflowError, OSError):
        return None
