"""A provider's odd fact is not stated, or an odd answer: never the caller's mistake, and never a purchase."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anycarrier import Client, Money, PhoneNumber, Search, UnexpectedResponse
from anycarrier.exchange import Response
from anycarrier.money import price_of
from anycarrier.testing import VirtualClock
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel
from support.lc import Wire, answer

NUMBER = PhoneNumber("+12015550123")
LEADPING = Leadping(api_key="lp_0")
VOICETEL = VoiceTel(api_key="0" * 32)


def raised(provider: Any, call: Any, *bodies: Any) -> UnexpectedResponse:
    odd = pytest.raises(UnexpectedResponse)
    with Client(provider, transport=Wire(*map(answer, bodies)), clock=VirtualClock()) as client, odd as caught:
        call(client)
    return caught.value


@pytest.mark.parametrize(
    ("amount", "currency", "price"),
    [
        ("1.15", " usd ", Money("1.15")),
        (0, "USD", Money(0)),
        ("-1", "USD", None),
        ("1e99", "USD", None),
        (10**13, "USD", None),
        ("lots", "USD", None),
        (True, "USD", None),
        (None, "USD", None),
        ("1", "US", None),
        ("1", "\u00dcSD", None),
        ("1", None, None),
        ("1", 5, None),
        ([], "USD", None),
        (float("nan"), "USD", None),
    ],
)
def test_an_amount_that_cannot_be_a_price_is_not_stated(amount: Any, currency: Any, price: Money | None) -> None:
    assert price_of(amount, currency) == price


@pytest.mark.parametrize("id", ["a b", "x" * 300, "../1", "a/b", "\u00e9", ".", "%2e"])
def test_an_id_that_cannot_stand_in_a_path_is_an_odd_answer(id: str) -> None:
    rows = {"items": [{"id": id, "number": NUMBER}], "continuationToken": None}
    assert "usable id" in str(raised(LEADPING, lambda phone: phone.get(NUMBER), rows))


@pytest.mark.parametrize("cursor", ["a\ud800", "a\n", "x" * 200_000])
def test_a_cursor_that_cannot_be_sent_back_is_an_odd_answer(cursor: str) -> None:
    page = {"items": [], "continuationToken": cursor}
    assert "cannot be sent back" in str(raised(LEADPING, lambda phone: list(phone.list()), page))


def test_a_campaign_that_cannot_be_named_is_an_odd_answer() -> None:
    state = {"number": NUMBER[2:], "onAccount": True, "campaign": {"id": "no campaign"}}
    found = {"status": "success", "data": state}
    error = raised(VOICETEL, lambda phone: phone.unbind_campaign(NUMBER), found)
    assert not error.maybe_applied
    assert "no campaign" not in str(error)


@pytest.mark.parametrize("amount", ["-1", "1e30", "null"])
def test_an_odd_charge_takes_nothing_from_a_purchase(amount: str) -> None:
    body = f'{{"status":"success","data":{{"orderId":"1","numbersOrdered":["{NUMBER[2:]}"],"amountCharged":{amount}}}}}'
    response = Response(201, {}, body.encode())
    with Client(VOICETEL, transport=Wire(response), clock=VirtualClock()) as client:
        bought = client.buy(NUMBER)
    assert (bought.number, bought.receipt.charged) == (NUMBER, None)


@pytest.mark.parametrize("status", ["PendingRelease", "Released"])
def test_a_number_that_is_being_given_up_while_it_is_bought_is_looked_for(status: str) -> None:
    gone = {"id": "num_1", "number": NUMBER, "inventoryState": "Released", "status": status}
    row = {"id": "num_2", "number": NUMBER, "name": "ac1_mine", "status": "Active"}
    wire = Wire(answer({"isAvailable": True}), answer(gone), answer({"items": [row]}))
    with Client(LEADPING, transport=wire, clock=VirtualClock()) as client:
        assert client.buy(NUMBER, key="ac1_mine").id == "num_2"
    assert json.loads(wire.requests[-1].body or b"")["search"] == NUMBER


ODD = ["+12115550123", "2115550123", "?", None, 5]
GOOD = "+12015550124"


def found(name: str, *numbers: Any) -> tuple[Any, Any]:
    """A provider, and what its search answers."""
    if name == "leadping":
        return LEADPING, {"numbers": [{"number": number} for number in numbers]}
    if name == "voicetel":
        rows = [{"number": str(number).removeprefix("+1") if number else number} for number in numbers]
        return VOICETEL, {"status": "success", "data": {"numbers": rows}}
    rows = [{"phoneNumber": number} for number in numbers]
    return LCPhone(token="pit-0", location_id="loc1"), {"fingerprintId": "1", "numbers": rows}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["leadping", "voicetel", "lc_phone"])
def test_one_row_of_a_search_that_cannot_be_read_does_not_hide_the_others(name: str, odd: Any) -> None:
    provider, body = found(name, odd, GOOD)
    with Client(provider, transport=Wire(answer(body)), clock=VirtualClock()) as client:
        (offer,) = client.search(Search(area_code="201"))
    assert offer.number == GOOD
    assert GOOD.removeprefix("+1") in str(dict(offer.raw))
    provider, body = found(name, odd, odd)
    error = raised(provider, lambda phone: phone.search(Search(area_code="201")), body)
    assert "numbers.1" in str(error)
