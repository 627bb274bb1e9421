"""Buy a number at most once, and always know the outcome.

Without a journal: :func:`buy` one named number, and :func:`resolve` it later if its outcome stayed unknown. With a
journal, which survives crashes and may move on to another number or provider: :func:`provision` an :class:`Order`,
:func:`resume` it, :func:`recover` open orders, :func:`sweep` for purchases that turn up late, :func:`reconcile` with
the providers' inventories. All are exchanges: a client's ``run`` drives them, blocking or asynchronous.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from anycarrier.purchase.buying import buy, resolve, until_settled

if TYPE_CHECKING:
    from anycarrier.purchase.circuit_breaker import CircuitBreaker as CircuitBreaker
    from anycarrier.purchase.context import Progress as Progress
    from anycarrier.purchase.journal import ItemState as ItemState
    from anycarrier.purchase.journal import Journal as Journal
    from anycarrier.purchase.order import Bought as Bought
    from anycarrier.purchase.order import Order as Order
    from anycarrier.purchase.order import OrderItem as OrderItem
    from anycarrier.purchase.order import Purchase as Purchase
    from anycarrier.purchase.provisioning import find_purchases as find_purchases
    from anycarrier.purchase.provisioning import provision as provision
    from anycarrier.purchase.provisioning import purchase_of as purchase_of
    from anycarrier.purchase.provisioning import resume as resume
    from anycarrier.purchase.reconciliation import Audit as Audit
    from anycarrier.purchase.reconciliation import Sweep as Sweep
    from anycarrier.purchase.reconciliation import reconcile as reconcile
    from anycarrier.purchase.reconciliation import sweep as sweep
    from anycarrier.purchase.recovery import Recovery as Recovery
    from anycarrier.purchase.recovery import recover as recover
    from anycarrier.purchase.selection import Choice as Choice
    from anycarrier.purchase.selection import Quote as Quote
    from anycarrier.purchase.selection import quotes as quotes

# Loaded when first used: a plain purchase needs none of it.
_HOMES = {
    "Audit": "reconciliation",
    "Bought": "order",
    "Choice": "selection",
    "CircuitBreaker": "circuit_breaker",
    "ItemState": "journal",
    "Journal": "journal",
    "Order": "order",
    "Progress": "context",
    "Purchase": "order",
    "Quote": "selection",
    "Recovery": "recovery",
    "OrderItem": "order",
    "Sweep": "reconciliation",
    "find_purchases": "provisioning",
    "provision": "provisioning",
    "purchase_of": "provisioning",
    "quotes": "selection",
    "reconcile": "reconciliation",
    "recover": "recovery",
    "resume": "provisioning",
    "sweep": "reconciliation",
}

__all__ = [
    "Audit",
    "Bought",
    "Choice",
    "CircuitBreaker",
    "ItemState",
    "Journal",
    "Order",
    "OrderItem",
    "Progress",
    "Purchase",
    "Quote",
    "Recovery",
    "Sweep",
    "buy",
    "find_purchases",
    "provision",
    "purchase_of",
    "quotes",
    "reconcile",
    "recover",
    "resolve",
    "resume",
    "sweep",
    "until_settled",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
