"""The blocking driver: performs the effects of an exchange; and helpers that the asynchronous driver shares.

Decisions are the session's: a driver only knows how to send, wait, run blocking code, lock and run several at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from anycarrier import processes
from anycarrier.engine.session import Session
from anycarrier.errors import AnyCarrierError, TransportError
from anycarrier.exchange import (
    AsCompleted,
    AwaitRateLimit,
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
    Request,
    Response,
    Sleep,
    Together,
    Within,
    caught,
)
from anycarrier.frames import Hiding
from anycarrier.transports.protocol import Transport, WireRequest

if TYPE_CHECKING:
    from anycarrier.engine.threads import Ahead, Crew, Stop

__all__ = ["NO_EFFECT", "Driver", "closed", "items_of", "not_an_effect", "step"]

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


NO_EFFECT = (Emit, AsCompleted, Done, Failed)


def step(listing: Listing[Any], outcome: Any = None) -> Any:
    """The next effect of *listing*; at its end ``Done``, and ``Failed`` with what it raised."""
    try:
        return listing.send(outcome)
    except StopIteration as stop:
        if stop.value is not None:
            return Failed(AnyCarrierError("this exchange returns a value and hands out no items: use run()"))
        return Done(None)
    except Exception as error:  # noqa: BLE001 - it is raised where the items before it are consumed
        return Failed(error)


def items_of(step: Emit[T] | AsCompleted | Done[None] | Failed) -> Sequence[T] | AsCompleted | None:
    """The items of a page, or the exchanges that give them, or ``None`` at the end; raises what the listing raised."""
    if isinstance(step, Failed):
        raise step.error
    if isinstance(step, AsCompleted):
        return step
    return step.items if isinstance(step, Emit) else None


def _page(listing: Listing[T], perform: Callable[[Any], Any], effect: Any) -> Sequence[T] | AsCompleted | None:
    """The next page, from the *effect* that *listing* asks for."""
    while not isinstance(effect, NO_EFFECT):
        outcome = perform(effect)
        effect = step(listing, outcome)
        outcome = None  # it may be a token, and this frame may be printed
    return items_of(effect)


QUICKLY = 0.001
"""Seconds to consume a page. A thread costs a tenth of that, and fetching a page takes at least ten times as long."""


class Driver:
    """Performs effects with blocking calls."""

    def __init__(self, session: Session, transport: Transport, *, lent: bool = False) -> None:
        import threading

        self.session = session
        self.transport = transport
        self.closed = False
        self._lent = lent
        self._threading = threading
        self._helpers: set[Ahead] = set()
        self._begin()
        processes.begins_anew(self)

    def _begin(self) -> None:
        self._locks: dict[str, Any] = {}
        self._guard = self._threading.Lock()

    def forked(self) -> None:
        """Go on in a child, without the locks that threads of the parent hold."""
        self._begin()
        for helper in tuple(self._helpers):
            helper.forked()

    def run(self, exchange: Exchange[T]) -> T:
        """Run *exchange* and return its value; streams that it opened are closed."""
        streams: list[object] = []
        with Hiding():
            try:
                return drive(exchange, self._performer(streams))
            finally:
                self._close(streams)

    def iterate(self, listing: Listing[T], *, ahead: bool = True) -> Iterator[T]:
        """The items of *listing* as they come; closing the iterator closes its streams.

        With *ahead*, the next page is fetched in a thread while the items of this one are consumed, from the second of
        them on; never more than one page, and none where the listing reads a stream, or where items are consumed so
        quickly that there is nothing to gain. Closing the iterator waits a moment for a request that is under way.
        """
        streams: list[object] = []
        perform = self._performer(streams)
        helper: Ahead | None = None
        fetching: Ahead | None = None
        slowly = False
        with Hiding():
            try:
                effect = step(listing)
                while True:
                    items = _page(listing, perform, effect) if fetching is None else fetching.result()
                    fetching = None
                    if items is None:
                        return
                    if isinstance(items, AsCompleted):
                        yield from self._as_completed(items)
                        effect = step(listing)
                        continue
                    rest = iter(items)
                    began = time.perf_counter()
                    if ahead and not streams:
                        for item in rest:
                            yield item
                            break
                        slowly = slowly or (time.perf_counter() - began) * len(items) > QUICKLY
                        effect = step(listing)
                        if slowly and not isinstance(effect, NO_EFFECT):
                            helper = helper or self._helped(listing)
                            fetching = helper.begin(self._fetch(listing, streams, helper.stop, effect))
                        yield from rest
                    else:
                        yield from rest
                        effect = step(listing)
                    slowly = time.perf_counter() - began > QUICKLY
            finally:
                if helper is not None:
                    self._helpers.discard(helper)
                    helper.ask_to_stop()
                    helper.wait()
                else:
                    listing.close()
                self._close(streams)

    def _fetch(
        self, listing: Listing[T], streams: list[object], stop: Stop, effect: Any
    ) -> Callable[[], Sequence[T] | AsCompleted | None]:
        return lambda: _page(listing, self._performer(streams, stop), effect)

    def _helped(self, listing: Listing[Any]) -> Ahead:
        from anycarrier.engine.threads import Ahead

        helper = Ahead(listing.close)
        self._helpers.add(helper)
        return helper

    def close(self) -> None:
        """Wait a moment for what is fetched ahead, and close the transport, unless it was only lent."""
        self.closed = True
        helpers = tuple(self._helpers)
        for helper in helpers:
            helper.ask_to_stop()
        for helper in helpers:
            helper.wait()
        if not self._lent:
            self.transport.close()

    def _close(self, streams: list[object]) -> None:
        while streams:
            self.transport.close_stream(streams.pop())

    def _performer(self, streams: list[object], stop: Stop | None = None) -> Callable[[Any], Any]:
        def perform(effect: Effect | WireRequest) -> Any:
            if stop is not None:
                stop.at(effect)
            match effect:
                case Now():
                    return self.session.clock.now()
                case Request() | AwaitRateLimit():
                    return drive(self.session.perform(effect), perform)
                case WireRequest():
                    return self._send(effect, streams)
                case Read():
                    return self.transport.read(effect.stream)
                case Sleep():
                    return self.session.clock.sleep(effect.seconds)
                case Call():
                    return caught(effect.function)
                case Exclusive():
                    with self._lock(effect.key):
                        return caught(lambda: drive(effect.exchange, perform))
                case Together():
                    return self._together(effect, stop)
                case Within():
                    with effect.context:
                        return perform(effect.effect)
            raise not_an_effect(effect)

        return perform

    def _send(self, request: WireRequest, streams: list[object]) -> Response | TransportError:
        outcome = closed(request) if self.closed else self.transport.send(request)
        if isinstance(outcome, Response) and outcome.stream is not None:
            streams.append(outcome.stream)
        return outcome

    def _lock(self, key: str) -> Any:
        with self._guard:
            return self._locks.setdefault(key, self._threading.Lock())

    def _together(self, effect: Together, outer: Stop | None) -> list[Done[Any] | Failed]:
        from anycarrier.engine.threads import Stop

        return self._crew(effect, Stop(outer)).outcomes()

    def _as_completed(self, effect: AsCompleted) -> Iterator[Any]:
        from anycarrier.engine.threads import Stop

        for outcome in self._crew(effect, Stop()).as_completed():
            if isinstance(outcome, Failed):
                raise outcome.error
            yield outcome.value

    def _crew(self, effect: Together | AsCompleted, stop: Stop) -> Crew:
        from anycarrier.engine.threads import Crew

        def run(exchange: Exchange[Any]) -> Any:
            streams: list[object] = []  # of this thread, which may read one still when its outcome is not awaited
            try:
                return drive(exchange, self._performer(streams, stop))
            finally:
                self._close(streams)

        return Crew(effect.exchanges, effect.limit, run, stop)


def closed(request: WireRequest) -> TransportError:
    """The outcome of a request of a closed client."""
    said = "the client is closed; the request was not sent (closed)"
    return TransportError(f"{request.label}: {said}", kind="closed", maybe_applied=False)


def not_an_effect(effect: object) -> AnyCarrierError:
    """The error for anything else that an exchange yields."""
    if isinstance(effect, Emit):
        return AnyCarrierError("a listing hands out items: use iterate(), or collect() inside an exchange")
    return AnyCarrierError(f"an exchange yielded a {type(effect).__name__}, which is not an effect")
