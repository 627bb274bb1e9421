"""Worker for one item of an order, in rounds: read the journal, decide, act, record.

Between two rounds only the journal remembers, so another process can continue at any point.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf
from zlib import crc32

from attrs import evolve

from anycarrier.attempt import AttemptState
from anycarrier.errors import AnyCarrierError, NumberUnavailable
from anycarrier.exchange import Exchange, Moment, call, now, sleep
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.attempts import BUSY
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.context import Progress, PurchaseContext, new_owner
from anycarrier.purchase.journal.types import (
    CANCELLED,
    AlreadyClaimed,
    AttemptRecord,
    ItemState,
    JournalLost,
    LeaseLost,
    Snapshot,
    SpendCapExceeded,
)
from anycarrier.purchase.order import Order, OrderItem, from_json, item_of
from anycarrier.purchase.plan import NOTHING_YET, TRIED, Adopt, Attend, Pause, SetUp, Stop, Stuck, Try, next_step
from anycarrier.purchase.resolution import Do, Instant, Timeline
from anycarrier.purchase.selection import (
    Choice,
    Found,
    cheapest,
    found_at,
    in_one_currency,
    is_passing,
    priced,
    too_dear,
    widened,
    with_price,
)
from anycarrier.purchase.sending import fresh_key, purchased, reason_of
from anycarrier.purchase.set_ups import SetUps

__all__ = ["OrderItemWorker", "fulfill_item"]

CROWDED = "every offered number is already being bought by another order"

LONGEST_CROWD = 3600.0
"""Seconds of the longest pause of an account whose every number is being bought by other orders."""

OFFERS = 20
"""Offers of one search that are tried, if other orders are buying the same numbers."""


def fulfill_item(
    context: PurchaseContext,
    item_id: str,
    deadline: float,
    *,
    closing: bool = False,
    worker: OrderItemWorker | None = None,
) -> Exchange[OrderItem]:
    """Work on one item until it is decided or *deadline* seconds have passed; its state then.

    Args:
        context: shared state of the order's workers.
        item_id: id of the item in the journal.
        deadline: seconds.
        closing: whether a new worker closes the item when the deadline passes and nothing is in doubt, since its caller
            has no name for it and does not come back; otherwise another worker may continue it.
        worker: the one that has claimed it already; by default a new one.

    Raises:
        JournalError: the journal does not work.
    """
    worker = worker or OrderItemWorker(context, item_id, (yield from new_owner()), closing=closing)
    owner = worker.owner
    try:
        item = yield from purchased(worker.run(deadline))
    except GeneratorExit:
        # Interrupted: a closed exchange must yield no more effects, so this is only noted.
        context.journal.abandon(owner)
        raise
    except Exception:
        try:
            yield from call(partial(context.journal.release_claim, item_id, owner), "let go")
        except Exception:  # noqa: BLE001, S110 - the first error matters
            pass
        raise
    return item


class OrderItemWorker(SetUps):
    """The rounds of one worker on one item.

    Attributes:
        closing: whether the item is closed when the deadline passes and nothing is in doubt; otherwise another worker
            may continue it.
        patience: seconds; the item is let go where it has to wait for longer.
        place: offer at which it begins, so that items which are worked on side by side do not want the same; 0 for any.
        rests: after :meth:`run`, seconds until the item can be continued here; ``None`` if it cannot.
        waits_here: after :meth:`run`, whether that is for a reason that the journal does not know.
    """

    def __init__(
        self, context: PurchaseContext, item_id: str, owner: str, *, closing: bool = False, patience: float = inf
    ) -> None:
        super().__init__(context, item_id, owner)
        self.closing = closing
        self.patience = patience
        self.place = 0
        self.rests: float | None = None
        self.waits_here = False
        self._unable: dict[str, str] | None = None
        self._contested: set[PhoneNumber] = set()
        self._wide = False
        self._fresh_since = 0.0
        self._crowded = CircuitBreaker(longest=LONGEST_CROWD)

    def run(self, deadline: float) -> Exchange[OrderItem]:
        until: float | None = None
        waited = 0
        self.rests = self.fulfilled = None
        self.waits_here = False
        journal = self.context.journal
        while True:
            snapshot, mine = yield from self.context.journaled(lambda: journal.claim(self.item_id, self.owner), "claim")
            moment = yield from now()
            until = moment.monotonic + deadline if until is None else until
            # Halved: the claim itself may have taken long.
            sure = moment.monotonic + journal.lease / 2 if mine and not snapshot.entries else 0.0
            self.context.untouched[self.item_id] = sure
            snapshot = self._with_unable(snapshot)
            if not snapshot.item.claimable:
                return item_of(snapshot, owned=self.owned)
            if not mine:
                if moment.monotonic >= until:
                    return item_of(snapshot, resume_at=snapshot.now + BUSY[-1])
                yield from sleep(BUSY[min(waited, len(BUSY) - 1)], "other_worker")
                waited += 1
                continue
            waited = 0
            try:
                item = yield from self._round(snapshot, moment, until)
            except (LeaseLost, JournalLost):
                continue
            except AlreadyClaimed:
                # Another attempt for the number began at this very moment: the next round sees it.
                yield from sleep(BUSY[0], "other_worker")
                continue
            if item is not None:
                return item
            if self.fulfilled is not None:
                # What a claim would read, since nobody has anything to do for the item any more.
                return item_of(snapshot.after(self.fulfilled, self._passed), owned=self.owned)

    def _round(self, snapshot: Snapshot, moment: Moment, until: float) -> Exchange[OrderItem | None]:
        order, named = from_json(snapshot.request.order)
        timeline = self._time(snapshot, moment)
        instant = timeline.at(moment)
        end = instant.earliest + min(until - moment.monotonic, self.patience)
        blocked = {
            account: instant.earliest + max(0.0, self._blocked_until(account) - moment.monotonic)
            for account in self.context.providers
        }
        places = self.context.places(order, named)
        step = next_step(
            snapshot, places, instant, named=order.number is not None, blocked=blocked, contested=self._contested
        )
        match step:
            case Attend():
                if step.action.do is Do.PARK:
                    silence = "the provider has not answered for long"
                    return (yield from self._close(snapshot, ItemState.PARKED, silence))
                if (at := max(instant.earliest, step.action.until)) >= end:
                    return (yield from self._rest(snapshot, instant, at))
                yield from self._attend(step, timeline, moment, instant)
            case Adopt():
                adopt = partial(self.context.journal.adopt, step.entry, self.owner)
                if (yield from self.context.journaled(adopt, "adopt")):
                    self._tell("confirmed", step.entry, "turned up late and is taken")
            case SetUp():
                return (yield from self._set_up_round(snapshot, order, step.entry, timeline, end))
            case Stuck():
                yield from self._let_go()
                return item_of(snapshot, reason=step.reason, resume_at=instant.earliest)
            case Stop():
                return (yield from self._stop(snapshot, named, instant, step.reason))
            case Pause() | Try():
                at = max(instant.earliest, step.until if isinstance(step, Pause) else 0.0)
                if at >= end:
                    return (yield from self._out_of_time(snapshot, instant, at))
                if isinstance(step, Pause):
                    yield from self._wait(step.until, instant, NOTHING_YET)
                else:
                    yield from self._try(snapshot, order, step, timeline)
        return None

    def _blocked_until(self, account: str) -> float:
        return max(self.context.breaker.until(account), self._crowded.until(account))

    def _with_unable(self, snapshot: Snapshot) -> Snapshot:
        """*snapshot*, with the accounts that cannot serve the order among the skipped ones."""
        if self._unable is None:
            self._unable = self.context.unable_accounts(*from_json(snapshot.request.order))
        if not self._unable:
            return snapshot
        passed = {**snapshot.item.passed, **self._unable}
        return evolve(snapshot, item=evolve(snapshot.item, passed=passed))

    def _stop(self, snapshot: Snapshot, named: Sequence[str], instant: Instant, reason: str) -> Exchange[OrderItem]:
        """Close the item, unless another client has accounts of the order that this one lacks."""
        if reason == CANCELLED:
            return (yield from self._close(snapshot, ItemState.CANCELLED, reason))
        absent = [
            one for one in self.context.missing_accounts(named) if one.partition("/")[2] not in snapshot.item.passed
        ]
        if absent and instant.earliest <= snapshot.request.valid_until:
            yield from self._let_go()
            missing = f"accounts that it may use are missing in this client: {', '.join(absent)}"
            return item_of(snapshot, reason=missing, resume_at=instant.earliest)
        refused = bool(snapshot.entries) and all(
            entry.attempt.state is AttemptState.REJECTED for entry in snapshot.entries
        )
        state = ItemState.REFUSED if refused and reason == TRIED else ItemState.EXHAUSTED
        return (yield from self._close(snapshot, state, reason))

    def _set_up_round(
        self, snapshot: Snapshot, order: Order, entry: AttemptRecord, timeline: Timeline, end: float
    ) -> Exchange[OrderItem | None]:
        waits = yield from self._set_up(snapshot, order, entry, timeline)
        if waits is None:
            return None
        instant = timeline.at((yield from now()))
        if waits.until >= end:
            return (yield from self._rest(snapshot, instant, waits.until, waits.reason))
        yield from self._wait(waits.until, instant, waits.reason)
        return None

    def _rest(self, snapshot: Snapshot, instant: Instant, at: float, reason: str = "") -> Exchange[OrderItem]:
        """Let the item go until *at*, since its worker does not wait for so long."""
        self.rests = at - instant.earliest
        yield from self._let_go(at)
        return item_of(snapshot, reason=reason, resume_at=at)

    # -- new attempts

    def _try(self, snapshot: Snapshot, order: Order, step: Try, timeline: Timeline) -> Exchange[None]:
        if step.again is not None:
            before = step.again.attempt
            try:
                if not (yield from self._begin(order, before.draft, timeline, sent_before=before.sends)):
                    self._contested.add(before.draft.number)
            except SpendCapExceeded as over:
                yield from self._pass(before.draft.account, str(over))
            return
        found, more = yield from self._found(snapshot, order, step)
        able = cheapest(found) if order.prefer == "cheapest" else [choice for one in found for choice in one.choices]
        if len(able) > 1:
            # The place first, which may take seconds, and only then the number: by then others have theirs.
            if not (yield from self._take_place(able[0].account)):
                return
            able = (yield from self._unclaimed(able, snapshot, order)) or ([] if more else able)
        self._wide = self._wide or (more and not able)
        self._fresh_since = (yield from now()).monotonic
        yield from self._first_of(able, order, timeline)

    def _found(self, snapshot: Snapshot, order: Order, step: Try) -> Exchange[tuple[Sequence[Found], bool]]:
        """The offers of each account, and whether a search that asks for more may find more."""
        taken: set[PhoneNumber] = set()
        if order.number is None:
            tried = [entry.attempt for entry in snapshot.entries if entry.attempt.state is not AttemptState.NOT_SENT]
            taken.update(attempt.draft.number for attempt in tried)
        accounts = yield from self._able(order, step.accounts, None if order.prefer == "cheapest" else 1)
        for account in accounts:
            self._say("search", account, "what is there to buy?")
        asked = {account: self.context.providers[account] for account in accounts}
        # What an earlier search has found is of use to an item once, and not after an attempt.
        since = (yield from now()).monotonic if snapshot.entries else self._fresh_since
        search = partial(self.context.searches.offers, since=since)
        # The cheapest one is known once all are priced. Else one after the other is, until one fits.
        price = self._price_of if order.prefer == "cheapest" else None
        wide = widened(order) if self._wide else order
        found = yield from found_at(wide, asked, taken, self.context.options, search, price)
        if order.prefer == "cheapest":
            found = in_one_currency(order, found)
        after = yield from now()
        more = not self._wide and any(one.more for one in found)
        for one in found:
            if one.error is not None and is_passing(one.error):
                wanted: float | None = getattr(one.error, "retry_after", None)
                self.context.breaker.failed(one.account, after.monotonic, one.reason, wanted)
            elif one.choices:
                self.context.breaker.succeeded(one.account)
            elif not (one.more and more):
                yield from self._pass(one.account, one.reason)
        return found, more

    def _unclaimed(self, able: Sequence[Choice], snapshot: Snapshot, order: Order) -> Exchange[list[Choice]]:
        """*able* without the numbers that other orders are buying. If there are any, or two were refused before, each
        worker begins at another offer, so that those which search at once do not want the same number."""
        numbers = [choice.number for choice in able]
        accounts = {choice.account: choice.provider for choice in able}
        claimed = yield from self.context.journaled(
            lambda: {
                (account, number)
                for account, provider in accounts.items()
                for number in self.context.journal.claimed(provider, numbers)
            },
            "claimed",
        )
        free = [choice for choice in able if (choice.account, choice.number) not in claimed]
        if not free or order.prefer == "cheapest":
            return free
        # Items of one order, and orders of other accounts, are worked on at once. A sorted search says what is best.
        is_sorted = order.criteria is not None and order.criteria.sort_by is not None
        refused = sum(entry.attempt.state is AttemptState.REJECTED for entry in snapshot.entries)
        crowd = self.place or (crc32(snapshot.item.id.encode()) if len(free) < len(able) or refused > 1 else 0)
        shift = (snapshot.item.position - 1 + (0 if is_sorted else crowd)) % len(free)
        return free[shift:] + free[:shift]

    def _first_of(self, able: Sequence[Choice], order: Order, timeline: Timeline) -> Exchange[None]:
        # The reason that an account's numbers cannot be bought: for good, or because others are quicker.
        final: dict[str, str] = {}
        crowded: dict[str, str] = {}
        left = OFFERS
        for one in able:
            provider = self.context.providers[one.account]
            try:
                choice, dear = yield from with_price(order, one, provider, self.context.options, self._price_of)
                if dear is not None:
                    final[choice.account] = dear
                    continue
                if not left:
                    break
                left -= 1
                key = yield from fresh_key(provider.rules)
                draft = priced(
                    choice, (yield from provider.draft(choice.target, key=key, options=self.context.options))
                )
            except NumberUnavailable as gone:
                (crowded if order.number is None else final)[one.account] = reason_of(gone)
                continue
            except AnyCarrierError as error:
                if is_passing(error):
                    moment = yield from now()
                    self.context.breaker.failed(one.account, moment.monotonic, reason_of(error), error.retry_after)
                else:
                    yield from self._pass(one.account, reason_of(error))
                return
            dear = too_dear(order, draft)  # the price may have risen since the search
            try:
                if dear is None and (yield from self._begin(order, draft, timeline)):
                    return
            except SpendCapExceeded as over:
                dear = str(over)
            had = (yield from self._had(draft)) if dear is None and order.number is not None else None
            if dear or had:
                final[choice.account] = dear or had or ""
            else:
                crowded[choice.account] = CROWDED
        for account in dict.fromkeys(choice.account for choice in able):
            if account not in crowded:
                yield from self._pass(account, final[account])
                continue
            # The account is fine, others are quicker: it is tried ever more rarely.
            self._crowded.failed(account, (yield from now()).monotonic, crowded[account])

    # -- ends and pauses

    def _out_of_time(self, snapshot: Snapshot, instant: Instant, at: float) -> Exchange[OrderItem]:
        """The item at the end of the deadline, with an account that may still have a number."""
        breakers = (self.context.breaker, self._crowded)
        said = [text for account in self.context.providers for one in breakers if (text := one.said(account))]
        reason = "; ".join(["the deadline ended", *said])
        if self.closing:
            return (yield from self._close(snapshot, ItemState.EXHAUSTED, reason))
        self.rests, self.waits_here = at - instant.earliest, True
        yield from self._let_go()
        return item_of(snapshot, reason=reason, resume_at=at)

    def _close(self, snapshot: Snapshot, state: ItemState, reason: str) -> Exchange[OrderItem]:
        yield from self.context.journaled(
            lambda: self.context.journal.end(self.item_id, self.owner, state, reason), f"end {state.value}"
        )
        self.context.notify(
            Progress(kind="parked" if state is ItemState.PARKED else "end", item=self.item_id, text=reason)
        )
        return item_of(evolve(snapshot, item=evolve(snapshot.item, state=state, reason=reason)))

    def _let_go(self, resume_at: float = 0.0) -> Exchange[None]:
        yield from self.context.journaled(
            lambda: self.context.journal.release_claim(self.item_id, self.owner, resume_at), "let go"
        )
