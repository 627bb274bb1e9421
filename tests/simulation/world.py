"""One schedule: workers, carriers, a journal and a clock, all decided by one seed or one plan.

Every effect of the protocol passes through :meth:`World._perform`. Before and after each of them a worker may be
killed, stopped for longer than its lease, or find that its clock was set. Nothing here reads a clock or draws a number
that the seed does not decide.
"""

from __future__ import annotations

import random
from functools import partial
from operator import attrgetter

from anycarrier.engine.session import _passed
from anycarrier.errors import AnyCarrierError, JournalError, RateLimited, TransportError
from anycarrier.exchange import (
    AwaitRateLimit,
    Call,
    Done,
    Exclusive,
    Failed,
    Moment,
    Now,
    Request,
    Response,
    Sleep,
    Together,
)
from anycarrier.model import Money
from anycarrier.purchase.batches import fulfill_batch
from anycarrier.purchase.circuit_breaker import CircuitBreaker
from anycarrier.purchase.context import make_context
from anycarrier.purchase.digest import digest
from anycarrier.purchase.journal.types import ItemState, JournalLost, OrderRecord
from anycarrier.purchase.order import Order
from anycarrier.purchase.provisioning import provision
from anycarrier.purchase.reconciliation import sweep
from anycarrier.purchase.recovery import recover
from anycarrier.purchase.resolution import OPEN
from anycarrier.purchase.shared_searches import _OF
from anycarrier.purchase.worker import fulfill_item
from simulation.carriers import (
    HOUR,
    LIES,
    LOST,
    MANY,
    POOL,
    READS,
    RULES,
    SETTINGS,
    UNSENT,
    WANTED,
    WRITES,
    Carriers,
    Ordered,
    Priced,
    Provider,
    Wholesale,
    ordered,
)
from simulation.judgement import judged
from simulation.memory import MemoryJournal
from simulation.plan import CRITERIA, ORDERS, START, Crash, Plan
from simulation.wording import short, told_of


class Worker:
    """A process: a stack of exchanges, and the time at which it goes on."""

    def __init__(self, name, at, exchange):
        self.name = name
        self.at = at
        self.stack = [(exchange, None)]
        self.outcome = None
        self.request = None
        self.steady = 0.0
        self.jump = 0.0

    def close(self):
        while self.stack:
            self.stack.pop()[0].close()


