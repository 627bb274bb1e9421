"""The two drivers: what performs the effects of an exchange, blocking or asynchronous.

Everything with a decision in it (credentials, renewal after a 401, logging) is itself an exchange,
:meth:`Session.asked`, so a driver only knows how to send, wait, run blocking code, lock and run several at once in its
own colour.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from anycarrier.accounts import Account
from anycarrier.errors import AnyCarrierError, ConfigurationError, RateLimited, TransportError, printable
from anycarrier.exchange import (
    Call,
    Done,
    Effect,
    Emit,
    Exchange,
    Exclusive,
    Failed,
    Listing,
    Moment,
    Now,
    Read,
    Ready,
    Request,
    Response,
    Sleep,
    Together,
    exclusive,
)
from anycarrier.limits import MAX_WAIT, Budget, Ticket
from anycarrier.wire import WireRequest, request_id, wire_request

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import AsyncIterator
    from queue import SimpleQueue

__all__ = ["AsyncDriver", "AsyncTransport", "Clock", "Driver", "Session", "SystemClock", "Transport"]

T = TypeVar("T")


class Transport(Protocol):
    """What moves bytes for a blocking client. A failure is returned, not raised."""

    def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        ...

    def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        ...

    def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """The same for an asynchronous client."""

    async def send(self, request: WireRequest) -> Response | TransportError: ...

    async def read(self, stream: object) -> bytes | TransportError: ...

    async def close_stream(self, stream: object) -> None: ...

    async def close(self) -> None: ...


class Clock(Protocol):
    """Time and chance, injected so that tests decide both."""

    def now(self) -> Moment: ...

    def sleep(self, seconds: float) -> None: ...

    async def async_sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own."""

    def now(self) -> Moment:
        import random

        return Moment(time.monotonic(), time.time(), random.random())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)


