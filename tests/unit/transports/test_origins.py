"""Redirects, proxies and other origins: nothing is sent elsewhere."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Response
from support.ports import wire
from support.raw_server import RawServer, answer, answering
from support.transport_scripts import Port


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
