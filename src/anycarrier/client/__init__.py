"""Clients: ``Client`` blocks, ``AsyncClient`` is for asyncio. Each operation drives the provider's exchange."""

from __future__ import annotations

from anycarrier.client._async import AsyncClient
from anycarrier.client._sync import Client

__all__ = ["AsyncClient", "Client"]
