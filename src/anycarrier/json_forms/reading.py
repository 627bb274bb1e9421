"""Values of JSON data, read by the types of their fields."""

from __future__ import annotations

import base64
import binascii
import types
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs

from anycarrier.errors import AnyCarrierError, InvalidInput, InvalidNumber
from anycarrier.json_forms.members import (
    OF_EVERY_ERROR,
    VERSION,
    UnixTime,
    check_kind,
    classes_below,
    error_class,
    error_members,
    is_form,
    kind_of,
    members,
)
from anycarrier.model import Route
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.validation import shape

__all__ = ["from_json"]

T = TypeVar("T")

LARGEST = 10**30
"""Numbers are smaller: the interpreter writes no very long one."""


def from_json(kind: type[T], data: object) -> T:
    """The value that *data* is the form of.

    Args:
        kind: its class, such as ``Offer``; ``Route`` for any route, ``AnyCarrierError`` for any error, ``list[Offer]``
            for several offers.
        data: JSON data, as ``json.loads`` makes them.

    Raises:
        InvalidInput: they are not; the message says where. No message holds a value.
    """
    check_kind(kind)
    name = getattr(kind, "__name__", "value")
    try:
        return cast("T", _read(kind, data, name, lenient=False))
    except RecursionError:
        raise InvalidInput(f"{name} is nested too deeply") from None


def _read(hint: Any, data: Any, at: str, *, lenient: bool) -> Any:
    """The value of *data*, which the type *hint* describes; *at* is its place, for messages."""
    if hint is Any or hint is object:
        return data
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _read(inner[0], data, at, lenient=lenient)
    if origin is Union or origin is types.UnionType:
        return _either(inner, data, at, lenient)
    if origin is Literal:
        if not any(type(one) is type(data) and one == data for one in inner):
            raise _wrong(at, " or ".join(map(repr, inner)), data)
        return data
    kind = origin or hint
    if kind in _SCALARS:
        return _SCALARS[kind](data, at)
    if isinstance(kind, type):
        return _of_class(kind, inner, data, at, lenient)
    raise InvalidInput(f"{at} is of no class that has a JSON form")


def _of_class(kind: type[Any], inner: Sequence[Any], data: Any, at: str, lenient: bool) -> Any:
    if issubclass(kind, Enum):
        return _word(kind, data, at, lenient)
    if kind in _SEVERAL:
        if not isinstance(data, list | tuple):
            raise _wrong(at, "a list", data)
        item = inner[0] if inner else Any
        return _SEVERAL[kind](_read(item, one, f"{at}[{place}]", lenient=lenient) for place, one in enumerate(data))
    if issubclass(kind, Mapping):
        return _mapping(inner, data, at, lenient)
    if issubclass(kind, Exception):
        return _error(kind, data, at)
    if is_form(kind):
        return _object(kind, data, at)
    raise InvalidInput(f"{at} is of class {kind.__name__}, which has no JSON form")


def _wrong(at: str, wanted: str, data: object) -> InvalidInput:
    return InvalidInput(f"{at} must be {wanted}, not {shape(data)}")


# -- single values


def _text(data: object, at: str) -> str:
    if not isinstance(data, str):
        raise _wrong(at, "text", data)
    return data


def _flag(data: object, at: str) -> bool:
    if not isinstance(data, bool):
        raise _wrong(at, "true or false", data)
    return data


def _whole(data: object, at: str) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or abs(data) >= LARGEST:
        raise _wrong(at, "a whole number", data)
    return data


def _real(data: object, at: str) -> float:
    if not isinstance(data, int | float) or isinstance(data, bool) or not abs(data) < LARGEST:
        raise _wrong(at, "a number", data)
    return data


def _decimal(data: object, at: str) -> Decimal:
    small = not isinstance(data, int) or abs(data) < LARGEST
    if isinstance(data, str | int | float) and not isinstance(data, bool) and small and len(text := str(data)) <= 60:
        try:
            if (amount := Decimal(text)).is_finite():
                return amount
        except ArithmeticError:
            pass
    raise _wrong(at, "an amount, such as '1.15'", data)


def _number(data: object, at: str) -> PhoneNumber:
    try:
        return stated(data) if isinstance(data, str) and data[:1] == "+" else PhoneNumber(cast("str", data))
    except InvalidNumber as error:
        raise InvalidNumber(f"{at}: {error.message}", reason=error.reason) from None


