"""Orders, and what is decided about them: pure values in, values out; and whole orders over scripted providers."""

from __future__ import annotations

import copy
import weakref
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from types import SimpleNamespace

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.exchange import AwaitRateLimit, Emit
from anycarrier.failover import Failover
from anycarrier.features import Can, Cannot
from anycarrier.model import Feature, Line, Money, Offer, OwnedNumber, Receipt
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import AttemptState, Draft, ResolutionPolicy
from anycarrier.purchase import ItemState, Order, provision, purchase_of, quotes, reconcile, recover, resume, sweep
from anycarrier.purchase.context import make_context
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AlreadyClaimed, AttemptRecord, ItemRecord, OrderRecord, Snapshot
from anycarrier.purchase.order import digest, from_json
from anycarrier.purchase.plan import Adopt, Attend, Pause, Place, Stop, Stuck, Try, next_step
from anycarrier.purchase.provisioning import _helped
from anycarrier.purchase.resolution import Action, Do, Instant, Verdict, begun, classify, decide, resent
from anycarrier.purchase.sending import found_by
from anycarrier.search import Search
from anycarrier.testing import Script, VirtualClock

N = [PhoneNumber(f"+120155501{n:02}") for n in range(60)]
RULES = ResolutionPolicy(refusals=frozenset({400, 401, 402}))
NEAR = Search(area_code="201")


# -- what an answer proves


def no(kind, status=None, **more):
    return kind("x", status=status, **{"maybe_applied": False, **more})


