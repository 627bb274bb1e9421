"""Filters of a search that are sent, and that an answer may leave unstated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from attrs import evolve

from anycarrier.model import Offer
from anycarrier.search import FILTERS, Search, matches
from anycarrier.search import filter_offers as filtered

__all__ = ["filter_offers"]

_FACTS: Mapping[str, Callable[[Offer], Any]] = {one.name: one.fact for one in FILTERS}


def filter_offers(query: Search, offers: Sequence[Offer], trusted: Collection[str] = ()) -> list[Offer]:
    """The offers that match, at most ``query.limit`` of them, in the provider's order.

    Args:
        query: the search.
        offers: what the provider found.
        trusted: filters that were sent: an offer that does not state the fact is believed to match, one that states
            another fact is left out.
    """
    sent = [name for name in trusted if getattr(query, name)] if trusted else None
    if not sent:
        return filtered(query, offers)
    lenient: dict[tuple[str, ...], Search] = {}
    kept: list[Offer] = []
    for offer in offers:
        if len(kept) == query.limit:
            break
        silent = tuple(name for name in sent if _is_silent(query, offer, name))
        if silent not in lenient:
            lenient[silent] = _without(query, silent, offer)
        if matches(_without(query, silent, offer) if "features" in silent else lenient[silent], offer):
            kept.append(offer)
    return kept


def _is_silent(query: Search, offer: Offer, name: str) -> bool:
    fact = _FACTS[name](offer)
    return not query.features <= fact.keys() if name == "features" else fact is None


def _without(query: Search, names: Sequence[str], offer: Offer) -> Search:
    changes: dict[str, Any] = dict.fromkeys(names)
    if "features" in changes:
        changes["features"] = query.features & offer.features.keys()
    return evolve(query, **changes) if changes else query
