"""Moves of the numbers of a switch: ports and replacements, begun once and looked at until they are over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from attrs import fields, frozen

from anycarrier.desired_state import Change, ChangeKind, ChangeResult, ChangeState, Desired, NumberPlan, Plan
from anycarrier.errors import (
    AnyCarrierError,
    JournalError,
    OrderExhausted,
    OutcomeUnknown,
    SetUpFailed,
    SpendLimitExceeded,
    masked,
    printable,
)
from anycarrier.exchange import Exchange, call
from anycarrier.model import Money, OwnedNumber, Route, Status
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.port_records import PortRecord, RecordedNumber
from anycarrier.porting import observe_ports, port_in
from anycarrier.ports import PortDetails, PortOrder, PortState
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.order import Order, Purchase
from anycarrier.purchase.provisioning import find_purchases, provision, purchase_of

__all__ = [
    "Moved",
    "advance_ports",
    "find_replacement",
    "moved_by_others",
    "ports_of",
    "replace_number",
    "setup_of",
    "undecided_replacements",
]

VALID_FOR = 7 * 86_400.0
"""Seconds for which the purchase of a replacement may begin anew, after a doubt or an outage."""

DEADLINE = 120.0
"""Seconds that one call spends on the purchase of a replacement; it goes on with the next one."""


@frozen
class Moved:
    """Result of the move of one number.

    Attributes:
        result: result of the change of its account; ``DONE`` where it has come.
        replaced_by: the number that was bought instead of it.
    """

    result: ChangeResult
    replaced_by: PhoneNumber | None = None

    @property
    def is_there(self) -> bool:
        """Return whether the number, or the one instead of it, is on its new account."""
        return self.result.state in (ChangeState.DONE, ChangeState.ALREADY)


def _result(one: NumberPlan, state: ChangeState, reason: str = "", error: AnyCarrierError | None = None) -> Moved:
    return Moved(ChangeResult(change=one.changes[0], state=state, reason=reason, error=error))


def setup_of(one: NumberPlan) -> Desired | None:
    """The state in which the number is to serve at its new carrier; ``None`` where the plan says nothing of it."""
    changes: Sequence[Change] = one.changes[1:]
    routes = tuple(change.after for change in changes if isinstance(change.after, Route))
    others: dict[str, Any] = {one.what.value: one.after for one in changes if not isinstance(one.after, Route)}
    return Desired(routes=routes, **others) if changes else None


def moved_by_others(journal: Journal, source: str, switch_id: str = "") -> dict[PhoneNumber, str]:
    """Numbers of an account that other switches are moving or have moved, with words for that. Blocks.

    A number must not be ordered, bought or paid for by two plans.
    """
    found: dict[PhoneNumber, str] = {}
    for other in journal.other_switches(switch_id, source):
        for record in (entry.record for entry in journal.port_entries(reference=other)):
            words = f"switch {other} ports it"
            found |= {one.number: words for one in record.numbers if one.is_live or one.state is PortState.COMPLETE}
        for purchase in find_purchases(journal, reference=other):
            item, old = purchase.items[0], purchase.tags.get("replaces")
            if old is not None and (item.bought is not None or item.undecided):
                by = "a number" if item.bought is None else item.bought.number
                found[stated(old)] = f"switch {other} replaces it by {by}"
    return found


# -- ports


def advance_ports(
    target: Any,
    plan: Plan,
    numbers: Sequence[NumberPlan],
    there: Mapping[PhoneNumber, OwnedNumber],
    journal: Journal,
    *,
    details: Sequence[PortDetails] = (),
    most: int = 100,
    again: bool = False,
    look_only: bool = False,
) -> Exchange[dict[PhoneNumber, Moved]]:
    """Look at the ports of *numbers*, and order those that are not ordered yet.

    Args:
        target: provider of the account that they come to.
        there: numbers that are on this account.
        details: facts for port orders: a :class:`PortOrder` for its own numbers, :class:`PortDetails` for all others.
        most: numbers that are ordered now, at most.
        again: order those anew whose port was rejected or provably never arrived.
        look_only: order nothing.
    """
    if not numbers:
        return {}
    yield from observe_ports(target, journal=journal)
    records = yield from call(lambda: ports_of(plan, journal), "ports")
    latest: dict[PhoneNumber, tuple[PortRecord, RecordedNumber]] = {}
    tries: dict[PhoneNumber, int] = {}
    for record in records:
        for each in record.numbers:
            latest[each.number] = record, each
            tries[each.number] = tries.get(each.number, 0) + 1
    moved: dict[PhoneNumber, Moved] = {}
    to_order: list[NumberPlan] = []
    for one in numbers:
        known = latest.get(one.number)
        if (owned := there.get(one.number)) is not None and owned.status is not Status.PORTING_IN:
            state = ChangeState.DONE if known is not None else ChangeState.ALREADY
            moved[one.number] = _result(one, state)
        elif known is None or (again and known[1].state in _OVER):
            to_order.append(one)
        else:
            moved[one.number] = _of_record(one, *known)
    if look_only:
        moved |= {one.number: _result(one, ChangeState.PENDING, _NOT_ORDERED) for one in to_order}
        return moved
    now, later = to_order[:most], to_order[most:]
    moved |= {one.number: _result(one, ChangeState.PENDING, f"at most {most} are ordered at once") for one in later}
    for order_details, ones in _by_details(now, details):
        if order_details is None:
            moved |= {one.number: _result(one, ChangeState.PENDING, _NO_DETAILS) for one in ones}
        else:
            moved |= yield from _ordered(target, plan, ones, order_details, journal, tries)
    return moved


_NOT_ORDERED = "not ordered yet: apply the plan, with what the port order needs"
_NO_DETAILS = "not ordered: the port order needs the subscriber, address and account at the old carrier"

_OVER = frozenset({PortState.REJECTED, PortState.ABSENT, PortState.REFUSED})


def ports_of(plan: Plan, journal: Journal) -> list[PortRecord]:
    """Port orders of a switch on record, oldest first. Blocks."""
    return [entry.record for entry in journal.port_entries(reference=plan.id)]


def _of_record(one: NumberPlan, record: PortRecord, number: RecordedNumber) -> Moved:
    """The result of a port by its record, for a number that is not there yet."""
    why = number.reason or record.reason
    if number.state in _OVER:
        reason = f"the port is {number.state.value}{f': {why}' if why else ''}; correct the order, then order it again"
        return _result(one, ChangeState.FAILED, reason)
    if number.state is PortState.NEEDS_LOA:
        return _result(one, ChangeState.PENDING, f"a person signs the letter of authorization: {record.loa_url}")
    if number.state is PortState.SCHEDULED and record.due is not None:
        return _result(one, ChangeState.PENDING, f"it comes on {record.due.isoformat()}")
    return _result(one, ChangeState.PENDING, why or f"the port is {number.state.value.replace('_', ' ')}")


def _by_details(
    numbers: Sequence[NumberPlan], details: Sequence[PortDetails]
) -> list[tuple[PortDetails | None, list[NumberPlan]]]:
    """Numbers with what their port order needs: their own, else that of all."""
    own = {one.number: at for at, each in enumerate(details) if isinstance(each, PortOrder) for one in each.numbers}
    for_all = next((at for at, each in enumerate(details) if not isinstance(each, PortOrder)), None)
    groups: dict[int | None, list[NumberPlan]] = {}
    for number in numbers:
        groups.setdefault(own.get(number.number, for_all), []).append(number)
    return [(None if at is None else details[at], ones) for at, ones in groups.items()]


def _ordered(
    target: Any,
    plan: Plan,
    ones: Sequence[NumberPlan],
    details: PortDetails,
    journal: Journal,
    tries: Mapping[PhoneNumber, int],
) -> Exchange[dict[PhoneNumber, Moved]]:
    fee: Money = target.port_fee
    wanted = tuple(_desired(one) for one in ones)
    facts = {each.name: getattr(details, each.name) for each in fields(PortDetails)}
    order = PortOrder(wanted, max_fee=Money(fee.amount * len(ones), fee.currency), reference=plan.id, **facts)
    request_id = f"{plan.id}-{_digest(ones, tries)}"
    try:
        ported = yield from port_in(target, order, request_id=request_id, journal=journal)
    except JournalError:
        raise
    except AnyCarrierError as error:
        words = printable(masked(str(error)))
        state = ChangeState.PENDING if error.maybe_applied else ChangeState.FAILED
        return {one.number: _result(one, state, words, None if error.maybe_applied else error) for one in ones}
    records = {each.number: (record, each) for record in ported.records for each in record.numbers}
    refused = {answer.number: answer.reason for answer in ported.refused}
    found: dict[PhoneNumber, Moved] = {}
    for one in ones:
        if one.number in records:
            found[one.number] = _of_record(one, *records[one.number])
        elif one.number in refused:
            said = f"it cannot be ported now: {refused[one.number] or 'no reason is stated'}"
            found[one.number] = _result(one, ChangeState.FAILED, said)
        else:
            found[one.number] = _result(one, ChangeState.PENDING, "the order did not come to it: apply again")
    return found


def _desired(one: NumberPlan) -> Desired:
    setup = setup_of(one)
    if setup is None:
        return Desired(one.number)
    values = {field.name: getattr(setup, field.name) for field in fields(Desired) if field.name != "number"}
    return Desired(one.number, **values)


def _digest(ones: Iterable[NumberPlan], tries: Mapping[PhoneNumber, int]) -> str:
    text = ",".join(f"{one.number}:{tries.get(one.number, 0)}" for one in ones)
    return sha256(text.encode()).hexdigest()[:16]


# -- replacements


def _request_id(plan: Plan, one: NumberPlan) -> str:
    return f"{plan.id}-{one.number.e164}"


def replace_number(target: Any, plan: Plan, one: NumberPlan, journal: Journal) -> Exchange[Moved]:
    """Buy the number that replaces another, and set it up, through the journal; or go on with that.

    It costs at most what the plan says, where that is known.
    """
    change = one.changes[0]
    criteria: Any = change.after
    order = Order(
        criteria=criteria,
        max_price=change.cost,
        setup=setup_of(one),
        deadline=DEADLINE,
        valid_for=VALID_FOR,
        reference=plan.id,
        tags={"replaces": one.number.e164},
    )
    try:
        purchase = yield from provision(order, [target], request_id=_request_id(plan, one), journal=journal)
    except (OutcomeUnknown, OrderExhausted, SpendLimitExceeded, SetUpFailed) as error:
        if error.purchase is not None:
            return _of_purchase(one, error.purchase, error)
        return _failed(one, error)
    except JournalError:
        raise
    except AnyCarrierError as error:
        return _failed(one, error)
    return _of_purchase(one, purchase, None)


def _failed(one: NumberPlan, error: AnyCarrierError) -> Moved:
    words = printable(masked(str(error)))
    if error.maybe_applied or isinstance(error, OutcomeUnknown):
        return _result(one, ChangeState.PENDING, words)
    return _result(one, ChangeState.FAILED, words, error)


def find_replacement(plan: Plan, one: NumberPlan, journal: Journal) -> Moved:
    """The replacement of a number as far as the journal has it; nothing is sent. Blocks."""
    purchase = purchase_of(_request_id(plan, one), journal)
    if purchase is None:
        return _result(one, ChangeState.PENDING, "not bought yet: apply the plan to go on")
    return _of_purchase(one, purchase, None)


def undecided_replacements(plan: Plan, moves: Sequence[NumberPlan], journal: Journal) -> set[PhoneNumber]:
    """Numbers whose replacement is on order and not bought yet, as far as is known. Blocks."""
    wanted = [one for one in moves if one.changes[0].what is ChangeKind.REPLACE]
    orders = {one.number: purchase_of(_request_id(plan, one), journal) for one in wanted}
    return {
        number
        for number, order in orders.items()
        if order is not None and order.items[0].bought is None and order.items[0].undecided
    }


def _of_purchase(one: NumberPlan, purchase: Purchase, error: AnyCarrierError | None) -> Moved:
    item = purchase.items[0]
    number = None if item.bought is None else item.bought.number
    if item.fulfilled:
        state, reason = ChangeState.DONE, ""
    elif item.undecided:
        state, reason = ChangeState.PENDING, item.reason
    else:
        state, reason = ChangeState.FAILED, item.reason or "; ".join(item.reasons.values())
    failed = error if state is ChangeState.FAILED else None
    result = ChangeResult(change=one.changes[0], state=state, reason=reason, error=failed)
    return Moved(result, number)
