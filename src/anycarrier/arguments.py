"""Checks of arguments that clients and purchases share, made before anything is sent. An error names its argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anycarrier.errors import InvalidInput, OutcomeUnknown
from anycarrier.model import Offer, OwnedNumber, Target, number_of
from anycarrier.model import option_objects as options
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import seconds, shape, text

__all__ = [
    "breaker_or_none",
    "deadline",
    "deadline_or_none",
    "journal",
    "key_or_none",
    "notify_or_none",
    "options",
    "outcome",
    "provider",
    "providers",
    "request_id",
    "target",
    "wanted",
]


def wanted(value: Offer | PhoneNumber | str) -> Offer | PhoneNumber:
    """An offer or a number, to be bought."""
    if isinstance(value, OwnedNumber):
        raise InvalidInput("target must be an Offer or a number, not an OwnedNumber, which is bought already")
    return value if isinstance(value, Offer) else number_of(value)


def target(value: Target) -> Target:
    """A number of the account, or an object that has one."""
    return value if isinstance(value, OwnedNumber | Offer) else number_of(value)


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
