"""The purchase journal as the command line uses it: always one, the same for every command unless told otherwise."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from anycarrier.cli.context import Context
from anycarrier.errors import ConfigurationError, JournalError
from anycarrier.purchase import AttemptState, journal
from anycarrier.settings import environment_value

if TYPE_CHECKING:
    from anycarrier.numbers import PhoneNumber
    from anycarrier.purchase import Journal
    from anycarrier.purchase.journal import Entry

__all__ = ["forget", "place", "reading", "shown", "writing"]

PATIENCE = 5.0
"""Seconds in which another process may let go of the journal, for a note of a moment."""


def place(context: Context) -> str | Path:
    """Where the journal is: a path, or the address of a PostgreSQL, which may hold a password."""
    named = getattr(context.args, "journal", None) or environment_value("ANYCARRIER_JOURNAL")
    try:
        return named or journal.default_path()
    except RuntimeError:  # pathlib's way to say that there is no home folder
        raise ConfigurationError(
            "there is no home folder to keep the purchase journal in: set HOME, or name a file with ANYCARRIER_JOURNAL"
        ) from None


def shown(where: str | Path) -> str:
    """*where* without anything secret."""
    if not _is_postgres(where):
        return str(where)
    try:
        parts = urlsplit(str(where))
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "postgresql://..."
    user = f"{parts.username}@" if parts.username else ""
    return f"postgresql://{user}{host}{parts.path}"


def writing(context: Context) -> Journal:
    """The journal, made where there is none."""
    return journal.open(place(context))


def reading(context: Context) -> Journal | None:
    """The journal to read, also while another process writes; ``None`` where there is none yet."""
    where = place(context)
    if not _is_postgres(where) and not Path(where).exists():
        return None
    return journal.open(where, readonly=True)


def forget(context: Context, provider: str, account: str, number: PhoneNumber) -> str | None:
    """Note in the journal, if there is one, that a number is not ours any more; in words what went wrong, if anything.

    Otherwise it would count as ours, and could not be bought again.
    """
    try:
        book = reading(context)
        if book is None:
            return None
        with book:
            entries = book.entries(provider, account)
        if not any(_is_ours(entry) and entry.attempt.draft.number == number for entry in entries):
            return None
        for wait in (0.1, 0.4, 1.5, PATIENCE - 2.0, None):
            try:
                with writing(context) as book:
                    book.released(provider, account, number)
                return None
            except JournalError:
                if wait is None:
                    raise
                time.sleep(wait)
    except JournalError as error:
        return f"{number} was given up, and the journal does not know: {error}"
    return None


def _is_ours(entry: Entry) -> bool:
    return entry.live or entry.attempt.state is AttemptState.ORPHAN


def _is_postgres(where: str | Path) -> bool:
    return str(where).startswith(("postgresql://", "postgres://"))
