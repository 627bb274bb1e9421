"""Objects that are made in great numbers are like any other."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict, evolve, fields
from attrs.exceptions import FrozenInstanceError

from anycarrier import swift
from anycarrier.model import Feature, Line, Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber

ROOT = Path(__file__).parents[3]
NUMBER = PhoneNumber("+12015550123")
ROWS = [{"city": "Closter"}, {"city": " "}]
FACTS: dict[str, Any] = {
    "features": lambda *_: {Feature.SMS: True},
    "line": lambda row, one: Line.LOCAL if row["city"] == "Closter" and one.number == NUMBER else None,
    "city": lambda row, _: swift.present(row["city"]),
    "purchase": lambda *_: {},
}


def pair(kind: type[Any], place: int) -> tuple[Any, Any]:
    """One of those that are made in one go, with most of its facts still to be looked at; and the same by hand."""
    names = {one.name for one in fields(kind)} - {"raw"}
    now: dict[str, Any] = {"provider": ["p", "p"], "account": ["a", "a"], "number": [NUMBER, NUMBER]}
    if kind is OwnedNumber:
        now["status"] = [Status.ACTIVE, Status.ACTIVE]
    facts = {name: FACTS.get(name, swift.nothing) for name in names - now.keys()}
    body = json.dumps({"data": ROWS})
    made: Any = swift.made(kind, body, ("data",), ROWS, facts, **now)[place]
    values = {name: fact(ROWS[place], made) for name, fact in facts.items()} | {
        name: column[place] for name, column in now.items()
    }
    return made, kind(**values, raw=ROWS[place])


AGAIN: list[Any] = [copy.copy, copy.deepcopy, evolve, lambda one: pickle.loads(pickle.dumps(one))]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("kind", [Offer, OwnedNumber])
def test_they_cannot_be_told_apart(kind: type[Any], place: int) -> None:
    for look in (
        lambda one: one, repr, hash, lambda one: (asdict(one), one.raw), lambda one: one.features, *AGAIN,
    ):  # fmt: skip
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
def test_every_field_is_filled_or_has_its_fact_and_not_both(kind: type[Any]) -> None:
    with pytest.raises(TypeError, match="has the fields provider"):
        swift.made(kind, b"[]", (), [], {}, provider=[])
    every = {one.name: swift.nothing for one in fields(kind) if one.name != "raw"}
    with pytest.raises(TypeError, match="has the fields provider"):
        swift.made(kind, b"[]", (), [], every, provider=[])


def test_a_fact_is_looked_up_once() -> None:
    looked: list[str] = []
    every: dict[str, Any] = {one.name: swift.nothing for one in fields(OwnedNumber) if one.name != "raw"}
    every["detail"] = lambda row, _: looked.append(row) or object()
    one = swift.made(OwnedNumber, b"[]", (), ["row"], every)[0]
    assert one.detail is one.detail
    assert looked == ["row"]


def test_the_raw_is_a_mapping_that_decodes_its_document_when_looked_at() -> None:
    every: dict[str, Any] = {one.name: swift.nothing for one in fields(Offer) if one.name != "raw"}
    raw = swift.made(Offer, b'[{"a": 1, "b": [2]}, {}]', (), [None, None], every)[0].raw
    assert isinstance(raw, Mapping)
    assert (raw["b"], [*raw], len(raw), "a" in raw, raw.get("c"), {**raw}) == (
        [2], ["a", "b"], 2, True, None, {"a": 1, "b": [2]},
    )  # fmt: skip
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


class Thing(swift.Row):
    one_name: str
    flag: swift.Flag = None
    whole: swift.Whole = None


@pytest.mark.parametrize(
    "document",
    [b'{"oneName":1}', b'{"one_name":"x"}', b'{"oneName":"x","flag":1}', b'{"oneName":"x","whole":"1"}', b"{", b"",
     b'{"oneName":"x","whole":1e400}', b'{"oneName":"\xff"}', b'{"oneName":"x","other":"\xff"}', b"null",
     b'{"oneName":"x","other":NaN}', b'{"oneName":"x"}}', b'{"oneName":"x","other":' + b"[" * 100_000,
     b'{"oneName":"x","whole":%d}' % 10**19, "\ud800", b'{"oneName":"\\ud800"}'],
)  # fmt: skip
def test_what_is_not_plainly_in_order_is_left_to_others(document: bytes | str) -> None:
    assert swift.reader(Thing)(document) is None


def test_what_is_plain_is_read() -> None:
    document = '{"oneName":"é","other":{"oneName":1},"whole":-3,"flag":null}'
    for given in (document, document.encode(), document.replace("é", "\\u00e9")):
        assert swift.reader(Thing)(given) == Thing(one_name="é", whole=-3)


def test_numbers_are_those_of_the_careful_reader() -> None:
    texts = ["2015550123", "8005550100", "6585550123"]
    assert swift.ten_digits(texts) == [PhoneNumber(text) for text in texts]
    for odd in ("2019110123", "201555012", "20155501234", "201555012a", "0015550123", "2425550100", "\u0662015550123"):
        assert swift.ten_digits([*texts, odd]) is None
    assert swift.ten_digits([]) == []


def test_e164_numbers_are_those_of_the_careful_reader() -> None:
    texts = ["+12015550123", "+18005550100", "+18009110123"]
    assert swift.e164(texts) == [PhoneNumber(text) for text in texts]
    more = [*texts, "+442079460018", "+16585550123"]
    assert swift.e164(more) == [PhoneNumber(text) for text in more]
    assert all(type(number) is PhoneNumber for number in swift.e164(more) or ())
    for odd in ("2015550123", "+1201555012", "+120155501234", "+1201555012a", "+10015550123", "+1201555012\u0663", "",
                "12015550123+", "+22015550123"):  # fmt: skip
        assert swift.e164([odd, *texts]) is None
        assert swift.e164([*texts, odd]) is None
    assert swift.e164([]) == []


@pytest.mark.parametrize("column", [[], [None], ["a", None, "b", "a"], ["", "a"], [" ", None, "\x1c", "a", " "]])
def test_texts_are_as_each_of_them(column: list[str | None]) -> None:
    assert swift.texts(column) == [swift.present(text) for text in column]


FIRST_READS = """
import sys, threading
from anycarrier import Client, Search
from anycarrier.exchange import Response
sys.setswitchinterval(1e-6)
begin = threading.Barrier(8)
class Wire:
    def send(self, request):
        return Response(200, {}, b'{"fingerprintId": "1", "numbers": []}')
    def close(self):
        pass
def read():
    client = Client("lc_phone", token="pit-x", location_id="loc1", transport=Wire())
    begin.wait()
    for _ in range(20):
        client.search(Search(area_code="201"))
threads = [threading.Thread(target=read) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
"""


def test_many_threads_may_read_their_first_answers_at_the_same_time() -> None:
    paths = os.pathsep.join(str(ROOT / each) for each in ("src", "adapters"))
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", FIRST_READS], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
