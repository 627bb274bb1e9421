"""A simulator with a few operations, and requests for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.simulator import Call, Refused, SimAnswer, SimTransport, Simulator, event, json_answer, route
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
