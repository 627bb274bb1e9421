"""The default transport, on httpx."""

from __future__ import annotations

from typing import Final

import httpcore
import httpx

from anycarrier.transports import _httpx

__all__ = ["LIBRARY", "AsyncTransport", "SyncTransport"]

LIBRARY: Final = ("httpx", httpx.__version__)

_LIBRARY = _httpx.library(httpx, httpcore)


class SyncTransport(_httpx.SyncTransport):
    """Blocking, on httpx."""

    library = _LIBRARY


class AsyncTransport(_httpx.AsyncTransport):
    """For asyncio, on httpx."""

    library = _LIBRARY
