"""Connections of a transport: those in use, and those that are kept for later requests."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from anycarrier.transports._base import IDLE_SECONDS, MAX_IDLE, Origin

__all__ = ["Pool"]

C = TypeVar("C")


_swept: WeakValueDictionary[int, Pool[Any]] = WeakValueDictionary()
_last_swept = 0.0


class Pool(Generic[C]):
    """The connections of one transport. Nothing here waits or opens.

    Args:
        close: closes one that was idle too long, in any thread, when any pool of the process is given one back; without
            it, whoever has the pool asks for them.
    """

    def __init__(self, close: Callable[[C], object] | None = None) -> None:
        self._guard = threading.Lock()
        self._idle: deque[tuple[Origin, C, float]] = deque()
        self._busy: set[C] = set()
        self._close = close
        if close is not None:
            _swept[id(self)] = self

    def take(self, origin: Origin) -> C | None:
        """An idle connection to *origin*, the last used one first; it is in use from now on."""
        with self._guard:
            for pair in reversed(self._idle):
                if pair[0] is origin:
                    self._idle.remove(pair)
                    self._busy.add(pair[1])
                    return pair[1]
        return None

    def add(self, connection: C) -> None:
        """A new one, in use."""
        with self._guard:
            self._busy.add(connection)

    def forget(self, connection: C) -> None:
        """One that is closed or about to be."""
        with self._guard:
            self._busy.discard(connection)

    def put(self, origin: Origin, connection: C) -> C | None:
        """Keep *connection* for later; returns one that is to be closed instead, if they become too many."""
        now = time.monotonic()
        with self._guard:
            self._busy.discard(connection)
            self._idle.append((origin, connection, now))
            too_many = self._idle.popleft()[1] if len(self._idle) > MAX_IDLE else None
        if now - _last_swept > IDLE_SECONDS:
            _sweep(now)
        return too_many

    def stale(self, now: float) -> list[C]:
        """Those that were idle too long, now forgotten."""
        found = []
        with self._guard:
            while self._idle and now - self._idle[0][2] >= IDLE_SECONDS:
                found.append(self._idle.popleft()[1])
        return found

    def close_stale(self, now: float) -> None:
        """Close them."""
        for connection in self.stale(now):
            if self._close is not None:
                self._close(connection)

    def due(self) -> float | None:
        """When the first of those that wait now will have been idle too long, by the steady clock."""
        with self._guard:
            return self._idle[0][2] + IDLE_SECONDS if self._idle else None

    def all(self) -> list[C]:
        """Idle or in use, without a look at the lock, which belongs to another process by now."""
        return [*(connection for _, connection, _ in self._idle), *self._busy]

    def drain(self) -> tuple[list[C], list[C]]:
        """Those that were idle, now forgotten, and those in use."""
        with self._guard:
            idle = [connection for _, connection, _ in self._idle]
            self._idle.clear()
            return idle, list(self._busy)


def _sweep(now: float) -> None:
    """Close what is idle too long in all blocking transports, most of which may never be used again."""
    global _last_swept  # noqa: PLW0603
    _last_swept = now
    for reference in _swept.valuerefs():
        if (pool := reference()) is not None:
            pool.close_stale(now)
