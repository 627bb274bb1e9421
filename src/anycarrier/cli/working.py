"""The last line of a terminal, which says after a second that a command is at work and for how long."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator

from anycarrier.errors import printable

__all__ = ["cleared", "quiet", "working"]

EVERY = 1.0
"""Seconds before the line first shows, and between its changes."""

_lock = threading.RLock()
_drawn = 0
_silenced = 0


@contextlib.contextmanager
def cleared() -> Iterator[None]:
    """Take the line away, and draw none until the block has written its own."""
    global _drawn  # noqa: PLW0603 - a terminal has one last line
    with _lock:
        if _drawn:
            with contextlib.suppress(OSError):
                sys.stderr.write("\r" + " " * _drawn + "\r")
                sys.stderr.flush()
            _drawn = 0
        yield


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Draw no line in the block, which asks questions or shows its own progress."""
    global _silenced  # noqa: PLW0603
    with cleared():
        _silenced += 1
    try:
        yield
    finally:
        with _lock:
            _silenced -= 1


@contextlib.contextmanager
def working(command: str, more: Callable[[], str] = str) -> Iterator[None]:
    """Show on a terminal, from the second second on, that *command* is at work; nothing in a pipe or a file.

    Args:
        command: its name.
        more: what else there is to say at the moment.
    """
    if not sys.stderr.isatty():
        yield
        return
    over, began = threading.Event(), time.monotonic()

    def tick() -> None:
        while not over.wait(EVERY):
            _draw(f"{command}: {more()}{time.monotonic() - began:.0f} s")

    thread = threading.Thread(target=tick, name="anycarrier-working", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        with cleared():
            pass


def _draw(text: str) -> None:
    global _drawn  # noqa: PLW0603
    with cleared():
        if _silenced:
            return
        line = printable(text, shutil.get_terminal_size().columns - 1)
        with contextlib.suppress(OSError):
            sys.stderr.write(line)
            sys.stderr.flush()
            _drawn = len(line)
