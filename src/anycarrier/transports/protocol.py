"""The contract of a transport: the request that it sends and its origin, its time limits, and its methods."""

from __future__ import annotations

import re
from typing import Protocol

from attrs import field, frozen

from anycarrier.errors import TransportError
from anycarrier.exchange import Purpose, Response
from anycarrier.validation import seconds, validator

__all__ = [
    "OTHER_BYTES",
    "PURCHASE_BYTES",
    "AsyncTransport",
    "Origin",
    "Timeouts",
    "Transport",
    "WireRequest",
    "is_target",
]

PURCHASE_BYTES = 1_000_000
"""Maximum size of the answer to a purchase, in decoded bytes."""
OTHER_BYTES = 10_000_000
"""Maximum size of any other answer, unless its request sets another; a streamed answer has none."""

_ABOVE_0 = validator(seconds, zero=False, most=1_000_000)  # sockets take up to 24 days


_URL = re.compile(
    r"(?P<root>(?P<scheme>https?)://(?P<host>[^\s\x00-\x1f/?#@:\[\]\\%]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?)"
    r"(?P<rest>[/?].*)?",
    re.IGNORECASE,
)
# The text that may follow the root: printable ASCII, and no fragment, which is never sent.
_REST = re.compile(r"(?:[/?][!\"$-~]*)?")


class Origin:
    """Scheme, host and port of a URL, as text and to connect to; ``ValueError`` where a text is no URL."""

    __slots__ = ("host", "netloc", "port", "root", "tls")

    def __init__(self, text: str) -> None:
        found = _URL.fullmatch(text)
        if found is None:
            raise ValueError
        host = found["host"].lower()
        if not host.isascii():
            import idna

            host = idna.encode(host, uts46=True).decode("ascii")
        self.root = found["root"]
        self.tls = found["scheme"].lower() == "https"
        default = 443 if self.tls else 80
        self.port = int(found["port"] or default)
        if not 0 < self.port < 65536:
            raise ValueError
        self.netloc = host if self.port == default else f"{host}:{self.port}"
        self.host = host.strip("[]")

    def same(self, other: Origin) -> bool:
        """Return whether both lead to the same place in the same way."""
        return (self.tls, self.host, self.port) == (other.tls, other.host, other.port)


def is_target(rest: str) -> bool:
    """Return whether *rest* may follow the root of a URL and be sent."""
    return _REST.fullmatch(rest) is not None


@frozen(kw_only=True)
class WireRequest:
    """A request ready to send: a full URL, every header, the bytes. It holds credentials, which ``repr`` does not show.

    Attributes:
        origin: scheme, host and port of the account; a transport refuses a URL that does not begin with it.
        label: method and path template, safe to show.
    """

    method: str
    url: str = field(repr=False)
    origin: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes | None = field(repr=False)
    purpose: Purpose
    stream: bool
    max_bytes: int | None
    label: str


@frozen(kw_only=True)
class Timeouts:
    """Time limits of requests, in seconds.

    ``total`` bounds a whole request, however slowly its answer trickles; purchases have a longer pair of their own.
    For a streamed answer, such as a long list, ``total`` bounds the wait for its head and ``stream`` the reading of the
    rest: a list of 100,000 numbers (30 MB) needs 240 s at 1 Mbit/s. The time that the program spends on items is not
    counted.
    """

    connect: float = field(default=5.0, validator=_ABOVE_0)
    read: float = field(default=20.0, validator=_ABOVE_0)
    write: float = field(default=10.0, validator=_ABOVE_0)
    pool: float = field(default=5.0, validator=_ABOVE_0)
    total: float = field(default=30.0, validator=_ABOVE_0)
    stream: float = field(default=300.0, validator=_ABOVE_0)
    purchase_read: float = field(default=45.0, validator=_ABOVE_0)
    purchase_total: float = field(default=45.0, validator=_ABOVE_0)


class Transport(Protocol):
    """A blocking transport. It returns failures and does not raise them."""

    def send(self, request: WireRequest) -> Response | TransportError:
        """Send one request and return its answer; never repeat it, never follow a redirect."""
        ...

    def read(self, stream: object) -> bytes | TransportError:
        """Return the next decoded bytes of a streamed answer; ``b""`` at the end."""
        ...

    def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """The same for an asynchronous client."""

    async def send(self, request: WireRequest) -> Response | TransportError: ...

    async def read(self, stream: object) -> bytes | TransportError: ...

    async def close_stream(self, stream: object) -> None: ...

    async def close(self) -> None: ...
