"""Attempts of one worker to buy a number for one item: begun, sent, sent again, looked for, and recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import evolve

from anycarrier.attempt import Attempt, AttemptState, Draft, ResolutionPolicy
from anycarrier.errors import (
    AuthenticationFailed,
    InsufficientFunds,
    PermissionDenied,
    RateLimited,
    RequirementsMissing,
)
from anycarrier.exchange import Exchange, Moment, await_rate_limit, call, now, sleep
from anycarrier.model import OwnedNumber
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.context import Progress, PurchaseContext, later, progress_of
from anycarrier.purchase.journal.types import AlreadyClaimed, AttemptRecord, Snapshot
from anycarrier.purchase.order import Order
from anycarrier.purchase.plan import Attend
from anycarrier.purchase.resolution import (
    OPEN,
    SEND_WITHIN,
    Do,
    Instant,
    Timeline,
    Verdict,
    after_look,
    after_send,
    begun,
    classify,
    resent,
    state_seen,
)
from anycarrier.purchase.selection import Pricing
from anycarrier.purchase.sending import (
    Sent,
    found_by,
    held_back,
    look_once,
    odd_in,
    place_once,
    placed_words,
    reason_of,
    state_changed,
    with_charge,
    with_needs,
)
from anycarrier.purchase.shared_prices import shared_price

__all__ = ["BUSY", "Attempts", "answered", "kind_of", "looked", "note"]

BUSY = (0.5, 1.0, 2.0, 5.0)
"""Seconds between looks at an item of another worker; the last one stays."""


PLACE_HELD = 30.0
"""Seconds for which a place in a rate limit serves, below those for which the rate limit keeps it."""


class Attempts:
    """Attempts of one worker on one item.

    Attributes:
        owned: the number that was bought, if this worker bought it.
        fulfilled: the attempt that fulfilled the item's order, as the journal said when this worker recorded it.
    """

    def __init__(self, context: PurchaseContext, item_id: str, owner: str) -> None:
        self.context = context
        self.item_id = item_id
        self.owner = owner
        self.owned: OwnedNumber | None = None
        self.fulfilled: AttemptRecord | None = None
        self._passed: dict[str, str] = {}
        self._timeline: Timeline | None = None
        self._sent: tuple[int, int] | None = None
        self._placed: tuple[str, float] | None = None

    @property
    def has_sent(self) -> bool:
        """Return whether this worker has sent a purchase."""
        return self._sent is not None

    @property
    def _price_of(self) -> Pricing:
        return partial(shared_price, self.context.journal)

    def _had(self, draft: Draft) -> Exchange[str | None]:
        """The order that bought the number of *draft* already, in words, as far as the journal knows."""
        entries = yield from self.context.journaled(
            lambda: self.context.journal.entries_of(draft.provider, draft.account, [draft.number]), "entries"
        )
        for entry in entries:
            if entry.attempt.state is AttemptState.CONFIRMED:
                return f"it is on record as bought already, by {entry.item_id}"
        return None

    def _time(self, snapshot: Snapshot, moment: Moment) -> Timeline:
        """The timeline of this round.

        Windows of a request that this worker sent are measured by the steady clock alone; the journal's clock is read
        anew only when something new begins.
        """
        last = snapshot.entries[-1] if snapshot.entries else None
        sent = None if last is None else (last.id, last.attempt.sends)
        if self._timeline is None or last is None or sent != self._sent or last.attempt.state not in OPEN:
            self._timeline = Timeline(moment, snapshot.now)
        return self._timeline

    def _attend(self, step: Attend, timeline: Timeline, moment: Moment, instant: Instant) -> Exchange[None]:
        entry, rules = step.entry, step.rules
        provider = self.context.providers[entry.attempt.draft.account]
        if step.action.do is Do.WAIT:
            yield from self._wait(step.action.until, instant, _words_of(entry))
        elif step.action.do is Do.REPLAY:
            limited = yield from held_back(entry.attempt.draft.account)
            if limited is not None:
                yield from self._wait(instant.earliest + limited, instant, "the account's rate limit")
                return
            moment = yield from now()
            instant = timeline.at(moment)
            self._tell("replay", entry, f"the same request for the {_nth(entry.attempt.sends + 1)} time")
            attempt = resent(entry.attempt, rules, instant)
            entry = yield from call(lambda: self.context.journal.resend(entry, self.owner, attempt), "resend")
            yield from self._send(provider, entry, rules, moment)
        else:
            self._tell("look", entry, "is it on the account?")
            seen = yield from look_once(provider, entry.attempt)
            attempt = looked(entry, seen, rules, instant, timeline.at((yield from now())))
            yield from self._record(entry, attempt, owned=seen if isinstance(seen, OwnedNumber) else None)

    def _send(self, provider: Any, entry: AttemptRecord, rules: ResolutionPolicy, moment: Moment) -> Exchange[None]:
        self._sent = entry.id, entry.attempt.sends
        self._timeline = timeline = Timeline((yield from now()), entry.attempt.last_sent - SEND_WITHIN)
        sent = yield from place_once(provider, entry.attempt, later(moment, SEND_WITHIN))
        moment = yield from now()
        attempt, verdict, passed = answered(entry, sent, rules, timeline.at(moment), moment)
        note(self.context.breaker, attempt, verdict, sent.error, moment)
        owned = sent.owned
        yield from self._record(entry, attempt, passed, owned)

    def _record(
        self,
        entry: AttemptRecord,
        attempt: Attempt,
        passed: tuple[str, str] | None = None,
        owned: OwnedNumber | None = None,
    ) -> Exchange[None]:
        recorded = yield from self.context.journaled(
            lambda: self.context.journal.record(entry, self.owner, attempt, passed), "record"
        )
        self.fulfilled = recorded if recorded.fulfilled else None
        state_changed(entry.attempt, attempt)
        if attempt.state in (AttemptState.PLACED, AttemptState.CONFIRMED):
            self.owned = owned
        before = entry.attempt
        if before.state is AttemptState.PLACED and (before.state, before.reason) == (attempt.state, attempt.reason):
            return  # nothing new
        self._tell(kind_of(attempt), evolve(entry, attempt=attempt), attempt.reason)

    def _begin(self, order: Order, draft: Draft, timeline: Timeline, *, sent_before: int = 0) -> Exchange[bool]:
        """Record the attempt, then send it; ``False`` if another order is buying the number.

        Raises ``SpendCapExceeded`` if the spending cap forbids it.
        """
        provider = self.context.providers[draft.account]
        rules = self.context.rules(order, provider)
        # Before it is recorded, since it must leave at once after that.
        if not (yield from self._take_place(draft.account)):
            return True
        moment = yield from now()
        attempt = begun(draft, rules, timeline.at(moment), sent_before=sent_before)
        holder: str | None = getattr(provider.accounts[0], "holder", None)
        begin: Callable[[], AttemptRecord] = lambda: self.context.journal.begin(  # noqa: E731
            self.item_id, self.owner, attempt, order.spend_cap, holder
        )
        try:
            entry = yield from call(begin, "begin")
            self.context.untouched[self.item_id] = 0.0
        except AlreadyClaimed as occupied:
            if occupied.what == "item":
                yield from sleep(BUSY[0], "other_worker")  # another worker was quicker: read again
            return occupied.what == "item"
        self._placed = None
        self._tell("begin", entry, "asked for")
        yield from self._send(provider, entry, rules, moment)
        return True

    def _take_place(self, account: str) -> Exchange[bool]:
        """Wait for a place in the account's rate limit, not longer than the item is surely ours; ``False`` if there is
        none. A place that was not used, since another order was quicker, serves for the next number."""
        placed = self._placed
        if placed and placed[0] == account and (yield from now()).monotonic - placed[1] < PLACE_HELD:
            return True
        try:
            yield from await_rate_limit(account, at_most=self.context.journal.lease / 2)
        except RateLimited as limited:
            moment = yield from now()
            self.context.breaker.failed(account, moment.monotonic, reason_of(limited), limited.retry_after)
            return False
        self._placed = account, (yield from now()).monotonic
        return True

    def _pass(self, account: str, reason: str) -> Exchange[None]:
        self._say("passed", account, reason)
        yield from self.context.journaled(
            lambda: self.context.journal.skip_account(self.item_id, self.owner, account, reason), "pass over"
        )
        self._passed[account] = reason

    def _wait(self, until: float, instant: Instant, text: str) -> Exchange[None]:
        self.context.notify(Progress(kind="wait", item=self.item_id, text=text, until=until))
        yield from sleep(max(until - instant.earliest, 0.001), "settling")

    def _say(self, kind: str, account: str, text: str) -> None:
        provider = self.context.providers[account].name
        self.context.notify(Progress(kind=kind, item=self.item_id, provider=provider, account=account, text=text))

    def _tell(self, kind: str, entry: AttemptRecord, text: str) -> None:
        self.context.notify(progress_of(kind, self.item_id, entry.attempt.draft, text))


def answered(
    entry: AttemptRecord, sent: Sent, rules: ResolutionPolicy, instant: Instant, moment: Moment
) -> tuple[Attempt, Verdict, tuple[str, str] | None]:
    """The attempt after its request, the verdict, and the account to skip from now on with the reason."""
    error, account = sent.error, entry.attempt.draft.account
    verdict = classify(error, rules, first_send=entry.attempt.sends == 1, left=sent.left)
    retry_after = getattr(error, "retry_after", None)
    seen = AttemptState.CONFIRMED if sent.owned is None else state_seen(sent.owned)
    attempt = after_send(entry.attempt, verdict, rules, instant, reason_of(error), retry_after, seen)
    passed: tuple[str, str] | None = None
    if verdict is Verdict.NOT_SENT:
        attempt = evolve(attempt, next_at=instant.earliest + max(1.0 + moment.random, retry_after or 0.0))
    elif verdict is Verdict.REJECTED and isinstance(
        error, AuthenticationFailed | PermissionDenied | InsufficientFunds | RequirementsMissing
    ):
        passed = (account, attempt.reason)
    owned = sent.owned
    if owned is not None and owned.receipt is not None:
        charged = owned.receipt.charged
        attempt = evolve(
            attempt,
            draft=attempt.draft if charged is None else with_charge(attempt.draft, charged),
            reason=odd_in(owned, entry.attempt.draft) or attempt.reason,
            order_id=owned.receipt.order_id,
        )
    if owned is not None:
        attempt = with_needs(attempt, owned)
    return attempt, verdict, passed


def note(breaker: CircuitBreaker, attempt: Attempt, verdict: Verdict, error: Exception | None, moment: Moment) -> None:
    """Let *breaker* know the outcome of a request at *moment*."""
    account = attempt.draft.account
    if verdict in (Verdict.IN_DOUBT, Verdict.NOT_SENT, Verdict.THROTTLED):
        breaker.failed(account, moment.monotonic, attempt.reason, getattr(error, "retry_after", None))
    else:
        breaker.succeeded(account)


def looked(
    entry: AttemptRecord, seen: OwnedNumber | bool | None, rules: ResolutionPolicy, began: Instant, now: Instant
) -> Attempt:
    """The attempt after a look that began at *began* and was answered at *now* with *seen*."""
    found = seen if seen is None else bool(seen)
    state = state_seen(seen) if isinstance(seen, OwnedNumber) else AttemptState.CONFIRMED
    attempt = after_look(entry.attempt, found, rules, began, now, state)
    if seen and entry.attempt.state in OPEN and state is not AttemptState.REJECTED:
        attempt = evolve(attempt, reason=found_by(entry.attempt, seen))
    return with_needs(attempt, seen) if isinstance(seen, OwnedNumber) else attempt


_KINDS = {
    AttemptState.PLACED: "placed",
    AttemptState.CONFIRMED: "confirmed",
    AttemptState.REJECTED: "refused",
    AttemptState.NOT_SENT: "refused",
    AttemptState.REFUTED: "refuted",
}


def kind_of(attempt: Attempt) -> str:
    """The kind of progress that the state of *attempt* is."""
    return _KINDS.get(attempt.state, "doubt")


def _words_of(entry: AttemptRecord) -> str:
    """The reason in words that an attempt is undecided."""
    if entry.attempt.state is AttemptState.PLACED:
        return placed_words(entry.attempt)
    return entry.attempt.reason or "a purchase is under way"


def _nth(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
