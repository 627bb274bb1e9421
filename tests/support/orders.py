"""Scripted providers that sell numbers, and a world with a journal and virtual time in which orders are run."""

from __future__ import annotations

import copy
import weakref
from types import SimpleNamespace

from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import AttemptState, Draft, ResolutionPolicy
from anycarrier.exchange import AwaitRateLimit, Emit
from anycarrier.features import Can
from anycarrier.model import Money, Offer, OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Order, provision
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AttemptRecord
from anycarrier.purchase.resolution import Instant, begun
from anycarrier.search import Search
from anycarrier.testing import Script, VirtualClock

N = [PhoneNumber(f"+120155501{n:02}") for n in range(60)]
RULES = ResolutionPolicy(refusals=frozenset({400, 401, 402}))
NEAR = Search(area_code="201")


def draft(number=N[0], account="a", key="k"):
    return Draft(provider=account, account=account, number=number, key=key, body=b"{}")


def entry(state=AttemptState.SENT, number=N[0], account="a", seq=1, **more):
    attempt = evolve(begun(draft(number, account), RULES, Instant(100, 100)), state=state, **more)
    return AttemptRecord(id=seq, item_id="r#1", seq=seq, attempt=attempt)


NOW = Instant(200, 200)
S = AttemptState


class Shop:
    """A provider that sells what it has, or answers by its script."""

    title = "shop"
    rules = RULES

    def __init__(self, name, numbers=(), price="1.00", features=(), place=(), search=None, supports=None, setup=None):
        self.name = name
        self.accounts = (SimpleNamespace(id=name),)
        self.supports = {"search": Can(), "buy": Can(), "list": Can(), **(supports or {})}
        self.numbers = list(numbers)
        self.price = None if price is None else Money(price)
        self.setup_price = None if setup is None else Money(setup)
        self.features = dict.fromkeys(features, True)
        self.script = list(place)
        self.fails = search
        self.owned = []
        self.keys = []

    def search(self, query, *, options=()):
        if self.fails is not None:
            raise copy.copy(self.fails)
        return [
            Offer(
                provider=self.name,
                account=self.name,
                number=number,
                price=self.price,
                setup_price=self.setup_price,
                features=self.features,
            )
            for number in self.numbers
        ]
        yield

    def draft(self, target, *, key, options=()):
        number = target.number if isinstance(target, Offer) else target
        return Draft(provider=self.name, account=self.name, number=number, key=key, body=b"{}")
        yield

    def place(self, draft):
        self.keys.append(draft.key)
        outcome = self.script.pop(0) if self.script else None
        if outcome is not None:
            raise outcome
        if draft.number not in self.numbers:
            raise e.NumberUnavailable("gone", status=409, maybe_applied=False)
        self.numbers.remove(draft.number)
        self.owned.append(draft.number)
        return self._own(draft.number)
        yield

    def _own(self, number):
        return OwnedNumber(provider=self.name, account=self.name, number=number)

    def find_purchase(self, attempt):
        return self._own(attempt.draft.number) if attempt.draft.number in self.owned else None
        yield

    def list(self, *, options=()):
        yield Emit([self._own(number) for number in self.owned])


class World:
    def __init__(self, *shops):
        self.clock = VirtualClock(1_000_000.0, chance=0.5)
        self.shops = shops
        database = SqliteDatabase(":memory:", clock=self.clock.time)
        weakref.finalize(self, database.close)
        schema.migrate(database)
        self.journal = Journal(database)
        self.told = []
        self.limits = []
        self.waits = []

    def order(self, request_id="r", **how):
        return self.run(
            provision(
                Order(**{"criteria": NEAR, **how}),
                self.shops,
                journal=self.journal,
                request_id=request_id,
                notify=self.told.append,
            )
        )

    @property
    def now(self):
        return self.clock.time()

    def run(self, exchange):
        return Unhurried(self).run(exchange)


class Unhurried(Script):
    """Script whose rate limits are those of the world, one after the other."""

    def __init__(self, world):
        super().__init__(clock=world.clock)
        self.world = world

    def perform(self, effect):
        if not isinstance(effect, AwaitRateLimit):
            return super().perform(effect)
        self.world.waits.append(effect.at_most)
        return self.world.limits.pop(0) if self.world.limits else None


def first_effects(exchange, count):
    """As if the process had died."""
    outcome = None
    for _ in range(count):
        try:
            outcome = yield exchange.send(outcome)
        except StopIteration:
            return
    exchange.close()
