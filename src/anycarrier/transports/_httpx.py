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

import logging
import ssl
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, ClassVar

from attrs import frozen

from anycarrier.errors import ConfigurationError, TransportError
from anycarrier.redaction import redacted
from anycarrier.transports import Timeouts
from anycarrier.transports._base import (
    IDLE_SECONDS,
    Base,
    Origin,
    Prepared,
    Trouble,
    cap,
    is_tls,
    stream_failure,
)
from anycarrier.transports._body import Body, Decoder, Malformed, TooLarge
from anycarrier.transports.protocol import WireRequest

__all__ = ["Library", "Progress", "Shared", "Streamed", "fit", "library", "under_way"]


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


class Progress:
    """How far the request of the current thread or task has come."""

    __slots__ = ("connecting", "connection", "deadline", "sent")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.connection: Any = None
        self.connecting = False
        self.sent = False


# A request is performed wholly in the thread or task that asked for it, so the backend, which httpcore tells nothing
# about the request, finds its progress here.
under_way: ContextVar[Progress | None] = ContextVar("anycarrier_progress", default=None)


def _without_headers(record: logging.LogRecord) -> bool:
    """Cut response headers, such as cookies and redirects, out of httpcore's debug lines about our requests.

    What stands before them, such as a reason phrase, may quote a credential.
    """
    if under_way.get() is not None and isinstance(record.msg, str):
        record.msg = redacted(record.msg.split(", [(", 1)[0])
    return True


class Streamed:
    """A streamed answer: what ``Response.stream`` holds."""

    __slots__ = ("chunks", "closed", "connection", "decoder", "home", "host", "label", "lock", "origin",
                 "pending", "stream")  # fmt: skip

    def __init__(
        self, request: WireRequest, origin: Origin, connection: Any, stream: Any, chunks: Any, decoder: Decoder,
        home: Any = None,
    ) -> None:  # fmt: skip
        self.label = request.label
        self.host = origin.netloc
        self.origin = origin
        self.connection = connection
        self.home = home
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
    progress = under_way.get()
    assert progress is not None  # noqa: S101
    return progress.connection


class Shared(Base):
    """What both modes have in common: everything but waiting."""

    library: ClassVar[Library]

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(timeouts, tls=tls)
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
        return made(
            core_origin, ssl_context=self._tls, keepalive_expiry=IDLE_SECONDS, retries=0, network_backend=backend
        )

    def _waits(self, request: WireRequest) -> dict[str, Any]:
        timeouts = self._timeouts
        # Each may be longer than what is left of the deadline, which cuts them; after a streamed head there is none.
        waits = {"connect": timeouts.connect, "read": self._read(request), "write": timeouts.write}
        return {"timeout": waits}

    def _core_request(self, request: WireRequest, prepared: Prepared) -> Any:
        """The request as httpx would give it to httpcore, made at once."""
        core, origin = self.library.httpcore, prepared.origin
        scheme = b"https" if origin.tls else b"http"
        url = core.URL(scheme=scheme, host=origin.host.encode(), port=origin.port, target=prepared.path.encode())
        return core.Request(
            request.method, url, headers=prepared.headers, content=request.body, extensions=self._waits(request)
        )

    def _httpx_request(self, request: WireRequest, prepared: Prepared) -> Any:
        """The same for a recorder, which wants to see a request of the library."""
        return self.library.httpx.Request(
            request.method, request.url, headers=prepared.headers, content=request.body, extensions=self._waits(request)
        )

    def _body(self, request: WireRequest, headers: dict[str, str]) -> Body:
        return Body(headers.get("content-encoding", ""), headers.get("content-length"), cap(request))

    def _failed(
        self, request: WireRequest, origin: Origin, error: Exception, progress: Progress, late: bool
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
        return self._failure(request, origin, trouble, sent, error, late or isinstance(error, lib.timeouts))

    def _stream_failed(self, streamed: Streamed, error: Exception) -> TransportError:
        return stream_failure(streamed.label, streamed.host, isinstance(error, self.library.timeouts))


def fit(connection: Any) -> bool:
    """Whether *connection* may be used again.

    httpcore 1.0.9 and httpcore2 2.16 keep one on which more came than the answer, and take what is left over for the
    answer to the next request. Where h11 cannot be asked, none is kept.
    """
    if not connection.is_idle():
        return False
    state = getattr(getattr(connection, "_connection", None), "_h11_state", None)
    return state is not None and not state.trailing_data[0]
