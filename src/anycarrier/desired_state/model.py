"""Desired and observed state of a number, and the changes that lead from one to the other.

In a desired state ``None`` leaves a thing alone, and ``False`` wants none of it. In an observed one ``None`` means that
the provider does not say, and ``False`` that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.hints import by_hints
from anycarrier.json_markers import JsonForm, JsonRecord
from anycarrier.model import ROUTES, BindingStatus, NoForward, NoTexts, Route, Status, number_named
from anycarrier.money import Money, price_cap
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.search import Search
from anycarrier.validation import flag, shape, text
from anycarrier.words import Word, one_of

__all__ = [
    "MOVES",
    "NAMED",
    "Change",
    "ChangeKind",
    "ChangeState",
    "Desired",
    "NumberState",
    "Obstacle",
    "Value",
    "is_same",
    "kind_of_route",
]

Value: TypeAlias = Route | EmergencyAddress | Search | str | bool | None
"""One side of a change: a route, an address, the id of a campaign or account, a label or name, on or off; the search
for a number that replaces another."""


class ChangeKind(Word):
    """Things about a number that change, in this order: how it moves to another account, and what a desired state
    names."""

    PORT_IN = "port_in"
    """The account that it is on, with a port: it stays the same number."""
    REPLACE = "replace"
    """Another number instead of it, on another account."""

    CALLS = "calls"
    """The gateway or webhook that calls go to."""
    FORWARD = "forward"
    """The number that calls are forwarded to."""
    TEXTS = "texts"
    """The destination of texts."""
    CAMPAIGN = "campaign"
    """The 10DLC campaign that the number is bound to."""
    LABEL = "label"
    """The name that the account's users see."""
    CALLER_NAME = "caller_name"
    """The name that is shown where the number calls (LIDB)."""
    EMERGENCY = "emergency"
    """The emergency address (E911)."""
    ENABLED = "enabled"
    """The switch of the number: on or off."""
    RELEASE = "release"
    """Giving the number up, for good."""


class ChangeState(Word):
    """State of a change that was to be carried out."""

    DONE = "done"
    """The provider confirmed it."""
    ALREADY = "already"
    """It was so already, and nothing was sent."""
    PENDING = "pending"
    """The provider accepted it and finishes it later."""
    SKIPPED = "skipped"
    """Nothing was sent: the number is in another state than the plan says, or an earlier change of it failed."""
    FAILED = "failed"
    """The provider refused it, or could not be reached; ``maybe_applied`` of its error says whether it may be done."""


MOVES = frozenset({ChangeKind.PORT_IN, ChangeKind.REPLACE})
"""Kinds of changes of a number's account."""

NAMED = tuple(kind for kind in ChangeKind if kind not in MOVES)
"""Kinds that a desired state names."""


def kind_of_route(route: Route) -> ChangeKind:
    """The kind of change that sets *route*.

    Raises:
        InvalidInput: not a neutral route: a provider's own one is in no observed state.
    """
    if not isinstance(route, ROUTES):
        raise InvalidInput(f"routes must be neutral ones, such as ToGateway(1000) or NoTexts(), not {shape(route)}")
    if route.feature == "route.forward":
        return ChangeKind.FORWARD
    return ChangeKind.TEXTS if route.feature.startswith("route.texts.") else ChangeKind.CALLS


def is_same(kind: ChangeKind, one: Value, other: Value) -> bool:
    """Return whether two values of a kind mean the same; providers write names and addresses in capitals."""
    if isinstance(one, EmergencyAddress) and isinstance(other, EmergencyAddress):
        return _plain(one) == _plain(other)
    if kind is ChangeKind.CALLER_NAME and isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    return type(one) is type(other) and one == other


def _plain(address: EmergencyAddress) -> tuple[str, ...]:
    parts = (address.name, address.street, address.unit, address.city, address.state, address.postal_code)
    return tuple(" ".join((part or "").split()).casefold() for part in parts)


def _number(value: str | None) -> PhoneNumber | None:
    return None if value is None else number_named("number", value)


def _kind(value: str) -> ChangeKind:
    kind = one_of(ChangeKind, "what", value)
    if kind is None:
        raise InvalidInput(f"what must be one of {', '.join(ChangeKind)}, not None")
    return kind


def _known_number(value: str) -> PhoneNumber:
    return number_named("number", value)


def _routes(value: object) -> tuple[Route, ...]:
    if isinstance(value, Route):
        raise InvalidInput(f"routes must be a list: routes=[{type(value).__name__}(...)]")
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
        raise InvalidInput(f"routes must be a list of routes, not {shape(value)}")
    routes = tuple(value)
    kinds = [kind_of_route(route) for route in routes]
    if len({*kinds}) < len(kinds):
        raise InvalidInput("two of the routes contradict each other")
    return routes


def _text_or_none(_: object, attribute: Any, value: object, *, example: str, most: int, none: bool) -> None:
    if value is None or (none and value is False):
        return
    if value is False:
        raise InvalidInput(f"{attribute.name} cannot be False: no provider takes one away; set another")
    text(attribute.name, value, example, most)


def _address_or_none(_: object, attribute: Any, value: object) -> None:
    if value is not None and value is not False and not isinstance(value, EmergencyAddress):
        raise InvalidInput(f"{attribute.name} must be an EmergencyAddress, False or None, not {shape(value)}")


def _flag_or_none(_: object, attribute: Any, value: object) -> None:
    if value is not None:
        flag(attribute.name, value)


