"""The three standard streams; each may be closed, full, or without a reader."""

from __future__ import annotations

import os
import sys

from anycarrier.cli.exit_codes import Exit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["ended", "flushed", "muted", "stand_in"]


def stand_in() -> None:
    """Put the null device in place of each closed stream.

    Otherwise the next file or socket would get the stream's number, and printed text would go there.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
        stream = getattr(sys, name)
        if stream is None or stream.closed:
            # Python closes its own streams at its end, and so must not own the number.
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def muted(stream: TextIO) -> None:
    """Send the rest of *stream* to the null device: Python would complain about it at its end."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, stream.fileno())
        finally:
            os.close(null)
    except (OSError, ValueError):
        return  # not a stream of the system, as in a test


def flushed() -> OSError | None:
    """Flush stdout; the error where that is impossible, and then nothing more goes there."""
    try:
        sys.stdout.flush()
    except OSError as error:
        muted(sys.stdout)
        return error
    return None


def ended(code: int, broken: OSError | None, *, reads: bool, said: str = "") -> int:
    """The exit code after output that could not be written.

    A change counts for more than its output, so the code of a command that changes something stays. A reader that
    left, as ``head`` does, is not worth a line.

    Args:
        code: the command's own exit code.
        broken: the error of a write; None without one.
        reads: whether the command only shows something.
        said: the beginning of the line on stderr.
    """
    if broken is None:
        return code
    gone = isinstance(broken, BrokenPipeError)
    if not gone:
        also = "" if reads else "; what was done is done"
        try:
            print(f"anycarrier: {said}the output could not be written: {broken.strerror}{also}", file=sys.stderr)
        except OSError:
            muted(sys.stderr)
    if code != Exit.DONE or not reads:
        return code
    return Exit.PIPE if gone else Exit.INPUT_OUTPUT
