"""The neutral operations, one Protocol each. The docstrings are the contract; the contract suite checks it.

A provider has an operation by having its method. Every method returns an exchange: nothing happens until a client
drives it. All raise the errors of :mod:`anycarrier.errors`; each raises ``Unsupported`` before any request for what
the provider cannot do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol, TypeAlias, TypeVar, runtime_checkable

from anycarrier.accounts import Account
from anycarrier.capabilities import Support
from anycarrier.checks import shape, whole
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.exchange import Exchange, Failed, Listing, together
from anycarrier.hints import checked
from anycarrier.model import (
    CampaignBinding,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    Route,
    Search,
    Transfer,
    number_named,
    option_objects,
)
from anycarrier.numbers import PhoneNumber

if TYPE_CHECKING:
    from anycarrier.purchase import Attempt, Audit, Draft, Order, Purchase, Quote, Recovery, Rules, Sweep

__all__ = [
    "BindsCampaigns", "Buys", "Gets", "Lists", "Provider", "Provisions", "ReadsCampaigns", "Releases", "RoutesNumbers",
    "Searches", "Target", "Transfers", "about", "asked_by", "number_of", "search_each",
]  # fmt: skip

T = TypeVar("T")


def number_of(target: Target, name: str = "target") -> PhoneNumber:
    """The number that *target* names; raises ``InvalidNumber``, and ``InvalidInput`` for what names none.

    *name* is what errors call the argument.
    """
    if isinstance(target, OwnedNumber | Offer):
        return target.number
    if not isinstance(target, str):
        raise InvalidInput(f"{name} must be a number, such as '+12015550123', or what has one, not {shape(target)}")
    return PhoneNumber(target) if name == "target" else number_named(name, target)


Target: TypeAlias = Annotated[OwnedNumber | Offer | PhoneNumber | str, lambda name, value: number_of(value, name)]
"""A number named by itself or by something that carries it."""


def asked_by(operation: str, exchange: Exchange[T]) -> Exchange[T]:
    """*exchange*, as a step of *operation*: its errors are of that, whichever request they came from."""
    try:
        return (yield from exchange)
    except AnyCarrierError as error:
        error.operation = operation
        raise


def about(target: Target, exchange: Exchange[T]) -> Exchange[T]:
    """*exchange*, whose errors carry the number that it is about."""
    try:
        return (yield from exchange)
    except AnyCarrierError as error:
        if error.number is None:
            error.number = number_of(target).e164
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

    rules: ClassVar[Rules]

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

    def look(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """Whether the number of *attempt* is on the account now; ``None`` only for a complete, documented "no".

        Anything else that is not a clear yes raises: it proves nothing.
        """
        ...


@runtime_checkable
class Provisions(Protocol):
    """Buys through a journal: :class:`anycarrier.failover.Failover` does, over one provider or several."""

    def provision(self, order: Order, *, request_id: str) -> Exchange[Purchase]: ...

    def resume(self, request_id: str, *, deadline: float | None = None) -> Exchange[Purchase]: ...

    def recover(self, *, deadline: float = 600.0) -> Exchange[Recovery]: ...

    def sweep(self) -> Exchange[Sweep]: ...

    def reconcile(self) -> Exchange[Audit]: ...

    def quotes(self, order: Order) -> Exchange[Quote]: ...


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


@checked
def search_each(
    provider: Searches, queries: Sequence[Search], *, limit: int = 8, options: Sequence[ProviderOptions] = ()
) -> Exchange[list[list[Offer] | AnyCarrierError]]:
    """Search for every query, *limit* of them at a time; for each, in their order, the offers or the error."""
    whole("limit", limit, 1)
    option_objects(options)
    outcomes = yield from together([provider.search(query, options=options) for query in queries], limit=limit)
    found: list[list[Offer] | AnyCarrierError] = []
    for outcome in outcomes:
        if not isinstance(outcome, Failed):
            found.append(outcome.value)
        elif isinstance(outcome.error, AnyCarrierError):
            found.append(outcome.error)
        else:
            raise outcome.error
    return found
