"""What the contract suite is told of LeadConnector, for both versions."""

from __future__ import annotations

from typing import Any, ClassVar

from anycarrier.numbers import PhoneNumber
from anycarrier.testing import ProviderCase

__all__ = ["LeadConnectorSubject"]


class LeadConnectorSubject(ProviderCase):
    """Played by its simulator."""

    purchase: ClassVar[str] = "purchase"
    listing: ClassVar[str] = "active_numbers"
    many: ClassVar[int] = 260

    def own(self, simulator: Any, number: PhoneNumber) -> None:
        simulator.own(number.e164)
