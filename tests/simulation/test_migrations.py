"""Journals of earlier schemas are brought up to date on each database, and a newer one is refused."""

# ruff: noqa: S608 - only constants are put into SQL

from __future__ import annotations

import pytest

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.errors import JournalError
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.migrations import statements
from anycarrier.purchase.journal.schema import VERSION
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AlreadyClaimed, Goal
from anycarrier.purchase.resolution import Instant, begun
from support.books import NUMBER, draft, recount, totals

OTHER = PhoneNumber("+12015550124")


def attempt(number):
    return begun(draft(number), ResolutionPolicy(), Instant(1000.0, 1000.0))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    """A database without any table."""
    if request.param == "sqlite":
        database = SqliteDatabase(":memory:", clock=lambda: 1000.0)
    else:
        database = request.getfixturevalue("postgres_database")
        database.time, database.now = lambda: 1000.0, lambda: "(SELECT 1000.0::double precision)"
    yield database
    database.close()


def test_a_journal_of_the_first_schema_is_brought_up_with_what_is_in_it(database):
    item = ("INSERT INTO anycarrier_intent(id, request_id, slot, state, attempt_id) VALUES (?, 'r', ?, ?, ?)",)
    with database.transaction() as tx:
        tx.run("CREATE TABLE anycarrier_schema(version INTEGER PRIMARY KEY)")
        for statement in statements(1, database.dialect):
            tx.run(statement)
        tx.run("INSERT INTO anycarrier_schema(version) VALUES (1)")
        tx.run("INSERT INTO anycarrier_request VALUES ('r', 'd', '{}', 1000.0, 2000.0)")
        for position, state in enumerate(("OPEN", "FULFILLED", "EXHAUSTED", "PARKED"), start=1):
            tx.run(*item, f"r#{position}", position, state, 1 if state == "FULFILLED" else None)
        tx.run(
            "INSERT INTO anycarrier_attempt(intent_id, seq, provider, account, e164, key, body, body_sha256, price,"
            " currency, state, first_sent, last_sent, sends, absent, unknown, next_at, no_replay)"
            " VALUES ('r#2', 1, 'fake', 'main', ?, 'k', ?, 'x', '1.00', 'USD', 'CONFIRMED', 1.0, 1.0, 1, 0, 0, 0.0, 0)",
            str(NUMBER),
            b"{}",
        )
    with pytest.raises(JournalError, match="needs"):
        schema.check(database)
    schema.migrate(database)
    assert schema.check(database) == VERSION
    book = Journal(database)
    standing = book.standing("r")
    assert [(one.item.state.value, one.item.claimable) for one in standing] == [
        ("OPEN", True),
        ("ACTIVE", False),
        ("EXHAUSTED", False),
        ("PARKED", False),
    ]
    assert [one.attempt.state for one in standing[1].entries] == [AttemptState.CONFIRMED]
    assert standing[1].request.goal is Goal.ACTIVE
    book.claim("r#1", "me")
    with pytest.raises(AlreadyClaimed):  # the fences stand
        book.begin("r#1", "me", attempt(NUMBER))
    assert totals(book) == recount(book)
    assert len(totals(book)) == 2  # what was paid for before counts, by the minute and by the hour
    assert book.begin("r#1", "me", attempt(OTHER)).seq == 1
    assert totals(book) == recount(book)


def test_a_newer_schema_is_refused_and_an_older_one_brought_up(database):
    schema.migrate(database)
    assert schema.version(database) == VERSION
    schema.migrate(database)
    with database.transaction() as tx:
        tx.run("INSERT INTO anycarrier_schema(version) VALUES (?)", VERSION + 1)
    for open_ in (schema.check, schema.migrate):
        with pytest.raises(JournalError, match="a newer one wrote it"):
            open_(database)


TABLES = {
    "attempt": {"setup", "order_id", "holder"},
    "budget": {"key", "next"},
    "change": {"plan", "intent_id", "reference", "what", "before", "after", "state", "created", "ended"},
    "intent": {"claimable", "resume_at", "job_id"},
    "job": {"id", "name", "digest", "orders", "numbers", "state", "created"},
    "port": {"request_id", "reference", "digest", "order_id", "state", "due", "loa_url", "fee", "denial", "next_at"},
    "port_number": {"port_id", "provider", "e164", "state", "reason"},
    "request": {"goal", "job_id", "cancelled", "reference"},
    "spent": {"span", "began", "shard", "currency", "amount", "attempts", "uncounted"},
    "switch": {"source", "target", "state", "owner", "lease_until"},
    "tag": {"request_id", "name", "value"},
}


def test_a_new_journal_has_each_table_and_column(database):
    schema.migrate(database)
    for table, columns in TABLES.items():
        with database.transaction() as tx:
            assert tx.rows(f"SELECT {', '.join(columns)} FROM anycarrier_{table}") == []


def test_no_column_of_a_port_holds_what_is_secret(database):
    schema.migrate(database)
    names = "SELECT name FROM pragma_table_info('anycarrier_port')"
    if database.dialect == "postgres":
        names = "SELECT column_name FROM information_schema.columns WHERE table_name = 'anycarrier_port'"
    with database.transaction() as tx:
        columns = {row[0] for row in tx.rows(names)}
    assert not {name for name in columns if "pin" in name or "subscriber" in name or "account_number" in name}
