"""Protocols of purchases, beside those that every provider has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from anycarrier.errors import OutcomeUnknown
from anycarrier.exchange import Exchange
from anycarrier.model import Money, Offer, OwnedNumber, ProviderOptions
from anycarrier.numbers import PhoneNumber

__all__ = ["BuysThroughJournal", "Combines", "SharesPrices", "StatesPrices"]


@runtime_checkable
class StatesPrices(Protocol):
    """A provider that states prices elsewhere than in its offers."""

    def price_of(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Money | None]:
        """The price of *number* per month when it is bought with these *options*, every documented fee included;
        ``None`` where the provider does not state it."""
        ...


@runtime_checkable
class SharesPrices(StatesPrices, Protocol):
    """States prices that are the same for many numbers, so that the processes of a journal can share what one read."""

    def price_name(self, number: PhoneNumber, *, options: Sequence[ProviderOptions] = ()) -> str:
        """The name of the price of *number* with these *options*: numbers of one name have one price."""
        ...


@runtime_checkable
class Combines(Protocol):
    """Several providers as one: :class:`anycarrier.failover.Failover` is."""

    @property
    def members(self) -> Sequence[object]: ...


@runtime_checkable
class BuysThroughJournal(Protocol):
    """Buys a named number through a journal, where a provider would be bought from directly."""

    def buy(
        self,
        target: Offer | PhoneNumber | str,
        *,
        deadline: float = 60.0,
        key: str | None = None,
        options: Sequence[ProviderOptions] = (),
    ) -> Exchange[OwnedNumber]:
        """Buy exactly this number; the same *key* again is the same purchase."""
        ...

    def resolve(self, error: OutcomeUnknown, *, deadline: float = 60.0) -> Exchange[OwnedNumber]:
        """Go on with a purchase whose outcome was unknown."""
        ...
