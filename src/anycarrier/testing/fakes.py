"""Test doubles: a client of either mode behind one blocking interface, stub and recording transports, virtual time."""

from __future__ import annotations

import asyncio
import builtins
import random
import time
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from anycarrier.client import AsyncClient, Client
from anycarrier.errors import TransportError
from anycarrier.exchange import Moment, Response
from anycarrier.transports.protocol import AsyncTransport, Transport, WireRequest

__all__ = ["MODES", "AnyClient", "Mode", "RecordingTransport", "StubTransport", "VirtualClock"]

Mode: TypeAlias = Literal["sync", "async"]
MODES: tuple[Mode, ...] = ("sync", "async")


class VirtualClock:
    """Clock whose time passes only when a sleep or a test advances it.

    Args:
        start: Unix seconds at which it begins.
        seed: of the random numbers that jitter is made from.
        chance: the same number between 0 and 1 each time, in the place of random ones.

    Attributes:
        elapsed: seconds since the start; the monotonic time.
        slept: seconds of each sleep.
    """

    def __init__(self, start: float = 1_790_000_000.0, seed: int = 0, *, chance: float | None = None) -> None:
        self.start = start
        self.elapsed = 0.0
        self.slept: list[float] = []
        self._random = random.Random(seed)
        self._chance = chance

    def time(self) -> float:
        """Unix seconds, such as a simulator's ``now`` needs."""
        return self.start + self.elapsed

    def now(self) -> Moment:
        chance = self._random.random() if self._chance is None else self._chance
        return Moment(self.elapsed, self.time(), chance)

    def advance(self, seconds: float) -> None:
        """Let time pass without a sleep."""
        self.elapsed += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    async def async_sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.sleep(seconds)