class Session:
    """The accounts of one client, and what happens around each of their requests."""

    def __init__(
        self, accounts: Sequence[Account], clock: Clock | None = None, *, max_wait: float | None = MAX_WAIT
    ) -> None:
        self.accounts: Mapping[str, Account] = {account.id: account for account in accounts}
        if len(self.accounts) != len(accounts):
            raise ConfigurationError("two accounts have the same id; give each its own, account='...'")
        self.clock: Clock = clock or SystemClock()
        if max_wait is not None and not max_wait >= 0:
            raise ConfigurationError("max_wait must be seconds, or None to keep no rate limits")
        self.max_wait = max_wait
        # An account's own budget counts by the machine's clock; time that a test decides is of this session alone.
        ours = type(self.clock) is SystemClock
        self._all_budgets = {one.id: _budget(one, ours=ours) for one in accounts}
        # Those that have something to keep: of others nothing is asked before a request, until a 429 comes.
        self._budgets = {
            account: budget for account, budget in self._all_budgets.items() if budget.windows and max_wait is not None
        }

    def limits(self) -> dict[str, Any]:
        """What is left of every account's rate limits, as JSON-able data."""
        at = self.clock.now().monotonic
        return {account: budget.as_dict(at) for account, budget in self._all_budgets.items()}

    def _ready(self, effect: Ready) -> Exchange[AnyCarrierError | None]:
        """Take a place in the account's rate limit for a purchase that will be sent."""
        budget, account = self._budgets.get(effect.account), self.accounts.get(effect.account)
        if budget is None or account is None or self.max_wait is None:
            return None
        at_most = self.max_wait if effect.at_most is None else min(effect.at_most, self.max_wait)
        return (yield from budget.grant(at_most, account.provider, "buy"))

    def asked(self, request: Request | Ready) -> Exchange[Response | AnyCarrierError | None]:
        """Perform *request* with its account's credentials; after a 401, once more with renewed ones.

        What fails on the way to credentials comes back as an outcome too: the request itself was not sent then, or was
        refused with 401, so ``maybe_applied`` is false.
        """
        if isinstance(request, Ready):
            return (yield from self._ready(request))
        account = self.accounts.get(request.account)
        if account is None:
            return ConfigurationError(f"no account {request.account!r} in this client", operation=request.operation)
        if not request.authenticated:
            return (yield from self._sent(request, account, {}))
        try:
            sent = yield from account.credentials.headers()
            outcome = yield from self._sent(request, account, sent)
            if not (isinstance(outcome, Response) and outcome.status == 401):
                return outcome
            renewal = account.credentials.renew(outcome, sent)
            if not (yield from exclusive(f"renew {account.id}", renewal)):
                return outcome
            sent = yield from account.credentials.headers()
        except AnyCarrierError as error:
            error.provider = error.provider or account.provider
            error.operation = error.operation or request.operation
            error.maybe_applied = False
            return _untraced(error)
        return (yield from self._sent(request, account, sent))

    def _sent(
        self, request: Request, account: Account, credentials: Mapping[str, str]
    ) -> Exchange[Response | AnyCarrierError]:
        try:
            wire = wire_request(request, account, credentials)
        except AnyCarrierError as error:
            error.provider = account.provider
            return _untraced(error)
        budget, ticket = self._budgets.get(account.id), _NO_TICKET
        if budget is not None:
            begun = budget.begin(request, self.clock.now().monotonic)
            if begun is None:
                waited = yield from budget.wait(request, self.max_wait or 0.0, account.provider)
                if isinstance(waited, RateLimited):
                    return waited
                begun = waited
            ticket = begun
        if request.not_after is not None and _passed(request.not_after, self.clock.now()):
            # Fetching credentials, or a process that stood still, took so long that somebody else may act by now.
            return TransportError(
                "too late to send this: it was not sent", kind="deadline", provider=account.provider,
                operation=request.operation, maybe_applied=False, safe_elsewhere=True,
            )  # fmt: skip
        if not _is_logged():
            outcome = yield wire
        else:
            began = self.clock.now().monotonic
            outcome = yield wire
            ended = self.clock.now().monotonic
            _log(request, account, outcome, (ended - began) * 1000)
        if isinstance(outcome, Response):
            if outcome.status == 429 and self.max_wait is not None:
                budget = self._budgets.setdefault(account.id, self._all_budgets[account.id])
            if budget is not None and budget.learns(outcome, ticket):
                moment = self.clock.now()
                budget.told(request, outcome, ticket, moment.monotonic, moment.wall)
        elif isinstance(outcome, TransportError):
            outcome.provider, outcome.operation = account.provider, request.operation
            if request.purpose == "read":
                outcome.maybe_applied = False
            outcome.safe_elsewhere = not outcome.maybe_applied
        return outcome  # type: ignore[no-any-return]


_NO_TICKET: Ticket = ()


def _passed(limit: Moment, at: Moment) -> bool:
    return at.monotonic > limit.monotonic or at.wall > limit.wall


def _budget(account: Account, *, ours: bool) -> Budget:
    if ours and isinstance(account, Account):
        return account.budget
    return Budget(getattr(account, "limits", ()))  # a provider may have accounts of its own kind


