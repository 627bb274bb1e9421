"""Worker for many items at once: one request orders a number for each of them, under one key.

What holds of one attempt holds of each of these: it is on record before the first byte leaves, with the key and the
bytes of the whole request; a lost answer is resolved by the same request again or by a look, one for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import inf
from typing import Any
from zlib import crc32

from attrs import Factory, define, evolve

from anycarrier.attempt import AttemptState, Draft, ResolutionPolicy
from anycarrier.errors import AnyCarrierError, JournalError, UnexpectedResponse
from anycarrier.exchange import Exchange, Moment, await_rate_limit, call, now, sleep
from anycarrier.model import Offer, OwnedNumber, ProviderOptions
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.attempts import BUSY, answered, kind_of, looked, note
from anycarrier.purchase.context import Progress, PurchaseContext, later, new_owner
from anycarrier.purchase.journal.types import (
    AttemptRecord,
    JournalLost,
    LeaseLost,
    NumbersClaimed,
    Recorded,
    Snapshot,
    SpendCapExceeded,
)
from anycarrier.purchase.order import Order, from_json
from anycarrier.purchase.plan import Pause, Try, next_step
from anycarrier.purchase.protocols import BuysMany
from anycarrier.purchase.resolution import (
    OPEN,
    SEND_WITHIN,
    Do,
    Timeline,
    begun,
    decide,
    longest_wait,
    resent,
    sane,
)
from anycarrier.purchase.selection import MOST_OFFERS, Choice, choices, is_passing, priced, too_dear
from anycarrier.purchase.sending import (
    Sent,
    confirmed,
    fresh_key,
    held_back,
    look_once,
    reason_of,
    sent_once,
    state_changed,
)
from anycarrier.purchase.shared_prices import shared_price
from anycarrier.search import Search

__all__ = ["BatchWorker", "can_batch", "fulfill_batch", "look_for"]

BEGINNINGS = 5
"""Tries to begin a request of which others are quicker to get some numbers."""

SPARE = 20
"""Offers beyond those that are needed, in the place of numbers that turn out unsuitable or taken."""


def fulfill_batch(
    context: PurchaseContext, item_ids: Sequence[str], deadline: float, *, patience: float = inf
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

    Returns:
        The ids of the items that only :func:`anycarrier.purchase.worker.fulfill_item` can bring forward, in their
        order: those of an order for a named number, with a set-up or for the cheapest offer; those with a refusal
        behind them, beyond a spending cap, or without an offer.

    Raises:
        JournalError: the journal does not work.
    """
    if len(item_ids) < 2 or not any(map(can_batch, context.providers.values())):
        return [*item_ids]
    worker = BatchWorker(context, (yield from new_owner()), patience=patience)
    try:
        yield from worker.run(item_ids, deadline)
    except JournalError as error:
        raise JournalError(
            f"{error.message}. What is open on record may have been carried out; the same items again, or recover(), "
            "go on with it once the journal works",
            code=error.code,
            maybe_applied=True,
        ) from None
    return [item_id for item_id in item_ids if item_id in worker.left]


def can_batch(provider: object) -> bool:
    """Return whether *provider* buys several numbers with one request."""
    return issubclass(type(provider), BuysMany)


@define
class _Group:
    """Attempts of one request whose outcome is not known, of items that this worker owns."""

    provider: Any
    rules: ResolutionPolicy
    timeline: Timeline
    replays: list[AttemptRecord] = Factory(list[AttemptRecord])
    looks: list[AttemptRecord] = Factory(list[AttemptRecord])


@define
class _Work:
    """Things to do in one round.

    Attributes:
        groups: by account, key and body of the request.
        fresh: items for which a number may be bought now, by the text of their order and the account.
        until: Unix time at which something more can be done; infinite where nothing waits.
        awaited: whether another worker has items of a request whose outcome is not known.
    """

    groups: dict[tuple[str, str, bytes], _Group] = Factory(dict[tuple[str, str, bytes], _Group])
    fresh: dict[tuple[str, str], list[Snapshot]] = Factory(dict[tuple[str, str], list[Snapshot]])
    until: float = inf
    awaited: bool = False


