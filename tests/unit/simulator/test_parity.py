"""A fault means the same in process and over a real socket, as the default transport sees it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from attrs import evolve

from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.simulator import (
    STANDARD,
    AsyncSimTransport,
    Call,
    Fault,
    SimAnswer,
    SimTransport,
    Simulator,
    json_answer,
    route,
)
from anycarrier.simulator.server import running
from anycarrier.transports import Timeouts, async_transport, sync_transport
from anycarrier.transports.protocol import WireRequest

TIMEOUTS = Timeouts(read=0.6, total=3.0, purchase_read=0.6, purchase_total=3.0)


class Shop(Simulator):
    """Sells one thing."""

    name = "shop"

    size = 0

    def begin(self) -> None:
        self.size = 0

    @route("POST", "/buy", success=201)
    def buy(self, call: Call) -> SimAnswer:
        self.charge(call, "2015550100", Decimal(1))
        if self.size:
            return SimAnswer(201, (("content-type", "application/json"),), b" " * self.size)
        return json_answer(201, {"number": "2015550100", "price": 1})


SERVED, VIRTUAL = Shop(), Shop()
ORIGIN = "https://shop.example"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(SERVED) as urls:
        yield urls["shop"]


def wire(url: str, *, stream: bool) -> WireRequest:
    return WireRequest(
        method="POST",
        url=url + "/buy",
        origin=url,
        headers=(("content-type", "application/json"),),
        body=b"{}",
        purpose="read" if stream else "purchase",
        stream=stream,
        max_bytes=None,
        label="POST /buy",
    )


def seen(transport: Any, request: WireRequest) -> list[object]:
    """The outcome for a client: status, header, body, or the kind of trouble and whether it may have been done."""
    outcome = transport.send(request)
    told: list[object] = []
    if isinstance(outcome, Response):
        told += [outcome.status, outcome.headers.get("retry-after"), outcome.headers.get("content-type"), outcome.body]
        if outcome.stream is not None:
            body = b""
            while chunk := transport.read(outcome.stream):
                if isinstance(chunk, TransportError):
                    outcome = chunk
                    break
                body += chunk
            told.append(body)
            if isinstance(outcome, Response):
                transport.close_stream(outcome.stream)
    if isinstance(outcome, TransportError):
        told += [outcome.kind, outcome.maybe_applied]
    return told


class Blocking:
    """An asynchronous transport, driven to look like a blocking one."""

    def __init__(self, transport: Any, runner: asyncio.Runner) -> None:
        self.transport = transport
        self.runner = runner

    def __getattr__(self, name: str) -> Any:
        return lambda *given: self.runner.run(getattr(self.transport, name)(*given))


# One of each form: a status is like another on the wire.
FORMS = {evolve(fault, status=None): name for name, fault in STANDARD.items()}


@pytest.mark.slow
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", FORMS.values())
def test_the_same_in_process_and_over_http(name: str, stream: bool, url: str) -> None:
    fault: Fault = STANDARD[name]
    if fault.kind == "refuse":
        fault = evolve(fault, lasts=0.1)

    def told(shop: Shop, transport: Any, at: str) -> list[object]:
        shop.reset()
        shop.faults.add(fault)
        try:
            outcome = seen(transport, wire(at, stream=stream))
        finally:
            transport.close()
            if shop is SERVED and fault.kind == "refuse":
                listens_again(url)
        if fault.retry_after == "date":
            outcome[1] = None
        return [*outcome, bool(shop.ledger.charges) or fault.kind == "late"]

    virtual = told(VIRTUAL, SimTransport({ORIGIN: VIRTUAL}), ORIGIN)
    assert told(SERVED, sync_transport(None, TIMEOUTS), url) == virtual
    with asyncio.Runner() as runner:
        assert told(SERVED, Blocking(async_transport(None, TIMEOUTS), runner), url) == virtual
        assert told(VIRTUAL, Blocking(AsyncSimTransport({ORIGIN: VIRTUAL}), runner), ORIGIN) == virtual


def listens_again(url: str) -> None:
    for _ in range(500):
        with contextlib.suppress(httpx.ConnectError):
            httpx.get(url, trust_env=False)
            return
        time.sleep(0.01)
    raise AssertionError("nobody listens")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("most", [None, 10])
def test_the_same_caps(most: int | None, stream: bool, url: str) -> None:
    SERVED.size = VIRTUAL.size = 1_000_001
    with contextlib.closing(sync_transport(None, TIMEOUTS)) as real:
        told = seen(real, evolve(wire(url, stream=stream), max_bytes=most))
    virtual = seen(SimTransport({ORIGIN: VIRTUAL}), evolve(wire(ORIGIN, stream=stream), max_bytes=most))
    assert told == virtual
    if not stream:
        assert told == ["too_large", True]
