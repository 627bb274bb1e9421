"""The next things to do about many items at once: from their journal records and the time, without a request."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from attrs import Factory, define, evolve

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.exchange import Moment
from anycarrier.purchase.context import PurchaseContext
from anycarrier.purchase.journal.types import AttemptRecord, Snapshot
from anycarrier.purchase.order import from_json
from anycarrier.purchase.plan import Pause, Try, next_step
from anycarrier.purchase.protocols import can_batch
from anycarrier.purchase.resolution import OPEN, Do, Timeline, decide, longest_wait, sane

__all__ = ["BatchPlan", "Group", "Work"]


@define
class Group:
    """Attempts of one request whose outcome is not known, of items that this worker owns."""

    provider: Any
    rules: ResolutionPolicy
    timeline: Timeline
    replays: list[AttemptRecord] = Factory(list[AttemptRecord])
    looks: list[AttemptRecord] = Factory(list[AttemptRecord])


@define
class Work:
    """Things to do in one round.

    Attributes:
        groups: by account, key and body of the request.
        fresh: items for which a number may be bought now, by the text of their order and the account.
        until: Unix time at which something more can be done; infinite where nothing waits.
        awaited: whether another worker has items of a request whose outcome is not known.
    """

    groups: dict[tuple[str, str, bytes], Group] = Factory(dict[tuple[str, str, bytes], Group])
    fresh: dict[tuple[str, str], list[Snapshot]] = Factory(dict[tuple[str, str], list[Snapshot]])
    until: float = inf
    awaited: bool = False


class BatchPlan:
    """Decisions about many items.

    Attributes:
        buys: whether purchases are begun, or only those finished whose outcome is not known.
        left: ids of the items that another way has to bring forward.
        decided: ids of those for which nothing is to do any more.
    """

    def __init__(self, context: PurchaseContext, *, buys: bool) -> None:
        self.context = context
        self.buys = buys
        self.left: set[str] = set()
        self.decided: set[str] = set()
        self._sent: dict[tuple[str, str], tuple[int, Timeline]] = {}
        self._set_up_later: set[str] = set()

    def _sorted(self, claimed: Sequence[tuple[Snapshot, bool]], moment: Moment) -> Work:
        """The things to do about these items; those for another way are left, and finished ones decided."""
        work = Work()
        for snapshot, mine in claimed:
            item_id = snapshot.item.id
            if not snapshot.item.claimable:
                self.decided.add(item_id)
                continue
            entry = next((one for one in snapshot.entries if one.attempt.state in OPEN), None)
            if entry is not None and self._is_shared(entry):
                if mine:
                    self._join(work, snapshot, entry, moment)
                else:
                    work.awaited = True
            elif entry is not None or not mine or not self._plan(work, snapshot, moment):
                self.left.add(item_id)
        return work

    def _is_shared(self, entry: AttemptRecord) -> bool:
        """Return whether the request of an attempt orders numbers for other items too."""
        draft = entry.attempt.draft
        provider: Any = self.context.providers.get(draft.account)
        return can_batch(provider) and provider.name == draft.provider and len(provider.numbers_in(draft)) > 1

    def _join(self, work: Work, snapshot: Snapshot, entry: AttemptRecord, moment: Moment) -> None:
        """Put an attempt whose outcome is not known to the others of its request."""
        order, _ = from_json(snapshot.request.order)
        draft = entry.attempt.draft
        provider = self.context.providers[draft.account]
        rules = self.context.rules(order, provider)
        sends, timeline = self._sent.get((draft.account, draft.key), (0, None))
        if timeline is None or sends != entry.attempt.sends:
            # A request of this worker is measured by the steady clock alone.
            timeline = Timeline(moment, snapshot.now)
        instant = timeline.at(moment)
        entry = evolve(entry, attempt=sane(entry.attempt, longest_wait(rules), instant))
        action = decide(entry.attempt, rules, instant)
        if action.do is Do.WAIT:
            work.until = min(work.until, action.until)
        elif action.do is Do.PARK:
            self.left.add(entry.item_id)
        else:
            where = draft.account, draft.key, draft.body
            group = work.groups.setdefault(where, Group(provider, rules, timeline))
            (group.replays if action.do is Do.REPLAY else group.looks).append(entry)

    def _plan(self, work: Work, snapshot: Snapshot, moment: Moment) -> bool:
        """Note whether a number may be bought for an item now, and where; whether this way can bring it forward."""
        order, named = from_json(snapshot.request.order)
        plain = order.number is None and order.prefer != "cheapest"
        # One that was refused may fare better alone: the whole request was refused, for whichever of its numbers.
        refused = any(one.attempt.state is not AttemptState.NOT_SENT for one in snapshot.entries)
        if not self.buys or not plain or refused:
            return False
        if unable := self.context.unable_accounts(order, named):
            snapshot = evolve(snapshot, item=evolve(snapshot.item, passed={**snapshot.item.passed, **unable}))
        instant = Timeline(moment, snapshot.now).at(moment)
        blocked = {
            account: instant.earliest + max(0.0, self.context.breaker.until(account) - moment.monotonic)
            for account in self.context.providers
        }
        step = next_step(snapshot, self.context.places(order, named), instant, blocked=blocked)
        if isinstance(step, Pause) and snapshot.entries:
            work.until = min(work.until, step.until)
            return True
        if not isinstance(step, Try) or not can_batch(self.context.providers[step.accounts[0]]):
            return False
        if order.setup is not None:
            self._set_up_later.add(snapshot.item.id)
        work.fresh.setdefault((snapshot.request.order, step.accounts[0]), []).append(snapshot)
        return True
