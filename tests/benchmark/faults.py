"""Purchases under faults: the same ones for three peers and for us, over real sockets, judged by the ledgers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from anycarrier.simulator import Call, Refused, SimAnswer, Simulator, json_answer, load, route
from anycarrier.simulator.server import running
from benchmark.environments import Environment
from benchmark.measure import say
from benchmark.processes import once

NUMBER = "+12015550142"
FAULTS: Mapping[str, dict[str, Any] | None] = {
    "none": None,
    "503 twice, nothing done": {"kind": "error", "status": 503, "done": False, "times": 2},
    "503 twice, after the work was done": {"kind": "error", "status": 503, "done": True, "times": 2},
    "connection reset after the work was done": {"kind": "reset", "done": True},
    "no answer after the work was done": {"kind": "hang", "done": True, "seconds": 60.0},
}
SUBJECTS: Mapping[str, tuple[str, str]] = {
    "voicetel_api": ("voicetel", "order"),
    "anycarrier/voicetel": ("voicetel", "order"),
    "leadping": ("leadping", "create"),
    "anycarrier/leadping": ("leadping", "create"),
    "anycarrier/lc_phone": ("lc_phone", "purchase"),
    "anycarrier/lc_legacy": ("lc_legacy", "purchase"),
    "telnyx": ("telnyx", "number_order"),
}
"""A buyer, its simulator, and the operation that buys."""


class TelnyxSimulator(Simulator):
    """As much of Telnyx as one order of one number needs. Generous: a number that is gone is not sold again."""

    name: ClassVar[str] = "telnyx"

    def begin(self) -> None:
        self.stock = {NUMBER}

    @route("POST", "/v2/number_orders")
    def number_order(self, call: Call) -> SimAnswer:
        """An order. There is no key by which a repeated one would be known."""
        from decimal import Decimal

        wanted = [one["phone_number"] for one in call.json()["phone_numbers"]]
        if not set(wanted) <= self.stock:
            raise Refused(422, "The phone number is not available.")
        for number in wanted:
            self.stock.remove(number)
            self.charge(call, number, Decimal("1.00"))
        rows = [{"id": "1", "record_type": "number_order_phone_number", "phone_number": number} for number in wanted]
        return json_answer(
            200, {"data": {"id": "1", "record_type": "number_order", "status": "success", "phone_numbers": rows}}
        )

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        return json_answer(status, {"errors": [{"code": str(status), "title": message}]})


def _simulator(name: str, subject: str) -> tuple[Simulator, str]:
    """A new one, and the settings or the token that a client needs for it."""
    if name == "telnyx":
        return TelnyxSimulator(), ""
    if name == "voicetel" and subject == "voicetel_api":
        return load(name, api_key="0" * 32), ""
    if name == "leadping" and subject == "leadping":
        simulator = load(name, api_version="2026-10")
        return simulator, simulator.settings["api_key"]
    simulator = load(name)
    return simulator, json.dumps(dict(simulator.settings))


def measure(environments: Mapping[str, Environment], ours: Environment) -> dict[str, Any]:
    """For each fault and buyer: POSTs of the purchase, numbers charged, and what the buyer was told."""
    found: dict[str, Any] = {}
    for fault, how in FAULTS.items():
        say(f"purchases: {fault}")
        found[fault] = {}
        for subject, (name, operation) in SUBJECTS.items():
            environment = environments.get(subject, ours)
            if environment.problem:
                found[fault][subject] = {"problem": environment.problem}
                continue
            found[fault][subject] = _bought(subject, name, operation, how, environment)
    return found


def _bought(
    subject: str, name: str, operation: str, how: dict[str, Any] | None, environment: Environment
) -> dict[str, Any]:
    simulator, secret = _simulator(name, subject)
    if how is not None:
        how = dict(how)
        simulator.fault(how.pop("kind"), operation=operation, **how)
    with running(simulator) as urls:
        arguments = ["-m", "benchmark.buying", subject, urls[name], NUMBER, secret]
        try:
            told = once(environment.python, arguments)
        except RuntimeError as error:
            return {"problem": f"failed: {error}"}
    ledger = simulator.ledger
    posts = sum(1 for seen in ledger.requests if seen.operation == operation)
    charged = [charge.number[-10:] for charge in ledger.charges]
    known = told.get("number")
    return {
        "posts": posts,
        "charged": len(charged),
        "known": int(known is not None and known[-10:] in charged),
        "told": "the number" if known else "not bought, proven" if told["proven"] else f"error: {told['error']}",
    }
