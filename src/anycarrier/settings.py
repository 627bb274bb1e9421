"""A provider's settings: from arguments, from the environment, from a file of named accounts.

An adapter's settings are the keyword arguments of its class. Arguments win over the environment
(``ANYCARRIER_<PROVIDER>_<SETTING>``, such as ``ANYCARRIER_ACME_API_KEY``). A file holds accounts by name::

    [accounts.main]
    provider = "acme"
    api_key = "..."

:func:`anycarrier.registry.account` reads one of them. A named account takes nothing from the environment, since
credentials there may be another account's.

White space around a variable's value is dropped. A variable that is empty, or whose value is in quotes, is refused:
something was meant by it, and it does not say what.
"""

from __future__ import annotations

import inspect
import os
import re
import stat
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anycarrier.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "SHARED",
    "build",
    "config_path",
    "environment_value",
    "from_environment",
    "from_text",
    "private_text",
    "read_accounts",
    "setting_names",
    "variable",
]

PREFIX = "ANYCARRIER"
CONFIG = f"{PREFIX}_CONFIG"
SHARED = f"{PREFIX}_CONFIG_SHARED"
"""The variable that allows an accounts file that others may read."""
LONGEST = 1_000_000
"""Bytes of an accounts file; whatever is longer is none."""


def setting_names(cls: type[object]) -> tuple[str, ...]:
    """The settings that a provider class takes."""
    return tuple(
        name
        for name, parameter in inspect.signature(cls).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    )


def variable(provider: str, setting: str) -> str:
    """The environment's variable for a setting, such as ``ANYCARRIER_ACME_API_KEY``."""
    return f"{PREFIX}_{provider}_{setting}".upper()


def from_text(cls: type[Any], name: str, text: str) -> Any:
    """The value of a setting from its text: yes or no where the setting's default is a ``bool``.

    Raises:
        ConfigurationError: neither; the text itself is not repeated.
    """
    if name not in _flags(cls):
        return text
    word = text.strip().casefold()
    if word not in _YES and word not in _NO:
        problem = f"{name} must be true or false"
        raise ConfigurationError(f"settings: {problem}", provider=cls.name, problems=(problem,))
    return word in _YES


_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


def _flags(cls: type[object]) -> frozenset[str]:
    parameters = inspect.signature(cls).parameters
    return frozenset(name for name, parameter in parameters.items() if isinstance(parameter.default, bool))


def environment_value(name: str) -> str | None:
    """The value of the environment's variable *name*; ``None`` where it is not set.

    Raises:
        ConfigurationError: it is empty, stands in quotes, or names another variable; the value itself is not repeated.
    """
    found = os.environ.get(name)
    if found is None:
        return None
    value = found.strip()
    if not value:
        raise ConfigurationError(f"{name} is set and empty: unset it, or give it a value")
    if value[0] in _QUOTES and value[-1] == value[0]:
        raise ConfigurationError(f"{name} is in quotes, which would count as part of it: write it without them")
    if _UNFILLED.fullmatch(value):
        raise ConfigurationError(f"{name} {_NOT_FILLED}")
    return value


_QUOTES = "\"'`"
_UNFILLED = re.compile(r"\$\{\w+\}|\$[A-Z_][A-Z0-9_]+|%[A-Z_][A-Z0-9_]+%|\{\{.*\}\}", re.ASCII)
_NOT_FILLED = "holds the name of a variable, which is not filled in here: write its value"


def from_environment(cls: type[Any], given: Mapping[str, object]) -> tuple[dict[str, str], list[str]]:
    """The settings of the environment as text, without those that the caller sets; and their faults."""
    found: dict[str, str] = {}
    problems: list[str] = []
    for name in setting_names(cls):
        if name in given:
            continue
        try:
            value = environment_value(variable(cls.name, name))
        except ConfigurationError as error:
            problems.append(error.message)
        else:
            if value is not None and not value.isprintable():
                problems.append(f"{variable(cls.name, name)} holds characters that cannot be printed")
            elif value is not None:
                found[name] = value
    return found, problems


