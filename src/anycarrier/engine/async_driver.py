"""The asynchronous driver: performs the effects of an exchange on an event loop."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from anycarrier import processes
from anycarrier.engine.driver import NO_EFFECT, closed, items_of, not_an_effect, step
from anycarrier.engine.session import Session
from anycarrier.engine.threads import ended, hand_on
from anycarrier.errors import ConfigurationError
from anycarrier.exchange import (
    AsCompleted,
    AwaitRateLimit,
    Call,
    Done,
    Effect,
    Exchange,
    Exclusive,
    Failed,
    Listing,
    Now,
    Read,
    Request,
    Response,
    Sleep,
    Together,
    Within,
    caught,
)
from anycarrier.frames import Hiding, hide
from anycarrier.transports.protocol import AsyncTransport, WireRequest

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Lock, Task
    from collections.abc import AsyncGenerator, AsyncIterator

__all__ = ["AsyncDriver"]

T = TypeVar("T")

ELSEWHERE = 0.01
"""Seconds between two looks whether a task on another event loop is done."""


async def _fetched(task: Task[T]) -> T:
    import asyncio

    try:
        return await task
    except asyncio.CancelledError:
        asking = asyncio.current_task()
        if asking is not None and asking.cancelling():
            raise
        raise ended() from None


async def _cancelled(tasks: Sequence[Task[Any]]) -> None:
    import asyncio

    here = asyncio.get_running_loop()
    for task in tasks:
        if task.get_loop() is here:
            task.cancel()
        elif not task.get_loop().is_closed():
            task.get_loop().call_soon_threadsafe(task.cancel)
    await asyncio.gather(*(task for task in tasks if task.get_loop() is here), return_exceptions=True)


def _is_awaitable(outcome: Done[Any] | Failed) -> TypeGuard[Done[Awaitable[Any]]]:
    return isinstance(outcome, Done) and isinstance(outcome.value, Awaitable)


async def _called(function: Callable[[], Any]) -> Done[Any] | Failed:
    """The outcome of *function*, in a thread; of an asynchronous one, that of its coroutine."""
    import asyncio

    came: list[Done[Any] | Failed] = []
    is_cancelled = False

    def work() -> None:
        came.append(caught(function))
        if is_cancelled:
            _drop(came)

    try:
        await asyncio.to_thread(work)
    except BaseException:
        is_cancelled = True  # the thread goes on, and what it brings is not awaited
        _drop(came)
        raise
    outcome = came.pop()
    return await _awaited(outcome.value) if _is_awaitable(outcome) else outcome


def _drop(came: list[Done[Any] | Failed]) -> None:
    """Close a coroutine that is not awaited any more; a thread and the event loop may both do so."""
    with suppress(IndexError):
        outcome = came.pop()
        if _is_awaitable(outcome) and isinstance(outcome.value, Coroutine):
            outcome.value.close()


async def _awaited(value: Awaitable[T]) -> Done[T] | Failed:
    """The outcome of an asynchronous function of the application, such as one that loads an account."""
    before = sys.exception()
    try:
        return Done(await value)
    except Exception as error:  # noqa: BLE001 - it is the outcome, raised inside the exchange
        hide(error, before)
        return Failed(error)


def _needs_asyncio() -> None:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        said = "AsyncClient needs a running event loop of asyncio, and there is none here"
        raise ConfigurationError(f"{said}; on trio, use a Client in trio.to_thread.run_sync()") from None


class Turn:
    """A lock for several event loops: tasks of a loop take turns in order, one loop at a time."""

    def __init__(self) -> None:
        import threading

        self._taken = threading.Lock()
        self._on_loop: dict[AbstractEventLoop, Lock] = {}
        self._holds: Lock | None = None

    async def __aenter__(self) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        lock = self._on_loop.get(loop)
        if lock is None:
            for one in tuple(self._on_loop):
                if one.is_closed():
                    self._on_loop.pop(one, None)
            lock = self._on_loop.setdefault(loop, asyncio.Lock())
        await lock.acquire()
        try:
            # A task on another loop may have it, which is rare; its loop cannot wake this one if it never runs again.
            while not self._taken.acquire(blocking=False):  # noqa: ASYNC110
                await asyncio.sleep(ELSEWHERE)
        except BaseException:
            lock.release()
            raise
        self._holds = lock

    async def __aexit__(self, *_: object) -> None:
        held, self._holds = self._holds, None
        self._taken.release()
        if held is not None:
            held.release()


class AsyncDriver:
    """Performs effects on an event loop."""

    def __init__(self, session: Session, transport: AsyncTransport, *, lent: bool = False) -> None:
        self.session = session
        self.transport = transport
        self.closed = False
        self._lent = lent
        self._begin()
        processes.begins_anew(self)

    def _begin(self) -> None:
        self._turns: dict[str, Turn] = {}
        self._fetching: set[Task[Any]] = set()

    def forked(self) -> None:
        """Go on in a child, without the locks and tasks of the parent's loops."""
        self._begin()

    async def run(self, exchange: Exchange[T]) -> T:
        """Run *exchange* and return its value; streams that it opened are closed."""
        _needs_asyncio()
        streams: list[object] = []
        with Hiding():
            try:
                return await self._drive(exchange, streams)
            finally:
                await self._close(streams)

    async def iterate(self, listing: Listing[T], *, ahead: bool = True) -> AsyncIterator[T]:
        """The items of *listing* as they come; closing the iterator closes its streams.

        With *ahead*, the next page is fetched in a task while the items of this one are consumed, from the second of
        them on; never more than one page, and none where the listing reads a stream. Closing the iterator cancels it.
        """
        _needs_asyncio()
        streams: list[object] = []
        fetching: Task[Any] | None = None
        with Hiding():
            try:
                effect = step(listing)
                while True:
                    items = await (self._page(listing, streams, effect) if fetching is None else _fetched(fetching))
                    fetching = None
                    if items is None:
                        return
                    if isinstance(items, AsCompleted):
                        async with aclosing(self._as_completed(items, streams)) as values:
                            async for value in values:
                                yield value
                        effect = step(listing)
                        continue
                    rest = iter(items)
                    if ahead and not streams:
                        for item in rest:
                            yield item
                            break
                        effect = step(listing)
                        if not isinstance(effect, NO_EFFECT):
                            fetching = self._begun(listing, streams, effect)
                        for item in rest:
                            yield item
                    else:
                        for item in rest:
                            yield item
                        effect = step(listing)
            finally:
                try:
                    if fetching is not None:
                        await _cancelled([fetching])
                finally:
                    listing.close()
                    await self._close(streams)

    async def _page(self, listing: Listing[T], streams: list[object], effect: Any) -> Sequence[T] | AsCompleted | None:
        while not isinstance(effect, NO_EFFECT):
            outcome = await self._perform(effect, streams)
            effect = step(listing, outcome)
            outcome = None  # it may be a token, and this frame may be printed
        return items_of(effect)

    def _begun(self, listing: Listing[T], streams: list[object], effect: Any) -> Task[Any]:
        import asyncio

        task = asyncio.create_task(self._page(listing, streams, effect))
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)
        return task

    async def close(self) -> None:
        """Stop what is fetched ahead, and close the transport, unless it was only lent."""
        self.closed = True
        if self._fetching:
            await _cancelled([*self._fetching])
        if not self._lent:
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
            case Now():
                return self.session.clock.now()
            case Request() | AwaitRateLimit():
                return await self._drive(self.session.perform(effect), streams)
            case WireRequest():
                outcome = closed(effect) if self.closed else await self.transport.send(effect)
                if isinstance(outcome, Response) and outcome.stream is not None:
                    streams.append(outcome.stream)
                return outcome
            case Read():
                return await self.transport.read(effect.stream)
            case Sleep():
                return await self.session.clock.async_sleep(effect.seconds)
            case Call():
                return await _called(effect.function)
            case Exclusive():
                async with self._turns.setdefault(effect.key, Turn()):
                    return await self._caught(effect.exchange, streams)
            case Together():
                return await self._together(effect, streams)
            case Within():
                with effect.context:
                    return await self._perform(effect.effect, streams)
        raise not_an_effect(effect)

    async def _caught(self, exchange: Exchange[T], streams: list[object]) -> Done[T] | Failed:
        before = sys.exception()
        try:
            return Done(await self._drive(exchange, streams))
        except Exception as error:  # noqa: BLE001 - it is the outcome, raised inside the exchange
            hide(error, before)
            return Failed(error)

    async def _as_completed(self, effect: AsCompleted, streams: list[object]) -> AsyncGenerator[Any, None]:
        import asyncio

        left = deque(effect.exchanges)
        count = len(left)
        ended: asyncio.Queue[Done[Any] | Failed | BaseException] = asyncio.Queue()
        stopped: list[BaseException] = []

        async def work() -> None:
            try:
                while left:
                    ended.put_nowait(await self._caught(left.popleft(), streams))
            except BaseException as error:
                stopped.append(error)
                ended.put_nowait(error)
                raise

        tasks = [asyncio.create_task(work()) for _ in range(min(max(1, effect.limit), count))]
        try:
            for _ in range(count):
                outcome = await ended.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                if isinstance(outcome, Failed):
                    raise outcome.error
                yield outcome.value
        finally:
            try:
                await _cancelled(tasks)
            finally:
                if (interrupt := sys.exception()) is not None:
                    hand_on(stopped, interrupt)
                while left:
                    left.popleft().close()

    async def _together(self, effect: Together, streams: list[object]) -> list[Done[Any] | Failed]:
        import asyncio

        slots = asyncio.Semaphore(effect.limit)

        stopped: list[BaseException] = []

        async def one(exchange: Exchange[Any]) -> Done[Any] | Failed:
            try:
                async with slots:
                    return await self._caught(exchange, streams)
            except BaseException as error:
                stopped.append(error)
                raise

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(exchange)) for exchange in effect.exchanges]
            return [task.result() for task in tasks]
        except BaseException as interrupt:
            hand_on(stopped, interrupt)
            raise
        finally:
            for exchange in effect.exchanges:
                exchange.close()
