"""Budgets whose places come from a store that processes share."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from attrs import evolve

from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.async_driver import AsyncDriver
from anycarrier.engine.driver import Driver
from anycarrier.engine.rate_limits import Limit
from anycarrier.engine.session import Session
from anycarrier.engine.shared_budget import FEW, Pace, SharedBudget, pace_of, shared_budgets
from anycarrier.errors import AnyCarrierError, JournalError, RateLimited
from anycarrier.exchange import Exchange, Request, Response, await_rate_limit, send
from anycarrier.testing import VirtualClock

READ = Request(account="acme", operation="list", method="GET", path="/numbers")
BUY = Request(account="acme", operation="buy", method="POST", path="/orders", purpose="purchase")


class Store:
    """Places in memory, as a store would give them: the *seconds* until each are set beforehand."""

    def __init__(self, *seconds: float | None) -> None:
        self.seconds = [*seconds]
        self.taken: list[tuple[str, int, float, float]] = []
        self.slices: list[tuple[str, int]] = []
        self.slice_waits: list[float] = []
        self.broken = False

    def take(self, key: str, pace: Pace, count: int, hold: float, at_most: float) -> float | None:
        if self.broken:
            raise JournalError("the journal's database cannot be reached")
        self.taken.append((key, count, hold, at_most))
        return self.seconds.pop(0) if self.seconds else 0.0

    def take_slice(self, key: str, limit: Limit, count: int) -> float:
        self.slices.append((key, count))
        return self.slice_waits.pop(0) if self.slice_waits else 0.0


class World:
    """A client's driver whose account counts in a store."""

    def __init__(self, store: Store, *limits: Limit, max_wait: float | None = 120.0, answers: Any = ()) -> None:
        self.clock = VirtualClock()
        self.answers = [*answers]
        self.sent: list[float] = []
        self.account = Account(
            id="acme", provider="acme", base_url="https://example.com", credentials=StaticToken("secret-key-of-acme"),
            limits=limits or (Limit(300, 60.0),),
        )  # fmt: skip
        session = Session([self.account], self.clock, max_wait=max_wait, budget_of=shared_budgets(store))
        self.session = session
        self.driver = Driver(session, self)

    def send(self, request: Any) -> Response:
        self.sent.append(self.clock.now().monotonic)
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        return Response(status=status, headers={name.lower(): value for name, value in headers.items()}, body=b"{}")

    def close(self) -> None:
        pass

    def run(self, request: Request = READ) -> Any:
        return self.driver.run(send(request))


@pytest.mark.parametrize(
    "limit", [Limit(requests, seconds) for requests in (1, 2, 3, 6, FEW, 21, 100, 300, 6000) for seconds in (1.0, 60.0)]
)
def test_at_its_pace_no_interval_holds_more_than_a_limit(limit: Limit) -> None:
    pace = pace_of(limit)
    at_once = 1 + round(pace.burst / pace.step)
    assert at_once + limit.seconds / pace.step <= max(limit.requests, 2) + 1e-6
    assert at_once >= 1
    if limit.requests >= 100:
        assert limit.seconds / pace.step >= 0.97 * limit.requests


def test_a_request_asks_for_its_permit_after_it_has_waited_and_is_not_sent_without_it() -> None:
    world = World(Store(2.5, 0.0))
    began = world.clock.now().monotonic
    asked: list[float] = []

    def permit(answer: AnyCarrierError | None) -> Exchange[AnyCarrierError | None]:
        yield from ()
        asked.append(world.clock.now().monotonic - began)
        return answer

    refusal = AnyCarrierError("not sent: the job was cancelled", maybe_applied=False)
    with pytest.raises(AnyCarrierError, match="the job was cancelled"):
        world.run(evolve(READ, permit=lambda: permit(refusal)))
    assert (asked, world.sent) == ([2.5], [])
    world.run(evolve(READ, permit=lambda: permit(None)))
    assert len(world.sent) == 1


