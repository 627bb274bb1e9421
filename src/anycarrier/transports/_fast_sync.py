"""The fast transport, blocking."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Any

from anycarrier.transports._base import IDLE_SECONDS, Origin, Prepared
from anycarrier.transports._blocking import Blocking
from anycarrier.transports._body import STEP
from anycarrier.transports._fast import Fast, watch
from anycarrier.transports._http1 import Conversation, request_bytes
from anycarrier.transports._lifecycle import Home, Progress
from anycarrier.transports.protocol import WireRequest

__all__ = ["SyncTransport"]


class _Connection:
    """A connected socket, and the HTTP conversation on it."""

    __slots__ = ("answer", "fileno", "idle_since", "origin", "progress", "readable", "refused", "socket")

    progress: Progress

    def __init__(self, origin: Origin, connected: socket.socket) -> None:
        self.origin = origin
        self.socket = connected
        self.fileno = connected.fileno
        self.answer = Conversation()
        self.readable = watch(connected.fileno())
        self.idle_since = 0.0
        self.refused = False

    async def ask(self, request: WireRequest, prepared: Prepared, progress: Progress) -> tuple[int, dict[str, str]]:
        answer, self.progress = self.answer, progress
        payload = request_bytes(request, prepared.path, prepared.headers)
        answer.ask(request.method)
        progress.doing = "write"
        try:
            while payload:  # in pieces, so that a large body may take its time as long as it moves
                self._limit(progress.write)
                payload = payload[self.socket.send(payload[:STEP]) :]
        except (BrokenPipeError, ConnectionResetError):
            self.refused = True  # a server that does not want the whole of it may have said why
        progress.doing = "read"
        while not answer.headed:
            self._receive()
        return answer.status, answer.headers

    async def more(self) -> None:
        self._receive()

    def reusable(self) -> bool:
        self.idle_since = time.monotonic()
        connected = self.socket
        # TLS may hold bytes that the system no longer shows.
        left_over = isinstance(connected, ssl.SSLSocket) and connected.pending()
        return self.answer.reusable and not self.refused and not left_over

    def usable(self) -> bool:
        return time.monotonic() - self.idle_since < IDLE_SECONDS and not self.readable()

    async def close(self) -> None:
        self.socket.close()

    def _limit(self, seconds: float) -> None:
        """Bound the next wait."""
        seconds = min(seconds, self.progress.deadline - time.monotonic())
        if seconds <= 0:
            raise TimeoutError
        self.socket.settimeout(seconds)

    def _receive(self) -> None:
        """Wait for more of the answer."""
        self._limit(self.progress.read)
        if data := self.socket.recv(STEP):
            self.answer.feed(data)
        else:
            self.answer.end()


class SyncTransport(Fast[_Connection], Blocking[_Connection]):
    """The fast transport, blocking."""

    async def _looked_up(self, origin: Origin, progress: Progress) -> Any:
        return socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)

    async def _reached(
        self, home: Home[_Connection], origin: Origin, family: int, address: Any, progress: Progress
    ) -> _Connection:
        connected = socket.socket(family, socket.SOCK_STREAM)
        try:
            connected.settimeout(self._connect_seconds(progress))
            connected.connect(address)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if origin.tls:
                connected = self._tls.wrap_socket(
                    connected,
                    server_hostname=origin.host,
                    do_handshake_on_connect=False,
                    suppress_ragged_eofs=False,  # a body that ends with its connection must not be cut short unnoticed
                )
                connected.settimeout(self._connect_seconds(progress))
                connected.do_handshake()
            connection = _Connection(origin, connected)
            home.pool.add(connection)
            return connection
        except BaseException:
            connected.close()
            raise

    def _connect_seconds(self, progress: Progress) -> float:
        left = progress.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(progress.connect, left)

    def _interrupt(self, connection: _Connection) -> None:
        with contextlib.suppress(OSError):  # the system's own call, below TLS
            socket.socket.shutdown(connection.socket, socket.SHUT_RDWR)
