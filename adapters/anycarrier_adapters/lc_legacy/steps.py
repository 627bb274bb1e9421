"""The legacy LC API, step by step: what its cassettes are recorded and replayed by."""

from __future__ import annotations

from anycarrier_adapters._leadconnector.steps import steps

from . import LCLegacy

__all__ = ["STEPS"]

STEPS = steps(LCLegacy, {})
