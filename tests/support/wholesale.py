"""A scripted provider that sells several numbers with one request, and orders that it is to serve together."""

from __future__ import annotations

from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import ResolutionPolicy
from anycarrier.model import Offer
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Order
from anycarrier.purchase.batches import fulfill_batch
from anycarrier.purchase.context import make_context
from anycarrier.purchase.digest import digest
from anycarrier.purchase.journal.types import OrderRecord
from support.orders import NEAR, N, Shop

REPLAYS = ResolutionPolicy(
    replay=True, replay_for=72_000, settle=120, looks=2, refusals=frozenset({400, 401, 402, 502})
)


class Wholesale(Shop):
    """Sells many numbers with one request and replays its key for a day.

    Each entry of its script is about one request: an error that is raised, after the work if its ``done`` says so, or a
    set of numbers that fail.

    Attributes:
        requests: key and body of each request.
        lists: how often its list was read.
        looks: numbers that were looked for one by one.
    """

    rules = REPLAYS

    def most_at_once(self):
        return 5

    def __init__(self, *args, **how):
        super().__init__(*args, **how)
        self.requests = []
        self.lists = 0
        self.looks = []
        self.searches = 0
        self.answers = {}

    def search(self, query, *, options=()):
        self.searches += 1
        return (yield from super().search(query))[: query.limit]

    def draft_many(self, targets, *, key, options=()):
        numbers = [target.number if isinstance(target, Offer) else target for target in targets]
        drafts = []
        for target in targets:
            draft = yield from self.draft(target, key=key)
            drafts.append(evolve(draft, body=",".join(numbers).encode()))
        return drafts

    def draft(self, target, *, key, options=()):
        draft = yield from super().draft(target, key=key)
        price = target.price if isinstance(target, Offer) else self.price
        return evolve(draft, body=str(draft.number).encode(), price=price)

    def numbers_in(self, draft):
        return [PhoneNumber(one) for one in draft.body.decode().split(",")]

    def place(self, draft):
        outcome = (yield from self.place_many([draft]))[draft.number]
        if isinstance(outcome, e.AnyCarrierError):
            raise outcome
        return outcome

    def place_many(self, drafts):
        first = drafts[0]
        self.requests.append((first.key, first.body))
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception) and not getattr(step, "done", False):
            raise step
        if first.key not in self.answers:
            self.answers[first.key] = [self._sold(one, step) for one in self.numbers_in(first)]
        if isinstance(step, Exception):
            raise step
        sold = dict(self.answers[first.key])
        return {draft.number: sold[draft.number] for draft in drafts if draft.number in sold}
        yield

    def _sold(self, number, failing):
        if number not in self.numbers or number in (failing or ()):
            return number, e.NumberUnavailable("gone", status=201, maybe_applied=False)
        self.numbers.remove(number)
        self.owned.append(number)
        return number, self._own(number)

    def find_purchase(self, attempt):
        self.looks.append(attempt.draft.number)
        return (yield from super().find_purchase(attempt))

    def find_purchases(self, attempts):
        self.lists += 1
        wanted = {attempt.draft.number for attempt in attempts}
        return {number: self._own(number) for number in self.owned if number in wanted}
        yield


def lost(*, done=True):
    """The answer to a request that was carried out, or not, is lost."""
    error = e.TransportError("timeout", kind="timeout", maybe_applied=True)
    error.done = done
    return error


def refused(kind=e.InvalidRequest, status=400):
    return kind("no", status=status, maybe_applied=False)


def made(world, count, name="r", *, journal=None, **how):
    """Items of as many orders that are alike."""
    order = Order(**{"criteria": NEAR, **how})
    text = order.to_json([f"{shop.name}/{shop.name}" for shop in world.shops])
    ids = []
    for place in range(count):
        record = OrderRecord(id=f"{name}{place}", digest=digest(text), order=text, goal=order.goal)
        ids += (journal or world.journal).create(record, order.quantity, 86_400)[1]
    return ids


def batch(world, ids, deadline=600.0, **how):
    """The exchange that serves these items together."""
    context = make_context(world.shops, world.journal, notify=world.told.append)
    return fulfill_batch(context, ids, deadline, **how)


def states(world):
    """The states of all attempts, in the order in which they began."""
    return [entry.attempt.state.value for entry in world.journal.entries()]


__all__ = ["N", "Wholesale", "batch", "lost", "made", "refused", "states"]
