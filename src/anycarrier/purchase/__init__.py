"""Buying a number at most once, and knowing it."""

from __future__ import annotations

from anycarrier.purchase.rules import Attempt, AttemptState, Draft, Rules

__all__ = ["Attempt", "AttemptState", "Draft", "Rules"]
