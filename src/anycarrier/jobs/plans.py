"""Tasks of plans: parts that are applied side by side, or a switch, which one worker at a time carries on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve

from anycarrier import validation
from anycarrier.desired_state import Applied, ChangeState, NumberPlan, Plan
from anycarrier.desired_state.applying import apply_numbers
from anycarrier.desired_state.plan import check, check_accounts
from anycarrier.errors import InvalidInput
from anycarrier.exchange import Exchange, Listing, call
from anycarrier.hints import checked
from anycarrier.jobs.kinds import KINDS
from anycarrier.jobs.submitting import Book, Enqueue, Job, submit_tasks
from anycarrier.jobs.tasks import Claim, is_halted, passes
from anycarrier.json_forms import from_json, to_json
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.job_records import JobKind
from anycarrier.purchase.journal.switches import SwitchState
from anycarrier.purchase.journal.task_records import NewTask, TaskNumber
from anycarrier.switching.applying import apply_switch, is_switch, places_of
from anycarrier.switching.moving import undecided_replacements

__all__ = ["apply_part", "parts_of", "submit_plan"]

PART = 500
"""Numbers of one part of a plan at most: each part reads what is there first."""

AT_ONCE = 16
"""Numbers of a part that are worked on side by side."""

_APPLIED = KINDS[JobKind.APPLY].reached


@checked
def submit_plan(
    journal: Book,
    plan: Plan,
    *,
    name: str,
    most: float = 0.3,
    confirm: str | None = None,
    enqueue: Enqueue | None = None,
) -> Job:
    """Record a plan as a job, in one transaction, in parts that workers apply side by side; blocks, sends nothing.

    The same plan again under the same name is the same job. A plan that moves numbers to another account is one part,
    which one worker at a time carries on.

    Args:
        journal: the journal of the accounts.
        plan: a plan of ``client.plan()``, ``plan_switch()``, ``finish_switch()`` or ``undo()``.
        name: the caller's name for the job, 1 to 100 printable characters.
        most: share of the numbers of an account that may be changed without a confirmation.
        confirm: ``plan.id``, for a plan that changes more, costs money, or gives numbers up; it is recorded.
        enqueue: as that of :func:`~anycarrier.jobs.submit`.

    Raises:
        InvalidInput: the plan needs a confirmation, or changes nothing; or the job exists with another plan.
        JournalError: the journal does not work; submit again once it does.
    """
    share = validation.real("most", most)
    if not 0 <= share <= 1:
        raise InvalidInput("most must be a share, from 0 to 1, such as 0.3")
    check(plan, share, confirm)
    tasks = parts_of(plan, share, confirm)
    if not tasks:
        raise InvalidInput("plan changes nothing: there is nothing to submit")
    return submit_tasks(journal, name, JobKind.APPLY, plan.id, tasks, enqueue)


def parts_of(plan: Plan, most: float, confirm: str | None) -> list[NewTask]:
    """The parts of a plan, each of some numbers of one account; the whole where it moves numbers."""
    wanted = [one for one in plan.numbers if one.changes]
    if is_switch(plan):
        return [_task(plan, plan, wanted, most, confirm)]
    accounts: dict[str, list[NumberPlan]] = {}
    for one in wanted:
        accounts.setdefault(one.account, []).append(one)
    return [
        _task(plan, evolve(plan, numbers=tuple(numbers[at : at + PART])), numbers[at : at + PART], most, confirm)
        for numbers in accounts.values()
        for at in range(0, len(numbers), PART)
    ]


def _task(plan: Plan, part: Plan, numbers: Sequence[NumberPlan], most: float, confirm: str | None) -> NewTask:
    body = {"plan": to_json(part), "most": most, "confirm": confirm}
    return NewTask(
        body=json.dumps(body, separators=(",", ":")),
        numbers=[(one.provider, one.account, one.number) for one in numbers],
    )


def apply_part(claim: Claim) -> Exchange[None]:
    """Make the changes of a part of a plan that are left, or look what became of them where its job was cancelled."""
    body = json.loads(claim.task.body)
    part = from_json(Plan, body["plan"])
    # The plan as a whole was checked when it was submitted; no part of it is less safe than the whole.
    if body["confirm"] is None and (reasons := part.unsafe(body["most"])):
        raise InvalidInput(f"the plan is not applied without a confirmation: {'; '.join(reasons)}")
    switch = is_switch(part)
    try:
        check_accounts(claim.work.context.providers, part)
        if switch:
            places_of(claim.work.provider, part)
    except InvalidInput as error:
        claim.passes_on(error.message)
        return
    taken = partial(_take, claim, {one.number: one for one in claim.numbers})
    if not claim.is_cancelled:
        yield from claim.each(_applied(claim, part, body["most"], switch), taken)
    if claim.is_cancelled:
        yield from claim.each(_looked(claim, part, switch), partial(taken, looks=True), looks=True)
        yield from _closed(claim, part, switch)


def _left(claim: Claim, part: Plan) -> list[NumberPlan]:
    left = {one.number for one in claim.numbers if one.is_open}
    return [one for one in part.numbers if one.number in left]


def _applied(claim: Claim, part: Plan, most: float, switch: bool) -> Listing[Applied]:
    work, journal = claim.work, claim.work.context.journal
    if switch:
        yield from apply_switch(work.provider, part, journal=journal, details=work.ports, most=most, confirm=part.id)
        return
    undone = part.undoes
    if undone is not None:
        yield from call(lambda: journal.end_switch(undone, SwitchState.UNDONE), "end switch")
    yield from apply_numbers(work.context.providers, part, _left(claim, part), journal, at_once=AT_ONCE)


def _looked(claim: Claim, part: Plan, switch: bool) -> Listing[Applied]:
    work, journal = claim.work, claim.work.context.journal
    if switch:
        yield from apply_switch(work.provider, part, journal=journal, look_only=True)
    else:
        yield from apply_numbers(work.context.providers, part, _left(claim, part), journal, look_only=True)


def _take(claim: Claim, known: Mapping[PhoneNumber, TaskNumber], applied: Applied, *, looks: bool = False) -> None:
    """Note the result of one number; one that this worker has not come to stays open."""
    before = known[applied.number]
    error = applied.error
    if is_halted(error):
        return
    waits = applied.state is ChangeState.PENDING or (error is not None and passes(error))
    if looks and applied.state not in _APPLIED:
        return
    if error is not None and error.retry_after is not None:
        claim.waits(max(error.retry_after, claim.wait or 0.0), "")
    claim.note(
        [
            evolve(
                before,
                state=applied.state.value,
                is_open=waits,
                reason=applied.reason,
                detail=_detail(applied),
            )
        ]
    )


def _detail(applied: Applied) -> dict[str, Any]:
    made: dict[str, Any] = {"changes": {one.change.what.value: one.state.value for one in applied.results}}
    if applied.replaced_by is not None:
        made["replaced_by"] = applied.replaced_by.e164
    return made


def _closed(claim: Claim, part: Plan, switch: bool) -> Exchange[None]:
    """End what is left of a part whose job was cancelled, apart from ports and purchases that are under way."""
    journal = claim.work.context.journal
    coming: set[PhoneNumber] = set()
    if switch:
        # A worker that was in the middle of one may have ordered another replacement after the cancellation.
        yield from call(lambda: journal.cancel_orders(claim.task.job_id, part.id), "cancel orders")
        entries = yield from call(lambda: journal.port_entries(reference=part.id), "read ports")
        coming = {one.number for entry in entries for one in entry.record.numbers if one.is_live}
        moves = [one for one in part.numbers if one.move]
        coming |= yield from call(lambda: undecided_replacements(part, moves, journal), "purchases")
    claim.close(coming)
