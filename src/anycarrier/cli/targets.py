"""Numbers and request ids of a command: from the command line, or the lines of a file."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from anycarrier.cli.context import Context, Ended
from anycarrier.cli.error_text import line_of, spelled
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.json_output import error_record
from anycarrier.cli.output import warn
from anycarrier.cli.results import Results, counting
from anycarrier.csv_cells import original
from anycarrier.errors import AnyCarrierError
from anycarrier.number_files.numbers import number_in_cell
from anycarrier.numbers import InvalidNumber, PhoneNumber

__all__ = ["Each", "listed", "numbers", "request_ids", "text_of"]

T = TypeVar("T")

MOST_LINES = 100_000
MOST_CHARACTERS = 100_000_000
PROBLEMS = 20
"""Wrong numbers that a message names."""
NAMED = 10
"""Numbers that a question names."""


def numbers(context: Context) -> list[PhoneNumber]:
    """The numbers, each once; all are valid before anything is sent.

    Raises:
        InvalidNumber: the only number is not valid.
        Ended: the file cannot be read, or numbers are not valid; all of them are named.
    """
    args = context.args
    if args.alone:
        return [PhoneNumber(args.number)]
    found: list[PhoneNumber] = []
    problems: list[str] = []
    if args.from_file is None:
        lines: Iterator[tuple[str, str]] = ((f"number {at}", typed) for at, typed in enumerate(args.numbers, 1))
    else:
        lines = _cells(args.from_file)
    for place, cell in lines:
        try:
            found.append(number_in_cell(cell))
        except InvalidNumber as error:
            problems.append(f"{place}: {error}")
    if problems:
        more = f"; and {len(problems) - PROBLEMS} more" if len(problems) > PROBLEMS else ""
        raise Ended("; ".join(problems[:PROBLEMS]) + more)
    return _once(found, args.from_file)


def request_ids(context: Context) -> list[str]:
    """The request ids, each once; empty without any.

    Raises:
        Ended: the file cannot be read.
    """
    args = context.args
    if args.from_file is None:
        return [] if args.request_id is None else [args.request_id]
    return _once([line for _, line in _lines(text_of(args.from_file))], args.from_file)


def listed(found: Sequence[PhoneNumber], word: Callable[[PhoneNumber], str] = str) -> str:
    """The numbers for a question; of more than ten, the first ten and how many more."""
    if len(found) == 1:
        return word(found[0])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{len(found)} numbers ({', '.join(map(str, found[:NAMED]))}{more})"


def _cells(file: str) -> Iterator[tuple[str, str]]:
    """The lines with their places; of a CSV with a column ``number``, the cells of that."""
    text = text_of(file, most_lines=MOST_LINES + 1)  # a header beside that many numbers
    header = next((line for _, line in _lines(text)), "")
    delimiter = max(",;\t", key=header.count)
    columns = [cell.strip('" ').casefold() for cell in header.split(delimiter)]
    if "number" not in columns:
        _check_length(file, text, MOST_LINES)
        yield from ((f"line {place} of {_name(file)}", line) for place, line in _lines(text))
        return
    at, reader = columns.index("number"), csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    for place, row in islice(rows, 1, None):
        yield f"line {place} of {_name(file)}", original(row[at]) if at < len(row) else ""


def _name(file: str | None) -> str:
    if file is None:
        return "the command line"
    return "stdin" if file == "-" else file


def text_of(file: str, *, most_lines: int = MOST_LINES) -> str:
    """The text of a file, or of stdin."""
    try:
        if file == "-":
            text = sys.stdin.read(MOST_CHARACTERS + 1)
        else:
            with Path(file).open(encoding="utf-8") as stream:
                text = stream.read(MOST_CHARACTERS + 1)
    except OSError as error:
        raise Ended(f"{_name(file)} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Ended(f"{_name(file)} is not UTF-8 text") from None
    _check_length(file, text, most_lines)
    return text.removeprefix("\ufeff")


def _check_length(file: str, text: str, most_lines: int) -> None:
    lines = text.count("\n") + (not text.endswith("\n"))  # the last line may end without a line break
    if len(text) > MOST_CHARACTERS or lines > most_lines:
        raise Ended(f"{_name(file)} is too long: at most {most_lines:,} lines are read")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their places, without blank lines and comments."""
    for place, line in enumerate(text.splitlines(), 1):
        held = line.strip()
        if held and not held.startswith("#"):
            yield place, held


def _once(found: list[T], file: str | None) -> list[T]:
    once = list(dict.fromkeys(found))
    if not once:
        raise Ended(f"{_name(file)} is empty: write one number or id on each line")
    if len(once) < len(found):
        repeated, what = len(found) - len(once), "line" if file is not None else "number"
        warn(f"{_name(file)}: {repeated} repeated {what}{'' if repeated == 1 else 's'} left out")
    return once


class Each:
    """Repeats an action for each number, or request id, in turn; iterate for the results.

    A failure is reported, and the next one is tried, unless it would fail in the same way. The error of a number from
    the command line goes to the caller.

    Args:
        context: of the command.
        found: numbers or request ids.
        act: the action for one of them.
        goes_on: exit codes after which the next one is tried.
        counts: whether a terminal shows how far it is; a purchase shows its own progress.

    Attributes:
        code: the exit code, after the last result: 75 when an outcome is unknown, else that of the first failure.
    """

    GOES_ON = frozenset({Exit.DONE, Exit.REFUSED, Exit.NOT_FOUND})

    def __init__(
        self,
        context: Context,
        found: Sequence[object],
        act: Callable[[Any], Any],
        *,
        goes_on: frozenset[int] = GOES_ON,
        counts: bool = True,
    ) -> None:
        self.code: int = Exit.DONE
        self._context = context
        self._found = found
        self._act = act
        self._goes_on = goes_on
        self._counts = counts
        self._tried = 0

    def __iter__(self) -> Iterator[Any]:
        args = self._context.args
        name = args.targets
        with Results(args.results, self._found) as results:
            for one in self._found:
                self._tried += 1
                setattr(args, name, str(one))
                try:
                    with counting(self._tried, len(self._found), one, wanted=self._counts):
                        value = self._act(one)
                except (AnyCarrierError, Ended) as error:
                    results.failed(one, error)
                    if args.alone:
                        raise
                    self._failed(str(one), error)
                    if self._came_to(error.code if isinstance(error, Ended) else exit_code(error)):
                        continue
                    return
                except KeyboardInterrupt:
                    results.interrupted(one)
                    self._report_left()
                    raise
                results.came(one, value)
                yield value

    def run(self) -> int:
        """Run an *act* that shows its own results and returns an exit code; the exit code of all."""
        for code in self:
            if not self._came_to(code):
                break
        return self.code

    def _came_to(self, code: int) -> bool:
        """Return whether the next one is tried."""
        if self.code == Exit.DONE or code == Exit.UNKNOWN:
            self.code = code
        if code in self._goes_on:
            return True
        self._report_left()
        return False

    def _report_left(self) -> None:
        left = len(self._found) - self._tried
        if left:
            warn(f"{self._context.args.command}: {left} more {'was' if left == 1 else 'were'} not tried")

    def _failed(self, one: str, error: AnyCarrierError | Ended) -> None:
        args, out = self._context.args, self._context.out
        if isinstance(error, Ended):
            warn(f"{args.command}: {one}: {error}")
        else:
            warn(f"{one}: {line_of(args, error)}")
        if out.form == "json":
            record = (
                {"type": "Refused", "message": str(error)}
                if isinstance(error, Ended)
                else {**error_record(error), "message": spelled(error, str(error))}
            )
            out.json({args.targets: one, "error": record})
