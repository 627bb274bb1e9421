"""Objects that are made in great numbers are like any other."""

from __future__ import annotations

import copy
import json
import pickle
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict, evolve, fields
from attrs.exceptions import FrozenInstanceError
from hypothesis import given, settings
from hypothesis import strategies as st

from anycarrier.decoding import (
    Document,
    LazyFields,
    Record,
    Rows,
    TenDigit,
    Text,
    absent,
    blank_to_none,
    blanks_to_none,
    build,
    phone_number,
    read_rows,
    settled,
)
from anycarrier.exchange import Request
from anycarrier.model import Feature, Line, Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from support.script import answer

ROOT = Path(__file__).parents[2]
NUMBER = PhoneNumber("+12015550123")
REQUEST = Request(account="a", operation="list", method="GET", path="/x")
ROWS = [{"city": "Closter"}, {"city": " "}]
FACTS: dict[str, Any] = {
    "features": lambda *_: {Feature.SMS: True},
    "line": lambda row, one: Line.LOCAL if row["city"] == "Closter" and one.number == NUMBER else None,
    "city": lambda row, _: blank_to_none(row["city"]),
    "purchase": lambda *_: {},
}


def rows_of(body: bytes, *rows: Any, path: tuple[str, ...] = ()) -> Rows[Any, Any]:
    return Rows([*rows], Record(), Document(body), path, {})


def pair(kind: type[Any], place: int) -> tuple[Any, Any]:
    """A lazy object, and the same made by hand."""
    eager: dict[str, Any] = {"provider": "p", "account": ["a", "a"], "number": [NUMBER, NUMBER]}
    values = {"provider": "p", "account": "a", "number": NUMBER}
    if kind is OwnedNumber:
        eager["status"] = values["status"] = Status.ACTIVE
    facts = {one.name: FACTS[one.name] for one in fields(kind) if one.name in FACTS}
    body = json.dumps({"data": ROWS}).encode()
    made: Any = build(LazyFields[Any, Any](kind, **facts), rows_of(body, *ROWS, path=("data",)), **eager)[place]
    values |= {name: fact(ROWS[place], made) for name, fact in facts.items()}
    return made, kind(**values, raw=ROWS[place])


AGAIN: list[Any] = [copy.copy, copy.deepcopy, evolve, lambda one: pickle.loads(pickle.dumps(one))]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("kind", [Offer, OwnedNumber])
def test_they_cannot_be_told_apart(kind: type[Any], place: int) -> None:
    for look in (lambda one: one, repr, hash, lambda one: (asdict(one), one.raw), lambda one: one.features, *AGAIN):
        made, called = pair(kind, place)
        assert type(made) is kind
        assert look(made) == look(called)
        assert made == called
        assert hash(made) == hash(called)
        assert repr(made) == repr(called)
    assert weakref.ref(made)() is not None
    with pytest.raises(FrozenInstanceError):
        made.account = "b"
    with pytest.raises(AttributeError):
        made.other = 1
    with pytest.raises(AttributeError, match=f"'{kind.__name__}' object has no attribute 'other'"):
        _ = made.other
    for again in (again(pair(kind, place)[0]) for again in AGAIN):
        assert type(again) is kind
        assert again == called
        assert again.raw == ROWS[place]
    assert evolve(made, account="b") == evolve(called, account="b") != made


@pytest.mark.parametrize("kind", [Offer, OwnedNumber])
def test_every_required_field_is_eager_or_has_its_fact(kind: type[Any]) -> None:
    with pytest.raises(TypeError, match=f"{kind.__name__} needs account, number"):
        build(LazyFields[Any, Any](kind), rows_of(b"[]"), provider="p")
    with pytest.raises(TypeError, match=f"{kind.__name__} has no field speed"):
        LazyFields[Any, Any](kind, speed=absent)
    with pytest.raises(TypeError, match=f"{kind.__name__} has no field speed"):
        build(
            LazyFields[Any, Any](kind, status=absent) if kind is OwnedNumber else LazyFields[Any, Any](kind),
            rows_of(b"[]"),
            provider="p",
            account="a",
            number=[],
            speed=1,
        )


