"""Profiles: what is desired of many numbers, written once, in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from anycarrier.desired_state import Desired
from anycarrier.errors import InvalidInput
from anycarrier.hints import checked
from anycarrier.number_files.problems import Content, WrongFile
from anycarrier.number_files.values import ADDRESS, NONE, VALUES, read_value
from anycarrier.number_services import EmergencyAddress
from anycarrier.suggestions import meant_or_all
from anycarrier.validation import shape

__all__ = ["desired", "profiles_from_toml", "read_table", "toml_of", "value_of"]


@checked
def profiles_from_toml(text: Content, *, name: str = "the profiles") -> dict[str, dict[str, Any]]:
    """Profiles by their name: the values of ``[profile.NAME]``, by the names of columns; ``false`` is none of it.

    Args:
        text: TOML.
        name: the file's name, for messages.

    Raises:
        WrongFile: it is no TOML, or something in it is not a value; all problems at once.
    """
    document = toml_of(text, name)
    problems = [f"{shape(key)} is not known here: profiles are [profile.NAME]" for key in document if key != "profile"]
    tables = document.get("profile", {})
    if not isinstance(tables, Mapping):
        raise WrongFile(name, ["profile must be tables: [profile.NAME]"])
    profiles = {title: read_table(f"profile {title}", table, problems) for title, table in tables.items()}
    if problems:
        raise WrongFile(name, problems)
    return profiles


def toml_of(text: str, name: str) -> dict[str, Any]:
    """The document that TOML *text* is.

    Raises:
        WrongFile: it is none.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongFile(name, [f"it is not TOML: {error}"]) from None
    except RecursionError:
        raise WrongFile(name, ["it is nested too deeply"]) from None


def read_table(title: str, table: object, problems: list[str]) -> dict[str, Any]:
    """The values of one table, by the names of columns; what is wrong with it is added to *problems*."""
    if not isinstance(table, Mapping):
        problems.append(f"{title} must be a table: [{title.replace(' ', '.')}]")
        return {}
    values: dict[str, Any] = {}
    for key, value in table.items():
        try:
            values[key] = value_of(key, value)
        except InvalidInput as error:
            problems.append(f"{title}, {key}: {error.message}")
    return values


def value_of(key: str, value: object) -> Any:
    """The value of a desired state that TOML has under *key*, the name of a column; ``false`` is none of it."""
    if key not in VALUES:
        raise InvalidInput(f"there is no such value{meant_or_all(key, VALUES)}")
    if key == "emergency" and isinstance(value, Mapping):
        return _address(value)
    if isinstance(value, bool):
        made = read_value(key, NONE) if value is False and key in ("forward", "texts") else value
    elif isinstance(value, str):
        made = read_value(key, value.strip())
    else:
        raise InvalidInput(f"it must be text, true or false, not {shape(value)}")
    desired(None, {key: made})
    return made


def _address(parts: Mapping[str, object]) -> EmergencyAddress:
    if unknown := [part for part in parts if part not in ADDRESS]:
        raise InvalidInput(f"an address has no {', '.join(unknown)}; it has {', '.join(ADDRESS)}")
    if missing := [part for part in ADDRESS if part not in parts and part != "unit"]:
        raise InvalidInput(f"the address lacks {', '.join(missing)}")
    made: Any = EmergencyAddress
    address: EmergencyAddress = made(**parts)
    return address


_ROUTES = ("calls", "forward", "texts")


def desired(number: str | None, values: Mapping[str, Any]) -> Desired:
    """The desired state of *number* with *values*, by the names of columns."""
    routes: Any = [values[name] for name in _ROUTES if name in values]
    rest = {name: value for name, value in values.items() if name not in _ROUTES}
    return Desired(number, routes=routes, **rest)
