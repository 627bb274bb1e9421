"""Neutral words: the fixed vocabularies of arguments and results."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import EnumType, StrEnum
from typing import TypeVar

from anycarrier.errors import InvalidInput
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import shape

__all__ = ["BindingStatus", "Feature", "Line", "ReleaseState", "Status", "Word", "features_of", "one_of"]

E = TypeVar("E", bound=StrEnum)


class _Short(EnumType):
    """Metaclass of words: ``help()`` shows the members, without the methods of ``str``."""

    def __dir__(cls) -> list[str]:
        return ["__doc__", "__members__", *cls.__members__]


class Word(StrEnum, metaclass=_Short):
    """Base of a fixed set of words; a member is its text."""


class Feature(Word):
    """Services that a number can carry."""

    VOICE = "voice"
    SMS = "sms"
    MMS = "mms"
    FAX = "fax"
    EMERGENCY = "emergency"
    """Calls to emergency services, with an address for the dispatcher."""


class Line(Word):
    """Kind of number on sale."""

    LOCAL = "local"
    TOLL_FREE = "toll_free"
    MOBILE = "mobile"
    NATIONAL = "national"
    """Of a whole country, without a place."""
    SHARED_COST = "shared_cost"
    """The caller pays a part of the call, and the owner the rest."""

    @classmethod
    def of(cls, number: PhoneNumber) -> Line | None:
        """Kind that the digits of *number* show: toll-free, or ``None`` for all others."""
        return cls.TOLL_FREE if number.is_toll_free else None


class Status(Word):
    """State of a number, in neutral words."""

    PENDING = "pending"
    NEEDS_ACTION = "needs_action"
    """Its provider waits for a person: documents, an address, a registration."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    PORTING_IN = "porting_in"
    """On its way from another carrier to this account."""
    PORTING_OUT = "porting_out"
    """On its way to another carrier."""
    RELEASING = "releasing"
    RELEASED = "released"
    FAILED = "failed"
    UNKNOWN = "unknown"


class BindingStatus(Word):
    """State of a 10DLC binding, in neutral words; a number that is ``UNBINDING`` still has its campaign, one that is
    ``UNBOUND`` has none."""

    PENDING = "pending"
    ACTIVE = "active"
    FAILED = "failed"
    UNBINDING = "unbinding"
    UNBOUND = "unbound"
    UNKNOWN = "unknown"


class ReleaseState(Word):
    """State of a released number: gone already, or held by the provider first."""

    RELEASED = "released"
    SCHEDULED = "scheduled"


def features_of(value: Iterable[Feature | str]) -> frozenset[Feature]:
    """*value* as features."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
        raise InvalidInput(f"features must be a collection, such as {{'sms', 'voice'}}, not {shape(value)}")
    found: set[Feature] = set()
    for item in value:
        feature = _member(Feature, item)
        if feature is None:
            raise InvalidInput(f"features must be of {', '.join(Feature)}, not {shape(item)}")
        found.add(feature)
    return frozenset(found)


def one_of(kind: type[E], name: str, value: E | str | None) -> E | None:
    """*value* as one of *kind*, or ``None``; the error calls it *name*."""
    if value is None:
        return None
    member = _member(kind, value)
    if member is None:
        raise InvalidInput(f"{name} must be one of {', '.join(kind)}, or None, not {shape(value)}")
    return member


def _member(kind: type[E], value: object) -> E | None:
    try:
        return kind(str.__str__(value)) if isinstance(value, str) else None
    except ValueError:
        return None
