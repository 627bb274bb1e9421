"""The default transport, on httpx."""

from __future__ import annotations

from typing import Final

import httpcore
import httpx

from anycarrier.transports import _httpx_async, _httpx_sync
from anycarrier.transports._httpx import library

__all__ = ["LIBRARY", "AsyncTransport", "SyncTransport"]

LIBRARY: Final = ("httpx", httpx.__version__)

_LIBRARY = library(httpx, httpcore)


class SyncTransport(_httpx_sync.SyncTransport):
    """Blocking, on httpx."""

    library = _LIBRARY


class AsyncTransport(_httpx_async.AsyncTransport):
    """For asyncio, on httpx."""

    library = _LIBRARY
