"""The contract of a transport: the request that it sends, and the methods that it has."""

from __future__ import annotations

from typing import Protocol

from attrs import field, frozen

from anycarrier.errors import TransportError
from anycarrier.exchange import Purpose, Response

__all__ = ["AsyncTransport", "Transport", "WireRequest"]


@frozen(kw_only=True)
class WireRequest:
    """What a transport sends: a full URL, every header, the bytes. Holds the credentials, so nothing of it is shown.

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


class Transport(Protocol):
    """What moves bytes for a blocking client. A failure is returned, not raised."""

    def send(self, request: WireRequest) -> Response | TransportError:
        """One request, one answer; never repeated, never redirected."""
        ...

    def read(self, stream: object) -> bytes | TransportError:
        """The next decoded bytes of a streamed answer; ``b""`` at the end."""
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
