"""Orders and their outcome, as callers see them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Literal

from attrs import Attribute, asdict, field, fields, frozen

from anycarrier.attempt import Attempt
from anycarrier.desired_state.difference import feature_of
from anycarrier.desired_state.model import NAMED, Desired
from anycarrier.desired_state.values import value_from_data, value_to_data
from anycarrier.errors import InvalidInput, JournalError
from anycarrier.hints import by_hints
from anycarrier.json_markers import JsonForm, JsonRecord
from anycarrier.model import Feature, Money, OwnedNumber, Route
from anycarrier.money import price_cap
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.purchase.journal.types import Goal, ItemRecord, ItemState, Snapshot
from anycarrier.purchase.order_checks import capabilities_of, check_tags, named_number, setup_of
from anycarrier.purchase.resolution import UNDECIDED, state_seen
from anycarrier.purchase.sending import SETTING_UP, placed_words
from anycarrier.search import Search
from anycarrier.validation import instance, seconds, shape, text, validator, whole
from anycarrier.words import features_of

__all__ = ["Bought", "Order", "OrderItem", "Purchase", "check_order", "from_json", "item_of"]


@frozen(kw_only=True, field_transformer=by_hints)
class Order(JsonForm):
    """Numbers to buy: any that a search finds, or one that is named.

    Attributes:
        criteria: the search for suitable numbers; its ``limit`` is the number of offers of a search, which asks
            for more where other orders are buying all of these.
        number: exactly this number, instead of ``criteria``; it is never replaced by another.
        features: features that each number must have; an offer that does not state them is skipped.
        capabilities: operations that its provider must support, in the vocabulary of
            :data:`anycarrier.features.FEATURES`, such as ``route.texts.webhook`` or ``bind_campaign``.
        max_price: at most this for the first month of each number: its price, and its set-up cost where the provider
            states one. A provider that states no price is skipped.
        spend_cap: at most this for the first month of all numbers of the order together.
        quantity: how many numbers.
        prefer: the order in which providers are tried: ``given`` for their own, the ``cheapest`` offer first (by price,
            then by set-up cost), or those with the fewest recent failures first (``health``).
        in_doubt: with ``wait``, another provider is tried once a lost purchase was absent for its settle window; with
            ``hold``, only after its watch window (a day), which also excludes purchases that happen very late.
        deadline: seconds after which the caller gets the present state; not part of the order's identity.
        valid_for: seconds after which no new attempt begins, if a crash or a doubt delayed the order.
        fulfilled_by: the state of a number that fulfills the order: ``active`` at its provider, so that a number whose
            set-up fails later is replaced within the order's caps, or ``placed``, as soon as the provider took the
            order.
        setup: routes, campaign and so on that each number is to have, in a ``Desired`` without a number. The order is
            fulfilled when that is so. A provider that cannot is passed over; a number that cannot be set up stays.
        reference: the caller's own name for what the numbers are for, such as ``tenant-42``; not part of the order's
            identity. Many orders may have the same.
        tags: facts of the caller's about the order, by which it is found; not part of its identity.
    """

    criteria: Search | None = field(
        default=None, validator=validator(instance, Search, "a Search, such as Search(area_code='201')", optional=True)
    )
    number: PhoneNumber | None = field(default=None, converter=named_number)
    features: frozenset[Feature] = field(default=frozenset(), converter=features_of)
    capabilities: tuple[str, ...] = field(default=(), converter=capabilities_of)
    max_price: Money | None = field(default=None, validator=validator(price_cap, optional=True))
    spend_cap: Money | None = field(default=None, validator=validator(price_cap, optional=True))
    quantity: int = field(default=1, validator=validator(whole, 1, 1000))
    prefer: Literal["given", "cheapest", "health"] = "given"
    in_doubt: Literal["wait", "hold"] = "wait"
    deadline: float = field(default=600.0, validator=validator(seconds, zero=False))
    valid_for: float = field(default=86_400.0, validator=validator(seconds, zero=False))
    fulfilled_by: Literal["placed", "active"] = "active"
    setup: Desired | None = field(default=None, converter=setup_of)
    reference: str | None = field(default=None, validator=validator(text, "tenant-42", optional=True))
    tags: Mapping[str, str] = field(factory=dict[str, str], converter=check_tags, hash=False)

    def __attrs_post_init__(self) -> None:
        if (self.criteria is None) == (self.number is None):
            raise InvalidInput("an order has either criteria or a number: give one of them")
        if self.setup is not None and self.fulfilled_by != "active":
            raise InvalidInput("an order with a setup is fulfilled when the number is set up: leave fulfilled_by out")
        if self.number is not None and self.quantity != 1:
            raise InvalidInput("one number can be bought once: quantity must be 1")

    @property
    def needs_price(self) -> bool:
        """Return whether numbers of unknown price cannot be bought for it."""
        return self.max_price is not None or self.spend_cap is not None

    @property
    def goal(self) -> Goal:
        """State of an item that fulfills it."""
        return Goal.SET_UP if self.setup is not None else Goal[self.fulfilled_by.upper()]

    @property
    def needs(self) -> tuple[str, ...]:
        """Features that a provider needs to serve it: ``capabilities``, and those of ``setup``."""
        setup = () if self.setup is None else self.setup.values()
        return (*self.capabilities, *(feature_of(what, value) for what, value in setup))

    def to_json(self, accounts: Sequence[str]) -> str:
        """The order and the accounts that it may use, in their order, as canonical JSON."""
        return _encoded(self, tuple(accounts))


def check_order(given: object) -> Order:
    """The argument, or :class:`InvalidInput` if it is no order."""
    if not isinstance(given, Order):
        raise InvalidInput(
            f"order must be an Order, such as Order(criteria=Search(area_code='201')), not {shape(given)}"
        )
    return given


@lru_cache(maxsize=64)
def _encoded(order: Order, accounts: tuple[str, ...]) -> str:
    plain = asdict(order, filter=_is_written, value_serializer=_plain)
    if order.setup is not None:
        plain["setup"] = {str(what): value_to_data(value) for what, value in order.setup.values()}
    return json.dumps({"order": plain, "accounts": accounts}, sort_keys=True, separators=(",", ":"))


_ALWAYS_WRITTEN = frozenset(
    [
        "criteria",
        "number",
        "features",
        "capabilities",
        "max_price",
        "spend_cap",
        "quantity",
        "prefer",
        "in_doubt",
        "deadline",
        "valid_for",
        "area_code",
        "prefix",
        "ends_with",
        "contains",
        "city",
        "state",
        "rate_center",
        "lata",
        "line",
        "country",
        "limit",
        "amount",
        "currency",
    ]
)
"""Members that every order in a journal has."""


_WRITTEN_ELSEWHERE = frozenset(["setup", "reference", "tags"])
"""Members with a form of their own, and those that are no part of an order's meaning, which are in columns."""


