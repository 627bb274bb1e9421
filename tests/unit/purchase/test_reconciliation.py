"""Sweeps and audits: numbers that turn up late, are missing, or belong to others."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.exchange import Emit
from anycarrier.model import OwnedNumber
from anycarrier.purchase import Audit, Order, purchase_of, reconcile, reconciliation, resume, sweep
from anycarrier.purchase.digest import digest
from anycarrier.purchase.journal.types import AlreadyClaimed, OrderRecord
from anycarrier.purchase.resolution import Instant, begun
from anycarrier.purchase.sending import found_by
from support.orders import NEAR, RULES, N, S, Shop, World, draft


def test_reconciling_finds_what_differs():
    a = Shop("a", N[:5])
    b = Shop("b", N[5:7])
    world = World(a, b)
    done = world.order(quantity=2)
    a.owned.append(N[40])
    a.owned.remove(done.numbers[1])
    b.list = lambda: (_ for _ in ()).throw(e.ProviderDown("down"))
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert [one.number for one in audit.unknown] == [N[40]]
    assert [one.number for one in audit.missing] == [done.numbers[1]]
    assert set(audit.failed) == {"b"}
    assert audit.counted == {"a": 2}


def test_reconciling_adopts_what_had_been_given_up():
    a = Shop("a", N[:1], place=[e.TransportError("lost", maybe_applied=True)] * 9)
    world = World(a)
    with pytest.raises(e.OrderExhausted):
        world.order(deadline=2000)
    a.owned.append(N[0])
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert [one.number for one in audit.late] == [N[0]]
    assert purchase_of("r", world.journal).numbers == (N[0],)


# -- what came to nothing and is there all the same


def test_what_was_refused_and_is_there_is_told_as_an_orphan_when_the_order_has_another_number():
    a, b = Shop("a", N[:2]), Shop("b", N[3:5])
    a.script = [e.InvalidRequest("no", status=400, maybe_applied=False)]
    world = World(a, b)
    done = world.order()
    assert done.numbers == (N[1],)
    a.owned.append(N[0])
    told = []
    found = world.run(sweep(world.shops, journal=world.journal, notify=told.append))
    assert [one.number for one in found.orphans] == [N[0]]
    assert "refused, and there" in told[0].text
    assert "another buyer" in told[0].text
    assert "another buyer" in world.journal.entries()[0].attempt.reason


def test_an_order_goes_on_where_another_has_the_number_that_had_turned_up_late_for_it():
    a = Shop("a", N[2:3])
    world = World(a)
    journal = world.journal
    text = Order(criteria=NEAR).to_json(["a/a"])
    began = {}
    for name in "rs":
        _, (item,) = journal.create(OrderRecord(id=name, digest=digest(text), order=text), 1, 1e6)
        journal.claim(item, name)
        began[name] = partial(journal.begin, item, name)

    def tried(number):
        return begun(draft(number), RULES, Instant(world.now, world.now))

    first = began["r"](tried(N[0]))
    journal.record(first, "r", evolve(first.attempt, state=S.REFUTED))
    second = began["r"](tried(N[1]))
    assert journal.found_late(first) is S.ORPHAN
    theirs = began["s"](tried(N[0]))
    journal.record(theirs, "s", evolve(theirs.attempt, state=S.CONFIRMED))
    journal.record(second, "r", evolve(second.attempt, state=S.REJECTED))
    journal.release_claim("r#1", "r")
    adopt, met = journal.adopt, []

    def at_this_very_moment(entry, owner):
        if not met:
            met.append(entry)
            raise AlreadyClaimed("number")
        return adopt(entry, owner)

    journal.adopt = at_this_very_moment
    assert world.run(resume("r", world.shops, journal=journal)).numbers == (N[2],)
    assert met
    assert purchase_of("s", journal).numbers == (N[0],)


def test_what_was_refused_and_is_there_is_taken_when_the_order_lacks_a_number():
    a = Shop("a", N[:1])
    a.script = [e.InvalidRequest("no", status=400, maybe_applied=False)]
    world = World(a)
    with pytest.raises(e.OrderExhausted):
        world.order()
    a.owned.append(N[0])
    assert [one.number for one in world.run(sweep(world.shops, journal=world.journal)).adopted] == [N[0]]
    assert purchase_of("r", world.journal).numbers == (N[0],)


def test_what_was_refused_is_watched_for_the_settle_window_only_and_named_by_an_audit_afterwards():
    a = Shop("a", N[:2])
    a.script = [e.InvalidRequest("no", status=400, maybe_applied=False)]
    world = World(a)
    world.order()
    assert world.run(sweep(world.shops, journal=world.journal)).watched == 1
    world.clock.advance(a.rules.settle + 20)
    assert world.run(sweep(world.shops, journal=world.journal)).watched == 0
    assert not world.journal.watched()
    a.owned.append(N[0])  # somebody bought it, a day later
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert [one.number for one in audit.refused] == [N[0]]
    assert not audit.unknown
    assert not audit.late
    assert not audit.orphans


def test_a_confirmation_by_look_says_on_what_it_rests():
    a = Shop("a", N[:1], place=[e.TransportError("lost", maybe_applied=True)])
    a.owned.append(N[0])
    world = World(a)
    world.order()
    assert "by its number alone" in world.journal.entries()[0].attempt.reason

    known = begun(draft(key="mark"), RULES, Instant(1e9, 1e9))
    ours = OwnedNumber(provider="a", account="a", number=N[0], label="mark")
    assert "this purchase's mark" in found_by(known, ours)
    old = evolve(ours, label="office", created=datetime(2001, 1, 1, tzinfo=UTC))
    assert "there since 2001-01-01: perhaps another buyer's" in found_by(known, old)
    assert "another buyer" in found_by(known, evolve(old, created=None))


def test_a_number_that_is_bought_while_the_inventory_is_read_is_neither_unknown_nor_missing():
    a = Shop("a", N[:3])
    world = World(a)
    world.order()
    stock = a.list

    def listing():
        page = list(a.owned)
        yield from stock()
        world.order("meanwhile")
        # It is on the second page, and the one that was bought after that on none.
        yield Emit([a._own(number) for number in a.owned if number not in page])
        world.order("later")

    a.list = listing
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert audit == Audit(counted={"a": 2})


def test_reconciling_reads_the_journal_in_slices(monkeypatch):
    monkeypatch.setattr(reconciliation, "PAGE", 3)
    a = Shop("a", N[:20])
    world = World(a)
    done = world.order(quantity=10)
    a.owned = [*done.numbers[:4], *done.numbers[5:], *N[30:40]]
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert [one.number for one in audit.missing] == [done.numbers[4]]
    assert [one.number for one in audit.unknown] == N[30:40]
    assert audit.counted == {"a": 19}


def test_the_watch_list_forgets_a_number_that_was_bought_at_the_second_try():
    a = Shop("a", N[:1])
    world = World(a)
    a.script = [e.RateLimited("slowly", status=429, maybe_applied=False, retry_after=1.0)]
    done = world.order()
    assert done.numbers == (N[0],)
    assert len(world.journal.entries()) == 2
    assert world.journal.watched() == []


def test_a_sweep_goes_over_the_watch_list_page_by_page(monkeypatch):
    monkeypatch.setattr(reconciliation, "PAGE", 3)
    a = Shop("a", N[:10], place=[e.InvalidRequest("no", status=400, maybe_applied=False)] * 7)
    world = World(a)
    for position in range(7):
        with pytest.raises(e.OrderExhausted):
            world.order(f"r{position}", criteria=None, number=N[position])
    a.owned = [N[6]]
    found = world.run(sweep(world.shops, journal=world.journal))
    assert [one.number for one in found.adopted] == [N[6]]
    assert found.watched == 6
