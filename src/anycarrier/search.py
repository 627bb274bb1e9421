"""Searches: the filters that a caller gives, and the offers that match them.

Each filter is a field of :class:`Search`, whose row says what it means (:mod:`anycarrier.filters`). Everything that
depends on a filter is derived from :data:`FILTERS`: ``FEATURES``, the refusals, the tests of offers, the options of the
command line and the cases of the contract suite.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter, eq
from typing import Any, Literal

from attrs import field, fields, frozen

from anycarrier import filters
from anycarrier.errors import InvalidInput
from anycarrier.filters import Filter, by_price, digits_of
from anycarrier.json_markers import JsonForm
from anycarrier.model import Feature, Line, Money, Offer
from anycarrier.money import price_cap
from anycarrier.numbers import NANP_COUNTRIES
from anycarrier.validation import text, validator, whole
from anycarrier.words import features_of

__all__ = ["FILTERS", "Search", "features_needed", "filter_offers", "filters_used", "matches"]


@frozen(kw_only=True, field_transformer=filters.each_is_a_filter)
class Search(JsonForm):
    """Filters for the numbers to look for; an offer must match all of them.

    Attributes:
        area_code: area code (for NANP the NPA), national digits; or a list of up to 100, of which any will do. They are
            searched one after the other until ``limit`` is met, so the first ones are preferred. Several are a tuple
            here.
        prefix: first digits of the national number, such as ``201555``; for NANP of the ten-digit form. Digits with
            which no NANP number can begin are refused, unless ``country`` is one outside of it.
        ends_with: last digits.
        contains: digits anywhere in the national number.
        spells: letters from A to Z, such as ``TAXI``, in either case: the digits that have them on a telephone's keypad
            (ITU-T E.161; 8294) are anywhere in the national number. For those at its end, say ``ends_with="8294"``.
        excluding: numbers that are not wanted, and first digits of such numbers, such as an area code or ``201555``:
            fewer than ten digits are first digits, all else is a number.
        without: digits, such as ``4`` or ``13``, of which none is anywhere in the national number.
        city: locality, compared without regard to case.
        state: state or province as two letters, such as ``NJ``; outside the NANP the region as the provider has it.
        postal_code: postal code of the number's place, such as ``07624``.
        rate_center: rate center as the provider spells it, compared without regard to case.
        lata: LATA, digits.
        features: capabilities that the number must have.
        line: local, toll-free, mobile, national or shared-cost.
        max_price: at most this per month, without what a number costs once; a price in another currency does not match.
        country: ISO 3166 alpha-2; ``None`` leaves it to the provider (all four sell US numbers then).
        sort_by: ``price`` for the cheapest offers first, and those whose price is not stated last; equal ones stay in
            the provider's order. What the provider's answers hold is sorted, not its whole inventory. Prices in another
            currency than the first one cannot be compared, and come after those that can.
        limit: maximum number of offers, 1 to 1000.

    Filters that the provider does not take are applied to what it answers: then the search requests as many offers as
    the provider gives at once, and fewer than ``limit`` may match.
    """

    area_code: str | tuple[str, ...] | None = field(
        default=None,
        converter=filters.area_codes,
        metadata=filters.row(
            filters.starts_with,
            "DIGITS",
            "area code, such as 201",
            fact="number.national",
            words={"area_code": "by area code", "area_codes": "by several area codes at once"},
            sample=filters.cut(0, 3),
            common="201",
            many=True,
            kind=lambda wanted: "area_code" if isinstance(wanted, str) else "area_codes",
            kinds={"area_code": "201", "area_codes": ("201", "212")},
            core={
                "area_codes": filters.Core(
                    "search.area_code", "one search for each, in their order, until limit is met"
                )
            },
        ),
    )
    prefix: str | None = field(
        default=None,
        validator=filters.digits(10, "201555"),
        metadata=filters.row(
            filters.starts_with,
            "DIGITS",
            "first digits, such as 201555",
            label="leading digits",
            fact="number.national",
            sample=filters.cut(0, 6),
            common="201555",
        ),
    )
    ends_with: str | None = field(
        default=None,
        validator=filters.digits(10, "00"),
        metadata=filters.row(
            filters.ends_with,
            "DIGITS",
            "last digits",
            label="last digits",
            fact="number.national",
            sample=filters.cut(-2, None),
            common="00",
            rare="9999999",
        ),
    )
    contains: str | None = field(
        default=None,
        validator=filters.digits(10, "777"),
        metadata=filters.row(
            filters.contains,
            "DIGITS",
            "digits anywhere",
            label="digits anywhere",
            fact="number.national",
            sample=filters.cut(4, 8),
            common="55",
            rare="9999999",
        ),
    )
    spells: str | None = field(
        default=None,
        converter=filters.letters,
        metadata=filters.row(
            filters.spelled,
            "LETTERS",
            "letters of the keypad anywhere in the number, such as TAXI",
            label="letters",
            fact="number.national",
            words={"spells": "by the letters that it spells"},
            sample=filters.word_of,
            common="TAXI",
            rare="ZZZZZZZ",
            core={"spells": filters.BY_NUMBER},
        ),
    )
    excluding: frozenset[str] = field(
        default=filters.NONE,
        converter=filters.excluded,
        metadata=filters.row(
            filters.not_excluded,
            "NUMBER",
            "not this number, or none that begins so, such as 201",
            label="all but",
            fact="number",
            words={"excluding": "without certain numbers or area codes"},
            sample=lambda _: frozenset({"207"}),
            common=frozenset({"207"}),
            rare=frozenset("23456789"),
            many=True,
            core={"excluding": filters.BY_NUMBER},
        ),
    )
    without: frozenset[str] = field(
        default=filters.NONE,
        converter=filters.unwanted_digits,
        metadata=filters.row(
            filters.has_none,
            "DIGITS",
            "no number that has these digits anywhere, such as 4",
            label="none with",
            fact="number.national",
            words={"without": "without certain digits"},
            sample=lambda national: frozenset(sorted(set("0123456789") - set(national))[:1]),
            common=frozenset({"4"}),
            rare=frozenset("0123456789"),
            many=True,
            core={"without": filters.BY_NUMBER},
        ),
    )
    city: str | None = field(
        default=None,
        validator=validator(text, "Closter", 80, optional=True),
        metadata=filters.row(filters.same, "NAME", "city", common="Anywhere", rare="Nowhere At All"),
    )
    state: str | None = field(
        default=None,
        validator=validator(text, "NJ", 80, optional=True),
        metadata=filters.row(filters.same, "XX", "state or province, such as NJ", common="NJ", rare="WY"),
    )
    postal_code: str | None = field(
        default=None,
        validator=validator(text, "07624", 20, optional=True),
        metadata=filters.row(filters.same, "CODE", "postal code, such as 07624", common="07624", rare="99999"),
    )
    rate_center: str | None = field(
        default=None,
        validator=validator(text, "CLOSTER", 80, optional=True),
        metadata=filters.row(filters.same, "NAME", "rate center, as the provider spells it", common="ANY", rare="NOT"),
    )
    lata: str | None = field(
        default=None,
        validator=filters.pattern("[0-9]{1,5}", "text of 1 to 5 digits, such as '224'"),
        metadata=filters.row(filters.same, "DIGITS", "LATA", label="LATA", common="224", rare="999"),
    )
    features: frozenset[Feature] = field(
        default=frozenset(),
        converter=features_of,
        metadata=filters.row(
            filters.carries,
            "WORD",
            "voice, sms, mms, fax or emergency",
            words={"features": "by what the number can carry"},
            sample=lambda stated: frozenset((feature for feature, has in stated.items() if has)),
            common=frozenset({Feature.SMS}),
            many=True,
            agrees=filters.carries_what_is_stated,
        ),
    )
    line: Line | None = field(
        default=None,
        converter=filters.line,
        metadata=filters.row(
            eq,
            "KIND",
            "kind of number, such as local",
            words={
                Line.LOCAL: "for local numbers only",
                Line.TOLL_FREE: "for toll-free numbers only",
                Line.MOBILE: "for mobile numbers only",
                Line.NATIONAL: "for national numbers only",
                Line.SHARED_COST: "for shared-cost numbers only",
            },
            common=Line.LOCAL,
        ),
    )
    max_price: Money | None = field(
        default=None,
        validator=validator(price_cap, optional=True),
        metadata=filters.row(
            filters.affordable,
            "AMOUNT",
            "at most this per month, such as 1.50 or 1.50USD",
            label="price",
            fact="price",
            common=Money("3"),
        ),
    )
    country: str | None = field(
        default=None,
        validator=filters.pattern("[A-Z]{2}", "two capitals (ISO 3166 alpha-2), such as 'US'"),
        metadata=filters.row(eq, "XX", "country, such as US", fact=filters.country_of, common="GB", rare="CA"),
    )
    sort_by: Literal["price"] | None = field(
        default=None,
        converter=filters.sorting_fact,
        metadata=filters.row(
            lambda _, __: True,
            "FACT",
            "price: the cheapest first",
            label="sorted by",
            fact=lambda _: True,
            words={"sort_by": "sorted by price"},
            sample=lambda _: "price",
            common="price",
            core={
                "sort_by": filters.Core(
                    "search.max_price", "sorted here, over what a search gives; without a price last"
                )
            },
            narrows=False,
        ),
    )
    limit: int = field(default=10, validator=validator(whole, 1, 1000))

    def __attrs_post_init__(self) -> None:
        if self.country is None or self.country in NANP_COUNTRIES:
            filters.check_nanp(self)
        if self.area_code and self.prefix:
            if not isinstance(self.area_code, str):
                raise InvalidInput("prefix and several area codes exclude each other: a prefix has one")
            shorter, longer = sorted((self.area_code, self.prefix), key=len)
            if not longer.startswith(shorter):
                raise InvalidInput("prefix must begin with area_code")

    @property
    def area_codes(self) -> tuple[str, ...]:
        """Area codes, in their order, whether none, one or several."""
        if isinstance(self.area_code, str):
            return (self.area_code,)
        return self.area_code or ()

    @property
    def leading(self) -> str:
        """Digits with which the national number must begin: the longer of ``area_code`` and ``prefix``, or none.

        Of several area codes there are none: each is a search of its own, unless the provider declares
        ``search.area_codes``.
        """
        area_code = self.area_code if isinstance(self.area_code, str) else None
        return max(area_code or "", self.prefix or "", key=len)

    @property
    def anywhere(self) -> str:
        """Digits that are anywhere in the number: ``contains``, or those of ``spells`` if they are more; or none."""
        return max(self.contains or "", digits_of(self.spells or ""), key=len)

    def quantity(self, sent: Collection[str], most: int) -> int:
        """Number of offers to ask a provider for: *most*, the number that it gives at once, if it does not apply every
        filter that is used; *sent* names those that it does."""
        return self.limit if _used(self).names.issubset(sent) else most


FILTERS = filters.filters_of(fields(Search))
"""Every filter, in the order in which they are documented."""

_LEADING = frozenset({"area_code", "prefix"})
"""Filters that :attr:`Search.leading` covers."""

_values = attrgetter(*(one.name for one in FILTERS))
_DEFAULTS = tuple(one.default for one in FILTERS)


class _Used:
    """Filters that one query uses, and the features that it needs."""

    __slots__ = ("features", "filters", "leading", "leading_only", "names", "query")

    def __init__(self, query: Search) -> None:
        rows = zip(FILTERS, _values(query), _DEFAULTS, strict=True)
        self.query = query
        self.filters = [(one, value) for one, value, default in rows if value is not default and value != default]
        self.names = frozenset([one.name for one, _ in self.filters])
        self.leading = query.leading
        self.leading_only = self.names <= _LEADING and not isinstance(query.area_code, tuple)
        self.features = [one.feature(value) for one, value in self.filters]
        if not self.leading and not query.area_code:
            self.features.insert(0, "search.no_digits")


_recent = [_Used(Search())]
"""Of the last query: a search asks for its filters more than once, and programs repeat their searches."""


def _used(query: Search) -> _Used:
    used = _recent[0]
    if used.query is not query:
        _recent[0] = used = _Used(query)
    return used


def filters_used(query: Search) -> Sequence[tuple[Filter, Any]]:
    """Filters that *query* uses, with their values."""
    return _used(query).filters


def features_needed(query: Search) -> Sequence[str]:
    """Features of a provider that *query* needs, such as ``search.city``."""
    return _used(query).features


def matches(query: Search, offer: Offer) -> bool:
    """Return whether *offer* states everything that *query* wants. An unstated fact does not match."""
    return all(one.matches(value, offer) for one, value in filters_used(query))


def filter_offers(query: Search, offers: Sequence[Offer], trusted: Collection[str] = ()) -> list[Offer]:
    """Offers that match, at most ``query.limit`` of them, in the provider's order or as ``query.sort_by`` says.

    Args:
        query: the search.
        offers: what the provider found.
        trusted: filters that were sent: an offer that does not state the fact is believed to match, one that states
            another fact is left out.
    """
    used = _used(query)
    if used.leading_only:
        leading = used.leading
        here = "+1" + leading  # cheaper than its national number
        size = len(here)
        return [offer for offer in offers if offer.number[:size] == here or offer.number.national.startswith(leading)][
            : query.limit
        ]
    tests = [(one.believes if one.name in trusted else one.matches, value) for one, value in used.filters]
    enough = query.limit if query.sort_by is None else None
    matching: list[Offer] = []
    for offer in offers:
        for test, value in tests:
            if not test(value, offer):
                break
        else:
            matching.append(offer)
            if len(matching) == enough:
                break
    return matching if query.sort_by is None else by_price(matching)[: query.limit]
