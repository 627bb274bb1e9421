"""Digests of port orders: another order shows, and an order's secrets cannot be tried against one."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import Desired, Money
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.porting.digest import digest_of, is_another
from anycarrier.testing import Script
from support.port_orders import port_order

ONE, TWO = "+13125550150", "+13125550151"


def digest(order: Any, token: Any = "a" * 32) -> str:
    account = Account(id="main", provider="acme", base_url="https://x.example", credentials=StaticToken(token))
    made: str = Script().run(digest_of(account, order))
    return made


@pytest.mark.parametrize(
    "other",
    [
        {"subscriber": "Else"},
        {"subscriber_kind": "residential"},
        {"account_number": "1"},
        {"pin": None},
        {"billing_number": ONE},
        {"authorized_person": "Else"},
        {"setup": Desired(campaign="C1")},
    ],
)
def test_each_thing_that_is_sent_shows(other: dict[str, Any]) -> None:
    assert is_another(digest(port_order(ONE)), digest(port_order(ONE, **other)))
    # Under another key it cannot be compared, and the numbers are the same.
    assert not is_another(digest(port_order(ONE)), digest(port_order(ONE, **other), "b" * 32))


def test_the_same_order_is_the_same_in_any_order_of_its_numbers() -> None:
    assert digest(port_order(ONE, TWO)) == digest(port_order(TWO, ONE, max_fee=Money("99"), reference="x"))
    assert is_another(digest(port_order(ONE)), digest(port_order(ONE, TWO)))
    assert is_another(digest(port_order(ONE)), digest(port_order(TWO), "b" * 32))


def test_a_token_that_a_function_returns_is_a_key_too() -> None:
    assert digest(port_order(ONE), lambda: "c" * 32) == digest(port_order(ONE), lambda: "c" * 32)
    assert digest(port_order(ONE), lambda: "c" * 32) != digest(port_order(ONE), lambda: "d" * 32)


def test_without_the_credential_no_secret_can_be_tried() -> None:
    one, other = (digest(port_order(ONE), token) for token in ("a" * 32, "b" * 32))
    assert one.split(":")[:2] == other.split(":")[:2]
    assert not {*one.split(":")[2:]} & {*other.split(":")[2:]}
