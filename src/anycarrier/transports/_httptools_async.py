"""The fast transport for asyncio; :mod:`anycarrier.transports.httptools` says what it is."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import Any

from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.transports import Timeouts
from anycarrier.transports._base import IDLE_SECONDS, Origin, closed, closed_stream, is_streamed, stream_failure
from anycarrier.transports._http1 import Broken, Conversation, request_bytes
from anycarrier.transports._loops import Home, Homes
from anycarrier.transports.httptools import FAILURES, Progress, Shared, Streamed, body_for, watch
from anycarrier.transports.protocol import WireRequest

__all__ = ["AsyncTransport"]

HELD = 256 * 1024
"""So many bytes of a body wait for their reader, or as many as the event loop reads at once."""


class _AsyncConnection(asyncio.Protocol):
    """A connection on an event loop. Whoever uses it waits in :meth:`more`, one at a time."""

    __slots__ = ("_among", "_error", "_fresh", "_held", "_paused", "_waiter", "conversation", "fileno", "idle",
                 "idle_since", "loop", "lost", "origin", "readable", "transport")  # fmt: skip

    transport: asyncio.Transport

    def __init__(self, origin: Origin, connected: socket.socket, among: set[_AsyncConnection]) -> None:
        self.origin = origin
        self.fileno = connected.fileno
        self.conversation = Conversation()
        self.loop = asyncio.get_running_loop()
        self.lost = False
        self.idle = True
        self.idle_since = 0.0
        self._among = among
        self._error: Exception | None = None
        self._fresh = self._paused = False
        self._held = 0
        self._waiter: asyncio.Future[None] | None = None

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.readable = watch(transport.get_extra_info("socket").fileno())
        self._among.add(self)

    def data_received(self, data: bytes) -> None:
        if self.idle:
            self.transport.abort()
            return
        try:
            self.conversation.feed(data)
        except Broken as error:
            self._error = error
        self._held += len(data)
        if self._held > HELD and not self.conversation.complete:
            # No more until this is taken: a slow reader must not gather the rest of a body.
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        try:
            if _cut_off(self.transport.get_extra_info("ssl_object")):
                raise Broken
            self.conversation.end()
        except Broken as error:
            self._error = self._error or error
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._among.discard(self)
        # Without an end in order before, nothing that came is known to be all.
        self._error = self._error or exc or Broken()
        self._wake()

    def _wake(self) -> None:
        self._fresh = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _expire(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())

    # what a request does

    def ask(self, method: str, payload: memoryview) -> None:
        """Begin a request. After this something may have left."""
        self.conversation.ask(method)
        self.idle = self._fresh = False
        self.transport.write(payload)

    async def more(self, seconds: float, deadline: float | None) -> None:
        """Wait until something came since the last look; raises what broke it, or ``TimeoutError``."""
        if self._paused and not self._fresh:
            self._paused = False
            self.transport.resume_reading()
        if not self._fresh and self._error is None:
            loop = self.loop
            at = loop.time() + seconds
            self._waiter = loop.create_future()
            timer = loop.call_at(at if deadline is None else min(at, deadline), self._expire)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        self._fresh = False
        self._held = 0
        if self._error is not None and not self.conversation.complete:
            raise self._error

    def drop(self) -> None:
        """Close it at once."""
        if not self.lost and not self.loop.is_closed():
            self.transport.abort()

    def fit(self) -> bool:
        """Whether it may be used again after a while."""
        return (
            not self.lost and not self.transport.is_closing() and self.loop is asyncio.get_running_loop()
            and self.loop.time() - self.idle_since < IDLE_SECONDS and not self.readable()
        )  # fmt: skip


class AsyncTransport(Shared):
    """For asyncio, on any number of event loops, each with connections of its own.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(timeouts, tls=tls)
        self._homes: Homes[_AsyncConnection] = Homes(_leave, _AsyncConnection.drop)

    async def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return closed(request)
        prepared = self._prepared(request)
        origin = prepared.origin
        payload = request_bytes(request, prepared.path, prepared.headers)
        total = self._total(request)
        home = self._homes.here() or await self._homes.made()
        loop, places = home.loop, home.places
        progress = Progress(loop.time() + total)
        if not places.locked():
            await places.acquire()  # at once, without a timer
        else:
            try:
                async with asyncio.timeout(min(self._timeouts.pool, total)):
                    await places.acquire()
            except TimeoutError:
                return self._no_place(request)
        connection = answer = None
        try:
            if self._reuses(request):
                connection = self._idle_one(home, origin)
            connection = connection or await self._connected(home, origin, progress.deadline)
            if self._closed:
                return closed(request)
            answer = await self._asked(request, home, connection, payload, progress)
            return answer
        except FAILURES as error:
            return self._failed(request, origin, error, progress, loop.time())
        finally:
            if answer is None or answer.stream is None:
                self._give_back(home, connection, answer is not None)

    async def _asked(
        self, request: WireRequest, home: Home[_AsyncConnection], connection: _AsyncConnection, payload: memoryview,
        progress: Progress,
    ) -> Response:  # fmt: skip
        conversation, deadline = connection.conversation, progress.deadline
        if connection.transport.is_closing():
            raise ConnectionResetError("the server closed it at once")
        progress.doing = "write"
        connection.ask(request.method, payload)
        unsent = connection.transport.get_write_buffer_size()
        if unsent:
            await self._taken(connection, unsent, deadline)
        progress.doing = "read"
        seconds = self._read(request)
        while not conversation.headed:
            await connection.more(seconds, deadline)
        if is_streamed(request, conversation.status):
            return self._streamed(request, connection.origin, connection, home)
        body = body_for(request, conversation.headers)
        pieces = conversation.pieces
        while True:
            while pieces:
                body.add(pieces.popleft())
            if conversation.complete:
                break
            await connection.more(seconds, deadline)
        if unsent and connection.transport.get_write_buffer_size():
            conversation.reusable = False  # the server did not want the rest of the request
        return Response(conversation.status, conversation.headers, body.value())

    async def _taken(self, connection: _AsyncConnection, unsent: int, deadline: float) -> None:
        """Wait while the system does not take the whole request, as long as it moves or until an answer begins."""
        last = connection.loop.time()
        while unsent and not connection.conversation.headed:
            try:
                await connection.more(min(0.05, self._timeouts.write), deadline)
            except TimeoutError:
                now, left = connection.loop.time(), connection.transport.get_write_buffer_size()
                if left == unsent and (now - last >= self._timeouts.write or now >= deadline):
                    raise
                if left != unsent:
                    last, unsent = now, left

    def _idle_one(self, home: Home[_AsyncConnection], origin: Origin) -> _AsyncConnection | None:
        """A connection that was used before, and is not closed by now."""
        while (found := home.pool.take(origin)) is not None:
            if found.fit():
                return found
            _drop(home, found)
        return None

    async def _connected(self, home: Home[_AsyncConnection], origin: Origin, deadline: float) -> _AsyncConnection:
        loop = home.loop
        async with asyncio.timeout_at(min(loop.time() + self._timeouts.connect, deadline)):
            try:
                found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
            except UnicodeError:
                raise OSError("not a name of a host") from None
        # One address after the other, each with its own time, but never beyond the deadline.
        addresses = list(dict.fromkeys((info[0], info[4]) for info in found))
        for family, address in addresses[:-1]:
            with contextlib.suppress(OSError):
                return await self._reached(home, origin, family, address, deadline)
        return await self._reached(home, origin, *addresses[-1], deadline)

    async def _reached(
        self, home: Home[_AsyncConnection], origin: Origin, family: int, address: Any, deadline: float
    ) -> _AsyncConnection:
        loop = home.loop
        # A socket of ours, so that each address has its own time, on every event loop alike.
        connected = socket.socket(family, socket.SOCK_STREAM)
        try:
            async with asyncio.timeout_at(min(loop.time() + self._timeouts.connect, deadline)):
                connected.setblocking(False)
                await loop.sock_connect(connected, address)
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _, connection = await loop.create_connection(
                    lambda: _AsyncConnection(origin, connected, home.open), sock=connected,
                    ssl=self._tls if origin.tls else None, server_hostname=origin.host if origin.tls else None,
                )  # fmt: skip
        except BaseException:
            connected.close()
            raise
        home.pool.add(connection)
        return connection

    def _give_back(self, home: Home[_AsyncConnection], connection: _AsyncConnection | None, answered: bool) -> None:
        """After a request: the connection is kept if it is fit, and its place is free again."""
        home.places.release()
        if connection is None:
            return
        if not answered or self._closed or connection.lost or not connection.conversation.reusable:
            _drop(home, connection)
            return
        connection.idle = True
        connection.idle_since = connection.loop.time()
        home.keep(connection.origin, connection)

    async def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, Streamed)  # noqa: S101
        if stream.closed or not stream.home.is_here():
            return closed_stream(stream.label)
        try:
            while (piece := stream.next()) is None:
                await stream.connection.more(stream.seconds, None)
            return piece
        except FAILURES as error:
            self._end(stream, fit=False)
            return stream_failure(stream.label, stream.host, isinstance(error, TimeoutError))
        except BaseException:
            self._end(stream, fit=False)
            raise

    async def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        assert isinstance(stream, Streamed)  # noqa: S101
        self._end(stream, fit=stream.connection.conversation.complete)

    def _end(self, stream: Streamed, *, fit: bool) -> None:
        if not stream.closed:
            stream.closed = True
            stream.pending = iter(())
            if stream.home.is_here():  # otherwise its loop has ended, or it is the parent's
                self._give_back(stream.home, stream.connection, fit)

    async def close(self) -> None:
        """Close all connections. Requests that are under way end as broken ones do."""
        self._closed = True
        await self._homes.close()


def _cut_off(tls: ssl.SSLObject | None) -> bool:
    """Whether a connection under TLS ended without a farewell, which asyncio takes for an end in order."""
    if tls is None:
        return False
    try:
        tls.read(1)
    except ssl.SSLZeroReturnError:
        return False
    except ssl.SSLError:
        return True
    return False


def _drop(home: Home[_AsyncConnection], connection: _AsyncConnection) -> None:
    home.pool.forget(connection)
    connection.drop()


async def _leave(home: Home[_AsyncConnection]) -> None:
    home.pool.drain()
    for connection in tuple(home.open):
        connection.drop()
    for _ in range(10):  # the event loop closes sockets in its next turns, those under TLS a turn later
        if not home.open:
            break
        await asyncio.sleep(0)
