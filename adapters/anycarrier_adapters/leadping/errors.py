"""Errors of Leadping's answers: ``ProblemDetails`` (RFC 9457), whatever their content type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from anycarrier.adapter import (
    AnyCarrierError,
    ErrorTable,
    InsufficientFunds,
    NumberUnavailable,
    Request,
    Response,
    Said,
    means,
    printable,
)

__all__ = ["ERRORS", "PROVIDER"]

PROVIDER = "leadping"

_TYPES = re.compile(
    r"|about:blank|https://([a-z0-9-]+\.)*leadping\.ai(/.*)?"
    r"|https://(tools\.ietf\.org|www\.rfc-editor\.org|datatracker\.ietf\.org)/.*"
)
"""Types of Leadping's problems: its own, and those of its framework (ASP.NET)."""

_CHALLENGE = re.compile(r'resource_metadata="https?://([a-z0-9-]+\.)*leadping\.ai/')
_FUNDS = r"\b(wallet|insufficient|balance|funds)\b"
_TAKEN = r"\b(not (currently )?available|no longer available|unavailable|already|taken|in use|exists)\b"


class Problems(ErrorTable):
    """Leadping's problems. Its challenge to an unusable credential is its own error too, with or without a problem."""

    def said(self, response: Response) -> Said:
        said = super().said(response)
        if said.detail is None:
            said = evolve(said, code=None)
        if response.status == 401 and _CHALLENGE.search(response.headers.get("www-authenticate", "")):
            return evolve(said, own=True)
        return said

    def words_of(self, body: Mapping[str, Any]) -> str | None:
        """Title, detail and the errors of single fields, in one line."""
        words = [str(body[name]) for name in ("title", "detail") if isinstance(body.get(name), str) and body[name]]
        errors = body.get("errors")
        if isinstance(errors, dict):
            for name, texts in errors.items():
                listed: Sequence[Any] = texts if isinstance(texts, list) else [texts]
                words.extend(f"{name}: {text}" for text in listed if isinstance(text, str))
        return "; ".join(words) or None

    def refine(self, error: AnyCarrierError, request: Request, response: Response, said: Said) -> None:
        """Take the id of the request from the problem."""
        trace = said.body.get("traceId")
        if said.detail is not None and isinstance(trace, str) and trace:
            error.request_id = printable(trace, 120)


def _is_leadpings(problem: Mapping[str, Any], response: Response) -> bool:
    """Return whether *problem* is Leadping's own.

    Networks in front of an API answer with problems of their own types too (Cloudflare's have ``cloudflare_error``),
    and their gateways with other JSON. None of these proves anything about the work behind them.
    """
    if isinstance(problem.get("status"), bool) or problem.get("status") != response.status:
        return False
    kind = problem.get("type")
    typed = kind is None or (isinstance(kind, str) and _TYPES.fullmatch(kind) is not None)
    worded = isinstance(problem.get("title"), str) or isinstance(problem.get("detail"), str)
    return typed and worded and "cloudflare_error" not in problem


ERRORS = Problems(
    code="type",
    own=_is_leadpings,
    rows=(
        # No document has a status for a number that is gone or a wallet that is empty: the words decide (inferred).
        means(InsufficientFunds, 400, 409, 422, words=_FUNDS, own=True, purpose="purchase"),
        means(NumberUnavailable, 400, 409, 422, words=_TAKEN, own=True, purpose="purchase"),
    ),
)
