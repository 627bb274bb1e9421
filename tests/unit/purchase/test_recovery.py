"""Recovery passes over open items: nobody waits behind an item that waits, and time is spent on open items first."""

from __future__ import annotations

import pytest

from anycarrier import errors as e
from anycarrier.exchange import sleep
from anycarrier.purchase import Order, provision, purchase_of, recover
from anycarrier.purchase.journal.types import ItemState, OrderRecord
from anycarrier.purchase.recovery import LISTED
from support.orders import NEAR, N, Shop, World, first_effects

TEXT = Order(criteria=NEAR).to_json(["a/a"])


class Noted(Shop):
    """Notes which purchases are looked for, and takes some time to say."""

    takes = 0.0

    def __init__(self, *args, **how):
        super().__init__(*args, **how)
        self.looked = []

    def find_purchase(self, attempt):
        self.looked.append(attempt.draft.number)
        yield from sleep(self.takes)
        return (yield from super().find_purchase(attempt))


def lost(world, shop, count):
    """Orders whose answers were lost: each may have been paid, and their process is dead."""
    shop.script = [e.TransportError("lost", maybe_applied=True) for _ in range(count)]
    for position in range(count):
        order = Order(number=N[position])
        world.run(begun(provision(order, [shop], journal=world.journal, request_id=f"r{position}"), world.journal))
    world.clock.advance(61)


def begun(exchange, journal):
    """Drive *exchange* until its answer was lost and recorded, then let it die."""
    outcome = None
    before = len(journal.entries())
    while True:
        effect = exchange.send(outcome)
        entries = journal.entries()
        if len(entries) > before and entries[-1].attempt.state == "IN_DOUBT":
            exchange.close()
            return
        outcome = yield effect


@pytest.mark.slow
def test_a_paid_purchase_is_found_before_the_ones_in_front_of_it_have_settled():
    shop = Noted("a", N[:9])
    world = World(shop)
    lost(world, shop, 9)
    shop.owned = [N[8]]  # the ninth was paid; of the others nothing is to be seen yet
    began = world.now
    ended = {}

    def note(progress):
        if progress.kind == "confirmed":
            ended[progress.number] = world.now

    world.run(recover([shop], journal=world.journal, notify=note))
    assert ended[N[8]] - began < 2
    assert all(at >= ended[N[8]] for at in ended.values())


def test_a_recovery_goes_on_until_each_item_is_decided():
    shop = Noted("a", N[:12])
    world = World(shop)
    lost(world, shop, 12)
    shop.owned = N[:12:2]
    shop.script = []
    done = world.run(recover([shop], journal=world.journal, deadline=50_000))
    assert done.undecided == 0
    assert sum(done.counts.values()) == 12 == len(done.items)
    assert all(item.state is not ItemState.OPEN for item in done.items)
    assert sorted(shop.owned) == sorted(set(shop.owned))
    for position in range(0, 12, 2):
        assert purchase_of(f"r{position}", world.journal).numbers == (N[position],)


def test_a_short_recovery_spends_its_time_on_open_items():
    shop = Noted("a", N[:40], place=[e.InvalidRequest("no", status=400, maybe_applied=False)] * 30)
    world = World(shop)
    for position in range(30):
        with pytest.raises(e.OrderExhausted):
            world.order(f"old{position}", criteria=None, number=N[position])
    assert len(world.journal.watched()) == 30
    world.run(first_effects(provision(Order(criteria=NEAR), [shop], journal=world.journal, request_id="new"), 2))
    world.clock.advance(61)
    shop.takes = 5.0
    done = world.run(recover([shop], journal=world.journal, deadline=1))
    assert purchase_of("new", world.journal).complete
    assert len(shop.looked) <= 1
    assert done.sweep.watched == 30 - len(shop.looked)
    assert done.sweep.unknown == 0


def test_a_deadline_that_ends_first_leaves_a_count_and_a_list_of_the_undecided():
    shop = Noted("a", N[:12])
    world = World(shop)
    lost(world, shop, 12)
    done = world.run(recover([shop], journal=world.journal, deadline=0.001))
    assert done.undecided == 12
    assert [item.id for item in done.items] == sorted(f"r{position}#1" for position in range(12))
    assert all(item.undecided for item in done.items)
    assert not done.counts


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.slow
def test_seventy_thousand_open_items_of_other_workers_are_no_burden():
    shop = Shop("a", N[:3])
    world = World(shop)
    journal = world.journal
    journal.create(OrderRecord(id="all", digest="d", order=TEXT), 1, 1e6)
    with journal._database.transaction() as tx:
        tx.run(
            "WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < 70000) INSERT INTO"
            " anycarrier_intent(id, request_id, slot, state, claimable, owner, lease_until)"
            " SELECT 'all#' || n, 'all', n, 'OPEN', 1, 'another', 1e10 FROM s"
        )
        # A lease of a clock that was ahead is none; these are held by a worker that lives.
        tx.run("UPDATE anycarrier_intent SET lease_until = ? WHERE slot > 3", world.now + 3000)
    done = world.run(recover([shop], journal=journal, deadline=100))
    assert [item.id for item in done.items] == ["all#1", "all#2", "all#3"]
    assert done.counts == {ItemState.ACTIVE: 3}
    assert done.undecided == 0


@pytest.mark.slow
def test_more_items_than_are_listed_are_counted():
    shop = Shop("a", [])
    world = World(shop)
    world.journal.create(OrderRecord(id="all", digest="d", order=TEXT), LISTED + 5, -1.0)
    done = world.run(recover([shop], journal=world.journal))
    assert len(done.items) == LISTED
    assert done.counts == {ItemState.EXHAUSTED: LISTED + 5}
    assert done.undecided == 0
