"""A journal in plain Python with the same transactions and constraints as the SQL one, for speed.

``test_journal.py`` runs the same schedules on both and compares every step.
"""

from __future__ import annotations

from collections import Counter

from attrs import asdict, evolve

from anycarrier.attempt import AttemptState
from anycarrier.errors import InvalidInput, JournalError
from anycarrier.purchase.journal.changes import ChangeOutcome, ChangeRecord
from anycarrier.purchase.journal.claims import DAY, LONGEST_LEASE
from anycarrier.purchase.journal.mapping import AHEAD, LATE, check_cap, is_watched, stamped
from anycarrier.purchase.journal.types import (
    LIVE,
    AlreadyClaimed,
    AttemptRecord,
    BatchItem,
    Caps,
    ItemRecord,
    ItemState,
    LeaseLost,
    NumbersClaimed,
    OpenItems,
    Snapshot,
)

OPEN = (AttemptState.SENT, AttemptState.IN_DOUBT, AttemptState.PLACED)
STAGES = {AttemptState.PLACED: ItemState.PLACED, AttemptState.CONFIRMED: ItemState.ACTIVE}
LACKING = (ItemState.OPEN, ItemState.REFUSED, ItemState.EXHAUSTED, ItemState.PARKED)
PAID = LIVE | {AttemptState.ORPHAN}


