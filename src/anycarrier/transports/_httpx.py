"""What httpx and httpx2 share: both transports, on a library that is given.

``HTTPTransport.handle_request`` is used directly, without a ``Client``: so there are no redirects, no cookies, no
netrc, no proxies from the environment and no log line with the URL, and a request costs less. Recorders such as vcrpy
hook in at that same method.

Who waits for a free connection waits here and not in httpcore's queue: httpcore 1.0.9 loses a place of its pool for
ever when a task is cancelled in the moment in which it gets one.

Two things have no public way in httpx 0.28 and httpx2 2.16, and go through a network backend of ours, which httpcore
documents; only handing it to the transport (its ``_pool``) is not public:

* a total deadline for a blocking request. httpx's timeouts bound each wait, so a server that trickles one byte at a
  time holds a call for ever. The backend cuts each wait to what is left.
* knowing whether a request has left. The backend sees the first write, so "nothing was sent" is a fact and no guess.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, ClassVar

from attrs import field, frozen

from anycarrier.errors import AnyCarrierError, ConfigurationError, TransportError, printable
from anycarrier.exchange import Response
from anycarrier.transports import Timeouts
from anycarrier.transports._body import Body, Decoder, Malformed, TooLarge
from anycarrier.transports._tls import checked, shared_context
from anycarrier.wire import WireRequest

__all__ = ["AsyncTransport", "Library", "SyncTransport", "library"]

MAX_CONNECTIONS = 100
MAX_IDLE = 20
IDLE_SECONDS = 15.0
"""Shorter than what servers commonly allow, so that few requests meet a connection that is just being closed."""

PURCHASE_BYTES = 1_000_000
OTHER_BYTES = 10_000_000


@frozen
class Library:
    """httpx or httpx2, with the httpcore that belongs to it, and which of their errors mean what."""

    httpx: Any
    httpcore: Any
    failures: tuple[type[Exception], ...]
    timeouts: tuple[type[Exception], ...]
    unsent: tuple[type[Exception], ...]


def library(httpx: Any, httpcore: Any) -> Library:
    """Describe a library, and keep its debug log clean."""
    for part in ("connection", "http11"):
        logging.getLogger(f"{httpcore.__name__}.{part}").addFilter(_without_headers)
    return Library(
        httpx, httpcore,
        failures=(httpx.TransportError, OSError, TooLarge, Malformed),
        timeouts=(httpx.TimeoutException,),
        unsent=(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout),
    )  # fmt: skip


class _Progress:
    """How far the request of the current thread or task has come."""

    __slots__ = ("connecting", "deadline", "sent")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
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
        return _Stream(self._core, self._backend.connect_tcp(address, port, timeout=timeout, **more))


class _Stream:
    """One connection of :class:`_Backend`."""

    def __init__(self, core: Any, stream: Any) -> None:
        self._core = core
        self._stream = stream
        self.close = stream.close
        self.get_extra_info = stream.get_extra_info

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        timeout = _left(timeout, self._core.ConnectTimeout)
        try:
            return _Stream(self._core, self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            # httpcore closes it after errors only, and not when a handshake is interrupted.
            self._stream.close()
            raise

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, self._core.ReadTimeout))  # type: ignore[no-any-return]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if (progress := _progress.get()) is not None and buffer:
            progress.sent = True
        # In pieces, since the inner stream may wait anew after each part that the system took.
        for start in range(0, len(buffer), 65536):
            self._stream.write(buffer[start : start + 65536], _left(timeout, self._core.WriteTimeout))


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


@frozen
class _Target:
    """Where a request goes. The URL is kept from ``repr``, since tools that print tracebacks print locals."""

    url: Any = field(repr=False)
    host: str


class _Streamed:
    """A streamed answer: what ``Response.stream`` holds."""

    __slots__ = ("chunks", "closed", "decoder", "host", "label", "pending", "stream")

    def __init__(self, request: WireRequest, host: str, stream: Any, chunks: Any, decoder: Decoder) -> None:
        self.label = request.label
        self.host = host
        self.stream = stream
        self.chunks = chunks
        self.decoder = decoder
        self.pending: Iterator[bytes] = iter(())
        self.closed = False

    def __repr__(self) -> str:
        return f"<stream of {self.label}>"


class _Base:
    """What both colours have in common: everything but waiting."""

    library: ClassVar[Library]

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        self._timeouts = timeouts
        self._closed = False
        self._origins: dict[str, Any] = {}
        self._http = self._made(shared_context() if tls is None else checked(tls))

    def _made(self, tls: ssl.SSLContext) -> Any:
        raise NotImplementedError

    def _with_pool(self, transport: Any, pool: Any) -> Any:
        if not hasattr(transport, "_pool"):
            name = self.library.httpx.__name__
            raise ConfigurationError(f"this version of {name} is not supported: its transports have no _pool")
        transport._pool = pool  # noqa: SLF001
        return transport

    def _target(self, request: WireRequest) -> _Target | None:
        """The URL to ask, or ``None`` where it is not at the account's origin."""
        url_class = self.library.httpx.URL
        try:
            origin = self._origins.get(request.origin)
            if origin is None:
                origin = self._origins[request.origin] = _origin(url_class(request.origin))
            url = url_class(request.url)
        except (self.library.httpx.InvalidURL, ValueError):
            return None
        # Compared as what will be connected to: a prefix would let https://api.example.com.evil.example through.
        if _origin(url) != origin or url.userinfo:
            return None
        return _Target(url, url.netloc.decode("ascii"))

    def _request(self, request: WireRequest, target: _Target) -> Any:
        headers = request.headers
        if not any(name.lower() == "accept-encoding" for name, _ in headers):
            # A purchase's answer is small and must not be lost to a decoder.
            encoding = "identity" if request.purpose == "purchase" else "gzip, deflate"
            headers = (*headers, ("accept-encoding", encoding))
        timeouts = self._timeouts
        # Each may be longer than what is left of the deadline, which cuts them; after a streamed head there is none.
        waits = {
            "connect": timeouts.connect, "read": self._read(request), "write": timeouts.write, "pool": timeouts.pool,
        }  # fmt: skip
        return self.library.httpx.Request(
            request.method, target.url, headers=headers, content=request.body, extensions={"timeout": waits}
        )

    def _total(self, request: WireRequest) -> float:
        return self._timeouts.purchase_total if request.purpose == "purchase" else self._timeouts.total

    def _read(self, request: WireRequest) -> float:
        return self._timeouts.purchase_read if request.purpose == "purchase" else self._timeouts.read

    def _body(self, request: WireRequest, headers: dict[str, str]) -> Body:
        return Body(headers.get("content-encoding", ""), headers.get("content-length"), _cap(request))

    def _failure(
        self, request: WireRequest, host: str, error: Exception, progress: _Progress, deadline: bool
    ) -> TransportError:
        """What to tell: which kind, and whether anything can have left. Nothing of *error* is kept but plain words."""
        lib = self.library
        sent = progress.sent or not (isinstance(error, lib.unsent) or (deadline and progress.connecting))
        kind, said = "broken", f"the connection to {host} broke before the answer was complete"
        if not sent:
            if deadline:
                kind = "deadline"
                said = f"no connection to {host} within {self._total(request):g} s; the request was not sent"
            else:
                kind = "tls" if _is_tls(error) else "connect"
                why = printable(error, 200) or "timed out"
                return _error(
                    f"{request.label}: the connection to {host} failed before the request was sent ({kind}: {why})",
                    kind, sent,
                )  # fmt: skip
        elif deadline:
            kind, said = "deadline", f"the answer of {host} was not complete after {self._total(request):g} s"
        elif isinstance(error, TooLarge):
            kind, said = "too_large", f"the answer of {host} is larger than {_cap(request)} bytes"
        elif isinstance(error, Malformed):
            said = f"the answer of {host} could not be decoded"
        elif isinstance(error, lib.httpx.WriteTimeout):
            kind, said = "timeout", f"{host} did not take the request within {self._timeouts.write:g} s"
        elif isinstance(error, lib.timeouts):
            kind, said = "timeout", f"{host} sent nothing for {self._read(request):g} s"
        return _error(f"{request.label}: {said} ({kind})", kind, sent)

    def _no_place(self, request: WireRequest) -> TransportError:
        said = f"all connections stayed busy for {self._timeouts.pool:g} s; the request was not sent"
        return _error(f"{request.label}: {said} (pool)", "pool", False)

    def _stream_failure(self, streamed: _Streamed, error: Exception) -> TransportError:
        slow = isinstance(error, self.library.timeouts)
        kind = "timeout" if slow else "broken"
        what = "stopped coming" if slow else "broke off"
        return _error(f"{streamed.label}: the answer of {streamed.host} {what} before its end ({kind})", kind, True)


