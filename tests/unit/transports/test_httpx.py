"""What each thing that can happen to a request becomes, in both modes, on httpx and httpx2."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from anycarrier.errors import AnyCarrierError, ConfigurationError, TransportError
from anycarrier.exchange import Response
from anycarrier.transports import (
    InUse,
    Timeouts,
    _base,
    _httpx,
    async_transport,
    in_use,
    sync_transport,
)
from anycarrier.transports._httpx_modes import modes
from support.ports import HASTY, IDS, KINDS, LIBRARIES, PATIENT, RECORDABLE, Async, Sync, drained, making, wire
from support.raw_server import TLS_FIXTURE, Connection, RawServer, answer, answering, bomb, deaf, nobody

Port = Sync | Async


@pytest.fixture(params=KINDS, ids=IDS)
def kind(request: pytest.FixtureRequest) -> Iterator[Callable[..., Port]]:
    with making(*request.param) as port:
        yield port


@pytest.fixture
def port(kind: Callable[..., Port]) -> Iterator[Port]:
    made = kind()
    yield made
    made.close()


# -- what works


def test_an_answer_has_status_lower_case_headers_and_body(port: Port) -> None:
    with RawServer(answering(answer(b'{"a":1}', "201 Created", X_Request_Id="r1"))) as server:
        outcome = port.send(wire(server.origin))
        assert outcome.status == 201
        assert outcome.headers["x-request-id"] == "r1"
        assert outcome.body == b'{"a":1}'
        assert outcome.stream is None
        [received] = server.received
        assert (received.method, received.target, received.body) == ("POST", "/things?q=1", b'{"n":1}')
        assert received.headers["authorization"] == "Bearer t0ken"


def test_every_status_is_an_answer(port: Port) -> None:
    statuses = iter((204, 404, 429, 500, 503))
    with RawServer(answering(lambda _: answer(b"", f"{next(statuses)} Said"))) as server:
        assert [port.send(wire(server.origin)).status for _ in range(5)] == [204, 404, 429, 500, 503]


def test_connections_are_kept(port: Port) -> None:
    with RawServer(answering()) as server:
        for _ in range(3):
            assert port.send(wire(server.origin)).status == 200
        assert server.accepted == 1


def test_a_purchase_never_goes_out_on_a_kept_connection(port: Port) -> None:
    with RawServer(answering()) as server:
        assert port.send(wire(server.origin, purpose="read", method="GET")).status == 200
        assert port.send(wire(server.origin, purpose="purchase")).status == 200
        assert server.accepted == 2  # the one that the read has left is not used
        assert port.send(wire(server.origin, purpose="read", method="GET")).status == 200
        assert server.accepted == 2  # one that a purchase has left is


def test_repeated_headers_are_joined(port: Port) -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: 1\r\nX-A: 2\r\n\r\n")) as server:
        assert port.send(wire(server.origin)).headers["x-a"] == "1, 2"


def test_what_is_said_about_encodings(port: Port) -> None:
    with RawServer(answering()) as server:
        port.send(wire(server.origin, purpose="purchase"))
        port.send(wire(server.origin, purpose="read", method="GET"))
        assert [received.headers["accept-encoding"] for received in server.received] == ["identity", "gzip, deflate"]


# -- the table of failures: what happened, the kind, may it have been applied, how many requests reached the server


def hang(connection: Connection) -> None:
    connection.request()
    connection.hang()


def fin(connection: Connection) -> None:
    connection.request()


def rst(connection: Connection) -> None:
    connection.request()
    connection.reset()


def truncated(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b'{"ok":', "201 Created", length=100))


def truncated_by_rst(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b'{"ok":', "201 Created", length=100))
    time.sleep(0.05)
    connection.reset()


def truncated_chunks(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")


def truncated_head(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-")


def half_a_body(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b'{"ok":', length=100))
    connection.hang()


def gibberish(connection: Connection) -> None:
    connection.request()
    connection.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def truncated_gzip(connection: Connection) -> None:
    connection.request()
    connection.send(answer(bomb(1000)[:-6], Content_Encoding="gzip"))


def not_gzip(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b"plain text", Content_Encoding="gzip"))


def too_many_encodings(connection: Connection) -> None:
    connection.request()
    connection.send(answer(bomb(10), Content_Encoding="gzip, gzip, gzip, gzip"))


def one_unknown_encoding(connection: Connection) -> None:
    connection.request()
    connection.send(answer(bomb(10), Content_Encoding="br, gzip"))


def truncated_inner_gzip(connection: Connection) -> None:
    import gzip

    connection.request()
    connection.send(answer(gzip.compress(bomb(1000)[:-6]), Content_Encoding="gzip, gzip"))


def unasked_encoding(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b"\x0b\x02\x80{}\x03", Content_Encoding="br"))


def many_trailers(connection: Connection) -> None:
    connection.request()
    chunks = b"5\r\nhello\r\n0\r\n" + b"X-A: y\r\n" * 50_000 + b"\r\n"
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)


def much_head(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\n" + b"X-A: y\r\n" * 50_000 + b"Content-Length: 5\r\n\r\nhello")


def fin_before_reading(connection: Connection) -> None:
    del connection


AFTER = [
    (hang, "timeout"),
    (half_a_body, "timeout"),
    (fin, "broken"),
    (rst, "broken"),
    (truncated, "broken"),
    (truncated_by_rst, "broken"),
    (truncated_chunks, "broken"),
    (truncated_head, "broken"),
    (gibberish, "broken"),
    (truncated_gzip, "broken"),
    (not_gzip, "broken"),
    (unasked_encoding, "broken"),
    (too_many_encodings, "broken"),
    (one_unknown_encoding, "broken"),
    (truncated_inner_gzip, "broken"),
    (many_trailers, "broken"),
    (much_head, "broken"),
]


@pytest.mark.parametrize(("script", "expected"), AFTER, ids=[script.__name__ for script, _ in AFTER])
def test_once_the_request_has_left_it_may_have_been_applied(
    kind: Callable[..., Port], script: Any, expected: str
) -> None:
    port = kind(HASTY if expected == "timeout" else PATIENT)
    purpose = "purchase" if script.__name__ < "n" else "read"
    with RawServer(script) as server:
        outcome = port.send(wire(server.origin, purpose=purpose))
        assert isinstance(outcome, TransportError), outcome
        assert (outcome.kind, outcome.maybe_applied, outcome.safe_elsewhere) == (expected, True, False)
        assert len(server.received) == 1
        check_says_nothing_secret(outcome, server.origin)
    port.close()


def test_fin_before_anything_was_read(port: Port) -> None:
    with RawServer(fin_before_reading) as server:
        outcome = port.send(wire(server.origin))
        assert (outcome.kind, outcome.maybe_applied) == ("broken", True)


def check_says_nothing_secret(error: TransportError, origin: str) -> None:
    said = f"{error} {error!r} {error.__dict__}"
    assert "POST /things" in said
    assert origin.partition("//")[2] in said
    for hidden in ("t0ken", "q=1", '"n"', "Bearer", "?"):
        assert hidden not in said
    assert error.__cause__ is None
    assert error.__context__ is None
    assert error.__traceback__ is None


def test_refused(port: Port) -> None:
    with nobody() as origin:
        outcome = port.send(wire(origin, purpose="purchase"))
        assert (outcome.kind, outcome.maybe_applied) == ("connect", False)
        assert f"the connection to {origin[7:]} failed before the request was sent (connect" in str(outcome)
        check_says_nothing_secret(outcome, origin)


def test_no_such_host(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    outcome = port.send(wire("https://nonexistent.invalid"))
    assert (outcome.kind, outcome.maybe_applied) == ("connect", False)
    assert "nonexistent.invalid" in str(outcome)


def test_connect_timeout(kind: Callable[..., Port]) -> None:
    port = kind(HASTY)
    with deaf() as origin:
        outcome = port.send(wire(origin, purpose="purchase"))
        assert (outcome.kind, outcome.maybe_applied) == ("connect", False)
        check_says_nothing_secret(outcome, origin)
    port.close()


def test_the_deadline_while_connecting(kind: Callable[..., Port]) -> None:
    port = kind(Timeouts(connect=5, total=0.12))
    with deaf() as origin:
        outcome = port.send(wire(origin))
        assert outcome.kind in ("connect", "deadline")
        assert outcome.maybe_applied is False
    port.close()


def test_every_address_of_a_host_is_tried(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def two(host: Any, number: Any, *args: Any, **more: Any) -> Any:
        if host not in ("api.example", b"api.example"):
            return real(host, number, *args, **more)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, number)) for address in ("127.0.0.2", "127.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with RawServer(answering()) as server:
        assert port.send(wire(f"http://api.example:{server.port}")).status == 200


# -- the pool


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_base, "MAX_CONNECTIONS", 1)


@pytest.mark.usefixtures("one_connection")
def test_pool_exhausted(kind: Callable[..., Port]) -> None:
    port = kind(HASTY)

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
        async with asyncio.timeout(2):
            return await task

    with RawServer(hang) as server:
        outcome = asyncio.run(main(server.origin))
        assert server.closed_by_client.wait(120)
    assert (outcome.kind, outcome.maybe_applied) == ("broken", True)


# -- redirects and origins


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_answers(port: Port, status: int) -> None:
    with RawServer(answering()) as other:
        moved = answer(b"", f"{status} Moved", Location=f"{other.origin}/landed")
        with RawServer(answering(moved)) as server:
            outcome = port.send(wire(server.origin, purpose="purchase"))
            assert isinstance(outcome, Response)
            assert outcome.status == status
            assert len(server.received) == 1
        assert other.accepted == 0


ELSEWHERE = [
    ("https://api.x.com", "https://api.x.com.evil.example/a"),
    ("https://api.x.com", "https://api.x.com@evil.example/a"),
    ("https://api.x.com", "https://user:pw@api.x.com/a"),
    ("https://api.x.com", "https://api.x.com:8443/a"),
    ("https://api.x.com", "http://api.x.com/a"),
    ("https://api.x.com", "http://api.x.com:443/a"),
    ("https://api.x.com:8443", "https://api.x.com:844/a"),
    ("https://api.x.com", "https://API.y.com/a"),
    ("https://api.x.com", "//api.x.com/a"),
    ("https://api.x.com", "/a"),
    ("https://api.x.com", "https:///a"),
    ("https://api.x.com", "https://api.x.com:99999/a"),
    ("https://api.x.com", "https://api.x.com\\@evil.example/a"),
    ("https://api.x.com", "https://api.x.com\n/a"),
]


def test_nothing_is_sent_to_another_origin(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> Any:
        raise AssertionError("connected")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    for origin, url in ELSEWHERE:
        with pytest.raises(AnyCarrierError) as raised:
            port.send(wire(origin, url=url + "?secret=1"))
        assert raised.value.maybe_applied is False
        assert "secret" not in str(raised.value)
        assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("http://LOCALHOST:{port}", "http://localhost:{port}/a"),
        ("http://localhost:{port}/v2", "http://localhost:{port}/v2/a"),
    ],
)
def test_the_same_origin_otherwise_written(port: Port, origin: str, url: str) -> None:
    with RawServer(answering()) as server:
        outcome = port.send(wire(origin.format(port=server.port), url=url.format(port=server.port)))
        assert outcome.status == 200


def test_proxies_in_the_environment_do_not_count(kind: Callable[..., Port], monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(answering()) as proxy, RawServer(answering()) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
            monkeypatch.setenv(name.lower(), proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        port = kind()
        assert port.send(wire(server.origin)).status == 200
        port.close()
        assert (proxy.accepted, server.accepted) == (0, 1)


def test_netrc_and_cookies_do_not_count(
    kind: Callable[..., Port], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password hidden\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(answering(answer(Set_Cookie="sid=1; Path=/"))) as server:
        port = kind()
        for _ in range(2):
            port.send(wire(server.origin, headers=()))
        port.close()
        for received in server.received:
            assert "authorization" not in received.headers
            assert "cookie" not in received.headers


# -- deadlines


def trickled_head(connection: Connection) -> None:
    connection.request()
    connection.trickle(answer(b"{}", X_Padding="x" * 400))


def trickled_body(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b"", length=1000))
    connection.trickle(b"x" * 1000)


def trickled_chunks(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.trickle(b"1\r\nx\r\n" * 200)


def endless_informational(connection: Connection) -> None:
    connection.request()
    for _ in range(300):
        connection.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        time.sleep(0.01)


@pytest.mark.parametrize("script", [trickled_head, trickled_body, trickled_chunks, endless_informational])
def test_a_trickling_server_meets_the_deadline(kind: Callable[..., Port], script: Any) -> None:
    purpose = "read" if script is trickled_chunks else "purchase"
    port = kind(Timeouts(read=5, total=0.3, purchase_read=5, purchase_total=0.3))
    with RawServer(script) as server:
        outcome = port.send(wire(server.origin, purpose=purpose))
        assert (outcome.kind, outcome.maybe_applied) == ("deadline", True)
        check_says_nothing_secret(outcome, server.origin)
        with RawServer(answering()) as good:
            assert port.send(wire(good.origin)).status == 200
    port.close()


def test_purchases_have_their_own_longer_timeouts(kind: Callable[..., Port]) -> None:
    def slow(connection: Connection) -> None:
        for _ in connection.requests():
            time.sleep(0.15)
            connection.send(answer())

    port = kind(Timeouts(read=0.05, total=2, purchase_read=5, purchase_total=5))
    with RawServer(slow) as server:
        assert port.send(wire(server.origin, purpose="purchase")).status == 200
        outcome = port.send(wire(server.origin, purpose="write"))
        assert outcome.kind == "timeout"
    port.close()


def test_a_server_that_does_not_take_the_request(kind: Callable[..., Port]) -> None:
    def not_reading(connection: Connection) -> None:
        connection.server.closed_by_client.wait(120)

    port = kind(Timeouts(write=0.12, total=2))
    with RawServer(not_reading) as server:
        outcome = port.send(wire(server.origin, body=bytes(8_000_000)))
        server.closed_by_client.set()
        assert (outcome.kind, outcome.maybe_applied) == ("timeout", True)
    port.close()


# -- sizes


def test_a_gzip_bomb_is_too_large_and_never_held(port: Port) -> None:
    import tracemalloc

    raw = bomb(50_000_000)
    assert len(raw) < 60_000
    with RawServer(answering(answer(raw, Content_Encoding="gzip"))) as server:
        port.send(wire(server.origin, purpose="read", max_bytes=1000))
        tracemalloc.start()
        try:
            outcome = port.send(wire(server.origin, purpose="purchase"))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert (outcome.kind, outcome.maybe_applied) == ("too_large", True)
        assert peak < 2_500_000
        check_says_nothing_secret(outcome, server.origin)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize(
    ("size", "purpose", "max_bytes", "fits"),
    [
        (1_000_000, "purchase", None, True),
        (1_000_001, "purchase", None, False),
        (1_000_001, "read", None, True),
        (10_000_001, "read", None, False),
        (100, "read", 100, True),
        (101, "read", 100, False),
        (1_000_001, "purchase", 2_000_000, True),
    ],
)
def test_caps(port: Port, encoding: str, size: int, purpose: str, max_bytes: int | None, fits: bool) -> None:
    said = answer(bomb(size), Content_Encoding="gzip") if encoding == "gzip" else answer(bytes(size))
    with RawServer(answering(said)) as server:
        outcome = port.send(wire(server.origin, purpose=purpose, max_bytes=max_bytes))
        if fits:
            assert outcome.body == bytes(size)
        else:
            assert outcome.kind == "too_large"


def test_without_a_declared_length_the_cap_holds(port: Port) -> None:
    def endless(connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.send(bytes(100_000))

    with RawServer(endless) as server:
        assert port.send(wire(server.origin)).kind == "too_large"


def test_codings_in_any_case_and_number_and_several_gzip_members(port: Port) -> None:
    import gzip
    import zlib

    raw = zlib.compressobj(wbits=-15)
    bodies = [
        ("deflate", zlib.compress(b"hello")),
        ("deflate", raw.compress(b"hello") + raw.flush()),
        ("gzip", gzip.compress(b"hel") + gzip.compress(b"lo") + b"\0\0"),
        ("x-gzip", gzip.compress(b"hello")),
        ("gzip", b""),
        ("gzip", gzip.compress(b"") + gzip.compress(b"hello")),
        ("gzip", gzip.compress(b"hel") + gzip.compress(b"") * 3 + b"\0" + gzip.compress(b"lo") + gzip.compress(b"")),
        ("GZIP", gzip.compress(b"hello")),
        ("X-GZip", gzip.compress(b"hello")),
        ("Deflate", zlib.compress(b"hello")),
        (" gzip ", gzip.compress(b"hello")),
        ("Identity", b"hello"),
        ("identity, gzip", gzip.compress(b"hello")),
        ("deflate,\tGZIP", gzip.compress(zlib.compress(b"hello"))),
        ("gzip , , gzip,deflate", zlib.compress(gzip.compress(gzip.compress(b"hello")))),
        ("gzip\r\nContent-Encoding: gzip", gzip.compress(gzip.compress(b"hello"))),
    ]
    for encoding, body in bodies:
        for cut in (1, len(body) or 1):
            pieces = [body[at : at + cut] for at in range(0, len(body), cut)]
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
            head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: {encoding}\r\n\r\n"
            with RawServer(answering(head.encode() + chunks)) as server:
                assert port.send(wire(server.origin)).body == (b"hello" if body else b"")


# -- streams


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


def test_the_consumers_time_does_not_count(kind: Callable[..., Port]) -> None:
    def script(connection: Connection) -> None:
        for _ in connection.requests():
            connection.send(answer(b"a", length=2))
            time.sleep(0.6)
            connection.send(b"b")

    port = kind(Timeouts(read=5, total=0.5))
    with RawServer(script) as server:
        for pause in (0.0, 0.6):
            outcome = port.send(wire(server.origin, stream=True))
            time.sleep(pause)
            assert b"".join(drained(port, outcome)) == b"ab"
            port.close_stream(outcome.stream)
    port.close()


def trickle(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n")
    for _ in range(20):
        connection.send(b" ")
        time.sleep(0.03)


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


def test_a_stream_that_arrives_steadily_is_read_whole_however_long_a_request_may_take(
    kind: Callable[..., Port],
) -> None:
    port = kind(Timeouts(total=0.3))
    with RawServer(trickle) as server:
        outcome = port.send(wire(server.origin, purpose="read", stream=True))
        assert b"".join(drained(port, outcome)) == b" " * 20
        port.close_stream(outcome.stream)
    port.close()


def test_the_consumers_time_is_not_the_streams(kind: Callable[..., Port]) -> None:
    port = kind(Timeouts(stream=0.3))
    with RawServer(answering(answer(bytes(200_000)))) as server:
        outcome = port.send(wire(server.origin, purpose="read", stream=True))
        read = 0
        for piece in drained(port, outcome):
            read += len(piece)
            time.sleep(0.2)
        assert read == 200_000
        port.close_stream(outcome.stream)
    port.close()


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


# -- being interrupted


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
        async with asyncio.timeout(2):
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


# -- what a new release of the libraries may break


@pytest.mark.parametrize("library", RECORDABLE)
def test_our_network_backend_is_the_one_in_use(library: str) -> None:
    """Deadlines and "nothing was sent" rest on it, and it is handed over through a private attribute."""
    port = Sync(library)
    with RawServer(answering()) as server:
        port.send(wire(server.origin))
        [connection], _ = port.transport._home.pool.drain()
        assert connection.core._network_backend is connection.backend
        assert connection.backend.progress.doing == "write"
        assert connection.fileno() == connection.backend.stream.socket.fileno() >= 0
        connection.backend.stream.close()
    port.close()
    assert _httpx.under_way.get() is None


@pytest.mark.parametrize("mode", ["sync_transport", "async_transport"])
def test_a_library_without_that_attribute_is_refused(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpcore
    import httpx

    class Renamed:
        def __init__(self, **_: object) -> None:
            pass

    monkeypatch.setattr(httpx, "HTTPTransport", Renamed)
    monkeypatch.setattr(httpx, "AsyncHTTPTransport", Renamed)
    with pytest.raises(ConfigurationError, match="not supported"):
        modes(httpx, httpcore)[mode == "async_transport"](PATIENT)


@pytest.mark.parametrize("library", RECORDABLE)
def test_a_connection_is_kept_only_where_h11_says_that_nothing_is_left_over(library: str) -> None:
    port = Sync(library)
    with RawServer(answering()) as server:
        port.send(wire(server.origin))
        [connection], _ = port.transport._home.pool.drain()
        core = connection.core
        assert core._connection._h11_state.trailing_data == (b"", False)
        del core._connection._h11_state
        assert not connection.reusable()
        core.close()
    port.close()


def test_names() -> None:
    with pytest.raises(ConfigurationError, match="httpx2"):
        sync_transport("curl", None)
    mine: Any = object()
    assert sync_transport(mine, None) is mine


def test_what_is_in_use() -> None:
    import httptools
    import httpx

    assert in_use() == in_use("httpx") == InUse("httpx", "httpx", httpx.__version__)
    assert in_use("fast") == InUse("fast", "httptools", httptools.__version__)
    assert str(in_use("fast")) == f"fast (httptools {httptools.__version__})"
    mine: Any = Sync("fast").transport
    assert in_use(mine) == InUse("SyncTransport", "anycarrier.transports._fast_sync", "")
    with pytest.raises(ConfigurationError):
        in_use("curl")


@pytest.mark.parametrize(("name", "extra"), [("fast", "anycarrier[fast]"), ("httpx2", "pip install httpx2")])
@pytest.mark.parametrize("make", [sync_transport, async_transport])
def test_a_missing_library_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, name: str, extra: str, make: Any
) -> None:
    for module in ("httptools", "httpx2"):
        monkeypatch.setitem(sys.modules, module, None)
    for module in ("fast", "httpx2"):
        monkeypatch.delitem(sys.modules, f"anycarrier.transports.{module}", raising=False)
    with pytest.raises(ConfigurationError, match=re.escape(extra)):
        make(name, None)


def test_the_fast_transport_loads_no_other_http_library() -> None:
    code = (
        "import sys\nfrom anycarrier.transports import sync_transport\nsync_transport('fast', None)\n"
        "assert not {'httpx', 'httpx2', 'httpcore', 'h11', 'anyio', 'http.client', 'asyncio'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "src"})


def test_importing_the_core_loads_no_http_library() -> None:
    code = (
        "import sys, anycarrier.transports, anycarrier.engine.async_driver\n"
        "assert not {'httpx', 'httpx2', 'httpcore', 'asyncio', 'ssl'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "src"})
