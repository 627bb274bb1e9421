"""Mistakes about searches: ignored filters, and offers outside the query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import evolve

from anycarrier.errors import AnyCarrierError, ProviderDown, TransportError, UnexpectedResponse, Unsupported
from anycarrier.exchange import Exchange
from anycarrier.model import Offer
from anycarrier.numbers import PhoneNumber
from anycarrier.search import FILTERS as TABLE
from anycarrier.search import Search
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own

FILTERS = ("test_a_filter_that_few_fit_holds_for_every_offer", "test_features_that_are_asked_for_are_had")
STATUS = "test_a_status_becomes_its_error"


class Filter(Break):
    """Ignores one filter of a search."""

    without: ClassVar[Mapping[str, Any]] = {}

    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        other = self.other(query)
        return own(query if other == query else self.struck(other), **more)

    def other(self, query: Search) -> Search:
        return evolve(query, **self.without)


def _ignoring(**without: Any) -> type[Filter]:
    return type("Ignoring", (Filter,), {"without": without})


class PrefixIgnored(Filter):
    def other(self, query: Search) -> Search:
        if query.prefix is None or len(query.prefix) <= 3:
            return query
        return evolve(query, prefix=None, area_code=query.prefix[:3])


class UnsupportedIgnored(Break):
    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        try:
            return (yield from own(query, **more))
        except Unsupported:
            self.strikes += 1
            digits = query.leading[:3] or "201"
            return (yield from own(Search(area_code=digits, limit=query.limit), **more))


class SearchFailsQuietly(Break):
    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        try:
            return (yield from own(query, **more))
        except Unsupported:
            raise
        except AnyCarrierError:
            return self.struck([])


class OffersOfAnother(Break):
    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        offers = yield from own(query, **more)
        return [self.struck(evolve(offer, account="another")) for offer in offers]


class OffersTwice(Break):
    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        offers = yield from own(query, **more)
        return [*self.struck(offers[:1]), *offers][: query.limit]


class OffersOfElsewhere(Break):
    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        offers = yield from own(query, **more)
        return [*offers[:-1], self.struck(evolve(offers[-1], number=PhoneNumber("+19075550198")))] if offers else offers


class AskedForEver(Break):
    """Repeats a read that fails, again and again."""

    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        for _ in range(9):
            try:
                return (yield from own(query, **more))
            except (ProviderDown, TransportError):
                self.strikes += 1
        return (yield from own(query, **more))


class RedirectFollowed(Break):
    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        try:
            return (yield from own(query, **more))
        except UnexpectedResponse as error:
            if error.status is None or not 300 <= error.status < 400:
                raise
            self.strikes += 1
            return (yield from own(query, **more))


class WithoutPlus(Break):
    """Numbers are handed out as the provider writes them."""

    def search(self, own: Own[list[Offer]], query: Search, **more: object) -> Exchange[list[Offer]]:
        offers = yield from own(query, **more)
        for offer in offers:
            object.__setattr__(offer, "number", self.struck(offer.number.ten_digit))
        return offers


SEARCHES: dict[str, Mutant] = {
    "limit-ignored": Mutant(
        means="search() returns more than the limit",
        way=_ignoring(limit=50),
        cases=["test_search_keeps_to_the_limit"],
    ),
    "unsupported-ignored": Mutant(
        means="a filter that is not supported is dropped silently",
        way=UnsupportedIgnored,
        cases=["test_what_it_cannot_is_refused_before_anything_is_sent"],
        never="there is no filter that it cannot take",
    ),
    "search-fails-quietly": Mutant(means="a search that fails finds nothing", way=SearchFailsQuietly, cases=[STATUS]),
    "offers-twice": Mutant(
        means="search() gives offers twice",
        way=OffersTwice,
        cases=["test_search_finds_what_was_asked_for"],
    ),
    "offers-of-elsewhere": Mutant(
        means="search() returns numbers outside the query",
        way=OffersOfElsewhere,
        cases=["test_search_finds_what_was_asked_for"],
    ),
    "asked-for-ever": Mutant(means="a read that fails is repeated without end", way=AskedForEver, cases=[STATUS]),
    "redirect-followed": Mutant(means="redirects are followed", way=RedirectFollowed, cases=[STATUS]),
    "offers-of-another": Mutant(
        means="offers name another account", way=OffersOfAnother, cases=["test_search_finds_what_was_asked_for"]
    ),
    "without-plus": Mutant(
        means="numbers are handed out as the provider writes them",
        way=WithoutPlus,
        cases=["test_search_finds_what_was_asked_for"],
    ),
    "sort_by-ignored": Mutant(
        means="offers are not sorted",
        way=_ignoring(sort_by=None),
        cases=["test_offers_are_sorted_by_price"],
        needs=["search.sort_by"],
    ),
    "prefix-ignored": Mutant(
        means="a filter is ignored: prefix", way=PrefixIgnored, cases=FILTERS, needs=["search.prefix"]
    ),
}
SEARCHES.update(
    (
        f"{name}-ignored",
        Mutant(
            means=f"a filter is ignored: {name}",
            way=_ignoring(**{name: without}),
            cases=FILTERS,
            needs=[f"search.{name}"] if name != "line" else [],
            never="no case could search for it",
        ),
    )
    for name, without in ((one.name, one.default) for one in TABLE if one.narrows)
    if name not in ("area_code", "prefix")
)
