"""LC Phone v3, as the contract suite and the mutants meet it."""

from __future__ import annotations

from typing import Any

from anycarrier_adapters._leadconnector.subject import LeadConnectorSubject

from . import LCPhone
from .simulator import LCPhoneSimulator

__all__ = ["SUBJECT", "LCPhoneSubject"]


class LCPhoneSubject(LeadConnectorSubject):
    """Played by its simulator."""

    simulator = LCPhoneSimulator

    def provider(self, base_url: str) -> LCPhone:
        settings: dict[str, Any] = dict(LCPhoneSimulator.settings)
        return LCPhone(**settings, base_url=base_url)


SUBJECT = LCPhoneSubject
