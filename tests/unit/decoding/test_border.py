"""The border: what providers send becomes typed, or a defined error that shows no value."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ConfigDict, Field, TypeAdapter

from anycarrier import errors as e
from anycarrier.border import Rows, parse, rows_of
from anycarrier.decoding.raw import Document, Raw
from anycarrier.exchange import Emit, Listing, Request
from anycarrier.schemas import Record, TenDigit, Text
from support.script import answer, failing, items

READ = Request(account="a", operation="get", method="GET", path="/x")
PURCHASE = Request(account="a", operation="buy", method="POST", path="/x", purpose="purchase")


class Thing(Record):
    number: TenDigit
    city: Text = None
    count: int | None = Field(None, alias="howMany")


ROWS = TypeAdapter(list[Thing], config=ConfigDict(defer_build=True))


def read(body: Any, request: Request = READ) -> Thing:
    return parse(Thing, request, answer(body), provider="p")


def test_it_is_forgiving_where_it_cannot_hurt() -> None:
    thing = read({"number": 2015550123, "city": 7, "howMany": "3", "new": {"a": [1]}})
    assert (thing.number, thing.city, thing.count) == ("+12015550123", "7", 3)
    assert read({"number": "2015550123", "city": " "}).city is None
    assert read({"number": "2015550123", "howMany": None}).count is None


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"number": "973555012"}, "number: "), ({"number": "+19735550123"}, "number: "), ({"number": None}, "number: "),
        ({"number": True}, "number: "), ({"number": "2115550123"}, "number: "),
        ({"number": "\uff19\uff17\uff13"}, "number: "),
        ({}, "number: "), ({"number": "2015550123", "howMany": "lots"}, "howMany: "), ([], "the body: "),
        (None, "the body: "), (b"", "not valid JSON"), (b"{", "not valid JSON"), (b"\xff", "not valid JSON"),
        (b"[" * 10_000, "nested too deep"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_and_not_shown(body: Any, where: str) -> None:
    raw = b"null" if body is None else body
    for request in (READ, PURCHASE):
        with pytest.raises(e.UnexpectedResponse) as caught:
            read(raw, request)
        error = caught.value
        assert where in str(error)
        assert error.maybe_applied is (request is PURCHASE)
        assert error.__cause__ is None
        for value in ("973", "2115550123", "\uff19", "lots"):
            assert value not in str(error)


def test_many_problems_are_counted() -> None:
    class Many(Record):
        a: int
        b: int
        c: int
        d: int
        e: int
        f: int

    with pytest.raises(e.UnexpectedResponse, match="and 1 more"):
        parse(Many, READ, answer({}), provider="p")


@pytest.mark.parametrize("request_", [READ, PURCHASE], ids=["read", "purchase"])
@pytest.mark.parametrize(
    "rest", ['"number":"2015550124"', '"x":NaN', '"x":-Infinity', '"x":1e999', f'"x":{"9" * 65}', f'"x":0.{"1" * 65}',
             f'"x":{"[" * 32}{"]" * 32}', '"x":' + '{"a":' * 31 + "[]" + "}" * 31],
    ids=lambda rest: rest[:12],
)  # fmt: skip
def test_what_two_readers_may_read_differently_is_refused(rest: str, request_: Request) -> None:
    with pytest.raises(e.UnexpectedResponse, match="not valid JSON"):
        read(f'{{"number":"2015550123",{rest}}}'.encode(), request_)


@pytest.mark.parametrize("rest", [f'"x":{"9" * 64}', '"x":0.5e10', f'"x":{"[" * 31}1{"]" * 31}'])
def test_what_is_only_large_is_read(rest: str) -> None:
    assert read(f'{{"number":"2015550123",{rest}}}'.encode()).number == "+12015550123"


# -- rows


def listing(*batches: Sequence[Any]) -> Listing[Any]:
    for batch in batches:
        yield Emit(batch)


def rows(*batches: Sequence[Any]) -> Listing[tuple[Thing, Any]]:
    return rows_of(listing(*batches), Rows(lambda: ROWS, "data.things"), READ, answer(None), provider="p")


def test_rows_come_with_their_own_record() -> None:
    one, two = {"number": "2015550123", "x": 1}, {"number": 2015550124}
    emitted, _ = items(rows([one], [two], []))
    assert [(thing.number, raw) for thing, raw in emitted] == [("+12015550123", one), ("+12015550124", two)]


def test_rows_that_cannot_be_read_do_not_hide_the_others_and_are_counted() -> None:
    good = {"number": "2015550123"}
    error, script = failing(rows([good, {"number": "2115550123"}], [good, "text", {"howMany": "x"}, good]))
    assert len(script.emitted) == 3
    assert isinstance(error, e.UnexpectedResponse)
    said = str(error)
    assert "3 of 6 records cannot be read" in said
    assert "data.things.1.number: " in said
    assert "data.things.3: " in said
    assert "data.things.4.number: " in said
    assert "2115550123" not in said


def test_only_the_first_few_places_are_kept() -> None:
    error, script = failing(rows(*[[{}] * 1000] * 10))
    assert script.emitted == []
    assert "10000 of 10000 records cannot be read" in str(error)
    assert "and 9995 more" in str(error)
    assert len(str(error)) < 1000


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
