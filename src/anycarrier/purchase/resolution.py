"""Resolution of one attempt: pure functions from its state and the time to the next action.

Purchases with and without a journal share these functions; they differ only in the place that holds the attempt.
"""

from __future__ import annotations

import re
from enum import StrEnum

from attrs import evolve, frozen

from anycarrier.attempt import Attempt, AttemptState, Denial, Draft, ResolutionPolicy
from anycarrier.engine.retry import backoff
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
from anycarrier.model import OwnedNumber, Status

__all__ = [
    "OPEN",
    "SEND_WITHIN",
    "UNDECIDED",
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
    "longest_wait",
    "resent",
    "sane",
    "state_seen",
]

OPEN = frozenset({AttemptState.SENT, AttemptState.IN_DOUBT})
"""States in which it is not known whether the number was bought."""

UNDECIDED = OPEN | {AttemptState.PLACED}
"""States in which it is not known whether the number will be active."""

LONGEST_LOOK_WAIT = 300.0

CLOCKS_AGREE = 5.0

SEND_WITHIN = 12.0
"""Seconds after an attempt was recorded within which its request leaves, or it does not leave at all."""


@frozen
class Instant:
    """A moment, on clocks that may disagree. Unix seconds.

    Attributes:
        earliest: it is at least this late. Measures intervals that must have passed.
        latest: it may be as late as this. Measures intervals that must not have passed.
    """

    earliest: float
    latest: float


class Timeline:
    """Unix time of one process, from its steady clock. A wall clock that is set forward ends no window too early, and a
    suspended machine, whose steady clock stands still, leaves none open too long."""

    def __init__(self, moment: Moment, wall: float | None = None) -> None:
        self._offset = (moment.wall if wall is None else wall) - moment.monotonic

    def at(self, moment: Moment) -> Instant:
        """*moment* on this line."""
        steady = self._offset + moment.monotonic
        return Instant(steady, max(steady, moment.wall))

    def agrees(self, moment: Moment) -> bool:
        """Return whether *moment* is of the clocks that this began with, and neither was set since."""
        return abs(moment.wall - moment.monotonic - self._offset) < CLOCKS_AGREE

    def __reduce__(self) -> tuple[object, ...]:
        # The clocks of one process mean nothing to another: there, no timeline comes out of a pickle.
        return (_nothing, ())


def _nothing() -> None:
    return None


class Do(StrEnum):
    """Actions about an attempt."""

    NOTHING = "nothing"
    WAIT = "wait"
    REPLAY = "replay"
    LOOK = "look"
    PARK = "park"


@frozen
class Action:
    """The next action; ``until`` is the end of a wait."""

    do: Do
    until: float = 0.0


class Verdict(StrEnum):
    """The verdict after one request."""

    CONFIRMED = "confirmed"
    """The number is ours."""
    REJECTED = "rejected"
    """Refused, and nothing was bought."""
    NOT_SENT = "not_sent"
    """The provider provably did not act on it; it may be sent again."""
    TAKEN = "taken"
    """Refused because the number is gone, or because something was done already: perhaps by this very purchase, so the
    inventory is read before this is believed."""
    THROTTLED = "throttled"
    """Too many requests. That proves nothing: it may come from something in between, after the work. The same request
    may be repeated if the provider replays; otherwise the inventory is read first."""
    REFUSED_AGAIN = "refused_again"
    """A repetition was refused, which says nothing about the first request; repeating has no more use."""
    IN_DOUBT = "in_doubt"
    """It may have been bought."""


def classify(error: Exception | None, rules: ResolutionPolicy, *, first_send: bool, left: bool) -> Verdict:
    """The verdict on the outcome of one request.

    A request that left may have been carried out, unless its answer is a refusal that counts: the answer to the first
    request with a key (after a repetition the first may still be on its way), with a status that the provider documents
    as final, and in the provider's own words, which the adapter confirms with ``maybe_applied=False``. Without that
    confirmation nothing is proven.

    Args:
        error: the error of :meth:`anycarrier.provider.Buys.place`; ``None`` if it returned the number.
        rules: the provider's policy.
        first_send: whether no request with this key was sent before.
        left: whether a request may have left this machine, whatever *error* claims.
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
    """The verdict if no request left this time."""
    passing = isinstance(error, TransportError | RateLimited | ProviderDown | UnexpectedResponse)
    if passing:
        return Verdict.NOT_SENT if first_send else Verdict.IN_DOUBT
    return Verdict.REJECTED if first_send else Verdict.REFUSED_AGAIN


def decide(attempt: Attempt, rules: ResolutionPolicy, now: Instant) -> Action:
    """The next action about *attempt*.

    Only an answer ends an attempt, in :func:`after_send` or :func:`after_look`. Time alone proves nothing, so after any
    pause, however long, the first action is a question to the provider.
    """
    if attempt.state not in UNDECIDED:
        return Action(Do.NOTHING)
    if now.earliest < attempt.next_at:
        return Action(Do.WAIT, attempt.next_at)
    if _may_replay(attempt, rules, now):
        return Action(Do.REPLAY)
    if attempt.unknown >= rules.park_looks and now.earliest > attempt.first_sent + rules.park_after:
        return Action(Do.PARK)
    return Action(Do.LOOK)


def sane(attempt: Attempt, longest: float, now: Instant) -> Attempt:
    """*attempt* without impossible times: a clock that was ahead when they were written must not delay it.

    An attempt that was sent in the future counts as sent now and is not repeated, since the age of its key is unknown.
    That holds for the first sending too: one that is repeated after the clock was set right has a last one that is
    possible, and its key would never seem to grow old. A wait of more than *longest* seconds is over.
    """
    if max(attempt.first_sent, attempt.last_sent - SEND_WITHIN) > now.latest + CLOCKS_AGREE:
        attempt = evolve(attempt, no_replay=True, absent=0, first_sent=now.earliest, last_sent=now.earliest)
    return evolve(attempt, next_at=0.0) if attempt.next_at > now.latest + longest + CLOCKS_AGREE else attempt


def longest_wait(rules: ResolutionPolicy) -> float:
    """The longest wait, in seconds, that *rules* can make an attempt wait."""
    return max(LONGEST_LOOK_WAIT, rules.settle, *rules.replay_waits) + SEND_WITHIN


def adopted(attempt: Attempt, now: Instant) -> Attempt:
    """*attempt* of another process, which has other clocks: its windows begin again, and nothing is repeated."""
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
        and attempt.state in OPEN
        and not attempt.no_replay
        and attempt.sends <= len(rules.replay_waits)
        and now.latest < attempt.first_sent + rules.replay_for
    )


def begun(draft: Draft, rules: ResolutionPolicy, now: Instant, *, sent_before: int = 0) -> Attempt:
    """A new attempt, to be recorded before its first byte leaves.

    If it is found so after a crash, its request may still be on its way, so a replay waits as after a lost answer.
    *sent_before* counts requests with the same key in an earlier attempt: then no refusal is the answer to the first.
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
    """The attempt, to be recorded before it is sent once more: earlier looks prove nothing any more."""
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
    seen: AttemptState = AttemptState.CONFIRMED,
) -> Attempt:
    """The attempt after an answer, or the lack of one; *retry_after* is the provider's, in seconds.

    *seen* is the state in which a response shows the number, see :func:`state_seen`. The last byte may have left as
    late as *now*, so the settle window begins here.
    """
    match verdict:
        case Verdict.CONFIRMED if seen is not AttemptState.CONFIRMED:
            return _not_active(evolve(attempt, reason=reason, last_sent=now.earliest), seen, rules, now)
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


