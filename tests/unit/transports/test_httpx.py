"""Requests and answers as they are meant to be, in both modes and libraries; and what a new release may break."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from anycarrier.errors import ConfigurationError
from anycarrier.installation import how_to_install
from anycarrier.transports import InUse, _httpx, async_transport, in_use, sync_transport
from anycarrier.transports._httpx_modes import modes
from support.ports import PATIENT, RECORDABLE, Sync, wire
from support.raw_server import RawServer, answer, answering
from support.transport_scripts import Port


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


# -- what a new release of the libraries may break


@contextmanager
def kept_connection(library: str) -> Iterator[Any]:
    """The connection that a request leaves in the pool."""
    port = Sync(library)
    with RawServer(answering()) as server:
        port.send(wire(server.origin))
        [connection], _ = port.transport._home.pool.drain()
        yield connection
    port.close()


@pytest.mark.parametrize("library", RECORDABLE)
def test_our_network_backend_is_the_one_in_use(library: str) -> None:
    """Deadlines and "nothing was sent" rest on it, and it is handed over through a private attribute."""
    with kept_connection(library) as connection:
        assert connection.core._network_backend is connection.backend
        assert connection.backend.progress.doing == "write"
        assert connection.fileno() == connection.backend.stream.socket.fileno() >= 0
        connection.backend.stream.close()
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
    with kept_connection(library) as connection:
        core = connection.core
        assert core._connection._h11_state.trailing_data == (b"", False)
        del core._connection._h11_state
        assert not connection.reusable()
        core.close()


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


@pytest.mark.parametrize(("name", "extra"), [("fast", how_to_install("fast")), ("httpx2", "pip install httpx2")])
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
