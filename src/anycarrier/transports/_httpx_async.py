"""The transport for asyncio on httpx or httpx2."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

from anycarrier.transports._base import Origin, Prepared, gathered
from anycarrier.transports._httpx import Backend, CoreAnswer, CoreConnection, Httpx, Library
from anycarrier.transports._lifecycle import Home, Progress
from anycarrier.transports._loops import Asynchronous
from anycarrier.transports.protocol import Timeouts, WireRequest

__all__ = ["AsyncTransport"]


class _Backend(Backend):
    """httpcore's backend for asyncio."""

    def __init__(self, core: Any, now: Callable[[], float]) -> None:
        super().__init__(core, now)
        self._backend = core.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> _Stream:  # noqa: ASYNC109
        timeout = self.left(timeout, self.core.ConnectTimeout)
        self.note("connect")
        return _Stream(self, await self._backend.connect_tcp(host, port, timeout=timeout, **more))


class _Stream:
    """The socket of a connection, as httpcore uses it."""

    def __init__(self, backend: _Backend, stream: Any) -> None:
        self._backend = backend
        self._core = backend.core
        self._stream = stream
        self.get_extra_info = stream.get_extra_info
        self.aclose = stream.aclose
        backend.stream = self

    async def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> _Stream:
        timeout = self._backend.left(timeout, self._core.ConnectTimeout)
        try:
            return _Stream(self._backend, await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            # httpcore closes it after errors only, and not when a handshake is cancelled.
            await self.aclose()
            raise

    def read(self, max_bytes: int, timeout: float | None = None) -> Coroutine[Any, Any, bytes]:
        return self._stream.read(max_bytes, self._backend.left(timeout, self._core.ReadTimeout))  # type: ignore[no-any-return]

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        timeout = self._backend.left(timeout, self._core.WriteTimeout)
        if buffer:
            self._backend.note("write")
        await self._stream.write(buffer, timeout)


class _Connection(CoreConnection):
    """A connection on an event loop."""

    def __init__(self, *args: Any, among: set[Any]) -> None:
        super().__init__(*args)
        self._open = among
        among.add(self)

    async def ask(self, request: WireRequest, prepared: Prepared, progress: Progress) -> tuple[int, dict[str, str]]:
        lib = self.library
        self.progress = self.backend.progress = progress
        if lib.httpx.AsyncHTTPTransport.handle_async_request is lib.plain[1]:
            response = await self.core.handle_async_request(self._core_request(request, prepared))
            status, headers = response.status, response.headers
        else:
            response = await self.http.handle_async_request(self._httpx_request(request, prepared))
            status, headers = response.status_code, response.headers.raw
        self.answer = CoreAnswer(response.stream, aiter(response.stream))
        return status, gathered(headers)

    async def more(self) -> None:
        answer = self.answer
        if (piece := await anext(answer.chunks, None)) is not None:
            answer.pieces.append(piece)
        else:
            await answer.stream.aclose()
            answer.complete = True

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
        backend = _Backend(lib.httpcore, home.now)
        core = self._core(lib.httpcore.AsyncHTTPConnection, origin, backend)
        connection = _Connection(lib, self._http, origin, core, backend, among=home.open)
        home.pool.add(connection)
        return connection
