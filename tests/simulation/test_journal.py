"""The journal on each of its databases: the same schedules tell the same story as in memory; what must hold of it."""

# ruff: noqa: S608 - only constants are put into SQL

from __future__ import annotations

import re

import pytest
from attrs import evolve

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.errors import InvalidInput, JournalError
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import journal as journals
from anycarrier.purchase.journal import reader
from anycarrier.purchase.journal.changes import ChangeOutcome, NewChange
from anycarrier.purchase.journal.types import (
    AlreadyClaimed,
    Goal,
    ItemState,
    JournalLost,
    LeaseLost,
    OpenItems,
    OrderRecord,
    SpendCapExceeded,
)
from anycarrier.purchase.resolution import Instant, begun
from simulation.world import random_world
from support.books import NUMBER, claimed, draft, keeps_prices, made, recount, totals

OTHER = PhoneNumber("+12015550124")


def attempt(*args, at=1000.0, **how):
    return begun(draft(*args, **how), ResolutionPolicy(), Instant(at, at))


def test_a_request_is_created_once(book):
    assert made(book, items=2) == ["r#1", "r#2"]
    assert made(book, items=2) == ["r#1", "r#2"]
    with pytest.raises(InvalidInput, match="a different order"):
        book.create(OrderRecord(id="r", digest="other", order="{}"), 2, 100.0)
    assert book.request("r").valid_until == 1100.0
    assert book.request("x") is None
    with pytest.raises(InvalidInput, match="no purchase"):
        book.load("x#1")


def test_orders_are_found_by_reference_tags_and_state(book, monkeypatch):
    monkeypatch.setattr(reader, "EXPORTED", 2)  # several pages
    for place, (name, reference, tags) in enumerate(
        [("a", "t1", {"plan": "basic", "x": "1"}), ("b", "t2", {"plan": "basic"}), ("c", "t1", {}), ("d", None, {})]
        + [(f"e{n}", "t3", {"plan": "pro"}) for n in range(5)]
    ):
        book.clock.now = 1000.0 + place
        book.create(OrderRecord(id=name, digest=name, order="{}", reference=reference, tags=tags), 1, 1e6)
    assert [*book.found()] == ["e4", "e3", "e2", "e1", "e0", "d", "c", "b", "a"]
    assert [*book.found(reference="t1")] == ["c", "a"]
    assert [*book.found(tags={"plan": "basic"})] == ["b", "a"]
    assert [*book.found(tags={"plan": "basic", "x": "1"})] == ["a"]
    assert [*book.found(tags={"plan": "basic"}, reference="t2")] == ["b"]
    assert [*book.found(tags={"x": "2"})] == []
    claimed = book.claim("c#1", "me")[1]
    assert claimed
    book.end("c#1", "me", ItemState.EXHAUSTED, "?")
    assert [*book.found(state=ItemState.EXHAUSTED)] == ["c"]
    assert len([*book.found(state=ItemState.OPEN, reference="t3")]) == 5
    assert book.request("a").reference == "t1"
    assert book.request("a").tags == {"plan": "basic", "x": "1"}
    # Those of the first call stay, and another call with others is the same order.
    book.create(OrderRecord(id="a", digest="a", order="{}", reference="t9", tags={"y": "2"}), 1, 1e6)
    assert book.request("a").reference == "t1"
    assert [*book.found(tags={"y": "2"})] == []


def test_leases_keep_others_out_until_they_end(book):
    (item,) = made(book)
    assert book.claim(item, "a")[1]
    assert not book.claim(item, "b")[1]
    book.clock.now += 61
    assert book.claim(item, "b")[1]
    assert not book.claim(item, "a")[1]
    book.release_claim(item, "a")
    assert not book.claim(item, "a")[1]
    book.release_claim(item, "b")
    assert book.claim(item, "a")[1]
    book.abandon("a")
    assert book.claim(item, "b")[1]


