"""Conversions that hold for matching values too: numbers, and blank texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin

import msgspec

from .fields import Forgiving, blank_to_none
from .records import Record

__all__ = ["settled"]

R = TypeVar("R", bound=Record)


def settled(record: R, *, strict: bool = False) -> R:
    """*record* with the conversions of its ``always`` markers applied, in the records within it too.

    Numbers become :class:`~anycarrier.numbers.PhoneNumber`, blank texts ``None``. Does not raise; with *strict* it
    raises ``ValueError`` where a conversion does.
    """
    changes: dict[str, Any] = {}
    texts, values_of, converted, nested = _conversions(type(record))
    for name, value in zip(texts, values_of(record)):  # noqa: B905 - passing strict takes time
        if type(value) is str and (not value or value.isspace()):
            changes[name] = None
    for name, convert, keeps_none in converted:
        value = getattr(record, name)
        if value is None and keeps_none:
            continue
        try:
            new = convert(value)
        except ValueError:
            if strict:
                raise
            continue
        if new is not value:
            changes[name] = new
    for name, settle in nested:
        value = getattr(record, name)
        if value is not None and (new := settle(value, strict)) is not value:
            changes[name] = new
    return msgspec.structs.replace(record, **changes) if changes else record


Settle: TypeAlias = Callable[[Any, bool], Any]


Conversions: TypeAlias = tuple[
    tuple[str, ...],
    Callable[[Any], Any],
    tuple[tuple[str, Callable[[Any], Any], bool], ...],
    tuple[tuple[str, Settle], ...],
]


@cache
def _conversions(kind: type[Record]) -> Conversions:
    """The fields of *kind* of which blank texts are ``None``, which most are, and the function that gives their values;
    those with another conversion: their names, conversions and whether these keep ``None``; and those whose records are
    settled."""
    texts: list[str] = []
    converted: list[tuple[str, Callable[[Any], Any], bool]] = []
    nested: list[tuple[str, Settle]] = []
    for one in msgspec.structs.fields(kind):
        if (convert := _conversion(one.type)) is blank_to_none:
            texts.append(one.name)
        elif convert is not None:
            converted.append((one.name, convert, _keeps_none(convert)))
        elif (settle := _settler(one.type)) is not None:
            nested.append((one.name, settle))
    values = attrgetter(*texts) if len(texts) > 1 else lambda record: [getattr(record, name) for name in texts]
    return tuple(texts), values, tuple(converted), tuple(nested)


def _conversion(kind: Any) -> Callable[[Any], Any] | None:
    marks = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    return next((mark.convert for mark in marks if isinstance(mark, Forgiving) and mark.always), None)


def _keeps_none(convert: Callable[[Any], Any]) -> bool:
    try:
        return convert(None) is None
    except Exception:  # noqa: BLE001 - it is not for None
        return False


def _settler(kind: Any) -> Settle | None:
    if isinstance(kind, type) and issubclass(kind, Record):
        return lambda value, strict: settled(value, strict=strict) if isinstance(value, Record) else value
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        if (convert := _conversion(kind)) is not None:
            return lambda value, strict: convert(value)
        return _settler(inner[0])
    if origin is list and (each := _settler(inner[0])):

        def settle(values: Any, strict: bool) -> Any:
            if type(values) is not list:
                return values
            new = [each(value, strict) for value in values]
            return values if all(map(_is, new, values)) else new

        return settle
    if origin in (Union, UnionType):
        for settle_one in filter(None, map(_settler, inner)):
            return settle_one
    return None


def _is(one: object, other: object) -> bool:
    return one is other
