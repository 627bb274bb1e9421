"""Applying a plan: its changes, and no other, each on record before it is sent where there is a journal.

Applying it again is harmless: what is there is read first, and what is done already is not sent. So the same call goes
on after a crash or a cancellation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from anycarrier.desired_state.batches import ChangeBatch
from anycarrier.desired_state.difference import leaving, progress
from anycarrier.desired_state.model import MOVES, Change, ChangeKind, ChangeState, NumberState, is_same
from anycarrier.desired_state.observation import observe, observe_account
from anycarrier.desired_state.plan import NumberPlan, Plan, check, check_accounts, members_of
from anycarrier.desired_state.records import ChangeJournal, ChangeOutcome
from anycarrier.desired_state.settling import made_changes, settled_changes
from anycarrier.desired_state.steps import carry_out
from anycarrier.engine.retry import backoff
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    JournalError,
    ProviderDown,
    RateLimited,
    TransportError,
    masked,
    printable,
)
from anycarrier.exchange import AsCompleted, Emit, Exchange, Listing, call, now, sleep
from anycarrier.json_markers import JsonRecord
from anycarrier.numbers import PhoneNumber

__all__ = ["Applied", "ChangeResult", "apply_numbers", "apply_plan"]

TRIES = 5
"""Times that a change is sent at most, while its provider is down or throttles."""

LONGEST_WAIT = 30.0
"""Seconds between two tries at most."""

PIECE = 2000
"""Numbers that are worked on side by side until the next ones begin."""


@frozen(kw_only=True)
class ChangeResult(JsonRecord):
    """Result of one change of a plan.

    Attributes:
        reason: why it was not made; empty where it was.
        error: the error of a change that failed.
    """

    change: Change
    state: ChangeState
    reason: str = ""
    error: AnyCarrierError | None = field(default=None, eq=False)


@frozen(kw_only=True)
class Applied(JsonRecord):
    """Result of a plan for one number.

    Attributes:
        replaced_by: the number that was bought instead of it.
    """

    _json_also = ("state",)
    provider: str
    account: str
    number: PhoneNumber
    results: tuple[ChangeResult, ...]
    replaced_by: PhoneNumber | None = None

    @property
    def state(self) -> ChangeState:
        """The state of the number's changes together: that of the one which went worst."""
        return max((result.state for result in self.results), key=_WORST.index, default=ChangeState.ALREADY)

    @property
    def error(self) -> AnyCarrierError | None:
        """The error of the change that failed, if one did."""
        return next((result.error for result in self.results if result.error is not None), None)

    @property
    def reason(self) -> str:
        """Why not all of it was made; empty where it was."""
        return next((result.reason for result in self.results if result.reason), "")


_WORST = (ChangeState.ALREADY, ChangeState.DONE, ChangeState.PENDING, ChangeState.SKIPPED, ChangeState.FAILED)


def apply_plan(
    provider: Any,
    plan: Plan,
    *,
    journal: ChangeJournal | None = None,
    at_once: int = 16,
    most: float = 0.3,
    confirm: str | None = None,
) -> Listing[Applied]:
    """Make the changes of *plan*; the result of each number, as soon as that is known.

    Changes of one number are made in order, up to the first that fails. A number whose present state is neither that
    before nor that after a change is skipped.

    Args:
        provider: the provider that the plan was made for, or several as one.
        plan: the plan.
        journal: journal for the changes and their outcomes.
        at_once: numbers that are worked on side by side.
        most: share of the numbers of an account that may be changed without a confirmation.
        confirm: id of the plan, for one that needs a confirmation.

    Raises:
        InvalidInput: the plan needs a confirmation, is another than the one that was made, or of another account.
        JournalError: the journal failed; nothing is sent that is not on record.
    """
    check(plan, most, confirm)
    numbers = [one for one in plan.numbers if one.changes]
    if any(one.move for one in numbers):
        raise InvalidInput("the plan moves numbers to another account: apply it with a client, which has the journal")
    yield from apply_numbers(members_of(provider), plan, numbers, journal, at_once=at_once)


