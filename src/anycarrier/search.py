"""A search: which numbers to look for, and whether an offer is one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.model import Feature, Line, Money, Offer, features_of, one_of, price_cap
from anycarrier.numbers import NANP_COUNTRIES
from anycarrier.validation import Validator, shape, text, validator, whole

__all__ = ["Search", "filter_offers", "matches"]


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


@frozen(kw_only=True)
class Search:
    """Which numbers to look for; every filter given must hold for every offer.

    Attributes:
        area_code: area code (for NANP the NPA), national digits.
        prefix: what the national number starts with, such as ``201555``; for NANP of the ten-digit form. What no number
            of the NANP can begin with is refused, unless ``country`` is one outside of it.
        ends_with: what the number ends with.
        contains: digits anywhere in the national number.
        city: locality, compared without regard to case.
        state: state or province as two letters, such as ``NJ``; outside the NANP the region as the provider has it.
        rate_center: rate center as the provider spells it, compared without regard to case.
        lata: LATA, digits.
        features: what the number must be able to carry.
        line: local, toll-free or mobile.
        max_price: at most this per month; a price in another currency does not match.
        country: ISO 3166 alpha-2; ``None`` for wherever the provider sells without being asked (for all four, the US
            first of all).
        limit: at most so many offers, 1 to 1000.
    """

    area_code: str | None = field(default=None, validator=_area_code)
    prefix: str | None = field(default=None, validator=_digits(10, "201555"))
    ends_with: str | None = field(default=None, validator=_digits(10, "00"))
    contains: str | None = field(default=None, validator=_digits(10, "777"))
    city: str | None = field(default=None, validator=validator(text, "Closter", 80, optional=True))
    state: str | None = field(default=None, validator=validator(text, "NJ", 80, optional=True))
    rate_center: str | None = field(default=None, validator=validator(text, "CLOSTER", 80, optional=True))
    lata: str | None = field(default=None, validator=_lata)
    features: frozenset[Feature] = field(default=frozenset(), converter=features_of)
    line: Line | None = field(default=None, converter=_line)
    max_price: Money | None = field(default=None, validator=validator(price_cap, optional=True))
    country: str | None = field(default=None, validator=_country)
    limit: int = field(default=10, validator=validator(whole, 1, 1000))

    def __attrs_post_init__(self) -> None:
        if self.country is None or self.country in NANP_COUNTRIES:
            self._north_american()
        if self.area_code and self.prefix:
            shorter, longer = sorted((self.area_code, self.prefix), key=len)
            if not longer.startswith(shorter):
                raise InvalidInput("prefix must begin with area_code when both are given")

    def _north_american(self) -> None:
        """Raises for what no number of the NANP can have, so that a mistake is not taken for "nothing found"."""
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
        """The digits that the national number must start with, of ``area_code`` and ``prefix``; may be empty."""
        return max(self.area_code or "", self.prefix or "", key=len)


def matches(query: Search, offer: Offer) -> bool:
    """Whether *offer* states everything that *query* asks for. What the provider does not say does not match."""
    national = offer.number.national
    return (
        national.startswith(query.leading)
        and national.endswith(query.ends_with or "")
        and (query.contains or "") in national
        and _same(query.city, offer.city)
        and _same(query.state, offer.state)
        and _same(query.rate_center, offer.rate_center)
        and _same(query.lata, offer.lata)
        and (query.country is None or query.country == (offer.country or offer.number.country))
        and all(offer.features.get(feature) for feature in query.features)
        and (query.line is None or query.line == offer.line)
        and (query.max_price is None or _affordable(query.max_price, offer.price))
    )


def _affordable(most: Money, price: Money | None) -> bool:
    """Whether *price* is stated, in the currency of *most*, and not above it."""
    return price is not None and price.currency == most.currency and price <= most


def _same(wanted: str | None, stated: str | None) -> bool:
    return wanted is None or (stated is not None and wanted.strip().casefold() == stated.strip().casefold())


def _is_plain(query: Search) -> bool:
    """Whether *query* asks for nothing but leading digits."""
    return (
        query.ends_with is None and query.contains is None and not query.features and query.city is None
        and query.state is None and query.rate_center is None and query.lata is None and query.country is None
        and query.line is None and query.max_price is None
    )  # fmt: skip


def filter_offers(query: Search, offers: Sequence[Offer]) -> list[Offer]:
    """The offers that match, at most ``query.limit`` of them, in the provider's order."""
    if _is_plain(query):
        leading = query.leading
        here = "+1" + leading  # cheaper than its national number
        size = len(here)
        return [offer for offer in offers if offer.number[:size] == here or offer.number.national.startswith(leading)][
            : query.limit
        ]
    kept: list[Offer] = []
    for offer in offers:
        if len(kept) == query.limit:
            break
        if matches(query, offer):
            kept.append(offer)
    return kept
