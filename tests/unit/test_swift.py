"""Objects that are made in great numbers are like any other."""

from __future__ import annotations

import copy
import pickle
import weakref
from itertools import repeat
from typing import Any

import pytest
from attrs import evolve, fields
from attrs.exceptions import FrozenInstanceError

from anycarrier import swift
from anycarrier.model import Later, Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber

NUMBER = PhoneNumber("+12015550123")
VALUES: dict[type[Any], dict[str, Any]] = {
    Offer: {"provider": "p", "account": "a", "number": NUMBER, "features": {}, "purchase": {}, "raw": {"x": 1}},
    OwnedNumber: {
        "provider": "p", "account": "a", "number": NUMBER, "status": Status.ACTIVE, "features": {}, "raw": {"x": 1},
    },
}  # fmt: skip


class Thing:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thing)

    __hash__ = None  # type: ignore[assignment]


class Made(Later):
    def made(self, one: OwnedNumber) -> Any:
        assert one.raw == {"x": 1}
        return Thing()


def pair(kind: type[Any], **changes: Any) -> tuple[Any, Any]:
    values = {one.name: None for one in fields(kind)} | VALUES[kind] | changes
    columns: dict[str, Any] = {name: [value] for name, value in values.items()}
    made: Any = swift.made(kind, **columns)[0]
    return made, kind(**values)


@pytest.mark.parametrize("kind", VALUES)
def test_they_cannot_be_told_apart(kind: type[Any]) -> None:
    made, called = pair(kind)
    assert type(made) is kind
    assert made == called
    assert hash(made) == hash(called)
    assert repr(made) == repr(called)
    assert weakref.ref(made)() is not None
    with pytest.raises(FrozenInstanceError):
        made.account = "b"
    with pytest.raises(AttributeError):
        made.other = 1
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), evolve(made)):
        assert type(again) is kind
        assert again == called
        assert again.raw == {"x": 1}
    assert evolve(made, account="b") == evolve(called, account="b") != made


@pytest.mark.parametrize("kind", VALUES)
def test_every_field_needs_a_column(kind: type[Any]) -> None:
    with pytest.raises(TypeError, match="has the fields provider"):
        swift.made(kind, provider=repeat("p"))


def test_a_detail_is_made_when_it_is_looked_at_and_once() -> None:
    for one in pair(OwnedNumber, detail=Made()):
        first = one.detail
        assert isinstance(first, Thing)
        assert one.detail is first
        assert "Thing" not in repr(one)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, evolve, lambda one: pickle.loads(pickle.dumps(one))])
def test_whoever_copies_gets_the_detail(again: Any) -> None:
    for one in pair(OwnedNumber, detail=Made()):
        assert again(one).detail == Thing()


def test_numbers_are_those_of_the_careful_reader() -> None:
    texts = ["2015550123", "8005550100", "6585550123"]
    assert swift.numbers(texts) == [PhoneNumber(text) for text in texts]
    for odd in ("2019110123", "201555012", "20155501234", "201555012a", "0015550123", "2425550100", "\u0662015550123"):
        assert swift.numbers([*texts, odd]) is None
    assert swift.numbers([]) is None
