"""Clients: ``Client`` blocks, ``AsyncClient`` is for asyncio. Each operation drives the provider's exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anycarrier.client._async import AsyncClient
    from anycarrier.client._sync import Client

__all__ = ["AsyncClient", "Client"]


# A program has one of them, and loads one.
def __getattr__(name: str) -> type[Client] | type[AsyncClient]:
    if name == "Client":
        from anycarrier.client._sync import Client

        return Client
    if name == "AsyncClient":
        from anycarrier.client._async import AsyncClient

        return AsyncClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
