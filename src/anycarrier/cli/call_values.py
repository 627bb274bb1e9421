"""Values of an operation's arguments, from text, by the annotation of its parameter."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import attrs
import msgspec

from anycarrier.errors import InvalidInput
from anycarrier.model import Money, Target
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.secret import Secret
from anycarrier.suggestions import meant

__all__ = ["Kind", "kind_of_hint", "value_of"]

_SECRET = re.compile(r"passw|secret|token|credential|api_?key|(^|_)pin$", re.IGNORECASE)
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")
MOST_BYTES = 10_000_000


@attrs.frozen
class Kind:
    """The looks of an argument on the command line.

    Attributes:
        said: for the help.
        metavar: for the help of an option.
        choices: the words that it takes; none named: any.
        many: whether it takes several values.
        flag: whether it is yes or no.
        secret: whether it must not be typed on the command line.
    """

    said: str
    metavar: str = "TEXT"
    choices: tuple[str, ...] = ()
    many: bool = False
    flag: bool = False
    secret: bool = False


def kind_of_hint(hint: Any, name: str = "") -> Kind:
    """The kind of a parameter called *name* with the annotation *hint*."""
    hint = _plain(hint)
    if hint is Secret or (hint is str and _SECRET.search(name)):
        return Kind("a secret", secret=True)
    if hint is bool:
        return Kind("yes or no", "YES|NO", ("yes", "no", "true", "false"), flag=True)
    if choices := _choices(hint):
        return Kind(f"one of {', '.join(choices)}", "WORD", choices)
    if (item := _item(hint)) is not None and not _is_structured(item):
        inner = kind_of_hint(item)
        return Kind(f"{inner.said}; may be repeated", inner.metavar, inner.choices, many=True)
    if _is_structured(hint) or item is not None:
        return Kind("JSON, or @FILE, or - for stdin", "JSON")
    if _is_union(hint):
        each = [kind_of_hint(one) for one in get_args(hint)]
        return Kind(" or ".join(dict.fromkeys(one.said for one in each)), each[0].metavar)
    return next((kind for kinds, kind in _KINDS if hint in kinds), Kind("text"))


_KINDS: tuple[tuple[tuple[Any, ...], Kind], ...] = (
    ((Target, PhoneNumber), Kind("a phone number, such as +12015550123", "NUMBER")),
    ((int,), Kind("a whole number", "N")),
    ((float, Decimal), Kind("a number, such as 1.50", "AMOUNT")),
    ((Money,), Kind("an amount, such as 1.50 or 1.50USD", "AMOUNT")),
    ((date,), Kind("a date, such as 2026-01-31", "DATE")),
    ((datetime,), Kind("a time, such as 2026-01-31T12:00:00Z", "TIME")),
    ((bytes,), Kind("text, or @FILE, or - for stdin", "DATA")),
)


def value_of(hint: Any, value: Any, name: str) -> Any:
    """The argument for a parameter of annotation *hint*, from the text, or list of texts, that was typed.

    Args:
        hint: the annotation.
        value: the text; what JSON holds where it is part of a document.
        name: spelling on the command line, for errors.

    Raises:
        InvalidInput: the text is no such value.
    """
    hint = _plain(hint)
    if isinstance(value, list) and (item := _item(hint)) is not None:
        return [value_of(item, one, f"{name}[{place}]") for place, one in enumerate(value)]
    if _is_structured(hint) or _item(hint) is not None:
        data = _json(_content(value, name), name) if isinstance(value, str) else value
        return _built(hint, data, name)
    if _choices(hint):
        return _chosen(hint, value, name)
    for kinds, reads, said in _READERS:
        if hint in kinds:
            try:
                return reads(value)
            except (ValueError, InvalidOperation, TypeError, AttributeError) as error:
                if isinstance(error, InvalidNumber):
                    raise InvalidInput(f"{name} is no phone number: {error}") from error
                raise InvalidInput(f"{name} must be {said}") from error
    if hint is bytes:
        return _content(str(value), name).encode()
    if _is_union(hint):
        return _first_of(get_args(hint), value, name)
    return value


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.casefold()
    if word not in _YES and word not in _NO:
        raise ValueError("neither")
    return word in _YES


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,19}", str(value), re.ASCII):
        raise ValueError("not whole")
    return int(value)


def _money(value: str) -> Money:
    found = re.fullmatch(r"([0-9.]+)\s*([A-Za-z]{3})?", value)
    if found is None:
        raise ValueError("no amount")
    return Money(found[1], found[2].upper()) if found[2] else Money(found[1])


_READERS: tuple[tuple[tuple[Any, ...], Callable[[Any], Any], str], ...] = (
    ((bool,), _flag, "yes or no"),
    ((int,), _whole, "a whole number"),
    ((float,), float, "a number"),
    ((Decimal,), Decimal, "a number, such as 1.50"),
    ((Money,), _money, "an amount, such as 1.50 or 1.50USD"),
    ((date,), date.fromisoformat, "a date, such as 2026-01-31"),
    ((datetime,), datetime.fromisoformat, "a time, such as 2026-01-31T12:00:00Z"),
    ((Target, PhoneNumber), PhoneNumber, "a phone number"),
    ((Secret,), Secret, "text"),
)


# -- annotations


def _plain(hint: Any) -> Any:
    """*hint* without ``None`` and without what ``Annotated`` adds, apart from :data:`Target`."""
    if hint == Target:
        return Target
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if _is_union(hint):
        inner = [one for one in get_args(hint) if one is not types.NoneType]
        if len(inner) == 1:
            return _plain(inner[0])
    return hint


def _is_union(hint: Any) -> bool:
    return hint != Target and (get_origin(hint) is Union or isinstance(hint, types.UnionType))


def _item(hint: Any) -> Any:
    """The kind of a collection's items; ``None`` for what is no collection."""
    origin = get_origin(hint)
    if origin in (Sequence, Iterable, list, tuple, set, frozenset, AbstractSet):
        return _plain(get_args(hint)[0])
    return None


