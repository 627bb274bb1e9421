"""The fast transport for asyncio."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

from anycarrier.transports._base import IDLE_SECONDS, Origin, Prepared
from anycarrier.transports._fast import Fast, watch
from anycarrier.transports._http1 import Broken, Conversation, request_bytes
from anycarrier.transports._lifecycle import Home, Progress
from anycarrier.transports._loops import Asynchronous
from anycarrier.transports.protocol import WireRequest

__all__ = ["AsyncTransport"]

HELD = 256 * 1024
"""Bytes of a body that may wait for their reader, or as many as the event loop reads at once."""


class _Connection(asyncio.Protocol):
    """A connection on an event loop. The request on it waits in :meth:`_receive`, one at a time."""

    __slots__ = (
        "_error",
        "_fresh",
        "_held",
        "_open",
        "_paused",
        "_unsent",
        "_waiter",
        "answer",
        "fileno",
        "idle",
        "idle_since",
        "loop",
        "lost",
        "origin",
        "progress",
        "readable",
        "transport",
    )

    transport: asyncio.Transport
    progress: Progress

    def __init__(self, origin: Origin, connected: socket.socket, open_ones: set[Any]) -> None:
        self.origin = origin
        self.fileno = connected.fileno
        self.answer = Conversation()
        self.loop = asyncio.get_running_loop()
        self.lost = False
        self.idle = True
        self.idle_since = 0.0
        self._open = open_ones
        self._error: Exception | None = None
        self._fresh = self._paused = False
        self._held = self._unsent = 0
        self._waiter: asyncio.Future[None] | None = None

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.readable = watch(transport.get_extra_info("socket").fileno())
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        if self.idle:
            self.transport.abort()
            return
        try:
            self.answer.feed(data)
        except Broken as error:
            self._error = error
        self._held += len(data)
        if self._held > HELD and not self.answer.complete:
            # No more until this is taken: a slow reader must not gather the rest of a body.
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        try:
            if _cut_off(self.transport.get_extra_info("ssl_object")):
                raise Broken
            self.answer.end()
        except Broken as error:
            self._error = self._error or error
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._open.discard(self)
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

    async def ask(self, request: WireRequest, prepared: Prepared, progress: Progress) -> tuple[int, dict[str, str]]:
        if self.transport.is_closing():
            raise ConnectionResetError("the server closed it at once")
        answer, self.progress = self.answer, progress
        progress.doing = "write"
        answer.ask(request.method)
        self.idle = self._fresh = False
        self.transport.write(request_bytes(request, prepared.path, prepared.headers))
        self._unsent = self.transport.get_write_buffer_size()
        if self._unsent:
            await self._accepted()
        progress.doing = "read"
        while not answer.headed:
            await self._receive(progress.read)
        return answer.status, answer.headers

    async def more(self) -> None:
        await self._receive(self.progress.read)

    def reusable(self) -> bool:
        self.idle = True
        self.idle_since = self.loop.time()
        # A server that answered before it accepted the whole request does not want the rest.
        refused = self._unsent and self.transport.get_write_buffer_size()
        return self.answer.reusable and not self.lost and not refused

    def usable(self) -> bool:
        return (
            not self.lost
            and not self.transport.is_closing()
            and self.loop.time() - self.idle_since < IDLE_SECONDS
            and not self.readable()
        )

    async def close(self) -> None:
        if not self.lost and not self.loop.is_closed():
            self.transport.abort()

    async def _accepted(self) -> None:
        """Wait until the system accepts the whole request, as long as it moves or until an answer begins."""
        progress, unsent, last = self.progress, self._unsent, self.loop.time()
        while unsent and not self.answer.headed:
            try:
                await self._receive(min(0.05, progress.write))
            except TimeoutError:
                now, left = self.loop.time(), self.transport.get_write_buffer_size()
                if left == unsent and (now - last >= progress.write or now >= progress.deadline):
                    raise
                if left != unsent:
                    last, unsent = now, left

    async def _receive(self, seconds: float) -> None:
        """Wait until something came since the last look; raise what broke the connection, or ``TimeoutError``."""
        if self._paused and not self._fresh:
            self._paused = False
            self.transport.resume_reading()
        if not self._fresh and self._error is None:
            loop = self.loop
            self._waiter = loop.create_future()
            timer = loop.call_at(min(loop.time() + seconds, self.progress.deadline), self._expire)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        self._fresh = False
        self._held = 0
        if self._error is not None and not self.answer.complete:
            raise self._error


class AsyncTransport(Fast[_Connection], Asynchronous[_Connection]):
    """The fast transport for asyncio."""

    async def _looked_up(self, origin: Origin, progress: Progress) -> Any:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout_at(min(loop.time() + progress.connect, progress.deadline)):
            return await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)

    async def _reached(
        self, home: Home[_Connection], origin: Origin, family: int, address: Any, progress: Progress
    ) -> _Connection:
        loop = asyncio.get_running_loop()
        # A socket of ours, so that each address has its own time, on every event loop alike.
        connected = socket.socket(family, socket.SOCK_STREAM)
        try:
            async with asyncio.timeout_at(min(loop.time() + progress.connect, progress.deadline)):
                connected.setblocking(False)
                await loop.sock_connect(connected, address)
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _, connection = await loop.create_connection(
                    lambda: _Connection(origin, connected, home.open),
                    sock=connected,
                    ssl=self._tls if origin.tls else None,
                    server_hostname=origin.host if origin.tls else None,
                )
        except BaseException:
            connected.close()
            raise
        home.pool.add(connection)
        return connection


def _cut_off(tls: ssl.SSLObject | None) -> bool:
    """Return whether a TLS connection ended without a close message, which asyncio takes for an orderly end."""
    if tls is None:
        return False
    try:
        tls.read(1)
    except ssl.SSLZeroReturnError:
        return False
    except ssl.SSLError:
        return True
    return False
