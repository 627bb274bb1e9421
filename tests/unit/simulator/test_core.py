"""The simulator's core and its in-process transports: faults, late work, drift, the ledger."""

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
    KINDS,
    STANDARD,
    AsyncSimTransport,
    Call,
    Failure,
    Fault,
    Refused,
    Scenario,
    SimAnswer,
    SimRequest,
    SimTransport,
    Simulator,
    event,
    json_answer,
    load,
    read_scenario,
    route,
)
from anycarrier.simulator.control import control
from anycarrier.transports.protocol import WireRequest

ORIGIN = "https://toy.example"


class Toy(Simulator):
    """A provider with two endpoints, and one number to sell."""

    name = "toy"
    choices = {"everything": "made up"}  # noqa: RUF012

    def begin(self) -> None:
        self.sold: list[str] = []

    def authenticate(self, call: Call) -> None:
        if call.header("authorization") != "Bearer toy":
            raise Refused(401, "who are you?")

    def state(self) -> dict[str, Any]:
        return {"sold": self.sold}

    @route("POST", "/buy", success=201)
    def buy(self, call: Call) -> SimAnswer:
        number = call.json()["number"]
        self.sold.append(number)
        self.charge(call, number, Decimal("1.50"))
        return json_answer(201, {"number": number, "price": 1.5, "kind": "local"})

    @route("GET", "/items/{item}")
    def item(self, call: Call) -> SimAnswer:
        return json_answer(200, {"item": call.values["item"], "list": [{"n": 1}, {"n": 2}], "q": call.queries("q")})

    @event
    def sale(self, number: str) -> None:
        self.sold.append(number)
        self.charge(None, number, Decimal("1.50"))

    @route("GET", "/items/best", open=True)
    def best(self, call: Call) -> SimAnswer:
        return json_answer(200, {"item": "the best"})

    @route("GET", "/big")
    def big(self, call: Call) -> SimAnswer:
        return json_answer(200, ["x" * 100_000])


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def wire(method: str = "POST", path: str = "/buy", *, stream: bool = False, **more: Any) -> WireRequest:
    body = b'{"number": "2015550100"}' if method == "POST" else None
    options: dict[str, Any] = {"max_bytes": None, "purpose": "purchase", "origin": ORIGIN} | more
    headers = (("Authorization", "Bearer toy"), ("Idempotency-Key", "k1"))
    return WireRequest(
        method=method, url=ORIGIN + path, headers=headers, body=body, stream=stream, label=f"{method} {path}", **options
    )


def ask(simulator: Simulator, **more: Any) -> Response | TransportError:
    return SimTransport({ORIGIN: simulator}).send(wire(**more))


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


EXPECTED = {
    "latency": (True, 201),
    "refuse": (False, "connect"),
    "reset": (None, "broken"),
    "close": (None, "broken"),
    "hang": (None, "timeout"),
    "truncate": (None, "broken"),
    "content": (None, 201),
    "not": (None, 201),
    "throttle": (None, 429),
    "late": (False, "broken"),
    "redirect": (False, 302),
    "drift": (True, 201),
    "envelope": (None, 201),
    "twice": (True, 201),
}


@pytest.mark.parametrize("name", STANDARD)
def test_each_fault_in_process(name: str) -> None:
    clock = Time()
    toy = Toy(now=clock)
    fault = evolve(STANDARD[name], operation="buy")
    toy.faults.add(fault)
    outcome = ask(toy)
    done, seen = EXPECTED.get(fault.kind.split("_", maxsplit=1)[0], (None, fault.status))
    if name == "late-hang":
        seen = "timeout"
    done = name.endswith("-after") if done is None else done
    assert bool(toy.ledger.charges) == done == (fault.works and fault.kind != "late")
    if isinstance(outcome, TransportError):
        assert outcome.kind == seen
        assert outcome.maybe_applied == (name != "refuse")
    else:
        assert outcome.status == seen
    clock.at += 10
    assert bool(toy.ledger.charges) == fault.works
    assert isinstance(ask(toy), Response)  # it struck once
    assert not toy.faults.planned()


