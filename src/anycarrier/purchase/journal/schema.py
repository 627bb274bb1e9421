"""The journal's tables: one text for SQLite and PostgreSQL, in versions that are applied in order.

The partial unique indexes are the fence of the whole protocol, enforced by the database: one live attempt for each
item, and one buyer for each number of an account, also if one account has two names (``holder``). An order is a row of
``anycarrier_request``, an item a row of ``anycarrier_intent``, and its position the column ``slot``.
"""

from __future__ import annotations

from collections.abc import Mapping

from anycarrier.errors import JournalError
from anycarrier.purchase.journal.database import Database

__all__ = ["MIGRATIONS", "VERSION", "check", "migrate", "version", "words"]

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE anycarrier_request(
        id TEXT PRIMARY KEY,
        digest TEXT NOT NULL,
        criteria TEXT NOT NULL,
        created {time} NOT NULL,
        valid_until {time} NOT NULL
    );
    CREATE TABLE anycarrier_intent(
        id TEXT PRIMARY KEY,
        request_id TEXT NOT NULL REFERENCES anycarrier_request(id),
        slot INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('OPEN','FULFILLED','EXHAUSTED','PARKED')),
        attempt_id BIGINT,
        passed TEXT NOT NULL DEFAULT '{{}}',
        reason TEXT NOT NULL DEFAULT '',
        owner TEXT,
        lease_until {time} NOT NULL DEFAULT 0
    );
    CREATE INDEX anycarrier_intent_request ON anycarrier_intent(request_id);
    CREATE INDEX anycarrier_intent_open ON anycarrier_intent(state) WHERE state IN ('OPEN','PARKED');
    CREATE TABLE anycarrier_attempt(
        id {serial},
        intent_id TEXT NOT NULL REFERENCES anycarrier_intent(id),
        seq INTEGER NOT NULL,
        provider TEXT NOT NULL,
        account TEXT NOT NULL,
        e164 TEXT NOT NULL,
        key TEXT NOT NULL,
        body {bytes} NOT NULL,
        body_sha256 TEXT NOT NULL,
        price TEXT,
        currency TEXT,
        state TEXT NOT NULL CHECK (state IN
            ('SENT','IN_DOUBT','CONFIRMED','REJECTED','NOT_SENT','REFUTED','ORPHAN','RELEASED')),
        first_sent {time} NOT NULL,
        last_sent {time} NOT NULL,
        sends INTEGER NOT NULL,
        absent INTEGER NOT NULL,
        unknown INTEGER NOT NULL,
        next_at {time} NOT NULL,
        no_replay INTEGER NOT NULL,
        watched INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE(intent_id, seq)
    );
    CREATE UNIQUE INDEX anycarrier_one_live_attempt ON anycarrier_attempt(intent_id)
        WHERE state IN ('SENT','IN_DOUBT','CONFIRMED');
    CREATE UNIQUE INDEX anycarrier_one_pursuer ON anycarrier_attempt(provider, account, e164)
        WHERE state IN ('SENT','IN_DOUBT','CONFIRMED');
    CREATE INDEX anycarrier_watch ON anycarrier_attempt(watched) WHERE watched = 1
    """,
    """
    ALTER TABLE anycarrier_attempt ADD COLUMN holder TEXT;
    CREATE UNIQUE INDEX anycarrier_one_pursuer_of_holder ON anycarrier_attempt(holder, e164)
        WHERE holder IS NOT NULL AND state IN ('SENT','IN_DOUBT','CONFIRMED')
    """,
)
"""Entry *n* leads from version *n* to *n + 1*."""

VERSION = len(MIGRATIONS)
"""The version that this release writes."""

_SQLITE = {"time": "DOUBLE PRECISION", "bytes": "BLOB", "serial": "INTEGER PRIMARY KEY AUTOINCREMENT"}
_POSTGRES = {
    "time": "DOUBLE PRECISION",
    "bytes": "BYTEA",
    "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}


def words(dialect: str) -> Mapping[str, str]:
    """The column types of ``sqlite`` or ``postgres``."""
    return _SQLITE if dialect == "sqlite" else _POSTGRES


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
    for number, text in enumerate(MIGRATIONS, start=1):
        with database.transaction() as tx:
            if database.dialect != "sqlite":
                tx.run("LOCK TABLE anycarrier_schema IN EXCLUSIVE MODE")
            if tx.rows("SELECT 1 FROM anycarrier_schema WHERE version >= ?", number):
                continue
            for statement in text.format(**words(database.dialect)).split(";"):
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
            f"the journal has schema {found} and needs {VERSION}: open it once with migrate=True",
            code=None if found else "empty",
        )
    return found
