"""LC Phone v3, played in memory. The ``Version`` header of a request decides the shape of its answer."""

from __future__ import annotations

from anycarrier_adapters._leadconnector.simulator import CHOICES, DUMMY_LOCATION, DUMMY_TOKEN, LeadConnectorSimulator

__all__ = ["CHOICES", "DUMMY_LOCATION", "DUMMY_TOKEN", "SIMULATOR", "LCPhoneSimulator"]


class LCPhoneSimulator(LeadConnectorSimulator):
    """LC Phone v3: see the class that it comes from for what can be set."""

    name = "lc_phone"


SIMULATOR = LCPhoneSimulator
