"""TLS is verified, whatever the environment says, and its context is made once."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anycarrier.errors import ConfigurationError
from anycarrier.transports import Timeouts, _tls, async_transport, sync_transport
from support.ports import IDS, KINDS, LIBRARIES, Async, Sync, making, wire
from support.raw_server import TLS_COMMON_NAME, TLS_FIXTURE, Connection, RawServer, answer, answering

Port = Sync | Async


@pytest.fixture(params=KINDS, ids=IDS)
def kind(request: pytest.FixtureRequest) -> Iterator[Callable[..., Port]]:
    with making(*request.param) as port:
        yield port


def trusting(certificate: Path = TLS_FIXTURE) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    return context


def test_a_context_of_the_programs_own(kind: Callable[..., Port]) -> None:
    port = kind(tls=trusting())
    with RawServer(answering(answer(b"secure")), tls=True) as server:
        for _ in range(2):
            assert port.send(wire(server.origin)).body == b"secure"
        assert server.accepted == 1
    port.close()


def test_an_unknown_certificate_is_refused_whatever_the_environment_says(
    kind: Callable[..., Port], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(TLS_FIXTURE))
    monkeypatch.setenv("SSL_CERT_DIR", str(TLS_FIXTURE.parent))
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    monkeypatch.setattr(_tls, "_context", None)
    port = kind()
    with RawServer(answering(), tls=True) as server:
        outcome = port.send(wire(server.origin, purpose="purchase"))
        assert (outcome.kind, outcome.maybe_applied) == ("tls", False)
        assert "failed before the request was sent (tls: " in str(outcome)
        assert "verify failed" in str(outcome)
        assert server.received == []
    port.close()


def test_another_hosts_certificate_is_refused(kind: Callable[..., Port]) -> None:
    port = kind(tls=trusting())
    with RawServer(answering(), tls=True) as server:
        outcome = port.send(wire(f"https://localhost:{server.port}"))
        assert (outcome.kind, outcome.maybe_applied) == ("tls", False)
        assert server.received == []
    port.close()


def test_a_common_name_is_no_name_of_a_host(kind: Callable[..., Port]) -> None:
    port = kind(tls=trusting(TLS_COMMON_NAME))
    with RawServer(answering(), tls=TLS_COMMON_NAME) as server:
        outcome = port.send(wire(f"https://localhost:{server.port}", purpose="purchase"))
        assert (outcome.kind, outcome.maybe_applied) == ("tls", False)
        assert server.received == []
    port.close()


def closes(connection: Connection) -> None:
    connection._more()


def resets(connection: Connection) -> None:
    connection._more()
    connection.reset()


@pytest.mark.parametrize("script", [closes, resets])
def test_a_connection_that_ends_in_the_handshake_did_not_time_out(kind: Callable[..., Port], script: Any) -> None:
    port = kind(tls=trusting())
    with RawServer(script) as server:
        outcome = port.send(wire(f"https://127.0.0.1:{server.port}", purpose="purchase"))
        assert (outcome.kind, outcome.maybe_applied) == ("connect", False)
        assert str(outcome).endswith(("(connect: the server closed it)", "Connection reset by peer)"))
    port.close()


def ends_without_a_farewell(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\n\r\nhello")
    connection.socket.shutdown(socket.SHUT_RDWR)


def ends_in_order(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\n\r\nhello")
    assert isinstance(connection.socket, ssl.SSLSocket)
    with contextlib.suppress(OSError):
        connection.socket.unwrap()


@pytest.mark.parametrize("mode", [Sync, Async])
def test_a_body_that_ends_with_its_connection_must_end_in_order(mode: Any) -> None:
    """On the fast transport; httpx takes both for an end."""
    outcomes = []
    for script in (ends_without_a_farewell, ends_in_order):
        port = mode("fast", tls=trusting())
        with RawServer(script, tls=True) as server:
            outcomes.append(port.send(wire(server.origin)))
        port.close()
    assert (outcomes[0].kind, outcomes[0].maybe_applied) == ("broken", True)
    assert outcomes[1].body == b"hello"


def test_a_server_without_tls(kind: Callable[..., Port]) -> None:
    def plain(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    port = kind(tls=trusting())
    with RawServer(plain) as server:
        outcome = port.send(wire(f"https://127.0.0.1:{server.port}"))
        assert outcome.kind in ("tls", "connect")
        assert outcome.maybe_applied is False
    port.close()


def test_a_handshake_that_hangs(kind: Callable[..., Port]) -> None:
    port = kind(Timeouts(connect=0.12), tls=trusting())
    with RawServer(Connection.hang) as server:
        outcome = port.send(wire(f"https://127.0.0.1:{server.port}"))
        assert (outcome.kind, outcome.maybe_applied) == ("connect", False)
        assert server.closed_by_client.wait(120)
    port.close()


def test_a_handshake_that_trickles(kind: Callable[..., Port]) -> None:
    port = kind(Timeouts(connect=5, total=0.15), tls=trusting())
    with RawServer(lambda connection: connection.trickle(b"\x16\x03\x03\x40\x00" + bytes(200))) as server:
        outcome = port.send(wire(f"https://127.0.0.1:{server.port}"))
        assert outcome.kind == "deadline"  # it would trickle for four seconds
        assert outcome.maybe_applied is False
    port.close()
    gc.collect()  # a socket left open would warn here


def test_old_tls_is_refused(kind: Callable[..., Port]) -> None:
    assert _tls.shared_context().minimum_version >= ssl.TLSVersion.TLSv1_2
    assert _tls.shared_context().verify_mode == ssl.CERT_REQUIRED
    assert _tls.shared_context().check_hostname
    port = kind()
    assert port.transport._tls is _tls.shared_context()
    port.close()


def test_one_context_for_all_clients() -> None:
    def contexts() -> list[ssl.SSLContext]:
        return [
            thing for thing in gc.get_objects() if issubclass(type(thing), ssl.SSLContext)
        ]  # no ``__class__`` that does something

    for library in LIBRARIES:  # what a library makes for itself when it is imported is not counted
        sync_transport(library, None).close()
        async_transport(library, None)
    shared = _tls.shared_context()
    before = contexts()
    assert shared in before
    made: list[Any] = []
    for library in LIBRARIES:
        for _ in range(5):
            made += [sync_transport(library, None), async_transport(library, None)]
    after = contexts()
    assert len(after) == len(before)
    for transport in made:
        if not asyncio.iscoroutinefunction(transport.close):
            transport.close()


def test_no_key_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    monkeypatch.setattr(_tls, "_context", None)
    assert _tls.shared_context().keylog_filename is None
    assert not log.exists()


@pytest.mark.parametrize("weak", ["no verification", "no host name"])
def test_a_context_that_does_not_verify_is_refused(kind: Callable[..., Port], weak: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if weak == "no verification":
        context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ConfigurationError, match="must verify"):
        kind(tls=context)
