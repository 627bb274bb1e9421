"""Streams are read in bounded pieces, and their connections are reused or closed."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable
from typing import Any

import pytest

from anycarrier.errors import TransportError
from anycarrier.transports import Timeouts
from support.ports import HASTY, LIBRARIES, PATIENT, Sync, at_some_pace, drained, wire
from support.raw_server import Connection, RawServer, answer, answering, bomb
from support.transport_scripts import (
    Port,
    check_says_nothing_secret,
    half_a_body,
    truncated,
    truncated_by_rst,
    truncated_chunks,
    truncated_gzip,
)


@pytest.mark.slow
def test_a_stream_is_read_in_bounded_pieces_and_its_connection_is_reused(port: Port) -> None:
    body = bomb(8_000_000)
    with RawServer(answering(answer(body, Content_Encoding="gzip"))) as server:
        for _ in range(2):
            outcome = port.send(wire(server.origin, stream=True, purpose="read"))
            assert outcome.body == b""
            assert "things" in repr(outcome.stream)
            sizes = [len(piece) for piece in drained(port, outcome)]
            assert sum(sizes) == 8_000_000
            assert max(sizes) <= 65536
            assert port.read(outcome.stream) == b""
            port.close_stream(outcome.stream)
            port.close_stream(outcome.stream)
        assert server.accepted == 1


def test_an_error_status_is_not_streamed(port: Port) -> None:
    with RawServer(answering(answer(b'{"error":1}', "404 Not Found"))) as server:
        outcome = port.send(wire(server.origin, stream=True))
        assert (outcome.status, outcome.body, outcome.stream) == (404, b'{"error":1}', None)


@pytest.mark.parametrize("script", [truncated, truncated_by_rst, truncated_chunks, half_a_body])
def test_a_broken_stream_is_never_an_end(kind: Callable[..., Port], script: Any) -> None:
    port = kind(HASTY if script is half_a_body else PATIENT)
    with RawServer(script) as server:
        outcome = port.send(wire(server.origin, stream=True))
        assert port.read(outcome.stream)
        error = port.read(outcome.stream)
        assert error.kind == ("timeout" if script is half_a_body else "broken")
        check_says_nothing_secret(error, server.origin)
        assert port.read(outcome.stream).kind == "closed"
        port.close_stream(outcome.stream)
    port.close()


def test_a_truncated_gzip_stream_is_never_an_end(port: Port) -> None:
    with RawServer(truncated_gzip) as server:
        outcome = port.send(wire(server.origin, stream=True))
        with pytest.raises(TransportError):
            list(drained(port, outcome))


@pytest.mark.slow
def test_the_consumers_time_does_not_count(kind: Callable[..., Port]) -> None:
    def attempt(pace: float) -> None:
        def script(connection: Connection) -> None:
            for _ in connection.requests():
                connection.send(answer(b"a", length=2))
                time.sleep(0.6 * pace)
                connection.send(b"b")

        port = kind(Timeouts(read=5 * pace, total=0.5 * pace))
        with RawServer(script) as server, contextlib.closing(port):
            for pause in (0.0, 0.6):
                outcome = port.send(wire(server.origin, stream=True))
                time.sleep(pause * pace)
                assert b"".join(drained(port, outcome)) == b"ab"
                port.close_stream(outcome.stream)

    at_some_pace(attempt)


def trickle(connection: Connection, pace: float = 1.0) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n")
    for _ in range(20):
        connection.send(b" ")
        time.sleep(0.03 * pace)


def test_a_stream_that_trickles_ends_in_an_error(kind: Callable[..., Port]) -> None:
    port = kind(Timeouts(stream=0.15))
    with RawServer(trickle) as server:
        outcome = port.send(wire(server.origin, purpose="read", stream=True))
        with pytest.raises(TransportError, match=r"was not complete after 0\.15 s of reading \(deadline\)$") as caught:
            list(drained(port, outcome))
        assert (caught.value.kind, caught.value.maybe_applied) == ("deadline", True)
        check_says_nothing_secret(caught.value.with_traceback(None), server.origin)
        assert port.read(outcome.stream).kind == "closed"
    port.close()


@pytest.mark.slow
def test_a_stream_that_arrives_steadily_is_read_whole_however_long_a_request_may_take(
    kind: Callable[..., Port],
) -> None:
    def attempt(pace: float) -> None:
        port = kind(Timeouts(total=0.3 * pace))
        with RawServer(lambda connection: trickle(connection, pace)) as server, contextlib.closing(port):
            outcome = port.send(wire(server.origin, purpose="read", stream=True))
            assert b"".join(drained(port, outcome)) == b" " * 20
            port.close_stream(outcome.stream)

    at_some_pace(attempt)


@pytest.mark.slow
def test_the_consumers_time_is_not_the_streams(kind: Callable[..., Port]) -> None:
    def attempt(pace: float) -> None:
        port = kind(Timeouts(stream=0.3 * pace))
        with RawServer(answering(answer(bytes(200_000)))) as server, contextlib.closing(port):
            outcome = port.send(wire(server.origin, purpose="read", stream=True))
            read = 0
            for piece in drained(port, outcome):
                read += len(piece)
                time.sleep(0.2 * pace)
            assert read == 200_000
            port.close_stream(outcome.stream)

    at_some_pace(attempt)


def test_a_stream_given_up_early_frees_its_connection(port: Port) -> None:
    with RawServer(half_a_body) as server:
        outcome = port.send(wire(server.origin, stream=True))
        assert port.read(outcome.stream) == b'{"ok":'
        port.close_stream(outcome.stream)
        assert server.closed_by_client.wait(120)
        assert port.read(outcome.stream).kind == "closed"


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_stream_that_nobody_closed_is_closed_with_its_transport(library: str) -> None:
    with RawServer(half_a_body) as server:
        port = Sync(library)
        outcome = port.send(wire(server.origin, stream=True))
        port.send(wire(server.origin, stream=True))  # dropped, not closed
        port.close()
        assert server.closed_by_client.wait(120)
        assert port.read(outcome.stream).kind == "closed"
        port.close_stream(outcome.stream)
        del outcome, port
        gc.collect()  # a socket left open would warn here
