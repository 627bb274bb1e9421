"""Searches: the filters that a caller gives, and the offers that match them.

Each filter is a field of :class:`Search`; the table :data:`anycarrier.filters.FILTERS` says what it means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Literal

from attrs import Attribute, field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.filters import FILTERS, SORTS, Filter, digits_of
from anycarrier.json_markers import JsonForm
from anycarrier.model import Feature, Line, Money, Offer, number_named, one_of
from anycarrier.money import price_cap
from anycarrier.numbers import NANP_COUNTRIES
from anycarrier.validation import Validator, shape, text, validator, whole
from anycarrier.words import features_of

__all__ = ["Search", "by_price", "features_needed", "filter_offers", "filters_used", "matches"]

AREA_CODES_MOST = 100
"""Area codes of one search: each may be a request."""
EXCLUDED_MOST = 1000
_NONE: frozenset[str] = frozenset()


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


def _area_codes(given: str | Sequence[str] | None) -> str | tuple[str, ...] | None:
    """One area code as text; several as a tuple, each once, in their order."""
    if given is None or isinstance(given, str):
        return given
    if not isinstance(given, list | tuple):
        raise InvalidInput(f"area_code must be text, such as '201', or a list of them, not {shape(given)}")
    if not 1 <= len(given) <= AREA_CODES_MOST:
        raise InvalidInput(f"area_code must be 1 to {AREA_CODES_MOST} area codes, got {len(given)}")
    for one in given:
        _area_code(one)
    first, *others = dict.fromkeys(given)
    return (first, *others) if others else first


def _area_code(value: object) -> None:
    if not isinstance(value, str):
        raise InvalidInput(f"area_code must be text, such as '201', not {shape(value)}")
    if not re.fullmatch("[0-9]{2,5}", value):
        raise InvalidInput(f"area_code must be the digits of an area code, such as '201', got {shape(value)}")


def _each_area_code(_: object, __: Any, value: str | tuple[str, ...] | None) -> None:
    if isinstance(value, str):
        _area_code(value)


def _letters(given: str | None) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise InvalidInput(f"spells must be text, such as 'TAXI', not {shape(given)}")
    if not re.fullmatch("[A-Za-z]{1,10}", given):
        raise InvalidInput(
            f"spells must be 1 to 10 letters from A to Z, such as 'TAXI', got {shape(given)}; for digits say contains"
        )
    return given.upper()


def _collected(name: str, given: object, example: str, most: int) -> Collection[Any]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Collection):
        raise InvalidInput(f"{name} must be a collection, such as {example}, not {shape(given)}")
    if len(given) > most:
        raise InvalidInput(f"{name} must be at most {most}, got {len(given)}")
    return given


def _excluded(given: Collection[str]) -> frozenset[str]:
    """Numbers as :class:`~anycarrier.numbers.PhoneNumber`, and fewer digits than a number has as they are."""
    if given is _NONE:
        return _NONE
    found = _collected("excluding", given, "{'+12015550123', '551'}", EXCLUDED_MOST)
    return frozenset(
        one
        if isinstance(one, str) and one.isascii() and one.isdecimal() and len(one) < 10
        else number_named("excluding", one)
        for one in found
    )


def _unwanted_digits(given: Collection[str]) -> frozenset[str]:
    if given is _NONE:
        return _NONE
    found = _collected("without", given, "{'4', '13'}", 100)
    for one in found:
        if not (isinstance(one, str) and re.fullmatch("[0-9]{1,10}", one)):
            raise InvalidInput(f"without must hold 1 to 10 digits each, such as {{'4', '13'}}, got {shape(one)}")
    return frozenset(found)


def _fact(given: Literal["price"] | None) -> Literal["price"] | None:
    if given is not None:
        _one_of_facts(given)
    return given


def _one_of_facts(given: object) -> None:
    if not isinstance(given, str) or str.__str__(given) not in SORTS:
        raise InvalidInput(f"sort_by must be {' or '.join(map(repr, SORTS))}, or None, not {shape(given)}")


def _country(_: object, __: Any, value: object) -> None:
    if value is not None and not (isinstance(value, str) and re.fullmatch("[A-Z]{2}", value)):
        raise InvalidInput(f"country must be two capitals (ISO 3166 alpha-2), such as 'US', not {shape(value)}")


def _line(given: Line | str | None) -> Line | None:
    return one_of(Line, "line", given)


_NANP_PREFIX = re.compile("[2-9][0-9]{0,2}|[2-9][0-9]{2}[2-9][0-9]*")


def _each_is_a_filter(cls: type[Any], found: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Refuse a search whose field no offer can be tested for: a wrong number would be offered."""
    for one in found:
        if one.name != "limit" and all(one.name != row.name for row in FILTERS):
            raise TypeError(f"{cls.__name__}.{one.name} has no row that says which offers match it")
    return found


