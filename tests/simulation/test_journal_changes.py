"""Changes of numbers on record, on each database, and on the journal in plain Python that mirrors them."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier.errors import JournalError
from anycarrier.model import (
    CallsToWebhook,
    ForwardTo,
    NoForward,
    NoTexts,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal import ChangeOutcome, NewChange
from anycarrier.purchase.journal.types import JournalLost
from simulation.memory import MemoryJournal

START = 1_000_000.0
ONE, OTHER = PhoneNumber("+12015550101"), PhoneNumber("+12015550102")
ADDRESS = EmergencyAddress(name="Acme Inc", street="1 Main St", city="Hackensack", state="NJ", postal_code="07601")
CHANGE = NewChange(provider="fake", account="main", number=ONE, what="campaign", before=False, after="CB2PATH")


@pytest.fixture
def mirror(book):
    """The plain journal on the same clock."""
    return MemoryJournal(book.clock)


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        True,
        "CH5K5IZ",
        ADDRESS,
        evolve(ADDRESS, unit="Ste 200"),
        ToGateway(1000),
        ForwardTo("+12125550199"),
        NoForward(),
        CallsToWebhook("https://example.com/calls"),
        TextsTo("MG01"),
        TextsToWebhook("https://example.com/texts"),
        TextsToEmail("texts@example.com"),
        TextsToSip("sip:texts@example.com"),
        NoTexts(),
    ],
    ids=repr,
)
def test_every_value_of_a_change_is_read_as_it_was_written(book, value):
    book.begin_changes([evolve(CHANGE, before=value, after=value)])
    (one,) = book.changes()
    assert (one.before, one.after) == (value, value)
    assert type(one.after) is type(value)


def test_a_change_is_on_record_as_sent_until_its_outcome_is(book, mirror):
    for journal in (book, mirror):
        book.clock.now = START
        change = evolve(CHANGE, plan="p1", reference="tenant-42")
        first, second = journal.begin_changes([change, evolve(change, number=OTHER)])
        book.clock.now += 5.0
        journal.end_changes([(first, ChangeOutcome.DONE, ""), (second, ChangeOutcome.IN_DOUBT, "no answer")])
        journal.end_changes([(first, ChangeOutcome.DONE, "")])
        done, doubt = journal.changes()
        assert (done.id, done.plan, done.reference, done.created, done.ended) == (
            first,
            "p1",
            "tenant-42",
            START,
            START + 5.0,
        )
        assert (done.outcome, doubt.outcome, doubt.reason) == (ChangeOutcome.DONE, ChangeOutcome.IN_DOUBT, "no answer")
        third = journal.begin_changes([change])[0]
        assert [one.id for one in journal.changes(outcome=ChangeOutcome.SENT)] == [third]
        assert next(iter(journal.changes(outcome=ChangeOutcome.SENT))).ended is None


def test_changes_are_found_by_what_they_belong_to(book, mirror):
    for journal in (book, mirror):
        book.clock.now = START
        journal.begin_changes([CHANGE])
        book.clock.now += 60.0
        journal.begin_changes([evolve(CHANGE, number=OTHER, plan="p1", account="second")])
        journal.begin_changes([evolve(CHANGE, plan="p1", reference="tenant-42")])

        def places(**more):
            every = [one.id for one in journal.changes()]  # noqa: B023 - called within the turn
            return [every.index(one.id) for one in journal.changes(**more)]  # noqa: B023

        assert places() == [0, 1, 2]
        assert places(plan="p1") == [1, 2]
        assert places(number=ONE) == [0, 2]
        assert places(account=("fake", "main")) == [0, 2]
        assert places(reference="tenant-42") == [2]
        assert places(since=START + 1.0) == [1, 2]
        assert places(plan="p1", number=OTHER) == [1]
        assert places(plan="p2") == []


def test_many_changes_are_read_page_by_page(book):
    book.begin_changes([evolve(CHANGE, plan=f"p{at % 2}") for at in range(1201)])
    every = [one.id for one in book.changes()]
    assert len(every) == 1201
    assert every == sorted(every)
    assert len([*book.changes(plan="p1")]) == 600


def test_the_outcome_is_recorded_again_where_the_connection_broke(book, monkeypatch):
    change_id = book.begin_changes([CHANGE])[0]
    real = book._database.transaction
    broken = iter([True])

    def transaction(**more):
        if next(broken, False):
            raise JournalLost("it broke")
        return real(**more)

    monkeypatch.setattr(book._database, "transaction", transaction)
    book.end_changes([(change_id, ChangeOutcome.FAILED, "refused")])
    assert [(one.outcome, one.reason) for one in book.changes()] == [(ChangeOutcome.FAILED, "refused")]


@pytest.mark.parametrize(("column", "value"), [("after", '{"kind":"ToMoon"}'), ("state", "ODD"), ("before", "{")])
def test_a_change_that_cannot_be_read_says_which_one_and_what_to_do(book, column, value):
    book.begin_changes([CHANGE])
    with book._database.transaction() as tx:
        tx.run(f"UPDATE anycarrier_change SET {column} = ?", value)  # noqa: S608 - a constant
    with pytest.raises(JournalError, match="change 1 cannot be read"):
        [*book.changes()]
