"""Checks of an order's arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from anycarrier.desired_state.model import Desired
from anycarrier.errors import InvalidInput
from anycarrier.features import FEATURES
from anycarrier.model import number_named
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import shape, text

__all__ = ["capabilities_of", "check_tags", "named_number", "setup_of"]

MOST_TAGS = 50
"""Tags of one order at most."""


def capabilities_of(given: Iterable[str]) -> tuple[str, ...]:
    """The argument ``capabilities``, if it is a collection of features."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Collection):
        raise InvalidInput(f"capabilities must be a collection, such as ['release', 'route'], not {shape(given)}")
    for one in given:
        if not isinstance(one, str) or one not in FEATURES:
            raise InvalidInput(f"capabilities must be of {', '.join(FEATURES)}, not {shape(one)}")
    return tuple(given)


def check_tags(given: Mapping[str, str]) -> dict[str, str]:
    """The argument ``tags``, or :class:`InvalidInput` if it is not a mapping of text to text."""
    if not isinstance(given, Mapping):
        raise InvalidInput(f"tags must be a mapping, such as {{'plan': 'basic'}}, not {shape(given)}")
    if len(given) > MOST_TAGS:
        raise InvalidInput(f"tags must be {MOST_TAGS} at most, got {len(given)}")
    return {
        text("a name in tags", name, "plan"): text(f"tags[{shape(name)}]", value, "basic")
        for name, value in given.items()
    }


def setup_of(given: Desired | None) -> Desired | None:
    """The argument ``setup``, if it is a desired state of a number that is not bought yet."""
    if given is None:
        return None
    if not isinstance(given, Desired):
        raise InvalidInput(f"setup must be a Desired, such as Desired(campaign='CB2PATH'), not {shape(given)}")
    if given.number is not None or given.release:
        raise InvalidInput("setup is of numbers that are not bought yet: it has no number, and gives none up")
    if not any(given.values()):
        raise InvalidInput("setup wants nothing: name a route, a campaign or something else, or leave it out")
    return given


def named_number(value: str | None) -> PhoneNumber | None:
    """The argument ``number`` as a phone number."""
    return None if value is None else number_named("number", value)
