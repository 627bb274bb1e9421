"""The database of a journal: transactions on a few sessions, whatever interrupts, closes or forks it.

A session carries one transaction at a time, for one thread. Transactions do not nest: a thread that begins one while it
seems to be in one was interrupted in the middle of the earlier one, which is undone first.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from typing import Any, Protocol
from weakref import WeakSet

from anycarrier.errors import ConfigurationError, JournalError

__all__ = ["Database", "Session", "Transaction", "opened"]

FORK_WAITS = 15.0
"""Seconds for which a fork waits for the transactions under way, so that none is cut in two."""


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


class Session(ABC):
    """A connection for one transaction at a time, made when it is first needed and made again when it breaks."""

    def __init__(self) -> None:
        self.lock = threading.RLock()

    @abstractmethod
    def run(self, sql: str, *values: object) -> int:
        """See :class:`Transaction`."""

    @abstractmethod
    def rows(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
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

    # -- always with the lock held

    @abstractmethod
    def begin(self, writes: bool) -> None:
        """Begin a transaction, on a new connection where there is none."""

    def begin_in_turn(self) -> None:
        """Begin one that writes, and take a turn: one message where the database is elsewhere."""
        self.begin(writes=True)
        self.take_turn()

    def begin_alone(self, writes: bool) -> None:
        """Get ready for statements that are transactions by themselves; where that is no gain, begin one for all."""
        self.begin(writes)

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


class Database(ABC):
    """Raises ``JournalError`` for what is broken until a person repairs it, ``JournalLost`` for a connection that
    broke, and ``AlreadyClaimed`` for what a unique index refuses."""

    dialect: str

    def __init__(self) -> None:
        self._process = os.getpid()
        self._closed = False
        self._mine = threading.local()
        """Of each thread: ``session``, the one that it has or was about to get."""
        self._crowd = itertools.count()
        self._held_for_fork: list[Session] = []
        _OPENED.add(self)
        _watch_forks()

    @property
    @abstractmethod
    def sessions(self) -> Sequence[Session]:
        """All of them, always the same; the first ones are used most."""

    @property
    def is_open(self) -> bool:
        """Return whether this process can use it."""
        return not self._closed and self._process == os.getpid()

    def transaction(self, *, writes: bool = True, turn: bool = False) -> Held:
        """Committed durably when the block ends, undone when it raises. With *turn*, one that writes waits first for
        the other transactions that took a turn."""
        return Held(self, writes, turn=turn)

    def alone(self, *, writes: bool = True) -> Held:
        """Each statement of the block may be a transaction by itself, and need not outlive a crash of the database
        unless it says so."""
        return Held(self, writes, whole=False)

    def close(self) -> None:
        """Let go of files and connections, once the transactions under way have ended."""
        if self._process != os.getpid():
            return  # They are the parent's.
        with ExitStack() as stack:
            for session in self.sessions:
                stack.enter_context(session.lock)
            self._closed = True
            for session in self.sessions:
                session.release()

    # -- for Held and the hooks

    def enter(self) -> Session:
        """Wait for a session; raise where nothing can be done any more."""
        if self._process != os.getpid():
            # Before any lock, which another thread of the parent may hold for ever.
            raise JournalError("the journal was opened before a fork; open it in the child process")
        session = self._free()
        if self._closed:
            raise JournalError("the journal is closed; open it again")
        return session

    def _free(self) -> Session:
        left: Session | None = getattr(self._mine, "session", None)
        if left is not None:
            # An interrupt left it, with a transaction that its next user undoes: so that must be this thread.
            left.lock.acquire()
            return left
        for session in self.sessions:
            self._mine.session = session
            if session.lock.acquire(blocking=False):
                return session
        self._mine.session = session = self.sessions[next(self._crowd) % len(self.sessions)]
        session.lock.acquire()
        return session

    def leave(self) -> None:
        """Give up every hold of this thread: an interrupt may have left one of an earlier transaction."""
        session: Session | None = getattr(self._mine, "session", None)
        if session is not None:
            with suppress(RuntimeError):
                while True:
                    session.lock.release()
            self._mine.session = None

    def hold_for_fork(self) -> None:
        """Wait until no transaction is under way."""
        if self.is_open:
            until = time.monotonic() + FORK_WAITS
            for session in self.sessions:
                if session.lock.acquire(timeout=max(0.0, until - time.monotonic())):
                    self._held_for_fork.append(session)
                    session.before_fork()

    def resume_after_fork(self) -> None:
        """Go on in the parent."""
        while self._held_for_fork:
            self._held_for_fork.pop().lock.release()

    def in_child(self) -> None:
        """Drop what belongs to the parent."""
        for session in self.sessions:
            session.in_child()


class Held:
    """A transaction as a context manager, safe against an exception between any two instructions.

    It is no generator: one of these, interrupted before its block begins, would hold on until it is collected.
    """

    def __init__(self, database: Database, writes: bool, *, whole: bool = True, turn: bool = False) -> None:
        self._database = database
        self._writes = writes
        self._whole = whole
        self._turn = turn
        self._session: Session | None = None

    def __enter__(self) -> Transaction:
        try:
            session = self._database.enter()
            self._session = session
            session.undo()
            if self._turn:
                session.begin_in_turn()
            elif self._whole:
                session.begin(self._writes)
            else:
                session.begin_alone(self._writes)
            return session
        except BaseException:
            self._end()
            raise

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None and self._session is not None:
                self._session.commit()
        finally:
            self._end()

    def _end(self) -> None:
        try:
            if self._session is not None:
                with suppress(JournalError):  # what was raised first counts, and the next transaction tries again
                    self._session.undo()
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
