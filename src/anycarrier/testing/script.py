"""Driver of one exchange by hand: scripted outcomes, virtual time, no socket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from anycarrier.engine.driver import drive
from anycarrier.exchange import (
    AsCompleted,
    Call,
    Done,
    Emit,
    Exclusive,
    Failed,
    Now,
    Read,
    Request,
    Response,
    Sleep,
    Together,
    Within,
)
from anycarrier.testing.fakes import VirtualClock

__all__ = ["Script"]


class Script:
    """Performs the effects of an exchange: each request takes the next of *outcomes*.

    A request for which no outcome is left fails the test. A streamed request gets its body in pieces.

    Args:
        outcomes: for each request a ``Response``, a ``TransportError``, a function of the request that returns one, or
            a pair of a response and the error that breaks off its body.
        chunk: bytes of a piece.
        clock: virtual time; by default one without jitter.

    Attributes:
        requests: all requests so far.
        effects: all effects so far, the requests too.
        emitted: all items of listings so far.
        batches: number of items of each page that was emitted.
    """

    def __init__(self, *outcomes: Any, chunk: int = 65536, clock: VirtualClock | None = None) -> None:
        self.outcomes = deque(outcomes)
        self.chunk = chunk
        self.clock = clock or VirtualClock(chance=0.5)
        self.requests: list[Request] = []
        self.effects: list[Any] = []
        self.emitted: list[Any] = []
        self.batches: list[int] = []
        self._held: list[str] = []
        self._streams: list[deque[Any]] = []

    def run(self, exchange: Any) -> Any:
        """Drive *exchange* to its end and return its value."""

        def performed(effect: Any) -> Any:
            if isinstance(effect, Within):
                with effect.context:
                    return performed(effect.effect)
            self.effects.append(effect)
            return self.perform(effect)

        return drive(exchange, performed)

    def perform(self, effect: Any) -> Any:
        """Return the outcome of one effect; a subclass may replace it."""
        match effect:
            case Request():
                self.requests.append(effect)
                assert self.outcomes, f"no outcome is left for {effect.method} {effect.path}"
                return self._respond(effect, self.outcomes.popleft())
            case Read(stream=stream):
                assert isinstance(stream, int)
                return self._streams[stream].popleft() if self._streams[stream] else b""
            case Now():
                return self.clock.now()
            case Sleep(seconds=seconds):
                assert seconds >= 0
                self.clock.sleep(seconds)
            case Call(function=function):
                return _result(function)
            case Exclusive(key=key, exchange=inner):
                assert key not in self._held, f"{key} is held already: this would wait for itself"
                self._held.append(key)
                try:
                    return _result(lambda: self.run(inner))
                finally:
                    self._held.remove(key)
            case Together(exchanges=exchanges):
                return [_result(lambda inner=inner: self.run(inner)) for inner in exchanges]  # type: ignore[misc]
            case AsCompleted(exchanges=exchanges):
                self.emitted += [self.run(inner) for inner in exchanges]
            case Emit(items=items):
                self.emitted.extend(items)
                self.batches.append(len(items))
            case _:
                raise AssertionError(f"not an effect: {effect!r}")
        return None

    def _respond(self, request: Request, outcome: Any) -> Any:
        if callable(outcome):
            outcome = outcome(request)
        response, end = outcome if isinstance(outcome, tuple) else (outcome, None)
        if not (request.stream and isinstance(response, Response)):
            return response
        pieces: deque[Any] = deque(
            response.body[at : at + self.chunk] for at in range(0, len(response.body), self.chunk)
        )
        if end is not None:
            pieces.append(end)
        self._streams.append(pieces)
        return Response(response.status, response.headers, stream=len(self._streams) - 1)


def _result(function: Callable[[], Any]) -> Done[Any] | Failed:
    try:
        return Done(function())
    except Exception as error:  # noqa: BLE001 - as a driver does
        return Failed(error)
