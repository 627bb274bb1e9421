"""From LeadConnector's error answers to ours.

Six shapes of body are read: ``{statusCode, message, error}`` with a text or a list, the same without ``error``,
``{msg, accountStatus}``, ``{error: {code, message}}``, one with a ``traceId``, and what is no JSON at all. The status
alone misleads (a missing scope is a 401), so the text decides where one is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from anycarrier.errors import (
    AnyCarrierError,
    Conflict,
    InvalidRequest,
    NotFound,
    NumberUnavailable,
    PermissionDenied,
    ProviderError,
    RateLimited,
    masked,
    printable,
)
from anycarrier.exchange import Request, Response
from anycarrier.wire import load_json, says_done, status_error, unexpected

from .limits import rate_limits

__all__ = ["NOT_CONNECTED", "REFUSALS", "error_of", "is_about_the_token", "said"]

REFUSALS = frozenset({400, 401})
"""Statuses that, with an error body of HighLevel's, prove that a purchase did not happen."""

NOT_CONNECTED = "phone_system_not_connected"
"""``code`` of the :class:`NotFound` for a location that has no phone system at all."""


@frozen
class Said:
    """What an error answer says; there is none without words.

    Attributes:
        ours: whether the body has the shape that HighLevel documents for its errors, and does not contradict itself.
    """

    text: str
    code: str | None = None
    trace: str | None = None
    ours: bool = False


@frozen
class _Meaning:
    statuses: frozenset[int]
    words: re.Pattern[str]
    error: type[ProviderError]
    message: str
    code: str | None = None
    purchase_only: bool = False


def _meaning(statuses: set[int], words: str, error: type[ProviderError], message: str, **more: Any) -> _Meaning:
    return _Meaning(frozenset(statuses), re.compile(words, re.IGNORECASE), error, message, **more)


_MEANINGS = (
    _meaning({401}, r"version header", InvalidRequest, "the API version was not accepted"),
    _meaning({401, 403}, r"not authorized for this scope", PermissionDenied, "the token lacks a scope"),
    _meaning(
        {401, 403}, r"not accessible from this token|not have access to this location", PermissionDenied,
        "the token is not for this location",
    ),
    _meaning(
        {404}, r"not connected|no twilio account", NotFound,
        "this location has no phone system: LC Phone is not connected to it", code=NOT_CONNECTED,
    ),
    _meaning(
        {400, 409, 422}, r"fingerprint", Conflict, "the fingerprint was used, perhaps by this very purchase",
        purchase_only=True,
    ),
    _meaning(
        {400, 404, 409, 422}, r"no longer available|not available|unavailable", NumberUnavailable,
        "the number is not available", purchase_only=True,
    ),
)  # fmt: skip

_ABOUT_THE_TOKEN = re.compile(
    r"invalid jwt|invalid token|access token|expired|private integration token", re.IGNORECASE
)


def said(response: Response) -> Said | None:
    """What an error answer says; ``None`` where the body is not a JSON object with words in it."""
    try:
        body = load_json(response.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    nested: Mapping[str, Any] = error if isinstance(error, dict) else {}
    # The OAuth endpoints may answer as RFC 6749 has it: a code in "error", and words in "error_description".
    described = _words(body.get("error_description"))
    words = (
        _words(body.get("message")), _words(nested.get("message")), described, _words(error), _words(body.get("msg")),
    )  # fmt: skip
    text = next((each for each in words if each), None)
    if text is None:
        return None
    account_status = _words(body.get("accountStatus"))
    if account_status:
        text += f" (accountStatus: {account_status})"
    code = _words(nested.get("code")) or (_words(error) if described else None)
    return Said(text, code, _words(body.get("traceId")), _is_highlevels(body, response.status))


def _is_highlevels(body: Mapping[str, Any], status: int) -> bool:
    """Whether this is HighLevel's own ``{statusCode, message, error}``: ``statusCode`` repeats the status as a number,
    and ``message`` is text or a list of texts.

    A gateway's JSON has words too (``{"message": "Forbidden"}``, ``{"error": {...}}``), that of some (Azure's) even a
    ``statusCode``, and says nothing about what was done behind it. So nothing else may stand in it.
    """
    stated = body.get("statusCode")
    same = isinstance(stated, int | Decimal) and not isinstance(stated, bool) and stated == status
    named = isinstance(body.get("error", ""), str)
    known = body.keys() <= {"statusCode", "message", "error", "traceId"}
    return same and named and known and _words(body.get("message")) is not None and not says_done(body)


def _words(value: object) -> str | None:
    if isinstance(value, list):
        value = "; ".join(item.strip() for item in value if isinstance(item, str) and item.strip())
    return value.strip() or None if isinstance(value, str) else None


def is_about_the_token(response: Response) -> bool:
    """Whether a 401 says that the token itself is bad, so that another one may help.

    Missing scope, another location and a bad version are 401 too, and no new token changes them.
    """
    words = said(response)
    if response.status != 401 or words is None:
        return False
    if any(meaning.words.search(words.text) for meaning in _MEANINGS if 401 in meaning.statuses):
        return False
    return _ABOUT_THE_TOKEN.search(words.text) is not None


def error_of(request: Request, response: Response, *, provider: str) -> AnyCarrierError:
    """The error of an answer.

    A purchase was refused only when HighLevel itself says so in a 400 or 401; other statuses, 422 among them, have come
    with the thing done. No endpoint is about one number, so a 404 is never about a number: it says that the location
    has no phone system, or nothing that is documented.
    """
    words = said(response)
    refused = words is not None and words.ours and response.status in REFUSALS
    meaning = _meaning_of(request, response, words)
    if response.status in (404, 410) and meaning is None:
        odd = unexpected(request, response, "no 404 is documented here", provider=provider)
        odd.detail = None if words is None else printable(masked(words.text))
        return odd
    error = status_error(
        request, response, provider=provider, maybe_applied=False if refused else None,
        code=meaning.code if meaning and meaning.code else (words.code if words else None),
        detail=words.text if words else None, error_class=meaning.error if meaning else None,
    )  # fmt: skip
    if meaning is not None:
        scope = f" ({_scope(request)} is needed)" if "scope" in meaning.message else ""
        _reword(error, meaning.message + scope)
    elif words is None and response.status == 403 and b"1010" in response.body:
        error.code = "1010"
        _reword(error, "Cloudflare, in front of LeadConnector, refused this client; the token was not looked at")
    if words is not None and error.request_id is None:
        error.request_id = None if words.trace is None else printable(words.trace, 120)
    if isinstance(error, RateLimited):
        limits = rate_limits(response.headers)
        if limits is not None and limits.daily_remaining != 0:
            error.retry_after = limits.interval
    return error


def _meaning_of(request: Request, response: Response, words: Said | None) -> _Meaning | None:
    if words is None:
        return None
    return next(
        (
            meaning
            for meaning in _MEANINGS
            if response.status in meaning.statuses
            and (request.purpose == "purchase" or not meaning.purchase_only)
            and meaning.words.search(words.text)
        ),
        None,
    )


def _reword(error: AnyCarrierError, message: str) -> None:
    error.message = message
    error.args = (message,)


def _scope(request: Request) -> str:
    if request.path.endswith("/number-pools"):
        return "numberpools.read"
    return "phonenumbers.write" if request.purpose == "purchase" else "phonenumbers.read"
