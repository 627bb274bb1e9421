"""Errors of LeadConnector.

Six shapes of body are read: ``{statusCode, message, error}`` with a text or a list, the same without ``error``,
``{msg, accountStatus}``, ``{error: {code, message}}``, one with a ``traceId``, and text that is no JSON at all. The
status alone misleads (a missing scope is a 401), so the text decides where one is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from anycarrier.adapter import (
    AnyCarrierError,
    Conflict,
    ErrorTable,
    InvalidRequest,
    NotFound,
    NumberUnavailable,
    PermissionDenied,
    RateLimited,
    Request,
    Response,
    Said,
    at_place,
    means,
    printable,
    text_of,
)

from .limits import rate_limits

__all__ = ["ERRORS", "NOT_CONNECTED", "REFUSALS", "is_about_the_token"]

REFUSALS = frozenset({400, 401})
"""Statuses that, with an error body of HighLevel's, prove that a purchase did not happen. Others, 422 among them, have
come with the thing done."""

NOT_CONNECTED = "phone_system_not_connected"
"""``code`` of the :class:`NotFound` for a location that has no phone system at all."""

_SCOPE = "the token lacks a scope"
_ABOUT_THE_TOKEN = re.compile(
    r"invalid jwt|invalid token|access token|expired|private integration token", re.IGNORECASE
)


def _is_highlevels(body: Mapping[str, Any], response: Response) -> bool:
    """Recognize HighLevel's own ``{statusCode, message, error}``: ``statusCode`` repeats the status as a number,
    and ``message`` is text or a list of texts.

    A gateway's JSON has words too (``{"message": "Forbidden"}``, ``{"error": {...}}``), that of some (Azure's) even a
    ``statusCode``, and says nothing about what was done behind it. No endpoint is about one number, so a 404 never is.
    """
    stated = body.get("statusCode")
    same = isinstance(stated, int | Decimal) and not isinstance(stated, bool) and stated == response.status
    named = isinstance(body.get("error", ""), str)
    return same and named and response.status in REFUSALS and text_of(body.get("message")) is not None


class _Errors(ErrorTable):
    """Words of several places, and limits in headers."""

    def said(self, response: Response) -> Said:
        found = super().said(response)
        if found.detail is None:
            return found
        status = text_of(found.body.get("accountStatus"))
        detail = found.detail if status is None else f"{found.detail} (accountStatus: {status})"
        # The OAuth endpoints may answer as RFC 6749 has it: a code in "error", and words in "error_description".
        described = text_of(found.body.get("error_description"))
        code = text_of(at_place(found.body, "error.code")) or (text_of(found.body.get("error")) if described else None)
        return evolve(found, detail=detail, code=code)

    def refine(self, error: AnyCarrierError, request: Request, response: Response, said: Said) -> None:
        if error.message == _SCOPE:
            _reword(error, f"{_SCOPE} ({_scope(request)} is needed)")
        elif said.detail is None and response.status == 403 and b"1010" in response.body:
            error.code = "1010"
            _reword(error, "Cloudflare, in front of LeadConnector, refused this client; the token was not looked at")
        trace = text_of(said.body.get("traceId"))
        if said.detail is not None and trace is not None and error.request_id is None:
            error.request_id = printable(trace, 120)
        if isinstance(error, RateLimited):
            limits = rate_limits(response.headers)
            if limits is not None and limits.daily_remaining != 0:
                error.retry_after = limits.interval


def _reword(error: AnyCarrierError, message: str) -> None:
    error.message = message
    error.args = (message,)


def _scope(request: Request) -> str:
    if request.path.endswith("/number-pools"):
        return "numberpools.read"
    return "phonenumbers.write" if request.purpose == "purchase" else "phonenumbers.read"


ERRORS = _Errors(
    detail=("message", "error.message", "error_description", "error", "msg"),
    members=frozenset({"statusCode", "message", "error", "traceId"}),
    own=_is_highlevels,
    refusals=REFUSALS,
    rows=(
        means(InvalidRequest, 401, words="version header", message="the API version was not accepted"),
        means(PermissionDenied, 401, 403, words="not authorized for this scope", message=_SCOPE),
        means(
            PermissionDenied, 401, 403, words="not accessible from this token|not have access to this location",
            message="the token is not for this location",
        ),
        means(
            NotFound, 404, words="not connected|no twilio account", as_code=NOT_CONNECTED,
            message="this location has no phone system: LC Phone is not connected to it",
        ),
        means(
            Conflict, 400, 409, 422, words="fingerprint", purpose="purchase",
            message="the fingerprint was used, perhaps by this very purchase",
        ),
        means(
            NumberUnavailable, 400, 404, 409, 422, words="no longer available|not available|unavailable",
            purpose="purchase", message="the number is not available",
        ),
    ),
)  # fmt: skip


def is_about_the_token(response: Response) -> bool:
    """Return whether a 401 says that the token itself is bad, so that another one may help.

    Missing scope, another location and a bad version are 401 too, and no new token changes them.
    """
    detail = ERRORS.said(response).detail
    if response.status != 401 or detail is None:
        return False
    if any(row.words is not None and row.words.search(detail) for row in ERRORS.rows if 401 in row.statuses):
        return False
    return _ABOUT_THE_TOKEN.search(detail) is not None
