"""A store of the application in which its processes share credentials that they obtain: keys and tokens.

Six keys an hour may be fetched with a password, and a refresh token is good once. A store lets one process obtain them
for all. Nothing of it ever goes into the purchase journal.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.validation import shape

__all__ = ["FileSecretStore", "SecretStore"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
LONGEST = 100_000
"""Bytes of an entry; whatever is longer was not written by a store."""


@runtime_checkable
class SecretStore(Protocol):
    """A store for short texts that are secret, such as a table, Redis or Vault.

    Both methods may block: they run where no event loop waits, in several threads at once. Where one raises, the
    request that needed it is not sent, and its caller gets a :class:`~anycarrier.errors.ConfigurationError` that names
    the kind of what was raised.
    """

    def read(self, name: str) -> str | None:
        """The text under *name*, or ``None``.

        A name is up to 100 letters, digits, ``_``, ``.`` and ``-``, and holds no secret.
        """
        ...

    def replace(self, name: str, old: str | None, new: str) -> bool:
        """Put *new* under *name* in one step if *old* is there now (``None``: nothing is); return whether it was.

        What was put must survive a crash. The caller reads again after ``False``.
        """
        ...


class FileSecretStore:
    """A folder of small files, for processes of one user on one machine.

    Files are readable by their owner alone and are replaced as a whole, under a lock. The folder is made where it is
    missing; one that others may write is refused, and so is a file that others may read.

    Args:
        folder: where; ``~`` is the home folder.

    Raises:
        InvalidInput: *folder* is no path.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        given: object = folder
        if not isinstance(given, str | os.PathLike) or not os.fspath(given) or "\0" in str(given):
            raise InvalidInput(f"folder must be a path, such as '/run/app/secrets', not {shape(given)}")
        try:
            self.folder = Path(folder).expanduser()
        except RuntimeError:
            raise InvalidInput("folder begins with the home folder of a user who does not exist here") from None

    def read(self, name: str) -> str | None:
        """The text under *name*, or ``None``.

        Raises:
            ConfigurationError: the folder or the file cannot be used, or is open to others.
        """
        path = self._path(name)
        with self._faults():
            self._check_folder(make=False)
            return _read(path)

    def replace(self, name: str, old: str | None, new: str) -> bool:
        """Put *new* in the place of *old*, if that is there; return whether it was.

        Raises:
            ConfigurationError: the folder or the file cannot be used, or is open to others.
        """
        path = self._path(name)
        with self._faults():
            self._check_folder(make=True)
            with _locked(self.folder / ".lock"):
                if _read(path) != old:
                    return False
                self._write(path, new)
                return True

    def __repr__(self) -> str:
        return f"FileSecretStore({str(self.folder)!r})"

    def _path(self, name: str) -> Path:
        given: object = name
        if not isinstance(given, str) or not NAME.fullmatch(given):
            raise InvalidInput(f"name must be up to 100 letters, digits, '_', '.' and '-', not {shape(given)}")
        return self.folder / name

    def _write(self, path: Path, text: str) -> None:
        # The lock is ours, so a file of this name was left by a process that was killed.
        fresh = self.folder / ".new"
        with suppress(FileNotFoundError):
            fresh.unlink()
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        with suppress(PermissionError):  # Windows opens no folders
            descriptor = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _check_folder(self, *, make: bool) -> None:
        if make and not self.folder.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            found = self.folder.stat()
        except FileNotFoundError:
            return
        if not stat.S_ISDIR(found.st_mode):
            raise ConfigurationError(f"the secret store {self.folder} is no folder; name one")
        if os.name == "posix":
            if found.st_uid not in (0, os.geteuid()):
                raise ConfigurationError(
                    f"the secret store {self.folder} belongs to another user; name a folder of yours"
                )
            if found.st_mode & 0o022:
                raise ConfigurationError(
                    f"others may write into the folder {self.folder} of the secret store: run chmod 700 on it"
                )

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigurationError(
                f"the secret store {self.folder} cannot be used ({error.strerror or type(error).__name__}): it must be "
                "a folder that this user may write, on a file system with locks"
            ) from None


def _read(path: Path) -> str | None:
    try:
        # Opening a pipe waits for one who writes into it, unless it is opened so.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ConfigurationError(f"{path} is no file of a secret store: delete it")
        if os.name == "posix" and (found.st_mode & 0o077 or found.st_uid != os.geteuid()):
            raise ConfigurationError(f"others may read {path}, which holds secrets: run chmod 600 on it")
        content = file.read(LONGEST + 1)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = None
    if text is None or len(content) > LONGEST:
        raise ConfigurationError(f"{path} was not written by a secret store: delete it") from None
    return text


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of the folder, which the system drops when the process ends."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600), "r+b") as file:
        try:
            import fcntl
        except ImportError:  # pragma: no cover - Windows
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
