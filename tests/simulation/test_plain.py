"""A purchase without a journal, interrupted at any effect and resolved afterwards: here, or in a process whose clocks
are others."""

from __future__ import annotations

import pickle
import random
from unittest.mock import patch

import pytest

from anycarrier.errors import AnyCarrierError, InvalidInput, OutcomeUnknown, TransportError
from anycarrier.exchange import Call, Done, Moment, Now, Request, Response, Sleep
from anycarrier.purchase import buying
from anycarrier.purchase.buying import buy, resolve
from anycarrier.purchase.resolution import Verdict, classify
from simulation.carriers import HOUR, LOST, POOL, READS, UNSENT, WRITES, Carriers, Provider

pytestmark = pytest.mark.usefixtures("without_coverage")

SEEDS = 4000


class Interrupt(BaseException):
    """Ctrl-C, or a task that is cancelled."""


class Life:
    """One purchase of one number, from a seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.now = 1_000_000.0
        self.kind = self.rng.choice(("key", "fpr", "bare"))
        self.provider = Provider(self.kind)
        self.number = POOL[self.kind][0]
        self.carriers = Carriers(
            self.rng.uniform,
            cache=self.rng.choice(("errors", "success", "conflict")),
            fingerprint=self.rng.choice(("replay", "reject", "ignored")),
            pends=self.rng.choice((0.0, 0.0, 1.0)),
        )
        self.menu = self.rng.sample(WRITES, 3)
        self.faults = self.rng.choice((0.3, 0.9))
        self.another_process(0.0)

    def another_process(self, ahead):
        self.ahead = ahead
        self.steady = self.rng.uniform(-9e5, 9e5)

    def run(self):
        """The fault of its end; ``None`` where all is well."""
        ended = self.drive(buy(self.provider, self.number, deadline=self.rng.choice((5.0, 60.0, 900.0))))
        for _ in range(200):
            if not isinstance(ended, OutcomeUnknown):
                break
            self.now += self.rng.uniform(0, 30)
            if self.rng.random() < 0.3:
                ended = pickle.loads(pickle.dumps(ended))
                self.another_process(self.rng.choice((-HOUR, 0.0, HOUR)))
            # Interrupted before it began, it leaves what it was given.
            ended = self.drive(resolve(self.provider, ended, deadline=self.rng.choice((60.0, 900.0)))) or ended
        self.carriers.due(self.now + HOUR)
        return self.judged(ended)

    def judged(self, ended):
        charged = self.carriers.ledger.count((self.kind, self.number))
        if charged > 1:
            return "DOUBLE"
        if isinstance(ended, OutcomeUnknown):
            return "NEVER ENDS"
        if ended is None and charged:
            return "CHARGED, AND NOTHING LEFT TO RESOLVE WITH"
        if isinstance(ended, AnyCarrierError) and charged:
            return f"CHARGED, AND TOLD AS NOT BOUGHT: {ended}"
        if not isinstance(ended, Exception) and ended is not None and not charged:
            # What is being set up when it is returned may still fail.
            return None if (self.kind, self.number) in self.carriers.setting_up else "PHANTOM"
        return None

    def drive(self, exchange):
        """The value or the error of *exchange*; ``None`` where it was interrupted and left nothing."""
        cut = self.rng.randint(1, 40) if self.rng.random() < 0.6 else None
        when = self.rng.random() < 0.5
        outcome, count = None, 0
        try:
            try:
                while True:
                    effect = exchange.send(outcome)
                    count += 1
                    if count == cut and when:
                        raise Interrupt
                    outcome = self.perform(effect)
                    if count == cut:
                        raise Interrupt
            finally:
                exchange.close()
        except StopIteration as stop:
            return stop.value
        except Interrupt as interrupt:
            return getattr(interrupt, "outcome_unknown", None)
        except AnyCarrierError as error:
            return error

    def perform(self, effect):
        match effect:
            case Now():
                return Moment(self.now + self.steady, self.now + self.ahead, 0.5)
            case Call():
                return Done("k1")
            case Request():
                outcome, takes = self.answer(effect)
                self.now += takes
                self.carriers.due(self.now)
                return outcome
            case Sleep():
                self.now += effect.seconds
                self.carriers.due(self.now)
                return None
        raise AssertionError(effect)

    def answer(self, effect):
        faulty = self.rng.random() < self.faults
        if effect.operation == "buy":
            fault = self.rng.choice(self.menu) if faulty else "ok"
            if fault == "refused_conn":
                said, takes = UNSENT, 0.05
            else:
                said, takes = self.carriers.buy(
                    self.kind, self.number, effect.headers["key"], effect.body, fault, self.now
                )
        else:
            fault = self.rng.choice(READS) if faulty else "ok"
            found = self.carriers.owned(self.kind, self.number, self.now)
            told = ((200, "") if found else (404, "envelope")), 0.05
            said, takes = {
                "ok": told,
                "fail": ((503, ""), 0.05),
                "lost": (LOST, 10.0),
                "wrong404": ((404, "html"), 0.05),
                "short": ((200, "short"), 0.05),
            }[fault]
        if said is LOST:
            return TransportError("lost", kind="timeout", maybe_applied=effect.purpose == "purchase"), takes
        if said is UNSENT:
            return TransportError("refused", kind="connect", maybe_applied=False), takes
        return Response(said[0], {"state": self.carriers.state(self.kind, self.number, self.now)}, said[1]), takes


def first_wrong(seeds=SEEDS):
    for seed in range(seeds):
        wrong = Life(seed).run()
        if wrong:
            return seed, wrong
    return None


def test_no_interrupted_purchase_is_paid_twice_or_forgotten():
    assert first_wrong() is None


def _classified(change):
    def classified(error, rules, *, first_send, left):
        return change(error, first_send) or classify(error, rules, first_send=first_send, left=left)

    return patch.object(buying, "classify", classified)


MUTANTS = {
    "an interrupt carries nothing": lambda: patch.object(buying, "carry", lambda closing, unknown: None),
    "the clocks of two processes are compared": lambda: patch.object(
        buying, "adopted", lambda attempt, instant: attempt
    ),
    "a 429 means not sent": lambda: _classified(
        lambda error, first: Verdict.NOT_SENT if first and getattr(error, "status", None) == 429 else None
    ),
    "a page is a refusal": lambda: _classified(
        lambda error, first: Verdict.REJECTED if first and getattr(error, "status", None) in (400, 429) else None
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name):
    with MUTANTS[name]():
        assert first_wrong(2000) is not None, f"{name!r} survived 2,000 purchases"


def test_resolving_needs_what_an_interrupt_carries():
    with pytest.raises(InvalidInput):
        resolve(Provider("key"), OutcomeUnknown("?", number="+12015550100")).send(None)
