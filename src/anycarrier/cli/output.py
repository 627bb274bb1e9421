"""What is shown: tables and lines for people, JSON for programs. All of it is printable, whoever wrote it."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anycarrier.errors import ConfigurationError, printable

__all__ = ["Output", "say", "warn"]

LONGEST = 4000
PIPED = 200
"""Columns of a table that does not go to a terminal: enough that nothing is folded which a program would read."""


def say(text: str) -> None:
    """A line on stderr, as it is but for what a terminal would obey."""
    print(printable(text, LONGEST), file=sys.stderr)


def warn(text: str) -> None:
    """A line on stderr that says who speaks."""
    say(f"anycarrier: {text}")


class Output:
    """Where a command's results go.

    Args:
        as_json: for programs; else for people, which needs rich, and is refused here, before anything is done.
    """

    def __init__(self, as_json: bool, *, tables: bool = True) -> None:
        self.as_json = as_json
        # A city may hold a letter that this terminal's encoding has not.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        if tables and not as_json:
            try:
                import rich.table  # noqa: F401
            except ImportError:
                raise ConfigurationError(
                    "tables need rich, which is not installed: pip install 'anycarrier[cli]', or use --json"
                ) from None

    def json(self, value: Any) -> None:
        """One JSON document on one line; ASCII only, so that nothing in it acts on a terminal."""
        print(json.dumps(value))

    def line(self, text: str = "") -> None:
        """One line of text."""
        print(printable(text, LONGEST))

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
        console = Console(width=width, highlight=False, markup=False, emoji=False)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for place, name in enumerate(columns):
            table.add_column(Text(name), overflow="fold", no_wrap=place == 0)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        if terminal:
            console.print(table)
            return
        with console.capture() as captured:
            console.print(table)
        for line in captured.get().splitlines():
            print(line.rstrip())
