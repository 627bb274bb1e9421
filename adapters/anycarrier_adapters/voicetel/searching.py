"""Searches of VoiceTel's inventory, which takes leading digits only, and its coverage for those without any."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from attrs import evolve

from anycarrier.adapter import (
    NANP_COUNTRIES,
    Evidence,
    Exchange,
    Line,
    Offer,
    Search,
    Support,
    can,
    cannot,
    country_of,
    filter_offers,
    refusal,
)

from . import mapping, schemas
from .api import PROVIDER, Api

__all__ = ["SUPPORTS", "offers"]

SEARCH_MOST = 1000
COVERED_MOST = 10
"""Area codes that one search without leading digits tries at most."""

_SENT = frozenset({"area_code", "prefix", "state", "rate_center", "lata"})
_RATE_CENTER = (
    "VoiceTel's search requires leading digits (tnMask), and its coverage knows rate centers by an abbreviation only: "
    "give area_code or prefix, or a state, city or LATA"
)
_TOLL_FREE = re.compile("8(?:00|33|44|55|66|77|88)")


_NOT_STATED = "VoiceTel's inventory does not state it"
_FILTERED = "applied here, over VoiceTel's 1000 at most"

SUPPORTS: Mapping[str, Support] = {
    **can("search.area_code", "search.prefix", "search.state", "search.rate_center", "search.lata"),
    **can("search.ends_with", "search.contains", "search.spells", note=_FILTERED),
    **can("search.excluding", "search.without", "search.city", note=_FILTERED),
    **can("search.toll_free", evidence=Evidence.INFERRED, note="from the area code"),
    **can("search.country", evidence=Evidence.INFERRED, note="countries of the NANP only, from the area code"),
    **can(
        "search.no_digits",
        evidence=Evidence.INFERRED,
        note="the coverage of the state, city or LATA, or of all, gives the area codes; the "
        f"{COVERED_MOST} with most numbers are searched, one after the other, until limit is met",
    ),
    **cannot(f"{_NOT_STATED}; ask for the messaging state of a number after buying it", "search.features"),
    **cannot(f"{_NOT_STATED}; toll-free numbers alone show it in their area code", "search.local"),
    **cannot(_NOT_STATED, "search.mobile", "search.national", "search.shared_cost"),
    **cannot(f"{_NOT_STATED}; an order with a price cap uses the account's rate for a DID", "search.max_price"),
}
"""Declarations about searches."""


def offers(api: Api, query: Search) -> Exchange[Sequence[Offer]]:
    """Numbers in the inventory; not all filters are applied."""
    if query.country is not None and query.country not in NANP_COUNTRIES:
        raise refusal(PROVIDER, "search.country", f"VoiceTel sells NANP numbers only, none of {query.country}")
    if leading := query.leading:
        return _begins(api, query, leading)
    if query.rate_center is not None and not (query.state or query.city or query.lata):
        raise refusal(PROVIDER, "search.no_digits", _RATE_CENTER)
    return _covered(api, query)


def _begins(api: Api, query: Search, digits: str) -> Exchange[Sequence[Offer]]:
    wanted: dict[str, str | int | None] = {
        "tnMask": digits,
        "quantity": query.quantity(_SENT, SEARCH_MOST),
        "province": query.state and query.state.strip().upper(),
        "rateCenter": query.rate_center and query.rate_center.strip(),
        "lata": query.lata,
    }
    answer = yield from api.available.answer(query=wanted)
    return mapping.offers(api.account, answer.value)


def _covered(api: Api, query: Search) -> Exchange[Sequence[Offer]]:
    """Search the area codes in which the coverage counts numbers, those with most of them first."""
    coverage = yield from api.coverage(
        "npanxx",
        state=query.state and query.state.strip().upper(),
        city=query.city and query.city.strip(),
        lata=None if query.lata is None else int(query.lata),
    )
    found: list[Offer] = []
    for code in _area_codes(coverage, query)[:COVERED_MOST]:
        rest = evolve(query, limit=query.limit - len(found))
        found += filter_offers(rest, (yield from _begins(api, rest, code)))
        if len(found) >= query.limit:
            break
    return found


def _area_codes(coverage: Sequence[schemas.Coverage], query: Search) -> list[str]:
    counts: dict[str, int] = {}
    for bucket in coverage:
        code = bucket.npa or ""
        if re.fullmatch("[2-9][0-9]{2}", code) and bucket.count != 0:
            counts[code] = counts.get(code, 0) + (bucket.count or 1)
    return sorted(filter(partial(_may_have, query), counts), key=lambda code: (-counts[code], code))


def _may_have(query: Search, code: str) -> bool:
    if code in query.excluding or (query.line is Line.TOLL_FREE and not _TOLL_FREE.fullmatch(code)):
        return False
    return query.country is None or country_of(code) in (None, query.country)
