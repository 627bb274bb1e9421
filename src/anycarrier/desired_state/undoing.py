"""Plans that take back what another plan has changed, as far as that is possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from attrs import evolve

from anycarrier.desired_state.difference import obstacle_of
from anycarrier.desired_state.model import Change, ChangeKind, NumberState, Obstacle, Value, is_same
from anycarrier.desired_state.plan import (
    NumberPlan,
    Plan,
    check_accounts,
    digest_of,
    holders_of,
    members_of,
    observe_members,
)
from anycarrier.desired_state.records import ChangeJournal, ChangeOutcome
from anycarrier.errors import InvalidInput
from anycarrier.exchange import Exchange, call
from anycarrier.numbers import PhoneNumber

__all__ = ["plan_on_record", "undo_plan"]


def undo_plan(provider: Any, undone: Plan | str, *, journal: ChangeJournal | None = None) -> Exchange[Plan]:
    """Plan the reverse of the changes of *undone*, as far as they were made and each value is still the one it set.

    What nothing takes back (a release), whose former value is not known, or that was changed since, is an obstacle.
    With a *journal*, a change that never was sent is left out where the provider does not state its value; and the id
    of a plan suffices, of which the journal has the changes.

    Raises:
        InvalidInput: the id of a plan without a journal, or of which the journal has nothing.
        AnyCarrierError: something could not be read; nothing is planned from a part of the answers.
    """
    if isinstance(undone, str):
        if journal is None:
            raise InvalidInput("plan: its id alone is not enough without a journal that has its changes")
        undone = yield from call(lambda plan_id=undone: plan_on_record(journal, plan_id), "changes")  # type: ignore[misc]
    plan_id = undone.id
    members = members_of(provider)
    before = {one.number: one for one in undone.numbers if one.changes}
    check_accounts(members, undone)
    observed = yield from observe_members(members, before, {change.what for change in undone.changes})
    sent: _Sent | None = None
    if journal is not None:
        places = {(one.provider, one.account) for one in before.values()}
        sent = yield from call(lambda: _sent(journal, plan_id, places), "changes")
    plans = [
        _undone(members[one.account], one, observed[one.account].states.get(number), sent)
        for number, one in before.items()
    ]
    existing = {account: observation.existing for account, observation in observed.items()}
    holders = holders_of(members)
    plan_id = digest_of(plans, existing, undone.id, holders)
    return Plan(id=plan_id, numbers=tuple(plans), existing=existing, undoes=undone.id, holders=holders)


_Sent: TypeAlias = Mapping[tuple[PhoneNumber, str], Value]
"""Changes of a plan that were sent, with the value that was set since by other means; ``None`` where there is none."""


def _sent(journal: ChangeJournal, plan_id: str, accounts: Iterable[tuple[str, str]]) -> _Sent:
    sent: dict[tuple[PhoneNumber, str], Value] = {}
    for account in sorted(accounts):
        for record in journal.changes(account=account):
            place = record.number, record.what
            if record.plan == plan_id and record.outcome is not ChangeOutcome.FAILED:
                sent[place] = None
            elif place in sent and record.outcome is ChangeOutcome.DONE:
                sent[place] = record.after
    return sent


def _undone(member: Any, planned: NumberPlan, state: NumberState | None, sent: _Sent | None) -> NumberPlan:
    changes: list[Change] = []
    obstacles: list[Obstacle] = []
    for change in reversed(planned.changes):
        now = None if state is None else state.value(change.what)
        if state is None:
            reason = "it is not on this account any more"
            obstacles.append(Obstacle(number=change.number, what=change.what, after=change.before, reason=reason))
            continue
        if now is None and sent is not None:
            if (change.number, change.what) not in sent:
                continue
            now = sent[change.number, change.what]
        if (now is not None or change.what is ChangeKind.RELEASE) and is_same(change.what, now, change.before):
            continue
        found = _reverse(member, change, now)
        if isinstance(found, Change):
            changes.append(found)
        else:
            obstacles.append(found)
    return evolve(planned, changes=tuple(changes), obstacles=tuple(obstacles), pending=())


def _reverse(member: Any, change: Change, now: Value) -> Change | Obstacle:
    def obstacle(reason: str) -> Obstacle:
        return Obstacle(number=change.number, what=change.what, after=change.before, reason=reason)

    if change.what is ChangeKind.RELEASE:
        return obstacle("a release is for good")
    if now is not None and not is_same(change.what, now, change.after):
        return obstacle("it was changed since, to another value")
    if change.before is None:
        return obstacle("its former value is not known: the provider did not state it")
    reverse = change.undo
    if reverse is None:
        return obstacle("it had no value before, and no provider takes one away")
    return obstacle_of(member, reverse) or reverse


def plan_on_record(journal: ChangeJournal, plan_id: str) -> Plan:
    """The plan of this id, as far as its changes are in *journal*. Blocks.

    Raises:
        InvalidInput: none of its changes is on record.
    """
    found: dict[PhoneNumber, dict[str, Change]] = {}
    places: dict[PhoneNumber, tuple[str, str]] = {}
    for record in journal.changes(plan=plan_id):
        kinds = found.setdefault(record.number, {})
        # The first record of a change has the value before all tries.
        kinds.setdefault(record.what, Change(record.number, record.what, record.before, record.after))
        places[record.number] = record.provider, record.account
    if not found:
        raise InvalidInput(f"the journal has no change of a plan {plan_id!r}")
    numbers = tuple(
        NumberPlan(provider=places[number][0], account=places[number][1], number=number, changes=tuple(kinds.values()))
        for number, kinds in found.items()
    )
    return Plan(id=plan_id, numbers=numbers)
