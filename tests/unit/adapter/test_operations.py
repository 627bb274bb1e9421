"""Operations of a provider's own API as data."""

from __future__ import annotations

import importlib
import inspect
from typing import Any, Literal

import pytest

from anycarrier.adapter import Api, Exchange, Listing, Sent, buys, collect, linked, reads, reads_rows, sent, writes
from anycarrier.adapter.operations import native_operations
from anycarrier.decoding import Record
from anycarrier.hints import kind_of
from anycarrier.registry import names


class Row(Record):
    number: str


class Page(Record):
    cursor: str | None = None


class Own(Api):
    provider = "acme"

    thing = reads("/things/{id}", dict)
    order = buys("/orders", dict)
    rows = linked(
        reads_rows("/rows", Row, at=("rows",), around=Page),
        number="number",
        name=lambda row: row.number,
        parameter="cursor",
        cursor=lambda page: page.cursor,
    )

    @writes("PUT", "/things/{id}", dict)
    def set_thing(self, id: str, kind: Literal["a", "b"] = "a", *, note: str | None = None, **hints: str) -> Sent:
        """Change a thing (``thingPut``; administrators only), by *id*.

        Args:
            id: of the thing.
            note: as free
                text.

        Raises:
            NotFound: there is none.
        """
        return sent(id=id, body={"kind": kind, "note": note, **hints})

    def buy_two(self, id: str) -> Exchange[dict[str, Any]]:
        """``Things_Buy``, after a look."""
        yield from self.thing(id=id)
        return (yield from self.order(body={"id": id}))

    def every(self) -> Listing[Row]:
        """All rows (``rowList``, ``row-list``)."""
        return self.rows(lambda rows: [*rows])

    def count(self) -> Exchange[int]:
        """The number of rows (``rowList`` alone)."""
        return len((yield from collect(self.every())))

    def inner(self) -> Exchange[None]:
        """A step of others."""
        yield from ()


def test_a_method_is_an_operation_by_the_documents_name_in_its_docstring() -> None:
    assert {name: one.documents for name, one in native_operations(Own).items()} == {
        "buy_two": ("Things_Buy",),
        "count": ("rowList",),
        "every": ("rowList", "row-list"),
        "set_thing": ("thingPut",),
    }


def test_its_requests_are_those_of_the_endpoints_in_its_code() -> None:
    found = {name: [(at.method, at.path) for at in one.endpoints] for name, one in native_operations(Own).items()}
    assert found == {
        "buy_two": [("GET", "/things/{id}"), ("POST", "/orders")],
        "count": [("GET", "/rows")],
        "every": [("GET", "/rows")],
        "set_thing": [("PUT", "/things/{id}")],
    }


def test_its_purpose_is_the_gravest_of_its_requests() -> None:
    assert {name: one.purpose for name, one in native_operations(Own).items()} == {
        "buy_two": "purchase",
        "count": "read",
        "every": "read",
        "set_thing": "write",
    }


def test_its_parameters_have_types_defaults_and_texts() -> None:
    one = native_operations(Own)["set_thing"]
    assert [(p.name, p.hint, p.required, p.keyword, p.others, p.text) for p in one.parameters] == [
        ("id", str, True, False, False, "of the thing."),
        ("kind", Literal["a", "b"], False, False, False, ""),
        ("note", str | None, False, True, False, "as free text."),
        ("hints", str, False, False, True, ""),
    ]
    assert str(one.signature).startswith("(id: 'str', kind: \"Literal['a', 'b']\" = 'a'")


def test_its_text_has_no_markup_and_no_names_of_the_document() -> None:
    found = native_operations(Own)
    assert found["set_thing"].text == "Change a thing (administrators only), by id."
    assert found["every"].text == "All rows."
    assert found["every"].listing
    assert not found["count"].listing


@pytest.mark.parametrize("name", names())
def test_every_method_of_our_adapters_has_a_document_and_a_request(name: str) -> None:
    api = importlib.import_module(f"anycarrier_adapters.{name}.api").Api
    found = native_operations(api)
    methods = {
        method
        for method, member in inspect.getmembers(api, inspect.isfunction)
        if method[0] != "_" and method not in vars(Api) and kind_of(member)
    }
    assert methods == set(found)
    assert [name for name, one in found.items() if not one.endpoints] == []
