"""The journal in one file: SQLite, with one writing process at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from anycarrier.errors import JournalError
from anycarrier.purchase.journal.records import Occupied

__all__ = ["SqliteDatabase"]


class SqliteDatabase:
    """One SQLite file, or ``:memory:``.

    WAL with ``synchronous=FULL``: a commit is on the disk when it returns, also after a power loss. The file is for its
    owner alone to read. A lock file lets one process write; the kernel drops the lock when that process dies.

    Args:
        path: where; folders are made, for their owner alone.
        readonly: only read, also while another process writes.
        clock: Unix time; by default one that setting the system's clock does not move.
    """

    dialect = "sqlite"

    def __init__(self, path: str | Path, *, readonly: bool = False, clock: Callable[[], float] | None = None) -> None:
        self.readonly = readonly
        self._lock = threading.RLock()
        self._lock_file: IO[bytes] | None = None
        self._path = path
        memory = str(path) == ":memory:"
        try:
            if not memory and not readonly:
                Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._lock_file = _lock(Path(f"{path}.lock"))
                # Made before SQLite opens it, so that it is private from its first moment; SQLite gives its own
                # side files the same mode.
                file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
                try:
                    os.chmod(path if os.name == "nt" else file, 0o600)  # noqa: PTH101 - of the open file, not of a name
                finally:
                    os.close(file)
            uri = str(path) if memory else Path(path).absolute().as_uri() + ("?mode=ro" if readonly else "?mode=rw")
            self._db = sqlite3.connect(uri, uri=not memory, isolation_level=None, timeout=10, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            self._unlock()
            raise _broken(error) from None
        except JournalError:
            self._unlock()
            raise
        try:
            with self._guarded():
                if not readonly:
                    self._db.execute("PRAGMA journal_mode = WAL")
                    self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute("PRAGMA foreign_keys = ON")
            self._clock = clock or (time.time if memory or readonly else self._steady_clock())
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[SqliteDatabase]:
        with self._lock, self._guarded():
            self._db.execute("BEGIN" if self.readonly else "BEGIN IMMEDIATE")
            try:
                yield self
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def run(self, sql: str, *values: Any) -> int:
        return self._db.execute(sql, values).rowcount

    def rows(self, sql: str, *values: Any) -> Sequence[Sequence[Any]]:
        return self._db.execute(sql, values).fetchall()

    def time(self) -> float:
        return self._clock()

    def close(self) -> None:
        self._db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            text = str(error)
            if "e164" in text:
                raise Occupied("number") from None
            if "anycarrier_attempt.intent_id" in text:
                raise Occupied("intent") from None
            raise _broken(error) from None
        except sqlite3.Error as error:
            raise _broken(error) from None

    def _steady_clock(self) -> Callable[[], float]:
        """Unix time that runs on evenly from the first use since the machine started, in every process alike.

        Otherwise a system clock that is set an hour forward while no process runs would make a purchase of a minute
        ago look settled. ``CLOCK_BOOTTIME`` also counts while the machine is suspended.
        """
        boot = _boot_id()
        if boot is None:
            return time.time
        reading = _since_boot
        with self.transaction():
            self.run("CREATE TABLE IF NOT EXISTS anycarrier_clock(boot TEXT PRIMARY KEY, began DOUBLE PRECISION)")
            self.run("INSERT INTO anycarrier_clock VALUES (?, ?) ON CONFLICT DO NOTHING", boot, time.time() - reading())
            self.run("DELETE FROM anycarrier_clock WHERE boot <> ?", boot)
            began = float(self.rows("SELECT began FROM anycarrier_clock WHERE boot = ?", boot)[0][0])
        return lambda: began + reading()


def _boot_id() -> str | None:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip() or None
    except OSError:
        return None


def _since_boot() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _lock(path: Path) -> IO[bytes]:
    file = os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b")
    try:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # pragma: no cover - Windows
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        file.close()
        raise JournalError(
            "the journal is in use by another process; wait for it, or use PostgreSQL for several. Nothing was sent"
        ) from None
    return file


_SAID = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "the file or its folder is read-only",
    "SQLITE_PERM": "the file may not be opened",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_CORRUPT": "the file is damaged; restore it, then run reconcile",
    "SQLITE_NOTADB": "the file is not a journal, or is damaged",
    "SQLITE_BUSY": "the file is locked by another program",
    "SQLITE_LOCKED": "the file is locked by another program",
    "SQLITE_IOERR": "the disk does not read or write",
}


def _broken(error: Exception) -> JournalError:
    name = getattr(error, "sqlite_errorname", "") or ""
    said = next((text for code, text in _SAID.items() if name.startswith(code)), None)
    if said is None:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return JournalError(f"the journal cannot be used: {said}. Nothing was sent", code=name or None)
