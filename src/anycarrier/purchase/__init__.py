"""Buying a number at most once, and knowing it.

Without a journal: :func:`buy` one named number, :func:`resolve` it later where its outcome stayed unknown. With a
journal, which may move on to another number or provider and survives everything: :func:`provision` an :class:`Order`,
:func:`resume` it, :func:`recover` what was left open, :func:`sweep` for what turns up late, :func:`reconcile` with the
providers' inventories. All are exchanges: a client's ``run`` drives them, blocking or asynchronous.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from anycarrier.purchase.plain import buy, resolve, until_settled

if TYPE_CHECKING:
    from anycarrier.purchase.care import Audit as Audit
    from anycarrier.purchase.care import Sweep as Sweep
    from anycarrier.purchase.care import reconcile as reconcile
    from anycarrier.purchase.care import sweep as sweep
    from anycarrier.purchase.choose import Choice as Choice
    from anycarrier.purchase.choose import Quote as Quote
    from anycarrier.purchase.choose import quotes as quotes
    from anycarrier.purchase.desk import Progress as Progress
    from anycarrier.purchase.health import Health as Health
    from anycarrier.purchase.journal import IntentState as IntentState
    from anycarrier.purchase.journal import Journal as Journal
    from anycarrier.purchase.order import Bought as Bought
    from anycarrier.purchase.order import Order as Order
    from anycarrier.purchase.order import Purchase as Purchase
    from anycarrier.purchase.order import Slot as Slot
    from anycarrier.purchase.orders import Recovery as Recovery
    from anycarrier.purchase.orders import provision as provision
    from anycarrier.purchase.orders import purchase_of as purchase_of
    from anycarrier.purchase.orders import recover as recover
    from anycarrier.purchase.orders import resume as resume

# Loaded when first used: a plain purchase needs none of it.
_HOMES = {
    "Audit": "care", "Bought": "order", "Choice": "choose", "Health": "health", "IntentState": "journal",
    "Journal": "journal", "Order": "order", "Progress": "desk", "Purchase": "order", "Quote": "choose",
    "Recovery": "orders", "Slot": "order", "Sweep": "care", "provision": "orders", "purchase_of": "orders",
    "quotes": "choose", "reconcile": "care", "recover": "orders", "resume": "orders", "sweep": "care",
}  # fmt: skip

__all__ = [
    "Audit", "Bought", "Choice", "Health", "IntentState", "Journal", "Order", "Progress", "Purchase", "Quote",
    "Recovery", "Slot", "Sweep", "buy", "provision", "purchase_of", "quotes", "reconcile", "recover", "resolve",
    "resume", "sweep", "until_settled",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
