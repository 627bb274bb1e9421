"""Endpoints: requests from parameters, records from answers."""

from __future__ import annotations

import pytest

from anycarrier.adapter import InvalidInput, Request, Response, UnexpectedResponse
from support.made_up import API, N1, N2, Row, requests, said
from support.script import drive as play


def test_a_request_is_made_of_its_endpoint_and_its_parameters() -> None:
    row, effects = play(API.number(number=N1, query={"full": True, "empty": None}), said({"number": N1}))
    (request,) = requests(effects)
    assert row == Row(number=N1)
    assert request == Request(
        account="main",
        operation="acme.number",
        method="GET",
        path="/{tenant}/numbers/{number}",
        path_values={"tenant": "t1", "number": N1},
        query=(("full", "true"),),
        headers={"version": "7"},
    )


def test_an_endpoint_that_is_called_like_a_neutral_operation_has_its_name() -> None:
    _, effects = play(API.release(number=N1), Response(204))
    (request,) = requests(effects)
    assert request.operation == "release"
    assert request.purpose == "write"


def test_a_step_of_another_operation_is_named_for_that() -> None:
    error, _ = play(API.number(number=N1, operation="route"), said({"message": "no"}, 400))
    assert error.operation == "route"


def test_a_form_goes_to_another_origin_of_the_account() -> None:
    _, effects = play(API.text(body={"to": N1, "from": None, "body": "a b"}), said({}))
    (request,) = requests(effects)
    assert (request.account, request.body) == ("main.texts", b"to=%2B12015550101&body=a+b")
    assert request.content_type == "application/x-www-form-urlencoded"


def test_a_method_with_typed_parameters_sends_its_endpoint() -> None:
    value, effects = play(API.usage(7), said({"data": {"calls": 3}}))
    (request,) = requests(effects)
    assert value == {"calls": 3}
    assert (request.operation, request.query) == ("acme.usage", (("days", "7"),))
    with pytest.raises(InvalidInput, match="days"):
        raise play(API.usage("7"))[0]  # type: ignore[arg-type]


def test_an_answer_refuses_another_number() -> None:
    answer, _ = play(API.number.answer(number=N1), said({"number": N2}))
    with pytest.raises(UnexpectedResponse, match="another number"):
        answer.about(N1, answer.value.number)
    answer.about(N2, "(201) 555-0102")


def test_a_purchase_that_says_that_it_failed_is_no_record() -> None:
    error, _ = play(API.buy(body={}), said({"number": N1, "success": False}, 201))
    assert isinstance(error, UnexpectedResponse)
    assert error.maybe_applied
