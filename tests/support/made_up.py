"""A made-up provider written with the kit for adapters."""

from __future__ import annotations

import json
from typing import Any

from anycarrier import adapter
from anycarrier.adapter import (
    E164,
    Conflict,
    ErrorTable,
    NumberUnavailable,
    Offer,
    PhoneNumber,
    Record,
    Request,
    Response,
    Sent,
    Text,
    Whole,
    buys,
    linked,
    means,
    numbered,
    reads,
    reads_rows,
    sent,
    streamed,
    writes,
)

N1, N2, N3 = (PhoneNumber(f"+1201555010{digit}") for digit in (1, 2, 3))


class Row(Record):
    number: E164
    label: Text = None


class Around(Record):
    next: Text = None
    total: Whole = None
    pages: Whole = None


class Binding(Record):
    number: E164
    campaign: Text = None
    state: Text = None


TABLE = ErrorTable(
    detail=("message", "errors.0.detail"),
    code="code",
    status="status",
    rows=(
        means(NumberUnavailable, code="taken", purpose="purchase"),
        means(Conflict, 422, words="being ported", message="the number is being ported"),
        means(NumberUnavailable, 409, only="POST /orders"),
    ),
)


def named(row: Row) -> str:
    return row.number


class Api(adapter.Api):
    provider = "acme"
    errors = TABLE
    headers = {"version": "7"}  # noqa: RUF012

    number = reads("/{tenant}/numbers/{number}", Row)
    buy = buys("/orders", Row, accept=(201,))
    release = writes("DELETE", "/numbers/{number}", accept=(204,))
    text = writes("POST", "/texts", dict, content="form", origin="texts")
    voice = writes("PUT", "/numbers/{number}/voice", dict, nulls=True)
    webhook = writes("PUT", "/numbers/{number}/webhook", dict, nulls=True)
    campaign = reads("/numbers/{number}/campaign", Binding)
    bind = writes("PUT", "/numbers/{number}/campaign", Binding)
    unbind = writes("DELETE", "/numbers/{number}/campaign", accept=(204,))
    by_number = numbered(
        reads_rows("/numbers", Row, at=("rows",), around=Around),
        number="number",
        name=named,
        size=("per", 2),
        last=lambda page: page.pages,
        total=lambda page: page.total,
    )
    by_cursor = linked(
        reads_rows("/numbers", Row, at=("rows",), around=Around, method="POST"),
        number="number",
        name=named,
        parameter="after",
        cursor=lambda page: page.next,
        total=lambda page: page.total,
        within="body",
    )
    whole = streamed(reads_rows("/all", Row, at=("rows",), stream=True), number="number")

    @reads("/usage", dict, at=("data",))
    def usage(self, days: int) -> Sent:
        """Usage of the last *days*."""
        return sent(query={"days": days})


API = Api("main", origins={"texts": "main.texts"}, path_values={"tenant": "t1"})


def requests(effects: list[Any]) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, Request)]


def said(value: object, status: int = 200, **headers: str) -> Response:
    return Response(status, headers, json.dumps(value).encode())


def rows(*numbers: str, **around: object) -> Response:
    return said({"rows": [{"number": number} for number in numbers], **around})


def offered(**facts: Any) -> Offer:
    return Offer(provider="acme", account="main", number=N1, **facts)
