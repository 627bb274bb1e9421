"""Buying a number at most once, and knowing it.

Without a journal: :func:`buy` one named number, :func:`resolve` it later where its outcome stayed unknown.
"""

from __future__ import annotations

from anycarrier.purchase.plain import buy, resolve, until_settled
from anycarrier.purchase.rules import Attempt, AttemptState, Draft, Rules

__all__ = ["Attempt", "AttemptState", "Draft", "Rules", "buy", "resolve", "until_settled"]
