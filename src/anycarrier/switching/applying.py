"""Applying the plan of a switch: over days, by as many calls as it takes, one process at a time.

Each call looks at the ports on record, orders those that are left, buys replacements, and sets up what has arrived. It
may be killed at any moment; the next call, also on another machine, goes on from the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Any

from anycarrier.desired_state import (
    MOVES,
    Applied,
    ChangeKind,
    ChangeOutcome,
    ChangeResult,
    ChangeState,
    NewChange,
    NumberPlan,
    NumberState,
    Plan,
    observe_account,
)
from anycarrier.desired_state.applying import apply_numbers, apply_plan
from anycarrier.desired_state.difference import progress
from anycarrier.desired_state.plan import check, check_accounts, members_of
from anycarrier.errors import Conflict, InvalidInput, JournalError
from anycarrier.exchange import AsCompleted, Emit, Exchange, Listing, call, each_page
from anycarrier.model import OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.ports import PortDetails
from anycarrier.purchase.context import account_name
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.switches import SwitchRecord, SwitchState
from anycarrier.switching.moving import Moved, advance_ports, find_replacement, moved_by_others, replace_number

__all__ = ["apply_any", "apply_switch", "is_switch", "look_at", "places_of"]


def is_switch(plan: Plan) -> bool:
    """Return whether *plan* moves numbers to another account."""
    return any(one.move for one in plan.numbers)


def apply_any(
    provider: Any,
    plan: Plan,
    *,
    journal: Journal | None,
    details: Sequence[PortDetails] = (),
    at_once: int = 16,
    most: float = 0.3,
    confirm: str | None = None,
    most_ports: int = 100,
    again: bool = False,
) -> Listing[Applied]:
    """Apply *plan*, be it a switch, the undoing of one, or any other; see :func:`apply_switch`."""
    if is_switch(plan) and journal is not None:
        yield from apply_switch(
            provider,
            plan,
            journal=journal,
            details=details,
            at_once=at_once,
            most=most,
            confirm=confirm,
            most_ports=most_ports,
            again=again,
        )
        return
    undone = plan.undoes
    if journal is not None and undone is not None:
        check(plan, most, confirm)
        yield from call(lambda: journal.end_switch(undone, SwitchState.UNDONE), "end switch")
    yield from apply_plan(provider, plan, journal=journal, at_once=at_once, most=most, confirm=confirm)


def look_at(provider: Any, plan: Plan, *, journal: Journal | None) -> Listing[Applied]:
    """Look how far *plan* has come, be it a switch or any other; what is left to do is pending."""
    if is_switch(plan) and journal is not None:
        yield from apply_switch(provider, plan, journal=journal, look_only=True)
        return
    numbers = [one for one in plan.numbers if one.changes]
    yield from apply_numbers(members_of(provider), plan, numbers, journal, look_only=True)


def places_of(provider: Any, plan: Plan) -> tuple[Any, Any]:
    """The providers of the two accounts of a switch: the one that numbers leave, and the one that they come to.

    Raises:
        InvalidInput: one of them is not this client's, or the plan has several.
    """
    members = members_of(provider)
    moves = [one for one in plan.numbers if one.move]
    check_accounts(members, plan)
    sources = {str(one.changes[0].before) for one in moves}
    targets = {one.account for one in moves}
    by_name = {account_name(member, account): member for account, member in members.items()}
    if len(sources) != 1 or len(targets) != 1:
        raise InvalidInput("plan: a switch has one account that numbers leave, and one that they come to")
    (source,) = sources
    if source not in by_name:
        raise InvalidInput(f"the plan moves numbers from {source}, which is not one of this client's accounts")
    return by_name[source], members[targets.pop()]


def apply_switch(
    provider: Any,
    plan: Plan,
    *,
    journal: Journal,
    details: Sequence[PortDetails] = (),
    at_once: int = 16,
    most: float = 0.3,
    confirm: str | None = None,
    most_ports: int = 100,
    again: bool = False,
    look_only: bool = False,
) -> Listing[Applied]:
    """Carry a switch on as far as that is possible now; yields the result of each number when it is known.

    Args:
        provider: several providers as one, of which two have the accounts of the plan.
        plan: the plan.
        journal: journal for ports, purchases and changes.
        details: what port orders need: a ``PortOrder`` for its own numbers, ``PortDetails`` for all others. Without
            any, nothing is ordered, and all else goes on.
        at_once: numbers that are worked on side by side.
        most: share of the numbers of an account that may be moved without a confirmation.
        confirm: id of the plan, for one that needs a confirmation.
        most_ports: numbers whose ports are ordered by this call, at most.
        again: order those ports anew that were rejected or provably never arrived.
        look_only: only look: nothing is ordered, bought or changed.

    Raises:
        InvalidInput: the plan needs a confirmation, is another than the one that was made, or of another account.
        Conflict: another process carries it on, or it was undone. Nothing was sent.
        JournalError: the journal failed; nothing is sent that is not on record.
    """
    source, target = places_of(provider, plan)
    if look_only:
        yield from _carried_on(provider, target, plan, journal, details, at_once, most_ports, again, _Looking())
        return
    check(plan, most, confirm)
    claim = _Claim(journal, plan, source, target)
    try:
        yield from claim.hold()
        yield from _carried_on(provider, target, plan, journal, details, at_once, most_ports, again, claim)
    finally:
        claim.leave()


class _Looking:
    """Nothing is claimed by those who only look."""

    def hold(self) -> Exchange[None]:
        yield from ()


class _Claim:
    """The claim of one process on a switch."""

    def __init__(self, journal: Journal, plan: Plan, source: Any, target: Any) -> None:
        self._journal = journal
        self._id = plan.id
        self._names = account_name(source, source.accounts[0].id), account_name(target, target.accounts[0].id)
        self._owner = token_hex(8)

    def hold(self) -> Exchange[None]:
        """Claim the switch, or extend the claim.

        Raises:
            Conflict: another process has it, or it was undone.
        """
        left, record = yield from call(self._claim, "claim switch")
        if left:
            raise Conflict(
                f"another process carries this switch on, or another from this account, for {left:.0f} s more: let it "
                "end, or try again then",
                operation="apply",
                retry_after=left,
                maybe_applied=False,
            )
        if record is not None and record.state is SwitchState.UNDONE:
            raise Conflict("this switch was undone: plan what is left anew", operation="apply", maybe_applied=False)

    def _claim(self) -> tuple[float, SwitchRecord | None]:
        left = self._journal.claim_switch(self._id, *self._names, self._owner)
        return left, self._journal.switch(self._id)

    def leave(self) -> None:
        """End the claim, whatever has interrupted the work."""
        with suppress(JournalError):  # then it ends by itself
            self._journal.leave_switch(self._id, self._owner)


def _carried_on(
    provider: Any,
    target: Any,
    plan: Plan,
    journal: Journal,
    details: Sequence[PortDetails],
    at_once: int,
    most_ports: int,
    again: bool,
    claim: _Claim | _Looking,
) -> Listing[Applied]:
    look_only = isinstance(claim, _Looking)
    moves = [one for one in plan.numbers if one.move]
    taken = yield from call(lambda: moved_by_others(journal, str(moves[0].changes[0].before), plan.id), "switches")
    yield Emit([_applied(one, _left_to(taken[one.number], one)) for one in moves if one.number in taken])
    moves = [one for one in moves if one.number not in taken]
    there = yield from _there(target, moves)
    moved = yield from advance_ports(
        target,
        plan,
        [one for one in moves if one.changes[0].what is ChangeKind.PORT_IN],
        there,
        journal,
        details=details,
        most=most_ports,
        again=again,
        look_only=look_only,
    )
    yield Emit([_applied(one, moved[one.number]) for one in moves if one.number in moved and not _goes_on(one, moved)])
    yield from claim.hold()
    replaced = [one for one in moves if one.changes[0].what is ChangeKind.REPLACE]
    if look_only:
        yield Emit((yield from _looked(target, plan, replaced, journal)))
    else:
        yield from _recorded(
            journal, plan, [one for one in moves if one.number in moved and moved[one.number].is_there]
        )
        yield AsCompleted([_replaced(target, plan, one, journal) for one in replaced], at_once)
    yield from claim.hold()
    arrived = [one for one in moves if _goes_on(one, moved)]
    others = [one for one in plan.numbers if one.changes and not one.move]
    yield from apply_numbers(
        members_of(provider),
        plan,
        [*arrived, *others],
        journal,
        at_once=at_once,
        moved={one.number: moved[one.number].result for one in arrived},
        look_only=look_only,
    )


def _left_to(words: str, one: NumberPlan) -> Moved:
    return Moved(ChangeResult(change=one.changes[0], state=ChangeState.SKIPPED, reason=words))


def _goes_on(one: NumberPlan, moved: Mapping[PhoneNumber, Moved]) -> bool:
    """Return whether a ported number is there, and is to be set up."""
    return one.number in moved and moved[one.number].is_there and len(one.changes) > 1


def _there(target: Any, moves: Sequence[NumberPlan]) -> Exchange[dict[PhoneNumber, OwnedNumber]]:
    """Numbers of the switch that are on the new account."""
    wanted = {one.number for one in moves}
    found: dict[PhoneNumber, OwnedNumber] = {}

    def take(page: Sequence[OwnedNumber]) -> Exchange[None]:
        found.update((owned.number, owned) for owned in page if owned.number in wanted)
        yield from ()

    yield from each_page(target.list(), take)
    return found


def _applied(one: NumberPlan, moved: Moved) -> Applied:
    return Applied(
        provider=one.provider,
        account=one.account,
        number=one.number,
        results=(moved.result, *_of_order(one, moved.result)),
        replaced_by=moved.replaced_by,
    )


def _of_order(one: NumberPlan, result: ChangeResult) -> list[ChangeResult]:
    """Results of the other changes of a number, which its order makes."""
    if one.changes[0].what is ChangeKind.PORT_IN or result.state is not ChangeState.DONE:
        return []
    return [ChangeResult(change=change, state=ChangeState.DONE) for change in one.changes[1:]]


def _replaced(target: Any, plan: Plan, one: NumberPlan, journal: Journal) -> Exchange[Applied]:
    moved = yield from replace_number(target, plan, one, journal)
    if moved.is_there:
        yield from _recorded(journal, plan, [one])
    return _applied(one, moved)


def _looked(target: Any, plan: Plan, replaced: Sequence[NumberPlan], journal: Journal) -> Exchange[list[Applied]]:
    """Results of the replacements: on record, and read again at their provider."""
    found = yield from call(lambda: [find_replacement(plan, one, journal) for one in replaced], "purchases")
    bought = [moved.replaced_by for moved in found if moved.replaced_by is not None]
    kinds = {change.what for one in replaced for change in one.changes} - MOVES
    states: Mapping[PhoneNumber, NumberState] = {}
    if bought:
        states = (yield from observe_account(target, bought, kinds=kinds)).states
    return [
        _applied(one, moved) if moved.replaced_by is None or not moved.is_there else _read(one, moved, states)
        for one, moved in zip(replaced, found, strict=True)
    ]


def _read(one: NumberPlan, moved: Moved, states: Mapping[PhoneNumber, NumberState]) -> Applied:
    """The result of a number that was bought and set up, by its present state."""
    state = None if moved.replaced_by is None else states.get(moved.replaced_by)
    results = [moved.result]
    for change in one.changes[1:]:
        if state is None:
            reached, reason = ChangeState.FAILED, f"{moved.replaced_by} is not on the account any more"
        elif state.value(change.what) is None:
            reached, reason = ChangeState.DONE, ""  # its provider does not state it
        else:
            seen = progress(state, change.what, change.after)
            reached = seen or ChangeState.FAILED
            reason = "" if seen else f"the {change.what} of {moved.replaced_by} was changed since"
        results.append(ChangeResult(change=change, state=reached, reason=reason))
    return Applied(
        provider=one.provider,
        account=one.account,
        number=one.number,
        results=tuple(results),
        replaced_by=moved.replaced_by,
    )


def _recorded(journal: Journal, plan: Plan, arrived: Sequence[NumberPlan]) -> Exchange[None]:
    """Record that these numbers have moved, once: their grace begins."""
    if arrived:
        yield from call(lambda: _record(journal, plan, arrived), "moves")


def _record(journal: Journal, plan: Plan, arrived: Sequence[NumberPlan]) -> None:
    known = {
        record.number
        for record in journal.changes(plan=plan.id, outcome=ChangeOutcome.DONE)
        if record.what in (ChangeKind.PORT_IN, ChangeKind.REPLACE)
    }
    new = [
        NewChange(
            provider=one.provider,
            account=one.account,
            number=one.number,
            what=one.changes[0].what.value,
            before=one.changes[0].before,
            after=one.changes[0].after,
            plan=plan.id,
        )
        for one in arrived
        if one.number not in known
    ]
    ids = journal.begin_changes(new) if new else []
    journal.end_changes([(change_id, ChangeOutcome.DONE, "") for change_id in ids])
