"""We, as a subject: ``anycarrier/<provider>/<transport>``, blocking or asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from attrs import evolve

from anycarrier import AsyncClient, Client, Search
from anycarrier.registry import make
from benchmark.shape import AREA

SETTINGS: dict[str, dict[str, Any]] = {
    "voicetel": {"api_key": "0" * 32},
    "lc_phone": {"token": "pit-0", "location_id": "loc1"},
    "lc_legacy": {"token": "pit-0", "location_id": "loc1"},
    "leadping": {"api_key": "lp_0"},
}
PAGE = {"lc_phone": 250, "lc_legacy": 250, "leadping": 100}
"""Requests of our adapters, and so of the bare program too."""


def touched(offers: Iterable[Any]) -> int:
    """Read what a program reads: the number, where it is, and that the provider's record can be had."""
    count = 0
    for offer in offers:
        _ = offer.number, offer.city, offer.state, offer.raw
        count += 1
    return count


def made(name: str, base: str) -> Any:
    """A provider. Its rate limits are kept account of as always, but are so wide that nothing ever waits for them."""
    provider = make(name, {"base_url": base, **SETTINGS[name]})
    provider.accounts = tuple(
        evolve(account, limits=tuple(evolve(limit, requests=1_000_000) for limit in account.limits))
        for account in provider.accounts
    )
    return provider


class Ours:
    """Blocking."""

    asynchronous = False

    def __init__(self, name: str, transport: str, base: str) -> None:
        self.client = Client(made(name, base), transport=transport)
        self.query = Search(area_code=AREA, limit=50)

    def search(self) -> int:
        return touched(self.client.search(self.query))

    def list(self) -> int:
        count = 0
        for owned in self.client.list():
            _ = owned.number, owned.status, owned.raw
            count += 1
        return count


class OursAsync:
    """Asynchronous."""

    asynchronous = True

    def __init__(self, name: str, transport: str, base: str) -> None:
        self.client = AsyncClient(made(name, base), transport=transport)
        self.query = Search(area_code=AREA, limit=50)

    async def search(self) -> int:
        return touched(await self.client.search(self.query))

    async def list(self) -> int:
        count = 0
        async for owned in self.client.list():
            _ = owned.number, owned.status, owned.raw
            count += 1
        return count


class Four:
    """Four providers as one, and the slowest of them alone."""

    def __init__(self, transport: str, origin: str, delays: dict[str, int]) -> None:
        from anycarrier.failover import Failover

        members = [made(name, f"{origin}/{name}-50-{delay}") for name, delay in delays.items()]
        self.query = Search(area_code=AREA, limit=200)
        slowest = members[list(delays.values()).index(max(delays.values()))]
        self._async = AsyncClient(Failover(members), transport=transport), AsyncClient(slowest, transport=transport)
        self._sync = Client(Failover(members), transport=transport), Client(slowest, transport=transport)

    async def search(self) -> int:
        return touched(_complete(await self._async[0].search(self.query)))

    async def alone(self) -> int:
        return touched(await self._async[1].search(self.query))

    def search_blocking(self) -> int:
        return touched(_complete(self._sync[0].search(self.query)))

    def alone_blocking(self) -> int:
        return touched(self._sync[1].search(self.query))


def _complete(offers: Any) -> Any:
    if offers.failed:
        raise RuntimeError(f"a provider failed: {offers.failed}")
    return offers


def transports() -> list[str]:
    """Every transport that is there and can be used: found by trying."""
    import pkgutil

    import anycarrier.transports
    from anycarrier.errors import ConfigurationError

    names = [info.name for info in pkgutil.iter_modules(anycarrier.transports.__path__) if info.name[0] != "_"]
    found = []
    for name in sorted(names, key=lambda name: (name != "httpx", name)):
        try:
            anycarrier.transports.sync_transport(name, None).close()
        except (ConfigurationError, ImportError, AttributeError):
            continue
        found.append(name)
    return found


def subject(spec: str, base: str, *, asynchronous: bool) -> Any:
    """The subject that *spec* (provider/transport) names."""
    name, transport = spec.split("/")
    if not asynchronous:
        return Ours(name, transport, base)

    async def on_the_loop() -> OursAsync:
        return OursAsync(name, transport, base)

    return asyncio.get_event_loop_policy().get_event_loop().run_until_complete(on_the_loop())
