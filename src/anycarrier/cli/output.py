"""What is shown: tables and lines for people, JSON for programs. All of it is printable, whoever wrote it."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anycarrier.cli.streams import ended, flushed, muted
from anycarrier.errors import ConfigurationError, printable

__all__ = ["Output", "Unwritten", "say", "warn"]

LONGEST = 4000
PIPED = 200
"""Columns of a table that does not go to a terminal: enough that nothing is folded which a program would read."""


def say(text: str) -> None:
    """A line on stderr, as it is but for what a terminal would obey; where it cannot be written, nothing ends."""
    try:
        print(printable(text, LONGEST), file=sys.stderr)
    except OSError:
        muted(sys.stderr)


def warn(text: str) -> None:
    """A line on stderr that says who speaks."""
    say(f"anycarrier: {text}")


class Unwritten(Exception):
    """Ends a command that only shows something, when that cannot be written."""


class Output:
    """Where a command's results go.

    Args:
        as_json: for programs; else for people.
        reads: whether showing something is all that the command does: then it ends (:class:`Unwritten`) when it cannot
            be written. What changes something goes on, whoever reads.
    """

    def __init__(self, as_json: bool, *, reads: bool = True) -> None:
        self.as_json = as_json
        self._reads = reads
        self._broken: OSError | None = None
        # A city may hold a letter that this terminal's encoding has not.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    def need_tables(self) -> None:
        """Raise :class:`ConfigurationError` where tables are to be shown and there is nothing to draw them with."""
        if self.as_json:
            return
        try:
            import rich.table  # noqa: F401
        except ImportError:
            raise ConfigurationError(
                "tables need rich, which is not installed: pip install 'anycarrier[cli]', or use --json"
            ) from None

    def json(self, value: Any) -> None:
        """One JSON document on one line; ASCII only, so that nothing in it acts on a terminal."""
        self._write(json.dumps(value))

    def line(self, text: str = "") -> None:
        """One line of text."""
        self._write(printable(text, LONGEST))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table without the columns that are empty throughout; the first column is never folded."""
        cells = [["" if value is None else printable(value, LONGEST) for value in row] for row in rows]
        kept = [place for place in range(len(columns)) if place == 0 or any(row[place] for row in cells)]
        self._render([columns[place] for place in kept], [[row[place] for place in kept] for row in cells])

    def facts(self, facts: Mapping[str, object]) -> None:
        """Names and values, one pair a line; empty values are left out."""
        for name, value in facts.items():
            if value not in (None, ""):
                self.line(f"{name:<12}{value}")

    def _render(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        # Text takes every character as it is: nothing that a provider wrote is read as markup.
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else PIPED
        # Drawn on paper first: rich ends the process itself when the reader has gone.
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        paper = io.TextIOWrapper(io.BytesIO(), encoding, "backslashreplace")
        console = Console(
            file=paper, width=width, force_terminal=terminal, highlight=False, markup=False, emoji=False
        )  # fmt: skip
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for place, name in enumerate(columns):
            table.add_column(Text(name), overflow="fold", no_wrap=place == 0)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
        paper.seek(0)
        for line in paper.read().splitlines():
            self._write(line if terminal else line.rstrip())

    def flush(self) -> None:
        """What was printed reaches its reader now."""
        if self._broken is None:
            self._failed(flushed())

    def error(self, value: Any) -> None:
        """An error as JSON; the command ends with its code, whether it can be written or not."""
        self._reads = False
        self.json(value)

    def end(self, code: int, command: str) -> int:
        """The exit code of *command*, which came to *code*, now that all is written or cannot be."""
        broken = self._broken or flushed()
        return ended(code, broken, reads=self._reads, said=f"{command}: ")

    def _write(self, line: str) -> None:
        if self._broken is not None:
            return
        try:
            print(line)
        except OSError as error:
            muted(sys.stdout)
            self._failed(error)

    def _failed(self, error: OSError | None) -> None:
        self._broken = error
        if error is not None and self._reads:
            raise Unwritten
