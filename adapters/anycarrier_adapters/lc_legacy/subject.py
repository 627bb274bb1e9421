"""The legacy LC API, as the contract suite and the mutants meet it."""

from __future__ import annotations

from typing import Any

from anycarrier_adapters._leadconnector.subject import LeadConnectorSubject

from . import LCLegacy
from .simulator import LCLegacySimulator

__all__ = ["SUBJECT", "LCLegacySubject"]


class LCLegacySubject(LeadConnectorSubject):
    """Played by its simulator."""

    simulator = LCLegacySimulator

    def provider(self, base_url: str) -> LCLegacy:
        settings: dict[str, Any] = dict(LCLegacySimulator.settings)
        return LCLegacy(**settings, base_url=base_url)


SUBJECT = LCLegacySubject
