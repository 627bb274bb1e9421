"""The simulator over real sockets, met by plain httpx."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from attrs import evolve

from anycarrier.errors import ConfigurationError
from anycarrier.exchange import Response
from anycarrier.simulator import STANDARD, Call, SimAnswer, SimTransport, Simulator, json_answer, route
from anycarrier.simulator.server import running, serve
from anycarrier.transports.protocol import WireRequest


class Shop(Simulator):
    """Sells one thing."""

    name = "shop"

    @route("POST", "/buy", success=201)
    def buy(self, call: Call) -> SimAnswer:
        self.charge(call, "2015550100", Decimal(1))
        return json_answer(201, {"number": "2015550100", "price": 1})

    @route("DELETE", "/bought", success=204)
    def give_back(self, call: Call) -> SimAnswer:
        self.released("2015550100")
        return SimAnswer(204)

    @route("GET", "/path/{value}")
    def path(self, call: Call) -> SimAnswer:
        return json_answer(200, {"value": call.values["value"], "q": call.queries("q"), "from": call.request.client})

    @route("GET", "/version")
    def version(self, call: Call) -> SimAnswer:
        return json_answer(200, call.header("version"))

    @route("DELETE", "/path/{value}", success=204)
    def gone(self, call: Call) -> SimAnswer:
        return SimAnswer(204)


SHOPS = {"one": Shop(), "two": Shop()}


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with running(SHOPS) as urls:
        yield dict(urls)


@pytest.fixture
def shop(urls: dict[str, str]) -> Iterator[tuple[Shop, httpx.Client]]:
    SHOPS["one"].reset()
    with httpx.Client(base_url=urls["one"], timeout=60, trust_env=False) as client:
        yield SHOPS["one"], client


WHAT_HTTPX_SAYS: dict[str, type[Exception]] = {
    "reset": httpx.ReadError,
    "close": httpx.RemoteProtocolError,
    "hang": httpx.ReadTimeout,
    "truncate": httpx.RemoteProtocolError,
}


# One of each form: a status is like another on the wire.
FORMS = {evolve(fault, status=None): name for name, fault in STANDARD.items() if name != "refuse"}


def charged(simulator: Simulator, count: int) -> None:
    """Wait for the charges: a client that gives up may be ahead of the server."""
    deadline = time.monotonic() + 60
    while len(simulator.ledger.charges) < count and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize("name", FORMS.values())
def test_each_fault_over_http(name: str, shop: tuple[Shop, httpx.Client]) -> None:
    simulator, client = shop
    fault = STANDARD[name]
    simulator.faults.add(fault)
    expected = WHAT_HTTPX_SAYS.get(fault.loses if fault.kind == "late" else fault.kind)
    began = time.monotonic()
    if expected is not None:
        with pytest.raises(expected):
            client.post("/buy", json={}, timeout=0.3)
    else:
        answer = client.post("/buy", json={})
        wanted = {"throttle": 429, "error": fault.status, "redirect": 302}.get(fault.kind, 201)
        assert answer.status_code == wanted
        if fault.kind == "latency":
            assert time.monotonic() - began >= fault.wait
    if fault.kind != "late":
        wanted = int(fault.works) * (2 if fault.kind == "twice" else 1)
        charged(simulator, wanted)
        assert len(simulator.ledger.charges) == wanted
    else:
        charged(simulator, 1)
        assert simulator.ledger.charges[0].at - simulator.ledger.requests[0].at == pytest.approx(fault.wait, abs=1e-3)
    assert client.post("/buy", json={}).status_code == 201


def test_truncated_body_announces_more_than_it_sends(shop: tuple[Shop, httpx.Client]) -> None:
    simulator, client = shop
    for cut in (0, 5):
        simulator.fault("truncate", cut=cut)
        address = urlsplit(str(client.base_url))
        with socket.create_connection((address.hostname or "", address.port or 0)) as raw:
            raw.sendall(b"POST /buy HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
            received = b"".join(iter(lambda: raw.recv(65536), b""))
        head, _, body = received.partition(b"\r\n\r\n")
        assert len(body) == cut
        assert b"content-length: 36" in head.lower()


def test_an_answer_without_a_body_that_is_cut_is_lost(
    shop: tuple[Shop, httpx.Client], caplog: pytest.LogCaptureFixture
) -> None:
    simulator, client = shop
    simulator.fault("truncate", operation="give_back")
    with pytest.raises(httpx.RemoteProtocolError):
        client.delete("/bought")
    assert len(simulator.ledger.releases) == 1
    assert client.delete("/bought").status_code == 204
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


@pytest.mark.slow
def test_refuse_closes_the_port_for_a_while(shop: tuple[Shop, httpx.Client], urls: dict[str, str]) -> None:
    simulator, client = shop
    assert client.post("/buy", json={}).status_code == 201  # a connection is kept alive
    simulator.fault("refuse", lasts=0.3)
    began = time.monotonic()
    with pytest.raises(httpx.ConnectError):
        client.post("/buy", json={})
    with httpx.Client(base_url=urls["two"], trust_env=False) as other:
        assert other.post("/buy", json={}).status_code == 201  # only that one port
    _until_open(client)
    assert time.monotonic() - began > 0.25
    assert not simulator.faults.planned()
    assert client.post("/_simulator/faults", json={"kind": "refuse", "lasts": 0.1}).status_code == 201
    with pytest.raises(httpx.ConnectError):
        client.post("/buy", json={})
    _until_open(client)


def test_refuse_of_one_operation_resets_it_undone(shop: tuple[Shop, httpx.Client]) -> None:
    simulator, client = shop
    simulator.fault("refuse", operation="buy", lasts=0.2)
    assert client.get("/path/a").status_code == 200
    with pytest.raises(httpx.ReadError):
        client.post("/buy", json={})
    with pytest.raises(httpx.ConnectError):
        client.get("/path/a")
    _until_open(client)
    assert not simulator.ledger.charges


def _until_open(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            client.get("/path/a")
        except httpx.ConnectError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError("it never listens again")


def test_what_was_sent_arrives(shop: tuple[Shop, httpx.Client]) -> None:
    _, client = shop
    answer = client.get("/path/a%2Fb%20c", params=[("q", "1"), ("q", ""), ("q", "ü&")])
    assert answer.json() == {"value": "a/b c", "q": ["1", "", "ü&"], "from": "127.0.0.1"}
    empty = client.delete("/path/a")
    assert empty.status_code == 204
    assert "content-length" not in empty.headers
    assert client.get("/nowhere").status_code == 404


def test_a_repeated_header_is_joined_as_in_process(shop: tuple[Shop, httpx.Client]) -> None:
    simulator, client = shop
    twice = (("Version", "v3"), ("version", "v4"))
    assert client.get("/version", headers=[*twice]).json() == "v3, v4"
    url = "http://127.0.0.1:1"
    asked = WireRequest(
        method="GET", url=f"{url}/version", origin=url, headers=twice, body=None, purpose="read", stream=False,
        max_bytes=None, label="GET /version",
    )  # fmt: skip
    answer = SimTransport({url: simulator}).send(asked)
    assert isinstance(answer, Response)
    assert json.loads(answer.body) == "v3, v4"


def test_control_endpoints(shop: tuple[Shop, httpx.Client]) -> None:
    simulator, client = shop
    assert client.post("/_simulator/faults", json={"kind": "error", "status": 503}).status_code == 201
    assert client.post("/buy", json={}).status_code == 503
    client.post("/buy", json={})
    assert client.get("/_simulator/ledger").json()["total"] == "1"
    assert client.get("/_simulator/state").json()["simulator"] == "shop"
    assert client.get("/_simulator/choices").json() == {}
    assert client.get("/_simulator/faults").json()["planned"] == []
    assert client.request("DELETE", "/_simulator/faults").status_code == 204
    assert client.post("/_simulator/reset").status_code == 204
    assert not simulator.ledger.requests
    assert client.put("/_simulator/state").status_code == 404


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"host": "127.0.0.1.evil.example:80"}, {"origin": "https://evil.example"}]
)
def test_control_is_for_this_machine_only(headers: dict[str, str], shop: tuple[Shop, httpx.Client]) -> None:
    simulator, client = shop
    assert client.post("/_simulator/faults", json={"kind": "refuse"}, headers=headers).status_code == 403
    assert not simulator.faults.planned()


@pytest.mark.parametrize("headers", [{"host": "localhost:1"}, {"host": "[::1]"}, {"origin": "http://127.0.0.1:3"}])
def test_control_under_a_loopback_name(headers: dict[str, str], shop: tuple[Shop, httpx.Client]) -> None:
    assert shop[1].get("/_simulator/state", headers=headers).status_code == 200


@pytest.mark.slow
def test_a_hundred_at_once(shop: tuple[Shop, httpx.Client]) -> None:
    simulator, client = shop
    simulator.fault("latency", seconds=1.0, times=None)
    limits = httpx.Limits(max_connections=100)
    with (
        httpx.Client(base_url=client.base_url, timeout=60, limits=limits, trust_env=False) as many,
        ThreadPoolExecutor(100) as pool,
    ):
        began = time.monotonic()
        answers = list(pool.map(lambda _: many.post("/buy", json={}).status_code, range(100)))
        took = time.monotonic() - began
    assert answers == [201] * 100
    assert simulator.ledger.total() == 100
    assert took < 100  # one after another they would take longer on any machine


def test_a_hang_ends_with_the_server(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    simulator = Shop()
    ended: list[Exception] = []

    def call(url: str) -> None:
        try:
            httpx.post(url + "/buy", json={}, timeout=300, trust_env=False)
        except httpx.HTTPError as error:
            ended.append(error)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with running(simulator) as urls:
            simulator.fault("hang")
            simulator.fault("refuse", after=1000, lasts=60)
            thread = threading.Thread(target=call, args=(urls["shop"],))
            thread.start()
            while not simulator.ledger.requests:
                time.sleep(0.01)
        thread.join()
    assert isinstance(ended[0], httpx.RemoteProtocolError)
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
    with pytest.raises(httpx.ConnectError):
        httpx.get(urls["shop"], trust_env=False)


@pytest.mark.slow
def test_a_client_that_does_not_read_does_not_hold_the_server() -> None:
    class Large(Shop):
        def path(self, call: Call) -> SimAnswer:
            return SimAnswer(200, (), b"x" * 20_000_000)

    simulator = Large()
    with contextlib.ExitStack() as stack, running(simulator) as urls:
        address = urlsplit(urls["shop"])
        simulator.fault("truncate")
        for _ in range(2):
            raw = stack.enter_context(socket.create_connection((address.hostname or "", address.port or 0)))
            raw.sendall(b"GET /path/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while len(simulator.ledger.requests) < 2:
            time.sleep(0.01)


def test_refused_port_is_let_go_at_the_end() -> None:
    simulator = Shop()
    simulator.fault("refuse", lasts=60)  # planned before there is a server
    with running([simulator]) as urls, pytest.raises(httpx.ConnectError):
        httpx.get(urls["shop"], trust_env=False)
    port = urlsplit(urls["shop"]).port or 0
    with running(simulator, port=port) as again:
        assert again == urls
        assert httpx.get(again["shop"] + "/path/a", trust_env=False).status_code == 200


def test_taken_port_and_doubled_names() -> None:
    with running(Shop()) as urls:
        port = urlsplit(urls["shop"]).port or 0
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            serve(Shop(), port=port)
        with pytest.raises(ConfigurationError, match="same name"), running([Shop(), Shop()]):
            pass
    with pytest.raises(ConfigurationError, match="no port"):
        serve(Shop(), port=70_000)


def test_the_block_may_raise() -> None:
    with pytest.raises(KeyError), running(Shop()):
        raise KeyError


def test_a_bug_of_a_simulator_is_a_plain_500(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Shop):
        def buy(self, call: Call) -> SimAnswer:
            raise ZeroDivisionError

    with running(Broken()) as urls:
        answer = httpx.post(urls["shop"] + "/buy", json={}, trust_env=False)
    assert answer.status_code == 500
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.slow
def test_serve_until_interrupted(tmp_path: Any) -> None:
    import os
    import signal
    import subprocess
    import sys

    program = (
        "from anycarrier.simulator import Simulator; from anycarrier.simulator.server import serve\n"
        "class Shop(Simulator): name = 'shop'\n"
        "serve(Shop(), ready=lambda urls: print(urls['shop'], flush=True))\n"
        "print('over', flush=True)\n"
    )
    paths = [path for path in sys.path if path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(url + "/_simulator/state", trust_env=False).json()["simulator"] == "shop"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    assert (out, err, process.returncode) == ("over\n", "", 0)


def test_another_simulator_is_played_at_the_same_url() -> None:
    first, second = Shop(), Shop()
    with running(first) as served, httpx.Client(base_url=served["shop"]) as client:
        assert (list(served), len(served)) == (["shop"], 1)
        client.post("/buy")
        first.fault("refuse", times=None, lasts=600.0)
        with pytest.raises(httpx.ConnectError):
            client.post("/buy")
        served.play({"shop": second})
        assert client.post("/buy").status_code == 201
        first.fault("refuse", times=None, lasts=600.0)  # nobody plays it
        assert client.post("/buy").status_code == 201
        second.fault("refuse", times=None, lasts=600.0)
        with pytest.raises(httpx.ConnectError):
            client.post("/buy")
    assert [len(shop.ledger.charges) for shop in (first, second)] == [1, 2]
    with pytest.raises(ConfigurationError, match="the server is not running"):
        served.play({"shop": first})
