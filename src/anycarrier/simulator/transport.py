"""Transports without a port: requests of a client go to simulators in the same process.

The effect of a fault on a connection is the :class:`~anycarrier.errors.TransportError` that a real wire gives.
Time is virtual: a hang times out at once, latency longer than ``timeout`` too, and nothing waits unless ``wait`` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.simulator.control import CONTROL, control
from anycarrier.simulator.core import Simulator
from anycarrier.simulator.messages import Failure, SimAnswer, SimRequest, joined
from anycarrier.transports import OTHER_BYTES, PURCHASE_BYTES
from anycarrier.transports.protocol import WireRequest

__all__ = ["AsyncSimTransport", "SimTransport"]

CHUNK = 64 * 1024


class _Stream:
    """A streamed answer: the rest of its body, and its end."""

    def __init__(self, body: bytes, end: TransportError | None) -> None:
        self.body = memoryview(body)
        self.end = end
        self.closed = False


class _InProcess:
    """The part that both modes share."""

    def __init__(self, simulators: Mapping[str, Simulator], timeout: float) -> None:
        self.simulators = {origin.rstrip("/"): simulator for origin, simulator in simulators.items()}
        self.timeout = timeout
        self.open_streams = 0
        """Number of streams that are not closed yet, for tests that look for leaks."""
        self.closed = False

    def perform(self, request: WireRequest) -> tuple[Response | TransportError, float]:
        """Return the outcome, and the seconds it takes."""
        if self.closed:
            return _error("closed", "the transport is closed", applied=False), 0.0
        simulator = self.simulators.get(request.origin)
        if simulator is None or not request.url.startswith(request.origin + "/"):
            return _error("connect", f"no simulator is at {request.origin}", applied=False), 0.0
        url = urlsplit(request.url)
        arrived = SimRequest(
            method=request.method,
            path=url.path,
            query=tuple(parse_qsl(url.query, keep_blank_values=True)),
            headers=joined(request.headers),
            body=request.body or b"",
        )
        if arrived.path.startswith(CONTROL):
            return self._answered(request, control(simulator, arrived), None), 0.0
        outcome = simulator.handle(arrived)
        if isinstance(outcome, SimAnswer):
            if outcome.delay >= self.timeout:
                return _error("timeout", "no answer in time", applied=True), self.timeout
            return self._answered(request, outcome, None), outcome.delay
        return self._failed(request, outcome)

    def _failed(self, request: WireRequest, failure: Failure) -> tuple[Response | TransportError, float]:
        match failure.how:
            case "refuse":
                return _error("connect", "the connection was refused", applied=False), 0.0
            case "hang":
                return _error("timeout", "no answer in time", applied=True), self.timeout
            case "truncate" if failure.answer is not None and failure.delay < self.timeout:
                end = _error("broken", "the answer ended too early", applied=True)
                answer = failure.answer
                cut = SimAnswer(answer.status, answer.headers, answer.body[: failure.cut])
                return self._answered(request, cut, end), failure.delay
            case _ if failure.delay >= self.timeout:
                return _error("timeout", "no answer in time", applied=True), self.timeout
            case how:
                return _error("broken", f"the connection was lost ({how})", applied=True), failure.delay

    def _answered(
        self, request: WireRequest, answer: SimAnswer, end: TransportError | None
    ) -> Response | TransportError:
        headers = joined(answer.headers)
        # As on a real wire, only a success is streamed, and a stream has no cap.
        if request.stream and 200 <= answer.status < 300:
            self.open_streams += 1
            return Response(answer.status, headers, stream=_Stream(answer.body, end))
        if end is not None:
            return end
        cap = request.max_bytes
        if cap is None:
            cap = PURCHASE_BYTES if request.purpose == "purchase" else OTHER_BYTES
        if len(answer.body) > cap:
            return _too_large(cap)
        return Response(answer.status, headers, answer.body)

    def read_from(self, stream: object) -> bytes | TransportError:
        """Return the next chunk."""
        if not isinstance(stream, _Stream) or stream.closed:
            return _error("closed", "the stream is closed", applied=True)
        chunk = bytes(stream.body[:CHUNK])
        stream.body = stream.body[CHUNK:]
        if chunk or stream.end is None:
            return chunk
        self.done_with(stream)
        return stream.end

    def done_with(self, stream: object) -> None:
        """Close a stream."""
        if isinstance(stream, _Stream) and not stream.closed:
            stream.closed = True
            stream.body.release()
            self.open_streams -= 1


class SimTransport(_InProcess):
    """For ``Client(..., transport=SimTransport({base_url: simulator}))``.

    Args:
        simulators: by origin, which is the client's ``base_url``.
        timeout: virtual seconds that a client waits for an answer.
        wait: called with the seconds that a request takes; a test may let its own clock run on here.
    """

    def __init__(
        self,
        simulators: Mapping[str, Simulator],
        *,
        timeout: float = 30.0,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        super().__init__(simulators, timeout)
        self._wait = wait

    def send(self, request: WireRequest) -> Response | TransportError:
        outcome, seconds = self.perform(request)
        if seconds and self._wait is not None:
            self._wait(seconds)
        return outcome

    def read(self, stream: object) -> bytes | TransportError:
        return self.read_from(stream)

    def close_stream(self, stream: object) -> None:
        self.done_with(stream)

    def close(self) -> None:
        self.closed = True


class AsyncSimTransport(_InProcess):
    """The same for ``AsyncClient``; every request gives other tasks a turn, as on a real wire."""

    def __init__(
        self,
        simulators: Mapping[str, Simulator],
        *,
        timeout: float = 30.0,
        wait: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(simulators, timeout)
        self._wait = wait

    async def send(self, request: WireRequest) -> Response | TransportError:
        await asyncio.sleep(0)
        outcome, seconds = self.perform(request)
        if seconds and self._wait is not None:
            await self._wait(seconds)
        return outcome

    async def read(self, stream: object) -> bytes | TransportError:
        await asyncio.sleep(0)
        return self.read_from(stream)

    async def close_stream(self, stream: object) -> None:
        self.done_with(stream)

    async def close(self) -> None:
        self.closed = True


def _error(kind: Literal["connect", "timeout", "broken", "closed"], message: str, *, applied: bool) -> TransportError:
    return TransportError(message, kind=kind, maybe_applied=applied)


def _too_large(cap: int) -> TransportError:
    return TransportError(f"the answer is larger than {cap} bytes", kind="too_large", maybe_applied=True)
