"""The part of the httpx transports that never waits: both modes, on httpx or httpx2.

Requests go to connections of httpcore directly, without a ``Client`` and without httpcore's pool: so there are no
redirects, no cookies, no netrc, no proxies from the environment and no log line with the URL, and a request costs less.
Recorders such as vcrpy look at ``HTTPTransport.handle_request``; while one does, requests are made for that method, and
what it lets pass comes back to the same connections.

The pool is ours because httpcore 1.0.9's walks over all its connections for each request, which is what makes many at
once slow, and loses a place for ever when a task is cancelled in the moment in which it gets one.

Two things go through a network backend of ours, which httpcore documents:

* a total deadline. httpx's timeouts bound each wait, so a server that trickles one byte at a time holds a call for
  ever. The backend cuts each wait to what is left.
* knowing whether a request has left. The backend sees the first write, so "nothing was sent" is a fact and no guess.
"""

from __future__ import annotations

import logging
import ssl
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Literal

from attrs import frozen

from anycarrier.errors import ConfigurationError, TransportError
from anycarrier.exchange import Response
from anycarrier.redaction import redacted
from anycarrier.transports._base import IDLE_SECONDS, Origin, Prepared, Trouble, is_tls
from anycarrier.transports._body import Malformed, TooLarge
from anycarrier.transports._lifecycle import EARLY, C, Home, LifeCycle, Progress
from anycarrier.transports.protocol import Timeouts, WireRequest

__all__ = ["Backend", "CoreAnswer", "CoreConnection", "Httpx", "Library", "under_way"]


