"""Cache of Leadping's ids: its API addresses a number by an id, which only the list states."""

from __future__ import annotations

from threading import Lock

from anycarrier.adapter import PhoneNumber, begins_anew

MAX_SIZE = 1000


class IdCache:
    """Ids by number, at most *max_size* of them: the oldest makes room. Safe to share between threads."""

    def __init__(self, max_size: int = MAX_SIZE) -> None:
        self._max_size = max_size
        self._ids: dict[PhoneNumber, str] = {}
        self._lock = Lock()
        begins_anew(self)

    def forked(self) -> None:
        """Replace the lock in a child process: the thread that held it does not exist there."""
        self._lock = Lock()

    def get(self, number: PhoneNumber) -> str | None:
        """Return the id of *number*, or ``None`` if it is not cached."""
        return self._ids.get(number)

    def remember(self, number: PhoneNumber, id: str | None) -> None:
        """Cache *id* for *number*, replacing an earlier one; ``None`` changes nothing."""
        if id is None:
            return
        with self._lock:
            self._ids.pop(number, None)
            self._ids[number] = id
            if len(self._ids) > self._max_size:
                del self._ids[next(iter(self._ids))]

    def forget(self, number: PhoneNumber) -> None:
        """Drop the id of *number*."""
        with self._lock:
            self._ids.pop(number, None)

    def __len__(self) -> int:
        return len(self._ids)