def _choices(hint: Any) -> tuple[str, ...]:
    if get_origin(hint) is Literal:
        return tuple(map(str, get_args(hint)))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(str(one.value) for one in hint)
    return ()


def _chosen(hint: Any, value: Any, name: str) -> Any:
    every = get_args(hint) if get_origin(hint) is Literal else tuple(hint)
    for one in every:
        if str(one.value if isinstance(one, Enum) else one) == str(value):
            return one
    raise InvalidInput(f"{name} must be one of {', '.join(_choices(hint))}{meant(str(value), _choices(hint))}")


def _is_structured(hint: Any) -> bool:
    origin = get_origin(hint) or hint
    if not isinstance(origin, type):
        return False
    if is_typeddict(origin) or issubclass(origin, msgspec.Struct) or issubclass(origin, Mapping):
        return True
    return attrs.has(origin) and origin is not Money


# -- documents


def _content(text: str, name: str) -> str:
    """*text*, or what the file that it names holds: ``@FILE``, or ``-`` for stdin."""
    try:
        if text == "-":
            return sys.stdin.read(MOST_BYTES)
        if text.startswith("@"):
            with Path(text[1:]).open(encoding="utf-8") as file:
                return file.read(MOST_BYTES)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise InvalidInput(f"{name}: the file cannot be read: {why}") from None
    return text


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(f"{name} must be JSON, or @FILE, or - for stdin") from None


def _built(hint: Any, data: Any, name: str) -> Any:
    """*data* as an object of *hint*."""
    if (item := _item(hint)) is not None:
        if not isinstance(data, list):
            raise InvalidInput(f"{name} must be a JSON list")
        return [value_of(item, one, f"{name}[{place}]") for place, one in enumerate(data)]
    if not isinstance(data, dict):
        raise InvalidInput(f"{name} must be a JSON object")
    kind = get_origin(hint) or hint
    if issubclass(kind, Mapping) and not is_typeddict(kind):
        return data
    hints = get_type_hints(kind, include_extras=True)
    for member in data:
        if member not in hints:
            raise InvalidInput(f"{name} has no member {member!r}{meant(member, hints)}")
    made = {
        member: None if value is None else value_of(_required(hints[member]), value, f"{name}.{member}")
        for member, value in data.items()
    }
    needed = _needed(kind)
    if missing := [member for member in needed if member not in made]:
        raise InvalidInput(f"{name} needs {', '.join(missing)}")
    return kind(**made)


def _required(hint: Any) -> Any:
    """*hint* without ``Required`` and ``NotRequired``."""
    return get_args(hint)[0] if str(get_origin(hint)).endswith("Required") else hint


def _needed(kind: Any) -> Sequence[str]:
    if is_typeddict(kind):
        return sorted(kind.__required_keys__)
    if attrs.has(kind):
        return [one.name for one in attrs.fields(kind) if one.init and one.default is attrs.NOTHING]
    return [one.name for one in msgspec.structs.fields(kind) if one.required]


def _first_of(kinds: Sequence[Any], value: Any, name: str) -> Any:
    """*value* as the first of several kinds that takes it; plain text is the last resort."""
    for one in sorted(kinds, key=lambda kind: kind is str):
        try:
            return value_of(one, value, name)
        except (InvalidInput, ValueError):
            continue
    raise InvalidInput(f"{name} is none of the kinds that this takes")
