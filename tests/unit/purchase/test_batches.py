"""Many items with one request: begun together, sent once, and resolved together, whatever comes in between."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import Draft
from anycarrier.model import Money
from anycarrier.purchase import recover, sweep
from anycarrier.purchase.context import make_context
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.resolution import Instant, begun
from anycarrier.purchase.worker import fulfill_item
from anycarrier.search import Search
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


def test_where_the_money_does_for_some_of_them_each_is_tried_by_itself(world):
    ids = made(world, 5)
    one(world).script = [refused(e.InsufficientFunds, 402), None, None, refused(e.InsufficientFunds, 402)]
    assert world.run(batch(world, ids)) == ids
    context = make_context(world.shops, world.journal)
    came = [world.run(fulfill_item(context, item, 600.0)).state for item in ids[:3]]
    assert came == [ItemState.ACTIVE, ItemState.ACTIVE, ItemState.REFUSED]
    assert len(one(world).owned) == 2


def test_a_worker_that_is_to_stop_does_not_wait_for_its_deadline(world):
    ids = made(world, 4)
    one(world).script = [lost(), lost(), lost(), lost(), lost()]
    began = world.clock.now().monotonic
    assert world.run(batch(world, ids, stopped=lambda: len(one(world).requests) > 1)) == []
    assert len(one(world).requests) == 2
    assert world.clock.now().monotonic - began < 10.0
    assert states(world) == ["IN_DOUBT"] * 4
    assert world.journal.claim(ids[0], "another")[1]


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


def test_a_journal_that_breaks_says_that_something_may_have_been_done(world, monkeypatch):
    ids = made(world, 3)

    def full(*_):
        raise e.JournalError("the disk is full")

    monkeypatch.setattr(world.journal, "record_many", full)
    with pytest.raises(e.JournalError, match=r"the disk is full\. What is open .* recover\(\)") as caught:
        world.run(batch(world, ids))
    assert caught.value.maybe_applied
    monkeypatch.undo()
    assert world.journal.claim(ids[0], "another")[1]  # let go, for who comes next
    world.journal.release_claim(ids[0], "another")
    world.clock.advance(5)
    assert world.run(batch(world, ids)) == []
    assert len({*one(world).requests}) == 1


def test_who_finds_a_request_shared_with_another_worker_waits_for_its_lease(world):
    ids = made(world, 4)
    one(world).script = [lost()]
    world.run(first_effects(batch(world, ids, patience=0), 16))
    world.journal.claim_many(ids[:2], "dead")
    assert world.run(batch(world, ids)) == []
    assert {*items(world)} == {ItemState.ACTIVE}
    assert len({*one(world).requests}) == 1
    assert world.told[-1].kind == "confirmed"


def test_who_has_no_time_leaves_the_rest_to_recovery(world):
    ids = made(world, 4)
    one(world).script = [lost()]
    assert world.run(batch(world, ids, patience=1.0)) == []  # none of them is for the single way
    assert states(world) == ["IN_DOUBT"] * 4
    done = world.run(recover(world.shops, journal=world.journal))
    assert done.counts == {ItemState.ACTIVE: 4}
    assert done.undecided == 0
    assert len(one(world).requests) == 2


def test_recovery_that_has_no_time_lists_them_as_undecided(world):
    ids = made(world, 4)
    one(world).script = [lost(), lost(), lost()]
    world.run(batch(world, ids, patience=1.0))
    done = world.run(recover(world.shops, journal=world.journal, deadline=1.0))
    assert done.undecided == 4
    assert {item.id for item in done.items} == {*ids}
    assert all(item.resume_at is not None for item in done.items)
    assert len(one(world).requests) == 1


def test_a_look_for_several_that_is_not_clear_proves_nothing(world, monkeypatch):
    ids = made(world, 3)
    one(world).script = [{N[0], N[1], N[2]}]
    answers = [e.ProviderDown("down"), {N[0]: one(world)._own(N[9])}]
    found = one(world).find_purchases

    def looked(attempts):
        step = answers.pop(0) if answers else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            return step
        return (yield from found(attempts))

    monkeypatch.setattr(one(world), "find_purchases", looked)
    assert world.run(batch(world, ids)) == ids
    assert states(world) == ["REJECTED"] * 3
    assert answers == []


def test_an_answer_that_leaves_a_number_out_leaves_it_in_doubt(world, monkeypatch):
    ids = made(world, 3)
    sent = one(world).place_many

    def short(drafts):
        told = dict((yield from sent(drafts)))
        if len(one(world).requests) == 1:
            del told[N[1]]
        return told

    monkeypatch.setattr(one(world), "place_many", short)
    assert world.run(batch(world, ids)) == []
    assert states(world) == ["CONFIRMED"] * 3
    sends = [entry.attempt.sends for entry in world.journal.entries()]
    assert sends == [1, 2, 1]
    assert len({*one(world).requests}) == 1


def test_an_answer_that_confirms_another_number_leaves_it_in_doubt(world, monkeypatch):
    ids = made(world, 2)
    sent = one(world).place_many

    def wrong(drafts):
        told = dict((yield from sent(drafts)))
        return {**told, N[1]: one(world)._own(N[9])} if len(one(world).requests) == 1 else told

    monkeypatch.setattr(one(world), "place_many", wrong)
    assert world.run(batch(world, ids)) == []
    assert [entry.attempt.draft.number for entry in world.journal.entries()] == [N[0], N[1]]
    assert states(world) == ["CONFIRMED"] * 2


def test_a_request_waits_for_its_place_in_the_rate_limit(world):
    world.limits = [e.RateLimited("full", retry_after=60.0)]
    ids = made(world, 3)
    assert world.run(batch(world, ids)) == ids
    assert states(world) == []
    assert one(world).requests == []


def test_a_repetition_waits_for_its_place_too(world):
    one(world).script = [lost()]
    world.limits = [None, e.RateLimited("full", retry_after=7.0)]
    assert world.run(batch(world, made(world, 3))) == []
    assert states(world) == ["CONFIRMED"] * 3
    assert len(one(world).requests) == 2


@pytest.mark.parametrize("error", [e.ProviderDown("down"), e.InvalidRequest("no")])
def test_a_search_that_fails_leaves_the_items(world, error):
    one(world).fails = error
    ids = made(world, 3)
    assert world.run(batch(world, ids)) == ids
    assert states(world) == []


def test_a_request_that_cannot_be_made_leaves_the_items(world, monkeypatch):
    def refuse(*_, **__):
        raise e.InvalidRequest("no such route")
        yield

    monkeypatch.setattr(one(world), "draft_many", refuse)
    ids = made(world, 3)
    assert world.run(batch(world, ids)) == ids
    assert states(world) == []


def test_a_price_that_has_risen_since_the_search_is_left_out(world, monkeypatch):
    drafted = one(world).draft_many

    def dearer(targets, **how):
        made = yield from drafted(targets, **how)
        return [evolve(draft, price=Money("9")) if draft.number == N[0] else draft for draft in made]

    monkeypatch.setattr(one(world), "draft_many", dearer)
    assert world.run(batch(world, made(world, 3, max_price=Money("2")))) == []
    assert N[0] not in one(world).owned
    assert len(one(world).owned) == 3
    assert len(one(world).requests) == 1


def test_caps_leave_the_items_to_the_single_way(world):
    ids = made(world, 1, quantity=4, spend_cap=Money("2.50"))
    assert world.run(batch(world, ids)) == ids
    assert states(world) == []
    world.journal.day_cap = Money("2.50")
    ids = made(world, 4, "s")
    assert world.run(batch(world, ids)) == ids
    assert states(world) == []
    assert world.run(batch(world, ids[:2])) == []
    assert states(world) == ["CONFIRMED"] * 2


def test_a_sorted_search_keeps_its_order(world):
    ids = made(world, 2, criteria=Search(area_code="201", sort_by="price"))
    assert world.run(batch(world, ids)) == []
    more = made(world, 2, "s", criteria=Search(area_code="201", sort_by="price"))
    one(world).numbers = [*N[:20]]  # they are shown though they are sold
    assert world.run(batch(world, more)) == []
    assert one(world).owned[2:] == [N[2], N[3]]


def test_offers_that_others_have_all_taken_are_searched_for_anew(world):
    world.run(batch(world, made(world, 10)))
    one(world).numbers = []
    world.clock.advance(1)
    ids = made(world, 2, "s")
    searches = one(world).searches
    assert world.run(batch(world, ids)) == ids
    assert one(world).searches == searches + 1


def test_a_request_of_a_provider_that_does_not_answer_for_long_is_parked_one_by_one(world, monkeypatch):
    one(world).rules = evolve_rules(replay=False)
    ids = made(world, 3)
    one(world).script = [lost()]

    def down(attempts):
        raise e.ProviderDown("down")
        yield

    monkeypatch.setattr(one(world), "find_purchases", down)
    assert world.run(batch(world, ids, deadline=1e5)) == ids
    assert states(world) == ["IN_DOUBT"] * 3


def test_an_item_of_many_can_be_continued_by_itself(world):
    """The same request once more buys nothing new, whoever sends it."""
    ids = made(world, 4)
    one(world).script = [lost()]
    world.run(batch(world, ids, patience=1.0))
    context = make_context(world.shops, world.journal)
    for item in ids:
        assert world.run(fulfill_item(context, item, 600.0)).state is ItemState.ACTIVE
    assert len({*one(world).requests}) == 1
    assert len(one(world).requests) == 5
    assert len(one(world).owned) == 4


def test_a_sweep_looks_for_all_with_one_reading(world):
    ids = made(world, 5)
    one(world).script = [refused(e.InsufficientFunds, 402)]
    assert world.run(batch(world, ids)) == ids
    one(world).owned = [N[1]]  # charged in spite of that
    swept = world.run(sweep(world.shops, journal=world.journal))
    assert [bought.number for bought in swept.adopted] == [N[1]]
    assert swept.watched == 4
    assert one(world).lists == 1
    assert one(world).looks == []


def evolve_rules(**changes):
    return evolve(Wholesale.rules, **changes)
