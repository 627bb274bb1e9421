"""The journal in one file: SQLite, with one writing process at a time."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from weakref import proxy

from anycarrier.errors import JournalError
from anycarrier.purchase.journal.database import Database, Session, opened
from anycarrier.purchase.journal.location import file_of, is_mounted
from anycarrier.purchase.journal.types import AlreadyClaimed

__all__ = ["SqliteDatabase"]

MEMORY = ":memory:"

_Id = tuple[int, int]

_carried: set[_Id] = set()
"""Files that were open when this process was forked: SQLite's own notes about their locks are the parent's."""

_leaked: list[object] = []


class SqliteDatabase(Database, Session):
    """One SQLite file, or ``:memory:``.

    WAL with ``synchronous=FULL``: a commit is on the disk when it returns, also after a power loss. The file is for its
    owner alone to read. A lock file lets one process write; the kernel drops the lock when that process dies. Before
    each transaction the names must still lead to the files that are open.

    Args:
        path: where; links are followed, and folders are made, for their owner alone.
        readonly: only read, also while another process writes.
        create: make the file where there is none.
        clock: Unix time; by default one that setting the system's clock does not move.
    """

    dialect = "sqlite"

    def __init__(
        self,
        path: str | Path,
        *,
        readonly: bool = False,
        create: bool = True,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._db: sqlite3.Connection | None = None
        self._lock_file: IO[bytes] | None = None
        self._ids: dict[str, _Id] = {}
        self.readonly = readonly
        self.path = MEMORY if str(path) == MEMORY else str(file_of(path))
        Session.__init__(self)
        Database.__init__(self)
        try:
            if self.path != MEMORY:
                self._found(create=create and not readonly)
            self._connect()
            steady = self.path != MEMORY and not readonly
            self._clock = clock or (self._steady_clock() if steady else time.time)
        except BaseException:
            self.close()
            raise

    @property
    def sessions(self) -> Sequence[Session]:
        return (self,)

    def run(self, sql: str, *values: object) -> int:
        return self._execute(sql, values).rowcount

    def rows(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        cursor = self._execute(sql, values)
        try:
            return cursor.fetchall()
        except sqlite3.Error as error:
            raise _broken(error) from None

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        places = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table}({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names of the schema
        self._do(lambda db: db.executemany(sql, rows))

    def time(self) -> float:
        return self._clock()

    def now(self) -> str:
        return "(SELECT anycarrier_now())"

    def take_turn(self) -> None:
        """Nothing: one transaction writes at a time."""

    def begin(self, writes: bool) -> None:
        if self._db is None:
            self._check_files()
            self._connect()
        self._check_files()
        # One that only reads waits for no other program and needs no room on the disk.
        self._execute("BEGIN IMMEDIATE" if writes and not self.readonly else "BEGIN")

    def commit(self) -> None:
        self._execute("COMMIT")

    def undo(self) -> None:
        if self._db is not None and self._db.in_transaction:
            self._execute("ROLLBACK")

    def release(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with suppress(sqlite3.Error):  # every commit is on the disk; nothing is lost by what closing could not do
                db.close()
        file, self._lock_file = self._lock_file, None
        if file is not None:
            file.close()

    def before_fork(self) -> None:
        # SQLite forbids carrying a connection across a fork, and a child could not even close it. The next use makes
        # a new one; the lock is kept.
        if self.path != MEMORY and self._db is not None and not self._db.in_transaction:
            db, self._db = self._db, None
            self._ids.pop(f"{self.path}-wal", None)
            with suppress(sqlite3.Error):
                db.close()

    def in_child(self) -> None:
        # Closing a copy leaves the parent its lock; without this an idle child would keep it after the parent's end.
        file, self._lock_file = self._lock_file, None
        if file is not None:
            file.close()
        db, self._db = self._db, None
        if db is not None:
            # In the middle of a transaction of the parent. Closed here, it would drop files that the parent uses.
            _leak(db)
            _carried.update(self._ids.values())

    # -- files

    def _found(self, *, create: bool) -> None:
        path = Path(self.path)
        try:
            found = _stat(path)
            if found is None and not create:
                raise JournalError(
                    f"there is no journal at {path}; check the place, or the disk that should be there", code="missing"
                )
            if found is not None:
                _check_kind(path, found)
            if not self.readonly:
                _make_folders(path.parent)
                self._lock_file = self._locked(f"{path}.lock")
                if found is None:
                    # Made before SQLite opens it, so that it is private from its first moment; SQLite gives its own
                    # side files the same mode.
                    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
                elif stat.S_IMODE(found.st_mode) & 0o077:
                    # By its name: closing any descriptor of an open SQLite file drops this process's locks on it.
                    path.chmod(0o600)
                self._ids[f"{path}.lock"] = _id(os.fstat(self._lock_file.fileno()))
            self._ids[str(path)] = _id(path.stat())
        except OSError as error:
            raise _broken(error, path) from None
        if self._ids[str(path)] in _carried:
            raise JournalError(
                "this process was forked while its parent wrote to this journal, so SQLite cannot use it here; "
                "start the process anew, or fork before the journal is opened"
            )

    def _locked(self, name: str) -> IO[bytes]:
        file = os.fdopen(os.open(name, os.O_CREAT | os.O_RDWR, 0o600), "r+b")
        try:
            _lock(file)
        except BlockingIOError:
            file.close()
            mine = any(isinstance(one, SqliteDatabase) and one.writes_to(self.path) for one in opened() if one != self)
            if mine:
                raise JournalError(
                    "the journal is open in this process already; share that one, or close it first"
                ) from None
            raise JournalError(
                "the journal is in use by another process; wait for it, or use PostgreSQL for several"
            ) from None
        except OSError as error:
            file.close()
            raise JournalError(
                f"the journal cannot be locked, since its file system does not lock files ({error.strerror or error}); "
                "put it on a local disk, or use PostgreSQL"
            ) from None
        except BaseException:
            file.close()
            raise
        return file

    def writes_to(self, path: str) -> bool:
        """Return whether this one keeps others from writing to *path*."""
        return self._lock_file is not None and self.path == path

    def _check_files(self) -> None:
        for name, known in self._ids.items():
            try:
                found: _Id | None = _id(os.stat(name))  # noqa: PTH116 - before each transaction: no object is made
            except OSError:
                found = None
            if found != known:
                raise JournalError(
                    f"the journal's file {name} was deleted, moved or replaced while it was open; stop every program "
                    "that uses it, put it back, then open it again and run reconcile",
                    code="moved",
                )

    # -- SQLite

    def _connect(self) -> None:
        path = Path(self.path)
        memory = self.path == MEMORY
        uri = MEMORY if memory else path.as_uri() + ("?mode=ro" if self.readonly else "?mode=rw")
        try:
            self._db = db = sqlite3.connect(
                uri, uri=not memory, isolation_level=None, timeout=10, check_same_thread=False
            )
            if not self.readonly:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
            this = proxy(self)  # the connection would hold this object, or a method of it, and no collector sees that
            db.create_function("anycarrier_now", 0, lambda: this.time())  # noqa: PLW0108
            db.execute("PRAGMA foreign_keys = ON")
            # A trigger may have to undo its statement: that is kept in memory, not in a file for each.
            db.execute("PRAGMA temp_store = MEMORY")
            if not memory and not self.readonly:
                db.execute("BEGIN IMMEDIATE")
                db.execute("ROLLBACK")
                # From the first transaction on it is there, and stays the same until the last connection closes.
                self._ids[f"{path}-wal"] = _id(os.stat(f"{path}-wal"))  # noqa: PTH116
        except (OSError, sqlite3.Error) as error:
            raise _broken(error, path) from None

    def _execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._do(lambda db: db.execute(sql, values))

    def _do(self, work: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> sqlite3.Cursor:
        if self._db is None:
            raise JournalError("the journal is closed; open it again")
        try:
            return work(self._db)
        except sqlite3.IntegrityError as error:
            text = str(error)
            if "e164" in text:
                raise AlreadyClaimed("number") from None
            if error.sqlite_errorname in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
                raise AlreadyClaimed("item") from None
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


def _id(found: os.stat_result) -> _Id:
    return found.st_dev, found.st_ino


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _check_kind(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise JournalError(f"the journal's place {path} is a folder; name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise JournalError(f"the journal's place {path} is a device, a pipe or a socket; name a file")
    if found.st_nlink > 1:
        raise JournalError(
            f"the journal's file {path} has a second name (a hard link), and what is written through one may be lost "
            "to the other; keep one name, or make a symbolic link"
        )
    if is_mounted(path):
        raise JournalError(
            f"the journal's file {path} is mounted by itself, and the files beside it, which belong to it, are not; "
            "mount its folder instead"
        )


def _make_folders(folder: Path) -> None:
    """Those that are missing, each for its owner alone."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def _lock(file: IO[bytes]) -> None:
    """Lock *file*; ``BlockingIOError`` where another process has, another ``OSError`` where locks do not work."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except PermissionError:
            raise BlockingIOError from None
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _leak(db: object) -> None:
    """Keep *db* from ever being closed, also when the interpreter ends."""
    _leaked.append(db)
    try:
        import ctypes

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(db))
    except ImportError:  # pragma: no cover - a Python without it keeps the list until it ends
        pass


_SAID = {
    "SQLITE_FULL": "the disk is full; free some room",
    "SQLITE_READONLY_DBMOVED": "its file was moved or deleted while it was open; put it back and run reconcile",
    "SQLITE_READONLY": "the file or its folder is read-only; make both writable for this user",
    "SQLITE_PERM": "the file may not be opened; give this user the right to",
    "SQLITE_AUTH": "the file may not be opened; give this user the right to",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that its folder exists and is writable for this user",
    "SQLITE_CORRUPT": "the file is damaged; restore it, then run reconcile",
    "SQLITE_NOTADB": "the file is not a journal, or is damaged; name another, or restore it and run reconcile",
    "SQLITE_BUSY": "the file is locked by another program; end what else has it open",
    "SQLITE_LOCKED": "the file is locked by another program; end what else has it open",
    "SQLITE_PROTOCOL": "the file is locked by another program; end what else has it open",
    "SQLITE_IOERR": "the disk does not read or write, or is full; check it and its file system",
    "SQLITE_NOLFS": "its file system does not take a file of this size; put it on another",
    "SQLITE_NOMEM": "there is no memory left; free some",
}

_ERRNO = {
    errno.ENOSPC: "the disk is full; free some room",
    errno.EDQUOT: "this user's share of the disk is used up; free some room",
    errno.EROFS: "the file system is read-only; put it on one that can be written",
    errno.EACCES: "this user may not open {0}; give it the right to, or name another place",
    errno.EPERM: "this user may not change {0}; let it own the file, or name another place",
    errno.ENOENT: "there is no {0}; check the place",
    errno.ENOTDIR: "a part of {0} is a file where a folder is needed; check the place",
    errno.ENAMETOOLONG: "the name is too long; give it a shorter one",
    errno.ELOOP: "a symbolic link leads to itself; check the place",
    errno.EMFILE: "this process has too many files open; let it have more, or find what does not close them",
    errno.ENFILE: "this machine has too many files open; let it have more",
    errno.EIO: "the disk does not read or write; check it and its file system",
    errno.ESTALE: "the network file system has lost it; put it on a local disk",
}


def _broken(error: Exception, path: Path | None = None) -> JournalError:
    name = getattr(error, "sqlite_errorname", "") or ""
    said = next((text for code, text in _SAID.items() if name.startswith(code)), None)
    if said is None and isinstance(error, OSError):
        said = _ERRNO.get(error.errno or 0, error.strerror or "the file cannot be used").format(
            error.filename or path or "the file"
        )
    return JournalError(f"the journal cannot be used: {said or error}", code=name or None)