class PatientClock(VirtualClock):
    """Virtual time beside a real server: every sleep takes a little real time too, in which the server can recover."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        time.sleep(min(seconds, 0.04))


class StubTransport:
    """Transport of either mode for :class:`AnyClient` that answers every request with the result of *answer*.

    ``sent`` lists the requests.
    """

    def __init__(self, answer: Callable[[WireRequest], Response | TransportError]) -> None:
        self.answer = answer
        self.sent: list[WireRequest] = []
        self.open_streams = 0

    def take(self, request: WireRequest) -> Response | TransportError:
        """The outcome of one request; a streamed one has its body handed out in pieces of seven bytes."""
        self.sent.append(request)
        outcome = self.answer(request)
        if isinstance(outcome, TransportError):
            return TransportError(outcome.message, kind=outcome.kind, maybe_applied=outcome.maybe_applied)
        if request.stream:
            self.open_streams += 1
            pieces = [outcome.body[at : at + 7] for at in range(0, len(outcome.body), 7)]
            return Response(outcome.status, outcome.headers, stream=[*pieces, b""])
        return outcome


class _SyncStub:
    def __init__(self, stub: StubTransport) -> None:
        self.stub = stub

    def send(self, request: WireRequest) -> Response | TransportError:
        return self.stub.take(request)

    def read(self, stream: Any) -> bytes | TransportError:
        return stream.pop(0)  # type: ignore[no-any-return]

    def close_stream(self, stream: object) -> None:
        self.stub.open_streams -= 1

    def close(self) -> None:
        return


class _AsyncStub(_SyncStub):
    async def send(self, request: WireRequest) -> Response | TransportError:  # type: ignore[override]
        return self.stub.take(request)

    async def read(self, stream: Any) -> bytes | TransportError:  # type: ignore[override]
        return stream.pop(0)  # type: ignore[no-any-return]

    async def close_stream(self, stream: object) -> None:  # type: ignore[override]
        self.stub.open_streams -= 1

    async def close(self) -> None:  # type: ignore[override]
        return


class RecordingTransport:
    """A blocking transport that remembers what it sent."""

    def __init__(self, inner: Transport, sent: builtins.list[WireRequest]) -> None:
        self.inner = inner
        self.sent = sent

    def send(self, request: WireRequest) -> Response | TransportError:
        self.sent.append(request)
        return self.inner.send(request)

    def read(self, stream: object) -> bytes | TransportError:
        return self.inner.read(stream)

    def close_stream(self, stream: object) -> None:
        self.inner.close_stream(stream)

    def close(self) -> None:
        self.inner.close()


class AsyncRecordingTransport:
    """The same, asynchronous."""

    def __init__(self, inner: AsyncTransport, sent: builtins.list[WireRequest]) -> None:
        self.inner = inner
        self.sent = sent

    async def send(self, request: WireRequest) -> Response | TransportError:
        self.sent.append(request)
        return await self.inner.send(request)

    async def read(self, stream: object) -> bytes | TransportError:
        return await self.inner.read(stream)

    async def close_stream(self, stream: object) -> None:
        await self.inner.close_stream(stream)

    async def close(self) -> None:
        await self.inner.close()


class AnyClient:
    """Client of either mode behind one interface: every method blocks, and ``list()`` returns a list.

    Args:
        mode: ``sync`` for a ``Client``, ``async`` for an ``AsyncClient`` on a loop of its own.
        provider: the provider object.
        transport: a blocking transport, an asynchronous one for ``async``, or :class:`StubTransport` for either.
        clock: a virtual one by default.
        more: for the client's constructor.

    Attributes:
        sent: every request that reached the transport.
    """

    def __init__(
        self, mode: Mode, provider: object, transport: object = None, clock: VirtualClock | None = None, **more: object
    ) -> None:
        self.mode = mode
        self.clock = clock or VirtualClock()
        self.sent: builtins.list[WireRequest] = []
        if isinstance(transport, StubTransport):
            self.sent = transport.sent
            transport = _SyncStub(transport) if mode == "sync" else _AsyncStub(transport)
        elif transport is not None and not isinstance(transport, str):
            recording: Any = RecordingTransport if mode == "sync" else AsyncRecordingTransport
            transport = recording(transport, self.sent)
        arguments: dict[str, Any] = {"transport": transport, "clock": self.clock, **more}
        self._loop = asyncio.Runner() if mode == "async" else None
        self._client: Any = (
            Client(provider, **arguments)
            if self._loop is None
            else self._loop.run(_made(lambda: AsyncClient(provider, **arguments)))
        )

    def __enter__(self) -> AnyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if self._loop is None or not asyncio.iscoroutinefunction(member):
            return member
        loop = self._loop
        return lambda *given, **more: loop.run(member(*given, **more))

    def list(self, **more: object) -> builtins.list[Any]:
        """All numbers."""
        return self.every(self._client.list(**more))

    def first(self) -> Any:
        """The first number of the list; the rest is left unread."""
        items = self._client.list()
        if self._loop is None:
            for item in items:
                items.close()
                return item
            return None

        async def take() -> Any:
            async for item in items:
                await items.aclose()
                return item
            return None

        return self._loop.run(take())

    def some(self, items: Any, count: int) -> builtins.list[Any]:
        """The first *count* items of a client's iterator, which is closed then."""
        found: builtins.list[Any] = []
        if self._loop is None:
            for item in items:
                found.append(item)
                if len(found) == count:
                    break
            items.close()
            return found

        async def gather() -> builtins.list[Any]:
            async for item in items:
                found.append(item)
                if len(found) == count:
                    break
            await items.aclose()
            return found

        return self._loop.run(gather())

    def every(self, items: Any) -> builtins.list[Any]:
        """All items of a client's iterator."""
        if self._loop is None:
            return [*items]

        async def gather() -> builtins.list[Any]:
            return [item async for item in items]

        return self._loop.run(gather())

    def close(self) -> None:
        """Close the client, and its loop."""
        if self._loop is None:
            self._client.close()
            return
        self._loop.run(self._client.close())
        self._loop.close()


async def _made(make: Callable[[], object]) -> object:
    return make()
