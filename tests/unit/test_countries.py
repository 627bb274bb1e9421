"""Numbers, filters and prices outside the North American plan: right or refused, at each provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from anycarrier import InvalidInput, Line, Money, Offer, PhoneNumber, Search, Unsupported
from anycarrier.exchange import Response
from anycarrier.registry import make
from anycarrier.search import matches
from anycarrier.testing.fakes import AnyClient, StubTransport

LONDON = PhoneNumber("+442079460018")
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "lc_legacy": {"token": "t", "location_id": "L1"},
    "lc_phone": {"token": "t", "location_id": "L1"},
    "leadping": {"api_key": "lp_x"},
    "voicetel": {"api_key": "0" * 32},
}
ABROAD = [name for name in SETTINGS if name != "voicetel"]


def country(number: str) -> str:
    return "US" if number.startswith("+1") else "GB"


def lc_answer(*numbers: str) -> dict[str, Any]:
    price = {"number_type": "local", "price": 1.15, "price_unit": "GBP"}
    rows = [
        {"phoneNumber": number, "isoCountry": country(number), "price": price, "capabilities": {}} for number in numbers
    ]
    return {"fingerprintId": "1773314252953", "numbers": rows}


def leadping_answer(*numbers: str) -> dict[str, Any]:
    return {"numbers": [{"number": number, "location": {"countryCode": country(number)}} for number in numbers]}


ANSWERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "lc_legacy": lc_answer,
    "lc_phone": lc_answer,
    "leadping": leadping_answer,
}


def found(name: str, query: Search, *numbers: str) -> tuple[list[Offer], str]:
    """Offers of a search that is answered with these numbers, and the request."""
    body = json.dumps(ANSWERS[name](*numbers)).encode()
    wire = StubTransport(lambda _: Response(200, {"content-type": "application/json"}, body))
    with AnyClient("sync", make(name, SETTINGS[name]), wire) as phone:
        offers = phone.search(query)
    (sent,) = wire.sent
    return offers, sent.url + (sent.body or b"").decode()


@pytest.mark.parametrize("name", ABROAD)
def test_a_search_names_the_country_and_offers_numbers_of_it_alone(name: str) -> None:
    offers, sent = found(name, Search(country="GB", area_code="20"), LONDON, "+441314960018", "+12025550123")
    assert [offer.number for offer in offers] == [LONDON]
    assert offers[0].country == "GB"
    assert "GB" in sent
    assert "+120" not in sent  # 20 is no beginning of a North American number
    assert "%2B120" not in sent


@pytest.mark.parametrize("name", ["lc_legacy", "lc_phone"])
def test_a_price_keeps_its_currency_and_a_cap_in_another_one_refuses_it(name: str) -> None:
    (offer,), _ = found(name, Search(country="GB"), LONDON)
    assert offer.price == Money("1.15", "GBP")
    assert found(name, Search(country="GB", max_price=Money("9.99")), LONDON)[0] == []
    assert found(name, Search(country="GB", max_price=Money("1.15", "GBP")), LONDON)[0] == [offer]


def test_voicetel_refuses_what_is_not_north_american_before_anything_is_sent() -> None:
    wire = StubTransport(lambda request: pytest.fail(f"{request.label} was sent"))
    with AnyClient("sync", make("voicetel", SETTINGS["voicetel"]), wire) as phone:
        for call in (
            lambda: phone.search(Search(country="GB", area_code="20")),
            lambda: phone.buy(LONDON),
            lambda: phone.get(LONDON),
            lambda: phone.release(LONDON),
        ):
            with pytest.raises(Unsupported, match=r"NANP numbers only|ten-digit numbers only"):
                call()
    assert not wire.sent


def test_filters_without_a_country_are_north_american() -> None:
    with pytest.raises(InvalidInput, match=r"for numbers of another country say country="):
        Search(area_code="20")
    with pytest.raises(InvalidInput, match=r"for numbers of another country say country="):
        Search(prefix="1234")
    assert Search(area_code="20", country="GB").leading == "20"
    assert Search(state="Bayern", country="DE").state == "Bayern"


def test_digits_are_compared_with_the_national_number_of_any_country() -> None:
    offer = Offer(provider="acme", account="acme", number=LONDON, line=Line.LOCAL)
    assert matches(Search(country="GB", prefix="2079", ends_with="18", contains="7946"), offer)
    assert not matches(Search(country="GB", prefix="4420"), offer)
    assert not matches(Search(country="FR"), offer)
