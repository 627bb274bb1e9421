"""Error table: from a provider's error responses to the errors of :mod:`anycarrier.errors`, safe by default."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from attrs import field, frozen

from anycarrier.decoding.contradictions import says_done
from anycarrier.decoding.json import load_json, unexpected
from anycarrier.errors import AnyCarrierError, ProviderError, RequirementsMissing, masked, printable
from anycarrier.exchange import Purpose, Request, Response
from anycarrier.http import status_error

__all__ = ["ErrorTable", "Meaning", "Said", "at_place", "means"]


def at_place(value: Any, place: str) -> Any:
    """The member of decoded JSON at a dotted *place*, such as ``errors.0.detail``; ``None`` where there is none."""
    for step in place.split("."):
        if isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def text_of(value: object) -> str | None:
    """Text; a list of texts as one; ``None`` for anything else and for empty text."""
    if isinstance(value, list):
        value = "; ".join(item.strip() for item in value if isinstance(item, str) and item.strip())
    return value.strip() or None if isinstance(value, str) else None


def _texts_of(value: object) -> tuple[str, ...]:
    """A list of texts, each safe to print."""
    listed = value if isinstance(value, list) else [value]
    return tuple(printable(masked(text)) for one in listed if (text := text_of(one)) is not None)


def _code_of(value: object) -> str | None:
    """A code as text, also a number."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return text_of(value)


@frozen
class Said:
    """Contents of an error response.

    Attributes:
        body: the decoded JSON object; empty where the body is none.
        detail: the provider's words; ``None`` where the table finds none.
        code: the provider's error code, as text.
        own: whether this is certainly the provider's own error, complete and without contradiction.
    """

    body: Mapping[str, Any] = field(repr=False)
    detail: str | None = None
    code: str | None = None
    own: bool = False


@frozen(kw_only=True)
class Meaning:
    """One row of an :class:`ErrorTable`; made by :func:`means`."""

    error: type[ProviderError]
    statuses: frozenset[int]
    codes: frozenset[str]
    words: re.Pattern[str] | None
    own: bool
    only: frozenset[str]
    purpose: Purpose | None
    message: str | None
    as_code: str | None

    def covers(self, request: Request, status: int, said: Said) -> bool:
        """Return whether the row is about this response."""
        return (
            (not self.statuses or status in self.statuses)
            and (not self.codes or said.code in self.codes)
            and (self.purpose is None or request.purpose == self.purpose)
            and (not self.only or f"{request.method} {request.path}" in self.only)
            and (said.own or not self.own)
            and (self.words is None or self.words.search(said.detail or "") is not None)
        )


def means(
    error: type[ProviderError],
    *statuses: int,
    code: str | Collection[str] = (),
    words: str = "",
    own: bool = False,
    only: str | Collection[str] = (),
    purpose: Purpose | None = None,
    message: str | None = None,
    as_code: str | None = None,
) -> Meaning:
    """Row of an :class:`ErrorTable`: every condition that is named must hold.

    Args:
        error: class of the error.
        statuses: HTTP statuses.
        code: the provider's error codes, as text.
        words: regular expression that is searched for in the provider's words, without regard to case.
        own: whether the error must certainly be the provider's own; always so for a row without *words*.
        only: requests, as method and path template: ``"POST /numbers"``.
        purpose: ``read``, ``write`` or ``purchase``.
        message: text of the error, in place of the usual one of its class.
        as_code: ``code`` of the error, in place of the provider's.
    """
    return Meaning(
        error=error,
        statuses=frozenset(statuses),
        codes=frozenset([code] if isinstance(code, str) else code),
        words=re.compile(words, re.IGNORECASE) if words else None,
        own=own or not words,
        only=frozenset([only] if isinstance(only, str) else only),
        purpose=purpose,
        message=message,
        as_code=as_code,
    )


Own: TypeAlias = Callable[[Mapping[str, Any], Response], bool]


