"""The journal's tables: one text for SQLite and PostgreSQL, in versions that are applied in order.

The partial unique indexes are the fence of the whole protocol, and they are the database's, not the code's: one live
attempt for each intent, one pursuer for each number of an account, also where one account has two names (``holder``).
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MIGRATIONS", "VERSION", "words"]

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
"""What this release writes."""

_SQLITE = {"time": "DOUBLE PRECISION", "bytes": "BLOB", "serial": "INTEGER PRIMARY KEY AUTOINCREMENT"}
_POSTGRES = {
    "time": "DOUBLE PRECISION", "bytes": "BYTEA", "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}  # fmt: skip


def words(dialect: str) -> Mapping[str, str]:
    """The column types of ``sqlite`` or ``postgres``."""
    return _SQLITE if dialect == "sqlite" else _POSTGRES
