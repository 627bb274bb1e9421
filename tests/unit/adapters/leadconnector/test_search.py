"""LeadConnector: what a search sends, and what it makes of the answer."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from anycarrier import ConfigurationError, Feature, Line, Money, Search, UnexpectedResponse, Unsupported
from anycarrier.features import EMERGENCY_ADDRESSES, FEATURES, PORTS, UNBUILT, Can, Cannot
from support.lc import AVAILABLE, LOCATION, MODES, NAMES, NUMBER, TOKEN, VERSIONS, Lc, answer, available, enveloped


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_every_fact_of_the_documented_answer_is_in_the_offer(name: str, mode: str) -> None:
    lc = Lc(name, answer(AVAILABLE), mode=mode)
    (offer,) = lc.search(Search(area_code="870"))
    assert (offer.provider, offer.account, offer.number) == (name, name, NUMBER)
    assert (offer.city, offer.state, offer.postal_code, offer.country) == ("Wynne", "AR", "72396", "US")
    assert (offer.rate_center, offer.lata) == ("WYNNE", "528")
    assert (offer.latitude, offer.longitude) == (35.2418, -90.846)
    assert offer.features == {Feature.MMS: True, Feature.SMS: True, Feature.VOICE: True}
    assert offer.line is Line.LOCAL
    assert offer.price == Money(Decimal("1.15"), "USD")
    assert offer.address_requirement == "none"
    assert offer.purchase == {"fingerprintId": "1773314252953", "countryCode": "US", "numberType": "local"}
    assert offer.raw["friendlyName"] == "(870) 555-0123"


@pytest.mark.parametrize("name", NAMES)
def test_a_request_has_one_version_our_agent_a_clean_token_and_nothing_that_was_not_given(name: str) -> None:
    lc = Lc(name, answer(AVAILABLE), token=f"  {TOKEN}\r\n")
    lc.search(Search(area_code="870"))
    wire = lc.wire
    assert wire.path() == f"/phone-system/numbers/location/{LOCATION}/available"
    assert wire.header("version") == [VERSIONS[name]]
    assert wire.header("authorization") == [f"Bearer {TOKEN}"]
    assert wire.header("user-agent")[0].startswith("anycarrier/")
    assert wire.header("accept") == ["application/json"]
    assert wire.query() == {"countryCode": "US", "numberTypes": "local,tollFree,mobile", "firstPart": "870"}
    assert "numberTypes=local%2CtollFree%2Cmobile" in wire.requests[0].url


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (Search(), {}),
        (Search(area_code="870"), {"firstPart": "870"}),
        (Search(area_code="870", prefix="870555"), {"firstPart": "870555"}),
        (Search(prefix="8705"), {"firstPart": "8705"}),
        (Search(ends_with="0123"), {"lastPart": "0123"}),
        (Search(contains="555"), {"anywhere": "555"}),
        (Search(spells="taxi"), {"anywhere": "8294"}),
        (Search(spells="taxi", contains="82941"), {"anywhere": "82941"}),
        (Search(excluding={"201", "+12015550123"}, without={"4"}, sort_by="price"), {}),
        (Search(line=Line.TOLL_FREE), {"numberTypes": "tollFree"}),
        (Search(line=Line.LOCAL), {"numberTypes": "local"}),
        (Search(line=Line.MOBILE), {"numberTypes": "mobile"}),
        (Search(features={"sms"}), {"smsEnabled": "true"}),
        (Search(features={"mms", "voice"}), {"mmsEnabled": "true", "voiceEnabled": "true"}),
        (Search(country="GB"), {"countryCode": "GB"}),
        (Search(city="Wynne", state="AR", rate_center="WYNNE", lata="528", max_price=Money("2")), {}),
    ],
)
def test_what_each_filter_becomes(query: Search, sent: dict[str, str]) -> None:
    lc = Lc("lc_phone", answer(AVAILABLE))
    lc.search(query)
    assert lc.wire.query() == {"countryCode": "US", "numberTypes": "local,tollFree,mobile", **sent}


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (Search(area_code="201"), ["+12015550101", "+12015550102"]),
        (Search(ends_with="02"), ["+12015550102"]),
        (Search(contains="5550103"), ["+18705550103"]),
        (Search(city="wynne", limit=1), ["+12015550101"]),
        (Search(city="Elsewhere"), []),
        (Search(max_price=Money("1.14")), []),
        (Search(max_price=Money("1.15"), limit=1), ["+12015550101"]),
        (Search(line=Line.TOLL_FREE), ["+18005550104"]),
        (Search(line=Line.LOCAL), ["+12015550101", "+12015550102", "+18705550103"]),
    ],
)
def test_the_servers_filter_is_a_hint(query: Search, kept: list[str]) -> None:
    body = available("+12015550101", "+12015550102", "+18705550103", "+18005550104")
    body["numbers"][3]["price"] = {"number_type": "toll free", "price": 1.15, "price_unit": "USD"}
    assert [offer.number for offer in Lc("lc_legacy", answer(body)).search(query)] == kept


def test_a_country_other_than_us() -> None:
    body = available("+442079460018", isoCountry="GB", price=None, addressRequirements="local")
    (offer,) = Lc("lc_legacy", answer(body)).search(Search(country="GB", prefix="2079", line=Line.LOCAL))
    assert (offer.country, offer.line, offer.price, offer.address_requirement) == ("GB", Line.LOCAL, None, "local")
    assert offer.purchase["countryCode"] == "GB"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("envelope", [False, True])
def test_the_answer_decides_its_shape(name: str, envelope: bool) -> None:
    body = enveloped(AVAILABLE) if envelope else AVAILABLE
    (offer,) = Lc(name, answer(body)).search(Search())
    assert offer.number == NUMBER
    assert offer.raw["lata"] == "528"


def test_facts_in_other_spellings_and_absent_ones() -> None:
    row: dict[str, Any] = {
        "phoneNumber": NUMBER,
        "isoCountry": "",
        "locality": "",
        "lata": None,
        "latitude": "",
        "longitude": "north",
        "capabilities": {"mms": True, "SMS": False, "Voice": True, "fax": None},
        "price": {"price": "0.90"},
    }
    (offer,) = Lc("lc_phone", answer({"fingerprintId": "1", "numbers": [row]})).search(Search())
    assert offer.features == {Feature.MMS: True, Feature.SMS: False, Feature.VOICE: True}
    assert (offer.city, offer.lata, offer.country, offer.latitude, offer.longitude) == (None, None, None, None, None)
    assert offer.price is None  # an amount without a currency is no price
    assert offer.address_requirement is None
    assert offer.line is None
    assert offer.purchase == {"fingerprintId": "1", "countryCode": "US"}


def test_prices_are_exact() -> None:
    body = copy.deepcopy(AVAILABLE)
    text = Lc("lc_phone", answer(body)).wire.answers[0].body.replace(b"1.15", b"1.1500000000000000000001")  # type: ignore[union-attr]
    (offer,) = Lc("lc_phone", answer(text)).search(Search())
    assert offer.price is not None
    assert str(offer.price.amount) == "1.1500000000000000000001"


def test_fax_is_refused_before_anything_is_sent() -> None:
    lc = Lc("lc_phone")
    with pytest.raises(Unsupported, match="fax") as caught:
        lc.search(Search(features={"fax"}))
    assert caught.value.feature == "search.features"
    assert not lc.wire.requests


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"numbers": 1}',
        b"<html>",
        b'{"numbers": [{}]}',
        b'{"numbers": [{"phoneNumber": "8705550123"}]}',
        b'{"numbers": [{"phoneNumber": "+18705550123", "price": {"price": NaN, "price_unit": "USD"}}]}',
        b'{"status": "success", "data": {}}',
        b'{"status": "error", "data": []}',
        b"[" * 100_000,
    ],
    ids=range(12),
)
def test_an_answer_that_is_none_says_so(body: bytes) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        Lc("lc_phone", answer(body)).search(Search())
    assert not caught.value.maybe_applied


@pytest.mark.parametrize("name", NAMES)
def test_every_feature_is_declared_and_every_cannot_says_why(name: str) -> None:
    supports = Lc(name).provider.supports
    assert set(supports) <= set(FEATURES)
    cannot = {feature: support.reason for feature, support in supports.items() if isinstance(support, Cannot)}
    services = {
        "balance",
        "caller_name",
        "set_caller_name",
        "look_up",
        "set_label",
        "set_enabled",
        *EMERGENCY_ADDRESSES,
    }
    by_hand = {"release", "route", "transfer", "bind_campaign", "unbind_campaign", "campaign_of"}
    by_hand |= {"campaigns", "campaign"}
    lines = {"search.national", "search.shared_cost"}
    assert set(cannot) == by_hand | services | lines | {"coverage", *PORTS, *UNBUILT}
    assert all("no endpoint" in reason for feature, reason in cannot.items() if feature not in lines)
    assert all("web app" in cannot[feature] for feature in by_hand)
    assert "Users API" in cannot["route"]
    assert all("web app" in (supports[feature].by_hand or "") for feature in PORTS)
    assert all(isinstance(support, Can) for feature, support in supports.items() if feature not in cannot)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("operation", "values"),
    [
        ("release", (NUMBER,)),
        ("transfer", (NUMBER, "loc123")),
        ("route", (NUMBER,)),
        ("bind_campaign", (NUMBER, "CH5K5IZ")),
        ("unbind_campaign", (NUMBER,)),
        ("campaign_of", (NUMBER,)),
    ],
)
def test_what_it_cannot_is_refused_before_anything_is_sent(
    name: str, mode: str, operation: str, values: tuple[str, ...]
) -> None:
    lc = Lc(name, mode=mode)
    with pytest.raises(Unsupported) as caught:
        getattr(lc, operation)(*values)
    assert caught.value.provider == name
    assert caught.value.feature == operation
    assert "no endpoint" in caught.value.reason
    assert not lc.wire.requests


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"location_id": None}, "location_id"),
        ({"location_id": "../admin"}, "location_id"),
        ({"location_id": "x" * 65}, "location_id"),
        ({"token": ""}, "token is missing"),
        ({"token": "a b"}, "token must be"),
        ({"token": None, "client_id": "id"}, "client_secret is missing.*token_source is missing"),
        ({"client_id": "id"}, "exclude each other"),
        ({"token": None, "client_id": "id", "client_secret": "s", "token_source": "text"}, "token_source must be"),
        ({"token": None, "client_id": "id", "user_type": "Agency"}, "user_type must be"),
        ({"base_url": "https://evil.example"}, "base_url"),
        ({"base_url": "http://services.leadconnectorhq.com"}, "base_url"),
    ],
)
def test_settings_that_are_wrong(name: str, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        Lc(name, **settings)
    assert TOKEN not in str(caught.value)
    assert "a b" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_shows_the_token(name: str) -> None:
    lc = Lc(name, answer(AVAILABLE))
    lc.search(Search())
    assert TOKEN not in repr(lc.provider.__dict__) + repr(lc.provider.accounts) + repr(lc.wire.requests)
    assert lc.provider.accounts[0].credentials.secrets() == (TOKEN,)


@pytest.mark.parametrize("price", ["-1", '"lots"', "true", "[]", '"1e99"'])
def test_one_odd_price_hides_neither_the_number_nor_the_others(price: str) -> None:
    rows = f'{{"phoneNumber": "+18705550123", "price": {{"price": {price}, "price_unit": "USD"}}}}'
    good = '{"phoneNumber": "+18705550124", "price": {"price": 1.15, "price_unit": "USD"}}'
    odd, plain = Lc("lc_phone", answer(f'{{"numbers": [{rows}, {good}]}}'.encode())).search(Search())
    assert (odd.price, plain.price) == (None, Money("1.15"))
