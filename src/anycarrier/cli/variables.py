"""Environment variables that look like settings and are none: a misspelled one would be ignored silently."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches

from attrs import frozen

from anycarrier.engine.accounts import ONLY_LOOPBACK
from anycarrier.errors import AnyCarrierError
from anycarrier.registry import names, provider_class
from anycarrier.settings import CONFIG, PREFIX, SHARED, setting_names, variable

__all__ = ["SECRETS", "Strange", "strange", "strange_at_start"]

SECRETS = f"{PREFIX}_CALL_"
"""Begins the names of variables that hold secret arguments of ``call``."""

OWN = (f"{PREFIX}_PROVIDER", CONFIG, f"{PREFIX}_JOURNAL", SHARED, ONLY_LOOPBACK)
LIKE = 0.75
"""Similarity of two names from which one is a misspelling; ``ANYCARRIER_`` itself is a good third of a name."""


@frozen
class Strange:
    """A variable that nothing reads.

    Attributes:
        meant: the variable that it misspells, if there is one.
    """

    name: str
    meant: str | None = None

    def __str__(self) -> str:
        meant = f"; did you mean {self.meant}?" if self.meant else ""
        return f"{self.name} is set, and nothing reads it{meant}"


def strange() -> list[Strange]:
    """Every unknown variable that begins with ``ANYCARRIER_``, or nearly; loads all adapters for their settings."""
    from anycarrier.number_files import port_variables

    known = [*OWN, *port_variables().values()]
    for provider in names():
        try:
            known += _of(provider)
        except (AnyCarrierError, ImportError):
            continue  # its settings cannot be read, and doctor reports what is wrong with the adapter
    found: list[Strange] = []
    for name in _ours():
        if name not in known:
            near = get_close_matches(name.upper(), known, 1, LIKE)
            found.append(Strange(name, near[0] if near else None))
    return found


def strange_at_start(chosen: Iterable[str]) -> list[Strange]:
    """The misspelled variables; as long as there are none, only the *chosen* adapters are loaded."""
    left = [name for name in _ours() if name not in OWN]
    for provider in chosen:
        try:
            known = _of(provider)
        except (AnyCarrierError, ImportError):
            continue  # reported when it is used
        left = [name for name in left if name not in known]
        if any(name.startswith(variable(provider, "")) for name in left):
            return [one for one in strange() if one.meant]
    if left and not all(name.startswith(tuple(variable(one, "") for one in names())) for name in left):
        return [one for one in strange() if one.meant]
    return []


def _of(provider: str) -> list[str]:
    return [variable(provider, setting) for setting in setting_names(provider_class(provider))]


def _ours() -> list[str]:
    found = (name for name in os.environ if name[:3].upper() == "ANY" and not name.startswith(SECRETS))
    return sorted(name for name in found if _begins_alike(name.upper()))


def _begins_alike(name: str) -> bool:
    return name.startswith(f"{PREFIX}_") or bool(get_close_matches(name[: len(PREFIX)], [PREFIX], 1, 0.85))
