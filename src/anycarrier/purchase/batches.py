"""Worker for many items at once: one request orders a number for each of them, under one key.

What holds of one attempt holds of each of these: it is on record before the first byte leaves, with the key and the
bytes of the whole request; a lost answer is resolved by the same request again or by a look, one for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import Any

from attrs import evolve

from anycarrier.attempt import AttemptState, Draft, ResolutionPolicy
from anycarrier.errors import AnyCarrierError, InsufficientFunds, JournalError
from anycarrier.exchange import Exchange, Moment, call, now, sleep
from anycarrier.purchase.attempts import BUSY, answered, kind_of, looked, note
from anycarrier.purchase.batch_offers import note_failure, offers_for
from anycarrier.purchase.batch_plan import BatchPlan, Group, Work
from anycarrier.purchase.context import PurchaseContext, Stopped, later, may_be_done, new_owner, progress_of
from anycarrier.purchase.journal.types import (
    AttemptRecord,
    JournalLost,
    LeaseLost,
    NumbersClaimed,
    Recorded,
    Snapshot,
    SpendCapExceeded,
)
from anycarrier.purchase.order import from_json
from anycarrier.purchase.protocols import can_batch
from anycarrier.purchase.resolution import (
    SEND_WITHIN,
    Timeline,
    begun,
    resent,
)
from anycarrier.purchase.selection import priced, too_dear
from anycarrier.purchase.sending import (
    Sent,
    fresh_key,
    held_back,
    look_for,
    outcome_of,
    sent_once,
    state_changed,
)

__all__ = ["BatchWorker", "fulfill_batch"]

BEGINNINGS = 5
"""Tries to begin a request of which others are quicker to get some numbers."""

LOOKS_UP = 1.0
"""Seconds of one sleep, so that a worker which is to stop does so soon."""


def _never() -> bool:
    return False


def _pause(seconds: float, stopped: Callable[[], bool]) -> Exchange[None]:
    until = (yield from now()).monotonic + seconds
    while (left := until - (yield from now()).monotonic) > 0 and not stopped():
        yield from sleep(min(left, LOOKS_UP))


def fulfill_batch(
    context: PurchaseContext,
    item_ids: Sequence[str],
    deadline: float,
    *,
    patience: float = inf,
    stopped: Stopped = None,
) -> Exchange[list[str]]:
    """Buy numbers for items that are alike, many with one request, where a provider of *context* can.

    A request of before whose outcome is not known is finished first: repeated or looked for once, for all of its items.
    What is still undecided when the deadline passes, or would have to wait for longer than *patience*, is neither
    decided nor returned: this function again goes on with it, and so does ``recover()``.

    Args:
        context: shared state of the workers.
        item_ids: ids of the items in the journal.
        deadline: seconds after which no further step begins.
        patience: seconds.
        stopped: once it returns true, the deadline has passed.

    Returns:
        The ids of the items that only :func:`anycarrier.purchase.worker.fulfill_item` can bring forward, in their
        order: those of an order for a named number or for the cheapest offer; those that are bought and to be set up;
        those with a refusal behind them, beyond a spending cap, or without an offer.

    Raises:
        JournalError: the journal does not work.
    """
    if len(item_ids) < 2 or not any(map(can_batch, context.providers.values())):
        return [*item_ids]
    worker = BatchWorker(context, (yield from new_owner()), patience=patience)
    try:
        yield from worker.run(item_ids, deadline, stopped or _never)
    except JournalError as error:
        raise may_be_done(error, "call it with the same items again, or recover(),") from None
    return [item_id for item_id in item_ids if item_id in worker.left]


class BatchWorker(BatchPlan):
    """Rounds of one worker on many items: read the journal, decide, act, record.

    Attributes:
        patience: seconds; the items are let go where they have to wait for longer.
        resume_at: after :meth:`run`, Unix time at which those that are neither decided nor left can be continued;
            ``None`` where there are none.
    """

    def __init__(self, context: PurchaseContext, owner: str, *, buys: bool = True, patience: float = inf) -> None:
        super().__init__(context, buys=buys)
        self.owner = owner
        self.patience = patience
        self.resume_at: float | None = None

    def run(self, item_ids: Sequence[str], deadline: float, stopped: Callable[[], bool] = _never) -> Exchange[None]:
        """Bring the items forward until each is decided, left, or has to wait for too long."""
        try:
            yield from self._rounds(item_ids, deadline, stopped)
        except GeneratorExit:
            # Interrupted: a closed exchange must yield no more effects, so this is only noted.
            self.context.journal.abandon(self.owner)
            raise
        except Exception:
            try:
                yield from call(partial(self.context.journal.release_many, item_ids, self.owner), "let go")
            except Exception:  # noqa: BLE001, S110 - the first error matters
                pass
            raise

    def _rounds(self, item_ids: Sequence[str], deadline: float, stopped: Callable[[], bool]) -> Exchange[None]:
        journal = self.context.journal
        until = (yield from now()).monotonic + deadline
        busy = 0
        rest = [*item_ids]
        while rest:
            claimed = yield from self.context.journaled(partial(journal.claim_many, rest, self.owner), "claim many")
            moment = yield from now()
            work = self._sorted(claimed, moment)
            self.left.update({*rest}.difference(snapshot.item.id for snapshot, _ in claimed))  # not on record
            timeline = Timeline(moment, claimed[0][0].now if claimed else None)
            acted = False
            if stopped():
                until = moment.monotonic
            if moment.monotonic < until:
                try:
                    acted = yield from self._act(work, timeline)
                except (LeaseLost, JournalLost):
                    acted = True  # what came of it is in the journal
            rest = [one for one in rest if one not in self.left and one not in self.decided]
            if acted or not rest:
                busy = 0
                continue
            moment = yield from now()
            instant = timeline.at(moment)
            wait = work.until - instant.earliest
            if work.awaited:
                # A worker that died loses its items when its lease ends.
                wait = min(wait, BUSY[min(busy, len(BUSY) - 1)])
                busy += 1
            if wait > self.patience or moment.monotonic + wait >= until:
                self.resume_at = instant.earliest + wait
                yield from self._release(rest, self.resume_at)
                break
            yield from _pause(min(max(wait, 0.001), journal.lease / 2), stopped)
        if self.left:
            yield from self._release([*self.left])

    def _release(self, item_ids: Sequence[str], resume_at: float = 0.0) -> Exchange[None]:
        release = partial(self.context.journal.release_many, item_ids, self.owner, resume_at)
        yield from self.context.journaled(release, "let go")

    def _act(self, work: Work, timeline: Timeline) -> Exchange[bool]:
        """Do what can be done now; whether there was anything."""
        acted = False
        for group in work.groups.values():
            if group.replays:
                acted |= yield from self._replay(group, work)
            if group.looks:
                yield from self._look(group)
                acted = True
        for (_, account), snapshots in work.fresh.items():
            most = self.context.providers[account].most_at_once()
            for start in range(0, len(snapshots), most):
                part = snapshots[start : start + most]
                begun_ids = yield from self._buy(account, part, timeline, len(snapshots))
                self.left.update(one.item.id for one in part if one.item.id not in begun_ids)
                acted = True
        return acted

    # -- requests whose outcome is not known

    def _replay(self, group: Group, work: Work) -> Exchange[bool]:
        account = group.replays[0].attempt.draft.account
        limited = yield from held_back(account)
        moment = yield from now()
        instant = group.timeline.at(moment)
        if limited is not None:
            work.until = min(work.until, instant.earliest + limited)
            return False
        again = [evolve(one, attempt=resent(one.attempt, group.rules, instant)) for one in group.replays]
        self._tell("replay", again, f"the same request once more, for {len(again)} numbers")
        entries = yield from call(partial(self.context.journal.resend_many, again, self.owner), "resend many")
        yield from self._send(group.provider, group.rules, entries, moment)
        return True

    def _look(self, group: Group) -> Exchange[None]:
        entries = group.looks
        self._tell("look", entries, "is it on the account?")
        began = group.timeline.at((yield from now()))
        found = yield from look_for(group.provider, entries)
        answered_at = group.timeline.at((yield from now()))
        yield from self._record(
            entries,
            [
                Recorded(evolve(one, attempt=looked(one, found[one.id], group.rules, began, answered_at)))
                for one in entries
            ],
        )

    def _send(
        self, provider: Any, rules: ResolutionPolicy, entries: Sequence[AttemptRecord], moment: Moment
    ) -> Exchange[None]:
        """Send the request of *entries* once, and record what came of it for each of them."""
        first = entries[0].attempt
        timeline = Timeline((yield from now()), first.last_sent - SEND_WITHIN)
        self._sent[first.draft.account, first.draft.key] = first.sends, timeline
        drafts = [one.attempt.draft for one in entries]
        outcomes, error, left = yield from sent_once(provider.place_many(drafts), later(moment, SEND_WITHIN))
        moment = yield from now()
        instant = timeline.at(moment)
        results: list[Recorded] = []
        for entry in entries:
            sent = Sent(error=error, left=left) if outcomes is None else outcome_of(outcomes, entry.attempt.draft)
            attempt, verdict, passed = answered(entry, sent, rules, instant, moment)
            if len(entries) > 1 and isinstance(sent.error, InsufficientFunds):
                passed = None  # the money may do for some of them: each is tried by itself
            if not results and outcomes is None:
                note(self.context.breaker, attempt, verdict, error, moment)
            results.append(Recorded(evolve(entry, attempt=attempt), passed))
        if outcomes is not None:
            self.context.breaker.succeeded(first.draft.account)
        yield from self._record(entries, results)

    def _record(self, before: Sequence[AttemptRecord], results: Sequence[Recorded]) -> Exchange[None]:
        record = partial(self.context.journal.record_many, results, self.owner)
        recorded = yield from self.context.journaled(record, "record many")
        for sent, one in zip(before, results, strict=True):
            if one.entry.id in recorded:
                state_changed(sent.attempt, one.entry.attempt)
                if one.entry.attempt.state is AttemptState.CONFIRMED and one.entry.item_id not in self._set_up_later:
                    self.decided.add(one.entry.item_id)
                self._tell(kind_of(one.entry.attempt), [one.entry], one.entry.attempt.reason)

    # -- new requests

    def _buy(self, account: str, snapshots: Sequence[Snapshot], timeline: Timeline, alike: int) -> Exchange[set[str]]:
        """Buy numbers for these items, of as many that are *alike*, with one request; the ids of those for which an
        attempt was begun."""
        context = self.context
        provider = context.providers[account]
        order, _ = from_json(snapshots[0].request.order)
        item_ids = [snapshot.item.id for snapshot in snapshots]
        pool = yield from offers_for(context, account, order, item_ids, alike)
        for _ in range(BEGINNINGS):
            pairs = [*zip(snapshots, pool, strict=False)]
            if len(pairs) < 2:
                break
            chosen = [choice for _, choice in pairs]
            try:
                key = yield from fresh_key(provider.rules)
                made = yield from provider.draft_many([one.target for one in chosen], key=key, options=context.options)
            except AnyCarrierError as error:
                yield from note_failure(context, account, error)
                break
            drafts: list[Draft] = [priced(choice, draft) for choice, draft in zip(chosen, made, strict=True)]
            # The price may have risen since the search.
            unfit = {draft.number for draft in drafts if too_dear(order, draft) is not None}
            if not unfit:
                rules = context.rules(order, provider)
                moment = yield from now()
                instant = timeline.at(moment)
                attempts = [
                    (snapshot.item.id, begun(draft, rules, instant))
                    for (snapshot, _), draft in zip(pairs, drafts, strict=True)
                ]
                holder: str | None = getattr(provider.accounts[0], "holder", None)
                begin = partial(context.journal.begin_many, self.owner, attempts, order.spend_cap, holder)
                context.untouched.update(dict.fromkeys((item_id for item_id, _ in attempts), 0.0))
                try:
                    entries = yield from call(begin, "begin many")
                except NumbersClaimed as claimed:
                    unfit = claimed.numbers
                except SpendCapExceeded:
                    break
                else:
                    self._tell("begin", entries, "asked for")
                    yield from self._send(provider, rules, entries, moment)
                    return {one.item_id for one in entries}
            pool = [choice for choice in pool if choice.number not in unfit]
        return set()

    def _tell(self, kind: str, entries: Sequence[AttemptRecord], text: str) -> None:
        for entry in entries:
            self.context.notify(progress_of(kind, entry.item_id, entry.attempt.draft, text))
