"""What adapters read long answers with where nothing about them is unusual; everything else goes to their models.

The same checks by the same validator (pydantic's core), straight from the bytes and without a Python function for each
field. A reader that uses this gives up (``None``) at anything that is not plainly in order, and the models then read
the same bytes, so errors are told in full detail and odd values are understood as always.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Any, TypeAlias, TypeVar, cast

from attrs import fields, make_class
from pydantic_core import CoreSchema, SchemaValidator, ValidationError
from pydantic_core import core_schema as c

from anycarrier import _nanp
from anycarrier.model import Line
from anycarrier.numbers import PhoneNumber

__all__ = [
    "FLAG", "NONE", "PLAIN", "TEXT", "WHOLE", "Facts", "empty", "facts_of", "made", "members_of", "never", "numbers",
    "part", "present", "read", "whole",
]  # fmt: skip

T = TypeVar("T")

_FAR = 10**18

TEXT = c.nullable_schema(c.str_schema(strict=True))
WHOLE = c.nullable_schema(c.int_schema(strict=True, ge=-_FAR, le=_FAR))
FLAG = c.nullable_schema(c.bool_schema(strict=True))
PLAIN = c.nullable_schema(c.union_schema([c.str_schema(strict=True), c.bool_schema(strict=True), WHOLE]))
"""What a field that nobody reads may be. Objects, arrays and fractions have more to check."""


def never() -> CoreSchema:
    """For a name that may not be there."""
    return c.literal_schema([object()])


def whole(required: str, /, **members: CoreSchema) -> CoreSchema:
    """An object. All but *required* (names, separated by spaces) may be absent; other members come too if plain."""
    return c.typed_dict_schema(
        {name: c.typed_dict_field(kind, required=name in required.split()) for name, kind in members.items()},
        extra_behavior="allow", extras_schema=PLAIN,
    )  # fmt: skip


def part(required: str, /, **members: CoreSchema) -> CoreSchema:
    """An object, of which these members alone are read; those not *required* are ``None`` where absent."""
    names = required.split()
    return c.typed_dict_schema({
        name: c.typed_dict_field(kind if name in names else c.with_default_schema(kind, default=None))
        for name, kind in members.items()
    })  # fmt: skip


_ODD = ("\\", "\n", "\r", "\t", " :", "NaN", "Infinity")
_ODD_BYTES = tuple(sign.encode() for sign in _ODD)


def read(validator: SchemaValidator, text: bytes | str) -> Any:
    """*text* as *validator* reads it, or ``None``. What has escapes, line breaks or such constants is not plain."""
    for sign in _ODD_BYTES if isinstance(text, bytes) else _ODD:
        if sign in text:  # type: ignore[operator]
            return None
    try:
        return validator.validate_json(text)
    except ValidationError:
        return None


def members_of(text: bytes | str) -> int:
    """How many members the objects in *text*, which :func:`read` could read, have at least: all of them, where no name
    came twice and no text holds this sign."""
    return text.count(b'":') if isinstance(text, bytes) else text.count('":')


def present(text: str | None) -> str | None:
    """*text*; one with nothing but white space in it counts as absent."""
    return None if text is None or not text or text.isspace() else text


@cache
def _opened(kind: Any) -> tuple[list[str], type[Any]]:
    """The fields of *kind*, and a class laid out like it whose ``__init__`` only takes them."""
    names = [one.name for one in fields(kind)]
    return names, make_class(f"Opened{kind.__name__}", names, kind.__bases__, slots=True, eq=False, repr=False)


def made(kind: type[T], **columns: Iterable[Any]) -> list[T]:
    """Objects of *kind*, an attrs class, made much faster than by calling it: each from the next of every column.

    Every field needs a column, one of them an end, and nothing is converted or checked.
    """
    names, opened = _opened(cast("Hashable", kind))
    if columns.keys() != {*names}:
        raise TypeError(f"{kind.__name__} has the fields {', '.join(names)}")
    objects: list[Any] = list(map(opened, *[columns[name] for name in names]))
    for one in objects:
        one.__class__ = kind
    return objects


NONE: Iterable[None] = repeat(None)
"""A column of what is not stated."""


def empty() -> Iterable[dict[Any, Any]]:
    """A column of new dicts."""
    return iter(dict[Any, Any], None)


Facts: TypeAlias = tuple[str | None, Line | None]
"""Country and line."""


def facts_of(number: PhoneNumber, known: dict[str, Facts]) -> Facts:
    """The facts of *number*; kept in *known*, by its first five characters, where all that begin so have the same."""
    found = number.country, Line.of(number)
    if number[:2] == "+1" and number[2:5] in _nanp.WHOLE:
        known[number[:5]] = found
    return found


def numbers(texts: Sequence[str]) -> list[PhoneNumber] | None:
    """What :func:`anycarrier.numbers.from_ten_digit` makes of each; ``None`` where one needs a closer look."""
    joined = "".join(texts)
    if not (joined.isdecimal() and joined.isascii() and {*map(len, texts)} == {10}):
        return None
    for block in {text[:6] for text in texts}:
        if not (block[:3] in _nanp.FULL and block[3] > "1" and block[4:] != "11"):
            return None
    new = str.__new__
    return [new(PhoneNumber, "+1" + text) for text in texts]
