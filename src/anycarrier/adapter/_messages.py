"""Parameters of a request, and the accepted response with its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import define

from anycarrier.decoding import Details, Document, Record, read_value
from anycarrier.decoding.json import unexpected
from anycarrier.errors import NumberUnavailable, UnexpectedResponse
from anycarrier.exchange import Request, Response
from anycarrier.numbers import InvalidNumber, PhoneNumber, stated

__all__ = ["Answer", "Body", "Query", "Sent", "same_number", "sent"]

T = TypeVar("T")
R = TypeVar("R", bound=Record)

Query: TypeAlias = Mapping[str, "str | int | bool | Iterable[str] | None"]
"""Query parameters by name; ``None`` and empty text are not sent, several values are joined by commas."""
Body: TypeAlias = "Mapping[str, Any] | bytes | None"
"""Members of a JSON or form body, of which ``None`` is not sent; or exact bytes."""


class Answer(Generic[T]):
    """An accepted response and the record that was read from it.

    Attributes:
        provider: the provider's name.
        request: the request that was sent.
        response: the response.
        value: the record; ``None`` for an endpoint without one.
        at: names that lead to the record within the body.
    """

    __slots__ = ("_document", "at", "provider", "request", "response", "value")

    def __init__(self, provider: str, request: Request, response: Response, value: T, at: tuple[str, ...] = ()) -> None:
        self.provider = provider
        self.request = request
        self.response = response
        self.value = value
        self.at = at
        self._document: Document | None = None

    @property
    def document(self) -> Document:
        """The body, decoded when a ``raw`` of it is first looked at."""
        if self._document is None:
            self._document = Document(self.response.body)
        return self._document

    def raw(self, *path: str | int) -> Mapping[str, Any]:
        """The provider's own record, or what stands at *path* in it, for ``raw`` of neutral objects."""
        if not path and isinstance(self.value, Details):
            return self.value.raw
        return self.document.at(*self.at, *path)

    def read(self, kind: type[R], value: Any) -> R:
        """A decoded part of the body as a record, where the answer itself decides which."""
        return read_value(kind, value, self.request, self.response, provider=self.provider)

    def wrong(self, where: str) -> UnexpectedResponse:
        """The error for a response that breaks its contract; *where* names the place and what was expected."""
        return unexpected(self.request, self.response, where, provider=self.provider)

    def not_bought(self, why: str, *, detail: str | None = None, code: str | None = None) -> NumberUnavailable:
        """The error for an order that the response says bought nothing, with the provider's words and code."""
        return NumberUnavailable(
            why, provider=self.provider, operation="buy", status=self.response.status, detail=detail, code=code,
            maybe_applied=False,
        )  # fmt: skip

    def about(self, number: PhoneNumber, stated: str | None) -> None:
        """Raise ``UnexpectedResponse`` unless the response states this *number*, in any form."""
        if stated is None or not same_number(number, stated):
            raise self.wrong("it is about another number than the request")


def same_number(number: PhoneNumber, text: str) -> bool:
    """Return whether *text* is *number* as providers write numbers: E.164, ten digits, or with punctuation."""
    if text == number:
        return True
    try:
        return stated(text) == number
    except InvalidNumber:
        pass
    try:
        return PhoneNumber(text, region=number.country) == number
    except InvalidNumber:
        return False


@define
class Sent:
    """Parameters of one request; made by :func:`sent`."""

    query: Query | None
    body: Body
    headers: Mapping[str, str] | None
    values: Mapping[str, str | int]
    operation: str | None


def sent(
    *,
    query: Query | None = None,
    body: Body = None,
    headers: Mapping[str, str] | None = None,
    operation: str | None = None,
    **values: str | int,
) -> Sent:
    """Parameters of a request, for a method that an endpoint decorates; *values* are those of the path."""
    return Sent(query, body, headers, values, operation)
