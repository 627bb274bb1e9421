"""What httpx and httpx2 share: both transports, on a library that is given.

Requests go to connections of httpcore directly, without a ``Client`` and without httpcore's pool: so there are no
redirects, no cookies, no netrc, no proxies from the environment and no log line with the URL, and a request costs less.
Recorders such as vcrpy look at ``HTTPTransport.handle_request``; while one does, requests are made for that method, and
what it lets pass comes back to the same connections.

The pool is ours because httpcore 1.0.9's walks over all its connections for each request, which is what makes many at
once slow, and loses a place for ever when a task is cancelled in the moment in which it gets one.

Two things go through a network backend of ours, which httpcore documents:

* a total deadline for a blocking request. httpx's timeouts bound each wait, so a server that trickles one byte at a
  time holds a call for ever. The backend cuts each wait to what is left.
* knowing whether a request has left. The backend sees the first write, so "nothing was sent" is a fact and no guess.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, ClassVar

from attrs import frozen

from anycarrier.errors import ConfigurationError, TransportError
from anycarrier.exchange import Response
from anycarrier.transports import OTHER_BYTES, PURCHASE_BYTES, Timeouts, _base
from anycarrier.transports._base import (
    IDLE_SECONDS,
    Base,
    Origin,
    Trouble,
    cap,
    closed,
    closed_stream,
    gathered,
    is_streamed,
    is_tls,
    stream_failure,
)
from anycarrier.transports._body import Body, Decoder, Malformed, TooLarge
from anycarrier.transports._pool import Pool
from anycarrier.wire import WireRequest

__all__ = ["OTHER_BYTES", "PURCHASE_BYTES", "AsyncTransport", "Library", "SyncTransport", "library"]


@frozen
class Library:
    """httpx or httpx2, with the httpcore that belongs to it, and which of their errors mean what.

    Attributes:
        plain: the two methods through which recorders look, as the library has them.
    """

    httpx: Any
    httpcore: Any
    plain: tuple[object, object]
    failures: tuple[type[Exception], ...]
    timeouts: tuple[type[Exception], ...]
    write_timeouts: tuple[type[Exception], ...]
    unsent: tuple[type[Exception], ...]


def library(httpx: Any, httpcore: Any) -> Library:
    """Describe a library, and keep its debug log clean."""
    for part in ("connection", "http11"):
        logging.getLogger(f"{httpcore.__name__}.{part}").addFilter(_without_headers)
    both = (httpx, httpcore)
    return Library(
        httpx, httpcore, (_plain(httpx, "HTTPTransport", "handle_request"),
                          _plain(httpx, "AsyncHTTPTransport", "handle_async_request")),
        failures=(httpx.TransportError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError,
                  OSError, TooLarge, Malformed),
        timeouts=tuple(part.TimeoutException for part in both),
        write_timeouts=tuple(part.WriteTimeout for part in both),
        unsent=tuple(error for part in both for error in (part.ConnectError, part.ConnectTimeout)),
    )  # fmt: skip


def _plain(httpx: Any, owner: str, name: str) -> object:
    """A method of the library's, or something that nothing is when a recorder has put its own there already."""
    found = getattr(getattr(httpx, owner), name, None)
    # Where a function was written is told by its globals, which a wrapper cannot take over as it does ``__module__``.
    home = str(getattr(found, "__globals__", {}).get("__name__", ""))
    return found if home.partition(".")[0] == httpx.__name__ else object()


class _Progress:
    """How far the request of the current thread or task has come."""

    __slots__ = ("connecting", "connection", "deadline", "sent")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.connection: Any = None
        self.connecting = False
        self.sent = False


# A request is performed wholly in the thread or task that asked for it, so the backend, which httpcore tells nothing
# about the request, finds its progress here.
_progress: ContextVar[_Progress | None] = ContextVar("anycarrier_progress", default=None)


def _without_headers(record: logging.LogRecord) -> bool:
    """Cut response headers, such as cookies and redirects, out of httpcore's debug lines about our requests."""
    if _progress.get() is not None and isinstance(record.msg, str):
        record.msg = record.msg.split(", [(", 1)[0]
    return True


