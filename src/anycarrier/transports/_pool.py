"""Connections of a transport: those in use, and idle ones for later requests."""

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
        close: closes a connection that was idle too long, in any thread, when a connection comes back to any pool of
            the process; without it, the owner of the pool looks for them.
    """

    def __init__(self, close: Callable[[C], object] | None = None) -> None:
        self._guard = threading.Lock()
        self._idle: deque[tuple[Origin, C, float]] = deque()
        self._busy: set[C] = set()
        self._close = close
        if close is not None:
            _swept[id(self)] = self

    def take(self, origin: Origin) -> C | None:
        """Return an idle connection to *origin*, the last used one first; it is in use from now on."""
        with self._guard:
            for pair in reversed(self._idle):
                if pair[0] is origin:
                    self._idle.remove(pair)
                    self._busy.add(pair[1])
                    return pair[1]
        return None

    def add(self, connection: C) -> None:
        """Add a new connection, in use."""
        with self._guard:
            self._busy.add(connection)

    def forget(self, connection: C) -> None:
        """Remove a connection that is closed or about to be."""
        with self._guard:
            self._busy.discard(connection)

    def put(self, origin: Origin, connection: C) -> C | None:
        """Keep *connection* for later; return one to close instead, if they become too many."""
        now = time.monotonic()
        with self._guard:
            self._busy.discard(connection)
            self._idle.append((origin, connection, now))
            too_many = self._idle.popleft()[1] if len(self._idle) > MAX_IDLE else None
        if now - _last_swept > IDLE_SECONDS:
            _sweep(now)
        return too_many

    def stale(self, now: float) -> list[C]:
        """Remove and return connections that were idle too long."""
        found = []
        with self._guard:
            while self._idle and now - self._idle[0][2] >= IDLE_SECONDS:
                found.append(self._idle.popleft()[1])
        return found

    def close_stale(self, now: float) -> None:
        """Close connections that were idle too long."""
        for connection in self.stale(now):
            if self._close is not None:
                self._close(connection)

    def due(self) -> float | None:
        """Return when the first idle connection will have been idle too long, by the monotonic clock."""
        with self._guard:
            return self._idle[0][2] + IDLE_SECONDS if self._idle else None

    def all(self) -> list[C]:
        """Return all connections, idle or in use, without the lock, which belongs to another process by now."""
        return [*(connection for _, connection, _ in self._idle), *self._busy]

    def drain(self) -> tuple[list[C], list[C]]:
        """Remove the idle connections; return them, and those in use."""
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
