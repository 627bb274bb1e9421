"""Exchanges at once, or one of a key at a time: order, limits, interrupts and cancellation."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from typing import Any

import pytest

from anycarrier.exchange import Done, Exchange, Failed, call, exclusive, sleep, together
from support.rigs import AsyncRig, Rig, SyncRig, asking
from support.threads import threads_of_clients


def test_together_keeps_the_order_and_gives_errors_as_values(rig: Rig) -> None:
    def one(at: int) -> Exchange[int]:
        for _ in range(5 - at):
            yield from sleep(0)
        if at % 2:
            raise ValueError(at)
        return at

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together(one(at) for at in range(5)))

    outcomes = rig().run(all_of_them())
    assert [type(outcome) for outcome in outcomes] == [Done, Failed, Done, Failed, Done]
    assert [outcome.value for outcome in outcomes[::2]] == [0, 2, 4]
    assert [str(outcome.error) for outcome in outcomes[1::2]] == ["1", "3"]


def test_together_of_nothing(rig: Rig) -> None:
    def none() -> Exchange[list[Any]]:
        return (yield from together([]))

    assert rig().run(none()) == []


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_together_respects_its_limit(rig: Rig, limit: int) -> None:
    running: list[int] = []
    most: list[int] = []

    def work() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.005)
        running.pop()

    def one() -> Exchange[None]:
        yield from call(work)

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together((one() for _ in range(8)), limit=limit))

    outcomes = rig().run(all_of_them())
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert max(most) <= limit
    assert limit == 1 or max(most) > 1


def test_nested_together_does_not_starve(rig: Rig) -> None:
    def tree(depth: int) -> Exchange[int]:
        if not depth:
            return (yield from asking()) // 200
        outcomes = yield from together([tree(depth - 1) for _ in range(3)], limit=1)
        return sum(outcome.value for outcome in outcomes if isinstance(outcome, Done))

    assert rig().run(tree(3)) == 27


def closed(exchanges: list[Exchange[Any]]) -> bool:
    return all(inspect.getgeneratorstate(exchange) == inspect.GEN_CLOSED for exchange in exchanges)


def endless() -> Exchange[None]:
    while True:
        yield from sleep(1)


def test_an_interrupt_stops_all_of_together() -> None:
    def interrupt() -> None:
        time.sleep(0.02)
        raise KeyboardInterrupt

    def interrupted() -> Exchange[None]:
        yield from call(interrupt)

    exchanges: list[Exchange[Any]] = [endless(), interrupted(), endless(), *[endless() for _ in range(5)]]

    def all_of_them() -> Exchange[Any]:
        return (yield from together(exchanges, limit=3))

    before = threads_of_clients()
    outer = all_of_them()
    made = SyncRig()
    finished = threading.Event()

    def run() -> None:
        with pytest.raises(KeyboardInterrupt):
            made.run(outer)
        finished.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(120)
    assert finished.is_set()
    assert closed([outer, *exchanges])
    assert {*threads_of_clients()} <= {*before}


def test_a_cancelled_task_stops_all_of_together() -> None:
    exchanges: list[Exchange[Any]] = [endless() for _ in range(6)]

    def all_of_them() -> Exchange[Any]:
        return (yield from together(exchanges, limit=3))

    outer = all_of_them()

    async def main() -> None:
        made = AsyncRig()
        task = asyncio.create_task(made.driver.run(outer))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed([outer, *exchanges])
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_cancelled_exchange_unwinds() -> None:
    unwound: list[str] = []

    def exchange() -> Exchange[None]:
        try:
            yield from asking()
            yield from sleep(1000)
        finally:
            unwound.append("yes")

    async def main() -> None:
        made = AsyncRig()
        made.clock.async_sleep = asyncio.sleep  # type: ignore[method-assign,assignment]
        task = asyncio.create_task(made.driver.run(exchange()))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert unwound == ["yes"]


# -- one at a time


@pytest.mark.parametrize("keys", [("a", "a", "a", "a"), ("a", "b", "c", "d")])
def test_exclusive_runs_one_of_a_key_at_a_time(rig: Rig, keys: tuple[str, ...]) -> None:
    running: dict[str, int] = {}
    most: list[int] = []

    def critical(key: str) -> Exchange[str]:
        running[key] = running.get(key, 0) + 1
        most.append(running[key])
        assert running[key] == 1
        yield from sleep(0)
        yield from asking()
        running[key] -= 1
        return key

    def one(key: str) -> Exchange[str]:
        return (yield from exclusive(key, critical(key)))

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together(one(key) for key in keys))

    outcomes = rig().run(all_of_them())
    assert [outcome.value for outcome in outcomes] == list(keys)
    assert max(most) == 1


def test_exclusive_is_freed_by_an_error(rig: Rig) -> None:
    def failing() -> Exchange[None]:
        yield from sleep(0)
        raise ValueError("no")

    def twice() -> Exchange[int]:
        with pytest.raises(ValueError, match="no"):
            yield from exclusive("key", failing())
        return (yield from exclusive("key", asking()))

    assert rig().run(twice()) == 200


def test_exclusive_is_freed_by_cancellation() -> None:
    async def main() -> None:
        made = AsyncRig()

        def holding() -> Exchange[None]:
            yield from exclusive("key", endless())

        def taking() -> Exchange[int]:
            return (yield from exclusive("key", asking()))

        task = asyncio.create_task(made.driver.run(holding()))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        async with asyncio.timeout(120):
            assert await made.driver.run(taking()) == 200

    asyncio.run(main())
