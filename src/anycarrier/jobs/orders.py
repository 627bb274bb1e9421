"""Orders of a CSV that a spreadsheet may have written, one a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from anycarrier.csv_cells import original
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.features import FEATURES
from anycarrier.hints import checked
from anycarrier.model import Feature, Money
from anycarrier.number_files.numbers import number_in_cell
from anycarrier.number_files.problems import Content, WrongFile
from anycarrier.number_files.profiles import desired
from anycarrier.number_files.reading import (
    MOST,
    OF_ADDRESS,
    TOO_LONG,
    Line,
    columns_of,
    problems_of_header,
    profiles_beside,
    rows_of,
    text_of,
)
from anycarrier.number_files.values import VALUES, refuse_error
from anycarrier.purchase.order import Order
from anycarrier.search import FILTERS, Search
from anycarrier.validation import shape

__all__ = ["COLUMNS", "orders_from_csv", "read_orders"]

OFFERS = 100
"""Offers of a search: many orders of a job want the same, and take them from one search."""

VALID_FOR = 7 * 86_400.0
"""Seconds for which an order of a file may begin purchases: a job of many takes as long as rate limits want."""


def _money(cell: str) -> Money:
    amount, _, currency = cell.strip().partition(" ")
    return Money(amount, currency.strip() or "USD")


def _whole(cell: str) -> int:
    digits = cell.removesuffix(".0")  # how some spreadsheets write a whole number
    if not (digits.isascii() and digits.isdecimal()):
        raise InvalidInput(f"it must be a whole number, not {shape(cell)}")
    return int(digits)


def _features(cell: str) -> frozenset[Feature]:
    words = _words(cell)
    if unknown := [word for word in words if word not in Feature.__members__.values()]:
        known = ", ".join(one.value for one in Feature)
        raise InvalidInput(f"there is no feature {', '.join(map(shape, unknown))}; there are {known}")
    return frozenset(map(Feature, words))


def _capabilities(cell: str) -> tuple[str, ...]:
    words = _words(cell)
    if unknown := [word for word in words if word not in FEATURES]:
        raise InvalidInput(f"there is no {', '.join(map(shape, unknown))}: anycarrier capabilities lists them")
    return tuple(words)


def _tags(cell: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    for part in cell.split(";"):
        if part.strip():
            name, equals, value = part.partition("=")
            if not equals:
                raise InvalidInput(f"tags must be such as 'plan=basic; region=east', not {shape(cell)}")
            tags[name.strip()] = value.strip()
    return tags


def _values(cell: str) -> tuple[str, ...]:
    return tuple(word.removesuffix(".0") for word in _words(cell))


def _words(cell: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", cell) if word]


Read = Callable[[str], Any]

_OF_ORDER: Mapping[str, Read] = {
    "number": number_in_cell,
    "quantity": _whole,
    "features": _features,
    "capabilities": _capabilities,
    "max_price": _money,
    "spend_cap": _money,
    "prefer": str,
    "in_doubt": str,
    "reference": str,
    "tags": _tags,
}
_OF_SEARCH: Mapping[str, Read] = {
    one.name: _values if one.many else str for one in FILTERS if one.name not in _OF_ORDER
}
_SET_UP = tuple(name for name in VALUES if name != "release")

COLUMNS = (*_OF_ORDER, *_OF_SEARCH, "profile", *_SET_UP, *OF_ADDRESS, "note")
"""Columns that a file of orders may have; ``note`` is for people, and not read."""

_OWN = ("reference", "tags")
"""Columns in which lines of equal orders differ."""


@checked
def read_orders(
    file: str | Path,
    *,
    profiles: str | Path | None = None,
    valid_for: float = VALID_FOR,
) -> list[Order]:
    """The orders that a CSV file has, one a line, for :func:`~anycarrier.jobs.submit`.

    Args:
        file: its path.
        profiles: path of the TOML that explains the column ``profile``, what each number is to be set up with; by
            default the one beside *file* with the same name, ``orders.toml`` of ``orders.csv``, if there is one.
        valid_for: seconds after which an order begins no purchase any more.

    Raises:
        WrongFile: lines of it cannot be used, or it cannot be read; all problems at once.
    """
    path = Path(file)
    text = text_of(path)
    return orders_from_csv(text, profiles=profiles_beside(path, profiles), valid_for=valid_for, name=path.name)


@checked
def orders_from_csv(
    text: Content,
    *,
    profiles: Mapping[str, Mapping[str, Any]] | None = None,
    valid_for: float = VALID_FOR,
    name: str = "the file",
) -> list[Order]:
    """The orders that CSV *text* has, one a line.

    A line has a ``number``, or filters of a search such as ``area_code``; an empty cell says nothing. Columns are
    separated by commas, semicolons or tabs, and several words of a cell by spaces.

    Args:
        text: CSV with a header.
        profiles: values by the names of profiles, as :func:`~anycarrier.number_files.profiles_from_toml` makes them.
        valid_for: seconds after which an order begins no purchase any more.
        name: the file's name, for messages.

    Raises:
        WrongFile: lines of it cannot be used; all problems at once, with line and column.
    """
    if len(text) > MOST:
        raise WrongFile(name, [TOO_LONG])
    rows = rows_of(text, name)
    place, header = next(rows, (1, []))
    columns = columns_of(header)
    problems = problems_of_header(columns, place, COLUMNS)
    if problems:
        raise WrongFile(name, problems)
    made: list[Order] = []
    known: dict[tuple[tuple[str, str], ...], Order] = {}
    for place, row in rows:
        cells = {
            column: cell
            for column, cell in zip(columns, map(original, row), strict=False)
            if cell and column and column != "note"
        }
        line = _OrderLine(place, cells, profiles or {}, valid_for)
        if any(cell.strip() for cell in row[len(columns) :]):
            line.problems.append(f"line {place}: it has {len(row)} cells, and the header {len(columns)}")
        order = line.order(known)
        problems += line.problems
        if order is not None:
            made.append(order)
    if not made and not problems:
        problems.append("there is no order in it")
    if problems:
        raise WrongFile(name, problems)
    return made


class _OrderLine(Line):
    """One line, its order, and what is wrong with it."""

    def __init__(
        self, place: int, cells: Mapping[str, str], profiles: Mapping[str, Mapping[str, Any]], valid_for: float
    ) -> None:
        super().__init__(place, {name: cell for name, cell in cells.items() if name in _OF_SET_UP}, profiles)
        self._all = cells
        self._valid_for = valid_for

    def order(self, known: dict[tuple[tuple[str, str], ...], Order]) -> Order | None:
        """The order; ``None`` where something is wrong.

        Args:
            known: orders of the lines before, by what they say; one that says the same is not made again.
        """
        own = {name: self._read(name, _OF_ORDER[name]) for name in _OWN if name in self._all}
        says = tuple((name, cell) for name, cell in self._all.items() if name not in _OWN)
        order = known.get(says)
        if order is None:
            order = self._made()
            if order is not None:
                known[says] = order
        if order is None or self.problems:
            return None
        if not own:
            return order
        try:
            return evolve(order, **own)
        except AnyCarrierError as error:
            self._say(error.message)
            return None

    def _made(self) -> Order | None:
        filters = {name: self._read(name, read) for name, read in _OF_SEARCH.items() if name in self._all}
        values = {
            name: self._read(name, read) for name, read in _OF_ORDER.items() if name in self._all and name not in _OWN
        }
        setup = self.values()
        if "number" in values and filters:
            self._say(f"it has a number, and {', '.join(filters)} beside it: a number needs no search")
        if "number" not in values and not filters:
            self._say("it has neither a number nor a filter, such as area_code")
        if self.problems:
            return None
        try:
            if filters:
                values["criteria"] = Search(**filters, limit=OFFERS)
            if setup:
                values["setup"] = desired(None, setup)
            return Order(**values, valid_for=self._valid_for)
        except AnyCarrierError as error:
            self._say(error.message)
            return None

    def _read(self, name: str, read: Read) -> Any:
        cell = self._all[name]
        try:
            refuse_error(cell)
            value = read(cell)
            if name not in _OWN:  # of these, each line has another: the order itself refuses them
                self._check(name, value)
        except (AnyCarrierError, ValueError) as error:
            self.wrong(name, error.message if isinstance(error, AnyCarrierError) else str(error))
            return None
        return value

    def _check(self, name: str, value: Any) -> None:
        """Raise for a value that is wrong by itself, so that it is named with its column."""
        if name in _OF_SEARCH:
            Search(**{name: value})
        elif name != "number":
            Order(criteria=_ANY, **{name: value})

    def _say(self, said: str) -> None:
        self.problems.append(f"line {self._place}: {said}")


_ANY = Search()
_OF_SET_UP = frozenset(("profile", *_SET_UP, *OF_ADDRESS))
