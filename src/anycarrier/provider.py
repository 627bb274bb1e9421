"""The neutral operations, one Protocol each. The docstrings are the contract; the contract suite checks it.

A provider has an operation by having its method. Every method returns an exchange: nothing happens until a client
drives it. All raise the errors of :mod:`anycarrier.errors`; each raises ``Unsupported`` before any request for what
the provider cannot do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from attrs import field, frozen

from anycarrier.engine.accounts import Account
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange, Listing
from anycarrier.features import Support
from anycarrier.hints import by_hints
from anycarrier.model import (
    CampaignBinding,
    Money,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    Route,
    Target,
    Transfer,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.search import Search

__all__ = [
    "Attempt",
    "AttemptState",
    "BindsCampaigns",
    "Buys",
    "Denial",
    "Draft",
    "Gets",
    "Lists",
    "Provider",
    "ReadsCampaigns",
    "Releases",
    "ResolutionPolicy",
    "RoutesNumbers",
    "Searches",
    "Transfers",
    "attributed_to",
]

T = TypeVar("T")


def attributed_to(operation: str, exchange: Exchange[T]) -> Exchange[T]:
    """*exchange*, as a step of *operation*: its errors are of that, whichever request they came from."""
    try:
        return (yield from exchange)
    except AnyCarrierError as error:
        error.operation = operation
        raise


@runtime_checkable
class Provider(Protocol):
    """What every provider has. A class declares them without ``ClassVar``, such as ``name: str = "acme"``.

    Attributes:
        name: as given to ``Client``.
        title: for people, with the version of the API.
        supports: the declarations of :mod:`anycarrier.capabilities`.
        accounts: the accounts its requests may name; most providers have one.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def supports(self) -> Mapping[str, Support]: ...
    @property
    def accounts(self) -> Sequence[Account]: ...


@frozen(kw_only=True, field_transformer=by_hints)
class ResolutionPolicy:
    """How a purchase at one provider can be resolved when its answer is lost. Data; :mod:`anycarrier.purchase` acts.

    Times are seconds. What documents do not state is our guess, kept here so that it can be tuned.

    Attributes:
        replay: the provider documents that the same key with the same bytes answers again and never charges again.
        replay_for: after the first send, how long a replay is allowed; the documented life of a key, less a margin.
        replay_waits: waits before the first, second, ... replay; there are no more replays than waits.
        settle: after the last send, how long the number may still turn up: absence seen earlier proves nothing.
        lag: how long what was done already may be missing from the provider's list. Where the provider itself says that
            it did nothing ("not available", "too many requests"), a look after this ends the attempt, not the whole
            of ``settle`` and ``looks``.
        looks: how many looks after ``settle`` must each find the number absent before it counts as not bought.
        look_every: wait between looks.
        same_number_once: once refuted, the same number with the same key may be asked for one more time here.
        fresh_search: a purchase needs a mark from a search made for it alone (LC's fingerprint).
        key_form: regular expression of the keys that the provider takes.
        refusals: HTTP statuses that, with the documented error body, prove that nothing was bought.
        watch: how long a refuted purchase stays on the watch list, in case it turns up late; one that was refused stays
            there for ``settle``.
        park_after: this long after the first send, and after ``park_looks`` looks in a row that told nothing, an order
            is laid aside until the provider answers again.
    """

    replay: bool = False
    replay_for: float = 0.0
    replay_waits: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0, 30.0, 60.0)
    settle: float = 300.0
    lag: float = 20.0
    looks: int = 3
    look_every: float = 15.0
    same_number_once: bool = False
    fresh_search: bool = False
    key_form: str = "[A-Za-z0-9_-]{1,128}"
    refusals: frozenset[int] = frozenset({400, 401})
    watch: float = 24 * 3600.0
    park_after: float = 3600.0
    park_looks: int = 10


@frozen(kw_only=True, field_transformer=by_hints)
class Draft:
    """One purchase, ready to be sent: exactly these bytes, for exactly this number.

    Attributes:
        key: the mark that the request carries: an idempotency key, or what a listing shows afterwards.
        body: the request's body; a replay sends the same bytes. Holds no secret.
        price: per month, where the provider states it.
    """

    provider: str
    account: str
    number: PhoneNumber
    key: str
    body: bytes = field(repr=False)
    price: Money | None = None


