"""VoiceTel's long answers are read alike in one go and row by row, whatever is wrong with a row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anycarrier import Search
from anycarrier.decoding import rows
from anycarrier.model import OwnedNumber
from anycarrier_adapters.voicetel import VoiceTel
from support.alike import ODD, both_ways, told

PROVIDER = VoiceTel(api_key="0" * 32)
NUMBERS = ["2015550123", "2015550199", "8005550100", "6585550100", "9005550100", "5005550100", "2425550100"]
FOUND = {"number": "2015550123", "rateCenter": "HACKENSACK", "city": "Hackensack", "province": "NJ", "lata": "224"}
OWNED = {
    "number": "2015550123",
    "translated": "2015550123",
    "route": 4,
    "gateway": "198.51.100.20:5060",
    "cnam": False,
    "forward": False,
    "forwardTo": None,
    "carrier": 3,
    "smsEnabled": True,
    "faxEnabled": False,
}
NAMES = sorted({*FOUND, *OWNED, "rate_center", "forward_to", "sms_enabled", "more"})
VALUES = ODD | st.sampled_from(
    [
        *NUMBERS,
        "2019110123",
        "8009110123",
        "201555012",
        "201555012a",
        "\u0662015550123",
        2015550123,
    ]
)
CHANGES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(NAMES), VALUES), max_size=3)
TEXTS = st.sampled_from([
    ("", ""), ('"lata":', '"lata":"1","lata":'), ('"number":', '"number":"2015550100","number":'), (":", " : "),
    (",", ",\n"), ("{", "{ "),
    ('"number"', '"\\u006eumber"'), ("224", "NaN"), (":3", ":3.0"), (":4", ":04"), ("}", "},"),
    ('"success"', '"failure"'), ("},{", "}{"), ("]", ""), ("}}", "}}x"), ("NJ", "\t"), ("Hack", "é"),
])  # fmt: skip


def document(row: dict[str, Any], changes: list[Any], more: dict[str, Any]) -> str:
    some = [{**row, "number": NUMBERS[place]} for place in range(4)]
    for place, name, value in changes:
        some[place][name] = value
    return json.dumps({"status": "success", "data": {"numbers": some, **more}}, separators=(",", ":"))


@settings(deadline=None)
@given(changes=CHANGES, text=TEXTS, more=st.dictionaries(st.sampled_from(["count", "x"]), VALUES, max_size=1))
@example([], ("", ""), {})
@example([(0, "more", "x")], ("", ""), {"count": 4})
def test_a_search(changes: list[Any], text: tuple[str, str], more: dict[str, Any]) -> None:
    body = document(FOUND, changes, more).replace(*text, 1).encode(errors="surrogatepass")

    def run() -> Any:
        return told(PROVIDER.search(Search(prefix="2")), body)

    at_once, one_by_one = both_ways(run)
    assert at_once == one_by_one


@settings(deadline=None)
@given(changes=CHANGES, text=TEXTS, chunk=st.sampled_from([7, 100, 300, 65536]))
@example([], ("", ""), 65536)
@example([(0, "forward", True), (0, "forwardTo", "2015550199"), (1, "forwardTo", "")], ("", ""), 65536)
@example([(0, "gateway", "},{")], ("", ""), 300)
@example([(3, "gateway", "}]")], ("", ""), 65536)
@example([(3, "more", [{"a": 1}])], ("", ""), 300)
def test_a_list(changes: list[Any], text: tuple[str, str], chunk: int) -> None:
    body = document(OWNED, changes, {}).replace(*text, 1).encode(errors="surrogatepass")

    def run() -> Any:
        return told(PROVIDER.list(), body, chunk)

    at_once, one_by_one = both_ways(run)
    assert at_once == one_by_one


def test_what_is_plain_is_read_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_one_by_one", None)
    assert len(told(PROVIDER.search(Search(area_code="201")), document(FOUND, [], {"count": 4}).encode())[0]) == 2
    some = [{**OWNED, "number": f"201555{place:04}", "new": place} for place in range(50)]
    body = json.dumps({"status": "success", "data": {"numbers": some}}, separators=(",", ":")).encode()
    items, error = told(PROVIDER.list(), body)
    assert (len(items), {kind for kind, _ in items}, error) == (50, {OwnedNumber}, None)
