"""Values that are handed out as soon as they are there: order, limit, errors, and the end of an iterator."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from anycarrier.exchange import AsCompleted, Emit, Exchange, Listing, call, collect, each_page, first, mapped, sleep
from anycarrier.testing import Script
from support.rigs import AsyncRig, Rig, SyncRig, asking


def worth(value: Any, *, after: threading.Event | None = None) -> Exchange[Any]:
    """An exchange of this value, which waits for an event."""

    def work() -> None:
        assert after is None or after.wait(10)

    yield from call(work)
    return value


def listing(*values: Any, limit: int = 16) -> Listing[Any]:
    yield Emit(["begin"])
    yield AsCompleted([worth(value) for value in values], limit)
    yield Emit(["end"])


@pytest.mark.parametrize("kind", [SyncRig, AsyncRig])
def test_a_value_is_handed_out_while_others_go_on(kind: Any) -> None:
    got_one = threading.Event()
    driver = kind().driver
    found: list[str] = []

    def two() -> Listing[str]:
        yield AsCompleted([worth("slow", after=got_one), worth("quick")])

    def take(value: str) -> None:
        found.append(value)
        got_one.set()

    async def main() -> None:
        async for value in driver.iterate(two()):
            take(value)

    if kind is AsyncRig:
        asyncio.run(main())
    else:
        for value in driver.iterate(two()):
            take(value)
    assert found == ["quick", "slow"]


def test_values_come_between_the_pages_before_and_after(rig: Rig) -> None:
    found = rig().items(listing(1, 2, 3))
    assert (found[0], sorted(found[1:4]), found[4:]) == ("begin", [1, 2, 3], ["end"])
    assert rig().items(listing()) == ["begin", "end"]


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_run_at_once_than_the_limit_says(rig: Rig, limit: int) -> None:
    running: list[int] = []
    most: list[int] = []

    def work() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.005)
        running.pop()

    def many() -> Listing[None]:
        yield AsCompleted([call(work) for _ in range(9)], limit)

    assert len(rig().items(many())) == 9
    assert max(most) <= limit


def test_an_error_ends_the_listing_and_closes_what_did_not_begin(rig: Rig) -> None:
    closed: list[int] = []

    def waiting(at: int) -> Exchange[int]:
        try:
            yield from sleep(0)
            raise ValueError(at)
        finally:
            closed.append(at)

    def many() -> Listing[int]:
        exchanges = [waiting(at) for at in range(5)]
        yield AsCompleted(exchanges, 1)

    with pytest.raises(ValueError, match="0"):
        rig().items(many())
    assert 0 in closed


def test_requests_after_the_iterator_was_closed_are_not_sent(rig: Rig) -> None:
    def many() -> Listing[int]:
        yield AsCompleted([asking(f"/{at}") for at in range(40)], 2)

    one = rig()
    assert len(one.items(many(), 3)) == 3
    sent = len(one.transport.sent)
    time.sleep(0.05)
    assert len(one.transport.sent) == sent < 20


def test_within_an_exchange_the_values_come_all_at_once(rig: Rig) -> None:
    pages: list[list[Any]] = []

    def paged() -> Exchange[None]:
        def note(page: Any) -> Exchange[None]:
            pages.append([*page])
            yield from ()

        yield from each_page(listing(1, 2), note)

    assert rig().run(collect(listing(1, 2))) == ["begin", 1, 2, "end"]
    assert rig().run(first(listing(1, 2), lambda one: one == 2)) == 2
    rig().run(paged())
    assert pages == [["begin"], [1, 2], ["end"]]
    assert rig().items(mapped(listing(1, 2), lambda page: [str(one) for one in page])) == ["begin", "1", "2", "end"]


def test_a_script_hands_out_the_values_too() -> None:
    script = Script()
    script.run(listing(1, 2))
    assert script.emitted == ["begin", 1, 2, "end"]


@pytest.mark.parametrize("kind", [SyncRig, AsyncRig])
def test_run_refuses_an_exchange_that_hands_out_values(kind: Rig) -> None:
    with pytest.raises(Exception, match="iterate"):
        kind().run(listing(1))
