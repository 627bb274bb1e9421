"""Inventory: search and order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from anycarrier.adapter import InvalidInput, Record, Sent, Target, buys, by_hints, reads_rows, sent
from anycarrier_adapters.voicetel import schemas

from ._base import Area, checked, gets, ten_digit

__all__ = ["KEY_FORM", "ORDER_MOST", "Inventory", "OrderLine"]

ORDER_MOST = 100


KEY_FORM = "[A-Za-z0-9_-]{1,128}"


@frozen(kw_only=True, field_transformer=by_hints)
class OrderLine:
    """Number in an order, and the id of the gateway or system route that its calls go to."""

    number: Target
    route: int


class Inventory(Area):
    """``/v2.2/inventory`` and ``/v2.2/orders``."""

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

    @gets("/v2.2/inventory/coverage", list[schemas.Coverage], "coverage", operation="voicetel.coverage")
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

    orders = buys(
        "/v2.2/orders",
        schemas.Order,
        at=("data",),
        envelope=schemas.Success,
        accept=(201, 200),  # 201 is documented; a replay might answer 200, and its body says the same
        operation="buy",
    )

    @orders.answering
    def order(self, numbers: Sequence[Target | OrderLine], key: str) -> Sent:
        """Order up to 100 numbers (``orderCreate``) under this Idempotency-Key; sent once.

        The answer is VoiceTel's own: ``VoiceTel.order`` also says what is certain when there is none.
        """
        if not 1 <= len(numbers) <= ORDER_MOST:
            raise InvalidInput(f"give 1 to {ORDER_MOST} numbers, not {len(numbers)}")
        return sent(
            body={"numbers": [_line(one) for one in numbers]},
            headers={"idempotency-key": checked("key", key, KEY_FORM, "1 to 128 letters, digits, _ and -")},
            operation="voicetel.order",
        )


def _line(one: Target | OrderLine) -> str | dict[str, str | int]:
    if isinstance(one, OrderLine):
        return {"number": ten_digit(one.number), "route": one.route}
    return ten_digit(one)