@frozen(kw_only=True, field_transformer=_each_is_a_filter)
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

    area_code: str | tuple[str, ...] | None = field(default=None, converter=_area_codes, validator=_each_area_code)
    prefix: str | None = field(default=None, validator=_digits(10, "201555"))
    ends_with: str | None = field(default=None, validator=_digits(10, "00"))
    contains: str | None = field(default=None, validator=_digits(10, "777"))
    spells: str | None = field(default=None, converter=_letters)
    excluding: frozenset[str] = field(default=_NONE, converter=_excluded)
    without: frozenset[str] = field(default=_NONE, converter=_unwanted_digits)
    city: str | None = field(default=None, validator=validator(text, "Closter", 80, optional=True))
    state: str | None = field(default=None, validator=validator(text, "NJ", 80, optional=True))
    postal_code: str | None = field(default=None, validator=validator(text, "07624", 20, optional=True))
    rate_center: str | None = field(default=None, validator=validator(text, "CLOSTER", 80, optional=True))
    lata: str | None = field(default=None, validator=_lata)
    features: frozenset[Feature] = field(default=frozenset(), converter=features_of)
    line: Line | None = field(default=None, converter=_line)
    max_price: Money | None = field(default=None, validator=validator(price_cap, optional=True))
    country: str | None = field(default=None, validator=_country)
    sort_by: Literal["price"] | None = field(default=None, converter=_fact)
    limit: int = field(default=10, validator=validator(whole, 1, 1000))

    def __attrs_post_init__(self) -> None:
        if self.country is None or self.country in NANP_COUNTRIES:
            self._north_american()
        if self.area_code and self.prefix:
            if not isinstance(self.area_code, str):
                raise InvalidInput("prefix and several area codes exclude each other: a prefix has one")
            shorter, longer = sorted((self.area_code, self.prefix), key=len)
            if not longer.startswith(shorter):
                raise InvalidInput("prefix must begin with area_code")

    def _north_american(self) -> None:
        """Refuse digits that no NANP number can have, so that a mistake does not look like "nothing found"."""
        other = "; for numbers of another country say country=..." if self.country is None else ""
        for one in self.area_codes:
            if not re.fullmatch("[2-9][0-9]{2}", one):
                raise InvalidInput(
                    "area_code must be three digits, the first of them 2 to 9 and without the country code, such as "
                    f"'201', got {shape(one)}{other}"
                )
        for one in self.excluding:
            if one[0] != "+" and not _NANP_PREFIX.fullmatch(one):
                raise InvalidInput(
                    "excluding must hold numbers, or first digits of ten-digit numbers, such as '201' or '201555', got "
                    f"{shape(one)}{other}"
                )
        if self.prefix is not None and not _NANP_PREFIX.fullmatch(self.prefix):
            raise InvalidInput(
                "prefix must be the first digits of a ten-digit number, such as '201555': its area code begins with 2 "
                f"to 9, and so do the three digits after that; got {shape(self.prefix)}{other}"
            )
        if self.state is not None and not re.fullmatch("[A-Za-z]{2}", self.state.strip()):
            raise InvalidInput(f"state must be two letters, such as 'NJ', got {shape(self.state)}{other}")

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
        return self.limit if all(one.name in sent for one, _ in filters_used(self)) else most


_LEADING = frozenset({"area_code", "prefix"})
"""Filters that :attr:`Search.leading` covers."""

_values = attrgetter(*(one.name for one in FILTERS))
_DEFAULTS = tuple(one.default for one in FILTERS)


class _Used:
    """Filters that one query uses, and the features that it needs."""

    __slots__ = ("features", "filters", "leading_only", "query")

    def __init__(self, query: Search) -> None:
        rows = zip(FILTERS, _values(query), _DEFAULTS, strict=True)
        self.query = query
        self.filters = [(one, value) for one, value, default in rows if value is not default and value != default]
        self.features = [one.feature(value) for one, value in self.filters]
        if not query.leading and not query.area_code:
            self.features.insert(0, "search.no_digits")
        self.leading_only = all(one.name in _LEADING for one, _ in self.filters) and not isinstance(
            query.area_code, tuple
        )


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
        leading = query.leading
        here = "+1" + leading  # cheaper than its national number
        size = len(here)
        return [offer for offer in offers if offer.number[:size] == here or offer.number.national.startswith(leading)][
            : query.limit
        ]
    tests = [(one.believes if one.name in trusted else one.matches, value) for one, value in used.filters]
    if query.sort_by is not None:
        return by_price([offer for offer in offers if all(test(value, offer) for test, value in tests)])[: query.limit]
    matching: list[Offer] = []
    for offer in offers:
        if len(matching) == query.limit:
            break
        if all(test(value, offer) for test, value in tests):
            matching.append(offer)
    return matching


def by_price(offers: Sequence[Offer]) -> list[Offer]:
    """*offers*, the cheapest first and those without a price last; equal ones stay in their order.

    Those in another currency than the first stated price come after those in it.
    """
    currencies = list(dict.fromkeys(offer.price.currency for offer in offers if offer.price is not None))

    def place(offer: Offer) -> tuple[int, Decimal]:
        if offer.price is None:
            return len(currencies), Decimal(0)
        return currencies.index(offer.price.currency), offer.price.amount

    return sorted(offers, key=place)
