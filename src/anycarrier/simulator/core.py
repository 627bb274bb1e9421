"""A provider played in memory: routes, state, a ledger of what it charged, and faults around every request.

Nothing here touches a socket or a clock of its own: :meth:`Simulator.handle` takes a request and says what the client
gets, an answer or a :class:`Failure` of the connection. The transports of :mod:`anycarrier.simulator.transport` and
the server of :mod:`anycarrier.simulator.server` carry that out. A simulator of a provider is a subclass whose methods
carry :func:`route`.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from email.utils import formatdate
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar, cast
from urllib.parse import unquote

from attrs import evolve, field, frozen

from anycarrier.simulator.drift import drifted
from anycarrier.simulator.faults import MAX_HANG, Fault, FaultPlan, Scenario
from anycarrier.simulator.ledger import Charge, Ledger, Seen

__all__ = [
    "Call", "Charge", "Failure", "Ledger", "Refused", "Seen", "SimAnswer", "SimRequest", "Simulator", "json_answer",
    "route",
]  # fmt: skip

Headers: TypeAlias = tuple[tuple[str, str], ...]
JSON_TYPE: Headers = (("content-type", "application/json"),)


@frozen
class SimRequest:
    """One request as it came: header names in lower case, the path as on the wire without its query.

    Attributes:
        query: decoded pairs, in order; a name may repeat.
        client: who asked, for limits per address.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    client: str = "127.0.0.1"


@frozen
class SimAnswer:
    """One answer; ``delay`` is how many seconds it takes to leave."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    delay: float = 0.0


@frozen
class Failure:
    """What happens to the connection instead of an answer.

    Attributes:
        how: ``refuse`` (nothing was sent), ``reset``, ``close``, ``hang``, or ``truncate``.
        answer: for ``truncate``, the whole answer, whose length is announced.
        cut: for ``truncate``, the bytes of the body that arrive.
        seconds: for ``hang``, the longest it lasts; for ``refuse``, how long nobody listens.
        delay: seconds before it happens.
    """

    how: Literal["refuse", "reset", "close", "hang", "truncate"]
    answer: SimAnswer | None = None
    cut: int = 0
    seconds: float = 0.0
    delay: float = 0.0


class Refused(Exception):
    """Raised by a handler to answer with the provider's error envelope; see :meth:`Simulator.error`."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more


def json_answer(status: int, value: Any, headers: Headers = ()) -> SimAnswer:
    """*value* as a JSON answer."""
    return SimAnswer(status, JSON_TYPE + headers, json.dumps(value, ensure_ascii=False).encode())


@frozen
class Call:
    """A request that found its route.

    Attributes:
        request: as it came.
        values: the decoded path values by name.
        operation: name of the operation.
    """

    request: SimRequest
    values: Mapping[str, str]
    operation: str

    def query(self, name: str) -> str | None:
        """The first value of a query parameter, ``None`` where it is absent."""
        return next((value for key, value in self.request.query if key == name), None)

    def queries(self, name: str) -> list[str]:
        """Every value of a query parameter."""
        return [value for key, value in self.request.query if key == name]

    def header(self, name: str) -> str | None:
        """A header's value, by its name in lower case."""
        return self.request.headers.get(name)

    def json(self) -> Any:
        """The body as JSON; ``ValueError`` where it is none."""
        return json.loads(self.request.body)


H = TypeVar("H", bound=Callable[[Any, Call], SimAnswer])


@frozen
class Route:
    """One line of the route table."""

    method: str
    path: str
    operation: str
    open: bool
    success: int


def route(method: str, path: str, *, open: bool = False, success: int = 200) -> Callable[[H], H]:
    """Serve *method* and *path* template with this method of a :class:`Simulator`; its name is the operation's.

    Args:
        open: whether it needs no credentials.
        success: the status of its good answer, for faults that fake one.
    """

    def mark(handler: H) -> H:
        lines: list[Route] = getattr(handler, "_routes", [])
        lines.append(Route(method, path, getattr(handler, "__name__", ""), open, success))
        vars(handler)["_routes"] = lines
        return handler

    return mark


