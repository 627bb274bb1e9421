"""Searches of VoiceTel's inventory, which takes leading digits only, and its coverage for those without any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from attrs import evolve

from anycarrier.adapter import NANP_COUNTRIES, Exchange, Line, Offer, Search, country_of, filter_offers, refusal

from . import mapping, schemas
from .api import PROVIDER, Api

__all__ = ["COVERED_MOST", "offers"]

SEARCH_MOST = 1000
COVERED_MOST = 10
"""Area codes that one search without leading digits tries at most."""

_SENT = frozenset({"area_code", "prefix", "state", "rate_center", "lata"})
_RATE_CENTER = (
    "VoiceTel's search requires leading digits (tnMask), and its coverage knows rate centers by an abbreviation only: "
    "give area_code or prefix, or a state, city or LATA"
)
_TOLL_FREE = re.compile("8(?:00|33|44|55|66|77|88)")


def offers(api: Api, query: Search) -> Exchange[Sequence[Offer]]:
    """Numbers in the inventory; not all filters are applied."""
    if query.country is not None and query.country not in NANP_COUNTRIES:
        raise refusal(PROVIDER, "search.country", f"VoiceTel sells NANP numbers only, none of {query.country}")
    if query.leading:
        return _begins(api, query, query.leading)
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
