"""Tables that stream: the first row is drawn before the last one is read, and no number is broken at any width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple

from anycarrier.cli.color import code_of, painted
from anycarrier.errors import printable

__all__ = ["Column", "block", "columns_of", "lines", "wrap"]

LOOKAHEAD = 10
"""Rows of a stream that are read before the first is drawn: they decide which columns are shown, and how wide. All rows
of a list do."""

NARROWEST = 16
"""Columns that a wrapping column keeps, where its words are that long: room for every E.164 number."""

LONGEST = 4000
GAP = "  "
_DIGITS = re.compile(r"\+?[0-9]{1,15}")


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        name: the header.
        wraps: whether long text goes on in the next line; a number, a date or an id never does.
    """

    name: str
    wraps: bool = False


def lines(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], width: int | None, *, color: bool = False
) -> Iterator[str]:
    """Draw a table; nothing without rows.

    Columns that are empty in the first rows are left out. A later value of such a column is drawn below its row. Where
    not even the narrowest columns fit side by side, each row is drawn as a block, a line for each value.

    Args:
        columns: the header.
        rows: cells; None is empty.
        width: columns of the terminal; None draws each row on one line, however long.
        color: whether states are in color.
    """
    source = map(_cells, rows)
    first: list[list[str]] = []
    failed: BaseException | None = None
    try:
        first.extend(islice(source, len(rows) if isinstance(rows, Sequence) else LOOKAHEAD))
    except BaseException as error:  # noqa: BLE001 - raised again, below the rows that were read before it
        failed = error
    if first:
        yield from _drawn(columns, first, source if failed is None else iter(()), width, color)
    if failed is not None:
        raise failed


def _drawn(
    columns: Sequence[Column],
    first: Sequence[Sequence[str]],
    source: Iterable[Sequence[str]],
    width: int | None,
    color: bool,
) -> Iterator[str]:
    shown = [place for place in range(len(columns)) if place == 0 or any(row[place] for row in first)]
    widths = _widths([columns[place] for place in shown], [[row[place] for place in shown] for row in first], width)
    if widths is None:
        assert width is not None  # noqa: S101 - without a width everything fits
        yield from _blocks([column.name for column in columns], first, source, width, color)
        return
    head = [columns[place].name for place in shown]
    yield _joined(head, widths)
    yield _joined(["-" * wide for wide in widths], widths)
    for rest in (first, source):
        for row in rest:
            yield from _row(columns, shown, row, widths, width, color)


def block(
    facts: Iterable[tuple[str, str]], width: int | None, indent: str = "", *, color: bool = False
) -> Iterator[str]:
    """Draw names and values, one pair a line; long values go on below themselves."""
    pairs = list(facts)
    wide = max((columns_of(name) for name, _ in pairs), default=0) + len(GAP)
    for name, value in pairs:
        head = indent + name + " " * (wide - columns_of(name))
        room = None if width is None else width - columns_of(head)
        if room is not None and room < NARROWEST:
            yield indent + name
            head, room = indent + GAP, max(NARROWEST, (width or 0) - len(indent + GAP))
        text = [value] if room is None else wrap(value, room)
        code = code_of(name, value) if color else ""
        for place, part in enumerate(text):
            yield (head if place == 0 else " " * columns_of(head)) + painted(code, part)


def wrap(text: str, width: int) -> list[str]:
    """*text* in lines of at most *width* columns, broken between words; a longer word is broken outside its digits."""
    made: list[str] = []
    line = ""
    for word in text.split():
        first, *rest = _pieces(word, width)
        if line and columns_of(line) + 1 + columns_of(first) <= width:
            line = f"{line} {first}"
        else:
            made += [line] if line else []
            line = first
        for piece in rest:
            made.append(line)
            line = piece
    return [*made, line] if line or not made else made


def columns_of(text: str) -> int:
    """The terminal columns that *text* takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _pieces(word: str, width: int) -> list[str]:
    made: list[str] = []
    while columns_of(word) > width:
        cut = _fitting(word, width)
        number = next((one for one in _DIGITS.finditer(word) if one.start() < cut < one.end()), None)
        if number is not None and number.start() > 0:
            cut = number.start()
        made.append(word[:cut])
        word = word[cut:]
    return [*made, word]


def _fitting(word: str, width: int) -> int:
    """The number of characters of *word* that fit, at least one."""
    used = 0
    for place, char in enumerate(word):
        used += _columns(char)
        if used > width:
            return max(1, place)
    return len(word)


def _cells(row: Sequence[object]) -> list[str]:
    return ["" if value is None else printable(value, LONGEST) for value in row]


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[int] | None:
    """The width of each column; None where they do not fit."""
    widths = [
        max(columns_of(column.name), *(columns_of(row[place]) for row in rows)) for place, column in enumerate(columns)
    ]
    if width is None:
        return widths
    least = [_least(column, [row[place] for row in rows]) for place, column in enumerate(columns)]
    over = sum(widths) + len(GAP) * (len(widths) - 1) - width
    while over > 0:
        wide = max(
            (place for place, column in enumerate(columns) if column.wraps and widths[place] > least[place]),
            key=widths.__getitem__,
            default=None,
        )
        if wide is None:
            return None
        widths[wide] -= 1
        over -= 1
    return widths


def _least(column: Column, cells: Sequence[str]) -> int:
    """The narrowest width of a wrapping column."""
    longest = max((columns_of(word) for cell in cells for word in cell.split()), default=0)
    return max(columns_of(column.name), min(longest, NARROWEST))


def _fits(cell: str, wide: int, column: Column) -> bool:
    """Return whether a cell can be drawn in its column: text wraps, and its numbers do not."""
    if not column.wraps:
        return columns_of(cell) <= wide
    return wide >= NARROWEST or all(len(number) <= wide for number in _DIGITS.findall(cell))


def _row(
    columns: Sequence[Column],
    shown: Sequence[int],
    row: Sequence[str],
    widths: Sequence[int],
    width: int | None,
    color: bool,
) -> Iterator[str]:
    """The lines of one row; a row that does not fit under this header is drawn as a block."""
    late = [place for place, cell in enumerate(row) if cell and place not in shown]
    if width is not None and not all(
        _fits(row[place], wide, columns[place]) for place, wide in zip(shown, widths, strict=True)
    ):
        yield from block([(columns[place].name, cell) for place, cell in enumerate(row) if cell], width, color=color)
        return
    parts = [
        wrap(row[place], wide) if width is not None and columns[place].wraps else [row[place]]
        for place, wide in zip(shown, widths, strict=True)
    ]
    codes = [code_of(columns[place].name, row[place]) if color else "" for place in shown]
    for line in zip_longest(*parts, fillvalue=""):
        yield _joined(line, widths, codes)
    if late:
        yield from block([(columns[place].name, row[place]) for place in late], width, GAP, color=color)


def _joined(cells: Sequence[str], widths: Sequence[int], codes: Sequence[str] = ()) -> str:
    padded = (
        painted(code, cell) + " " * (wide - columns_of(cell))
        for cell, wide, code in zip(cells, widths, codes or [""] * len(widths), strict=True)
    )
    return GAP.join(padded).rstrip()


def _blocks(
    names: Sequence[str], first: Iterable[Sequence[str]], rest: Iterable[Sequence[str]], width: int, color: bool
) -> Iterator[str]:
    empty = False
    for rows in (first, rest):
        for row in rows:
            if empty:
                yield ""
            empty = True
            yield from block([(name, cell) for name, cell in zip(names, row, strict=True) if cell], width, color=color)
