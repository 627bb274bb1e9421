"""A provider for purchases of one number, its outcomes scripted and its time virtual."""

from __future__ import annotations

import copy
from types import SimpleNamespace

from anycarrier import errors as e
from anycarrier.attempt import Draft, ResolutionPolicy
from anycarrier.exchange import Request, Sleep
from anycarrier.model import Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import buy
from anycarrier.testing import Script, VirtualClock

NUMBER = PhoneNumber("+12015550123")
REPLAYS = ResolutionPolicy(replay=True, replay_for=72_000, settle=120, looks=2, refusals=frozenset({400, 401, 402}))
LOOKS = ResolutionPolicy(settle=300, looks=3)


def owned(number=NUMBER, status=Status.ACTIVE):
    return OwnedNumber(provider="fake", account="main", number=number, status=status)


def refused(kind=e.InvalidRequest, status=400, **more):
    return kind("no", provider="fake", status=status, **{"maybe_applied": False, **more})


def lost():
    return e.TransportError("timeout", kind="timeout", maybe_applied=True)


class Fake:
    """A provider whose outcomes are scripted: errors are raised, the rest is returned; the last one stays.

    ``answer`` is the outcome of every request that it sends; without it, a purchase needs none.
    """

    name = "fake"
    accounts = (SimpleNamespace(id="main"),)

    def __init__(self, rules, place=(), look=(), get=(), answer=None):
        self.rules = rules
        self.script = {"place": [*place], "look": [*look], "get": [*get]}
        self.answer = answer
        self.clock = VirtualClock(1_000_000.0, chance=0.5)
        self.events = []

    def _next(self, what, took):
        script = self.script[what]
        outcome = script.pop(0) if len(script) > 1 else script[0]
        yield Sleep(took)
        if isinstance(outcome, BaseException):
            raise copy.copy(outcome) if isinstance(outcome, e.AnyCarrierError) else outcome
        return outcome

    def draft(self, target, *, key, options=()):
        number = target.number if isinstance(target, Offer) else target
        return Draft(provider="fake", account="main", number=number, key=key, body=b"{}")
        yield

    def place(self, draft):
        self.events.append(("place", self.clock.elapsed, draft.key, draft.body))
        if self.answer is not None:
            yield Request(account="main", operation="buy", method="POST", path="/", purpose="purchase")
        return (yield from self._next("place", 0.5))

    def find_purchase(self, attempt):
        self.events.append(("look", self.clock.elapsed))
        return (yield from self._next("look", 0.1))

    def get(self, target):
        self.events.append(("get", self.clock.elapsed))
        return (yield from self._next("get", 0.0))

    def times(self, what):
        return [round(event[1], 6) for event in self.events if event[0] == what]

    def run(self, exchange):
        return Script(*[self.answer] * 9, clock=self.clock).run(exchange)

    def buy(self, target=NUMBER, **how):
        return self.run(buy(self, target, **how))
