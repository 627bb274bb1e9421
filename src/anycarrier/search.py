"""Searches: one table of filters, from which everything that depends on a filter is derived.

A filter is one field of :class:`Search` with its row: the words, the test of an offer, and the command-line option.
``FEATURES``, the refusals, :func:`matches`, the fast path of :func:`filter_offers`, the options of the command line and
the cases of the contract suite all read :data:`FILTERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter, eq, itemgetter
from typing import Any, NamedTuple

from attrs import Attribute, field, fields, frozen

from anycarrier.errors import InvalidInput
from anycarrier.model import Feature, Line, Money, Offer, one_of
from anycarrier.money import price_cap
from anycarrier.numbers import NANP_COUNTRIES
from anycarrier.validation import Validator, shape, text, validator, whole
from anycarrier.words import features_of

__all__ = ["FILTERS", "Filter", "Search", "features_needed", "filter_offers", "filters_used", "matches"]


class Filter(NamedTuple):
    """One search filter.

    Attributes:
        name: of the field of :class:`Search`, and so of the feature ``search.<name>``.
        label: noun for people, such as ``city``.
        fact: reads the fact that is filtered by from an offer.
        holds: whether a fact satisfies a wanted value: ``holds(wanted, fact)``. A fact that is not stated does not.
        words: of each feature: ``search.<key>``; a filter by kinds has one feature for each kind.
        metavar: placeholder of the value on the command line.
        help: help text of the command-line option.
        sample: makes a value that is satisfied from a fact, for tests; by default the fact itself.
        many: whether the command-line option may be repeated.
        common: value that many numbers have, for tests and examples.
        rare: value that hardly a number has, for tests; ``None`` where there is none.
        default: value that asks for nothing.
        agrees: whether a fact that states a part of what is wanted contradicts none of it; by default ``holds``.
    """

    name: str
    label: str
    fact: Callable[[Offer], Any]
    holds: Callable[[Any, Any], bool]
    words: Mapping[str, str]
    metavar: str
    help: str
    sample: Callable[[Any], Any] = lambda fact: fact
    many: bool = False
    common: Any = None
    rare: Any = None
    default: Any = None
    agrees: Callable[[Any, Any], bool] | None = None

    @property
    def option(self) -> str:
        """Name of its command-line option; one that may be repeated is in the singular."""
        return "--" + (self.name.removesuffix("s") if self.many else self.name).replace("_", "-")

    def said(self, wanted: Any) -> str:
        """The filter with its value, for people, such as ``area code 201``."""
        return f"{self.label} {', '.join(sorted(wanted)) if self.many else wanted}"

    def feature(self, wanted: Any) -> str:
        """Feature that a provider needs for this value."""
        return f"search.{wanted if len(self.words) > 1 else self.name}"

    def example(self, offer: Offer) -> Any:
        """A value that *offer* matches, or a common one where it does not state the fact."""
        fact = self.fact(offer)
        return self.common if fact is None else self.sample(fact) or self.common

    def matches(self, wanted: Any, offer: Offer) -> bool:
        """Return whether *offer* states what is wanted."""
        fact = self.fact(offer)
        return fact is not None and self.holds(wanted, fact)

    def believes(self, wanted: Any, offer: Offer) -> bool:
        """Return whether *offer* states nothing else than what is wanted: what it leaves unstated is believed."""
        fact = self.fact(offer)
        return fact is None or (self.agrees or self.holds)(wanted, fact)


_ROW = "filter"


def _row(
    label: str,
    fact: Callable[[Offer], Any] | str,
    holds: Callable[[Any, Any], bool],
    metavar: str,
    help: str,
    **more: Any,
) -> dict[str, Any]:
    """Metadata that make a field of :class:`Search` a filter; *fact* may be the name of an attribute of the offer."""
    read = attrgetter(fact) if isinstance(fact, str) else fact
    return {_ROW: {"label": label, "fact": read, "holds": holds, "metavar": metavar, "help": help, **more}}


def _cut(start: int, stop: int | None) -> Callable[[str], str]:
    return itemgetter(slice(start, stop))


def _same(wanted: str, stated: str) -> bool:
    return wanted.strip().casefold() == stated.strip().casefold()


def _affordable(most: Money, price: Money) -> bool:
    """Return whether *price* is in the currency of *most* and not above it."""
    return price.currency == most.currency and price <= most


def _carries(wanted: frozenset[Feature], stated: Mapping[Feature, bool]) -> bool:
    return all(stated.get(feature) for feature in wanted)


def _carries_what_is_stated(wanted: frozenset[Feature], stated: Mapping[Feature, bool]) -> bool:
    return all(stated.get(feature, True) for feature in wanted)


def _starts(wanted: str, national: str) -> bool:
    return national.startswith(wanted)


def _ends(wanted: str, national: str) -> bool:
    return national.endswith(wanted)


def _has(wanted: str, national: str) -> bool:
    return wanted in national


def _country_of(offer: Offer) -> str | None:
    return offer.country or offer.number.country


def _each_is_a_filter(cls: type[Any], found: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Refuse a search whose field no offer can be tested for: a wrong number would be offered."""
    for one in found:
        if one.name != "limit" and _ROW not in one.metadata:
            raise TypeError(f"{cls.__name__}.{one.name} has no row that says which offers match it")
    return found


