"""A record that is declared once is read strictly, and where that fails forgivingly, to the same record."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.decoding import (
    E164,
    UNSET,
    Amount,
    AnyNumber,
    Count,
    Document,
    Flag,
    Forgiving,
    Instant,
    OptionalAnyNumber,
    OptionalTenDigit,
    Raw,
    Record,
    Success,
    TenDigit,
    Text,
    UnsetType,
    Whole,
    forgiving,
    settled,
)
from anycarrier.decoding import read as read_record
from anycarrier.exchange import Request
from anycarrier.numbers import PhoneNumber
from support.script import answer

ROOT = Path(__file__).parents[3]
READ = Request(account="a", operation="get", method="GET", path="/x")
PURCHASE = Request(account="a", operation="buy", method="POST", path="/x", purpose="purchase")


class Part(Record):
    name: Text = None
    forward_to: OptionalTenDigit = None


class Thing(Record):
    number: TenDigit
    city: Text = None
    how_many: Whole = None
    open: Flag = None
    part: Part | None = None
    parts: list[Part] = msgspec.field(default_factory=list)
    maybe: list[Part] | None = None
    campaign: Part | UnsetType | None = UNSET
    price: Decimal | None = None


def read(body: Any, request: Request = READ, **how: Any) -> Thing:
    return read_record(Thing, request, answer(body), provider="p", **how)


def refused(body: Any, request: Request = READ, **how: Any) -> str:
    with pytest.raises(e.UnexpectedResponse) as caught:
        read(body, request, **how)
    assert caught.value.maybe_applied is (request is PURCHASE)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_what_matches_is_read_without_pydantic() -> None:
    body = {
        "number": "2015550123",
        "city": " ",
        "howMany": 3,
        "open": True,
        "new": {"a": [1]},
        "part": {"name": "", "forwardTo": "2015550124"},
        "parts": [{"name": "x"}],
        "campaign": None,
        "price": 1.15,
    }
    before = forgiving.model_of.cache_info().misses
    thing = read(body)
    assert forgiving.model_of.cache_info().misses == before
    assert (thing.number, thing.city, thing.how_many, thing.open) == ("+12015550123", None, 3, True)
    assert type(thing.number) is PhoneNumber
    assert thing.part == Part(name=None, forward_to=PhoneNumber("+12015550124"))
    assert thing.parts == [Part(name="x")]
    assert (thing.campaign, read({"number": "2015550123"}).campaign) == (None, UNSET)
    assert thing.price == Decimal("1.15")


def test_it_is_forgiving_where_it_cannot_hurt() -> None:
    thing = read({"number": 2015550123, "city": 7, "howMany": "3", "open": "true", "new": {"a": [1]}, "price": "1.150"})
    assert (thing.number, thing.city, thing.how_many, thing.open) == ("+12015550123", "7", 3, True)
    assert (type(thing), type(thing.number), str(thing.price)) == (Thing, PhoneNumber, "1.150")
    assert (thing.parts, thing.campaign) == ([], UNSET)
    nested = read({"number": "2015550123", "part": {"name": 7, "forwardTo": ""}, "parts": [{"name": 8}], "open": ""})
    assert (nested.part, nested.parts, nested.open) == (Part(name="7"), [Part(name="8")], None)
    maybe = [{"name": 8, "forwardTo": "2015550123"}]
    assert read({"number": "2015550123", "maybe": maybe}).maybe == [Part("8", PhoneNumber("+12015550123"))]
    assert read({"number": "2015550123", "maybe": None}).maybe is None
    assert read({"number": "2015550123", "campaign": {"name": 5}}).campaign == Part(name="5")


def test_an_exact_amount_keeps_its_digits() -> None:
    digits = "1." + "0" * 40 + "1"
    assert str(read(f'{{"number":"2015550123","price":{digits}}}'.encode()).price) == digits
    assert str(read(f'{{"number":2015550123,"price":{digits}}}'.encode()).price) == digits


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"number": "973555012"}, "number: "),
        ({"number": "+19735550123"}, "number: "),
        ({"number": None}, "number: "),
        ({"number": True}, "number: "),
        ({"number": "2115550123"}, "number: "),
        ({"number": "\uff19\uff17\uff13"}, "number: "),
        ({}, "number: "),
        ({"number": "2015550123", "howMany": "lots"}, "howMany: "),
        ({"number": "2015550123", "howMany": 10**19}, "howMany: "),
        ([], "the body: "),
        ({"number": "2015550123", "part": {"forwardTo": "973"}}, "part.forwardTo: "),
        ({"number": "2015550123", "parts": [{}, {"forwardTo": "973"}]}, "parts.1.forwardTo: "),
        (None, "the body: "),
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b"[" * 10_000, "nested too deep"),
    ],
)
def test_what_does_not_match_is_named_and_not_shown(body: Any, where: str) -> None:
    raw = b"null" if body is None else body
    for request in (READ, PURCHASE):
        said = refused(raw, request)
        assert where in said
        for value in ("973", "2115550123", "\uff19", "lots"):
            assert value not in said


def test_many_problems_are_counted() -> None:
    class Many(Record):
        a: int
        b: int
        c: int
        d: int
        e: int
        f: int

    with pytest.raises(e.UnexpectedResponse, match="and 1 more"):
        read_record(Many, READ, answer({}), provider="p")


@pytest.mark.parametrize("request_", [READ, PURCHASE], ids=["read", "purchase"])
@pytest.mark.parametrize(
    "rest",
    [
        '"number":"2015550124"',
        '"x":NaN',
        '"x":-Infinity',
        '"x":1e999',
        f'"x":{"9" * 65}',
        f'"x":0.{"1" * 65}',
        f'"x":{"[" * 32}{"]" * 32}',
        '"x":' + '{"a":' * 31 + "[]" + "}" * 31,
    ],
    ids=lambda rest: rest[:12],
)
def test_what_two_readers_may_read_differently_is_refused(rest: str, request_: Request) -> None:
    assert "not valid JSON" in refused(f'{{"number":"2015550123",{rest}}}'.encode(), request_)


@pytest.mark.parametrize("rest", [f'"x":{"9" * 64}', '"x":0.5e10', f'"x":{"[" * 31}1{"]" * 31}'])
def test_what_is_only_large_is_read(rest: str) -> None:
    assert read(f'{{"number":"2015550123",{rest}}}'.encode()).number == "+12015550123"


# -- where it stands


class Ok(Record):
    status: Literal["success"]


def test_a_record_is_read_from_its_path() -> None:
    body = {"status": "success", "data": {"thing": {"number": "2015550123"}}}
    assert read(body, at=("data", "thing"), envelope=Ok).number == "+12015550123"
    assert "data.thing.number: " in refused({**body, "data": {"thing": {}}}, at=("data", "thing"), envelope=Ok)
    assert "data.thing: it is missing" in refused({**body, "data": {}}, at=("data", "thing"), envelope=Ok)
    assert "data: an object was expected" in refused({**body, "data": []}, at=("data", "thing"), envelope=Ok)
    assert "status: " in refused({**body, "status": "error"}, at=("data", "thing"), envelope=Ok)


def test_an_envelope_may_be_missing() -> None:
    thing = {"number": "2015550123"}
    for body in ({"data": thing}, thing, {**thing, "data": None}, {"data": thing, "status": "success"}):
        assert read(body, at=("data?",), envelope=Success).number == "+12015550123"
    assert "data.number: " in refused({"data": {}, **thing}, at=("data?",))


@pytest.mark.parametrize(
    "around", [{"status": "error"}, {"status": 500}, {"statusCode": 400}, {"success": False}, {"error": {"a": 1}}]
)
def test_an_answer_that_contradicts_its_status_is_refused(around: dict[str, Any]) -> None:
    assert "with status 200, " in refused({"data": {"number": "2015550123"}, **around}, at=("data",), envelope=Success)


@pytest.mark.parametrize("around", [{}, {"status": "success"}, {"statusCode": 200}, {"success": True}, {"errors": []}])
def test_an_answer_that_agrees_with_its_status_is_read(around: dict[str, Any]) -> None:
    assert read({"data": {"number": "2015550123"}, **around}, at=("data",), envelope=Success)


# -- each marker


def at(microsecond: int = 0) -> datetime:
    return datetime(2026, 11, 7, 5, 31, 56, microsecond, UTC)


VALUES: dict[Any, list[tuple[Any, Any]]] = {
    Text: [("a", "a"), ("", None), (" \x1c", None), (None, None), (5, "5"), (1.5, "1.5"), (True, ValueError),
           ([], ValueError), ("\ud800", "\ud800")],
    Flag: [(True, True), (None, None), ("true", True), (0, False), ("", None), ("maybe", ValueError), (2, ValueError)],
    Whole: [(5, 5), ("5", 5), (5.0, 5), ("", None), (None, None), (-(10**18), -(10**18)), (10**18 + 1, ValueError),
            (5.5, ValueError), ("x", ValueError), ([], ValueError)],
    Count: [(0, 0), ("7", 7), (" ", None), (None, None), (-1, ValueError), (10**13, ValueError), (True, ValueError),
            (False, ValueError)],
    TenDigit: [("2015550123", "+12015550123"), (2015550123, "+12015550123"), ("9995550123", "+19995550123"),
               ("+12015550123", ValueError), ("2115550123", ValueError), (None, ValueError), (True, ValueError)],
    OptionalTenDigit: [("2015550123", "+12015550123"), ("", None), (None, None), ("1", ValueError)],
    E164: [("+12015550123", "+12015550123"), ("+442079460018", "+442079460018"), ("+19995550123", "+19995550123"),
           ("2015550123", ValueError), (12015550123, ValueError), ("", ValueError)],
    AnyNumber: [("+12015550123", "+12015550123"), ("2015550123", "+12015550123"), ("(201) 555-0123", "+12015550123"),
                (2015550123, ValueError), ("", ValueError)],
    OptionalAnyNumber: [("2015550123", "+12015550123"), ("", None), (None, None), ("1", ValueError)],
    Instant: [("2026-11-07T05:31:56.1239996Z", at(123_999)), ("2026-11-07T06:31:56+01:00", at()), (None, None),
              ("2026-11-07T05:31:56", at()), ("2026-11-07 05:31:56Z", at()), (" ", None), ("2026-13-07", ValueError),
              ("x", ValueError), ([], ValueError), (True, ValueError)],
    Amount: [(1.15, Decimal("1.15")), ("1.150", Decimal("1.150")), (" ", None), (None, None), (-1, -1),
             (True, ValueError), ("NaN", ValueError), ("lots", ValueError)],
    Annotated[int, msgspec.Meta(gt=1, lt=3)]: [(2, 2), ("2", 2), (1, ValueError), (3, ValueError)],
    Annotated[str, msgspec.Meta(pattern="^a+$", max_length=2)]: [("aa", "aa"), ("aaa", ValueError), ("b", ValueError)],
    Annotated[str | None, Forgiving(lambda value: value and str(value).casefold(), always=True)]: [("A", "a")],
    list[int] | None: [([1], [1]), (["1"], [1]), (None, None), ([None], ValueError)],
    dict[str, str]: [({"a": "b"}, {"a": "b"}), ({"a": 1}, {"a": "1"}), ([], ValueError)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "expected"), [(kind, *pair) for kind, some in VALUES.items() for pair in some]
)
def test_a_field_reads_or_refuses_a_value(kind: Any, value: Any, expected: Any) -> None:
    holder: Any = msgspec.defstruct("Holder", [("field", kind)], bases=(Record,), frozen=True)
    body = json.dumps({"field": value}).encode()
    if expected is ValueError:
        with pytest.raises(e.UnexpectedResponse, match="field"):
            read_record(holder, READ, answer(body), provider="p")
    else:
        found = read_record(holder, READ, answer(body), provider="p").field
        assert (found, isinstance(found, bool)) == (expected, isinstance(expected, bool))


JSON = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)
)


@pytest.mark.slow
@given(value=JSON | st.lists(JSON, max_size=2) | st.dictionaries(st.text(max_size=2), JSON, max_size=2))
def test_a_matching_value_is_the_same_in_both_readings(value: Any) -> None:
    """Of every field type: what the strict reading takes, the forgiving one takes alike."""
    for kind in VALUES:
        holder: Any = msgspec.defstruct("Holder", [("field", kind)], bases=(Record,), frozen=True)
        try:
            strict = settled(msgspec.convert({"field": value}, holder), strict=True)
        except (ValueError, msgspec.ValidationError):
            continue
        assert settled(forgiving.forgiven(holder, {"field": value}, "")) == strict


class Mended(Record):
    name: str

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        return {"name": "none"} if members.get("kind") == "nameless" else members


def test_a_record_may_mend_its_members() -> None:
    assert read_record(Mended, READ, answer({"kind": "nameless"}), provider="p").name == "none"
    with pytest.raises(e.UnexpectedResponse, match="name: "):
        read_record(Mended, READ, answer({"kind": "other"}), provider="p")


def test_records_are_values() -> None:
    thing = read({"number": "2015550123", "city": "A", "part": {"name": "x"}})
    assert pickle.loads(pickle.dumps(thing)) == thing == copy.copy(thing) == copy.deepcopy(thing)
    with pytest.raises(AttributeError):
        thing.city = "B"  # type: ignore[misc]
    assert "Thing(number=PhoneNumber('+12015550123'), city='A'" in repr(thing)


FIRST_READS = """
import sys, threading
from anycarrier.decoding import Record, TenDigit, Success, read, read_rows
from anycarrier.exchange import Request, Response
class Part(Record):
    name: str | None = None
