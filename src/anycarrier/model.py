"""Neutral values: arguments and results of the operations, with one meaning for every provider.

``None`` always means that the provider did not say. "Not forwarded" and "no campaign" have values of their own.
Every result has the provider's name and ``raw``, the provider's own record, for facts that this model lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.hints import by_hints
from anycarrier.json_markers import JsonRecord, JsonValue
from anycarrier.money import Money
from anycarrier.numbers import InvalidNumber, PhoneNumber
from anycarrier.validation import shape, text, validator
from anycarrier.words import BindingStatus, Feature, Line, ReleaseState, Status, one_of

__all__ = [
    "ROUTES",
    "BindingStatus",
    "CallsToWebhook",
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
    "TextsTo",
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

O = TypeVar("O", bound="ProviderOptions")  # noqa: E741 - options


class ProviderOptions:
    """Arguments that only one provider knows; every other provider ignores them."""

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
    """Find the option of this kind in *options*, or ``None``; two of a kind are refused."""
    found = [option for option in option_objects(options) if isinstance(option, kind)]
    if len(found) > 1:
        raise InvalidInput(f"options must hold one {kind.__name__} at most, got {len(found)}")
    return found[0] if found else None


def number_named(name: str, value: object) -> PhoneNumber:
    """*value* as a phone number; errors call it *name*."""
    if type(value) is PhoneNumber:
        return value
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be a phone number, such as '+12015550123', not {shape(value)}")
    try:
        return PhoneNumber(value)
    except InvalidNumber as error:
        raise InvalidNumber(f"{name}: {error.message}", reason=error.reason) from None


def _number(value: str) -> PhoneNumber:
    return number_named("number", value)


_set = object.__setattr__


class Lazy(JsonRecord):
    """Base of results that are created in bulk: a field that is not set is computed from ``raw`` on first access.

    ``evolve``, ``==`` and ``pickle`` read fields too, and so get every value.
    """

    __slots__ = ("__weakref__",)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raw = None if name == "raw" else self.raw
            try:
                fact = raw.facts[name]
            except (AttributeError, KeyError):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None
            value = fact(raw.row, self)
            _set(self, name, value)
            return value


@frozen(kw_only=True, field_transformer=by_hints)
class Offer(Lazy):
    """A number that a search found, with everything that its provider needs to sell it.

    Attributes:
        account: id of the account that found it.
        features: whether it carries each feature; an absent feature is not stated.
        price: per month.
        setup_price: once, beside the price per month; ``None`` if the provider does not say.
        address_requirement: the provider's own word; ``None`` if the provider has no such requirement.
        purchase: data for the purchase beside the number, such as a fingerprint; opaque.
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
    setup_price: Money | None = None
    address_requirement: str | None = None
    purchase: Mapping[str, str] = field(factory=dict[str, str], repr=False, hash=False)
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


class Route(JsonValue):
    """A destination of a number's calls or texts.

    Attributes:
        feature: that a provider needs for it, such as ``route.gateway``.
        words: of that feature, for people.
    """

    feature: ClassVar[str]
    words: ClassVar[str]


def _id(value: object, said: str) -> str:
    """An id of the provider's as text; *said* is how the error begins."""
    # The interpreter refuses to write very long numbers as text.
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30
    if not whole and not (isinstance(value, str) and value.strip()):
        raise InvalidInput(f"{said}, not {shape(value)}")
    return str(value)


def _gateway(value: int | str) -> str:
    return _id(value, "gateway must be the id of a gateway, such as 1000")


def _application(value: int | str) -> str:
    return _id(value, "id must be the id of a messaging application, such as 'MG01'")


@frozen
class ToGateway(Route):
    """Calls go to the provider's gateway of this id, held as text: ``ToGateway(1000) == ToGateway("1000")``."""

    feature: ClassVar[str] = "route.gateway"
    words: ClassVar[str] = "calls to a gateway"
    gateway: str = field(converter=_gateway)


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
class CallsToWebhook(Route):
    """Calls are handled as the answer of this https URL says."""

    feature: ClassVar[str] = "route.calls.webhook"
    words: ClassVar[str] = "calls to a webhook"
    url: str = field(validator=validator(text, "https://example.com/calls", 2000))


