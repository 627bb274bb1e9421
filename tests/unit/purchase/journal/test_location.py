"""A journal's file must keep what is written to it, whatever the place it was put in: else it is refused by name."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from anycarrier import JournalError
from anycarrier.purchase import journal
from anycarrier.purchase.journal import sqlite


def test_a_file_system_without_locks_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lock(_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(sqlite, "_lock", lock)
    with pytest.raises(JournalError, match=r"does not lock files \(No locks available\); put it on a local disk, or"):
        journal.open(tmp_path / "journal.sqlite")


def test_a_file_with_a_hard_link_is_refused(tmp_path: Path) -> None:
    journal.open(tmp_path / "journal.sqlite").close()
    os.link(tmp_path / "journal.sqlite", tmp_path / "other.sqlite")
    for name in ("journal.sqlite", "other.sqlite"):
        with pytest.raises(JournalError, match="has a second name"):
            journal.open(tmp_path / name)


def test_a_file_that_is_mounted_by_itself_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.open(tmp_path / "journal.sqlite").close()
    monkeypatch.setattr(sqlite, "is_mounted", lambda _: True)
    with pytest.raises(JournalError, match="mount its folder instead"):
        journal.open(tmp_path / "journal.sqlite")


@pytest.mark.parametrize("how", ["moved", "deleted", "replaced"])
def test_nothing_is_written_to_a_file_that_is_not_there_any_more(tmp_path: Path, how: str) -> None:
    path = tmp_path / "journal.sqlite"
    book = journal.open(path)
    if how == "moved":
        path.rename(tmp_path / "elsewhere.sqlite")
    else:
        path.unlink()
    if how == "replaced":
        path.write_bytes(b"")
    with pytest.raises(JournalError, match="was deleted, moved or replaced while it was open"):
        book.release_all_claims()
    book.close()


def test_behind_a_pooler_no_statement_is_prepared_in_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg")
    asked: list[dict[str, Any]] = []

    def connect(dsn: str, **how: Any) -> Any:
        asked.append(how)
        raise psycopg.OperationalError("nobody there")

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(JournalError):
        journal.open("postgresql://user@127.0.0.1:1/journal")
    assert asked
    assert all(how["prepare_threshold"] is None and how["autocommit"] for how in asked)
