"""Gateways: where calls can be sent."""

from __future__ import annotations

from anycarrier.errors import InvalidInput
from anycarrier.exchange import Exchange

from ._base import Base, Data

__all__ = ["Gateways"]


class Gateways(Base):
    """``/v2.2/gateways``. Those marked ``system`` cannot be changed."""

    def gateways(self) -> Exchange[list[Data]]:
        """All gateways (``gatewaysList``)."""
        return self._rows("voicetel.gateways", "/v2.2/gateways", "gateways")

    def gateway(self, gateway: int) -> Exchange[Data]:
        """One gateway (``gatewaysGet``)."""
        return self._data("voicetel.gateway", "GET", "/v2.2/gateways/{id}", id=gateway)

    def add_gateway(self, address: str, *, prefix: str | None = None, limit: int | None = None) -> Exchange[Data]:
        """Add one (``gatewaysCreate``): an address with a port, or a name that leads to a public IPv4 address; at most
        *limit* calls at once, 23 when not given."""
        body = {"gateway": address, "prefix": prefix, "limit": _limit(limit)}
        return self._data("voicetel.add_gateway", "POST", "/v2.2/gateways", (201,), body=body)

    def update_gateway(
        self, gateway: int, *, address: str | None = None, prefix: str | None = None, limit: int | None = None
    ) -> Exchange[Data]:
        """Change one (``gatewaysPut``)."""
        body = {"gateway": address, "prefix": prefix, "limit": _limit(limit)}
        return self._data("voicetel.update_gateway", "PUT", "/v2.2/gateways/{id}", body=body, id=gateway)

    def remove_gateway(self, gateway: int) -> Exchange[None]:
        """Remove one (``gatewaysDelete``); ``Conflict`` while numbers are routed to it."""
        return self._done("voicetel.remove_gateway", "DELETE", "/v2.2/gateways/{id}", id=gateway)

    def gateway_numbers(self, gateway: int) -> Exchange[list[Data]]:
        """The numbers that are routed to one (``gatewaysNumbers``)."""
        return self._rows("voicetel.gateway_numbers", "/v2.2/gateways/{id}/numbers", "numbers", id=gateway)


def _limit(limit: int | None) -> int | None:
    if limit is not None and not 1 <= limit <= 1000:
        raise InvalidInput(f"limit must be 1 to 1000, got {limit}")
    return limit
