"""Gateways: destinations of calls."""

from __future__ import annotations

from anycarrier.adapter import InvalidInput, Sent, sent
from anycarrier_adapters.voicetel.schemas import Gateway, GatewayNumber

from ._base import Area, changes, done, gets

__all__ = ["Gateways"]

GATEWAY = "/v2.2/gateways/{id}"


class Gateways(Area):
    """``/v2.2/gateways``. Those marked ``system`` cannot be changed."""

    @gets("/v2.2/gateways", list[Gateway], "gateways")
    def gateways(self) -> Sent:
        """All gateways (``gatewaysList``)."""
        return sent()

    @gets(GATEWAY, Gateway)
    def gateway(self, gateway: int) -> Sent:
        """One gateway (``gatewaysGet``)."""
        return sent(id=gateway)

    @changes("POST", "/v2.2/gateways", Gateway, accept=(201,))
    def add_gateway(self, address: str, *, prefix: str | None = None, limit: int | None = None) -> Sent:
        """Add a gateway (``gatewaysCreate``): an address with a port, or a name that leads to a public IPv4 address; at
        most *limit* calls at once, 23 without one."""
        return sent(body={"gateway": address, "prefix": prefix, "limit": _limit(limit)})

    @changes("PUT", GATEWAY, Gateway)
    def update_gateway(
        self, gateway: int, *, address: str | None = None, prefix: str | None = None, limit: int | None = None
    ) -> Sent:
        """Change a gateway (``gatewaysPut``)."""
        return sent(body={"gateway": address, "prefix": prefix, "limit": _limit(limit)}, id=gateway)

    @done("DELETE", GATEWAY)
    def remove_gateway(self, gateway: int) -> Sent:
        """Remove a gateway (``gatewaysDelete``); ``Conflict`` while numbers are routed to it."""
        return sent(id=gateway)

    @gets(f"{GATEWAY}/numbers", list[GatewayNumber], "numbers")
    def gateway_numbers(self, gateway: int) -> Sent:
        """The numbers that are routed to a gateway (``gatewaysNumbers``)."""
        return sent(id=gateway)


def _limit(limit: int | None) -> int | None:
    if limit is not None and not 1 <= limit <= 1000:
        raise InvalidInput(f"limit must be 1 to 1000, got {limit}")
    return limit
