"""Progress of a purchase on stderr: a line for each change, and on a terminal a last line that counts down."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

from anycarrier.cli.output import say
from anycarrier.cli.reason_text import words
from anycarrier.cli.working import quiet
from anycarrier.errors import printable
from anycarrier.purchase import Progress
from anycarrier.purchase.plan import NOTHING_YET

__all__ = ["Ticker"]

EVERY = 1.0


class Ticker:
    """Shows progress; any thread may report it.

    Args:
        now: Unix time.
        several: whether lines name their purchase.
        ails: the trouble with the providers at the moment, in words.
    """

    def __init__(
        self, now: Callable[[], float] = time.time, *, several: bool = False, ails: Callable[[], str] = str
    ) -> None:
        self.ails = ails
        self._now = now
        self._several = several
        self._lock = threading.RLock()
        self._said: dict[tuple[str, str], str] = {}
        self._waits: dict[str, tuple[float, str]] = {}
        self._live = sys.stderr.isatty()
        self._drawn = 0
        self._quiet = contextlib.ExitStack()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="anycarrier-progress", daemon=True)
        if self._live:
            self._thread.start()

    def __enter__(self) -> Ticker:
        self._quiet.enter_context(quiet())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._live:
            self._thread.join()
        with self._lock, contextlib.suppress(OSError):
            self._wipe()
        self._quiet.close()

    def tell(self, progress: Progress) -> None:
        """Show progress, for ``notify``. A stderr without a reader does not stop the purchase."""
        with self._lock, contextlib.suppress(OSError):
            what = self._words(progress)
            if progress.kind == "wait" and progress.until is not None:
                self._waits[progress.item] = (progress.until, what)
            else:
                self._waits.pop(progress.item, None)
            about = (progress.item, progress.kind)
            if progress.kind in _STEPS:
                self._said = {one: text for one, text in self._said.items() if one[0] != progress.item}
            if self._said.get(about) != what:
                self._said[about] = what
                self._wipe()
                if not (self._live and what.endswith(_WORDS["wait"])):  # the live line says that
                    say(what if progress.until is None else f"{what} ({self._left(progress.until)} s)")
            self._draw()

    def _words(self, progress: Progress) -> str:
        who = " ".join(str(part) for part in (progress.provider, progress.number) if part is not None)
        where = f" (account {progress.account})" if progress.account not in (None, progress.provider) else ""
        named = f"{progress.item}  " if self._several else ""
        reason = words(progress.text)
        if progress.kind == "wait":
            # Of a purchase in doubt it has been said already what it waits for.
            nothing = progress.text == NOTHING_YET
            reason = "; ".join(part for part in ("nothing can be tried yet", self.ails()) if part) if nothing else ""
        said = _WORDS.get(progress.kind, progress.kind)
        if reason and progress.kind not in _PLAIN:
            said += f": {reason}"
        return f"{named}{who}{where}{': ' if who else ''}{said}"

    def _left(self, until: float) -> int:
        return max(0, round(until - self._now()))

    # -- the line that is alive

    def _tick(self) -> None:
        while not self._over.wait(EVERY):
            with self._lock, contextlib.suppress(OSError):
                self._draw()

    def _draw(self) -> None:
        if not self._live:
            return
        self._wipe()
        if not self._waits or self._over.is_set():
            return
        until = min(until for until, _ in self._waits.values())
        left = self._left(until)
        others = f", {len(self._waits)} purchases" if len(self._waits) > 1 else ""
        line = printable(f"waiting, {left} s left{others} (Ctrl-C is safe)", shutil.get_terminal_size().columns - 1)
        sys.stderr.write(line)
        sys.stderr.flush()
        self._drawn = len(line)

    def _wipe(self) -> None:
        if self._drawn:
            sys.stderr.write("\r" + " " * self._drawn + "\r")
            self._drawn = 0


_WORDS = {
    "search": "searching",
    "begin": "buying",
    "confirmed": "bought",
    "look": "checking the account",
    "replay": "sending",
    "set up": "setting up",
    "wait": "waiting",
    "doubt": "in doubt",
    "refused": "not bought",
    "refuted": "not bought after all",
    "passed": "skipped",
    "parked": "parked",
    "end": "ended without a number",
}

_PLAIN = frozenset({"search", "begin", "look"})
"""Kinds of which the reason says nothing more."""

_STEPS = frozenset({"begin", "replay", "confirmed", "refused", "refuted", "passed", "late", "parked", "end", "set up"})
"""Kinds after which what was said before may be said again."""
