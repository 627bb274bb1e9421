"""The neutral model: what it takes, what it refuses and how it says so."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from anycarrier import (
    CallsToWebhook,
    ForwardTo,
    InvalidInput,
    InvalidNumber,
    Line,
    Money,
    Offer,
    PhoneNumber,
    Search,
    TextsTo,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.model import ProviderOptions, option_objects, options_of
from anycarrier.search import matches


class One(ProviderOptions):
    provider = "acme"


class Two(ProviderOptions):
    provider = "acme"


# -- search


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"area_code": 201}, "area_code must be text, such as '201', or a list of them, not int"),
        ({"area_code": "1201"}, "area_code must be three digits, .* such as '201', got '####'"),
        ({"area_code": "+1201"}, r"area_code must be the digits of an area code, such as '201', got '\+####'"),
        ({"area_code": "101"}, "area_code must be three digits, the first of them 2 to 9"),
        ({"area_code": "20", "country": "CA"}, "area_code must be three digits"),
        ({"area_code": "\u0662\u0660\u0661"}, "area_code must be the digits"),
        ({"area_code": "201\n"}, "area_code must be the digits"),
        ({"prefix": 201}, "prefix must be text, such as '201555', not int"),
        ({"prefix": "+1201"}, r"prefix must be 1 to 10 digits of the national number, such as '201555' \(no \+"),
        ({"prefix": "1"}, "prefix must be the first digits .* for numbers of another country say"),
        ({"prefix": "0"}, "prefix must be the first digits"),
        ({"prefix": "2011"}, "prefix must be the first digits"),
        ({"prefix": ""}, "prefix must be 1 to 10 digits"),
        ({"prefix": "2" * 11}, "prefix must be 1 to 10 digits"),
        ({"ends_with": 5}, "ends_with must be text"),
        ({"contains": 7.5}, "contains must be text"),
        ({"ends_with": "A1"}, "ends_with must be 1 to 10 digits .*, got 'a#'"),
        ({"city": 5}, "city must be text, such as 'Closter', not int"),
        ({"city": " "}, "city must be 1 to 80 printable"),
        ({"city": "a\x1b"}, "city must be 1 to 80 printable"),
        ({"rate_center": b"X"}, "rate_center must be text"),
        ({"state": "New Jersey"}, "state must be two letters, such as 'NJ', got 'aaa aaaaaa'"),
        ({"state": "N1", "country": "US"}, "state must be two letters"),
        ({"state": 5}, "state must be text"),
        ({"lata": 224}, "lata must be text of 1 to 5 digits, such as '224', not int"),
        ({"lata": "abc"}, "lata must be text"),
        ({"features": "sms"}, r"features must be a collection, such as \{'sms', 'voice'\}, not 'aaa'"),
        ({"features": None}, "features must be a collection"),
        ({"features": 5}, "features must be a collection"),
        ({"features": ["telex"]}, "features must be of voice, sms, mms, fax, emergency"),
        ({"features": [[]]}, "features must be of"),
        ({"line": "pager"}, "line must be one of local, toll_free, mobile, national, shared_cost, or None"),
        ({"line": 5}, "line must be one of"),
        ({"max_price": 1.5}, r"max_price must be Money, such as Money\('1.50'\), not float"),
        ({"max_price": "1"}, "max_price must be Money"),
        ({"country": 1}, "country must be two capitals"),
        ({"country": "us"}, "country must be two capitals .* not 'aa'"),
        ({"limit": "5"}, "limit must be a whole number, such as 1, not '#'"),
        ({"limit": 2.5}, "limit must be a whole"),
        ({"limit": True}, "limit must be a whole number"),
        ({"limit": None}, "limit must be a whole number"),
        ({"limit": 0}, "limit must be 1 to 1000, got 0"),
        ({"limit": 1001}, "limit must be 1 to 1000, got 1001"),
        ({"area_code": "201", "prefix": "202"}, "prefix must begin with area_code"),
    ],
)
def test_a_search_that_cannot_be_meant(filters: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{said}"):
        Search(**filters)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"area_code": "201", "prefix": "2015"},
        {"prefix": "2"},
        {"prefix": "201"},
        {"prefix": "2015550123"},
        {"area_code": "20", "country": "GB"},
        {"prefix": "1", "country": "DE"},
        {"state": "Bayern", "country": "DE"},
        {"state": " nj "},
        {"features": ["sms", "voice"]},
        {"features": {"sms"}},
        {"line": "local"},
        {"max_price": Money(2)},
        {"limit": 1000},
        {"lata": "224"},
        {"contains": "0"},
        {"ends_with": "00"},
    ],
)
def test_a_search_that_can(filters: dict[str, Any]) -> None:
    Search(**filters)


# -- money


@pytest.mark.parametrize("currency", [5, None, "usd", "US", "USDX", "", "\u00dcSD", b"USD"])
def test_a_currency_is_a_code(currency: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^currency must be three capitals \(ISO 4217\), such as 'USD'"):
        Money(1, currency)


@pytest.mark.parametrize("amount", [None, "x", math.nan, math.inf, True, [], "1,5"])
def test_an_amount_is_a_number(amount: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^amount must be a number"):
        Money(amount)


def offer(price: Money | None) -> Offer:
    return Offer(provider="acme", account="main", number=PhoneNumber("+12015550123"), price=price)


@pytest.mark.parametrize(
    ("most", "price", "fits"),
    [
        (Money(1, "EUR"), Money("0.5"), False),
        (Money(1), Money("0.5", "EUR"), False),
        (Money(1), None, False),
        (Money(1, "EUR"), Money("0.5", "EUR"), True),
        (Money(1), Money("1.00"), True),
        (Money(1), Money("1.01"), False),
    ],
)
def test_prices_of_one_currency_are_compared(most: Money, price: Money | None, fits: bool) -> None:
    assert matches(Search(max_price=most), offer(price)) is fits


def test_money_is_exact() -> None:
    assert Money(1.15).amount == Decimal("1.15")


# -- routes and lines


@pytest.mark.parametrize("number", [5, None, b"+12015550123", []])
def test_a_forward_goes_to_a_number(number: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^number must be a phone number, such as '\+12015550123', not"):
        ForwardTo(number)
    with pytest.raises(InvalidNumber):
        ForwardTo("12")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [5, None, "", " ", "a\nb"])
@pytest.mark.parametrize("route", [CallsToWebhook, TextsToWebhook, TextsToEmail, TextsToSip])
def test_calls_and_texts_go_somewhere(route: Any, value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^(url|address) must be "):
        route(value)


@pytest.mark.parametrize("gateway", [None, True, 1.5, "", " ", []])
def test_a_gateway_has_an_id(gateway: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^gateway must be the id of a gateway, such as 1000, not"):
        ToGateway(gateway)
    with pytest.raises(InvalidInput, match=r"^id must be the id of a messaging application, such as 'MG01', not"):
        TextsTo(gateway)


def test_the_id_of_a_route_is_text_however_it_is_written() -> None:
    assert ToGateway(1000) == ToGateway("1000")
    assert hash(ToGateway(1000)) == hash(ToGateway("1000"))
    assert ToGateway(1000).gateway == "1000"
    assert ToGateway(1000) != ToGateway("01000")
    assert TextsTo(7) == TextsTo("7") != ToGateway(7)


def test_a_number_shows_its_line_or_does_not() -> None:
    assert Line.of(PhoneNumber("+18005550100")) is Line.TOLL_FREE
    assert Line.of(PhoneNumber("+12015550123")) is None


# -- options


def test_the_one_of_a_kind_is_chosen() -> None:
    one, two = One(), Two()
    assert options_of(One, [two, one]) is one
    assert options_of(Two, (two,)) is two
    assert options_of(One, []) is None
    assert option_objects([one, two]) == (one, two)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (One(), r"options must be a list: options=\[One\(...\)\]"),
        ("x", "options must be a list of a provider's options"),
        (None, "options must be a list"),
        ({"route": 1}, "options must be a list"),
        (5, "options must be a list"),
        (["x"], "options must hold objects of a provider's options classes, not 'a'"),
        ([One], "options must hold objects"),
        ([One(), One()], "options must hold one One at most, got 2"),
    ],
)
def test_options_that_are_none(options: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{said}"):
        options_of(One, options)
