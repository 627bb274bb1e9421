"""Numbers of the location, and numbers for sale."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from attrs import define, field, frozen

from anycarrier.simulator import ServiceRecord

__all__ = ["Grantee", "Location", "Owned", "Place", "Stock", "inventory"]


@frozen
class Place:
    """Place of the numbers of an area code."""

    area: str
    city: str
    region: str
    rate_center: str
    lata: str
    postal_code: str = ""
    latitude: str = ""
    longitude: str = ""


PLACES = (
    Place("201", "Hackensack", "NJ", "HACKENSACK", "224", "07601", "40.885900", "-74.043500"),
    Place("212", "New York", "NY", "NEW YORK", "132", "10001", "40.750600", "-73.997200"),
    Place("305", "Miami", "FL", "MIAMI", "460", "33101", "25.774300", "-80.193700"),
    Place("415", "San Francisco", "CA", "SNFC CNTRL", "722", "94102", "37.779300", "-122.419200"),
    Place("512", "Austin", "TX", "AUSTIN", "558", "78701", "30.271100", "-97.743700"),
    Place("870", "Wynne", "AR", "WYNNE", "528", "72396", "35.241800", "-90.846000"),
)


@frozen
class Stock:
    """A number for sale."""

    number: str
    kind: Literal["local", "tollFree", "mobile"] = "local"
    country: str = "US"
    place: Place | None = None
    address: str = "none"
    price: str = "1.15"
    features: frozenset[str] = frozenset({"SMS", "MMS", "voice"})


@define
class Owned:
    """A number of the location.

    Attributes:
        name: its label.
        forwarding: where calls are forwarded.
        pooled: whether it is in the number pool.
        inbound: service that takes its calls: a type (``ivr``, ``voice_ai`` or ``forward``) and the id of a workflow,
            an agent or a number.
        user: id of the user that it is linked to.
        ring_all: ids of users that all ring.
        origin: ``twilio``, ``hosted`` or ``ported``.
    """

    number: str
    sid: str
    kind: str
    country: str
    added: float
    name: str = ""
    forwarding: str = ""
    pooled: bool = False
    inbound: Mapping[str, str] | None = None
    user: str = ""
    ring_all: tuple[str, ...] = ()
    is_default: bool = False
    origin: str = "twilio"


@define
class Location:
    """A location (sub-account) of a company, and its numbers.

    Attributes:
        token: its private integration token.
        record: what a port order for its numbers has to agree with.
        installed: Unix seconds since when the app is installed there; ``None`` where it is not.
    """

    location_id: str
    token: str
    company_id: str
    name: str
    installed: float | None
    record: ServiceRecord
    owned: dict[str, Owned] = field(factory=dict)


@frozen
class Grantee:
    """Holder of a token: one location, or a whole company."""

    user_type: Literal["Location", "Company"]
    company_id: str
    location_id: str | None = None


def inventory() -> dict[str, Stock]:
    """Return the numbers for sale at the start, by number."""
    return dict(_inventory())


@cache
def _inventory() -> dict[str, Stock]:
    stock = [
        Stock(f"+1{place.area}55501{line:02}", place=place, address="any" if line == 90 else "none")
        for place in PLACES
        for line in range(100)
    ]
    stock += [Stock(f"+180055501{line:02}", "tollFree", price="2.15") for line in range(50)]
    stock += [
        Stock(f"+44207946{line:04}", country="GB", address="local", place=Place("20", "London", "", "", ""))
        for line in range(20)
    ]
    return {each.number: each for each in stock}
