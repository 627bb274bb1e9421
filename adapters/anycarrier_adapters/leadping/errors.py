"""Errors of Leadping's answers: ``ProblemDetails`` (RFC 9457), whatever their content type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from anycarrier.errors import (
    AnyCarrierError,
    InsufficientFunds,
    NumberUnavailable,
    ProviderError,
    masked,
    printable,
)
from anycarrier.exchange import Request, Response
from anycarrier.wire import load_json, says_done, status_error, unexpected

__all__ = ["PROVIDER", "error_of"]

PROVIDER = "leadping"

_TYPES = re.compile(
    r"|about:blank|https://([a-z0-9-]+\.)*leadping\.ai(/.*)?"
    r"|https://(tools\.ietf\.org|www\.rfc-editor\.org|datatracker\.ietf\.org)/.*"
)
"""Types of Leadping's problems: its own, and those of its framework (ASP.NET)."""

_CHALLENGE = re.compile(r'resource_metadata="https?://([a-z0-9-]+\.)*leadping\.ai/')
_TAKEN = re.compile(
    r"\b(not (currently )?available|no longer available|unavailable|already|taken|in use|exists)\b", re.IGNORECASE
)
_FUNDS = re.compile(r"\b(wallet|insufficient|balance|funds)\b", re.IGNORECASE)


def error_of(request: Request, response: Response) -> AnyCarrierError:
    """Return the error of an answer.

    A purchase was refused only if Leadping itself says so: with its ``ProblemDetails`` and a status below 500, or by
    its challenge to an unusable credential. The same statuses from a proxy prove nothing, and neither does a 404 if the
    request named nothing. No document has a status for a number that is gone or a wallet that is empty, so the words of
    a refusal decide (inferred); a number that is said to be gone is looked for first.
    """
    problem = _problem_of(response)
    detail = None if problem is None else _detail_of(problem)
    kind = None if problem is None else problem.get("type")
    genuine = _is_leadpings(problem, response.status) or (
        response.status == 401 and _CHALLENGE.search(response.headers.get("www-authenticate", "")) is not None
    )
    if response.status in (404, 410) and not (genuine and request.path_values):
        odd = unexpected(request, response, "no 404 in Leadping's own words", provider=PROVIDER)
        odd.detail = detail and printable(masked(detail))
        return odd
    refused = request.purpose == "purchase" and genuine and 400 <= response.status < 500
    error = status_error(
        request,
        response,
        provider=PROVIDER,
        code=kind if isinstance(kind, str) else None,
        detail=detail,
        error_class=_refusal(detail or "") if refused and response.status in (400, 409, 422) else None,
        maybe_applied=False if refused else None,
    )
    trace = None if problem is None else problem.get("traceId")
    if isinstance(trace, str) and trace:
        error.request_id = printable(trace, 120)
    return error


def _problem_of(response: Response) -> Mapping[str, Any] | None:
    """Return the problem in the body, or ``None``.

    Leadping sends problems as ``application/problem+json``, ``application/json``, ``text/json`` and ``text/plain``.
    """
    try:
        body = load_json(response.body)
    except ValueError:
        return None
    if not isinstance(body, dict) or not body.keys() & {"title", "detail", "errors"}:
        return None
    return body


def _is_leadpings(problem: Mapping[str, Any] | None, status: int) -> bool:
    """Whether *problem* is Leadping's own and does not contradict itself.

    Networks in front of an API answer with problems of their own types too (Cloudflare's have ``cloudflare_error``),
    and their gateways with other JSON. None of these proves anything about the work behind them.
    """
    if problem is None or isinstance(problem.get("status"), bool) or problem.get("status") != status:
        return False
    kind = problem.get("type")
    typed = kind is None or (isinstance(kind, str) and _TYPES.fullmatch(kind) is not None)
    worded = isinstance(problem.get("title"), str) or isinstance(problem.get("detail"), str)
    return typed and worded and "cloudflare_error" not in problem and not says_done(problem)


def _detail_of(problem: Mapping[str, Any]) -> str | None:
    """Return title, detail and the errors of single fields in one line."""
    words = [str(problem[name]) for name in ("title", "detail") if isinstance(problem.get(name), str) and problem[name]]
    errors = problem.get("errors")
    if isinstance(errors, dict):
        for name, texts in errors.items():
            listed: Sequence[Any] = texts if isinstance(texts, list) else [texts]
            words.extend(f"{name}: {text}" for text in listed if isinstance(text, str))
    return "; ".join(words) or None


def _refusal(detail: str) -> type[ProviderError] | None:
    if _FUNDS.search(detail):
        return InsufficientFunds
    return NumberUnavailable if _TAKEN.search(detail) else None