def _digits(most: int, example: str) -> Validator:
    def check(_: object, attribute: Any, value: object) -> None:
        if value is None:
            return
        if not isinstance(value, str):
            raise InvalidInput(f"{attribute.name} must be text, such as {example!r}, not {shape(value)}")
        if not (value.isascii() and value.isdigit() and len(value) <= most):
            raise InvalidInput(
                f"{attribute.name} must be 1 to {most} digits of the national number, such as {example!r} (no +, no "
                f"country code, no spaces), got {shape(value)}"
            )

    return check


def _lata(_: object, __: Any, value: object) -> None:
    if value is not None and not (isinstance(value, str) and re.fullmatch("[0-9]{1,5}", value)):
        raise InvalidInput(f"lata must be text of 1 to 5 digits, such as '224', not {shape(value)}")


def _area_code(_: object, __: Any, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise InvalidInput(f"area_code must be text, such as '201', not {shape(value)}")
    if not re.fullmatch("[0-9]{2,5}", value):
        raise InvalidInput(f"area_code must be the digits of an area code, such as '201', got {shape(value)}")


def _country(_: object, __: Any, value: object) -> None:
    if value is not None and not (isinstance(value, str) and re.fullmatch("[A-Z]{2}", value)):
        raise InvalidInput(f"country must be two capitals (ISO 3166 alpha-2), such as 'US', not {shape(value)}")


def _line(given: Line | str | None) -> Line | None:
    return one_of(Line, "line", given)


_LINES = {
    Line.LOCAL: "for local numbers only",
    Line.TOLL_FREE: "for toll-free numbers only",
    Line.MOBILE: "for mobile numbers only",
}


@frozen(kw_only=True, field_transformer=_each_is_a_filter)
class Search:
    """Filters for the numbers to look for; an offer must match all of them.

    Attributes:
        area_code: area code (for NANP the NPA), national digits.
        prefix: first digits of the national number, such as ``201555``; for NANP of the ten-digit form. Digits with
            which no NANP number can begin are refused, unless ``country`` is one outside of it.
        ends_with: last digits.
        contains: digits anywhere in the national number.
        city: locality, compared without regard to case.
        state: state or province as two letters, such as ``NJ``; outside the NANP the region as the provider has it.
        postal_code: postal code of the number's place, such as ``07624``.
        rate_center: rate center as the provider spells it, compared without regard to case.
        lata: LATA, digits.
        features: capabilities that the number must have.
        line: local, toll-free or mobile.
        max_price: at most this per month; a price in another currency does not match.
        country: ISO 3166 alpha-2; ``None`` leaves it to the provider (all four sell US numbers then).
        limit: maximum number of offers, 1 to 1000.
    """

    area_code: str | None = field(
        default=None,
        validator=_area_code,
        metadata=_row(
            "area code", "number.national", _starts, "DIGITS", "area code, such as 201", sample=_cut(0, 3), common="201"
        ),
    )
    prefix: str | None = field(
        default=None,
        validator=_digits(10, "201555"),
        metadata=_row(
            "leading digits",
            "number.national",
            _starts,
            "DIGITS",
            "first digits, such as 201555",
            sample=_cut(0, 6),
            common="201555",
        ),
    )
    ends_with: str | None = field(
        default=None,
        validator=_digits(10, "00"),
        metadata=_row(
            "last digits",
            "number.national",
            _ends,
            "DIGITS",
            "last digits",
            sample=_cut(-2, None),
            common="00",
            rare="9999999",
        ),
    )
    contains: str | None = field(
        default=None,
        validator=_digits(10, "777"),
        metadata=_row(
            "digits anywhere",
            "number.national",
            _has,
            "DIGITS",
            "digits anywhere",
            sample=_cut(4, 8),
            common="55",
            rare="9999999",
        ),
    )
    city: str | None = field(
        default=None,
        validator=validator(text, "Closter", 80, optional=True),
        metadata=_row("city", "city", _same, "NAME", "city", common="Anywhere", rare="Nowhere At All"),
    )
    state: str | None = field(
        default=None,
        validator=validator(text, "NJ", 80, optional=True),
        metadata=_row("state", "state", _same, "XX", "state or province, such as NJ", common="NJ", rare="WY"),
    )
    postal_code: str | None = field(
        default=None,
        validator=validator(text, "07624", 20, optional=True),
        metadata=_row(
            "postal code", "postal_code", _same, "CODE", "postal code, such as 07624", common="07624", rare="99999"
        ),
    )
    rate_center: str | None = field(
        default=None,
        validator=validator(text, "CLOSTER", 80, optional=True),
        metadata=_row(
            "rate center",
            "rate_center",
            _same,
            "NAME",
            "rate center, as the provider spells it",
            common="ANY",
            rare="NOT",
        ),
    )
    lata: str | None = field(
        default=None,
        validator=_lata,
        metadata=_row("LATA", "lata", _same, "DIGITS", "LATA", common="224", rare="999"),
    )
    features: frozenset[Feature] = field(
        default=frozenset(),
        converter=features_of,
        metadata=_row(
            "features",
            "features",
            _carries,
            "WORD",
            "voice, sms, mms or fax",
            words="by what the number can carry",
            sample=lambda stated: frozenset(feature for feature, has in stated.items() if has),
            common=frozenset({Feature.SMS}),
            many=True,
            agrees=_carries_what_is_stated,
        ),
    )
    line: Line | None = field(
        default=None,
        converter=_line,
        metadata=_row("line", "line", eq, "KIND", "local, toll_free or mobile", words=_LINES, common=Line.LOCAL),
    )
    max_price: Money | None = field(
        default=None,
        validator=validator(price_cap, optional=True),
        metadata=_row(
            "price",
            "price",
            _affordable,
            "AMOUNT",
            "at most this per month, such as 1.50 or 1.50USD",
            common=Money("3"),
        ),
    )
    country: str | None = field(
        default=None,
        validator=_country,
        metadata=_row("country", _country_of, eq, "XX", "country, such as US", common="GB", rare="CA"),
    )
    limit: int = field(default=10, validator=validator(whole, 1, 1000))

    def __attrs_post_init__(self) -> None:
        if self.country is None or self.country in NANP_COUNTRIES:
            self._north_american()
        if self.area_code and self.prefix:
            shorter, longer = sorted((self.area_code, self.prefix), key=len)
            if not longer.startswith(shorter):
                raise InvalidInput("prefix must begin with area_code")

    def _north_american(self) -> None:
        """Refuse digits that no NANP number can have, so that a mistake does not look like "nothing found"."""
        other = "; for numbers of another country say country=..." if self.country is None else ""
        if self.area_code is not None and not re.fullmatch("[2-9][0-9]{2}", self.area_code):
            raise InvalidInput(
                "area_code must be three digits, the first of them 2 to 9 and without the country code, such as '201', "
                f"got {shape(self.area_code)}{other}"
            )
        if self.prefix is not None and not re.fullmatch("[2-9][0-9]{0,2}|[2-9][0-9]{2}[2-9][0-9]*", self.prefix):
            raise InvalidInput(
                "prefix must be the first digits of a ten-digit number, such as '201555': its area code begins with 2 "
                f"to 9, and so do the three digits after that; got {shape(self.prefix)}{other}"
            )
        if self.state is not None and not re.fullmatch("[A-Za-z]{2}", self.state.strip()):
            raise InvalidInput(f"state must be two letters, such as 'NJ', got {shape(self.state)}{other}")

    @property
    def leading(self) -> str:
        """Digits with which the national number must begin: the longer of ``area_code`` and ``prefix``, or none."""
        return max(self.area_code or "", self.prefix or "", key=len)


_LEADING = frozenset({"area_code", "prefix"})
"""Filters that :attr:`Search.leading` covers."""


def _filter(one: Attribute[Any]) -> Filter:
    row = {"words": f"by {one.metadata[_ROW]['label']}", **one.metadata[_ROW]}
    words = row["words"] if isinstance(row["words"], Mapping) else {one.name: row["words"]}
    return Filter(name=one.name, default=one.default, **{**row, "words": words})


FILTERS: tuple[Filter, ...] = tuple(_filter(one) for one in fields(Search) if _ROW in one.metadata)
"""Every filter, in the order in which they are documented."""

_values = attrgetter(*(one.name for one in FILTERS))
_DEFAULTS = tuple(one.default for one in FILTERS)


class _Used:
    """Filters that one query uses, and the features that it needs."""

    __slots__ = ("features", "filters", "query")

    def __init__(self, query: Search) -> None:
        rows = zip(FILTERS, _values(query), _DEFAULTS, strict=True)
        self.query = query
        self.filters = [(one, value) for one, value, default in rows if value is not default and value != default]
        self.features = [one.feature(value) for one, value in self.filters]
        if not query.leading:
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
    """Offers that match, at most ``query.limit`` of them, in the provider's order.

    Args:
        query: the search.
        offers: what the provider found.
        trusted: filters that were sent: an offer that does not state the fact is believed to match, one that states
            another fact is left out.
    """
    asked = filters_used(query)
    if all(one.name in _LEADING for one, _ in asked):
        leading = query.leading
        here = "+1" + leading  # cheaper than its national number
        size = len(here)
        return [offer for offer in offers if offer.number[:size] == here or offer.number.national.startswith(leading)][
            : query.limit
        ]
    tests = [(one.believes if one.name in trusted else one.matches, value) for one, value in asked]
    matching: list[Offer] = []
    for offer in offers:
        if len(matching) == query.limit:
            break
        if all(test(value, offer) for test, value in tests):
            matching.append(offer)
    return matching
