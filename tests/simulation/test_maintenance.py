"""Care of a journal: migrated, copied, and old orders deleted, on each database."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from attrs import evolve

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.errors import InvalidInput, JournalError
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import journal as journals
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.maintenance import Pruned, backup, bring_up_to_date, prune
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.resolution import Instant, begun
from support.books import claimed, draft, made, recount, totals

WRITTEN = Path(__file__).with_name("journal_1.sql")
DAY = 86_400.0
START = 1_000_000.0


def bought(book, name, position, state=AttemptState.CONFIRMED):
    item = claimed(book, name)
    number = PhoneNumber(f"+1201555{100 + position:04}")
    moment = Instant(book.clock.now, book.clock.now)
    entry = book.begin(item, "me", begun(draft(number), ResolutionPolicy(), moment))
    entry = book.record(entry, "me", evolve(entry.attempt, state=state))
    if state is not AttemptState.CONFIRMED:
        book.end(item, "me", ItemState.REFUSED, "no")
    return entry, number


def test_only_what_ended_and_is_not_ours_is_deleted(book):
    made(book, "open")
    bought(book, "ours", 1)
    _, number = bought(book, "released", 2)
    book.released("fake", "main", number)
    bought(book, "watched", 3, AttemptState.REJECTED)
    entry, _ = bought(book, "refused", 4, AttemptState.REJECTED)
    book.unwatch(entry)
    book.clock.now += 400 * DAY
    entry, _ = bought(book, "young", 5, AttemptState.REJECTED)
    book.unwatch(entry)
    expected = Pruned(orders=2, items=2, attempts=2)
    assert prune(book, 399 * DAY, dry_run=True) == expected
    assert len(book.request_ids()) == 6
    assert prune(book, 399 * DAY) == expected
    assert sorted(book.request_ids()) == ["open", "ours", "watched", "young"]
    assert prune(book, 399 * DAY) == Pruned()
    assert {one for one in recount(book) if one[1] > 1_100_000} == totals(book)
    with pytest.raises(InvalidInput, match="two days"):
        prune(book, DAY)


def test_a_journal_is_brought_up_to_date(tmp_path):
    path = tmp_path / "journal.sqlite"
    with pytest.raises(JournalError, match="there is no journal"):
        bring_up_to_date(path)
    database = sqlite3.connect(path)
    database.executescript(WRITTEN.read_text())
    database.close()
    assert bring_up_to_date(path) == (1, schema.VERSION)
    assert bring_up_to_date(path) == (schema.VERSION, schema.VERSION)


def test_a_copy_is_made_while_the_journal_is_written_to(tmp_path):
    path, copy = tmp_path / "journal.sqlite", tmp_path / "copy.sqlite"
    with pytest.raises(JournalError, match="there is no journal"):
        backup(path, copy)
    with journals.open(path) as book:
        made(book)
        backup(path, copy)
        made(book, "later")
        with pytest.raises(JournalError, match="is there already"):
            backup(path, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with journals.open(copy) as book:
        assert book.request_ids() == ["r"]


def test_a_copy_that_cannot_be_written_is_refused_in_words(tmp_path):
    with journals.open(tmp_path / "journal.sqlite"):
        pass
    with pytest.raises(JournalError, match="cannot be written"):
        backup(tmp_path / "journal.sqlite", tmp_path / "nowhere" / "copy")


def test_postgresql_has_a_tool_of_its_own(tmp_path):
    with pytest.raises(InvalidInput, match="pg_dump"):
        backup("postgresql://localhost/book", tmp_path / "copy")
