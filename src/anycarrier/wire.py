"""From a :class:`Request` to bytes on a wire and back: URLs, headers, JSON, status codes. Shared by all adapters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from anycarrier.engine.request import request_id
from anycarrier.engine.retry import RetryPolicy, fetch, retry_after
from anycarrier.errors import (
    AnyCarrierError,
    AuthenticationFailed,
    Conflict,
    InsufficientFunds,
    InvalidInput,
    InvalidRequest,
    NotFound,
    NumberUnavailable,
    PermissionDenied,
    ProviderDown,
    ProviderError,
    RateLimited,
    UnexpectedResponse,
)
from anycarrier.exchange import Exchange, Request, Response, now, read
from anycarrier.later import later

if TYPE_CHECKING:
    import json
else:
    json = later("json")

__all__ = [
    "ErrorMap", "ask", "body_of", "is_deep", "json_body", "load_json", "pairs", "parse_json",
    "says_done", "says_failed", "status_error",
]  # fmt: skip

ERROR_BODY_MOST = 1_000_000


def json_body(value: Mapping[str, Any], *, nulls: bool = False) -> bytes:
    """Compact JSON, the same bytes for the same value; ``None`` members are left out, and only with *nulls* sent."""
    present = {name: item for name, item in value.items() if nulls or item is not None}
    try:
        return json.dumps(present, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError):  # half a surrogate pair, NaN, or no JSON type: the message would quote it
        raise InvalidInput("a value cannot be written as JSON") from None


def pairs(**values: str | int | bool | Iterable[str] | None) -> tuple[tuple[str, str], ...]:
    """Query pairs of the arguments: booleans as ``true``/``false``, several values joined by commas, no empty ones."""
    result: list[tuple[str, str]] = []
    for name, value in values.items():
        if value is None or value == "":
            continue
        if isinstance(value, bool):
            result.append((name, "true" if value else "false"))
        elif isinstance(value, str | int):
            result.append((name, str(value)))
        elif joined := ",".join(value):
            result.append((name, joined))
    return tuple(result)


ErrorMap: TypeAlias = Callable[[Request, Response], AnyCarrierError]
"""Turns an answer with an error status into the error to raise; each adapter has one."""


def ask(
    request: Request, errors: ErrorMap, *, accept: Iterable[int] = (200,), policy: RetryPolicy | None = None
) -> Exchange[Response]:
    """Send *request*, repeating as the policy allows; the answer if its status is accepted, else ``errors``' error.

    Of a streamed answer that is not accepted, the body is read whole first.
    """
    response = yield from fetch(request, policy)
    if response.status in accept:
        return response
    if response.stream is not None:
        response = yield from body_of(response)
    error = errors(request, response)
    if "retry-after" in response.headers:
        error.retry_after = retry_after(response.headers, (yield from now()).wall)
    raise error


def body_of(response: Response, limit: int = ERROR_BODY_MOST) -> Exchange[Response]:
    """A streamed answer with its body read whole, at most *limit* bytes of it; for error answers."""
    body = bytearray()
    while len(body) < limit and (chunk := (yield from read(response.stream))):
        body += chunk
    return Response(response.status, response.headers, bytes(body[:limit]))


_CLASSES: Mapping[int, type[ProviderError]] = {
    400: InvalidRequest, 401: AuthenticationFailed, 402: InsufficientFunds, 403: PermissionDenied, 404: NotFound,
    405: InvalidRequest, 406: InvalidRequest, 409: Conflict, 410: NotFound, 413: InvalidRequest, 415: InvalidRequest,
    422: InvalidRequest, 429: RateLimited,
}  # fmt: skip


def status_error(
    request: Request,
    response: Response,
    *,
    provider: str,
    code: str | None = None,
    detail: str | None = None,
    error_class: type[ProviderError] | None = None,
    maybe_applied: bool | None = None,
    safe_elsewhere: bool | None = None,
) -> AnyCarrierError:
    """The error for a status that was not accepted: by status first; an adapter refines it with what it read.

    A purchase may have been carried out whatever the status is, because anything between here and the provider can
    answer with it after the work is done. An adapter says ``maybe_applied=False`` only for the provider's own refusal:
    a documented status with the provider's own documented body, and not any JSON. Even that is not believed of a
    status that means "later" (408, 425, 429, 499), nor of one below 400.

    Another write may have been applied when the status is not a plain refusal: 4xx other than 408, 425 and 499 says
    no; 3xx and 5xx leave it open, and so does a 2xx that was not expected.

    ``NotFound`` is for the provider's own words: a 404 or 410 without *code* and *detail* may come from anything in
    between, says nothing of a number, and is :class:`UnexpectedResponse`.
    """
    status = response.status
    refused = 400 <= status < 500 and status not in (408, 425, 499)
    if request.purpose == "purchase":
        maybe_applied = maybe_applied is not False or status < 400 or status in _LATER
    elif maybe_applied is None:
        maybe_applied = request.purpose != "read" and not refused
    if request.purpose == "read" and status >= 500:
        safe_elsewhere = True
    facts: dict[str, Any] = {
        "provider": provider, "operation": request.operation, "status": status, "code": code, "detail": detail,
        "request_id": request_id(response.headers),
        "maybe_applied": maybe_applied, "safe_elsewhere": safe_elsewhere,
    }  # fmt: skip
    if error_class is None:
        if status >= 500:
            error_class = ProviderDown
        elif refused:
            error_class = _CLASSES.get(status, InvalidRequest)
            if error_class is NotFound and code is None and detail is None:
                said = f"a {status} that does not have the provider's own words says nothing about the request"
                return UnexpectedResponse(said, **facts)
        else:
            kind = "redirected, and redirects are not followed" if 300 <= status < 400 else "answered unexpectedly"
            return UnexpectedResponse(f"the provider {kind}", **facts)
    return error_class(_SAID[error_class], **facts)


_LATER = frozenset({408, 425, 429, 499})

_DONE = re.compile(
    r"(?<!not )(?<!never )\b(?:success(?:ful|fully)?|succeeded"
    r"|(?:was|were|is|are|been) (?:purchased|bought|ordered|charged|added|provisioned))\b"
    r"|^\W*(?:purchased|bought|ordered|charged|provisioned)\b",
    re.IGNORECASE,
)
_DONE_WORDS = frozenset({"success", "succeeded", "ok", "created", "completed", "complete", "done"})


def says_done(body: Any) -> bool:
    """Return whether the *body* of an error says in some place that the thing was done.

    An answer that contradicts itself proves nothing: no refusal is read out of one for which this is true.
    """
    if isinstance(body, dict):
        said = body.get("status")
        if body.get("success") is True or (isinstance(said, str) and said.strip().casefold() in _DONE_WORDS):
            return True
        return any(map(says_done, body.values()))
    if isinstance(body, list):
        return any(map(says_done, body))
    return isinstance(body, str) and _DONE.search(body) is not None


_FAILED_WORDS = frozenset({"error", "fail", "failed", "failure"})


def says_failed(body: Any, status: int) -> str | None:
    """Member at the top of *body* that contradicts its good *status* and says that it failed; ``None`` without one.

    Such an answer contradicts itself: neither a purchase nor the end of a list is read out of it.
    """
    if not isinstance(body, dict):
        return None
    said, stated = body.get("status"), body.get("statusCode")
    if isinstance(said, str) and said.strip().casefold() in _FAILED_WORDS:
        return "status says that it failed"
    if isinstance(said, int | Decimal) and not isinstance(said, bool) and said >= 400:
        return "status is the one of an error"
    if isinstance(stated, int | Decimal) and not isinstance(stated, bool) and stated != status:
        return "statusCode is another one than the answer's"
    if body.get("success") is False:
        return "success is false"
    return next((f"{name} is there" for name in ("error", "errors") if body.get(name)), None)


_SAID: Mapping[type[ProviderError], str] = {
    InvalidRequest: "the provider refused the request",
    AuthenticationFailed: "the credentials were not accepted",
    InsufficientFunds: "the account's balance does not cover this",
    PermissionDenied: "the credentials do not allow this",
    NotFound: "not on this account",
    Conflict: "not possible in the present state",
    RateLimited: "too many requests",
    ProviderDown: "the provider failed",
    NumberUnavailable: "the number is not available",
}


MOST_DIGITS = 64
MOST_NESTED = 32


def load_json(body: bytes | str, *, exact: bool = False) -> Any:
    """*body* decoded; fractions as ``float``, or with *exact* as ``Decimal``.

    ``ValueError`` for what is not JSON, for NaN, doubled names, numbers that are too long or out of range, and more
    than 32 levels of nesting.
    """
    try:
        value = json.loads(
            body, parse_constant=_no_constant, object_pairs_hook=_no_doubles, parse_int=_whole,
            parse_float=_exact if exact else _fraction,
        )  # fmt: skip
    except RecursionError:
        raise ValueError("nested too deep") from None
    if is_deep(value):
        raise ValueError("nested too deep")
    return value


def parse_json(request: Request, response: Response, *, provider: str, exact: bool = False) -> Any:
    """The body as :func:`load_json` reads it, or :class:`UnexpectedResponse`."""
    try:
        return load_json(response.body, exact=exact)
    except ValueError as error:
        raise unexpected(request, response, f"the body is not valid JSON ({error})", provider=provider) from None


def unexpected(request: Request, response: Response, where: str, *, provider: str) -> UnexpectedResponse:
    """The error for an answer that breaks its contract; *where* says in which place and what was expected."""
    return UnexpectedResponse(
        f"the answer is not what the contract says: {where}", provider=provider, operation=request.operation,
        status=response.status, request_id=request_id(response.headers), maybe_applied=request.purpose != "read",
    )  # fmt: skip


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


def _no_doubles(members: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(members)
    if len(result) != len(members):
        raise ValueError("a doubled name")
    return result