@frozen
class TextsTo(Route):
    """Texts go to the provider's messaging application of this id, such as a profile or service; the id is text."""

    feature: ClassVar[str] = "route.texts.id"
    words: ClassVar[str] = "texts to an application of the provider"
    id: str = field(converter=_application)


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
    ToGateway,
    ForwardTo,
    NoForward,
    CallsToWebhook,
    TextsTo,
    TextsToWebhook,
    TextsToEmail,
    TextsToSip,
    NoTexts,
)
"""Every kind of route."""


@frozen(kw_only=True)
class Receipt(JsonRecord):
    """Facts of the response to a purchase beside the number itself.

    Attributes:
        charged: charge for this number, now; ``None`` if the response does not say.
        order_id: the provider's own id of the order; ``None`` if it has none.
        others: numbers that the response lists as bought without an order, in the provider's spelling.
    """

    charged: Money | None = None
    order_id: str | None = None
    others: tuple[str, ...] = ()


@frozen(kw_only=True, field_transformer=by_hints)
class OwnedNumber(Lazy):
    """A number on an account.

    Attributes:
        id: the provider's own id of it, if it has one beside the number.
        provider_status: the provider's own word for ``status``.
        label: name that the account's users see.
        features: whether it carries each feature; an absent feature is not stated.
        routes: destinations of calls and texts, as far as the response says; ``None`` when it says nothing.
        campaign_id: its 10DLC campaign, as far as this response says; ``campaign_of`` knows for certain.
        created: time at which it came to the account.
        receipt: facts of the response to its purchase; only if that response confirmed it.
        detail: the provider's record as a typed object of its adapter, if that models more.
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
class Release(JsonRecord):
    """Result of giving a number up; ``at`` is the time at which a scheduled release takes effect, if known."""

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    state: ReleaseState
    at: datetime | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class Transfer(JsonRecord):
    """A number handed to another account of the same provider; it is not on this account any more."""

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    to_account: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class CampaignBinding(JsonRecord):
    """A number's 10DLC campaign.

    Attributes:
        campaign_id: the one that ``bind_campaign`` takes.
        registry_id: id of the campaign at its registry (TCR), which several providers may share.
        provider_status: the provider's own word for ``status``.
        raw: the provider's own record.
    """

    provider: str
    account: str
    number: PhoneNumber = field(converter=_number)
    campaign_id: str | None
    registry_id: str | None = None
    status: BindingStatus
    provider_status: str | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


def number_of(target: Target, name: str = "target") -> PhoneNumber:
    """The number of *target*, which errors call *name*: ``InvalidNumber``, or ``InvalidInput`` where it has none."""
    if type(target) is PhoneNumber:  # nearly always: each layer asks again
        return target
    if isinstance(target, (OwnedNumber, Offer)):
        return target.number
    if not isinstance(target, str):
        raise InvalidInput(
            f"{name} must be a number, such as '+12015550123', or an object that has one, not {shape(target)}"
        )
    return PhoneNumber(target) if name == "target" else number_named(name, target)


def target_of(value: Target) -> Target:
    """A number of the account, or an object that has one."""
    return value if isinstance(value, (OwnedNumber, Offer)) else number_of(value)


def wanted_of(value: Offer | PhoneNumber | str) -> Offer | PhoneNumber:
    """An offer or a number, to be bought."""
    if isinstance(value, OwnedNumber):
        raise InvalidInput("target must be an Offer or a number, not an OwnedNumber, which is bought already")
    return value if isinstance(value, Offer) else number_of(value)


Target: TypeAlias = Annotated[OwnedNumber | Offer | PhoneNumber | str, lambda name, value: number_of(value, name)]
"""A number, or an object that has one."""
