"""Orders of ports: checked whole, private, and split into what travels with each number."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from typing import Any

import pytest

from anycarrier import Desired, InvalidInput, Money, NoTexts, PortOrder, ServiceAddress, ToGateway, to_json
from anycarrier.port_records import PortDetails
from anycarrier.secret import Secret
from support.port_orders import ADDRESS, PRIVATE, details, port_order

ONE, TWO, THREE = "+13125550150", "+13125550151", "+13125550152"


def test_settings_of_a_number_replace_those_of_all() -> None:
    setup = Desired(routes=[ToGateway(1000), NoTexts()], campaign="CH5K5IZ")
    own = Desired(TWO, caller_name="ACME")
    order = port_order(ONE, own, Desired(THREE, campaign=False), setup=setup)
    one, two, three = order.lines()
    assert (one.number, one.calls, one.caller_name, one.campaign) == (ONE, ToGateway(1000), None, "CH5K5IZ")
    assert (two.number, two.calls, two.caller_name, two.campaign) == (TWO, None, "ACME", None)
    assert (three.calls, three.campaign) == (None, None)
    assert [line.number for line in order.lines([order.numbers[1].number])] == [TWO]  # type: ignore[list-item]
    first, second, third = order.desired()
    assert first == Desired(ONE, routes=[ToGateway(1000), NoTexts()], campaign="CH5K5IZ")
    assert (second, third) == (own, Desired(THREE, campaign=False))
    assert [line.calls for line in port_order(ONE).lines()] == [None]
    assert port_order(ONE).desired() == (Desired(ONE),)


def test_every_problem_is_named_at_once_by_its_number() -> None:
    with pytest.raises(InvalidInput) as caught:
        PortOrder(
            ["+1312555", ONE, ONE, 3, Desired(), Desired(TWO, release=True)],  # type: ignore[list-item]
            **details(subscriber="", subscriber_kind="both", service_address="x", account_number=" ", pin=5),
            setup=Desired(ONE),
            max_fee=3,
            reference="",
        )
    said = str(caught.value)
    for part in (
        "there are 13 problems",
        "subscriber must be",
        "subscriber_kind must be 'business' or 'residential'",
        "service_address must be a ServiceAddress",
        "account_number must be text or a Secret, not empty text",
        "pin must be text or a Secret, not int",
        "numbers[0]: number: ",
        "numbers[2]: is the same number as numbers[1]",
        "numbers[3]: must be a number or a Desired, not int",
        "numbers[4]: this Desired names no number",
        "numbers[5]: release=True",
        "setup must be a Desired without a number",
        "max_fee must be Money",
        "reference must be",
    ):
        assert part in said
    assert "5550150" not in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"numbers": "+13125550150"}, "numbers must be a list"),
        ({"numbers": ()}, "numbers must not be empty"),
        ({"numbers": {"a": 1}}, "numbers must be a list"),
        ({"setup": Desired(release=True)}, "setup cannot give the numbers up"),
        ({"setup": "x"}, "setup must be a Desired"),
        ({"due_date": datetime(2026, 12, 15, tzinfo=UTC)}, "due_date must be a date"),
        ({"due_date": "2026-12-15"}, "due_date must be a date"),
        ({"billing_number": "x"}, "billing_number: "),
        ({"billing_number": None}, "billing_number must be"),
        ({"account_number": "1\x00"}, "account_number must be 1 to 100 printable"),
        ({"pin": "1" * 101}, "pin must be 1 to 100 printable"),
        ({"account_number": None}, "account_number must be text or a Secret, not None"),
        ({"authorized_person": ""}, "authorized_person must be"),
    ],
)
def test_one_problem_is_named(wrong: dict[str, Any], said: str) -> None:
    arguments = {"numbers": [ONE], "max_fee": Money(6), **details(), **wrong}
    with pytest.raises(InvalidInput, match="there is 1 problem with the port") as caught:
        PortOrder(arguments.pop("numbers"), **arguments)
    assert said in str(caught.value)


def test_text_and_secret_are_the_same() -> None:
    one, other = (
        port_order(account_number=Secret("12345678"), pin=None),
        port_order(account_number="12345678", pin=None),
    )
    assert one == other
    assert one.secrets == ("12345678", None)
    assert port_order().secrets == (PRIVATE[1], PRIVATE[2])


def test_nothing_shows_what_is_private() -> None:
    order = port_order(due_date=date(2026, 12, 15), reference="move")
    for shown in (repr(order), str(order), f"{order}", repr(PortDetails(**details())), repr(order.lines())):
        assert not [text for text in PRIVATE if text in shown]
    with pytest.raises(TypeError):
        pickle.dumps(order)
    with pytest.raises(InvalidInput, match="no JSON form"):
        to_json(order)


@pytest.mark.parametrize("name", ["street_prefix", "street_suffix"])
def test_directions_are_those_of_a_compass(name: str) -> None:
    facts = {
        one: getattr(ADDRESS, one) for one in ("street_number", "street", "street_type", "city", "state", "postal_code")
    }
    assert getattr(ServiceAddress(**facts, **{name: "NE"}), name) == "NE"
    with pytest.raises(InvalidInput, match=f"{name} must be one of N, NE"):
        ServiceAddress(**facts, **{name: "north"})
