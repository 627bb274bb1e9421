"""Each failure of a connection: its kind, and whether the request may have been applied."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from anycarrier.errors import TransportError
from anycarrier.transports import Timeouts
from support.ports import HASTY, PATIENT, wire
from support.raw_server import Connection, RawServer, answer, answering, bomb, deaf, nobody
from support.transport_scripts import (
    Port,
    check_says_nothing_secret,
    half_a_body,
    hang,
    truncated,
    truncated_by_rst,
    truncated_chunks,
    truncated_gzip,
)


def fin(connection: Connection) -> None:
    connection.request()


def rst(connection: Connection) -> None:
    connection.request()
    connection.reset()


def truncated_head(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-")


def gibberish(connection: Connection) -> None:
    connection.request()
    connection.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


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
    port = kind(evolve(PATIENT, connect=0.12))
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
