"""Set-up of a number that an order has bought: one step after the other, each on record before it is sent.

A step sets something to a value, so one of unknown outcome is sent again, if a look shows that it is not done.
A step that cannot be done ends the set-up, and the number stays: nothing gives it up.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from typing import Any

from attrs import frozen

from anycarrier.desired_state import carry_out, observe, reached_now
from anycarrier.desired_state.model import Change, ChangeState, Desired
from anycarrier.desired_state.observation import able
from anycarrier.desired_state.prerequisites import campaign_refused, missing_destinations
from anycarrier.engine.retry import backoff
from anycarrier.errors import AnyCarrierError, Conflict, NotFound
from anycarrier.exchange import Exchange, exclusive, now
from anycarrier.model import Route
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.provider_abilities import SetsRoutes
from anycarrier.purchase.attempts import Attempts
from anycarrier.purchase.context import PurchaseContext, later
from anycarrier.purchase.journal.changes import ChangeOutcome, ChangeRecord, NewChange
from anycarrier.purchase.journal.types import AttemptRecord, Snapshot
from anycarrier.purchase.order import Order
from anycarrier.purchase.resolution import CLOCKS_AGREE, Timeline
from anycarrier.purchase.selection import is_passing
from anycarrier.purchase.sending import reason_of, sent_by
from anycarrier.purchase.shared_searches import LOCKS

__all__ = ["Next", "SetUps", "Waits", "next_set_up_step"]

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 600.0
"""Seconds before a step that failed for a passing reason is tried again, doubled each time."""

FIRST_LOOK = 15.0
LONGEST_LOOK = 3600.0
"""Seconds between looks at what the provider finishes later: an eighth of the time that it has taken."""

LOOK_OF_ANY_AGE = 300.0
"""Seconds between looks at what has taken an unknown time."""

SENT_WITHIN = 0.75
"""Share of the lease within which the request of a step leaves, or does not leave at all."""

ANY_NUMBER = PhoneNumber("+12015550123")
"""Stands for a number that is not chosen yet, where routes are checked; nothing is sent about it."""

NOT_THERE_YET = 120.0
"""Seconds after its purchase for which a number that its provider does not know yet may still turn up there."""


@frozen
class Next:
    """Take this step; ``before`` is the record of the last try, after which it may be done already."""

    change: Change
    before: ChangeRecord | None


@frozen
class Waits:
    """Nothing can be done before ``until``, for this reason."""

    until: float
    reason: str


def next_set_up_step(
    desired: Desired, entry: AttemptRecord, steps: Sequence[ChangeRecord], at: float
) -> Next | Waits | None:
    """The next step of a set-up, ``None`` when all is done: a pure function of the record and the time.

    Args:
        desired: the set-up of the order.
        entry: the attempt that bought the number.
        steps: every step that was ever begun, oldest first.
        at: Unix time on the journal's clock.
    """
    for what, value in desired.values():
        tries = [step for step in steps if step.what == what]
        last = tries[-1] if tries else None
        if last is not None and last.outcome is ChangeOutcome.DONE:
            continue
        if last is not None and at < (until := _next_at(last, tries, at)):
            return Waits(until, last.reason or f"{what}: the provider finishes it later")
        return Next(Change(entry.attempt.draft.number, what, None, value), last)
    return None


_NOT_DONE = frozenset({ChangeOutcome.FAILED, ChangeOutcome.IN_DOUBT})

_OUTCOMES = {
    ChangeState.DONE: ChangeOutcome.DONE,
    ChangeState.ALREADY: ChangeOutcome.DONE,
    ChangeState.PENDING: ChangeOutcome.PENDING,
}


def _next_at(last: ChangeRecord, tries: Sequence[ChangeRecord], at: float) -> float:
    """Time at which a step that is not done is taken up again; 0 for one whose sender is gone."""
    if last.ended is None or last.ended > at + CLOCKS_AGREE:  # or a clock that was ahead wrote it
        return 0.0
    if last.outcome is ChangeOutcome.PENDING:
        began = next(step.created for step in tries if step.outcome is ChangeOutcome.PENDING)
        if began > last.ended:  # a clock that was ahead wrote it
            return last.ended + LOOK_OF_ANY_AGE
        return last.ended + min(LONGEST_LOOK, max(FIRST_LOOK, (last.ended - began) / 8))
    failed = sum(step.outcome in _NOT_DONE for step in tries)
    return last.ended + backoff(max(1, failed), FIRST_PAUSE, LONGEST_PAUSE)


class SetUps(Attempts):
    """The part of a worker that sets up the number of its item. See :class:`anycarrier.purchase.worker`."""

    def _set_up(
        self, snapshot: Snapshot, order: Order, entry: AttemptRecord, timeline: Timeline
    ) -> Exchange[Waits | None]:
        """Take the next step, or end the set-up; returns for what there is to wait first, where there is something."""
        assert order.setup is not None  # noqa: S101 - the goal of its request says so
        journal = self.context.journal
        steps = yield from self.context.journaled(lambda: [*journal.changes(item_id=self.item_id)], "steps")
        at = timeline.at((yield from now())).earliest
        step = next_set_up_step(order.setup, entry, steps, at)
        if isinstance(step, Waits):
            return step
        if step is None:
            yield from self.context.journaled(partial(journal.end_set_up, self.item_id, self.owner), "end set-up")
            self._tell("set up", entry, "done")
            return None
        self._tell("set up", entry, str(step.change.what))
        return (yield from self._take(entry, step, at, snapshot.request.reference))

    def _able(self, order: Order, accounts: Sequence[str], most: int | None) -> Exchange[list[str]]:
        """The first *most* of *accounts* at which nothing shows that the set-up cannot be done."""
        able: list[str] = []
        for account in accounts:
            try:
                reason = yield from lacks(self.context, account, order)
            except AnyCarrierError as error:
                moment = yield from now()
                self.context.breaker.failed(account, moment.monotonic, reason_of(error), error.retry_after)
                continue
            if reason:
                yield from self._pass(account, reason)
                continue
            able.append(account)
            if len(able) == most:
                break
        return able

    def _take(self, entry: AttemptRecord, step: Next, at: float, reference: str | None) -> Exchange[Waits | None]:
        """Carry out one step that is due at *at*, on record before and after; one that cannot be done ends it all.

        Returns for what there is to wait, where the provider says how long.
        """
        change, before = step.change, step.before
        provider = self.context.providers[entry.attempt.draft.account]
        is_pending = before is not None and before.outcome is ChangeOutcome.PENDING
        if before is not None and is_pending:
            number = before.id
            work = _finished(provider, change)
        else:
            moment = yield from now()
            number = yield from self._begin_step(entry, change, reference)
            # A worker that stood still sends nothing any more: by then the item is another's.
            by = later(moment, self.context.journal.lease * SENT_WITHIN)
            # One that may be done already is looked at first.
            work = sent_by(carry_out(provider, change, look_first=before is not None), by)
        reason, passes, wait = "", True, 0.0
        try:
            outcome = _OUTCOMES[(yield from work)]
        except Exception as error:  # noqa: BLE001 - what an application's own code raises ends no set-up
            reason = f"{change.what}: {reason_of(error)}"
            passes = is_passing(error) or (yield from _is_not_there_yet(provider, entry, at, error))
            outcome = ChangeOutcome.IN_DOUBT if getattr(error, "maybe_applied", True) else ChangeOutcome.FAILED
            if is_pending and passes:
                outcome = ChangeOutcome.PENDING
            wait = getattr(error, "retry_after", None) or 0.0
        end = partial(
            self.context.journal.end_step, self.item_id, self.owner, number, outcome, reason, final=not passes
        )
        yield from self.context.journaled(end, "end step")
        if not passes:
            self._tell("set up", entry, f"failed: {reason}")
        return Waits(at + wait, reason) if passes and wait else None

    def _begin_step(self, entry: AttemptRecord, change: Change, reference: str | None) -> Exchange[int]:
        draft = entry.attempt.draft
        begun = NewChange(
            provider=draft.provider,
            account=draft.account,
            number=change.number,
            what=str(change.what),
            before=change.before,
            after=change.after,
            item_id=self.item_id,
            reference=reference,
        )
        begin = partial(self.context.journal.begin_step, self.item_id, self.owner, begun)
        return (yield from self.context.journaled(begin, "begin step"))


def lacks(context: PurchaseContext, account: str, order: Order) -> Exchange[str]:
    """The reason that the set-up of *order* cannot be done at *account*, as far as that shows before anything is bought
    there: a route or an emergency address that is refused, a campaign or a gateway that is not there. Empty where none
    shows.

    Raises what looking them up does, for a reason that passes.
    """
    wanted, provider = order.setup, context.providers[account]
    if wanted is None:
        return ""
    if wanted.routes and issubclass(type(provider), SetsRoutes):
        try:
            provider.check_routes(order.number or ANY_NUMBER, *wanted.routes)
        except AnyCarrierError as error:
            return error.message
    checks: list[tuple[object, Exchange[str]]] = []
    if isinstance(wanted.emergency, EmergencyAddress) and able(provider, "check_emergency_address"):
        checks.append((wanted.emergency, _refused_address(provider, wanted.emergency)))
    if wanted.campaign and able(provider, "campaign"):
        checks.append((wanted.campaign, _found_campaign(provider, wanted.campaign)))
    if wanted.routes:
        checks.append((wanted.routes, _found_destinations(provider, wanted.routes)))
    for value, check in checks:
        asked = (account, value)
        if asked not in context.checked:  # one asks for all items of the order that want to know it at once
            since = (yield from now()).monotonic
            yield from exclusive(f"check {hash(asked) % LOCKS}", _check(context, asked, check, since))
        if context.checked[asked]:
            return context.checked[asked]
    return ""


def _check(context: PurchaseContext, asked: tuple[str, object], check: Exchange[str], since: float) -> Exchange[None]:
    if asked in context.checked:
        return
    failed_at, failure = context.failed_checks.get(asked, (since, None))
    if failure is not None and since < failed_at:
        raise copy.copy(failure)  # else those who waited for it would fail one after the other, each as slowly
    try:
        context.checked[asked] = yield from check
    except AnyCarrierError as error:
        context.failed_checks[asked] = (yield from now()).monotonic, copy.copy(error)
        raise


def _refused_address(provider: Any, address: EmergencyAddress) -> Exchange[str]:
    try:
        yield from provider.check_emergency_address(address)
    except AnyCarrierError as error:
        if is_passing(error):
            raise
        return f"emergency address: {reason_of(error)}"
    return ""


def _found_campaign(provider: Any, campaign: str) -> Exchange[str]:
    try:
        return (yield from campaign_refused(provider, campaign))
    except AnyCarrierError as error:
        if is_passing(error):
            raise
        return f"the campaign cannot be read: {reason_of(error)}"


def _found_destinations(provider: Any, routes: Sequence[Route]) -> Exchange[str]:
    try:
        return "; ".join((yield from missing_destinations(provider, routes)).values())
    except AnyCarrierError as error:
        if is_passing(error):
            raise
        return f"where calls and texts can go cannot be read: {reason_of(error)}"


def _is_not_there_yet(provider: Any, entry: AttemptRecord, at: float, error: Exception) -> Exchange[bool]:
    """Return whether the provider may refuse a step since it does not know the number yet, some time after it was
    bought."""
    attempt = entry.attempt
    if at >= attempt.last_sent + NOT_THERE_YET or isinstance(error, NotFound):
        return at < attempt.last_sent + NOT_THERE_YET
    try:
        return attempt.draft.number not in (yield from observe(provider, [attempt.draft.number], kinds=()))
    except Exception:  # noqa: BLE001 - then it is not known, and a later try is as good
        return True


def _finished(provider: Any, change: Change) -> Exchange[ChangeState]:
    """Look whether the provider has finished what it accepted.

    Raises:
        Conflict: it gave up on it.
        NotFound: the number is not on the account.
    """
    if (state := (yield from reached_now(provider, change))) is None:
        raise Conflict("the provider accepted it, and did not do it", provider=provider.name)
    return state