class BatchWorker:
    """Rounds of one worker on many items: read the journal, decide, act, record.

    Attributes:
        buys: whether it begins purchases, or only finishes those whose outcome is not known.
        patience: seconds; the items are let go where they have to wait for longer.
        left: ids of the items that another way has to bring forward.
        decided: ids of those for which nothing is to do any more.
        resume_at: after :meth:`run`, Unix time at which the others can be continued; ``None`` where there are none.
    """

    def __init__(self, context: PurchaseContext, owner: str, *, buys: bool = True, patience: float = inf) -> None:
        self.context = context
        self.owner = owner
        self.buys = buys
        self.patience = patience
        self.left: set[str] = set()
        self.decided: set[str] = set()
        self.resume_at: float | None = None
        self._sent: dict[tuple[str, str], tuple[int, Timeline]] = {}

    def run(self, item_ids: Sequence[str], deadline: float) -> Exchange[None]:
        """Bring the items forward until each is decided, left, or has to wait for too long."""
        try:
            yield from self._rounds(item_ids, deadline)
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

    def _rounds(self, item_ids: Sequence[str], deadline: float) -> Exchange[None]:
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
            yield from sleep(min(max(wait, 0.001), journal.lease / 2))
        if self.left:
            yield from self._release([*self.left])

    def _release(self, item_ids: Sequence[str], resume_at: float = 0.0) -> Exchange[None]:
        release = partial(self.context.journal.release_many, item_ids, self.owner, resume_at)
        yield from self.context.journaled(release, "let go")

    # -- decisions

    def _sorted(self, claimed: Sequence[tuple[Snapshot, bool]], moment: Moment) -> _Work:
        """The things to do about these items; those for another way are left, and finished ones decided."""
        work = _Work()
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

    def _join(self, work: _Work, snapshot: Snapshot, entry: AttemptRecord, moment: Moment) -> None:
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
            group = work.groups.setdefault(where, _Group(provider, rules, timeline))
            (group.replays if action.do is Do.REPLAY else group.looks).append(entry)

    def _plan(self, work: _Work, snapshot: Snapshot, moment: Moment) -> bool:
        """Note whether a number may be bought for an item now, and where; whether this way can bring it forward."""
        order, named = from_json(snapshot.request.order)
        plain = order.number is None and order.setup is None and order.prefer != "cheapest"
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
        work.fresh.setdefault((snapshot.request.order, step.accounts[0]), []).append(snapshot)
        return True

    def _act(self, work: _Work, timeline: Timeline) -> Exchange[bool]:
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

    def _replay(self, group: _Group, work: _Work) -> Exchange[bool]:
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

    def _look(self, group: _Group) -> Exchange[None]:
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
            sent = Sent(error=error, left=left) if outcomes is None else _outcome(outcomes, entry.attempt.draft)
            attempt, verdict, passed = answered(entry, sent, rules, instant, moment)
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
                if one.entry.attempt.state is AttemptState.CONFIRMED:
                    self.decided.add(one.entry.item_id)
                self._tell(kind_of(one.entry.attempt), [one.entry], one.entry.attempt.reason)

    # -- new requests

    def _buy(self, account: str, snapshots: Sequence[Snapshot], timeline: Timeline, alike: int) -> Exchange[set[str]]:
        """Buy numbers for these items, of as many that are *alike*, with one request; the ids of those for which an
        attempt was begun."""
        context = self.context
        provider = context.providers[account]
        order, _ = from_json(snapshots[0].request.order)
        pool = yield from self._pool(account, order, snapshots, alike)
        for _ in range(BEGINNINGS):
            pairs = [*zip(snapshots, pool, strict=False)]
            if len(pairs) < 2:
                break
            chosen = [choice for _, choice in pairs]
            try:
                key = yield from fresh_key(provider.rules)
                made = yield from provider.draft_many([one.target for one in chosen], key=key, options=context.options)
            except AnyCarrierError as error:
                yield from self._failed(account, error)
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

    def _pool(self, account: str, order: Order, snapshots: Sequence[Snapshot], alike: int) -> Exchange[list[Choice]]:
        """Suitable offers of *account* that no order is buying, some more than there are items."""
        context, wanted = self.context, len(snapshots)
        provider = context.providers[account]
        assert order.criteria is not None  # noqa: S101 - an item of a named number is left
        wide = order.criteria if order.criteria.limit >= alike else evolve(order.criteria, limit=MOST_OFFERS)
        search = partial(context.searches.offers, provider, wide, options=context.options)
        try:
            offers = yield from search()
            # The place first, which may take seconds, and only then the numbers: by then others have theirs.
            yield from await_rate_limit(account, at_most=context.journal.lease / 2)
        except AnyCarrierError as error:
            yield from self._failed(account, error)
            return []
        free = yield from self._free(provider, order, snapshots, offers)
        if offers and not free:
            try:
                offers = yield from search(since=(yield from now()).monotonic)
            except AnyCarrierError as error:
                yield from self._failed(account, error)
                return []
            free = yield from self._free(provider, order, snapshots, offers)

        def searched(
            provider: Any, query: Search, *, options: Sequence[ProviderOptions] = ()
        ) -> Exchange[Sequence[Offer]]:
            yield from ()
            return free[: wanted + SPARE]

        price = partial(shared_price, context.journal)
        found = yield from choices(order, provider, account, (), context.options, searched, price)
        if found.error is not None:
            yield from self._failed(account, found.error)
        return [*found.choices]

    def _free(
        self, provider: Any, order: Order, snapshots: Sequence[Snapshot], offers: Sequence[Offer]
    ) -> Exchange[list[Offer]]:
        """*offers* without the numbers that orders are buying; where there are such, each worker begins elsewhere."""
        numbers = [offer.number for offer in offers]
        if not numbers:
            return []
        taken = yield from self.context.journaled(
            partial(self.context.journal.claimed, provider.name, numbers), "claimed"
        )
        free = [offer for offer in offers if offer.number not in taken]
        is_sorted = order.criteria is not None and order.criteria.sort_by is not None
        if not free or is_sorted or not taken:
            return free
        shift = crc32(snapshots[0].item.id.encode()) % len(free)
        return free[shift:] + free[:shift]

    def _failed(self, account: str, error: Exception) -> Exchange[None]:
        """Note that nothing can be bought at *account* now; one that does not pass is for the single way to see."""
        if is_passing(error):
            moment = yield from now()
            wait = error.retry_after if isinstance(error, AnyCarrierError) else None
            self.context.breaker.failed(account, moment.monotonic, reason_of(error), wait)

    def _tell(self, kind: str, entries: Sequence[AttemptRecord], text: str) -> None:
        for entry in entries:
            draft = entry.attempt.draft
            self.context.notify(
                Progress(
                    kind=kind,
                    item=entry.item_id,
                    provider=draft.provider,
                    account=draft.account,
                    number=draft.number,
                    text=text,
                )
            )


