"""Parts of httpx and httpcore that a newer release may change: each failure names the part and its use."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from support.ports import RECORDABLE, Sync, wire
from support.raw_server import RawServer, answering

READ = "see docs/decisions/0013-private-parts-of-httpx.md"

ARGUMENTS = {"ssl_context", "keepalive_expiry", "retries", "network_backend"}

PARTS = {
    "HTTPTransport._pool": "a recorder's requests come back to our connections through it",
    "HTTPConnection(network_backend=)": "deadlines, and knowing whether a request has left, rest on our backend",
    "HTTPConnection.handle_request": "a request is sent with it",
    "HTTPConnection._connection._h11_state": "a connection is reused only where h11 has nothing left over",
}


def lacking(httpx: Any, httpcore: Any) -> list[str]:
    """Return the parts that a release lacks, each with its use."""
    name = httpx.__name__
    missing = []
    for mode in ("", "Async"):
        transport = getattr(httpx, f"{mode}HTTPTransport")(trust_env=False)
        connection = getattr(httpcore, f"{mode}HTTPConnection")
        handle = "handle_async_request" if mode else "handle_request"
        if "_pool" not in vars(transport):
            missing.append(f"{mode}HTTPTransport._pool")
        if not inspect.signature(connection.__init__).parameters.keys() >= ARGUMENTS:
            missing.append(f"{mode}HTTPConnection(network_backend=)")
        if not all(callable(getattr(connection, part, None)) for part in (handle, "is_idle", "has_expired")):
            missing.append(f"{mode}HTTPConnection.handle_request")
    return [f"{name} {httpx.__version__} lacks {part}: {PARTS[part.removeprefix('Async')]}; {READ}" for part in missing]


def both(library: str) -> tuple[Any, Any]:
    return importlib.import_module(library), importlib.import_module(library.replace("httpx", "httpcore"))


@pytest.mark.parametrize("library", RECORDABLE)
def test_the_installed_release_has_every_part(library: str) -> None:
    assert lacking(*both(library)) == []


@pytest.mark.parametrize("library", RECORDABLE)
def test_the_installed_release_lets_a_connection_be_reused(library: str) -> None:
    httpx, _ = both(library)
    port = Sync(library)
    with RawServer(answering()) as server:
        for _ in range(2):
            assert port.send(wire(server.origin)).status == 200
        part = "HTTPConnection._connection._h11_state"
        assert server.accepted == 1, f"{library} {httpx.__version__} lacks {part}: {PARTS[part]}; {READ}"
    port.close()


def test_a_part_that_is_gone_is_named_with_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    httpx, httpcore = both("httpx")

    class Renamed:
        def __init__(self, **_: object) -> None:
            self._connections = None

    class Other:
        def __init__(self, backend: object) -> None:
            pass

    monkeypatch.setattr(httpx, "HTTPTransport", Renamed)
    monkeypatch.setattr(httpcore, "HTTPConnection", Other)
    found = "\n".join(lacking(httpx, httpcore))
    for part in PARTS:
        assert (f"lacks {part}: " in found) == ("_h11_state" not in part)
    assert "AsyncHTTP" not in found
