"""Classic mistakes, planted one at a time: each breaks a rule of the protocol, and the simulation must see it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import AttemptState
from anycarrier.exchange import call, now
from anycarrier.model import Status
from anycarrier.purchase import attempts, resolution
from anycarrier.purchase import plan as stepping
from anycarrier.purchase import worker as pursuing
from anycarrier.purchase.context import later
from anycarrier.purchase.journal.types import AlreadyClaimed, AttemptRecord, ItemState, JournalLost
from anycarrier.purchase.resolution import OPEN, Instant, Timeline, Verdict, classify
from simulation.batch_mutants import BATCH_MUTANTS
from simulation.carriers import RULES, Provider
from simulation.memory import MemoryJournal
from simulation.set_up_mutants import SET_UP_MUTANTS
from simulation.world import random_world

next_step, recorded = pursuing.next_step, MemoryJournal.record
after_look, after_send, begun, resent = attempts.after_look, attempts.after_send, attempts.begun, attempts.resent


def _rules(**changes):
    return {"rules": {kind: evolve(rules, **changes) for kind, rules in RULES.items()}}


def _classify(change):
    """The verdict on an answer, changed for some errors."""

    def classified(error, rules, *, first_send, left):
        return change(error, first_send) or classify(error, rules, first_send=first_send, left=left)

    return patch.object(attempts, "classify", classified)


def timeout_is_failure():
    def after(attempt, verdict, rules, instant, *more):
        known = after_send(attempt, verdict, rules, instant, *more)
        return evolve(known, state=AttemptState.REFUTED) if verdict is Verdict.IN_DOUBT else known

    return patch.object(attempts, "after_send", after)


def timeout_is_not_sent():
    return _classify(lambda error, first: Verdict.NOT_SENT if first and isinstance(error, e.TransportError) else None)


def server_error_is_a_refusal():
    return _classify(lambda error, first: Verdict.REJECTED if first and isinstance(error, e.ProviderDown) else None)


def any_4xx_is_a_refusal():
    return _classify(lambda error, first: Verdict.REJECTED if first and getattr(error, "status", 0) == 422 else None)


def refusal_of_a_replay_is_believed():
    kinds = (e.InvalidRequest, e.AuthenticationFailed)
    return _classify(lambda error, first: Verdict.REJECTED if isinstance(error, kinds) else None)


def not_available_is_believed_without_a_look():
    return _classify(lambda error, first: Verdict.REJECTED if isinstance(error, e.NumberUnavailable) else None)


def malformed_success_is_a_refusal():
    return _classify(
        lambda error, first: Verdict.REJECTED if first and isinstance(error, e.UnexpectedResponse) else None
    )


def a_429_means_not_sent():
    return _classify(lambda error, first: Verdict.NOT_SENT if first and isinstance(error, e.RateLimited) else None)


def a_page_is_a_refusal():
    return _classify(
        lambda error, first: Verdict.REJECTED if first and getattr(error, "status", None) in (400, 429) else None
    )


def a_contradiction_is_a_refusal():
    return _classify(lambda error, first: Verdict.REJECTED if first and getattr(error, "status", None) == 201 else None)


def what_was_refused_is_never_looked_at_again():
    def watched(attempt):
        return attempt.state is AttemptState.REFUTED or (attempt.state is AttemptState.REJECTED and attempt.no_replay)

    return patch("simulation.memory.is_watched", watched)


def a_short_list_is_absence():
    look = Provider.find_purchase

    def looked(self, attempt):
        try:
            return (yield from look(self, attempt))
        except e.UnexpectedResponse:
            return None

    return patch.object(Provider, "find_purchase", looked)


def sends_though_the_journal_failed():
    """Buys although the journal could not record it."""
    called = attempts.call

    def calling(function, label=""):
        try:
            return (yield from called(function, label))
        except (e.JournalError, JournalLost):
            if label != "begin":
                raise
            attempt = function.__closure__[0].cell_contents
            return AttemptRecord(id=0, item_id="r#1", seq=1, attempt=attempt)

    return patch.object(attempts, "call", calling)


def times_of_another_clock_are_believed():
    return patch.object(stepping, "sane", lambda attempt, longest, instant: attempt)


def a_first_sending_in_the_future_is_believed():
    def sane(attempt, longest, instant):
        return evolve(resolution.sane(evolve(attempt, first_sent=0.0), longest, instant), first_sent=attempt.first_sent)

    return patch.object(stepping, "sane", sane)


def the_price_of_the_search_is_trusted():
    return patch.object(pursuing, "too_dear", lambda *_: None)


def a_strangers_number_is_ours():
    return patch.object(attempts, "found_by", lambda attempt, seen: "found on the account")


def failed_look_is_absence():
    def after(attempt, found, rules, asked, answered, *more):
        return after_look(attempt, bool(found), rules, asked, answered, *more)

    return patch.object(attempts, "after_look", after)


class _Expired:
    do = "expired"
    until = 0.0


def elapsed_time_is_absence():
    decided, attended = stepping.decide, pursuing.OrderItemWorker._attend

    def decide(attempt, rules, instant):
        over = attempt.state in OPEN and instant.earliest > attempt.last_sent + rules.settle
        return _Expired if over else decided(attempt, rules, instant)

    def attend(self, step, timeline, moment, instant):
        if step.action is _Expired:
            return (yield from self._record(step.entry, evolve(step.entry.attempt, state=AttemptState.REFUTED)))
        return (yield from attended(self, step, timeline, moment, instant))

    stack = ExitStack()
    stack.enter_context(patch.object(stepping, "decide", decide))
    stack.enter_context(patch.object(pursuing.OrderItemWorker, "_attend", attend))
    return stack


def fresh_key_for_every_send():
    place = Provider.place
    count = [0]

    def placed(self, draft):
        count[0] += 1
        key = f"random{count[0]}"
        return (yield from place(self, evolve(draft, key=key, body=f"{draft.number} {key}".encode())))

    return patch.object(Provider, "place", placed)


def journal_after_the_send():
    def begin(self, order, draft, timeline, *, sent_before=0):
        provider = self.context.providers[draft.account]
        moment = yield from now()
        attempt = begun(draft, provider.rules, timeline.at(moment), sent_before=sent_before)
        sent = yield from attempts.place_once(provider, attempt)
        try:
            entry = yield from call(
                lambda: self.context.journal.begin(self.item_id, self.owner, attempt, None), "begin"
            )
        except AlreadyClaimed:
            return False
        self._sent = entry.id, attempt.sends
        verdict = classify(sent.error, provider.rules, first_send=True, left=sent.left)
        instant = timeline.at((yield from now()))
        yield from self._record(entry, after_send(attempt, verdict, provider.rules, instant))
        return True

    return patch.object(pursuing.OrderItemWorker, "_begin", begin)


def recovery_forgets_what_was_sent():
    original = pursuing.OrderItemWorker._round

    def round_(self, snapshot, moment, until):
        last = snapshot.entries[-1] if snapshot.entries else None
        if last is not None and last.attempt.state is AttemptState.SENT and self._sent != (last.id, last.attempt.sends):
            yield from self._record(last, evolve(last.attempt, state=AttemptState.NOT_SENT))
            return None
        return (yield from original(self, snapshot, moment, until))

    return patch.object(pursuing.OrderItemWorker, "_round", round_)


def settle_from_the_first_send():
    def sent_again(attempt, rules, instant):
        return evolve(resent(attempt, rules, instant), absent=attempt.absent)

    def looked(attempt, found, rules, asked, answered, *more):
        known = after_look(evolve(attempt, last_sent=attempt.first_sent), found, rules, asked, answered, *more)
        return evolve(known, last_sent=attempt.last_sent)

    stack = ExitStack()
    stack.enter_context(patch.object(attempts, "resent", sent_again))
    stack.enter_context(patch.object(attempts, "after_look", looked))
    return stack


def wall_clock_is_trusted():
    return patch.object(Timeline, "at", lambda self, moment: Instant(moment.wall, moment.wall))


def sends_however_late():
    return patch.object(attempts, "later", lambda moment, seconds: None)


def only_the_steady_clock_limits_sending():
    """A machine that was suspended between the writing and the sending does not notice."""

    def after(moment, seconds):
        return later(evolve(moment, wall=1e12), seconds)

    return patch.object(attempts, "later", after)


def spending_is_not_checked():
    return patch("simulation.memory.check_cap", lambda *_: None)


def set_up_costs_are_not_counted():
    stack = ExitStack()
    for module in ("anycarrier.attempt", "anycarrier.purchase.selection"):
        stack.enter_context(patch(f"{module}.first_month", lambda price, setup: price))
    return stack


def confirmed_without_fulfilling():
    return patch.object(MemoryJournal, "_advance", lambda self, entry, attempt: None)


def failover_while_in_doubt():
    """The database's fence is gone, and the decider moves on."""
    stack = ExitStack()
    stack.enter_context(patch.object(stepping, "UNDECIDED", frozenset()))
    stack.enter_context(patch("anycarrier.purchase.journal.types.AttemptRecord.live", property(lambda self: False)))
    return stack


