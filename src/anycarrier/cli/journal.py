"""The purchase journal of the command line: the same one for every command, unless an option names another."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from anycarrier.attempt import AttemptState
from anycarrier.cli.context import Context
from anycarrier.cli.output import warn
from anycarrier.errors import ConfigurationError, JournalError
from anycarrier.purchase import journal
from anycarrier.settings import environment_value

if TYPE_CHECKING:
    from anycarrier.numbers import PhoneNumber
    from anycarrier.provider import Provider
    from anycarrier.purchase import Journal
    from anycarrier.purchase.journal import AttemptRecord

__all__ = ["candid", "existing", "forget", "place", "reading", "recording", "shown", "uses", "writing"]

PATIENCE = 5.0
"""Seconds to wait for a journal that another process holds."""


def place(context: Context) -> str | Path:
    """The place of the journal: a path, or the address of a PostgreSQL, which may hold a password."""
    named = context.args.journal
    if named is None:
        named = environment_value("ANYCARRIER_JOURNAL")
        if named and re.search(r"\s#", named):
            raise ConfigurationError(
                "ANYCARRIER_JOURNAL holds a # after a space, which would count as part of the place: write it without "
                "a comment"
            )
    if named == ":memory:":
        raise ConfigurationError("a journal in memory is gone when this command ends: name a file, or postgresql://...")
    return named or journal.default_path()


def shown(where: str | Path) -> str:
    """*where* without anything secret."""
    return journal.shown(where)


@contextmanager
def writing(context: Context, *, create: bool = True) -> Iterator[Journal]:
    """The journal, for writing; *create* makes one where there is none."""
    with candid(context), journal.open(place(context), create=create) as book:
        yield book


@contextmanager
def candid(context: Context) -> Iterator[None]:
    """Add to an error of the journal whether anything may have been sent.

    An order under the same id may have been carried out, unless the journal can be read and does not have it.
    """
    try:
        yield
    except JournalError as error:
        if error.maybe_applied or error.purchase is not None or error.code == "missing":
            raise
        untouched = _is_untouched(context)
        sent = "Nothing was sent" if untouched else "An earlier order may have been carried out"
        raise JournalError(f"{error.message}. {sent}", code=error.code, maybe_applied=not untouched) from None


def _is_untouched(context: Context) -> bool:
    """Return whether no purchase of this command can have begun."""
    name = context.args.request_id
    if name is None and context.args.command != "recover":
        return True
    try:
        with reading(context) as book:
            names = book.request_ids(unfinished=True) if name is None else [name]
            if name is not None and book.ports(request_id=name):
                return False
            return not any(snapshot.entries for one in names for snapshot in book.standing(one) or ())
    except JournalError:
        return False


def reading(context: Context) -> Journal:
    """The journal, for reading, also while another process writes.

    Raises:
        JournalError: there is none.
    """
    return journal.open(place(context), readonly=True)


def existing(context: Context) -> Journal | None:
    """The journal, for reading; None where there is none yet."""
    try:
        return reading(context)
    except JournalError as error:
        if error.code not in ("missing", "empty"):
            raise
        return None


@contextmanager
def recording(context: Context) -> Iterator[Journal | None]:
    """The journal for the writes of a command; ``None`` where there is none.

    One that cannot be used is an error where ``--journal`` names it; else the write goes on without a record.
    """
    where = place(context)
    book = None
    if where != journal.default_path() or Path(where).exists():
        try:
            book = journal.open(where, create=False)
        except JournalError as error:
            if context.args.journal is not None:
                raise
            if error.code not in ("missing", "empty"):
                warn(f"{context.args.command}: what is done now is not on record: {error}")
    if book is None:
        yield None
        return
    with book:
        yield book


def uses(context: Context, book: Journal | None, provider: Provider, numbers: Sequence[PhoneNumber]) -> list[str]:
    """Words for the uses of *numbers* that are on record, a line for each number that has any."""
    try:
        known = existing(context) if book is None else book
        if known is None:
            return []
        account = provider.accounts[0].id
        found = {number: known.uses_of(provider.name, account, number) for number in numbers}
        if book is None:
            known.close()
    except JournalError:
        return []
    return [f"{number}: {', '.join(words)}" for number, words in found.items() if words]


def forget(context: Context, provider: str, account: str, number: PhoneNumber) -> str | None:
    """Note in the journal, if there is one, that a number has left the account; the problem in words, if any.

    Otherwise it would count as ours, and could not be bought again.
    """
    where = place(context)
    try:
        if where == journal.default_path() and not Path(where).exists():
            return None
        with reading(context) as book:
            entries = book.entries_of(provider, account, [number])
        if not any(map(_is_ours, entries)):
            return None
        for wait in (0.1, 0.4, 1.5, PATIENCE - 2.0, None):
            try:
                with journal.open(where, create=False) as book:
                    book.released(provider, account, number)
                return None
            except JournalError:
                if wait is None:
                    raise
                time.sleep(wait)
    except JournalError as error:
        return f"{number} has left the account, and the journal has no note of it: {error}"
    return None


def _is_ours(entry: AttemptRecord) -> bool:
    return entry.live or entry.attempt.state is AttemptState.ORPHAN
