"""Protocols of purchases, beside those that every provider has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from anycarrier.attempt import Attempt, Draft
from anycarrier.errors import AnyCarrierError, OutcomeUnknown
from anycarrier.exchange import Exchange
from anycarrier.model import Money, Offer, OwnedNumber, ProviderOptions
from anycarrier.numbers import PhoneNumber

__all__ = ["BuysMany", "BuysThroughJournal", "Combines", "SharesPrices", "StatesPrices", "can_batch"]


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


@runtime_checkable
class BuysMany(Protocol):
    """Buys several numbers with one request, under one key; a purchase through a journal then serves many orders at
    once. See :class:`anycarrier.provider.Buys`, which such a provider is too.

    Its ``place`` takes a draft of many as well: it sends the whole request, which is the same purchase, and returns the
    one number.
    """

    def most_at_once(self) -> int:
        """Return how many numbers one request takes."""
        ...

    def draft_many(
        self, targets: Sequence[Offer | PhoneNumber], *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[list[Draft]]:
        """Prepare one request for all of these numbers; buys nothing. One draft for each, in their order: all have the
        same key and the same body."""
        ...

    def numbers_in(self, draft: Draft) -> list[PhoneNumber]:
        """The numbers that the request of *draft* orders, from its body alone; one for a purchase of one number."""
        ...

    def place_many(self, drafts: Sequence[Draft]) -> Exchange[Mapping[PhoneNumber, OwnedNumber | AnyCarrierError]]:
        """Send the request that these drafts share, once, and return the outcome of each: the number that the response
        confirms, or an error whose ``maybe_applied`` says whether that number may have been bought.

        Raises an error that is about all of them. *drafts* may be some of those that the request was made for.
        """
        ...

    def find_purchases(self, attempts: Sequence[Attempt]) -> Exchange[Mapping[PhoneNumber, OwnedNumber]]:
        """Look for the numbers of *attempts* on the account, all of them with one reading; one that is left out is not
        there, by a complete, documented answer.

        Anything else that is not complete raises: it proves nothing.
        """
        ...


def can_batch(provider: object) -> bool:
    """Return whether *provider* buys several numbers with one request."""
    return issubclass(type(provider), BuysMany)