class _Backend:
    """httpcore's blocking backend, with each wait cut to what is left of the deadline."""

    def __init__(self, core: Any) -> None:
        self._core = core
        self._backend = core.SyncBackend()
        self._open: set[_Stream] = set()

    def interrupt(self) -> None:
        """Wake every thread that waits for one of our connections; closing a socket would not."""
        for stream in tuple(self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> _Stream:
        core = self._core
        timeout = _left(timeout, core.ConnectTimeout)
        if (progress := _progress.get()) is not None:
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
        if (progress := _progress.get()) is not None:
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
    progress = _progress.get()
    if progress is None:
        return timeout
    left = progress.deadline - time.monotonic()
    if left <= 0:
        raise error("the deadline has passed")
    return left if timeout is None else min(timeout, left)


class _AsyncBackend:
    """httpcore's backend for asyncio, which notes what leaves. The deadline is :func:`asyncio.timeout`'s business."""

    def __init__(self, core: Any) -> None:
        self._backend = core.AnyIOBackend()

    async def connect_tcp(self, *args: Any, **more: Any) -> _AsyncStream:
        if (progress := _progress.get()) is not None:
            progress.connecting = True
        return _AsyncStream(await self._backend.connect_tcp(*args, **more))


class _AsyncStream:
    """One connection of :class:`_AsyncBackend`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.aclose = stream.aclose
        self.read = stream.read
        self.get_extra_info = stream.get_extra_info

    async def start_tls(self, *args: Any, **more: Any) -> _AsyncStream:
        try:
            return _AsyncStream(await self._stream.start_tls(*args, **more))
        except BaseException:
            # httpcore closes it after errors only, and not when a handshake is cancelled.
            await self._stream.aclose()
            raise

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if (progress := _progress.get()) is not None and buffer:
            progress.sent = True
        await self._stream.write(buffer, timeout)


class _Streamed:
    """A streamed answer: what ``Response.stream`` holds."""

    __slots__ = ("chunks", "closed", "connection", "decoder", "host", "label", "lock", "origin",
                 "pending", "stream")  # fmt: skip

    def __init__(
        self, request: WireRequest, origin: Origin, connection: Any, stream: Any, chunks: Any, decoder: Decoder
    ) -> None:
        self.label = request.label
        self.host = origin.netloc
        self.origin = origin
        self.connection = connection
        self.stream = stream
        self.chunks = chunks
        self.decoder = decoder
        self.lock = threading.RLock()
        self.pending: Iterator[bytes] = iter(())
        self.closed = False

    def __repr__(self) -> str:
        return f"<stream of {self.label}>"


class _Ours:
    """What stands in the place of httpcore's pool, for recorders, which call through the library's transport."""

    def handle_request(self, request: Any) -> Any:
        return _connection().handle_request(request)

    async def handle_async_request(self, request: Any) -> Any:
        return await _connection().handle_async_request(request)


def _connection() -> Any:
    progress = _progress.get()
    assert progress is not None  # noqa: S101
    return progress.connection


class _Base(Base):
    """What both colours have in common: everything but waiting."""

    library: ClassVar[Library]

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(timeouts, tls=tls)
        self._pool: Pool[Any] = Pool()
        self._cores: dict[Origin, Any] = {}
        self._http = self._made()

    def _made(self) -> Any:
        raise NotImplementedError

    def _with_pool(self, transport: Any) -> Any:
        if not hasattr(transport, "_pool"):
            name = self.library.httpx.__name__
            raise ConfigurationError(f"this version of {name} is not supported: its transports have no _pool")
        transport._pool = _Ours()  # noqa: SLF001
        return transport

    def _new(self, made: Any, origin: Origin, backend: Any) -> Any:
        """A connection that connects when it is first used."""
        core_origin = self._cores.get(origin)
        if core_origin is None:
            scheme = b"https" if origin.tls else b"http"
            core_origin = self._cores[origin] = self.library.httpcore.Origin(scheme, origin.host.encode(), origin.port)
        connection = made(
            core_origin, ssl_context=self._tls, keepalive_expiry=IDLE_SECONDS, retries=0, network_backend=backend
        )
        self._pool.add(connection)
        return connection

    def _waits(self, request: WireRequest) -> dict[str, Any]:
        timeouts = self._timeouts
        # Each may be longer than what is left of the deadline, which cuts them; after a streamed head there is none.
        waits = {"connect": timeouts.connect, "read": self._read(request), "write": timeouts.write}
        return {"timeout": waits}

    def _core_request(self, request: WireRequest, prepared: tuple[Origin, str, list[tuple[str, str]]]) -> Any:
        """The request as httpx would give it to httpcore, made at once."""
        core, (origin, path, headers) = self.library.httpcore, prepared
        scheme = b"https" if origin.tls else b"http"
        url = core.URL(scheme=scheme, host=origin.host.encode(), port=origin.port, target=path.encode())
        return core.Request(request.method, url, headers=headers, content=request.body, extensions=self._waits(request))

    def _httpx_request(self, request: WireRequest, headers: list[tuple[str, str]]) -> Any:
        """The same for a recorder, which wants to see a request of the library."""
        return self.library.httpx.Request(
            request.method, request.url, headers=headers, content=request.body, extensions=self._waits(request)
        )

    def _body(self, request: WireRequest, headers: dict[str, str]) -> Body:
        return Body(headers.get("content-encoding", ""), headers.get("content-length"), cap(request))

    def _failed(
        self, request: WireRequest, origin: Origin, error: Exception, progress: _Progress, late: bool
    ) -> TransportError:
        """What to tell: which kind, and whether anything can have left. Nothing of *error* is kept but plain words."""
        lib = self.library
        sent = progress.sent or not (isinstance(error, lib.unsent) or (late and progress.connecting))
        trouble: Trouble = "broken"
        if late:
            trouble = "deadline"
        elif not sent:
            trouble = "tls" if is_tls(error) else "connect"
        elif isinstance(error, TooLarge):
            trouble = "too_large"
        elif isinstance(error, Malformed):
            trouble = "malformed"
        elif isinstance(error, lib.write_timeouts):
            trouble = "write"
        elif isinstance(error, lib.timeouts):
            trouble = "read"
        return self._failure(request, origin, trouble, sent, error)

    def _stream_failed(self, streamed: _Streamed, error: Exception) -> TransportError:
        return stream_failure(streamed.label, streamed.host, isinstance(error, self.library.timeouts))


def _fit(connection: Any) -> bool:
    """Whether *connection* may be used again.

    httpcore 1.0.9 and httpcore2 2.16 keep one on which more came than the answer, and take what is left over for the
    answer to the next request. Where h11 cannot be asked, none is kept.
    """
    if not connection.is_idle():
        return False
    state = getattr(getattr(connection, "_connection", None), "_h11_state", None)
    return state is not None and not state.trailing_data[0]


class SyncTransport(_Base):
    """Blocking, and safe to share between threads.

    The name of a host is looked up by the system, which no deadline can interrupt; all else ends in time.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def _made(self) -> Any:
        self._places = threading.Semaphore(_base.MAX_CONNECTIONS)
        self._backend = _Backend(self.library.httpcore)
        self._streams: set[_Streamed] = set()
        return self._with_pool(self.library.httpx.HTTPTransport(verify=self._tls, trust_env=False))

    def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return closed(request)
        prepared = self._prepared(request)
        origin = prepared[0]
        total = self._total(request)
        progress = _Progress(time.monotonic() + total)
        if not self._places.acquire(timeout=min(self._timeouts.pool, total)):
            return self._no_place(request)
        answer = None
        _progress.set(progress)
        try:
            progress.connection = self._idle_one(origin) or self._new(
                self.library.httpcore.HTTPConnection, origin, self._backend
            )
            if self._closed:  # by another thread
                return closed(request)
            answer = self._answer(request, prepared, progress.connection)
            return answer
        except self.library.failures as error:
            # A system may end a wait a little early.
            late = time.monotonic() > progress.deadline - 0.005 and isinstance(error, self.library.timeouts)
            return self._failed(request, origin, error, progress, late)
        finally:
            _progress.set(None)
            if answer is None or answer.stream is None:
                self._give_back(origin, progress.connection)

    def _answer(
        self, request: WireRequest, prepared: tuple[Origin, str, list[tuple[str, str]]], connection: Any
    ) -> Response:
        lib = self.library
        if lib.httpx.HTTPTransport.handle_request is lib.plain[0]:
            response = connection.handle_request(self._core_request(request, prepared))
            status, raw = response.status, response.headers
        else:
            response = self._http.handle_request(self._httpx_request(request, prepared[2]))
            status, raw = response.status_code, response.headers.raw
        stream = response.stream
        try:
            headers = gathered(raw)
            if is_streamed(request, status):
                decoder = Decoder(headers.get("content-encoding", ""))
                streamed = _Streamed(request, prepared[0], connection, stream, iter(stream), decoder)
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
            if self._closed or not _fit(connection):
                self._drop(connection)
            elif (too_many := self._pool.put(origin, connection)) is not None:
                self._drop(too_many)
        finally:
            self._places.release()

    def _drop(self, connection: Any) -> None:
        self._pool.forget(connection)
        connection.close()

    def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, _Streamed)  # noqa: S101
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
        assert isinstance(stream, _Streamed)  # noqa: S101
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


