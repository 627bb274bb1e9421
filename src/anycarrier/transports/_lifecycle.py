"""The life of a request, from a free slot to the reuse of its connection, written once for all transports and modes.

A step that may wait is a coroutine. On an event loop it is awaited. In a blocking transport each step blocks where it
would suspend, so :func:`run` takes a coroutine to its end in one go, without an event loop.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Generic, Literal, Protocol, TypeVar

from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.transports._base import (
    Base,
    Origin,
    Prepared,
    cap,
    closed,
    closed_stream,
    is_streamed,
    late_stream,
    stream_failure,
)
from anycarrier.transports._body import Body, Decoder
from anycarrier.transports._pool import Pool
from anycarrier.transports.protocol import WireRequest

__all__ = ["Connection", "Home", "LifeCycle", "Progress", "Streamed", "run"]

T = TypeVar("T")
A = TypeVar("A")

EARLY = 0.005
"""Seconds by which a system may end a wait before its time."""


class Progress:
    """State of one request: its deadline, and the step that it has reached.

    Attributes:
        deadline: by the clock of the home; waits end there at the latest.
        doing: ``connect``, ``write`` or ``read``, or nothing before them. No byte has left before ``write``.
        connect: seconds that connecting may take.
        read: seconds that one wait for more of the answer may take.
        write: seconds that one wait for the server to accept more of the request may take.
    """

    __slots__ = ("connect", "deadline", "doing", "read", "write")

    def __init__(self, deadline: float, connect: float, read: float, write: float) -> None:
        self.deadline = deadline
        self.connect = connect
        self.read = read
        self.write = write
        self.doing: Literal["", "connect", "write", "read"] = ""


class Incoming(Protocol):
    """An answer that is arriving.

    Attributes:
        pieces: of the body, still encoded; a reader takes them out.
        complete: whether no further piece will come.
    """

    pieces: deque[bytes]
    complete: bool


class Connection(Protocol):
    """A connection to one server, with HTTP/1.1 on it. Coroutines of a blocking transport never suspend.

    Attributes:
        progress: of the request that is under way, or was the last.
        answer: to that request.
    """

    origin: Origin
    progress: Progress

    @property
    def answer(self) -> Incoming: ...

    async def ask(self, request: WireRequest, prepared: Prepared, progress: Progress) -> tuple[int, dict[str, str]]:
        """Send the request; return status and headers of its answer."""
        ...

    async def more(self) -> None:
        """Wait until more of the answer has come."""
        ...

    def reusable(self) -> bool:
        """Return whether another request may follow, after an answer that is complete."""
        ...

    def usable(self) -> bool:
        """Return whether the connection, idle for a while, can still carry a request."""
        ...

    async def close(self) -> None:
        """Close the connection at once."""
        ...

    def fileno(self) -> int:
        """Return the descriptor of the socket, -1 without one."""
        ...


C = TypeVar("C", bound=Connection)


class Home(ABC, Generic[C]):
    """Connections and free slots of one transport: one home per event loop, or one for all threads.

    Attributes:
        now: the clock of deadlines, in seconds.
        open: whatever holds a socket on an event loop.
        pool: the connections.
        streams: answers that are being streamed.
    """

    now: Callable[[], float]

    def __init__(self, pool: Pool[C]) -> None:
        self.pool = pool
        self.open: set[Any] = set()
        self.streams: set[Streamed[C]] = set()

    @abstractmethod
    def enter(self, seconds: float) -> Coroutine[Any, Any, bool]:
        """Take a slot; return whether one is free, or becomes so in time."""

    @abstractmethod
    def leave(self) -> None:
        """Free the slot of a request that is over."""

    @abstractmethod
    def keep(self, connection: C) -> C | None:
        """Keep *connection* for later requests; return one to close instead, if they become too many."""

    @abstractmethod
    def is_here(self) -> bool:
        """Return whether the calling code may use these connections."""


class Streamed(Generic[C]):
    """A streamed answer, the value of ``Response.stream``.

    Attributes:
        left: seconds that its reads may still take, all together.
    """

    __slots__ = ("closed", "connection", "decoder", "home", "host", "label", "left", "lock", "pending")

    def __init__(self, label: str, connection: C, home: Home[C], decoder: Decoder, left: float) -> None:
        self.label = label
        self.host = connection.origin.netloc
        self.connection = connection
        self.home = home
        self.decoder = decoder
        self.left = left
        self.lock = threading.RLock()
        self.pending: Iterator[bytes] = iter(())
        self.closed = False

    def __repr__(self) -> str:
        return f"<stream of {self.label}>"


class LifeCycle(Base, ABC, Generic[C]):
    """The steps of a request, of a stream and of a connection. Libraries and modes fill in what differs.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    _failures: tuple[type[Exception], ...]
    _timed_out: tuple[type[Exception], ...]

    # what a library or a mode fills in

    @abstractmethod
    async def _home_here(self) -> Home[C]:
        """Return the home of the calling thread or event loop; a loop without one gets a new one."""

    @abstractmethod
    async def _connected(self, home: Home[C], origin: Origin, progress: Progress) -> C:
        """Return a new connection, in use."""

    @abstractmethod
    def _failed(
        self, request: WireRequest, origin: Origin, error: Exception, progress: Progress, now: float
    ) -> TransportError:
        """Return the failure that *error* amounts to."""

    # the life of a request

    async def _send(self, request: WireRequest) -> Response | TransportError:
        if self._closed:
            return closed(request)
        prepared = self._prepared(request)
        origin, timeouts, purchase = prepared.origin, self._timeouts, request.purpose == "purchase"
        total, read = (timeouts.purchase_total, timeouts.purchase_read) if purchase else (timeouts.total, timeouts.read)
        home = await self._home_here()
        progress = Progress(home.now() + total, timeouts.connect, read, timeouts.write)
        if not await home.enter(min(timeouts.pool, total)):
            return self._no_slot(request)
        connection: C | None = None
        answer: Response | None = None
        try:
            # A purchase gets a fresh connection: a server may close a kept one unannounced just as it is used again,
            # and the purchase would then be in doubt for minutes.
            if not purchase:
                while (connection := home.pool.take(origin)) is not None and not connection.usable():
                    await self._drop(home, connection)
            if connection is None:
                connection = await self._connected(home, origin, progress)
            if self._closed:  # meanwhile, by another thread
                return closed(request)
            answer = await self._answered(request, prepared, home, connection, progress)
            return answer
        except self._failures as error:
            return self._failed(request, origin, error, progress, home.now())
        finally:
            if answer is None or answer.stream is None:
                surplus = self._give_back(home, connection, kept=answer is not None)
                if surplus is not None:
                    await surplus.close()

    async def _answered(
        self, request: WireRequest, prepared: Prepared, home: Home[C], connection: C, progress: Progress
    ) -> Response:
        status, headers = await connection.ask(request, prepared, progress)
        encoding = headers.get("content-encoding", "")
        if is_streamed(request, status):
            stream = Streamed(request.label, connection, home, Decoder(encoding), self._timeouts.stream)
            home.streams.add(stream)
            return Response(status, headers, stream=stream)
        body = Body(encoding, headers.get("content-length"), cap(request))
        answer = connection.answer
        pieces = answer.pieces
        while True:
            while pieces:
                body.add(pieces.popleft())
            if answer.complete:
                return Response(status, headers, body.value())
            await connection.more()

    def _give_back(self, home: Home[C], connection: C | None, *, kept: bool) -> C | None:
        """Free the slot of a request that is over; return the connection that must be closed, if there is one."""
        try:
            if connection is None:
                return None
            if kept and not self._closed and connection.answer.complete and connection.reusable():
                return home.keep(connection)
            home.pool.forget(connection)
            return connection
        finally:
            home.leave()

    async def _drop(self, home: Home[C], connection: C) -> None:
        home.pool.forget(connection)
        await connection.close()

    # the life of a stream

    async def _read_stream(self, stream: object) -> bytes | TransportError:
        assert isinstance(stream, Streamed)  # noqa: S101
        if stream.closed or not stream.home.is_here():
            return closed_stream(stream.label)
        with stream.lock:
            answer = stream.connection.answer
            try:
                while True:
                    for piece in stream.pending:
                        return piece
                    if answer.pieces:
                        stream.pending = stream.decoder.decode(answer.pieces.popleft())
                    elif answer.complete:
                        stream.decoder.finish()
                        return b""
                    else:
                        await self._more(stream)
            except self._failures as error:
                await self._abandon(stream)
                slow = isinstance(error, self._timed_out)
                if slow and stream.left < EARLY:
                    return late_stream(stream.label, stream.host, self._timeouts.stream)
                return stream_failure(stream.label, stream.host, slow)
            except BaseException:
                await self._abandon(stream)
                raise

    async def _more(self, stream: Streamed[C]) -> None:
        """Wait for more of a stream. Only the time spent here counts against its limit."""
        connection, began = stream.connection, stream.home.now()
        connection.progress.deadline = began + stream.left
        try:
            await connection.more()
        finally:
            stream.left -= stream.home.now() - began

    async def _close_stream(self, stream: object) -> None:
        assert isinstance(stream, Streamed)  # noqa: S101
        if not stream.closed:
            with stream.lock:
                if (surplus := self._end(stream, kept=True)) is not None:
                    await surplus.close()

    async def _abandon(self, stream: Streamed[C]) -> None:
        if (surplus := self._end(stream, kept=False)) is not None:
            await surplus.close()

    def _end(self, stream: Streamed[C], *, kept: bool) -> C | None:
        """Give the connection of a stream back; return the connection that must be closed, if there is one."""
        if stream.closed:
            return None
        stream.closed = True
        stream.home.streams.discard(stream)
        stream.pending = iter(())
        if not stream.home.is_here():  # its loop has ended, or is the parent's
            return None
        return self._give_back(stream.home, stream.connection, kept=kept)


def run(step: Callable[[A], Coroutine[Any, Any, T]], argument: A) -> T:
    """Take a step of a blocking transport to its end, without an event loop."""
    try:
        # Made here and begun at once: a coroutine that an interrupt keeps from its beginning would be warned of.
        step(argument).send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise RuntimeError("a step of a blocking transport suspended")
