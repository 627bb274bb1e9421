"""Where purchases are written down before they are sent."""

from __future__ import annotations

import os
from pathlib import Path

from anycarrier.model import Money
from anycarrier.purchase.journal import migrate as migrations
from anycarrier.purchase.journal.database import Database
from anycarrier.purchase.journal.journal import Journal
from anycarrier.purchase.journal.records import Entry, Intent, IntentState, Request, Snapshot

__all__ = ["Entry", "Intent", "IntentState", "Journal", "Request", "Snapshot", "default_path", "open"]


def open(  # noqa: A001 - journal.open() is what it is called
    where: str | Path | None = None,
    *,
    readonly: bool = False,
    migrate: bool = True,
    lease: float = 60.0,
    day_cap: Money | None = None,
) -> Journal:
    """Open the journal, making it where there is none.

    Every account belongs to one journal, and one journal spans all accounts of its orders: the fences hold within it.

    Args:
        where: a path for SQLite, ``postgresql://...`` for PostgreSQL; by default what
            ``ANYCARRIER_JOURNAL`` says, else :func:`default_path`.
        readonly: only read, also while another process writes (SQLite).
        migrate: bring an older schema up to date; on PostgreSQL the role needs the right to create tables then.
        lease: seconds for which a purchase belongs to the worker that pursues it, from its last sign of life.
        day_cap: most that the numbers begun within 24 hours may cost per month.

    Raises:
        JournalError: in use, full, read-only, damaged, of a newer schema, or not reachable. Nothing was sent.
        ConfigurationError: PostgreSQL without its extra.
    """
    where = where or os.environ.get("ANYCARRIER_JOURNAL") or default_path()
    if isinstance(where, str) and where.startswith(("postgresql://", "postgres://")):
        from anycarrier.purchase.journal.postgres import PostgresDatabase

        database: Database = PostgresDatabase(where)
    else:
        from anycarrier.purchase.journal.sqlite import SqliteDatabase

        database = SqliteDatabase(where, readonly=readonly)
    try:
        if migrate and not readonly:
            migrations.migrate(database)
        else:
            migrations.check(database)
        journal = Journal(database, lease=lease, day_cap=day_cap)
        if database.dialect == "sqlite" and not readonly:
            # The lock file says that nobody else writes, so whoever held a claim is dead.
            journal.free_all()
    except BaseException:
        database.close()
        raise
    return journal


def default_path() -> Path:
    """``anycarrier/journal.sqlite`` in the user's data folder."""
    base = os.environ.get("XDG_DATA_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path.home() / ".local" / "share") / "anycarrier" / "journal.sqlite"
