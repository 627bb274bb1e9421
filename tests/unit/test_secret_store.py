"""A folder as a secret store: private, whole, and one writer at a time."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from anycarrier import ConfigurationError, FileSecretStore, InvalidInput, SecretStore

NAME = "voicetel.key.0123"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def test_it_gives_back_what_was_put_and_only_if_the_old_text_was_there(folder: Path) -> None:
    store = FileSecretStore(folder)
    assert store.read(NAME) is None
    assert not store.replace(NAME, "something", "new")
    assert store.replace(NAME, None, "one")
    assert not store.replace(NAME, None, "two")
    assert store.replace(NAME, "one", "zwei \N{SNOWMAN}")
    assert FileSecretStore(str(folder)).read(NAME) == "zwei \N{SNOWMAN}"
    assert FileSecretStore(folder).read("another") is None
    assert isinstance(store, SecretStore)
    assert repr(store) == f"FileSecretStore({str(folder)!r})"


def test_folder_and_files_are_for_their_owner_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        FileSecretStore(folder / "deeper").replace(NAME, None, "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "deeper").stat().st_mode) == 0o700
    assert {one.name: stat.S_IMODE(one.stat().st_mode) for one in (folder / "deeper").iterdir()} == {
        NAME: 0o600,
        ".lock": 0o600,
    }


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_may_write_is_refused(folder: Path, mode: int) -> None:
    store = FileSecretStore(folder)
    store.replace(NAME, None, "text")
    folder.chmod(mode)
    for use in (lambda: store.read(NAME), lambda: store.replace(NAME, "text", "new")):
        with pytest.raises(ConfigurationError, match="others may write into the folder"):
            use()
    folder.chmod(0o755)
    assert store.read(NAME) == "text", "that others may list it does no harm"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(folder: Path, mode: int) -> None:
    store = FileSecretStore(folder)
    store.replace(NAME, None, "text")
    (folder / NAME).chmod(mode)
    for use in (lambda: store.read(NAME), lambda: store.replace(NAME, "text", "new")):
        with pytest.raises(ConfigurationError, match=r"others may read .* chmod 600"):
            use()


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    store = FileSecretStore(folder)
    store.replace("other", None, "text")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("text")
    elsewhere.chmod(0o600)
    (folder / NAME).symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        store.read(NAME)
    (folder / ".lock").unlink()
    (folder / ".lock").symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        store.replace("other", "text", "new")


def test_what_is_no_folder_or_was_not_written_by_a_store_is_said(folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(ConfigurationError, match="is no folder"):
        FileSecretStore(folder).read(NAME)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        FileSecretStore(folder / "below").replace(NAME, None, "text")
    folder.unlink()
    store = FileSecretStore(folder)
    store.replace(NAME, None, "text")
    for content in (b"\xff\xfe", b"x" * 100_001):
        (folder / NAME).write_bytes(content)
        with pytest.raises(ConfigurationError, match="was not written by a secret store"):
            store.read(NAME)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
@pytest.mark.timeout(10)
def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(folder: Path) -> None:
    store = FileSecretStore(folder)
    store.replace("other", None, "x")
    os.mkfifo(folder / "key", 0o600)
    for used in (lambda: store.read("key"), lambda: store.replace("key", None, "new")):
        with pytest.raises(ConfigurationError, match="is no file of a secret store"):
            used()


def test_a_half_written_file_of_a_killed_process_is_passed_over(folder: Path) -> None:
    store = FileSecretStore(folder)
    store.replace(NAME, None, "text")
    (folder / ".new").write_text("ha")
    assert store.read(NAME) == "text"
    assert store.replace(NAME, "text", "new")
    assert store.read(NAME) == "new"


def test_a_write_that_fails_leaves_the_old_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileSecretStore(folder)
    store.replace(NAME, None, "text")

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        store.replace(NAME, "text", "new")
    assert store.read(NAME) == "text"


@pytest.mark.parametrize("name", ["", "../x", ".lock", "a/b", "x" * 101, "a\n", 5])
def test_a_name_is_no_path(folder: Path, name: Any) -> None:
    for use in (lambda: FileSecretStore(folder).read(name), lambda: FileSecretStore(folder).replace(name, None, "x")):
        with pytest.raises(InvalidInput, match="name must be"):
            use()


@pytest.mark.parametrize("value", ["", None, 5, "\0", "~nobody-of-this-name/x"])
def test_a_folder_is_a_path(value: Any) -> None:
    with pytest.raises(InvalidInput, match="folder "):
        FileSecretStore(value)


def test_of_many_threads_none_loses_a_change(folder: Path) -> None:
    def count(_: int) -> None:
        store = FileSecretStore(folder)  # each has a lock of its own on the file, as a process has
        while True:
            old = store.read(NAME)
            if store.replace(NAME, old, str(int(old or 0) + 1)):
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    assert FileSecretStore(folder).read(NAME) == "40"