def _untraced(error: AnyCarrierError) -> AnyCarrierError:
    """*error* without the frames it was raised in: their locals hold the credentials, and tools print locals."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _is_logged() -> bool:
    """Whether somebody wants to see our debug lines; who never loaded ``logging`` cannot."""
    logging = sys.modules.get("logging")
    return logging is not None and bool(logging.getLogger("anycarrier").isEnabledFor(logging.DEBUG))


def _log(request: Request, account: Account, outcome: Response | TransportError, ms: float) -> None:
    if isinstance(outcome, Response):
        came, identity = str(outcome.status), request_id(outcome.headers)
    else:
        came, identity = outcome.kind, None
    import logging

    logging.getLogger("anycarrier").debug(
        "%s %s -> %s in %.1f ms (account %s, attempt %d, request id %s)",
        request.method, request.path, came, ms, account.id, request.attempt, identity and printable(identity, 80),
        extra={"anycarrier": {"provider": account.provider, "operation": request.operation}},
    )  # fmt: skip


def drive(exchange: Exchange[T], perform: Callable[[Any], Any]) -> T:
    """Run *exchange* to its end, answering each effect with what *perform* returns."""
    outcome: Any = None
    try:
        while True:
            try:
                effect = exchange.send(outcome)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            outcome = None  # it may be a token, and this frame may be printed
            outcome = perform(effect)
    finally:
        exchange.close()


_NO_EFFECT = (Emit, Done, Failed)


def _step(listing: Listing[Any], outcome: Any = None) -> Any:
    """The next effect of *listing*; at its end ``Done``, and ``Failed`` with what it raised."""
    try:
        return listing.send(outcome)
    except StopIteration as stop:
        if stop.value is not None:
            return Failed(AnyCarrierError("this exchange returns a value and hands out no items: use run()"))
        return Done(None)
    except Exception as error:  # noqa: BLE001 - it is raised where the items before it are consumed
        return Failed(error)


def _items(step: Emit[T] | Done[None] | Failed) -> Sequence[T] | None:
    """The items of a page, or ``None`` at the end; raises what the listing raised."""
    if isinstance(step, Failed):
        raise step.error
    return step.items if isinstance(step, Emit) else None


def _page(listing: Listing[T], perform: Callable[[Any], Any], effect: Any) -> Sequence[T] | None:
    """The next page, from the *effect* that *listing* asks for."""
    while not isinstance(effect, _NO_EFFECT):
        outcome = perform(effect)
        effect = _step(listing, outcome)
        outcome = None  # it may be a token, and this frame may be printed
    return _items(effect)


def _closed() -> TransportError:
    return TransportError("the client was closed while it listed", kind="closed", maybe_applied=False)


async def _fetched(task: Task[T]) -> T:
    import asyncio

    try:
        return await task
    except asyncio.CancelledError:
        asking = asyncio.current_task()
        if asking is not None and asking.cancelling():
            raise
        raise _closed() from None


async def _cancelled(tasks: Sequence[Task[Any]]) -> None:
    import asyncio

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


QUICKLY = 0.001
"""Seconds for a page: a thread costs a tenth of that, and fetching a page takes at least ten times as long."""


class Stopped(BaseException):
    """Unwinds the threads of a ``Together`` whose waiting thread was interrupted, and of what is fetched ahead."""


class _Helper:
    """The one thread of an iterator, which fetches ahead.

    Two queues and a thread: a pool's futures take twice as long, and a page is fetched in some ten times of that.
    """

    def __init__(self, stop: Any) -> None:
        import queue
        from threading import Thread

        self.stop = stop
        self._wanted: SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._fetched: SimpleQueue[Done[Any] | Failed | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._fetch, name="anycarrier-ahead", daemon=True)
        self._thread.start()

    def _fetch(self) -> None:
        try:
            while (fetch := self._wanted.get()) is not None:
                self._fetched.put(_caught(fetch))
        except Stopped:
            pass
        finally:
            self._fetched.put(None)

    def begin(self, fetch: Callable[[], Any]) -> _Helper:
        """Fetch; nothing once this is closed."""
        self._wanted.put(fetch)
        return self

    def result(self) -> Any:
        """What was fetched, or what it raised."""
        outcome = self._fetched.get()
        if outcome is None:
            raise _closed()
        if isinstance(outcome, Failed):
            raise outcome.error
        return outcome.value

    def close(self) -> None:
        """Stop at the next effect, and wait for that."""
        self.stop.set()
        self._wanted.put(None)
        self._thread.join()


class Driver:
    """Performs effects, blocking."""

    def __init__(self, session: Session, transport: Transport) -> None:
        import threading

        self.session = session
        self.transport = transport
        self._threading = threading
        self._locks: dict[str, Any] = {}
        self._guard = threading.Lock()
        self._helpers: set[_Helper] = set()

    def run(self, exchange: Exchange[T]) -> T:
        """The value of *exchange*; streams that it opened are closed."""
        streams: list[object] = []
        try:
            return drive(exchange, self._performer(streams))
        finally:
            self._close(streams)

    def iterate(self, listing: Listing[T], *, ahead: bool = True) -> Iterator[T]:
        """The items of *listing* as they come; closing the iterator closes its streams.

        With *ahead*, the next page is fetched in a thread while the items of this one are consumed, from the second of
        them on; never more than one page, and none where the listing reads a stream, or where items are consumed so
        quickly that there is nothing to gain. Closing the iterator waits for a request that is under way.
        """
        streams: list[object] = []
        perform = self._performer(streams)
        helper: _Helper | None = None
        fetching: _Helper | None = None
        slowly = False
        try:
            effect = _step(listing)
            while True:
                items = _page(listing, perform, effect) if fetching is None else fetching.result()
                fetching = None
                if items is None:
                    return
                rest = iter(items)
                began = time.perf_counter()
                if ahead and not streams:
                    for item in rest:
                        yield item
                        break
                    slowly = slowly or (time.perf_counter() - began) * len(items) > QUICKLY
                    effect = _step(listing)
                    if slowly and not isinstance(effect, _NO_EFFECT):
                        helper = helper or self._helped()
                        fetching = helper.begin(self._fetch(listing, streams, helper.stop, effect))
                    yield from rest
                else:
                    yield from rest
                    effect = _step(listing)
                slowly = time.perf_counter() - began > QUICKLY
        finally:
            if helper is not None:
                helper.close()
                self._helpers.discard(helper)
            listing.close()
            self._close(streams)

    def _fetch(
        self, listing: Listing[T], streams: list[object], stop: Any, effect: Any
    ) -> Callable[[], Sequence[T] | None]:
        return lambda: _page(listing, self._performer(streams, stop), effect)

    def _helped(self) -> _Helper:
        helper = _Helper(self._threading.Event())
        self._helpers.add(helper)
        return helper

    def close(self) -> None:
        """Wait for what is fetched ahead, and close the transport."""
        for helper in [*self._helpers]:
            helper.close()
        self.transport.close()

    def _close(self, streams: list[object]) -> None:
        while streams:
            self.transport.close_stream(streams.pop())

    def _performer(self, streams: list[object], stop: Any = None) -> Callable[[Any], Any]:
        def perform(effect: Effect | WireRequest) -> Any:
            if stop is not None and stop.is_set():
                raise Stopped
            match effect:
                case Request() | Ready():
                    return drive(self.session.asked(effect), perform)
                case WireRequest():
                    outcome = self.transport.send(effect)
                    if isinstance(outcome, Response) and outcome.stream is not None:
                        streams.append(outcome.stream)
                    return outcome
                case Read():
                    return self.transport.read(effect.stream)
                case Sleep():
                    return self.session.clock.sleep(effect.seconds)
                case Now():
                    return self.session.clock.now()
                case Call():
                    return _caught(effect.function)
                case Exclusive():
                    with self._lock(effect.key):
                        return _caught(lambda: drive(effect.exchange, perform))
                case Together():
                    return self._together(effect, streams)
            raise _not_an_effect(effect)

        return perform

    def _lock(self, key: str) -> Any:
        with self._guard:
            return self._locks.setdefault(key, self._threading.Lock())

    def _together(self, effect: Together, streams: list[object]) -> list[Done[Any] | Failed]:
        from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

        stop = self._threading.Event()
        perform = self._performer(streams, stop)
        # A pool of its own for each Together: nested ones cannot starve each other.
        pool = ThreadPoolExecutor(max(1, min(effect.limit, len(effect.exchanges))), "anycarrier")
        try:
            futures = [
                pool.submit(_caught, lambda exchange=exchange: drive(exchange, perform))
                for exchange in effect.exchanges
            ]
            # Only what is no Exception, such as an interrupt, ends a thread with an error: that one is not waited past.
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
            return [future.result() for future in futures]
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            for exchange in effect.exchanges:
                exchange.close()


class AsyncDriver:
    """Performs effects on an event loop."""

    def __init__(self, session: Session, transport: AsyncTransport) -> None:
        self.session = session
        self.transport = transport
        self._locks: dict[str, Any] = {}
        self._fetching: set[Task[Any]] = set()

    async def run(self, exchange: Exchange[T]) -> T:
        """The value of *exchange*; streams that it opened are closed."""
        streams: list[object] = []
        try:
            return await self._drive(exchange, streams)
        finally:
            await self._close(streams)

    async def iterate(self, listing: Listing[T], *, ahead: bool = True) -> AsyncIterator[T]:
        """The items of *listing* as they come; closing the iterator closes its streams.

        With *ahead*, the next page is fetched in a task while the items of this one are consumed, from the second of
        them on; never more than one page, and none where the listing reads a stream. Closing the iterator cancels it.
        """
        streams: list[object] = []
        fetching: Task[Any] | None = None
        try:
            effect = _step(listing)
            while True:
                items = await (self._page(listing, streams, effect) if fetching is None else _fetched(fetching))
                fetching = None
                if items is None:
                    return
                rest = iter(items)
                if ahead and not streams:
                    for item in rest:
                        yield item
                        break
                    effect = _step(listing)
                    if not isinstance(effect, _NO_EFFECT):
                        fetching = self._begun(listing, streams, effect)
                    for item in rest:
                        yield item
                else:
                    for item in rest:
                        yield item
                    effect = _step(listing)
        finally:
            try:
                if fetching is not None:
                    await _cancelled([fetching])
            finally:
                listing.close()
                await self._close(streams)

    async def _page(self, listing: Listing[T], streams: list[object], effect: Any) -> Sequence[T] | None:
        while not isinstance(effect, _NO_EFFECT):
            outcome = await self._perform(effect, streams)
            effect = _step(listing, outcome)
            outcome = None  # it may be a token, and this frame may be printed
        return _items(effect)

    def _begun(self, listing: Listing[T], streams: list[object], effect: Any) -> Task[Sequence[T] | None]:
        import asyncio

        task = asyncio.create_task(self._page(listing, streams, effect))
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)
        return task

    async def close(self) -> None:
        """Stop what is fetched ahead, and close the transport."""
        if self._fetching:
            await _cancelled([*self._fetching])
        await self.transport.close()

    async def _close(self, streams: list[object]) -> None:
        while streams:
            await self.transport.close_stream(streams.pop())

    async def _drive(self, exchange: Exchange[T], streams: list[object]) -> T:
        outcome: Any = None
        try:
            while True:
                try:
                    effect = exchange.send(outcome)
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                outcome = None  # it may be a token, and this frame may be printed
                outcome = await self._perform(effect, streams)
        finally:
            exchange.close()

    async def _perform(self, effect: Effect | WireRequest, streams: list[object]) -> Any:
        match effect:
            case Request() | Ready():
                return await self._drive(self.session.asked(effect), streams)
            case WireRequest():
                outcome = await self.transport.send(effect)
                if isinstance(outcome, Response) and outcome.stream is not None:
                    streams.append(outcome.stream)
                return outcome
            case Read():
                return await self.transport.read(effect.stream)
            case Sleep():
                return await self.session.clock.async_sleep(effect.seconds)
            case Now():
                return self.session.clock.now()
            case Call():
                import asyncio

                return await asyncio.to_thread(_caught, effect.function)
            case Exclusive():
                import asyncio

                async with self._locks.setdefault(effect.key, asyncio.Lock()):
                    return await self._caught(effect.exchange, streams)
            case Together():
                return await self._together(effect, streams)
        raise _not_an_effect(effect)

    async def _caught(self, exchange: Exchange[T], streams: list[object]) -> Done[T] | Failed:
        try:
            return Done(await self._drive(exchange, streams))
        except Exception as error:  # noqa: BLE001 - it is the outcome, raised inside the exchange
            return Failed(error)

    async def _together(self, effect: Together, streams: list[object]) -> list[Done[Any] | Failed]:
        import asyncio

        slots = asyncio.Semaphore(effect.limit)

        async def one(exchange: Exchange[Any]) -> Done[Any] | Failed:
            async with slots:
                return await self._caught(exchange, streams)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(exchange)) for exchange in effect.exchanges]
            return [task.result() for task in tasks]
        finally:
            for exchange in effect.exchanges:
                exchange.close()


def _caught(function: Callable[[], T]) -> Done[T] | Failed:
    try:
        return Done(function())
    except Exception as error:  # noqa: BLE001 - it is the outcome, raised inside the exchange
        return Failed(error)


def _not_an_effect(effect: object) -> AnyCarrierError:
    if isinstance(effect, Emit):
        return AnyCarrierError("a listing hands out items: use iterate(), or collect() inside an exchange")
    return AnyCarrierError(f"an exchange yielded a {type(effect).__name__}, which is not an effect")
