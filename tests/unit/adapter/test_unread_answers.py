"""Endpoints whose answer is passed on as it came, or has no record; and answers that belong to another request."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import pytest

from anycarrier import adapter
from anycarrier.adapter import (
    ErrorTable,
    PhoneNumber,
    Record,
    Request,
    Response,
    Sent,
    Target,
    UnexpectedResponse,
    number_of,
    reads,
    sent,
    writes,
)
from support.script import play

N = PhoneNumber("+12015550101")


class Ok(Record):
    status: Literal["success"]


class Row(Record):
    number: str


class Api(adapter.Api):
    provider = "acme"
    errors: ClassVar[ErrorTable] = ErrorTable()

    one = reads("/one", dict, at=("data",), envelope=Ok)
    all = reads("/all", list, at=("data", "rows"), envelope=Ok)
    remove = writes("DELETE", "/one", accept=(200, 204), envelope=Ok)

    @reads("/numbers/{number}", Row).answering
    def number(self, target: Target) -> Sent:
        return sent(number=number_of(target))

    def contradiction(self, request: Request, record: Any) -> str | None:
        asked = request.path_values.get("number")
        return None if asked is None or asked == record.number else "it is about another number than the request"


API = Api("main")


def said(value: object, status: int = 200) -> Response:
    return Response(status, {}, json.dumps(value).encode())


def test_an_object_or_a_list_is_passed_on_as_it_came() -> None:
    data = {"a": 1.5, "rows": [{"b": None}]}
    assert play(API.one(), said({"status": "success", "data": data}))[0] == data
    assert play(API.all(), said({"status": "success", "data": data}))[0] == [{"b": None}]
    for call, body, where in (
        (API.one, {"status": "success", "data": []}, "data: an object was expected"),
        (API.all, {"status": "success", "data": {}}, "data.rows: a list was expected"),
        (API.one, {"data": {}}, "status: "),
    ):
        with pytest.raises(UnexpectedResponse, match=where):
            play(call(), said(body))


def test_an_answer_without_a_record_has_its_envelope_or_no_body() -> None:
    assert play(API.remove(), Response(204, {}, b""))[0] is None
    assert play(API.remove(), said({"status": "success"}))[0] is None
    with pytest.raises(UnexpectedResponse, match="status: "):
        play(API.remove(), said({"status": "error"}))


def test_a_method_may_give_the_answer_with_its_raw() -> None:
    answer, _ = play(API.number(N), said({"number": N, "more": 1}))
    assert (answer.value.number, dict(answer.raw())) == (N, {"number": N, "more": 1})
    with pytest.raises(adapter.InvalidInput):
        API.number(5)  # type: ignore[arg-type]


def test_an_answer_that_belongs_to_another_request_is_refused() -> None:
    with pytest.raises(UnexpectedResponse, match="another number"):
        play(API.number(N), said({"number": "+12015550102"}))
