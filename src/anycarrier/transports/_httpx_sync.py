"""The blocking transport on httpx or httpx2, over sockets whose every wait ends with the deadline."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Any

from anycarrier.transports._base import Origin, Prepared, gathered
from anycarrier.transports._blocking import Blocking
from anycarrier.transports._httpx import Backend, CoreAnswer, CoreConnection, Httpx, Library
from anycarrier.transports._lifecycle import Home, Progress
from anycarrier.transports.protocol import Timeouts, WireRequest

__all__ = ["SyncTransport"]


class _Backend(Backend):
    """httpcore's blocking backend."""

    def __init__(self, core: Any) -> None:
        super().__init__(core, time.monotonic)
        self._backend = core.SyncBackend()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> _Stream:
        core = self.core
        timeout = self.left(timeout, core.ConnectTimeout)
        self.note("connect")
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise core.ConnectError(str(error)) from None
        # One address after the other, as socket.create_connection does, but never beyond the deadline.
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        for address in addresses[:-1]:
            try:
                return self._connected(address, port, timeout, more)
            except (core.ConnectError, core.ConnectTimeout):
                continue
        return self._connected(addresses[-1], port, timeout, more)

    def _connected(self, address: str, port: int, timeout: float | None, more: dict[str, Any]) -> _Stream:
        timeout = self.left(timeout, self.core.ConnectTimeout)
        return _Stream(self, self._backend.connect_tcp(address, port, timeout=timeout, **more))


class _Stream:
    """The socket of a connection, as httpcore uses it."""

    def __init__(self, backend: _Backend, stream: Any) -> None:
        self._backend = backend
        self._core = backend.core
        self._stream = stream
        self.socket = stream.get_extra_info("socket")
        self.get_extra_info = stream.get_extra_info
        backend.stream = self

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        timeout = self._backend.left(timeout, self._core.ConnectTimeout)
        try:
            return _Stream(self._backend, self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            # httpcore closes it after errors only, and not when a handshake is interrupted.
            self.close()
            raise

    # Read and written straight at the socket: httpcore's stream wraps each in a context manager, which costs more.

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        connected = self.socket
        connected.settimeout(self._backend.left(timeout, self._core.ReadTimeout))
        try:
            return connected.recv(max_bytes)  # type: ignore[no-any-return]
        except TimeoutError as error:
            raise self._core.ReadTimeout(str(error)) from error
        except OSError as error:
            raise self._core.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        self._backend.note("write")
        connected, left = self.socket, memoryview(buffer)
        try:
            while left:
                connected.settimeout(self._backend.left(timeout, self._core.WriteTimeout))
                left = left[connected.send(left[:65536]) :]
        except TimeoutError as error:
            raise self._core.WriteTimeout(str(error)) from error
        except OSError as error:
            raise self._core.WriteError(str(error)) from error


class _Connection(CoreConnection):
    """A connection whose waits block."""

    async def ask(self, request: WireRequest, prepared: Prepared, progress: Progress) -> tuple[int, dict[str, str]]:
        lib = self.library
        self.progress = self.backend.progress = progress
        if lib.httpx.HTTPTransport.handle_request is lib.plain[0]:
            response = self.core.handle_request(self._core_request(request, prepared))
            status, headers = response.status, response.headers
        else:
            response = self.http.handle_request(self._httpx_request(request, prepared))
            status, headers = response.status_code, response.headers.raw
        self.answer = CoreAnswer(response.stream, iter(response.stream))
        return status, gathered(headers)

    async def more(self) -> None:
        answer = self.answer
        if (piece := next(answer.chunks, None)) is not None:
            answer.pieces.append(piece)
        else:
            answer.stream.close()
            answer.complete = True

    async def close(self) -> None:
        if (stream := self.answer.stream) is not None and not self.answer.complete:
            stream.close()
        self.core.close()
        if self.backend.stream is not None:  # also of a connection that httpcore was still making
            self.backend.stream.close()

    def fileno(self) -> int:
        stream = self.backend.stream
        return -1 if stream is None else stream.socket.fileno()


class SyncTransport(Httpx[_Connection], Blocking[_Connection]):
    """The blocking transport on httpx or httpx2."""

    def __init__(self, library: Library, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(library, timeouts, tls=tls)
        self._http = self._with_pool(library.httpx.HTTPTransport(verify=self._tls, trust_env=False))

    async def _connected(self, home: Home[_Connection], origin: Origin, progress: Progress) -> _Connection:
        lib = self.library
        backend = _Backend(lib.httpcore)
        core = self._core(lib.httpcore.HTTPConnection, origin, backend)
        connection = _Connection(lib, self._http, origin, core, backend)
        home.pool.add(connection)
        return connection

    def _interrupt(self, connection: _Connection) -> None:
        if (stream := connection.backend.stream) is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(stream.socket, socket.SHUT_RDWR)
