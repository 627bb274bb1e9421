"""Faults, drift and late work of simulators, in process."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from anycarrier.errors import InvalidInput, TransportError
from anycarrier.exchange import Response
from anycarrier.simulator import KINDS, STANDARD, Fault, Scenario, SimAnswer, SimRequest, SimTransport
from anycarrier.simulator.control import control
from support.toy import ORIGIN, Time, Toy, ask, wire

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


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"operation": "biy"}, "no operation 'biy'; did you mean buy"),
        ({"operation": "zzz"}, "there are: .*buy"),
        ({"method": "POTS"}, "did you mean POST"),
        ({"path": "/byu"}, "did you mean /buy"),
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
