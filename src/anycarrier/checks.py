"""What callers give, checked: an error names the argument, shows the value's shape and says what would be right."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeAlias

from anycarrier.errors import InvalidInput

__all__ = ["flag", "seconds", "shape", "text", "validator", "whole"]

Validator: TypeAlias = Callable[[object, Any, Any], None]
"""As attrs calls it: with the instance, the attribute and the value."""


def shape(value: object) -> str:
    """What a message may show of *value*: of text ``#`` for each digit and ``a`` for each letter, else its type."""
    if not isinstance(value, str):
        return "None" if value is None else type(value).__name__
    shown = "".join(map(_shape_of_char, value[:40]))
    return repr(shown + "..." if len(value) > 40 else shown)


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
    if not value.strip() or len(value) > most or not value.isprintable():
        raise InvalidInput(f"{name} must be 1 to {most} printable characters, such as {example!r}, got {shape(value)}")
    return value


def whole(name: str, value: object, least: int, most: int | None = None) -> int:
    """*value*, if it is a whole number from *least* to *most*."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"{name} must be a whole number, such as {max(least, 1)}, not {shape(value)}")
    if value < least or (most is not None and value > most):
        wanted = f"at least {least}" if most is None else f"{least} to {most}"
        raise InvalidInput(f"{name} must be {wanted}, got {value}")
    return value


def flag(name: str, value: object) -> bool:
    """*value*, if it is ``True`` or ``False``."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be True or False, not {shape(value)}")
    return value


def seconds(name: str, value: object, *, zero: bool = True) -> float:
    """*value*, if it is a time: a real number, not below 0, and only with *zero* 0 itself."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} must be a number of seconds, such as 60.0, not {shape(value)}")
    if not isfinite(value) or value < 0 or (not zero and value == 0):
        raise InvalidInput(f"{name} must be a number of seconds {'from' if zero else 'above'} 0, got {value}")
    return value


def validator(check: Callable[..., Any], *arguments: Any, optional: bool = False, **more: Any) -> Validator:
    """*check* for an attrs field, under the field's name; *optional* lets ``None`` pass."""

    def checked(_: object, attribute: Any, value: Any) -> None:
        if not (optional and value is None):
            check(attribute.name, value, *arguments, **more)

    return checked
