"""Many items with one request: begun together, sent once, and resolved together, whatever comes in between."""

from __future__ import annotations

import pytest

from anycarrier import errors as e
from anycarrier.model import Money
from anycarrier.purchase import recover
from anycarrier.purchase.journal.types import ItemState
from support.orders import N, Shop, World, first_effects
from support.wholesale import Wholesale, batch, lost, made, refused, states


@pytest.fixture
def world():
    return World(Wholesale("a", N[:20]))


def one(world):
    return world.shops[0]


def items(world):
    return [
        world.journal.load(item).item.state
        for name in world.journal.request_ids()
        for item in world.journal.item_ids(name)
    ]


def test_items_that_are_alike_are_bought_with_one_request(world):
    assert world.run(batch(world, made(world, 5))) == []
    assert len(one(world).requests) == 1
    assert one(world).searches == 1
    entries = world.journal.entries()
    assert states(world) == ["CONFIRMED"] * 5
    assert {entry.attempt.draft.key for entry in entries} == {one(world).requests[0][0]}
    assert {entry.attempt.draft.body for entry in entries} == {one(world).requests[0][1]}
    assert {*items(world)} == {ItemState.ACTIVE}
    assert len({*one(world).owned}) == 5


def test_a_request_orders_what_the_provider_takes_at_most(world):
    assert world.run(batch(world, made(world, 12))) == []
    assert [len(body.split(b",")) for _, body in one(world).requests] == [5, 5, 2]
    assert one(world).searches == 1
    assert len({*one(world).owned}) == 12


def test_a_provider_that_sells_one_by_one_leaves_all():
    world = World(Shop("a", N[:9]))
    ids = made(world, 3)
    assert world.run(batch(world, ids)) == ids
    assert states(world) == []


@pytest.mark.parametrize(
    "how",
    [{"number": N[3], "criteria": None}, {"prefer": "cheapest"}, {"features": ("fax",)}, {"max_price": Money("0.10")}],
)
def test_what_only_the_single_way_does_is_left(world, how):
    ids = made(world, 3, **how)
    assert world.run(batch(world, ids)) == ids
    assert states(world) == []
    assert world.journal.claim(ids[0], "another")[1]


def test_an_item_that_another_worker_has_is_left(world):
    ids = made(world, 4)
    world.journal.claim(ids[1], "another")
    assert world.run(batch(world, ids)) == [ids[1]]
    assert len(one(world).owned) == 3


def test_a_number_that_somebody_else_gets_in_between_drops_out_and_the_rest_go_on(world, monkeypatch):
    ids = made(world, 4)
    other = made(world, 1, "s")[0]
    claimed = world.journal.claimed

    def quicker(provider, numbers):
        found = claimed(provider, numbers)
        if not states(world):
            context = Wholesale("a", N[:20])
            world.journal.claim(other, "another")
            from anycarrier.attempt import Draft
            from anycarrier.purchase.resolution import Instant, begun

            draft = Draft(provider="a", account="a", number=N[1], key="k", body=b"x")
            world.journal.begin(other, "another", begun(draft, context.rules, Instant(1, 1)))
        return found

    monkeypatch.setattr(world.journal, "claimed", quicker)
    assert world.run(batch(world, ids)) == []
    assert len(one(world).requests) == 1
    assert N[1] not in one(world).owned
    assert len(one(world).owned) == 4


def test_a_lost_answer_is_resolved_by_the_same_request_once_more(world):
    one(world).script = [lost()]
    assert world.run(batch(world, made(world, 5))) == []
    assert len(one(world).requests) == 2
    assert one(world).requests[0] == one(world).requests[1]
    assert states(world) == ["CONFIRMED"] * 5
    assert one(world).lists == 0
    assert one(world).looks == []


def test_a_number_that_failed_is_looked_for_and_its_item_left(world):
    one(world).script = [{N[2]}]
    ids = made(world, 5)
    assert world.run(batch(world, ids)) == [ids[2]]
    assert states(world) == ["CONFIRMED", "CONFIRMED", "REJECTED", "CONFIRMED", "CONFIRMED"]
    assert len(one(world).requests) == 1
    assert one(world).looks == [N[2]] * 2  # at once, and when the list cannot lag any more


def test_several_that_failed_are_looked_for_with_one_reading(world):
    one(world).script = [{N[2], N[3], N[4]}]
    ids = made(world, 5)
    assert world.run(batch(world, ids)) == ids[2:]
    assert one(world).lists == 2
    assert one(world).looks == []


@pytest.mark.parametrize("error", [refused(), refused(e.InsufficientFunds, 402), refused(e.ProviderDown, 502)])
def test_a_request_that_is_refused_as_a_whole_is_refused_for_each(world, error):
    one(world).script = [error]
    ids = made(world, 5)
    assert world.run(batch(world, ids)) == ids
    assert states(world) == ["REJECTED"] * 5
    assert len(one(world).requests) == 1


def test_a_request_that_was_not_sent_is_tried_again_as_one(world):
    one(world).script = [e.TransportError("refused", kind="connect", maybe_applied=False)]
    assert world.run(batch(world, made(world, 5))) == []
    assert states(world) == ["NOT_SENT"] * 5 + ["CONFIRMED"] * 5
    assert len(one(world).requests) == 2


@pytest.mark.parametrize("again", ["recover", "fill"])
@pytest.mark.parametrize("effects", range(1, 24))
def test_a_worker_that_dies_anywhere_is_followed_by_one_request(world, effects, again):
    ids = made(world, 5)
    world.run(first_effects(batch(world, ids), effects))
    begun = bool(states(world))
    sent = len(one(world).requests)
    world.clock.advance(100)
    if again == "recover" and begun:
        world.run(recover(world.shops, journal=world.journal))
    else:
        assert world.run(batch(world, ids)) == []
    assert states(world) == ["CONFIRMED"] * 5
    assert {*items(world)} == {ItemState.ACTIVE}
    assert len({*one(world).requests}) == 1
    assert len(one(world).requests) <= sent + 1
    assert one(world).looks == []
    assert one(world).lists == 0
