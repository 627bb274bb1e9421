"""Variables of the environment that look like settings and are none: misspelt, they would be missed in silence."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches

from attrs import frozen

from anycarrier.errors import AnyCarrierError
from anycarrier.registry import names, provider_class
from anycarrier.settings import CONFIG, PREFIX, SHARED, setting_names, variable

__all__ = ["Strange", "strange", "strange_at_start"]

OWN = (f"{PREFIX}_PROVIDER", CONFIG, f"{PREFIX}_JOURNAL", SHARED)
LIKE = 0.75
"""How much of a name must be alike for it to be meant; ``ANYCARRIER_`` itself is a good third of it."""


@frozen
class Strange:
    """A variable that is read by nothing.

    Attributes:
        meant: the variable that it is a misspelling of, if there is one.
    """

    name: str
    meant: str | None = None

    def __str__(self) -> str:
        meant = f"; did you mean {self.meant}?" if self.meant else ""
        return f"{self.name} is set, and nothing reads it{meant}"


def strange() -> list[Strange]:
    """Every variable that begins as ours do, or nearly so, and is none; all adapters are loaded to know."""
    known = [*OWN]
    for provider in names():
        try:
            known += _of(provider)
        except (AnyCarrierError, ImportError):
            continue  # its settings cannot be known, and doctor says of the adapter itself what is wrong
    found: list[Strange] = []
    for name in _ours():
        if name not in known:
            near = get_close_matches(name.upper(), known, 1, LIKE)
            found.append(Strange(name, near[0] if near else None))
    return found


def strange_at_start(chosen: Iterable[str]) -> list[Strange]:
    """Those that are misspellings; as long as there are none, only the adapters that are *chosen* are loaded."""
    left = [name for name in _ours() if name not in OWN]
    for provider in chosen:
        try:
            known = _of(provider)
        except (AnyCarrierError, ImportError):
            continue  # said when it is used
        left = [name for name in left if name not in known]
        if any(name.startswith(variable(provider, "")) for name in left):
            return [one for one in strange() if one.meant]
    if left and not all(name.startswith(tuple(variable(one, "") for one in names())) for name in left):
        return [one for one in strange() if one.meant]
    return []


def _of(provider: str) -> list[str]:
    return [variable(provider, setting) for setting in setting_names(provider_class(provider))]


def _ours() -> list[str]:
    return sorted(name for name in os.environ if name[:3].upper() == "ANY" and _begins_alike(name.upper()))


def _begins_alike(name: str) -> bool:
    return name.startswith(f"{PREFIX}_") or bool(get_close_matches(name[: len(PREFIX)], [PREFIX], 1, 0.85))
