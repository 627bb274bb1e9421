"""The border: pydantic models that read what providers really send.

Forgiving where it cannot hurt (unknown fields, absent keys, numbers given as text and text as numbers), exact where it
decides about money. This module is imported with an adapter's schemas, so that importing anycarrier loads no pydantic.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from anycarrier.exchange import Request, Response
from anycarrier.numbers import PhoneNumber, from_ten_digit
from anycarrier.wire import unexpected

__all__ = ["Document", "Raw", "Record", "TenDigit", "Text", "parse", "parse_rows"]

M = TypeVar("M", bound=BaseModel)


class Record(BaseModel):
    """Base of what a provider sends: unknown fields ignored, numbers accepted where text is expected."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, defer_build=True, coerce_numbers_to_str=True, hide_input_in_errors=True,
        populate_by_name=True,
    )  # fmt: skip


def _ten_digit(value: object) -> PhoneNumber:
    return from_ten_digit(str(value))


def _absent_when_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


TenDigit = Annotated[PhoneNumber, BeforeValidator(_ten_digit)]
"""A NANP number sent as ten digits, as text or as a JSON number."""

Text = Annotated[str | None, BeforeValidator(_absent_when_empty)]
"""Optional text; an empty one counts as absent."""


def parse(model: type[M], request: Request, response: Response, *, provider: str) -> M:
    """The body as *model*; what does not fit is an ``UnexpectedResponse`` that names each place, never a value."""
    try:
        return model.model_validate_json(response.body)
    except ValidationError as error:
        raise unexpected(request, response, describe(error), provider=provider) from None


def parse_rows(
    rows: TypeAdapter[list[M]], records: Sequence[Any], request: Request, response: Response, *, provider: str
) -> list[M]:
    """Decoded *records* as models; what does not fit is an ``UnexpectedResponse``."""
    try:
        return rows.validate_python(records)
    except ValidationError as error:
        raise unexpected(request, response, describe(error), provider=provider) from None


def describe(error: ValidationError) -> str:
    """Where and why, of the first few problems; no values."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    listed = [f"{'.'.join(map(str, problem['loc'])) or 'the body'}: {problem['msg']}" for problem in problems[:5]]
    more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
    return "; ".join(listed) + more


class Document:
    """An answer's body, decoded once and only when somebody looks at a ``raw``."""

    __slots__ = ("_body", "_value")

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._value: Any = None

    def value(self) -> Any:
        """The decoded body."""
        if self._body is not None:
            self._value, self._body = json.loads(self._body), None
        return self._value

    def at(self, *path: str | int) -> Raw:
        """The object at *path*, not decoded yet."""
        return Raw(self, path)


class Raw(Mapping[str, Any]):
    """The provider's own record, as a mapping; decoded when first looked at."""

    __slots__ = ("_document", "_path")

    def __init__(self, document: Document, path: tuple[str | int, ...]) -> None:
        self._document = document
        self._path = path

    def _record(self) -> Mapping[str, Any]:
        value = self._document.value()
        for step in self._path:
            value = value[step]
        return value  # type: ignore[no-any-return]

    def __getitem__(self, key: str) -> Any:
        return self._record()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._record())

    def __len__(self) -> int:
        return len(self._record())

    def __repr__(self) -> str:
        return f"Raw({dict(self._record())!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (dict, (dict(self._record()),))