@frozen
class Desired(JsonForm):
    """Desired state of one number; what is not named is left alone.

    Attributes:
        number: the number; ``None`` only in the set-up of an order, whose number is not known yet.
        routes: destinations of its calls and texts, one of each kind; ``NoForward()`` and ``NoTexts()`` for none.
        campaign: id of its 10DLC campaign; ``False`` for none.
        label: name that the account's users see.
        caller_name: name that is shown where it calls, at most 15 characters.
        emergency: its emergency address; ``False`` for none.
        enabled: whether it is switched on.
        release: ``True`` to give it up, for good; nothing else may be named then.
    """

    number: PhoneNumber | None = field(default=None, converter=_number)
    routes: tuple[Route, ...] = field(default=(), kw_only=True, converter=_routes)
    campaign: str | Literal[False] | None = field(
        default=None, kw_only=True, validator=partial(_text_or_none, example="CH5K5IZ", most=200, none=True)
    )
    label: str | None = field(
        default=None, kw_only=True, validator=partial(_text_or_none, example="Main line", most=255, none=False)
    )
    caller_name: str | None = field(
        default=None, kw_only=True, validator=partial(_text_or_none, example="ACME CORP", most=15, none=False)
    )
    emergency: EmergencyAddress | Literal[False] | None = field(default=None, kw_only=True, validator=_address_or_none)
    enabled: bool | None = field(default=None, kw_only=True, validator=_flag_or_none)
    release: bool | None = field(default=None, kw_only=True, validator=_flag_or_none)

    def __attrs_post_init__(self) -> None:
        if self.release and len([*self.values()]) > 1:
            raise InvalidInput("release=True gives the number up: nothing else can be wanted of it")

    def values(self) -> Iterator[tuple[ChangeKind, Value]]:
        """Values that are named, in the order in which they are changed."""
        routes = {kind_of_route(route): route for route in self.routes}
        for kind in NAMED:
            if kind in _ROUTED:
                value: Value = routes.get(kind)
            elif kind is ChangeKind.RELEASE:
                value = self.release or None
            else:
                value = getattr(self, kind)
            if value is not None:
                yield kind, value


_ROUTED = frozenset({ChangeKind.CALLS, ChangeKind.FORWARD, ChangeKind.TEXTS})


@frozen(kw_only=True)
class NumberState(JsonRecord):
    """State of one number, as far as its provider says.

    Attributes:
        status: whether it works, is pending, or is leaving.
        provider_status: the provider's own word for ``status``.
        calls: ``ToGateway`` or ``CallsToWebhook``.
        forward: ``ForwardTo`` or ``NoForward``.
        texts: where texts go; ``NoTexts`` for nowhere.
        campaign: id of its 10DLC campaign; ``False`` for none.
        binding: state of that campaign's binding.
        label: name that the account's users see; ``False`` for none.
        caller_name: name that is shown where it calls.
        emergency: its emergency address; ``False`` for none.
        enabled: whether it is switched on.
        service: the provider's own service that answers its calls, such as an IVR; ``None`` where it does not say.
    """

    provider: str
    account: str
    number: PhoneNumber
    status: Status = Status.UNKNOWN
    provider_status: str | None = None
    calls: Route | None = None
    forward: Route | None = None
    texts: Route | None = None
    campaign: str | Literal[False] | None = None
    binding: BindingStatus | None = None
    label: str | Literal[False] | None = None
    caller_name: str | None = None
    emergency: EmergencyAddress | Literal[False] | None = None
    enabled: bool | None = None
    service: str | None = None

    def value(self, kind: ChangeKind) -> Value:
        """The value of *kind*: ``None`` where the provider does not say, ``False`` where there is none."""
        if kind is ChangeKind.RELEASE:
            return True if self.status in _LEFT else None
        if kind in MOVES:
            return None
        value: Value = getattr(self, kind)
        return value


_LEFT = frozenset({Status.RELEASING, Status.RELEASED})


@frozen(field_transformer=by_hints)
class Change(JsonForm):
    """One thing about one number, which one request changes.

    Attributes:
        what: the kind of change.
        before: the value that it has now; ``None`` where the provider does not say.
        after: the value that it is to have; ``True`` of a release; the search for a number that replaces it.
        cost: charge for it, once; ``None`` where the provider's documents state none, which does not say that it is
            free.
    """

    number: PhoneNumber = field(converter=_known_number)
    what: ChangeKind = field(converter=_kind)
    before: Value
    after: Value
    cost: Money | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.cost is not None:
            price_cap("cost", self.cost)

    @property
    def undo(self) -> Change | None:
        """The change that puts the former value back; ``None`` where nothing can."""
        before = self.before
        if self.what in _FOR_GOOD or before is None:
            return None
        if before is False and self.what not in _TAKEN_AWAY:
            return None
        return Change(self.number, self.what, self.after, before)


_FOR_GOOD = MOVES | {ChangeKind.RELEASE}

_TAKEN_AWAY = frozenset({ChangeKind.CAMPAIGN, ChangeKind.EMERGENCY, ChangeKind.ENABLED})
"""Kinds whose ``False`` is a value that can be set."""

NOWHERE: Mapping[ChangeKind, Route] = {ChangeKind.FORWARD: NoForward(), ChangeKind.TEXTS: NoTexts()}
"""Routes that say that there is none."""


@frozen(kw_only=True)
class Obstacle(JsonRecord):
    """A desired value that the library cannot bring about.

    Attributes:
        what: the kind of change; ``None`` where nothing about the number can be changed.
        after: the desired value.
        reason: why not.
        by_hand: what a person does instead; ``None`` where there is nothing, or it is not known.
    """

    number: PhoneNumber
    what: ChangeKind | None
    after: Value = None
    reason: str
    by_hand: str | None = None
