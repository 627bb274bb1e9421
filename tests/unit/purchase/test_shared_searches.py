"""Orders of one process that want the same share their searches."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from anycarrier import Search
from anycarrier import errors as e
from anycarrier.exchange import Exclusive, Now, sleep
from anycarrier.purchase.shared_searches import LOCKS, MOST, SERVES, SharedSearches, shared_searches
from support.orders import N, Shop, World


class Counting(Shop):
    """A shop that counts its searches."""

    def __init__(self, count: int = 20, **rules: Any) -> None:
        super().__init__("a", N[:count])
        self.rules = evolve(self.rules, **rules)
        self.searches: list[Search] = []

    def search(self, query: Search, *, options: Any = ()) -> Any:
        self.searches.append(query)
        return super().search(query)


def test_the_numbers_of_one_order_are_found_by_one_search() -> None:
    world = World(shop := Counting())
    assert len({*world.order(quantity=8).numbers}) == 8
    assert len(shop.searches) == 1


def test_orders_one_after_the_other_share_a_search_for_some_seconds() -> None:
    world = World(shop := Counting())
    for each in range(3):
        world.order(f"r{each}")
    assert len(shop.searches) == 1
    world.clock.sleep(SERVES + 1)
    world.order("later")
    assert len(shop.searches) == 2


def test_other_criteria_are_another_search() -> None:
    world = World(shop := Counting())
    world.order("one")
    world.order("two", criteria=Search(area_code="201", ends_with="5"))
    assert len(shop.searches) == 2


def test_a_purchase_that_belongs_to_a_search_has_one_of_its_own() -> None:
    world = World(shop := Counting(fresh_search=True))
    world.order(quantity=3)
    assert len(shop.searches) == 3


def test_an_item_that_could_not_buy_what_was_found_searches_anew() -> None:
    world = World(shop := Counting())
    shop.script = [e.NumberUnavailable("gone", maybe_applied=False, status=409)]
    world.order()
    assert len(shop.searches) == 2


def test_a_search_that_failed_is_not_kept() -> None:
    shop, searches = Counting(), SharedSearches()
    world = World(shop)
    shop.search = failing  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(e.ProviderDown):
            world.run(searches.offers(shop, Search(area_code="201")))
    del shop.search
    assert world.run(searches.offers(shop, Search(area_code="201")))


def failing(query: Search, *, options: Any = ()) -> Any:
    raise e.ProviderDown("down")
    yield


def test_only_so_many_are_kept() -> None:
    shop, searches = Counting(), SharedSearches()
    world = World(shop)
    for line in range(MOST + 10):
        world.run(searches.offers(shop, Search(area_code="201", ends_with=f"{line:02}")))
    assert len(searches._kept) <= MOST


def test_a_journal_has_its_own() -> None:
    one, two = World(Counting()), World(Counting())
    assert shared_searches(one.journal) is shared_searches(one.journal)
    assert shared_searches(one.journal) is not shared_searches(two.journal)


def test_accounts_of_one_name_at_two_providers_do_not_share() -> None:
    world = World(one := Counting())
    two = Counting()
    two.name = "b"
    two.numbers = N[30:35]
    searches = SharedSearches()
    first = world.run(searches.offers(one, Search(area_code="201")))
    second = world.run(searches.offers(two, Search(area_code="201")))
    assert not {offer.number for offer in first} & {offer.number for offer in second}


def test_those_that_wait_for_a_search_fail_with_it() -> None:
    shop, searches = Counting(), SharedSearches()
    world = World(shop)
    tries: list[float] = []

    def slow(query: Search, *, options: Any = ()) -> Any:
        yield from sleep(30.0)
        tries.append(world.clock.time())
        raise e.ProviderDown("down")

    shop.search = slow  # type: ignore[method-assign]
    first, second = (searches.offers(shop, Search(area_code="201")) for _ in range(2))
    asked = second.send(None)
    assert isinstance(asked, Now)
    waiting = second.send(world.clock.now())  # before the first has failed, and its turn comes after it
    assert isinstance(waiting, Exclusive)
    with pytest.raises(e.ProviderDown):
        world.run(first)
    with pytest.raises(e.ProviderDown):
        world.run(waiting.exchange)
    assert len(tries) == 1
    with pytest.raises(e.ProviderDown):
        world.run(searches.offers(shop, Search(area_code="201")))
    assert len(tries) == 2
    second.close()


def test_drivers_keep_only_so_many_locks() -> None:
    shop, searches = Counting(), SharedSearches()
    world = World(shop)
    names: set[str] = set()
    for line in range(LOCKS + 200):
        exchange = searches.offers(shop, Search(area_code="201", ends_with=f"{line:04}"))
        exchange.send(None)
        names.add(exchange.send(world.clock.now()).key)
        exchange.close()
    assert len(names) <= LOCKS