def _time(data: object, at: str) -> datetime:
    try:
        return datetime.fromisoformat(_text(data, at))
    except ValueError:
        raise _wrong(at, "a time, such as '2025-01-31T12:00:00+00:00'", data) from None


def _unix(data: object, at: str) -> float:
    if not isinstance(data, str):  # as it was written once
        return _real(data, at)
    moment = _time(data, at)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _day(data: object, at: str) -> date:
    try:
        return date.fromisoformat(_text(data, at))
    except ValueError:
        raise _wrong(at, "a day, such as '2025-01-31'", data) from None


def _bytes(data: object, at: str) -> bytes:
    try:
        return base64.b64decode(_text(data, at), validate=True)
    except binascii.Error:
        raise _wrong(at, "bytes in base64", data) from None


def _nothing(data: object, at: str) -> None:
    if data is not None:
        raise _wrong(at, "null", data)


_SCALARS: Mapping[Any, Any] = {
    str: _text,
    bool: _flag,
    int: _whole,
    float: _real,
    UnixTime: _unix,
    Decimal: _decimal,
    PhoneNumber: _number,
    datetime: _time,
    date: _day,
    bytes: _bytes,
    types.NoneType: _nothing,
}
_SEVERAL: Mapping[Any, Any] = {
    list: list,
    tuple: tuple,
    Sequence: tuple,
    Iterable: tuple,
    set: set,
    frozenset: frozenset,
    AbstractSet: frozenset,
}


class _UnknownWord(InvalidInput):
    """A word that a later release may know."""


def _word(kind: type[Enum], data: object, at: str, lenient: bool) -> Enum:
    for one in kind:
        if isinstance(data, str) and one.value == data:
            return one
    if lenient and isinstance(data, str) and "UNKNOWN" in kind.__members__:
        return kind["UNKNOWN"]
    raise _UnknownWord(f"{at} must be one of {', '.join(str(one.value) for one in kind)}, not {shape(data)}")


# -- several


def _mapping(inner: Sequence[Any], data: object, at: str, lenient: bool) -> dict[Any, Any]:
    if not isinstance(data, Mapping):
        raise _wrong(at, "an object", data)
    key, held = inner or (Any, Any)
    found: dict[Any, Any] = {}
    for name, value in data.items():
        try:
            word = _read(key, name, f"a key of {at}", lenient=lenient)
        except _UnknownWord:
            if lenient:
                continue
            raise
        found[word] = _read(held, value, f"{at}[{shape(name)}]", lenient=lenient)
    return found


def _either(inner: Sequence[Any], data: object, at: str, lenient: bool) -> Any:
    if data is None and types.NoneType in inner:
        return None
    said: list[InvalidInput] = []
    for hint in inner:
        if hint is types.NoneType or (isinstance(data, Mapping) and is_form(hint) and not _is_kind(hint, data)):
            continue
        try:
            return _read(hint, data, at, lenient=lenient)
        except InvalidInput as error:
            if lenient and isinstance(error, _UnknownWord) and types.NoneType in inner:
                return None
            said.append(error)
    told = [one for one in said if not one.message.startswith(f"{at} must be ")] or (said if len(said) == 1 else [])
    if told:
        raise told[0]
    start = f"{at} must be "
    choices = [one.message.removeprefix(start).rpartition(", not ")[0] for one in said]
    raise _wrong(at, " or ".join(choices) or "another kind of object", data)


def _is_kind(hint: type[Any], data: Mapping[str, object]) -> bool:
    """Return whether an object with or without ``kind`` can be of this class."""
    return (kind_of(hint) is not None or bool(classes_below(hint))) == ("kind" in data)


# -- objects


def _object(cls: type[Any], data: object, at: str) -> Any:
    if not isinstance(data, Mapping):
        raise _wrong(at, "an object", data)
    cls = _class_of(cls, data, at)
    _check_version(cls, data, at)
    known, lenient = members(cls), getattr(cls, "_json_lenient", False)
    if not lenient:
        _refuse_unknown(cls, data, at)
    values: dict[str, Any] = {}
    missing: list[str] = []
    for one in attrs.fields(cls):
        if one.name not in known:
            continue
        required = one.default is attrs.NOTHING
        if one.name not in data or (lenient and not required and data[one.name] is None):
            missing += [one.name] if required else []
            continue
        held, place = data[one.name], f"{at}.{one.name}"
        try:
            values[one.alias or one.name] = _read(known[one.name], held, place, lenient=lenient)
        except InvalidInput:
            # A converter takes more than the type of what it makes, and its message says what.
            if one.converter is None or isinstance(held, Mapping) or held is None:
                raise
            values[one.alias or one.name] = held
    if missing:
        raise InvalidInput(f"{at} lacks {', '.join(missing)}")
    made = _made(cls, values, at)
    if "number" in known and data.get("ten_digit") is not None:
        number = made.number
        # Of an area code that is not known here, the number has no ten-digit form, and its ten digits are stated.
        if not isinstance(number, PhoneNumber) or data["ten_digit"] != number.removeprefix("+1"):
            raise InvalidInput(f"{at}.ten_digit is not that of {at}.number: leave it out, or make them the same number")
    return made