def test_who_was_interrupted_does_not_claim_any_more(book):
    """Its claim may have waited in a thread for its turn, and come after it was given up."""
    (item,) = made(book)
    book.abandon("a")
    assert book.claim(item, "b")[1]
    book.release_claim(item, "b")
    assert not book.claim(item, "a")[1]
    assert book.claim_next("a") is None
    assert book.claim(item, "b")[1]


def test_closing_lets_go_of_what_was_interrupted(tmp_path):
    with journals.open(tmp_path / "j") as book:
        (item,) = made(book)
        assert book.claim(item, "a")[1]
        book.abandon("a")
    with journals.open(tmp_path / "j") as book:
        assert book.claim(item, "b")[1]


def test_writes_of_who_lost_the_lease_are_fenced(book):
    item = claimed(book)
    entry = book.begin(item, "me", attempt())
    book.clock.now += 61
    assert book.claim(item, "you")[1]
    confirmed = evolve(entry.attempt, state=AttemptState.CONFIRMED)
    for write in (
        lambda: book.record(entry, "me", confirmed),
        lambda: book.resend(entry, "me", entry.attempt),
        lambda: book.skip_account(item, "me", "main", "?"),
        lambda: book.end(item, "me", ItemState.EXHAUSTED, "?"),
        lambda: book.begin(item, "me", attempt(OTHER)),
        lambda: book.adopt(entry, "me"),
    ):
        with pytest.raises(LeaseLost):
            write()
    book.record(entry, "you", confirmed)
    with pytest.raises(LeaseLost):
        book.record(entry, "you", confirmed)
    assert book.load(item).item.state is ItemState.ACTIVE


def test_the_database_allows_one_live_attempt_and_one_pursuer(book):
    item = claimed(book)
    book.begin(item, "me", attempt())
    with pytest.raises(AlreadyClaimed, match="item"):
        book.begin(item, "me", attempt(OTHER))
    with pytest.raises(AlreadyClaimed, match="number"):
        book.begin(claimed(book, "s"), "me", attempt())
    book.begin(claimed(book, "t"), "me", attempt(account="second"))


def test_one_account_under_two_names_has_one_pursuer_for_a_number(book):
    book.begin(claimed(book), "me", attempt(), None, "h1")
    with pytest.raises(AlreadyClaimed, match="number"):
        book.begin(claimed(book, "s"), "me", attempt(account="second"), None, "h1")
    book.begin(claimed(book, "s"), "me", attempt(OTHER, account="second"), None, "h1")
    book.begin(claimed(book, "t"), "me", attempt(account="third"), None, "h2")


def test_prices_are_kept(book):
    keeps_prices(book)


def test_an_attempt_comes_back_as_it_was_written(book):
    item = claimed(book)
    entry = book.begin(item, "me", attempt())
    kept = evolve(
        entry.attempt, state=AttemptState.REFUTED, sends=3, absent=2, unknown=1, next_at=5.5, no_replay=True, reason="x"
    )
    entry = book.record(entry, "me", kept, ("main", "no more"))
    snapshot = book.load(item)
    assert list(snapshot.entries) == [entry]
    assert entry.watched
    assert entry.attempt.last_sent == 1012.0  # as late as it may have left
    assert snapshot.item.passed == {"main": "no more"}
    assert book.entries("fake", "main") == [entry]
    assert book.entries("fake", "second") == []


