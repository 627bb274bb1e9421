"""What httpx and httpx2 share, for asyncio."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

from anycarrier.errors import TransportError
from anycarrier.exchange import Response
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
from anycarrier.transports.protocol import WireRequest

if TYPE_CHECKING:
    from anycarrier.transports._loops import Home

__all__ = ["AsyncTransport"]


class _AsyncBackend:
    """httpcore's backend for asyncio, which notes what leaves. The deadline is :func:`asyncio.timeout`'s business."""

    def __init__(self, core: Any, among: set[Any]) -> None:
        self._backend = core.AnyIOBackend()
        self._among = among

    async def connect_tcp(self, *args: Any, **more: Any) -> _AsyncStream:
        if (progress := under_way.get()) is not None:
            progress.connecting = True
        return _AsyncStream(await self._backend.connect_tcp(*args, **more), self._among)


class _AsyncStream:
    """One connection of :class:`_AsyncBackend`."""

    def __init__(self, stream: Any, among: set[Any]) -> None:
        self._stream = stream
        self._among = among
        self.read = stream.read
        self.get_extra_info = stream.get_extra_info
        among.add(self)

    def fileno(self) -> int:
        """Of its socket; -1 where there is none, or where an event loop of another library hides it."""
        found = self._stream.get_extra_info("socket")
        return found.fileno() if isinstance(getattr(found, "_sock", found), socket.socket) else -1

    async def aclose(self) -> None:
        self._among.discard(self)
        await self._stream.aclose()

    async def start_tls(self, *args: Any, **more: Any) -> _AsyncStream:
        try:
            stream = _AsyncStream(await self._stream.start_tls(*args, **more), self._among)
        except BaseException:
            # httpcore closes it after errors only, and not when a handshake is cancelled.
            await self.aclose()
            raise
        self._among.discard(self)
        return stream

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if (progress := under_way.get()) is not None and buffer:
            progress.sent = True
        await self._stream.write(buffer, timeout)


class AsyncTransport(Shared):
    """For asyncio, on any number of event loops, each with connections of its own.

    Args:
        timeouts: in seconds.
        tls: a context of your own, such as one that knows a private certificate authority; it must verify.
    """

    def _made(self) -> Any:
        import asyncio

        from anycarrier.transports._loops import Homes

        self._asyncio = asyncio  # 10 ms to import, which a blocking client can do without
        self._homes: Homes[Any] = Homes(_leave, _close)
        return self._with_pool(self.library.httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False))

    async def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        if self._closed:
            return closed(request)
        prepared = self._prepared(request)
        origin = prepared.origin
        total = self._total(request)
        progress = Progress(time.monotonic() + total)
        home = self._homes.here() or await self._homes.made()
        places = home.places
        if not places.locked():
            await places.acquire()  # at once, without a timer
        else:
            try:
                async with self._asyncio.timeout(min(self._timeouts.pool, total)):
                    await places.acquire()
            except TimeoutError:
                return self._no_place(request)
        answer = None
        under_way.set(progress)
        limit = self._asyncio.timeout(max(0.0, progress.deadline - time.monotonic()))
        try:
            async with limit:
                progress.connection = await self._idle_one(home, origin) if self._reuses(request) else None
                if progress.connection is None:
                    progress.connection = self._new(
                        self.library.httpcore.AsyncHTTPConnection, origin,
                        _AsyncBackend(self.library.httpcore, home.open),
                    )  # fmt: skip
                    home.pool.add(progress.connection)
                answer = await self._answer(request, prepared, progress.connection, home)
            return answer
        except self.library.failures as error:
            return self._failed(request, origin, error, progress, limit.expired())
        finally:
            under_way.set(None)
            if answer is None or answer.stream is None:
                await self._give_back(home, origin, progress.connection)

    async def _answer(
        self, request: WireRequest, prepared: Prepared, connection: Any,
        home: Home[Any],
    ) -> Response:  # fmt: skip
        lib = self.library
        if lib.httpx.AsyncHTTPTransport.handle_async_request is lib.plain[1]:
            response = await connection.handle_async_request(self._core_request(request, prepared))
            status, raw = response.status, response.headers
        else:
            response = await self._http.handle_async_request(self._httpx_request(request, prepared))
            status, raw = response.status_code, response.headers.raw
        stream = response.stream
        try:
            headers = gathered(raw)
            if is_streamed(request, status):
                decoder = Decoder(headers.get("content-encoding", ""))
                streamed = Streamed(request, prepared.origin, connection, stream, aiter(stream), decoder, home)
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

    async def _idle_one(self, home: Home[Any], origin: Origin) -> Any:
        """A connection that was used before, and is not closed by now."""
        while (found := home.pool.take(origin)) is not None:
            if not found.has_expired():
                return found
            await _drop(home, found)
        return None

    async def _give_back(self, home: Home[Any], origin: Origin, connection: Any) -> None:
        """After a request: the connection is kept if it is fit, and its place is free again."""
        home.places.release()
        if connection is None:
            return
        if self._closed or not fit(connection):
            await _drop(home, connection)
        else:
            home.keep(origin, connection)

    async def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
        assert isinstance(stream, Streamed)  # noqa: S101
        if stream.closed or not stream.home.is_here():
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
        assert isinstance(stream, Streamed)  # noqa: S101
        if not stream.closed:
            stream.closed = True
            if not stream.home.is_here():  # its loop has ended, or it is the parent's
                return
            try:
                await stream.stream.aclose()
                if hasattr(stream.chunks, "aclose"):
                    await stream.chunks.aclose()
            finally:
                await self._give_back(stream.home, stream.origin, stream.connection)

    async def close(self) -> None:
        """Close all connections. Requests that are under way end as broken ones do."""
        self._closed = True
        await self._homes.close()


async def _close(connection: Any) -> None:
    await connection.aclose()


async def _drop(home: Home[Any], connection: Any) -> None:
    home.pool.forget(connection)
    await connection.aclose()


async def _leave(home: Home[Any]) -> None:
    for connections in home.pool.drain():
        for connection in connections:
            await connection.aclose()
