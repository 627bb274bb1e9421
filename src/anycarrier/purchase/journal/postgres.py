"""The journal on PostgreSQL, for workers on many machines. Needs the extra ``anycarrier[postgres]``."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from anycarrier.errors import ConfigurationError, JournalError
from anycarrier.purchase.journal.records import JournalLost, Occupied

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresDatabase"]


class PostgresDatabase:
    """One connection, made again when it breaks. All times are the server's.

    Args:
        dsn: a connection string; credentials belong into a service file or ``~/.pgpass``.
    """

    dialect = "postgres"

    def __init__(self, dsn: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise ConfigurationError("a journal on PostgreSQL needs: pip install 'anycarrier[postgres]'") from None
        self._psycopg = psycopg
        self._dsn = dsn
        self._lock = threading.RLock()
        self._db: psycopg.Connection[tuple[Any, ...]] | None = None
        try:
            with self.transaction():
                pass
        except JournalLost as lost:
            raise JournalError(f"the journal's database cannot be reached: {lost}. Nothing was sent") from None

    @contextmanager
    def transaction(self) -> Iterator[PostgresDatabase]:
        with self._lock, self._guarded():
            if self._db is None:
                self._db = self._connect()
            with self._db.transaction():
                yield self

    def run(self, sql: str, *values: Any) -> int:
        return self._execute(sql, values).rowcount

    def rows(self, sql: str, *values: Any) -> Sequence[Sequence[Any]]:
        return self._execute(sql, values).fetchall()

    def time(self) -> float:
        return float(self.rows("SELECT extract(epoch FROM clock_timestamp())::double precision")[0][0])

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        db = self._psycopg.connect(self._dsn, autocommit=True, connect_timeout=10, application_name="anycarrier")
        # A commit is on the disk when it returns, whatever the server's default is.
        db.execute("SET synchronous_commit = on")
        db.execute("SET lock_timeout = '20s'")
        return db

    def _execute(self, sql: str, values: Sequence[Any]) -> psycopg.Cursor[tuple[Any, ...]]:
        assert self._db is not None  # noqa: S101 - only within a transaction
        return self._db.execute(sql.replace("?", "%s").encode(), values or None)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        errors = self._psycopg.errors
        try:
            yield
        except errors.UniqueViolation as error:
            name = error.diag.constraint_name or ""
            raise Occupied("number" if name.startswith("anycarrier_one_pursuer") else "intent") from None
        except (errors.DiskFull, errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege) as error:
            self._drop()
            raise JournalError(f"the journal cannot be used: {_said(error)}. Nothing was sent") from None
        except (self._psycopg.OperationalError, self._psycopg.InterfaceError) as error:
            self._drop()
            raise JournalLost(_said(error)) from None
        except self._psycopg.Error as error:
            self._drop()
            raise JournalError(f"the journal cannot be used: {_said(error)}. Nothing was sent") from None

    def _drop(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()


def _said(error: psycopg.Error) -> str:
    # The server's own first line; a driver's message about connecting may quote the connection string.
    primary = error.diag.message_primary
    return primary.splitlines()[0] if primary else "no connection to PostgreSQL"
