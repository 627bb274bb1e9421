"""Records compared with the schemas of official documents: every documented member has a field of a fitting type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from anycarrier.decoding import Forgiving, OneOf, Record
from anycarrier.numbers import PhoneNumber
from anycarrier.secret import Secret

__all__ = ["NUMBERS", "differing", "kinds_of"]

NUMBERS = frozenset({"phoneNumber", "fromPhoneNumber", "toPhoneNumber", "recipientPhoneNumber", "forwardingNumber"})
"""Members that hold a phone number in every document: their fields are numbers, and no texts."""

_PLAIN = {
    str: "string",
    int: "integer",
    bool: "boolean",
    Decimal: "number",
    float: "number",
    list: "array",
    tuple: "array",
    dict: "object",
}
_FITS = {
    "string": {"string", "phone", "date-time", "secret"},
    "integer": {"integer"},
    "number": {"number", "integer"},
    "boolean": {"boolean"},
    "array": {"array"},
    "object": {"object"},
}


_MADE: dict[str, tuple[str, type[Any]]] = {
    "phone": ("+12015550123", PhoneNumber),
    "date-time": ("2024-01-15T10:30:00Z", date),
    "secret": ("x", Secret),
}


def _makes(marks: tuple[Any, ...], text: str, made: type[Any]) -> bool:
    """Return whether a marker of a field makes such a value of *text*."""
    for mark in marks:
        if isinstance(mark, Forgiving) and mark.always:
            try:
                return isinstance(mark.convert(text), made)
            except ValueError:
                return False
    return False


def kinds_of(declared: Any) -> set[str]:
    """The JSON kinds that a field's type stands for; ``phone``, ``date-time`` and ``secret`` are kinds of their own."""
    origin, inner = get_origin(declared), get_args(declared)
    if origin is Annotated:
        return {kind for kind, (text, made) in _MADE.items() if _makes(inner[1:], text, made)} or kinds_of(inner[0])
    if origin in (Union, UnionType):
        return set().union(*(kinds_of(one) for one in inner if one is not type(None)))
    if declared is Any:
        return {"any"}
    kind = origin or declared
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {"object"}
    return {_PLAIN[kind]} if kind in _PLAIN else set()


def record_in(declared: Any) -> type[Record] | None:
    """The record that a field holds, or a list of which it holds."""
    if isinstance(declared, type) and issubclass(declared, Record):
        return declared
    return next((found for one in get_args(declared) if (found := record_in(one)) is not None), None)


def words_of(declared: Any) -> tuple[str, ...]:
    """The words that a field's text may be; empty for any text."""
    found = [one.values for one in get_args(declared) if isinstance(one, OneOf)]
    return found[0] if found else ()


def differing(record: type[Record], schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Places where *record* lacks a member of *schema* (without references), or has it as another kind of value."""
    fields = {one.encode_name: one for one in msgspec.structs.fields(record)}
    for name, part in schema.get("properties", {}).items():
        place = f"{where}{name}"
        if name not in fields:
            yield f"{place}: missing"
            continue
        yield from _member(fields[name].type, name, part, place)


def _member(declared: Any, name: str, part: Any, place: str) -> Iterator[str]:
    kinds = kinds_of(declared)
    stated = part.get("type", "object" if "properties" in part else None)
    documented = {stated} if isinstance(stated, str) else {*(stated or ())} - {"null"}
    if part.get("format") == "date-time":
        fits = "date-time" in kinds
    elif name in NUMBERS and documented == {"string"}:
        fits = "phone" in kinds
    else:
        fits = "any" in kinds or not documented or any(kinds & _FITS[one] for one in documented)
    if not fits:
        yield f"{place}: {'/'.join(sorted(kinds))}, documented {part.get('format') or '/'.join(sorted(documented))}"
    if lacking := [str(word) for word in part.get("enum", ()) if word is not None and word not in words_of(declared)]:
        yield f"{place}: lacks {', '.join(lacking)}"
    inner = part.get("items", part)
    if "properties" in inner and "any" not in kinds:
        kind = record_in(declared)
        if kind is None:
            yield f"{place}: no record"
        else:
            yield from differing(kind, inner, f"{place}.")
