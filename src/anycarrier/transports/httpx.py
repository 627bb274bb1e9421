"""The default transport, on httpx."""

from __future__ import annotations

from typing import Final

import httpcore
import httpx

from anycarrier.transports._httpx import Library

__all__ = ["LIBRARY", "async_transport", "sync_transport"]

LIBRARY: Final = ("httpx", httpx.__version__)

_library = Library.of(httpx, httpcore)
sync_transport, async_transport = _library.sync_transport, _library.async_transport
