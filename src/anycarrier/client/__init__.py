"""``Client`` and ``AsyncClient``: every operation is one line, which drives the provider's exchange."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator, Mapping, Sequence
from inspect import CO_COROUTINE
from math import inf
from types import FunctionType, TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from anycarrier import arguments as given
from anycarrier.capabilities import capabilities, has, lacks
from anycarrier.engine.clock import Clock
from anycarrier.engine.driver import Driver
from anycarrier.engine.rate_limits import MAX_WAIT
from anycarrier.engine.session import Session
from anycarrier.errors import AnyCarrierError, OutcomeUnknown
from anycarrier.exchange import Exchange, Listing
from anycarrier.features import refusal
from anycarrier.model import CampaignBinding, Offer, OwnedNumber, ProviderOptions, Release, Route, Transfer
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import (
    BindsCampaigns,
    Buys,
    Gets,
    Lists,
    Provider,
    ReadsCampaigns,
    Releases,
    RoutesNumbers,
    Searches,
    Target,
    Transfers,
    about,
    search_each,
)
from anycarrier.purchase.protocols import Provisions
from anycarrier.registry import make
from anycarrier.search import Search
from anycarrier.transports import Timeouts, async_transport, sync_transport
from anycarrier.transports.protocol import AsyncTransport, Transport
from anycarrier.validation import flag, shape, vars_of

if TYPE_CHECKING:
    from anycarrier.purchase import Audit, Order, Purchase, Quote, Recovery, Sweep

__all__ = ["AsyncClient", "Client"]

T = TypeVar("T")
P = TypeVar("P", covariant=True)


class _Base(Generic[P]):
    _provider: Any
    _session: Session

    def __reduce__(self) -> Any:
        name = type(self).__name__
        raise TypeError(f"{name} is neither pickled nor copied: make one where it is used; its settings can be sent")

    @property
    def provider(self) -> P:
        """The provider, for what it offers beyond the neutral operations: ``client.run(client.provider...)``."""
        return cast("P", self._provider)

    def capabilities(self) -> dict[str, Any]:
        """What the provider can do, cannot and why, as JSON-able data; see :func:`anycarrier.capabilities`."""
        return capabilities(self._provider)

    def _orders(self) -> P:
        if not hasattr(type(self._provider), "provision"):
            raise refusal(
                self._provider.name, "buy through a journal", "give the client Failover([...], journal=...), also for "
                "one provider",
            )  # fmt: skip
        return cast("P", self._provider)

    def limits(self) -> dict[str, Any]:
        """What is left of each account's rate limits, as JSON-able data; sends nothing. See ``docs/limits.md``."""
        return self._session.limits()

    def _can(self, operation: str) -> P:
        if not has(self._provider, operation):
            raise lacks(self._provider, operation)
        return cast("P", self._provider)


def _made(
    provider: Any, settings: Mapping[str, Any], timeouts: object, transport: object, clock: object, max_wait: Any,
    *, mode: str,
) -> Provider:  # fmt: skip
    """The provider object; one error lists everything that is wrong with what a client was given."""
    problems: list[str] = []
    if timeouts is not None and not isinstance(timeouts, Timeouts):
        problems.append(f"timeouts must be Timeouts, such as Timeouts(read=30.0), not {shape(timeouts)}")
    number = isinstance(max_wait, int | float) and not isinstance(max_wait, bool)
    if max_wait is not None and not (number and (0 <= max_wait < 10**9 or max_wait == inf)):
        problems.append(f"max_wait must be seconds, or None to keep no rate limits, not {shape(max_wait)}")
    if transport is not None and not isinstance(transport, str) and not _is_transport(transport, mode):
        problems.append(
            f"transport must be the name of one, such as 'httpx', or an object with {mode} send() and close(), not "
            f"{shape(transport)}"
        )
    sleep = "sleep" if mode == SYNC else "async_sleep"
    if clock is not None and not (_mode(clock, "now") == SYNC and _mode(clock, sleep) == mode):
        problems.append(f"clock must be an object with now() and {sleep}(), not {shape(clock)}")
    return cast("Provider", make(provider, settings, problems))


def _lent(transport: object) -> bool:
    """Whether somebody else made it, and closes it: it may serve several clients."""
    return transport is not None and not isinstance(transport, str)


SYNC, ASYNC = "blocking", "asynchronous"


