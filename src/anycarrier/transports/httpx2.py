"""The transport on httpx2, the maintained continuation of httpx."""

from __future__ import annotations

from typing import Final

import httpcore2
import httpx2

from anycarrier.transports import _httpx_async, _httpx_sync
from anycarrier.transports._httpx import library

__all__ = ["LIBRARY", "AsyncTransport", "SyncTransport"]

LIBRARY: Final = ("httpx2", httpx2.__version__)

_LIBRARY = library(httpx2, httpcore2)


class SyncTransport(_httpx_sync.SyncTransport):
    """Blocking, on httpx2."""

    library = _LIBRARY


class AsyncTransport(_httpx_async.AsyncTransport):
    """For asyncio, on httpx2."""

    library = _LIBRARY
