"""Recording recipe of the legacy LC API."""

from __future__ import annotations

from anycarrier_adapters.lc_legacy import LCLegacy

from .leadconnector import steps

__all__ = ["STEPS"]

STEPS = steps(LCLegacy)