def test_answers_of_faults() -> None:
    toy = Toy(now=Time())

    def answered(kind: str, **how: Any) -> Response:
        toy.fault(kind, **how)
        outcome = ask(toy)
        assert isinstance(outcome, Response)
        return outcome

    assert answered("throttle", seconds=7).headers["retry-after"] == "7"
    assert answered("throttle", seconds=7, retry_after="date").headers["retry-after"].endswith("00:16:47 GMT")
    assert "retry-after" not in answered("throttle", retry_after="none").headers
    page = answered("error", status=502, page="html")
    assert page.headers["content-type"] == "text/html"
    assert page.body.startswith(b"<html>")
    assert json.loads(answered("error", status=503).body) == {"message": "Something went wrong on our side."}
    assert answered("redirect", status=307).headers["location"].endswith(".invalid/")
    assert answered("content_type").headers["content-type"].startswith("text/html")
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(answered("not_json").body)


@pytest.mark.parametrize(
    ("change", "at", "result"),
    [
        ("drop", "item", {"list": [{"n": 1}, {"n": 2}], "q": []}),
        ("add", "list.*.more", {"list": [{"n": 1, "more": "added by drift"}, {"n": 2, "more": "added by drift"}]}),
        ("rename", "list.1.n", {"list": [{"n": 1}, {"nRenamed": 2}]}),
        ("word", "item", {"item": "word_nobody_knows"}),
        ("text", "list.*.n", {"list": [{"n": "1"}, {"n": "2"}]}),
        ("null", "list", {"list": None}),
        ("null", "*", {"item": None, "list": None, "q": None}),
        ("drop", "no.such.member", {}),
    ],
)
def test_drift(change: str, at: str, result: dict[str, Any]) -> None:
    toy = Toy()
    toy.fault("drift", change=change, at=at)
    outcome = ask(toy, method="GET", path="/items/a")
    assert isinstance(outcome, Response)
    plain = {"item": "a", "list": [{"n": 1}, {"n": 2}], "q": []}
    assert json.loads(outcome.body) == (result if change == "drop" and at == "item" else plain | result)


def test_drift_chosen_by_the_seed_is_the_same_again() -> None:
    def bodies(seed: int) -> list[bytes]:
        toy = Toy(seed=seed)
        toy.fault("drift", change="null", times=8)
        outcomes = [ask(toy, method="GET", path="/items/a") for _ in range(8)]
        return [outcome.body for outcome in outcomes if isinstance(outcome, Response)]

    assert bodies(1) == bodies(1)
    assert len(bodies(1)) == 8
    assert bodies(1) != bodies(2)


def test_matching_counting_and_expiring() -> None:
    clock = Time()
    toy = Toy(now=clock)
    toy.fault("error", path="/items/{item}", method="get", after=1, times=2)
    toy.fault("latency", seconds=2, times=None, operation="item")

    def status(path: str = "/items/a") -> int:
        outcome = ask(toy, method="GET", path=path)
        assert isinstance(outcome, Response)
        return outcome.status

    assert [status(), status("/big"), status(), status(), status()] == [200, 200, 500, 500, 200]
    assert [planned.as_dict()["struck"] for planned in toy.faults.planned()] == [2]
    answer = toy.handle(SimRequest("GET", "/items/best"))
    assert isinstance(answer, SimAnswer)
    assert answer.delay == 0
    toy.faults.clear()
    toy.fault("refuse", times=None, lasts=5)
    assert isinstance(ask(toy), TransportError)
    clock.at += 5
    assert isinstance(ask(toy), Response)


def test_probability_comes_from_the_seed() -> None:
    def struck(seed: int) -> list[bool]:
        toy = Toy(seed=seed)
        toy.fault("reset", probability=0.3, times=None)
        return [isinstance(ask(toy), TransportError) for _ in range(200)]

    assert struck(3) == struck(3)
    assert 30 < sum(struck(3)) < 90


def test_late_work_is_done_on_the_clock() -> None:
    clock = Time()
    toy = Toy(now=clock)
    toy.fault("late", seconds=5, operation="buy")
    assert isinstance(ask(toy), TransportError)
    clock.at += 4.9
    assert not toy.ledger.charges
    clock.at += 100
    assert [charge.at for charge in toy.ledger.charges] == [1005.0]  # when it was due, not when somebody looked
    assert toy.ledger.counters["buy late 201"] == 1