def _class_of(cls: type[Any], data: Mapping[str, object], at: str) -> type[Any]:
    """The class that the ``kind`` of *data* names, where it can be one of several."""
    several, alone = classes_below(cls), kind_of(cls)
    if not several and alone is None:
        return cls
    kind = data.get("kind")
    found = (several or {cls.__name__: cls}).get(kind) if isinstance(kind, str) else None
    if found is None:
        raise _wrong(f"{at}.kind", " or ".join(map(repr, several or [cls.__name__])), kind)
    return found


def _check_version(cls: type[Any], data: Mapping[str, object], at: str) -> None:
    version = data.get("version", VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < LARGEST:
        raise _wrong(f"{at}.version", "a whole number", version)
    if version > VERSION:
        raise InvalidInput(f"{at} has version {version} of the JSON form, and this release reads {VERSION}: update it")


def _refuse_unknown(cls: type[Any], data: Mapping[str, object], at: str) -> None:
    derived = {"version", "kind" if kind_of(cls) else "version", *getattr(cls, "_json_also", ())}
    derived |= {"ten_digit"} if "number" in members(cls) else set()
    unknown = sorted(str(name) for name in data if name not in members(cls) and name not in derived)
    if unknown:
        shown = ", ".join(name if name.isidentifier() and len(name) <= 40 else shape(name) for name in unknown)
        raise InvalidInput(f"{at} has members that this release does not know: {shown}")


def _made(cls: type[Any], values: Mapping[str, Any], at: str) -> Any:
    try:
        return cls(**values)
    except InvalidNumber as error:
        raise InvalidNumber(f"{at}: {error.message}", reason=error.reason) from None
    except InvalidInput as error:
        raise InvalidInput(f"{at}: {error.message}") from None


# -- errors


def _error(kind: type[Exception], data: object, at: str) -> AnyCarrierError:
    if not isinstance(data, Mapping):
        raise _wrong(at, "an object", data)
    _check_version(kind, data, at)
    name = _text(data.get("type"), f"{at}.type")
    found = error_class(name)
    cls = found or AnyCarrierError
    if not issubclass(cls, kind):
        raise _wrong(f"{at}.type", f"{kind.__name__!r} or a class derived from it", name)
    message = _text(data.get("summary", data.get("message")), f"{at}.message")

    def stated_of(hints: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: hint for name, hint in hints.items() if data.get(name) is not None}
        return {name: _read(hint, data[name], f"{at}.{name}", lenient=True) for name, hint in known.items()}

    common = stated_of(OF_EVERY_ERROR)
    if cls.maybe_applied or (found is None and "maybe_applied" not in common):
        common["maybe_applied"] = True  # of an error that is not known here, nothing is
    for member in ("maybe_applied", "safe_elsewhere"):
        # What is set on an error is proven; what comes from elsewhere is as good as its class.
        if common.get(member) == getattr(cls, member):
            del common[member]
    error = cls.__new__(cls, message)
    AnyCarrierError.__init__(error, message, **common)
    for member, value in stated_of(error_members(cls)).items():
        setattr(error, member, value)
    applied = _read(Sequence[Any], data.get("applied", []), f"{at}.applied", lenient=True)
    if applied:
        error.applied = tuple(_step(one, f"{at}.applied") for one in applied)
    if data.get("cause") is not None:
        error.__cause__ = _error(AnyCarrierError, data["cause"], f"{at}.cause")
    return error


def _step(data: object, at: str) -> Any:
    """A step that took effect before an error: a neutral route, or data of what else it was."""
    kind = data.get("kind") if isinstance(data, Mapping) else None
    known = isinstance(kind, str) and kind in classes_below(Route)
    return _read(Route, data, at, lenient=True) if known else data
