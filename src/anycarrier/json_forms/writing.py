"""Values as JSON data."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs

from anycarrier.errors import AnyCarrierError, InvalidInput, masked, printable
from anycarrier.hints import checked
from anycarrier.json_forms.members import OF_EVERY_ERROR, VERSION, error_members, field_names, kind_of, public_error
from anycarrier.numbers import InvalidNumber, PhoneNumber

__all__ = ["ten_digit", "time_text", "to_json"]


@checked
def to_json(value: object, *, raw: bool = False) -> Any:
    """*value* as JSON data: what ``json.dumps`` takes.

    Args:
        value: a value of the library, or a list or dict of them.
        raw: whether the provider's own records are a part of it.

    Raises:
        InvalidInput: something in it has no JSON form.
    """
    return Writing(raw).of(value, root=True)


def ten_digit(number: PhoneNumber) -> str | None:
    """The ten digits of a North American number; ``None`` for any other."""
    try:
        return number.ten_digit
    except InvalidNumber:
        return None


_PLAIN = frozenset({str, int, bool, type(None)})
_SCALARS: Mapping[type[Any], Callable[[Any], Any]] = {
    Enum: lambda value: value.value,
    str: str.__str__,
    int: int,
    float: lambda value: float(value) if math.isfinite(value) else None,  # JSON has no other
    Decimal: str,
    date: lambda value: value.isoformat(),  # and a datetime, which is one
    bytes: lambda value: base64.b64encode(value).decode(),
}


def time_text(at: float | None) -> str | None:
    """Unix seconds as a time in UTC; ``None`` for what is none that a calendar has."""
    try:
        return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _formless(value: object) -> Any:
    raise InvalidInput(f"an object of class {type(value).__name__} has no JSON form")


class Writing:
    """Writing of one document.

    Args:
        raw: whether the provider's own records are a part of it.
        other: makes JSON data of an object that has no form.
    """

    def __init__(self, raw: bool, other: Callable[[Any], Any] = _formless) -> None:
        self._raw = raw
        self._other = other

    def of(self, value: object, *, root: bool = False) -> Any:
        """*value* as JSON data; *root* for what is a document of its own."""
        if type(value) in _PLAIN:
            return value
        for kind, written in _SCALARS.items():
            if isinstance(value, kind):
                return written(value)
        if isinstance(value, Mapping):
            return {str(self.of(key)): self.of(held, root=root) for key, held in value.items()}
        if isinstance(value, AbstractSet):
            return sorted((self.of(one) for one in value), key=str)
        if isinstance(value, Sequence):
            return [self.of(one, root=root) for one in value]
        if attrs.has(type(value)):
            return self._object(value, root)
        if isinstance(value, Exception):
            return self._error(value, root)
        return self._other(value)

    def _object(self, value: Any, root: bool) -> dict[str, object]:
        cls = type(value)
        made: dict[str, object] = {"version": VERSION} if root and getattr(cls, "_json_version", True) else {}
        if kind := kind_of(cls):
            made["kind"] = kind
        times = getattr(cls, "_json_times", ())
        for name in field_names(cls):
            if name == "raw" and not self._raw:
                continue
            held = getattr(value, name)
            made[name] = time_text(held) if name in times else self.of(held)
            if name == "number" and isinstance(held, PhoneNumber):
                made["ten_digit"] = ten_digit(held)
        for name in getattr(cls, "_json_also", ()):
            made[name] = self.of(getattr(value, name))
        return made

    def _error(self, error: Exception, root: bool) -> dict[str, object]:
        made: dict[str, object] = {"version": VERSION} if root else {}
        made["type"] = public_error(type(error)).__name__
        if not isinstance(error, AnyCarrierError):
            return {**made, "message": printable(masked(error))}
        made |= {"message": str(error), "summary": error.message}
        for name in (*OF_EVERY_ERROR, *error_members(type(error))):
            held = getattr(error, name)
            made[name] = time_text(held) if name in error._json_times else self.of(held)  # noqa: SLF001 - a marker
        if error.applied:
            made["applied"] = self.of(error.applied)
        if isinstance(error.__cause__, AnyCarrierError):
            made["cause"] = self.of(error.__cause__)
        return made