class World:
    def __init__(
        self,
        plan,
        accounts,
        *,
        workers=1,
        quantity=1,
        in_doubt="wait",
        cap=None,
        max_price=None,
        deadline=1e7,
        fulfilled_by="active",
        setup=None,
        prices=None,
        priced=False,
        many=False,
        rules=None,
        journal=None,
        menu=WRITES,
        told=False,
        **carriers,
    ):
        self.plan = plan
        self.now = START
        self.carriers = Carriers(plan.draw, **carriers)
        rules = rules or RULES
        self.many = many and "key" in accounts
        adapters = dict.fromkeys(accounts, Priced if priced else Provider)
        if self.many:
            adapters["key"] = Wholesale
        self.providers = [
            adapter(kind, rules[kind], (prices or {}).get(kind, "1.00")) for kind, adapter in adapters.items()
        ]
        for provider in self.providers:
            provider.rises = lambda: plan.rng is not None and plan.rng.random() < plan.rises
        self.order = Order(
            criteria=CRITERIA,
            quantity=quantity,
            in_doubt=in_doubt,
            deadline=deadline,
            fulfilled_by=fulfilled_by,
            setup=setup,
            valid_for=1e8,
            spend_cap=None if cap is None else Money(cap),
            max_price=None if max_price is None else Money(max_price),
        )
        self.cap = cap
        self.journal = journal(self) if journal else MemoryJournal(lambda: self.now + self.plan.ahead)
        _OF.pop(self.journal, None)
        self.menu = MANY if self.many and menu is WRITES else menu
        self.boundaries = 0
        self.crashed = 0
        self.http = 0
        self.named = 0
        self.told = told
        self.story = []
        self.denied = False
        self.hours = 0.0
        self.alone = workers == 1
        self.promises = []
        self.judged_set_ups = {}
        self.one_by_one = 0
        self.breaker = CircuitBreaker()
        self.workers = [self._started(f"worker {n + 1}", START + n * 0.01) for n in range(workers)]

    # -- running

    def run(self, most=50_000):
        """The whole schedule, and then peace until everything is decided; what is wrong with the outcome."""
        rounds = 0
        while self.workers:
            rounds += 1
            if rounds > most:
                return ["I5 LIVELOCK"]
            self._advance(min(self.workers, key=attrgetter("at")))
        self.hours = (self.now - START) / HOUR
        self.plan.calm()
        for _ in range(6):
            self.now += 2 * HOUR
            self.carriers.due(self.now)
            if not self._alone(recover(self.providers, journal=self.journal, deadline=1e7), most):
                return ["I5 LIVELOCK"]
            if not self.journal.request_ids(unfinished=True):
                break
        self.now += 2 * HOUR
        self.carriers.due(self.now)
        self._alone(sweep(self.providers, journal=self.journal), most)
        self.now += 80 * HOUR
        self._alone(sweep(self.providers, journal=self.journal), most)
        return judged(self)

    def _alone(self, exchange, most):
        worker = Worker("peace", self.now, exchange)
        self.workers = [worker]
        for _ in range(most):
            if not self.workers:
                return True
            self._advance(worker)
        return False

    def _started(self, name, at, restart=False):
        if restart and self.plan.rng is not None and self.plan.rng.random() < 0.5:
            exchange = recover(self.providers, journal=self.journal, deadline=600.0)
        elif self.many:
            exchange = self._together()
        else:
            exchange = provision(self.order, self.providers, journal=self.journal, request_id="r", breaker=self.breaker)
        worker = Worker(name, at, exchange)
        worker.steady = -0.37 * START
        return worker

    def _together(self):
        """Serve the items of the order together, and those that are left one by one, some times."""
        context = make_context(self.providers, self.journal, self.breaker)
        text = self.order.to_json([f"{one.name}/{one.name}" for one in self.providers])
        record = OrderRecord(id="r", digest=digest(text), order=text, goal=self.order.goal)
        create = partial(self.journal.create, record, self.order.quantity, self.order.valid_for)
        try:
            _, ids = yield from context.journaled(create, "create")
            for _ in range(3):
                for one in (yield from fulfill_batch(context, ids, self.order.deadline)):
                    yield from fulfill_item(context, one, self.order.deadline)
        except JournalError as error:
            error.maybe_applied = True  # as the callers of both say
            raise

    def _advance(self, worker):
        self.now = max(self.now, worker.at)
        if self.carriers.late:
            self.carriers.due(self.now)
        try:
            if worker.request is not None:
                self._arrive(worker)
            self._go_on(worker)
        except Crash as crash:
            self.crashed += 1
            # What is only cancelled lives on, and knows whose claims it gave up.
            self.journal.killed = crash.killed
            worker.close()
            self.journal.killed = True
            self.workers.remove(worker)
            if not crash.killed:
                self._note(worker, "cancelled")
                self.workers.append(self._started(worker.name, self.now + 0.1, restart=True))
                return
            wait = self.plan.downtime()
            self.plan.ahead = 0.0  # a clock that was ahead is set right
            self._note(worker, f"killed; back in {wait:.0f} s")
            alone = self.plan.rng is None or self.plan.rng.random() < 0.5
            if alone and not self.workers:
                # A journal in one file knows that no other process is left; one on a server waits for the lease.
                self.journal.release_all_claims()
            self.workers.append(self._started(worker.name, self.now + wait, restart=True))

    def _go_on(self, worker):
        """Drive until time has to pass."""
        while True:
            exchange, group = worker.stack[-1]
            try:
                effect = exchange.send(worker.outcome)
            except StopIteration as stop:
                ended = Done(stop.value)
            except Exception as error:  # noqa: BLE001 - as a driver does
                ended = Failed(error)
            else:
                worker.outcome = None
                if self._perform(worker, effect):
                    continue
                return
            worker.stack.pop()
            if group is None:
                self._finished(worker, ended)
                return
            if group == "alone":
                worker.outcome = ended
                continue
            self._next(worker, group, ended)

    def _next(self, worker, group, ended=None):
        """Together: one after the other is one of the orders that it allows."""
        waiting, done = group
        if ended is not None:
            done.append(ended)
        if waiting:
            worker.stack.append((waiting.pop(0), group))
            worker.outcome = None
        else:
            worker.outcome = done

    def _finished(self, worker, ended):
        self.workers.remove(worker)
        if isinstance(ended, Failed) and isinstance(ended.error, JournalError) and self.plan.journal:
            self._note(worker, f"the journal failed: {ended.error}")
            # Where others work too, one of them may have begun something since the journal was asked.
            self.denied |= self.alone and not ended.error.maybe_applied and bool(self.journal.entries())
            self.crashed += 1
            if self.crashed > 20:
                self.plan.journal = 0.0
            self.workers.append(self._started(worker.name, self.now + self.plan.downtime(), restart=True))
            return
        if worker.name == "peace":
            if isinstance(ended, Failed):
                raise ended.error
            return
        if isinstance(ended, Failed) and not isinstance(ended.error, AnyCarrierError):
            raise ended.error
        self._note(worker, f"ended: {ended}")
        purchase = ended.value if isinstance(ended, Done) else getattr(ended.error, "purchase", None)
        if getattr(purchase, "items", None) and hasattr(purchase, "request_id"):
            self.promises.append(purchase)

    def _perform(self, worker, effect):
        """Begin an effect; whether the worker goes on at once."""
        plan = self.plan
        match effect:
            case Now():
                moment = self.now + worker.steady
                worker.outcome = Moment(moment, self.now + worker.jump, 0.5)
                return True
            case Call():
                self._boundary(worker, f"before {effect.label}")
                if worker.at > self.now:
                    # It was stopped: the call itself comes later.
                    worker.request = effect
                    return False
                return self._called(worker, effect)
            case Request():
                self._boundary(worker, f"before {effect.operation}")
                worker.request = effect
                worker.at = max(worker.at, self.now) + 0.05
                return False
            case AwaitRateLimit() if plan.rng is not None and plan.full and plan.rng.random() < plan.full:
                wait = plan.rng.choice((30.0, HOUR, 3 * HOUR))
                worker.outcome = RateLimited("no place in the account's rate limit", retry_after=wait)
                return True
            case Sleep():
                worker.at = self.now + max(effect.seconds, 0.001)
                return False
            case Exclusive():
                # A worker does one thing after the other, so nothing of it can run meanwhile.
                worker.stack.append((effect.exchange, "alone"))
                return True
            case Together():
                waiting = list(effect.exchanges)
                self._next(worker, (waiting, []))
                return True
        raise AssertionError(effect)

    def _called(self, worker, effect):
        if effect.label in ("key", "owner"):
            self.named += 1
            worker.outcome = Done(f"{effect.label}{self.named}")
            return True
        fails = self._journal_fails()
        try:
            if fails == "full":
                raise JournalError("the disk is full")
            if fails == "lost before":
                raise JournalLost("before it was committed")
            worker.outcome = Done(effect.function())
            if effect.label == "end set-up":
                self._served()
            if fails == "lost after":
                raise JournalLost("after it was committed")
        except Exception as error:  # noqa: BLE001 - as a driver does
            worker.outcome = Failed(error)
        if self.told:
            self._note(worker, f"{effect.label}: {short(worker.outcome)}")
        self._boundary(worker, f"after {effect.label}")
        return worker.at <= self.now

    def _served(self):
        """Note the items that were just called set up and are not."""
        for item in self.journal.items.values() if isinstance(self.journal, MemoryJournal) else ():
            if item.state is ItemState.SET_UP and item.id not in self.judged_set_ups:
                draft = next(
                    one for one in self.journal.load(item.id).entries if one.id == item.attempt_id
                ).attempt.draft
                self.judged_set_ups[item.id] = self.carriers.serves(draft.provider, draft.number, self.now)

    def _journal_fails(self):
        plan = self.plan
        if plan.rng is None or not plan.journal or plan.rng.random() >= plan.journal:
            return None
        return plan.rng.choice(("full", "lost before", "lost after"))

    def _arrive(self, worker):
        """Carry out the request or the call that the worker waits for."""
        effect, worker.request = worker.request, None
        if isinstance(effect, Call):
            self._called(worker, effect)
            return
        self.http += 1
        kind = effect.account
        if effect.not_after is not None and _passed(
            effect.not_after, Moment(self.now + worker.steady, self.now + worker.jump, 0.5)
        ):
            worker.outcome = TransportError("too late", kind="deadline", maybe_applied=False)
            self._note(worker, f"{kind}: too late to send")
            return
        said, takes = self._answer(effect, kind)
        if self.told:
            self._note(worker, f"{kind} {effect.operation} {dict(effect.headers)}: {short(said)}")
        if said is LOST:
            worker.outcome = TransportError("timeout", kind="timeout", maybe_applied=effect.purpose != "read")
        elif said is UNSENT:
            worker.outcome = TransportError("refused", kind="connect", maybe_applied=False)
        else:
            worker.outcome = Response(said[0], self._shown(effect, said), said[1])
        self.now += takes
        worker.at = self.now
        self.carriers.due(self.now)
        self._boundary(worker, f"after {effect.operation}")

    def _shown(self, effect, said):
        if isinstance(said[1], Ordered):
            return {"states": {one: self.carriers.state(effect.account, one, self.now) for one in said[1].got}}
        number = said[1] if effect.operation == "buy" else effect.path_values.get("number")
        return {"state": self.carriers.state(effect.account, number, self.now)}

    def _answer(self, effect, kind):
        if effect.operation == "buy":
            fault = self.plan.pick(self.plan.writes, self.menu)
            if self.told:
                self.story.append(f"{'':>28}{kind}: fault {fault}")
            if fault == "refused_conn":
                return UNSENT, 0.05
            key = effect.headers["key"]
            if self.many and kind == "key":
                return self.carriers.buy_many(kind, ordered(effect.body), key, effect.body, fault, self.now)
            number = next(one for one in POOL[kind] if effect.body.startswith(str(one).encode()))
            return self.carriers.buy(kind, number, key, effect.body, fault, self.now)
        if effect.operation == "price":
            self.http -= 1  # a real one is read once for many orders
            rng = self.plan.rng
            fails = rng is not None and rng.random() < self.plan.unread
            return self.carriers.price(kind, self.now, fails), 0.05
        if effect.operation in ("texts", "campaign"):
            fault = self.plan.pick(self.plan.settings, SETTINGS)
            if fault == "refused_conn":
                return UNSENT, 0.05
            number, value = effect.path_values["number"], effect.body.decode()
            return self.carriers.setting(kind, number, effect.operation, value, fault, self.now)
        return self._read(effect, kind)

    def _read(self, effect, kind):
        fault = self.plan.pick(self.plan.reads, READS)
        if fault == "lost":
            return LOST, 10.0
        if fault == "fail":
            return (503, ""), 0.05
        if self.plan.strangers and self.plan.rng.random() < self.plan.strangers:
            self.carriers.taken_by_a_stranger(kind, self.now)
            self._note(None, f"a stranger buys at {kind}")
        if effect.operation == "search":
            return ((404, ""), 0.05) if fault == "wrong404" else ((200, self.carriers.search(kind)), 0.05)
        if fault == "wrong404":
            return (404, "html"), 0.05
        if fault == "short":
            return (200, "short"), 0.05
        if effect.operation == "list":
            wanted = effect.path_values["numbers"]
            here = [one for one in wanted if self.carriers.found(kind, one, self.now)]
            return (200, {one: self.carriers.state(kind, one, self.now) for one in here}), 0.05
        number = effect.path_values["number"]
        if effect.operation == "look":
            self._note_lonely_look(number)
        if effect.operation in ("get", "binding"):
            return self._state_of(effect.operation, kind, number), 0.05
        found = self.carriers.found(kind, number, self.now)
        return ((200, "") if found else (404, "envelope")), 0.05

    def _note_lonely_look(self, number):
        """Count the looks for one number of an order of several whose outcome is not known, all of them being free."""
        entries = self.journal.entries()
        of = [one for one in entries if one.attempt.draft.number == number]
        its = next((one for one in of if one.attempt.state in OPEN), None)
        if its is not None and not any(one.watched for one in of):  # a sweep looks for those
            alike = [one for one in entries if _is_alike(one, its) and self.journal.load(one.item_id).item.claimable]
            self.one_by_one += len(alike) > 1

    def _state_of(self, operation, kind, number):
        if not self.carriers.owned(kind, number, self.now):
            return 404, "envelope"
        if operation == "binding":
            return 200, self.carriers.binding(kind, number, self.now)
        return 200, self.carriers.texts.get((kind, number), "")

    def _boundary(self, worker, name):
        """A place at which a process may die, or stand still."""
        plan = self.plan
        self.boundaries += 1
        if self.boundaries in plan.crashes:
            raise Crash(name)
        rng = plan.rng
        if rng is None:
            return
        if plan.crash and self.crashed < 20 and rng.random() < plan.crash:
            raise Crash(name, killed=rng.random() < 0.8)
        if plan.stop and rng.random() < plan.stop:
            still = rng.choice((20.0, 70.0, 400.0, 2000.0))
            worker.at = self.now + still
            if not plan.clock and rng.random() < 0.3:
                worker.steady -= still  # a machine that was suspended: its steady clock stood still
            self._note(worker, f"stands still for {still:.0f} s {name}")
        if plan.clock and rng.random() < plan.clock:
            worker.jump += rng.choice((-HOUR, HOUR))

    def _note(self, worker, text):
        if self.told:
            self.story.append(f"{self.now - START:12.2f} s  {worker.name + ': ' if worker else ''}{text}")


