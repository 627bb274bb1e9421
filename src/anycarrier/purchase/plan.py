"""The next step for one item of an order: a pure function of its journal record and the time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from attrs import evolve, frozen

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.engine.retry import backoff
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.types import CANCELLED, AttemptRecord, ItemState, Snapshot
from anycarrier.purchase.resolution import UNDECIDED, Action, Instant, decide, longest_wait, sane

__all__ = [
    "NOTHING_YET",
    "TRIED",
    "Adopt",
    "Attend",
    "Pause",
    "Place",
    "SetUp",
    "Step",
    "Stop",
    "Stuck",
    "Try",
    "next_step",
    "patient",
]

TRIED = "every account was tried or passed over"
"""The reason of an order that ended with the reasons of its accounts, which say more."""
NOTHING_YET = "nothing can be begun before"
"""The reason of a purchase that waits for every account."""

TRIES = 4
"""Attempts at one account before the next account's turn."""

RARELY = 60.0
MOST_RARELY = 600.0
"""Seconds, doubled each time, before an account that could not be reached so often is tried again."""


@frozen
class Place:
    """An account that may be bought from: its provider's name and policy."""

    account: str
    provider: str
    rules: ResolutionPolicy


@frozen
class Attend:
    """Take this action about an attempt that is undecided, and nothing else."""

    entry: AttemptRecord
    action: Action
    rules: ResolutionPolicy


@frozen
class Pause:
    """Wait until ``until``."""

    until: float


@frozen
class Adopt:
    """Take a number that turned up late while another was being bought, and is needed after all."""

    entry: AttemptRecord


@frozen
class Try:
    """Begin an attempt at the first of ``accounts`` with an offer; or repeat the draft of ``again``."""

    accounts: tuple[str, ...]
    again: AttemptRecord | None = None


@frozen
class Stop:
    """Stop: every account was tried."""

    reason: str


@frozen
class Stuck:
    """Give back an item with an attempt under way at an account that is not available here."""

    reason: str


@frozen
class SetUp:
    """Set up the number of ``entry``, which is bought and active."""

    entry: AttemptRecord


Step: TypeAlias = Attend | Adopt | SetUp | Pause | Try | Stop | Stuck


def patient(rules: ResolutionPolicy) -> ResolutionPolicy:
    """*rules* of an order with ``in_doubt="hold"``: absence is believed only after the watch window."""
    return evolve(rules, settle=max(rules.settle, rules.watch))


def next_step(
    snapshot: Snapshot,
    places: Sequence[Place],
    now: Instant,
    *,
    named: bool = False,
    blocked: Mapping[str, float] | None = None,
    contested: Collection[PhoneNumber] = (),
) -> Step:
    """The next step.

    Args:
        snapshot: an open item and its attempts.
        places: the accounts that may be used, best first.
        now: the time.
        named: whether the order is for one named number, for which a second request is useless after a refusal.
        blocked: accounts at which no new attempt may begin before a time: their searches failed lately, or their
            breaker is open. Attempts in doubt are never held back.
        contested: numbers that other orders are buying.
    """
    assert snapshot.item.claimable  # noqa: S101 - a worker returns before where it is not
    # Not always the last one: an earlier attempt may have turned up late.
    entry = next((entry for entry in snapshot.entries if entry.attempt.state in UNDECIDED), None)
    if entry is not None:
        place = _place(places, entry)
        if place is None:
            return Stuck(f"a purchase is under way at {_missing(entry)}")
        entry = evolve(entry, attempt=sane(entry.attempt, longest_wait(place.rules), now))
        return Attend(entry, decide(entry.attempt, place.rules, now), place.rules)
    if snapshot.item.state is ItemState.ACTIVE:
        return _set_up(snapshot, places)
    last = snapshot.entries[-1] if snapshot.entries else None
    orphan = next((entry for entry in snapshot.entries if entry.attempt.state is AttemptState.ORPHAN), None)
    if orphan is not None:
        return Adopt(orphan)
    if snapshot.request.cancelled:
        return Stop(CANCELLED)
    if now.earliest > snapshot.request.valid_until:
        return Stop("the order expired before it could be continued")
    if last is not None:
        place = _place(places, last)
        ended = last.attempt if place is None else sane(last.attempt, longest_wait(place.rules), now)
        if ended.state is AttemptState.NOT_SENT and now.earliest < ended.next_at:
            return Pause(ended.next_at)
        again = None if last.attempt.draft.number in contested else _again(snapshot, places, last)
        if again is not None:
            return again
    blocked = dict(blocked or {})
    left = [place.account for place in places if _has_tries_left(snapshot, place, named=named)]
    if not left:
        # A request that was not sent is no reason to end an order, only to make a pause.
        pauses = {place.account: _pause(snapshot, place, now, named=named) for place in places}
        left = [account for account, until in pauses.items() if until is not None]
        blocked.update((account, max(until, blocked.get(account, 0.0))) for account, until in pauses.items() if until)
    if not left:
        return Stop(TRIED)
    ready = tuple(account for account in left if blocked.get(account, 0.0) <= now.earliest)
    return Try(ready) if ready else Pause(min(blocked[account] for account in left))


def _set_up(snapshot: Snapshot, places: Sequence[Place]) -> SetUp | Stuck:
    entry = next(entry for entry in snapshot.entries if entry.id == snapshot.item.attempt_id)
    if _place(places, entry) is None:
        return Stuck(f"a number is to be set up at {_missing(entry)}")
    return SetUp(entry)


def _missing(entry: AttemptRecord) -> str:
    draft = entry.attempt.draft
    return f"{draft.provider}, account {draft.account}, which this client does not have"


def _place(places: Sequence[Place], entry: AttemptRecord) -> Place | None:
    draft = entry.attempt.draft
    return next((one for one in places if (one.account, one.provider) == (draft.account, draft.provider)), None)


def _again(snapshot: Snapshot, places: Sequence[Place], last: AttemptRecord) -> Try | None:
    """The same number with the same key once more, if a late twin can only be the very same purchase."""
    place = _place(places, last)
    if place is None or last.attempt.state is not AttemptState.REFUTED or not place.rules.same_number_once:
        return None
    if place.account in snapshot.item.passed:
        return None
    asked = [entry for entry in snapshot.entries if entry.attempt.draft.number == last.attempt.draft.number]
    return Try((place.account,), again=last) if len(asked) < 2 else None


def _has_tries_left(snapshot: Snapshot, place: Place, *, named: bool) -> bool:
    states = [entry.attempt.state for entry in _tried(snapshot, place)]
    if named and any(state is not AttemptState.NOT_SENT for state in states):
        return False
    return place.account not in snapshot.item.passed and len(states) < TRIES


def _pause(snapshot: Snapshot, place: Place, now: Instant, *, named: bool) -> float | None:
    """The time until which an account without tries left is not tried again; ``None`` if it is not tried any more."""
    unsent = [entry for entry in _tried(snapshot, place) if entry.attempt.state is AttemptState.NOT_SENT]
    sent = len(_tried(snapshot, place)) - len(unsent)
    if place.account in snapshot.item.passed or sent >= (1 if named else TRIES) or not unsent:
        return None
    until = unsent[-1].attempt.last_sent + backoff(max(1, len(unsent) - TRIES + 1), RARELY, MOST_RARELY)
    return until if until <= now.latest + 2 * MOST_RARELY else 0.0  # a clock that was ahead wrote it


def _tried(snapshot: Snapshot, place: Place) -> list[AttemptRecord]:
    return [entry for entry in snapshot.entries if entry.attempt.draft.account == place.account]
