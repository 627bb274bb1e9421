"""Lookups. Each costs money, so none is repeated."""

from __future__ import annotations

from anycarrier.adapter import Sent, Target, sent
from anycarrier_adapters.voicetel.schemas import CallerName, RouteLookup

from ._base import Area, pays, ten_digit

__all__ = ["Lookups"]


class Lookups(Area):
    """``/v2.2/cnam`` and ``/v2.2/lrn``."""

    @pays("GET", "/v2.2/cnam/{number}", CallerName)
    def cnam_lookup(self, target: Target) -> Sent:
        """The name that a caller's number shows (``cnamLookup``)."""
        return sent(number=ten_digit(target))

    @pays("GET", "/v2.2/lrn/{number}/{ani}", RouteLookup)
    def lrn_lookup(self, target: Target, ani: Target) -> Sent:
        """The routing number and carrier of a called number (``lrnLookup``); *ani* is the caller."""
        return sent(number=ten_digit(target), ani=ten_digit(ani))
