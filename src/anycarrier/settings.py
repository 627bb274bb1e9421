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
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anycarrier.errors import ConfigurationError

__all__ = ["account", "complete", "config_path", "from_text", "read_accounts", "setting_names", "variable"]

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
    parameter = inspect.signature(cls).parameters.get(name)
    if parameter is None or not isinstance(parameter.default, bool):
        return text
    word = text.strip().casefold()
    if word not in _YES and word not in _NO:
        problem = f"{name} must be true or false"
        raise ConfigurationError(f"settings: {problem}", provider=cls.name, problems=(problem,))
    return word in _YES


_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


def complete(cls: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """*given*, with what it lacks taken from the environment; unknown names raise :class:`ConfigurationError`."""
    known = setting_names(cls)
    unknown = sorted(set(given) - set(known))
    if unknown:
        problems = tuple(f"{name} is not a setting" for name in unknown)
        raise ConfigurationError(
            f"settings: {'; '.join(problems)}; {cls.name} takes {', '.join(known)}",
            provider=cls.name, problems=problems,
        )  # fmt: skip
    from_environment = {
        name: from_text(cls, name, value)
        for name in known
        if name not in given and (value := os.environ.get(variable(cls.name, name)))
    }
    return {**from_environment, **given}


def config_path() -> Path:
    """The accounts file: ``ANYCARRIER_CONFIG``, or ``anycarrier/accounts.toml`` in the user's configuration folder."""
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
    settings = dict(accounts[name])
    cls = provider_class(settings.pop("provider"))
    settings.update(given or {})
    known_names = setting_names(cls)
    unknown = sorted(set(settings) - set(known_names))
    if unknown:
        problems = tuple(f"accounts.{name}.{setting} is not a setting" for setting in unknown)
        raise ConfigurationError(
            f"settings: {'; '.join(problems)}; {cls.name} takes {', '.join(known_names)}",
            provider=cls.name, problems=problems,
        )  # fmt: skip
    return cls(**{"account": name, **settings})
