"""The next page of a list is fetched ahead, in order, and no more of it than is wanted."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from anycarrier import AsyncClient
from anycarrier.errors import ProviderDown, TransportError
from anycarrier.exchange import Emit, Listing, Response
from anycarrier.testing import AnyClient, StubTransport, VirtualClock
from anycarrier.testing.fakes import Mode
from support.meter import Meter, Metered, phone_of
from support.threads import threads_of_clients

ALL = [f"{page}.{place}" for page in range(4) for place in range(3)]


@pytest.mark.parametrize("ahead", [True, False])
def test_the_order_is_kept(mode: Mode, ahead: bool) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        assert phone.every(phone.iterate(provider.list(), ahead=ahead)) == ALL
        assert len(phone.sent) == 4


class Watched:
    """Takes items one by one, in either mode."""

    def __init__(self, phone: AnyClient, items: Any) -> None:
        self.phone = phone
        self.items = items
        self.loop: Any = phone._loop

    def take(self) -> Any:
        return next(self.items) if self.loop is None else self.loop.run(self._take())

    async def _take(self) -> Any:
        item = await anext(self.items)
        await asyncio.sleep(0.01)  # a consumer that works lets other tasks run
        return item

    def close(self) -> None:
        if self.loop is None:
            self.items.close()
        else:
            self.loop.run(self.items.aclose())

    def tasks(self) -> int:
        if self.loop is None:
            return len(threads_of_clients())

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return self.loop.run(count())  # type: ignore[no-any-return]


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 120
    while not holds() and time.monotonic() < until:
        time.sleep(0.001)
    return holds()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However quickly a blocking program consumes, a thread fetches ahead."""
    monkeypatch.setattr("anycarrier.engine.driver.QUICKLY", -1.0)


@pytest.mark.parametrize("quick", [True, False])
def test_no_thread_is_made_for_who_consumes_quickly(quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anycarrier.engine.driver.QUICKLY", 60.0 if quick else 0.005)
    provider = Metered()
    with phone_of("sync", provider, Meter(1000), VirtualClock()) as phone:
        items = phone.iterate(provider.list())
        for _, item in zip(range(5), items, strict=False):
            assert item
            time.sleep(0.004)
        assert bool(threads_of_clients()) is not quick
        assert [*items] == ALL[5:]
        items.close()
        assert threads_of_clients() == []


@pytest.mark.usefixtures("unhurried")
def test_one_page_is_fetched_ahead_from_the_second_item_on(mode: Mode) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(provider.list()))
        assert watched.take() == "0.0"
        assert provider.began == ["0"]
        assert watched.take() == "0.1"
        assert eventually(lambda: len(phone.sent) == 2)
        assert watched.take() == "0.2"
        assert watched.take() == "1.0"
        assert len(phone.sent) == 2
        assert provider.began == ["0", "1"]
        watched.close()
        assert watched.tasks() == 0


def test_without_it_nothing_is_fetched_before_it_is_wanted(mode: Mode) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(provider.list(), ahead=False))
        assert [watched.take() for _ in range(3)] == ["0.0", "0.1", "0.2"]
        assert provider.began == ["0"]
        watched.close()


def test_a_stream_is_not_read_ahead(mode: Mode) -> None:
    provider = Metered()
    stub = StubTransport(lambda request: Response(200, {}, b"body"))
    with AnyClient(mode, provider, stub) as phone:
        watched = Watched(phone, phone.iterate(provider.list(stream=True)))
        assert [watched.take() for _ in range(3)] == ["0.0", "0.1", "0.2"]
        assert provider.began == ["0"]
        watched.close()
        assert stub.open_streams == 0


def test_an_error_comes_after_the_items_before_it(mode: Mode) -> None:
    provider = Metered()
    simulator = Meter(1000)
    simulator.fault("error", operation="pages", status=500, after=2)
    with phone_of(mode, provider, simulator, VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(provider.list()))
        assert [watched.take() for _ in range(6)] == ALL[:6]
        with pytest.raises(ProviderDown):
            watched.take()
        assert watched.tasks() == 0


def test_an_error_of_the_listing_itself_too(mode: Mode) -> None:
    def listing() -> Listing[int]:
        yield Emit([1, 2, 3])
        raise ZeroDivisionError

    with phone_of(mode, Metered(), Meter(), VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(listing()))
        assert [watched.take() for _ in range(3)] == [1, 2, 3]
        with pytest.raises(ZeroDivisionError):
            watched.take()


def test_pages_of_one_item_and_of_none(mode: Mode) -> None:
    provider = Metered()

    def listing() -> Listing[int]:
        for items in ([], [1], [], [2, 3], []):
            yield from provider.thing()
            yield Emit(items)
        yield Emit([4])
        yield Emit([5])

    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        assert phone.every(phone.iterate(listing())) == [1, 2, 3, 4, 5]