def _seen(**states):
    """Statuses that are taken for another state of the purchase."""
    states = {Status[name]: state for name, state in states.items()}

    def seen(owned):
        return states.get(owned.status) or resolution.state_seen(owned)

    return patch.object(attempts, "state_seen", seen)


def a_pending_number_is_active():
    return _seen(PENDING=AttemptState.CONFIRMED)


def a_failed_number_is_bought():
    return _seen(FAILED=AttemptState.CONFIRMED)


def a_failed_number_is_waited_for():
    return _seen(FAILED=AttemptState.PLACED)


def a_pending_number_is_given_up():
    return _seen(PENDING=AttemptState.REJECTED)


def a_placed_number_that_is_not_listed_yet_has_failed():
    def after(attempt, found, *more):
        known = after_look(attempt, found, *more)
        placed = attempt.state is AttemptState.PLACED and found is False
        return evolve(known, state=AttemptState.REJECTED) if placed else known

    return patch.object(attempts, "after_look", after)


def a_refusal_outlives_the_look_that_contradicts_it():
    def after(attempt, found, *more):
        known = after_look(attempt, found, *more)
        return evolve(known, denial=attempt.denial) if found and known.state is AttemptState.PLACED else known

    return patch.object(attempts, "after_look", after)


def only_the_last_attempt_is_attended_to():
    def step(snapshot, *more, **how):
        last = snapshot.entries[-1:] if snapshot.entries else []
        ended = [
            entry for entry in snapshot.entries if entry in last or entry.attempt.state not in resolution.UNDECIDED
        ]
        return next_step(evolve(snapshot, entries=ended), *more, **how)

    return patch.object(pursuing, "next_step", step)


