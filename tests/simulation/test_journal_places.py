"""One journal has one place, however it is named; what cannot keep commits is refused, nothing secret is repeated."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from anycarrier.errors import AnyCarrierError, ConfigurationError, InvalidInput, JournalError
from anycarrier.model import Money
from anycarrier.purchase import journal as journals
from anycarrier.purchase.journal import OrderRecord, location

SECRET = "s3cretvalue"


def on_record(path):
    with journals.open(path, readonly=True) as book:
        return book.request_ids()


def put(path):
    with journals.open(path) as book:
        book.create(OrderRecord(id="r", digest="d", order="{}"), 1, 100.0)


@pytest.mark.parametrize(
    "form",
    [
        "postgresql://u:{}@h:5/book",
        "postgres://u:{}@h:5/book",
        "POSTGRESQL://u:{}@h:5/book",
        "pgsql://u:{}@h:5/book",
        " postgresql://u:{}@h:5/book\n",
        '"postgresql://u:{}@h:5/book"',
        "postgresql+psycopg://u:{}@h:5/book",
        "postgresql+asyncpg://u:{}@h:5/book",
        "host=h port=5 dbname=book user=u password={}",
    ],
)
def test_a_database_in_any_spelling_is_that_database(form):
    place = location.place_of(form.format(SECRET))
    assert place.startswith(("postgresql://u:", "host=h"))
    assert SECRET not in location.shown(form.format(SECRET))
    assert "book" in location.shown(form.format(SECRET))


@pytest.mark.parametrize(
    "form",
    [
        "mysql://u:{}@h/book", "mongodb+srv://u:{}@h/book", "jdbc:postgresql://u:{}@h/book", "postgresql:u:{}@h/book",
        "u:{}@h/book", "//u:{}@h/book", "Server=h;Password={}", "Host=h;Password={}", "sqlite:///{}",
        "file:{}?mode=rwc", "sqlite:{}", "${{{}}}/book", "$HOME/{}", "%APPDATA%/{}", "{}\0", "{}\nx", "{}/", "\ud800{}",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_not_repeated(form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        journals.open(form.format(SECRET))
    assert SECRET not in str(caught.value)
    assert location.shown(form.format(SECRET)) == "(a place that is not understood)"
    assert list(tmp_path.iterdir()) == []


def test_what_names_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for empty in ("", "  ", '""'):
        with pytest.raises(ConfigurationError, match="empty"):
            journals.open(empty)
    for odd in (5, True, b"journal"):
        with pytest.raises(InvalidInput, match="where must be text"):
            journals.open(odd)
    monkeypatch.setenv("ANYCARRIER_JOURNAL", "")
    with pytest.raises(ConfigurationError, match="empty"):
        journals.open()
    from pathlib import Path

    with pytest.raises(ConfigurationError, match="give it as text"):
        journals.open(Path("postgresql://me@h/book"))
    assert list(tmp_path.iterdir()) == []


def test_every_name_of_a_file_is_the_same_journal(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    put("~/book.sqlite")
    (home / "link.sqlite").symlink_to("book.sqlite")
    (tmp_path / "other").symlink_to(home)
    names = ["book.sqlite", "./book.sqlite", "~/book.sqlite", str(home / "x" / ".." / "book.sqlite"), "link.sqlite"]
    names += [str(tmp_path / "other" / "link.sqlite"), f"  {home}/book.sqlite\n"]
    for name in names:
        assert on_record(name) == ["r"], name
        with journals.open("book.sqlite"), pytest.raises(JournalError, match="open in this process already"):
            journals.open(name)
    assert sorted(one.name for one in home.iterdir()) == ["book.sqlite", "book.sqlite.lock", "link.sqlite"]


def test_a_file_with_two_names_or_mounted_alone_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "book.sqlite"
    put(path)
    os.link(path, tmp_path / "second.sqlite")
    for readonly in (False, True):
        with pytest.raises(JournalError, match="second name"):
            journals.open(path, readonly=readonly)
    (tmp_path / "second.sqlite").unlink()
    monkeypatch.setattr("anycarrier.purchase.journal.sqlite.is_mounted", lambda one: one == path)
    with pytest.raises(JournalError, match="mount its folder"):
        journals.open(path)


def test_mount_points_are_read_from_the_kernel(tmp_path, monkeypatch):
    path = tmp_path / "my book.sqlite"
    path.write_bytes(b"")
    assert not location.is_mounted(path)
    line = f"36 35 98:0 /x {str(path).replace(' ', chr(92) + '040')} rw,noatime master:1 - ext4 /dev/root rw"
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_, **__: f"1 2 3:4 / / rw - ext4 x rw\n{line}\n")
    assert location.is_mounted(path)
    assert not location.is_mounted(tmp_path / "other")


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for where, said in ((tmp_path, "is a folder"), (tmp_path / "pipe", "a pipe"), ("/dev/null", "a device")):
        with pytest.raises(JournalError, match=said):
            journals.open(where)
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]


def test_a_journal_that_should_be_there_and_is_not(tmp_path):
    for how in ({"readonly": True}, {"create": False}):
        with pytest.raises(JournalError, match=r"there is no journal at .*; check the place"):
            journals.open(tmp_path / "new" / "book.sqlite", **how)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_are_made_are_private_all(tmp_path):
    before = os.umask(0o002)
    try:
        put(tmp_path / "a" / "b" / "book.sqlite")
    finally:
        os.umask(before)
    for one in (tmp_path / "a", tmp_path / "a" / "b"):
        assert stat.S_IMODE(one.stat().st_mode) == 0o700
    for one in (tmp_path / "a" / "b").iterdir():
        assert stat.S_IMODE(one.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EIO, errno.ESTALE, errno.EPERM]
)
def test_a_file_system_without_locks_is_said_as_that(tmp_path, monkeypatch, code):
    fcntl = pytest.importorskip("fcntl", reason="locks of POSIX")

    def flock(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(JournalError, match=r"does not lock files .*; put it on a local disk") as caught:
        journals.open(tmp_path / "book.sqlite")
    assert "another process" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "advice"),
    [(errno.ENOSPC, "free some room"), (errno.EROFS, "read-only"), (errno.EACCES, "give it the right")],
)
def test_what_the_system_refuses_says_what_to_do(tmp_path, monkeypatch, code, advice):
    def refused(*_, **__):
        raise OSError(code, os.strerror(code), "book")

    monkeypatch.setattr("anycarrier.purchase.journal.sqlite.os.open", refused)
    with pytest.raises(JournalError, match=f"the journal cannot be used: .*{advice}") as caught:
        journals.open(tmp_path / "book.sqlite")
    assert "Nothing was sent" not in str(caught.value)  # who knows the order says it


@pytest.mark.parametrize("lease", [0, -1, float("nan"), float("inf"), "60", True, None, 3601])
def test_a_lease_that_is_none_is_refused(lease):
    with pytest.raises(InvalidInput, match="lease must be a number of seconds"):
        journals.open(":memory:", lease=lease)


def test_a_cap_of_the_day_is_money():
    with pytest.raises(InvalidInput, match="day_cap must be Money"):
        journals.open(":memory:", day_cap="20")
    journals.open(":memory:", day_cap=Money("20")).close()


def test_the_default_place_is_absolute_or_said_to_be_missing(monkeypatch, tmp_path):
    monkeypatch.delenv("ANYCARRIER_JOURNAL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert journals.default_path() == tmp_path / ".local" / "share" / "anycarrier" / "journal.sqlite"

    def none(*_):
        raise RuntimeError

    monkeypatch.setattr("pathlib.Path.home", none)
    with pytest.raises(AnyCarrierError, match="no home folder"):
        journals.open()
