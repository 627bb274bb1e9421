"""Answers that are not JSON: an adapter's decoder makes JSON of them, and everything else reads that."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import TypeAlias

import msgspec
from attrs import evolve

from anycarrier.decoding.json import MOST_NESTED, unexpected
from anycarrier.exchange import Request, Response

__all__ = ["Decode", "decoded", "decoded_error"]

Decode: TypeAlias = Callable[[bytes], object]
"""A function that makes values of JSON's types, with ``Decimal`` for exact fractions, of a body. It raises any
exception for what it cannot decode, and refuses what grows without bounds, such as the entities of an XML document."""

GROWTH = 8
"""A body as JSON may be this many times as long as it was, and :data:`SPARE` bytes longer."""
SPARE = 64 * 1024

_encode = msgspec.json.Encoder(decimal_format="number").encode


def decoded(decode: Decode, request: Request, response: Response, *, provider: str) -> Response:
    """*response* with its body as JSON; ``UnexpectedResponse`` where it cannot be decoded: a purchase whose answer
    cannot be read may have been carried out."""
    try:
        return evolve(response, body=_as_json(decode, response.body))
    except ValueError as error:
        raise unexpected(request, response, f"the body cannot be decoded ({error})", provider=provider) from None


def decoded_error(decode: Decode, response: Response) -> Response:
    """An error response with its body as JSON; without a body where it cannot be decoded, so that nothing takes the
    page of a gateway, which may well be JSON, for the provider's own words."""
    try:
        return evolve(response, body=_as_json(decode, response.body))
    except ValueError:
        return evolve(response, body=b"")


def _as_json(decode: Decode, body: bytes) -> bytes:
    """*body* as JSON; ``ValueError`` names no value."""
    try:
        value = decode(body)
    except Exception as error:  # noqa: BLE001 - parsers have errors of their own, which may quote the body
        raise ValueError(type(error).__name__) from None
    _check(value, MOST_NESTED)
    try:
        encoded = _encode(value)
    except Exception as error:  # noqa: BLE001 - half a surrogate pair, a number that is too long
        raise ValueError(type(error).__name__) from None
    if len(encoded) > GROWTH * len(body) + SPARE:
        raise ValueError("it is much longer than the body")
    return encoded


def _check(value: object, levels: int) -> None:
    """``ValueError`` for what is not of JSON's types, or nested too deep."""
    kind = type(value)
    if kind in (str, int, bool, type(None)):
        return
    if isinstance(value, float | Decimal):
        if not isfinite(value):
            raise ValueError("a number is not finite")
        return
    if kind is not dict and kind is not list:
        raise ValueError(f"{kind.__name__} is no type of JSON's")
    if not levels:
        raise ValueError("nested too deep")
    items = value
    if isinstance(value, dict):
        if any(type(name) is not str for name in value):
            raise ValueError("a name is no text")
        items = value.values()
    for item in items:  # type: ignore[attr-defined]
        _check(item, levels - 1)