def a_failed_set_up_leaves_its_item_placed():
    def record(self, entry, owner, attempt, passed=None):
        item = self.items[entry.item_id]
        kept = recorded(self, entry, owner, attempt, passed)
        if item.state is ItemState.PLACED and self.items[item.id].state is ItemState.OPEN:
            self.items[item.id] = evolve(self.items[item.id], state=ItemState.ACTIVE, claimable=False)
        return kept

    return patch.object(MemoryJournal, "record", record)


def a_deadline_ends_an_order():
    """As it was: a rate limit or an outage that lasts longer than the caller waits is an end for good."""

    def out_of_time(self, snapshot, instant, at):
        return (yield from self._close(snapshot, ItemState.EXHAUSTED, "the deadline ended"))

    return patch.object(pursuing.OrderItemWorker, "_out_of_time", out_of_time)


def a_price_that_cannot_be_read_passes_the_account_over():
    return patch.object(pursuing, "is_passing", lambda error: not isinstance(error, e.RateLimited))


@contextmanager
def nothing():
    yield


_ONLY_FAULTS = dict.fromkeys(("journal", "strangers", "ahead", "clock", "stop", "rises"), 0.0)
_STOPPING = {"workers": 3, "weather": {"stop": 0.1, "clock": 0.0, "crash": 0.0, "faults": 0.2}}

