"""What httpx and httpx2 share, blocking: sockets whose every wait ends with the deadline, and the transport."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

from anycarrier import processes
from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.transports import _base
from anycarrier.transports._base import (
    Origin,
    Prepared,
    closed,
    closed_stream,
    gathered,
    is_streamed,
)
from anycarrier.transports._body import Decoder
from anycarrier.transports._httpx import Progress, Shared, Streamed, fit, under_way
from anycarrier.transports._pool import Places, Pool
from anycarrier.transports.protocol import WireRequest

__all__ = ["SyncTransport"]


class _Backend:
    """httpcore's blocking backend, with each wait cut to what is left of the deadline."""

    def __init__(self, core: Any) -> None:
        self._core = core
        self._backend = core.SyncBackend()
        self._open: set[_Stream] = set()

    def connections(self) -> list[_Stream]:
        """All that are open."""
        return [*self._open]

    def interrupt(self) -> None:
        """Wake every thread that waits for one of our connections; closing a socket would not."""
        for stream in tuple(self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> _Stream:
        core = self._core
        timeout = _left(timeout, core.ConnectTimeout)
        if (progress := under_way.get()) is not None:
            progress.connecting = True
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
        timeout = _left(timeout, self._core.ConnectTimeout)
        return _Stream(self._core, self._backend.connect_tcp(address, port, timeout=timeout, **more), self._open)


class _Stream:
    """One connection of :class:`_Backend`."""

    def __init__(self, core: Any, stream: Any, among: set[_Stream]) -> None:
        self._core = core
        self._stream = stream
        self._socket = stream.get_extra_info("socket")
        self._among = among
        self.get_extra_info = stream.get_extra_info
        self.fileno = self._socket.fileno
        among.add(self)

    def close(self) -> None:
        self._among.discard(self)
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        timeout = _left(timeout, self._core.ConnectTimeout)
        try:
            stream = _Stream(self._core, self._stream.start_tls(ssl_context, server_hostname, timeout), self._among)
        except BaseException:
            # httpcore closes it after errors only, and not when a handshake is interrupted.
            self.close()
            raise
        self._among.discard(self)
        return stream

    # Read and written straight at the socket: httpcore's stream wraps each in a context manager, which costs more.

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        connected = self._socket
        connected.settimeout(_left(timeout, self._core.ReadTimeout))
        try:
            return connected.recv(max_bytes)  # type: ignore[no-any-return]
        except TimeoutError as error:
            raise self._core.ReadTimeout(str(error)) from error
        except OSError as error:
            raise self._core.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        if (progress := under_way.get()) is not None:
            progress.sent = True
        connected, left = self._socket, memoryview(buffer)
        try:
            while left:
                connected.settimeout(_left(timeout, self._core.WriteTimeout))
                left = left[connected.send(left[:65536]) :]
        except TimeoutError as error:
            raise self._core.WriteTimeout(str(error)) from error
        except OSError as error:
            raise self._core.WriteError(str(error)) from error


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    progress = under_way.get()
    if progress is None:
        return timeout
    left = progress.deadline - time.monotonic()
    if left <= 0:
        raise error("the deadline has passed")
    return left if timeout is None else min(timeout, left)


class SyncTransport(Shared):
    """Blocking, and safe to share between threads.

    The name of a host is looked up by the system, which no deadline can interrupt; all else ends in time.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def _made(self) -> Any:
        self._begin()
        processes.begins_anew(self)
        return self._with_pool(self.library.httpx.HTTPTransport(verify=self._tls, trust_env=False))

    def _begin(self) -> None:
        self._places = Places(_base.MAX_CONNECTIONS)
        self._pool: Pool[Any] = Pool(lambda connection: connection.close())
        self._backend = _Backend(self.library.httpcore)
        self._streams: set[Streamed] = set()

    def forked(self) -> None:
        """Begin with no connection; those that there were are the parent's."""
        connections, streams = self._backend.connections(), self._streams
        self._begin()
        for stream in streams:
            stream.closed, stream.lock = True, threading.RLock()
        processes.leave_to_parent(connections)
        for connection in connections:
            connection.close()

    def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return closed(request)
        prepared = self._prepared(request)
        origin = prepared.origin
        total = self._total(request)
        progress = Progress(time.monotonic() + total)
        if not self._places.take(min(self._timeouts.pool, total)):
            return self._no_place(request)
        answer = None
        under_way.set(progress)
        try:
            progress.connection = self._idle_one(origin) if self._reuses(request) else None
            if progress.connection is None:
                progress.connection = self._new(self.library.httpcore.HTTPConnection, origin, self._backend)
                self._pool.add(progress.connection)
            if self._closed:  # by another thread
                return closed(request)
            answer = self._answer(request, prepared, progress.connection)
            return answer
        except self.library.failures as error:
            # A system may end a wait a little early.
            late = time.monotonic() > progress.deadline - 0.005 and isinstance(error, self.library.timeouts)
            return self._failed(request, origin, error, progress, late)
        finally:
            under_way.set(None)
            if answer is None or answer.stream is None:
                self._give_back(origin, progress.connection)

    def _answer(self, request: WireRequest, prepared: Prepared, connection: Any) -> Response:
        lib = self.library
        if lib.httpx.HTTPTransport.handle_request is lib.plain[0]:
            response = connection.handle_request(self._core_request(request, prepared))
            status, raw = response.status, response.headers
        else:
            response = self._http.handle_request(self._httpx_request(request, prepared))
            status, raw = response.status_code, response.headers.raw
        stream = response.stream
        try:
            headers = gathered(raw)
            if is_streamed(request, status):
                decoder = Decoder(headers.get("content-encoding", ""))
                streamed = Streamed(request, prepared.origin, connection, stream, iter(stream), decoder)
                self._streams.add(streamed)
                return Response(status, headers, stream=streamed)
            body = self._body(request, headers)
            for chunk in stream:
                body.add(chunk)
            answer = Response(status, headers, body.value())
        except BaseException:
            stream.close()
            raise
        stream.close()
        return answer

    def _idle_one(self, origin: Origin) -> Any:
        """A connection that was used before, and is not closed by now."""
        while (found := self._pool.take(origin)) is not None:
            if not found.has_expired():
                return found
            self._drop(found)
        return None

    def _give_back(self, origin: Origin, connection: Any) -> None:
        """After a request: the connection is kept if it is fit, and its place is free again."""
        try:
            if connection is None:
                return
            if self._closed or not fit(connection):
                self._drop(connection)
            elif (too_many := self._pool.put(origin, connection)) is not None:
                self._drop(too_many)
        finally:
            self._places.give_back()

    def _drop(self, connection: Any) -> None:
        self._pool.forget(connection)
        connection.close()

    def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, Streamed)  # noqa: S101
        if stream.closed:
            return closed_stream(stream.label)
        with stream.lock:
            try:
                while True:
                    for piece in stream.pending:
                        return piece
                    if (chunk := next(stream.chunks, None)) is None:
                        stream.decoder.finish()
                        return b""
                    stream.pending = stream.decoder.decode(chunk)
            except self.library.failures as error:
                self.close_stream(stream)
                return self._stream_failed(stream, error)
            except BaseException:
                self.close_stream(stream)
                raise

    def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        assert isinstance(stream, Streamed)  # noqa: S101
        with stream.lock:
            if not stream.closed:
                stream.closed = True
                self._streams.discard(stream)
                try:
                    stream.stream.close()
                    if hasattr(stream.chunks, "close"):
                        stream.chunks.close()
                finally:
                    self._give_back(stream.origin, stream.connection)

    def close(self) -> None:
        """Close all connections. Requests that are under way end as broken ones do."""
        self._closed = True
        idle, _ = self._pool.drain()
        for connection in idle:
            connection.close()
        self._backend.interrupt()
        for stream in tuple(self._streams):
            if stream.lock.acquire(blocking=False):  # nobody reads it just now
                try:
                    self.close_stream(stream)
                finally:
                    stream.lock.release()
