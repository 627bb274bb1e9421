"""Orders of ports, and what of them is private."""

from __future__ import annotations

from typing import Any

from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.ports import PortOrder, ServiceAddress

__all__ = ["ADDRESS", "PRIVATE", "details", "numbers_of", "port_order"]

ADDRESS = ServiceAddress(
    street_number="411",
    street="Hackensack",
    street_type="AVE",
    unit="STE 98765",
    city="Closter",
    state="NJ",
    postal_code="07624",
)
PRIVATE = ("Umbrella Plumbing", "AC-88442211-77", "735190", "Quentin Example", "STE 98765", "Hackensack", "2015550177")
"""Texts of :func:`port_order` that nothing shows: name, account number, PIN, person, address, billing number."""


def details(**more: Any) -> dict[str, Any]:
    return {
        "subscriber": PRIVATE[0],
        "subscriber_kind": "business",
        "service_address": ADDRESS,
        "account_number": PRIVATE[1],
        "pin": PRIVATE[2],
        "billing_number": f"+1{PRIVATE[6]}",
        "authorized_person": PRIVATE[3],
        **more,
    }


def port_order(*numbers: Any, **more: Any) -> PortOrder:
    return PortOrder(numbers or ("+13125550150",), **{"max_fee": Money("600"), **details(**more)})


def numbers_of(count: int, area: str = "312") -> list[PhoneNumber]:
    return [PhoneNumber(f"+1{area}55501{line:02}") for line in range(count)]
