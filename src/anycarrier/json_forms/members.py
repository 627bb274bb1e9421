"""Members of the JSON form: the fields of an attrs class, and the attributes of an error, with their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, get_origin, get_type_hints

import attrs

from anycarrier import errors
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.json_markers import JsonForm, JsonValue
from anycarrier.validation import shape

__all__ = [
    "OF_EVERY_ERROR",
    "VERSION",
    "UnixTime",
    "check_kind",
    "classes_below",
    "error_class",
    "error_members",
    "field_names",
    "is_form",
    "kind_of",
    "members",
    "public_error",
]

VERSION = 1
"""The version of the form that this release writes, and the latest that it reads."""


def check_kind(kind: object) -> None:
    """Refuse *kind* unless it is a class, or a type such as ``list[Offer]``."""
    if kind is object or not (isinstance(kind, type) or get_origin(kind) is not None):
        raise InvalidInput(f"kind must be a class that has a JSON form, such as Offer, not {shape(kind)}")


def is_form(cls: object) -> bool:
    """Return whether objects of *cls* are written as JSON objects with the fields of their class."""
    return isinstance(cls, type) and (attrs.has(cls) or bool(classes_below(cls)))


def field_names(cls: type[Any]) -> Sequence[str]:
    """The fields of an attrs class that have a form; an object of an adapter, such as ``detail``, has none."""
    return [one.name for one in attrs.fields(cls) if one.init and one.type not in ("Any", Any)]


_members: dict[type[Any], Mapping[str, Any]] = {}


def members(cls: type[Any]) -> Mapping[str, Any]:
    """The same with their types."""
    found = _members.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = _members[cls] = {name: _timed(cls, name, hints[name]) for name in field_names(cls)}
    return found


class UnixTime(float):
    """Type of members that hold Unix seconds and are written as times."""


def _timed(cls: type[Any], name: str, hint: Any) -> Any:
    if name not in getattr(cls, "_json_times", ()):
        return hint
    return UnixTime if hint is float else UnixTime | None


def kind_of(cls: type[Any]) -> str | None:
    """The ``kind`` of a class that is one of several, such as ``ForwardTo`` of routes; ``None`` for any other."""
    several = any(issubclass(base, JsonValue) and base is not JsonValue and base is not cls for base in cls.__mro__)
    return cls.__name__ if several else None


def classes_below(cls: type[Any]) -> Mapping[str, type[Any]]:
    """By ``kind``, the classes of which *cls* is the base, such as ``Route``; none where it has fields of its own.

    Those of an adapter do not count: data would be read only where it happens to be loaded.
    """
    if not issubclass(cls, JsonValue) or cls is JsonValue or attrs.has(cls):
        return {}
    return {one.__name__: one for one in cls.__subclasses__() if one.__module__ == cls.__module__}


# -- errors

OF_EVERY_ERROR: Mapping[str, Any] = {
    "provider": str | None,
    "operation": str | None,
    "status": int | None,
    "code": str | None,
    "detail": str | None,
    "request_id": str | None,
    "retry_after": float | None,
    "maybe_applied": bool,
    "safe_elsewhere": bool,
    "number": str | None,
}
"""Attributes of every error."""

_FORMLESS = frozenset({*OF_EVERY_ERROR, "applied", "timeline", *vars(JsonForm)})
"""Attributes of errors that have no form of their own: clocks mean nothing to another process."""

_HOMES = {
    "Attempt": "anycarrier.attempt",
    "OwnedNumber": "anycarrier.model",
    "Purchase": "anycarrier.purchase.order",
    "Timeline": "anycarrier.purchase.resolution",
}
"""Modules of the classes that errors carry, which stand above the errors."""


def error_members(cls: type[AnyCarrierError]) -> Mapping[str, Any]:
    """The attributes that a class of errors adds to those of every error, with their types."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, AnyCarrierError):
            hints: Mapping[str, str] = vars(base).get("__annotations__", {})
            own = {name: _evaluated(hint) for name, hint in hints.items() if name not in _FORMLESS}
            found |= {name: _timed(cls, name, hint) for name, hint in own.items()}
    return found


def _evaluated(hint: str) -> Any:
    names = {"Any": Any, "Mapping": Mapping, "Sequence": Sequence, "AnyCarrierError": AnyCarrierError}
    names |= {name: getattr(import_module(home), name) for name, home in _HOMES.items() if name in hint}
    return eval(hint, names)  # noqa: S307 - our own source


def public_error(cls: type[BaseException]) -> type[Any]:
    """The class that stands for *cls* in the form: its nearest public one."""
    return next((one for one in cls.__mro__ if error_class(one.__name__) is one), cls)


def error_class(name: str) -> type[AnyCarrierError] | None:
    """The public class of errors of this name, if there is one."""
    found = getattr(errors, name, None) if name in errors.__all__ else None
    return found if isinstance(found, type) and issubclass(found, AnyCarrierError) else None