def apply_numbers(
    members: Mapping[str, Any],
    plan: Plan,
    numbers: Sequence[NumberPlan],
    journal: ChangeJournal | None,
    *,
    at_once: int = 16,
    moved: Mapping[PhoneNumber, ChangeResult] | None = None,
    look_only: bool = False,
) -> Listing[Applied]:
    """Make the changes of some numbers of *plan*, which is checked already; see :func:`apply_plan`.

    Args:
        members: the provider of each account.
        numbers: those of the plan, each with changes.
        moved: results of the moves of those that have come from another account.
        look_only: send nothing that changes; what is left to do is pending.
    """
    by_account: dict[str, list[NumberPlan]] = {}
    for one in numbers:
        by_account.setdefault(one.account, []).append(one)
    check_accounts(members, plan)
    for account, here in by_account.items():
        yield from _of_account(members[account], plan, here, journal, at_once, moved or {}, look_only)


def _of_account(
    member: Any,
    plan: Plan,
    numbers: Sequence[NumberPlan],
    journal: ChangeJournal | None,
    at_once: int,
    moved: Mapping[PhoneNumber, ChangeResult],
    look_only: bool,
) -> Listing[Applied]:
    states = yield from _present(member, plan, numbers)
    done: frozenset[tuple[PhoneNumber, str]] = frozenset()
    made: frozenset[tuple[PhoneNumber, str]] = frozenset()
    if journal is not None:
        done = yield from call(lambda: settled_changes(journal, plan.id, states, record=not look_only), "changes")
        if moved:
            made = yield from call(lambda: made_changes(journal, plan.id), "changes")
    settled: list[Applied] = []
    todo: list[tuple[NumberPlan, list[ChangeResult | Change]]] = []
    for one in numbers:
        steps = _steps(one, states.get(one.number), done, moved.get(one.number), made)
        if look_only:
            steps = [_to_do(step) if isinstance(step, Change) else step for step in steps]
        if any(isinstance(step, Change) for step in steps):
            todo.append((one, steps))
        else:
            settled.append(_result(one, [step for step in steps if isinstance(step, ChangeResult)]))
    yield Emit(settled)
    for at in range(0, len(todo), PIECE):
        piece = todo[at : at + PIECE]
        batch = ChangeBatch(journal, plan.id, [(one, _left(steps)) for one, steps in piece])
        try:
            work = [_carried_out(member, one, steps, batch, at) for at, (one, steps) in enumerate(piece)]
            yield AsCompleted(work, at_once)
            yield from batch.write_down()
        finally:
            batch.cut_short()


def _to_do(change: Change) -> ChangeResult:
    return ChangeResult(change=change, state=ChangeState.PENDING, reason="not made yet: apply the plan to go on")


def _present(member: Any, plan: Plan, numbers: Sequence[NumberPlan]) -> Exchange[Mapping[PhoneNumber, NumberState]]:
    """Present states: from the list, or one by one where that reads less."""
    kinds = frozenset(change.what for one in numbers for change in one.changes) - MOVES
    wanted = [one.number for one in numbers]
    if len(wanted) * 100 <= plan.existing.get(numbers[0].account, 0):
        return (yield from observe(member, wanted, kinds=kinds))
    return (yield from observe_account(member, wanted, kinds=kinds)).states


def _steps(
    planned: NumberPlan,
    state: NumberState | None,
    done: frozenset[tuple[PhoneNumber, str]],
    move: ChangeResult | None,
    made: frozenset[tuple[PhoneNumber, str]],
) -> list[ChangeResult | Change]:
    """Changes that are left to be sent, and the results of all others.

    A number in another state than the plan says is skipped as a whole. One that has come from another account has no
    state before; it is changed until that was *made*.
    """
    steps: list[ChangeResult | Change] = []
    strange = ""
    for change in planned.changes:
        if move is not None and change.what in MOVES:
            steps.append(move)
            continue
        if state is None:
            gone = change.what is ChangeKind.RELEASE
            reason = "" if gone else "it is not on this account any more"
            steps.append(
                ChangeResult(change=change, state=ChangeState.ALREADY if gone else ChangeState.SKIPPED, reason=reason)
            )
            continue
        value = state.value(change.what)
        reached = progress(state, change.what, change.after)
        if value is None and (change.number, change.what) in done:
            if change.what is ChangeKind.RELEASE:  # bought again, or listed late: never given up on a guess
                reason = "this plan released it, and it is still or again on the account: look, then release it alone"
                steps.append(ChangeResult(change=change, state=ChangeState.SKIPPED, reason=reason))
                continue
            reached = ChangeState.ALREADY
        if reached is not None:
            steps.append(ChangeResult(change=change, state=reached))
        elif (obstacle := leaving(state, change)) is not None:
            strange = obstacle.reason
            steps.append(ChangeResult(change=change, state=ChangeState.SKIPPED, reason=strange))
        elif value is None or is_same(change.what, value, change.before) or _is_new(move, change, made):
            steps.append(change)
        else:
            strange = f"its {change.what} is another than when the plan was made; plan again"
            steps.append(ChangeResult(change=change, state=ChangeState.SKIPPED, reason=strange))
    if strange:
        steps = [
            ChangeResult(change=step, state=ChangeState.SKIPPED, reason=strange) if isinstance(step, Change) else step
            for step in steps
        ]
    return steps


