"""LeadConnector's list is read alike in one go and by the models, whatever is wrong with a row or with its page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anycarrier import Search
from anycarrier_adapters._leadconnector import quick
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_phone import LCPhone
from support.alike import ODD, both, told

PROVIDERS = [kind(token="pit-0", location_id="loc1") for kind in (LCPhone, LCLegacy)]
ROW = {
    "phoneNumber": "+12015550123", "friendlyName": "Line", "sid": "PN1", "countryCode": "US",
    "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False}, "type": "local", "isDefaultNumber": False,
    "linkedUser": None, "linkedRingAllUsers": [], "inboundCallService": None, "forwardingNumber": None,
    "isGroupConversationEnabled": False, "addressSid": None, "bundleSid": None,
    "dateAdded": "2026-01-23T18:10:00.000Z", "dateUpdated": "Thu, 30 Jul 2015 23:19:04 +0000", "origin": "twilio",
}  # fmt: skip
PAGE = {
    "pageSize": 100, "page": 0, "accountStatus": "active", "isUnderLc": True, "isUnderGhl": True, "rcsSenderIds": [],
    "total": 3, "data": None,
}  # fmt: skip
NAMES = sorted({*ROW, "numberType", "dateCreated", "phone_number", "friendly_name", "forwarding_number", "more"})
VALUES = ODD | st.sampled_from([
    "+12015550199", "2015550123", "+442079460018", "+1201555", "rcsSenderId", "toll-free", "2026-01-23", ["u1", "u2"],
    [1], {"SMS": True, "Voice": 1}, {"sms": True, "SMS": False}, {"type": "forward", "value": "+12015550199"},
    {"type": "ivr", "value": {"a": 1}}, {"type": "Forward", "value": "x"}, {"price": 1.150, "price_unit": "USD"},
    {"price": "1.15", "price_unit": "usd"}, {"price": -1}, {"price": 1e3, "price_unit": "USD"}, "40.88", "1e999",
])  # fmt: skip
TEXTS = st.sampled_from([
    ("", ""), ('"sid":', '"sid":"x","sid":'), (":", " : "), (",", ",\n"), ("local", "NaN"), (":true", ":NaN"),
    ('"sid"', '"\\u0073id"'), ("}", "},"), ('"success"', '"failure"'), ("]", ""), ("Line", "é"), (":100", ":0100"),
])  # fmt: skip


FOUND = {
    "phoneNumber": "+12015550123", "friendlyName": "(201) 555-0123", "isoCountry": "US", "lata": "224",
    "locality": "Hackensack", "rateCenter": "HACKENSACK", "latitude": "40.885900", "longitude": "-74.043500",
    "region": "NJ", "postalCode": "07601", "addressRequirements": "none", "beta": False,
    "capabilities": {"MMS": True, "SMS": True, "voice": True},
    "price": {"number_type": "local", "price": 1.15, "price_unit": "USD"},
}  # fmt: skip


def document(rows: list[Any], page: list[Any], enveloped: bool) -> str:
    numbers: list[dict[str, Any]] = [{**ROW, "sid": f"PN{place}"} for place in range(3)]
    for place, name, value in rows:
        numbers[place][name] = value
    body: dict[str, Any] = {"numbers": numbers, **{name: PAGE[name] for name in PAGE if name not in ("data", "total")}}
    body.update(page)
    if enveloped:
        body = {"status": "success", "data": body, "message": "OK", "statusCode": 200}
    return json.dumps(body, separators=(",", ":"))


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(NAMES), VALUES), max_size=3),
    page=st.lists(st.tuples(st.sampled_from([*PAGE, "numbers", "page_size"]), VALUES), max_size=1),
    text=TEXTS, which=st.sampled_from([0, 1]), enveloped=st.booleans(),
)  # fmt: skip
@example([], [], ("", ""), 0, True)
@example([(0, "inboundCallService", {"type": "forward", "value": "+12015550199"})], [], ("", ""), 1, False)
def test_a_list(rows: list[Any], page: list[Any], text: tuple[str, str], which: int, enveloped: bool) -> None:
    body = document(rows, page, enveloped).replace(*text, 1).encode(errors="surrogatepass")
    swift, careful = both(quick, "page", lambda: told(PROVIDERS[which].list(), body))
    assert swift == careful


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([*FOUND, "phone_number", "more"]), VALUES), max_size=3),
    page=st.lists(st.tuples(st.sampled_from(["numbers", "fingerprintId", "data", "more"]), VALUES), max_size=1),
    text=TEXTS, which=st.sampled_from([0, 1]), enveloped=st.booleans(),
)  # fmt: skip
@example([], [], ("", ""), 0, True)
@example([(0, "price", {"price": 1.150, "price_unit": "USD"})], [], ("1.15", "1.1500"), 1, False)
def test_a_search(rows: list[Any], page: list[Any], text: tuple[str, str], which: int, enveloped: bool) -> None:
    numbers: list[dict[str, Any]] = [{**FOUND} for _ in range(3)]
    for place, name, value in rows:
        numbers[place][name] = value
    document: dict[str, Any] = {"fingerprintId": "1730000000000", "numbers": numbers} | dict(page)
    if enveloped:
        document = {"status": "success", "data": document}
    body = json.dumps(document, separators=(",", ":")).replace(*text, 1).encode(errors="surrogatepass")
    swift, careful = both(quick, "offers", lambda: told(PROVIDERS[which].search(Search(area_code="201")), body))
    assert swift == careful


@pytest.mark.parametrize("enveloped", [True, False])
def test_what_is_plain_is_read_in_one_go(enveloped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("read one by one")

    monkeypatch.setattr(type(PROVIDERS[0]), "_owned", never)
    monkeypatch.setattr(type(PROVIDERS[0]), "_offer", never)
    found = {"fingerprintId": "1", "numbers": [FOUND] * 3}
    shown, error = told(PROVIDERS[0].search(Search()), json.dumps({"data": found} if enveloped else found).encode())
    assert (len(shown), error) == (3, None)
    rows = [(1, "inboundCallService", {"type": "ivr", "value": "x"}), (2, "forwardingNumber", "+12015550199")]
    shown, error = told(PROVIDERS[0].list(), document(rows, [], enveloped).encode())
    assert (len(shown), error) == (3, None)