def build(
    cls: type[Any],
    arguments: Mapping[str, object],
    stored: Mapping[str, object],
    *,
    where: str = "",
    problems: Sequence[str] = (),
    place: Callable[[str], str] | None = None,
) -> Any:
    """An object of the provider class *cls*.

    Args:
        cls: the class.
        arguments: settings of a call, which win.
        stored: settings from the environment or a file, where a yes or no may be text.
        where: prefix of the names of settings that do not exist.
        problems: faults that are known already.
        place: the place in which a setting is looked for, in words, such as ``in the environment as ...``.

    Raises:
        ConfigurationError: lists every fault: *problems*, unknown names, and those that the class finds.
    """
    known = setting_names(cls)
    unknown = sorted({*arguments, *stored} - {*known})
    found = [*problems, *(f"{where}{name} is not a setting{_meant(name, known)}" for name in unknown)]
    values, wrong = _checked(cls, arguments, stored)
    found += wrong
    made: object = None
    try:
        made = cls(**values)
    except ConfigurationError as error:
        if not found and not error.problems:
            raise
        said = {
            name for name in known if any(one.startswith((f"{name} ", f"{variable(cls.name, name)} ")) for one in found)
        }
        more = [_placed(one, known, place) for one in error.problems if not _is_missing(one, said)]
        found += more if error.problems else [error.message]
    if found:
        takes = f"; {cls.name} takes {', '.join(known)}" if unknown else ""
        raise ConfigurationError(f"settings: {'; '.join(found)}{takes}", provider=cls.name, problems=tuple(found))
    return made


def _is_missing(problem: str, settings: Collection[str]) -> bool:
    """Return whether *problem* says of one of *settings* that it is missing."""
    setting, _, rest = problem.partition(" ")
    return setting in settings and rest.startswith("is missing")


def _placed(problem: str, known: Sequence[str], place: Callable[[str], str] | None) -> str:
    """*problem*, and of a setting that is missing also where it is looked for."""
    if place is None or not _is_missing(problem, known):
        return problem
    setting = problem.partition(" ")[0]
    return f"{problem}; {setting} is looked for {place(setting)}"


def _meant(name: str, known: Sequence[str]) -> str:
    from anycarrier.suggestions import meant

    near = meant(name, known).removeprefix("; ")
    return f" ({near})" if near else ""


def _checked(
    cls: type[object], given: Mapping[str, object], stored: Mapping[str, object]
) -> tuple[dict[str, object], list[str]]:
    """The settings that the class takes, each yes or no as a ``bool``, and what is wrong with those that are none."""
    flags = _flags(cls)
    values: dict[str, object] = {}
    wrong: list[str] = []
    for name in setting_names(cls):
        if name not in given and name not in stored:
            continue
        value = given[name] if name in given else stored[name]
        if name not in given and isinstance(value, str) and _UNFILLED.fullmatch(value.strip()):
            wrong.append(f"{name} {_NOT_FILLED}")
            continue
        if name in flags and not isinstance(value, bool):
            text = value if name not in given and isinstance(value, str) else ""  # an argument is no text
            try:
                value = from_text(cls, name, text)
            except ConfigurationError as error:
                wrong += error.problems
                continue
        values[name] = value
    return values, wrong


def home_folder() -> Path | None:
    """The user's home folder; ``None`` where there is none, or where it is another one in every folder that a program
    runs in."""
    from pathlib import Path

    try:
        home = Path.home()
    except RuntimeError:
        return None
    is_said = os.name == "nt" or os.environ.get("HOME") != ""  # an empty one is read as the root of all folders
    return home if home.is_absolute() and is_said else None


def config_path() -> Path:
    """The accounts file: ``ANYCARRIER_CONFIG``, or ``anycarrier/accounts.toml`` in the user's configuration folder.

    Raises:
        ConfigurationError: there is no home folder to look in, or the variable's value is no path.
    """
    from pathlib import Path

    named = environment_value(CONFIG)
    try:
        if named:
            path = Path(named).expanduser()
            if path.parts and path.parts[0].startswith("~"):
                raise ConfigurationError(f"{CONFIG} names the home folder of a user that there is not")
            return path
        base = os.environ.get("XDG_CONFIG_HOME") or (os.environ.get("APPDATA") if os.name == "nt" else None)
        # The XDG specification says to ignore a relative one: it would be another file in every folder.
        if base and Path(base).is_absolute():
            return Path(base) / "anycarrier" / "accounts.toml"
        home = home_folder()
    except RuntimeError:  # pathlib's way to say that there is no home folder
        home = None
    if home is None:
        raise ConfigurationError(
            f"there is no home folder to look for the accounts file in: set HOME, or name the file with {CONFIG}"
        )
    return home / ".config" / "anycarrier" / "accounts.toml"