def _is_alike(one, other):
    mine, its = one.attempt, other.attempt
    same = (mine.draft.key, mine.draft.body, mine.no_replay, mine.next_at)
    return mine.state in OPEN and same == (its.draft.key, its.draft.body, its.no_replay, its.next_at)


def random_world(seed, *, told=False, journal=None, weather=None, accounts=None, **changes):
    """The world of a seed: from calm to chaos, one to three workers, every kind of carrier; *weather* is other odds."""
    rng = random.Random(seed)
    odds = {
        "faults": rng.choice((0.2, 0.5, 0.9)),
        "crash": rng.choice((0, 0, 0.02, 0.1, 0.25)),
        "stop": rng.choice((0, 0, 0.05)),
        "clock": rng.choice((0, 0.1, 0.3)),
        "journal": rng.choice((0, 0, 0, 0.05)),
        "strangers": rng.choice((0, 0, 0, 0.1)),
        "rises": rng.choice((0, 0, 0.3)),
        "ahead": rng.choice((0.0, 0.0, 0.0, HOUR, 365 * 24 * HOUR)),
    }
    passing = random.Random(-seed)  # one of its own, so that no other draw is moved
    odds["unread"], odds["full"] = passing.choice((0.0, 0.0, 0.2)), passing.choice((0.0, 0.0, 0.3))
    plan = Plan(rng, **{**odds, **(weather or {})})
    how = {
        "fingerprint": rng.choice(("replay", "reject", "ignored")),
        "cache": rng.choice(("errors", "success", "conflict")),
        "exclusive": rng.random() < 0.5,
        "workers": rng.choice((1, 1, 1, 2, 3)),
        "quantity": rng.choice((1, 1, 1, 1, 2, 3)),
        "scarce": rng.random() < 0.5,
        "deadline": rng.choice((60.0, 600.0, 1e6)),
        "in_doubt": rng.choice(("wait", "wait", "wait", "hold")),
        "cap": rng.choice((None, None, None, "1.50")),
        "max_price": rng.choice((None, None, "2.00")),
        "pends": rng.choice((0.0, 0.0, 0.0, 0.5, 1.0)),
        "fulfilled_by": rng.choice(("active", "active", "active", "placed")),
        "priced": odds["unread"] > 0,
    }
    if how["fulfilled_by"] == "active":
        how["setup"] = passing.choice((None, None, WANTED))
    if rng.random() < 0.5:
        # A swarm of few kinds meets sequences that a fair mix of all would almost never show.
        how["menu"] = rng.sample(WRITES + LIES, rng.randint(2, 4))
    drawn = rng.choice(ORDERS)
    accounts = accounts or drawn
    several = random.Random(seed + 0.5)
    if "key" in accounts and several.random() < 0.12:
        how["many"], how["quantity"], how["priced"] = True, several.choice((2, 2, 3, 4, 6)), False
        how["setup"] = how.get("setup")
        if "menu" in how:
            how["menu"] = several.sample(MANY + LIES, several.randint(2, 4))
    return World(plan, accounts, told=told, journal=journal, **{**how, **changes})


def story(seed, **changes):
    """The schedule of a seed in lines for people."""
    world = random_world(seed, told=True, **changes)
    bad = world.run()
    kept = [f"{'':>14}journal: {entry.item_id} {told_of(entry)}" for entry in world.journal.entries()]
    ledger = [f"{'':>14}charged: {kind} {number}" for kind, number in world.carriers.ledger]
    head = f"seed {seed}: {', '.join(bad) or 'nothing is wrong'} ({[one.name for one in world.providers]})"
    return "\n".join([head, *world.story, *kept, *ledger])
