"""Prices that the processes of a journal share."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import Search
from anycarrier import errors as e
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.shared_prices import FRESH, READS_WITHIN, USABLE, shared_price
from support.orders import N, Shop, World

PRICE = Money("0.50")


class Tight(Shop):
    """A shop whose price is one for all numbers, in a request of its own."""

    def __init__(self, name: str = "a") -> None:
        super().__init__(name, N[:20], price=None)
        self.reads = 0
        self.fails: e.AnyCarrierError | None = None
        self.rate: Money | None = PRICE

    def price_of(self, number: PhoneNumber, *, options: Any = ()) -> Any:
        self.reads += 1
        if self.fails is not None:
            raise self.fails
        return self.rate
        yield

    def price_name(self, number: PhoneNumber, *, options: Any = ()) -> str:
        return "all"


@pytest.fixture
def world() -> World:
    return World(Tight())


def read(world: World, shop: Any, account: str = "a") -> Any:
    return world.run(shared_price(world.journal, shop, account, N[0]))


def test_one_read_serves_every_process(world: World) -> None:
    shops = [Tight() for _ in range(8)]  # each process has a provider of its own, and one journal
    assert [read(world, shop) for shop in shops] == [PRICE] * 8
    assert sum(shop.reads for shop in shops) == 1


def test_it_is_read_anew_after_a_while(world: World) -> None:
    (shop,) = world.shops
    read(world, shop)
    shop.rate = Money("0.75")
    world.clock.sleep(FRESH - 1)
    assert read(world, shop) == PRICE
    world.clock.sleep(2)
    assert read(world, shop) == Money("0.75")
    assert shop.reads == 2


def test_where_it_cannot_be_read_anew_the_old_one_serves_for_an_hour(world: World) -> None:
    (shop,) = world.shops
    read(world, shop)
    shop.fails = e.RateLimited("six an hour")
    world.clock.sleep(FRESH + 1)
    assert read(world, shop) == PRICE
    world.clock.sleep(USABLE)
    with pytest.raises(e.RateLimited):
        read(world, shop)
    shop.fails = None
    assert read(world, shop) == PRICE  # the failure left no claim


def test_a_price_that_is_not_stated_is_known_too(world: World) -> None:
    (shop,) = world.shops
    shop.rate = None
    assert read(world, shop) is None
    assert read(world, shop) is None
    assert shop.reads == 1


def test_one_at_a_time_reads_and_a_dead_one_is_followed_by_another(world: World) -> None:
    (shop,) = world.shops
    assert world.journal.claim_price("a", "a", "all", READS_WITHIN)
    with pytest.raises(e.RateLimited, match="another process"):
        read(world, shop)
    assert shop.reads == 0
    world.clock.sleep(READS_WITHIN)
    assert read(world, shop) == PRICE


def test_accounts_have_prices_of_their_own(world: World) -> None:
    (shop,) = world.shops
    read(world, shop, "a")
    read(world, shop, "b")
    assert shop.reads == 2


def test_a_provider_without_a_common_price_is_asked_each_time(world: World) -> None:
    class Each(Tight):
        price_name = None  # type: ignore[assignment]

    shop: Any = Each()
    read(world, shop)
    read(world, shop)
    assert shop.reads == 2


def test_a_journal_that_does_not_work_is_no_reason_to_lack_a_price(world: World) -> None:
    (shop,) = world.shops
    world.journal.close()
    assert read(world, shop) == PRICE


def test_a_price_that_cannot_be_kept_is_a_price(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise e.JournalError("the disk is full")

    (shop,) = world.shops
    monkeypatch.setattr(world.journal, "keep_price", full)
    assert read(world, shop) == PRICE


def test_orders_under_a_cap_use_it(world: World) -> None:
    (shop,) = world.shops
    for each in range(10):
        world.order(f"r{each}", criteria=Search(area_code="201"), max_price=Money("1.00"))
    assert shop.reads == 1
