"""Driving an exchange by hand: scripted outcomes, a clock that does not wait, no socket."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from anycarrier.errors import AnyCarrierError, TransportError
from anycarrier.exchange import (
    Call,
    Done,
    Emit,
    Exclusive,
    Failed,
    Moment,
    Now,
    Read,
    Request,
    Response,
    Sleep,
    Together,
)


def answer(body: Any = None, status: int = 200, **headers: str) -> Response:
    """An answer: *body* as JSON, or as it is when it is bytes. Headers: ``retry_after="3"``."""
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def lost(kind: str = "timeout") -> TransportError:
    """The request may have been carried out."""
    return TransportError("no answer", kind=kind, maybe_applied=True)


def unsent() -> TransportError:
    """The request provably was not sent."""
    return TransportError("refused", kind="connect", maybe_applied=False)


class Script:
    """Performs effects: each request takes the next of *outcomes*, and running out of them fails the test.

    A streamed request gets its body in pieces of *chunk* bytes; an outcome that is a tuple ``(response, error)`` breaks
    off with the error after the body.
    """

    def __init__(self, *outcomes: Any, chunk: int = 65536) -> None:
        self.outcomes = deque(outcomes)
        self.chunk = chunk
        self.requests: list[Request] = []
        self.effects: list[Any] = []
        self.emitted: list[Any] = []
        self.batches: list[int] = []
        self.time = 1000.0
        self.held: list[str] = []
        self._streams: dict[int, deque[Any]] = {}

    def run(self, exchange: Any) -> Any:
        """The exchange's value; what a listing emits is in ``emitted``."""
        outcome: Any = None
        try:
            while True:
                try:
                    effect = exchange.send(outcome)
                except StopIteration as stop:
                    return stop.value
                self.effects.append(effect)
                outcome = self._perform(effect)
        finally:
            exchange.close()

    def _perform(self, effect: Any) -> Any:
        match effect:
            case Request():
                self.requests.append(effect)
                assert self.outcomes, f"no outcome is left for {effect.method} {effect.path}"
                return self._answer(effect, self.outcomes.popleft())
            case Read(stream=stream):
                assert isinstance(stream, int)
                return self._streams[stream].popleft() if self._streams[stream] else b""
            case Now():
                return Moment(self.time, 1_800_000_000.0 + self.time, 0.5)
            case Sleep(seconds=seconds):
                assert seconds >= 0
                self.time += seconds
            case Call(function=function):
                return _caught(function)
            case Exclusive(key=key, exchange=inner):
                assert key not in self.held, f"{key} is held already: this would wait for itself"
                self.held.append(key)
                try:
                    return _caught(lambda: self.run(inner))
                finally:
                    self.held.remove(key)
            case Together(exchanges=exchanges):
                return [_caught(lambda inner=inner: self.run(inner)) for inner in exchanges]
            case Emit(items=items):
                self.emitted.extend(items)
                self.batches.append(len(items))
            case _:
                raise AssertionError(f"not an effect: {effect!r}")
        return None

    def _answer(self, request: Request, outcome: Any) -> Any:
        if callable(outcome):
            outcome = outcome(request)
        response, end = outcome if isinstance(outcome, tuple) else (outcome, None)
        if not (request.stream and isinstance(response, Response)):
            return response
        pieces = deque(response.body[at : at + self.chunk] for at in range(0, len(response.body), self.chunk))
        if end is not None:
            pieces.append(end)
        name = len(self._streams)
        self._streams[name] = pieces
        return Response(response.status, response.headers, stream=name)


def play(exchange: Any, *outcomes: Any) -> tuple[Any, list[Request]]:
    """The value of *exchange* and the requests that it made. All *outcomes* must be used."""
    script = Script(*outcomes)
    value = script.run(exchange)
    assert not script.outcomes, "outcomes were left over"
    return value, script.requests


def items(listing: Any, *outcomes: Any, chunk: int = 65536) -> tuple[list[Any], list[Request]]:
    """What *listing* emits and the requests that it made."""
    script = Script(*outcomes, chunk=chunk)
    assert script.run(listing) is None
    assert not script.outcomes, "outcomes were left over"
    return script.emitted, script.requests


def failing(exchange: Any, *outcomes: Any, chunk: int = 65536) -> tuple[AnyCarrierError, Script]:
    """The error that *exchange* ends in, and the script, to look at requests and items."""
    script = Script(*outcomes, chunk=chunk)
    try:
        value = script.run(exchange)
    except AnyCarrierError as error:
        return error, script
    raise AssertionError(f"no error, but {value!r}")


def json_of(request: Request) -> Any:
    """A request's body, decoded."""
    assert request.body is not None
    return json.loads(request.body)


def query_of(request: Request) -> Mapping[str, str]:
    """A request's query; no name repeats."""
    assert len(dict(request.query)) == len(request.query)
    return dict(request.query)


def _caught(function: Any) -> Any:
    try:
        return Done(function())
    except Exception as error:  # noqa: BLE001 - as a driver does
        return Failed(error)