def _is_written(attribute: Attribute[object], value: object) -> bool:
    if attribute.name in _WRITTEN_ELSEWHERE:
        return False
    # A member that a later release adds is written only where it is set: else the same order would have another
    # digest than before, and its request id would be refused (:mod:`anycarrier.purchase.digest`).
    return attribute.name in _ALWAYS_WRITTEN or value != attribute.default


def _plain(_: object, __: object, value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return str(value) if isinstance(value, Decimal | PhoneNumber) else value


@lru_cache(maxsize=256)
def from_json(text: str) -> tuple[Order, tuple[str, ...]]:
    """The reverse of :meth:`Order.to_json`. Members of a later release are ignored, and its filters refused."""
    document = json.loads(text)
    plain: dict[str, Any] = _known(Order, document["order"])
    for name in ("max_price", "spend_cap"):
        plain[name] = _money(plain.get(name))
    if plain.get("criteria") is not None:
        criteria = _criteria(plain["criteria"])
        criteria["max_price"] = _money(criteria.get("max_price"))
        plain["criteria"] = Search(**criteria)
    if plain.get("setup") is not None:
        plain["setup"] = _set_up_of(plain["setup"])
    if plain.get("number") is not None:
        plain["number"] = stated(plain["number"])  # it was a number when it was written down
    return Order(**plain), tuple(document["accounts"])


def _set_up_of(plain: Mapping[str, object]) -> Desired:
    values = {name: value_from_data(value) for name, value in plain.items()}
    routes = tuple(value for value in values.values() if isinstance(value, Route))
    others: dict[str, Any] = {name: value for name, value in values.items() if not isinstance(value, Route)}
    if unknown := sorted(name for name in values if name not in NAMED):
        raise JournalError(f"the order has a setup that this release does not know: {', '.join(unknown)}; update it")
    return Desired(routes=routes, **others)


def _criteria(plain: Mapping[str, object]) -> dict[str, Any]:
    known = _known(Search, plain)
    unknown = sorted(name for name in plain if name not in known and plain[name] is not None)
    if unknown:  # without them, numbers would be bought that the order does not allow
        raise JournalError(f"the order has filters that this release does not know: {', '.join(unknown)}; update it")
    return known


def _known(cls: type[Any], plain: Mapping[str, object]) -> dict[str, object]:
    names = {one.name for one in fields(cls)}
    return {name: value for name, value in plain.items() if name in names}


def _money(plain: Mapping[str, str] | None) -> Money | None:
    return None if plain is None else Money(Decimal(plain["amount"]), plain["currency"])


@frozen(kw_only=True, field_transformer=by_hints)
class Bought(JsonRecord):
    """A number that was bought.

    Attributes:
        key: the mark of its purchase.
        price: per month, if it was known.
        setup_price: once, beside the price per month, if the provider states it.
        owned: the number as its provider described it; only if this very call confirmed it.
    """

    number: PhoneNumber
    provider: str
    account: str
    key: str
    price: Money | None = None
    setup_price: Money | None = None
    owned: OwnedNumber | None = field(default=None, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class OrderItem(JsonRecord):
    """One of the numbers of an order.

    Attributes:
        id: its id in the journal.
        bought: the number, once it is ours.
        number: the number in doubt or being set up, if there is one; ``key`` is the mark of its purchase.
        reason: the reason that there is none, or that its set-up is not done.
        reasons: by skipped account, the reason.
        resume_at: Unix time from which it makes sense to resume; ``None`` if it is finished.
        setup: progress of the order's set-up, once the number is bought; ``None`` where the order has none. A set-up
            that ``failed`` leaves the number: ``resume()`` tries again what is not done.
    """

    _json_times = ("resume_at",)
    id: str
    state: ItemState
    bought: Bought | None = None
    number: PhoneNumber | None = None
    key: str | None = None
    reason: str = ""
    reasons: Mapping[str, str] = field(factory=dict[str, str])
    resume_at: float | None = None
    setup: Literal["pending", "done", "failed"] | None = None

    @property
    def fulfilled(self) -> bool:
        """Return whether its number is bought, and set up where the order says how."""
        return self.bought is not None and self.setup in (None, "done")

    @property
    def undecided(self) -> bool:
        """Return whether it may still get a number, or a number that it has may still be set up."""
        if self.bought is not None:
            return self.setup == "pending"
        return self.state in _UNDECIDED


_UNDECIDED = (ItemState.OPEN, ItemState.PLACED, ItemState.PARKED)


@frozen(kw_only=True, field_transformer=by_hints)
class Purchase(JsonRecord):
    """The state of an order, under its caller's id; ``reference`` and ``tags`` are those of the order."""

    _json_also: ClassVar[Sequence[str]] = ("complete", "open", "bought")
    request_id: str
    items: tuple[OrderItem, ...]
    reference: str | None = None
    tags: Mapping[str, str] = field(factory=dict[str, str])

    @property
    def bought(self) -> tuple[Bought, ...]:
        """The numbers that were bought."""
        return tuple(item.bought for item in self.items if item.bought is not None)

    @property
    def numbers(self) -> tuple[PhoneNumber, ...]:
        """The bought numbers alone."""
        return tuple(one.number for one in self.bought)

    @property
    def complete(self) -> bool:
        """Return whether every number was bought, and set up where the order says how."""
        return all(item.fulfilled for item in self.items)

    @property
    def open(self) -> bool:
        """Return whether an item is undecided still."""
        return any(item.undecided for item in self.items)


def item_of(
    snapshot: Snapshot, *, reason: str = "", resume_at: float | None = None, owned: OwnedNumber | None = None
) -> OrderItem:
    """The item of *snapshot*, for its caller."""
    item = snapshot.item
    fulfilled = next((entry for entry in snapshot.entries if entry.id == item.attempt_id), None)
    bought: Bought | None = None
    goal = snapshot.request.goal
    # A number that waits for its set-up is bought already.
    if fulfilled is not None and (Goal.ACTIVE if goal is Goal.SET_UP else goal).is_reached_by(item.state):
        draft = fulfilled.attempt.draft
        bought = Bought(
            number=draft.number,
            provider=draft.provider,
            account=draft.account,
            key=draft.key,
            price=draft.price,
            setup_price=draft.setup_price,
            owned=owned if owned is not None and _shows(owned, fulfilled.attempt) else None,
        )
    doubtful = None
    if bought is None:
        doubtful = next((entry for entry in snapshot.entries if entry.attempt.state in UNDECIDED), None)
    return OrderItem(
        id=item.id,
        state=item.state,
        bought=bought,
        reasons=dict(item.passed),
        number=None if doubtful is None else doubtful.attempt.draft.number,
        key=None if doubtful is None else doubtful.attempt.draft.key,
        reason=reason or item.reason or _last_words(snapshot),
        resume_at=resume_at,
        setup=None if bought is None or goal is not Goal.SET_UP else _setup_of(item),
    )


def _setup_of(item: ItemRecord) -> Literal["pending", "done", "failed"]:
    if item.state is ItemState.SET_UP:
        return "done"
    return "pending" if item.claimable else "failed"


def _shows(owned: OwnedNumber, attempt: Attempt) -> bool:
    """Return whether *owned* is the number of *attempt*, in its state: a worker may have seen another, or earlier."""
    return owned.number == attempt.draft.number and state_seen(owned) is attempt.state


def _last_words(snapshot: Snapshot) -> str:
    if snapshot.item.state is ItemState.PLACED:
        placed = next((one for one in snapshot.entries if one.id == snapshot.item.attempt_id), None)
        return SETTING_UP if placed is None else placed_words(placed.attempt)
    if snapshot.item.state is ItemState.ACTIVE and snapshot.item.claimable:
        return SETTING_UP_HERE
    return snapshot.entries[-1].attempt.reason if snapshot.entries else ""


SETTING_UP_HERE = "it is bought, and its set-up is under way"
"""Reason of a number that is bought, and not set up yet as its order says."""
