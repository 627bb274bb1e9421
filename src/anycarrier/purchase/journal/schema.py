"""The version of a journal's schema: read, checked, and brought to this release's by the steps of
:mod:`anycarrier.purchase.journal.migrations`."""

from __future__ import annotations

from anycarrier.errors import JournalError
from anycarrier.purchase.journal.database import Database
from anycarrier.purchase.journal.migrations import MIGRATIONS, statements

__all__ = ["VERSION", "check", "migrate", "version"]

VERSION = len(MIGRATIONS)
"""The version that this release writes."""


def version(database: Database) -> int:
    """The schema's version; 0 when there is none yet."""
    with database.transaction(writes=False) as tx:
        if database.dialect == "sqlite":
            found = tx.rows("SELECT 1 FROM sqlite_master WHERE name = 'anycarrier_schema'")
        else:
            found = tx.rows("SELECT 1 WHERE to_regclass('anycarrier_schema') IS NOT NULL")
        return int(tx.rows("SELECT max(version) FROM anycarrier_schema")[0][0] or 0) if found else 0


def migrate(database: Database) -> None:
    """Bring the schema to this release's version; each step is one transaction. Needs the right to create tables.

    Raises:
        JournalError: a newer release wrote it.
    """
    if check(database, at_most=True) == VERSION:
        return
    with database.transaction() as tx:
        if database.dialect != "sqlite":
            # "IF NOT EXISTS" alone is not safe when several processes come first at once.
            tx.run("SELECT pg_advisory_xact_lock(7265001)")
        tx.run("CREATE TABLE IF NOT EXISTS anycarrier_schema(version INTEGER PRIMARY KEY)")
    for number in range(1, VERSION + 1):
        with database.transaction() as tx:
            if database.dialect != "sqlite":
                tx.run("LOCK TABLE anycarrier_schema IN EXCLUSIVE MODE")
            if tx.rows("SELECT 1 FROM anycarrier_schema WHERE version >= ?", number):
                continue
            for statement in statements(number, database.dialect):
                tx.run(statement)
            tx.run("INSERT INTO anycarrier_schema(version) VALUES (?)", number)


def check(database: Database, *, at_most: bool = False) -> int:
    """The schema's version.

    Raises:
        JournalError: it is not this release's; or, with *at_most*, it is newer.
    """
    found = version(database)
    if found > VERSION:
        raise JournalError(
            f"the journal has schema {found}, this release knows {VERSION}: a newer one wrote it; use that release"
        )
    if found < VERSION and not at_most:
        raise JournalError(
            f"the journal has schema {found} and needs {VERSION}: open it once with migrate=True, or run anycarrier "
            "journal migrate",
            code=None if found else "empty",
        )
    return found
