"""What moves bytes. Only the modules in here know an HTTP library; each is imported when a client is made."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from anycarrier.errors import ConfigurationError
from anycarrier.session import AsyncTransport, Transport

__all__ = ["Timeouts", "async_transport", "sync_transport"]


@frozen(kw_only=True)
class Timeouts:
    """Seconds. ``total`` bounds a whole request, however slowly it trickles; purchases have their own, longer pair.

    For a streamed answer ``total`` bounds the waiting for the head; after that ``read`` bounds each wait for more, so
    the time that a consumer takes between items does not count.
    """

    connect: float = 5.0
    read: float = 20.0
    write: float = 10.0
    pool: float = 5.0
    total: float = 30.0
    purchase_read: float = 45.0
    purchase_total: float = 45.0


def sync_transport(transport: Transport | str | None, timeouts: Timeouts | None) -> Transport:
    """The blocking transport called *transport*, or *transport* itself when it is an object."""
    if transport is not None and not isinstance(transport, str):
        return transport
    made: Transport = _module(transport).SyncTransport(timeouts or Timeouts())
    return made


def async_transport(transport: AsyncTransport | str | None, timeouts: Timeouts | None) -> AsyncTransport:
    """The asynchronous transport called *transport*, or *transport* itself when it is an object."""
    if transport is not None and not isinstance(transport, str):
        return transport
    made: AsyncTransport = _module(transport).AsyncTransport(timeouts or Timeouts())
    return made


def _module(name: str | None) -> Any:
    if name in (None, "httpx"):
        from anycarrier.transports import httpx

        return httpx
    if name == "httpx2":
        try:
            from anycarrier.transports import httpx2
        except ImportError:
            raise ConfigurationError("transport='httpx2' needs a package that is missing: pip install httpx2") from None
        return httpx2
    raise ConfigurationError(f"no transport is called {name!r}; there are: httpx, httpx2")