def test_latency_beyond_the_timeout_is_a_timeout() -> None:
    waited: list[float] = []
    toy = Toy()
    transport = SimTransport({ORIGIN: toy}, timeout=10, wait=waited.append)
    toy.fault("latency", seconds=9)
    assert isinstance(transport.send(wire()), Response)
    for kind in ("latency", "hang"):
        toy.fault(kind, seconds=11)
        outcome = transport.send(wire())
        assert isinstance(outcome, TransportError)
        assert outcome.kind == "timeout"
    for second in ("reset", "truncate"):
        toy.fault("latency", seconds=11)
        toy.fault(second)
        outcome = transport.send(wire())
        assert isinstance(outcome, TransportError)
        assert outcome.kind == "timeout"
    assert waited == [9, 10, 10, 10, 10]


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "rest"},
        {"kind": "reset", "times": 0},
        {"kind": "reset", "after": -1},
        {"kind": "refuse", "done": True},
        {"kind": "latency", "done": False},
        {"kind": "reset", "probability": 1.1},
        {"kind": "latency", "seconds": -1},
        {"kind": "reset", "lasts": 0},
        {"kind": "error", "status": 302},
        {"kind": "redirect", "status": 500},
        {"kind": "error", "status": 200},
        {"kind": "truncate", "cut": -1},
        {"kind": "late", "loses": "all"},
        {"kind": "error", "page": "pdf"},
        {"kind": "throttle", "retry_after": "soon"},
        {"kind": "drift", "change": "x"},
        {"kind": "reset", "times": True},
        {"kind": "reset", "done": 1},
        {},
    ],
)
def test_wrong_faults_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Fault.read(wrong)


def test_a_fault_is_read_as_it_is_written() -> None:
    for fault in STANDARD.values():
        assert Fault.read(json.loads(json.dumps(fault.as_dict()))) == fault
    assert {fault.kind for fault in STANDARD.values()} == set(KINDS)


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
    for name in ("nobody_at_all", "../voicetel"):
        with pytest.raises(ConfigurationError, match="no simulator is called"):
            load(name)


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


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"operation": "biy"}, "no operation 'biy'; did you mean 'buy'"),
        ({"operation": "zzz"}, "there are .*buy"),
        ({"method": "POTS"}, "did you mean 'POST'"),
        ({"path": "/byu"}, "did you mean '/buy'"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(how: dict[str, Any], said: str) -> None:
    toy = Toy(now=Time())
    with pytest.raises(InvalidInput, match=said):
        toy.fault("reset", **how)
    request = SimRequest(
        "POST", "/_simulator/faults", body=json.dumps([{"kind": "reset"}, {"kind": "reset", **how}]).encode()
    )
    answer = control(toy, request)
    assert answer.status == 400
    assert b"never strike" in answer.body
    assert not toy.faults.planned()
    toy.apply(Scenario(faults=((None, Fault(kind="reset", **how)), (None, Fault(kind="close")))))
    assert [planned.fault.kind for planned in toy.faults.planned()] == ["close"]
    with pytest.raises(InvalidInput, match="never strike"):
        toy.apply(Scenario(faults=((toy.name, Fault(kind="reset", **how)),)))


def test_the_plan_remembers_which_faults_never_struck() -> None:
    toy = Toy(now=Time())
    toy.fault("reset", operation="buy", method="post")
    toy.fault("close", operation="buy", after=5)
    ask(toy)
    toy.faults.clear()
    assert [(planned.fault.kind, planned.struck) for planned in toy.faults.added] == [("reset", 1), ("close", 0)]
    toy.reset()
    assert not toy.faults.added


def test_a_page_says_who_answered_and_the_envelope_contradicts_the_status() -> None:
    toy = Toy(now=Time())
    right = ask(toy)
    assert isinstance(right, Response)

    def answered(kind: str, **how: Any) -> Response:
        toy.fault(kind, **how)
        answer = ask(toy)
        assert isinstance(answer, Response)
        return answer

    other = answered("error", status=409, page="right", done=True)
    assert (other.status, other.body) == (409, right.body)
    assert answered("throttle", page="right", done=True).body == right.body
    assert b"gateway" in answered("error", status=403, page="gateway").body
    envelope = answered("envelope", status=402)
    assert (envelope.status, envelope.body) == (201, answered("error", status=402).body)
    before = len(toy.ledger.charges)
    answered("twice")
    assert len(toy.ledger.charges) == before + 2
    with pytest.raises(InvalidInput, match="right page"):
        Fault(kind="error", page="right")
