"""The journal on PostgreSQL, for workers on many machines. Needs the extra ``anycarrier[postgres]``.

No state lives in the session: behind a pooler the next transaction may be on another connection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import proxy

from anycarrier.errors import ConfigurationError, JournalError
from anycarrier.installation import how_to_install
from anycarrier.purchase.journal.database import Database, Session
from anycarrier.purchase.journal.location import passwords
from anycarrier.purchase.journal.types import AlreadyClaimed, JournalLost

if TYPE_CHECKING:
    import psycopg

__all__ = ["CONNECTIONS", "PostgresDatabase"]

CONNECTIONS = 8
"""Connections of one process at most. Each is made when that many transactions are under way for the first time."""

_TIME = "SELECT extract(epoch FROM clock_timestamp())::double precision"
_TURN = "SELECT pg_advisory_xact_lock(7101, 1)"
"""A lock of the database that no row bears; the numbers are ours."""

# A commit is on the disk when it returns, whatever the server's default is. One message for all, and the time, which
# nearly every transaction needs first: no round trip more.
_BEGIN = "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '20s'"


class PostgresDatabase(Database):
    """Some connections, so that the commits of orders which are worked on at once wait for the disk together. All times
    are the server's.

    Args:
        dsn: a connection string; credentials belong into a service file or ``~/.pgpass``.
        connections: number of connections at most.
    """

    dialect = "postgres"

    def __init__(self, dsn: str, connections: int = CONNECTIONS) -> None:
        try:
            import psycopg
            from psycopg.conninfo import conninfo_to_dict
        except ImportError:
            raise ConfigurationError(f"a journal on PostgreSQL needs psycopg: {how_to_install('postgres')}") from None
        # Hidden: it may hold a password, and this object may be printed. Nothing is prepared: behind a pooler the next
        # statement may be on another connection.
        self.dial: Callable[[], psycopg.Connection[tuple[object, ...]]] = lambda: psycopg.connect(
            dsn, autocommit=True, connect_timeout=10, application_name="anycarrier", prepare_threshold=None
        )
        self._passwords = passwords(dsn)
        self.another: Callable[[], PostgresDatabase] = lambda: PostgresDatabase(dsn, 1)
        """Connects once more to the same database."""
        self.losses = 0
        """Number of connections that broke: idle ones that are older have probably broken too."""
        self._sessions = tuple(PostgresSession(self) for _ in range(connections))
        super().__init__()
        understood = True
        try:
            conninfo_to_dict(dsn)
        except psycopg.Error:  # which quotes the address
            understood = False
        if not understood:
            raise ConfigurationError(
                "the journal's address is not one that PostgreSQL's own library reads; write it as "
                "postgresql://user@host:5432/database"
            )
        try:
            with self.transaction(writes=False):
                pass
        except JournalLost as lost:
            raise JournalError(
                f"the journal's database cannot be reached: {lost.said}; check its address, and that it runs"
            ) from None

    @property
    def sessions(self) -> Sequence[Session]:
        return self._sessions

    def now(self) -> str:
        """The time as an expression in SQL."""
        return f"({_TIME})"


class PostgresSession(Session):
    """One connection of a database."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__()
        import psycopg

        self._psycopg = psycopg
        self._database = proxy(database)  # which holds this object: together they would wait for the collector
        self._db: psycopg.Connection[tuple[object, ...]] | None = None
        self._began: float | None = None
        self._losses = 0

    @property
    def connection(self) -> psycopg.Connection[tuple[object, ...]]:
        """See :class:`~anycarrier.purchase.journal.database.Transaction`."""
        if self._db is None:
            raise JournalLost("no connection to PostgreSQL")
        return self._db

    def run(self, sql: str, *values: object) -> int:
        return self._execute(sql, values).rowcount

    def rows(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        return self._execute(sql, values).fetchall()

    def insert_many(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        if self._db is None:
            raise JournalLost("no connection to PostgreSQL")
        self._began = None
        try:
            with self._db.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        except self._psycopg.Error as error:
            raise self._broken(error) from None

    def time(self) -> float:
        if self._began is None:  # a statement came in between, which may have waited for others
            return float(self.rows(f"SELECT {self.now()}")[0][0])
        return self._began

    def now(self) -> str:
        said: str = self._database.now()
        return said

    def take_turn(self) -> None:
        self._execute(_TURN)

    def begin_alone(self, writes: bool) -> None:
        self._connect()

    def begin(self, writes: bool) -> None:
        self._begin(_BEGIN)

    def begin_in_turn(self) -> None:
        self._begin(f"{_BEGIN}; {_TURN}")

    def _begin(self, sql: str) -> None:
        self._connect()
        said = self._execute(f"{sql}; SELECT {self.now()}")
        while said.nextset():
            pass
        self._began = float(said.fetchall()[0][0])  # type: ignore[arg-type]

    def commit(self) -> None:
        if self._db is None or int(self._db.pgconn.transaction_status) != 0:
            self._execute("COMMIT")

    def undo(self) -> None:
        db = self._db
        if db is None:
            return
        # 0 is idle; 2 and 3 are within a transaction; else it is broken, or was interrupted in the middle of a message.
        status = int(db.pgconn.transaction_status)
        if status in (2, 3):
            with suppress(self._psycopg.Error):
                db.execute("ROLLBACK")
                return
        if status != 0:
            self._drop()

    def release(self) -> None:
        self._drop()

    def before_fork(self) -> None:
        """Nothing: a socket can be dropped in the child."""

    def in_child(self) -> None:
        # Never a word to the server, which would end the parent's session; and the copy must go, or the server would
        # not notice that the parent died. The library does not touch a connection that another process made.
        db, self._db = self._db, None
        if db is not None:
            with suppress(self._psycopg.Error, OSError):
                os.close(db.pgconn.socket)

    def _connect(self) -> None:
        losses = self._database.losses
        if self._db is not None and self._losses == losses:
            return
        self._drop()
        try:
            self._db, self._losses = self._database.dial(), losses
        except self._psycopg.Error as error:
            broken = self._broken(error)
        else:
            return
        raise broken  # here, and not led to by what the library raised: that holds the password

    def _execute(self, sql: str, values: Sequence[object] = ()) -> psycopg.Cursor[tuple[object, ...]]:
        self._began = None
        if self._db is None:
            raise JournalLost("no connection to PostgreSQL")
        try:
            return self._db.execute(sql.replace("?", "%s").encode(), values or None)
        except self._psycopg.Error as error:
            raise self._broken(error) from None

    def _broken(self, error: psycopg.Error) -> Exception:
        errors = self._psycopg.errors
        if isinstance(error, errors.UniqueViolation):
            name = error.diag.constraint_name or ""
            return AlreadyClaimed(
                "number" if name.startswith(("anycarrier_one_pursuer", "anycarrier_one_port")) else "item"
            )
        # The library refused it, and the server never saw it.
        refused = error.sqlstate is None and self._db is not None and not self._db.closed
        if self._db is not None and self._db.closed:
            self._database.losses += 1
        self._drop()
        for kind, advice in (
            (errors.DiskFull, "free some room on the server's disk"),
            (errors.ReadOnlySqlTransaction, "name the server that can be written, not a copy of it"),
            (errors.InsufficientPrivilege, "give its role the right to"),
            (errors.UndefinedTable, "name the database that holds it, or restore it and run reconcile"),
        ):
            if isinstance(error, kind):
                return JournalError(f"the journal cannot be used: {_said(error)}; {advice}")
        if refused:
            return JournalError(
                "the journal cannot be used: a statement was refused before it was sent, which is a defect; report it"
            )
        if isinstance(error, self._psycopg.OperationalError | self._psycopg.InterfaceError):
            return JournalLost(_said(error))
        return JournalError(f"the journal cannot be used: {_said(error)}")

    def _drop(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with suppress(self._psycopg.Error):
                db.close()


def _said(error: psycopg.Error) -> str:
    # The server's own first line; a driver's message about connecting may quote the connection string.
    primary = error.diag.message_primary
    return primary.splitlines()[0] if primary else "no connection to PostgreSQL"
