"""The rows of a long answer: each is read by itself, and one that cannot be read hides no other."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from anycarrier import errors as e
from anycarrier.decoding import (
    Count,
    Record,
    RowErrors,
    Rows,
    Success,
    TenDigit,
    Text,
    blank_to_none,
    blanks_to_none,
    read_rows,
    stream_rows,
)
from anycarrier.decoding import long_answers as room
from anycarrier.exchange import Listing, Request, send
from anycarrier.numbers import PhoneNumber
from support.script import answer, failing, items

REQUEST = Request(account="a", operation="list", method="GET", path="/x")
STREAM = Request(account="a", operation="list", method="GET", path="/x", stream=True)
GOOD = {"number": "2015550123"}


class Ok(Record):
    status: Literal["success"]


class Thing(Record):
    number: TenDigit
    city: Text = None
    how_many: Count = None

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        return None if members.get("isDemo") else members


class Page(Record):
    total: Count = None
    cursor: Text = None


def body_of(*rows: Any, **around: Any) -> bytes:
    return json.dumps({"status": "success", "data": {"numbers": rows, **around}}).encode()


def read(body: bytes, **how: Any) -> Rows[Thing, Page]:
    how = {"at": ("data", "numbers"), "around": Page, "envelope": Ok} | how
    return read_rows(Thing, REQUEST, answer(body), provider="p", **how)


def refused(body: bytes, **how: Any) -> str:
    with pytest.raises(e.UnexpectedResponse) as caught:
        read(body, **how)
    return str(caught.value)


def seen(rows: Rows[Thing, Page]) -> list[Any]:
    return [(number, row.city, row.how_many) for number, row in zip(rows.numbers("number"), rows, strict=True)]


def test_what_matches_is_read_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_one_by_one", None)
    rows = read(body_of(GOOD, {"number": "9995550123", "city": "", "x": [1]}, total=2, cursor="c"))
    assert seen(rows) == [("+12015550123", None, None), ("+19995550123", None, None)]
    assert [row.city for row in rows.rows] == [None, ""]
    assert {*map(type, (rows[1].number, rows[:2][0].number, rows.rows[1].number))} == {PhoneNumber, str}
    assert {type(number) for number in rows.numbers("number")} == {PhoneNumber}
    assert (rows.around.total, rows.around.cursor, rows.size, rows.problem) == (2, "c", 2, None)
    assert [dict(raw) for _, raw in rows.pairs()][1] == {"number": "9995550123", "city": "", "x": [1]}


def test_rows_that_cannot_be_read_do_not_hide_the_others_and_are_counted() -> None:
    odd = {"number": 2015550199, "city": 7, "howMany": "3"}
    rows = read(body_of(GOOD, {"number": "2115550123"}, odd, "text", {"howMany": "x"}, GOOD, total="6"))
    assert seen(rows) == [("+12015550123", None, None), ("+12015550199", "7", 3), ("+12015550123", None, None)]
    assert [dict(raw) for _, raw in rows.pairs()] == [GOOD, odd, GOOD]
    assert (len(rows), rows.size, rows.failed, rows.around.total) == (3, 6, 3, 6)
    said = rows.problem
    assert said is not None
    assert "3 of 6 records cannot be read" in said
    for where in ("data.numbers.1.number: ", "data.numbers.3: ", "data.numbers.4.number: "):
        assert where in said
    assert "2115550123" not in said


@pytest.mark.parametrize("odd", ["[1]", '{"number":"?"}', '{"number":"2015550100","city":[]}', "null"])
@pytest.mark.parametrize(
    "row",
    [
        '{"number":"2015550100","number":"2015550123"}',
        '{"number":"2015550123","x":' + "9" * 200 + "}",
        '{"number":"2015550123","x":' + "[" * 40 + "]" * 40 + "}",
        '{"number":"2015550123","x":1e999}',
        '{"number":"2015550123","city":""}',
        '{"number":"2015550123","city":"\\u0041"}',
    ],
)
def test_a_row_is_read_alike_whatever_its_neighbors_are(row: str, odd: str) -> None:
    alone = read(b'{"status":"success","data":{"numbers":[%s]}}' % row.encode())
    beside = read(b'{"status":"success","data":{"numbers":[%s,%s]}}' % (row.encode(), odd.encode()))
    assert seen(alone) == seen(beside)
    assert alone.rows == beside.rows[:1]
    assert alone[0].number == beside[0].number == "+12015550123"
    assert (alone.failed, beside.failed) == (0, 1)


def test_a_search_of_which_no_row_can_be_read_is_refused() -> None:
    assert "data.numbers.1.number: " in refused(body_of({}, {}), some=True)
    assert len(read(body_of(), some=True)) == 0
    assert len(read(body_of({}, GOOD), some=True)) == 1


def test_a_row_may_be_left_out() -> None:
    rows = read(body_of({"isDemo": True}, GOOD))
    assert (len(rows), rows.size, rows.problem, rows.places) == (1, 2, None, [1])


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "not valid JSON"),
        (b"[]", "the body: an object was expected"),
        (b"{", "not valid JSON"),
        (b"null", "the body: an object was expected"),
        (b'{"data":{"numbers":[]}}', "status: "),
        (b'{"status":"failure","data":{"numbers":[]}}', "status: "),
        (b'{"status":"success"}', "data: it is missing"),
        (b'{"status":"success","data":[]}', "data: an object was expected"),
        (b'{"status":"success","data":{}}', "data.numbers: it is missing"),
        (b'{"status":"success","data":{"numbers":null}}', "data.numbers: a list was expected"),
        (b'{"status":"success","data":{"numbers":[],"total":"lots"}}', "data.total: "),
        (b'{"status":"success","data":{"numbers":[],"total":true}}', "data.total: "),
        (b'{"status":"success","data":{"numbers":[\xff]}}', "not valid JSON"),
    ],
)
def test_what_stands_around_the_rows_is_named(body: bytes, where: str) -> None:
    said = refused(body)
    assert where in said
    assert "lots" not in said


@pytest.mark.parametrize(
    "body",
    [
        '{"status":"success","data":{"numbers":[R],"numbers":[]}}',
        '{"status":"success","data":{"numbers":[R],"numb\\u0065rs":[]}}',
        '{"status":"success","data":{"numbers":[R]},"data":{"numbers":[]}}',
    ],
)
def test_a_doubled_list_is_refused(body: str) -> None:
    assert "it is doubled" in refused(body.replace("R", json.dumps(GOOD)).encode())


def test_the_name_of_the_list_may_stand_elsewhere() -> None:
    assert len(read(body_of({**GOOD, "numbers": "numbers", "city": "\u00e9"}, GOOD))) == 2


def test_an_envelope_may_be_missing() -> None:
    how = {"at": ("data?", "numbers"), "envelope": Success}
    bare = json.dumps({"numbers": [GOOD], "total": 1}).encode()
    within = json.dumps({"data": {"numbers": [GOOD], "total": 1}}).encode()
    for body in (bare, within, bare.replace(b"2015550123", b"2015550123 "), within.replace(b"1}", b'"1"}')):
        rows = read(body, **how)
        assert rows.around.total == 1
        assert rows.size == 1
        assert [dict(raw) for _, raw in rows.pairs()] == ([GOOD] if rows else [])
    assert "success is false" in refused(bare.replace(b"}", b"}", 1).replace(b'"total": 1', b'"success": false'), **how)
    assert "numbers: it is missing" in refused(b"{}", **how)


def test_pairs_are_settled_rows() -> None:
    (row, raw), *_ = read(body_of({"number": "2015550123", "city": " "})).pairs()
    assert (type(row.number), row.city, dict(raw)) == (PhoneNumber, None, {"number": "2015550123", "city": " "})


def test_rows_are_taken_out() -> None:
    rows = read(body_of(*[{"number": f"201555010{place}"} for place in range(4)], {}))
    some = rows.only([1, 3])
    assert [dict(raw)["number"] for _, raw in some.pairs()] == ["2015550101", "2015550103"]
    assert some.numbers("number") == ["+12015550101", "+12015550103"]
    assert some.problem == rows.problem


@pytest.mark.slow
def test_only_the_first_few_places_are_kept() -> None:
    errors = RowErrors()
    for _ in range(10):
        errors.add(read(body_of(*[{}] * 1000)))
    said = errors.problem
    assert said is not None
    assert "10000 of 10000 records cannot be read" in said
    assert "and 9995 more" in said
    assert len(said) < 1000


@pytest.mark.parametrize("column", [[], [None], ["a", None, "b", "a"], ["", "a"], [" ", None, "\x1c", "a", " "]])
def test_blank_texts_of_a_column_are_absent(column: list[str | None]) -> None:
    assert [*blanks_to_none(column)] == [blank_to_none(text) for text in column]


# -- streams


def streamed(sizes: list[int] | None = None) -> Listing[tuple[str, Any]]:
    def convert(rows: Rows[Thing, Record]) -> list[tuple[str, Any]]:
        if sizes is not None:
            sizes.append(len(rows))
        return [(number, dict(rows.raw(index))) for index, number in enumerate(rows.numbers("number"))]

    response = yield from send(STREAM)
    yield from stream_rows(Thing, STREAM, response, convert, provider="p", at=("data", "numbers"), envelope=Ok)


@pytest.mark.parametrize("chunk", [1, 7, 100, 65536])
def test_a_streamed_list_is_the_same_in_pieces_of_any_size(chunk: int) -> None:
    some = [{"number": f"201555{place:04}", "city": "},{", "x": [{"a": 1}, {"b": "}]"}]} for place in range(20)]
    emitted, _ = items(streamed(), answer(body_of(*some)), chunk=chunk)
    assert [raw for _, raw in emitted] == some


@pytest.mark.parametrize("chunk", [1, 100, 65536])
def test_unreadable_rows_of_a_stream_end_it_in_an_error(chunk: int) -> None:
    some = [GOOD, {}, 5, GOOD, {"number": "x"}]
    error, script = failing(streamed(), answer(body_of(*some)), chunk=chunk)
    assert [raw for _, raw in script.emitted] == [GOOD, GOOD]
    assert "3 of 5 records cannot be read: data.numbers.1.number: " in str(error)
    assert "data.numbers.4.number: " in str(error)


def test_a_stream_is_read_in_few_pieces() -> None:
    sizes: list[int] = []
    items(streamed(sizes), answer(json.dumps(json.loads(body_of(*[GOOD] * 500)), separators=(",", ":")).encode()))
    assert len(sizes) <= 2
