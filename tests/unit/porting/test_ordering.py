"""Orders of ports through a journal: split, capped, sent once, continued under the same id."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from anycarrier import Client, ConfigurationError, Desired, InvalidInput, Money, ToGateway
from anycarrier.errors import JournalError, SpendLimitExceeded
from anycarrier.failover import Failover
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import PortState
from anycarrier.porting import observe_ports
from support.port_orders import PRIVATE, port_order
from support.port_places import BASE, FREE, ONE, TWO, Place


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.phone.close()
    made.book.close()


def test_an_order_is_split_by_losing_carrier_and_kind_of_number(place: Place) -> None:
    place.played.other_carrier(TWO, carrier="Another Telecom/2")
    done = place.port_in(ONE, TWO, FREE, reference="move")
    assert [[one.number for one in record.numbers] for record in done.records] == [[ONE], [TWO], [FREE]]
    assert [record.fee for record in done.records] == [Money("6")] * 3
    assert {record.reference for record in done.records} == {"move"}
    assert all(record.loa_url and record.port_id for record in done.records)
    assert (done.refused, done.unsent) == ((), ())
    assert PortState.IN_DOUBT not in [one.state for one in done.records]
    assert place.submitted() == 3


def test_settings_travel_with_the_order_and_are_there_when_the_number_is(place: Place) -> None:
    place.port_in(Desired(ONE, caller_name="ACME CORP"), TWO, setup=Desired(routes=[ToGateway(1000)]))
    place.played.loa()
    place.clock.advance(20 * 86_400.0)
    (record,) = place.phone.run(observe_ports(place.phone.provider, journal=place.book))
    assert {one.state for one in record.numbers} == {PortState.COMPLETE}
    owned = place.played.account.owned
    assert owned[ONE.removeprefix("+1")].caller_name == "ACME CORP"
    assert owned[TWO.removeprefix("+1")].route == 1000


def test_a_number_that_cannot_be_ported_leaves_the_others(place: Place) -> None:
    done = place.port_in(ONE, "+12015550100")
    assert [(one.number, one.is_portable, one.reason) for one in done.refused] == [
        ("+12015550100", False, "Number is on this network")
    ]
    assert [[one.number for one in record.numbers] for record in done.records] == [[ONE]]


def test_the_fee_of_all_numbers_is_capped_before_anything_is_sent(place: Place) -> None:
    for cap in (Money("11.99"), Money("100", "EUR")):
        with pytest.raises(SpendLimitExceeded, match="2 numbers costs 12 USD") as caught:
            place.port_in(ONE, TWO, max_fee=cap)
        assert not caught.value.maybe_applied
    assert not place.played.ledger.requests


def test_what_the_provider_would_refuse_is_refused_before_anything_is_sent(place: Place) -> None:
    with pytest.raises(InvalidInput, match=r"numbers\[0\]: gateway must be"):
        place.port_in(Desired(ONE, routes=[ToGateway("main")]))
    assert not place.played.ledger.requests


def test_an_order_without_money_is_refused_and_goes_on_once_there_is_some() -> None:
    place = Place(balance="13")
    place.played.other_carrier(TWO, carrier="Another Telecom/2")
    done = place.port_in(ONE, TWO, FREE)
    assert [record.state for record in done.records] == [
        *(PortState.NEEDS_LOA, PortState.NEEDS_LOA),
        PortState.REFUSED,
    ]
    assert done.records[2].reason == "InsufficientFunds [HTTP 402]: about the account's money"
    assert done.records[2].fee is None
    assert done.unsent == ()
    place.played.account.balance += 100
    again = place.port_in(ONE, TWO, FREE)
    assert [record.state for record in again.records] == [
        *(PortState.NEEDS_LOA, PortState.NEEDS_LOA),
        *(PortState.REFUSED, PortState.NEEDS_LOA),
    ]
    assert place.submitted() == 4
    place.phone.close()
    place.book.close()


def test_a_refusal_of_the_account_stops_the_rest(place: Place) -> None:
    place.played.fault("error", operation="port_submit", status=401)
    done = place.port_in(ONE, FREE)
    assert [(record.state, len(record.numbers)) for record in done.records] == [(PortState.REFUSED, 1)]
    assert done.unsent == (FREE,)
    assert [record.state for record in place.port_in(ONE, FREE).records][1:] == [PortState.NEEDS_LOA] * 2


def test_a_refusal_of_one_part_does_not_stop_the_others(place: Place) -> None:
    place.played.fault("error", operation="port_submit", status=400)
    done = place.port_in(ONE, FREE)
    assert [record.state for record in done.records] == [PortState.REFUSED, PortState.NEEDS_LOA]


def test_what_is_in_doubt_stops_the_rest_and_is_only_looked_for(place: Place) -> None:
    place.played.fault("reset", operation="port_submit", done=False)
    done = place.port_in(ONE, FREE)
    assert PortState.IN_DOUBT in [one.state for one in done.records]
    assert done.unsent == (FREE,)
    assert PortState.IN_DOUBT in [one.state for one in place.port_in(ONE, FREE).records]
    assert place.submitted() == 1
    later = place.port_in(ONE, FREE, deadline=5000.0)
    assert [record.state for record in later.records] == [PortState.ABSENT, PortState.NEEDS_LOA]
    assert "not on the account" in later.records[0].reason
    place.port_in(ONE, FREE)
    assert place.submitted() == 2
    assert [record.state for record in place.port_in(ONE, request_id="r2").records] == [PortState.NEEDS_LOA]


def test_an_order_is_found_though_the_providers_clock_is_months_behind(place: Place) -> None:
    place.played.fault("reset", operation="port_submit", done=True)
    place.book._database.time = lambda: place.clock.time() + 100 * 86_400.0  # type: ignore[method-assign]
    assert [record.state for record in place.port_in(ONE).records] == [PortState.NEEDS_LOA]
    assert place.submitted() == 1


def test_a_late_answer_is_found_without_a_second_order(place: Place) -> None:
    place.played.fault("late", operation="port_submit", seconds=120.0, loses="hang")
    done = place.port_in(ONE, deadline=1000.0)
    assert [record.state for record in done.records] == [PortState.NEEDS_LOA]
    assert place.submitted() == 1


def test_an_order_that_turns_up_after_all_is_on_record_again(place: Place) -> None:
    place.played.fault("late", operation="port_submit", seconds=3000.0, loses="reset")
    assert [record.state for record in place.port_in(ONE, deadline=2000.0).records] == [PortState.ABSENT]
    place.clock.advance(4000.0)
    place.phone.ports()
    (record,) = place.phone.run(observe_ports(place.phone.provider, journal=place.book))
    assert record.state is PortState.NEEDS_LOA
    assert record.port_id == place.phone.ports()[0].id


def test_portability_is_read_again_within_the_hour(place: Place) -> None:
    """Between the two parts an hour goes by; VoiceTel would refuse the second by an answer that is older."""
    write = place.book.write_port

    def slow(*given: Any, **named: Any) -> bool:
        place.clock.advance(3500.0)
        return write(*given, **named)

    place.book.write_port = slow  # type: ignore[method-assign]
    done = place.port_in(ONE, FREE, deadline=20_000.0)
    assert [record.state for record in done.records] == [PortState.NEEDS_LOA] * 2
    checks = [seen for seen in place.played.ledger.requests if seen.operation == "port_check"]
    assert len(checks) == 3


def test_another_order_under_the_same_id_is_refused_and_a_new_key_compares_the_numbers(place: Place) -> None:
    place.port_in(ONE)
    for other in ({"account_number": "99887766"}, {"pin": None}, {"setup": Desired(campaign="CH5K5IZ")}):
        with pytest.raises(InvalidInput, match="already used for a different port order"):
            place.port_in(ONE, **other)
    with pytest.raises(InvalidInput, match="different port order"):
        place.port_in(ONE, TWO)
    same = place.port_in(ONE, max_fee=Money("7"), reference="other")
    assert same.records == tuple(place.book.ports("r1")) == tuple(place.book.ports(number=PhoneNumber(ONE)))
    # The credential was replaced: what was keyed with the old one cannot be compared any more.
    place.played.account.api_key = "f" * 32
    renewed: Client[Any] = Client(
        "voicetel", api_key="f" * 32, base_url=BASE, transport=place.transport, clock=place.clock
    )
    same = renewed.port_in(port_order(ONE, account_number="99887766"), request_id="r1", journal=place.book)
    assert same.records == tuple(place.book.ports("r1"))
    with pytest.raises(InvalidInput, match="different port order"):
        renewed.port_in(port_order(ONE, TWO), request_id="r1", journal=place.book)
    assert place.submitted() == 1


def test_another_account_under_the_same_id_is_refused(place: Place) -> None:
    place.port_in(ONE)
    other: Client[Any] = Client(
        *("voicetel",),
        **place.played.settings,
        base_url=BASE,
        transport=place.transport,
        clock=place.clock,
        account="b",
    )
    with pytest.raises(InvalidInput, match=r"already used for a port to voicetel \(account voicetel\)"):
        other.port_in(port_order(ONE), request_id="r1", journal=place.book)


def test_a_journal_is_needed_and_a_client_or_a_failover_may_have_one(place: Place) -> None:
    with pytest.raises(ConfigurationError, match="needs a journal"):
        place.phone.port_in(port_order(ONE), request_id="r1")
    with Client(
        Failover([place.phone.provider], journal=place.book), transport=place.transport, clock=place.clock
    ) as phone:
        assert phone.port_in(port_order(ONE), request_id="r1", account="voicetel").records
    with Client(place.phone.provider, journal=place.book, transport=place.transport, clock=place.clock) as phone:
        assert phone.port_in(port_order(ONE), request_id="r1").records == tuple(place.book.ports())
    for wrong in ("x", None):
        with pytest.raises(InvalidInput, match="order must be a PortOrder"):
            place.phone.port_in(wrong, request_id="r1", journal=place.book)


def test_nothing_is_sent_that_is_not_on_record(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Any:
        raise JournalError("the disk is full")

    monkeypatch.setattr(place.book, "begin_port", full)
    with pytest.raises(JournalError):
        place.port_in(ONE)
    assert place.submitted() == 0


def test_a_journal_that_cannot_take_the_answer_is_in_doubt_and_the_order_is_found(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Any:
        raise JournalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(place.book, "write_port", full)
        with pytest.raises(JournalError):
            place.port_in(ONE)
    assert [record.state for record in place.book.ports()] == [PortState.IN_DOUBT]
    assert [record.state for record in place.port_in(ONE).records] == [PortState.NEEDS_LOA]
    assert place.submitted() == 1


def test_what_is_private_is_in_no_journal_error_or_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    quoting = f"{PRIVATE[0]}, account number {PRIVATE[1]}, PIN {PRIVATE[2]}: refused"
    place.played.other_carrier(ONE, account_number="1")
    done = place.port_in(ONE, FREE)
    place.played.loa()
    place.clock.advance(3 * 86_400.0)
    records = place.phone.run(observe_ports(place.phone.provider, journal=place.book))
    assert records[0].state is PortState.REJECTED
    assert records[0].reason.startswith("rejected: about the account number; client.port(")
    from anycarrier.port_records import Port
    from anycarrier.porting.states import refusal_words, seen

    port = Port(provider="voicetel", account="voicetel", id="a3a2a", state=PortState.REJECTED, reason=quoting)
    words = seen(records[0], port, ()).reason
    assert words.startswith("rejected: about the account number, the PIN; ")
    with place.book._database.transaction(writes=False) as tx:
        rows = [*tx.rows("SELECT * FROM anycarrier_port"), *tx.rows("SELECT * FROM anycarrier_port_number")]
    shown = [str([*row]) for row in rows] + [repr(done), repr(records), words]
    error = InvalidInput("no", detail=quoting, status=400)
    shown += [refusal_words(error), refusal_words(KeyError(quoting)), refusal_words(None)]
    shown += [record.getMessage() + repr(vars(record)) for record in caplog.records]
    assert not [text for text in PRIVATE for one in shown if text in one]