@frozen(kw_only=True)
class ErrorTable:
    """Table of a provider's error responses: places of the words, marks of the provider's own errors, meanings.

    The rules that no table can weaken:

    - A purchase that was refused may have been carried out, whatever the status is, unless the response is certainly
      the provider's own error with one of the *refusals*: a gateway or proxy in between answers with the same
      statuses, also as JSON. A response that says somewhere that the thing was done is never a refusal.
    - 408, 425, 429 and 499 prove nothing, even in the provider's own words.
    - A 404 or 410 that is not the provider's own says nothing of a number: it is ``UnexpectedResponse``, not
      ``NotFound``.

    A provider's own error has words at one of the places *detail*, and either its HTTP status once more at the place
    *status*, or a code that a row of *rows* names, or what *own* accepts. A table with none of the three never takes
    anything for the provider's own.

    Attributes:
        detail: places of the words, best first: ``"message"``, ``"errors.0.detail"``.
        code: place of the error code.
        status: place at which the HTTP status is repeated.
        members: the names that may stand at the top of an error; with any other it is not the provider's own.
        own: recognizes the provider's own error by its decoded body and response, where the places cannot.
        refusals: statuses that, in the provider's own error, prove that nothing was bought; ``None`` for every 4xx.
        requirements: place of the list of what is missing, for ``RequirementsMissing``.
        rows: made by :func:`means`; the first that covers a response decides. Where none does, the status does.
    """

    detail: Sequence[str] = ("message",)
    code: str | None = None
    status: str | None = None
    members: frozenset[str] | None = None
    own: Own | None = None
    refusals: frozenset[int] | None = None
    requirements: str | None = None
    rows: Sequence[Meaning] = ()

    def said(self, response: Response) -> Said:
        """Contents of an error response."""
        try:
            body = load_json(response.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return Said({})
        detail = self.words_of(body)
        code = None if self.code is None else _code_of(at_place(body, self.code))
        return Said(body, detail, code, detail is not None and self._is_own(body, code, response))

    def words_of(self, body: Mapping[str, Any]) -> str | None:
        """The provider's words; override it for words that no place has."""
        return next((text for place in self.detail if (text := text_of(at_place(body, place)))), None)

    def _is_own(self, body: Mapping[str, Any], code: str | None, response: Response) -> bool:
        if (self.members is not None and not body.keys() <= self.members) or says_done(body):
            return False
        if self.own is not None:
            return self.own(body, response)
        stated = None if self.status is None else at_place(body, self.status)
        if stated is not None:
            return isinstance(stated, int | Decimal) and not isinstance(stated, bool) and stated == response.status
        return code is not None and any(code in row.codes for row in self.rows)

    def error_of(self, request: Request, response: Response, *, provider: str) -> AnyCarrierError:
        """The error for a response whose status was not accepted."""
        said = self.said(response)
        status = response.status
        row = next((row for row in self.rows if row.covers(request, status, said)), None)
        if status in (404, 410) and row is None and not said.own:
            odd = unexpected(request, response, f"a {status} that is not the provider's own", provider=provider)
            odd.detail = None if said.detail is None else printable(masked(said.detail))
            return odd
        refused = said.own and (400 <= status < 500 if self.refusals is None else status in self.refusals)
        error = status_error(
            request,
            response,
            provider=provider,
            detail=said.detail,
            code=row.as_code if row is not None and row.as_code else said.code,
            error_class=None if row is None else row.error,
            maybe_applied=False if refused and request.purpose == "purchase" else None,
        )
        if row is not None and row.message is not None:
            error.message = row.message
            error.args = (row.message,)
        if isinstance(error, RequirementsMissing) and self.requirements is not None:
            error.requirements = _texts_of(at_place(said.body, self.requirements))
        self.refine(error, request, response, said)
        return error

    def refine(self, error: AnyCarrierError, request: Request, response: Response, said: Said) -> None:
        """Add to *error* what rows cannot say; override it for request ids in bodies, waits in headers and the like."""