def test_the_spending_cap_is_checked_where_the_attempt_begins(book):
    first, second = made(book, items=2)
    book.claim(first, "me")
    book.claim(second, "me")
    cap = Money("1.50")
    with pytest.raises(SpendCapExceeded, match="unknown"):
        book.begin(first, "me", attempt(price=None), cap)
    entry = book.begin(first, "me", attempt(), cap)
    with pytest.raises(SpendCapExceeded, match=r"2\.00"):
        book.begin(second, "me", attempt(OTHER), cap)
    with pytest.raises(SpendCapExceeded, match="in USD"):
        book.begin(second, "me", attempt(OTHER), Money("9", "EUR"))
    book.record(entry, "me", evolve(entry.attempt, state=AttemptState.REJECTED))
    book.begin(second, "me", attempt(OTHER), cap)
    book.day_cap = Money("1.50")
    with pytest.raises(SpendCapExceeded, match="the day's"):
        book.begin(claimed(book, "s"), "me", attempt(PhoneNumber("+12015550125")))
    book.clock.now += 86_500
    book.begin(claimed(book, "t"), "me", attempt(PhoneNumber("+12015550126")))


def test_set_up_costs_are_on_record_and_count(book):
    first, second = made(book, items=2)
    book.claim(first, "me")
    book.claim(second, "me")
    with pytest.raises(SpendCapExceeded, match=r"of 3\.00 USD would be passed: 3\.50 with it"):
        book.begin(first, "me", attempt(setup="2.50"), Money("3.00"))
    entry = book.begin(first, "me", attempt(setup="2.00"), Money("3.00"))
    assert book.load(first).entries[0].attempt.draft == entry.attempt.draft
    assert entry.attempt.draft.setup_price == Money("2.00")
    with pytest.raises(SpendCapExceeded, match=r"4\.00 with it"):
        book.begin(second, "me", attempt(OTHER), Money("3.99"))
    paid = evolve(entry.attempt, draft=draft(price="1.25", setup="1.00"), state=AttemptState.CONFIRMED)
    book.record(entry, "me", paid)
    assert book.load(first).entries[0].attempt.draft.first_month == Money("2.25")
    book.begin(second, "me", attempt(OTHER), Money("3.25"))
    assert [row["setup_price"] for row in book.export()] == ["1.00", None]
    mixed = evolve(draft(PhoneNumber("+12015550125")), setup_price=Money("1", "EUR"))
    with pytest.raises(InvalidInput, match="the set-up cost in EUR"):
        book.begin(claimed(book, "s"), "me", begun(mixed, ResolutionPolicy(), Instant(1000, 1000)))


def refuted(book, name="r", number=NUMBER):
    item = claimed(book, name)
    entry = book.begin(item, "me", attempt(number))
    return item, book.record(entry, "me", evolve(entry.attempt, state=AttemptState.REFUTED))


def test_what_turns_up_late_is_adopted_or_an_orphan(book):
    item, entry = refuted(book)
    assert book.watched() == [entry]
    assert book.found_late(entry) is AttemptState.CONFIRMED
    assert book.found_late(entry) is None
    assert book.load(item).item.attempt_id == entry.id
    assert book.watched() == []

    item, entry = refuted(book, "s", OTHER)
    book.begin(item, "me", attempt(PhoneNumber("+12015550125")))
    assert book.found_late(entry) is AttemptState.ORPHAN
    assert book.load(item).item.state is ItemState.OPEN

    item, entry = refuted(book, "t", PhoneNumber("+12015550126"))
    book.begin(claimed(book, "u"), "me", attempt(PhoneNumber("+12015550126")))
    assert book.found_late(entry) is None


def test_an_orphan_can_be_adopted_when_its_intent_lacks_a_number_again(book):
    item, entry = refuted(book)
    second = book.begin(item, "me", attempt(OTHER))
    assert book.found_late(entry) is AttemptState.ORPHAN
    book.record(second, "me", evolve(second.attempt, state=AttemptState.REJECTED))
    assert book.adopt(entry, "me")
    snapshot = book.load(item)
    assert snapshot.item.state is ItemState.PLACED  # until a look says that it is active
    assert snapshot.item.attempt_id == entry.id


