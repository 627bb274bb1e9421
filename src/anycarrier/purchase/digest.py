"""Digest of an order: the same for two orders of the same meaning, however each is spelled.

A journal stores it beside the order, to refuse another order under the same request id. The version that made a digest
is stored too: one of another version is not compared, but made again from the stored order, so that an order on record
stays the same order after an update. Version 1 was a hash of the order's text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

__all__ = ["VERSION", "digest", "without_goal"]

VERSION = 2
"""The version of the digests that this release makes."""

_DEFAULTS: Mapping[str, object] = {
    "features": [],
    "capabilities": [],
    "quantity": 1,
    "prefer": "given",
    "in_doubt": "wait",
    "valid_for": 86_400,
    "fulfilled_by": "active",
}
_DEFAULTS_OF_CRITERIA: Mapping[str, object] = {"excluding": [], "without": [], "features": [], "limit": 10}
"""Values that members of an order, and of its search, have by default; ``None`` is one everywhere.

If a default of :class:`~anycarrier.purchase.order.Order` changes one day, these stay, and an order on record keeps its
meaning.
"""


@lru_cache(maxsize=64)
def digest(text: str) -> str:
    """A hash of the meaning of the order that *text* has as JSON, without its deadline.

    The amount 3 is 3.00, the order of its capabilities does not matter, and a member with its default value is the same
    as none. The order of the accounts matters, since it is the order of preference.
    """
    document = json.loads(text)
    del document["order"]["deadline"]
    document["order"] = _meaning(document["order"], _DEFAULTS)
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def without_goal(text: str) -> str:
    """*text* of an order, without the state of a number that fulfills it: one of version 1 could not say it."""
    document = json.loads(text)
    document["order"].pop("fulfilled_by", None)
    return json.dumps(document)


def _meaning(plain: Mapping[str, object], defaults: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in plain.items():
        canonical = _canonical(name, value)
        if canonical is not None and canonical != defaults.get(name):
            found[name] = canonical
    return found


def _canonical(name: str, value: object) -> object:
    if isinstance(value, dict):
        if name == "criteria":
            return _meaning(value, _DEFAULTS_OF_CRITERIA)
        return {**value, "amount": _amount(value["amount"])} if "amount" in value else value
    if name == "capabilities" and isinstance(value, list):
        return sorted(set(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _amount(text: str) -> str:
    digits = f"{Decimal(text):f}"  # exact, unlike normalize()
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits
