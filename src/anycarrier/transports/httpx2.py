"""The transport on httpx2, the maintained continuation of httpx."""

from __future__ import annotations

from typing import Final

import httpcore2
import httpx2

from anycarrier.transports._httpx_modes import modes

__all__ = ["LIBRARY", "async_transport", "sync_transport"]

LIBRARY: Final = ("httpx2", httpx2.__version__)

sync_transport, async_transport = modes(httpx2, httpcore2)
