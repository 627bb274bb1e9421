"""Searches that the orders of a process share: what one has found serves others for some seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from attrs import evolve, frozen

from anycarrier.exchange import Exchange, exclusive, now
from anycarrier.finding import find_offers
from anycarrier.model import Offer, ProviderOptions
from anycarrier.search import Search

__all__ = ["SharedSearches", "shared_searches"]

SERVES = 30.0
"""Seconds for which the offers of a search serve other orders. The price is checked once more when one is bought."""

MOST = 64
"""Searches that are remembered at most."""


@frozen
class _Kept:
    at: float
    offers: Sequence[Offer]


class SharedSearches:
    """Offers of the latest searches, by account, criteria and options; safe for threads and tasks.

    A provider whose purchase belongs to a search of its own (``rules.fresh_search``) is always searched anew.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], _Kept] = {}

    def offers(
        self, provider: Any, query: Search, *, options: Sequence[ProviderOptions] = (), since: float = 0.0
    ) -> Exchange[Sequence[Offer]]:
        """The offers of *provider* for *query*. Several that want the same at once wait for one search.

        Args:
            provider: where to search.
            query: the criteria.
            options: options of the provider.
            since: second of the steady clock; a search that was made before it does not serve.

        Raises what :func:`anycarrier.finding.find_offers` does.
        """
        if provider.rules.fresh_search:
            return find_offers(provider, query, options=options)
        key = (provider.accounts[0].id, repr(evolve(query, limit=1)), query.limit, repr(options))
        return exclusive(f"search {hash(key)}", self._searched(key, provider, query, options, since))

    def _searched(
        self,
        key: tuple[object, ...],
        provider: Any,
        query: Search,
        options: Sequence[ProviderOptions],
        since: float,
    ) -> Exchange[Sequence[Offer]]:
        moment = yield from now()
        kept = self._kept.get(key)
        if kept is not None and max(since, moment.monotonic - SERVES) <= kept.at:
            return kept.offers
        offers = yield from find_offers(provider, query, options=options)
        moment = yield from now()
        self._forget(moment.monotonic)
        self._kept[key] = _Kept(moment.monotonic, offers)
        return offers

    def _forget(self, time: float) -> None:
        for key, kept in [*self._kept.items()]:
            if kept.at < time - SERVES or len(self._kept) >= MOST:
                self._kept.pop(key, None)


_OF: WeakKeyDictionary[Any, SharedSearches] = WeakKeyDictionary()


def shared_searches(journal: object) -> SharedSearches:
    """The searches of all orders of this process that go through *journal*."""
    return _OF.setdefault(journal, SharedSearches())
