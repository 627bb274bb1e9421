"""Running totals of what was spent are what a count of every attempt says, on each database."""

from __future__ import annotations

from random import Random

import pytest
from attrs import evolve

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal import spending
from anycarrier.purchase.journal.claims import DAY
from anycarrier.purchase.journal.types import LIVE, ItemState, SpendCapExceeded
from anycarrier.purchase.resolution import Instant, begun
from support.books import claimed, draft, recount, totals

PRICES = ["1.00", "0.65", "2", "0.000001", "0.0000001", "999999999999", None]
START = 1_000_000.0
LEASE = 3600.0


def number(position):
    return PhoneNumber(f"+1{201 + position // 100}555{100 + position % 100:04}")


def attempt(book, position, price="1.00"):
    made = draft(number(position), price=None if price is None else price)
    return begun(made, ResolutionPolicy(), Instant(book.clock.now, book.clock.now))


def begin(book, position, price="1.00"):
    item = claimed(book, f"r{position}")
    return book.begin(item, "me", attempt(book, position, price))


def spent(book, since):
    with book._database.transaction(writes=False) as tx:
        return spending.spent_since(tx, book._database.dialect, since)


def change_one(book, entry, random):
    """Write anything that a journal may write about an attempt."""
    state = random.choice([*AttemptState])
    price = random.choice([entry.attempt.draft.price, Money("0.77")])
    changed = evolve(entry.attempt, state=state, draft=evolve(entry.attempt.draft, price=price))
    if entry.live and entry.attempt.state is not AttemptState.CONFIRMED:
        if state is AttemptState.ORPHAN:
            book.claim(entry.item_id, "me")
            book.end(entry.item_id, "me", ItemState.PARKED, "silence")
            book.reopen(entry, evolve(entry.attempt, state=AttemptState.REFUTED))
            return
        book.claim(entry.item_id, "me")
        book.record(entry, "me", changed)
    elif entry.attempt.state is AttemptState.CONFIRMED:
        draft = entry.attempt.draft
        book.released(draft.provider, draft.account, draft.number)
    elif entry.attempt.state is AttemptState.ORPHAN:
        if book.claim(entry.item_id, "me")[1]:
            book.adopt(entry, "me")
    else:
        book.found_late(entry)


def test_the_totals_are_those_of_a_count_after_any_schedule(book):
    seeds = 40 if book._database.dialect == "sqlite" else 8
    for seed in range(seeds):
        random = Random(seed)
        with book._database.transaction() as tx:
            for table in ("attempt", "intent", "request"):
                tx.run(f"DELETE FROM anycarrier_{table}")  # noqa: S608
        assert totals(book) == set()
        for position in range(12):
            book.clock.now += random.choice([0.5, 30, 60, 3600, 5000])
            begin(book, position, random.choice(PRICES))
            if random.random() < 0.2:
                with book._database.transaction() as tx:
                    tx.run("UPDATE anycarrier_attempt SET setup = '0.50' WHERE seq = 1 AND price IS NOT NULL")
            if random.random() < 0.1:
                book.clock.now -= 40_000  # a clock that was ahead wrote what is on record
                book.mend_times()
            change_one(book, random.choice(book.entries()), random)
            assert totals(book) == recount(book)
        since = random.uniform(START, book.clock.now)
        known = [entry for entry in book.entries() if entry.live or entry.attempt.state is AttemptState.ORPHAN]
        after = [entry for entry in known if entry.attempt.first_sent > since]
        assert bool(after) == bool(spent(book, since))


@pytest.mark.parametrize("back", [0.0, 0.25, 59.0, 60.0, 61.0, 3599.0, 3600.0, 7200.5, 90_000.0])
def test_the_cost_since_a_moment_counts_what_began_after_it_and_nothing_else(book, back):
    for position in range(60):
        begin(book, position, "1.01")
        book.clock.now += 137.25
    since = book.clock.now - back
    later = [one for one in book.entries() if one.attempt.first_sent > since]
    assert sum(one.amount for one in spent(book, since)) == len(later) * Money("1.01").amount


def test_a_cap_holds_for_exactly_24_hours(book):
    book.day_cap = Money("2")
    begin(book, 1)
    book.clock.now += 10.0
    begin(book, 2)
    book.clock.now = START + DAY - 0.001
    with pytest.raises(SpendCapExceeded, match=r"of 2 USD would be passed: 3\.00 with it"):
        begin(book, 3)
    book.clock.now = START + DAY
    begin(book, 3)
    with pytest.raises(SpendCapExceeded):
        begin(book, 4)


def test_prices_that_the_totals_cannot_hold_are_read_one_by_one(book):
    book.day_cap = Money("1")
    for position in range(3):
        begin(book, position, "0.0000004")
    assert {one[5] for one in totals(book)} == {3}
    with pytest.raises(SpendCapExceeded, match=r"passed: 1\.0000012 with it"):
        begin(book, 3)
    begin(book, 3, "0.9999988")
    book.day_cap = Money("31")
    begin(book, 4, "3E+1")


def test_an_unknown_price_or_another_currency_is_said(book):
    book.day_cap = Money("9")
    entry = begin(book, 1)
    with book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_attempt SET currency = 'EUR'")
    with pytest.raises(SpendCapExceeded, match="in EUR"):
        begin(book, 2)
    with book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_attempt SET price = NULL, currency = NULL")
    with pytest.raises(SpendCapExceeded, match="unknown"):
        begin(book, 2)
    book.record(entry, "me", evolve(entry.attempt, state=AttemptState.REJECTED))
    begin(book, 2)


def test_setting_up_counts_with_the_price(book):
    book.day_cap = Money("2.40")
    begin(book, 1)
    with book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_attempt SET setup = '0.50'")
    with pytest.raises(SpendCapExceeded, match=r"2\.50 with it"):
        begin(book, 2)


def test_every_state_that_is_paid_for_has_a_place_in_the_totals():
    assert {state.value for state in LIVE | {AttemptState.ORPHAN}} == set(
        spending.PAID.strip("()").replace("'", "").split(",")
    )
