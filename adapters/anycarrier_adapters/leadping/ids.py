"""Numbers are addressed by Leadping's id of them; this remembers which is whose."""

from __future__ import annotations

from threading import Lock

from anycarrier import processes
from anycarrier.numbers import PhoneNumber

MOST = 1000


class Ids:
    """The ids of the numbers last met, at most so many; safe to share between threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._ids: dict[PhoneNumber, str] = {}
        self._lock = Lock()
        processes.begins_anew(self)

    def forked(self) -> None:
        """In a child, nobody holds the lock."""
        self._lock = Lock()

    def get(self, number: PhoneNumber) -> str | None:
        """The id of *number*, where it is remembered."""
        return self._ids.get(number)

    def remember(self, number: PhoneNumber, id: str | None) -> None:
        """From now on *number* has this id; the oldest one is forgotten when there are too many."""
        if id is None:
            return
        with self._lock:
            self._ids.pop(number, None)
            self._ids[number] = id
            if len(self._ids) > self._most:
                del self._ids[next(iter(self._ids))]

    def forget(self, number: PhoneNumber) -> None:
        """Ask again for the id of *number*."""
        with self._lock:
            self._ids.pop(number, None)

    def __len__(self) -> int:
        return len(self._ids)