MUTANTS = {
    "a timeout is a failure": (timeout_is_failure, {}),
    "a timeout means not sent": (timeout_is_not_sent, {}),
    "a 5xx is a refusal": (server_error_is_a_refusal, {}),
    "any 4xx is a refusal": (any_4xx_is_a_refusal, {}),
    "a malformed success is a refusal": (malformed_success_is_a_refusal, {}),
    "the refusal of a replay is believed": (refusal_of_a_replay_is_believed, {}),
    "not available is believed without a look": (not_available_is_believed_without_a_look, {}),
    "a 429 means not sent": (a_429_means_not_sent, {}),
    "a page is a refusal": (a_page_is_a_refusal, {}),
    "a contradiction is a refusal": (a_contradiction_is_a_refusal, {}),
    "not available is believed before the list can show it": (nothing, _rules(lag=0.0)),
    "what was refused is never looked at again": (what_was_refused_is_never_looked_at_again, {}),
    "a short list is absence": (a_short_list_is_absence, {}),
    "sends though the journal failed": (sends_though_the_journal_failed, {}),
    "times of another clock are believed": (times_of_another_clock_are_believed, {}),
    "a first sending in the future is believed": (
        a_first_sending_in_the_future_is_believed,
        {
            "menu": ("charge_contradiction", "refused_conn"),
            "exclusive": False,
            "deadline": 1e6,
            "in_doubt": "wait",
            "workers": 2,
            "pends": 0.0,
            "cap": None,
            "max_price": None,
            "quantity": 1,
            "weather": {**_ONLY_FAULTS, "ahead": 365 * 24 * 3600.0, "crash": 0.06, "days": 0.9, "faults": 0.9},
        },
    ),
    "the price of the search is trusted": (the_price_of_the_search_is_trusted, {}),
    "a stranger's number is ours": (a_strangers_number_is_ours, {}),
    "a failed look is absence": (failed_look_is_absence, {}),
    "elapsed time is absence": (elapsed_time_is_absence, {}),
    "no settle window": (nothing, _rules(settle=0.0)),
    "a settle window shorter than late commits": (nothing, _rules(settle=40.0, looks=1)),
    "settle from the first send": (
        settle_from_the_first_send,
        {
            "menu": ("nocharge_lost", "late_500", "reject400"),
            "in_doubt": "wait",
            "deadline": 1e6,
            "weather": {**_ONLY_FAULTS, "crash": 0.25, "faults": 0.95},
        },
    ),
    "a fresh key for every send": (fresh_key_for_every_send, {}),
    "the journal is written after the send": (journal_after_the_send, {}),
    "recovery forgets what was sent": (recovery_forgets_what_was_sent, {}),
    "replay without a key": (
        nothing,
        {"rules": {**RULES, "bare": evolve(RULES["bare"], replay=True, replay_for=72_000)}},
    ),
    "replay after the key's life": (nothing, {"rules": {**RULES, "key": evolve(RULES["key"], replay_for=1e9)}}),
    "the wall clock is trusted": (wall_clock_is_trusted, {"weather": {"clock": 0.5, "crash": 0.0}}),
    "sends however late": (sends_however_late, _STOPPING),
    "sends after a suspension": (only_the_steady_clock_limits_sending, _STOPPING),
    "spending is not checked": (spending_is_not_checked, {}),
    "set-up costs are not counted": (set_up_costs_are_not_counted, {}),
    "confirmed without fulfilling": (confirmed_without_fulfilling, {}),
    "failover while in doubt": (failover_while_in_doubt, {}),
    "a deadline ends an order": (a_deadline_ends_an_order, {}),
    "a price that cannot be read passes the account over": (a_price_that_cannot_be_read_passes_the_account_over, {}),
    "a pending number is active": (a_pending_number_is_active, {}),
    "a failed number is bought": (a_failed_number_is_bought, {}),
    "a failed number is waited for": (a_failed_number_is_waited_for, {}),
    "a pending number is given up": (a_pending_number_is_given_up, {}),
    "a placed number that is not listed yet has failed": (
        a_placed_number_that_is_not_listed_yet_has_failed,
        {**_rules(lag=61.0), "lag": 60.0, "pends": 1.0},
    ),
    "a refusal outlives the look that contradicts it": (
        a_refusal_outlives_the_look_that_contradicts_it,
        {
            "pends": 1.0,
            "blinks": 0.5,
            "menu": ("charge_taken", "charge_twin"),
            "weather": {**_ONLY_FAULTS, "crash": 0.0},
        },
    ),
    "only the last attempt is attended to": (only_the_last_attempt_is_attended_to, {}),
    "a failed set-up leaves its item as it was": (a_failed_set_up_leaves_its_item_placed, {}),
    **SET_UP_MUTANTS,
    **BATCH_MUTANTS,
}


SOON = {
    "a binding that failed is waited for": 67,
    "a failed number is waited for": 98,
    "a first sending in the future is believed": 433,
    "a settle window shorter than late commits": 144,
    "a short list is absence": 263,
    "a stranger's number is ours": 135,
    "a 429 means not sent": 209,
    "confirmed without fulfilling": 2,
    "many: a foreign number is confirmed": 35,
    "many: a list that is cut off is absence": 225,
    "many: a number that another order has stays in the body": 180,
    "many: an answer confirms every number of the order": 69,
    "no settle window": 118,
    "not available is believed before the list can show it": 94,
    "only the last attempt is attended to": 574,
    "replay after the key's life": 257,
    "settle from the first send": 161,
    "sends after a suspension": 131,
    "sends however late": 131,
    "times of another clock are believed": 453,
}
"""Seeds of schedules that catch a mutant at little cost: the search begins there, and goes on where they do no more."""


def caught(name, most=2000, first=None):
    """After how many schedules the mutant called *name* is caught, and by what; ``None`` when it is not."""
    plant, changes = MUTANTS[name]
    first = SOON.get(name, 1) if first is None else first
    with plant():
        for seed in range(first, first + most):
            bad = random_world(seed, **changes).run()
            if bad:
                return seed - first + 1, bad
    return None