@pytest.mark.parametrize(
    ("error", "first", "again"),
    [
        (None, Verdict.CONFIRMED, Verdict.CONFIRMED),
        (e.TransportError("x", maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (e.TransportError("x"), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.TransportError), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.RateLimited, 429), Verdict.THROTTLED, Verdict.IN_DOUBT),
        (no(e.InvalidRequest, 429), Verdict.THROTTLED, Verdict.IN_DOUBT),
        (e.RateLimited("x", status=429), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.NumberUnavailable, 409), Verdict.TAKEN, Verdict.TAKEN),
        (no(e.NotFound, 404), Verdict.TAKEN, Verdict.TAKEN),
        (no(e.Conflict, 409), Verdict.TAKEN, Verdict.TAKEN),
        (e.NumberUnavailable("x", status=409), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.InvalidRequest, 400), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (e.InvalidRequest("x", status=400), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.AuthenticationFailed), Verdict.IN_DOUBT, Verdict.REFUSED_AGAIN),
        (no(e.InsufficientFunds, 402), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (no(e.PermissionDenied, 403), Verdict.IN_DOUBT, Verdict.REFUSED_AGAIN),
        (no(e.InvalidRequest, 422), Verdict.IN_DOUBT, Verdict.REFUSED_AGAIN),
        (no(e.InvalidRequest, 400, maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.ProviderDown, 503, maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (no(e.UnexpectedResponse, 201, maybe_applied=True), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
        (KeyError("x"), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
    ],
)
def test_verdicts(error, first, again):
    assert classify(error, RULES, first_send=True, left=True) is first
    assert classify(error, RULES, first_send=False, left=True) is again


@pytest.mark.parametrize(
    ("error", "first", "again"),
    [
        (no(e.TransportError), Verdict.NOT_SENT, Verdict.IN_DOUBT),
        (no(e.RateLimited), Verdict.NOT_SENT, Verdict.IN_DOUBT),
        (no(e.ProviderDown, 503), Verdict.NOT_SENT, Verdict.IN_DOUBT),
        (e.AuthenticationFailed("x"), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (e.InvalidInput("x"), Verdict.REJECTED, Verdict.REFUSED_AGAIN),
        (KeyError("x"), Verdict.IN_DOUBT, Verdict.IN_DOUBT),
    ],
)
def test_verdicts_where_no_request_left(error, first, again):
    assert classify(error, RULES, first_send=True, left=False) is first
    assert classify(error, RULES, first_send=False, left=False) is again


# -- what to do next


def draft(number=N[0], account="a", key="k"):
    return Draft(provider=account, account=account, number=number, key=key, body=b"{}")


def entry(state=AttemptState.SENT, number=N[0], account="a", seq=1, **more):
    attempt = evolve(begun(draft(number, account), RULES, Instant(100, 100)), state=state, **more)
    return AttemptRecord(id=seq, item_id="r#1", seq=seq, attempt=attempt)


def snapshot(*entries, state=ItemState.OPEN, passed=None):
    item = ItemRecord(id="r#1", request_id="r", position=1, state=state, passed=passed or {})
    request = OrderRecord(id="r", digest="", order="", created=0, valid_until=1000)
    return Snapshot(request=request, item=item, entries=entries, now=200)


PLACES = [Place("a", "a", RULES), Place("b", "b", RULES)]
NOW = Instant(200, 200)
S = AttemptState


@pytest.mark.parametrize(
    ("given", "step"),
    [
        (snapshot(), Try(("a", "b"))),
        (snapshot(passed={"a": "no"}), Try(("b",))),
        (snapshot(passed={"a": "no", "b": "no"}), Stop("every account was tried or passed over")),
        (snapshot(entry(S.REJECTED)), Try(("a", "b"))),
        (snapshot(*[entry(S.REJECTED, N[n], seq=n) for n in range(4)]), Try(("b",))),
        (snapshot(entry(S.NOT_SENT, next_at=300)), Pause(300)),
        (snapshot(entry(S.NOT_SENT, next_at=150)), Try(("a", "b"))),
        (snapshot(entry(S.IN_DOUBT)), Attend(entry(S.IN_DOUBT), Action(Do.LOOK), RULES)),
        (snapshot(entry(S.SENT)), Attend(entry(S.SENT), Action(Do.LOOK), RULES)),
        (snapshot(entry(S.ORPHAN), entry(S.REJECTED, seq=2)), Adopt(entry(S.ORPHAN))),
    ],
)
def test_next_steps(given, step):
    assert next_step(given, PLACES, NOW) == step


def test_an_attempt_in_doubt_elsewhere_is_neither_given_up_nor_passed_over():
    assert isinstance(next_step(snapshot(entry(S.IN_DOUBT, account="z")), PLACES, NOW), Stuck)


def test_breakers_hold_back_only_what_is_new():
    blocked = {"a": 250.0, "b": 240.0}
    assert next_step(snapshot(), PLACES, NOW, blocked=blocked) == Pause(240.0)
    assert isinstance(next_step(snapshot(entry(S.IN_DOUBT)), PLACES, NOW, blocked=blocked), Attend)


def test_an_order_whose_time_is_over_begins_nothing_but_resolves():
    late = Instant(2000, 2000)
    assert isinstance(next_step(snapshot(), PLACES, late), Stop)
    assert isinstance(next_step(snapshot(entry(S.IN_DOUBT)), PLACES, late), Attend)


def test_the_same_number_once_more_only_where_that_is_harmless():
    exclusive = [Place("a", "a", evolve(RULES, same_number_once=True))]
    first = entry(S.REFUTED)
    assert next_step(snapshot(first), exclusive, NOW) == Try(("a",), again=first)
    assert next_step(snapshot(first, entry(S.REFUTED, seq=2)), exclusive, NOW) == Try(("a",))
    assert next_step(snapshot(first), PLACES, NOW) == Try(("a", "b"))


def test_a_number_that_others_pursue_by_now_is_left_to_them():
    a = Shop("a", N[:1], place=[e.TransportError("lost", maybe_applied=True)])
    a.rules = evolve(RULES, same_number_once=True)
    b = Shop("b", N[5:6])
    world = World(a, b)
    journal = world.journal
    record = journal.record

    def recorded(entry, owner, attempt, passed=None):
        kept = record(entry, owner, attempt, passed)
        if attempt.state is AttemptState.REFUTED:
            journal.create(OrderRecord(id="other", digest="", order="{}"), 1, 100.0)
            journal.claim("other#1", "you")
            journal.begin("other#1", "you", evolve(attempt, state=AttemptState.SENT))
        return kept

    journal.record = recorded
    assert world.order().bought[0].provider == "b"


def test_a_named_number_is_asked_for_once_at_each_account():
    assert next_step(snapshot(entry(S.REJECTED)), PLACES, NOW, named=True) == Try(("b",))
    assert next_step(snapshot(entry(S.NOT_SENT)), PLACES, NOW, named=True) == Try(("a", "b"))


def test_replays_stop_by_the_latest_clock_and_windows_end_by_the_earliest():
    rules = evolve(RULES, replay=True, replay_for=100.0)
    attempt = evolve(entry(S.IN_DOUBT).attempt, next_at=0.0)
    assert decide(attempt, rules, Instant(150, 199)).do is Do.REPLAY
    assert decide(attempt, rules, Instant(150, 3800)).do is Do.LOOK
    assert decide(evolve(attempt, next_at=160), rules, Instant(150, 3800)) == Action(Do.WAIT, 160)
    assert resent(evolve(attempt, absent=2), rules, NOW).absent == 0


# -- orders as values


def test_orders_come_back_from_the_journal_as_they_were():
    order = Order(
        criteria=Search(area_code="201", features=[Feature.SMS], line=Line.LOCAL, max_price=Money("2.50")),
        features=["voice"],
        capabilities=["route.forward"],
        max_price=Money("3"),
        spend_cap=Money("9.99", "EUR"),
        quantity=2,
        prefer="cheapest",
        in_doubt="hold",
    )
    text = order.to_json(["a/x", "b/y"])
    assert from_json(text) == (order, ("a/x", "b/y"))
    named = Order(number="+12015550123")
    assert from_json(named.to_json([]))[0] == named


def test_an_order_with_a_filter_of_a_later_release_is_refused():
    text = Order(criteria=Search(area_code="201")).to_json([])
    assert from_json(text.replace('"city":null', '"color":null'))[0].criteria == Search(area_code="201")
    with pytest.raises(e.JournalError, match="filters that this release does not know: color"):
        from_json(text.replace('"city":null', '"color":"red"'))


def test_how_long_the_caller_waits_is_not_part_of_the_order():
    order = Order(criteria=NEAR)
    assert digest(order.to_json(["a"])) == digest(evolve(order, deadline=5).to_json(["a"]))
    assert digest(order.to_json(["a"])) != digest(evolve(order, quantity=2).to_json(["a"]))
    assert digest(order.to_json(["a"])) != digest(order.to_json(["b"]))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"criteria": NEAR, "number": "+12015550123"},
        {"criteria": NEAR, "quantity": 0},
        {"number": "+12015550123", "quantity": 2},
        {"criteria": NEAR, "capabilities": ["fly"]},
        {"criteria": NEAR, "prefer": "luck"},
        {"criteria": NEAR, "deadline": 0},
        {"criteria": NEAR, "in_doubt": "?"},
    ],
)
def test_what_cannot_be_ordered(wrong):
    with pytest.raises(e.InvalidInput):
        Order(**wrong)


# -- whole orders


class Shop:
    """A provider that sells what it has, or answers as it is told."""

    title = "shop"
    rules = RULES

    def __init__(self, name, numbers=(), price="1.00", features=(), place=(), search=None, supports=None):
        self.name = name
        self.accounts = (SimpleNamespace(id=name),)
        self.supports = {"search": Can(), "buy": Can(), "list": Can(), **(supports or {})}
        self.numbers = list(numbers)
        self.price = None if price is None else Money(price)
        self.features = dict.fromkeys(features, True)
        self.script = list(place)
        self.fails = search
        self.owned = []
        self.keys = []

    def search(self, query, *, options=()):
        if self.fails is not None:
            raise copy.copy(self.fails)
        return [
            Offer(provider=self.name, account=self.name, number=number, price=self.price, features=self.features)
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


def test_an_order_is_filled_by_the_first_that_can():
    a, b = Shop("a", N[:3]), Shop("b", N[3:6])
    world = World(a, b)
    done = world.order()
    assert done.numbers == (N[0],)
    assert done.bought[0].owned.provider == "a"
    assert done.complete
    assert not done.open
    assert [one.kind for one in world.told] == ["search", "begin", "confirmed"]


def test_the_same_request_returns_the_same_purchase():
    a = Shop("a", N[:3])
    world = World(a)
    first, again = world.order(), world.order(deadline=5)
    assert again == first
    assert purchase_of("r", world.journal) == first
    assert purchase_of("s", world.journal) is None
    assert a.owned == [N[0]]
    with pytest.raises(e.InvalidInput, match="a different order"):
        world.order(quantity=2)
    with pytest.raises(e.InvalidInput, match="no request"):
        world.run(resume("s", world.shops, journal=world.journal))
    assert world.run(resume("r", world.shops, journal=world.journal)) == first


def test_several_numbers_are_several_purchases():
    a = Shop("a", N[:5])
    done = World(a).order(quantity=3)
    assert len(set(done.numbers)) == 3
    assert len(set(a.keys)) == 3


def test_a_refusal_moves_on_with_a_new_key_and_a_lost_answer_does_not():
    a = Shop("a", N[:3], place=[e.InvalidRequest("no", status=400, maybe_applied=False)])
    assert World(a).order().numbers == (N[1],)
    assert len(set(a.keys)) == 2
    a = Shop("a", N[:3], place=[e.TransportError("lost", maybe_applied=True)])
    b = Shop("b", N[3:6])
    world = World(a, b)
    began = world.now
    assert world.order().bought[0].provider == "a"
    assert world.now - began > 300
    assert a.owned == [N[1]]


@pytest.mark.parametrize(
    "error",
    [
        e.AuthenticationFailed("no", status=401, maybe_applied=False),
        e.InsufficientFunds("no", status=402, maybe_applied=False),
    ],
)
def test_an_account_that_is_refused_as_such_is_passed_over(error):
    a, b = Shop("a", N[:3], place=[error]), Shop("b", N[3:6])
    done = World(a, b).order()
    assert done.bought[0].provider == "b"
    assert type(error).__name__ in done.items[0].reasons["a"]
    assert len(a.keys) == 1


def test_what_an_offer_or_a_provider_lacks_is_said():
    sms = ("sms",)
    a = Shop("a", N[:2], features=())
    b = Shop("b", N[2:4], features=sms, price="5.00")
    c = Shop("c", N[4:6], features=sms, price=None)
    d = Shop("d", N[6:8], features=sms, supports={"route.forward": Cannot("no API for it")})
    f = Shop("f", N[8:9], features=sms, supports={"route.forward": Can()})
    g = Shop("g", search=e.Unsupported("g", "search.area_code", "no such filter"))
    for one in (a, b, c, g):
        one.supports["route.forward"] = Can()
    how = {"features": sms, "capabilities": ["route.forward"], "max_price": Money("3")}
    done = World(a, b, c, d, g, f).order(**how)
    assert done.bought[0].provider == "f"
    reasons = done.items[0].reasons
    assert reasons["a"] == "does not say whether it has sms"
    assert reasons["b"] == "costs 5.00 USD a month, more than 3"
    assert reasons["c"] == "the price is not known"
    assert reasons["d"] == "cannot route calls to another number: no API for it"
    assert "no such filter" in reasons["g"]
    quote = World().run(quotes(Order(criteria=NEAR, **how), [a, b, c, d, g, Shop("f", N[:1], features=sms)]))
    assert not quote.choices
    assert set(quote.passed) == {"a", "b", "c", "d", "g", "f"}


def test_the_cheapest_comes_first_when_asked():
    shops = Shop("a", N[:2], "2.00"), Shop("b", N[2:4], "1.50"), Shop("c", N[4:6], None)
    done = World(*shops).order(prefer="cheapest")
    assert done.bought[0].price == Money(Decimal("1.50"))
    quote = World().run(quotes(Order(criteria=NEAR, prefer="cheapest", quantity=2), shops))
    assert [choice.provider for choice in quote.choices] == ["b", "a"]


def test_prices_of_another_currency_are_not_compared():
    for how, bought in (({}, "a"), ({"max_price": Money("5")}, "c"), ({"spend_cap": Money("5")}, "c")):
        shops = Shop("a", N[:1]), Shop("b", N[1:2]), Shop("c", N[2:3])
        for shop, price in zip(shops, (Money("2", "EUR"), Money("1", "GBP"), Money("3")), strict=True):
            shop.price = price
        world = World(*shops)
        quote = world.run(quotes(Order(criteria=NEAR, prefer="cheapest", **how), shops))
        assert [one.account for one in quote.choices] == [bought]
        assert "GBP" in quote.passed["b"]
        done = world.order(prefer="cheapest", **how)
        assert done.bought[0].provider == bought
        assert "GBP" in done.items[0].reasons["b"]
    none, usd = Shop("a", N[:1]), Shop("b", N[1:2])
    none.price, usd.price = None, Money("1")
    assert World(none, usd).order(prefer="cheapest").bought[0].provider == "b"


def test_a_cap_holds_for_the_price_of_the_purchase_and_not_of_the_search():
    a, b = Shop("a", N[:2]), Shop("b", N[2:3])
    a.price, b.price = Money("1"), Money("2")
    drafted = a.draft
    dearer = {N[0]: Money("9"), N[1]: Money("2")}

    def draft(target, **how):
        made = yield from drafted(target, **how)
        return evolve(made, price=dearer[made.number])

    a.draft = draft
    done = World(a, b).order(max_price=Money("2"))
    assert (done.numbers, done.bought[0].price) == ((N[1],), Money("2"))
    dearer[N[1]] = Money("9")
    a.numbers, a.owned = list(N[:2]), []
    world = World(a, b)
    done = world.order(max_price=Money("2"))
    assert done.numbers == (N[2],)
    assert a.owned == []
    assert "costs 9" in done.items[0].reasons["a"]


def test_what_was_charged_beyond_the_price_is_told_and_counts(caplog):
    a = Shop("a", N[:5])
    a.price = Money("1")
    own = a._own
    a._own = lambda number: evolve(own(number), receipt=Receipt(charged=Money("5"), others=("+12015550199",)))
    world = World(a)
    done = world.order(spend_cap=Money("5"), quantity=1)
    assert done.bought[0].price == Money("5")
    assert "was charged 5 USD, and its price was 1 USD" in done.items[0].reason
    assert "were not ordered" in done.items[0].reason
    assert purchase_of("r", world.journal).bought[0].price == Money("5")
    assert [one.text for one in world.told if one.kind == "confirmed"] == [done.items[0].reason]
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "charged 5 USD" in record.getMessage()
    for charged in (Money("1"), Money("0.5"), None):
        caplog.clear()
        a._own = lambda number, charged=charged: evolve(own(number), receipt=Receipt(charged=charged))
        done = World(Shop("b", []), a).order()
        assert not done.items[0].reason
        assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_exhaustion_says_why():
    a = Shop("a", search=e.ProviderDown("down", status=503))
    b = Shop("b", [])
    world = World(a, b)
    began = world.now
    with pytest.raises(e.OrderExhausted) as caught:
        world.order(deadline=120)
    assert caught.value.reasons["b"] == "nothing matches"
    assert "down" in caught.value.reasons[""]
    assert caught.value.safe_elsewhere
    assert 60 < world.now - began <= 130
    assert caught.value.purchase.items[0].state is ItemState.EXHAUSTED
    with pytest.raises(e.OrderExhausted):
        world.order()


def test_the_spending_cap_ends_an_order():
    a = Shop("a", N[:5], "1.00")
    world = World(a)
    with pytest.raises(e.SpendLimitExceeded, match="2 of 3 bought") as caught:
        world.order(quantity=3, spend_cap=Money("2.50"))
    assert len(caught.value.purchase.numbers) == 2
    assert len(a.owned) == 2


def test_a_rate_limit_is_waited_for_before_anything_is_written_down():
    a = Shop("a", N[:3], place=[e.TransportError("lost", maybe_applied=True)])
    a.rules = evolve(RULES, replay=True, replay_for=1000.0)
    world = World(a)
    limited = e.RateLimited("wait", retry_after=30.0)
    world.limits = [limited, None, limited, limited]
    began = world.now
    done = world.order()
    assert done.numbers == (N[0],)
    assert len(world.journal.entries()) == 1
    assert world.now - began > 90
    assert len(set(a.keys)) == 1
    assert all(0 < most < world.journal.lease for most in world.waits if most is not None)
    assert world.waits[0] == world.journal.lease / 2  # before it is written down: the intent must be ours until then


def test_only_the_accounts_of_the_order_are_used():
    a, b = Shop("a", search=e.ProviderDown("down")), Shop("b", N[3:6])
    world = World(a, b)

    def go_on(*shops, **how):
        return world.run(resume("r", shops, journal=world.journal, **how))

    order = Order(criteria=NEAR)
    world.run(_first_effects(provision(order, [a], journal=world.journal, request_id="r"), 2))
    with pytest.raises(e.OutcomeUnknown, match="missing in this client"):
        go_on(b, deadline=30)
    assert not b.owned
    a.fails, a.numbers = None, [N[0]]
    assert go_on(b, a).bought[0].provider == "a"


def _first_effects(exchange, count):
    """As if the process had died."""
    outcome = None
    for _ in range(count):
        outcome = yield exchange.send(outcome)
    exchange.close()


def test_one_named_number_through_a_journal():
    a, b = Shop("a", N[:2]), Shop("b", N[2:4])
    world = World(a, b)
    failover = Failover([a, b], journal=world.journal)
    began = world.now
    assert world.run(failover.buy(N[3], key="mine")).provider == "b"
    assert world.now - began < 25
    assert world.run(failover.buy(N[3], key="mine")).number == N[3]
    assert b.owned == [N[3]]
    offer = Offer(provider="a", account="a", number=N[0])
    assert world.run(failover.buy(offer)).provider == "a"
    with pytest.raises(e.OrderExhausted):
        world.run(failover.buy(N[50], deadline=90))
    with pytest.raises(e.InvalidInput, match="does not have"):
        world.run(failover.buy(evolve(offer, account="x")))


def test_reconciling_finds_what_differs():
    a = Shop("a", N[:5])
    b = Shop("b", N[5:7])
    world = World(a, b)
    done = world.order(quantity=2)
    a.owned.append(N[40])
    a.owned.remove(done.numbers[1])
    b.list = lambda: (_ for _ in ()).throw(e.ProviderDown("down"))
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert [one.number for one in audit.unknown] == [N[40]]
    assert [one.number for one in audit.missing] == [done.numbers[1]]
    assert set(audit.failed) == {"b"}
    assert audit.counted == {"a": 2}


def test_reconciling_adopts_what_had_been_given_up():
    a = Shop("a", N[:1], place=[e.TransportError("lost", maybe_applied=True)] * 9)
    world = World(a)
    with pytest.raises(e.OrderExhausted):
        world.order(deadline=2000)
    a.owned.append(N[0])
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert [one.number for one in audit.late] == [N[0]]
    assert purchase_of("r", world.journal).numbers == (N[0],)


# -- what came to nothing and is there all the same


def test_what_was_refused_and_is_there_is_told_as_an_orphan_when_the_order_has_another_number():
    a, b = Shop("a", N[:2]), Shop("b", N[3:5])
    a.script = [e.InvalidRequest("no", status=400, maybe_applied=False)]
    world = World(a, b)
    done = world.order()
    assert done.numbers == (N[1],)
    a.owned.append(N[0])
    told = []
    found = world.run(sweep(world.shops, journal=world.journal, notify=told.append))
    assert [one.number for one in found.orphans] == [N[0]]
    assert "refused, and there" in told[0].text
    assert "another buyer" in told[0].text
    assert "another buyer" in world.journal.entries()[0].attempt.reason


def test_an_order_goes_on_where_another_has_the_number_that_had_turned_up_late_for_it():
    a = Shop("a", N[2:3])
    world = World(a)
    journal = world.journal
    text = Order(criteria=NEAR).to_json(["a/a"])
    began = {}
    for name in "rs":
        (item,) = journal.create(OrderRecord(id=name, digest=digest(text), order=text), 1, 1e6)
        journal.claim(item, name)
        began[name] = partial(journal.begin, item, name)

    def tried(number):
        return begun(draft(number), RULES, Instant(world.now, world.now))

    first = began["r"](tried(N[0]))
    journal.record(first, "r", evolve(first.attempt, state=S.REFUTED))
    second = began["r"](tried(N[1]))
    assert journal.found_late(first) is S.ORPHAN
    theirs = began["s"](tried(N[0]))
    journal.record(theirs, "s", evolve(theirs.attempt, state=S.CONFIRMED))
    journal.record(second, "r", evolve(second.attempt, state=S.REJECTED))
    journal.release_claim("r#1", "r")
    adopt, met = journal.adopt, []

    def at_this_very_moment(entry, owner):
        if not met:
            met.append(entry)
            raise AlreadyClaimed("number")
        return adopt(entry, owner)

    journal.adopt = at_this_very_moment
    assert world.run(resume("r", world.shops, journal=journal)).numbers == (N[2],)
    assert met
    assert purchase_of("s", journal).numbers == (N[0],)


def test_what_was_refused_and_is_there_is_taken_when_the_order_lacks_a_number():
    a = Shop("a", N[:1])
    a.script = [e.InvalidRequest("no", status=400, maybe_applied=False)]
    world = World(a)
    with pytest.raises(e.OrderExhausted):
        world.order()
    a.owned.append(N[0])
    assert [one.number for one in world.run(sweep(world.shops, journal=world.journal)).adopted] == [N[0]]
    assert purchase_of("r", world.journal).numbers == (N[0],)


def test_what_was_refused_is_watched_for_the_settle_window_only_and_named_by_an_audit_afterwards():
    a = Shop("a", N[:2])
    a.script = [e.InvalidRequest("no", status=400, maybe_applied=False)]
    world = World(a)
    world.order()
    assert world.run(sweep(world.shops, journal=world.journal)).watched == 1
    world.clock.advance(a.rules.settle + 20)
    assert world.run(sweep(world.shops, journal=world.journal)).watched == 0
    assert not world.journal.watched()
    a.owned.append(N[0])  # somebody bought it, a day later
    audit = world.run(reconcile(world.shops, journal=world.journal))
    assert [one.number for one in audit.refused] == [N[0]]
    assert not audit.unknown
    assert not audit.late
    assert not audit.orphans


def test_a_confirmation_by_look_says_on_what_it_rests():
    a = Shop("a", N[:1], place=[e.TransportError("lost", maybe_applied=True)])
    a.owned.append(N[0])
    world = World(a)
    world.order()
    assert "by its number alone" in world.journal.entries()[0].attempt.reason

    known = begun(draft(key="mark"), RULES, Instant(1e9, 1e9))
    ours = OwnedNumber(provider="a", account="a", number=N[0], label="mark")
    assert "this purchase's mark" in found_by(known, ours)
    old = evolve(ours, label="office", created=datetime(2001, 1, 1, tzinfo=UTC))
    assert "there since 2001-01-01: perhaps another buyer's" in found_by(known, old)
    assert "another buyer" in found_by(known, evolve(old, created=None))


# -- what watches, waits and is too dear


def test_a_notify_that_raises_does_not_end_the_purchase(caplog):
    def broken(_):
        raise RuntimeError("the screen is gone")

    a = Shop("a", N[:1])
    world = World(a)
    done = world.run(provision(Order(criteria=NEAR), world.shops, journal=world.journal, request_id="r", notify=broken))
    assert done.numbers == (N[0],)
    assert "the purchase goes on" in caplog.text


def test_a_named_number_that_is_ours_already_ends_its_order_at_once_and_says_so():
    a = Shop("a", N[:1])
    world = World(a)
    world.order()
    began = world.now
    with pytest.raises(e.OrderExhausted, match="bought already, by r#1"):
        world.order("again", criteria=None, number=N[0])
    assert world.now - began < 10


def test_a_named_number_that_cannot_be_bought_here_is_not_told_as_pursued_by_others():
    a = Shop("a", N[:1])

    def draft_of(target, *, key, options=()):
        raise e.NumberUnavailable("no search finds it", maybe_applied=False)
        yield

    a.draft = draft_of
    world = World(a)
    began = world.now
    with pytest.raises(e.OrderExhausted, match="no search finds it"):
        world.order(criteria=None, number=N[9])
    assert world.now - began < 10


def priced_shop(prices):
    a = Shop("a", list(prices))
    a.search = lambda query, options=(): (yield from offers_of(a, prices))
    return a


def offers_of(shop, prices):
    return [Offer(provider="a", account="a", number=number, price=Money(price)) for number, price in prices.items()]
    yield


def test_a_spending_cap_passes_over_what_is_too_dear_and_looks_further():
    a = priced_shop({N[0]: "1.00", N[1]: "3.00", N[2]: "1.00"})
    world = World(a)
    assert world.order(quantity=2, spend_cap=Money("3.50")).numbers in ((N[0], N[2]), (N[2], N[0]))


def test_a_price_that_has_risen_since_the_search_is_not_paid():
    a = priced_shop({N[0]: "1.00", N[1]: "1.00"})
    plain = a.draft

    def draft_of(target, *, key, options=()):
        one = yield from plain(target, key=key, options=options)
        return evolve(one, price=Money("9.00" if one.number == N[0] else "1.50"))

    a.draft = draft_of
    world = World(a)
    assert world.order(max_price=Money("2.00")).numbers == (N[1],)
    assert a.owned == [N[1]]


# -- interruptions


@pytest.mark.parametrize("count", range(1, 10))
def test_a_recovery_that_is_interrupted_anywhere_leaves_nothing_held(count):
    a = Shop("a", N[:1])
    world = World(a)
    world.run(_first_effects(provision(Order(criteria=NEAR), [a], journal=world.journal, request_id="r"), 2))
    world.clock.advance(61)
    try:
        world.run(interrupted_at(_helped(make_context(world.shops, world.journal), world.now + 600, {}, {}), count))
    except Interrupt:
        began = world.now
        world.run(recover(world.shops, journal=world.journal))
        assert world.now - began < 30
    assert purchase_of("r", world.journal).numbers == (N[0],)
    assert a.owned == [N[0]]


class Interrupt(BaseException):
    """As a driver sees Ctrl-C or a cancellation."""


def interrupted_at(exchange, count):
    """What a driver raises whose *count*-th effect is interrupted, or what comes of *exchange* before that."""
    outcome = None
    try:
        for _ in range(count):
            effect = exchange.send(outcome)
            outcome = yield effect
        exchange.send(outcome)
        raise Interrupt
    except StopIteration as stop:
        return stop.value
    finally:
        exchange.close()


def test_an_interrupted_order_says_how_to_go_on():
    a = Shop("a", N[:1])
    world = World(a)
    order = provision(Order(criteria=NEAR), world.shops, journal=world.journal, request_id="order-1")
    with pytest.raises(Interrupt) as caught:
        world.run(interrupted_at(order, 8))
    unknown = caught.value.outcome_unknown
    assert unknown.purchase.request_id == "order-1"
    assert any("client.resume('order-1')" in note for note in caught.value.__notes__)
    assert world.run(resume(unknown.purchase.request_id, world.shops, journal=world.journal)).numbers == (N[0],)
    assert a.owned == [N[0]]
