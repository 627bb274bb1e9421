"""Connections are kept, reused and closed; none carries an answer to the next request."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from anycarrier.errors import AnyCarrierError, TransportError
from support.ports import LIBRARIES, PATIENT, Async, Sync, wire
from support.raw_server import TLS_FIXTURE, Connection, RawServer, answer, answering
from support.transport_scripts import Port, hang


@pytest.mark.usefixtures("one_connection")
def test_pool_exhausted(kind: Callable[..., Port]) -> None:
    port = kind(evolve(PATIENT, pool=0.12))

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer(b"begun", length=100))
        connection.hang()

    with RawServer(script) as server:
        held = port.send(wire(server.origin, stream=True))
        outcome = port.send(wire(server.origin, purpose="purchase"))
        assert (outcome.kind, outcome.maybe_applied) == ("pool", False)
        assert "not sent" in str(outcome)
        assert len(server.received) == 1
        port.close_stream(held.stream)
        assert server.closed_by_client.wait(120)
    port.close()


def test_keep_alive_closed_while_idle_is_noticed(port: Port) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer())

    with RawServer(script) as server:
        for _ in range(3):
            assert port.send(wire(server.origin)).status == 200
            time.sleep(0.05)
        assert (len(server.received), server.accepted) == (3, 3)


@pytest.mark.parametrize("end", ["fin", "rst"])
def test_keep_alive_closed_just_as_it_is_reused_is_never_sent_twice(port: Port, end: str) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer())
        connection.request()
        if end == "rst":
            connection.reset()

    with RawServer(script) as server:
        assert port.send(wire(server.origin)).status == 200
        outcome = port.send(wire(server.origin))
        assert (outcome.kind, outcome.maybe_applied) == ("broken", True)
        assert (len(server.received), server.accepted) == (2, 1)


@pytest.mark.slow
def test_keep_alive_race(port: Port) -> None:
    """The server closes within a millisecond of the reuse: whatever comes of it, no request is seen twice."""

    def script(connection: Connection) -> None:
        connection.request()
        connection.send(answer())
        time.sleep(0.004)

    with RawServer(script) as server:
        for turn in range(10):
            first = port.send(wire(server.origin))
            if isinstance(first, TransportError):  # a busy machine closes the one before only now
                assert first.maybe_applied
                continue
            time.sleep(0.0035 + turn / 10_000)
            body = b"%d" % turn
            outcome = port.send(wire(server.origin, body=body))
            seen = sum(received.body == body for received in server.received)
            assert seen <= 1
            if isinstance(outcome, TransportError):
                assert outcome.maybe_applied
            else:
                assert seen == 1
            time.sleep(0.01)


def test_closed(kind: Callable[..., Port]) -> None:
    port = kind()
    with RawServer(answering()) as server:
        port.send(wire(server.origin))
        if isinstance(port, Sync):
            port.close()
            port.close()
            outcome = port.send(wire(server.origin))
        else:
            port.runner.run(port.transport.close())
            outcome = port.send(wire(server.origin))
            port.close()
        assert (outcome.kind, outcome.maybe_applied) == ("closed", False)
        assert len(server.received) == 1


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one(port: Port) -> None:
    def script(connection: Connection) -> None:
        mine = connection.request().body
        connection.send(answer(mine) + answer(b"somebody else's"))
        for received in connection.requests():
            connection.send(answer(received.body))

    with RawServer(script) as server:
        for n in range(3):
            body = b"%d" % n
            assert port.send(wire(server.origin, body=body)).body == body
        assert server.accepted == 3


def test_an_answer_before_the_request_was_taken(port: Port) -> None:
    def refusing(connection: Connection) -> None:
        connection._more()
        connection.send(answer(b"{}", "413 Content Too Large"))
        while True:
            connection._more()
            connection._buffer = b""

    with RawServer(refusing) as server:
        outcome = port.send(wire(server.origin, body=bytes(20_000_000)))
        if isinstance(outcome, TransportError):  # a reset may overtake the answer
            assert (outcome.kind, outcome.maybe_applied) == ("broken", True)
        else:
            assert outcome.status == 413


def test_a_connection_that_the_server_wants_closed_is_not_kept(port: Port) -> None:
    with RawServer(answering(answer(Connection="close"))) as server:
        for _ in range(2):
            assert port.send(wire(server.origin)).status == 200
        assert server.accepted == 2


def test_a_switch_of_protocols_is_no_answer_to_keep(port: Port) -> None:
    def switching(connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello")
        connection.hang()

    with RawServer(switching) as server:
        outcome = port.send(wire(server.origin, purpose="purchase"))
        assert (outcome.kind, outcome.maybe_applied) == ("broken", True)
        assert server.closed_by_client.wait(120)


@pytest.mark.parametrize(
    "header", [("x-a", "1\r\nx-b: 2"), ("x a", "1"), ("x-a", "1\0"), ("content-length", "1"), ("Host", "evil.example")]
)
def test_a_header_that_cannot_be_sent_is_not(port: Port, header: tuple[str, str]) -> None:
    with RawServer(answering()) as server:
        with pytest.raises(AnyCarrierError, match="a header contains characters") as raised:
            port.send(wire(server.origin, headers=(header,)))
        assert raised.value.maybe_applied is False
        assert header[1] not in str(raised.value)
        assert server.accepted == 0


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("GET", None, None), ("DELETE", None, None), ("POST", None, "0"), ("PUT", b"ab", "2")],
)
def test_a_length_is_declared_where_a_body_is_expected(
    port: Port, method: str, body: bytes | None, length: str | None
) -> None:
    with RawServer(answering()) as server:
        assert port.send(wire(server.origin, method=method, body=body)).status == 200
        [received] = server.received
        assert (received.method, received.headers.get("content-length")) == (method, length)
        assert received.headers["host"] == f"127.0.0.1:{server.port}"
        assert "transfer-encoding" not in received.headers


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("tls", [False, True])
def test_closing_ends_what_is_under_way(library: str, tls: bool) -> None:
    context = None
    if tls:
        context = ssl.create_default_context(cafile=str(TLS_FIXTURE))
    port = Sync(library, PATIENT, tls=context)
    outcomes: list[Any] = []
    with RawServer(hang, tls=tls) as server:
        thread = threading.Thread(target=lambda: outcomes.append(port.send(wire(server.origin))))
        thread.start()
        while not server.received:
            time.sleep(0.005)
        time.sleep(0.02)
        port.close()
        thread.join(120)
        assert server.closed_by_client.wait(120)
    assert (outcomes[0].kind, outcomes[0].maybe_applied) == ("broken", True)


@pytest.mark.parametrize("library", LIBRARIES)
def test_closing_ends_what_is_under_way_on_an_event_loop(library: str) -> None:
    async def main(origin: str) -> Any:
        transport = Async(library, PATIENT).transport
        task = asyncio.create_task(transport.send(wire(origin)))
        await asyncio.sleep(0.1)
        await transport.close()
        async with asyncio.timeout(120):
            return await task

    with RawServer(hang) as server:
        outcome = asyncio.run(main(server.origin))
        assert server.closed_by_client.wait(120)
    assert (outcome.kind, outcome.maybe_applied) == ("broken", True)
