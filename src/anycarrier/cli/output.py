"""Results on stdout, as a table, JSON or CSV, and messages on stderr. Nothing that is printed acts on a terminal."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from anycarrier.cli.color import code_of, painted, wanted
from anycarrier.cli.streams import ended, flushed, muted
from anycarrier.cli.table import LONGEST, Column, block, lines
from anycarrier.cli.working import cleared
from anycarrier.csv_cells import inert
from anycarrier.errors import printable

__all__ = ["Output", "Unwritten", "View", "say", "warn"]

MONEY = frozenset({"price"})
"""Fields of neutral objects that hold an amount with its currency."""


def say(text: str) -> None:
    """Print a line on stderr, without what a terminal would obey; a stderr that cannot be written ends nothing."""
    try:
        with cleared():
            print(printable(text, LONGEST), file=sys.stderr)
    except OSError:
        muted(sys.stderr)


def warn(text: str) -> None:
    """Print a line on stderr after the program's name."""
    say(f"anycarrier: {text}")


class Unwritten(Exception):
    """Ends a command that only shows something, when stdout cannot be written."""


class View(NamedTuple):
    """The looks of records of one kind.

    Attributes:
        columns: the header of the table.
        row: the cells of a record in the table.
        fields: the header of the CSV.
        record: the JSON object of a record, which has every field.
        empty: the line for people when there are no records.
    """

    columns: Sequence[Column]
    row: Callable[[Any], Sequence[object]]
    fields: Sequence[str]
    record: Callable[[Any], Mapping[str, Any]]
    empty: str = ""


class Output:
    """The results of a command, on stdout.

    Args:
        form: ``table`` for people; ``json`` or ``csv`` for programs.
        reads: whether the command only shows something: then it ends (:class:`Unwritten`) when stdout cannot be
            written. A command that changes something goes on.
    """

    def __init__(self, form: str = "table", *, reads: bool = True) -> None:
        self.form = form
        self._reads = reads
        self._broken: OSError | None = None
        self._header: tuple[str, ...] = ()
        self._color = wanted(sys.stdout)
        self._written = 0
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A city may hold a letter that this terminal's encoding lacks.
                stream.reconfigure(errors="backslashreplace")
        if form == "csv" and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")

    # -- for people

    @property
    def for_people(self) -> bool:
        """Return whether the results are for people, not for programs."""
        return self.form == "table"

    def line(self, text: str = "") -> None:
        """Print one line of text."""
        self._write(printable(text, LONGEST))

    def stated(self, state: str, text: str) -> None:
        """Print a line that begins with a state."""
        code = code_of("state", state) if self._color else ""
        self._write(f"{painted(code, state)}{' ' * (8 - len(state))} {printable(text, LONGEST)}")

    def text(self, text: str) -> None:
        """Print text of our own, unchanged."""
        self._write(text)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> int:
        """Print a table, each row as soon as it arrives; the number of rows."""
        count = len(rows) if isinstance(rows, Sequence) else 0

        def counted() -> Iterable[Sequence[object]]:
            nonlocal count
            for row in rows:
                count += 1
                yield row

        for line in lines(columns, rows if isinstance(rows, Sequence) else counted(), _width(), color=self._color):
            self._write(line)
            self.flush()
        return count

    def facts(self, facts: Mapping[str, object]) -> None:
        """Print names and values, one pair a line, without empty values."""
        held = {name: printable(value, LONGEST) for name, value in facts.items() if value not in (None, "")}
        for line in block(held.items(), _width(), color=self._color):
            self._write(line)

    # -- for programs

    def json(self, value: object) -> None:
        """Print a JSON document on one line, in ASCII."""
        self._write(json.dumps(value))

    def rows(
        self, fields: Sequence[str], records: Iterable[Mapping[str, object]], *, money: Collection[str] = MONEY
    ) -> None:
        """Print records as CSV (RFC 4180), each as soon as it arrives.

        An amount has its currency in a column of its own; lists and objects are JSON.

        Args:
            fields: the header.
            records: the rows.
            money: fields that hold an amount with its currency.
        """
        if tuple(fields) != self._header:  # of several results the first has it
            self._csv([name for field in fields for name in _names(field, money)])
            self._header = tuple(fields)
        for record in records:
            self._csv([cell for field in fields for cell in _cells(field, record.get(field), money)])
            self.flush()

    def csv_line(self, line: str) -> None:
        """Print a line of CSV that was made elsewhere, with its end."""
        self._write(line, "")

    def show(
        self, view: View, records: Iterable[object], document: Callable[[Sequence[object]], object] | None = None
    ) -> None:
        """Print records in the form that was chosen.

        Args:
            view: the looks of such records.
            records: each is printed as soon as it arrives.
            document: makes one JSON document of all records; without it each record is a document of its own.
        """
        if self.form == "csv":
            self.rows(view.fields, map(view.record, records))
        elif self.form == "json" and document is not None:
            self.json(document([view.record(one) for one in records]))
        elif self.form == "json":
            for one in records:
                self.json(view.record(one))
                self.flush()
        elif not self.table(view.columns, map(view.row, records)) and view.empty:
            self.line(view.empty)

    def error(self, value: object) -> None:
        """Print an error as JSON; the command ends with the error's own exit code, printed or not."""
        self._reads = False
        self.json(value)

    # -- writing

    def progress(self) -> str:
        """The number of lines so far, for those who do not see them."""
        return f"{self._written:,} lines, " if self._written and not sys.stdout.isatty() else ""

    def flush(self) -> None:
        """Hand everything printed so far to the reader."""
        if self._broken is None:
            self._failed(flushed())

    def end(self, code: int, command: str) -> int:
        """Finish writing; the exit code of *command*, which came to *code*."""
        broken = self._broken or flushed()
        return ended(code, broken, reads=self._reads, said=f"{command}: ")

    def _csv(self, cells: Sequence[str]) -> None:
        line = io.StringIO(newline="")
        csv.writer(line).writerow(cells)
        self._write(line.getvalue(), "")

    def _write(self, text: str, end: str = "\n") -> None:
        if self._broken is not None:
            return
        try:
            with cleared():
                print(text, end=end)
            self._written += 1
        except OSError as error:
            muted(sys.stdout)
            self._failed(error)

    def _failed(self, error: OSError | None) -> None:
        self._broken = error
        if error is not None and self._reads:
            raise Unwritten


def _width() -> int | None:
    """The columns of the terminal; None for a pipe or a file, where each row stays on one line."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


# -- cells of CSV


def _names(field: str, money: Collection[str]) -> tuple[str, ...]:
    return (field, f"{field}_currency") if field in money else (field,)


def _cells(field: str, value: Any, money: Collection[str]) -> tuple[str, ...]:
    if field in money:
        return (value["amount"], value["currency"]) if value else ("", "")
    return (_cell(value),)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return inert(str(value))
