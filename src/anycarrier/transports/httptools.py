"""The fast transport: sockets and asyncio of the standard library, with httptools to parse.

Each step of a request is taken here, one after the other: connect, shake hands, write, read. So whether anything of it
has left is known and not concluded from the class of somebody else's exception; every wait has its own limit; and what
must not happen (redirects, proxies, netrc, cookies, a second try) has no code.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import httptools

from anycarrier import processes
from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.transports import Timeouts, _base
from anycarrier.transports._base import (
    IDLE_SECONDS,
    Base,
    Origin,
    Trouble,
    cap,
    closed,
    closed_stream,
    is_streamed,
    is_tls,
    stream_failure,
)
from anycarrier.transports._body import STEP, Body, Decoder, Malformed, TooLarge
from anycarrier.transports._http1 import Broken, Conversation, request_bytes
from anycarrier.transports._pool import Places, Pool
from anycarrier.transports.protocol import WireRequest

if TYPE_CHECKING:
    from anycarrier.transports._httptools_async import AsyncTransport

__all__ = ["LIBRARY", "AsyncTransport", "SyncTransport"]

LIBRARY: Final = ("httptools", httptools.__version__)

FAILURES = (OSError, Broken, TooLarge, Malformed)


class Progress:
    """How far a request has come. Nothing of it has left while *doing* is ``connect``."""

    __slots__ = ("deadline", "doing")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.doing: Trouble = "connect"


def _trouble(error: Exception, progress: Progress, now: float) -> Trouble:
    if isinstance(error, TimeoutError):
        # A system may end a wait a little early.
        return "deadline" if now > progress.deadline - 0.005 else progress.doing
    if isinstance(error, TooLarge):
        return "too_large"
    if isinstance(error, Malformed):
        return "malformed"
    if progress.doing == "connect":
        return "tls" if is_tls(error) else "connect"
    return "broken"


def watch(fd: int) -> Callable[[], bool]:
    """Tells whether there is something to read at once: of an idle connection, its end or what nobody asked for."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return lambda: bool(poll.poll(0))
    return lambda: bool(select.select([fd], [], [], 0)[0])


def body_for(request: WireRequest, headers: dict[str, str]) -> Body:
    return Body(headers.get("content-encoding", ""), headers.get("content-length"), cap(request))


class Streamed:
    """A streamed answer: what ``Response.stream`` holds."""

    __slots__ = ("closed", "connection", "decoder", "home", "host", "label", "lock", "pending", "seconds")

    def __init__(
        self, request: WireRequest, origin: Origin, connection: Any, home: Any, decoder: Decoder, seconds: float
    ) -> None:
        self.label = request.label
        self.host = origin.netloc
        self.connection = connection
        self.home = home
        self.decoder = decoder
        self.seconds = seconds
        self.lock = threading.RLock()
        self.pending: Iterator[bytes] = iter(())
        self.closed = False

    def __repr__(self) -> str:
        return f"<stream of {self.label}>"

    def next(self) -> bytes | None:
        """The next piece, ``b""`` at the end, or ``None`` when more must come first."""
        pieces = self.connection.conversation.pieces
        while True:
            for piece in self.pending:
                return piece
            if pieces:
                self.pending = self.decoder.decode(pieces.popleft())
            elif self.connection.conversation.complete:
                self.decoder.finish()
                return b""
            else:
                return None


class Shared(Base):
    """What both modes have in common."""

    def _failed(
        self, request: WireRequest, origin: Origin, error: Exception, progress: Progress, now: float
    ) -> TransportError:
        trouble = _trouble(error, progress, now)
        return self._failure(
            request, origin, trouble, progress.doing != "connect", error, isinstance(error, TimeoutError)
        )

    def _streamed(self, request: WireRequest, origin: Origin, connection: Any, home: Any = None) -> Response:
        conversation: Conversation = connection.conversation
        decoder = Decoder(conversation.headers.get("content-encoding", ""))
        stream = Streamed(request, origin, connection, home, decoder, self._read(request))
        return Response(conversation.status, conversation.headers, stream=stream)