class Denial(StrEnum):
    """A no that is believed after one look, later than the list's lag."""

    TAKEN = "taken"
    """The number is gone, perhaps to ourselves."""
    THROTTLED = "throttled"
    """Too many requests; it may be asked for again."""


class AttemptState(StrEnum):
    """Where an attempt stands."""

    SENT = "SENT"
    """Written down before the first byte left; found so after a crash, it is in doubt."""
    IN_DOUBT = "IN_DOUBT"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    NOT_SENT = "NOT_SENT"
    REFUTED = "REFUTED"
    ORPHAN = "ORPHAN"
    """Refuted, yet found later: paid for, and not needed by its order any more."""
    RELEASED = "RELEASED"
    """Was ours, and was given up since."""


@frozen(kw_only=True, field_transformer=by_hints)
class Attempt:
    """One try to buy one number, and all that is known of it. Times are Unix seconds.

    Attributes:
        sends: how often the request was sent.
        absent: looks after the settle window that found the number absent, since the last send.
        unknown: looks in a row that told nothing.
        next_at: not before this time is anything to be done.
        no_replay: a replay was refused, which proves nothing; only looks can tell now.
        denial: the provider's own no to the only request ever sent, one that a look has to bear out; else ``None``.
        reason: in words, for people.
    """

    draft: Draft
    state: AttemptState
    first_sent: float
    last_sent: float
    sends: int = 1
    absent: int = 0
    unknown: int = 0
    next_at: float = 0.0
    no_replay: bool = False
    denial: Denial | None = None
    reason: str = ""


@runtime_checkable
class Searches(Protocol):
    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[list[Offer]]:
        """Offers that match every filter of *query*, at most ``query.limit``; fewer, or none, when there are fewer.

        A filter that the provider cannot take is applied to its answer where that states the fact, over as much of
        the inventory as one request gives; otherwise ``Unsupported``. Facts that the provider does not state are
        ``None``, never guessed. Finding a number reserves nothing.
        """
        ...


@runtime_checkable
class Buys(Protocol):
    """Buying is split so that the purchase protocol, which is written once, decides when what is sent.

    Attributes:
        rules: how a purchase whose outcome is lost can be resolved here.
    """

    rules: ClassVar[ResolutionPolicy]

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        """Everything needed to ask for this one number: nothing is bought yet. May search, where the provider binds
        a purchase to a search. *key* marks the purchase; it has the form that ``rules`` ask for.
        """
        ...

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        """Send the purchase, once. Returns only when the answer confirms this number; else raises an error whose
        ``maybe_applied`` says whether it may have been bought. The same draft sends the same bytes.
        """
        ...

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """Whether the number of *attempt* is on the account now; ``None`` only for a complete, documented "no".

        Anything else that is not a clear yes raises: it proves nothing.
        """
        ...


@runtime_checkable
class Lists(Protocol):
    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        """All numbers on the account, page by page as they come; memory does not grow with the inventory. An account
        without numbers is an empty list. A number that is bought or released meanwhile may or may not be in it.
        """
        ...


@runtime_checkable
class Gets(Protocol):
    def get(self, target: Target) -> Exchange[OwnedNumber]:
        """One number as it is now; ``NotFound`` when it is not on the account."""
        ...


@runtime_checkable
class Releases(Protocol):
    def release(self, target: Target) -> Exchange[Release]:
        """Give the number up: ``released`` at once, or ``scheduled`` where the provider holds it first. It may not be
        possible to get it back. ``NotFound`` when it is not on the account, ``Conflict`` while it is being ported.
        """
        ...


@runtime_checkable
class RoutesNumbers(Protocol):
    def route(self, target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        """Set one or more routes and return the number as it is then. What is not named is left as it is. Routes are
        applied in the order given; an error in the middle has ``applied``, the routes that took effect before it.
        """
        ...


@runtime_checkable
class Transfers(Protocol):
    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        """Hand the number to another account of this provider. It is not ours afterwards."""
        ...


@runtime_checkable
class BindsCampaigns(Protocol):
    def bind_campaign(self, target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        """Bind the number to a 10DLC campaign; ``pending`` when the provider finishes it later."""
        ...

    def unbind_campaign(self, target: Target, campaign_id: str | None = None) -> Exchange[CampaignBinding]:
        """Undo it; without *campaign_id* the campaign that the number has is looked up first."""
        ...


@runtime_checkable
class ReadsCampaigns(Protocol):
    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        """The number's campaign as it is now; ``unbound`` when it has none."""
        ...