class Simulator:
    """One provider, played in memory. Subclasses give the name, the routes, the envelope and the state.

    Args:
        seed: of everything random, so that a run can be repeated.
        now: the clock, Unix seconds.

    A subclass sets its options before it calls this ``__init__``, which builds the state through :meth:`begin`.
    Requests are handled one at a time, whichever thread they come from.
    """

    name: ClassVar[str] = ""
    """The provider's name, as in ``Client(name)``."""
    choices: ClassVar[Mapping[str, str]] = {}
    """Behaviour that the provider's documents leave open: topic → what this simulator does, and why."""
    settings: ClassVar[Mapping[str, str]] = {}
    """What a client needs to be let in: settings of the provider's class, with credentials that open nothing else."""
    story: ClassVar[Mapping[str, str]] = {}
    """What ``anycarrier demo`` plays with, by the names in :mod:`anycarrier.cli.demo`; empty for no demo."""
    routes: ClassVar[tuple[Route, ...]] = ()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        table: dict[tuple[str, str], Route] = {}
        for member in [member for base in reversed(cls.__mro__) for member in vars(base).values()]:
            for line in cast("list[Route]", getattr(member, "_routes", ())):
                if hasattr(Simulator, line.operation):
                    raise TypeError(f"{line.operation} is a name of Simulator itself: call the operation otherwise")
                table[line.method, line.path] = line
        # Where a word and a placeholder both fit, the word wins: /numbers/messaging is no number.
        cls.routes = tuple(sorted(table.values(), key=lambda line: [part[:1] == "{" for part in line.path.split("/")]))

    def __init__(self, *, seed: int = 0, now: Callable[[], float] = time.time) -> None:
        self.seed = seed
        self.now = now
        self.lock = threading.RLock()
        self.random = random.Random(seed)
        names = {
            "operation": (line.operation for line in self.routes), "method": (line.method for line in self.routes),
            "path": (line.path for line in self.routes),
        }  # fmt: skip
        self.faults = FaultPlan(lambda: self.random, now, self.lock, names)
        self._at: float | None = None
        self._paths = [(line, line.path.split("/")) for line in self.routes]
        self.reset()

    # What a subclass fills in.

    def begin(self) -> None:
        """Build the state anew; called when made and at every :meth:`reset`."""

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        """The provider's error envelope; *more* is what a handler gave to :class:`Refused`."""
        return json_answer(status, {"message": message, **more})

    def authenticate(self, call: Call) -> None:
        """Raise :class:`Refused` where the credentials of *call* are not good; not asked for open routes."""

    def unknown(self, request: SimRequest, allowed: tuple[str, ...]) -> SimAnswer:
        """The answer where no route fits; *allowed* are the methods that the path has."""
        if allowed:
            return evolve(self.error(405, "Method Not Allowed"), headers=(*JSON_TYPE, ("allow", ", ".join(allowed))))
        return self.error(404, "Not Found")

    def mark_of(self, request: SimRequest) -> str | None:
        """The idempotency key or other mark by which a repeated request is known."""
        return request.headers.get("idempotency-key")

    def state(self) -> dict[str, Any]:
        """A summary of the state for the control endpoint, as JSON values."""
        return {}

    # What a subclass uses.

    def time(self) -> float:
        """Unix seconds at which the present work is done: for late work, when it was due."""
        return self.now() if self._at is None else self._at

    def charge(self, call: Call, number: str, amount: Decimal) -> None:
        """Write a charge in the ledger."""
        self._ledger.charges.append(Charge(self.time(), number, amount, self.mark_of(call.request), call.operation))

    def released(self, number: str) -> None:
        """Write a release in the ledger."""
        self._ledger.releases.append((self.time(), number))

    # What everybody uses.

    @property
    def ledger(self) -> Ledger:
        """What happened so far, late work that is due included."""
        self.settle()
        return self._ledger

    def fault(self, kind: str, **how: Any) -> int:
        """Plan a fault, as ``fault("reset", operation="order", done=True)``; its id in the plan.

        Raises ``InvalidInput`` where it could never strike, because there is no such operation, method or path.
        """
        return self.faults.add(Fault.read({"kind": kind, **how})).id

    def apply(self, scenario: Scenario) -> None:
        """Plan the faults that a scenario has for this simulator, and take its seed.

        One for all simulators is for those that have its operation.
        """
        if scenario.seed is not None:
            self.seed = scenario.seed
            self.random.seed(self.seed)
        for target, fault in scenario.faults:
            if target == self.name or (target is None and self.faults.knows(fault)):
                self.faults.add(fault)

    def reset(self) -> None:
        """Everything as it was when made: state, ledger, random; no faults."""
        with self.lock:
            self.random.seed(self.seed)
            self.faults.reset()
            self._ledger = Ledger()
            self._late: list[tuple[float, int, SimRequest, Route | None, Mapping[str, str], tuple[str, ...]]] = []
            self.begin()

    def settle(self) -> None:
        """Do the late work that is due by now."""
        with self.lock:
            while self._late and self._late[0][0] <= self.now():
                self._at, _, request, line, values, allowed = heapq.heappop(self._late)
                try:
                    answer = self._work(request, line, values, allowed)
                    self._ledger.counters[f"{line.operation if line else None} late {answer.status}"] += 1
                finally:
                    self._at = None

    def handle(self, request: SimRequest) -> SimAnswer | Failure:
        """What comes of *request*: faults first, then the provider."""
        with self.lock:
            self.settle()
            line, values, allowed = self._find(request)
            operation = line.operation if line else None
            fault, delay = self.faults.take(operation, request.method, line.path if line else None)
            answer: SimAnswer | None = None
            if fault is None or (fault.works and fault.kind != "late"):
                answer = self._work(request, line, values, allowed)
                if fault is not None and fault.kind == "twice":
                    answer = self._work(request, line, values, allowed)
            elif fault.kind == "late":
                due = self.now() + fault.wait
                heapq.heappush(self._late, (due, self._ledger.counters.total(), request, line, values, allowed))
            self._ledger.requests.append(
                Seen(
                    self.now(), request.method, line.path if line else None, operation,
                    answer.status if answer else None, fault.kind if fault else None, self.mark_of(request),
                    hashlib.sha256(request.body).hexdigest(),
                )
            )  # fmt: skip
            self._ledger.counters[f"{operation} {fault.kind if fault else cast('SimAnswer', answer).status}"] += 1
            if fault is None:
                return evolve(cast("SimAnswer", answer), delay=delay)
            return self._struck(fault, delay, answer, line.success if line else 200)

    def _find(self, request: SimRequest) -> tuple[Route | None, Mapping[str, str], tuple[str, ...]]:
        parts = [unquote(part) for part in request.path.split("/")]
        allowed: list[str] = []
        for line, template in self._paths:
            values = _match(template, parts)
            if values is None:
                continue
            if line.method == request.method:
                return line, values, ()
            allowed.append(line.method)
        return None, {}, tuple(dict.fromkeys(allowed))

    def _work(
        self, request: SimRequest, line: Route | None, values: Mapping[str, str], allowed: tuple[str, ...]
    ) -> SimAnswer:
        if line is None:
            return self.unknown(request, allowed)
        call = Call(request, values, line.operation)
        try:
            if not line.open:
                self.authenticate(call)
            answer: SimAnswer = getattr(self, line.operation)(call)
            return answer
        except Refused as refused:
            return self.error(refused.status, refused.message, **refused.more)

    def _struck(self, fault: Fault, delay: float, answer: SimAnswer | None, success: int) -> SimAnswer | Failure:
        # Where the work is not done there is no real answer to spoil; the fake one has a body, because it will be read.
        real = answer or SimAnswer(success, JSON_TYPE, b'{"accepted": true}')
        match fault.kind:
            case "refuse":
                return Failure("refuse", seconds=fault.lasts or 1.0)
            case "reset" | "close":
                return Failure(fault.kind, delay=delay)
            case "hang":
                return Failure("hang", seconds=fault.wait, delay=delay)
            case "late":
                return Failure(fault.loses, seconds=MAX_HANG, delay=delay)
            case "truncate":
                body = real.body or b"{}"
                cut = len(body) // 2 if fault.cut is None else min(fault.cut, len(body) - 1)
                return Failure("truncate", answer=evolve(real, body=body), cut=cut, delay=delay)
            case "throttle" | "error" | "envelope":
                return evolve(self._failed(fault, real, success), delay=delay)
            case "content_type":
                return evolve(real, headers=_typed(real.headers, "text/html; charset=utf-8"), delay=delay)
            case "not_json":
                return SimAnswer(real.status if real.body else 200, JSON_TYPE, b'{"accepted": true, "detai', delay)
            case "redirect":
                there = (("location", "https://elsewhere.invalid/"),)
                return SimAnswer(fault.status or 302, there, b"", delay)
            case "drift":
                return evolve(real, body=drifted(real.body, fault, self.random), delay=delay)
            case _:
                return evolve(real, delay=delay)

    def _retry_after(self, fault: Fault) -> Headers:
        match fault.retry_after:
            case "seconds":
                return (("retry-after", f"{fault.wait:g}"),)
            case "date":
                return (("retry-after", formatdate(self.now() + fault.wait, usegmt=True)),)
            case _:
                return ()

    def _failed(self, fault: Fault, real: SimAnswer, success: int) -> SimAnswer:
        if fault.kind == "throttle":
            limited = self._page(fault.page, 429, "Rate limit exceeded.", real)
            return evolve(limited, headers=limited.headers + self._retry_after(fault))
        failed = self._page(fault.page, fault.status or 500, "Something went wrong on our side.", real)
        return evolve(failed, status=success) if fault.kind == "envelope" else failed

    def _page(self, page: str, status: int, said: str, real: SimAnswer) -> SimAnswer:
        match page:
            case "right":
                return evolve(real, status=status)
            case "gateway":
                return json_answer(status, {"fault": {"faultstring": "Upstream failed", "detail": {"code": "gateway"}}})
            case "html":
                page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>gateway</body></html>\n"
                return SimAnswer(status, (("content-type", "text/html"),), page.encode())
            case _:
                return self.error(status, said)


def _match(template: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(template) != len(parts):
        return None
    values: dict[str, str] = {}
    for wanted, part in zip(template, parts, strict=True):
        if wanted[:1] == "{" and part:
            values[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return values


def _typed(headers: Headers, content_type: str) -> Headers:
    return (*((name, value) for name, value in headers if name != "content-type"), ("content-type", content_type))