class GatedStore(Store):
    """A store that does not answer before *go_on* is set."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go_on = threading.Event(), threading.Event()

    def take(self, key: str, pace: Pace, count: int, hold: float, at_most: float) -> float | None:
        self.asked.set()
        assert self.go_on.wait(30.0)
        return super().take(key, pace, count, hold, at_most)


class AsyncSender:
    """A transport on which every request is answered."""

    async def send(self, request: Any) -> Response:
        return Response(status=200, headers={}, body=b"{}")

    async def aclose(self) -> None:
        pass


def test_each_request_waits_for_the_place_that_the_store_says() -> None:
    store = Store(0.0, 2.5, 0.0)
    world = World(store)
    began = world.clock.now().monotonic
    for _ in range(3):
        world.run()
    assert [round(at - began, 3) for at in world.sent] == [0.0, 2.5, 2.5]
    assert [(count, hold) for _, count, hold, _ in store.taken] == [(1, 0.0)] * 3


def test_the_next_request_of_a_process_takes_its_place_when_that_of_the_first_is_near() -> None:
    world = World(Store())
    budget = SharedBudget([Limit(300, 60.0)], "acme", Store(2.5, 0.2))
    began = world.clock.now().monotonic
    for place, took in ((2.5, 2.0), (2.2, 2.0)):
        due = world.driver.run(budget._in_turn(budget._shared, began + 60.0, 0, "acme", "list"))
        assert round(due - began, 3) == place
        assert round(world.clock.now().monotonic - began, 3) == took


def test_a_purchase_waits_for_one_other_request_of_its_process_at_most() -> None:
    store = GatedStore()
    world = World(store)
    order: list[str] = []

    async def read(driver: AsyncDriver) -> None:
        await driver.run(send(READ))
        order.append("read")

    async def buy(driver: AsyncDriver) -> None:
        await driver.run(await_rate_limit("acme"))
        order.append("buy")

    async def main() -> None:
        driver = AsyncDriver(world.session, AsyncSender())
        tasks = [asyncio.create_task(read(driver)) for _ in range(5)]
        await asyncio.to_thread(store.asked.wait, 30.0)
        tasks.append(asyncio.create_task(buy(driver)))
        await asyncio.sleep(0)  # it waits for its turn now
        store.go_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())
    assert order.index("buy") <= 1


def test_a_place_later_than_max_wait_sends_nothing() -> None:
    world = World(Store(None), max_wait=7.0)
    with pytest.raises(RateLimited, match=r"300 requests in 60 s.*later than max_wait; nothing was sent") as caught:
        world.run()
    assert (caught.value.maybe_applied, caught.value.retry_after) == (False, 7.0)
    assert not world.sent


def test_a_store_that_is_away_sends_nothing() -> None:
    store = Store()
    world = World(store)
    store.broken = True
    with pytest.raises(RateLimited, match="shared rate budget cannot be reached") as caught:
        world.run()
    assert (caught.value.maybe_applied, caught.value.retry_after) == (False, 1.0)
    store.broken = False
    world.run()
    assert len(world.sent) == 1


class SlowStore(GatedStore):
    """A store that does not answer before *go_on* is set, and fails then."""

    tries = 0

    def take(self, key: str, pace: Pace, count: int, hold: float, at_most: float) -> float | None:
        self.tries += 1
        super().take(key, pace, count, hold, at_most)
        raise JournalError("the journal's database cannot be reached")


def test_all_that_waited_for_a_try_that_failed_share_its_failure() -> None:
    store = SlowStore()
    budget = SharedBudget([Limit(300, 60.0)], "acme", store)
    failed: list[str] = []

    def take() -> None:
        with pytest.raises(AnyCarrierError) as caught:
            budget._taken(budget._shared, 60.0, 0)
        failed.append(caught.value.message)

    threads = [threading.Thread(target=take)]
    threads[0].start()
    assert store.asked.wait(30.0)
    asking, waiting = budget._asking, threading.Semaphore(0)
    budget._asking = Noted(asking, waiting)  # type: ignore[assignment]
    threads += [threading.Thread(target=take) for _ in range(3)]
    for thread in threads[1:]:
        thread.start()
    for _ in range(3):
        assert waiting.acquire(timeout=30.0)
    store.go_on.set()
    for thread in threads:
        thread.join()
    assert store.tries == 1
    assert len(failed) == 4


class Noted:
    """A lock that says who begins to wait for it."""

    def __init__(self, lock: threading.Lock, waiting: threading.Semaphore) -> None:
        self.lock, self.waiting = lock, waiting

    def __enter__(self) -> None:
        self.waiting.release()
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def test_a_purchase_leaves_and_a_429_is_noted_while_the_store_does_not_answer() -> None:
    store = SlowStore()
    budget = SharedBudget([Limit(300, 60.0)], "acme", store)

    def take() -> None:
        with pytest.raises(JournalError):
            budget._taken(budget._shared, 60.0, 0)

    thread = threading.Thread(target=take)
    thread.start()
    assert store.asked.wait(30.0)
    budget.try_acquire(BUY, 0.0)  # an event loop does this: it returns at once
    budget.observe(BUY, Response(status=429, headers={"retry-after": "9"}, body=b""), (), 0.0, 0.0)
    store.go_on.set()
    thread.join()
    quick = Store()
    budget._places = quick
    budget._taken(budget._shared, 60.0, 1)
    assert quick.taken[0][1:3] == (2, 9.0)


def test_a_purchase_leaves_with_the_place_that_was_reserved_and_its_repetition_is_paid_for_later() -> None:
    store = Store()
    world = World(store)
    world.driver.run(await_rate_limit("acme"))
    assert len(store.taken) == 1
    world.run(BUY)
    assert len(store.taken) == 1
    world.run(BUY)  # a repetition: it leaves at once
    assert len(store.taken) == 1
    world.run()
    assert [count for _, count, _, _ in store.taken] == [1, 2]


def test_a_reservation_that_cannot_be_had_is_an_error() -> None:
    world = World(Store(None))
    with pytest.raises(RateLimited):
        world.driver.run(await_rate_limit("acme"))


def test_a_429_holds_all_processes_back_with_the_next_place() -> None:
    store = Store()
    world = World(store, answers=[(429, {"Retry-After": "9"}), (429, {})])
    for _ in range(4):
        world.run()
    assert [hold for _, _, hold, _ in store.taken] == [0.0, 9.0, 1.0, 0.0]


def test_what_the_store_did_not_take_is_paid_and_held_next_time() -> None:
    store = Store(None)
    world = World(store, answers=[(200, {}), (429, {"Retry-After": "9"})])
    world.run(BUY)
    world.run(BUY)
    with pytest.raises(RateLimited):
        world.run()
    world.run()
    assert [(count, hold) for _, count, hold, _ in store.taken] == [(3, 9.0), (3, 9.0)]


def test_a_limit_of_single_requests_counts_those_alone() -> None:
    store = Store()
    narrow = Limit(6, 3600.0, only=("GET /v1/account",))
    world = World(store, narrow)
    world.run()
    world.driver.run(await_rate_limit("acme"))
    assert not store.taken
    world.run(Request(account="acme", operation="account", method="GET", path="/v1/account"))
    ((key, *_),) = store.taken
    assert key.endswith("/6/3600/GET /v1/account")


def test_a_long_limit_is_taken_in_slices_of_which_a_process_sends() -> None:
    store = Store()
    world = World(store, Limit(200_000, 86_400.0))
    for _ in range(150):
        world.run()
    assert [count for _, count in store.slices] == [100, 100]
    store.slice_waits = [3600.0]
    for _ in range(50):
        world.run()
    with pytest.raises(RateLimited) as caught:
        world.run()
    assert caught.value.retry_after == 3600.0
    assert len(world.sent) == 200


def test_accounts_of_one_owner_are_counted_together() -> None:
    def key(**more: Any) -> str:
        store = Store()
        account = Account(
            provider="acme",
            credentials=StaticToken("secret-key-of-acme"),
            **{"id": "one", "base_url": "https://example.com", "limits": (Limit(300, 60.0),), **more},
        )
        session = Session([account], VirtualClock(), budget_of=shared_budgets(store))
        Driver(session, World(store)).run(send(Request(account=account.id, operation="o", method="GET", path="/")))
        return store.taken[0][0]

    assert key(owner="acme o1") == key(owner="acme o1", id="two")
    assert key(owner="acme o1") != key(owner="acme o2")
    assert key() != key(id="two")
    by_address = (Limit(300, 60.0, per_address=True),)
    assert key(limits=by_address) == key(limits=by_address, id="two") != key()
    assert key() != key(base_url="https://example.org")


def test_threads_pay_for_every_repetition() -> None:
    store = Store()
    budget = SharedBudget([Limit(300, 60.0)], "acme", store)
    threads = [threading.Thread(target=lambda: [budget.try_acquire(BUY, 0.0) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget._taken(budget._shared, 60.0, 0) == (0.0, None)
    assert store.taken[0][1] == 2001


def test_a_child_pays_for_nothing_of_its_parent_and_says_what_is_shared() -> None:
    store = Store()
    budget = SharedBudget([Limit(300, 60.0), Limit(200_000, 86_400.0)], "acme", store)
    budget.try_acquire(BUY, 0.0)
    budget._taken(budget._shared, 60.0, 0)
    budget.try_acquire(BUY, 0.0)
    budget.forked()
    budget._taken(budget._shared, 60.0, 0)
    assert [count for _, count, _, _ in store.taken] == [2, 1]
    assert len(store.slices) == 2
    said: Any = budget.as_dict(0.0)
    assert [window["shared"] for window in said["windows"]] == [True, True]
