"""Prices that the processes of a journal share, so that a tight limit on reading them serves any number of workers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from anycarrier.errors import AnyCarrierError, JournalError, RateLimited
from anycarrier.exchange import Exchange, call, sleep
from anycarrier.model import Money, ProviderOptions
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.protocols import SharesPrices
from anycarrier.purchase.selection import stated_price

__all__ = ["shared_price"]

FRESH = 900.0
"""Seconds for which a price that was read serves every process."""

USABLE = 3600.0
"""Seconds for which it serves while it cannot be read anew, or another process is reading it."""

READS_WITHIN = 60.0
"""Seconds for which one process may take to read it; then another one does."""

WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds of the waits for another process that reads the first price."""


def shared_price(
    journal: Journal,
    provider: Any,
    account: str,
    number: PhoneNumber,
    options: Sequence[ProviderOptions] = (),
) -> Exchange[Money | None]:
    """The price of *number* per month: from the journal where another process has read it lately, else from *provider*,
    by one process at a time.

    A provider that does not say which numbers have the same price is read each time; so is any while the journal does
    not work.

    Raises:
        RateLimited: another process has been reading it for long; later it may be there.
        AnyCarrierError: that of :meth:`~anycarrier.purchase.protocols.StatesPrices.price_of`.
    """
    if not issubclass(type(provider), SharesPrices):
        return (yield from stated_price(provider, account, number, options))
    of = (provider.name, account, cast("SharesPrices", provider).price_name(number, options=options))
    for wait in WAITS:
        try:
            kept = yield from call(partial(journal.price, *of), "price")
            if kept.age is not None and kept.age < FRESH:
                return kept.price
            mine = yield from call(partial(journal.claim_price, *of, READS_WITHIN), "claim price")
        except JournalError:
            return (yield from stated_price(provider, account, number, options))
        usable = kept.age is not None and kept.age < USABLE
        if mine:
            read = stated_price(provider, account, number, options)
            return (yield from _written_price(journal, of, read, kept.price if usable else None))
        if usable:
            return kept.price
        yield from sleep(wait, "other_worker")
    raise RateLimited("another process is reading the price", provider=provider.name, retry_after=WAITS[-1])


def _written_price(
    journal: Journal, of: tuple[str, str, str], read: Exchange[Money | None], before: Money | None
) -> Exchange[Money | None]:
    """The price that *read* gives, written to the journal; the one of *before* where it fails."""
    try:
        price = yield from read
    except AnyCarrierError:
        yield from _written(partial(journal.release_price, *of))
        if before is not None:
            return before
        raise
    yield from _written(partial(journal.keep_price, *of, price))
    return price


def _written(work: partial[None]) -> Exchange[None]:
    try:
        yield from call(work, "keep price")
    except JournalError:
        pass  # the claim ends by itself, and the next purchase says what is wrong with the journal
