"""Options and results that only VoiceTel has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import field, frozen

from anycarrier.adapter import (
    InvalidInput,
    Money,
    OwnedNumber,
    PhoneNumber,
    ProviderOptions,
    Route,
    validator,
    whole,
)

from .api import PROVIDER

__all__ = ["MessagingRoutes", "Ordered", "VoiceTelPurchase", "VoiceTelTransfer"]

DID_ROUTE = 4
"""The system route "DID", where VoiceTel puts a number when an order names no route (OpenAPI, ``orderCreate``)."""


@frozen(kw_only=True)
class VoiceTelPurchase(ProviderOptions):
    """``route``: id of the gateway or system route that calls to the bought number go to."""

    provider: ClassVar[str] = PROVIDER
    route: int = field(validator=validator(whole, 0))


@frozen(kw_only=True)
class VoiceTelTransfer(ProviderOptions):
    """``route``: id of a gateway of the receiving account; the system route for DIDs by default."""

    provider: ClassVar[str] = PROVIDER
    route: int = field(default=DID_ROUTE, validator=validator(whole, 0))


@frozen(kw_only=True)
class MessagingRoutes(Route):
    """The ids of the messaging routes, at least one of them. ``None`` leaves one unchanged.

    Attributes:
        route_in: where texts go, as the ``routeIn`` of a number's messaging state shows it and nothing else; 0
            detaches.
        route_out: the carrier that texts leave by.
    """

    feature: ClassVar[str] = "route"
    route_in: int | None = field(default=None, validator=validator(whole, 0, optional=True))
    route_out: int | None = field(default=None, validator=validator(whole, 0, optional=True))

    def __attrs_post_init__(self) -> None:
        if self.route_in is None and self.route_out is None:
            raise InvalidInput("MessagingRoutes needs route_in or route_out")


@frozen(kw_only=True)
class Ordered:
    """Outcome of an order of several numbers.

    Attributes:
        order_id: VoiceTel's own reference.
        amount_charged: for the whole order, in US dollars.
        numbers: the numbers that were bought.
        failed: the numbers that were not, each with VoiceTel's reason.
        others: numbers that the answer lists as bought though the order does not have them, as it writes them.
    """

    order_id: str | None
    amount_charged: Money | None
    numbers: tuple[OwnedNumber, ...]
    failed: Mapping[PhoneNumber, str] = field(hash=False)
    others: tuple[str, ...] = ()