def test_an_orphan_whose_number_is_another_orders_by_now_is_not_adopted(book):
    item, entry = refuted(book)
    second = book.begin(item, "me", attempt(OTHER))
    assert book.found_late(entry) is AttemptState.ORPHAN
    book.begin(claimed(book, "s"), "me", attempt(NUMBER))
    book.record(second, "me", evolve(second.attempt, state=AttemptState.REJECTED))
    assert not book.adopt(entry, "me")
    snapshot = book.load(item)
    assert snapshot.item.state is ItemState.OPEN
    assert [one.attempt.state for one in snapshot.entries] == [AttemptState.REFUTED, AttemptState.REJECTED]
    book.begin(item, "me", attempt(PhoneNumber("+12015550125")))


def test_a_parked_intent_is_watched_and_reopened(book):
    item = claimed(book)
    entry = book.begin(item, "me", attempt())
    book.end(item, "me", ItemState.PARKED, "silence")
    assert [one.id for one in book.watched()] == [entry.id]
    assert book.request_ids(unfinished=True) == ["r"]
    book.reopen(entry, evolve(entry.attempt, state=AttemptState.IN_DOUBT))
    assert book.load(item).item.state is ItemState.OPEN
    book.claim(item, "me")
    book.end(item, "me", ItemState.PARKED, "silence")
    book.reopen(entry, evolve(entry.attempt, state=AttemptState.CONFIRMED))
    assert book.load(item).item.state is ItemState.ACTIVE
    assert book.request_ids(unfinished=True) == []


def test_a_released_number_may_be_bought_again(book):
    item = claimed(book)
    entry = book.begin(item, "me", attempt())
    book.record(entry, "me", evolve(entry.attempt, state=AttemptState.CONFIRMED))
    with pytest.raises(AlreadyClaimed):
        book.begin(claimed(book, "s"), "me", attempt())
    assert book.released("fake", "main", NUMBER)
    assert not book.released("fake", "main", NUMBER)
    book.begin("s#1", "me", attempt())


def test_taking_open_work(book):
    made(book, items=2)
    assert book.claim_next("a") == "r#1"
    assert book.claim_next("b") == "r#2"
    assert book.claim_next("c") is None
    book.release_all_claims()
    assert book.claim_next("c", "r#1") == "r#2"
    assert book.claim_next("c", "r#2") is None


def test_an_item_that_waits_is_taken_when_its_time_has_come(book):
    made(book, items=3)
    assert book.open_items() == OpenItems(count=3)
    book.claim_next("a")
    book.release_claim("r#1", "a", book.clock.now + 30)
    assert book.claim_next("b", due=True) == "r#2"
    assert book.open_items() == OpenItems(count=3, held=1, next_in=30.0)
    assert book.unclaimed_ids(9) == ["r#1", "r#3"]
    assert book.claim_next("c", due=True) == "r#3"
    assert book.claim_next("c", due=True) is None
    book.clock.now += 30
    assert book.claim_next("c", due=True) == "r#1"
    assert book.open_items() == OpenItems(count=3, held=3)


def test_a_time_that_a_clock_which_was_ahead_has_written_keeps_no_item_back(book):
    made(book)
    book.claim_next("a")
    book.release_claim("r#1", "a", book.clock.now + 86_401)
    assert book.open_items().next_in is None
    assert book.claim_next("a", due=True) == "r#1"


def test_an_item_that_waits_can_be_claimed_all_the_same(book):
    (item,) = made(book)
    book.claim_next("a")
    book.release_claim(item, "a", book.clock.now + 30)
    assert book.claim(item, "b")[1]
    book.release_claim(item, "b", book.clock.now + 30)
    assert book.claim_next("a") == item


