"""Orders from beginning to end, and recovery of those that were interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from anycarrier import validation
from anycarrier.attempt import ResolutionPolicy
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    JournalError,
    OrderExhausted,
    OutcomeUnknown,
    SpendLimitExceeded,
)
from anycarrier.exchange import Exchange, Failed, call, now, sleep, together
from anycarrier.model import Offer, OwnedNumber, ProviderOptions, number_of, wanted_of
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.context import Progress, PurchaseContext, account_name, make_context, new_owner
from anycarrier.purchase.digest import digest
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import Goal, ItemState, OrderRecord
from anycarrier.purchase.order import Order, OrderItem, Purchase, check_order, from_json, item_of
from anycarrier.purchase.reconciliation import Audit, Sweep, sweep_with
from anycarrier.purchase.selection import Quote
from anycarrier.purchase.sending import carry, fresh_key
from anycarrier.purchase.worker import fulfill_item

__all__ = ["Provisions", "Recovery", "buy_through_journal", "provision", "purchase_of", "recover", "resume"]

AT_ONCE = 8
"""Items of one order, or of one recovery, that are worked on at once."""

CLAIM_EVERY = 2.0
"""Seconds between two looks whether a lease has ended."""

Notify = Callable[[Progress], None]


def provision(
    order: Order,
    providers: Sequence[object],
    *,
    journal: Journal,
    request_id: str,
    breaker: CircuitBreaker | None = None,
    notify: Notify | None = None,
    options: Sequence[ProviderOptions] = (),
) -> Exchange[Purchase]:
    """Buy the numbers of *order*: search, choose, buy, confirm, and move on to another provider if that is safe.

    Every number is paid for once, whatever breaks: a purchase in doubt is resolved before another one takes its place.
    The same *request_id* again, from any process, continues the same purchase or returns it.

    Args:
        order: the numbers to buy.
        providers: provider objects, in order of preference, each with its own account.
        journal: the journal of these accounts.
        request_id: the caller's name for this order, 1 to 200 printable characters, such as its own order number.
        breaker: circuit breaker to share between the orders of a process.
        notify: called with each :class:`~anycarrier.purchase.context.Progress`; must not block.
        options: options of single providers. They are not stored, so pass them again to :func:`resume`.

    Raises:
        InvalidInput: *request_id* was used for a different order.
        OutcomeUnknown: the order's deadline passed while a purchase was in doubt; :func:`resume` continues it.
        OrderExhausted: every provider was tried or skipped; ``reasons`` says why, ``purchase`` what was bought.
        SpendLimitExceeded: likewise, because of a spending cap.
        JournalError: the journal does not work. ``maybe_applied`` is false only if no attempt of the order was ever
            begun. ``purchase`` is the order as far as the journal says.
    """
    check_order(order)
    validation.request_id(request_id)
    context = make_context(providers, journal, breaker, notify, options)
    text = order.to_json([account_name(provider, account) for account, provider in context.providers.items()])
    request = OrderRecord(id=request_id, digest=digest(text), order=text, goal=Goal[order.fulfilled_by.upper()])
    try:
        ids = yield from context.journaled(lambda: journal.create(request, order.quantity, order.valid_for), "create")
    except JournalError as error:
        raise (yield from _with_standing(context, request_id, [], error)) from None
    return (yield from _carried(request_id, _pursued(context, request_id, ids, order.deadline)))


def resume(
    request_id: str,
    providers: Sequence[object],
    *,
    journal: Journal,
    deadline: float | None = None,
    breaker: CircuitBreaker | None = None,
    notify: Notify | None = None,
    options: Sequence[ProviderOptions] = (),
) -> Exchange[Purchase]:
    """Continue an order of the journal; *deadline* defaults to the order's own.

    Raises what :func:`provision` does.
    """
    validation.request_id(request_id)
    validation.deadline_or_none(deadline)
    context = make_context(providers, journal, breaker, notify, options)
    ids: Sequence[str] = []
    try:
        request = yield from context.journaled(lambda: journal.request(request_id), "request")
        if request is None:
            raise InvalidInput(f"the journal has no request {request_id!r}")
        order, _ = from_json(request.order)
        ids = yield from context.journaled(lambda: journal.item_ids(request_id), "intents")
        yield from sweep_with(context, parked_only=True)
    except JournalError as error:
        raise (yield from _with_standing(context, request_id, ids, error)) from None
    patience = order.deadline if deadline is None else deadline
    return (yield from _carried(request_id, _pursued(context, request_id, ids, patience)))


def _carried(request_id: str, work: Exchange[Purchase]) -> Exchange[Purchase]:
    """*work*; an exception that interrupts it carries an error for :func:`resume`."""
    try:
        return (yield from work)
    except GeneratorExit as closing:
        unknown = OutcomeUnknown(
            f"request {request_id} was interrupted and may have been carried out; do not order again, "
            f"client.resume({request_id!r}) or client.recover() goes on with it",
            operation="provision",
            number=None,
            purchase=Purchase(request_id=request_id, items=()),
        )
        carry(closing, unknown)
        raise


def _pursued(context: PurchaseContext, request_id: str, ids: Sequence[str], deadline: float) -> Exchange[Purchase]:
    if len(ids) == 1:
        try:
            items = [(yield from fulfill_item(context, ids[0], deadline))]
        except JournalError as error:
            return (yield from _still_complete(context, request_id, ids, error))
    else:
        outcomes = yield from together((fulfill_item(context, one, deadline) for one in ids), limit=AT_ONCE)
        broken = next((outcome.error for outcome in outcomes if isinstance(outcome, Failed)), None)
        items = [outcome.value for outcome in outcomes if not isinstance(outcome, Failed)]
        if isinstance(broken, JournalError):
            return (yield from _still_complete(context, request_id, ids, broken, items))
        if broken is not None:
            raise broken
    purchase = Purchase(request_id=request_id, items=tuple(items))
    if purchase.complete:
        return purchase
    raise _unfinished(purchase)


def _still_complete(
    context: PurchaseContext, request_id: str, ids: Sequence[str], error: JournalError, known: Sequence[OrderItem] = ()
) -> Exchange[Purchase]:
    """The order, if it is complete although its journal failed; else raises *error* with the known state of it."""
    told = yield from _with_standing(context, request_id, ids, error, known)
    if told.purchase is not None and told.purchase.complete:
        return told.purchase
    raise told from None


def _with_standing(
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


def _unfinished(purchase: Purchase) -> AnyCarrierError:
    undecided = next((item for item in purchase.items if item.undecided), None)
    bought = f"{len(purchase.bought)} of {len(purchase.items)} bought"
    if undecided is not None:
        return OutcomeUnknown(
            f"request {purchase.request_id} is not decided yet ({bought}): "
            f"{undecided.reason or 'a purchase is under way'}",
            operation="provision",
            number=None if undecided.number is None else str(undecided.number),
            key=undecided.key,
            resume_at=undecided.resume_at,
            purchase=purchase,
        )
    reasons: dict[str, str] = {}
    for item in purchase.items:
        reasons.update(item.reasons)
        if item.bought is None and item.reason:
            reasons.setdefault("", item.reason)
    told = "; ".join(f"{account}: {reason}" if account else reason for account, reason in reasons.items())
    kind = SpendLimitExceeded if any("spending cap" in reason for reason in reasons.values()) else OrderExhausted
    return kind(
        f"request {purchase.request_id} cannot be fulfilled ({bought}): {told}",
        operation="provision",
        reasons=reasons,
        purchase=purchase,
        safe_elsewhere=True,
    )


def purchase_of(request_id: str, journal: Journal) -> Purchase | None:
    """The state of an order from the journal alone; blocks, sends nothing. ``None`` for an unknown *request_id*."""
    validation.request_id(request_id)
    snapshots = validation.journal(journal).standing(request_id)
    return None if snapshots is None else Purchase(request_id=request_id, items=tuple(map(item_of, snapshots)))


@frozen(kw_only=True)
class Recovery:
    """The result of :func:`recover`.

    Attributes:
        items: every item that it worked on, in its present state.
        failed: items that it could not work on, each with the error.
        sweep: refused and refuted purchases that turned up.
    """

    items: tuple[OrderItem, ...]
    failed: Mapping[str, Exception] = field(factory=dict[str, Exception])
    sweep: Sweep


def recover(
    providers: Sequence[object],
    *,
    journal: Journal,
    deadline: float = 600.0,
    breaker: CircuitBreaker | None = None,
    notify: Notify | None = None,
    options: Sequence[ProviderOptions] = (),
) -> Exchange[Recovery]:
    """Finish open orders: after a crash, or on a timer; by several workers at once.

    Sweeps first; then claims every open item without a worker, and works on it until it is decided or the deadline
    passes. Items of a dead worker are claimed when its lease ends; those of a living one are left to it. Expired orders
    begin no new attempt, but attempts in doubt are resolved.
    """
    validation.deadline(deadline)
    context = make_context(providers, journal, breaker, notify, options)
    try:
        return (yield from _recovered(context, (yield from now()).monotonic + deadline))
    except JournalError as error:
        raise JournalError(
            f"{error.message}. What is open on record may have been carried out; run recover() again once the journal "
            "works",
            operation="recover",
            code=error.code,
            maybe_applied=True,
        ) from None


def _recovered(context: PurchaseContext, until: float) -> Exchange[Recovery]:
    journal = context.journal
    swept = yield from sweep_with(context)
    ids = yield from context.journaled(journal.open_item_ids, "open intents")
    items: dict[str, OrderItem] = {}
    failed: dict[str, Exception] = {}
    helpers = [_helped(context, until, items, failed) for _ in ids[:AT_ONCE]]
    for outcome in (yield from together(helpers, limit=AT_ONCE)):
        if isinstance(outcome, Failed):
            raise outcome.error
    return Recovery(items=tuple(items[one] for one in sorted(items)), failed=failed, sweep=swept)


def _helped(
    context: PurchaseContext, until: float, items: dict[str, OrderItem], failed: dict[str, Exception]
) -> Exchange[None]:
    """Claim and finish one open item after the other; results go into *items* or *failed*."""
    journal = context.journal
    patience = journal.lease + CLAIM_EVERY
    while True:
        owner = yield from new_owner()
        done = sorted({*items, *failed})
        try:
            item_id = yield from context.journaled(partial(journal.claim_next, owner, done), "take")
            moment = yield from now()
        except GeneratorExit:
            journal.abandon(owner)  # interrupted between claim and work
            raise
        if item_id is not None:
            patience = journal.lease + CLAIM_EVERY
            rest = max(0.0, until - moment.monotonic)
            try:
                items[item_id] = yield from fulfill_item(context, item_id, rest, closing=False, owner=owner)
            except JournalError as error:
                request_id = item_id.rpartition("#")[0]
                failed[item_id] = yield from _with_standing(context, request_id, [item_id], error)
            except AnyCarrierError as error:
                failed[item_id] = error
            continue
        left = yield from context.journaled(journal.open_item_ids, "open intents")
        if patience <= 0 or moment.monotonic >= until or not set(left) - set(done):
            return
        # Other workers hold the rest. A dead one loses its items when the lease ends; a living one renews it.
        patience -= CLAIM_EVERY
        yield from sleep(CLAIM_EVERY)


def buy_through_journal(
    target: Offer | PhoneNumber | str,
    providers: Sequence[Any],
    *,
    journal: Journal,
    deadline: float = 60.0,
    key: str | None = None,
    options: Sequence[ProviderOptions] = (),
    breaker: CircuitBreaker | None = None,
    notify: Notify | None = None,
) -> Exchange[OwnedNumber]:
    """Buy one named number through the journal: never another one, and from another provider only if that is safe.

    An offer is bought from its own account; a number from the first of *providers* that has it. *key* is the request id
    in the journal: the same key is the same purchase. Raises the errors of :func:`provision`.
    """
    validation.deadline(deadline)
    validation.key_or_none(key)
    number = number_of(wanted_of(target))
    if isinstance(target, Offer):
        providers = [one for one in providers if any(account.id == target.account for account in one.accounts)]
        if not providers:
            raise InvalidInput(
                f"the offer belongs to account {target.account!r}, which this client does not have", operation="buy"
            )
    request_id = key or (yield from fresh_key(ResolutionPolicy()))
    order = Order(number=number, deadline=deadline, fulfilled_by="placed")
    done = yield from provision(
        order, providers, journal=journal, request_id=request_id, breaker=breaker, notify=notify, options=options
    )
    one = done.bought[0]
    return one.owned or OwnedNumber(provider=one.provider, account=one.account, number=one.number)


@runtime_checkable
class Provisions(Protocol):
    """Orders through a journal, from one provider or several."""

    def provision(self, order: Order, *, request_id: str) -> Exchange[Purchase]: ...

    def resume(self, request_id: str, *, deadline: float | None = None) -> Exchange[Purchase]: ...

    def recover(self, *, deadline: float = 600.0) -> Exchange[Recovery]: ...

    def sweep(self) -> Exchange[Sweep]: ...

    def reconcile(self) -> Exchange[Audit]: ...

    def quotes(self, order: Order) -> Exchange[Quote]: ...
