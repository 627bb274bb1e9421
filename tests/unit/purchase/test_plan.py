"""The next step of an order item: values in, a value out."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier.purchase import ItemState
from anycarrier.purchase.journal.types import ItemRecord, OrderRecord, Snapshot
from anycarrier.purchase.plan import Adopt, Attend, Pause, Place, Stop, Stuck, Try, next_step
from anycarrier.purchase.resolution import Action, Do, Instant
from support.orders import NOW, RULES, N, S, entry


def snapshot(*entries, state=ItemState.OPEN, passed=None):
    item = ItemRecord(id="r#1", request_id="r", position=1, state=state, passed=passed or {})
    request = OrderRecord(id="r", digest="", order="", created=0, valid_until=1000)
    return Snapshot(request=request, item=item, entries=entries, now=200)


PLACES = [Place("a", "a", RULES), Place("b", "b", RULES)]


@pytest.mark.parametrize(
    ("given", "step"),
    [
        (snapshot(), Try(("a", "b"))),
        (snapshot(passed={"a": "no"}), Try(("b",))),
        (snapshot(passed={"a": "no", "b": "no"}), Stop("every account was tried or passed over")),
        (snapshot(entry(S.REJECTED)), Try(("a", "b"))),
        (snapshot(*[entry(S.REJECTED, N[n], seq=n) for n in range(4)]), Try(("b",))),
        (snapshot(entry(S.NOT_SENT, next_at=300)), Pause(300)),
        (snapshot(entry(S.NOT_SENT, next_at=150)), Try(("a", "b"))),
        (snapshot(entry(S.IN_DOUBT)), Attend(entry(S.IN_DOUBT), Action(Do.LOOK), RULES)),
        (snapshot(entry(S.SENT)), Attend(entry(S.SENT), Action(Do.LOOK), RULES)),
        (snapshot(entry(S.ORPHAN), entry(S.REJECTED, seq=2)), Adopt(entry(S.ORPHAN))),
    ],
)
def test_next_steps(given, step):
    assert next_step(given, PLACES, NOW) == step


def test_an_attempt_in_doubt_elsewhere_is_neither_given_up_nor_passed_over():
    assert isinstance(next_step(snapshot(entry(S.IN_DOUBT, account="z")), PLACES, NOW), Stuck)


def test_breakers_hold_back_only_what_is_new():
    blocked = {"a": 250.0, "b": 240.0}
    assert next_step(snapshot(), PLACES, NOW, blocked=blocked) == Pause(240.0)
    assert isinstance(next_step(snapshot(entry(S.IN_DOUBT)), PLACES, NOW, blocked=blocked), Attend)


def test_an_order_whose_time_is_over_begins_nothing_but_resolves():
    late = Instant(2000, 2000)
    assert isinstance(next_step(snapshot(), PLACES, late), Stop)
    assert isinstance(next_step(snapshot(entry(S.IN_DOUBT)), PLACES, late), Attend)


def test_the_same_number_once_more_only_where_that_is_harmless():
    exclusive = [Place("a", "a", evolve(RULES, same_number_once=True))]
    first = entry(S.REFUTED)
    assert next_step(snapshot(first), exclusive, NOW) == Try(("a",), again=first)
    assert next_step(snapshot(first, entry(S.REFUTED, seq=2)), exclusive, NOW) == Try(("a",))
    assert next_step(snapshot(first), PLACES, NOW) == Try(("a", "b"))


def test_a_named_number_is_asked_for_once_at_each_account():
    assert next_step(snapshot(entry(S.REJECTED)), PLACES, NOW, named=True) == Try(("b",))
    assert next_step(snapshot(entry(S.NOT_SENT)), PLACES, NOW, named=True) == Try(("a", "b"))


def test_a_cancelled_order_begins_nothing_but_resolves_and_takes_what_turned_up():
    def cancelled(*entries):
        one = snapshot(*entries)
        return evolve(one, request=evolve(one.request, cancelled=True))

    assert next_step(cancelled(), PLACES, NOW) == Stop("it was cancelled")
    assert next_step(cancelled(entry(S.NOT_SENT, next_at=300)), PLACES, NOW) == Stop("it was cancelled")
    assert isinstance(next_step(cancelled(entry(S.IN_DOUBT)), PLACES, NOW), Attend)
    assert isinstance(next_step(cancelled(entry(S.ORPHAN)), PLACES, NOW), Adopt)
