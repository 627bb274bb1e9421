"""Searches at one provider: its own search, and the part that it cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from anycarrier.capabilities import has, lacks, require_search, takes_area_codes
from anycarrier.exchange import Exchange
from anycarrier.filters import by_price
from anycarrier.model import Offer, ProviderOptions
from anycarrier.search import Search

__all__ = ["find_offers"]


def find_offers(provider: Any, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[list[Offer]]:
    """Offers of *provider* that match *query*, at most ``query.limit``.

    Several area codes are searched one after the other, in their order, until the limit is met, or all of them if the
    offers are sorted; an error of one is the error of the search. Everything else is one search at the provider, as it
    stands.
    """
    if not has(provider, "search"):
        return _lacking(provider)
    if isinstance(query.area_code, tuple) and not takes_area_codes(provider):
        return _in_each(provider, query, options)
    exchange: Exchange[list[Offer]] = provider.search(query, options=options)
    return exchange


def _lacking(provider: Any) -> Exchange[list[Offer]]:
    raise lacks(provider, "search")
    yield


def _in_each(provider: Any, query: Search, options: Sequence[ProviderOptions]) -> Exchange[list[Offer]]:
    require_search(provider, query, whole=True)
    found: dict[str, Offer] = {}
    for code in query.area_codes:
        one = evolve(query, area_code=code, limit=query.limit if query.sort_by else query.limit - len(found))
        for offer in (yield from provider.search(one, options=options)):
            found.setdefault(offer.number, offer)
        if len(found) >= query.limit and not query.sort_by:
            break
    return by_price([*found.values()])[: query.limit] if query.sort_by else [*found.values()]
