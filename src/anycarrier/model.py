"""What the neutral operations take and give: the same meaning for every provider.

``None`` always means that the provider did not say. "Not forwarded" and "no campaign" have values of their own.
Every result carries the provider's name and ``raw``, the provider's own answer, for what this model lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import total_ordering
from typing import Any, ClassVar

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.numbers import PhoneNumber

__all__ = [
    "BindingStatus", "CampaignBinding", "Feature", "ForwardTo", "Line", "Money", "NoForward", "NoTexts", "Offer",
    "OwnedNumber", "ProviderOptions", "Release", "ReleaseState", "Route", "Search", "Status", "TextsToEmail",
    "TextsToSip", "TextsToWebhook", "ToGateway", "Transfer", "matches",
]  # fmt: skip


class Feature(StrEnum):
    """What a number can carry."""

    VOICE = "voice"
    SMS = "sms"
    MMS = "mms"
    FAX = "fax"


class Line(StrEnum):
    """The kind of number that is bought and sold."""

    LOCAL = "local"
    TOLL_FREE = "toll_free"
    MOBILE = "mobile"


class Status(StrEnum):
    """A number's life, in neutral words."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    PORTING = "porting"
    RELEASING = "releasing"
    RELEASED = "released"
    FAILED = "failed"
    UNKNOWN = "unknown"


class BindingStatus(StrEnum):
    """A 10DLC binding, in neutral words; ``UNBOUND`` is a number with no campaign."""

    PENDING = "pending"
    ACTIVE = "active"
    FAILED = "failed"
    UNBOUND = "unbound"
    UNKNOWN = "unknown"


class ReleaseState(StrEnum):
    """Whether the number is gone already or the provider holds it first."""

    RELEASED = "released"
    SCHEDULED = "scheduled"


def _decimal(value: Decimal | int | float | str) -> Decimal:
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise InvalidInput("amount must be a number, such as 1.15")
    return amount


@frozen
@total_ordering
class Money:
    """An exact amount in one currency (ISO 4217 code); comparing two currencies is an error.

    The amount is read through its text, so a JSON number such as 1.15 stays 1.15.
    """

    amount: Decimal = field(converter=_decimal)
    currency: str = "USD"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise InvalidInput(f"cannot compare {self.currency} with {other.currency}")
        return self.amount < other.amount

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class ProviderOptions:
    """Arguments that only one provider knows; given to any other provider they do nothing."""

    provider: ClassVar[str]


def _digits(most: int) -> Any:
    def check(_: object, attribute: Any, value: str | None) -> None:
        if value is not None and not (value.isascii() and value.isdigit() and 1 <= len(value) <= most):
            raise InvalidInput(f"{attribute.name} must be 1 to {most} ASCII digits, got {len(value)} characters")

    return check


def _area_code(_: object, __: Any, value: str | None) -> None:
    if value is not None and not (value.isascii() and value.isdigit() and 2 <= len(value) <= 5):
        raise InvalidInput(f"area_code must be the digits of an area code, such as 201, got {len(value)} characters")


def _country(_: object, __: Any, value: str | None) -> None:
    if value is not None and not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise InvalidInput("country must be an ISO 3166 alpha-2 code in capitals, such as US")


def _limit(_: object, __: Any, value: int) -> None:
    if not 1 <= value <= 1000:
        raise InvalidInput(f"limit must be 1 to 1000, got {value}")


def _features(given: Iterable[Feature | str]) -> frozenset[Feature]:
    try:
        return frozenset(Feature(item) for item in given)
    except ValueError:
        raise InvalidInput(f"features must be of {', '.join(Feature)}") from None


def _line(given: Line | str | None) -> Line | None:
    try:
        return None if given is None else Line(given)
    except ValueError:
        raise InvalidInput(f"line must be one of {', '.join(Line)}") from None


def _text(_: object, attribute: Any, value: str | None) -> None:
    if value is not None and (not value.strip() or len(value) > 80 or not value.isprintable()):
        raise InvalidInput(f"{attribute.name} must be 1 to 80 printable characters, or None")


@frozen(kw_only=True)
class Search:
    """Which numbers to look for; every filter given must hold for every offer.

    Attributes:
        area_code: area code (for NANP the NPA), national digits.
        prefix: what the national number starts with, such as ``201555``; for NANP of the ten-digit form.
        ends_with: what the number ends with.
        contains: digits anywhere in the national number.
        city: locality, compared without regard to case.
        state: state, province or region as two letters, such as ``NJ``.
        rate_center: rate center as the provider spells it, compared without regard to case.
        lata: LATA, digits.
        features: what the number must be able to carry.
        line: local, toll-free or mobile.
        max_price: at most this per month.
        country: ISO 3166 alpha-2; ``None`` for wherever the provider sells without being asked (for all four, the US
            first of all).
        limit: at most so many offers, 1 to 1000.
    """

    area_code: str | None = field(default=None, validator=_area_code)
    prefix: str | None = field(default=None, validator=_digits(10))
    ends_with: str | None = field(default=None, validator=_digits(10))
    contains: str | None = field(default=None, validator=_digits(10))
    city: str | None = field(default=None, validator=_text)
    state: str | None = field(default=None, validator=_text)
    rate_center: str | None = field(default=None, validator=_text)
    lata: str | None = field(default=None, validator=_digits(5))
    features: frozenset[Feature] = field(default=frozenset(), converter=_features)
    line: Line | None = field(default=None, converter=_line)
    max_price: Money | None = None
    country: str | None = field(default=None, validator=_country)
    limit: int = field(default=10, validator=_limit)

    def __attrs_post_init__(self) -> None:
        if self.area_code and self.prefix:
            shorter, longer = sorted((self.area_code, self.prefix), key=len)
            if not longer.startswith(shorter):
                raise InvalidInput("prefix must begin with area_code when both are given")

    @property
    def leading(self) -> str:
        """The digits that the national number must start with, of ``area_code`` and ``prefix``; may be empty."""
        return max(self.area_code or "", self.prefix or "", key=len)


