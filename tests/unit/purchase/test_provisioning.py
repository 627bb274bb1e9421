"""Whole orders over scripted providers."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import AttemptState
from anycarrier.failover import Failover
from anycarrier.model import Offer
from anycarrier.purchase import ItemState, Order, find_purchases, journal, provision, purchase_of, resume
from anycarrier.purchase.journal.types import OrderRecord
from support.orders import NEAR, RULES, N, Shop, World, first_effects


def test_a_number_that_others_pursue_by_now_is_left_to_them():
    a = Shop("a", N[:1], place=[e.TransportError("lost", maybe_applied=True)])
    a.rules = evolve(RULES, same_number_once=True)
    b = Shop("b", N[5:6])
    world = World(a, b)
    journal = world.journal
    record = journal.record

    def recorded(entry, owner, attempt, passed=None):
        kept = record(entry, owner, attempt, passed)
        if attempt.state is AttemptState.REFUTED:
            journal.create(OrderRecord(id="other", digest="", order="{}"), 1, 100.0)
            journal.claim("other#1", "you")
            journal.begin("other#1", "you", evolve(attempt, state=AttemptState.SENT))
        return kept

    journal.record = recorded
    assert world.order().bought[0].provider == "b"


def test_an_order_is_filled_by_the_first_that_can():
    a, b = Shop("a", N[:3]), Shop("b", N[3:6])
    world = World(a, b)
    done = world.order()
    assert done.numbers == (N[0],)
    assert done.bought[0].owned.provider == "a"
    assert done.complete
    assert not done.open
    assert [one.kind for one in world.told] == ["search", "begin", "confirmed"]


def test_the_same_request_returns_the_same_purchase():
    a = Shop("a", N[:3])
    world = World(a)
    first, again = world.order(), world.order(deadline=5)
    assert again == first
    assert purchase_of("r", world.journal) == first
    assert purchase_of("s", world.journal) is None
    assert a.owned == [N[0]]
    with pytest.raises(e.InvalidInput, match="a different order"):
        world.order(quantity=2)
    with pytest.raises(e.InvalidInput, match="no request"):
        world.run(resume("s", world.shops, journal=world.journal))
    assert world.run(resume("r", world.shops, journal=world.journal)) == first


def test_several_numbers_are_several_purchases():
    a = Shop("a", N[:5])
    done = World(a).order(quantity=3)
    assert len(set(done.numbers)) == 3
    assert len(set(a.keys)) == 3


def test_a_refusal_moves_on_with_a_new_key_and_a_lost_answer_does_not():
    a = Shop("a", N[:3], place=[e.InvalidRequest("no", status=400, maybe_applied=False)])
    assert World(a).order().numbers == (N[1],)
    assert len(set(a.keys)) == 2
    a = Shop("a", N[:3], place=[e.TransportError("lost", maybe_applied=True)])
    b = Shop("b", N[3:6])
    world = World(a, b)
    began = world.now
    assert world.order().bought[0].provider == "a"
    assert world.now - began > 300
    assert a.owned == [N[1]]


@pytest.mark.slow
def test_orders_that_were_refused_twice_spread_over_what_is_offered():
    """Those of other accounts at one provider want the same numbers; each has four attempts there."""
    refused = [e.InvalidRequest("no", status=400, maybe_applied=False)] * 2
    bought = [World(Shop("a", N[:20], place=[*refused])).order(request_id=f"r{place}").numbers for place in range(12)]
    assert len({*bought}) > 6
    assert not {N[0], N[1]} & {number for one in bought for number in one}


@pytest.mark.parametrize(
    "error",
    [
        e.AuthenticationFailed("no", status=401, maybe_applied=False),
        e.InsufficientFunds("no", status=402, maybe_applied=False),
    ],
)
def test_an_account_that_is_refused_as_such_is_passed_over(error):
    a, b = Shop("a", N[:3], place=[error]), Shop("b", N[3:6])
    done = World(a, b).order()
    assert done.bought[0].provider == "b"
    assert type(error).__name__ in done.items[0].reasons["a"]
    assert len(a.keys) == 1


def test_exhaustion_says_why():
    a = Shop("a", search=e.PermissionDenied("no", status=403))
    b = Shop("b", [])
    world = World(a, b)
    with pytest.raises(e.OrderExhausted) as caught:
        world.order()
    assert caught.value.reasons["b"] == "nothing matches"
    assert caught.value.reasons["a"] == "PermissionDenied: no [HTTP 403]"
    assert caught.value.safe_elsewhere
    assert caught.value.purchase.items[0].state is ItemState.EXHAUSTED
    with pytest.raises(e.OrderExhausted):
        world.order()


@pytest.mark.parametrize(
    "error",
    [
        e.RateLimited("six an hour", retry_after=3000.0),
        e.ProviderDown("down", status=503),
        e.TransportError("no route", maybe_applied=False),
        e.UnexpectedResponse("a page"),
        e.ConfigurationError("the token source could not load the tokens"),
        RuntimeError("the application's token function"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_passing_reason_leaves_an_order_open_for_a_later_try(error):
    a, b = Shop("a", N[:1], search=error), Shop("b", [])
    world = World(a, b)
    began = world.now
    with pytest.raises(e.OutcomeUnknown, match=r"nothing is in doubt.*the deadline ended") as caught:
        world.order(deadline=120)
    (item,) = caught.value.purchase.items
    assert (item.state, caught.value.maybe_applied, caught.value.safe_elsewhere) == (ItemState.OPEN, False, False)
    assert type(error).__name__ in item.reason
    assert item.reasons == {"b": "nothing matches"}
    assert world.now - began <= 130
    assert world.now < caught.value.resume_at <= began + (3010 if isinstance(error, e.RateLimited) else 190)
    world.clock.advance(3600)
    a.fails = None
    assert world.order().numbers == (N[0],)


def test_an_order_whose_requests_cannot_be_sent_is_tried_ever_more_rarely_and_stays_open():
    unsent = [e.TransportError("refused", kind="connect", maybe_applied=False) for _ in range(12)]
    a = Shop("a", N[:3], place=unsent)
    world = World(a)
    with pytest.raises(e.OutcomeUnknown):
        world.order(deadline=1500)
    assert 5 < len(a.keys) < 10
    assert all(entry.attempt.state is AttemptState.NOT_SENT for entry in world.journal.entries())
    a.script.clear()
    world.clock.advance(700)
    assert world.order().numbers == (N[0],)


@pytest.mark.parametrize("key", [None, "mine"])
def test_a_purchase_without_a_key_of_its_callers_ends_with_its_deadline(key):
    world = World(Shop("a", N[:1], search=e.ProviderDown("down"), place=[]))
    failover = Failover(world.shops, journal=world.journal)
    world.shops[0].draft = lambda *_, **__: failing()
    with pytest.raises(e.OutcomeUnknown if key else e.OrderExhausted):
        world.run(failover.buy(N[0], key=key, deadline=30))


def failing():
    raise e.ProviderDown("down", status=503)
    yield


def test_a_rate_limit_is_waited_for_before_anything_is_written_down():
    a = Shop("a", N[:3], place=[e.TransportError("lost", maybe_applied=True)])
    a.rules = evolve(RULES, replay=True, replay_for=1000.0)
    world = World(a)
    limited = e.RateLimited("wait", retry_after=30.0)
    world.limits = [limited, None, limited, limited]
    began = world.now
    done = world.order()
    assert done.numbers == (N[0],)
    assert len(world.journal.entries()) == 1
    assert world.now - began > 90
    assert len(set(a.keys)) == 1
    assert all(0 < most < world.journal.lease for most in world.waits if most is not None)
    assert world.waits[0] == world.journal.lease / 2  # before it is written down: the intent must be ours until then


def test_only_the_accounts_of_the_order_are_used():
    a, b = Shop("a", search=e.ProviderDown("down")), Shop("b", N[3:6])
    world = World(a, b)

    def go_on(*shops, **how):
        return world.run(resume("r", shops, journal=world.journal, **how))

    order = Order(criteria=NEAR)
    world.run(first_effects(provision(order, [a], journal=world.journal, request_id="r"), 2))
    with pytest.raises(e.OutcomeUnknown, match="missing in this client"):
        go_on(b, deadline=30)
    assert not b.owned
    a.fails, a.numbers = None, [N[0]]
    assert go_on(b, a).bought[0].provider == "a"


def test_one_named_number_through_a_journal():
    a, b = Shop("a", N[:2]), Shop("b", N[2:4])
    world = World(a, b)
    failover = Failover([a, b], journal=world.journal)
    began = world.now
    assert world.run(failover.buy(N[3], key="mine")).provider == "b"
    assert world.now - began < 25
    assert world.run(failover.buy(N[3], key="mine")).number == N[3]
    assert b.owned == [N[3]]
    offer = Offer(provider="a", account="a", number=N[0])
    assert world.run(failover.buy(offer)).provider == "a"
    with pytest.raises(e.OrderExhausted):
        world.run(failover.buy(N[50], deadline=90))
    with pytest.raises(e.InvalidInput, match="does not have"):
        world.run(failover.buy(evolve(offer, account="x")))


def test_orders_are_found_again_by_what_their_caller_calls_them(tmp_path):
    world = World(Shop("a", N[:3]))
    with journal.open(tmp_path / "j") as book:
        world.journal = book
        bought = []
        for place, tenant in enumerate(["tenant-1", "tenant-2", "tenant-1"]):
            done = world.order(request_id=f"r{place}", reference=tenant, tags={"plan": "basic", "row": str(place)})
            assert (done.reference, done.tags["row"]) == (tenant, str(place))
            bought.append(done.numbers)
        # Not a part of the order: the same id with another name for it is the same purchase.
        again = world.order(request_id="r1", reference="tenant-9", tags={})
        assert (again.reference, again.numbers) == ("tenant-2", bought[1])
        found = [*find_purchases(book, reference="tenant-1")]
        assert sorted(one.request_id for one in found) == ["r0", "r2"]
        assert {one.numbers for one in found} == {bought[0], bought[2]}
        assert [one.request_id for one in find_purchases(book, tags={"row": "1", "plan": "basic"})] == ["r1"]
        assert len([*find_purchases(book, state="ACTIVE")]) == 3
        assert not [*find_purchases(book, state=ItemState.PARKED)]
        for wrong in ({"reference": ""}, {"tags": ["plan"]}, {"state": "sold"}, {"tags": {"plan": 1}}):
            with pytest.raises(e.InvalidInput):
                find_purchases(book, **wrong)


@pytest.mark.parametrize("tags", [{"": "x"}, {"plan": ""}, {"plan": 7}, "plan", {f"t{n}": "x" for n in range(51)}])
def test_tags_are_text_by_name(tags):
    with pytest.raises(e.InvalidInput, match="tag"):
        Order(number=N[0], tags=tags)