@frozen
class Library:
    """httpx or httpx2, with the httpcore that belongs to it, and the meaning of their errors.

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

    @classmethod
    def of(cls, httpx: Any, httpcore: Any) -> Library:
        """Describe a library, and keep its debug log clean."""
        for part in ("connection", "http11"):
            logging.getLogger(f"{httpcore.__name__}.{part}").addFilter(_without_headers)
        both = (httpx, httpcore)
        core_failures = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
        return cls(
            httpx,
            httpcore,
            (
                _plain(httpx, "HTTPTransport", "handle_request"),
                _plain(httpx, "AsyncHTTPTransport", "handle_async_request"),
            ),
            failures=(httpx.TransportError, *core_failures, OSError, TooLarge, Malformed),
            timeouts=tuple(part.TimeoutException for part in both),
            write_timeouts=tuple(part.WriteTimeout for part in both),
            unsent=tuple(error for part in both for error in (part.ConnectError, part.ConnectTimeout)),
        )


def _plain(httpx: Any, owner: str, name: str) -> object:
    """Return a method of the library, or an object equal to nothing where a recorder has put its own there already."""
    found = getattr(getattr(httpx, owner), name, None)
    # The globals of a function name the module that it was written in; a wrapper cannot copy them as it does a name.
    home = str(getattr(found, "__globals__", {}).get("__name__", ""))
    return found if home.partition(".")[0] == httpx.__name__ else object()


# The connection that the current thread or task performs a request on: the log filter and recorders cannot be given it.
under_way: ContextVar[CoreConnection | None] = ContextVar("anycarrier_under_way", default=None)


def _without_headers(record: logging.LogRecord) -> bool:
    """Cut response headers, such as cookies and redirects, out of httpcore's debug lines about our requests.

    The part before them, such as a reason phrase, may quote a credential.
    """
    if under_way.get() is not None and isinstance(record.msg, str):
        record.msg = redacted(record.msg.split(", [(", 1)[0])
    return True


class Backend:
    """A network backend for one connection: it cuts each wait to the deadline, and notes what has left.

    Attributes:
        progress: of the request that is under way.
        stream: the socket, once there is one.
    """

    def __init__(self, core: Any, now: Callable[[], float]) -> None:
        self.core = core
        self.progress: Progress | None = None
        self.stream: Any = None
        self._now = now

    def left(self, timeout: float | None, error: type[Exception]) -> float | None:
        """Return *timeout*, cut to what is left of the deadline; raise *error* where that has passed."""
        if self.progress is None:
            return timeout
        left = self.progress.deadline - self._now()
        if left <= 0:
            raise error("the deadline has passed")
        return left if timeout is None else min(timeout, left)

    def note(self, doing: Literal["connect", "write"]) -> None:
        """Note the step that begins."""
        if self.progress is not None:
            self.progress.doing = doing


class CoreConnection:
    """A connection of httpcore, and the answer that is being read from it.

    Attributes:
        backend: its sockets.
        core: httpcore's connection, which connects when it is first used.
        http: the library's own transport, for recorders.
    """

    progress: Progress

    def __init__(self, library: Library, http: Any, origin: Origin, core: Any, backend: Backend) -> None:
        self.library = library
        self.http = http
        self.origin = origin
        self.core = core
        self.backend = backend
        self.answer = CoreAnswer()

    def reusable(self) -> bool:
        """Return whether httpcore is done with the answer, and nothing came beyond it.

        httpcore 1.0.9 and httpcore2 2.16 keep a connection on which more came than the answer, and take what is left
        over for the answer to the next request. Where h11 cannot be reached, every connection is closed.
        """
        if not self.core.is_idle():
            return False
        state = getattr(getattr(self.core, "_connection", None), "_h11_state", None)
        return state is not None and not state.trailing_data[0]

    def usable(self) -> bool:
        return not self.core.has_expired()

    def _core_request(self, request: WireRequest, prepared: Prepared) -> Any:
        """Return the request as httpx would give it to httpcore, made at once."""
        core, origin = self.library.httpcore, prepared.origin
        scheme = b"https" if origin.tls else b"http"
        url = core.URL(scheme=scheme, host=origin.host.encode(), port=origin.port, target=prepared.path.encode())
        return core.Request(
            request.method, url, headers=prepared.headers, content=request.body, extensions=self._waits()
        )

    def _httpx_request(self, request: WireRequest, prepared: Prepared) -> Any:
        """Return the request for a recorder, which wants to see one of the library."""
        return self.library.httpx.Request(
            request.method, request.url, headers=prepared.headers, content=request.body, extensions=self._waits()
        )

    def _waits(self) -> dict[str, Any]:
        # Each may be longer than what is left of the deadline: the backend cuts them.
        progress = self.progress
        return {"timeout": {"connect": progress.connect, "read": progress.read, "write": progress.write}}


class CoreAnswer:
    """An answer that httpcore, or a recorder, is reading."""

    __slots__ = ("chunks", "complete", "pieces", "stream")

    def __init__(self, stream: Any = None, chunks: Any = None) -> None:
        self.stream = stream
        self.chunks = chunks
        self.pieces: deque[bytes] = deque()
        self.complete = False


class _Ours:
    """Takes the place of httpcore's pool, for recorders, which call through the library's transport."""

    def handle_request(self, request: Any) -> Any:
        return _connection().core.handle_request(request)

    async def handle_async_request(self, request: Any) -> Any:
        return await _connection().core.handle_async_request(request)


def _connection() -> CoreConnection:
    connection = under_way.get()
    assert connection is not None  # noqa: S101
    return connection


class Httpx(LifeCycle[C]):
    """Connections of httpcore, and the wording of failures."""

    def __init__(self, library: Library, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(timeouts, tls=tls)
        self.library = library
        self._failures = library.failures
        self._timed_out = library.timeouts
        self._cores: dict[Origin, Any] = {}

    def _with_pool(self, transport: Any) -> Any:
        """Return the library's *transport*, through which recorders look, on our connections."""
        if "_pool" not in vars(transport):
            name = self.library.httpx.__name__
            raise ConfigurationError(f"this version of {name} is not supported: its transports have no _pool")
        transport._pool = _Ours()  # noqa: SLF001
        return transport

    def _core(self, made: Any, origin: Origin, backend: Any) -> Any:
        """Return a connection of httpcore, which connects when it is first used."""
        core_origin = self._cores.get(origin)
        if core_origin is None:
            scheme = b"https" if origin.tls else b"http"
            core_origin = self._cores[origin] = self.library.httpcore.Origin(scheme, origin.host.encode(), origin.port)
        return made(
            core_origin, ssl_context=self._tls, keepalive_expiry=IDLE_SECONDS, retries=0, network_backend=backend
        )

    async def _answered(
        self, request: WireRequest, prepared: Prepared, home: Home[C], connection: C, progress: Progress
    ) -> Response:
        under_way.set(connection)  # type: ignore[arg-type]
        try:
            return await super()._answered(request, prepared, home, connection, progress)
        finally:
            under_way.set(None)

    def _failed(
        self, request: WireRequest, origin: Origin, error: Exception, progress: Progress, now: float
    ) -> TransportError:
        lib = self.library
        slow = isinstance(error, lib.timeouts)
        late = slow and now > progress.deadline - EARLY
        # Only where it provably has not left: a recorder may send a request in its own way, without our backend.
        unsent = isinstance(error, lib.unsent) or (late and progress.doing == "connect")
        sent = progress.doing == "write" or not unsent
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
        elif slow:
            trouble = "read"
        return self._failure(request, origin, trouble, sent, error, slow)
