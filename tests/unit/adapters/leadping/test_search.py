"""Leadping's search and availability: filters, prices, coordinates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from anycarrier import Search
from anycarrier import errors as e
from anycarrier.model import Feature, Line, Money, Offer
from anycarrier.simulator import SimAnswer
from anycarrier.testing import VirtualClock
from anycarrier.testing.contract.altered_answers import answers
from anycarrier_adapters.leadping import LeadpingPurchase, LeadpingSearch
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from support.leadping import KEY, NUMBER, OTHER, bodies, calling, leadping, requests, said
from support.script import drive


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (Search(), {}),
        (Search(area_code="201"), {"phoneNumber": "+1201"}),
        (Search(prefix="2015550"), {"phoneNumber": "+12015550"}),
        (Search(city="Hackensack"), {"location": {"location": "Hackensack"}}),
        (Search(state="NJ"), {"location": {"state": "NJ"}}),
        (Search(country="CA", area_code="604"), {"phoneNumber": "+1604", "location": {"countryCode": "CA"}}),
        (Search(country="GB", area_code="20"), {"location": {"countryCode": "GB"}}),
        (Search(ends_with="23", contains="55", line=Line.TOLL_FREE, limit=3), {}),
    ],
)
def test_each_filter_is_sent_as_declared_and_nothing_else(query: Search, body: dict[str, Any]) -> None:
    found, effects = drive(leadping().search(query), said({"numbers": []}))
    assert found == []
    [request] = requests(effects)
    assert (request.method, request.path, request.purpose) == ("POST", "/phone-numbers/search", "read")
    assert json.loads(request.body or b"") == body


def test_filters_hold_although_the_server_may_ignore_them() -> None:
    rows = [
        {"number": NUMBER, "location": {"location": "Hackensack, NJ", "state": "New Jersey", "countryCode": "US"}},
        {"number": "+12015550124", "location": {"location": "Newark", "state": "NJ"}},
        {"number": OTHER, "location": {"canonicalCity": "Hackensack", "canonicalState": "NJ"}},
        {"number": "+12015550125", "location": None},
    ]
    found, _ = drive(leadping().search(Search(area_code="201", city="hackensack", state="NJ")), said({"numbers": rows}))
    assert [offer.number for offer in found] == [NUMBER]
    assert found[0].raw == rows[0]
    every, _ = drive(leadping().search(Search(ends_with="25")), said({"numbers": rows}))
    assert [offer.number.e164 for offer in every] == ["+12015550125"]
    assert (every[0].city, every[0].state, every[0].price, dict(every[0].features)) == (None, None, None, {})


@pytest.mark.parametrize(
    "query",
    [
        Search(rate_center="X"),
        Search(lata="224"),
        Search(features={Feature.SMS}),
        Search(line="local"),
        Search(line="mobile"),
    ],
)
def test_what_search_neither_takes_nor_states_is_refused_before_anything_is_sent(query: Search) -> None:
    refused, effects = drive(leadping().search(query))
    assert isinstance(refused, e.Unsupported)
    assert "its answer does not state it" in refused.reason
    assert effects == []


def test_coordinates_are_text_or_numbers() -> None:
    for latitude, longitude in ((40.89, -74.04), ("40.89", "-74.04")):
        place = {"coordinate": {"latitude": latitude, "longitude": longitude}}
        found, _ = drive(leadping().search(Search()), said({"numbers": [{"number": NUMBER, "location": place}]}))
        assert (found[0].latitude, found[0].longitude) == (40.89, -74.04)


def test_prices_are_asked_where_they_are_wanted_and_not_otherwise() -> None:
    simulator = LeadpingSimulator(now=VirtualClock().time)
    asked = lambda: simulator.ledger.counters["availability 200"]  # noqa: E731
    with calling(simulator) as phone:
        assert phone.search(Search(area_code="201", limit=3))[0].price is None
        assert asked() == 0
        cheap = phone.search(Search(area_code="201", max_price=Money("2"), limit=3))
        assert [offer.price for offer in cheap] == [Money("2")] * 3
        assert asked() == 4
        assert phone.search(Search(area_code="201", max_price=Money("1.99"))) == []
        assert asked() == 4 + 98  # of 98 that are for sale, which are fewer than are asked about at most
        priced = phone.search(Search(area_code="201", limit=2), options=[LeadpingSearch(prices=True)])
        assert [offer.price for offer in priced] == [Money("2")] * 2


def test_one_search_asks_the_price_of_a_hundred_at_most() -> None:
    simulator = LeadpingSimulator(now=VirtualClock().time, price="3")
    simulator.search_most = 150
    with calling(simulator) as phone:
        assert phone.search(Search(max_price=Money("1"), limit=500)) == []
    assert simulator.ledger.counters["availability 200"] == 100


def test_offers_are_sorted_by_the_prices_of_all_matches() -> None:
    with calling(LeadpingSimulator(now=VirtualClock().time)) as phone:
        every = [offer.number for offer in phone.search(Search(area_code="201", limit=100))]
    costs = {number: 9 - at % 7 for at, number in enumerate(every)}
    simulator = LeadpingSimulator(now=VirtualClock().time)

    def change(operation: str | None, answer: SimAnswer) -> SimAnswer:
        body = json.loads(answer.body)
        if operation == "availability" and body["price"] is not None:
            answer = evolve(answer, body=json.dumps({**body, "price": costs[body["phoneNumber"]]}).encode())
        return answer

    with answers(simulator, change), calling(simulator) as phone:
        found = phone.search(Search(area_code="201", sort_by="price", limit=3, excluding=every[:7]))
    assert [offer.price for offer in found] == [Money("3")] * 3
    assert [offer.number for offer in found] == [number for number in every[7:] if costs[number] == 3][:3]
    assert simulator.ledger.counters["availability 200"] == len(every) - 7


def test_a_price_that_cannot_be_asked_is_an_error_of_the_search() -> None:
    simulator = LeadpingSimulator(now=VirtualClock().time)
    simulator.fault("error", operation="availability", status=500, times=None)
    with calling(simulator) as phone, pytest.raises(e.ProviderDown):
        phone.search(Search(area_code="201", max_price=Money("2")))


# -- availability


def test_the_fee_for_a_numbers_health_is_in_its_price() -> None:
    answer = {"isAvailable": True, "price": 2, "currency": "USD"}
    health = [LeadpingPurchase(number_health=True)]
    for options, price in (([], Money("2")), (health, Money("4.00"))):
        assert drive(leadping().price_of(NUMBER, options=options), said(answer))[0] == price
        drafted, _ = drive(leadping().draft(NUMBER, key=KEY, options=options), said(answer))
        assert drafted.price == price
        offer = Offer(provider="leadping", account="leadping", number=NUMBER, price=Money("2"))
        assert drive(leadping().draft(offer, key=KEY, options=options))[0].price == price
    euros = {**answer, "currency": "EUR"}
    assert drive(leadping().price_of(NUMBER, options=health), said(euros))[0] is None  # the fee is in dollars


def test_availability_and_price_of_one_number() -> None:
    answer = {"phoneNumber": NUMBER, "isAvailable": True, "price": 2.05, "currency": "usd", "location": {"state": "NJ"}}
    available, effects = drive(leadping().availability(NUMBER), said(answer))
    assert (available.available, available.price, available.state) == (True, Money("2.05", "USD"), "NJ")
    assert available.raw == answer
    assert bodies(effects) == [{"phoneNumber": NUMBER.e164}]
    assert requests(effects)[0].path == "/phone-numbers/is-available-for-purchase"
    price, _ = drive(leadping().price_of(NUMBER), said({**answer, "price": "2.05", "currency": None}))
    assert price == Money("2.05")
    price, _ = drive(leadping().price_of(NUMBER), said({"isAvailable": False, "price": None}))
    assert price is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"isAvailable": None},
        {"isAvailable": True, "price": -1},
        {"isAvailable": True, "price": "free"},
        {"isAvailable": True, "phoneNumber": OTHER},
    ],
)
def test_an_availability_that_cannot_be_meant_is_not_believed(answer: dict[str, Any]) -> None:
    error, _ = drive(leadping().availability(NUMBER), said(answer))
    assert isinstance(error, e.UnexpectedResponse)