def _outcome(outcomes: Mapping[PhoneNumber, OwnedNumber | AnyCarrierError], draft: Draft) -> Sent:
    """The outcome of one number of an answered request."""
    outcome = outcomes.get(draft.number)
    if isinstance(outcome, OwnedNumber):
        return confirmed(outcome, draft)
    if outcome is None:
        outcome = UnexpectedResponse(
            "the answer says nothing of a number that was ordered",
            provider=draft.provider,
            operation="buy",
            maybe_applied=True,
        )
    return Sent(error=outcome)


def look_for(provider: Any, entries: Sequence[AttemptRecord]) -> Exchange[dict[int, OwnedNumber | bool | None]]:
    """Look once for each attempt; by its id the number, ``False``, or ``None`` if unknown."""
    if len(entries) == 1:
        return {entries[0].id: (yield from look_once(provider, entries[0].attempt))}
    try:
        found: Mapping[PhoneNumber, OwnedNumber] = yield from provider.find_purchases([one.attempt for one in entries])
    except Exception:  # noqa: BLE001 - anything but a clear answer proves nothing
        return dict.fromkeys((one.id for one in entries), None)
    seen: dict[int, OwnedNumber | bool | None] = {}
    for one in entries:
        number = one.attempt.draft.number
        owned = found.get(number)
        seen[one.id] = False if owned is None else owned if owned.number == number else None
    return seen
