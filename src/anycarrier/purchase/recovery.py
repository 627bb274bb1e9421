"""Recovery of the orders that were interrupted.

It passes over the open items by their ids, again and again: an item that has to wait is let go, so that those behind it
are looked at first. Memory does not grow with the journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from attrs import Factory, define, evolve, field, frozen

from anycarrier import validation
from anycarrier.errors import AnyCarrierError, JournalError
from anycarrier.exchange import Exchange, Failed, Moment, now, sleep, together
from anycarrier.model import ProviderOptions
from anycarrier.purchase.batches import BatchWorker
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.context import Progress, PurchaseContext, make_context, may_be_done, new_owner
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.order import OrderItem, item_of
from anycarrier.purchase.protocols import can_batch
from anycarrier.purchase.reconciliation import Sweep, sweep_with
from anycarrier.purchase.standing import with_standing
from anycarrier.purchase.worker import OrderItemWorker, fulfill_item

__all__ = ["LISTED", "Recovery", "recover"]

AT_ONCE = 8
"""Items that are worked on at once."""

CLAIM_EVERY = 2.0
"""Seconds between two looks whether a lease has ended."""

PATIENCE = 1.0
"""Seconds for which a worker waits for its item; one that has to wait for longer is let go."""

LISTED = 1000
"""Items at most that a :class:`Recovery` lists, of those that are undecided and of those that ended."""


@frozen(kw_only=True)
class Recovery:
    """The result of :func:`recover`.

    Attributes:
        items: the items that it worked on, in their present state, by id. Of those that are undecided and of those that
            ended, the first :data:`LISTED` at most; ``counts`` and ``undecided`` count them all.
        failed: items that it could not work on, each with the error.
        sweep: refused and refuted purchases that turned up.
        counts: number of items that came to an end, by their state.
        undecided: number of items that may still get a number, and that no other worker has.
    """

    items: tuple[OrderItem, ...]
    failed: Mapping[str, Exception] = field(factory=dict[str, Exception])
    sweep: Sweep
    counts: Mapping[ItemState, int] = field(factory=dict[ItemState, int])
    undecided: int = 0


def recover(
    providers: Sequence[object],
    *,
    journal: Journal,
    deadline: float = 600.0,
    breaker: CircuitBreaker | None = None,
    notify: Callable[[Progress], None] | None = None,
    options: Sequence[ProviderOptions] = (),
) -> Exchange[Recovery]:
    """Finish open orders: after a crash, or on a timer; by several workers at once.

    Looks first, for half of the time at most, whether earlier attempts of open and parked items turned up. Then claims
    each open item without a worker, and works on it until it is decided or has to wait; then looks for what else turned
    up; then goes on with the items that waited, until each is decided or the deadline passes. Items of a dead worker
    are claimed when its lease ends; those of a living one are left to it. Expired orders begin no new attempt, but
    attempts in doubt are resolved.
    """
    validation.deadline(deadline)
    context = make_context(providers, journal, breaker, notify, options)
    try:
        return (yield from _recovered(context, deadline))
    except JournalError as error:
        raise may_be_done(error, "run recover() again", "recover") from None


@define
class Passes:
    """Passes over the open items.

    Attributes:
        until: second of the steady clock at which they end.
        due: whether items that wait for a time are left alone until then: after the first pass.
        after: id of the last item that was claimed in this pass.
        waiting: undecided items, the first ones of them.
        ended: items that came to an end, the first ones of them.
        counts: the number of all that came to an end.
        workers: those of items that wait for a reason of this process alone, such as a crowd, which they count; and
            the first ones of those that have sent something, so that they go on by the clock of this process.
        next_at: second at which the first of the items can be continued that only this process lets wait.
        worked: whether an item was brought forward, or can be continued later.
        shared: items of requests that order numbers for several and have to wait, each with the Unix time on the
            journal's clock until which it is left alone: one request or one look then serves all of them.
    """

    context: PurchaseContext
    until: float
    due: bool = False
    after: str = ""
    waiting: dict[str, OrderItem] = Factory(dict[str, OrderItem])
    ended: dict[str, OrderItem] = Factory(dict[str, OrderItem])
    failed: dict[str, Exception] = Factory(dict[str, Exception])
    counts: Counter[ItemState] = Factory(Counter[ItemState])
    workers: dict[str, OrderItemWorker] = Factory(dict[str, OrderItemWorker])
    next_at: float | None = None
    worked: bool = False
    shared: dict[str, float] = Factory(dict[str, float])

    def run(self, workers: int) -> Exchange[None]:
        """Pass once over the items that can be continued now."""
        self.after, self.next_at, self.worked = "", None, False
        yield from self._finish_batches()
        working = [self.work() for _ in range(workers)]
        for outcome in (yield from together(working, limit=AT_ONCE)):
            if isinstance(outcome, Failed):
                raise outcome.error
        self.due = True

    def _finish_batches(self) -> Exchange[None]:
        """Finish requests that ordered numbers for several items, one after the other."""
        self.shared = {}
        if not any(map(can_batch, self.context.providers.values())):
            return
        batches: dict[tuple[str, str, str], list[str]] = {}
        for one in (yield from self.context.journaled(self.context.journal.open_batches, "open batches")):
            batches.setdefault((one.provider, one.account, one.key), []).append(one.item_id)
        for item_ids in batches.values():
            rest = self.until - (yield from now()).monotonic
            if rest <= 0:
                return
            yield from self._finish_batch(item_ids, rest)

    def _finish_batch(self, item_ids: Sequence[str], rest: float) -> Exchange[None]:
        worker = BatchWorker(self.context, (yield from new_owner()), buys=False, patience=PATIENCE)
        yield from worker.run(item_ids, rest)
        snapshots = yield from self.context.journaled(partial(self.context.journal.load_many, item_ids), "load many")
        for snapshot in snapshots:
            item_id = snapshot.item.id
            if item_id in worker.decided:
                self._note(item_of(snapshot))
            elif worker.resume_at is not None and item_id not in worker.left:
                self._note(item_of(snapshot, resume_at=worker.resume_at))
                self.shared[item_id] = worker.resume_at
                self._go_on_in(worker.resume_at - snapshot.now, (yield from now()))
        self.worked |= bool(worker.decided)

    def _go_on_in(self, seconds: float, moment: Moment) -> None:
        again = moment.monotonic + max(0.0, seconds)
        self.next_at = again if self.next_at is None else min(self.next_at, again)

    def work(self) -> Exchange[None]:
        """Claim one item after the other, and bring each forward."""
        journal = self.context.journal
        while True:
            owner = yield from new_owner()
            try:
                item_id = yield from self.context.journaled(
                    partial(journal.claim_next, owner, self.after, due=self.due), "take"
                )
                moment = yield from now()
            except GeneratorExit:
                journal.abandon(owner)  # interrupted between claim and work
                raise
            if item_id is None:
                return
            self.after = max(self.after, item_id)
            rest = self.until - moment.monotonic
            if item_id in self.failed or item_id in self.shared or rest <= 0:
                yield from self._release(item_id, owner, self.shared.get(item_id, 0.0))
                if rest <= 0:
                    return
                continue
            yield from self._bring_forward(item_id, owner, rest)

    def _release(self, item_id: str, owner: str, resume_at: float = 0.0) -> Exchange[None]:
        release = partial(self.context.journal.release_claim, item_id, owner, resume_at)
        try:
            yield from self.context.journaled(release, "let go")
        except GeneratorExit:
            self.context.journal.abandon(owner)
            raise

    def _bring_forward(self, item_id: str, owner: str, rest: float) -> Exchange[None]:
        worker = self.workers.pop(item_id, None) or OrderItemWorker(self.context, item_id, owner, patience=PATIENCE)
        worker.owner = owner
        try:
            item = yield from fulfill_item(self.context, item_id, rest, worker=worker)
        except JournalError as error:
            request_id = item_id.rpartition("#")[0]
            self.failed[item_id] = yield from with_standing(self.context, request_id, [item_id], error)
        except AnyCarrierError as error:
            self.failed[item_id] = error
        else:
            self._note(item)
            if item.undecided and worker.rests is not None:
                self.worked = True
                self._go_on_in(worker.rests, (yield from now()))
                if worker.waits_here or (worker.has_sent and len(self.workers) < LISTED):
                    self.workers[item_id] = worker
        if item_id in self.failed:
            self.waiting.pop(item_id, None)
        self.context.untouched.pop(item_id, None)

    def _note(self, item: OrderItem) -> None:
        if item.undecided:
            if item.id in self.waiting or len(self.waiting) < LISTED:
                self.waiting[item.id] = item
            return
        self.worked = True
        self.waiting.pop(item.id, None)
        self.counts[item.state] += 1
        if len(self.ended) < LISTED:
            self.ended[item.id] = item

    def finished(self, swept: Sweep) -> Exchange[Recovery]:
        """The result, after a last look at what is undecided."""
        journal = self.context.journal
        for item_id in [*self.waiting]:
            snapshot = yield from self.context.journaled(partial(journal.load, item_id), "load")
            if not (item := item_of(snapshot)).undecided:
                self._note(item)  # another worker brought it to its end
        left = yield from self.context.journaled(journal.open_items, "open items")
        if left.count - left.held - len(self.failed) > len(self.waiting):
            # Time ended before each was looked at.
            for item_id in (yield from self.context.journaled(partial(journal.unclaimed_ids, LISTED), "open ids")):
                if item_id not in self.waiting and item_id not in self.failed and len(self.waiting) < LISTED:
                    snapshot = yield from self.context.journaled(partial(journal.load, item_id), "load")
                    self._note(item_of(snapshot, resume_at=snapshot.now))
        items = self.waiting | self.ended
        return Recovery(
            items=tuple(items[one] for one in sorted(items)),
            failed=self.failed,
            sweep=swept,
            counts=dict(self.counts),
            undecided=max(len(self.waiting), left.count - left.held - len(self.failed)),
        )


def _recovered(context: PurchaseContext, deadline: float) -> Exchange[Recovery]:
    journal = context.journal
    began = (yield from now()).monotonic
    until = began + deadline
    passes = Passes(context, until)
    looked_for: set[int] = set()  # an item may come to its end between the two
    swept = yield from sweep_with(context, of_open=True, until=began + deadline / 2, looked_for=looked_for)
    left = yield from context.journaled(journal.open_items, "open items")
    yield from passes.run(min(AT_ONCE, left.count))
    others = yield from sweep_with(context, of_open=False, until=until, looked_for=looked_for)
    swept = evolve(
        swept,
        adopted=swept.adopted + others.adopted,
        orphans=swept.orphans + others.orphans,
        watched=swept.watched + others.watched,
        unknown=swept.unknown + others.unknown,
    )
    patience = journal.lease + CLAIM_EVERY
    while True:
        if passes.worked:
            patience = journal.lease + CLAIM_EVERY
        left = yield from context.journaled(journal.open_items, "open items")
        moment = yield from now()
        waits = [] if left.next_in is None else [left.next_in]
        if passes.next_at is not None:
            waits.append(max(0.0, passes.next_at - moment.monotonic))
        if left.held and patience > 0:
            # Other workers hold them. A dead one loses its items when the lease ends; a living one renews it.
            waits.append(CLAIM_EVERY)
            patience -= CLAIM_EVERY
        if not left.count or not waits or moment.monotonic >= until:
            return (yield from passes.finished(swept))
        yield from sleep(min(max(min(waits), 0.01), until - moment.monotonic), "settling")
        yield from passes.run(min(AT_ONCE, left.count))
