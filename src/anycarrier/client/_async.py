"""The asynchronous client: the blocking one, written by ``.ci/make_async.py``."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from anycarrier.client import _arguments as checked
from anycarrier.client._async_plans import AsyncPlans
from anycarrier.client._base import ASYNC, P, budgets, is_lent, made, writer_of
from anycarrier.engine.rate_limits import MAX_WAIT
from anycarrier.engine.session import Clock, Session
from anycarrier.errors import AnyCarrierError, OutcomeUnknown
from anycarrier.exchange import Exchange, ForClient, Listing
from anycarrier.model import (
    CampaignBinding,
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
from anycarrier.transports import Timeouts, async_transport
from anycarrier.transports.protocol import AsyncTransport
from anycarrier.validation import flag

if TYPE_CHECKING:
    from typing import Unpack

    from anycarrier.client._native_types import AwaitingNative  # pyright: ignore[reportMissingModuleSource]
    from anycarrier.client._settings import LCSettings, LeadpingSettings, VoiceTelSettings
    from anycarrier.engine.shared_budget import Places
    from anycarrier.port_records import Port
    from anycarrier.ports import PortDetails
    from anycarrier.provider import (
        BindsCampaigns,
        Buys,
        Gets,
        Lists,
        ReadsCampaigns,
        Releases,
        RoutesNumbers,
        Searches,
        Transfers,
    )
    from anycarrier.purchase import Audit, Journal, Order, Purchase, Quote, Recovery, Sweep
    from anycarrier.purchase.provisioning import Provisions
    from anycarrier.waiting import Awaited, Settled
    from anycarrier_adapters.lc_legacy import LCLegacy
    from anycarrier_adapters.lc_phone import LCPhone
    from anycarrier_adapters.leadping import Leadping
    from anycarrier_adapters.voicetel import VoiceTel

__all__ = ["AsyncClient"]

T = TypeVar("T")
W = TypeVar("W", bound="CampaignBinding | Release | Port")


class AsyncClient(AsyncPlans[P]):
    """Asynchronous client of one provider, for asyncio. Use it on the event loop that it was made for.

    Args:
        provider: name of an adapter, with its settings as keywords; or a provider object.
        timeouts: connect, read, write, pool and total, in seconds.
        transport: ``"httpx"`` (the default), ``"httpx2"``, ``"fast"``, or an object, which several clients may share
            and its maker closes.
        clock: time and chance, for tests.
        max_wait: longest wait for the provider's rate limit, in seconds, before ``RateLimited`` is raised and nothing
            was sent; ``None`` to ignore rate limits.
        journal: journal of what is bought and of every write to a number, each on record before it is sent; a failover
            has its own.
        budget: ``shared`` to count requests together with all processes whose journal is in the same PostgreSQL; or an
            object that gives places (:class:`anycarrier.engine.shared_budget.Places`).

    Raises:
        ConfigurationError: settings are missing, misspelled or wrong; it lists every problem. Type checkers let a
            misspelled one pass, since an adapter that they do not know may have it.
    """

    if TYPE_CHECKING:
        native = AwaitingNative()

    @overload
    def __init__(
        self: AsyncClient[VoiceTel],
        provider: Literal["voicetel"],
        *,
        transport: AsyncTransport | str | None = None,
        **settings: Unpack[VoiceTelSettings],
    ) -> None: ...
    @overload
    def __init__(
        self: AsyncClient[LCPhone],
        provider: Literal["lc_phone"],
        *,
        transport: AsyncTransport | str | None = None,
        **settings: Unpack[LCSettings],
    ) -> None: ...
    @overload
    def __init__(
        self: AsyncClient[LCLegacy],
        provider: Literal["lc_legacy"],
        *,
        transport: AsyncTransport | str | None = None,
        **settings: Unpack[LCSettings],
    ) -> None: ...
    @overload
    def __init__(
        self: AsyncClient[Leadping],
        provider: Literal["leadping"],
        *,
        transport: AsyncTransport | str | None = None,
        **settings: Unpack[LeadpingSettings],
    ) -> None: ...
    @overload
    def __init__(
        self: AsyncClient[Any],
        provider: str,
        *,
        timeouts: Timeouts | None = None,
        transport: AsyncTransport | str | None = None,
        clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT,
        journal: Journal | None = None,
        budget: Literal["own", "shared"] | Places = "own",
        **settings: object,
    ) -> None: ...
    @overload
    def __init__(
        self,
        provider: P,
        *,
        timeouts: Timeouts | None = None,
        transport: AsyncTransport | str | None = None,
        clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT,
        journal: Journal | None = None,
        budget: Literal["own", "shared"] | Places = "own",
    ) -> None: ...
    def __init__(
        self,
        provider: object,
        *,
        timeouts: Timeouts | None = None,
        transport: AsyncTransport | str | None = None,
        clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT,
        journal: Journal | None = None,
        budget: Literal["own", "shared"] | Places = "own",
        **settings: object,
    ) -> None:
        from anycarrier.engine.async_driver import AsyncDriver

        self._provider = provider = made(provider, settings, timeouts, transport, clock, max_wait, journal, mode=ASYNC)
        self._writer, self._journal = writer_of(provider, journal)
        budget_of = budgets(budget, self._journal)
        self._session = Session(provider.accounts, clock, max_wait=max_wait, budget_of=budget_of)
        self._driver = AsyncDriver(self._session, async_transport(transport, timeouts), lent=is_lent(transport))

    async def __aenter__(self) -> AsyncClient[P]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; of a client of :class:`~anycarrier.AsyncAccounts`, which closes it itself, none."""
        if not self._is_shared:
            await self._driver.close()

    async def run(self, exchange: Exchange[T] | ForClient[T]) -> T:
        """Drive any exchange, such as a provider's own operation, and return its value."""
        driven = checked.exchange(exchange, self._provider.name, writer=self._writer)
        result: T = await self._driver.run(driven)
        return result

    def iterate(self, listing: Listing[T], *, ahead: bool = True) -> AsyncIterator[T]:
        """Drive any listing and yield its items. With *ahead*, the next page is fetched while one is consumed."""
        return self._driver.iterate(
            checked.exchange(listing, self._provider.name, "listing"), ahead=flag("ahead", ahead)
        )

    async def search(
        self: AsyncClient[Searches], query: Search, *, options: Sequence[ProviderOptions] = ()
    ) -> builtins.list[Offer]:
        """Find numbers to buy.

        Args:
            query: filters; every offer matches all of them.
            options: arguments that only one provider knows; they do nothing at any other.

        Returns:
            Offers, at most ``query.limit``, in the provider's order; an empty list when none matches. Finding a number
            reserves nothing. A fact that the provider does not state is ``None``.

        Raises:
            Unsupported: the provider can neither send a filter nor apply it. Nothing was sent.
        """
        return await self.run(checked.search(self._provider, query, options))

    async def search_each(
        self: AsyncClient[Searches],
        queries: Sequence[Search],
        *,
        limit: int = 8,
        options: Sequence[ProviderOptions] = (),
    ) -> builtins.list[builtins.list[Offer] | AnyCarrierError]:
        """Search for each of *queries*, at most *limit* at once; offers or the error of each, in their order."""
        return await self.run(checked.search_each(self._provider, queries, limit, options))

    async def buy(
        self: AsyncClient[Buys],
        target: Offer | PhoneNumber | str,
        *,
        deadline: float = 60.0,
        key: str | None = None,
        options: Sequence[ProviderOptions] = (),
    ) -> OwnedNumber:
        """Buy one number, at most once.

        A purchase whose answer is lost is repeated only where the provider promises not to charge again; otherwise the
        account is read until the outcome is known.

        Args:
            target: an offer of this provider's search, or a number.
            deadline: seconds after which no further step begins.
            key: mark of this purchase in the form that the provider takes; by default a new random one.
            options: arguments that only one provider knows.

        Raises:
            ProviderError: refused; nothing was bought.
            OutcomeUnknown: the deadline ended first; pass it to :meth:`resolve`.
        """
        return await self.run(checked.buy(self._writer, target, deadline, key, options))

    async def resolve(self: AsyncClient[Buys], error: OutcomeUnknown, *, deadline: float = 60.0) -> OwnedNumber:
        """Find out what became of a purchase that raised :class:`OutcomeUnknown`.

        Returns:
            The number, when it is on the account.

        Raises:
            ProviderError: the number was not bought.
            OutcomeUnknown: still unknown after *deadline* seconds.
        """
        return await self.run(checked.resolve(self._writer, error, deadline))

    @overload
    async def wait(self: AsyncClient[Gets], target: W, *, deadline: float = 300.0) -> W: ...
    @overload
    async def wait(self: AsyncClient[Gets], target: Target, *, deadline: float = 300.0) -> OwnedNumber: ...
    @overload
    async def wait(
        self: AsyncClient[Gets], target: builtins.list[Any] | tuple[Any, ...], *, deadline: float = 300.0
    ) -> builtins.list[Settled | AnyCarrierError]: ...
    async def wait(
        self: AsyncClient[Gets], target: Awaited | Sequence[Awaited], *, deadline: float = 300.0
    ) -> Settled | builtins.list[Settled | AnyCarrierError]:
        """Wait until what is pending is settled: numbers, also those that are ported in, bindings, releases and ports.

        A port is settled when it is complete or rejected, which takes days: a schedule serves better than a wait.

        Args:
            target: a number, what ``bind_campaign``, ``release`` or ``port`` returned, or a list of such.
            deadline: seconds for all of them together.

        Returns:
            The final state; of a list, the final state or the error of each, in their order.

        Raises:
            StillPending: *deadline* seconds ended first; its ``last`` is the number as last seen.
            NotFound: the number is not on the account, also half a minute later.
        """
        return await self.run(checked.wait(self._provider, target, deadline))

    async def provision(self: AsyncClient[Provisions], order: Order, *, request_id: str) -> Purchase:
        """Get the numbers of an order through a journal: :func:`anycarrier.purchase.provision`."""
        return await self.run(checked.provisions(self._writer).provision(order, request_id=request_id))

    async def resume(self: AsyncClient[Provisions], request_id: str, *, deadline: float | None = None) -> Purchase:
        """Go on with an order that is in the journal: :func:`anycarrier.purchase.resume`."""
        return await self.run(checked.provisions(self._writer).resume(request_id, deadline=deadline))

    async def recover(
        self: AsyncClient[Provisions],
        *,
        deadline: float = 600.0,
        ports: Sequence[PortDetails] = (),
        stopped: Callable[[], bool] | None = None,
    ) -> Recovery:
        """Finish every purchase that a crash or a deadline left open, and go on with plans and ports of jobs:
        :func:`anycarrier.purchase.recover`; *ports*, and *stopped* for those, as of :func:`anycarrier.jobs.fill`."""
        return await self.run(checked.provisions(self._writer).recover(deadline=deadline, ports=ports, stopped=stopped))

    async def sweep(self: AsyncClient[Provisions]) -> Sweep:
        """Look for purchases that turn up late: :func:`anycarrier.purchase.sweep`."""
        return await self.run(checked.provisions(self._writer).sweep())

    async def reconcile(self: AsyncClient[Provisions]) -> Audit:
        """Compare the journal with every inventory: :func:`anycarrier.purchase.reconcile`."""
        return await self.run(checked.provisions(self._writer).reconcile())

    async def quotes(self: AsyncClient[Provisions], order: Order) -> Quote:
        """Quote the numbers that an order would buy, with prices; buys nothing: :func:`anycarrier.purchase.quotes`."""
        return await self.run(checked.provisions(self._writer).quotes(order))

    def list(
        self: AsyncClient[Lists], *, options: Sequence[ProviderOptions] = (), ahead: bool = True
    ) -> AsyncIterator[OwnedNumber]:
        """Iterate over all numbers of the account, page by page; memory does not grow with the inventory.

        A number that is bought or released meanwhile may or may not be among them. *ahead* as in :meth:`iterate`.
        """
        return self.iterate(checked.list_numbers(self._provider, options), ahead=ahead)

    async def get(self: AsyncClient[Gets], target: Target) -> OwnedNumber:
        """Read one number; ``NotFound`` when it is not on the account."""
        return await self.run(checked.get(self._provider, target))

    async def release(self: AsyncClient[Releases], target: Target) -> Release:
        """Give a number up, at once or ``scheduled`` where the provider holds it first. It may be lost for good.

        Raises:
            NotFound: the number is not on the account.
            Conflict: the number is being ported.
        """
        return await self.run(checked.release(self._writer, target))

    async def route(self: AsyncClient[RoutesNumbers], target: Target, *routes: Route) -> OwnedNumber:
        """Set one or more routes of a number, in this order; routes that are not named stay.

        Returns:
            The number with its routes.

        Raises:
            AnyCarrierError: ``applied`` holds the routes that took effect before the error.
        """
        return await self.run(checked.route(self._writer, target, routes))

    async def transfer(
        self: AsyncClient[Transfers], target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Transfer:
        """Hand a number to another account of this provider. It is not on this account afterwards."""
        return await self.run(checked.transfer(self._writer, target, to_account, options))

    async def bind_campaign(self: AsyncClient[BindsCampaigns], target: Target, campaign_id: str) -> CampaignBinding:
        """Bind a number to a 10DLC campaign; ``pending`` where the provider finishes it later."""
        return await self.run(checked.bind_campaign(self._writer, target, campaign_id))

    async def unbind_campaign(
        self: AsyncClient[BindsCampaigns], target: Target, campaign_id: str | None = None
    ) -> CampaignBinding:
        """Unbind a number from its 10DLC campaign; without *campaign_id* from the one that it has."""
        return await self.run(checked.unbind_campaign(self._writer, target, campaign_id))

    async def campaign_of(self: AsyncClient[ReadsCampaigns], target: Target) -> CampaignBinding:
        """Read a number's 10DLC campaign; ``unbound`` when it has none."""
        return await self.run(checked.campaign_of(self._provider, target))
