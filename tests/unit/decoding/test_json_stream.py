"""A long JSON document is read while it comes, and each part of it that is missing or broken is an error."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.decoding import Record, json_stream
from anycarrier.decoding.json import load_json
from anycarrier.exchange import Emit, Listing, Request, send
from support.script import Script, answer, failing, items, lost

REQUEST = Request(account="a", operation="list", method="GET", path="/list", stream=True)
PATH = ("data", "numbers")


class Success(Record):
    status: Literal["success"]


def taken(text: str, _: int) -> tuple[int, list[Any]] | None:
    try:
        rows = load_json(text)
    except ValueError:
        return None
    return len(rows), rows


def listed(path: tuple[str, ...] = PATH, **how: Any) -> Listing[Any]:
    response = yield from send(REQUEST)
    yield from json_stream.stream_array(REQUEST, response, path, taken, provider="p", **how)


def read(body: str | bytes, chunk: int = 65536, **how: Any) -> list[Any]:
    emitted, _ = items(listed(**how), answer(body.encode() if isinstance(body, str) else body), chunk=chunk)
    return emitted


def wrong(body: str | bytes, chunk: int = 65536, **how: Any) -> tuple[e.AnyCarrierError, list[Any]]:
    raw = body.encode() if isinstance(body, str) else body
    error, script = failing(listed(**how), answer(raw), chunk=chunk)
    assert isinstance(error, e.UnexpectedResponse)
    return error, script.emitted


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(
    rows=st.lists(ANYTHING, max_size=5),
    before=ANYTHING,
    after=ANYTHING,
    inside=ANYTHING,
    indent=st.sampled_from([None, 0, 2]),
    escaped=st.booleans(),
    chunk=st.integers(1, 40),
    first=st.booleans(),
)
def test_any_document_in_pieces_of_any_size(
    rows: list[Any], before: Any, after: Any, inside: Any, indent: Any, escaped: bool, chunk: int, first: bool
) -> None:
    data = {"numbers": rows, "inside": inside} if first else {"inside": inside, "numbers": rows}
    document = {"before": before, "data": data, "after": after}
    assert read(json.dumps(document, indent=indent, ensure_ascii=escaped), chunk) == rows


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 100])
def test_characters_and_escapes_may_be_cut_anywhere(chunk: int) -> None:
    body = r'{"data":{"numbers":[{"a":"é€😀\ud83d\ude00\\\"],["},-1.5e+10,12345,true,"x"]}}'
    assert read(body, chunk) == [{"a": 'é€😀😀\\"],['}, -1.5e10, 12345, True, "x"]


@pytest.mark.parametrize("body", ['{"data":{"numbers":[]}}', ' {\n"data" : {"numbers" :\t[ ]\r}  } \n'])
def test_an_empty_array(body: str) -> None:
    assert read(body) == []
    assert read(body, chunk=1) == []


def test_records_come_as_soon_as_they_are_whole() -> None:
    script = Script(answer(b'{"data":{"numbers":[1111,2222,3333]}}'), chunk=26)
    script.run(listed())
    assert script.emitted == [1111, 2222, 3333]
    assert script.batches[0] == 1


@pytest.mark.parametrize(
    "body",
    [
        "", " ", "{}", "[]", "null", '"numbers":[', '{"numbers":[1]}', '{"data":{"number":[1]}}',
        '{"data":["numbers",[1]]}', '{"data":{"numbers":{}}}', '{"data":{"numbers":null}}',
        '{"data":{"x":{"numbers":[1]}}}', '[{"data":{"numbers":[1]}}]',
        '{"data":[{"numbers":[1]}]}', 'x{"data":{"numbers":[1]}}', '{"data":{"numbers":"[1]"}}',
        '{"data":{"x":"\\"numbers\\":[1"}}', '{"dat":{"numbers":[1]}}', '{"data":1,"x":{"numbers":[1]}}',
        '{"data":{},"numbers":[1]}', "<html>", '{"data":{"numbers":1,"numbers":[1]}}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [1, 65536])
def test_an_array_that_is_not_in_its_place_is_not_read(body: str, chunk: int) -> None:
    error, emitted = wrong(body, chunk)
    assert emitted == []
    assert "no array at data.numbers" in str(error)


@pytest.mark.parametrize("chunk", [1, 65536])
def test_an_array_of_the_same_name_before_it_is_passed_over(chunk: int) -> None:
    before = '"meta":{"numbers":[{"n":"\\"numbers\\":["}]},"x":[{"numbers":[7]}]'
    body = f'{{{before},"data":{{"numbers":[1,2]}},"y":{{"numbers":[8]}}}}'
    assert read(body, chunk) == [1, 2]


@pytest.mark.parametrize(
    ("body", "emitted"),
    [
        ('{"data":{"numbers":[1,2', [1]),
        ('{"data":{"numbers":[1,2]', [1, 2]),
        ('{"data":{"numbers":[1,2]}', [1, 2]),
        ('{"data":{"numbers":[1,2]}}}', [1, 2]),
        ('{"data":{"numbers":[1,2]}}x', [1, 2]),
        ('{"data":{"numbers":[1,2]}}{"data":{"numbers":[3]}}', [1, 2]),
        ('{"data":{"numbers":[1,2],"numbers":[3]}}', [1, 2]),
        ('{"data":{"numbers":[1,2]},"data":{"numbers":[]}}', [1, 2]),
        ('{"data":{"numbers":[1,2],}}', [1, 2]),
        ('{"data":{"numbers":[1,2,]}}', [1, 2]),
        ('{"data":{"numbers":[1,,2]}}', [1]),
        ('{"data":{"numbers":[,1]}}', []),
        ('{"data":{"numbers":[1 2]}}', []),
        ('{"data":{"numbers":[1}}', []),
        ('{"data":{"numbers":[NaN]}}', []),
        ('{"data":{"numbers":[1,{"a":Infinity}]}}', [1]),
        ('{"data":{"numbers":[01]}}', []),
        ('{"data":{"numbers":[\'a\']}}', []),
        ('{"data":{"numbers":["a]}}', []),
        (b'{"data":{"numbers":["\xff"]}}', []),
        (b'{"data":{"numbers":["a"]}}\xe2\x82', ["a"]),
        (b'\xef\xbb\xbf{"data":{"numbers":[1]}}', []),
        ('{"data":{"numbers":[' + "[" * 100_000, []),
    ],
)
def test_what_is_broken_ends_in_an_error_after_what_was_whole(body: str | bytes, emitted: list[Any]) -> None:
    chunks = [1, 65536] if len(body) < 1000 else [65536]
    for chunk in chunks:
        error, came = wrong(body, chunk)
        assert came == emitted
        assert not error.maybe_applied


def test_a_stream_that_breaks_is_a_transport_error() -> None:
    error, script = failing(listed(), (answer(b'{"data":{"numbers":[1,2,'), lost("broken")))
    assert isinstance(error, e.TransportError)
    assert script.emitted == [1, 2]


def test_members_around_it_may_be_required() -> None:
    good = '{"status":"success","data":{"numbers":[1]}}'
    assert read(good, envelope=Success) == [1]
    assert read('{"data":{"numbers":[1]},"status":"success"}', envelope=Success) == [1]
    for bad in (good.replace("success", "error"), '{"data":{"numbers":[1]}}'):
        error, _ = wrong(bad, envelope=Success)
        assert "status: " in str(error)


def test_paths_of_other_lengths() -> None:
    assert read('{"items":[1]}', path=("items",)) == [1]
    assert read('{"a":{"b":{"c.d":[1]}}}', path=("a", "b", "c.d")) == [1]
    wrong('{"a":{"b":{"cxd":[1]}}}', path=("a", "b", "c.d"))


def test_nothing_grows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_LONGEST_RECORD", 1000)
    for endless in (
        '{"data":{"numbers":["' + "a" * 5000,
        "{" + '"a":1,' * 1000,
        '{"data":{"numbers":[]}}' + " " * 5000,
    ):
        error, _ = wrong(endless, chunk=100)
        assert "more than 1000 characters" in str(error)
    rows = ",".join(["1"] * 5000)
    assert len(read('{"data":{"numbers":[' + rows + "]}}", chunk=100)) == 5000


def test_many_arrays_of_the_same_name_are_not_looked_at_for_ever() -> None:
    error, _ = wrong('{"x":{"numbers":[]},' * 20 + '"data":{"numbers":[1]}}')
    assert "no array at data.numbers" in str(error)


def test_memory_does_not_grow_with_the_document() -> None:
    """The text held between pieces is less than a piece and a record."""
    row = json.dumps({"number": "2015550123", "text": "x" * 50})
    body = ('{"data":{"numbers":[' + ",".join([row] * 5000) + "]}}").encode()
    listing = listed()
    pieces = [body[at : at + 4096] for at in range(0, len(body), 4096)]
    outcome: Any = None
    held = []
    try:
        while True:
            effect = listing.send(outcome)
            if isinstance(effect, Request):
                outcome = answer(b"")
            elif isinstance(effect, Emit):
                outcome = None
            else:
                frame = listing.gi_yieldfrom
                source = frame.gi_frame.f_locals["source"]
                held.append(len(source.text) - source.at)
                outcome = pieces.pop(0) if pieces else b""
    except StopIteration:
        pass
    assert max(held) < 4096 + len(row)


@pytest.mark.slow
def test_tiny_pieces_do_not_make_each_byte_cost_a_look_at_all_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = {"record": 0, "array_at": 0}
    for name in looks:
        look = getattr(json_stream._Text, name)

        def counted(self: Any, *given: Any, look: Any = look, name: str = name) -> Any:
            looks[name] += 1
            return look(self, *given)

        monkeypatch.setattr(json_stream._Text, name, counted)
    long = "x" * 20_000
    assert read(json.dumps({"before": long, "data": {"numbers": [long]}}), chunk=1) == [long]
    assert looks["record"] < 100
    assert looks["array_at"] < 100
