"""VoiceTel's orders of several numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from support.script import failing, json_of, lost, play, unsent
from support.voicetel import NUMBER, OTHER, M, N
from support.voicetel_answers import V, html, no, ordered


def test_an_order_of_several_tells_each_ones_fate() -> None:
    body = ordered(OTHER, failed=[{"number": NUMBER, "reason": "taken"}], amountCharged="0.50")
    result, (request,) = play(V.order([NUMBER, M], route=1000), body)
    assert [owned.number for owned in result.numbers] == [M]
    assert result.failed == {N: "taken"}
    assert result.amount_charged == Money(Decimal("0.50"))
    assert json_of(request) == {"numbers": [{"number": NUMBER, "route": 1000}, {"number": OTHER, "route": 1000}]}
    assert request.headers["idempotency-key"].startswith("ac1_")
    assert (request.purpose, request.operation) == ("purchase", "voicetel.order")


def test_an_order_whose_outcome_is_unknown_names_its_key() -> None:
    for outcome in (lost(), html(502), ordered(NUMBER), no(500)):
        error, script = failing(V.order([N, M]), outcome)
        assert isinstance(error, e.OutcomeUnknown)
        assert error.key == script.requests[0].headers["idempotency-key"]
        assert error.number == "+12015550123, +12015550124"
        _, (again,) = play(V.order([N, M], key=error.key), ordered(NUMBER, OTHER))
        assert (again.body, again.headers) == (script.requests[0].body, script.requests[0].headers)


def test_an_order_that_was_refused_says_so() -> None:
    for outcome, kind in ((no(402), e.InsufficientFunds), (no(502), e.ProviderDown), (unsent(), e.TransportError)):
        error, _ = failing(V.order([N]), outcome)
        assert type(error) is kind
        assert not error.maybe_applied


@pytest.mark.parametrize("numbers", [[], [N, NUMBER], [PhoneNumber(f"+1201555{n:04}") for n in range(100, 201)]])
def test_an_order_takes_1_to_100_different_numbers(numbers: Any) -> None:
    error, script = failing(V.order(numbers))
    assert isinstance(error, e.InvalidInput)
    assert not script.effects


def test_an_order_of_100_numbers() -> None:
    numbers = [f"2015550{n}" for n in range(100, 200)]
    result, (request,) = play(V.order(numbers, key="k"), ordered(*numbers))
    assert len(result.numbers) == 100
    assert json_of(request)["numbers"] == numbers


def test_a_key_has_the_documented_form() -> None:
    for key in ("with.dot", "", "k" * 129, "k\n"):
        error, script = failing(V.order([N], key=key))
        assert isinstance(error, e.InvalidInput)
        assert not script.requests
