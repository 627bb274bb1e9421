"""Inventory: search, order, port in."""

from __future__ import annotations

from anycarrier.adapter import (
    Amount,
    Day,
    Details,
    Instant,
    Number,
    NumberOrText,
    Record,
    TenDigit,
    Text,
    Whole,
)

__all__ = ["Coverage", "InventoryRow", "Order", "OrderFailure", "Port", "PortDetail", "PortOrder", "Portability"]


class InventoryRow(Record):
    """Number that can be ordered. All text; ``lata`` too."""

    number: TenDigit
    rate_center: Text = None
    city: Text = None
    province: Text = None
    lata: Text = None


class Coverage(Details):
    """Count of numbers in one place; which members say the place depends on what was counted by.

    Attributes:
        loc_state: state or province.
        rc_abbre: rate center.
        npa: area code; ``nxx`` the exchange, ``block`` the block of a thousand.
    """

    count: Whole = None
    loc_state: Text = None
    city: Text = None
    rc_abbre: Text = None
    npa: Text = None
    nxx: Text = None
    block: Text = None
    lata: Text = None


class OrderFailure(Record):
    """Number that an order did not take."""

    number: str
    reason: Text = None


class Order(Record):
    """``POST /v2.2/orders``. The numbers stay text: the mapping decides with care which of them was ordered."""

    order_id: Text = None
    amount_charged: Amount = None
    numbers_ordered: list[str] | None = None
    failed: list[OrderFailure] | None = None


class Portability(Details):
    """Answer to the question whether a number can be ported here (``portAvailabilityData``).

    Attributes:
        reason: why not; ``None`` where it can be.
        losing_carrier: the present carrier, where it is known.
        local_routing_number: of the switch that serves the number.
    """

    number: Number
    portable: bool
    reason: Text = None
    losing_carrier: Text = None
    rate_center_tier: Text = None
    local_routing_number: NumberOrText = None


class PortOrder(Details):
    """Port that was ordered (``portSubmitData``).

    Attributes:
        pid: five letters and digits, for ``port``.
        loa_url: page on which the letter of authorization is signed; ``port_url`` shows the state of the port.
        ticket: id of the support ticket.
    """

    pid: Text = None
    port_url: Text = None
    loa_url: Text = None
    message: Text = None
    ticket: Whole = None


class Port(Details):
    """Port, present or past (``portSummary``).

    Attributes:
        pid: five letters and digits, for ``port``; ``id`` is longer, and not for that.
        status: such as Complete; the words are not documented.
        foc: firm order commitment: the day of the port.
    """

    id: Text = None
    pid: Text = None
    status: Text = None
    created_at: Instant = None
    foc: Day = None
    message: Text = None
    support_url: Text = None


class PortDetail(Details):
    """One port with its numbers (``portDetail``).

    Attributes:
        name: that of the account which is ported; ``email`` gets the news.
        foc: firm order commitment: the day of the port.
        numbers: text where one is no number.
    """

    id: Text = None
    pid: Text = None
    status: Text = None
    created_at: Instant = None
    foc: Day = None
    message: Text = None
    name: Text = None
    email: Text = None
    numbers: list[NumberOrText] | None = None
