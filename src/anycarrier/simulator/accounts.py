"""Options with which a simulator is made: its accounts, and numbers as a command line or a file writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

from anycarrier.suggestions import meant

__all__ = ["MAIN", "Options", "account_options", "listed"]

MAIN = "main"
"""Name of the account that every simulator has."""

Options = Mapping[str, Mapping[str, Any]]
"""Options of accounts by the accounts' names."""


def listed(value: str | int | Iterable[str | int] | None) -> tuple[str, ...] | None:
    """Return texts of an option such as numbers: one, several with commas, or a list of them; ``None`` stays."""
    if value is None:
        return None
    if isinstance(value, str | int):
        value = str(value).split(",")
    return tuple(text for one in value if (text := str(one).strip()))


def account_options(options: Options | None, known: tuple[str, ...]) -> Options:
    """Return the options of every account: those in *options*, and none for :data:`MAIN` where it is not among them.

    Raises:
        ValueError: an option is not among those *known*.
    """
    found: dict[str, Mapping[str, Any]] = {MAIN: {}}
    for name, one in (options or {}).items():
        # They may come from a file.
        if not isinstance(cast("object", one), Mapping):
            raise ValueError(f"account {name} needs options, not {one!r}")
        if unknown := sorted(one.keys() - set(known)):
            takes = ", ".join(known) or "no options"
            raise ValueError(f"account {name} takes {takes}, not {', '.join(unknown)}{meant(unknown[0], known)}")
        found[name] = one
    return MappingProxyType(found)
