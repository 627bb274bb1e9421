"""The generator of answers makes what a schema allows; its judge lets only values and our errors pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from anycarrier.errors import NotFound, UnexpectedResponse
from anycarrier.exchange import Exchange, Request
from support.schemas import EXAMPLES, judge, made, real, resolved

NAMED: dict[str, Any] = {
    "Name": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "pattern": "^C[0-9]{3}$"}}}
}
SCHEMA: dict[str, Any] = {
    "allOf": [{"$ref": "#/Name"}],
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["a", "b"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "note": {"type": "string", "nullable": True, "maxLength": 3},
        "of": {"type": "array", "minItems": 1, "items": {"oneOf": [{"type": "number"}, {"type": "boolean"}]}},
        "by_name": {"type": "object", "additionalProperties": {"type": "string"}},
        "at": {"type": "string", "format": "date-time", "example": "2026-01-01T00:00:00Z"},
    },
}
WHOLE = resolved(SCHEMA, lambda reference: NAMED[reference.rpartition("/")[2]])


@pytest.mark.slow
@settings(derandomize=True, database=None, deadline=None, suppress_health_check=[*HealthCheck])
@given(made(WHOLE))
def test_what_is_made_is_valid(answer: Any) -> None:
    assert answer.keys() >= {"id", "kind"}
    OAS30Validator(WHOLE).validate(answer)


def test_texts_are_put_in_by_name() -> None:
    answer = {"number": "x", "rows": [{"number": "y", "count": 1}, {"number": None}], "count": "z"}
    real(answer, {"number": "1", "count": 7})
    assert answer == {"number": "1", "rows": [{"number": "1", "count": 7}, {"number": None}], "count": 7}


def asking(then: Callable[[Any], Any]) -> Callable[[], Exchange[Any]]:
    def exchange() -> Exchange[Any]:
        response = yield Request(account="a", operation="x", method="GET", path="/")
        return then(response)

    return exchange


def raising(error: Exception) -> Callable[[Any], Any]:
    def raises(response: Any) -> Any:
        raise error

    return raises


@pytest.mark.slow
def test_the_judge_counts_and_refuses() -> None:
    good, bad = st.just((200, {})), st.just((404, {}))

    def judged(answers: Any, then: Callable[[Any], Any], **more: Any) -> Any:
        return judge(answers, asking(then), mend=lambda answer: None, **more)

    assert set(judged(good, lambda response: response.status)) == {"value"}
    assert set(judged(good, raising(UnexpectedResponse("x")))) == {"UnexpectedResponse"}
    assert set(judged(bad, raising(NotFound("x")))) == {"NotFound"}
    assert set(judged(bad, lambda response: None, nothing=(404,))) == {"value"}
    assert judged(st.tuples(st.just(200), st.integers()), lambda response: 1).total() == EXAMPLES
    for answers, then in ((good, raising(NotFound("x"))), (bad, lambda response: None)):
        with pytest.raises(AssertionError):
            judged(answers, then)
    for broken in (KeyError("x"), RecursionError()):
        with pytest.raises(type(broken)):
            judged(good, raising(broken))
