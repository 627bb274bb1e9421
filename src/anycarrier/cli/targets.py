"""Numbers and request ids of a command: one from the command line, or the lines of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from anycarrier.cli.context import Context, Ended
from anycarrier.cli.error_text import line_of, spelled
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.json_output import error_record
from anycarrier.cli.output import warn
from anycarrier.errors import AnyCarrierError
from anycarrier.numbers import InvalidNumber, PhoneNumber

__all__ = ["Each", "listed", "numbers", "request_ids"]

T = TypeVar("T")

MOST_LINES = 100_000
MOST_CHARACTERS = 10_000_000
NAMED = 10
"""Numbers that a question names."""


def numbers(context: Context) -> list[PhoneNumber]:
    """The numbers, each once; all are valid before anything is sent.

    Raises:
        InvalidNumber: the number is not valid.
        Ended: the file cannot be read, or a line of it is not a valid number.
    """
    args = context.args
    if args.from_file is None:
        return [PhoneNumber(args.number)]
    found: list[PhoneNumber] = []
    for place, line in _lines(args.from_file):
        try:
            found.append(PhoneNumber(line))
        except InvalidNumber as error:
            raise Ended(f"line {place} of {_name(args.from_file)}: {error}") from None
    return _once(found, args.from_file)


def request_ids(context: Context) -> list[str]:
    """The request ids, each once; empty without any.

    Raises:
        Ended: the file cannot be read.
    """
    args = context.args
    if args.from_file is None:
        return [] if args.request_id is None else [args.request_id]
    return _once([line for _, line in _lines(args.from_file)], args.from_file)


def listed(found: Sequence[PhoneNumber], word: Callable[[PhoneNumber], str] = str) -> str:
    """The numbers for a question; of more than ten, the first ten and how many more."""
    if len(found) == 1:
        return word(found[0])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{len(found)} numbers ({', '.join(map(str, found[:NAMED]))}{more})"


def _name(file: str) -> str:
    return "stdin" if file == "-" else file


def _lines(file: str) -> Iterator[tuple[int, str]]:
    """The lines with their places, without blank lines and comments."""
    try:
        text = sys.stdin.read(MOST_CHARACTERS + 1) if file == "-" else _text(file)
    except OSError as error:
        raise Ended(f"{_name(file)} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Ended(f"{_name(file)} is not UTF-8 text") from None
    lines = text.removeprefix("\ufeff").splitlines()
    if len(text) > MOST_CHARACTERS or len(lines) > MOST_LINES:
        raise Ended(f"{_name(file)} is too long: at most {MOST_LINES:,} lines are read")
    for place, line in enumerate(lines, 1):
        held = line.strip()
        if held and not held.startswith("#"):
            yield place, held


def _text(file: str) -> str:
    with Path(file).open(encoding="utf-8") as stream:
        return stream.read(MOST_CHARACTERS + 1)


def _once(found: list[T], file: str) -> list[T]:
    once = list(dict.fromkeys(found))
    if not once:
        raise Ended(f"{_name(file)} is empty: write one number or id on each line")
    if len(once) < len(found):
        repeated = len(found) - len(once)
        warn(f"{_name(file)}: {repeated} repeated line{'' if repeated == 1 else 's'} left out")
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
    ) -> None:
        self.code: int = Exit.DONE
        self._context = context
        self._found = found
        self._act = act
        self._goes_on = goes_on
        self._tried = 0

    def __iter__(self) -> Iterator[Any]:
        args = self._context.args
        alone = args.from_file is None
        name = args.targets
        for one in self._found:
            self._tried += 1
            setattr(args, name, str(one))
            try:
                value = self._act(one)
            except (AnyCarrierError, Ended) as error:
                if alone:
                    raise
                self._failed(str(one), error)
                if self._came_to(error.code if isinstance(error, Ended) else exit_code(error)):
                    continue
                return
            except KeyboardInterrupt:
                self._report_left()
                raise
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
