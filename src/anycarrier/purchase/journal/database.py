"""The database of a journal: one transaction at a time, whatever interrupts, closes or forks it.

Transactions do not nest: a thread that begins one while it seems to be in one was interrupted in the middle of the
earlier one, which is undone first.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol
from weakref import WeakSet

from anycarrier.errors import ConfigurationError, JournalError

__all__ = ["Database", "Transaction", "opened"]

FORK_WAITS = 15.0
"""Seconds for which a fork waits for the transaction under way, so that none is cut in two."""


class Transaction(Protocol):
    """One open transaction. SQL is written with ``?`` for every value."""

    def run(self, sql: str, *values: object) -> int:
        """Execute; how many rows were touched."""
        ...

    def rows(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        """Execute; every row."""
        ...

    @property
    def connection(self) -> Any:
        """The connection of psycopg that the transaction is on, for what is to be written in it, and not committed; on
        PostgreSQL."""
        ...

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Insert rows of many thousands: with COPY where the database has it. Raises ``AlreadyClaimed`` for one that is
        there already."""
        ...

    def time(self) -> float:
        """Unix time by the clock that all who use this database share."""
        ...

    def now(self) -> str:
        """The same as an expression in SQL, which costs no statement of its own, and is evaluated once in one."""
        ...

    def take_turn(self) -> None:
        """Wait for the other transactions that took a turn, until they end."""
        ...


class Database(ABC):
    """Raises ``JournalError`` for what is broken until a person repairs it, ``JournalLost`` for a connection that
    broke, and ``AlreadyClaimed`` for what a unique index refuses."""

    dialect: str

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._closed = False
        self._held_for_fork = False
        _OPENED.add(self)
        _watch_forks()

    @property
    def is_open(self) -> bool:
        """Return whether this process can use it."""
        return not self._closed and self._process == os.getpid()

    def transaction(self, *, writes: bool = True) -> Held:
        """Committed durably when the block ends, undone when it raises."""
        return Held(self, writes)

    def alone(self) -> Held:
        """Each statement of the block may be a transaction by itself, and need not outlive a crash of the database."""
        return Held(self, writes=True, whole=False)

    def close(self) -> None:
        """Let go of files and connections, once the transaction under way has ended."""
        if self._process != os.getpid():
            return  # They are the parent's.
        with self._lock:
            self._closed = True
            self.release()

    @abstractmethod
    def run(self, sql: str, *values: object) -> int:
        """See :class:`Transaction`."""

    @abstractmethod
    def rows(self, sql: str, *values: object) -> Sequence[Sequence[object]]:
        """See :class:`Transaction`."""

    @property
    def connection(self) -> Any:
        """See :class:`Transaction`."""
        raise ConfigurationError("only a journal on PostgreSQL has a connection that other programs write with")

    @abstractmethod
    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """See :class:`Transaction`."""

    @abstractmethod
    def time(self) -> float:
        """See :class:`Transaction`."""

    @abstractmethod
    def now(self) -> str:
        """See :class:`Transaction`."""

    @abstractmethod
    def take_turn(self) -> None:
        """See :class:`Transaction`."""

    # -- what a database does, always with the lock held

    @abstractmethod
    def begin(self, writes: bool) -> None:
        """Begin a transaction, on a new connection where there is none."""

    def begin_alone(self) -> None:
        """Get ready for statements that are transactions by themselves; where that is no gain, begin one for all."""
        self.begin(writes=True)

    @abstractmethod
    def commit(self) -> None:
        """Commit it."""

    @abstractmethod
    def undo(self) -> None:
        """Undo a transaction that is open; nothing where none is."""

    @abstractmethod
    def release(self) -> None:
        """Let go of everything; may be called again."""

    @abstractmethod
    def before_fork(self) -> None:
        """Leave nothing open that must not be carried across a fork."""

    @abstractmethod
    def in_child(self) -> None:
        """Drop this process's copies of what belongs to its parent, without a word to the server."""

    # -- for Held and the hooks

    def enter(self) -> None:
        """Wait for the lock; raise where nothing can be done any more."""
        if self._process != os.getpid():
            # Before the lock, which another thread of the parent may hold for ever.
            raise JournalError("the journal was opened before a fork; open it in the child process")
        self._lock.acquire()
        if self._closed:
            raise JournalError("the journal is closed; open it again")

    def leave(self) -> None:
        """Give up every hold of this thread: an interrupt may have left one of an earlier transaction."""
        with suppress(RuntimeError):
            while True:
                self._lock.release()

    def hold_for_fork(self) -> None:
        """Wait until no transaction is under way."""
        if self.is_open:
            self._held_for_fork = self._lock.acquire(timeout=FORK_WAITS)
            if self._held_for_fork:
                self.before_fork()

    def resume_after_fork(self) -> None:
        """Go on in the parent."""
        if self._held_for_fork:
            self._held_for_fork = False
            self._lock.release()


class Held:
    """A transaction as a context manager, safe against an exception between any two instructions.

    It is no generator: one of these, interrupted before its block begins, would hold on until it is collected.
    """

    def __init__(self, database: Database, writes: bool, *, whole: bool = True) -> None:
        self._database = database
        self._writes = writes
        self._whole = whole
        self._begun = False

    def __enter__(self) -> Transaction:
        try:
            self._database.enter()
            self._database.undo()
            self._begun = True
            if self._whole:
                self._database.begin(self._writes)
            else:
                self._database.begin_alone()
            return self._database
        except BaseException:
            self._end()
            raise

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None:
                self._database.commit()
        finally:
            self._end()

    def _end(self) -> None:
        try:
            if self._begun:
                with suppress(JournalError):  # what was raised first counts, and the next transaction tries again
                    self._database.undo()
        finally:
            self._database.leave()


def opened() -> list[Database]:
    """Every database that this process has open."""
    return [one for one in list(_OPENED) if one.is_open]


_OPENED: WeakSet[Database] = WeakSet()
_watched: list[bool] = []


def _watch_forks() -> None:
    if not _watched and hasattr(os, "register_at_fork"):
        _watched.append(True)
        os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)


def _before() -> None:
    for one in opened():
        one.hold_for_fork()


def _after() -> None:
    for one in list(_OPENED):
        one.resume_after_fork()


def _in_child() -> None:
    for one in list(_OPENED):
        if not one._closed:  # noqa: SLF001 - of this module
            one.in_child()
