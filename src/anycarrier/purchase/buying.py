"""Purchase of one named number without a journal: one key, sent once, resolved in this process if possible.

Nothing here moves on to another number or provider: that needs a journal, see :mod:`anycarrier.purchase.provisioning`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from attrs import define, evolve

from anycarrier import validation
from anycarrier.attempt import Attempt, AttemptState
from anycarrier.engine.retry import backoff
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    OutcomeUnknown,
    ProviderError,
)
from anycarrier.exchange import Exchange, await_rate_limit, now, sleep
from anycarrier.model import Offer, OwnedNumber, ProviderOptions, option_objects, target_of, wanted_of
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.resolution import (
    OPEN,
    Do,
    Timeline,
    adopted,
    after_look,
    after_send,
    begun,
    classify,
    decide,
    resent,
    state_seen,
)
from anycarrier.purchase.sending import (
    carry,
    check_account,
    check_offer,
    found_by,
    fresh_key,
    held_back,
    look_once,
    place_once,
    purchased,
    reason_of,
    state_changed,
)
from anycarrier.waiting import until_all_settled

if TYPE_CHECKING:
    from anycarrier.model import Target
    from anycarrier.provider import Buys, Gets

T = TypeVar("T")

__all__ = ["buy", "resolve", "until_settled"]

UNSENT_TRIES = 5
"""Tries of a request that provably was not sent, in all."""

UNSENT_LONGEST = 16.0
"""Seconds of the longest wait between two of them."""


def buy(
    provider: Buys,
    target: Offer | PhoneNumber | str,
    *,
    deadline: float = 60.0,
    key: str | None = None,
    options: Sequence[ProviderOptions] = (),
) -> Exchange[OwnedNumber]:
    """Buy exactly this number, at most once.

    The request is sent once. If its answer is lost, it is repeated only if the provider promises to answer a repetition
    without a second charge; otherwise the account's inventory is read until the outcome is known.

    Args:
        provider: where to buy.
        target: an offer of this provider's own search, or a number.
        deadline: seconds after which no further step begins; a request under way is not cut off.
        key: the mark of this purchase, in the provider's form; by default a new random one. The same key again is the
            same purchase only if the provider replays keys.
        options: options of this provider.

    Raises:
        InvalidInput: the offer is of another provider or account, or *key* has another form. Nothing was sent.
        ProviderError: refused; nothing was bought, and ``safe_elsewhere`` is true.
        TransportError: provably not sent; or the answer was lost, and the number is provably not ours.
        OutcomeUnknown: the deadline passed first; pass the error to :func:`resolve`.
    """
    validation.provider(provider, "draft")
    validation.deadline(deadline)
    validation.key_or_none(key)
    option_objects(options)
    target = wanted_of(target)
    course = _Course(Timeline((yield from now())))
    return (yield from purchased(_carried(course, _bought(provider, target, course, deadline, key, options))))


def _bought(
    provider: Buys,
    target: Offer | PhoneNumber,
    course: _Course,
    deadline: float,
    key: str | None,
    options: Sequence[ProviderOptions],
) -> Exchange[OwnedNumber]:
    timeline = course.timeline
    until = timeline.at((yield from now())).earliest + deadline
    if isinstance(target, Offer):
        check_offer(provider, target)
    if key is None:
        key = yield from fresh_key(provider.rules)
    elif not re.fullmatch(provider.rules.key_form, key):
        raise InvalidInput(f"key must match {provider.rules.key_form}", operation="buy")
    draft = yield from provider.draft(target, key=key, options=options)
    tries = 0
    while True:
        tries += 1
        yield from await_rate_limit(draft.account, at_most=max(0.0, until - timeline.at((yield from now())).earliest))
        attempt = begun(draft, provider.rules, timeline.at((yield from now())))
        owned = yield from _sent(provider, course, attempt)
        if owned is None:
            owned = yield from _settled(provider, course, until)
        if owned is not None:
            return owned
        error = course.error
        asked_at, asked = course.known.last_sent, getattr(error, "retry_after", None) or 0.0
        moment = yield from now()
        instant = timeline.at(moment)
        wait = max(backoff(tries, 1.0, UNSENT_LONGEST, moment.random), asked_at + asked - instant.earliest)
        if course.known.state is not AttemptState.NOT_SENT or tries >= UNSENT_TRIES or instant.earliest + wait >= until:
            raise _not_bought(course.known, error) from course.cause
        yield from sleep(wait, "backoff")


def resolve(provider: Buys, error: OutcomeUnknown, *, deadline: float = 60.0) -> Exchange[OwnedNumber]:
    """Resolve a purchase whose outcome was unknown, from ``error.attempt``: the number, if it is ours.

    Args:
        provider: the same provider, on the same account.
        error: raised by :func:`buy` or by this function, or the ``outcome_unknown`` of an exception that interrupted
            them; may come from another process. Clocks of two processes are not compared: another one repeats nothing,
            and the time in which the number may still turn up begins again with its first look.
        deadline: seconds after which no further step begins.

    Raises:
        InvalidInput: the error is of another provider or account, or carries no attempt.
        ProviderError: the number was not bought, and ``safe_elsewhere`` is true.
        OutcomeUnknown: still unknown; carries the attempt in its present state.
    """
    validation.provider(provider, "draft")
    validation.outcome(error)
    validation.deadline(deadline)
    attempt = error.attempt
    if not isinstance(attempt, Attempt):
        raise InvalidInput(
            "this error was not raised by buy(), so resolve() cannot use it: to learn the outcome, call what raised "
            f"it again{f', {error.operation}(),' if error.operation else ''} with the same arguments and the same key"
        )
    check_account(provider, attempt.draft.provider, attempt.draft.account, "the purchase")
    moment = yield from now()
    timeline = error.timeline
    # Only open attempts are ever raised: one that says otherwise was changed since, and is looked for.
    if not (isinstance(timeline, Timeline) and timeline.agrees(moment) and attempt.state in OPEN):
        timeline = Timeline(moment)
        attempt = adopted(attempt, timeline.at(moment))
    course = _Course(timeline, attempt, error.__cause__ if isinstance(error.__cause__, Exception) else None)
    until = timeline.at(moment).earliest + deadline
    owned = yield from purchased(_carried(course, _settled(provider, course, until)))
    if owned is None:
        raise _not_bought(course.known, course.error) from course.cause
    return owned


def until_settled(provider: Gets, target: Target, *, deadline: float = 300.0) -> Exchange[OwnedNumber]:
    """Read a number until its provider has set it up or has failed to; the number in its final state.

    Waits grow from 1 to 30 seconds. The errors of a provider that fails meanwhile are ignored.

    Args:
        provider: where the number is.
        target: the number.
        deadline: seconds.

    Raises:
        StillPending: the deadline passed first; its ``last`` is the number as last seen.
        NotFound: the number is not on the account, not even half a minute later.
    """
    validation.provider(provider, "get")
    target_of(target)
    validation.deadline(deadline)
    (settled,) = yield from until_all_settled(provider, [target], deadline=deadline)
    if isinstance(settled, AnyCarrierError):
        raise settled
    return cast("OwnedNumber", settled)


@define
class _Course:
    """State of one purchase under way.

    Attributes:
        attempt: ``None`` before anything was sent.
        error: the error of its last first request.
    """

    timeline: Timeline
    attempt: Attempt | None = None
    error: Exception | None = None

    @property
    def known(self) -> Attempt:
        """The attempt, once there is one."""
        assert self.attempt is not None  # noqa: S101 - used only after something was sent
        return self.attempt

    @property
    def cause(self) -> Exception | None:
        """The error to name as the cause of another error."""
        return self.error if self.known.state is not AttemptState.NOT_SENT else None


def _carried(course: _Course, work: Exchange[T]) -> Exchange[T]:
    """*work*; an exception that interrupts it carries an error for :func:`resolve` if a number may have been bought."""
    try:
        return (yield from work)
    except GeneratorExit as closing:
        if course.attempt is not None and course.attempt.state in OPEN:
            carry(closing, _unknown(course, course.attempt.next_at))
        raise


def _sent(provider: Buys, course: _Course, attempt: Attempt) -> Exchange[OwnedNumber | None]:
    """Send *attempt* and note its outcome in *course*."""
    course.attempt = attempt
    sent = yield from place_once(provider, attempt)
    verdict = classify(sent.error, provider.rules, first_send=attempt.sends == 1, left=sent.left)
    instant = course.timeline.at((yield from now()))
    retry_after = getattr(sent.error, "retry_after", None)
    seen = AttemptState.CONFIRMED if sent.owned is None else state_seen(sent.owned)
    course.attempt = after_send(attempt, verdict, provider.rules, instant, reason_of(sent.error), retry_after, seen)
    state_changed(attempt, course.attempt)
    if attempt.sends == 1:
        course.error = sent.error
    return None if seen is AttemptState.REJECTED else sent.owned


def _settled(provider: Buys, course: _Course, until: float) -> Exchange[OwnedNumber | None]:
    """Resolve the attempt of *course*: the number, if it is ours."""
    rules = provider.rules
    while (attempt := course.known).state in OPEN:
        instant = course.timeline.at((yield from now()))
        action = decide(attempt, rules, instant)
        if action.do is Do.PARK or max(action.until, instant.earliest) >= until:
            raise _unknown(course, max(action.until, instant.earliest)) from course.error
        if action.do is Do.WAIT:
            yield from sleep(action.until - instant.earliest, "settling")
        elif action.do is Do.REPLAY:
            limited = yield from held_back(attempt.draft.account)
            if limited is not None:
                course.attempt = evolve(attempt, next_at=instant.earliest + limited)
                continue
            instant = course.timeline.at((yield from now()))
            owned = yield from _sent(provider, course, resent(attempt, rules, instant))
            if owned is not None:
                return owned
        else:
            seen = yield from look_once(provider, attempt)
            found = seen if seen is None else bool(seen)
            state = state_seen(seen) if isinstance(seen, OwnedNumber) else AttemptState.CONFIRMED
            known = after_look(attempt, found, rules, instant, course.timeline.at((yield from now())), state)
            bought = isinstance(seen, OwnedNumber) and state is not AttemptState.REJECTED
            course.attempt = evolve(known, reason=found_by(attempt, seen)) if seen and bought else known
            state_changed(attempt, known)
            if isinstance(seen, OwnedNumber) and bought:
                return seen
    return None


def _unknown(course: _Course, resume_at: float) -> OutcomeUnknown:
    # No request is under way when this is raised, so the state is in doubt, not sent.
    attempt = evolve(course.known, state=AttemptState.IN_DOUBT)
    draft = attempt.draft
    return OutcomeUnknown(
        f"the purchase of {draft.number.masked} with key {draft.key} may have happened and could not be confirmed in "
        "time; client.resolve(error) finds out, and until then buying again may pay twice",
        provider=draft.provider,
        operation="buy",
        number=str(draft.number),
        key=draft.key,
        attempt=attempt,
        resume_at=resume_at,
        timeline=course.timeline,
    )


def _not_bought(attempt: Attempt, error: Exception | None) -> AnyCarrierError:
    """The original error, with proof that nothing was bought."""
    if isinstance(error, AnyCarrierError):
        proven = copy.copy(error)
    else:
        proven = ProviderError("the purchase did not happen", provider=attempt.draft.provider, operation="buy")
    if attempt.state is AttemptState.REFUTED:
        proven.message = f"the number was not bought: {attempt.reason} ({proven.message})"
        proven.args = (proven.message,)
    proven.maybe_applied = False
    proven.safe_elsewhere = True
    return proven
