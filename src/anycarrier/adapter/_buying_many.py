"""The mixin of a provider that buys several numbers with one request."""

from __future__ import annotations

import builtins
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from anycarrier.attempt import Attempt, Draft
from anycarrier.decoding.json import json_body
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange, each_page
from anycarrier.model import Offer, OwnedNumber, ProviderOptions
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import attributed_to

from ._provider import Buying, Owning

__all__ = ["BuyingMany"]

FEW = 3
"""Numbers that are looked for one by one, which costs less than the list of a large account."""


class BuyingMany(Buying):
    """The operation ``buy`` of a provider that takes several numbers in one request, and replays its key: purchases
    through a journal then serve many orders with one request. See
    :class:`anycarrier.purchase.protocols.BuysMany`.

    ``order_body`` and ``place`` are here: a purchase of one number is one of many that has only that.
    """

    @abstractmethod
    def most_at_once(self) -> int:
        """Hook: how many numbers one request takes."""

    @abstractmethod
    def many_body(
        self, numbers: Sequence[PhoneNumber], key: str, options: Sequence[ProviderOptions]
    ) -> Mapping[str, Any] | bytes:
        """Hook: the members of the JSON body of an order for *numbers*, or its exact bytes. The same arguments give the
        same body."""

    @abstractmethod
    def numbers_in(self, draft: Draft) -> builtins.list[PhoneNumber]:
        """The numbers that the request of *draft* orders, read from its body."""

    @abstractmethod
    def place_many(self, drafts: Sequence[Draft]) -> Exchange[Mapping[PhoneNumber, OwnedNumber | AnyCarrierError]]:
        """Send the order of these drafts, once."""

    def order_body(
        self, number: PhoneNumber, key: str, options: Sequence[ProviderOptions]
    ) -> Mapping[str, Any] | bytes:
        return self.many_body([number], key, options)

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        """Send the order, once; of one for several numbers too, and return the number of *draft*."""
        outcome = (yield from self.place_many([draft]))[draft.number]
        if isinstance(outcome, AnyCarrierError):
            raise outcome
        return outcome

    def draft_many(
        self, targets: Sequence[Offer | PhoneNumber], *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[builtins.list[Draft]]:
        """One order of several numbers, ready to be sent: a draft for each, with the same key and body."""
        yield from ()  # an exchange without effects
        numbers = [self.number_of(target, "buy") for target in targets]
        body = self.many_body(numbers, key, options)
        sent = body if isinstance(body, bytes) else json_body(body)
        return [
            Draft(
                **self.mine,
                number=number,
                key=key,
                body=sent,
                price=target.price if isinstance(target, Offer) else None,
                setup_price=target.setup_price if isinstance(target, Offer) else None,
            )
            for number, target in zip(numbers, targets, strict=True)
        ]

    def find_purchases(self, attempts: Sequence[Attempt]) -> Exchange[Mapping[PhoneNumber, OwnedNumber]]:
        """The numbers of *attempts* that are on the account: a few of them each by itself, where the provider has a
        record of one number, and more of them by one reading of its list. Override it where the provider tells of
        several numbers with less."""
        found: dict[PhoneNumber, OwnedNumber] = {}
        if len(attempts) <= FEW and type(self).fetch is not Owning.fetch:
            for attempt in attempts:
                if owned := (yield from self.find_purchase(attempt)):
                    found[attempt.draft.number] = owned
            return found
        wanted = {attempt.draft.number for attempt in attempts}

        def note(page: Sequence[OwnedNumber]) -> Exchange[None]:
            yield from ()
            found.update((owned.number, owned) for owned in page if owned.number in wanted)

        yield from attributed_to("buy", each_page(self.numbers(), note))
        for attempt in attempts:
            number = attempt.draft.number
            if number not in found and (waiting := (yield from attributed_to("buy", self.pending(attempt)))):
                found[number] = waiting
        return found