def test_taking_work_reads_the_index_of_open_items_alone(book, monkeypatch):
    """Whatever else is on record."""
    database = book._database
    series = (
        "SELECT generate_series(1, 5000) AS n"
        if database.dialect == "postgres"
        else "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5000) SELECT n FROM s"
    )
    with database.transaction() as tx:
        tx.run(
            "INSERT INTO anycarrier_request(id, digest, criteria, created, valid_until) VALUES ('old', 'd', '{}', 0, 0)"
        )
        rows_of_old = f"SELECT 'old#' || n, 'old', n, 'ACTIVE', 0 FROM ({series}) AS numbers"
        tx.run(f"INSERT INTO anycarrier_intent(id, request_id, slot, state, claimable) {rows_of_old}")
        tx.run("ANALYZE")
    made(book, "r")
    asked = []
    session = database.sessions[0]
    rows = session.rows
    monkeypatch.setattr(session, "rows", lambda *asked_for: asked.append(asked_for) or rows(*asked_for))
    assert book.claim_next("me") == "r#1"
    sql, *values = next(one for one in asked if "ORDER BY id LIMIT 1" in one[0])
    explain = "EXPLAIN " if database.dialect == "postgres" else "EXPLAIN QUERY PLAN "
    with database.transaction() as tx:
        plan = " ".join(str(value) for row in rows(explain + sql, *values) for value in row)
    assert "anycarrier_intent_claimable" in plan
    assert "Sort" not in plan
    assert "Seq Scan" not in plan
    assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", "")


def test_more_values_than_a_statement_may_have_are_a_defect_and_no_lost_connection(book):
    with pytest.raises(JournalError) as raised:
        book.entries_of("fake", "main", [NUMBER] * 300_000)
    assert not isinstance(raised.value, JournalLost)
    assert book.entries() == []  # and it goes on


def test_the_export_tells_all_but_the_body(book):
    book.begin(claimed(book), "me", attempt())
    made(book, "s")
    rows = list(book.export())
    assert [row["intent"] for row in rows] == ["r#1", "s#1"]
    assert rows[0]["number"] == NUMBER
    assert rows[0]["state"] == "SENT"
    assert "body" not in rows[0]
    assert len(rows[0]["body_sha256"]) == 64


def test_the_export_is_read_page_by_page(book, monkeypatch):
    monkeypatch.setattr(reader, "EXPORTED", 2)
    made(book, "r", items=3)
    made(book, "s", items=2)
    item = claimed(book, "t")
    entry = book.begin(item, "me", attempt())
    book.record(entry, "me", evolve(entry.attempt, state=AttemptState.REJECTED))
    book.begin(item, "me", attempt(OTHER))
    rows = [(row["intent"], row["seq"]) for row in book.export()]
    assert rows == [("r#1", None), ("r#2", None), ("r#3", None), ("s#1", None), ("s#2", None), ("t#1", 1), ("t#1", 2)]


@pytest.mark.usefixtures("without_coverage")
def test_the_same_schedules_as_in_memory(book):
    """Every step of the story is the same, word for word, whether Python or SQL keeps the journal."""
    for seed in range(2000, 2000 + (60 if book._database.dialect == "sqlite" else 15)):
        same_as_in_memory(book, seed)


def same_as_in_memory(book, seed, **changes):
    plain = random_world(seed, told=True, **changes)
    plain_bad = plain.run()
    with book._database.transaction() as tx:
        for table in ("change", "attempt", "intent", "request"):
            tx.run(f"DELETE FROM anycarrier_{table}")
    kept = random_world(seed, told=True, journal=lambda world: _at(book, world), **changes)
    assert kept.run() == plain_bad == []
    assert totals(book) == recount(book)
    assert _normal(kept.story) == _normal(plain.story)


def _at(book, world):
    book.clock = None
    book.killed = True
    book._gone = set()  # owners of other schedules have the same names
    # A process that is killed notes nothing.
    book.abandon = lambda owner: None if book.killed else type(book).abandon(book, owner)
    if book._database.dialect == "sqlite":
        book._database._clock = lambda: world.now + world.plan.ahead
    else:
        book._database.now = lambda: f"(SELECT {world.now + world.plan.ahead}::double precision)"
    return book


def _normal(story):
    """Attempts' numbers run on in SQL, also over schedules."""
    return [re.sub(r"LeaseLost\('\S+ ", "LeaseLost('", line) for line in story if "AttemptRecord(" not in line]


