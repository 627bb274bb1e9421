"""What the neutral operations take and give: the same meaning for every provider.

``None`` always means that the provider did not say. "Not forwarded" and "no campaign" have values of their own.
Every result carries the provider's name and ``raw``, the provider's own answer, for what this model lacks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import EnumType, StrEnum
from functools import total_ordering
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar, cast

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.hints import by_hints
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.validation import shape, text, validator

__all__ = [
    "ROUTES",
    "BindingStatus",
    "CampaignBinding",
    "Feature",
    "ForwardTo",
    "Line",
    "Money",
    "NoForward",
    "NoTexts",
    "Offer",
    "OwnedNumber",
    "ProviderOptions",
    "Release",
    "ReleaseState",
    "Route",
    "Status",
    "Target",
    "TextsToEmail",
    "TextsToSip",
    "TextsToWebhook",
    "ToGateway",
    "Transfer",
    "number_of",
    "one_of",
    "option_objects",
    "options_of",
]

E = TypeVar("E", bound=StrEnum)
O = TypeVar("O", bound="ProviderOptions")  # noqa: E741 - options


class _Short(EnumType):
    """Metaclass of words: ``help()`` shows the members, without the methods of ``str``."""

    def __dir__(cls) -> list[str]:
        return ["__doc__", "__members__", *cls.__members__]


class Word(StrEnum, metaclass=_Short):
    """Base of a fixed set of words; a member is its text."""


class Feature(Word):
    """What a number can carry."""

    VOICE = "voice"
    SMS = "sms"
    MMS = "mms"
    FAX = "fax"


class Line(Word):
    """The kind of number that is bought and sold."""

    LOCAL = "local"
    TOLL_FREE = "toll_free"
    MOBILE = "mobile"

    @classmethod
    def of(cls, number: PhoneNumber) -> Line | None:
        """What *number* itself shows: a toll-free one does, of others nobody can tell."""
        return cls.TOLL_FREE if number.is_toll_free else None


class Status(Word):
    """A number's life, in neutral words."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    PORTING = "porting"
    RELEASING = "releasing"
    RELEASED = "released"
    FAILED = "failed"
    UNKNOWN = "unknown"


class BindingStatus(Word):
    """A 10DLC binding, in neutral words; ``UNBOUND`` is a number with no campaign."""

    PENDING = "pending"
    ACTIVE = "active"
    FAILED = "failed"
    UNBOUND = "unbound"
    UNKNOWN = "unknown"


class ReleaseState(Word):
    """Whether the number is gone already or the provider holds it first."""

    RELEASED = "released"
    SCHEDULED = "scheduled"


_AMOUNT = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*", re.ASCII)


