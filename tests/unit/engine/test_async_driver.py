"""An asynchronous client on several event loops, one after the other or at once, and on none."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from anycarrier import AsyncClient, Client, ConfigurationError, Search, TransportError
from anycarrier.engine.async_driver import AsyncDriver
from anycarrier.engine.session import Session
from anycarrier.exchange import Call, Exchange, Request, Response, Sleep, exclusive, send, sleep
from anycarrier.simulator.transport import AsyncSimTransport, SimTransport
from anycarrier.testing import VirtualClock
from anycarrier.transports import _pool, async_transport, sync_transport
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from support.ports import LIBRARIES, PATIENT, wire
from support.raw_server import Connection, RawServer, answer, answering


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def transport(library: str) -> Any:
    return async_transport(library, PATIENT)


def test_one_loop_after_the_other_each_with_connections_of_its_own(transport: Any) -> None:
    async def twice(origin: str) -> list[int]:
        return [(await transport.send(wire(origin))).status for _ in range(2)]

    with RawServer(answering()) as server:
        for _ in range(3):
            assert asyncio.run(twice(server.origin)) == [200, 200]
        assert [received.connection for received in server.received] == [0, 0, 1, 1, 2, 2]
        asyncio.run(transport.close())


def test_what_is_open_on_a_loop_is_closed_when_the_loop_ends(transport: Any) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer())
        connection.hang()

    with RawServer(script) as server:
        asyncio.run(transport.send(wire(server.origin)))
        assert server.closed_by_client.wait(120)


def test_what_nobody_uses_any_more_is_closed_on_its_loop(library: str) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer())
        connection.hang()

    async def main(origin: str) -> bool:
        made = async_transport(library, PATIENT)
        await made.send(wire(origin))
        del made
        gc.collect()
        return await asyncio.to_thread(server.closed_by_client.wait, 5)

    with RawServer(script) as server:
        assert asyncio.run(main(server.origin))


@pytest.mark.slow
def test_two_loops_at_once_in_two_threads(transport: Any) -> None:
    async def many(origin: str, name: str) -> int:
        bodies = [f"{name}{n}".encode() for n in range(30)]
        answers = await asyncio.gather(*(transport.send(wire(origin, body=body)) for body in bodies))
        return sum(got.body != body for got, body in zip(answers, bodies, strict=True))

    wrong: list[int] = []
    with RawServer(answering(lambda received: answer(received.body))) as server:
        threads = [
            threading.Thread(target=lambda name=name: wrong.append(asyncio.run(many(server.origin, name))))  # type: ignore[misc]
            for name in "abc"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == [0, 0, 0]


def test_closing_reaches_the_loops_of_other_threads(transport: Any) -> None:
    asked, closed = threading.Event(), threading.Event()
    outcomes: list[Any] = []

    def script(connection: Connection) -> None:
        connection.request()
        asked.set()
        connection.hang()

    async def other(origin: str) -> None:
        outcomes.append(await transport.send(wire(origin)))
        await asyncio.to_thread(closed.wait)

    with RawServer(script) as server:
        thread = threading.Thread(target=lambda: asyncio.run(other(server.origin)))
        thread.start()
        assert asked.wait(120)
        asyncio.run(transport.close())
        assert server.closed_by_client.wait(120)
        closed.set()
        thread.join()
    assert (outcomes[0].kind, outcomes[0].maybe_applied) == ("broken", True)


def used_once(connection: Connection) -> None:
    connection.request()
    connection.send(answer())
    connection.hang()


def test_what_is_idle_on_a_loop_is_closed_when_the_time_has_come(
    transport: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_pool, "IDLE_SECONDS", 0.05)

    async def main(origin: str) -> bool:
        for _ in range(2):
            assert (await transport.send(wire(origin))).status == 200
            assert await asyncio.to_thread(server.closed_by_client.wait, 5)
            server.closed_by_client.clear()
        return True

    with RawServer(used_once) as server:
        assert asyncio.run(main(server.origin))


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_idle_in_one_client_is_closed_when_another_is_used(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle, used = sync_transport(library, PATIENT), sync_transport(library, PATIENT)
    with RawServer(used_once) as server, RawServer(answering()) as other:
        assert idle.send(wire(server.origin)).status == 200  # type: ignore[union-attr]
        assert used.send(wire(other.origin)).status == 200  # type: ignore[union-attr]
        assert not server.closed_by_client.is_set()
        monkeypatch.setattr(_pool, "IDLE_SECONDS", 0.0)
        assert used.send(wire(other.origin)).status == 200  # type: ignore[union-attr]
        assert server.closed_by_client.wait(120)
        monkeypatch.undo()
        assert idle.send(wire(other.origin)).status == 200  # type: ignore[union-attr]
    idle.close()
    used.close()


def test_a_stream_is_closed_to_another_loop(transport: Any) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer(b"begun", length=100))
        connection.hang()

    with RawServer(script) as server:
        opened = asyncio.run(transport.send(wire(server.origin, stream=True)))
        read = asyncio.run(transport.read(opened.stream))
        assert isinstance(read, TransportError)
        assert "the stream is closed" in str(read)
        asyncio.run(transport.close_stream(opened.stream))
        asyncio.run(transport.close())


def test_a_loop_that_was_closed_without_an_end_is_forgotten(transport: Any) -> None:
    with RawServer(answering()) as server:
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(transport.send(wire(server.origin))).status == 200
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        assert asyncio.run(transport.send(wire(server.origin))).status == 200


# -- the driver


class Counting:
    def __init__(self) -> None:
        self.inside = self.most = self.sent = 0

    async def send(self, request: Any) -> Response:
        self.inside += 1
        self.sent += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.02)
        self.inside -= 1
        return Response(200)

    async def read(self, stream: object) -> bytes:
        return b""

    async def close_stream(self, stream: object) -> None:
        pass

    async def close(self) -> None:
        pass


class Nobody:
    id = "main"
    base_url = "https://api.example"
    provider = "fake"

    class credentials:  # noqa: N801
        @staticmethod
        def headers() -> Iterator[Any]:
            yield Sleep(0)
            return {}  # type: ignore[return-value]


def alone() -> Exchange[int]:
    def asking() -> Exchange[int]:
        return (yield from send(Request(account="main", operation="op", method="GET", path="/things"))).status

    return (yield from exclusive("renew main", asking()))


def test_what_is_exclusive_is_so_on_all_loops_at_once() -> None:
    counting = Counting()
    driver = AsyncDriver(Session([Nobody()]), counting)  # type: ignore[list-item]

    async def several() -> None:
        await asyncio.gather(*(driver.run(alone()) for _ in range(3)))

    threads = [threading.Thread(target=lambda: asyncio.run(several())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counting.most, counting.sent) == (1, 9)


def test_a_lock_that_was_waited_for_on_one_loop_works_on_the_next() -> None:
    driver = AsyncDriver(Session([Nobody()]), Counting())  # type: ignore[list-item]

    async def several() -> list[int]:
        return await asyncio.gather(*(driver.run(alone()) for _ in range(3)))

    assert [asyncio.run(several()) for _ in range(3)] == [[200] * 3] * 3


def test_cancelled_while_it_waits_for_another_loop() -> None:
    driver = AsyncDriver(Session([Nobody()]), Counting())  # type: ignore[list-item]
    held, go_on = threading.Event(), threading.Event()

    def hold() -> Exchange[Any]:
        def waiting() -> Exchange[None]:
            yield Call(lambda: (held.set(), go_on.wait()))

        return (yield from exclusive("renew main", waiting()))

    async def cancelled() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(driver.run(alone()), 0.05)
        go_on.set()
        assert await driver.run(alone()) == 200

    thread = threading.Thread(target=lambda: asyncio.run(driver.run(hold())))
    thread.start()
    held.wait()
    asyncio.run(cancelled())
    thread.join()


# -- no loop, another library's, and a blocking client on one


def client_of(kind: Any, transport: Any) -> Any:
    simulator = LCPhoneSimulator()
    origin = "http://127.0.0.1:8000"
    return kind("lc_phone", base_url=origin, transport=transport({origin: simulator}), **simulator.settings)


@pytest.mark.parametrize(
    "use",
    [lambda client: client.search(Search()), lambda client: anext(client.iterate(client.provider.list()))],
    ids=["run", "iterate"],
)
def test_without_a_loop_of_asyncio_it_says_so(use: Callable[[Any], Any]) -> None:
    client = client_of(AsyncClient, AsyncSimTransport)
    with pytest.raises(ConfigurationError, match="running event loop of asyncio, and there is none here; on trio"):
        use(client).__await__().send(None)


def test_it_may_be_made_where_no_loop_runs() -> None:
    client = client_of(AsyncClient, AsyncSimTransport)
    assert asyncio.run(client.search(Search(limit=1)))
    assert asyncio.run(client.search(Search(limit=1)))


def test_a_blocking_client_works_within_a_loop() -> None:
    client = client_of(Client, SimTransport)

    async def main() -> list[Any]:
        return client.search(Search(limit=1))  # type: ignore[no-any-return]

    assert asyncio.run(main())
    client.close()


# -- whoever makes a transport closes it


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_transport_that_several_clients_share_is_closed_by_none_of_them(kind: Any) -> None:
    simulator = LCPhoneSimulator()
    origin = "http://127.0.0.1:8000"
    shared = (SimTransport if kind is Client else AsyncSimTransport)({origin: simulator})
    made = {"base_url": origin, "transport": shared, "clock": VirtualClock(), **simulator.settings}
    one, two = (kind("lc_phone", **made) for _ in range(2))

    def done(outcome: Any) -> Any:
        async def main() -> Any:
            return await outcome

        return asyncio.run(main()) if kind is AsyncClient else outcome

    assert done(one.search(Search(limit=1)))
    done(one.close())
    assert not shared.closed
    with pytest.raises(TransportError, match="the client is closed; the request was not sent") as caught:
        done(one.search(Search(limit=1)))
    assert (caught.value.kind, caught.value.maybe_applied) == ("closed", False)
    assert done(two.search(Search(limit=1)))
    done(two.close())


def test_sleeping_is_done_on_the_running_loop() -> None:
    driver = AsyncDriver(Session([Nobody()]), Counting())  # type: ignore[list-item]

    async def both() -> None:
        await asyncio.gather(driver.run(sleep(0.001)), driver.run(sleep(0.001)))

    asyncio.run(both())
    asyncio.run(both())
