"""Orders from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from anycarrier import validation
from anycarrier.attempt import ResolutionPolicy
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    JournalError,
    OrderExhausted,
    OutcomeUnknown,
    SetUpFailed,
    SpendLimitExceeded,
)
from anycarrier.exchange import Exchange, Failed, now, together
from anycarrier.model import Offer, OwnedNumber, ProviderOptions, number_of, wanted_of
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.context import Progress, PurchaseContext, account_name, make_context
from anycarrier.purchase.digest import digest
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import Goal, ItemState, OrderRecord
from anycarrier.purchase.order import Order, OrderItem, Purchase, check_order, from_json, item_of
from anycarrier.purchase.order_checks import check_tags
from anycarrier.purchase.reconciliation import Audit, Sweep, sweep_with
from anycarrier.purchase.selection import Quote
from anycarrier.purchase.sending import carry, fresh_key
from anycarrier.purchase.standing import with_standing
from anycarrier.purchase.worker import fulfill_item
from anycarrier.words import one_of

if TYPE_CHECKING:
    from anycarrier.ports import PortDetails
    from anycarrier.purchase.recovery import Recovery

__all__ = ["Provisions", "buy_through_journal", "find_purchases", "provision", "purchase_of", "resume"]

AT_ONCE = 8
"""Items of one order that are worked on at once."""

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
        OutcomeUnknown: the order's deadline passed while a purchase was in doubt, or while an account could not be
            used for a reason that passes, such as a rate limit or an outage. The order stays open: :func:`resume`, the
            same request id again or ``recover()`` continue it from ``resume_at`` on, until its ``valid_for`` ends.
            ``maybe_applied`` is false if nothing was bought and nothing is in doubt.
        OrderExhausted: every provider was tried or skipped, for reasons that do not pass; ``reasons`` says why,
            ``purchase`` what was bought.
        SpendLimitExceeded: likewise, because of a spending cap.
        SetUpFailed: every number was bought, and one cannot be set up as the order says; it stays. :func:`resume` tries
            again what is not done.
        JournalError: the journal does not work. ``maybe_applied`` is false only if no attempt of the order was ever
            begun. ``purchase`` is the order as far as the journal says.
    """
    context = make_context(providers, journal, breaker, notify, options)
    return (yield from _provisioned(order, context, request_id))


