"""Clients: ``Client`` blocks, ``AsyncClient`` is for asyncio. Each operation drives the provider's exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anycarrier.client._async import AsyncClient
    from anycarrier.client._async_accounts import AsyncAccounts
    from anycarrier.client._sync import Client
    from anycarrier.client._sync_accounts import Accounts

__all__ = ["Accounts", "AsyncAccounts", "AsyncClient", "Client"]


# A program has one of them, and loads one.
def __getattr__(name: str) -> type[Client] | type[AsyncClient] | type[Accounts] | type[AsyncAccounts]:
    if name == "Client":
        from anycarrier.client._sync import Client

        return Client
    if name == "AsyncClient":
        from anycarrier.client._async import AsyncClient

        return AsyncClient
    if name == "Accounts":
        from anycarrier.client._sync_accounts import Accounts

        return Accounts
    if name == "AsyncAccounts":
        from anycarrier.client._async_accounts import AsyncAccounts

        return AsyncAccounts
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
