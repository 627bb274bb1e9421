"""Rows: the records of a list or a search's answer, where one that cannot be read does not hide the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

from anycarrier.numbers import PhoneNumber

from .raw import Document, Raw
from .records import Path, Record
from .settling import settled
from .short_answers import give_raw

__all__ = ["MOST_PLACES", "RowErrors", "Rows"]

R = TypeVar("R", bound=Record)
A = TypeVar("A", bound=Record)

MOST_PLACES = 5


class Rows(Sequence[R], Generic[R, A]):
    """The records of one answer that could be read, in its order, each :func:`settled <anycarrier.decoding.settled>`
    when it is taken out.

    Attributes:
        rows: the records as they were sent, not settled.
        around: the record that holds the list: cursor, total, and whatever else it declares.
        size: rows in the answer, those that cannot be read among them.
        unreadable: why rows cannot be read, each with its place and no value; at most 5 of them.
        failed: rows that cannot be read.
        document: the answer, decoded when a ``raw`` is first read.
        path: where in the document the list is.
        places: the place of each record in the list; ``None`` where that is its index.
    """

    __slots__ = ("_columns", "around", "document", "failed", "path", "places", "rows", "size", "unreadable")

    def __init__(
        self, rows: Sequence[R], around: A, document: Document, path: Path,
        columns: dict[str, Sequence[PhoneNumber]], *, places: Sequence[int] | None = None, size: int | None = None,
        failed: int = 0, unreadable: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.rows = rows
        self.around = around
        self.document = document
        self.path = path
        self.places = places
        self.size = len(rows) if size is None else size
        self.failed = failed
        self.unreadable = unreadable
        self._columns = columns

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return map(settled, self.rows)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return settled(self.rows[index]) if isinstance(index, int) else [*map(settled, self.rows[index])]

    def numbers(self, field: str) -> Sequence[PhoneNumber]:
        """The column of a field that is marked as a number; of an optional one with ``None`` among them."""
        return self._columns[field]

    def raw(self, index: int) -> Raw:
        """The object that a record was read from, with all its members."""
        return self.document.at(*self.path, index if self.places is None else self.places[index])

    def pairs(self) -> Iterator[tuple[R, Raw]]:
        """Each record with its ``raw``."""
        return zip(self, map(self.raw, range(len(self.rows))), strict=True)

    def details(self) -> list[R]:
        """The records :func:`settled`, each with its ``raw`` if it has one: for those who want all of each."""
        found = [*self]
        for index, row in enumerate(found):
            give_raw(row, self.document, (*self.path, index if self.places is None else self.places[index]))
        return found

    def only(self, indexes: Sequence[int]) -> Rows[R, A]:
        """The records at *indexes*, such as :meth:`anycarrier.decoding.Pages.new` finds; the errors stay."""
        places = self.places
        return Rows(
            [self.rows[index] for index in indexes], self.around, self.document, self.path,
            {name: [column[index] for index in indexes] for name, column in self._columns.items()},
            places=[*indexes] if places is None else [places[index] for index in indexes],
            size=self.size, failed=self.failed, unreadable=self.unreadable,
        )  # fmt: skip

    @property
    def problem(self) -> str | None:
        """Number of unreadable rows, and the reasons of the first few; ``None`` without any."""
        errors = RowErrors()
        errors.add(self)
        return errors.problem


class RowErrors:
    """Account of the rows that could not be read, over all pages of a list."""

    def __init__(self) -> None:
        self.size = 0
        self.failed = 0
        self._reasons: list[str] = []

    def add(self, rows: Rows[Any, Any]) -> None:
        """Count the rows of one more page."""
        self.size += rows.size
        self.failed += rows.failed
        self._reasons += rows.unreadable[: MOST_PLACES - len(self._reasons)]

    @property
    def problem(self) -> str | None:
        """Count of unreadable rows, and why the first few are; ``None`` without any. For ``UnexpectedResponse``."""
        if not self.failed:
            return None
        more = self.failed - len(self._reasons)
        and_more = f"; and {more} more" if more else ""
        return f"{self.failed} of {self.size} records cannot be read: {'; '.join(self._reasons)}{and_more}"
