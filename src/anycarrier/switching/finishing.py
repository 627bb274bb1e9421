"""The end of a switch: the release of the old numbers, once the new ones serve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from anycarrier.desired_state import (
    Applied,
    Change,
    ChangeKind,
    ChangeState,
    Desired,
    NumberPlan,
    Obstacle,
    Plan,
    make_plan,
    observe_account,
)
from anycarrier.desired_state.difference import obstacle_of
from anycarrier.desired_state.plan import digest_of
from anycarrier.desired_state.undoing import undo_plan
from anycarrier.exchange import Exchange, call, collect
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.store import Journal
from anycarrier.switching.applying import apply_switch, places_of
from anycarrier.switching.moving import ports_of, undecided_replacements

__all__ = ["GRACE", "finish_switch", "undo_switch"]

GRACE = 7 * 86_400.0
"""Seconds for which a number has served at its new carrier before the old one may be released."""

_DONE = (ChangeState.DONE, ChangeState.ALREADY)


def finish_switch(provider: Any, plan: Plan, *, journal: Journal, grace: float = GRACE) -> Exchange[Plan]:
    """Plan the release of the numbers that are still on the old account and serve on the new one; changes nothing.

    A number serves when it, or the one that replaces it, is on its new account with its routes and campaign, and has
    been for *grace* seconds. What the old carrier's API cannot release is an obstacle, with what a person does.

    Args:
        provider: several providers as one, of which two have the accounts of the plan.
        plan: the plan of the switch.
        journal: its journal.
        grace: seconds.

    Returns:
        A plan to apply, which needs a confirmation where it gives a number up.
    """
    source, _ = places_of(provider, plan)
    results = yield from collect(apply_switch(provider, plan, journal=journal, look_only=True))
    by_number: Mapping[PhoneNumber, Applied] = {one.number: one for one in results}
    moved_for = yield from call(lambda: journal.moved_for(plan.id), "moves")
    moves = [one for one in plan.numbers if one.move]
    waits: dict[PhoneNumber, str] = {}
    for one in moves:
        result, age = by_number[one.number], moved_for.get(one.number)
        if any(each.state not in _DONE for each in result.results):
            waits[one.number] = f"it does not serve at its new carrier yet: {result.reason or result.state.value}"
        elif age is None:
            waits[one.number] = "it was not seen there yet: apply the plan once more"
        elif age < grace:
            waits[one.number] = f"its grace ends in {(grace - age) / 86_400.0:.1f} days"
    ready = [Desired(one.number, release=True) for one in moves if one.number not in waits]
    made = yield from make_plan(source, ready, journal=journal)
    observed = yield from observe_account(source, waits, kinds=())
    account = source.accounts[0].id
    numbers = (
        *(one for one in made.numbers if not one.is_same),
        *(
            NumberPlan(provider=source.name, account=account, number=number, obstacles=(_not_yet(number, reason),))
            for number, reason in waits.items()
            if number in observed.states
        ),
    )
    return evolve(made, id=digest_of(numbers, made.existing, None, made.holders), numbers=numbers)


def _not_yet(number: PhoneNumber, reason: str) -> Obstacle:
    return Obstacle(number=number, what=ChangeKind.RELEASE, after=True, reason=reason)


def undo_switch(provider: Any, plan: Plan, *, journal: Journal) -> Exchange[Plan]:
    """Plan what takes a switch back, as far as anything does; changes nothing.

    Numbers that have not begun to move stay where they are, without a change. Those that were bought are released, as
    long as the number that they replace is still there. A port is an obstacle, with what a person does. Once the plan
    is applied, the switch does not go on.
    """
    source, target = places_of(provider, plan)
    moves = [one for one in plan.numbers if one.move]
    results = yield from collect(apply_switch(provider, plan, journal=journal, look_only=True))
    by_number = {one.number: one for one in results}
    still = yield from observe_account(source, [one.number for one in moves], kinds=())
    ordered = yield from call(lambda: _ordered(journal, plan), "ports")
    undecided = yield from call(lambda: undecided_replacements(plan, moves, journal), "purchases")
    numbers: list[NumberPlan] = []
    for one in moves:
        if one.changes[0].what is ChangeKind.PORT_IN:
            if one.number in ordered:
                numbers.append(_ported(one, by_number[one.number]))
        elif (bought := by_number[one.number].replaced_by) is not None:
            numbers.append(_released(target, one, bought, one.number in still.states))
        elif one.number in undecided:
            numbers.append(_undecided(one))
    others = tuple(one for one in plan.numbers if not one.move)
    rest = yield from undo_plan(provider, evolve(plan, numbers=others), journal=journal)
    there = yield from observe_account(target, [], kinds=())
    existing = {**rest.existing, target.accounts[0].id: there.existing}
    every = (*numbers, *rest.numbers)
    plan_id = digest_of(every, existing, plan.id, rest.holders)
    return evolve(rest, id=plan_id, numbers=every, existing=existing)


def _ordered(journal: Journal, plan: Plan) -> set[PhoneNumber]:
    return {each.number for record in ports_of(plan, journal) for each in record.numbers}


def _ported(one: NumberPlan, result: Applied) -> NumberPlan:
    if result.results[0].state in _DONE:
        reason, by_hand = "it was ported", "it comes back only by a port order at the old carrier"
    else:
        reason = "its port is ordered, and the provider's API cancels none"
        by_hand = "do not sign the letter of authorization, and write to the provider's support"
    obstacle = Obstacle(number=one.number, what=ChangeKind.PORT_IN, reason=reason, by_hand=by_hand)
    return NumberPlan(provider=one.provider, account=one.account, number=one.number, obstacles=(obstacle,))


def _undecided(one: NumberPlan) -> NumberPlan:
    obstacle = Obstacle(
        number=one.number,
        what=ChangeKind.REPLACE,
        reason="the purchase of its replacement is not decided: a number may be bought, or is perhaps",
        by_hand="recover() decides it; then take the switch back once more",
    )
    return NumberPlan(provider=one.provider, account=one.account, number=one.number, obstacles=(obstacle,))


def _released(target: Any, one: NumberPlan, bought: PhoneNumber, old_is_there: bool) -> NumberPlan:
    place: dict[str, Any] = {"provider": one.provider, "account": one.account, "number": bought}
    change = Change(bought, ChangeKind.RELEASE, None, True)
    if not old_is_there:
        reason = f"it is all that is left of {one.number}, which is not on the old account any more"
        return NumberPlan(**place, obstacles=(_not_yet(bought, reason),))
    if (obstacle := obstacle_of(target, change)) is not None:
        return NumberPlan(**place, obstacles=(obstacle,))
    return NumberPlan(**place, changes=(change,))
