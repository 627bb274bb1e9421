"""Nothing that was handed out raises when it is looked at, whatever else stood in the answer."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import fields

from anycarrier import Search
from anycarrier.decoding import Document, Record, stream_rows
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel
from support.script import Script, answer

LONG = "9" * 5000
ODD = {
    "a long number": LONG,
    "a long negative number": f"-{LONG}",
    "long numbers inside": f'{{"a": [{LONG}, {{"b": {LONG}}}]}}',
    "lists in lists": "[" * 100 + "]" * 100,
    "objects in objects": '{"a":' * 400 + LONG + "}" * 400,
    "brackets in texts": '{"a": "]}[{\\\\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "b": '
    + "[" * 40
    + '"]"'
    + "]" * 40
    + "}",
    "a number out of range": "1e999",
}
VOICETEL = VoiceTel(api_key="0" * 32)
LEADPING = Leadping(api_key="lp_0")
LEADCONNECTOR = LCPhone(token="pit-x", location_id="loc1")


def _envelope(row: str) -> bytes:
    return f'{{"status": "success", "data": {{"numbers": [{row}]}}}}'.encode()


def items_of(exchange: Any, body: bytes) -> list[Any]:
    """The items of an exchange that one answer is enough for."""
    script = Script(answer(body))
    found = script.run(exchange) or []
    return script.emitted or found


READERS: dict[str, tuple[str, Callable[[str], Sequence[Any] | None]]] = {
    "voicetel-search": (
        '"number": "2015550142"',
        lambda row: items_of(VOICETEL.search(Search(area_code="201")), _envelope(row)),
    ),
    "voicetel-list": ('"number": "2015550142"', lambda row: items_of(VOICETEL.list(), _envelope(row))),
    "leadping-list": (
        '"number": "+12015550142"',
        lambda row: items_of(LEADPING.list(), f'{{"items": [{row}]}}'.encode()),
    ),
    "leadconnector-list": (
        '"phoneNumber": "+12015550142"',
        lambda row: items_of(LEADCONNECTOR.list(), f'{{"numbers": [{row}], "total": 1}}'.encode()),
    ),
}


def look(one: Any) -> None:
    """At everything, in every way."""
    copies = [one, copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))]
    for each in copies:
        assert each == one
        repr(each)
        hash(each)
        for name in (field.name for field in fields(type(one))):
            repr(getattr(each, name))
            copy.deepcopy(getattr(each, name))
            pickle.dumps(getattr(each, name))
        json.dumps(dict(each.raw))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("reader", READERS)
def test_a_record_with_odd_members_can_be_looked_at(reader: str, odd: str) -> None:
    row, read = READERS[reader]
    found = read(f'{{{row}, "more": {ODD[odd]}}}')
    if found is None:
        pytest.fail("the quick reader did not take it, so this shows nothing")
    (one,) = found
    look(one)
    assert "2015550142" in json.dumps(dict(one.raw))


def test_a_record_keeps_what_is_not_odd_and_the_text_of_what_is() -> None:
    raw = Document(f'{{"a": {{"fine": [1, 2.5, null]}}, "n": {LONG}, "deep": {"[" * 40}7{"]" * 40}}}').at()
    assert raw["a"] == {"fine": [1, 2.5, None]}
    assert raw["n"] == LONG
    deep, levels = raw["deep"], 0
    while isinstance(deep, list):
        (deep,), levels = deep, levels + 1
    assert deep == "[" * (40 - levels) + "7" + "]" * (40 - levels)
    assert levels > 20


@pytest.mark.parametrize("digits", [640, 1000])
def test_a_number_is_not_longer_than_any_program_allows(digits: int) -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        repr(Document(f'{{"n": {"9" * digits}}}').at())
    finally:
        sys.set_int_max_str_digits(before)


@pytest.mark.parametrize("record", ['{"n": ' + LONG + "}", '{"n": ' + "[" * 40 + "]" * 40 + "}"])
def test_a_streamed_record_can_be_looked_at_or_is_refused(record: str) -> None:
    from anycarrier.errors import UnexpectedResponse
    from anycarrier.exchange import Emit, Request, Response

    request = Request(account="main", operation="list", method="GET", path="/numbers")
    listing = stream_rows(
        Record,
        request,
        Response(200, stream=object()),
        lambda rows: [*map(rows.raw, range(len(rows)))],
        provider="made_up",
        at=("rows",),
    )
    pieces = [f'{{"rows": [{record}]}}'.encode(), b""]
    outcome: Any = None
    try:
        while True:
            effect = listing.send(outcome)
            outcome = None if isinstance(effect, Emit) else pieces.pop(0)
            if isinstance(effect, Emit):
                copy.deepcopy(pickle.loads(pickle.dumps(effect.items)))
                repr(effect.items)
    except StopIteration:
        pass
    except UnexpectedResponse as error:
        assert "nested too deep" in str(error)