def _decimal(value: Decimal | int | float | str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        raise InvalidInput(f"amount must be a number, such as 1.15, not {shape(value)}")
    if isinstance(value, int) and not -(10**12) < value < 10**12:
        value = "too large"  # and str() of an int may raise
    text = str.__str__(value) if isinstance(value, str) else str(value)
    amount = Decimal(text) if len(text) <= 60 and _AMOUNT.fullmatch(text) else Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= 10**12 or cast("int", amount.as_tuple().exponent) < -40:
        raise InvalidInput("amount must be a number, such as 1.15, below a million millions")
    return amount


def _currency(_: object, __: Any, value: object) -> None:
    if not (isinstance(value, str) and re.fullmatch("[A-Z]{3}", value)):
        raise InvalidInput(f"currency must be three capitals (ISO 4217), such as 'USD', not {shape(value)}")


@frozen
@total_ordering
class Money:
    """An exact amount in one currency (ISO 4217 code); comparing two currencies is an error.

    The amount is read through its text, so a JSON number such as 1.15 stays 1.15.
    """

    amount: Decimal = field(converter=_decimal)
    currency: str = field(default="USD", validator=_currency)

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


def option_objects(options: object) -> tuple[ProviderOptions, ...]:
    """*options*, if they are a list of :class:`ProviderOptions`."""
    if type(options) is tuple and not options:
        return ()
    if isinstance(options, ProviderOptions):
        raise InvalidInput(f"options must be a list: options=[{type(options).__name__}(...)]")
    if isinstance(options, str | bytes) or not isinstance(options, Sequence):
        raise InvalidInput(f"options must be a list of a provider's options, not {shape(options)}")
    for option in options:
        if not isinstance(option, ProviderOptions):
            raise InvalidInput(f"options must hold objects of a provider's options classes, not {shape(option)}")
    return tuple(options)


def options_of(kind: type[O], options: Sequence[ProviderOptions]) -> O | None:
    """The one of *options* that is of this kind; those of other providers do nothing. Two of a kind are refused."""
    found = [option for option in option_objects(options) if isinstance(option, kind)]
    if len(found) > 1:
        raise InvalidInput(f"options must hold one {kind.__name__} at most, got {len(found)}")
    return found[0] if found else None


def features_of(given: Iterable[Feature | str]) -> frozenset[Feature]:
    """*given* as features."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Collection):
        raise InvalidInput(f"features must be a collection, such as {{'sms', 'voice'}}, not {shape(given)}")
    found: set[Feature] = set()
    for item in given:
        feature = _member(Feature, item)
        if feature is None:
            raise InvalidInput(f"features must be of {', '.join(Feature)}, not {shape(item)}")
        found.add(feature)
    return frozenset(found)


def one_of(kind: type[E], name: str, given: E | str | None) -> E | None:
    """*given* as one of *kind*, or ``None``; the error calls it *name*."""
    if given is None:
        return None
    member = _member(kind, given)
    if member is None:
        raise InvalidInput(f"{name} must be one of {', '.join(kind)}, or None, not {shape(given)}")
    return member


def _member(kind: type[E], given: object) -> E | None:
    try:
        return kind(str.__str__(given)) if isinstance(given, str) else None
    except ValueError:
        return None


def price_of(amount: object, currency: object = "USD") -> Money | None:
    """What a provider states as an amount; ``None`` for what cannot be a price, which is a fact not stated.

    A currency may be written in small letters and with spaces around it.
    """
    unit = currency.strip().upper() if isinstance(currency, str) else ""
    try:
        money = Money(cast("Decimal", amount), unit)
    except InvalidInput:
        return None
    return money if money.amount >= 0 else None


def price_cap(name: str, value: object) -> None:
    """Refuse *value* unless it is money that something may cost at most."""
    if not isinstance(value, Money):
        raise InvalidInput(f"{name} must be Money, such as Money('1.50'), not {shape(value)}")
    if value.amount < 0:
        raise InvalidInput(f"{name} must not be below 0")


def number_named(name: str, value: object) -> PhoneNumber:
    """*value* as a phone number; errors call it *name*."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a phone number, such as '+12015550123', not {shape(value)}")
    try:
        return PhoneNumber(value)
    except InvalidNumber as error:
        raise InvalidNumber(f"{name}: {error.message}", reason=error.reason) from None


def _number(value: str) -> PhoneNumber:
    return number_named("number", value)


class Slots:
    """Base of what is made in great numbers: ``raw`` has the facts that nobody has looked at yet.

    A slot that is empty is asked of ``raw`` and filled, so everybody who reads one gets its value, ``evolve``, ``==``
    and ``pickle`` too.
    """

    __slots__ = ("__weakref__",)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raw = None if name == "raw" else self.raw
            fact = getattr(raw, "facts", {}).get(name)
            if fact is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = fact(raw.row, self)
            object.__setattr__(self, name, value)
            return value


@frozen(kw_only=True, field_transformer=by_hints)
class Offer(Slots):
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
    number: PhoneNumber = field(converter=_number)
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
    """One thing about where a number's calls or texts go.

    Attributes:
        feature: that a provider needs for it, such as ``route.gateway``.
        words: of that feature, for people.
    """

    feature: ClassVar[str]
    words: ClassVar[str]


def _gateway(_: object, __: Any, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | str) or (isinstance(value, str) and not value.strip()):
        raise InvalidInput(f"gateway must be the id of a gateway, such as 1000, not {shape(value)}")


@frozen
class ToGateway(Route):
    """Calls go to the provider's gateway of this id."""

    feature: ClassVar[str] = "route.gateway"
    words: ClassVar[str] = "calls to a gateway"
    gateway: int | str = field(validator=_gateway)