class _Connection:
    """A connected socket, and what is being said on it."""

    __slots__ = ("conversation", "fileno", "idle_since", "origin", "readable", "socket")

    def __init__(self, origin: Origin, connected: socket.socket) -> None:
        self.origin = origin
        self.socket = connected
        self.fileno = connected.fileno
        self.conversation = Conversation()
        self.readable = watch(connected.fileno())
        self.idle_since = 0.0

    def limit(self, seconds: float, deadline: float | None) -> None:
        """Bound the next wait."""
        if deadline is not None:
            seconds = min(seconds, deadline - time.monotonic())
            if seconds <= 0:
                raise TimeoutError
        self.socket.settimeout(seconds)

    def write(self, payload: memoryview, seconds: float, deadline: float) -> None:
        # In pieces, so that a large body may take its time as long as it moves.
        while payload:
            self.limit(seconds, deadline)
            payload = payload[self.socket.send(payload[:STEP]) :]

    def read(self, seconds: float, deadline: float | None) -> None:
        """Wait for more and take it into the conversation."""
        self.limit(seconds, deadline)
        if data := self.socket.recv(STEP):
            self.conversation.feed(data)
        else:
            self.conversation.end()

    def kept(self) -> bool:
        """Whether nothing was left over on it. TLS may hold bytes that the system no longer shows."""
        connected = self.socket
        return self.conversation.reusable and not (isinstance(connected, ssl.SSLSocket) and connected.pending())