def _mode(thing: object, method: str) -> str | None:
    """Of which kind the method of *thing* is; ``None`` where it has none."""
    found = None if isinstance(thing, type) else getattr(type(thing), method, None) or vars_of(thing).get(method)
    if found is None and not isinstance(thing, type):
        found = getattr(thing, method, None)  # of one that stands before another
        found = getattr(found, "__func__", found)
    if not callable(found):
        return None
    return ASYNC if isinstance(found, FunctionType) and found.__code__.co_flags & CO_COROUTINE else SYNC


def _is_transport(thing: object, mode: str) -> bool:
    """Whether it can send, and is not of the other mode."""
    modes = [_mode(thing, name) for name in ("send", "close", "read", "close_stream")]
    if None in modes[:2] or isinstance(thing, Generator | Coroutine):
        return False
    # A function may return a coroutine without being one; of our own classes it is known that none does.
    return ASYNC not in modes if mode == SYNC else ASYNC in modes or not _is_ours(thing)


def _is_ours(thing: object) -> bool:
    return type(thing).__module__.startswith("anycarrier.")


class Client(_Base[P]):
    """One provider, blocking. Safe to share between threads.

    Args:
        provider: the name of an adapter, with its settings as keywords; or a provider object.
        timeouts: connect, read, write, pool and total, in seconds.
        transport: ``"httpx"`` (the default), ``"httpx2"``, ``"fast"``, or an object, which several clients may share
            and which whoever made it closes.
        clock: time and chance, for tests.
        max_wait: seconds that a request waits for its provider's rate limit at most, before ``RateLimited`` is raised
            and nothing was sent; ``None`` to keep no limits.

    Raises:
        ConfigurationError: settings are missing or wrong; it lists every problem.
    """

    @overload
    def __init__(
        self: Client[Any], provider: str, *, timeouts: Timeouts | None = None,
        transport: Transport | str | None = None, clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT, **settings: Any,
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self, provider: P, *, timeouts: Timeouts | None = None,
        transport: Transport | str | None = None, clock: Clock | None = None, max_wait: float | None = MAX_WAIT,
    ) -> None: ...  # fmt: skip
    def __init__(
        self, provider: Any, *, timeouts: Timeouts | None = None, transport: Transport | str | None = None,
        clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT, **settings: Any,
    ) -> None:  # fmt: skip
        self._provider = made = _made(provider, settings, timeouts, transport, clock, max_wait, mode=SYNC)
        self._session = Session(made.accounts, clock, max_wait=max_wait)
        self._driver = Driver(self._session, sync_transport(transport, timeouts), lent=_lent(transport))

    def __enter__(self) -> Client[P]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._driver.close()

    def run(self, exchange: Exchange[T]) -> T:
        """Drive any exchange, such as a provider's own operation, and return its value."""
        result: T = self._driver.run(given.exchange(exchange))
        return result

    def iterate(self, listing: Listing[T], *, ahead: bool = True) -> Iterator[T]:
        """Drive any listing; its items as they come. With *ahead*, the next page is fetched while one is consumed."""
        return self._driver.iterate(given.exchange(listing, "listing"), ahead=flag("ahead", ahead))

    def search(
        self: Client[Searches], query: Search, *, options: Sequence[ProviderOptions] = ()
    ) -> builtins.list[Offer]:
        """Numbers to buy: :meth:`anycarrier.provider.Searches.search`."""
        return self.run(self._can("search").search(given.query(query), options=given.options(options)))

    def search_each(
        self: Client[Searches], queries: Sequence[Search], *, limit: int = 8, options: Sequence[ProviderOptions] = ()
    ) -> builtins.list[builtins.list[Offer] | AnyCarrierError]:
        """Many searches, *limit* at once; for each, offers or error: :func:`anycarrier.provider.search_each`."""
        return self.run(
            search_each(self._can("search"), given.queries(queries), limit=limit, options=given.options(options))
        )

    def buy(
        self: Client[Buys], target: Offer | PhoneNumber | str, *, deadline: float = 60.0, key: str | None = None,
        options: Sequence[ProviderOptions] = (),
    ) -> OwnedNumber:  # fmt: skip
        """Buy one number, at most once: :func:`anycarrier.purchase.buy`."""
        from anycarrier.purchase import buy

        return self.run(about(target, buy(
                self._can("buy"), given.wanted(target), deadline=given.deadline(deadline),
                key=given.key_or_none(key), options=given.options(options),
            )))  # fmt: skip

    def resolve(self: Client[Buys], error: OutcomeUnknown, *, deadline: float = 60.0) -> OwnedNumber:
        """Finish a purchase whose outcome was unknown: :func:`anycarrier.purchase.resolve`."""
        from anycarrier.purchase import resolve

        return self.run(resolve(self._can("buy"), given.outcome(error), deadline=given.deadline(deadline)))

    def wait(self: Client[Gets], target: Target, *, deadline: float = 300.0) -> OwnedNumber:
        """Wait until a pending number is set up or has failed: :func:`anycarrier.purchase.until_settled`."""
        from anycarrier.purchase import until_settled

        return self.run(
            about(target, until_settled(self._can("get"), given.target(target), deadline=given.deadline(deadline)))
        )

    def provision(self: Client[Provisions], order: Order, *, request_id: str) -> Purchase:
        """Numbers through a journal, paid once whatever breaks: :func:`anycarrier.purchase.provision`."""
        return self.run(self._orders().provision(_order(order), request_id=given.request_id(request_id)))

    def resume(self: Client[Provisions], request_id: str, *, deadline: float | None = None) -> Purchase:
        """Go on with an order that is on record: :func:`anycarrier.purchase.resume`."""
        return self.run(self._orders().resume(given.request_id(request_id), deadline=given.deadline_or_none(deadline)))

    def recover(self: Client[Provisions], *, deadline: float = 600.0) -> Recovery:
        """Finish what a crash or a deadline left open: :func:`anycarrier.purchase.recover`."""
        return self.run(self._orders().recover(deadline=given.deadline(deadline)))

    def sweep(self: Client[Provisions]) -> Sweep:
        """Look for purchases that turn up late: :func:`anycarrier.purchase.sweep`."""
        return self.run(self._orders().sweep())

    def reconcile(self: Client[Provisions]) -> Audit:
        """Compare the journal with every inventory: :func:`anycarrier.purchase.reconcile`."""
        return self.run(self._orders().reconcile())

    def quotes(self: Client[Provisions], order: Order) -> Quote:
        """What an order would buy from whom at what price; buys nothing: :func:`anycarrier.purchase.quotes`."""
        return self.run(self._orders().quotes(_order(order)))

    def list(
        self: Client[Lists], *, options: Sequence[ProviderOptions] = (), ahead: bool = True
    ) -> Iterator[OwnedNumber]:
        """The account's numbers as they come: :meth:`anycarrier.provider.Lists.list`; *ahead* as :meth:`iterate`."""
        return self.iterate(self._can("list").list(options=given.options(options)), ahead=ahead)

    def get(self: Client[Gets], target: Target) -> OwnedNumber:
        """One number as it is now: :meth:`anycarrier.provider.Gets.get`."""
        return self.run(about(target, self._can("get").get(given.target(target))))

    def release(self: Client[Releases], target: Target) -> Release:
        """Give a number up: :meth:`anycarrier.provider.Releases.release`."""
        return self.run(about(target, self._can("release").release(given.target(target))))

    def route(self: Client[RoutesNumbers], target: Target, *routes: Route) -> OwnedNumber:
        """Set routes: :meth:`anycarrier.provider.RoutesNumbers.route`."""
        return self.run(about(target, self._can("route").route(given.target(target), *given.routes(routes))))

    def transfer(
        self: Client[Transfers], target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Transfer:
        """Hand a number to another account: :meth:`anycarrier.provider.Transfers.transfer`."""
        return self.run(
            about(
                target,
                self._can("transfer").transfer(
                    given.target(target), given.account(to_account), options=given.options(options)
                ),
            )
        )

    def bind_campaign(self: Client[BindsCampaigns], target: Target, campaign_id: str) -> CampaignBinding:
        """Bind to a 10DLC campaign: :meth:`anycarrier.provider.BindsCampaigns.bind_campaign`."""
        return self.run(
            about(target, self._can("bind_campaign").bind_campaign(given.target(target), given.campaign(campaign_id)))
        )

    def unbind_campaign(
        self: Client[BindsCampaigns], target: Target, campaign_id: str | None = None
    ) -> CampaignBinding:
        """Undo it: :meth:`anycarrier.provider.BindsCampaigns.unbind_campaign`."""
        return self.run(
            about(
                target,
                self._can("unbind_campaign").unbind_campaign(given.target(target), given.campaign_or_none(campaign_id)),
            )
        )

    def campaign_of(self: Client[ReadsCampaigns], target: Target) -> CampaignBinding:
        """A number's campaign: :meth:`anycarrier.provider.ReadsCampaigns.campaign_of`."""
        return self.run(about(target, self._can("campaign_of").campaign_of(given.target(target))))


class AsyncClient(_Base[P]):
    """One provider, for asyncio. Use it on the event loop that it was made for.

    Args:
        provider: the name of an adapter, with its settings as keywords; or a provider object.
        timeouts: connect, read, write, pool and total, in seconds.
        transport: ``"httpx"`` (the default), ``"httpx2"``, ``"fast"``, or an object, which several clients may share
            and which whoever made it closes.
        clock: time and chance, for tests.
        max_wait: seconds that a request waits for its provider's rate limit at most, before ``RateLimited`` is raised
            and nothing was sent; ``None`` to keep no limits.

    Raises:
        ConfigurationError: settings are missing or wrong; it lists every problem.
    """

    @overload
    def __init__(
        self: AsyncClient[Any], provider: str, *, timeouts: Timeouts | None = None,
        transport: AsyncTransport | str | None = None, clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT, **settings: Any,
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self, provider: P, *, timeouts: Timeouts | None = None,
        transport: AsyncTransport | str | None = None, clock: Clock | None = None, max_wait: float | None = MAX_WAIT,
    ) -> None: ...  # fmt: skip
    def __init__(
        self, provider: Any, *, timeouts: Timeouts | None = None, transport: AsyncTransport | str | None = None,
        clock: Clock | None = None,
        max_wait: float | None = MAX_WAIT, **settings: Any,
    ) -> None:  # fmt: skip
        from anycarrier.engine.async_driver import AsyncDriver

        self._provider = made = _made(provider, settings, timeouts, transport, clock, max_wait, mode=ASYNC)
        self._session = Session(made.accounts, clock, max_wait=max_wait)
        self._driver = AsyncDriver(self._session, async_transport(transport, timeouts), lent=_lent(transport))

    async def __aenter__(self) -> AsyncClient[P]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._driver.close()

    async def run(self, exchange: Exchange[T]) -> T:
        """Drive any exchange, such as a provider's own operation, and return its value."""
        return await self._driver.run(given.exchange(exchange))

    def iterate(self, listing: Listing[T], *, ahead: bool = True) -> AsyncIterator[T]:
        """Drive any listing; its items as they come. With *ahead*, the next page is fetched while one is consumed."""
        return self._driver.iterate(given.exchange(listing, "listing"), ahead=flag("ahead", ahead))

    async def search(
        self: AsyncClient[Searches], query: Search, *, options: Sequence[ProviderOptions] = ()
    ) -> builtins.list[Offer]:
        """Numbers to buy: :meth:`anycarrier.provider.Searches.search`."""
        return await self.run(self._can("search").search(given.query(query), options=given.options(options)))

    async def search_each(
        self: AsyncClient[Searches], queries: Sequence[Search], *, limit: int = 8,
        options: Sequence[ProviderOptions] = (),
    ) -> builtins.list[builtins.list[Offer] | AnyCarrierError]:  # fmt: skip
        """Many searches, *limit* at once; for each, offers or error: :func:`anycarrier.provider.search_each`."""
        return await self.run(
            search_each(self._can("search"), given.queries(queries), limit=limit, options=given.options(options))
        )

    async def buy(
        self: AsyncClient[Buys], target: Offer | PhoneNumber | str, *, deadline: float = 60.0, key: str | None = None,
        options: Sequence[ProviderOptions] = (),
    ) -> OwnedNumber:  # fmt: skip
        """Buy one number, at most once: :func:`anycarrier.purchase.buy`."""
        from anycarrier.purchase import buy

        return await self.run(about(target, buy(
                self._can("buy"), given.wanted(target), deadline=given.deadline(deadline),
                key=given.key_or_none(key), options=given.options(options),
            )))  # fmt: skip

    async def resolve(self: AsyncClient[Buys], error: OutcomeUnknown, *, deadline: float = 60.0) -> OwnedNumber:
        """Finish a purchase whose outcome was unknown: :func:`anycarrier.purchase.resolve`."""
        from anycarrier.purchase import resolve

        return await self.run(resolve(self._can("buy"), given.outcome(error), deadline=given.deadline(deadline)))

    async def wait(self: AsyncClient[Gets], target: Target, *, deadline: float = 300.0) -> OwnedNumber:
        """Wait until a pending number is set up or has failed: :func:`anycarrier.purchase.until_settled`."""
        from anycarrier.purchase import until_settled

        return await self.run(
            about(target, until_settled(self._can("get"), given.target(target), deadline=given.deadline(deadline)))
        )

    async def provision(self: AsyncClient[Provisions], order: Order, *, request_id: str) -> Purchase:
        """Numbers through a journal, paid once whatever breaks: :func:`anycarrier.purchase.provision`."""
        return await self.run(self._orders().provision(_order(order), request_id=given.request_id(request_id)))

    async def resume(self: AsyncClient[Provisions], request_id: str, *, deadline: float | None = None) -> Purchase:
        """Go on with an order that is on record: :func:`anycarrier.purchase.resume`."""
        return await self.run(
            self._orders().resume(given.request_id(request_id), deadline=given.deadline_or_none(deadline))
        )

    async def recover(self: AsyncClient[Provisions], *, deadline: float = 600.0) -> Recovery:
        """Finish what a crash or a deadline left open: :func:`anycarrier.purchase.recover`."""
        return await self.run(self._orders().recover(deadline=given.deadline(deadline)))

    async def sweep(self: AsyncClient[Provisions]) -> Sweep:
        """Look for purchases that turn up late: :func:`anycarrier.purchase.sweep`."""
        return await self.run(self._orders().sweep())

    async def reconcile(self: AsyncClient[Provisions]) -> Audit:
        """Compare the journal with every inventory: :func:`anycarrier.purchase.reconcile`."""
        return await self.run(self._orders().reconcile())

    async def quotes(self: AsyncClient[Provisions], order: Order) -> Quote:
        """What an order would buy from whom at what price; buys nothing: :func:`anycarrier.purchase.quotes`."""
        return await self.run(self._orders().quotes(_order(order)))

    def list(
        self: AsyncClient[Lists], *, options: Sequence[ProviderOptions] = (), ahead: bool = True
    ) -> AsyncIterator[OwnedNumber]:
        """The account's numbers as they come: :meth:`anycarrier.provider.Lists.list`; *ahead* as :meth:`iterate`."""
        return self.iterate(self._can("list").list(options=given.options(options)), ahead=ahead)

    async def get(self: AsyncClient[Gets], target: Target) -> OwnedNumber:
        """One number as it is now: :meth:`anycarrier.provider.Gets.get`."""
        return await self.run(about(target, self._can("get").get(given.target(target))))

    async def release(self: AsyncClient[Releases], target: Target) -> Release:
        """Give a number up: :meth:`anycarrier.provider.Releases.release`."""
        return await self.run(about(target, self._can("release").release(given.target(target))))

    async def route(self: AsyncClient[RoutesNumbers], target: Target, *routes: Route) -> OwnedNumber:
        """Set routes: :meth:`anycarrier.provider.RoutesNumbers.route`."""
        return await self.run(about(target, self._can("route").route(given.target(target), *given.routes(routes))))

    async def transfer(
        self: AsyncClient[Transfers], target: Target, to_account: str, *, options: Sequence[ProviderOptions] = ()
    ) -> Transfer:
        """Hand a number to another account: :meth:`anycarrier.provider.Transfers.transfer`."""
        return await self.run(
            about(
                target,
                self._can("transfer").transfer(
                    given.target(target), given.account(to_account), options=given.options(options)
                ),
            )
        )

    async def bind_campaign(self: AsyncClient[BindsCampaigns], target: Target, campaign_id: str) -> CampaignBinding:
        """Bind to a 10DLC campaign: :meth:`anycarrier.provider.BindsCampaigns.bind_campaign`."""
        return await self.run(
            about(target, self._can("bind_campaign").bind_campaign(given.target(target), given.campaign(campaign_id)))
        )

    async def unbind_campaign(
        self: AsyncClient[BindsCampaigns], target: Target, campaign_id: str | None = None
    ) -> CampaignBinding:
        """Undo it: :meth:`anycarrier.provider.BindsCampaigns.unbind_campaign`."""
        return await self.run(
            about(
                target,
                self._can("unbind_campaign").unbind_campaign(given.target(target), given.campaign_or_none(campaign_id)),
            )
        )

    async def campaign_of(self: AsyncClient[ReadsCampaigns], target: Target) -> CampaignBinding:
        """A number's campaign: :meth:`anycarrier.provider.ReadsCampaigns.campaign_of`."""
        return await self.run(about(target, self._can("campaign_of").campaign_of(given.target(target))))


def _order(given: Order) -> Order:
    from anycarrier.purchase.order import check_order  # loaded by programs that order

    return check_order(given)
