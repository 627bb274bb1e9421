"""HTTP as adapters speak it: send a request, turn a status that is not accepted into an error, write a query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from anycarrier.engine.request import request_id
from anycarrier.engine.retry import RetryPolicy, fetch, retry_after
from anycarrier.errors import (
    AnyCarrierError,
    AuthenticationFailed,
    Conflict,
    InsufficientFunds,
    InvalidRequest,
    NotFound,
    NumberUnavailable,
    PermissionDenied,
    ProviderDown,
    ProviderError,
    RateLimited,
    RequirementsMissing,
    UnexpectedResponse,
)
from anycarrier.exchange import Exchange, Request, Response, now, read

__all__ = ["ErrorMap", "ask", "body_of", "error_for", "pairs", "status_error"]

ERROR_BODY_MOST = 1_000_000


def pairs(**values: str | int | bool | Iterable[str] | None) -> tuple[tuple[str, str], ...]:
    """Query pairs of the arguments: booleans as ``true``/``false``, several values joined by commas, no empty ones."""
    result: list[tuple[str, str]] = []
    for name, value in values.items():
        if value is None or value == "":
            continue
        if isinstance(value, bool):
            result.append((name, "true" if value else "false"))
        elif isinstance(value, (str, int)):
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
    if response.status not in accept:
        raise (yield from error_for(request, response, errors))
    return response


def error_for(request: Request, response: Response, errors: ErrorMap) -> Exchange[AnyCarrierError]:
    """The error of an answer whose status is not accepted."""
    if response.stream is not None:
        response = yield from body_of(response)
    error = errors(request, response)
    if "retry-after" in response.headers:
        error.retry_after = retry_after(response.headers, (yield from now()).wall)
    return error


def body_of(response: Response, limit: int = ERROR_BODY_MOST) -> Exchange[Response]:
    """A streamed answer with its body read whole, at most *limit* bytes of it; for error answers."""
    body = bytearray()
    while len(body) < limit and (chunk := (yield from read(response.stream))):
        body += chunk
    return Response(response.status, response.headers, bytes(body[:limit]))


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
        "provider": provider,
        "operation": request.operation,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id(response.headers),
        "maybe_applied": maybe_applied,
        "safe_elsewhere": safe_elsewhere,
    }
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

_CLASSES: Mapping[int, type[ProviderError]] = {
    400: InvalidRequest, 401: AuthenticationFailed, 402: InsufficientFunds, 403: PermissionDenied, 404: NotFound,
    405: InvalidRequest, 406: InvalidRequest, 409: Conflict, 410: NotFound, 413: InvalidRequest, 415: InvalidRequest,
    422: InvalidRequest, 429: RateLimited,
}  # fmt: skip

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
    RequirementsMissing: "something is missing that a person has to supply",
}
