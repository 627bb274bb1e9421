"""Rules that all transports share: limits, destinations, headers, and the wording of failures."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, TypeAlias

from anycarrier.errors import AnyCarrierError, TransportError, printable
from anycarrier.transports._tls import checked, shared_context
from anycarrier.transports.protocol import OTHER_BYTES, PURCHASE_BYTES, Origin, Timeouts, WireRequest, is_target

__all__ = [
    "Base",
    "Origin",
    "Prepared",
    "Trouble",
    "cap",
    "closed",
    "closed_stream",
    "gathered",
    "header_text",
    "is_streamed",
    "is_tls",
    "late_stream",
    "stream_failure",
]

MAX_CONNECTIONS = 100
MAX_IDLE = 20
IDLE_SECONDS = 15.0
"""Shorter than what servers commonly allow, so that few requests meet a connection that is just being closed."""

Trouble: TypeAlias = Literal["connect", "tls", "deadline", "too_large", "malformed", "write", "read", "broken"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~]*")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


class Prepared:
    """Destination, path and all headers of a request; a frame that is printed shows none of them."""

    __slots__ = ("headers", "origin", "path")

    def __init__(self, origin: Origin, path: str, headers: list[tuple[str, str]]) -> None:
        self.origin = origin
        self.path = path
        self.headers = headers


class Base:
    """The part of a transport that never waits, in either mode."""

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        self._timeouts = timeouts
        self._own_tls = None if tls is None else checked(tls)
        self._closed = False
        self._origins: dict[str, Origin] = {}

    @property
    def _tls(self) -> ssl.SSLContext:
        context = shared_context() if self._own_tls is None else self._own_tls
        # A context of the program's own may offer HTTP/2, and a server would take it at its word.
        context.set_alpn_protocols(["http/1.1"])
        # A certificate names its hosts as such; its common name is free text, which no browser takes for one.
        context.hostname_checks_common_name = False
        return context

    def _target(self, request: WireRequest) -> tuple[Origin, str] | None:
        """Return the origin and the path of a request, or ``None`` where it is not for the account's origin."""
        url = request.url
        try:
            origin = self._origins.get(request.origin)
            if origin is None:
                origin = self._origins[request.origin] = Origin(request.origin)
            at = len(origin.root)
            # Compared as what will be connected to: a prefix alone would let https://api.example.com.evil.example in.
            if not url.startswith(origin.root) or url[at : at + 1] not in ("/", "?", ""):
                other = Origin(url)
                if not other.same(origin):
                    return None
                at = len(other.root)
        except ValueError:  # and idna's errors, which are such
            return None
        rest = url[at:]
        if not is_target(rest):
            return None
        return origin, rest if rest[:1] == "/" else "/" + rest

    def _prepared(self, request: WireRequest) -> Prepared:
        """Return a request ready to send; raise where it must not or cannot be sent."""
        target = self._target(request)
        if target is None:
            raise AnyCarrierError(
                f"{request.label}: refused: the URL is outside the account's base URL {printable(request.origin)}",
                maybe_applied=False,
            )
        headers = _headers(request, target[0])
        if headers is None:
            raise AnyCarrierError(
                f"{request.label}: refused: a header contains characters that HTTP does not allow, or is one that "
                "only the transport sets",
                maybe_applied=False,
            )
        return Prepared(*target, headers)

    def _failure(
        self, request: WireRequest, origin: Origin, trouble: Trouble, sent: bool, error: Exception, slow: bool
    ) -> TransportError:
        """Return the failure of a request.

        Args:
            sent: false only where provably nothing of the request has left.
            slow: whether *error* says that a wait took too long.
        """
        host, label = origin.netloc, request.label
        timeouts, purchase = self._timeouts, request.purpose == "purchase"
        total = timeouts.purchase_total if purchase else timeouts.total
        kind: str = trouble
        if not sent:
            if trouble == "deadline":
                said = f"no connection to {host} within {total:g} s; the request was not sent"
                return _error(f"{label}: {said} (deadline)", "deadline", False)
            kind = "tls" if trouble == "tls" else "connect"
            said = f"the connection to {host} failed before the request was sent"
            return _error(f"{label}: {said} ({kind}: {_reason(error, slow)})", kind, False)
        match trouble:
            case "deadline":
                said = f"the answer of {host} was not complete after {total:g} s"
            case "too_large":
                said = f"the answer of {host} is larger than {cap(request)} bytes"
            case "malformed":
                kind, said = "broken", f"the answer of {host} could not be decoded"
            case "write":
                kind, said = "timeout", f"{host} did not accept the request within {timeouts.write:g} s"
            case "read":
                waited = timeouts.purchase_read if purchase else timeouts.read
                kind, said = "timeout", f"{host} sent nothing for {waited:g} s"
            case _:
                kind, said = "broken", f"the connection to {host} broke before the answer was complete"
        return _error(f"{label}: {said} ({kind})", kind, True)

    def _no_slot(self, request: WireRequest) -> TransportError:
        said = f"all connections stayed busy for {self._timeouts.pool:g} s; the request was not sent"
        return _error(f"{request.label}: {said} (pool)", "pool", False)


