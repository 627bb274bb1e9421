"""Numbers that move from one carrier to another: the account that serves each, and its state."""

from __future__ import annotations

import pytest

from anycarrier._whereabouts import arriving, leaving, marked, serving
from anycarrier.model import OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import PortRecord, PortState, RecordedNumber

NUMBER = PhoneNumber("+12015550123")


def owned(account: str, status: Status) -> OwnedNumber:
    return OwnedNumber(provider="acme", account=account, number=NUMBER, status=status)


def record(account: str, state: PortState) -> PortRecord:
    numbers = (RecordedNumber(number=NUMBER, state=state),)
    return PortRecord(request_id="r", provider="acme", account=account, state=state, numbers=numbers)


@pytest.mark.parametrize(
    ("first", "second", "serves"),
    [
        (Status.PORTING_IN, Status.ACTIVE, "second"),
        (Status.ACTIVE, Status.PORTING_IN, "first"),
        (Status.PORTING_IN, Status.PORTING_OUT, "second"),
        (Status.RELEASING, Status.PENDING, "second"),
        (Status.RELEASED, Status.UNKNOWN, "second"),
        (Status.ACTIVE, Status.ACTIVE, "first"),
    ],
)
def test_of_two_accounts_the_one_that_serves_the_number(first: Status, second: Status, serves: str) -> None:
    assert serving({"first": owned("first", first), "second": owned("second", second)}) == serves


def test_a_number_is_porting_out_while_a_port_takes_it_elsewhere() -> None:
    going = leaving([record("new", PortState.SCHEDULED)])
    assert marked(owned("old", Status.ACTIVE), going).status is Status.PORTING_OUT
    assert marked(owned("new", Status.ACTIVE), going).status is Status.ACTIVE
    assert marked(owned("old", Status.RELEASING), going).status is Status.RELEASING
    assert marked(owned("old", Status.ACTIVE), leaving([record("new", PortState.REJECTED)])).status is Status.ACTIVE


def test_a_port_into_an_account_of_others_says_nothing_here() -> None:
    class Member:
        name = "acme"
        accounts = (type("Account", (), {"id": "new"}),)

    ports = [record("elsewhere", PortState.SUBMITTED), record("new", PortState.SUBMITTED)]
    coming = arriving(NUMBER, ports, [Member])
    assert coming is not None
    assert (coming.account, coming.status) == ("new", Status.PORTING_IN)
    assert arriving(NUMBER, ports[:1], [Member]) is None
