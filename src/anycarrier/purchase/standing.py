"""The state of an order whose journal failed under it."""

from __future__ import annotations

from collections.abc import Sequence

from anycarrier.errors import JournalError
from anycarrier.exchange import Exchange, call, now
from anycarrier.purchase.context import PurchaseContext
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.order import OrderItem, Purchase, item_of

__all__ = ["with_standing"]


def with_standing(
    context: PurchaseContext, request_id: str, ids: Sequence[str], error: JournalError, known: Sequence[OrderItem] = ()
) -> Exchange[JournalError]:
    """*error* of a journal that failed under an order, with the order's state and whether an attempt was ever begun.

    The journal counts, if it can be read still. Otherwise only the observations of this call are known, and any other
    item may have been begun.
    """
    items = {item.id: item for item in known}
    try:
        found = yield from call(lambda: context.journal.standing(request_id), "standing")
    except JournalError:
        moment = yield from now()
        untouched = bool(ids) and all(moment.monotonic < context.untouched.get(one, 0.0) for one in ids)
        for one in ids or [f"{request_id}#1"]:  # every order has a first item
            items.setdefault(one, OrderItem(id=one, state=ItemState.OPEN, reason="the journal cannot be read now"))
    else:
        untouched = not any(snapshot.entries for snapshot in found or ())
        for snapshot in found or ():
            items.setdefault(snapshot.item.id, item_of(snapshot))
        if not items:
            items[f"{request_id}#1"] = OrderItem(id=f"{request_id}#1", state=ItemState.OPEN, reason="not on record")
    order = {item: place for place, item in enumerate(ids)}
    purchase = Purchase(
        request_id=request_id, items=tuple(sorted(items.values(), key=lambda item: order.get(item.id, 0)))
    )
    if untouched:
        told = "Nothing was sent"
    else:
        told = (
            f"Request {request_id} may have been carried out ({len(purchase.bought)} of {len(purchase.items)} are "
            "known to be bought); do not order again, resume() or recover() go on with it"
        )
    return JournalError(
        f"{error.message}. {told}",
        operation="provision",
        code=error.code,
        maybe_applied=not untouched,
        purchase=purchase,
    )
