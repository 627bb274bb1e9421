"""Checks of arguments: an error names the argument, shows the value's shape and says what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from anycarrier.errors import InvalidInput

__all__ = [
    "flag",
    "instance",
    "real",
    "seconds",
    "shape",
    "size_of_int",
    "text",
    "validator",
    "vars_of",
    "whole",
    "whole_characters",
]

T = TypeVar("T")

Validator: TypeAlias = Callable[[object, Any, Any], None]
"""A validator as attrs calls it: with the instance, the attribute and the value."""


def shape(value: object) -> str:
    """*value* as a message may show it: text with ``#`` for each digit and ``a`` for each letter, else the type."""
    if not isinstance(value, str):
        return "None" if value is None else type(value).__name__
    plain = str.__str__(value)
    shown = "".join(map(_shape_of_char, plain[:40]))
    return repr(shown + "...") + f" of {len(plain)} characters" if len(plain) > 40 else repr(shown)


def _shape_of_char(char: str) -> str:
    if char.isnumeric():
        return "#"
    if char.isalpha():
        return "a"
    return char if char.isascii() else "?"


def text(name: str, value: object, example: str, most: int = 200) -> str:
    """*value*, if it is text of 1 to *most* printable characters."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text, such as {example!r}, not {shape(value)}")
    plain = str.__str__(value)
    if not plain.strip() or len(plain) > most or not plain.isprintable():
        raise InvalidInput(f"{name} must be 1 to {most} printable characters, such as {example!r}, got {shape(value)}")
    return plain


def whole_characters(name: str, value: object) -> None:
    """Refuse *value* unless it is text that can be sent: without half characters, at most 100,000 in all."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text, not {shape(value)}")
    plain = str.__str__(value)
    if len(plain) > _TEXT_MOST:
        raise InvalidInput(f"{name} must be text of at most {_TEXT_MOST} characters, got {len(plain)}")
    if not plain.isascii() and any("\ud800" <= char <= "\udfff" for char in plain):
        raise InvalidInput(f"{name} must be text of whole characters, and has half of a surrogate pair")


_TEXT_MOST = 100_000


def whole(name: str, value: object, least: int, most: int | None = None) -> int:
    """*value*, if it is a whole number from *least* to *most*."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"{name} must be a whole number, such as {max(least, 1)}, not {shape(value)}")
    plain = int.__int__(value)  # a subclass may compare as it likes
    if plain < least or plain > (_INT_MOST if most is None else most):
        wanted = f"at least {least}" if most is None else f"{least} to {most}"
        raise InvalidInput(f"{name} must be {wanted}, got {_shown(plain)}")
    return plain


def size_of_int(name: str, value: object) -> None:
    """Refuse *value* unless it is a whole number of at most 18 digits, which every provider's JSON can hold."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"{name} must be a whole number, such as 1, not {shape(value)}")
    if not -_INT_MOST <= int.__int__(value) <= _INT_MOST:
        raise InvalidInput(f"{name} must be a whole number of at most 18 digits")


_INT_MOST = 10**18 - 1


def _shown(value: Any) -> str:
    """A number in a message; a long one may be a phone number, and ``str()`` of a very long one raises."""
    return str(value) if isinstance(value, float) or abs(value) < 10**9 else "a number of more than 9 digits"


def flag(name: str, value: object) -> bool:
    """*value*, if it is ``True`` or ``False``."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be True or False, not {shape(value)}")
    return value


def real(name: str, value: object) -> float:
    """*value*, if it is a finite real number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} must be a number, such as 1.5, not {shape(value)}")
    plain = _plain(value)
    if not -_INT_MOST <= plain <= _INT_MOST:  # nan too
        raise InvalidInput(f"{name} must be a finite number, got {_shown(plain)}")
    return plain


def seconds(name: str, value: object, *, zero: bool = True, most: float = 10**9) -> float:
    """*value*, if it is a time: a real number up to *most*, not below 0, and only with *zero* 0 itself."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} must be a number of seconds, such as 60.0, not {shape(value)}")
    plain = _plain(value)
    if not 0 <= plain <= most or (not zero and plain == 0):  # nan too
        wanted = f"of at most {most:,}" if plain > most else f"{'from' if zero else 'above'} 0"
        raise InvalidInput(f"{name} must be a number of seconds {wanted}, got {_shown(plain)}")
    return plain


def _plain(value: float) -> float:
    """The number itself: a subclass may compare as it likes."""
    return int.__int__(value) if isinstance(value, int) else float.__float__(value)


def instance(name: str, value: object, kind: type[T], said: str) -> T:
    """*value*, if it is a *kind*; *said* is what would be right, such as ``"a Journal, from journal.open(...)"``."""
    if not isinstance(value, kind):
        raise InvalidInput(f"{name} must be {said}, not {shape(value)}")
    return value


def vars_of(value: object) -> Mapping[str, Any]:
    """Attributes of *value* itself, by name. No code of its class runs."""
    try:
        return object.__getattribute__(value, "__dict__")  # type: ignore[no-any-return]
    except AttributeError:  # it has slots, and those are of its class
        return {}


def validator(check: Callable[..., Any], *arguments: Any, optional: bool = False, **more: Any) -> Validator:
    """*check* for an attrs field, under the field's name; *optional* lets ``None`` pass."""

    def checked(_: object, attribute: Any, value: Any) -> None:
        if not (optional and value is None):
            check(attribute.name, value, *arguments, **more)

    return checked
