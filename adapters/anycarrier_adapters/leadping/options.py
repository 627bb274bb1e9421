"""What only Leadping takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from attrs import field, frozen

from anycarrier.checks import flag, shape, text, validator
from anycarrier.errors import InvalidInput
from anycarrier.model import Money, ProviderOptions
from anycarrier.numbers import PhoneNumber

from .api import PROVIDER

__all__ = [
    "NO_OVERRIDE", "AdminOverride", "Available", "LeadpingPurchase", "LeadpingSearch", "NoOverride", "checked_name",
    "marked",
]  # fmt: skip

NAME_MOST = 255
HEALTH = Money("2.00")
"""The add-on for a number's health, per month (the document of October 2026)."""


def checked_name(name: str, most: int = NAME_MOST) -> str:
    """*name* without white space around it; raises where Leadping cannot take it as the name of a number."""
    if not isinstance(name, str):
        raise InvalidInput(f"name must be text, such as 'Main line', not {shape(name)}")
    name = name.strip()
    if not 1 <= len(name) <= most:
        raise InvalidInput(f"name must be 1 to {most} characters, got {len(name)}")
    if any("\ud800" <= char <= "\udfff" for char in name):
        raise InvalidInput("name must be text of whole characters, and has half of one (a surrogate)")
    return name


def _name(name: str | None) -> str | None:
    return None if name is None else checked_name(name)


@frozen(kw_only=True)
class LeadpingSearch(ProviderOptions):
    """``prices``: ask the price of every offer found, one request each; otherwise only a ``max_price`` does."""

    provider: ClassVar[str] = PROVIDER
    prices: bool = field(default=False, validator=validator(flag))


@frozen(kw_only=True)
class LeadpingPurchase(ProviderOptions):
    """How a bought number is set up.

    Attributes:
        name: its display name; the mark of the purchase is put behind it, and both together have 255 characters.
        number_health: opt in to the add-on of 2 USD a month. A server that knows the add-on opts in by itself when it
            is told nothing, so it is always told.
    """

    provider: ClassVar[str] = PROVIDER
    name: str | None = field(default=None, converter=_name)
    number_health: bool = field(default=False, validator=validator(flag))

    def costs(self, price: Money | None) -> Money | None:
        """What a number of this *price* costs per month when it is set up so; ``None`` where that is not known."""
        if price is None or not self.number_health:
            return price
        return Money(price.amount + HEALTH.amount, price.currency) if price.currency == HEALTH.currency else None


def _moment(_: object, __: Any, value: object) -> None:
    if value is not None and not isinstance(value, datetime):
        raise InvalidInput(f"updated_at must be a datetime, not {shape(value)}")


@frozen(kw_only=True)
class AdminOverride:
    """An administrator's decision over whether a number is enabled (June 2026 only).

    Attributes:
        enabled: the decision.
        reason: why.
        updated_by_user_id: who decided; expected to be set by Leadping itself.
        updated_at: when; likewise.
    """

    enabled: bool = field(validator=validator(flag))
    reason: str | None = field(default=None, validator=validator(text, "asked by the owner", 1000, optional=True))
    updated_by_user_id: str | None = field(default=None, validator=validator(text, "user-1", optional=True))
    updated_at: datetime | None = field(default=None, validator=_moment)

    def as_dict(self) -> dict[str, Any]:
        """As a request has it."""
        values = {
            "enabled": self.enabled, "reason": self.reason, "updatedByUserId": self.updated_by_user_id,
            "updatedAt": None if self.updated_at is None else self.updated_at.isoformat(),
        }  # fmt: skip
        return {name: value for name, value in values.items() if value is not None}


@frozen
class NoOverride:
    """No administrator's override: given to ``update``, it takes one away."""


NO_OVERRIDE = NoOverride()


@frozen(kw_only=True)
class Available:
    """Whether a number can be bought now.

    Attributes:
        price: per month (inferred); ``None`` where Leadping does not say.
    """

    number: PhoneNumber
    available: bool
    price: Money | None
    city: str | None
    state: str | None
    raw: Mapping[str, Any] = field(repr=False, eq=False)


def marked(name: str | None, key: str) -> str:
    """The name of a number that is bought: what the caller wants, if anything, and the key of the purchase."""
    return key if name is None else f"{checked_name(name, NAME_MOST - len(key) - 1)} {key}"