@frozen(kw_only=True)
class Offer:
    """A number that search found, with everything its provider needs to buy it.

    Attributes:
        account: id of the account that found it.
        features: what it can carry, yes or no; a feature that is absent was not stated.
        price: per month.
        address_requirement: the provider's own word; ``None`` where the provider has no such thing.
        purchase: what the provider needs to buy it beyond the number, such as a fingerprint; opaque.
        raw: the provider's own record.
    """

    provider: str
    account: str
    number: PhoneNumber
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    rate_center: str | None = None
    lata: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    features: Mapping[Feature, bool] = field(factory=dict[Feature, bool], hash=False)
    line: Line | None = None
    price: Money | None = None
    address_requirement: str | None = None
    purchase: Mapping[str, str] = field(factory=dict[str, str], repr=False, hash=False)
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


class Route:
    """One thing about where a number's calls or texts go."""

    feature: ClassVar[str]


@frozen
class ToGateway(Route):
    """Calls go to the provider's gateway of this id."""

    feature: ClassVar[str] = "route.gateway"
    gateway: int | str


def _phone_number(value: str) -> PhoneNumber:
    return PhoneNumber(value)


@frozen
class ForwardTo(Route):
    """Calls are forwarded to this number."""

    feature: ClassVar[str] = "route.forward"
    number: PhoneNumber = field(converter=_phone_number)


@frozen
class NoForward(Route):
    """Calls are not forwarded."""

    feature: ClassVar[str] = "route.forward"


@frozen
class TextsToWebhook(Route):
    """Texts go to this https URL."""

    feature: ClassVar[str] = "route.texts.webhook"
    url: str


@frozen
class TextsToEmail(Route):
    """Texts go to this mail address."""

    feature: ClassVar[str] = "route.texts.email"
    address: str


@frozen
class TextsToSip(Route):
    """Texts go to this SIP address."""

    feature: ClassVar[str] = "route.texts.sip"
    address: str


@frozen
class NoTexts(Route):
    """Texts go nowhere."""

    feature: ClassVar[str] = "route.texts.none"


@frozen(kw_only=True)
class OwnedNumber:
    """A number on an account.

    Attributes:
        id: the provider's own id of it, where it has one beside the number.
        provider_status: the provider's own word for ``status``.
        label: the name that somebody gave it.
        features: what it can carry, yes or no; a feature that is absent was not stated.
        routes: where calls and texts go, as far as the answer says; ``None`` when it says nothing.
        campaign_id: its 10DLC campaign as far as this answer says; ask ``campaign_of`` to know.
        created: when it came to the account.
        detail: the provider's record as a typed object of its adapter, where it models more than this.
        raw: the provider's own record.
    """

    provider: str
    account: str
    number: PhoneNumber
    id: str | None = None
    status: Status = Status.UNKNOWN
    provider_status: str | None = None
    label: str | None = None
    features: Mapping[Feature, bool] = field(factory=dict[Feature, bool], hash=False)
    line: Line | None = None
    routes: tuple[Route, ...] | None = None
    campaign_id: str | None = None
    created: datetime | None = None
    detail: Any = field(default=None, repr=False, eq=False)
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True)
class Release:
    """What became of giving a number up; ``at`` is when a scheduled release takes effect, where known."""

    provider: str
    account: str
    number: PhoneNumber
    state: ReleaseState
    at: datetime | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True)
class Transfer:
    """A number handed to another account of the same provider; it is not ours any more."""

    provider: str
    account: str
    number: PhoneNumber
    to_account: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True)
class CampaignBinding:
    """A number's 10DLC campaign; ``provider_status`` is the provider's own word."""

    provider: str
    account: str
    number: PhoneNumber
    campaign_id: str | None
    status: BindingStatus
    provider_status: str | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


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
        and (query.max_price is None or (offer.price is not None and not query.max_price < offer.price))
    )


def _same(wanted: str | None, stated: str | None) -> bool:
    return wanted is None or (stated is not None and wanted.strip().casefold() == stated.strip().casefold())


def _is_plain(query: Search) -> bool:
    """Whether *query* asks for nothing but leading digits."""
    return not (
        query.ends_with or query.contains or query.features
        or any(asked is not None for asked in (query.city, query.state, query.rate_center, query.lata, query.country,
                                               query.line, query.max_price))
    )  # fmt: skip


def narrow(query: Search, offers: Sequence[Offer]) -> list[Offer]:
    """The offers that match, at most ``query.limit`` of them, in the provider's order."""
    if _is_plain(query):
        leading = query.leading
        here = "+1" + leading  # cheaper than its national number
        return [
            offer for offer in offers if offer.number.startswith(here) or offer.number.national.startswith(leading)
        ][: query.limit]
    kept: list[Offer] = []
    for offer in offers:
        if len(kept) == query.limit:
            break
        if matches(query, offer):
            kept.append(offer)
    return kept
