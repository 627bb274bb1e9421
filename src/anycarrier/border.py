"""The border: an answer, or an array within it, as what an adapter's models (:mod:`anycarrier.schemas`) make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from anycarrier.exchange import Listing, Request, Response, mapped
from anycarrier.records import Checked
from anycarrier.wire import parse_json, unexpected

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter, ValidationError

__all__ = ["Rows", "fitted", "parse", "rows_of"]

M = TypeVar("M", bound="BaseModel")

_MOST_PLACES = 5


def parse(model: type[M], request: Request, response: Response, *, provider: str) -> M:
    """The body as *model*; what does not fit is an ``UnexpectedResponse`` that names each place, never a value.

    Read by :func:`anycarrier.wire.load_json`, which refuses more than a JSON parser has to.
    """
    return fitted(model, parse_json(request, response, provider=provider), request, response, provider=provider)


def fitted(model: type[M], value: Any, request: Request, response: Response, *, provider: str) -> M:
    """*value*, which is all or part of the decoded body, as *model*; errors as of :func:`parse`."""
    from pydantic import ValidationError

    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise unexpected(request, response, describe(error), provider=provider) from None


class Rows(Generic[M]):
    """Reads an array of records in batches. One that does not fit is set aside, so that it does not hide the others.

    *rows* gives the models when the first record needs them.
    """

    def __init__(self, rows: Callable[[], TypeAdapter[list[M]]], where: str) -> None:
        self._rows = rows
        self._where = where
        self._count = 0
        self._wrong = 0
        self._places: list[str] = []

    def take(self, records: Sequence[Any]) -> Sequence[tuple[M, Any]]:
        """Those of *records* that fit, each with the record itself."""
        first, self._count = self._count, self._count + len(records)
        if isinstance(records, Checked):
            return records
        from pydantic import ValidationError

        rows = self._rows()
        try:
            return list(zip(rows.validate_python(records), records, strict=True))
        except ValidationError:
            pass
        fitting: list[tuple[M, Any]] = []
        for place, record in enumerate(records, first):
            try:
                fitting.append((rows.validate_python([record])[0], record))
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