class AsyncTransport(_Base):
    """For asyncio, on one event loop.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def _made(self) -> Any:
        import asyncio

        self._asyncio = asyncio  # 10 ms to import, which a blocking client can do without
        self._places = asyncio.Semaphore(_base.MAX_CONNECTIONS)
        self._backend = _AsyncBackend(self.library.httpcore)
        return self._with_pool(self.library.httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False))

    async def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return closed(request)
        prepared = self._prepared(request)
        origin = prepared[0]
        total = self._total(request)
        progress = _Progress(time.monotonic() + total)
        if not self._places.locked():
            await self._places.acquire()  # at once, without a timer
        else:
            try:
                async with self._asyncio.timeout(min(self._timeouts.pool, total)):
                    await self._places.acquire()
            except TimeoutError:
                return self._no_place(request)
        answer = None
        _progress.set(progress)
        limit = self._asyncio.timeout(max(0.0, progress.deadline - time.monotonic()))
        try:
            async with limit:
                progress.connection = await self._idle_one(origin) or self._new(
                    self.library.httpcore.AsyncHTTPConnection, origin, self._backend
                )
                answer = await self._answer(request, prepared, progress.connection)
            return answer
        except self.library.failures as error:
            return self._failed(request, origin, error, progress, limit.expired())
        finally:
            _progress.set(None)
            if answer is None or answer.stream is None:
                await self._give_back(origin, progress.connection)

    async def _answer(
        self, request: WireRequest, prepared: tuple[Origin, str, list[tuple[str, str]]], connection: Any
    ) -> Response:
        lib = self.library
        if lib.httpx.AsyncHTTPTransport.handle_async_request is lib.plain[1]:
            response = await connection.handle_async_request(self._core_request(request, prepared))
            status, raw = response.status, response.headers
        else:
            response = await self._http.handle_async_request(self._httpx_request(request, prepared[2]))
            status, raw = response.status_code, response.headers.raw
        stream = response.stream
        try:
            headers = gathered(raw)
            if is_streamed(request, status):
                decoder = Decoder(headers.get("content-encoding", ""))
                streamed = _Streamed(request, prepared[0], connection, stream, aiter(stream), decoder)
                return Response(status, headers, stream=streamed)
            body = self._body(request, headers)
            async for chunk in stream:
                body.add(chunk)
            answer = Response(status, headers, body.value())
        except BaseException:
            await stream.aclose()
            raise
        await stream.aclose()
        return answer

    async def _idle_one(self, origin: Origin) -> Any:
        """A connection that was used before, and is not closed by now."""
        while (found := self._pool.take(origin)) is not None:
            if not found.has_expired():
                return found
            await self._drop(found)
        return None

    async def _give_back(self, origin: Origin, connection: Any) -> None:
        """After a request: the connection is kept if it is fit, and its place is free again."""
        self._places.release()
        if connection is None:
            return
        if self._closed or not _fit(connection):
            await self._drop(connection)
        elif (too_many := self._pool.put(origin, connection)) is not None:
            await self._drop(too_many)

    async def _drop(self, connection: Any) -> None:
        self._pool.forget(connection)
        await connection.aclose()

    async def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, _Streamed)  # noqa: S101
        if stream.closed:
            return closed_stream(stream.label)
        try:
            while True:
                for piece in stream.pending:
                    return piece
                if (chunk := await anext(stream.chunks, None)) is None:
                    stream.decoder.finish()
                    return b""
                stream.pending = stream.decoder.decode(chunk)
        except self.library.failures as error:
            await self.close_stream(stream)
            return self._stream_failed(stream, error)
        except BaseException:
            await self.close_stream(stream)
            raise

    async def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        assert isinstance(stream, _Streamed)  # noqa: S101
        if not stream.closed:
            stream.closed = True
            try:
                await stream.stream.aclose()
                if hasattr(stream.chunks, "aclose"):
                    await stream.chunks.aclose()
            finally:
                await self._give_back(stream.origin, stream.connection)

    async def close(self) -> None:
        """Close all connections. Requests that are under way end as broken ones do."""
        self._closed = True
        for connections in self._pool.drain():
            for connection in connections:
                await connection.aclose()