class Row(Record):
    number: TenDigit
    part: Part | None = None
request = Request(account="a", operation="get", method="GET", path="/x")
row = b'{"number": "2015550123", "part": {}}'
sys.setswitchinterval(1e-6)
begin = threading.Barrier(8)
def first():
    begin.wait()
    for _ in range(20):
        read(Row, request, Response(200, {}, row), provider="p")
        body = b'{"data": {"numbers": [%b]}}' % row
        read_rows(Row, request, Response(200, {}, body), provider="p", at=("data", "numbers"), envelope=Success)
threads = [threading.Thread(target=first) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
"""


@pytest.mark.slow
def test_many_threads_may_read_their_first_answers_at_the_same_time() -> None:
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", FIRST_READS],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")


# -- raw


def test_raw_is_the_providers_own_record_decoded_when_looked_at() -> None:
    document = Document(b'{"data":{"numbers":[{"a":1},{"b":2}]}}')
    raw = document.at("data", "numbers", 1)
    assert document._body is not None
    assert (raw["b"], list(raw), len(raw), dict(raw), "a" in raw) == (2, ["b"], 1, {"b": 2}, False)
    assert document._body is None
    assert dict(document.at("data", "numbers", 0)) == {"a": 1}
    assert repr(raw) == "Raw({'b': 2})"


def test_raw_is_copied_and_pickled_as_a_plain_dict() -> None:
    raw = Document(b'{"a":[1]}').at()
    assert isinstance(raw, Raw)
    assert pickle.loads(pickle.dumps(raw)) == {"a": [1]}
    assert copy.deepcopy(raw) == {"a": [1]}
