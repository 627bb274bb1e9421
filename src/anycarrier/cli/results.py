"""The outcome of each of many numbers, in a file, and how far a command is, on a terminal."""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from anycarrier.cli.context import Ended
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.working import quiet
from anycarrier.csv_cells import inert
from anycarrier.desired_state import Applied
from anycarrier.errors import AnyCarrierError, printable
from anycarrier.model import BindingStatus, CampaignBinding, OwnedNumber, Status

__all__ = ["Results", "counting"]

COLUMNS = ("number", "result", "error", "maybe_applied", "message")
NAMES: Mapping[object, str] = {Exit.DONE: "done", Exit.UNKNOWN: "unknown"}


class Results:
    """A new CSV file with a line for each number, written as it comes, and those that were not tried at the end.

    ``result`` is ``done``, ``pending`` (the provider finishes it later), ``failed``, ``unknown`` (it may have been
    done) or ``not tried``; of a plan also ``already`` and ``skipped``.

    Args:
        file: its name; ``None`` for none.
        found: the numbers, in their order.
    """

    def __init__(self, file: str | None, found: Sequence[object]) -> None:
        self._file = file
        self._left = dict.fromkeys(map(str, found))
        self._stream: TextIO | None = None

    def __enter__(self) -> Results:
        if self._file is not None:
            try:
                self._stream = Path(self._file).open("x", encoding="utf-8", newline="")
            except FileExistsError:
                raise Ended(f"--results {self._file} exists already: name a new file") from None
            except OSError as error:
                raise Ended(f"--results {self._file} cannot be written: {error.strerror or error}") from None
            self._write(COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in [*self._left]:
            self._line(one, "not tried")
        if self._stream is not None:
            self._stream.close()

    def came(self, one: object, value: object) -> None:
        """Note the result of *one*: a value, or the exit code of what showed its own results."""
        more: list[str] = []
        if isinstance(value, Applied) and value.reason:
            error = value.error
            applied = "" if error is None else "yes" if error.maybe_applied else "no"
            more = ["" if error is None else type(error).__name__, applied, value.reason]
        self._line(one, _result(value), *more)

    def failed(self, one: object, error: AnyCarrierError | Ended) -> None:
        """Note the error of *one*."""
        if isinstance(error, Ended):
            self._line(one, NAMES.get(error.code, "failed"), "Refused", "", str(error))
            return
        applied = "yes" if error.maybe_applied else "no"
        self._line(one, "unknown" if error.maybe_applied else "failed", type(error).__name__, applied, str(error))

    def interrupted(self, one: object) -> None:
        """Note that the command ended while it worked on *one*."""
        self._line(one, "unknown", "Interrupted", "yes")

    def _line(self, one: object, result: str, *more: str) -> None:
        self._left.pop(str(one), None)
        cells = [str(one), result, *more]
        self._write([*cells, *[""] * (len(COLUMNS) - len(cells))])

    def _write(self, cells: Sequence[str]) -> None:
        if self._stream is None:
            return
        line = io.StringIO(newline="")
        csv.writer(line).writerow(map(inert, cells))
        self._stream.write(line.getvalue())
        self._stream.flush()  # the command may be killed with the next one


def _result(value: object) -> str:
    if isinstance(value, int):
        return NAMES.get(value, "failed")
    if isinstance(value, Applied):
        unknown = value.error is not None and value.error.maybe_applied
        return "unknown" if unknown else value.state.value
    if isinstance(value, CampaignBinding | OwnedNumber):
        return _STATES.get(value.status, "done")
    return "done"


_STATES: Mapping[str, str] = {
    BindingStatus.PENDING: "pending",
    BindingStatus.UNBINDING: "pending",
    BindingStatus.FAILED: "failed",
    Status.NEEDS_ACTION: "pending",
}


@contextlib.contextmanager
def counting(at: int, total: int, one: object, *, wanted: bool = True) -> Iterator[None]:
    """Show on a terminal which of several numbers is being worked on."""
    if not wanted or total < 2 or not sys.stderr.isatty():
        yield
        return
    line = printable(f"{at} of {total}: {one}", shutil.get_terminal_size().columns - 1)
    with contextlib.suppress(OSError):
        sys.stderr.write(line)
        sys.stderr.flush()
    try:
        with quiet():
            yield
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.write("\r" + " " * len(line) + "\r")
            sys.stderr.flush()
