"""The three standard streams, each of which may be closed, full, or without a reader."""

from __future__ import annotations

import os
import sys

from anycarrier.cli.exit_codes import Exit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["ended", "flushed", "muted", "stand_in"]


def stand_in() -> None:
    """Put the null device where a stream is closed.

    Otherwise the next file or socket that is opened would take the stream's number, and what is printed would go there.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
        stream = getattr(sys, name)
        if stream is None or stream.closed:
            # Python closes its own streams at its end, and so must not own the number.
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def muted(stream: TextIO) -> None:
    """Send what *stream* still holds, and all that follows, to the null device: Python would complain at its end."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, stream.fileno())
        finally:
            os.close(null)
    except (OSError, ValueError):
        return  # it is no stream of the system's, as in a test


def flushed() -> OSError | None:
    """Write what stdout holds; the error where that is impossible, and then nothing more goes there."""
    try:
        sys.stdout.flush()
    except OSError as error:
        muted(sys.stdout)
        return error
    return None


def ended(code: int, broken: OSError | None, *, reads: bool, said: str = "") -> int:
    """The exit code after output that could not be written.

    What was done counts for more than its output, so the code of a command that changes something
    stays. That a reader has gone, as ``head`` does, is not worth a line.

    Args:
        code: what the command itself came to.
        broken: why the output could not be written; ``None`` where it could.
        reads: whether showing something is all that the command does.
        said: begins the line on stderr.
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
    return Exit.PIPE if gone else Exit.OUTPUT