class Gate:
    """A transport that answers the first page, and later ones when it is let."""

    def __init__(self, mode: Mode) -> None:
        self.sync = mode == "sync"
        self.open = threading.Event()
        self.asked = threading.Event()
        self.cancelled = False
        self.closed = False

    def send(self, request: Any) -> Any:
        return self._send(request) if self.sync else self._asend(request)

    def _send(self, request: Any) -> Response | TransportError:
        if request.url.endswith("/0"):
            return Response(200, {}, b'["a", "b", "c"]')
        self.asked.set()
        assert self.open.wait(120)
        return Response(200, {}, b'["d", "e"]')

    async def _asend(self, request: Any) -> Response:
        if request.url.endswith("/0"):
            return Response(200, {}, b'["a", "b", "c"]')
        self.asked.set()
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError("nobody stopped it")

    def close(self) -> Any:
        self.closed = True

        async def closed() -> None:
            return

        return None if self.sync else closed()

    def read(self, stream: object) -> Any:
        raise AssertionError

    def close_stream(self, stream: object) -> Any:
        raise AssertionError


@pytest.mark.usefixtures("unhurried")
def test_stopping_early_leaves_nothing_running(mode: Mode) -> None:
    gate = Gate(mode)
    provider = Metered()
    with AnyClient(mode, provider, gate) as phone:
        watched = Watched(phone, phone.iterate(provider.list()))
        assert [watched.take(), watched.take()] == ["a", "b"]
        assert gate.asked.wait(120)
        assert watched.tasks() == 1
        opener = threading.Timer(0.05, gate.open.set)
        opener.start()
        watched.close()  # a blocking client waits for the request that is under way, the other cancels it
        opener.join()
        assert watched.tasks() == 0
        assert gate.cancelled == (mode == "async")
        assert provider.began == ["0", "1"]


@pytest.mark.usefixtures("unhurried")
def test_closing_the_client_waits_for_it_too(mode: Mode) -> None:
    gate = Gate(mode)
    provider = Metered()
    phone = AnyClient(mode, provider, gate)
    watched = Watched(phone, phone.iterate(provider.list()))
    assert [watched.take(), watched.take()] == ["a", "b"]
    assert gate.asked.wait(120)
    opener = threading.Timer(0.05, gate.open.set)
    opener.start()
    if watched.loop is None:
        phone._client.close()
    else:
        watched.loop.run(phone._client.close())
    opener.join()
    assert not gate.closed  # it was only lent to this client
    assert watched.tasks() == 0
    assert watched.take() == "c"
    if mode == "sync":  # what was under way came; nothing more is fetched ahead
        assert [watched.take(), watched.take()] == ["d", "e"]
        assert watched.tasks() == 0
        watched.close()
    else:
        with pytest.raises(TransportError) as caught:
            watched.take()
        assert caught.value.kind == "closed"
    phone.close()


@pytest.mark.usefixtures("unhurried")
def test_an_iterator_that_is_dropped_leaves_nothing(mode: Mode) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        if phone._loop is None:
            for _, item in zip(range(2), phone.iterate(provider.list()), strict=False):
                assert item
            gc.collect()
            assert eventually(lambda: not threads_of_clients())
            return

        async def main() -> int:
            async for item in phone.iterate(provider.list()):
                if item == "0.1":
                    break
            gc.collect()
            for _ in range(1000):  # a busy machine takes its time
                await asyncio.sleep(0.01)
                if len(asyncio.all_tasks()) == 1:
                    break
            return len(asyncio.all_tasks()) - 1

        assert phone._loop.run(main()) == 0


def test_cancelling_the_consumer_cancels_what_is_fetched() -> None:
    gate = Gate("async")
    provider = Metered()

    async def consume(client: AsyncClient[Any], got: list[str]) -> None:
        async for item in client.iterate(provider.list()):
            got.append(item)  # noqa: PERF401 - what came before it was cancelled

    async def main() -> list[str]:
        got: list[str] = []
        async with AsyncClient(provider, transport=gate) as client:  # type: ignore[call-overload]
            task = asyncio.create_task(consume(client, got))
            while not gate.asked.is_set():  # noqa: ASYNC110 - the gate is for threads too
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}
        return got

    assert asyncio.run(main()) == ["a", "b", "c"]
    assert gate.cancelled


def test_listing_types_are_iterators(mode: Mode) -> None:
    with phone_of(mode, Metered(), Meter(), VirtualClock()) as phone:
        kind = Iterator if mode == "sync" else AsyncIterator
        items = phone.iterate(Metered().list())
        assert isinstance(items, kind)
        Watched(phone, items).close()
