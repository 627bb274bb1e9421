"""The simulator's core and its in-process transports: routes, ledger, scenarios, control."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from anycarrier.errors import ConfigurationError, InvalidInput, TransportError
from anycarrier.exchange import Response
from anycarrier.simulator import (
    AsyncSimTransport,
    Call,
    Failure,
    Refused,
    SimAnswer,
    SimRequest,
    SimTransport,
    Simulator,
    Window,
    load,
    read_scenario,
    route,
)
from anycarrier.simulator.control import control
from support.toy import ORIGIN, Time, Toy, ask, wire


def test_routes_are_exact() -> None:
    toy = Toy()
    headers = {"authorization": "Bearer toy"}

    def status(method: str, path: str, headers: Mapping[str, str] = headers) -> int:
        answer = toy.handle(SimRequest(method, path, (), headers))
        assert isinstance(answer, SimAnswer)
        return answer.status

    assert status("GET", "/items/a%2Fb") == 200
    assert status("GET", "/items/best", {}) == 200  # the word wins over the placeholder
    assert status("GET", "/items/other", {}) == 401
    for path in ("/items", "/items/", "/items/a/", "/items/a/b", "//items/a", "/Items/a", "/"):
        assert status("GET", path) == 404, path
    assert status("DELETE", "/items/a") == 405
    seen = toy.ledger.requests
    assert [request.operation for request in seen][:3] == ["item", "best", "item"]
    assert toy.ledger.counters["item 200"] == 1


def test_an_operation_may_not_hide_a_method_of_the_simulator() -> None:
    with pytest.raises(TypeError, match="settle"):

        class Bad(Simulator):
            @route("GET", "/")
            def settle(self, call: Call) -> SimAnswer:  # type: ignore[override]
                return SimAnswer(200)


def test_a_subclass_may_override_a_handler() -> None:
    class Other(Toy):
        def best(self, call: Call) -> SimAnswer:
            return SimAnswer(204)

    assert Other().handle(SimRequest("GET", "/items/best")) == SimAnswer(204)


def test_ledger_keeps_charges_marks_and_sameness() -> None:
    toy = Toy(now=Time())
    for _ in range(2):
        assert isinstance(ask(toy), Response)
    ledger = toy.ledger
    assert ledger.total() == Decimal("3.00")
    assert [(charge.at, charge.mark, charge.operation) for charge in ledger.charges_of("2015550100")] == [
        (1000.0, "k1", "buy")
    ] * 2
    assert len({(request.mark, request.digest) for request in ledger.requests}) == 1
    told = json.loads(json.dumps(ledger.as_dict()))
    assert told["total"] == "3.00"
    assert told["requests"][0]["path"] == "/buy"
    toy.reset()
    assert not toy.ledger.charges
    assert toy.state() == {"sold": []}


def test_streams_and_a_cap() -> None:
    toy = Toy()
    transport = SimTransport({ORIGIN: toy})

    def read(**more: Any) -> list[bytes | TransportError]:
        outcome = transport.send(wire("GET", "/big", stream=True, **more))
        assert isinstance(outcome, Response)
        assert outcome.body == b""
        chunks: list[bytes | TransportError] = []
        while chunk := transport.read(outcome.stream):
            chunks.append(chunk)
            if isinstance(chunk, TransportError):
                break
        for _ in range(2):
            transport.close_stream(outcome.stream)
        assert isinstance(transport.read(outcome.stream), TransportError)
        return chunks

    assert [len(chunk) for chunk in read() if isinstance(chunk, bytes)] == [65536, 100_004 - 65536]
    toy.fault("truncate", cut=70_000)
    *some, end = read()
    assert [len(chunk) for chunk in some if isinstance(chunk, bytes)] == [65536, 70_000 - 65536]
    assert isinstance(end, TransportError)
    assert end.maybe_applied
    whole = transport.send(wire("GET", "/big", max_bytes=70_000))
    assert isinstance(whole, TransportError)
    assert whole.kind == "too_large"
    assert transport.open_streams == 0


def test_a_stranger_and_a_closed_transport() -> None:
    transport = SimTransport({ORIGIN + "/": Toy()})
    for origin in ("https://other.example", "https://toy.exam"):
        outcome = transport.send(wire(origin=origin))
        assert isinstance(outcome, TransportError)
        assert (outcome.kind, outcome.maybe_applied) == ("connect", False)
    transport.close()
    outcome = transport.send(wire())
    assert isinstance(outcome, TransportError)
    assert outcome.kind == "closed"


def test_the_asynchronous_mode() -> None:
    toy = Toy()

    async def both() -> None:
        waited: list[float] = []

        async def wait(seconds: float) -> None:
            waited.append(seconds)

        transport = AsyncSimTransport({ORIGIN: toy}, wait=wait)
        toy.fault("latency", seconds=2)
        toy.fault("reset")
        outcomes = await asyncio.gather(*(transport.send(wire()) for _ in range(3)))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Response", "Response", "TransportError"]
        assert waited == [2]
        outcome = await transport.send(wire("GET", "/items/a?q=1&q=&q=%C3%BC", stream=True))
        assert isinstance(outcome, Response)
        chunk = await transport.read(outcome.stream)
        assert isinstance(chunk, bytes)
        assert json.loads(chunk)["q"] == ["1", "", "ü"]
        assert await transport.read(outcome.stream) == b""
        await transport.close_stream(outcome.stream)
        await transport.close()
        assert isinstance(await transport.send(wire()), TransportError)

    asyncio.run(both())


def test_control_in_process() -> None:
    toy = Toy()
    transport = SimTransport({ORIGIN: toy})

    def control(method: str, path: str, value: Any = None) -> tuple[int, Any]:
        request = evolve(
            wire(method, "/_simulator/" + path), body=None if value is None else json.dumps(value).encode()
        )
        outcome = transport.send(request)
        assert isinstance(outcome, Response)
        return outcome.status, json.loads(outcome.body) if outcome.body else None

    assert control("GET", "choices") == (200, {"everything": "made up"})
    assert control("GET", "state")[1]["operations"]["buy"] == "POST /buy"
    status, planned = control("POST", "faults", [{"kind": "reset", "operation": "buy"}, {"kind": "latency"}])
    assert status == 201
    assert [fault["id"] for fault in planned["planned"]] == [1, 2]
    assert control("DELETE", "faults?id=2")[0] == 204
    assert control("DELETE", "faults?id=2")[0] == 404
    assert [fault["kind"] for fault in control("GET", "faults")[1]["planned"]] == ["reset"]
    assert isinstance(transport.send(wire()), TransportError)
    assert control("GET", "ledger")[1]["charges"][0]["amount"] == "1.50"
    for wrong in ({}, [1], {"kind": "reset", "operation": 1}, {"kind": "rest"}, {"kind": "reset", "tmies": 1}):
        assert control("POST", "faults", wrong)[0] == 400
    assert control("PUT", "faults")[0] == 404
    assert control("POST", "faults", {"kind": "latency"})[0] == 201
    assert control("DELETE", "faults")[0] == 204
    assert not toy.faults.planned()
    assert control("POST", "reset")[0] == 204
    assert not toy.ledger.requests


def test_scenario() -> None:
    scenario = read_scenario(
        """
        seed = 7
        [[fault]]
        simulator = "toy"
        kind = "reset"
        operation = "buy"
        times = 2
        [[fault]]
        kind = "latency"
        seconds = 0.5
        [[fault]]
        simulator = "other"
        kind = "refuse"
        """
    )
    toy = Toy()
    toy.apply(scenario)
    assert toy.seed == 7
    assert [planned.fault.kind for planned in toy.faults.planned()] == ["reset", "latency"]
    for wrong in (
        "seed = ",
        "sede = 1",
        "seed = true",
        "fault = 1",
        "[[fault]]\nkind='rest'",
        "[[fault]]\nkind='reset'\nsimulator=1",
    ):
        with pytest.raises(InvalidInput):
            read_scenario(wrong)


def test_load() -> None:
    assert load("voicetel", seed=5).seed == 5
    every = "; there are: lc_legacy, lc_phone, leadping, voicetel"
    for name, others in (("nobody_at_all", every), ("../voicetel", "; did you mean voicetel?")):
        with pytest.raises(ConfigurationError, match="no simulator is called") as caught:
            load(name)
        assert caught.value.message.endswith(others)


def test_a_window_counts_the_requests_of_the_last_seconds() -> None:
    window = Window(10.0)
    assert (window.count(0.0), window.wait(0.0)) == (0, 10.0)
    window.add(0.0)
    window.add(4.0)
    assert (window.count(9.0), window.wait(9.0)) == (2, 1.0)
    assert (window.count(10.0), window.wait(10.0), window.count(14.0)) == (1, 4.0, 0)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"1"])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    call = Call(SimRequest("POST", "/x", body=body), {}, "x")
    assert call.request.members() is None
    with pytest.raises(Refused, match="a body") as caught:
        call.members("a body", kind="odd")
    assert (caught.value.status, caught.value.more) == (400, {"kind": "odd"})
    assert Call(SimRequest("POST", "/x", body=b'{"a": 1}'), {}, "x").members() == {"a": 1}


@pytest.mark.parametrize(
    ("said", "token"), [("Bearer abc", "abc"), ("bearer abc ", "abc"), ("Basic abc", None), (None, None)]
)
def test_the_token_of_a_call(said: str | None, token: str | None) -> None:
    headers = {} if said is None else {"authorization": said}
    assert Call(SimRequest("GET", "/x", headers=headers), {}, "x").bearer == token


def test_an_event_happens_without_a_request() -> None:
    toy = Toy()
    toy.happen("sale", number="2015550100")
    assert (toy.sold, toy.ledger.charges[0].operation) == (["2015550100"], "event")
    told = b'{"event": "sale", "number": "2015550101"}'
    assert control(toy, SimRequest("POST", "/_simulator/events", body=told)).status == 204
    assert toy.sold == ["2015550100", "2015550101"]
    for wrong in (b"[]", b"{", b"{}", b'{"event": "buy"}', b'{"event": "sale"}', b'{"event": "sale", "account": "x"}'):
        assert control(toy, SimRequest("POST", "/_simulator/events", body=wrong)).status == 400
    with pytest.raises(InvalidInput, match="at toy can happen sale, not fair"):
        toy.happen("fair")


def test_failure_without_a_route() -> None:
    toy = Toy()
    toy.fault("reset")
    assert toy.handle(SimRequest("GET", "/nowhere")) == Failure("reset")
    assert toy.ledger.counters["None reset"] == 1
