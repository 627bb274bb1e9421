"""Inventory: search, order, port in."""

from __future__ import annotations

from typing import Literal

from anycarrier.adapter import Record, Sent, Target, buys, reads_rows, sent
from anycarrier_adapters.voicetel import schemas

from ._base import DATA, Area, Data, checked, gets, lists, pays, ten_digit

__all__ = ["ORDER_MOST", "Inventory"]

ORDER_MOST = 100


class Inventory(Area):
    """``/v2.2/inventory``, ``/v2.2/orders`` and ``/v2.2/ports``."""

    available = reads_rows(
        "/v2.2/inventory",
        schemas.InventoryRow,
        at=("data", "numbers"),
        around=Record,
        envelope=schemas.Success,
        some=True,
        operation="search",
    )

    @available
    def inventory(
        self,
        tn_mask: str,
        *,
        quantity: int | None = None,
        province: str | None = None,
        rate_center: str | None = None,
        lata: str | None = None,
    ) -> Sent:
        """Numbers to order (``inventorySearch``), at most *quantity*: 1 to 1000, 10 without one."""
        place = {"province": province, "rateCenter": rate_center, "lata": lata}
        return sent(query={"tnMask": tn_mask, "quantity": quantity, **place})

    @lists("/v2.2/inventory/coverage", "coverage")
    def coverage(
        self,
        count_by: Literal["state", "city", "rateCenter", "npanxx", "block"],
        *,
        state: str | None = None,
        city: str | None = None,
        rate_center: str | None = None,
        npa: str | None = None,
        lata: int | None = None,
    ) -> Sent:
        """Counts of numbers (``inventoryCoverage``)."""
        place = {"locState": state, "city": city, "rcAbbre": rate_center, "npa": npa}
        return sent(query={"countBy": count_by, **place, "lata": lata})

    @buys("/v2.2/orders", schemas.Order, **DATA, accept=(201, 200), operation="buy").answering
    def order(self, body: bytes, key: str, *, operation: str = "buy") -> Sent:
        """Order numbers (``orderCreate``), exactly these bytes under this Idempotency-Key; sent once.

        201 is documented; a replay might answer 200, and its body says the same.
        """
        return sent(body=body, headers={"idempotency-key": key}, operation=operation)

    @gets("/v2.2/ports/availability/{number}")
    def portability(self, target: Target) -> Sent:
        """Check that a number can be ported here (``portAvailability``), within the hour before ``port_in``."""
        return sent(number=ten_digit(target))

    @pays("POST", "/v2.2/ports", 201)
    def port_in(self, order: Data) -> Sent:
        """Port numbers in (``portSubmit``), 6 USD each; *order* is the body of the official document."""
        return sent(body=order)

    @lists("/v2.2/ports", "ports")
    def ports(self) -> Sent:
        """All ports, present and past (``portList``), newest first."""
        return sent()

    @gets("/v2.2/ports/{id}")
    def port(self, pid: str) -> Sent:
        """One port (``portGet``), by its ``pid`` and not by the longer ``id``."""
        return sent(id=checked("pid", pid, "[A-Za-z0-9]{5}", "five letters or digits"))
