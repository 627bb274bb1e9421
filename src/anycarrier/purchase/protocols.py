"""Protocols of what buys through a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from anycarrier.exchange import Exchange

if TYPE_CHECKING:
    from anycarrier.purchase import Audit, Order, Purchase, Quote, Recovery, Sweep

__all__ = ["Provisions"]


@runtime_checkable
class Provisions(Protocol):
    """Buys through a journal: :class:`anycarrier.failover.Failover` does, over one provider or several."""

    def provision(self, order: Order, *, request_id: str) -> Exchange[Purchase]: ...

    def resume(self, request_id: str, *, deadline: float | None = None) -> Exchange[Purchase]: ...

    def recover(self, *, deadline: float = 600.0) -> Exchange[Recovery]: ...

    def sweep(self) -> Exchange[Sweep]: ...

    def reconcile(self) -> Exchange[Audit]: ...

    def quotes(self, order: Order) -> Exchange[Quote]: ...
