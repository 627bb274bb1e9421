"""The body of an answer, and where in it the payload is.

Which version was asked for does not decide the shape; the answer does. v3 documents an envelope ``{status, data,
message, statusCode}`` for the list and the purchase alone, and no answer at all for search and pools.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from anycarrier.border import describe
from anycarrier.exchange import Request, Response
from anycarrier.wire import unexpected

__all__ = ["Path", "decoded", "fitted", "payload"]

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]
MOST_DIGITS = 64


def decoded(request: Request, response: Response, *, provider: str) -> Any:
    """The body as JSON with exact decimals, or :class:`UnexpectedResponse`.

    NaN, doubled names, endless nesting and numbers beyond any use are refused.
    """
    try:
        return json.loads(
            response.body, parse_float=_exact, parse_int=_whole, parse_constant=_no_constant,
            object_pairs_hook=_no_doubles,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else "not valid JSON"
        raise unexpected(request, response, f"the body is {why}", provider=provider) from None


def payload(body: Any, *names: str) -> tuple[Any, Path]:
    """What carries one of *names*, and its path: the envelope's ``data``, else the body itself."""
    if isinstance(body, dict):
        inner = body.get("data")
        if isinstance(inner, dict) and (body.get("status") == "success" or any(name in inner for name in names)):
            return inner, ("data",)
    return body, ()


def fitted(model: type[M], value: Any, request: Request, response: Response, *, provider: str) -> M:
    """*value* as *model*, or :class:`UnexpectedResponse` that names each place."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise unexpected(request, response, describe(error), provider=provider) from None


def _exact(text: str) -> Decimal:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number is too long")
    value = Decimal(text)
    if abs(value.adjusted()) > MOST_DIGITS:
        raise ValueError("a number is out of range")
    return value


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number is too long")
    return int(text)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _no_doubles(members: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(members)
    if len(result) != len(members):
        raise ValueError("doubled name")
    return result
