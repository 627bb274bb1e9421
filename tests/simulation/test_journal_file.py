"""The journal in one file: private, one writer, its claims, its clock, and a disk that is full or damaged."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys

import pytest
from attrs import evolve

from anycarrier.attempt import ResolutionPolicy
from anycarrier.errors import JournalError
from anycarrier.purchase import journal as journals
from anycarrier.purchase.resolution import Instant, begun
from support.books import claimed, draft, made


def test_the_file_is_private_and_has_one_writer(tmp_path):
    path = tmp_path / "new" / "purchases.db"
    with journals.open(path) as journal:
        made(journal)
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        with pytest.raises(JournalError, match="open in this process already"):
            journals.open(path)
        path.chmod(0o644)
        with journals.open(path, readonly=True) as reader:
            assert reader.request_ids() == ["r"]
            with pytest.raises(JournalError, match="read-only"):
                made(reader, "s")
    with journals.open(path) as journal:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert journal._database._db.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert journal._database._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_another_process_is_kept_out_and_a_killed_one_is_not_in_the_way(tmp_path):
    path = tmp_path / "purchases.db"
    code = (
        "import sys, time; from anycarrier.purchase import journal\n"
        "j = journal.open(sys.argv[1]); print('ready', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, env=environment) as other:
        assert other.stdout.readline() == b"ready\n"
        with pytest.raises(JournalError, match="in use by another process"):
            journals.open(path)
        other.kill()
        other.wait()
        journals.open(path).close()


def test_claims_of_a_dead_process_are_free_at_once(tmp_path):
    with journals.open(tmp_path / "p.db") as journal:
        (item,) = made(journal)
        journal.claim(item, "dead")
    with journals.open(tmp_path / "p.db") as journal:
        assert journal.claim(item, "me")[1]


def test_the_clock_of_a_file_does_not_follow_the_system_s(tmp_path, monkeypatch):
    import time

    with journals.open(tmp_path / "p.db") as journal:
        before = journal._database.time()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    with journals.open(tmp_path / "p.db") as journal:
        assert 0 <= journal._database.time() - before < 60


@pytest.mark.parametrize("damage", ["not a database", "cut"])
def test_a_damaged_file_is_refused(tmp_path, damage):
    path = tmp_path / "p.db"
    with journals.open(path) as journal:
        made(journal)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:6000])
    else:
        path.write_bytes(b"x" * 8192)
    with pytest.raises(JournalError, match=r"the file is damaged; restore|not a journal, or is damaged"):
        _use(path)


def _use(path):
    with journals.open(path) as journal:
        made(journal, "s")
        journal.load("r#1")


def test_a_full_disk_is_said_before_anything_is_sent(tmp_path):
    path = tmp_path / "p.db"
    with journals.open(path) as journal:
        item = claimed(journal)
        journal._database._db.execute("PRAGMA max_page_count = 1")
        big = evolve(draft(), body=b"x" * 5_000_000)
        with pytest.raises(JournalError, match="disk is full") as caught:
            journal.begin(item, "me", begun(big, ResolutionPolicy(), Instant(1, 1)))
        assert not caught.value.maybe_applied
        assert journal.entries() == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(JournalError, match=r"the journal cannot be used: .*check the place"):
        journals.open("/proc/nowhere/p.db")
    with pytest.raises(JournalError, match="there is no journal at"):
        journals.open(tmp_path / "none.db", readonly=True)


def test_where_it_is_by_default(monkeypatch, tmp_path):
    monkeypatch.delenv("ANYCARRIER_JOURNAL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert journals.default_path() == tmp_path / "anycarrier" / "journal.sqlite"
    journals.open().close()
    assert (tmp_path / "anycarrier" / "journal.sqlite").exists()
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "elsewhere.db"))
    journals.open().close()
    assert (tmp_path / "elsewhere.db").exists()
    monkeypatch.setenv("ANYCARRIER_JOURNAL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(JournalError, match="cannot be reached"):
        journals.open()


def test_locked_by_another_program(tmp_path):
    path = tmp_path / "p.db"
    with journals.open(path) as journal:
        journal._database._db.execute("PRAGMA busy_timeout = 1")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="locked"):
            made(journal)
        other.execute("ROLLBACK")
        other.close()
        assert made(journal) == ["r#1"]
