"""Lookups. Each costs money, so none is repeated by itself."""

from __future__ import annotations

from anycarrier.exchange import Exchange
from anycarrier.model import Target

from ._base import Base, Data, ten_digit

__all__ = ["Lookups"]


class Lookups(Base):
    """``/v2.2/cnam`` and ``/v2.2/lrn``."""

    def cnam_lookup(self, target: Target) -> Exchange[Data]:
        """The name that a caller's number shows (``cnamLookup``)."""
        return self._data(
            "voicetel.cnam_lookup", "GET", "/v2.2/cnam/{number}", purpose="purchase", number=ten_digit(target)
        )

    def lrn_lookup(self, target: Target, ani: Target) -> Exchange[Data]:
        """The routing number and carrier of a called number (``lrnLookup``); *ani* is who calls."""
        return self._data(
            "voicetel.lrn_lookup", "GET", "/v2.2/lrn/{number}/{ani}", purpose="purchase",
            number=ten_digit(target), ani=ten_digit(ani),
        )  # fmt: skip
