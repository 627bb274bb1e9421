"""How many requests may be under way, which connections they use, and which wait to be used again."""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import Generic, TypeVar

from anycarrier.transports._base import MAX_IDLE, Origin

__all__ = ["Places", "Pool"]

C = TypeVar("C")


class Places:
    """So many requests of a blocking transport at once; a queue costs a tenth of what a semaphore does."""

    def __init__(self, most: int) -> None:
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(most):
            self._free.put(None)

    def take(self, seconds: float) -> bool:
        """Whether there is a place, or one becomes free in time."""
        try:
            self._free.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def give_back(self) -> None:
        """The place of a request that is over."""
        self._free.put(None)


class Pool(Generic[C]):
    """The connections of one transport. Nothing here waits, opens or closes."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._idle: deque[tuple[Origin, C]] = deque()
        self._busy: set[C] = set()

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
        with self._guard:
            self._busy.discard(connection)
            self._idle.append((origin, connection))
            return self._idle.popleft()[1] if len(self._idle) > MAX_IDLE else None

    def all(self) -> list[C]:
        """Idle or in use, without a look at the lock, which belongs to another process by now."""
        return [*(connection for _, connection in self._idle), *self._busy]

    def drain(self) -> tuple[list[C], list[C]]:
        """Those that were idle, now forgotten, and those in use."""
        with self._guard:
            idle = [connection for _, connection in self._idle]
            self._idle.clear()
            return idle, list(self._busy)
