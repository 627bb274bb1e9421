"""The two drivers: what performs the effects of an exchange, blocking or asynchronous.

Everything with a decision in it (credentials, renewal after a 401, logging) is itself an exchange,
:meth:`Session.asked`, so a driver only knows how to send, wait, run blocking code, lock and run several at once in its
own colour.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from anycarrier.accounts import Account
from anycarrier.errors import AnyCarrierError, ConfigurationError, TransportError, printable
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
    Request,
    Response,
    Sleep,
    Together,
    exclusive,
)
from anycarrier.wire import WireRequest, request_id, wire_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["AsyncDriver", "AsyncTransport", "Clock", "Driver", "Session", "SystemClock", "Transport"]

T = TypeVar("T")
log = logging.getLogger("anycarrier")


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
        return Moment(time.monotonic(), time.time(), random.random())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)


class Session:
    """The accounts of one client, and what happens around each of their requests."""

    def __init__(self, accounts: Sequence[Account], clock: Clock | None = None) -> None:
        self.accounts: Mapping[str, Account] = {account.id: account for account in accounts}
        if len(self.accounts) != len(accounts):
            raise ConfigurationError("two accounts have the same id; give each its own, account='...'")
        self.clock: Clock = clock or SystemClock()

    def asked(self, request: Request) -> Exchange[Response | AnyCarrierError]:
        """Perform *request* with its account's credentials; after a 401, once more with renewed ones.

        What fails on the way to credentials comes back as an outcome too: the request itself was not sent then, or was
        refused with 401, so ``maybe_applied`` is false.
        """
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
        if request.not_after is not None and self.clock.now().monotonic > request.not_after:
            # Fetching credentials, or a process that stood still, took so long that somebody else may act by now.
            return TransportError(
                "too late to send this: it was not sent", kind="deadline", provider=account.provider,
                operation=request.operation, maybe_applied=False, safe_elsewhere=True,
            )  # fmt: skip
        if not log.isEnabledFor(logging.DEBUG):
            outcome = yield wire
        else:
            began = self.clock.now().monotonic
            outcome = yield wire
            ended = self.clock.now().monotonic
            _log(request, account, outcome, (ended - began) * 1000)
        if isinstance(outcome, TransportError):
            outcome.provider, outcome.operation = account.provider, request.operation
            if request.purpose == "read":
                outcome.maybe_applied = False
            outcome.safe_elsewhere = not outcome.maybe_applied
        return outcome  # type: ignore[no-any-return]


def _untraced(error: AnyCarrierError) -> AnyCarrierError:
    """*error* without the frames it was raised in: their locals hold the credentials, and tools print locals."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _log(request: Request, account: Account, outcome: Response | TransportError, ms: float) -> None:
    if isinstance(outcome, Response):
        came, identity = str(outcome.status), request_id(outcome.headers)
    else:
        came, identity = outcome.kind, None
    log.debug(
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


class Stopped(BaseException):
    """Unwinds the threads of a ``Together`` whose waiting thread was interrupted."""


class Driver:
    """Performs effects, blocking."""

    def __init__(self, session: Session, transport: Transport) -> None:
        import threading

        self.session = session
        self.transport = transport
        self._threading = threading
        self._locks: dict[str, Any] = {}
        self._guard = threading.Lock()

    def run(self, exchange: Exchange[T]) -> T:
        """The value of *exchange*; streams that it opened are closed."""
        streams: list[object] = []
        try:
            return drive(exchange, self._performer(streams))
        finally:
            self._close(streams)

    def iterate(self, listing: Listing[T]) -> Iterator[T]:
        """The items of *listing* as they come; closing the iterator closes its streams."""
        streams: list[object] = []
        perform = self._performer(streams)
        outcome: Any = None
        try:
            while True:
                try:
                    effect = listing.send(outcome)
                except StopIteration:
                    return
                if isinstance(effect, Emit):
                    outcome = None
                    yield from effect.items
                else:
                    outcome = perform(effect)
        finally:
            listing.close()
            self._close(streams)

    def close(self) -> None:
        """Close the transport."""
        self.transport.close()

    def _close(self, streams: list[object]) -> None:
        while streams:
            self.transport.close_stream(streams.pop())

    def _performer(self, streams: list[object], stop: Any = None) -> Callable[[Any], Any]:
        def perform(effect: Effect | WireRequest) -> Any:
            if stop is not None and stop.is_set():
                raise Stopped
            match effect:
                case Request():
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

    async def run(self, exchange: Exchange[T]) -> T:
        """The value of *exchange*; streams that it opened are closed."""
        streams: list[object] = []
        try:
            return await self._drive(exchange, streams)
        finally:
            await self._close(streams)

    async def iterate(self, listing: Listing[T]) -> AsyncIterator[T]:
        """The items of *listing* as they come; closing the iterator closes its streams."""
        streams: list[object] = []
        outcome: Any = None
        try:
            while True:
                try:
                    effect = listing.send(outcome)
                except StopIteration:
                    return
                if isinstance(effect, Emit):
                    outcome = None
                    for item in effect.items:
                        yield item
                else:
                    outcome = await self._perform(effect, streams)
        finally:
            listing.close()
            await self._close(streams)

    async def close(self) -> None:
        """Close the transport."""
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
            case Request():
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
