"""Numbers to be had: searching, ordering, bringing along."""

from __future__ import annotations

from typing import Literal

from anycarrier.decoding import Record, Rows, read_rows
from anycarrier.exchange import Exchange, Request, Response
from anycarrier.model import Target
from anycarrier.wire import ask
from anycarrier_adapters.voicetel import schemas

from ._base import ORDERS, PROVIDER, Base, Data, checked, error_of, ten_digit

__all__ = ["ORDER_MOST", "Inventory"]

ORDER_MOST = 100


class Inventory(Base):
    """``/v2.2/inventory``, ``/v2.2/orders`` and ``/v2.2/ports``."""

    def inventory(
        self,
        tn_mask: str,
        *,
        quantity: int | None = None,
        province: str | None = None,
        rate_center: str | None = None,
        lata: str | None = None,
    ) -> Exchange[tuple[Rows[schemas.InventoryRow, Record], Response]]:
        """Numbers to order (``inventorySearch``), at most *quantity*: 1 to 1000, 10 when not given."""
        return self._found(
            {"tnMask": tn_mask, "quantity": quantity, "province": province, "rateCenter": rate_center, "lata": lata}
        )

    def _found(self, query: Data) -> Exchange[tuple[Rows[schemas.InventoryRow, Record], Response]]:
        request = self._request("search", "GET", "/v2.2/inventory", query=query)
        response = yield from ask(request, error_of)
        rows = read_rows(
            schemas.InventoryRow,
            request,
            response,
            provider=PROVIDER,
            at=("data", "numbers"),
            envelope=schemas.Success,
            some=True,
        )
        return rows, response

    def coverage(
        self, count_by: Literal["state", "city", "rateCenter", "npanxx", "block"], *, state: str | None = None,
        city: str | None = None, rate_center: str | None = None, npa: str | None = None, lata: int | None = None,
    ) -> Exchange[list[Data]]:  # fmt: skip
        """How many numbers there are (``inventoryCoverage``)."""
        query = {
            "countBy": count_by, "locState": state, "city": city, "rcAbbre": rate_center, "npa": npa, "lata": lata,
        }  # fmt: skip
        return self._rows("voicetel.coverage", "/v2.2/inventory/coverage", "coverage", query=query)

    def order(
        self, body: bytes, key: str, *, operation: str = "buy"
    ) -> Exchange[tuple[schemas.Order, Request, Response]]:
        """Order numbers (``orderCreate``), exactly these bytes under this Idempotency-Key; sent once.

        201 is documented; that a replay answers 200 is thinkable, and its body says the same.
        """
        headers = {"idempotency-key": key}
        request = self._request(operation, "POST", ORDERS, body=body, headers=headers, purpose="purchase")
        order, response = yield from self._answer(schemas.Order, request, (201, 200))
        return order, request, response

    def portability(self, target: Target) -> Exchange[Data]:
        """Whether a number can be ported here (``portAvailability``); it must have been asked within the hour before
        ``port_in``."""
        path = "/v2.2/ports/availability/{number}"
        return self._data("voicetel.portability", "GET", path, number=ten_digit(target))

    def port_in(self, order: Data) -> Exchange[Data]:
        """Bring numbers along (``portSubmit``), 6 USD each; *order* is the body of the official document."""
        return self._data("voicetel.port_in", "POST", "/v2.2/ports", (201,), body=order, purpose="purchase")

    def ports(self) -> Exchange[list[Data]]:
        """All that is being or was brought along (``portList``), newest first."""
        return self._rows("voicetel.ports", "/v2.2/ports", "ports")

    def port(self, pid: str) -> Exchange[Data]:
        """One of them (``portGet``), by its ``pid`` and not by the longer ``id``."""
        checked("pid", pid, "[A-Za-z0-9]{5}", "five letters or digits")
        return self._data("voicetel.port", "GET", "/v2.2/ports/{id}", id=pid)
