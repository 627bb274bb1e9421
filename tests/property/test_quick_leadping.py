"""Leadping's list is read alike in one go and row by row, whatever is wrong with a row or with its page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anycarrier import Search
from anycarrier.decoding import rows as decoding_rows
from anycarrier_adapters.leadping import Leadping
from support.alike import ODD, both_ways, told

PROVIDER = Leadping(api_key="lp_0")
WARMUP = {
    "enabled": True,
    "state": "Ready",
    "healthStatus": "Healthy",
    "healthScore": 97,
    "progressPercent": 100,
    "callStage": "Stage 4",
}
ROW = {
    "id": "pn-1",
    "name": "Line",
    "number": "+12015550123",
    "type": "Local",
    "enabled": True,
    "isDemo": False,
    "location": "Hackensack, NJ",
    "organization": "Example",
    "organizationId": "org-1",
    "ownership": "Organization",
    "routingSummary": "Team",
    "smsReady": True,
    "voiceReady": True,
    "tenDlcCampaignStatus": "Approved",
    "warmup": WARMUP,
    "status": "Active",
    "inventoryState": None,
    "tenDlcCampaignId": "C1",
}
NAMES = sorted(
    {
        *ROW,
        "providerLifecycleState",
        "providerStatus",
        "adminEnablementOverride",
        "warmupHealthScore",
        "more",
        "sms_ready",
        "is_demo",
        "provider_status",
    }
)
MEMBERS = ["items", "pageSize", "totalCount", "page_size", "more"]
VALUES = ODD | st.sampled_from([
    "+12015550199", "2015550123", "+442079460018", "201555", "Active", "Suspended", "Failed", "active", "Ready for SMS",
    "Available", {"healthScore": 1.5}, {"health_score": 3}, {"enabled": "x"}, {"state": None, "callStage": "Stage 9"},
])  # fmt: skip
TEXTS = st.sampled_from(
    [
        ("", ""),
        ('"id":', '"id":"x","id":'),
        ('"state":', '"state":"x","state":'),
        (":", " : "),
        (",", ",\n"),
        (":97", ":NaN"),
        ('"id"', '"\\u0069d"'),
        ("}", "},"),
        ("]", ""),
        ("Line", "é"),
        (":100", ":0100"),
    ]
)


FOUND = {
    "number": "+12015550123",
    "location": {
        "location": "Hackensack, NJ",
        "state": "New Jersey",
        "countryCode": "US",
        "canonicalCity": None,
        "coordinate": {"latitude": 40.8859, "longitude": -74.0435},
    },
}
WHERE = ["location", "state", "countryCode", "canonicalCity", "canonicalState", "timeZoneId", "coordinate", "more"]


def document(rows: list[Any], page: list[Any]) -> str:
    items: list[dict[str, Any]] = [{**ROW, "id": f"pn-{place}", "warmup": {**WARMUP}} for place in range(3)]
    for place, name, value in rows:
        items[place][name] = value
    body: dict[str, Any] = {"items": items, "pageSize": 100, "totalCount": None, "continuationToken": None}
    body.update(page)
    return json.dumps(body, separators=(",", ":"))


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(NAMES), VALUES), max_size=3),
    page=st.lists(st.tuples(st.sampled_from(MEMBERS), VALUES), max_size=1),
    text=TEXTS,
)
@example([], [], ("", ""))
@example([(0, "smsReady", False), (1, "status", "Suspended"), (2, "warmup", None)], [], ("", ""))
def test_a_list(rows: list[Any], page: list[Any], text: tuple[str, str]) -> None:
    body = document(rows, page).replace(*text, 1).encode(errors="surrogatepass")
    at_once, one_by_one = both_ways(lambda: told(PROVIDER.list(), body))
    assert at_once == one_by_one


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["number", "location", "more"]), VALUES), max_size=2),
    places=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(WHERE), VALUES), max_size=2),
    text=TEXTS,
)
@example([], [], ("", ""))
@example([], [(0, "coordinate", {"latitude": 1, "longitude": 1e300})], ("", ""))
def test_a_search(rows: list[Any], places: list[Any], text: tuple[str, str]) -> None:
    found: list[dict[str, Any]] = [{**FOUND, "location": {**FOUND["location"]}} for _ in range(3)]  # type: ignore[dict-item]
    for place, name, value in places:
        found[place]["location"][name] = value
    for place, name, value in rows:
        found[place][name] = value
    document = json.dumps({"numbers": found}, separators=(",", ":"))
    body = document.replace(*text, 1).encode(errors="surrogatepass")
    at_once, one_by_one = both_ways(lambda: told(PROVIDER.search(Search(area_code="201")), body))
    assert at_once == one_by_one


def test_what_is_plain_is_read_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding_rows, "_one_by_one", None)
    shown, error = told(PROVIDER.search(Search()), json.dumps({"numbers": [FOUND] * 3}).encode())
    assert (len(shown), error) == (3, None)
    shown, error = told(PROVIDER.list(), document([(0, "smsReady", False)], [("more", 1)]).encode())
    assert (len(shown), error) == (3, None)
