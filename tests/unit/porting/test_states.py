"""States of an order on record, as a provider's port shows them."""

from __future__ import annotations

from datetime import date

from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, PortRecord, PortState, RecordedNumber
from anycarrier.porting.states import seen

ONE, TWO = PhoneNumber("+13125550150"), PhoneNumber("+13125550151")
RECORD = PortRecord(
    request_id="r1",
    provider="acme",
    account="main",
    state=PortState.IN_DOUBT,
    numbers=tuple(RecordedNumber(number=number, state=PortState.IN_DOUBT) for number in (ONE, TWO)),
)


def port(state: PortState, **more: object) -> Port:
    return Port(provider="acme", account="main", id="p1", state=state, **more)  # type: ignore[arg-type]


def test_a_number_is_complete_once_the_port_is_and_it_is_there() -> None:
    scheduled = seen(RECORD, port(PortState.SCHEDULED, due=date(2026, 12, 1)), (ONE,))
    assert [one.state for one in scheduled.numbers] == [PortState.SCHEDULED] * 2
    assert (scheduled.due, scheduled.port_id, scheduled.is_open) == (date(2026, 12, 1), "p1", True)
    part = seen(scheduled, port(PortState.COMPLETE), (ONE,))
    assert [one.state for one in part.numbers] == [PortState.COMPLETE, PortState.LEFT_OUT]
    assert part.reason == "the port is complete, and 1 of its 2 numbers are not on the account"
    assert (part.due, part.is_open) == (date(2026, 12, 1), False)
    late = seen(part, port(PortState.COMPLETE), (TWO,))
    assert [one.state for one in late.numbers] == [PortState.COMPLETE] * 2
    assert late.reason == ""


def test_a_complete_number_stays_so() -> None:
    part = seen(RECORD, port(PortState.COMPLETE), (ONE,))
    assert [one.state for one in seen(part, port(PortState.REJECTED), ()).numbers] == [
        *(PortState.COMPLETE, PortState.REJECTED),
    ]


def test_a_rejection_says_what_it_is_about() -> None:
    for words, about in (
        ("Account number does not match (3125550150)", "the account number"),
        ("PIN mismatch; wrong ZIP", "the PIN, the address"),
        ("number is already being ported to Example", "another port of the number"),
        ("Name of the subscriber", "the subscriber's name"),
        ("xyzzy", ""),
    ):
        reason = seen(RECORD, port(PortState.REJECTED, reason=words), ()).reason
        assert reason.startswith(f"rejected: about {about}; " if about else "rejected; ")
        assert "client.port('p1')" in reason