class SyncTransport(Shared):
    """Blocking, and safe to share between threads.

    The name of a host is looked up by the system, which no deadline can interrupt; all else ends in time.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(timeouts, tls=tls)
        self._begin()
        processes.begins_anew(self)

    def _begin(self) -> None:
        self._places = Places(_base.MAX_CONNECTIONS)
        self._pool: Pool[_Connection] = Pool(lambda connection: connection.socket.close())
        self._streams: set[Streamed] = set()

    def forked(self) -> None:
        """Begin with no connection; those that there were are the parent's."""
        pool, streams = self._pool, self._streams
        self._begin()
        for stream in streams:
            stream.closed, stream.lock = True, threading.RLock()
        processes.leave_to_parent(pool.all())
        for connection in pool.all():
            connection.socket.close()

    def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return closed(request)
        prepared = self._prepared(request)
        origin = prepared.origin
        payload = request_bytes(request, prepared.path, prepared.headers)
        total = self._total(request)
        progress = Progress(time.monotonic() + total)
        if not self._places.take(min(self._timeouts.pool, total)):
            return self._no_place(request)
        connection = answer = None
        try:
            if self._reuses(request):
                connection = self._idle_one(origin)
            connection = connection or self._connected(origin, progress.deadline)
            if self._closed:
                return closed(request)
            answer = self._asked(request, connection, payload, progress)
            return answer
        except FAILURES as error:
            return self._failed(request, origin, error, progress, time.monotonic())
        finally:
            if answer is None or answer.stream is None:
                self._give_back(connection, answer is not None)

    def _asked(
        self, request: WireRequest, connection: _Connection, payload: memoryview, progress: Progress
    ) -> Response:
        conversation, deadline = connection.conversation, progress.deadline
        conversation.ask(request.method)
        progress.doing = "write"
        refused = False
        try:
            connection.write(payload, self._timeouts.write, deadline)
        except (BrokenPipeError, ConnectionResetError):
            refused = True  # a server that does not want the whole of it may have said why
        progress.doing = "read"
        seconds = self._read(request)
        while not conversation.headed:
            connection.read(seconds, deadline)
        if is_streamed(request, conversation.status):
            answer = self._streamed(request, connection.origin, connection)
            self._streams.add(answer.stream)  # type: ignore[arg-type]
            return answer
        body = body_for(request, conversation.headers)
        pieces = conversation.pieces
        while True:
            while pieces:
                body.add(pieces.popleft())
            if conversation.complete:
                break
            connection.read(seconds, deadline)
        if refused:
            conversation.reusable = False
        return Response(conversation.status, conversation.headers, body.value())

    def _idle_one(self, origin: Origin) -> _Connection | None:
        """A connection that was used before, and is not closed by now."""
        while (found := self._pool.take(origin)) is not None:
            if time.monotonic() - found.idle_since < IDLE_SECONDS and not found.readable():
                return found
            self._drop(found)
        return None

    def _connected(self, origin: Origin, deadline: float) -> _Connection:
        try:
            found = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        except UnicodeError:
            raise OSError("not a name of a host") from None
        # One address after the other, each with its own time, but never beyond the deadline.
        addresses = list(dict.fromkeys((info[0], info[4]) for info in found))
        for family, address in addresses[:-1]:
            with contextlib.suppress(OSError):
                return self._reached(origin, family, address, deadline)
        return self._reached(origin, *addresses[-1], deadline)

    def _reached(self, origin: Origin, family: int, address: Any, deadline: float) -> _Connection:
        connected = socket.socket(family, socket.SOCK_STREAM)
        try:
            connected.settimeout(self._connect_seconds(deadline))
            connected.connect(address)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if origin.tls:
                connected = self._tls.wrap_socket(
                    connected, server_hostname=origin.host, do_handshake_on_connect=False,
                    suppress_ragged_eofs=False,  # a body that ends with its connection must not be cut short unnoticed
                )  # fmt: skip
                connected.settimeout(self._connect_seconds(deadline))
                connected.do_handshake()
            connection = _Connection(origin, connected)
            self._pool.add(connection)
            return connection
        except BaseException:
            connected.close()
            raise

    def _connect_seconds(self, deadline: float) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(self._timeouts.connect, left)

    def _give_back(self, connection: _Connection | None, answered: bool) -> None:
        """After a request: the connection is kept if it is fit, and its place is free again."""
        try:
            if connection is None:
                return
            if not answered or self._closed or not connection.kept():
                self._drop(connection)
                return
            connection.idle_since = time.monotonic()
            if (too_many := self._pool.put(connection.origin, connection)) is not None:
                self._drop(too_many)
            if self._closed:  # just now, by another thread
                self._close_idle()
        finally:
            self._places.give_back()

    def _drop(self, connection: _Connection) -> None:
        self._pool.forget(connection)
        connection.socket.close()

    def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, Streamed)  # noqa: S101
        if stream.closed:
            return closed_stream(stream.label)
        with stream.lock:
            try:
                while (piece := stream.next()) is None:
                    stream.connection.read(stream.seconds, None)
                return piece
            except FAILURES as error:
                self._end(stream, fit=False)
                return stream_failure(stream.label, stream.host, isinstance(error, TimeoutError))
            except BaseException:
                self._end(stream, fit=False)
                raise

    def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        assert isinstance(stream, Streamed)  # noqa: S101
        with stream.lock:
            self._end(stream, fit=stream.connection.conversation.complete)

    def _end(self, stream: Streamed, *, fit: bool) -> None:
        if not stream.closed:
            stream.closed = True
            self._streams.discard(stream)
            stream.pending = iter(())
            self._give_back(stream.connection, fit)

    def close(self) -> None:
        """Close all connections. Requests that are under way end as broken ones do."""
        self._closed = True
        for connection in self._close_idle():
            # Wakes the thread that waits on it, which then closes it; the system's own call, below TLS.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection.socket, socket.SHUT_RDWR)
        for stream in tuple(self._streams):
            if stream.lock.acquire(blocking=False):  # nobody reads it just now
                try:
                    self._end(stream, fit=False)
                finally:
                    stream.lock.release()

    def _close_idle(self) -> list[_Connection]:
        idle, busy = self._pool.drain()
        for connection in idle:
            connection.socket.close()
        return busy


def __getattr__(name: str) -> Any:
    # A blocking program need not load asyncio, which takes longer than all the rest here.
    if name == "AsyncTransport":
        from anycarrier.transports._httptools_async import AsyncTransport

        return AsyncTransport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
