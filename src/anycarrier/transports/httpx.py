"""The default transport, on httpx."""

from __future__ import annotations

import httpcore
import httpx

from anycarrier.transports import _httpx

__all__ = ["AsyncTransport", "SyncTransport"]

_LIBRARY = _httpx.library(httpx, httpcore)


class SyncTransport(_httpx.SyncTransport):
    """Blocking, on httpx."""

    library = _LIBRARY


class AsyncTransport(_httpx.AsyncTransport):
    """For asyncio, on httpx."""

    library = _LIBRARY
