"""Deadlines and sizes: a server that trickles or sends too much is given up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from anycarrier.transports import Timeouts
from support.ports import wire
from support.raw_server import Connection, RawServer, answer, answering, bomb
from support.transport_scripts import Port, check_says_nothing_secret


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


@pytest.mark.slow
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


@pytest.mark.slow
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
