"""Numbers on the account, and places of the numbers for sale."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import define, frozen

__all__ = ["OTHER_OWNER", "OWNED", "OWNER", "OWNERS", "PLACES", "REGISTERED", "Number", "Place"]

OWNER = "own_0001"
OTHER_OWNER = "own_0002"
OWNERS = {OWNER: "Example Inc", OTHER_OWNER: "Example Two LLC"}
"""Names of the businesses or organizations that the credential's user belongs to."""


@frozen
class Place:
    """City, coordinates and time zone of an area code."""

    area: str
    city: str
    state: str
    latitude: float
    longitude: float
    zone: str


PLACES: tuple[Place, ...] = (
    Place("201", "Hackensack", "NJ", 40.89, -74.04, "America/New_York"),
    Place("206", "Seattle", "WA", 47.61, -122.33, "America/Los_Angeles"),
    Place("212", "New York", "NY", 40.71, -74.01, "America/New_York"),
    Place("312", "Chicago", "IL", 41.88, -87.63, "America/Chicago"),
    Place("415", "San Francisco", "CA", 37.77, -122.42, "America/Los_Angeles"),
    Place("512", "Austin", "TX", 30.27, -97.74, "America/Chicago"),
    Place("646", "New York", "NY", 40.71, -74.01, "America/New_York"),
)
"""Area codes for sale: 555-0100 to 555-0199 of each, which are reserved for fiction."""

OWNED = ("+12015550197", "+12015550198", "+12125550199")
REGISTERED = "+12125550199"
"""The number that has a 10DLC campaign from the start."""


@define
class Number:
    """A number on the account."""

    id: str
    number: str
    name: str
    created: float
    ready: float
    fails: bool = False
    charged: Decimal = Decimal(0)
    enabled: bool = True
    owner: str = OWNER
    override: dict[str, Any] | None = None
    health: bool = False
    campaign: str | None = None
    modified: float | None = None
    release_requested: float | None = None
    release_at: float | None = None
