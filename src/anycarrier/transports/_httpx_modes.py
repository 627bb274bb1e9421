"""Both modes of a transport on httpx or httpx2."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

from anycarrier.transports._httpx import Library
from anycarrier.transports.protocol import AsyncTransport, Timeouts, Transport

__all__ = ["modes"]


def modes(httpx: Any, httpcore: Any) -> tuple[Callable[..., Transport], Callable[..., AsyncTransport]]:
    """Return ``sync_transport`` and ``async_transport`` for a library; only the second loads asyncio."""
    library = Library.of(httpx, httpcore)

    def sync_transport(timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> Transport:
        from anycarrier.transports._httpx_sync import SyncTransport

        return SyncTransport(library, timeouts, tls=tls)

    def async_transport(timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> AsyncTransport:
        from anycarrier.transports._httpx_async import AsyncTransport

        return AsyncTransport(library, timeouts, tls=tls)

    return sync_transport, async_transport
