"""JSON is written compactly and read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.decoding.json import json_body, load_json, parse_json
from anycarrier.exchange import Request
from support.script import answer

READ = Request(account="a", operation="get", method="GET", path="/v1/things")
PURCHASE = Request(account="a", operation="get", method="POST", path="/v1/things", purpose="purchase")


def test_bodies_are_compact_and_the_same_for_the_same_value() -> None:
    value = {"b": 1, "a": "é", "none": None, "inner": {"none": None}}
    assert json_body(value) == b'{"b":1,"a":"\xc3\xa9","inner":{"none":null}}'
    assert json_body({"b": 1, "a": None}, nulls=True) == b'{"b":1,"a":null}'
    for wrong in ({"a": "\ud800"}, {"a": float("nan")}, {"a": {1, 2}}):
        with pytest.raises(e.InvalidInput):
            json_body(wrong)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"NaN",
        b"[Infinity]",
        b'{"a":-Infinity}',
        b'{"a":1,"a":1}',
        b'[{"a":{"b":1,"b":2}}]',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5000,
        b"{}x",
        b"'a'",
        b"[1,]",
    ],
)
def test_json_that_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - every kind
        load_json(body)
    with pytest.raises(e.UnexpectedResponse) as caught:
        parse_json(PURCHASE, answer(body), provider="p")
    assert caught.value.maybe_applied


SCALARS = st.none() | st.booleans() | st.integers() | st.text()


@pytest.mark.slow
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_that_is_read(value: Any) -> None:
    assert load_json(json.dumps(value)) == value
    assert parse_json(READ, answer(json.dumps(value).encode()), provider="p") == value


@given(st.binary())
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    try:
        load_json(body)
    except ValueError:
        pass


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    for value in ({"é": ["\U0001f600", 1, {}]}, [{}], [], {}, "a", 7):
        body = json.dumps(value, ensure_ascii=False).encode(encoding)
        assert load_json(body) == json.loads(body) == value


def test_brackets_within_texts_are_no_nesting_and_those_of_neighbors_are_none_either() -> None:
    wide = {"text": "[{" * 100, "list": [{}] * 100}
    assert load_json(json.dumps(wide)) == wide
    assert load_json("[" * 32 + "]" * 32)
    with pytest.raises(ValueError, match="nested too deep"):
        load_json("[" * 33 + "]" * 33)
