"""The default transport, on httpx."""

from __future__ import annotations

from typing import Final

import httpcore
import httpx

from anycarrier.transports._httpx_modes import modes

__all__ = ["LIBRARY", "async_transport", "sync_transport"]

LIBRARY: Final = ("httpx", httpx.__version__)

sync_transport, async_transport = modes(httpx, httpcore)
