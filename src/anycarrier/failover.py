"""Several providers as one.

A search goes to all of them at once, lists and reads cover all, and an operation on one number goes to its owner.
Purchases need a journal: without one, a number that was perhaps bought from one provider could be bought again from the
next.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar

from anycarrier import validation
from anycarrier._failover_services import NumberServices
from anycarrier._outcomes import all_failed, in_turn, operation_of, split
from anycarrier._whereabouts import arriving, leaving, marked, ports_of, serving
from anycarrier.attempt import Attempt, Draft, ResolutionPolicy
from anycarrier.capabilities import has, support_of
from anycarrier.desired_state.recording import LOSES, RECORDED, noted, recorded
from anycarrier.engine.accounts import Account, refuse_twins
from anycarrier.errors import (
    AnyCarrierError,
    ConfigurationError,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    ProviderDown,
)
from anycarrier.exchange import Exchange, Listing, mapped, together
from anycarrier.features import FEATURES, OPERATIONS, PORTS, Can, Cannot, Support, refusal
from anycarrier.filters import by_price
from anycarrier.finding import find_offers
from anycarrier.hints import checked_methods
from anycarrier.model import (
    CampaignBinding,
    Offer,
    OwnedNumber,
    ProviderOptions,
    Release,
    Route,
    Target,
    Transfer,
    number_of,
    option_objects,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.ports import PortDetails
from anycarrier.provider import attributed_to
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.context import Progress, PurchaseContext, Stopped, make_context
from anycarrier.purchase.journal import Journal
from anycarrier.purchase.order import Order, Purchase
from anycarrier.purchase.provisioning import buy_through_journal, provision, resume
from anycarrier.purchase.reconciliation import Audit, Sweep, reconcile, sweep
from anycarrier.purchase.recovery import Recovery, recover
from anycarrier.purchase.selection import Quote, quotes
from anycarrier.registry import make
from anycarrier.search import Search
from anycarrier.validation import shape

if TYPE_CHECKING:
    from anycarrier.jobs.filling import Filled

__all__ = ["Failover", "Offers"]

T = TypeVar("T")
Details: TypeAlias = Sequence[PortDetails]


class Offers(builtins.list[Offer]):
    """Offers of several providers; ``failed`` has the error of each account that failed."""

    failed: Mapping[str, AnyCarrierError]


class _Purchasing(TypedDict):
    """Arguments that purchases through the journal share."""

    journal: Journal
    breaker: CircuitBreaker
    notify: Callable[[Progress], None] | None
    options: Sequence[ProviderOptions]


@checked_methods
class Failover(NumberServices):
    """Several providers as one, in the order in which they are preferred.

    Args:
        providers: provider objects, or names whose settings come from the environment. Each has its own account; give
            ``account="..."`` where ids would be the same.
        journal: journal of purchases, and of every write to a number; without one, nothing can be bought.
        notify: function that takes the progress of purchases; must not block.
        options: options of single providers for every purchase through the journal; others ignore them.

    Attributes:
        members: the providers.
        breaker: circuit breaker of their accounts.
    """

    name = "failover"
    title = "several providers"
    rules = ResolutionPolicy()

    def __init__(
        self,
        providers: Sequence[object],
        *,
        journal: Journal | None = None,
        notify: Callable[[Progress], None] | None = None,
        options: Sequence[ProviderOptions] = (),
    ) -> None:
        if isinstance(providers, str | bytes | bytearray) or not isinstance(providers, Sequence):
            raise ConfigurationError(f"providers must be a list of providers or their names, not {shape(providers)}")
        if journal is not None:
            validation.journal(journal)
        validation.notify_or_none(notify)
        self.members: tuple[Any, ...] = tuple(make(provider, {}) for provider in providers)
        if not self.members:
            raise ConfigurationError("a failover needs at least one provider")
        self.journal = journal
        self.breaker = CircuitBreaker()
        self._notify = notify
        self._options = option_objects(options)
        self._by_account = {account.id: member for member in self.members for account in member.accounts}
        if len(self._by_account) != sum(len(member.accounts) for member in self.members):
            raise ConfigurationError("two accounts have the same id; give each its own, account='...'")
        refuse_twins(self.accounts)

    @property
    def accounts(self) -> Sequence[Account]:
        """Accounts of all members."""
        return [account for member in self.members for account in member.accounts]

    @property
    def supports(self) -> dict[str, Support]:
        """Features that at least one member has, with the best evidence."""
        declared: dict[str, Support] = {}
        for feature in FEATURES:
            operation = feature.partition(".")[0]
            if operation in OPERATIONS and operation not in PORTS and not has(self, operation):
                declared[feature] = Cannot(_OF_ONE_ACCOUNT)
                continue
            can = [(member, support_of(member, feature)) for member in self.members]
            able = [(member.name, support) for member, support in can if isinstance(support, Can)]
            if able:
                best = max((support.evidence for _, support in able), key=_EVIDENCE.index)
                declared[feature] = Can(best, "by " + ", ".join(name for name, _ in able))
            else:
                reasons = [f"{member.name}: {support.reason}" for member, support in can if isinstance(support, Cannot)]
                declared[feature] = Cannot("; ".join(reasons))
        return declared

    # -- finding

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[builtins.list[Offer]]:
        """Every member's offers, at most ``query.limit``, one from each in turn, or as ``query.sort_by`` says.

        Returns an :class:`Offers`. Members that failed or cannot express the query are in its ``failed``;
        ``OrderExhausted`` when that is all of them, or the error of the only one.
        """
        asked = {member.accounts[0].id: member for member in self.members}
        outcomes = yield from together(find_offers(member, query, options=options) for member in asked.values())
        found, failed = split(asked, outcomes)
        if not found:
            raise all_failed("search", failed) if len(failed) > 1 else failed.popitem()[1]
        every = in_turn(found.values())
        offers = Offers((by_price(every) if query.sort_by else every)[: query.limit])
        offers.failed = failed
        return offers

    def list(self, *, options: Sequence[ProviderOptions] = ()) -> Listing[OwnedNumber]:
        """The numbers of all members, one member after the other.

        A member that fails does not hide the others: their numbers come first, and then ``ProviderDown`` says that the
        list is incomplete, and why. A member that cannot list counts as failed. The error of the only one is raised.
        A number whose port to another member is on record is ``porting_out``.
        """
        going = leaving((yield from ports_of(self._of_several)))
        failed: dict[str, AnyCarrierError] = {}
        for member in self.members:
            try:
                listing = operation_of(member, "list")(options=options)
                if going:
                    listing = mapped(listing, lambda page: [marked(owned, going) for owned in page])
                yield from listing
            except AnyCarrierError as error:
                if len(self.members) == 1:
                    raise
                failed[member.accounts[0].id] = error
        if failed:
            told = "; ".join(f"{account}: {error}" for account, error in failed.items())
            raise ProviderDown(f"the list is incomplete: {told}", provider=self.name, operation="list", failed=failed)

    def get(self, target: Target) -> Exchange[OwnedNumber]:
        """Read the number at the member that serves it today. ``NotFound`` only when every member has answered so.

        While a port on record takes it from one member to another it is ``porting_out``, and ``porting_in`` where the
        one has it no more and the other not yet.
        """
        ports = yield from ports_of(self._of_several, number_of(target))
        member = self._known_owner(target)
        try:
            if member is not None:
                owned: OwnedNumber = yield from operation_of(member, "get")(target)
            else:
                _, owned = yield from self._found(target)
        except NotFound:
            coming = arriving(number_of(target), ports, self.members)
            if coming is None:
                raise
            return coming
        return marked(owned, leaving(ports))

    # -- buying

    def buy(
        self,
        target: Offer | PhoneNumber | str,
        *,
        deadline: float = 60.0,
        key: str | None = None,
        options: Sequence[ProviderOptions] = (),
    ) -> Exchange[OwnedNumber]:
        """Buy exactly this number through the journal: an offer where it was found, else from the first that has it."""
        return buy_through_journal(
            target, self.members, deadline=deadline, key=key, **self._purchasing(self._options_with(options))
        )

    def resolve(self, error: OutcomeUnknown, *, deadline: float = 60.0) -> Exchange[OwnedNumber]:
        """Go on with a purchase of :meth:`buy` whose outcome was unknown."""
        purchase = error.purchase
        if purchase is None:
            raise InvalidInput("the error is not of a purchase through a journal")
        done = yield from self.resume(purchase.request_id, deadline=deadline)
        one = done.bought[0]
        return one.owned or OwnedNumber(provider=one.provider, account=one.account, number=one.number)

    def provision(self, order: Order, *, request_id: str) -> Exchange[Purchase]:
        """Get what *order* asks for: :func:`anycarrier.purchase.provision`."""
        return provision(order, self.members, request_id=request_id, **self._purchasing(self._options))

    def resume(self, request_id: str, *, deadline: float | None = None) -> Exchange[Purchase]:
        """Go on with an order: :func:`anycarrier.purchase.resume`."""
        return resume(request_id, self.members, deadline=deadline, **self._purchasing(self._options))

    def recover(self, *, deadline: float = 600.0, ports: Details = (), stopped: Stopped = None) -> Exchange[Recovery]:
        """Finish what is open, and go on with jobs: :func:`anycarrier.purchase.recover`; others as of :meth:`fill`."""
        from anycarrier.jobs.filling import recover as recover_all  # few programs have jobs

        purchases = recover(self.members, deadline=deadline, **self._purchasing(self._options))
        return recover_all(self, self._context(), purchases, deadline, ports, stopped)

    def fill(
        self, item_ids: Sequence[str], *, deadline: float = 600.0, stopped: Stopped = None, ports: Details = ()
    ) -> Exchange[Filled]:
        """Work on items of jobs: :func:`anycarrier.jobs.fill`."""
        from anycarrier.jobs.filling import filled

        return filled(self, self._context(), item_ids, deadline, stopped, ports)

    def _context(self) -> PurchaseContext:
        return make_context(self.members, **self._purchasing(self._options))

    def sweep(self) -> Exchange[Sweep]:
        """Look for what may turn up late: :func:`anycarrier.purchase.sweep`."""
        return sweep(self.members, journal=self._book(), notify=self._notify)

    def reconcile(self) -> Exchange[Audit]:
        """Compare the journal with every inventory: :func:`anycarrier.purchase.reconcile`."""
        return reconcile(self.members, journal=self._book(), notify=self._notify)

    def quotes(self, order: Order) -> Exchange[Quote]:
        """Quote the numbers that *order* would buy, with prices; buys nothing: :func:`anycarrier.purchase.quotes`."""
        return quotes(order, self.members)

    def draft(
        self, target: Offer | PhoneNumber, *, key: str, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Draft]:
        """The owner's draft of an offer."""
        if not isinstance(target, Offer):
            raise InvalidInput("a number alone does not say which provider to ask: give an offer")
        result: Draft = yield from operation_of(self._member(target.account), "buy")(target, key=key, options=options)
        return result

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        """Refused: buying goes through the journal."""
        raise refusal(self.name, "buy", "purchases go through the journal: use client.buy() or client.provision()")
        yield

    def find_purchase(self, attempt: Attempt) -> Exchange[OwnedNumber | None]:
        """Return whether the attempt's own account has the number."""
        result: OwnedNumber | None = yield from self._member(attempt.draft.account).find_purchase(attempt)
        return result

    # -- operations on one number

    def release(self, target: Target) -> Exchange[Release]:
        """Give the number up, at its owner, and note it in the journal, so that it may be bought again one day.

        Raises:
            JournalError: the number was released, and the journal could not take the note; ``applied`` has the release.
        """
        return self._at_owner("release", target)

    def route(self, target: Target, *routes: Route) -> Exchange[OwnedNumber]:
        """Set routes, at the number's owner."""
        return self._at_owner("route", target, *routes)

    def transfer(
        self, target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Transfer]:
        """Hand the number to another account of its owner, and note it in the journal."""
        return self._at_owner("transfer", target, to_account, options=options)

    def bind_campaign(self, target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        """Bind a 10DLC campaign, at the number's owner."""
        return self._at_owner("bind_campaign", target, campaign_id)

    def unbind_campaign(self, target: Target, campaign_id: str | None = None) -> Exchange[CampaignBinding]:
        """Unbind the 10DLC campaign, at the number's owner."""
        return self._at_owner("unbind_campaign", target, campaign_id)

    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        """Read the number's 10DLC campaign, from its owner."""
        return self._at_owner("campaign_of", target)

    def _at_owner(self, operation: str, target: Target, *arguments: object, **options: object) -> Exchange[Any]:
        member = yield from self._owner(target, operation)
        exchange = operation_of(member, operation)(target, *arguments, **options)
        if self.journal is not None and operation in RECORDED:
            exchange = recorded(self.journal, member, operation, target, arguments, exchange)
        if self.journal is not None and operation in LOSES:
            exchange = noted(self.journal, member, operation, target, exchange)
        return (yield from exchange)

    # -- owners

    def _options_with(self, options: Sequence[ProviderOptions]) -> tuple[ProviderOptions, ...]:
        """*options*, and what the failover has of other kinds."""
        given = option_objects(options)
        kinds = {type(option) for option in given}
        return (*(option for option in self._options if type(option) not in kinds), *given)

    def _purchasing(self, options: Sequence[ProviderOptions]) -> _Purchasing:
        return {"journal": self._book(), "breaker": self.breaker, "notify": self._notify, "options": options}

    def _book(self) -> Journal:
        if self.journal is None:
            raise ConfigurationError("buying from several providers needs a journal: Failover([...], journal=...)")
        return self.journal

    @property
    def _of_several(self) -> Journal | None:
        """The journal, where numbers may be on their way from one member to another."""
        return self.journal if len(self.members) > 1 else None

    def _member(self, account: str) -> Any:
        member = self._by_account.get(account)
        if member is None:
            raise InvalidInput(f"account {account!r} is not one of these: {', '.join(self._by_account)}")
        return member

    def _known_owner(self, target: Target) -> object:
        if isinstance(target, OwnedNumber | Offer):
            return self._member(target.account)
        return self.members[0] if len(self.members) == 1 else None

    def _owner(self, target: Target, operation: str) -> Exchange[object]:
        member = self._known_owner(target)
        if member is not None:
            return member
        member, _ = yield from attributed_to(operation, self._found(target))
        return member

    def _found(self, target: Target) -> Exchange[tuple[object, OwnedNumber]]:
        asked = {member.accounts[0].id: member for member in self.members}
        outcomes = yield from together(operation_of(member, "get")(target) for member in asked.values())
        found, failed = split(asked, outcomes)
        if found:
            account = serving(found)
            return asked[account], found[account]
        silent = {account: error for account, error in failed.items() if not isinstance(error, NotFound)}
        if not silent:
            raise NotFound("not on any of these accounts", provider=self.name, operation="get")
        told = "; ".join(f"{account}: {error}" for account, error in silent.items())
        raise ProviderDown(
            f"not on the accounts that answered, and not all did: {told}",
            provider=self.name,
            operation="get",
            failed=silent,
        )


_OF_ONE_ACCOUNT = "each account has its own: ask a client of one provider, such as Client(failover.members[0])"
_EVIDENCE = ("inferred", "documented", "recorded", "live")
