"""Care of a journal: its schema brought up to date, a copy of it, and old orders deleted."""

# ruff: noqa: S608 - only constants of this package are put into SQL; values are always bound

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from attrs import frozen

from anycarrier.errors import InvalidInput, JournalError
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.database import Database, Transaction
from anycarrier.purchase.journal.location import place_of
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal

__all__ = ["Pruned", "backup", "bring_up_to_date", "prune"]

AT_ONCE = 500
"""Orders that are deleted in one transaction."""

LEAST = 86_400.0 * 2
"""Seconds: the spending caps of a day read what is younger."""


@frozen(kw_only=True)
class Pruned:
    """Numbers of the rows that were deleted."""

    orders: int = 0
    items: int = 0
    attempts: int = 0


def bring_up_to_date(where: str | Path) -> tuple[int, int]:
    """Bring the schema of the journal at *where* up to date: its version before, and now.

    Raises:
        JournalError: there is no journal, or it is in use, or a newer release wrote it.
    """
    place = place_of(where)
    if isinstance(place, str):
        from anycarrier.purchase.journal.postgres import PostgresDatabase

        database: Database = PostgresDatabase(place)
    else:
        database = SqliteDatabase(place, create=False)
    with closing(database):
        before = schema.version(database)
        if not before:
            raise JournalError("there is no journal in this database", code="empty")
        schema.migrate(database)
        return before, schema.version(database)


def backup(where: str | Path, target: str | Path) -> None:
    """Copy the journal at *where* to the new file *target*, also while another process writes; only SQLite.

    The file is for its owner alone to read, and is checked when it is written.

    Raises:
        JournalError: there is no journal, *target* exists already or cannot be written, or the copy is damaged.
        InvalidInput: the journal is on PostgreSQL.
    """
    place, copy = place_of(where), Path(target)
    if isinstance(place, str):
        raise InvalidInput("a journal on PostgreSQL is copied by its own tool: pg_dump --format=custom")
    SqliteDatabase(place, readonly=True).close()  # says in words why it cannot be read
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        raise JournalError(f"{copy} is there already, and is not written over; name a new file") from None
    except OSError as error:
        raise JournalError(f"{copy} cannot be written: {error.strerror}") from None
    try:
        with (
            closing(sqlite3.connect(f"{Path(place).absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy)) as written,
        ):
            source.backup(written)
            written.execute("PRAGMA journal_mode = DELETE")  # one file, without others beside it
            found = written.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        copy.unlink()
        raise JournalError(f"the copy could not be made: {error}; check the disk") from None
    if found != "ok":
        raise JournalError(f"the copy {copy} is damaged, and perhaps the journal is: {found}")


_ENDED = """
    FROM anycarrier_request r WHERE r.created < ? AND r.valid_until < ?
    AND NOT EXISTS (SELECT 1 FROM anycarrier_intent i WHERE i.request_id = r.id
        AND (i.claimable = 1 OR i.state IN ('OPEN','PLACED','PARKED')))
    AND NOT EXISTS (SELECT 1 FROM anycarrier_intent i JOIN anycarrier_attempt a ON a.intent_id = i.id
        WHERE i.request_id = r.id AND (a.watched = 1 OR a.last_sent >= ?
        OR a.state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED','ORPHAN')))
"""
"""Orders that ended: nothing of them is open or watched, and no number of theirs is ours."""


def prune(journal: Journal, older_than: float, *, dry_run: bool = False) -> Pruned:
    """Delete orders that ended more than *older_than* seconds ago (two days at least), with their attempts.

    An order stays that is undecided or watched, or whose number is still ours: one that was bought goes only after its
    number was released. With *dry_run*, only count.

    Raises:
        InvalidInput: *older_than* is less than two days.
    """
    if not older_than >= LEAST:
        raise InvalidInput("older_than must be two days at least: spending caps read what is younger")
    orders = items = attempts = 0
    database = journal._database  # noqa: SLF001 - of this package
    with database.transaction(writes=not dry_run) as tx:
        before = tx.time() - older_than
        if dry_run:
            ended = f"SELECT r.id {_ENDED}"
            values = (before, before, before)
            orders = tx.rows(f"SELECT count(*) FROM ({ended}) AS ended", *values)[0][0]
            of = f"FROM anycarrier_intent WHERE request_id IN ({ended})"
            items = tx.rows(f"SELECT count(*) {of}", *values)[0][0]
            of_items = f"FROM anycarrier_attempt WHERE intent_id IN (SELECT id {of})"
            return Pruned(orders=orders, items=items, attempts=tx.rows(f"SELECT count(*) {of_items}", *values)[0][0])
    after = ""
    while True:
        with database.transaction() as tx:
            # From where the last ones were: those that stay are passed over once.
            page = f"SELECT r.id {_ENDED} AND r.id > ? ORDER BY r.id LIMIT {AT_ONCE}"
            ended_now = tx.rows(page, before, before, before, after)
            for row in ended_now:
                more_items, more_attempts = _delete(tx, row[0])
                items += more_items
                attempts += more_attempts
            orders += len(ended_now)
            if not ended_now:
                tx.run("DELETE FROM anycarrier_spent WHERE began < ?", int(before))
                return Pruned(orders=orders, items=items, attempts=attempts)
            after = ended_now[-1][0]


def _delete(tx: Transaction, request_id: str) -> tuple[int, int]:
    of = "(SELECT id FROM anycarrier_intent WHERE request_id = ?)"
    # What was done to a number stays on record.
    tx.run(f"UPDATE anycarrier_change SET intent_id = NULL WHERE intent_id IN {of}", request_id)
    attempts = tx.run(f"DELETE FROM anycarrier_attempt WHERE intent_id IN {of}", request_id)
    items = tx.run("DELETE FROM anycarrier_intent WHERE request_id = ?", request_id)
    tx.run("DELETE FROM anycarrier_tag WHERE request_id = ?", request_id)
    tx.run("DELETE FROM anycarrier_request WHERE id = ?", request_id)
    return items, attempts
