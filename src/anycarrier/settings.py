"""A provider's settings: from arguments, from the environment, from a file of named accounts.

An adapter's settings are the keyword arguments of its class. Arguments win over the environment
(``ANYCARRIER_<PROVIDER>_<SETTING>``, such as ``ANYCARRIER_ACME_API_KEY``). A file holds accounts by name::

    [accounts.main]
    provider = "acme"
    api_key = "..."

and :func:`account` reads one of them. A named account takes nothing from the environment: credentials there may be
another account's.
"""

from __future__ import annotations

import inspect
import os
import stat
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anycarrier.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "account", "build", "config_path", "from_environment", "from_text", "read_accounts", "setting_names", "variable",
]  # fmt: skip

PREFIX = "ANYCARRIER"


def setting_names(cls: type[Any]) -> tuple[str, ...]:
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
    """The value of a setting that was given as text: yes or no where the setting's default is a ``bool``.

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


def _flags(cls: type[Any]) -> frozenset[str]:
    parameters = inspect.signature(cls).parameters
    return frozenset(name for name, parameter in parameters.items() if isinstance(parameter.default, bool))


def from_environment(cls: type[Any], given: Mapping[str, Any]) -> dict[str, str]:
    """The settings of the environment, as text, without those that are *given*."""
    return {
        name: value
        for name in setting_names(cls)
        if name not in given and (value := os.environ.get(variable(cls.name, name)))
    }


def build(
    cls: type[Any], given: Mapping[str, Any], stored: Mapping[str, Any], *,
    where: str = "", problems: Sequence[str] = (),
) -> Any:  # fmt: skip
    """An object of the provider class *cls*.

    Args:
        cls: the class.
        given: settings as arguments; they win.
        stored: settings from the environment or a file, where a yes or no may be text.
        where: what goes before the names of settings that do not exist.
        problems: what is wrong already.

    Raises:
        ConfigurationError: it lists everything that is wrong: *problems*, unknown names, and what the class finds.
    """
    known = setting_names(cls)
    unknown = sorted({*given, *stored} - {*known})
    found = [*problems, *(f"{where}{name} is not a setting" for name in unknown)]
    values, wrong = _checked(cls, given, stored)
    found += wrong
    made: Any = None
    try:
        made = cls(**values)
    except ConfigurationError as error:
        if not found:
            raise
        found += error.problems or (error.message,)
    if found:
        takes = f"; {cls.name} takes {', '.join(known)}" if unknown else ""
        raise ConfigurationError(f"settings: {'; '.join(found)}{takes}", provider=cls.name, problems=tuple(found))
    return made


def _checked(cls: type[Any], given: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings that the class takes, each yes or no as a ``bool``, and what is wrong with those that are none."""
    flags = _flags(cls)
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name in setting_names(cls):
        if name not in given and name not in stored:
            continue
        value = given[name] if name in given else stored[name]
        if name in flags and not isinstance(value, bool):
            text = value if name not in given and isinstance(value, str) else ""  # an argument is no text
            try:
                value = from_text(cls, name, text)
            except ConfigurationError as error:
                wrong += error.problems
                continue
        values[name] = value
    return values, wrong


def config_path() -> Path:
    """The accounts file: ``ANYCARRIER_CONFIG``, or ``anycarrier/accounts.toml`` in the user's configuration folder."""
    from pathlib import Path

    named = os.environ.get(f"{PREFIX}_CONFIG")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME") or (os.environ.get("APPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path.home() / ".config") / "anycarrier" / "accounts.toml"


def read_accounts(path: Path | None = None) -> dict[str, dict[str, Any]]:
    """All accounts of the file, by name; none when there is no file.

    Raises:
        ConfigurationError: it is readable for others than its owner, not TOML, or not of the form above.
    """
    import tomllib

    path = path or config_path()
    try:
        with path.open("rb") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise ConfigurationError(f"{path} holds secrets and others may read it: run chmod 600 on it")
            document = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8, as TOML has to be") from None
    except tomllib.TOMLDecodeError as error:
        where = str(error).rpartition("(")[2].rstrip(")") if "(" in str(error) else "somewhere"
        raise ConfigurationError(f"{path} is not valid TOML ({where})") from None
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


def account(name: str, path: Path | None = None, *, given: Mapping[str, Any] | None = None) -> Any:
    """The provider object of the account called *name* in the accounts file; settings *given* win over the file's.

    Raises:
        ConfigurationError: there is no such account, or its settings are wrong; it lists every problem.
    """
    from anycarrier.registry import provider_class

    accounts = read_accounts(path)
    if name not in accounts:
        known = ", ".join(sorted(accounts)) or "none"
        raise ConfigurationError(f"no account {name!r} in {path or config_path()}; there are: {known}")
    stored = dict(accounts[name])
    cls = provider_class(stored.pop("provider"))
    return build(cls, given or {}, {"account": name, **stored}, where=f"accounts.{name}.")
