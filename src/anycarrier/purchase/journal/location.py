"""Location of a journal: one file or one database, however it is spelled.

A location that is not understood is refused and never quoted, since it may hold a password. It is never taken for a
file name either: each machine would then have a journal of its own.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.secret import Secret
from anycarrier.settings import home_folder

__all__ = ["default_path", "file_of", "is_mounted", "passwords", "place_of", "shown"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9.+-]+):")
_POSTGRES = frozenset({"postgres", "postgresql", "pgsql"})
_FILE = frozenset({"sqlite", "sqlite3", "file"})
_SETTING = re.compile(r"([A-Za-z_]+)\s*=")
_LIBPQ = frozenset(
    {
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "passfile",
        "service",
        "sslmode",
        "connect_timeout",
        "target_session_attrs",
        "application_name",
        "options",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "channel_binding",
        "require_auth",
        "gssencmode",
        "krbsrvname",
        "requirepeer",
        "load_balance_hosts",
    }
)
_SECRET = re.compile(r"(?i)(password|passwd|pwd)\s*=")

_FORMS = "write a path, or postgresql://..."


def place_of(where: object) -> Path | str:
    """A file's path (``:memory:`` too), or an address of PostgreSQL as its library reads it.

    Raises:
        ConfigurationError: it names neither.
        InvalidInput: it is neither text nor a path.
    """
    if isinstance(where, os.PathLike):
        plain = where.__fspath__()
        if not isinstance(plain, str):
            raise InvalidInput("where must be text or a path of text")
        if _SCHEME.match(plain) and re.match(r"[A-Za-z0-9.+-]+:/", plain) and not _is_drive(plain):
            raise ConfigurationError("the journal's place is an address made into a path; give it as text")
        return _path(plain)
    if not isinstance(where, str):
        raise InvalidInput(f"where must be text or a path, got {type(where).__name__}")
    text = _unquoted(where)
    if not text:
        raise ConfigurationError(f"the journal's place is empty; {_FORMS}")
    if text == ":memory:":
        return text
    return _address(text) or _path(text)


def file_of(where: str | Path) -> Path:
    """The one name of a file: absolute, without links."""
    path = _path(os.fspath(where))
    try:
        return Path(os.path.realpath(path))
    except FileNotFoundError:  # only of a relative one
        raise ConfigurationError(
            "the folder in which this runs was deleted, and the journal's place is relative to it; write the whole path"
        ) from None


_PASSWORD = re.compile(r"""(?i)(?:(?:password|passwd|pwd)\s*=\s*(?:'([^']*)'?|([^\s&']+))|://[^:@/?#\s]*:([^@\s]*)@)""")


def passwords(where: object) -> list[Secret]:
    """The passwords that an address may hold, known as secrets as long as the list is there."""
    found = _PASSWORD.findall(where) if isinstance(where, str) else ()
    return [Secret(text) for each in found for one in each if one for text in {one, unquote(one)}]


def shown(where: object) -> str:
    """*where* without anything secret; nothing of it where it is not understood."""
    try:
        place = place_of(where)
    except (ConfigurationError, InvalidInput):
        return "(a place that is not understood)"
    if isinstance(place, Path) or place == ":memory:":
        return str(place)
    if not place.startswith("postgresql://"):
        known = dict(re.findall(r"(host|port|dbname|user|service)\s*=\s*([A-Za-z0-9_./:-]+)", place))
        return " ".join(f"{name}={value}" for name, value in known.items()) or "postgresql://..."
    try:
        parts = urlsplit(place)
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "postgresql://..."
    user = f"{parts.username}@" if parts.username else ""
    return f"postgresql://{user}{host}{parts.path}"


def default_path() -> Path:
    """``anycarrier/journal.sqlite`` in the user's data folder."""
    base = os.environ.get("XDG_DATA_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    if base and Path(base).is_absolute():  # the specification of XDG says to pass over any other
        return Path(base) / "anycarrier" / "journal.sqlite"
    home = home_folder()
    if home is None:
        raise ConfigurationError(
            "there is no home folder to keep the purchase journal in: set HOME to a whole path, or ANYCARRIER_JOURNAL "
            "to a file or postgresql://..."
        )
    return home / ".local" / "share" / "anycarrier" / "journal.sqlite"


def is_mounted(path: Path) -> bool:
    """Return whether the file alone is mounted, as containers do."""
    if os.path.ismount(path):
        return True
    try:
        lines = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    points = (line.split(" ")[4] for line in lines if line.count(" ") > 4)
    return str(path) in {re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point) for point in points}


def _unquoted(text: str) -> str:
    text = text.strip().removeprefix("\ufeff").strip()
    # Some readers of .env files keep the quotes.
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def _address(text: str) -> str | None:
    """*text* as an address of PostgreSQL; ``None`` when it is a path."""
    found = _SCHEME.match(text)
    if found is not None and not _is_drive(text):
        base, _, _ = found[1].lower().partition("+")
        rest = text[found.end() :]
        if base in _POSTGRES and rest.startswith("//"):
            return f"postgresql:{rest}"
        if base in _FILE:
            raise ConfigurationError("the journal's place is the address of a file; write its path alone")
        raise ConfigurationError(
            f"the journal's place is an address of a kind that is not supported; {_FORMS} "
            "(a file whose name holds a colon begins with ./)"
        )
    setting = _SETTING.match(text)
    if setting is not None and setting[1].lower() in _LIBPQ and ";" not in text:
        return text
    if _SECRET.search(text) or (text.startswith("//") and "@" in text) or re.match(r"[^/]*:[^/]*@", text):
        raise ConfigurationError(f"the journal's place looks like the address of a database; {_FORMS}")
    return None


def _path(text: str) -> Path:
    if not text.strip():
        raise ConfigurationError(f"the journal's place is empty; {_FORMS}")
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ConfigurationError("the journal's place holds a control character; write a path without")
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise ConfigurationError("the journal's place holds a character that no file name can; write another") from None
    if text.startswith("$") or "${" in text or re.match(r"%[A-Za-z_]+%", text):
        raise ConfigurationError("the journal's place holds a variable, which is not filled in here; write it out")
    if text.endswith(("/", os.sep)):
        raise ConfigurationError("the journal's place is a folder; name a file in it")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        path = None
    if path is None or (path.parts != Path(text).parts and home_folder() is None):
        raise ConfigurationError("the journal's place begins with ~, and that home folder is not known")
    return path


def _is_drive(text: str) -> bool:
    return os.name == "nt" and re.match(r"[A-Za-z]:", text) is not None
