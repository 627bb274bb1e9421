"""Cancelled, interrupted and many at once: the pool stays usable."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
import traceback
from typing import Any

import pytest

from anycarrier.exchange import Response
from anycarrier.transports import Timeouts, _base, async_transport, sync_transport
from support.ports import LIBRARIES, PATIENT, Async, Sync, wire
from support.raw_server import Connection, RawServer, answer, answering, deaf


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("where", ["connecting", "before the head", "in the body", "reading a stream", "in the queue"])
def test_a_cancelled_task_leaves_the_pool_usable(library: str, where: str) -> None:
    answers = threading.Event()

    def script(connection: Connection) -> None:
        if answers.is_set():
            return answering()(connection)
        connection.request()
        if where in ("in the body", "reading a stream"):
            connection.send(answer(b"part", length=100))
        return connection.hang()

    async def main(origin: str, good: str) -> None:
        transport = Async(library, Timeouts(connect=5, read=5, pool=5)).transport
        ahead = None
        if where == "in the queue":
            ahead = asyncio.create_task(transport.send(wire(good)))
            await asyncio.sleep(0.05)
        if where == "reading a stream":
            outcome = await transport.send(wire(origin, stream=True))
            await transport.read(outcome.stream)
            task = asyncio.create_task(transport.read(outcome.stream))
        else:
            task = asyncio.create_task(transport.send(wire(origin)))
        await asyncio.sleep(0.1)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if ahead is not None:
            ahead.cancel()
            await asyncio.wait([ahead])
        answers.set()
        async with asyncio.timeout(120):
            assert (await transport.send(wire(good))).status == 200
        await transport.close()

    with RawServer(script) as server, deaf() as silent:
        asyncio.run(main(silent if where == "connecting" else server.origin, server.origin))


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("library", LIBRARIES)
def test_cancelled_just_as_its_turn_comes(library: str) -> None:
    """The connection ahead breaks, the next in the queue is given a new one and is cancelled in the same instant."""

    async def main(broken: str, good: str) -> None:
        transport = Async(library, Timeouts(read=5, pool=1)).transport
        for _ in range(3):
            tasks: list[asyncio.Task[Any]] = []

            async def first(tasks: list[asyncio.Task[Any]]) -> None:
                await transport.send(wire(broken))
                tasks[1].cancel()

            tasks.append(asyncio.create_task(first(tasks)))
            await asyncio.sleep(0.02)
            tasks.append(asyncio.create_task(transport.send(wire(good))))
            await asyncio.wait(tasks)
            assert tasks[1].cancelled()
        outcome = await transport.send(wire(good))
        assert not isinstance(outcome, Exception), outcome
        await transport.close()

    def script(connection: Connection) -> None:
        connection.request()
        time.sleep(0.05)

    with RawServer(script) as server, RawServer(answering()) as good:
        asyncio.run(main(server.origin, good.origin))


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("where", ["before the head", "in the body"])
def test_an_interrupt_leaves_the_pool_usable(library: str, where: str) -> None:
    def script(connection: Connection) -> None:
        if connection.index:
            return answering()(connection)
        connection.request()
        if where == "in the body":
            connection.send(answer(b"part", length=100))
        return connection.hang()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    port = Sync(library, Timeouts(read=5))
    main = threading.main_thread().ident
    assert main == threading.get_ident()
    before = signal.signal(signal.SIGUSR1, interrupt)
    timer = threading.Timer(0.15, lambda: signal.pthread_kill(main, signal.SIGUSR1))
    try:
        with RawServer(script) as server:
            timer.start()
            with pytest.raises(KeyboardInterrupt) as raised:
                port.send(wire(server.origin, headers=(("authorization", "Bearer t0ken"),)))
            if library == "fast":  # frames of httpcore and h11 hold the headers
                shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
                ours = [frame for frame in shown.stack if "anycarrier" in frame.filename]
                assert ours
                assert "t0ken" not in str([frame.locals for frame in ours])
            assert server.closed_by_client.wait(120)
            assert port.send(wire(server.origin)).status == 200
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)
        port.close()


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_hundred_at_once_and_few_are_kept(library: str) -> None:
    async def main(origin: str) -> list[Any]:
        transport = async_transport(library, PATIENT)
        outcomes = await asyncio.gather(*(transport.send(wire(origin, body=b"%d" % n)) for n in range(130)))
        pool = transport._homes[asyncio.get_running_loop()].pool  # type: ignore[attr-defined]
        idle, busy = pool.drain()
        assert len(idle) <= _base.MAX_IDLE
        assert busy == []
        for connection in idle:
            pool.put(_base.Origin(origin), connection)
        await transport.close()
        return [outcome.body for outcome in outcomes]  # type: ignore[union-attr]

    with RawServer(answering(lambda received: answer(received.body))) as server:
        assert asyncio.run(main(server.origin)) == [b"%d" % n for n in range(130)]
        assert server.accepted <= 130


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_slow_reader_holds_the_server_and_not_the_answer(library: str) -> None:
    sent = [0]

    def pouring(connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(1000):
            connection.send(bytes(100_000))
            sent[0] += 100_000

    async def main(origin: str) -> None:
        transport = async_transport(library, PATIENT)
        outcome = await transport.send(wire(origin, stream=True))
        assert isinstance(outcome, Response)
        assert await transport.read(outcome.stream)
        await asyncio.sleep(0.3)
        # What the systems at both ends hold, and a little of ours.
        assert sent[0] < 20_000_000
        held = sent[0]
        total = 65536
        while total < held + 5_000_000:
            piece = await transport.read(outcome.stream)
            assert isinstance(piece, bytes)
            assert 0 < len(piece) <= 65536
            total += len(piece)
        await transport.close_stream(outcome.stream)
        await transport.close()

    with RawServer(pouring) as server:
        asyncio.run(main(server.origin))


@pytest.mark.parametrize("library", LIBRARIES)
def test_threads_share_one_transport(library: str) -> None:
    transport = sync_transport(library, PATIENT)
    seen: list[bytes] = []

    def worker(origin: str, mark: bytes) -> None:
        for _ in range(20):
            outcome = transport.send(wire(origin, body=mark))
            assert isinstance(outcome, Response)
            seen.append(outcome.body)
            assert outcome.body == mark

    with RawServer(answering(lambda received: answer(received.body))) as server:
        threads = [threading.Thread(target=worker, args=(server.origin, b"%d" % n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    transport.close()
    assert len(seen) == 160
