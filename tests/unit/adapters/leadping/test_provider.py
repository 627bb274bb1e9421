"""Leadping's neutral operations: scripted answers, no socket."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from anycarrier import Client, ForwardTo, Search
from anycarrier import errors as e
from anycarrier.adapter import _paging
from anycarrier.capabilities import capabilities
from anycarrier.exchange import Request, Response
from anycarrier.features import Cannot
from anycarrier.model import BindingStatus, Feature, Line, Money, Offer, OwnedNumber, ReleaseState, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import Attempt, AttemptState, Draft
from anycarrier.registry import make
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.leadping import (
    NO_OVERRIDE,
    AdminOverride,
    Leadping,
    LeadpingPurchase,
    LeadpingSearch,
    versions,
)
from anycarrier_adapters.leadping.id_cache import IdCache
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, LeadpingSimulator
from support.script import drive

NUMBER = PhoneNumber("+12015550123")
OTHER = PhoneNumber("+12125550142")
BASE = "http://127.0.0.1:1"
KEY = "ac1_0123456789abcdef0123456789"
VERSIONS = tuple(versions.VERSIONS)
JUNE, AUGUST, OCTOBER = VERSIONS


def leadping(api_version: str = JUNE) -> Leadping:
    return Leadping(api_key=DUMMY_API_KEY, base_url=BASE, api_version=api_version)


def said(value: object, status: int = 200, content_type: str = "application/json", **headers: str) -> Response:
    named = {"content-type": content_type, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return Response(status, named, json.dumps(value).encode())


def problem(status: int, title: str = "No", **more: Any) -> Response:
    return said({"type": "https://leadping.ai/docs/errors/x", "title": title, "status": status, **more}, status)


def page(*rows: dict[str, Any], token: str | None = None) -> Response:
    return said({"items": list(rows), "pageSize": 100, "continuationToken": token})


def row(number: str = NUMBER, id: str | None = "num_1", **more: Any) -> dict[str, Any]:
    return {"id": id, "number": number, "name": "Main", "status": "Active", **more}


def record(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {
        "id": "num_1",
        "number": number,
        "name": "Main",
        "enabled": True,
        "status": "Active",
        "business": {"id": "biz_1", "name": "Example Inc"},
        **more,
    }


def requests(effects: list[Any]) -> list[Request]:
    return [effect for effect in effects if isinstance(effect, Request)]


def bodies(effects: list[Any]) -> list[Any]:
    return [json.loads(request.body) for request in requests(effects) if request.body is not None]


def draft(key: str = KEY) -> Draft:
    return Draft(provider="leadping", account="leadping", number=NUMBER, key=key, body=b'{"name":"x"}')


def attempt() -> Attempt:
    return Attempt(draft=draft(), state=AttemptState.IN_DOUBT, first_sent=0.0, last_sent=0.0)


# -- settings


def test_settings_say_all_that_is_wrong_at_once() -> None:
    with pytest.raises(e.ConfigurationError) as caught:
        Leadping(base_url="http://api.leadping.ai", api_version="2025-01")
    told = str(caught.value)
    assert all(word in told for word in ("api_key", "base_url", "2026-06, 2026-08, 2026-10"))
    with pytest.raises(e.ConfigurationError, match="source key"):
        Leadping(api_key="lp_src_0123")


def test_the_api_version_of_june_is_the_default_and_the_environment_can_say_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Leadping(api_key="lp_1").api_version.list_path == "/phone-numbers/all/my"
    monkeypatch.setenv("ANYCARRIER_LEADPING_API_VERSION", AUGUST)
    assert make("leadping", {"api_key": "lp_1"}).api_version.list_path == "/phone-numbers/all/organization"


# -- searching


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


def calling(simulator: LeadpingSimulator, clock: VirtualClock | None = None, **settings: Any) -> Client[Leadping]:
    provider = Leadping(api_key=DUMMY_API_KEY, base_url=BASE, api_version=simulator.api_version, **settings)
    return Client(provider, transport=SimTransport({BASE: simulator}), clock=clock or VirtualClock())


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


# -- buying


def test_the_body_of_a_purchase_in_each_api_version() -> None:
    offer = Offer(provider="leadping", account="leadping", number=NUMBER)
    sent = {}
    for api_version in VERSIONS:
        made, effects = drive(leadping(api_version).draft(offer, key=KEY))
        assert effects == []
        sent[api_version] = json.loads(made.body)
    both = {"name": KEY, "number": NUMBER.e164, "numberHealthEnabled": False}
    assert sent == {JUNE: {**both, "enabled": True}, AUGUST: {**both, "enabled": True}, OCTOBER: both}


def test_health_is_opted_in_to_only_when_asked_for_and_a_name_keeps_the_key() -> None:
    offer = Offer(provider="leadping", account="leadping", number=NUMBER, price=Money("2"))
    options = [LeadpingPurchase(name="  Front desk ", number_health=True)]
    made, _ = drive(leadping(OCTOBER).draft(offer, key=KEY, options=options))
    assert json.loads(made.body) == {
        "name": f"Front desk {KEY}",
        "number": NUMBER.e164,
        "numberHealthEnabled": True,
    }
    assert made.price == Money("4.00")
    again, _ = drive(leadping(OCTOBER).draft(offer, key=KEY, options=options))
    assert again.body == made.body
    most = 255 - len(KEY) - 1
    made, _ = drive(leadping().draft(offer, key=KEY, options=[LeadpingPurchase(name="x" * most)]))
    assert len(json.loads(made.body)["name"]) == 255
    error, effects = drive(leadping().draft(offer, key=KEY, options=[LeadpingPurchase(name="x" * (most + 1))]))
    assert isinstance(error, e.InvalidInput)
    assert effects == []
    for name in ("", "  ", "x" * 256):
        with pytest.raises(e.InvalidInput):
            LeadpingPurchase(name=name)


def test_of_a_bare_number_the_price_is_asked_first() -> None:
    made, effects = drive(leadping().draft(NUMBER, key=KEY), said({"isAvailable": True, "price": 2, "currency": "USD"}))
    assert made.price == Money("2")
    assert len(requests(effects)) == 1
    gone, _ = drive(leadping().draft(NUMBER, key=KEY), said({"isAvailable": False}))
    assert isinstance(gone, e.NumberUnavailable)
    assert not gone.maybe_applied
    assert gone.safe_elsewhere


def test_a_number_that_is_being_set_up_is_pending_and_never_active() -> None:
    for words in (
        {"status": "Provisioning", "inventoryState": "Pending verification"},
        {"status": "Provisioning", "inventoryState": "Assigned"},
        {"status": "Active", "inventoryState": "Pending verification"},
        {"status": None, "inventoryState": "Pending verification"},
        {"status": "Unregistered"},
    ):
        bought, effects = drive(leadping().place(draft()), said(record(**words)))
        assert (bought.status, bought.id) == (Status.PENDING, "num_1")
        [request] = requests(effects)
        assert (request.method, request.path, request.purpose) == ("POST", "/phone-numbers", "purchase")
        assert request.body == draft().body
    ready = {"status": None, "smsReady": False, "voiceReady": False}
    bought, _ = drive(leadping(OCTOBER).place(draft()), said(record(**ready)))
    assert bought.status is Status.PENDING
    bought, _ = drive(leadping(AUGUST).place(draft()), said(record(status=None, leadpingOwned=True)))
    assert bought.status is Status.UNKNOWN  # August's record says nothing of it


CHALLENGE = 'Bearer resource_metadata="https://api.leadping.ai/.well-known/oauth-protected-resource"'


@pytest.mark.parametrize(
    ("answer", "kind", "maybe"),
    [
        (problem(400), e.InvalidRequest, False),
        (problem(400, "The phone number is not available for purchase."), e.NumberUnavailable, False),
        (problem(400, "Bad", errors={"number": ["already purchased"]}), e.NumberUnavailable, False),
        (problem(400, "The wallet balance is insufficient."), e.InsufficientFunds, False),
        (problem(401), e.AuthenticationFailed, False),
        (problem(403), e.PermissionDenied, False),
        (problem(404), e.UnexpectedResponse, True),
        (problem(409), e.Conflict, False),
        (problem(429), e.RateLimited, True),
        (Response(429), e.RateLimited, True),
        (said({"title": "No", "status": 403}, 400), e.InvalidRequest, True),
        (said({"title": "No", "status": None}, 400), e.InvalidRequest, True),
        (said({"title": None, "status": 400}, 400), e.InvalidRequest, True),
        (problem(400, type="https://developers.cloudflare.com/errors/1015"), e.InvalidRequest, True),
        (problem(400, type=None, cloudflare_error=True), e.InvalidRequest, True),
        (problem(400, "The number was purchased."), e.InvalidRequest, True),
        (problem(400, success=True), e.InvalidRequest, True),
        (problem(400, type="https://tools.ietf.org/html/rfc9110#section-15.5.1"), e.InvalidRequest, False),
        (said({"title": "Forbidden"}, 403), e.PermissionDenied, True),
        (
            Response(401, {"www-authenticate": 'Bearer resource_metadata="https://gate.example/"'}),
            e.AuthenticationFailed,
            True,
        ),
        (Response(401, {"www-authenticate": CHALLENGE}), e.AuthenticationFailed, False),
        (Response(401, {"www-authenticate": "Basic"}), e.AuthenticationFailed, True),
        (Response(400, {}, b"<html>"), e.InvalidRequest, True),
        (said({"message": "Forbidden"}, 403), e.PermissionDenied, True),
        (problem(408), e.UnexpectedResponse, True),
        (problem(500), e.ProviderDown, True),
        (Response(502, {}, b"<html>"), e.ProviderDown, True),
        (Response(302), e.UnexpectedResponse, True),
        (said(record(), 201), e.UnexpectedResponse, True),
        (said(record(OTHER)), e.UnexpectedResponse, True),
        (said({"id": "num_1"}), e.UnexpectedResponse, True),
        (Response(200, {}, b"<html>"), e.UnexpectedResponse, True),
    ],
)
def test_only_leadpings_own_refusal_proves_that_nothing_was_bought(answer: Response, kind: type, maybe: bool) -> None:
    error, effects = drive(leadping().place(draft()), answer)
    assert type(error) is kind
    assert error.maybe_applied is maybe
    assert len(requests(effects)) == 1


def test_the_rules_never_send_a_purchase_twice() -> None:
    rules = Leadping.rules
    assert (rules.replay, rules.settle, rules.looks, rules.same_number_once) == (False, 300.0, 3, False)
    assert rules.refusals == {400, 401, 403}


# -- looking


def test_a_look_finds_the_number_by_search_and_prefers_the_key() -> None:
    rows = [row(id="num_0", name="Old"), row(id="num_9", name=f"Desk {KEY}", status="Provisioning"), row(OTHER)]
    seen, effects = drive(leadping().find_purchase(attempt()), page(*rows))
    assert (seen.id, seen.status) == ("num_9", Status.PENDING)
    assert bodies(effects) == [{"pageSize": 100, "search": NUMBER.e164, "searchFields": ["number"]}]
    seen, _ = drive(leadping().find_purchase(attempt()), page(row(id="num_0", name="Old")))
    assert seen.id == "num_0"


def test_a_look_is_a_no_only_after_the_whole_list() -> None:
    whole = [page(row(OTHER), token="t1"), page(row("+12125550143"))]
    seen, effects = drive(leadping().find_purchase(attempt()), page(), *whole)
    assert seen is None
    assert bodies(effects)[1:] == [{"pageSize": 100}, {"pageSize": 100, "continuationToken": "t1"}]
    seen, _ = drive(leadping().find_purchase(attempt()), page(), page(row(OTHER), token="t1"), page(row()))
    assert seen.id == "num_1"
    seen, _ = drive(leadping().find_purchase(attempt()), problem(400), *whole)  # the search is not understood
    assert seen is None
    released = row(status="PendingRelease", inventoryState="Released")
    seen, _ = drive(leadping().find_purchase(attempt()), page(released))
    assert seen is None


@pytest.mark.parametrize(
    "answers",
    [
        [problem(404)],
        [Response(404)],
        [problem(403)],
        [page(), problem(500)],
        [page(), said({"items": None})],
        [page(), said({})],
        [page(), said([])],
        [page(), page(row(OTHER), token="t"), page(row(OTHER), token="t")],
        [page(), page({"id": "num_7", "number": "?"})],
        [page(row(status="PendingRelease"))],
    ],
)
def test_a_look_at_anything_odd_proves_nothing(answers: list[Response]) -> None:
    error, _ = drive(leadping().find_purchase(attempt()), *answers)
    assert isinstance(error, e.AnyCarrierError)
    ours = page(row(status="PendingRelease", name=KEY), {"id": "num_7", "number": "?"})
    seen, _ = drive(leadping().find_purchase(attempt()), ours)
    assert seen.status is Status.RELEASING


# -- the list


@pytest.mark.parametrize("api_version", VERSIONS)
def test_the_cursor_goes_into_the_body_at_the_path_of_the_api_version(api_version: str) -> None:
    pages = [page(row(), token="a+/="), page(token="b"), page(row(OTHER, "num_2"), token="")]
    listed, effects = drive(leadping(api_version).list(), *pages)
    assert [owned.number for owned in listed] == [NUMBER, OTHER]
    assert [owned.id for owned in listed] == ["num_1", "num_2"]
    assert {request.path for request in requests(effects)} == {versions.VERSIONS[api_version].list_path}
    assert {(request.method, request.purpose) for request in requests(effects)} == {("POST", "read")}
    assert [body.get("continuationToken") for body in bodies(effects)] == [None, "a+/=", "b"]
    assert all(body["pageSize"] == 100 for body in bodies(effects))


def test_a_cursor_that_comes_again_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    error, effects = drive(leadping().list(), page(row(), token="a"), page(token="b"), page(token="a"))
    assert isinstance(error, e.UnexpectedResponse)
    assert "second time" in str(error)
    assert len(requests(effects)) == 3
    monkeypatch.setattr(_paging, "MOST_PAGES", 3)
    error, effects = drive(leadping().list(), *(page(token=str(place)) for place in range(9)))
    assert "more than 3 pages" in str(error)
    assert len(requests(effects)) == 3


@pytest.mark.parametrize("status", [404, 405])
def test_a_list_path_that_is_missing_is_no_empty_account(status: int) -> None:
    for exchange in (leadping().list(), leadping().get(NUMBER), leadping().find_purchase(attempt())):
        error, _ = drive(exchange, problem(status))
        assert isinstance(error, e.UnexpectedResponse)
        assert "api_version" in str(error)
        assert "2026-08" in str(error)


def test_rows_that_cannot_be_read_do_not_hide_the_others_and_are_told_of() -> None:
    error, _ = drive(leadping().list(), page({"number": "12"}, row(), {"id": "x"}))
    assert isinstance(error, e.UnexpectedResponse)
    assert "2 of 3 records" in str(error)
    demo = {"id": "num_8", "number": "+1 555 CALL", "isDemo": True}
    listed, _ = drive(leadping(OCTOBER).list(), page(demo, row(isDemo=True)))
    assert [owned.number for owned in listed] == [NUMBER]


def test_a_row_says_what_it_says() -> None:
    told = row(
        tenDlcCampaignId="CB2PATH",
        smsReady=True,
        voiceReady=False,
        capabilities="SMS, Voice",
        warmupHealthScore="87",
        business="Example Inc",
        providerLifecycleState="Active",
        healthStatus="Dazed",
        warmup={"state": "In Progress"},
    )
    [owned], _ = drive(leadping().list(), page(told))
    assert (owned.status, owned.provider_status, owned.label) == (Status.ACTIVE, "Active", "Main")
    assert (owned.campaign_id, dict(owned.features), owned.routes) == ("CB2PATH", {Feature.SMS: True}, None)
    assert (owned.detail.capabilities, owned.detail.warmup_health_score) == ("SMS, Voice", 87)
    assert (owned.detail.health_status, owned.detail.warmup.state) == ("Dazed", "In Progress")
    assert owned.raw == told


# -- one number


def test_the_id_is_found_through_the_list_and_remembered() -> None:
    provider = leadping()
    owned, effects = drive(provider.get(NUMBER), page(row(id="num_7"), row(OTHER)), said(record(id="num_7")))
    assert owned.number == NUMBER
    assert [request.path for request in requests(effects)] == [
        "/phone-numbers/all/my",
        "/phone-numbers/{phoneNumberId}",
    ]
    assert requests(effects)[1].path_values == {"phoneNumberId": "num_7"}
    again, effects = drive(provider.get("(201) 555-0123"), said(record(id="num_7")))
    assert again.id == "num_7"
    assert len(requests(effects)) == 1


def test_a_remembered_id_that_is_gone_is_looked_up_again() -> None:
    provider = leadping()
    drive(provider.get(NUMBER), page(row(id="num_7")), said(record(id="num_7")))
    answers = [problem(404), page(row(id="num_8")), said(record(id="num_8"))]
    owned, effects = drive(provider.get(NUMBER), *answers)
    assert owned.id == "num_8"
    assert [dict(request.path_values) for request in requests(effects)] == [
        {"phoneNumberId": "num_7"},
        {},
        {"phoneNumberId": "num_8"},
    ]
    missing, effects = drive(provider.get(NUMBER), problem(404), page(), page())
    assert isinstance(missing, e.NotFound)
    assert len(requests(effects)) == 3


def test_an_owned_number_is_used_by_its_id() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_5")
    owned, effects = drive(leadping().get(ours), said(record(id="num_5")))
    assert owned.id == "num_5"
    assert len(effects) == 2  # the time, and one request
    gone, effects = drive(leadping().get(ours), problem(404))
    assert isinstance(gone, e.NotFound)
    foreign = OwnedNumber(provider="else", account="else", number=NUMBER, id="0/../1")
    owned, effects = drive(leadping().get(foreign), page(row()), said(record()))
    assert requests(effects)[-1].path_values == {"phoneNumberId": "num_1"}


def test_an_answer_about_another_number_is_not_taken() -> None:
    error, _ = drive(leadping().get(NUMBER), page(row()), said(record(OTHER)))
    assert isinstance(error, e.UnexpectedResponse)
    error, _ = drive(leadping().get(NUMBER), page(row(id=None)))
    assert isinstance(error, e.UnexpectedResponse)


@pytest.mark.parametrize("id", ["a b", "a\n", "x" * 201, "\u00e9"])
def test_an_id_that_is_none_is_not_put_into_a_url(id: str) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id=id)
    error, effects = drive(leadping().get(ours))
    assert isinstance(error, e.InvalidInput)
    assert requests(effects) == []


def test_only_so_many_ids_are_remembered() -> None:
    ids = IdCache(max_size=2)
    for place, number in enumerate(("+12015550101", "+12015550102", "+12015550101", "+12015550103")):
        ids.remember(PhoneNumber(number), str(place))
    assert len(ids) == 2
    assert (ids.get(PhoneNumber("+12015550101")), ids.get(PhoneNumber("+12015550102"))) == ("2", None)
    ids.remember(NUMBER, None)
    ids.forget(NUMBER)
    assert len(ids) == 2


# -- changing it

OVERRIDE = {"enabled": False, "reason": "abuse", "updatedByUserId": "u1", "updatedAt": "2026-06-24T10:00:00Z"}


def test_an_update_sends_back_all_that_can_be_set() -> None:
    before = record(adminEnablementOverride=OVERRIDE, teamId="t", routing={"smsEnabled": True}, campaignId="c")
    after = {**before, "name": "Desk"}
    owned, effects = drive(leadping().update(NUMBER, name=" Desk "), page(row()), said(before), said(after))
    assert owned.label == "Desk"
    request = requests(effects)[-1]
    assert (request.method, request.path, request.purpose) == ("PUT", "/phone-numbers/{phoneNumberId}", "write")
    assert bodies(effects)[-1] == {
        "name": "Desk",
        "number": NUMBER.e164,
        "businessId": "biz_1",
        "enabled": True,
        "id": "num_1",
        "adminEnablementOverride": OVERRIDE,
    }


def test_an_update_in_the_later_api_versions() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    told = record(business=None, organization={"id": "org_1", "name": "X"}, enabled=False)
    _, effects = drive(leadping(AUGUST).update(ours, enabled=True), said(told), said({**told, "enabled": True}))
    assert bodies(effects)[-1] == {
        "name": "Main",
        "number": NUMBER.e164,
        "organizationId": "org_1",
        "enabled": True,
        "id": "num_1",
    }
    told = record(numberHealthEnabled=True, business=None, enabled=None)
    after = {**told, "numberHealthEnabled": False}
    owned, effects = drive(leadping(OCTOBER).update(ours, number_health=False), said(told), said(after))
    assert bodies(effects)[-1] == {"name": "Main", "number": NUMBER.e164, "numberHealthEnabled": False}
    assert owned.detail.number_health_enabled is False
    _, effects = drive(
        leadping(OCTOBER).update(ours, name="A"), said({**told, "name": None}), said({**told, "name": "A"})
    )
    assert bodies(effects)[-1] == {"name": "A", "number": NUMBER.e164, "numberHealthEnabled": True}


def test_the_override_is_set_verified_and_taken_away() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    given = AdminOverride(enabled=False, reason="abuse", updated_at=datetime(2026, 6, 24, tzinfo=UTC))
    shown = {**OVERRIDE, "updatedByUserId": "somebody"}
    change = leadping().update(ours, admin_enablement_override=given)
    owned, effects = drive(change, said(record()), said(record(adminEnablementOverride=shown)))
    assert owned.detail.admin_enablement_override.updated_by_user_id == "somebody"
    assert bodies(effects)[0]["adminEnablementOverride"] == {
        "enabled": False,
        "reason": "abuse",
        "updatedAt": "2026-06-24T00:00:00+00:00",
    }
    change = leadping().update(ours, admin_enablement_override=NO_OVERRIDE)
    _, effects = drive(change, said(record(adminEnablementOverride=OVERRIDE)), said(record()))
    assert bodies(effects)[0]["adminEnablementOverride"] is None
    change = leadping().update(ours, admin_enablement_override=NO_OVERRIDE)
    error, _ = drive(
        change, said(record(adminEnablementOverride=OVERRIDE)), said(record(adminEnablementOverride=shown))
    )
    assert isinstance(error, e.UnexpectedResponse)


@pytest.mark.parametrize(
    ("change", "shown", "field"),
    [
        ({"name": "Desk"}, {}, "name"),
        ({"name": "Desk"}, {"name": None}, "name"),
        ({"enabled": False}, {}, "enabled"),
        ({"name": "Desk"}, {"name": "Desk", "enabled": False}, "enabled"),
        ({"business": "biz_2"}, {}, "businessId"),
        ({"admin_enablement_override": AdminOverride(enabled=True)}, {}, "adminEnablementOverride"),
        ({"name": "Desk"}, {"name": "Desk", "business": {"id": "biz_3", "name": ""}}, "businessId"),
    ],
)
def test_an_answer_that_does_not_show_the_change_is_an_error(
    change: dict[str, Any], shown: dict[str, Any], field: str
) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    error, _ = drive(leadping().update(ours, **change), said(record()), said(record(**shown)))
    assert isinstance(error, e.UnexpectedResponse)
    assert f"does not show what was set: {field}" in str(error)
    assert error.maybe_applied


def test_what_an_answer_leaves_out_is_not_held_against_it() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    owned, _ = drive(leadping().update(ours, name="B"), said(record()), said({"number": NUMBER, "name": "B"}))
    assert owned.label == "B"


def test_an_update_never_disables_by_leaving_out() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    error, effects = drive(leadping().update(ours, name="B"), said(record(enabled=None)))
    assert isinstance(error, e.UnexpectedResponse)
    assert not error.maybe_applied
    assert [request.method for request in requests(effects)] == ["GET"]
    _, effects = drive(leadping().update(ours, enabled=True), said(record(enabled=None)), said(record()))
    assert bodies(effects)[0]["enabled"] is True


@pytest.mark.parametrize(
    ("api_version", "change"),
    [
        *((JUNE, {name: "x"}) for name in ("routing", "team", "campaign", "source", "warmup", "ten_dlc", "is_default")),
        (JUNE, {"number_health": True}),
        (AUGUST, {"number_health": True}),
        (AUGUST, {"admin_enablement_override": AdminOverride(enabled=True)}),
        (OCTOBER, {"enabled": True}),
        (OCTOBER, {"business": "biz_2"}),
    ],
)
def test_what_an_update_cannot_carry_is_refused_before_anything_is_sent(
    api_version: str, change: dict[str, Any]
) -> None:
    refused, effects = drive(leadping(api_version).update(NUMBER, **change))
    assert isinstance(refused, e.Unsupported)
    assert "silently" in refused.reason
    assert effects == []


def test_an_update_that_names_nothing_or_something_unknown() -> None:
    for change in ({}, {"color": "red"}, {"name": ""}, {"name": "x" * 256}):
        error, effects = drive(leadping().update(NUMBER, **change))
        assert isinstance(error, e.InvalidInput)
        assert effects == []


def test_transfer_is_confirmed_by_the_owner_that_the_answer_shows() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    moved = record(business={"id": "biz_2", "name": "Y"})
    done, effects = drive(leadping().transfer(ours, "biz_2"), said(record()), said(moved))
    assert done.to_account == "biz_2"
    assert bodies(effects)[0]["businessId"] == "biz_2"
    error, _ = drive(leadping().transfer(ours, "biz_2"), said(record()), said(record()))
    assert isinstance(error, e.UnexpectedResponse)
    assert error.maybe_applied
    for to, answers in (("biz_1", [said(record())]), ("  ", [])):
        error, _ = drive(leadping().transfer(ours, to), *answers)
        assert isinstance(error, e.InvalidInput)
    told = record(business=None, organization={"id": "org_1", "name": ""})
    _, effects = drive(
        leadping(AUGUST).transfer(ours, "org_2"), said(told), said({**told, "organization": {"id": "org_2"}})
    )
    assert bodies(effects)[0]["organizationId"] == "org_2"
    refused, effects = drive(leadping(OCTOBER).transfer(ours, "org_2"))
    assert isinstance(refused, e.Unsupported)
    assert effects == []
    assert isinstance(leadping(OCTOBER).supports["transfer"], Cannot)
    assert capabilities(Leadping)["features"]["transfer"]["evidence"] == "inferred"


# -- giving it up


@pytest.mark.parametrize(
    ("answer", "state", "at"),
    [
        (
            said(record(status="PendingRelease", providerReleaseScheduledAt="2026-07-01T00:00:00Z")),
            ReleaseState.SCHEDULED,
            datetime(2026, 7, 1, tzinfo=UTC),
        ),
        (
            said(record(inventoryState="Released", providerReleasedAt="2026-06-30T00:00:00Z")),
            ReleaseState.RELEASED,
            datetime(2026, 6, 30, tzinfo=UTC),
        ),
        (said(record()), ReleaseState.SCHEDULED, None),
        (problem(404), ReleaseState.RELEASED, None),
        (Response(404, {}, b"<html>"), ReleaseState.SCHEDULED, None),
        (problem(500), ReleaseState.SCHEDULED, None),
        (Response(200, {}, b"<html>"), ReleaseState.SCHEDULED, None),
        (e.TransportError("gone", kind="broken"), ReleaseState.SCHEDULED, None),
    ],
)
def test_a_release_was_accepted_and_its_date_is_read_afterwards(
    answer: Any, state: ReleaseState, at: datetime | None
) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    released, effects = drive(leadping().release(ours), Response(204), *[answer] * 3)
    assert (released.state, released.at, released.number) == (state, at, NUMBER)
    request = requests(effects)[0]
    assert (request.method, request.body, request.query, request.purpose) == ("DELETE", None, (), "write")


@pytest.mark.parametrize("after", [said(record()), problem(500), Response(404, {}, b"<html>")])
def test_a_page_with_200_accepts_no_release(after: Any) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    doubt, _ = drive(leadping().release(ours), Response(200, {}, b"<html>welcome</html>"), *[after] * 3)
    assert isinstance(doubt, e.UnexpectedResponse)
    assert doubt.maybe_applied
    going = said(record(providerReleaseScheduledAt="2026-07-30T00:00:00Z"))
    released, _ = drive(leadping().release(ours), Response(200, {}, b"<html>welcome</html>"), going)
    assert released.state is ReleaseState.SCHEDULED


def test_a_release_by_number_looks_again_where_the_id_is_stale() -> None:
    provider = leadping()
    drive(provider.get(NUMBER), page(row(id="num_7")), said(record(id="num_7")))
    answers = [problem(404), page(row(id="num_8")), Response(204), problem(404)]
    released, effects = drive(provider.release(NUMBER), *answers)
    assert released.state is ReleaseState.RELEASED
    assert [request.method for request in requests(effects)] == ["DELETE", "POST", "DELETE", "GET"]
    missing, _ = drive(leadping().release(NUMBER), page(), page())
    assert isinstance(missing, e.NotFound)


# -- 10DLC and routing

TEN_DLC = {"campaignId": "CB2PATH", "campaignStatus": "Approved", "assignmentStatus": "Assigned"}


@pytest.mark.parametrize(
    ("told", "campaign", "status", "word"),
    [
        ({"tenDlc": TEN_DLC}, "CB2PATH", BindingStatus.ACTIVE, "Assigned"),
        ({"tenDlc": {**TEN_DLC, "campaignStatus": "Pending"}}, "CB2PATH", BindingStatus.PENDING, "Pending"),
        ({"tenDlc": {**TEN_DLC, "campaignStatus": "REJECTED"}}, "CB2PATH", BindingStatus.FAILED, "REJECTED"),
        (
            {"tenDlc": {**TEN_DLC, "assignmentStatus": "PENDING_ASSIGNMENT"}},
            "CB2PATH",
            BindingStatus.PENDING,
            "PENDING_ASSIGNMENT",
        ),
        ({"tenDlc": {**TEN_DLC, "assignmentStatus": "Dazed"}}, "CB2PATH", BindingStatus.UNKNOWN, "Dazed"),
        ({"tenDlc": {"campaignId": "CB2PATH"}}, "CB2PATH", BindingStatus.UNKNOWN, None),
        ({"tenDlc": {"campaignId": None}}, None, BindingStatus.UNBOUND, None),
        ({"tenDlc": {"campaignId": ""}, "routing": None}, None, BindingStatus.UNBOUND, None),
        ({"routing": {"campaignId": "marketing"}, "campaignId": "marketing"}, None, BindingStatus.UNBOUND, None),
        ({}, None, BindingStatus.UNKNOWN, None),
    ],
)
def test_a_campaign_in_neutral_words(
    told: dict[str, Any], campaign: str | None, status: BindingStatus, word: str | None
) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    bound, effects = drive(leadping().campaign_of(ours), said(record(**told)))
    assert (bound.campaign_id, bound.status, bound.provider_status) == (campaign, status, word)
    assert len(requests(effects)) == 1
    owned, _ = drive(leadping().get(ours), said(record(**told)))
    assert owned.campaign_id == campaign


def test_since_august_the_status_of_a_campaign_is_in_the_list_only() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    told = said(record(routing={"tenDlcApplicationId": "app_1"}))
    rows = page(row(id="num_0", tenDlcCampaignStatus="Rejected"), row(tenDlcCampaignStatus="Approved"))
    bound, _ = drive(leadping(AUGUST).campaign_of(ours), told, rows)
    assert (bound.campaign_id, bound.status, bound.provider_status) == ("app_1", BindingStatus.ACTIVE, "Approved")


@pytest.mark.parametrize(
    ("routing", "routes"),
    [
        ({"smsEnabled": True, "voiceEnabled": True, "voiceConnectionId": "vc_1"}, "(ToGateway(gateway='vc_1'),)"),
        ({"smsEnabled": False, "voiceEnabled": False, "voiceConnectionId": "vc_1"}, "(NoTexts(),)"),
        ({"teamId": "t", "sourceId": "s", "campaignId": "c"}, "None"),
        (None, "None"),
    ],
)
def test_routing_is_read_as_far_as_it_has_a_neutral_meaning(routing: Any, routes: str) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    owned, _ = drive(leadping().get(ours), said(record(routing=routing)))
    assert repr(owned.routes) == routes
    if routing:
        assert owned.detail.routing.team_id == routing.get("teamId")


def test_nothing_can_be_routed_or_bound_and_the_reason_is_the_true_one() -> None:
    simulator = LeadpingSimulator()
    with calling(simulator) as phone:
        untyped: Any = phone
        for attempted in (
            lambda: untyped.route(NUMBER, ForwardTo(OTHER)),
            lambda: untyped.bind_campaign(NUMBER, "CB2PATH"),
            lambda: untyped.unbind_campaign(NUMBER),
        ):
            with pytest.raises(e.Unsupported, match="silently"):
                attempted()
    assert not simulator.ledger.requests


def test_the_other_operations_give_what_leadping_says() -> None:
    own = leadping().api
    told, effects = drive(own.status(NUMBER, window_days=7, end_date=date(2026, 6, 30)), said({"messagesPossible": 1}))
    assert told == {"messagesPossible": 1}
    [request] = requests(effects)
    assert (request.path, dict(request.path_values)) == (
        "/phone-numbers/{phoneNumber}/status",
        {"phoneNumber": NUMBER.e164},
    )
    assert request.query == (("windowDays", "7"), ("endDate", "2026-06-30"))
    error, _ = drive(own.owner(), said([]))
    assert isinstance(error, e.UnexpectedResponse)
    error, _ = drive(own.number(phoneNumberId="num_1"), said(record(status=7)))
    assert isinstance(error, e.UnexpectedResponse)


# -- errors


@pytest.mark.parametrize(
    "content_type", ["application/problem+json", "application/json", "text/json", "text/plain", "text/html", ""]
)
def test_a_problem_is_read_whatever_its_content_type(content_type: str) -> None:
    body = {
        "type": "https://leadping.ai/docs/errors/validation",
        "title": "Request validation failed",
        "status": 400,
        "detail": "One or more fields.",
        "errors": {"number": ["is required", "is short"], "x": 1},
        "traceId": "00-1-2",
    }
    error, _ = drive(leadping().search(Search()), said(body, 400, content_type))
    assert type(error) is e.InvalidRequest
    assert error.code == body["type"]
    assert error.detail == "Request validation failed; One or more fields.; number: is required; number: is short"
    assert error.request_id == "00-1-2"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"title": 7, "errors": [1]}', b"<html>", b'{"detail": NaN}'])
def test_a_problem_that_is_none_is_judged_by_its_status(body: bytes) -> None:
    error, _ = drive(leadping().search(Search()), Response(403, {}, body))
    assert type(error) is e.PermissionDenied
    assert error.detail is None


def test_beyond_three_hundred_requests_a_minute() -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(now=clock.time, requests=3, retry_after=True)
    with calling(simulator, clock) as phone:
        for _ in range(3):
            phone.search(Search())
        with pytest.raises(e.RateLimited) as caught:
            phone.search(Search())
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 20  # longer than is waited for without being asked
        clock.sleep(caught.value.retry_after)
        phone.search(Search())
    simulator = LeadpingSimulator(now=clock.time, requests=1, retry_after=False)
    with calling(simulator, clock) as phone:
        phone.search(Search())
        with pytest.raises(e.RateLimited) as caught:
            phone.search(Search())
        assert caught.value.retry_after is None


# -- waiting


@pytest.mark.parametrize("api_version", [JUNE, OCTOBER])
def test_waiting_until_it_is_active_or_has_failed(api_version: Any) -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(now=clock.time, api_version=api_version, provisioning=40, failing=["+12015550101"])
    with calling(simulator, clock) as phone:
        good, bad = phone.buy("+12015550100"), phone.buy("+12015550101")
        assert good.status is bad.status is Status.PENDING
        with pytest.raises(e.StillPending):
            phone.wait(good, deadline=10)
        assert phone.wait(good).status is Status.ACTIVE
        if api_version == JUNE:
            failed = phone.wait("+12015550101")
            assert (failed.status, failed.provider_status) == (Status.FAILED, "FailedProvisioning")
            assert failed.detail.provider_error
    assert simulator.ledger.total() == 4
