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

from anycarrier.decoding import Document, LazyFields, Record, Rows, absent, blank_to_none, build
from anycarrier.model import Feature, Line, Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber

ROOT = Path(__file__).parents[2]
NUMBER = PhoneNumber("+12015550123")
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
    for look in (
        lambda one: one,
        repr,
        hash,
        lambda one: (asdict(one), one.raw),
        lambda one: one.features,
        *AGAIN,
    ):
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
