"""Offers for many items of one order, or of orders that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from zlib import crc32

from attrs import evolve

from anycarrier.errors import AnyCarrierError, JournalError
from anycarrier.exchange import Exchange, await_rate_limit, now
from anycarrier.model import Offer, ProviderOptions
from anycarrier.purchase.context import PurchaseContext
from anycarrier.purchase.order import Order
from anycarrier.purchase.selection import MOST_OFFERS, Choice, choices, is_passing
from anycarrier.purchase.sending import reason_of
from anycarrier.purchase.set_ups import lacks
from anycarrier.purchase.shared_prices import shared_price
from anycarrier.search import Search

__all__ = ["note_failure", "offers_for"]

SPARE = 20
"""Offers beyond those that are needed, in the place of numbers that turn out unsuitable or taken."""


def offers_for(
    context: PurchaseContext, account: str, order: Order, item_ids: Sequence[str], alike: int
) -> Exchange[list[Choice]]:
    """Suitable offers of *account* that no order is buying, some more than there are items; none where it cannot set
    them up as *order* wants, or fails.

    Args:
        context: shared state of the workers.
        account: where to buy.
        order: the order of the items.
        item_ids: the items.
        alike: number of all items that want the same, which one search serves.
    """
    try:
        # As for one item: a set-up that cannot be done shows before anything is bought.
        if (yield from lacks(context, account, order)):
            return []
        free = yield from _free_offers(context, account, order, item_ids, alike)
    except JournalError:
        raise
    except AnyCarrierError as error:
        yield from note_failure(context, account, error)
        return []

    def searched(provider: Any, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[Sequence[Offer]]:
        yield from ()
        return free[: len(item_ids) + SPARE]

    price = partial(shared_price, context.journal)
    found = yield from choices(order, context.providers[account], account, (), context.options, searched, price)
    if found.error is not None:
        yield from note_failure(context, account, found.error)
    return [*found.choices]


def _free_offers(
    context: PurchaseContext, account: str, order: Order, item_ids: Sequence[str], alike: int
) -> Exchange[list[Offer]]:
    """Offers of numbers that no order is buying, once the account's rate limit has a place for a purchase."""
    provider = context.providers[account]
    assert order.criteria is not None  # noqa: S101 - an item of a named number is left
    wide = order.criteria if order.criteria.limit >= alike else evolve(order.criteria, limit=MOST_OFFERS)
    search = partial(context.searches.offers, provider, wide, options=context.options)
    offers = yield from search()
    # The place first, which may take seconds, and only then the numbers: by then others have theirs.
    yield from await_rate_limit(account, at_most=context.journal.lease / 2)
    free = yield from _unclaimed(context, provider.name, order, item_ids, offers)
    if offers and not free:
        offers = yield from search(since=(yield from now()).monotonic)
        free = yield from _unclaimed(context, provider.name, order, item_ids, offers)
    return free


def _unclaimed(
    context: PurchaseContext, provider: str, order: Order, item_ids: Sequence[str], offers: Sequence[Offer]
) -> Exchange[list[Offer]]:
    """*offers* without the numbers that orders are buying; where there are such, each worker begins elsewhere."""
    numbers = [offer.number for offer in offers]
    if not numbers:
        return []
    taken = yield from context.journaled(partial(context.journal.claimed, provider, numbers), "claimed")
    free = [offer for offer in offers if offer.number not in taken]
    is_sorted = order.criteria is not None and order.criteria.sort_by is not None
    if not free or is_sorted or not taken:
        return free
    shift = crc32(item_ids[0].encode()) % len(free)
    return free[shift:] + free[:shift]


def note_failure(context: PurchaseContext, account: str, error: Exception) -> Exchange[None]:
    """Note that nothing can be bought at *account* now; an error that does not pass is for each item to find out."""
    if is_passing(error):
        moment = yield from now()
        wait = error.retry_after if isinstance(error, AnyCarrierError) else None
        context.breaker.failed(account, moment.monotonic, reason_of(error), wait)
