"""Searches that the orders of a process share: what one has found serves others for some seconds."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from attrs import evolve, frozen

from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange, exclusive, now
from anycarrier.finding import find_offers
from anycarrier.model import Offer, ProviderOptions
from anycarrier.search import Search

__all__ = ["LOCKS", "SharedSearches", "shared_searches"]

SERVES = 30.0
"""Seconds for which the offers of a search serve other orders. The price is checked once more when one is bought."""

MOST = 64
"""Searches that are remembered at most."""

LOCKS = 1024
"""Locks that let one request of a kind run at a time; a driver never forgets the name of one."""


@frozen
class _Kept:
    """Result of a search of *provider*, or its error."""

    at: float
    provider: Any
    offers: Sequence[Offer] = ()
    error: AnyCarrierError | None = None


class SharedSearches:
    """Offers of the latest searches, by account, criteria and options; safe for threads and tasks.

    The searches of two provider objects are apart, also if their accounts have one name: their credentials, origins
    and settings may differ.

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
        key = (id(provider), repr(evolve(query, limit=1)), query.limit, repr(options))
        return self._one_at_a_time(key, provider, query, options, since)

    def _one_at_a_time(
        self,
        key: tuple[object, ...],
        provider: Any,
        query: Search,
        options: Sequence[ProviderOptions],
        since: float,
    ) -> Exchange[Sequence[Offer]]:
        wanted = (yield from now()).monotonic
        searched = self._searched(key, provider, query, options, since, wanted)
        return (yield from exclusive(f"search {hash(key) % LOCKS}", searched))

    def _searched(
        self,
        key: tuple[object, ...],
        provider: Any,
        query: Search,
        options: Sequence[ProviderOptions],
        since: float,
        wanted: float,
    ) -> Exchange[Sequence[Offer]]:
        moment = yield from now()
        kept = self._kept.get(key)
        if kept is not None and kept.error is not None and wanted < kept.at:
            raise copy.copy(kept.error)  # else those who waited for it would fail one after the other, each as slowly
        if kept is not None and kept.error is None and max(since, moment.monotonic - SERVES) <= kept.at:
            return kept.offers
        try:
            offers = yield from find_offers(provider, query, options=options)
        except AnyCarrierError as error:
            yield from self._keep(key, provider, error=copy.copy(error))
            raise
        yield from self._keep(key, provider, offers)
        return offers

    def _keep(
        self,
        key: tuple[object, ...],
        provider: Any,
        offers: Sequence[Offer] = (),
        error: AnyCarrierError | None = None,
    ) -> Exchange[None]:
        moment = yield from now()
        self._forget(moment.monotonic)
        # With its provider, whose id is no other's for as long.
        self._kept[key] = _Kept(moment.monotonic, provider, offers, error)

    def _forget(self, time: float) -> None:
        for key, kept in [*self._kept.items()]:
            if kept.at < time - SERVES or len(self._kept) >= MOST:
                self._kept.pop(key, None)


_OF: WeakKeyDictionary[Any, SharedSearches] = WeakKeyDictionary()


def shared_searches(journal: object) -> SharedSearches:
    """The searches of all orders of this process that go through *journal*."""
    try:
        return _OF.setdefault(journal, SharedSearches())
    except TypeError:  # one that cannot be referred to weakly shares nothing
        return SharedSearches()
