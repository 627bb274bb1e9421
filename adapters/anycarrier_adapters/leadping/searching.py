"""Searches of Leadping, which state no price, and the requests for one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import evolve

from anycarrier.adapter import (
    NANP_COUNTRIES,
    Done,
    Exchange,
    Offer,
    PhoneNumber,
    Search,
    filter_offers,
    together,
)

from . import mapping
from .api import Api
from .options import Available, LeadpingSearch

__all__ = ["MAX_PRICED", "available", "offers"]

MAX_PRICED = 100
"""Offers whose price one search requests at most: Leadping allows 300 requests in a minute."""
PRICED_AT_ONCE = 4


def offers(api: Api, query: Search, wishes: LeadpingSearch, trusted: Collection[str]) -> Exchange[Sequence[Offer]]:
    """Numbers that can be bought; with prices where *query* or *wishes* need them. Not all filters are applied."""
    nanp = query.country is None or query.country in NANP_COUNTRIES
    place = {"location": query.city, "state": query.state, "countryCode": query.country}
    stated = {name: value for name, value in place.items() if value is not None}
    number = f"+1{query.leading}" if query.leading and nanp else None
    rows = yield from api.search(body={"phoneNumber": number, "location": stated or None})
    found = mapping.offers(api.account, rows)
    if query.max_price is None and query.sort_by is None and not wishes.prices:
        return found
    return (yield from _priced(api, query, found, trusted))


def _priced(api: Api, query: Search, offers: Sequence[Offer], trusted: Collection[str]) -> Exchange[list[Offer]]:
    """Return the matching offers with their prices; those that cannot be bought any more are left out."""
    unpriced = evolve(query, max_price=None, sort_by=None, limit=MAX_PRICED)
    candidates = filter_offers(unpriced, offers, trusted)
    priced: list[Offer] = []
    while candidates and (query.sort_by or len(priced) < query.limit):
        batch, candidates = candidates[:PRICED_AT_ONCE], candidates[PRICED_AT_ONCE:]
        answers = yield from together([available(api, offer.number) for offer in batch], limit=PRICED_AT_ONCE)
        for offer, outcome in zip(batch, answers, strict=True):
            if not isinstance(outcome, Done):
                raise outcome.error
            if outcome.value.available:
                priced.append(evolve(offer, price=outcome.value.price))
        priced = filter_offers(query, priced, trusted)
    return priced


def available(api: Api, number: PhoneNumber) -> Exchange[Available]:
    """Return whether *number* can be bought now, and its price."""
    answer = yield from api.availability.answer(body={"phoneNumber": number.e164})
    if answer.value.phone_number is not None:
        answer.about(number, answer.value.phone_number)
    return mapping.available(number, answer.value, answer.raw())
