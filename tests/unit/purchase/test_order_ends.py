"""Orders that are watched, that end at once, or that are interrupted."""

from __future__ import annotations

import pytest

from anycarrier import errors as e
from anycarrier.purchase import Order, provision, purchase_of, recover, resume
from anycarrier.purchase.context import make_context
from anycarrier.purchase.recovery import Passes
from support.orders import NEAR, N, Shop, World, first_effects


def test_a_notify_that_raises_does_not_end_the_purchase(caplog):
    def broken(_):
        raise RuntimeError("the screen is gone")

    a = Shop("a", N[:1])
    world = World(a)
    done = world.run(provision(Order(criteria=NEAR), world.shops, journal=world.journal, request_id="r", notify=broken))
    assert done.numbers == (N[0],)
    assert "the purchase goes on" in caplog.text


def test_a_named_number_that_is_ours_already_ends_its_order_at_once_and_says_so():
    a = Shop("a", N[:1])
    world = World(a)
    world.order()
    began = world.now
    with pytest.raises(e.OrderExhausted, match="bought already, by r#1"):
        world.order("again", criteria=None, number=N[0])
    assert world.now - began < 10


def test_a_named_number_that_cannot_be_bought_here_is_not_told_as_pursued_by_others():
    a = Shop("a", N[:1])

    def draft_of(target, *, key, options=()):
        raise e.NumberUnavailable("no search finds it", maybe_applied=False)
        yield

    a.draft = draft_of
    world = World(a)
    began = world.now
    with pytest.raises(e.OrderExhausted, match="no search finds it"):
        world.order(criteria=None, number=N[9])
    assert world.now - began < 10


# -- interruptions


@pytest.mark.parametrize("count", range(1, 10))
def test_a_recovery_that_is_interrupted_anywhere_leaves_nothing_held(count):
    a = Shop("a", N[:1])
    world = World(a)
    world.run(first_effects(provision(Order(criteria=NEAR), [a], journal=world.journal, request_id="r"), 2))
    world.clock.advance(61)
    try:
        world.run(interrupted_at(Passes(make_context(world.shops, world.journal), world.now + 600).work(), count))
    except Interrupt:
        began = world.now
        world.run(recover(world.shops, journal=world.journal))
        assert world.now - began < 30
    assert purchase_of("r", world.journal).numbers == (N[0],)
    assert a.owned == [N[0]]


class Interrupt(BaseException):
    """As a driver sees Ctrl-C or a cancellation."""


def interrupted_at(exchange, count):
    """Interrupt *exchange* at its *count*-th effect, or return its value where it ends before that."""
    outcome = None
    try:
        for _ in range(count):
            effect = exchange.send(outcome)
            outcome = yield effect
        exchange.send(outcome)
        raise Interrupt
    except StopIteration as stop:
        return stop.value
    finally:
        exchange.close()


def test_an_interrupted_order_says_how_to_go_on():
    a = Shop("a", N[:1])
    world = World(a)
    order = provision(Order(criteria=NEAR), world.shops, journal=world.journal, request_id="order-1")
    with pytest.raises(Interrupt) as caught:
        world.run(interrupted_at(order, 8))
    unknown = caught.value.outcome_unknown
    assert unknown.purchase.request_id == "order-1"
    assert any("client.resume('order-1')" in note for note in caught.value.__notes__)
    assert world.run(resume(unknown.purchase.request_id, world.shops, journal=world.journal)).numbers == (N[0],)
    assert a.owned == [N[0]]
