"""Switches on record: claimed by one process at a time, ended once, and the time since each number moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anycarrier.desired_state import ChangeOutcome, NewChange
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import journal as journals
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.switches import SwitchState

NAMES = ("lc_phone/main", "voicetel/main")
NUMBER = PhoneNumber("+12015550123")


class Clock:
    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> Iterator[Journal]:
    database = SqliteDatabase(":memory:", clock=clock)
    schema.migrate(database)
    with Journal(database, lease=60.0) as book:
        yield book


def test_one_owner_at_a_time_has_a_switch_until_its_lease_ends(book: Journal, clock: Clock) -> None:
    assert book.switch("p1") is None
    assert book.claim_switch("p1", *NAMES, "a") == 0.0
    assert book.claim_switch("p1", *NAMES, "a") == 0.0
    clock.at += 20
    assert book.claim_switch("p1", *NAMES, "b") == 40.0
    assert book.claim_switch("p2", *NAMES, "b") == 40.0  # it moves numbers away from the same account
    assert book.claim_switch("p3", "lc_phone/other", NAMES[1], "b") == 0.0
    assert book.other_switches("p1", NAMES[0]) == []
    clock.at += 41
    assert book.claim_switch("p1", *NAMES, "b") == 0.0
    assert book.claim_switch("p1", *NAMES, "a") == 60.0
    book.leave_switch("p1", "a")  # not its own any more
    assert book.claim_switch("p1", *NAMES, "a") == 60.0
    book.leave_switch("p1", "b")
    assert book.claim_switch("p1", *NAMES, "a") == 0.0


def test_a_lease_that_a_clock_wrote_which_was_ahead_is_free(book: Journal, clock: Clock) -> None:
    clock.at += 1_000_000
    book.claim_switch("p1", *NAMES, "a")
    clock.at -= 1_000_000
    assert book.claim_switch("p1", *NAMES, "b") == 0.0


def test_a_switch_is_on_record_with_its_accounts_and_ends_once(book: Journal) -> None:
    book.claim_switch("p1", *NAMES, "a")
    record = book.switch("p1")
    assert record is not None
    assert (record.source, record.target, record.state, record.created) == (*NAMES, SwitchState.OPEN, 1000.0)
    assert book.end_switch("p1", SwitchState.UNDONE)
    assert not book.end_switch("p2", SwitchState.UNDONE)
    ended = book.switch("p1")
    assert ended is not None
    assert ended.state is SwitchState.UNDONE


def test_the_grace_of_a_number_begins_when_it_was_seen_first(book: Journal, clock: Clock) -> None:
    for _ in range(2):
        place = {"provider": "voicetel", "account": "main", "number": NUMBER}
        moved = NewChange(**place, what="port_in", before=NAMES[0], after=NAMES[1], plan="p1")  # type: ignore[arg-type]
        (one,) = book.begin_changes([moved])
        book.end_changes([(one, ChangeOutcome.DONE, "")])
        clock.at += 100
    assert book.moved_for("p1") == {NUMBER: 200.0}
    assert book.moved_for("p2") == {}
    clock.at -= 5000
    assert book.moved_for("p1") == {NUMBER: 0.0}


def test_opening_a_file_frees_the_switches_of_a_process_that_died(tmp_path: Path) -> None:
    with journals.open(tmp_path / "journal.sqlite") as first:
        first.claim_switch("p1", *NAMES, "a")
    with journals.open(tmp_path / "journal.sqlite") as second:
        assert second.claim_switch("p1", *NAMES, "b") == 0.0