class MemoryJournal:
    def __init__(self, clock, lease=60.0, day_cap=None):
        self.clock = clock
        self.lease = lease
        self.day_cap = day_cap
        self.requests = {}
        self.items = {}
        self.leases = {}
        self.resume_at = {}
        self.by_id = {}
        self.of = {}
        self.on_record = {}
        self.killed = True
        self.abandoned = set()

    # -- requests and intents

    def create(self, request, items, valid_for):
        kept = self.requests.setdefault(
            request.id, evolve(request, created=self.clock(), valid_until=self.clock() + valid_for)
        )
        if not request.is_same(kept):
            raise InvalidInput("a different order")
        for item in range(1, items + 1):
            name = f"{request.id}#{item}"
            if name not in self.items:
                self.items[name] = ItemRecord(id=name, request_id=request.id, position=item, state=ItemState.OPEN)
                self.leases[name] = (None, 0.0)
                self.resume_at[name] = 0.0
                self.of[name] = []
        return kept, self.item_ids(request.id)

    def request(self, request_id):
        return self.requests.get(request_id)

    def item_ids(self, request_id):
        return [name for name, one in self.items.items() if one.request_id == request_id]

    def request_ids(self, *, unfinished=False):
        items = [one for one in self.items.values() if not unfinished or one.claimable or one.state == "PARKED"]
        return list({one.request_id: 1 for one in items})

    def claim(self, item_id, owner):
        now = self.clock()
        self._free_abandoned()
        held, until = self.leases[item_id]
        free = held is None or held == owner or not now <= until <= now + LONGEST_LEASE
        mine = free and self.items[item_id].claimable
        if mine:
            self.leases[item_id] = (owner, now + self.lease)
            self.resume_at[item_id] = 0.0
        for name, one in self.requests.items():
            if one.created > now + AHEAD:
                self.requests[name] = evolve(one, created=now, valid_until=one.valid_until - one.created + now)
        return self.load(item_id), mine

    def claim_next(self, owner, after="", *, due=False):
        self._free_abandoned()
        now = self.clock()
        for name in self.open_item_ids():
            held, until = self.leases[name]
            if (
                name > after
                and (held is None or not now <= until <= now + LONGEST_LEASE)
                and not (due and now < self.resume_at[name] <= now + DAY)
            ):
                self.leases[name] = (owner, now + self.lease)
                self.resume_at[name] = 0.0
                return name
        return None

    def _is_held(self, name):
        held, until = self.leases[name]
        return held is not None and self.clock() <= until <= self.clock() + LONGEST_LEASE

    def open_items(self):
        names = self.open_item_ids()
        held = [name for name in names if self._is_held(name)]
        now = self.clock()
        waits = [at - now for name in names if name not in held and now < (at := self.resume_at[name]) <= now + DAY]
        return OpenItems(count=len(names), held=len(held), next_in=min(waits, default=None))

    def unclaimed_ids(self, most):
        return [name for name in self.open_item_ids() if not self._is_held(name)][:most]

    def open_item_ids(self):
        return sorted(name for name, one in self.items.items() if one.claimable)

    def release_claim(self, item_id, owner, resume_at=0.0):
        if self.leases[item_id][0] == owner:
            self.leases[item_id] = (None, 0.0)
            self.resume_at[item_id] = resume_at

    def abandon(self, owner):
        if not self.killed:  # a process that is killed notes nothing
            self.abandoned.add(owner)

    def _free_abandoned(self):
        for name, (held, _) in self.leases.items():
            if held in self.abandoned:
                self.leases[name] = (None, 0.0)
        self.abandoned.clear()

    def release_all_claims(self):
        self.leases = dict.fromkeys(self.leases, (None, 0.0))

    def load(self, item_id):
        item = self.items[item_id]
        entries = [self.by_id[number] for number in self.of[item_id]]
        return Snapshot(request=self.requests[item.request_id], item=item, entries=entries, now=self.clock())

    def standing(self, request_id):
        if request_id not in self.requests:
            return None
        return [self.load(name) for name in self.item_ids(request_id)]

    # -- attempts

    def begin(self, item_id, owner, attempt, request_cap=None, holder=None):
        now, draft = self.clock(), attempt.draft
        caps = Caps(request=request_cap, day=self.day_cap)
        if caps:
            request_id = self.items[item_id].request_id
            paid = [one for one in self.by_id.values() if one.attempt.state in PAID]
            if caps.request is not None:
                mine = [one for one in paid if self.items[one.item_id].request_id == request_id]
                check_cap("the order's", caps.request, draft.first_month, _costs(mine))
            if caps.day is not None:
                today = [one for one in paid if one.attempt.first_sent > now - DAY]
                check_cap("the day's", caps.day, draft.first_month, _costs(today))
        self._fence(item_id, owner)
        attempt = stamped(attempt, now, first=True)
        if any(self.by_id[number].live for number in self.of[item_id]):
            raise AlreadyClaimed("item")
        self._check_number(draft)
        entry = AttemptRecord(id=len(self.by_id) + 1, item_id=item_id, seq=len(self.of[item_id]) + 1, attempt=attempt)
        self.by_id[entry.id] = entry
        self.of[item_id].append(entry.id)
        return entry

    def resend(self, entry, owner, attempt):
        self._fence(entry.item_id, owner)
        return self._write(entry, stamped(attempt, self.clock()), watched=False)

    def record(self, entry, owner, attempt, passed=None):
        self._fence(entry.item_id, owner)
        kept = self._write(entry, attempt, watched=is_watched(attempt))
        fulfilled = False
        if attempt.state in STAGES:
            self._advance(entry, attempt.state)
            fulfilled = not self.items[entry.item_id].claimable
        elif entry.attempt.state is AttemptState.PLACED:
            self.items[entry.item_id] = evolve(self.items[entry.item_id], state=ItemState.OPEN, attempt_id=None)
        if passed is not None:
            self._pass(entry.item_id, *passed)
        return evolve(kept, fulfilled=fulfilled)

    def skip_account(self, item_id, owner, account, reason):
        self._fence(item_id, owner)
        self._pass(item_id, account, reason)

    def end(self, item_id, owner, state, reason):
        self._fence(item_id, owner)
        self.items[item_id] = evolve(self.items[item_id], state=state, claimable=False, attempt_id=None, reason=reason)
        self.leases[item_id] = (None, 0.0)

    # -- many at once: each of them as one, and all or none

    def claim_many(self, item_ids, owner):
        return [self.claim(name, owner) for name in sorted(item_ids) if name in self.items]

    def load_many(self, item_ids):
        return [self.load(name) for name in sorted(item_ids) if name in self.items]

    def release_many(self, item_ids, owner, resume_at=0.0):
        for name in item_ids:
            self.release_claim(name, owner, resume_at)

    def open_batches(self):
        undecided = [
            one for one in self.by_id.values() if one.attempt.state in OPEN[:2] and self.items[one.item_id].claimable
        ]
        of = Counter(map(_request, undecided))
        shared = sorted(
            (one for one in undecided if of[_request(one)] > 1),
            key=lambda one: (one.attempt.next_at, one.attempt.draft.key, one.item_id),
        )
        return [
            BatchItem(item_id=one.item_id, provider=draft.provider, account=draft.account, key=draft.key)
            for one in shared
            for draft in [one.attempt.draft]
        ]

    def begin_many(self, owner, attempts, request_cap=None, holder=None):
        before = self._copied()
        taken, begun = set(), {}
        self._check_all_caps(attempts, request_cap)
        try:
            for item_id, attempt in sorted(attempts, key=lambda one: one[1].draft.number):
                try:
                    begun[item_id] = self.begin(item_id, owner, attempt, None, holder)
                except AlreadyClaimed:
                    taken.add(attempt.draft.number)
            if taken:
                raise NumbersClaimed(taken)
        except JournalError:
            self._restore(before)
            raise
        return [begun[item_id] for item_id, _ in attempts]

    def _check_all_caps(self, attempts, request_cap):
        wanted = {}
        for item_id, attempt in attempts:
            wanted.setdefault(self.items[item_id].request_id, []).append(attempt.draft.first_month)
        paid = [one for one in self.by_id.values() if one.attempt.state in PAID]
        for request_id, new in wanted.items() if request_cap is not None else ():
            mine = [one for one in paid if self.items[one.item_id].request_id == request_id]
            check_cap("the order's", request_cap, new[0], [*new[1:], *_costs(mine)])
        if self.day_cap is not None:
            every = [attempt.draft.first_month for _, attempt in attempts]
            today = [one for one in paid if one.attempt.first_sent > self.clock() - DAY]
            check_cap("the day's", self.day_cap, every[0], [*every[1:], *_costs(today)])

    def resend_many(self, entries, owner):
        before = self._copied()
        try:
            return [self.resend(entry, owner, entry.attempt) for entry in entries]
        except JournalError:
            self._restore(before)
            raise

    def record_many(self, entries, owner):
        before = self._copied()
        recorded = set()
        try:
            for one in entries:
                try:
                    self._fence(one.entry.item_id, owner)
                except LeaseLost:
                    continue
                self.record(one.entry, owner, one.entry.attempt, one.passed)
                recorded.add(one.entry.id)
        except JournalError:
            self._restore(before)
            raise
        return recorded

    def _copied(self):
        return [{**table} for table in (self.by_id, self.items, self.leases)], {k: [*v] for k, v in self.of.items()}

    def _restore(self, before):
        (self.by_id, self.items, self.leases), self.of = before

    # -- set-ups

    def begin_step(self, item_id, owner, change):
        self._fence(item_id, owner)
        return self.begin_changes([change])[0]

    def end_step(self, item_id, owner, step, outcome, reason="", *, final=False):
        self._fence(item_id, owner)
        self.end_changes([(step, outcome, reason)])
        if final:
            self._end_set_up(item_id, ItemState.ACTIVE, reason)

    def end_set_up(self, item_id, owner):
        self._fence(item_id, owner)
        self._end_set_up(item_id, ItemState.SET_UP, "")

    def _end_set_up(self, item_id, state, reason):
        self.items[item_id] = evolve(self.items[item_id], state=state, claimable=False, reason=reason)
        self.leases[item_id] = (None, 0.0)

    # -- afterwards

    def watched(self, *, of_open=None, after=0, most=None):
        found = []
        for one in self.by_id.values():
            item = self.items[one.item_id]
            parked = item.state is ItemState.PARKED
            unfinished = item.claimable or parked
            on_list = one.watched and of_open in (None, unfinished)
            silent = of_open is not False and one.attempt.state in OPEN and parked
            if (on_list or silent) and one.id > after:
                found.append(one)
        return found[:most]

    def claimed(self, provider, numbers):
        drafts = [one.attempt.draft for one in self.by_id.values() if one.live]
        return {one.number for one in drafts if one.provider == provider} & {*numbers}

    def unwatch(self, entry):
        self.by_id[entry.id] = evolve(self.by_id[entry.id], watched=False)

    def reopen(self, entry, attempt):
        item = self.items[entry.item_id]
        if item.state is ItemState.PARKED:
            self._write(entry, attempt, watched=is_watched(attempt))
            self.items[item.id] = evolve(item, state=ItemState.OPEN, claimable=True, reason="")
            self.resume_at[item.id] = 0.0
            if attempt.state in STAGES:
                self._advance(entry, attempt.state)

    def found_late(self, entry, seen=AttemptState.CONFIRMED):
        fresh = self.by_id[entry.id]
        if not is_watched(fresh.attempt):
            return None
        where = _where(fresh.attempt.draft)
        if any(one.attempt.state in PAID and _where(one.attempt.draft) == where for one in self.by_id.values()):
            return None
        item = self.items[entry.item_id]
        live = any(self.by_id[number].live for number in self.of[item.id])
        free = item.state in LACKING and not live
        state = seen if free else AttemptState.ORPHAN
        attempt = self._seen_now(fresh.attempt, state=state, reason=LATE)
        self.by_id[entry.id] = evolve(fresh, attempt=attempt, watched=False)
        if free:
            self._advance(entry, state)
        return state

    def adopt(self, entry, owner):
        self._fence(entry.item_id, owner)
        kept = self.by_id[entry.id]
        draft = kept.attempt.draft
        number = (draft.provider, draft.account, draft.number)
        for one in self.by_id.values():
            its = one.attempt.draft
            if one.live and (its.provider, its.account, its.number) == number:
                self.by_id[entry.id] = evolve(
                    kept, watched=False, attempt=evolve(kept.attempt, state=AttemptState.REFUTED)
                )
                return False
        if kept.attempt.state is AttemptState.ORPHAN:
            self.by_id[entry.id] = evolve(kept, attempt=self._seen_now(kept.attempt, state=AttemptState.PLACED))
            self._advance(entry, AttemptState.PLACED)
        return True

    def entries_of(self, provider, account, numbers):
        return [one for one in self.entries(provider, account) if one.attempt.draft.number in numbers]

    def bought(self, provider, account, *, after, most):
        paid = (AttemptState.PLACED, AttemptState.CONFIRMED, AttemptState.ORPHAN)
        found = [one for one in self.entries(provider, account) if one.attempt.state in paid]
        found.sort(key=lambda one: (str(one.attempt.draft.number), one.id))
        return [one for one in found if (str(one.attempt.draft.number), one.id) > after][:most]

    def under_way(self, provider, account):
        undecided = [one for one in self.entries(provider, account) if one.attempt.state in OPEN]
        return {one.id for one in undecided if not self._placed_for_good(one)}, len(self.by_id)

    def _placed_for_good(self, entry):
        item = self.items[entry.item_id]
        placed = entry.attempt.state is AttemptState.PLACED
        return placed and item.state is ItemState.PLACED and not item.claimable

    def entries(self, provider=None, account=None):
        return [
            one
            for one in self.by_id.values()
            if provider is None or (one.attempt.draft.provider, one.attempt.draft.account) == (provider, account)
        ]

    # -- changes

    def begin_changes(self, changes):
        first = len(self.on_record) + 1
        for at, change in enumerate(changes, first):
            of_change = asdict(change, recurse=False)
            self.on_record[at] = ChangeRecord(**of_change, id=at, outcome=ChangeOutcome.SENT, created=self.clock())
        return [*range(first, first + len(changes))]

    def end_changes(self, outcomes):
        for at, outcome, reason in outcomes:
            self.on_record[at] = evolve(self.on_record[at], outcome=outcome, reason=reason, ended=self.clock())

    def references_of(self, provider, account, numbers):
        return {
            one.attempt.draft.number: reference
            for one in self.by_id.values()
            if one.attempt.state in (AttemptState.PLACED, AttemptState.CONFIRMED)
            and (one.attempt.draft.provider, one.attempt.draft.account) == (provider, account)
            and one.attempt.draft.number in numbers
            and (reference := self.requests[self.items[one.item_id].request_id].reference) is not None
        }

    def changes(self, *, plan=None, item_id=None, reference=None, account=None, number=None, since=None, outcome=None):
        wanted = {"plan": plan, "item_id": item_id, "reference": reference, "number": number, "outcome": outcome}
        for one in self.on_record.values():
            if (
                all(value is None or getattr(one, name) == value for name, value in wanted.items())
                and (account is None or (one.provider, one.account) == account)
                and (since is None or one.created >= since)
            ):
                yield one

    # -- within a transaction

    def _fence(self, item_id, owner):
        if self.leases[item_id][0] != owner or not self.items[item_id].claimable:
            raise LeaseLost(item_id)
        self.leases[item_id] = (owner, self.clock() + self.lease)

    def _write(self, entry, attempt, *, watched):
        kept = self.by_id.get(entry.id)
        if kept is None or kept.attempt.state not in OPEN:
            raise LeaseLost(str(entry.id))
        kept = self.by_id[entry.id] = evolve(kept, attempt=attempt, watched=watched)
        return kept

    def _seen_now(self, attempt, **how):
        fresh = evolve(attempt, last_sent=self.clock(), absent=0, unknown=0, next_at=0.0, no_replay=True, denial=None)
        return evolve(fresh, **how)

    def _check_number(self, draft):
        if any(one.live and _where(one.attempt.draft) == _where(draft) for one in self.by_id.values()):
            raise AlreadyClaimed("number")

    def _advance(self, entry, attempt):
        item, state = self.items[entry.item_id], STAGES[attempt]
        claimable = not self.requests[item.request_id].goal.is_reached_by(state)
        self.items[item.id] = evolve(item, state=state, claimable=claimable, attempt_id=entry.id, reason="")
        self.leases[item.id] = (None, 0.0)
        self.resume_at[item.id] = 0.0
        if attempt is AttemptState.CONFIRMED:
            for number in self.of[item.id]:
                one = self.by_id[number]
                if one.seq < entry.seq and _where(one.attempt.draft) == _where(entry.attempt.draft):
                    self.by_id[number] = evolve(one, watched=False)

    def _pass(self, item_id, account, reason):
        item = self.items[item_id]
        self.items[item_id] = evolve(item, passed={**item.passed, account: reason})


def _where(draft):
    return draft.provider, draft.account, draft.number


def _costs(entries):
    return [one.attempt.draft.first_month for one in entries]


def _request(entry):
    draft = entry.attempt.draft
    return draft.provider, draft.account, draft.key