def _provisioned(
    order: Order, context: PurchaseContext, request_id: str, *, closing: bool = False
) -> Exchange[Purchase]:
    check_order(order)
    validation.request_id(request_id)
    journal = context.journal
    text = order.to_json([account_name(provider, account) for account, provider in context.providers.items()])
    asked = OrderRecord(
        id=request_id,
        digest=digest(text),
        order=text,
        goal=order.goal,
        reference=order.reference,
        tags=order.tags,
    )
    try:
        request, ids = yield from context.journaled(
            lambda: journal.create(asked, order.quantity, order.valid_for), "create"
        )
    except JournalError as error:
        raise (yield from with_standing(context, request_id, [], error)) from None
    return (yield from _carried(request_id, _pursued(context, request, ids, order.deadline, closing=closing)))


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
    """Continue an order of the journal; *deadline* defaults to the order's own. A set-up that failed is tried again.

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
        if request.goal is Goal.SET_UP:
            yield from context.journaled(lambda: journal.reopen_set_ups(request_id), "reopen set-ups")
        yield from sweep_with(context, parked_only=True)
    except JournalError as error:
        raise (yield from with_standing(context, request_id, ids, error)) from None
    patience = order.deadline if deadline is None else deadline
    return (yield from _carried(request_id, _pursued(context, request, ids, patience)))


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


def _pursued(
    context: PurchaseContext, request: OrderRecord, ids: Sequence[str], deadline: float, *, closing: bool = False
) -> Exchange[Purchase]:
    request_id = request.id
    if len(ids) == 1:
        try:
            items = [(yield from fulfill_item(context, ids[0], deadline, closing=closing))]
        except JournalError as error:
            return (yield from _still_complete(context, request_id, ids, error))
    else:
        until = (yield from now()).monotonic + deadline
        outcomes = yield from together((_until(context, one, until) for one in ids), limit=AT_ONCE)
        broken = next((outcome.error for outcome in outcomes if isinstance(outcome, Failed)), None)
        items = [outcome.value for outcome in outcomes if not isinstance(outcome, Failed)]
        if isinstance(broken, JournalError):
            return (yield from _still_complete(context, request_id, ids, broken, items))
        if broken is not None:
            raise broken
    purchase = Purchase(request_id=request_id, items=tuple(items), reference=request.reference, tags=request.tags)
    if purchase.complete:
        return purchase
    raise _unfinished(purchase)


def _until(context: PurchaseContext, item_id: str, until: float) -> Exchange[OrderItem]:
    """Work on one of several items until a second of the steady clock that is the same for all of them."""
    rest = until - (yield from now()).monotonic
    return (yield from fulfill_item(context, item_id, max(0.0, rest)))


def _still_complete(
    context: PurchaseContext, request_id: str, ids: Sequence[str], error: JournalError, known: Sequence[OrderItem] = ()
) -> Exchange[Purchase]:
    """The order, if it is complete although its journal failed; else raises *error* with the known state of it."""
    told = yield from with_standing(context, request_id, ids, error, known)
    if told.purchase is not None and told.purchase.complete:
        return told.purchase
    raise told from None


def _unfinished(purchase: Purchase) -> AnyCarrierError:
    undecided = next((item for item in purchase.items if item.undecided), None)
    bought = f"{len(purchase.bought)} of {len(purchase.items)} bought"
    if undecided is not None:
        begun = any(item.bought is not None or item.key is not None for item in purchase.items)
        waits = "" if begun else "; nothing was bought and nothing is in doubt"
        return OutcomeUnknown(
            f"request {purchase.request_id} is not decided yet ({bought}{waits}): "
            f"{undecided.reason or 'a purchase is under way'}. Do not order again: the same request id, resume() or "
            "recover() goes on with it",
            operation="provision",
            number=None if undecided.number is None else str(undecided.number),
            key=undecided.key,
            resume_at=undecided.resume_at,
            purchase=purchase,
            maybe_applied=begun,
        )
    if all(item.bought is not None for item in purchase.items):
        failed = "; ".join(item.reason for item in purchase.items if item.setup == "failed")
        return SetUpFailed(
            f"request {purchase.request_id} is bought, and a set-up failed: {failed}. The numbers stay; do not order "
            "again, resume() tries again what is not done",
            operation="provision",
            purchase=purchase,
        )
    reasons: dict[str, str] = {}
    for item in purchase.items:
        reasons.update(item.reasons)
        if not item.fulfilled and item.reason:
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
    return _purchase_of(request_id, validation.journal(journal))


def find_purchases(
    journal: Journal,
    *,
    reference: str | None = None,
    tags: Mapping[str, str] | None = None,
    state: ItemState | str | None = None,
) -> Iterator[Purchase]:
    """Find orders in the journal, newest first, however many; blocks, sends nothing.

    Args:
        journal: the journal.
        reference: only those with this ``Order.reference``.
        tags: only those with each of these ``Order.tags``.
        state: only those with a number in this state.
    """
    validation.journal(journal)
    name = None if reference is None else validation.text("reference", reference, "tenant-42")
    wanted = one_of(ItemState, "state", state)
    return _found(journal, journal.found(reference=name, tags=None if tags is None else check_tags(tags), state=wanted))


def _found(journal: Journal, names: Iterator[str]) -> Iterator[Purchase]:
    for name in names:
        if (found := _purchase_of(name, journal)) is not None:  # it may be pruned meanwhile
            yield found


def _purchase_of(request_id: str, journal: Journal) -> Purchase | None:
    snapshots = journal.standing(request_id)
    if snapshots is None:
        return None
    request = snapshots[0].request
    items = tuple(map(item_of, snapshots))
    return Purchase(request_id=request_id, items=items, reference=request.reference, tags=request.tags)


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
    in the journal: the same key is the same purchase. Without one, no caller comes back to a purchase that could not be
    begun, so the deadline ends it (``OrderExhausted``). Raises the errors of :func:`provision`.
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
    context = make_context(providers, journal, breaker, notify, options)
    done = yield from _provisioned(order, context, request_id, closing=key is None)
    one = done.bought[0]
    return one.owned or OwnedNumber(provider=one.provider, account=one.account, number=one.number)


@runtime_checkable
class Provisions(Protocol):
    """Orders through a journal, from one provider or several."""

    def provision(self, order: Order, *, request_id: str) -> Exchange[Purchase]: ...

    def resume(self, request_id: str, *, deadline: float | None = None) -> Exchange[Purchase]: ...

    def recover(
        self,
        *,
        deadline: float = 600.0,
        ports: Sequence[PortDetails] = (),
        stopped: Callable[[], bool] | None = None,
    ) -> Exchange[Recovery]: ...

    def sweep(self) -> Exchange[Sweep]: ...

    def reconcile(self) -> Exchange[Audit]: ...

    def quotes(self, order: Order) -> Exchange[Quote]: ...
