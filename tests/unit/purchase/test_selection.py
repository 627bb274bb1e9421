"""Offers that an order takes or passes over: features, prices and caps."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.features import Can, Cannot
from anycarrier.model import Money, Offer, Receipt
from anycarrier.purchase import Order, purchase_of, quotes
from support.orders import NEAR, N, Shop, World


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


class PricesElsewhere(Shop):
    """A shop whose offers have no price: it is asked for by number, and *costs* has those that are not one dollar."""

    def __init__(self, name, numbers, costs=None):
        super().__init__(name, numbers, price=None)
        self.costs = costs or {}
        self.priced = []

    def price_of(self, number, *, options=()):
        self.priced.append(number)
        if isinstance(cost := self.costs.get(number, Money("1")), Exception):
            raise cost
        return cost
        yield


def test_prices_that_are_stated_elsewhere_are_read_until_one_fits():
    a = PricesElsewhere("a", N[:4], {N[0]: Money("9"), N[1]: None})
    world = World(a)
    done = world.order(max_price=Money("2"))
    assert (done.numbers, done.bought[0].price) == ((N[2],), Money("1"))
    assert a.priced == [N[0], N[1], N[2]]
    every = PricesElsewhere("a", N[:4])
    World(every).order(max_price=Money("2"), prefer="cheapest")
    assert every.priced == list(N[:4])
    free = PricesElsewhere("a", N[:4])
    World(free).order()
    assert free.priced == []


def test_an_account_whose_numbers_are_all_too_dear_is_passed_over_and_one_whose_prices_cannot_be_read_waits():
    dear = PricesElsewhere("a", N[:2], dict.fromkeys(N[:2], Money("9")))
    other = Shop("b", N[2:3])
    done = World(dear, other).order(max_price=Money("2"))
    assert done.numbers == (N[2],)
    assert done.items[0].reasons["a"] == "costs 9 USD a month, more than 2"
    down = PricesElsewhere("a", N[:2], dict.fromkeys(N[:2], e.ProviderDown("no price today", provider="a")))
    done = World(down, Shop("b", N[2:3])).order(max_price=Money("2"))
    assert done.numbers == (N[2],)
    assert down.owned == []


def test_caps_are_held_against_the_first_month():
    how = {"spend_cap": Money("4"), "max_price": Money("2.50")}
    a, b = Shop("a", N[:2], "1.00", setup="2.00"), Shop("b", N[2:3], "1.00", setup="1.50")
    done = World(a, b).order(**how)
    assert (done.numbers, done.bought[0].price, done.bought[0].setup_price) == ((N[2],), Money("1.00"), Money("1.50"))
    assert done.items[0].reasons["a"] == "costs 3.00 USD in the first month, 2.00 of it for the set-up, more than 2.50"
    # The order's numbers together: the second would make it 5.00.
    with pytest.raises(e.SpendLimitExceeded, match="1 of 2 bought"):
        World(Shop("b", N[2:5], "1.00", setup="1.50")).order(quantity=2, **how)


def test_a_set_up_cost_that_rose_since_the_search_is_not_paid():
    a, b = Shop("a", N[:1], "1.00"), Shop("b", N[1:2], "1.00")
    drafted = a.draft
    a.draft = lambda target, **how: (yield from _with_setup(drafted(target, **how)))
    done = World(a, b).order(max_price=Money("2"))
    assert done.numbers == (N[1],)
    assert "5 of it for the set-up" in done.items[0].reasons["a"]


def _with_setup(drafting):
    return evolve((yield from drafting), setup_price=Money("5"))


def test_a_set_up_cost_in_another_currency_is_passed_over():
    for how in ({}, {"max_price": Money("9")}, {"prefer": "cheapest"}):
        a, b = Shop("a", N[:1], "1.00"), Shop("b", N[1:2], "1.00", setup="1.00")
        a.setup_price = Money("1", "EUR")
        done = World(a, b).order(**how)
        assert done.bought[0].provider == "b"
        assert "the set-up cost in EUR" in done.items[0].reasons["a"] if "prefer" not in how else True


def test_of_two_equal_prices_the_cheapest_set_up_comes_first():
    shops = Shop("a", N[:1], "1.00", setup="3.00"), Shop("b", N[1:2], "1.00", setup="1.00"), Shop("c", N[2:3], "1.01")
    quote = World().run(quotes(Order(criteria=NEAR, prefer="cheapest", quantity=3), shops))
    assert [(one.provider, one.first_month) for one in quote.choices] == [
        ("b", Money("2.00")),
        ("a", Money("4.00")),
        ("c", Money("1.01")),
    ]


def test_what_was_charged_is_the_first_month():
    for charged, price, setup in (("3.00", "1.00", "2.00"), ("3.50", "1.50", "2.00"), ("2.00", "2.00", None)):
        a = Shop("a", N[:1], "1.00", setup="2.00")
        own = a._own
        a._own = lambda number, own=own, to=charged: evolve(own(number), receipt=Receipt(charged=Money(to)))
        world = World(a)
        done = world.order()
        kept = purchase_of("r", world.journal).bought[0]
        assert (kept.price, kept.setup_price) == (Money(price), None if setup is None else Money(setup))
        assert ("its first month with the set-up was 3.00 USD" in done.items[0].reason) is (charged == "3.50")


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


def test_the_spending_cap_ends_an_order():
    a = Shop("a", N[:5], "1.00")
    world = World(a)
    with pytest.raises(e.SpendLimitExceeded, match="2 of 3 bought") as caught:
        world.order(quantity=3, spend_cap=Money("2.50"))
    assert len(caught.value.purchase.numbers) == 2
    assert len(a.owned) == 2


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