def test_a_fact_is_looked_up_once_and_may_be_changed_for_one_answer() -> None:
    looked: list[str] = []
    mapping = LazyFields[Any, Any](OwnedNumber, detail=lambda row, _: looked.append(row) or object(), label=absent)
    eager: dict[str, Any] = {"provider": "p", "account": "a", "number": [NUMBER], "status": Status.ACTIVE}
    one = build(mapping, rows_of(b"[{}]", "row"), **eager)[0]
    assert one.detail is one.detail
    assert looked == ["row"]
    other = build(mapping.but(label=lambda row, _: row), rows_of(b"[{}]", "row"), **eager)[0]
    assert (other.label, one.label) == ("row", None)
    assert type(one) is type(other) is OwnedNumber


def test_the_raw_is_a_mapping_that_decodes_its_document_when_looked_at() -> None:
    rows = rows_of(b'[{"a": 1, "b": [2]}, {}]', None, None)
    raw = build(LazyFields[Any, Any](Offer), rows, provider="p", account="a", number=NUMBER)[0].raw
    assert isinstance(raw, Mapping)
    assert (raw["b"], [*raw], len(raw), "a" in raw, raw.get("c"), {**raw}) == (
        [2],
        ["a", "b"],
        2,
        True,
        None,
        {"a": 1, "b": [2]},
    )
    assert (raw == {"a": 1, "b": [2]}) is True
    assert [*raw.items()] == [("a", 1), ("b", [2])]
    assert [*raw.values()] == [1, [2]]
    assert raw.keys() == {"a", "b"}
    assert repr(raw) == "Raw({'a': 1, 'b': [2]})"
    assert type(pickle.loads(pickle.dumps(raw))) is dict
    with pytest.raises(KeyError):
        _ = raw["c"]
    with pytest.raises(TypeError, match="unhashable"):
        hash(raw)


def test_objects_stay_with_their_rows_where_some_are_left_out() -> None:
    rows = rows_of(b'[{"a":0},{"a":1},{"a":2}]', "x", "y", "z").only([0, 2])
    made = build(LazyFields[Any, Any](Offer), rows, provider="p", account="a", number=NUMBER, city=["c", "d"])
    assert [(one.raw["a"], one.raw.row, one.city) for one in made] == [(0, "x", "c"), (2, "z", "d")]
    assert [one.city for one in made[1:]] == ["d"]
    assert len(made) == 2


class Row(Record):
    number: TenDigit
    city: Text = None
    lata: Text = None


CITIES = st.sampled_from([None, "", " ", "Closter", 7])
ROW = st.fixed_dictionaries(
    {
        "number": st.sampled_from(["2015550123", "9995550123", 2015550124, "2115550123", None]),
        "city": CITIES,
        "lata": CITIES,
    }
)


@pytest.mark.slow
@settings(max_examples=60)
@given(data=st.data(), sent=st.lists(ROW, max_size=60), eager=st.sets(st.sampled_from(["city", "lata"])))
def test_objects_are_those_that_a_call_for_each_row_would_make(data: Any, sent: list[Any], eager: set[str]) -> None:
    """Of any rows, odd ones and repeated ones among them, whichever fields are set at once or later."""
    body = answer({"rows": sent})
    rows: Rows[Any, Any] = read_rows(Row, REQUEST, body, provider="p", at=("rows",))
    rows = rows.only(data.draw(st.lists(st.integers(0, max(len(rows) - 1, 0)), max_size=len(rows))))
    mapping = LazyFields[Row, Offer](
        Offer, lata=lambda row, _: blank_to_none(row.lata), city=lambda row, _: blank_to_none(row.city)
    )
    columns: dict[str, Any] = {name: blanks_to_none([getattr(row, name) for row in rows]) for name in sorted(eager)}
    made = build(mapping, rows, provider="p", account="a", number=rows.numbers("number"), **columns)
    called = [
        Offer(
            provider="p",
            account="a",
            number=phone_number(row.number),
            city=settled(row).city,
            lata=settled(row).lata,
            raw=raw,
        )
        for row, raw in rows.pairs()
    ]
    for again in (made, made):  # it may be gone through twice
        assert [*again] == called
        assert [asdict(one) for one in again] == [asdict(one) for one in called]
        assert [dict(one.raw) for one in again] == [dict(one.raw) for one in called]
    assert len(made) == len(called)
    assert {type(one) for one in made} <= {Offer}