def read_accounts(path: Path | None = None) -> dict[str, dict[str, Any]]:
    """All accounts of the file, by name; none when there is no file, or no home folder to look for it in.

    Raises:
        ConfigurationError: others may read it, it is not TOML, or not of the form above.
    """
    if path is None:
        try:
            path = config_path()
        except ConfigurationError:
            if CONFIG in os.environ:
                raise
            return {}
    text = private_text(path)
    return {} if text is None else _accounts(path, text)


def private_text(path: Path, what: str = "accounts file") -> str | None:
    """The text of a file that holds secrets; ``None`` when there is no file.

    Args:
        path: the file.
        what: the kind of file, for messages.

    Raises:
        ConfigurationError: others may read it, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            _check_private(path, file.fileno())
            content = file.read(LONGEST + 1)
        # Editors of Windows put a byte order mark before it, which TOML does not know.
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8, as TOML has to be") from None
    except ValueError:  # of a path that no file can have, as with a NUL in it
        raise ConfigurationError(f"{str(path)!r} is not the name of a file") from None
    if len(content) > LONGEST:
        raise ConfigurationError(f"{path} is longer than {LONGEST} bytes, so it is no {what}")
    return text


def _check_private(path: Path, file: int) -> None:
    """Raise :class:`ConfigurationError` where others on this machine can read the file *path*, open as *file*."""
    status = os.fstat(file)
    mode = stat.S_IMODE(status.st_mode)
    if os.name != "posix" or not mode & 0o077:
        return
    # Containers get secrets in read-only mounts, and the operator of the machine decides who reads those.
    if os.fstatvfs(file).f_flag & os.ST_RDONLY:
        return
    if mode & 0o022:
        raise ConfigurationError(f"{path} holds secrets and others may write it: run chmod 600 on it")
    # The administrator's file, for a group that the administrator chose, as PostgreSQL's clients take a key.
    if status.st_uid == 0 and not mode & 0o007:
        return
    if not mode & 0o222 and status.st_uid in (0, os.getuid()) and _behind_closed_folder(path):
        return
    allowed = environment_value(SHARED)
    if allowed is not None and allowed.casefold() in _YES:
        return
    raise ConfigurationError(
        f"{path} holds secrets and others may read it: run chmod 600 on it, or, where that cannot be done and they are "
        f"meant to, set {SHARED}=yes"
    )


def _behind_closed_folder(path: Path) -> bool:
    """Return whether a folder above *path*, links followed, lets only its owner in: the administrator or us."""
    for folder in path.resolve().parents:
        status = folder.stat()
        if not status.st_mode & 0o011 and status.st_uid in (0, os.getuid()):
            return True
    return False


def _accounts(path: Path, text: str) -> dict[str, dict[str, object]]:
    """The accounts that *text* describes."""
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = str(error).rpartition("(")[2].rstrip(")") if "(" in str(error) else "somewhere"
        raise ConfigurationError(f"{path} is not valid TOML ({where})") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or tables within tables without end
        raise ConfigurationError(f"{path} is not valid TOML (it holds what no settings are)") from None
    accounts = document.get("accounts", {})
    problems = [f"{name} is not a table of this file" for name in document if name != "accounts"]
    if not isinstance(accounts, dict):
        accounts, problems = {}, [*problems, "accounts must be a table"]
    for name, settings in accounts.items():
        if not isinstance(settings, dict) or not isinstance(settings.get("provider"), str):
            problems.append(f'accounts.{name} needs provider = "..."')
    if problems:
        raise ConfigurationError(f"{path}: {'; '.join(problems)}", problems=tuple(problems))
    return accounts