def state_seen(owned: OwnedNumber) -> AttemptState:
    """The state of an attempt whose number a response shows as *owned*: placed while its provider sets it up, or waits
    for a person, rejected if it has failed to, else confirmed."""
    return _SEEN.get(owned.status, AttemptState.CONFIRMED)


_SEEN = {
    Status.PENDING: AttemptState.PLACED,
    Status.NEEDS_ACTION: AttemptState.PLACED,
    Status.FAILED: AttemptState.REJECTED,
}


def _not_active(attempt: Attempt, seen: AttemptState, rules: ResolutionPolicy, now: Instant) -> Attempt:
    """The attempt whose number is there and not active, or not yet.

    No earlier absence and no earlier refusal proves anything against this look, so the settle window and the watch
    window begin again with it.
    """
    attempt = evolve(attempt, last_sent=now.earliest, absent=0, denial=None, unknown=0)
    if seen is AttemptState.PLACED:
        wait = min(LONGEST_LOOK_WAIT, max(rules.look_every, (now.earliest - attempt.first_sent) / 8))
        return evolve(attempt, state=seen, next_at=now.earliest + wait)
    return evolve(attempt, state=seen, next_at=0.0, reason=NOT_SET_UP)


NOT_SET_UP = "the provider took the order and could not set the number up"
"""Reason of an attempt that failed after it was placed."""


def after_look(
    attempt: Attempt,
    found: bool | None,
    rules: ResolutionPolicy,
    began: Instant,
    now: Instant,
    seen: AttemptState = AttemptState.CONFIRMED,
) -> Attempt:
    """The attempt after a look that began at *began* and was answered at *now*; *found* is ``None`` without a clear
    answer, and *seen* the state in which it was found, see :func:`state_seen`."""
    placed = attempt.state is AttemptState.PLACED
    if found and seen is not AttemptState.CONFIRMED:
        return _not_active(attempt, seen, rules, now)
    if found:
        reason = attempt.reason if placed else "found on the account"
        return evolve(attempt, state=AttemptState.CONFIRMED, reason=reason, next_at=0.0)
    undecided = AttemptState.PLACED if placed else AttemptState.IN_DOUBT
    if found is None:
        unknown = attempt.unknown + 1
        wait = backoff(unknown, rules.look_every, LONGEST_LOOK_WAIT)
        return evolve(attempt, state=undecided, unknown=unknown, next_at=now.earliest + wait)
    settled_at = attempt.last_sent + rules.settle
    next_at = now.earliest + rules.look_every
    if next_at < settled_at:
        # The longer a number is absent, the less often it is looked for; the first look that counts is on time.
        next_at = min(settled_at, now.earliest + max(rules.look_every, (now.earliest - attempt.last_sent) / 8))
    if attempt.denial is not None:
        # The provider itself refused the only request ever sent, and no list that lags can hide the number any more.
        settled_at = attempt.last_sent + rules.lag
        if began.earliest < settled_at:
            return evolve(attempt, state=AttemptState.IN_DOUBT, unknown=0, next_at=settled_at)
        over = AttemptState.REJECTED if attempt.denial is Denial.TAKEN else AttemptState.NOT_SENT
        return evolve(attempt, state=over, unknown=0, next_at=0.0)
    looked = evolve(attempt, state=undecided, unknown=0, next_at=next_at)
    if began.earliest < settled_at:
        return looked
    if attempt.absent + 1 < rules.looks:
        return evolve(looked, absent=attempt.absent + 1)
    reason = f"not on the account {rules.looks} times, {rules.settle:.0f} s and more after the last request"
    return evolve(looked, absent=attempt.absent + 1, state=AttemptState.REFUTED, reason=reason, next_at=0.0)
