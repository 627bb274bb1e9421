"""The fast transport: sockets and asyncio of the standard library, with httptools to parse."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

import httptools

from anycarrier.transports.protocol import Timeouts

if TYPE_CHECKING:
    from anycarrier.transports._fast_async import AsyncTransport
    from anycarrier.transports._fast_sync import SyncTransport

__all__ = ["LIBRARY", "async_transport", "sync_transport"]

LIBRARY: Final = ("httptools", httptools.__version__)


def sync_transport(timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> SyncTransport:
    """Return a blocking transport."""
    from anycarrier.transports._fast_sync import SyncTransport

    return SyncTransport(timeouts, tls=tls)


def async_transport(timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> AsyncTransport:
    """Return a transport for asyncio; only this loads asyncio, which takes longer than all the rest here."""
    from anycarrier.transports._fast_async import AsyncTransport

    return AsyncTransport(timeouts, tls=tls)
