"""Records of native operations: an odd optional member is ``None``, and ``raw`` has what the provider sent."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.decoding import (
    UNSET,
    Amount,
    Day,
    Details,
    Flag,
    Hidden,
    Instant,
    Number,
    NumberOrText,
    OneOf,
    OptionalNumber,
    Rate,
    Record,
    Text,
    UnixTime,
    UnsetType,
    Whole,
    fields,
    read,
    read_list,
    read_rows,
)
from anycarrier.exchange import Request
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.secret import Secret
from support.script import answer

READ = Request(account="a", operation="get", method="GET", path="/x")
N = PhoneNumber("+12015550123")


class Part(Details):
    name: Text = None
    price: Amount = None


class Thing(Details):
    exact: ClassVar[frozenset[str]] = frozenset({"word"})

    number: OptionalNumber = None
    other: NumberOrText = None
    city: Text = None
    count: Whole = None
    open: Flag = None
    at: Instant = None
    since: UnixTime = None
    day: Day = None
    rate: Rate = None
    price: Amount = None
    secret: Hidden = None
    word: Text = None
    part: Part | None = None
    parts: list[Part] | None = None
    names: list[str] | None = None
    state: Part | UnsetType | None = UNSET


class Holder(Record):
    part: Part | None = None


def thing(**members: Any) -> Thing:
    return read(Thing, READ, answer(members), provider="p")


def refused(**members: Any) -> str:
    with pytest.raises(e.UnexpectedResponse) as caught:
        thing(**members)
    return str(caught.value)


def test_members_come_with_their_types() -> None:
    found = thing(
        number="2015550123",
        other=12015550123,
        city=" ",
        count="3",
        open="true",
        at="2026-05-18T12:00:00Z",
        since=1747345200,
        day="20260518",
        rate="0.5",
        price=25.10,
        secret="abc1234567",
        part={"name": 7},
        parts=[{"price": 1}],
        names=["a"],
        state=None,
    )
    assert (found.number, found.other, found.city, found.count, found.open) == (N, N, None, 3, True)
    assert (type(found.number), type(found.other)) == (PhoneNumber, PhoneNumber)
    assert found.at == datetime(2026, 5, 18, 12, tzinfo=UTC)
    assert found.since == datetime(2025, 5, 15, 21, 40, tzinfo=UTC)
    assert (found.day, found.rate, str(found.price)) == (date(2026, 5, 18), Decimal("0.5"), "25.1")
    assert found.secret == Secret("abc1234567")
    assert "abc1234567" not in repr(found)
    assert (found.part, found.parts) == (Part(name="7"), [Part(price=Decimal(1))])
    assert (found.names, found.state, thing().state) == (["a"], None, UNSET)


ODD: dict[str, list[Any]] = {
    "other": [[], True, {"a": 1}],
    "city": [[], {}],
    "count": ["many", [], 1.5],
    "open": ["banana", {}, 7],
    "at": ["yesterday", [], {}],
    "since": ["soon", True, [], 10**30],
    "day": ["tomorrow", True, [], "20261399"],
    "rate": ["half", True, {}],
    "secret": [5, []],
    "part": ["x", [], 1],
    "parts": ["x", {}, 1],
    "names": ["x", [[]]],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ODD.items() for value in values])
def test_an_odd_optional_member_is_none_and_in_raw(name: str, value: Any) -> None:
    found = thing(**{name: value, "city" if name != "city" else "word": "x"})
    assert getattr(found, name) is None
    assert found.city == "x" or found.word == "x"
    assert dict(found.raw)[name] == value


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"number": "example"}, "number: "),
        ({"number": []}, "number: "),
        ({"price": "much"}, "price: "),
        ({"price": True}, "price: "),
        ({"word": []}, "word: "),
        ({"state": 5}, "state: "),
        ({"part": {"price": "much"}}, "part.price: "),
        ({"parts": [{"price": []}]}, "parts.0.price: "),
        ({"parts": [1]}, "parts.0: "),
    ],
)
def test_money_and_identity_refuse_the_answer(members: dict[str, Any], where: str) -> None:
    assert where in refused(**members)


def test_raw_has_all_members_at_every_depth() -> None:
    body = {"data": {"city": "x", "new": 1, "part": {"name": "a", "new": [2]}, "parts": [{"new": 3}, {"name": "b"}]}}
    found = read(Thing, READ, answer(body), provider="p", at=("data",))
    assert dict(found.raw) == body["data"]
    assert found.part is not None
    assert found.parts is not None
    assert [dict(one.raw) for one in (found.part, *found.parts)] == [
        {"name": "a", "new": [2]},
        {"new": 3},
        {"name": "b"},
    ]
    held = read(Holder, READ, answer(body), provider="p", at=("data",))
    assert held.part is not None
    assert held.part.raw["new"] == [2]
    assert dict(Part().raw) == {}
    assert pickle.loads(pickle.dumps(found)) == found
    assert dict(pickle.loads(pickle.dumps(found)).raw) == dict(copy.deepcopy(found).raw) == body["data"]


def test_a_list_is_read_whole_or_not_at_all() -> None:
    def listed(rows: Any) -> list[Part]:
        return read_list(Part, READ, answer({"data": {"rows": rows}}), provider="p", at=("data", "rows"))

    found = listed([{"name": "a", "new": 1}, {}])
    assert (found, [dict(one.raw) for one in found]) == ([Part("a"), Part()], [{"name": "a", "new": 1}, {}])
    for wrong, where in ((None, "data.rows: a list"), ({}, "data.rows: a list"), ([{}, 5], "data.rows.1: ")):
        with pytest.raises(e.UnexpectedResponse, match=where):
            listed(wrong)
    with pytest.raises(e.UnexpectedResponse, match=r"data.rows: it is missing"):
        read_list(Part, READ, answer({"data": {}}), provider="p", at=("data", "rows"))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


def convert(marked: Any, value: Any) -> Any:
    (mark,) = [one for one in marked.__metadata__ if isinstance(one, fields.Forgiving)]
    return mark.convert(value)


@pytest.mark.slow
@given(value=JSON)
def test_a_marker_reads_a_value_or_refuses_it_without_naming_it(value: Any) -> None:
    kinds: dict[Any, Any] = {
        Day: date,
        UnixTime: datetime,
        Number: PhoneNumber,
        OptionalNumber: PhoneNumber,
        NumberOrText: str,
        Hidden: Secret,
        Instant: datetime,
    }
    for marked, kind in kinds.items():
        try:
            found = convert(marked, value)
        except InvalidNumber:
            assert kind is PhoneNumber
        except ValueError as error:
            assert str(error) in (
                "a date was expected",
                "seconds since 1970 were expected",
                "text was expected",
                "a date and time was expected",
            )
        else:
            assert found is None or isinstance(found, kind)
            assert convert(marked, found) == found  # what it made itself is taken as it is


@given(seconds=st.integers(0, 7 * 10**9))
def test_times_in_each_form_are_the_same(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    for form in (seconds, str(seconds), Decimal(seconds), moment.isoformat(), moment):
        assert convert(UnixTime, form) == moment
    for day in (f"{moment:%Y%m%d}", f"{moment:%Y-%m-%d}", int(f"{moment:%Y%m%d}"), moment.isoformat(), moment):
        assert convert(Day, day) == moment.date()


@pytest.mark.slow
@given(area=st.sampled_from(["201", "416", "998"]), line=st.integers(100, 199))
def test_numbers_in_each_form_are_the_same(area: str, line: int) -> None:
    ten = f"{area}5550{line}"
    for form in (ten, f"1{ten}", f"+1{ten}", int(ten), int(f"1{ten}"), PhoneNumber("+12015550100")):
        found = convert(NumberOrText, form)
        assert found == (form if isinstance(form, PhoneNumber) else f"+1{ten}")
        assert convert(Number, form) == convert(OptionalNumber, form) == found
    assert [convert(NumberOrText, text) for text in ("911", "+442079460018", "anonymous", 0, " ", None)] == [
        "911",
        "+442079460018",
        "anonymous",
        "0",
        None,
        None,
    ]


def test_a_number_that_must_be_there_is() -> None:
    class Row(Details):
        number: Number

    assert read(Row, READ, answer({"number": "12015550123"}), provider="p").number == N
    for members in ({}, {"number": None}, {"number": " "}, {"number": "x"}):
        with pytest.raises(e.UnexpectedResponse):
            read(Row, READ, answer(json.dumps(members).encode()), provider="p")


# -- rows, and words


class Line(Details):
    id: Text = None
    number: NumberOrText = None
    kind: Annotated[str | None, OneOf(values=("text", "call"))] = None
    part: Part | None = None


def test_rows_have_raw_and_conversions_where_all_of_each_is_wanted() -> None:
    body = {"rows": [{"id": " ", "number": "2015550123", "part": {"name": "a", "x": 1}}, 7, {"id": "2", "y": [1]}]}
    rows = read_rows(Line, READ, answer(body), provider="p", at=("rows",))
    first, last = rows.details()
    assert (first.id, first.number, last.id) == (None, N, "2")
    assert type(first.number) is PhoneNumber
    assert (dict(first.raw), dict(last.raw)) == (body["rows"][0], body["rows"][2])
    assert first.part is not None
    assert first.part.raw["x"] == 1


def test_a_word_that_no_document_has_is_taken() -> None:
    line = read(Line, READ, answer({"kind": "fax"}), provider="p")
    assert line.kind == "fax"
    assert read(Line, READ, answer({"kind": " "}), provider="p").kind is None
    assert read(Line, READ, answer({"kind": {}}), provider="p").kind is None


class Outer(Details):
    part: Part | None = None
    city: Text = None


@pytest.mark.parametrize(
    ("members", "as_declared"),
    [
        ({}, True),
        ({"city": None, "part": {"name": "x"}, "more": [1]}, True),
        ({"city": "", "part": None}, True),
        ({"city": [1]}, False),
        ({"part": True}, False),
        ({"part": {"name": {}}}, False),
    ],
)
def test_a_record_of_a_short_answer_says_whether_it_is_as_declared(members: dict[str, Any], as_declared: bool) -> None:
    response = answer({"data": members, "list": [{}, members]})
    found = read(Outer, READ, response, provider="acme", at=("data",))
    listed = read_list(Outer, READ, response, provider="acme", at=("list",))
    assert [one.as_declared for one in (found, *listed)] == [as_declared, True, as_declared]
    assert pickle.loads(pickle.dumps(found)).as_declared is as_declared
    assert found.part is None or found.part.as_declared is as_declared


def test_a_record_that_was_not_read_or_is_a_row_is_not_known_to_be_as_declared() -> None:
    rows = read_rows(Outer, READ, answer({"list": [{"city": "x"}]}), provider="acme", at=("list",))
    assert [one.as_declared for one in (Outer(), *rows.details())] == [False, False]