def _is_new(move: ChangeResult | None, change: Change, made: frozenset[tuple[PhoneNumber, str]]) -> bool:
    return move is not None and (change.number, change.what) not in made


def _left(steps: Sequence[ChangeResult | Change]) -> list[Change]:
    return [step for step in steps if isinstance(step, Change)]


def _result(planned: NumberPlan, results: Sequence[ChangeResult]) -> Applied:
    return Applied(provider=planned.provider, account=planned.account, number=planned.number, results=tuple(results))


def _carried_out(
    member: Any, planned: NumberPlan, steps: Sequence[ChangeResult | Change], batch: ChangeBatch, at: int
) -> Exchange[Applied]:
    ids = yield from batch.begun(at)
    results: list[ChangeResult] = []
    failed = ""
    for step in steps:
        if isinstance(step, ChangeResult):
            results.append(step)
        elif failed:
            batch.ended(ids[step], ChangeOutcome.FAILED, failed)
            results.append(ChangeResult(change=step, state=ChangeState.SKIPPED, reason=failed))
        else:
            result = yield from _sent(member, planned, step, batch, ids[step])
            results.append(result)
            if result.state is ChangeState.FAILED:
                failed = "not sent: an earlier change of the number failed"
    if batch.is_full:
        yield from batch.write_down()
    return _result(planned, results)


def _sent(
    member: Any, planned: NumberPlan, change: Change, batch: ChangeBatch, change_id: int
) -> Exchange[ChangeResult]:
    batch.leaves(change_id)
    place = planned.provider, planned.account, planned.number
    journal = batch.journal if change.what is ChangeKind.RELEASE else None
    try:
        state = yield from _tried(member, change)
    except JournalError:
        raise
    except AnyCarrierError as error:
        words = printable(masked(str(error)))
        if journal is not None and error.maybe_applied:
            yield from call(lambda: journal.release_in_doubt(*place, f"perhaps released: {words}"), "release in doubt")
        outcome = ChangeOutcome.IN_DOUBT if error.maybe_applied else ChangeOutcome.FAILED
        batch.ended(change_id, outcome, words)
        return ChangeResult(change=change, state=ChangeState.FAILED, reason=words, error=error)
    reason = ""
    if journal is not None:
        try:
            yield from call(lambda: journal.released(*place), "released")
        except JournalError as broken:
            reason = (
                f"released, and the journal still counts it as ours ({broken.message}): tell it with "
                "released(provider, account, number) once it works"
            )
    batch.ended(change_id, ChangeOutcome.PENDING if state is ChangeState.PENDING else ChangeOutcome.DONE, reason)
    return ChangeResult(change=change, state=state, reason=reason)


def _tried(member: Any, change: Change) -> Exchange[ChangeState]:
    """Carry *change* out; again after a failure that passes, since setting a value twice is harmless."""
    tries = 0
    while True:
        tries += 1
        try:
            return (yield from carry_out(member, change))
        except (ProviderDown, RateLimited, TransportError) as error:
            wait = error.retry_after or 0.0
            if tries == TRIES or wait > LONGEST_WAIT:
                raise
        moment = yield from now()
        yield from sleep(max(wait, backoff(tries, 0.5, LONGEST_WAIT, moment.random)), "backoff")
