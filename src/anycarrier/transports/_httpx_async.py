"""The transport for asyncio on httpx or httpx2."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from typing import Any

from anycarrier.exchange import Response
from anycarrier.transports import Timeouts
from anycarrier.transports._base import Origin, Prepared, gathered
from anycarrier.transports._httpx import CoreAnswer, CoreConnection, Httpx, Library, under_way
from anycarrier.transports._lifecycle import Home, Progress, Streamed
from anycarrier.transports._loops import Asynchronous
from anycarrier.transports.protocol import WireRequest

__all__ = ["AsyncTransport"]


class _Backend:
    """httpcore's backend for one connection on asyncio, which notes what leaves. A timer of the loop ends the waits.

    Attributes:
        progress: of the request that is under way.
        stream: the socket, once there is one.
    """

    def __init__(self, core: Any) -> None:
        self.progress: Progress | None = None
        self.stream: _Stream | None = None
        self._backend = core.AnyIOBackend()

    async def connect_tcp(self, *args: Any, **more: Any) -> _Stream:
        if self.progress is not None:
            self.progress.doing = "connect"
        return _Stream(self, await self._backend.connect_tcp(*args, **more))


class _Stream:
    """The socket of a connection, as httpcore uses it."""

    def __init__(self, backend: _Backend, stream: Any) -> None:
        self._backend = backend
        self._stream = stream
        self.read = stream.read
        self.get_extra_info = stream.get_extra_info
        self.aclose = stream.aclose
        backend.stream = self

    async def start_tls(self, *args: Any, **more: Any) -> _Stream:
        try:
            return _Stream(self._backend, await self._stream.start_tls(*args, **more))
        except BaseException:
            # httpcore closes it after errors only, and not when a handshake is cancelled.
            await self.aclose()
            raise

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if self._backend.progress is not None and buffer:
            self._backend.progress.doing = "write"
        await self._stream.write(buffer, timeout)


class _Connection(CoreConnection):
    """A connection on an event loop."""

    def __init__(self, *args: Any, backend: _Backend, among: set[Any]) -> None:
        super().__init__(*args)
        self.backend = backend
        self._open = among
        among.add(self)

    async def ask(self, request: WireRequest, prepared: Prepared, progress: Progress) -> tuple[int, dict[str, str]]:
        lib = self.library
        self.progress = self.backend.progress = progress
        under_way.set(self)
        try:
            if lib.httpx.AsyncHTTPTransport.handle_async_request is lib.plain[1]:
                response = await self.core.handle_async_request(self._core_request(request, prepared))
                status, headers = response.status, response.headers
            else:
                response = await self.http.handle_async_request(self._httpx_request(request, prepared))
                status, headers = response.status_code, response.headers.raw
        finally:
            under_way.set(None)
        self.answer = CoreAnswer(response.stream, aiter(response.stream))
        return status, gathered(headers)

    async def more(self) -> None:
        answer = self.answer
        under_way.set(self)
        try:
            if (piece := await anext(answer.chunks, None)) is not None:
                answer.pieces.append(piece)
            else:
                await answer.stream.aclose()
                answer.complete = True
        finally:
            under_way.set(None)

    async def close(self) -> None:
        self._open.discard(self)
        answer = self.answer
        try:
            if answer.stream is not None and not answer.complete:
                await answer.stream.aclose()
                if isinstance(answer.chunks, AsyncGenerator):
                    await answer.chunks.aclose()  # otherwise the event loop does, later
        finally:
            await self.core.aclose()

    def fileno(self) -> int:
        """Return the descriptor of the socket; -1 without one, or where the loop of another library hides it."""
        stream = self.backend.stream
        found: Any = stream.get_extra_info("socket") if stream is not None else None
        return found.fileno() if isinstance(getattr(found, "_sock", found), socket.socket) else -1


class AsyncTransport(Httpx[_Connection], Asynchronous[_Connection]):
    """The transport for asyncio on httpx or httpx2."""

    def __init__(self, library: Library, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(library, timeouts, tls=tls)
        self._http = self._with_pool(library.httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False))

    async def _connected(self, home: Home[_Connection], origin: Origin, progress: Progress) -> _Connection:
        lib = self.library
        backend = _Backend(lib.httpcore)
        core = self._core(lib.httpcore.AsyncHTTPConnection, origin, backend)
        connection = _Connection(
            lib, self._http, origin, core, self._timeouts.connect, backend=backend, among=home.open
        )
        home.pool.add(connection)
        return connection

    # One timer for all waits of a request: each of httpcore's own begins anew.

    async def _answered(
        self,
        request: WireRequest,
        prepared: Prepared,
        home: Home[_Connection],
        connection: _Connection,
        progress: Progress,
    ) -> Response:
        limit = asyncio.timeout_at(progress.deadline)
        try:
            async with limit:
                return await super()._answered(request, prepared, home, connection, progress)
        finally:
            progress.late = limit.expired()

    async def _more(self, stream: Streamed[_Connection]) -> None:
        async with asyncio.timeout(max(0.0, stream.left)):
            await super()._more(stream)
