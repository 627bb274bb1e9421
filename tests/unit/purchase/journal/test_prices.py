"""Prices in the journal. The same on PostgreSQL: tests/simulation/test_journal.py."""

from __future__ import annotations

from anycarrier.model import Money
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from support.books import keeps_prices


def test_a_price_is_claimed_kept_and_known() -> None:
    database = SqliteDatabase(":memory:")
    schema.migrate(database)
    with Journal(database) as journal:
        keeps_prices(journal)


def test_a_claim_of_a_clock_that_was_ahead_is_free() -> None:
    time = [1e9 + 1e6]
    database = SqliteDatabase(":memory:", clock=lambda: time[0])
    schema.migrate(database)
    with Journal(database) as journal:
        assert journal.claim_price("a", "a", "all", 60.0)
        time[0] = 1e9
        assert journal.claim_price("a", "a", "all", 60.0)
        journal.keep_price("a", "a", "all", Money("0.50"))
        time[0] -= 100.0
        assert journal.price("a", "a", "all").age == 0.0
