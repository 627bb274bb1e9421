"""What the journal needs of a database, and nothing else of it is used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

__all__ = ["Database", "Transaction"]


class Transaction(Protocol):
    """One open transaction. SQL is written with ``?`` for every value."""

    def run(self, sql: str, *values: Any) -> int:
        """Execute; how many rows were touched."""
        ...

    def rows(self, sql: str, *values: Any) -> Sequence[Sequence[Any]]:
        """Execute; every row."""
        ...

    def time(self) -> float:
        """Unix time by the clock that all who use this database share."""
        ...


class Database(Protocol):
    """Raises ``JournalError`` for what is broken until somebody repairs it, ``JournalLost`` for a connection that
    broke, and ``Occupied`` for what a unique index refuses."""

    dialect: str

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Committed durably when the block ends, undone when it raises."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
