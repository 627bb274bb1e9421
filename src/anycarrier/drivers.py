"""The blocking driver, which performs the effects of an exchange, and what it shares with the asynchronous one.

Decisions are the session's: a driver only knows how to send, wait, run blocking code, lock and run several at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from anycarrier.errors import AnyCarrierError, TransportError
from anycarrier.exchange import (
    Call,
    Done,
    Effect,
    Emit,
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
from anycarrier.session import Session, Transport
from anycarrier.wire import WireRequest

if TYPE_CHECKING:
    from queue import SimpleQueue

__all__ = ["Driver"]

T = TypeVar("T")


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


def _caught(function: Callable[[], T]) -> Done[T] | Failed:
    try:
        return Done(function())
    except Exception as error:  # noqa: BLE001 - it is the outcome, raised inside the exchange
        return Failed(error)


def _not_an_effect(effect: object) -> AnyCarrierError:
    if isinstance(effect, Emit):
        return AnyCarrierError("a listing hands out items: use iterate(), or collect() inside an exchange")
    return AnyCarrierError(f"an exchange yielded a {type(effect).__name__}, which is not an effect")
