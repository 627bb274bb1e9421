"""Changes of a plan that an earlier run has sent: those that are done, and those of which a look now says so."""

from __future__ import annotations

from collections.abc import Mapping

from anycarrier.desired_state.difference import progress
from anycarrier.desired_state.model import ChangeKind, ChangeState, NumberState, Value, is_same
from anycarrier.desired_state.plan import set_last
from anycarrier.desired_state.records import ChangeJournal, ChangeOutcome
from anycarrier.numbers import PhoneNumber

__all__ = ["made_changes", "settled_changes"]


def settled_changes(
    journal: ChangeJournal, plan_id: str, states: Mapping[PhoneNumber, NumberState], *, record: bool = True
) -> frozenset[tuple[PhoneNumber, str]]:
    """Record what a look shows of changes whose outcome is not on record, unless not to *record*; returns those that
    are done, of values that the provider does not state. Blocks."""
    done: dict[tuple[PhoneNumber, str], Value] = {}
    outcomes: list[tuple[int, ChangeOutcome, str]] = []
    for change in journal.changes(plan=plan_id):
        if change.number not in states:
            continue
        kind = ChangeKind(change.what)
        value = states[change.number].value(kind)
        if change.outcome is ChangeOutcome.DONE:
            if value is None:
                done[change.number, change.what] = change.after
        elif change.outcome is not ChangeOutcome.FAILED:
            reached = progress(states[change.number], kind, change.after)
            if reached is ChangeState.ALREADY:
                outcomes.append((change.id, ChangeOutcome.DONE, "a later look shows it"))
            elif reached is None and value is not None and is_same(kind, value, change.before):
                outcomes.append((change.id, ChangeOutcome.FAILED, "a later look does not show it"))
    if outcomes and record:
        journal.end_changes(outcomes)
    if not done:
        return frozenset()
    # It may have been changed again since, and a plan of the same changes has the same id.
    last: dict[tuple[PhoneNumber, str], Value] = {}
    for account in {(states[number].provider, states[number].account) for number, _ in done}:
        last |= set_last(journal, account)
    return frozenset(place for place, after in done.items() if is_same(ChangeKind(place[1]), last.get(place), after))


def made_changes(journal: ChangeJournal, plan_id: str) -> frozenset[tuple[PhoneNumber, str]]:
    """Numbers and kinds of the changes of a plan that were made. Blocks."""
    return frozenset(
        (record.number, record.what) for record in journal.changes(plan=plan_id, outcome=ChangeOutcome.DONE)
    )
