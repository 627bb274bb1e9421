"""Secret stores for tests: one in memory, and one that fails on demand."""

from __future__ import annotations

import json
import threading
from typing import Any


class MemoryStore:
    """A store of one process, for providers that stand for processes.

    Attributes:
        fails: the error that every use raises.
    """

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.fails: Exception | None = None
        self.writes = 0
        self._guard = threading.Lock()

    def read(self, name: str) -> str | None:
        if self.fails:
            raise self.fails
        return self.entries.get(name)

    def replace(self, name: str, old: str | None, new: str) -> bool:
        if self.fails:
            raise self.fails
        with self._guard:
            if self.entries.get(name) != old:
                return False
            self.entries[name] = new
            self.writes += 1
            return True

    def values(self) -> dict[str, Any]:
        """The values of the only entry."""
        (text,) = self.entries.values()
        found: dict[str, Any] = json.loads(text)["values"]
        return found
