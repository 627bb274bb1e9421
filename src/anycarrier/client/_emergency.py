"""Numbers without an emergency address, from the provider's list of numbers and what it says of their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anycarrier.exchange import Emit, Exchange, Failed, Listing, together
from anycarrier.model import OwnedNumber
from anycarrier.provider import attributed_to
from anycarrier.provider_abilities import ListsEmergencyAddresses

__all__ = ["without_address"]

OPERATION = "numbers_without_emergency_address"
AT_ONCE = 4
"""Numbers whose address is read at once."""


def without_address(provider: Any) -> Listing[OwnedNumber]:
    """Numbers of the account that have no emergency address, page by page.

    Where the provider lists all addresses, that list is read once, before the numbers; else each number's is read. An
    address that cannot be read ends the listing in its error: no number is left out, or named, on a guess.
    """
    return attributed_to(OPERATION, _without(provider))


def _without(provider: Any) -> Listing[OwnedNumber]:
    known: frozenset[str] | None = None
    if issubclass(type(provider), ListsEmergencyAddresses):
        known = frozenset(record.number for record in (yield from provider.emergency_addresses()))
    listing: Listing[OwnedNumber] = provider.list()
    outcome: Any = None
    try:
        while True:
            effect = listing.send(outcome)
            if not isinstance(effect, Emit):
                outcome = yield effect
                continue
            outcome = None
            if known is None:
                yield Emit((yield from _lacking(provider, effect.items)))
            else:
                yield Emit([one for one in effect.items if one.number not in known])
    except StopIteration:
        return
    finally:
        listing.close()


def _lacking(provider: Any, numbers: Sequence[OwnedNumber]) -> Exchange[list[OwnedNumber]]:
    lacking: list[OwnedNumber] = []
    reads = [provider.emergency_address(number) for number in numbers]
    for number, read in zip(numbers, (yield from together(reads, limit=AT_ONCE)), strict=True):
        if isinstance(read, Failed):
            raise read.error
        if read.value is None:
            lacking.append(number)
    return lacking