@frozen
class ForwardTo(Route):
    """Calls are forwarded to this number."""

    feature: ClassVar[str] = "route.forward"
    words: ClassVar[str] = "calls to another number"
    number: PhoneNumber = field(converter=_number)


@frozen
class NoForward(Route):
    """Calls are not forwarded."""

    feature: ClassVar[str] = "route.forward"
    words: ClassVar[str] = "calls to another number"


@frozen
class TextsToWebhook(Route):
    """Texts go to this https URL."""

    feature: ClassVar[str] = "route.texts.webhook"
    words: ClassVar[str] = "texts to a webhook"
    url: str = field(validator=validator(text, "https://example.com/texts", 2000))


@frozen
class TextsToEmail(Route):
    """Texts go to this mail address."""

    feature: ClassVar[str] = "route.texts.email"
    words: ClassVar[str] = "texts to a mail address"
    address: str = field(validator=validator(text, "texts@example.com", 320))


@frozen
class TextsToSip(Route):
    """Texts go to this SIP address."""

    feature: ClassVar[str] = "route.texts.sip"
    words: ClassVar[str] = "texts to a SIP address"
    address: str = field(validator=validator(text, "sip:texts@example.com", 320))


@frozen
class NoTexts(Route):
    """Texts go nowhere."""

    feature: ClassVar[str] = "route.texts.none"
    words: ClassVar[str] = "texts to nowhere"


ROUTES: tuple[type[Route], ...] = (
    ToGateway, ForwardTo, NoForward, TextsToWebhook, TextsToEmail, TextsToSip, NoTexts,
)  # fmt: skip
"""Every kind of route."""


@frozen(kw_only=True)
class Receipt:
    """What the answer to a purchase says beside the number that was asked for.

    Attributes:
        charged: for this number, now; ``None`` where the answer does not say.
        others: numbers that it lists as bought though nobody asked for them, as it writes them.
    """

    charged: Money | None = None
    others: tuple[str, ...] = ()


@frozen(kw_only=True, field_transformer=by_hints)
class OwnedNumber(Slots):
    """A number on an account.

    Attributes:
        id: the provider's own id of it, where it has one beside the number.
        provider_status: the provider's own word for ``status``.
        label: the name that somebody gave it.
        features: what it can carry, yes or no; a feature that is absent was not stated.
        routes: where calls and texts go, as far as the answer says; ``None`` when it says nothing.
        campaign_id: its 10DLC campaign as far as this answer says; ask ``campaign_of`` to know.
        created: when it came to the account.
        receipt: what the answer to its purchase said beside it; only where it was confirmed by that answer.
        detail: the provider's record as a typed object of its adapter, where it models more than this.
        raw: the provider's own record.
    """

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    id: str | None = None
    status: Status = Status.UNKNOWN
    provider_status: str | None = None
    label: str | None = None
    features: Mapping[Feature, bool] = field(factory=dict[Feature, bool], hash=False)
    line: Line | None = None
    routes: tuple[Route, ...] | None = None
    campaign_id: str | None = None
    created: datetime | None = None
    receipt: Receipt | None = field(default=None, eq=False)
    detail: Any = field(default=None, repr=False, eq=False)
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class Release:
    """What became of giving a number up; ``at`` is when a scheduled release takes effect, where known."""

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    state: ReleaseState
    at: datetime | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class Transfer:
    """A number handed to another account of the same provider; it is not ours any more."""

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    to_account: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class CampaignBinding:
    """A number's 10DLC campaign; ``provider_status`` is the provider's own word."""

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    campaign_id: str | None
    status: BindingStatus
    provider_status: str | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


def number_of(target: Target, name: str = "target") -> PhoneNumber:
    """The number of *target*; raises ``InvalidNumber``, and ``InvalidInput`` where it has none.

    Errors call the argument *name*.
    """
    if isinstance(target, OwnedNumber | Offer):
        return target.number
    if not isinstance(target, str):
        raise InvalidInput(
            f"{name} must be a number, such as '+12015550123', or an object that has one, not {shape(target)}"
        )
    return PhoneNumber(target) if name == "target" else number_named(name, target)


Target: TypeAlias = Annotated[OwnedNumber | Offer | PhoneNumber | str, lambda name, value: number_of(value, name)]
"""A number, or an object that has one."""
