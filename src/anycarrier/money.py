"""Money: an exact amount in one currency."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import total_ordering
from typing import cast

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.json_markers import JsonValue
from anycarrier.validation import shape

__all__ = ["Money", "first_month", "price_cap", "price_of"]

_AMOUNT = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*", re.ASCII)


def _decimal(value: Decimal | int | float | str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        raise InvalidInput(f"amount must be a number, such as 1.15, not {shape(value)}")
    if isinstance(value, int) and not -(10**12) < value < 10**12:
        value = "too large"  # and str() of an int may raise
    text = str.__str__(value) if isinstance(value, str) else str(value)
    amount = Decimal(text) if len(text) <= 60 and _AMOUNT.fullmatch(text) else Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= 10**12 or cast("int", amount.as_tuple().exponent) < -40:
        raise InvalidInput("amount must be a number, such as 1.15, below a million millions")
    return amount


def _currency(_: object, __: object, value: object) -> None:
    if not (isinstance(value, str) and re.fullmatch("[A-Z]{3}", value)):
        raise InvalidInput(f"currency must be three capitals (ISO 4217), such as 'USD', not {shape(value)}")


@frozen
@total_ordering
class Money(JsonValue):
    """An exact amount in one currency (ISO 4217 code); comparing two currencies is an error.

    The amount is read through its text, so a JSON number such as 1.15 stays 1.15.
    """

    amount: Decimal = field(converter=_decimal)
    currency: str = field(default="USD", validator=_currency)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise InvalidInput(f"cannot compare {self.currency} with {other.currency}")
        return self.amount < other.amount

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def price_of(amount: object, currency: object = "USD") -> Money | None:
    """Price that a provider states; ``None`` for anything that cannot be one, as for a fact that is not stated.

    The currency may be in lower case and have spaces around it.
    """
    unit = currency.strip().upper() if isinstance(currency, str) else ""
    try:
        money = Money(cast("Decimal", amount), unit)
    except InvalidInput:
        return None
    return money if money.amount >= 0 else None


def first_month(price: Money | None, setup_price: Money | None) -> Money | None:
    """Cost of a number's first month: its price and its set-up cost; ``None`` if the price is not known.

    A set-up cost that is not stated is not counted.

    Raises:
        InvalidInput: they are in two currencies.
    """
    if price is None or setup_price is None:
        return price
    if price.currency != setup_price.currency:
        raise InvalidInput(f"the price is in {price.currency}, and the set-up cost in {setup_price.currency}")
    return Money(price.amount + setup_price.amount, price.currency)


def price_cap(name: str, value: object) -> None:
    """Refuse *value* unless it is :class:`Money` of at least 0."""
    if not isinstance(value, Money):
        raise InvalidInput(f"{name} must be Money, such as Money('1.50'), not {shape(value)}")
    if value.amount < 0:
        raise InvalidInput(f"{name} must not be below 0")
