"""The asynchronous driver, which performs the effects of an exchange on an event loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from anycarrier.drivers import _NO_EFFECT, _caught, _closed, _items, _not_an_effect, _step
from anycarrier.exchange import (
    Call,
    Done,
    Effect,
    Exchange,
    Exclusive,
    Failed,
    Listing,
    Now,
    Read,
    Ready,
    Request,
    Response,
    Sleep,
    Together,
)
from anycarrier.session import AsyncTransport, Session
from anycarrier.wire import WireRequest

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import AsyncIterator

__all__ = ["AsyncDriver"]

T = TypeVar("T")


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
