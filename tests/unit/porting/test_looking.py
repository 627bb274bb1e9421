"""Looks for port orders: what counts as found, as absent, and as nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from anycarrier.errors import ProviderDown, RateLimited
from anycarrier.exchange import Exchange
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, PortState
from anycarrier.porting import looking, observe_ports, ordering
from support.port_orders import port_order
from support.port_places import FREE, ONE, TWO, Place

MANY = [f"+1907555{line:04}" for line in range(150, 162)]
SENT = 1_790_000_000.0


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.phone.close()
    made.book.close()


def observed(place: Place) -> list[Any]:
    found: list[Any] = place.phone.run(observe_ports(place.phone.provider, journal=place.book))
    return found


def port(numbers: Any, state: PortState = PortState.SUBMITTED, *, days: float | None = 0.0) -> Port:
    created = None if days is None else datetime.fromtimestamp(SENT, UTC) + timedelta(days=days)
    return Port(provider="acme", account="main", id="p1", state=state, numbers=numbers, created=created)


BOTH = (PhoneNumber(ONE), PhoneNumber(TWO))


@pytest.mark.parametrize(
    ("one", "whole", "found"),
    [
        (port(BOTH), True, "it"),
        (port(BOTH, days=-100), True, "it"),  # it is on its way, whatever the provider's clock says
        (port(BOTH, days=None), True, "it"),
        (port(BOTH, PortState.REJECTED), True, "it"),
        (port(BOTH, PortState.COMPLETE), False, "it"),
        (port(BOTH, PortState.REJECTED, days=-0.5), True, False),  # an earlier one, which had ended before
        (port(BOTH, PortState.COMPLETE, days=-100), True, False),
        (port(BOTH, PortState.REJECTED, days=None), True, None),
        (port(BOTH[:1]), True, None),  # a part of it, perhaps
        (port((*BOTH, PhoneNumber(FREE))), True, None),
        (port(BOTH[:1], PortState.REJECTED), True, None),
        (port(BOTH[:1], PortState.REJECTED, days=-0.5), True, False),
        (port((PhoneNumber(FREE),)), True, False),
        (port((PhoneNumber(FREE),)), False, None),
    ],
)
def test_an_order_is_found_by_all_its_numbers(one: Port, whole: bool, found: object) -> None:
    seen = looking._Ports([one], whole).find(frozenset(BOTH), SENT)
    assert seen is (one if found == "it" else found)


def test_a_number_that_is_on_the_account_is_not_absent(place: Place) -> None:
    place.played.fault("reset", operation="port_submit", done=False)
    place.port_in(ONE, deadline=0.5)
    place.played.own(ONE.removeprefix("+1"))
    assert [record.state for record in place.port_in(ONE, deadline=5000.0).records] == [PortState.IN_DOUBT]
    place.played.fault("error", operation="number_get", status=500, times=None)
    place.clock.advance(5000.0)
    assert [record.state for record in observed(place)] == [PortState.IN_DOUBT]


def test_of_many_numbers_the_list_is_read(place: Place) -> None:
    place.port_in(*MANY, request_id="many")
    place.played.loa()
    place.clock.advance(20 * 86_400.0)
    (record,) = observed(place)
    assert {one.state for one in record.numbers} == {PortState.COMPLETE}
    read = [seen.operation for seen in place.played.ledger.requests]
    assert "numbers" in read
    assert "number_get" not in read


def test_an_account_that_cannot_be_read_completes_nothing(place: Place) -> None:
    place.port_in(ONE)
    place.played.loa()
    place.clock.advance(20 * 86_400.0)
    place.played.fault("error", operation="number_get", status=500, times=None)
    with pytest.raises(ProviderDown):
        observed(place)
    assert [one.is_open for one in place.book.ports()] == [True]


def test_a_rejected_port_that_goes_on_is_followed(place: Place) -> None:
    place.played.other_carrier(ONE, account_number="1")
    place.port_in(ONE)
    place.played.loa()
    place.clock.advance(3 * 86_400.0)
    assert [record.state for record in observed(place)] == [PortState.REJECTED]
    (mended,) = place.played.account.ports.values()
    mended.rejection = mended.answered_at = None
    place.played.other_carrier(ONE, account_number=None)
    place.clock.advance(86_400.0)
    assert [record.state for record in observed(place)] == [PortState.SCHEDULED]
    assert place.book.ports(open=True)


def test_a_rejected_port_that_goes_on_does_not_take_a_number_from_a_later_order(place: Place) -> None:
    place.played.other_carrier(ONE, account_number="1")
    place.port_in(ONE)
    place.played.loa()
    place.clock.advance(3 * 86_400.0)
    observed(place)
    place.played.other_carrier(ONE, account_number=None)
    place.port_in(ONE, request_id="r2")
    mended = next(iter(place.played.account.ports.values()))
    mended.rejection = mended.answered_at = None
    place.clock.advance(86_400.0)
    assert [record.state for record in observed(place)] == [PortState.REJECTED, PortState.NEEDS_LOA]


def test_a_port_that_is_gone_from_the_list_and_is_not_found_stays_as_it_was(place: Place) -> None:
    place.port_in(ONE)
    place.played.account.ports.clear()
    assert [record.state for record in observed(place)] == [PortState.NEEDS_LOA]


def test_without_time_or_a_place_in_the_rate_limit_nothing_is_sent(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.port_in(ONE, TWO, deadline=0.0).unsent == (ONE, TWO)
    assert not place.played.ledger.requests

    def full(*_: object, **__: object) -> Exchange[None]:
        yield from ()
        raise RateLimited("no place")

    monkeypatch.setattr(ordering, "await_rate_limit", full)
    done = place.port_in(ONE, FREE)
    assert (done.records, done.unsent) == ((), (ONE, FREE))
    assert place.submitted() == 0
    assert port_order(ONE).lines()