def stream_failure(label: str, host: str, slow: bool) -> TransportError:
    """Return the failure of a streamed answer that stopped coming, or broke off."""
    kind, what = ("timeout", "stopped coming") if slow else ("broken", "broke off")
    return _error(f"{label}: the answer of {host} {what} before its end ({kind})", kind, True)


def late_stream(label: str, host: str, seconds: float) -> TransportError:
    """Return the failure of a streamed answer that took longer than its limit."""
    said = f"the answer of {host} was not complete after {seconds:g} s of reading"
    return _error(f"{label}: {said} (deadline)", "deadline", True)


def _headers(request: WireRequest, origin: Origin) -> list[tuple[str, str]] | None:
    headers = [("host", origin.netloc)]
    accepts = False
    for pair in request.headers:
        lower = _lower_name(pair[0])
        if lower is None or _VALUE.fullmatch(pair[1]) is None:
            return None
        accepts = accepts or lower == "accept-encoding"
        headers.append(pair)
    if not accepts:
        # A purchase's answer is small and must not be lost to a decoder.
        headers.append(("accept-encoding", "identity" if request.purpose == "purchase" else "gzip, deflate"))
    if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
        headers.append(("content-length", str(len(request.body or b""))))
    return headers


@lru_cache(64)
def _lower_name(name: str) -> str | None:
    """Return the name of a header in lower case, or ``None`` where it is none, or only a transport may send it."""
    lower = name.lower()
    return None if lower in _OURS or _NAME.fullmatch(name) is None else lower


def closed(request: WireRequest) -> TransportError:
    """Return the failure of a request to a transport that was closed before."""
    return _error(f"{request.label}: the client is closed; the request was not sent (closed)", "closed", False)


def closed_stream(label: str) -> TransportError:
    """Return the failure of a stream that was closed before."""
    return _error(f"{label}: the stream is closed (closed)", "closed", True)


def cap(request: WireRequest) -> int:
    """Return the maximum size of an answer, in decoded bytes."""
    if request.max_bytes is not None:
        return request.max_bytes
    return PURCHASE_BYTES if request.purpose == "purchase" else OTHER_BYTES


def gathered(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names in lower case, those of one name joined."""
    result: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("ascii").lower(), header_text(value)
        result[key] = f"{result[key]}, {text}" if key in result else text
    return result


def header_text(value: bytes) -> str:
    """Return the text of a header: UTF-8 where it is such, as httpx reads it."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def is_streamed(request: WireRequest, status: int) -> bool:
    """Return whether to stream an answer: a success only. The body of an error is small and is read at once."""
    return request.stream and 200 <= status < 300


_NOT_TLS = (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLEOFError)
"""Errors of TLS for failures below it: it waits, or the connection ended."""


def is_tls(error: BaseException) -> bool:
    """Return whether TLS failed, also where a library wrapped the error."""
    return any(isinstance(cause, ssl.SSLError) and not isinstance(cause, _NOT_TLS) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(10):
        if cause is None:
            break
        yield cause
        cause = cause.__cause__ or cause.__context__


def _reason(error: Exception, slow: bool) -> str:
    """Return the words of an error. The end of a connection has one text, as systems and libraries differ in theirs."""
    words = printable(error, 200)
    if slow:
        return words or "timed out"
    if not words or any(isinstance(cause, ssl.SSLEOFError) for cause in _causes(error)):
        return "the server closed it"
    return words


def _error(message: str, kind: str, sent: bool) -> TransportError:
    return TransportError(message, kind=kind, maybe_applied=sent)
