"""JSON, strictly: no doubled names, bounded depth, bounded numbers, exact decimals; and the bytes of a body to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any

from anycarrier.engine.request import request_id
from anycarrier.errors import InvalidInput, UnexpectedResponse
from anycarrier.exchange import Request, Response

__all__ = ["MOST_DIGITS", "MOST_NESTED", "is_deep", "json_body", "load_json", "parse_json", "unexpected"]

MOST_DIGITS = 64
MOST_NESTED = 32


def json_body(value: Mapping[str, object], *, nulls: bool = False) -> bytes:
    """Compact JSON, the same bytes for the same value; ``None`` members are left out, and only with *nulls* sent."""
    present = {name: item for name, item in value.items() if nulls or item is not None}
    try:
        return _encoder()(present).encode()
    except (ValueError, TypeError):  # half a surrogate pair, NaN, or no JSON type: the message would quote it
        raise InvalidInput("a value cannot be written as JSON") from None


def load_json(body: bytes | str, *, exact: bool = False) -> Any:
    """*body* decoded; fractions as ``float``, or with *exact* as ``Decimal``.

    ``ValueError`` for what is not JSON, for NaN, doubled names, numbers that are too long or out of range, and more
    than 32 levels of nesting.
    """
    text = body if isinstance(body, str) else _text_of(body)
    try:
        value = _decoder(exact)(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if text.count("{") + text.count("[") > MOST_NESTED and is_deep(value):
        raise ValueError("nested too deep")
    return value


@cache
def _encoder() -> Callable[[object], str]:
    import json  # here and below: most programs need no JSON of the standard library's

    return json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


@cache
def _decoder(exact: bool) -> Callable[[str], Any]:
    import json

    return json.JSONDecoder(
        parse_constant=_no_constant,
        object_pairs_hook=_no_doubles,
        parse_int=_whole,
        parse_float=_exact if exact else _fraction,
    ).decode


def _text_of(body: bytes) -> str:
    """The text of a body in UTF-8, UTF-16 or UTF-32, as ``json.loads`` reads it."""
    if body[:1] in b"{[" and body[1:2] != b"\0":
        return body.decode("utf-8", "surrogatepass")
    import json

    return body.decode(json.detect_encoding(body), "surrogatepass")


def parse_json(request: Request, response: Response, *, provider: str, exact: bool = False) -> Any:
    """The body as :func:`load_json` reads it, or :class:`UnexpectedResponse`."""
    try:
        return load_json(response.body, exact=exact)
    except ValueError as error:
        raise unexpected(request, response, f"the body is not valid JSON ({error})", provider=provider) from None


def unexpected(request: Request, response: Response, where: str, *, provider: str) -> UnexpectedResponse:
    """The error for an answer that breaks its contract; *where* says in which place and what was expected."""
    return UnexpectedResponse(
        f"the answer is not what the contract says: {where}",
        provider=provider,
        operation=request.operation,
        status=response.status,
        request_id=request_id(response.headers),
        maybe_applied=request.purpose != "read",
    )


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number is too long")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if len(text) > MOST_DIGITS or not isfinite(value):
        raise ValueError("a number is too long or out of range")
    return value


def _exact(text: str) -> Decimal:
    value = Decimal(text) if len(text) <= MOST_DIGITS else None
    if value is None or abs(value.adjusted()) > MOST_DIGITS:
        raise ValueError("a number is too long or out of range")
    return value


def is_deep(value: Any, levels: int = MOST_NESTED) -> bool:
    """Return whether *value*, of JSON's types, is nested deeper than *levels* levels."""
    kind = type(value)
    if kind is not dict and kind is not list:
        return False
    if not levels:
        return True
    for item in value.values() if kind is dict else value:
        kind = type(item)
        if (kind is dict or kind is list) and is_deep(item, levels - 1):
            return True
    return False


def _no_doubles(members: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(members)
    if len(result) != len(members):
        raise ValueError("a doubled name")
    return result
