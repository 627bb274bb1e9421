"""The border: pydantic models that read what providers really send.

Forgiving where it cannot hurt (unknown fields, absent keys, numbers given as text and text as numbers), exact where it
decides about money. This module is imported with an adapter's schemas, so that importing anycarrier loads no pydantic.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, TypeAdapter, ValidationError

from anycarrier.exchange import Listing, Request, Response, mapped
from anycarrier.numbers import PhoneNumber, from_ten_digit
from anycarrier.records import Checked
from anycarrier.wire import parse_json, unexpected

__all__ = ["Document", "Raw", "Record", "Rows", "TenDigit", "Text", "fitted", "parse", "rows_of"]

M = TypeVar("M", bound=BaseModel)

_MOST_PLACES = 5


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


TenDigit = Annotated[PhoneNumber, PlainValidator(_ten_digit)]
"""A NANP number sent as ten digits, as text or as a JSON number."""

Text = Annotated[str | None, BeforeValidator(_absent_when_empty)]
"""Optional text; an empty one counts as absent."""


def parse(model: type[M], request: Request, response: Response, *, provider: str) -> M:
    """The body as *model*; what does not fit is an ``UnexpectedResponse`` that names each place, never a value.

    Read by :func:`anycarrier.wire.load_json`, which refuses more than a JSON parser has to.
    """
    return fitted(model, parse_json(request, response, provider=provider), request, response, provider=provider)


def fitted(model: type[M], value: Any, request: Request, response: Response, *, provider: str) -> M:
    """*value*, which is all or part of the decoded body, as *model*; errors as of :func:`parse`."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise unexpected(request, response, describe(error), provider=provider) from None


class Rows(Generic[M]):
    """Reads an array of records in batches. One that does not fit is set aside, so that it does not hide the others."""

    def __init__(self, rows: TypeAdapter[list[M]], where: str) -> None:
        self._rows = rows
        self._where = where
        self._count = 0
        self._wrong = 0
        self._places: list[str] = []

    def take(self, records: Sequence[Any]) -> list[tuple[M, Any]]:
        """Those of *records* that fit, each with the record itself."""
        first, self._count = self._count, self._count + len(records)
        if isinstance(records, Checked):
            return records
        try:
            return list(zip(self._rows.validate_python(records), records, strict=True))
        except ValidationError:
            pass
        fitting: list[tuple[M, Any]] = []
        for place, record in enumerate(records, first):
            try:
                fitting.append((self._rows.validate_python([record])[0], record))
            except ValidationError as error:
                self._wrong += 1
                if len(self._places) < _MOST_PLACES:
                    self._places.append(describe(error, f"{self._where}.{place}"))
        return fitting

    def problem(self) -> str | None:
        """How many did not fit and why, of the first few; no values. ``None`` when all did."""
        if not self._wrong:
            return None
        more = f"; and {self._wrong - len(self._places)} more" if self._wrong > len(self._places) else ""
        return f"{self._wrong} of {self._count} records cannot be read: {'; '.join(self._places)}{more}"


def rows_of(
    records: Listing[Any], rows: Rows[M], request: Request, response: Response, *, provider: str
) -> Listing[tuple[M, Any]]:
    """The listing *records*, each one read and with the record itself.

    Those that cannot be read are left out, and where there were any the listing ends in ``UnexpectedResponse``, which
    says how many and where: one that ends without an error is complete.
    """
    yield from mapped(records, rows.take)
    if problem := rows.problem():
        raise unexpected(request, response, problem, provider=provider)


def describe(error: ValidationError, row: str = "") -> str:
    """Where and why, of the first few problems; no values. *row* is what the one row that was read is called."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    listed: list[str] = []
    for problem in problems[:_MOST_PLACES]:
        steps = [row, *problem["loc"][1:]] if row else problem["loc"]
        listed.append(f"{'.'.join(map(str, steps)) or 'the body'}: {problem['msg']}")
    more = f"; and {len(problems) - _MOST_PLACES} more" if len(problems) > _MOST_PLACES else ""
    return "; ".join(listed) + more


class Document:
    """An answer's body, decoded once and only when somebody looks at a ``raw``."""

    __slots__ = ("_body", "_value")

    def __init__(self, body: bytes | str) -> None:
        self._body: bytes | str | None = body
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
