"""The control endpoints, ``/_simulator/...``: the same in process and over HTTP.

====== ========================== ============================================================================
GET    ``/_simulator/state``      name, seed, clock, operations and the state's summary
GET    ``/_simulator/ledger``     every charge, release and request
GET    ``/_simulator/choices``    choices where the documents are silent
GET    ``/_simulator/faults``     planned faults, and their kinds
POST   ``/_simulator/faults``     plan one fault, or a list of them
DELETE ``/_simulator/faults``     remove all, or the one of ``?id=``
POST   ``/_simulator/events``     let one event happen: its name as ``event``, an ``account``, and its details
POST   ``/_simulator/clock``      let ``days`` pass, here and at the simulators that this one is joined with
POST   ``/_simulator/reset``      return to the beginning
====== ========================== ============================================================================
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from attrs import asdict

from anycarrier.errors import InvalidInput
from anycarrier.simulator.core import Simulator
from anycarrier.simulator.faults import KINDS, Fault
from anycarrier.simulator.messages import SimAnswer, SimRequest, json_answer

__all__ = ["CONTROL", "control", "is_loopback"]

CONTROL = "/_simulator/"


def control(simulator: Simulator, request: SimRequest) -> SimAnswer:
    """Answer a request to a control endpoint of *simulator*."""
    match request.method, request.path.removeprefix(CONTROL):
        case "GET", "state":
            return json_answer(200, _state(simulator))
        case "GET", "ledger":
            return json_answer(200, simulator.ledger.as_dict())
        case "GET", "choices":
            return json_answer(200, dict(simulator.choices))
        case "GET", "faults":
            planned = [planned.as_dict() for planned in simulator.faults.planned()]
            return json_answer(200, {"planned": planned, "kinds": {name: asdict(kind) for name, kind in KINDS.items()}})
        case "POST", "faults":
            return _plan(simulator, request)
        case "DELETE", "faults":
            return _forget(simulator, request)
        case "POST", "events":
            return _happen(simulator, request)
        case "POST", "clock":
            return _pass(simulator, request)
        case "POST", "reset":
            simulator.reset()
            return SimAnswer(204)
        case _:
            return json_answer(404, {"problem": "no such control endpoint"})


def is_loopback(url_or_host: str) -> bool:
    """Return whether a Host header, or an Origin, names this machine by a loopback name.

    A page on the web can make a browser send requests to 127.0.0.1 under its own name (DNS rebinding) or from its
    own origin; neither may plan faults here.
    """
    host = urlsplit(url_or_host if "//" in url_or_host else f"//{url_or_host}").hostname
    return host in ("127.0.0.1", "localhost", "::1")


def _state(simulator: Simulator) -> dict[str, object]:
    with simulator.lock:
        simulator.settle()
        return {
            "simulator": simulator.name,
            "seed": simulator.seed,
            "time": simulator.now(),
            "accounts": list(simulator.accounts),
            "events": sorted(simulator.events),
            "operations": {line.operation: f"{line.method} {line.path}" for line in simulator.routes},
            "state": simulator.state(),
        }


def _plan(simulator: Simulator, request: SimRequest) -> SimAnswer:
    try:
        wanted = json.loads(request.body)
        entries: list[Any] = wanted if isinstance(wanted, list) else [wanted]
        if not all(isinstance(entry, dict) for entry in entries):
            raise InvalidInput("a fault is an object")
        faults = [Fault.read(entry) for entry in entries]
        for fault in faults:
            simulator.faults.check(fault)
    except ValueError as error:
        return json_answer(400, {"problem": str(error)})
    return json_answer(201, {"planned": [simulator.faults.add(fault).as_dict() for fault in faults]})


def _happen(simulator: Simulator, request: SimRequest) -> SimAnswer:
    try:
        details = json.loads(request.body)
        if not isinstance(details, dict):
            raise InvalidInput("an event is an object")
        simulator.happen(str(details.pop("event", "")), **details)
    except (ValueError, TypeError) as error:
        return json_answer(400, {"problem": str(error)})
    return SimAnswer(204)


def _pass(simulator: Simulator, request: SimRequest) -> SimAnswer:
    days = (request.members() or {}).get("days")
    if not isinstance(days, int | float) or isinstance(days, bool) or not 0 <= days <= 36_500:
        return json_answer(400, {"problem": "days is a number of days that pass, from 0 to 36500"})
    simulator.pass_time(days * 86_400)
    return json_answer(200, {"time": simulator.now()})


def _forget(simulator: Simulator, request: SimRequest) -> SimAnswer:
    numbers = [value for name, value in request.query if name == "id"]
    if not numbers:
        simulator.faults.clear()
        return SimAnswer(204)
    found = [number.isdecimal() and simulator.faults.remove(int(number)) for number in numbers]
    return SimAnswer(204) if all(found) else json_answer(404, {"problem": "no such fault is planned"})
