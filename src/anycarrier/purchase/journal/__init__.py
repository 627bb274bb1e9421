"""The purchase journal, in which attempts are recorded before they are sent."""

from __future__ import annotations

import os
from pathlib import Path

from anycarrier.frames import Hiding
from anycarrier.model import Money
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.changes import ChangeOutcome, ChangeRecord, NewChange
from anycarrier.purchase.journal.database import Database
from anycarrier.purchase.journal.location import default_path, passwords, place_of, shown
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AttemptRecord, ItemRecord, ItemState, OrderRecord, Snapshot
from anycarrier.validation import flag

__all__ = [
    "AttemptRecord",
    "ChangeOutcome",
    "ChangeRecord",
    "ItemRecord",
    "ItemState",
    "Journal",
    "NewChange",
    "OrderRecord",
    "Snapshot",
    "default_path",
    "open",
    "shown",
]


def open(  # noqa: A001 - journal.open() is what it is called
    where: str | Path | None = None,
    *,
    readonly: bool = False,
    create: bool = True,
    migrate: bool = True,
    lease: float = 60.0,
    day_cap: Money | None = None,
) -> Journal:
    """Open the journal; create it if there is none.

    Every account belongs to one journal, and one journal spans all accounts of its orders: its fences hold within it.
    The same file is the same journal, however its path is spelled.

    Args:
        where: a path for SQLite, ``postgresql://...`` for PostgreSQL; by default what
            ``ANYCARRIER_JOURNAL`` says, else :func:`default_path`.
        readonly: only read, also while another process writes (SQLite). A missing file is an error.
        create: create a missing file (SQLite); ``False`` makes it an error.
        migrate: bring an older schema up to date; on PostgreSQL the role needs the right to create tables then.
        lease: seconds for which an item belongs to its worker, from the last sign of life; at most an hour.
        day_cap: most that the first months of the numbers begun within 24 hours may cost, set-up included.

    Raises:
        JournalError: in use, full, read-only, missing, damaged, of a newer schema, or not reachable.
        ConfigurationError: *where* is not understood; PostgreSQL without its extra.
        InvalidInput: an argument is not usable.
    """
    for name, given in (("readonly", readonly), ("create", create), ("migrate", migrate)):
        flag(name, given)
    where = _where() if where is None else where
    known = passwords(where)  # known as secrets from here on, so that no frame shows them
    with Hiding():
        journal = _opened(where, readonly=readonly, create=create, migrate=migrate, lease=lease, day_cap=day_cap)
    del known
    return journal


def _opened(
    where: str | Path, *, readonly: bool, create: bool, migrate: bool, lease: float, day_cap: Money | None
) -> Journal:
    place = place_of(where)
    if isinstance(place, str) and place != ":memory:":
        from anycarrier.purchase.journal.postgres import PostgresDatabase

        database: Database = PostgresDatabase(place)
    else:
        from anycarrier.purchase.journal.sqlite import SqliteDatabase

        database = SqliteDatabase(place, readonly=readonly, create=create)
    try:
        journal = Journal(database, lease=lease, day_cap=day_cap)
        if migrate and not readonly:
            schema.migrate(database)
        else:
            schema.check(database)
        if not readonly:
            journal.mend_times()
            if database.dialect == "sqlite":
                # The lock file proves that no other process writes, so owners of claims are dead.
                journal.release_all_claims()
    except BaseException:
        database.close()
        raise
    return journal


def _where() -> str | Path:
    named = os.environ.get("ANYCARRIER_JOURNAL")
    return default_path() if named is None else named
