"""Leadping's own options and values: search and purchase options, the administrator's override, availability."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from attrs import field, frozen

from anycarrier.adapter import InvalidInput, Money, PhoneNumber, ProviderOptions, flag, shape, text, validator

from .errors import PROVIDER

__all__ = [
    "NO_OVERRIDE",
    "AdminOverride",
    "Available",
    "LeadpingPurchase",
    "LeadpingSearch",
    "NoOverride",
    "checked_name",
    "marked",
]

MAX_NAME = 255
HEALTH = Money("2.00")
"""Price of the number health add-on, per month (the document of October 2026)."""


def checked_name(name: str, most: int = MAX_NAME) -> str:
    """Return *name* without the white space around it.

    Raises:
        InvalidInput: Leadping cannot take it as the name of a number.
    """
    if not isinstance(name, str):
        raise InvalidInput(f"name must be text, such as 'Main line', not {shape(name)}")
    name = name.strip()
    if not 1 <= len(name) <= most:
        raise InvalidInput(f"name must be 1 to {most} characters, got {len(name)}")
    if any("\ud800" <= char <= "\udfff" for char in name):
        raise InvalidInput("name must be text of whole characters, and has half of one (a surrogate)")
    return name


def marked(name: str | None, key: str) -> str:
    """Return the name of a bought number: the caller's *name*, if any, and the *key* of the purchase."""
    return key if name is None else f"{checked_name(name, MAX_NAME - len(key) - 1)} {key}"


def _name(name: str | None) -> str | None:
    return None if name is None else checked_name(name)


@frozen(kw_only=True)
class LeadpingSearch(ProviderOptions):
    """Search options.

    Attributes:
        prices: request the price of every offer, one request each. Without it only a ``max_price`` does.
    """

    provider: ClassVar[str] = PROVIDER
    prices: bool = field(default=False, validator=validator(flag))


@frozen(kw_only=True)
class LeadpingPurchase(ProviderOptions):
    """Settings of the number to buy.

    Attributes:
        name: display name. The purchase key follows it, and both together have at most 255 characters.
        number_health: opt in to the add-on of 2 USD a month. A server that knows the add-on opts in by default, so
            every purchase states it.
    """

    provider: ClassVar[str] = PROVIDER
    name: str | None = field(default=None, converter=_name)
    number_health: bool = field(default=False, validator=validator(flag))

    def costs(self, price: Money | None) -> Money | None:
        """Return the monthly cost of a number of this *price* with the add-on; ``None`` if it is unknown."""
        if price is None or not self.number_health:
            return price
        return Money(price.amount + HEALTH.amount, price.currency) if price.currency == HEALTH.currency else None


def _moment(_: object, __: Any, value: object) -> None:
    if value is not None and not isinstance(value, datetime):
        raise InvalidInput(f"updated_at must be a datetime, not {shape(value)}")


@frozen(kw_only=True)
class AdminOverride:
    """Decision of a Leadping administrator over whether a number is enabled (June 2026 only).

    Attributes:
        enabled: the decision.
        reason: the reason, at most 1000 characters.
        updated_by_user_id: the administrator; Leadping is expected to set it.
        updated_at: the time of the decision; Leadping is expected to set it.
    """

    enabled: bool = field(validator=validator(flag))
    reason: str | None = field(default=None, validator=validator(text, "requested by the owner", 1000, optional=True))
    updated_by_user_id: str | None = field(default=None, validator=validator(text, "user-1", optional=True))
    updated_at: datetime | None = field(default=None, validator=_moment)

    def as_dict(self) -> dict[str, Any]:
        """Return the member of a request."""
        values = {
            "enabled": self.enabled,
            "reason": self.reason,
            "updatedByUserId": self.updated_by_user_id,
            "updatedAt": None if self.updated_at is None else self.updated_at.isoformat(),
        }
        return {name: value for name, value in values.items() if value is not None}


@frozen
class NoOverride:
    """Absence of an administrator's override: ``update`` removes one with it."""


NO_OVERRIDE = NoOverride()


@frozen(kw_only=True)
class Available:
    """Availability of one number.

    Attributes:
        available: whether it can be bought now.
        price: per month (inferred); ``None`` if Leadping does not state it.
    """

    number: PhoneNumber
    available: bool
    price: Money | None
    city: str | None
    state: str | None
    raw: Mapping[str, Any] = field(repr=False, eq=False)
