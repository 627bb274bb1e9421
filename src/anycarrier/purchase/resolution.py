"""The decider: from what is known of an attempt and the time to what to do next. Pure, so that it can be proven.

A plain purchase and a journalled one use these same functions; only where the attempt is kept differs.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from attrs import evolve, frozen

from anycarrier.engine.backoff import backoff
from anycarrier.errors import (
    AnyCarrierError,
    Conflict,
    InvalidRequest,
    NotFound,
    NumberUnavailable,
    ProviderDown,
    RateLimited,
    TransportError,
    UnexpectedResponse,
)
from anycarrier.exchange import Moment
from anycarrier.provider import Attempt, AttemptState, Denial, Draft, ResolutionPolicy

__all__ = [
    "OPEN",
    "SEND_WITHIN",
    "Action",
    "Do",
    "Instant",
    "Timeline",
    "Verdict",
    "adopted",
    "after_look",
    "after_send",
    "begun",
    "classify",
    "decide",
    "resent",
    "sane",
]

OPEN = frozenset({AttemptState.SENT, AttemptState.IN_DOUBT})
"""States in which nobody can say yet whether the number was bought."""

LONGEST_LOOK_WAIT = 300.0

CLOCKS_AGREE = 5.0

SEND_WITHIN = 12.0
"""Seconds after an attempt was written down within which its request must leave, or it does not leave at all."""


@frozen
class Instant:
    """A moment, on clocks that may disagree. Unix seconds.

    Attributes:
        earliest: it is at least this late: what has to have passed is measured with it.
        latest: it is perhaps as late as this: what must not have passed yet is measured with it.
    """

    earliest: float
    latest: float


class Timeline:
    """Unix time for one process: a wall clock that is set forward does not end a window too early, and a machine that
    was suspended, whose steady clock stood still, does not keep one open for too long."""

    def __init__(self, moment: Moment, wall: float | None = None) -> None:
        self._offset = (moment.wall if wall is None else wall) - moment.monotonic

    def at(self, moment: Moment) -> Instant:
        """*moment* on this line."""
        steady = self._offset + moment.monotonic
        return Instant(steady, max(steady, moment.wall))

    def agrees(self, moment: Moment) -> bool:
        """Whether *moment* is of the clocks that this began with, neither of which was set since."""
        return abs(moment.wall - moment.monotonic - self._offset) < CLOCKS_AGREE

    def __reduce__(self) -> tuple[Any, ...]:
        # The clocks of one process mean nothing to another: there, no timeline comes out of a pickle.
        return (_nothing, ())


def _nothing() -> None:
    return None


class Do(StrEnum):
    """What can be done about an attempt."""

    NOTHING = "nothing"
    WAIT = "wait"
    REPLAY = "replay"
    LOOK = "look"
    PARK = "park"


@frozen
class Action:
    """What to do next; ``until`` is when to ask again, for a wait."""

    do: Do
    until: float = 0.0


class Verdict(StrEnum):
    """What is known after one request."""

    CONFIRMED = "confirmed"
    """The number is ours."""
    REJECTED = "rejected"
    """Refused, and nothing was bought."""
    NOT_SENT = "not_sent"
    """The provider provably did not act on it; it may be sent again."""
    TAKEN = "taken"
    """Refused because the number is gone, or because something was done already: perhaps by ourselves, so the inventory
    is asked before this is believed."""
    THROTTLED = "throttled"
    """Too many requests. That proves nothing: it may come from something in between, after the work. The same request
    may be repeated where the provider replays; elsewhere the inventory is asked before anything else is."""
    REFUSED_AGAIN = "refused_again"
    """A repetition was refused, which says nothing about the first request; repeating has no more use."""
    IN_DOUBT = "in_doubt"
    """It may have been bought."""


def classify(error: Exception | None, rules: ResolutionPolicy, *, first_send: bool, left: bool) -> Verdict:
    """What the outcome of one request proves.

    A request that left may have been carried out, unless its answer is a refusal that counts: the answer to the first
    request with a key (after a repetition the first may still be on its way), with one of the statuses that the
    provider documents as final, and in the provider's own words, for which the adapter says so by
    ``maybe_applied=False``. Where an adapter says nothing, nothing is proven.

    Args:
        error: what :meth:`anycarrier.provider.Buys.place` raised; ``None`` when it returned the number.
        rules: the provider's.
        first_send: whether no request with this key was sent before.
        left: whether a request may have left this machine, whatever *error* says of it.
    """
    if error is None:
        return Verdict.CONFIRMED
    if not isinstance(error, AnyCarrierError) or error.maybe_applied:
        return Verdict.IN_DOUBT
    if not left:
        return _unsent(error, first_send=first_send)
    if vars(error).get("maybe_applied") is not False:
        return Verdict.IN_DOUBT
    if isinstance(error, TransportError):
        return Verdict.IN_DOUBT
    if error.status == 429 or isinstance(error, RateLimited):
        return Verdict.THROTTLED if first_send else Verdict.IN_DOUBT
    if isinstance(error, NumberUnavailable | NotFound | Conflict):
        return Verdict.TAKEN
    if isinstance(error, InvalidRequest) and _PERHAPS_OURS.search(f"{error.code or ''} {error.detail or ''}"):
        return Verdict.TAKEN
    if not first_send:
        return Verdict.REFUSED_AGAIN
    return Verdict.REJECTED if error.status in rules.refusals else Verdict.IN_DOUBT


_PERHAPS_OURS = re.compile(
    r"already|duplicate|(?<!not )(?<!n't )\bexists\b|in progress|(?:is|being) processed", re.IGNORECASE
)
"""Words of a refusal that may be about what this very purchase did."""


def _unsent(error: AnyCarrierError, *, first_send: bool) -> Verdict:
    """What it means that this time no request left."""
    passing = isinstance(error, TransportError | RateLimited | ProviderDown | UnexpectedResponse)
    if passing:
        return Verdict.NOT_SENT if first_send else Verdict.IN_DOUBT
    return Verdict.REJECTED if first_send else Verdict.REFUSED_AGAIN


def decide(attempt: Attempt, rules: ResolutionPolicy, now: Instant) -> Action:
    """What to do about *attempt*.

    Nothing here ends an attempt: only an answer does, in :func:`after_send` or :func:`after_look`. Time alone proves
    nothing, so after any pause, however long, the provider is asked first.
    """
    if attempt.state not in OPEN:
        return Action(Do.NOTHING)
    if now.earliest < attempt.next_at:
        return Action(Do.WAIT, attempt.next_at)
    if _may_replay(attempt, rules, now):
        return Action(Do.REPLAY)
    if attempt.unknown >= rules.park_looks and now.earliest > attempt.first_sent + rules.park_after:
        return Action(Do.PARK)
    return Action(Do.LOOK)


def sane(attempt: Attempt, rules: ResolutionPolicy, now: Instant) -> Attempt:
    """*attempt* without times that cannot be: a clock that was ahead when they were written must not delay it.

    What is said to have been sent in the future counts as sent now, and is not repeated, as the age of its key is not
    known; a wait that is longer than any is over.
    """
    if attempt.last_sent > now.latest + SEND_WITHIN + CLOCKS_AGREE:
        attempt = evolve(attempt, no_replay=True, absent=0, first_sent=now.earliest, last_sent=now.earliest)
    longest = max(LONGEST_LOOK_WAIT, rules.settle, *rules.replay_waits) + SEND_WITHIN + CLOCKS_AGREE
    return evolve(attempt, next_at=0.0) if attempt.next_at > now.latest + longest else attempt


def adopted(attempt: Attempt, now: Instant) -> Attempt:
    """*attempt* of another process, whose clocks are not ours: its windows begin again, and nothing is repeated."""
    return evolve(
        attempt,
        state=AttemptState.IN_DOUBT,
        no_replay=True,
        absent=0,
        unknown=0,
        first_sent=now.earliest,
        last_sent=now.earliest,
        next_at=0.0,
    )


def _may_replay(attempt: Attempt, rules: ResolutionPolicy, now: Instant) -> bool:
    return (
        rules.replay
        and not attempt.no_replay
        and attempt.sends <= len(rules.replay_waits)
        and now.latest < attempt.first_sent + rules.replay_for
    )


def begun(draft: Draft, rules: ResolutionPolicy, now: Instant, *, sent_before: int = 0) -> Attempt:
    """The attempt as it is written down before the first byte leaves.

    Found like this after a crash it may still be on its way, so a replay waits as it would after a lost answer.
    *sent_before* is how often the same key was sent in an earlier attempt: then no refusal is the first one's.
    """
    sends = sent_before + 1
    return Attempt(
        draft=draft,
        state=AttemptState.SENT,
        first_sent=now.earliest,
        last_sent=now.earliest,
        sends=sends,
        next_at=now.earliest + _replay_wait(sends, rules),
    )


def resent(attempt: Attempt, rules: ResolutionPolicy, now: Instant) -> Attempt:
    """The attempt as it is written down before it is sent once more: what was seen before proves nothing any more."""
    return evolve(
        attempt,
        state=AttemptState.SENT,
        sends=attempt.sends + 1,
        last_sent=now.earliest,
        absent=0,
        denial=None,
        next_at=now.earliest + _replay_wait(attempt.sends + 1, rules),
    )


def _replay_wait(sends: int, rules: ResolutionPolicy) -> float:
    return rules.replay_waits[sends - 1] if rules.replay and sends <= len(rules.replay_waits) else 0.0


def after_send(
    attempt: Attempt,
    verdict: Verdict,
    rules: ResolutionPolicy,
    now: Instant,
    reason: str = "",
    retry_after: float | None = None,
) -> Attempt:
    """The attempt after an answer, or the lack of one; *retry_after* is what the provider asked for.

    The last byte may have left as late as *now*, so the settle window counts from here.
    """
    match verdict:
        case Verdict.CONFIRMED | Verdict.REJECTED | Verdict.NOT_SENT:
            return evolve(attempt, state=AttemptState(verdict.name), reason=reason, next_at=0.0)
        case Verdict.TAKEN | Verdict.REFUSED_AGAIN:
            denial = Denial.TAKEN if verdict is Verdict.TAKEN and attempt.sends == 1 else None
            return evolve(
                attempt,
                state=AttemptState.IN_DOUBT,
                no_replay=True,
                denial=denial,
                next_at=0.0,
                reason=reason,
                last_sent=now.earliest,
            )
        case Verdict.IN_DOUBT | Verdict.THROTTLED:
            asked = min(retry_after or 0.0, LONGEST_LOOK_WAIT)
            wait = max(0.0 if attempt.no_replay else _replay_wait(attempt.sends, rules), asked)
            denial = None
            if verdict is Verdict.THROTTLED and not rules.replay:
                denial, wait = Denial.THROTTLED, max(rules.lag, asked)
            return evolve(
                attempt,
                state=AttemptState.IN_DOUBT,
                denial=denial,
                next_at=now.earliest + wait,
                reason=reason,
                last_sent=now.earliest,
            )


def after_look(attempt: Attempt, found: bool | None, rules: ResolutionPolicy, asked: Instant, now: Instant) -> Attempt:
    """The attempt after a look that was asked at *asked* and answered at *now*; *found* is ``None`` when the look told
    nothing."""
    if found:
        return evolve(attempt, state=AttemptState.CONFIRMED, reason="found on the account", next_at=0.0)
    if found is None:
        unknown = attempt.unknown + 1
        wait = backoff(unknown, rules.look_every, LONGEST_LOOK_WAIT)
        return evolve(attempt, state=AttemptState.IN_DOUBT, unknown=unknown, next_at=now.earliest + wait)
    settled_at = attempt.last_sent + rules.settle
    next_at = now.earliest + rules.look_every
    if next_at < settled_at:
        # The longer it has been absent the less often it is worth a look; the first that counts is on time.
        next_at = min(settled_at, now.earliest + max(rules.look_every, (now.earliest - attempt.last_sent) / 8))
    if attempt.denial is not None:
        # The provider's own no to the only request ever sent, and no list that lags can still hide the number.
        settled_at = attempt.last_sent + rules.lag
        if asked.earliest < settled_at:
            return evolve(attempt, state=AttemptState.IN_DOUBT, unknown=0, next_at=settled_at)
        over = AttemptState.REJECTED if attempt.denial is Denial.TAKEN else AttemptState.NOT_SENT
        return evolve(attempt, state=over, unknown=0, next_at=0.0)
    seen = evolve(attempt, state=AttemptState.IN_DOUBT, unknown=0, next_at=next_at)
    if asked.earliest < settled_at:
        return seen
    if attempt.absent + 1 < rules.looks:
        return evolve(seen, absent=attempt.absent + 1)
    reason = f"not on the account {rules.looks} times, {rules.settle:.0f} s and more after it was last asked for"
    return evolve(seen, absent=attempt.absent + 1, state=AttemptState.REFUTED, reason=reason, next_at=0.0)
