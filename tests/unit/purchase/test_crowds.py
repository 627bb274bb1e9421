"""Many orders that want the same numbers at once: each begins elsewhere, and none is told that there are none."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from anycarrier import Client, Search
from anycarrier import errors as e
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.simulator import SimTransport, load
from anycarrier_adapters.voicetel import VoiceTel
from support.orders import N, Shop, World

BASE = "http://127.0.0.1:1"


class Shelf(Shop):
    """A shop that shows as many numbers as it is asked for, and goes on showing those that are sold."""

    def __init__(self, count: int) -> None:
        super().__init__("a", N[:count])
        self.shown = N[:count]
        self.asked: list[int] = []

    def search(self, query: Search, *, options: Any = ()) -> Any:
        self.asked.append(query.limit)
        sold, self.numbers = self.numbers, [*self.shown]
        offers = yield from super().search(query)
        self.numbers = sold
        return offers[: query.limit]


def claimed(world: World, count: int) -> list[Any]:
    """Numbers that other orders are buying, and do not know yet whether they have."""
    for each in range(count):
        world.shops[0].script = [e.TransportError("lost", maybe_applied=True)]
        with pytest.raises(e.OutcomeUnknown):
            world.order(f"other{each}", deadline=1, in_doubt="hold")
    return [entry.attempt.draft.number for entry in world.journal.entries()]


def begun(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Numbers for which an attempt is to be recorded from here on."""
    numbers: list[Any] = []
    begin = world.journal.begin

    def noted(item_id: str, owner: str, attempt: Any, *more: Any) -> Any:
        numbers.append(attempt.draft.number)
        return begin(item_id, owner, attempt, *more)

    monkeypatch.setattr(world.journal, "begin", noted)
    return numbers


def test_an_order_that_is_alone_takes_the_first_offer() -> None:
    world = World(Shelf(10))
    assert world.order().numbers[0] == N[0]


def test_numbers_that_other_orders_are_buying_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Shelf(10))
    taken = claimed(world, 3)
    assert len({*taken}) == 3
    tried = begun(world, monkeypatch)
    bought = world.order().numbers[0]
    assert tried == [bought]
    assert bought not in taken


class Branch(Shelf):
    """Another account at the same provider."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.accounts = (SimpleNamespace(id="branch"),)

    def search(self, query: Search, *, options: Any = ()) -> Any:
        return [evolve(offer, account="branch") for offer in (yield from super().search(query))]

    def draft(self, target: Any, *, key: str, options: Any = ()) -> Any:
        return evolve((yield from super().draft(target, key=key)), account="branch")


def test_numbers_that_orders_of_another_account_are_buying_there_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Shelf(10))
    taken = claimed(world, 3)
    world.shops = (Branch(10),)
    tried = begun(world, monkeypatch)
    (bought,) = world.order().bought
    assert bought.account == "branch"
    assert tried == [bought.number]
    assert bought.number not in taken


@pytest.mark.slow
def test_orders_that_compete_begin_with_different_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    firsts = set()
    for each in range(8):
        world = World(Shelf(10))
        claimed(world, 1)
        tried = begun(world, monkeypatch)
        world.order(f"r{each}")
        firsts.add(tried[0])
    assert len(firsts) > 3


def test_orders_that_compete_still_begin_with_the_best_offer_of_a_sorted_search() -> None:
    for each in range(4):
        world = World(shelf := Shelf(10))
        taken = claimed(world, 1)
        best = next(number for number in shelf.shown if number not in taken)
        assert world.order(f"r{each}", criteria=Search(area_code="201", sort_by="price")).numbers == (best,)


def test_a_place_in_the_rate_limit_that_was_not_used_serves_for_the_next_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(Shelf(10))
    claimed(world, 1)
    monkeypatch.setattr(world.journal, "claimed", lambda *_: set())  # another order is quicker by a hair
    monkeypatch.setattr("anycarrier.purchase.worker.crc32", lambda _: 0)
    tried = begun(world, monkeypatch)
    world.waits.clear()
    world.order()
    assert tried == N[:2]
    assert len(world.waits) == 1


def test_a_search_asks_for_more_where_others_have_all_that_it_found() -> None:
    world = World(shelf := Shelf(20))
    assert len({*claimed(world, 10)}) == 10
    shelf.asked.clear()
    assert world.order().numbers[0] in N[10:20]
    assert shelf.asked == [1000]  # what the others have found is known


def test_a_search_that_found_all_there_is_asks_once() -> None:
    world = World(shelf := Shelf(3))
    claimed(world, 3)
    shelf.asked.clear()
    with pytest.raises(e.OutcomeUnknown, match="being bought by another order"):
        world.order(deadline=5)
    assert {*shelf.asked} == {10}


@pytest.mark.slow
def test_orders_for_one_area_code_at_once_are_all_filled_though_the_search_is_cached(tmp_path: Path) -> None:
    simulator = load("voicetel", search_cache=600, balance="1000")
    areas = ("201", "206")
    with journal.open(tmp_path / "journal.sqlite") as book:
        failover = Failover([VoiceTel(**simulator.settings, base_url=BASE)], journal=book)
        with Client(failover, transport=SimTransport({BASE: simulator})) as phone:

            def one(each: int) -> str:
                order = Order(criteria=Search(area_code=areas[each % 2]), deadline=600)
                return phone.provision(order, request_id=f"r{each}").numbers[0]

            with ThreadPoolExecutor(8) as threads:
                bought = [*threads.map(one, range(60))]
    assert Counter(number[2:5] for number in bought) == dict.fromkeys(areas, 30)
    assert len({*bought}) == len(simulator.ledger.charges) == 60