def set_up_item(book, name="r"):
    """An item whose number is bought and is to be set up."""
    request = OrderRecord(id=name, digest="d", order="{}", goal=Goal.SET_UP, reference="tenant-42")
    (item,) = book.create(request, 1, 100.0)[1]
    assert book.claim(item, "me")[1]
    entry = book.begin(item, "me", attempt())
    book.record(entry, "me", evolve(entry.attempt, state=AttemptState.CONFIRMED))
    assert book.claim(item, "me")[1]
    return item


def step(item):
    of = {"provider": "fake", "account": "main", "number": NUMBER}
    return NewChange(**of, what="campaign", after="C1", item_id=item, reference="tenant-42")


def test_the_steps_of_a_set_up_are_on_record_and_fenced(book):
    item = set_up_item(book)
    assert book.load(item).item.state is ItemState.ACTIVE
    first = book.begin_step(item, "me", step(item))
    (kept,) = book.changes(item_id=item)
    assert (kept.outcome, kept.after, kept.reference) == (ChangeOutcome.SENT, "C1", "tenant-42")
    book.end_step(item, "me", first, ChangeOutcome.FAILED, "down")
    second = book.begin_step(item, "me", step(item))
    book.clock.now += 61
    assert book.claim(item, "you")[1]
    for write in (
        lambda: book.begin_step(item, "me", step(item)),
        lambda: book.end_step(item, "me", second, ChangeOutcome.DONE),
        lambda: book.end_set_up(item, "me"),
    ):
        with pytest.raises(LeaseLost):
            write()
    book.end_step(item, "you", second, ChangeOutcome.DONE)
    book.end_set_up(item, "you")
    assert (book.load(item).item.state, book.load(item).item.claimable) == (ItemState.SET_UP, False)
    assert [one.outcome for one in book.changes(item_id=item)] == [ChangeOutcome.FAILED, ChangeOutcome.DONE]


def test_a_set_up_that_failed_is_tried_again_only_when_it_is_reopened(book):
    item = set_up_item(book)
    number = book.begin_step(item, "me", step(item))
    book.end_step(item, "me", number, ChangeOutcome.FAILED, "campaign: refused", final=True)
    kept = book.load(item).item
    assert (kept.state, kept.claimable, kept.reason) == (ItemState.ACTIVE, False, "campaign: refused")
    assert kept.attempt_id is not None
    assert book.claim_next("you") is None
    book.reopen_set_ups("r")
    assert book.claim_next("you") == item
    book.end_set_up(item, "you")
    book.reopen_set_ups("r")
    assert not book.load(item).item.claimable


def test_a_number_that_is_released_is_set_up_no_more(book):
    item = set_up_item(book)
    assert book.released("fake", "main", NUMBER)
    assert (book.load(item).item.state, book.load(item).item.claimable) == (ItemState.CANCELLED, False)


def test_many_rows_are_inserted_in_one_transaction_or_none_of_them(book):
    columns = ("id", "digest", "criteria", "created", "valid_until", "reference")
    rows = [(f"r{place}", "d", 'a\ttab, a line\nand a \\ "mark"', 1.5, 2.0, None) for place in range(1000)]
    with book._database.transaction() as tx:
        tx.insert_many("anycarrier_request", columns, iter(rows))
        tx.insert_many("anycarrier_request", columns, [])
        assert tx.time() == 1000.0
    assert book.request("r999").order == rows[999][2]
    with pytest.raises(AlreadyClaimed), book._database.transaction() as tx:
        tx.insert_many("anycarrier_request", columns, [("new", "d", "{}", 1.0, 2.0, None), rows[0]])
    with pytest.raises(JournalError, match="cannot be used"), book._database.transaction() as tx:
        tx.insert_many("anycarrier_request", ("id", "nonsense"), [("new", 1)])
    assert len(book.request_ids()) == 1000