def _origin(url: Any) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


def _cap(request: WireRequest) -> int:
    if request.max_bytes is not None:
        return request.max_bytes
    return PURCHASE_BYTES if request.purpose == "purchase" else OTHER_BYTES


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    for _ in range(10):
        if cause is None:
            break
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLWantReadError | ssl.SSLWantWriteError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _error(message: str, kind: str, sent: bool) -> TransportError:
    return TransportError(message, kind=kind, maybe_applied=sent)


def _elsewhere(request: WireRequest) -> AnyCarrierError:
    where = printable(request.origin)
    return AnyCarrierError(f"{request.label}: not sent, since its URL is not at {where}", maybe_applied=False)


def _closed(request: WireRequest) -> TransportError:
    return _error(f"{request.label}: the client is closed; the request was not sent (closed)", "closed", False)


def _closed_stream(streamed: _Streamed) -> TransportError:
    return _error(f"{streamed.label}: the stream is closed (closed)", "closed", True)


def _is_streamed(request: WireRequest, status: int) -> bool:
    # Only a success is streamed: an error's body is small, is wanted whole, and must not hold the connection.
    return request.stream and 200 <= status < 300


class SyncTransport(_Base):
    """Blocking, and safe to share between threads.

    The name of a host is looked up by the system, which no deadline can interrupt; all else ends in time.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def _made(self, tls: ssl.SSLContext) -> Any:
        core = self.library.httpcore
        self._places = threading.Semaphore(MAX_CONNECTIONS)
        pool = core.ConnectionPool(
            ssl_context=tls, max_connections=None, max_keepalive_connections=MAX_IDLE,
            keepalive_expiry=IDLE_SECONDS, retries=0, network_backend=_Backend(core),
        )  # fmt: skip
        return self._with_pool(self.library.httpx.HTTPTransport(verify=tls, trust_env=False), pool)

    def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return _closed(request)
        target = self._target(request)
        if target is None:
            raise _elsewhere(request)
        progress = _Progress(time.monotonic() + self._total(request))
        if not self._places.acquire(timeout=min(self._timeouts.pool, self._total(request))):
            return self._no_place(request)
        answer = None
        _progress.set(progress)
        try:
            answer = self._answer(request, target)
            return answer
        except self.library.failures as error:
            # A system may end a wait a little early.
            late = time.monotonic() > progress.deadline - 0.005 and isinstance(error, self.library.timeouts)
            return self._failure(request, target.host, error, progress, late)
        finally:
            _progress.set(None)
            if answer is None or answer.stream is None:
                self._places.release()

    def _answer(self, request: WireRequest, target: _Target) -> Response:
        response = self._http.handle_request(self._request(request, target))
        stream, status = response.stream, response.status_code
        try:
            headers = dict(response.headers.items())
            if _is_streamed(request, status):
                decoder = Decoder(headers.get("content-encoding", ""))
                return Response(status, headers, stream=_Streamed(request, target.host, stream, iter(stream), decoder))
            body = self._body(request, headers)
            for chunk in stream:
                body.add(chunk)
            answer = Response(status, headers, body.value())
        except BaseException:
            stream.close()
            raise
        stream.close()
        return answer

    def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, _Streamed)  # noqa: S101
        if stream.closed:
            return _closed_stream(stream)
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
            return self._stream_failure(stream, error)
        except BaseException:
            self.close_stream(stream)
            raise

    def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        assert isinstance(stream, _Streamed)  # noqa: S101
        if not stream.closed:
            stream.closed = True
            try:
                stream.stream.close()
                if hasattr(stream.chunks, "close"):
                    stream.chunks.close()
            finally:
                self._places.release()

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        self._http.close()


class AsyncTransport(_Base):
    """For asyncio, on one event loop.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def _made(self, tls: ssl.SSLContext) -> Any:
        core = self.library.httpcore
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)
        pool = core.AsyncConnectionPool(
            ssl_context=tls, max_connections=None, max_keepalive_connections=MAX_IDLE,
            keepalive_expiry=IDLE_SECONDS, retries=0, network_backend=_AsyncBackend(core),
        )  # fmt: skip
        return self._with_pool(self.library.httpx.AsyncHTTPTransport(verify=tls, trust_env=False), pool)

    async def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return _closed(request)
        target = self._target(request)
        if target is None:
            raise _elsewhere(request)
        total = self._total(request)
        progress = _Progress(time.monotonic() + total)
        if not self._places.locked():
            await self._places.acquire()  # at once, without a timer
        else:
            try:
                async with asyncio.timeout(min(self._timeouts.pool, total)):
                    await self._places.acquire()
            except TimeoutError:
                return self._no_place(request)
        answer = None
        _progress.set(progress)
        limit = asyncio.timeout(max(0.0, progress.deadline - time.monotonic()))
        try:
            async with limit:
                answer = await self._answer(request, target)
            return answer
        except self.library.failures as error:
            return self._failure(request, target.host, error, progress, limit.expired())
        finally:
            _progress.set(None)
            if answer is None or answer.stream is None:
                self._places.release()

    async def _answer(self, request: WireRequest, target: _Target) -> Response:
        response = await self._http.handle_async_request(self._request(request, target))
        stream, status = response.stream, response.status_code
        try:
            headers = dict(response.headers.items())
            if _is_streamed(request, status):
                decoder = Decoder(headers.get("content-encoding", ""))
                return Response(status, headers, stream=_Streamed(request, target.host, stream, aiter(stream), decoder))
            body = self._body(request, headers)
            async for chunk in stream:
                body.add(chunk)
            answer = Response(status, headers, body.value())
        except BaseException:
            await stream.aclose()
            raise
        await stream.aclose()
        return answer

    async def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, _Streamed)  # noqa: S101
        if stream.closed:
            return _closed_stream(stream)
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
            return self._stream_failure(stream, error)
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
                self._places.release()

    async def close(self) -> None:
        """Close all connections."""
        self._closed = True
        await self._http.aclose()
