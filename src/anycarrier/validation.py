"""Checks of arguments, made before anything is sent: an error names the argument and says what would be right.

It shows the shape of the value, never the value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from anycarrier.errors import InvalidInput, OutcomeUnknown

__all__ = [
    "breaker_or_none",
    "deadline",
    "deadline_or_none",
    "flag",
    "instance",
    "journal",
    "key_or_none",
    "notify_or_none",
    "outcome",
    "provider",
    "providers",
    "real",
    "request_id",
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


def outcome(value: OutcomeUnknown) -> OutcomeUnknown:
    """The error of a purchase whose outcome is unknown."""
    if not isinstance(value, OutcomeUnknown):
        raise InvalidInput(f"error must be an OutcomeUnknown that client.buy() raised, not {shape(value)}")
    return value


def deadline(value: float) -> float:
    """Seconds, 0 or more."""
    return seconds("deadline", value)


def deadline_or_none(value: float | None) -> float | None:
    """Seconds, or ``None``."""
    return None if value is None else deadline(value)


def key_or_none(value: str | None) -> str | None:
    """The mark of a purchase; the provider's policy says its form."""
    return None if value is None else text("key", value, "ac1_0123456789")


def journal(value: Any) -> Any:
    """A journal of purchases."""
    if isinstance(value, type) or not all(callable(getattr(value, name, None)) for name in ("create", "begin", "load")):
        raise InvalidInput(
            f"journal must be a Journal, such as journal.open(path) of anycarrier.purchase gives, not {shape(value)}"
        )
    return value


def notify_or_none(value: Any) -> Any:
    """A function that takes progress, or ``None``."""
    if value is not None and not callable(value):
        raise InvalidInput(f"notify must be a function of one argument, not {shape(value)}")
    return value


def breaker_or_none(value: Any) -> Any:
    """A circuit breaker, or ``None``."""
    if value is not None and not callable(getattr(value, "failures", None)):
        raise InvalidInput(f"breaker must be a CircuitBreaker, which several orders may share, not {shape(value)}")
    return value


def provider(value: Any, operation: str) -> Any:
    """A provider object that has *operation*."""
    if isinstance(value, str | type | Mapping) or not callable(getattr(value, operation, None)):
        raise InvalidInput(f"provider must be a provider object that has {operation}(), not {shape(value)}")
    return value


def providers(value: Any) -> Sequence[Any]:
    """A list of provider objects."""
    if isinstance(value, str | bytes | bytearray) or not isinstance(value, Sequence):
        raise InvalidInput(f"providers must be a list of providers, not {shape(value)}")
    for one in value:
        if isinstance(one, str | type) or getattr(one, "accounts", None) is None:
            raise InvalidInput(f"providers must be provider objects, such as Failover([...]).members, not {shape(one)}")
    return value


def request_id(value: str) -> str:
    """The caller's id of an order."""
    return text("request_id", value, "order-1001")
