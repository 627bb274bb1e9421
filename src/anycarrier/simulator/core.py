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
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from email.utils import formatdate
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar, cast
from urllib.parse import unquote

from attrs import evolve, field, frozen

from anycarrier.errors import InvalidInput
from anycarrier.simulator.faults import MAX_HANG, Change, Fault, FaultPlan, Scenario

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


@frozen
class Charge:
    """Money taken: when (the simulator's clock), for what, how much, and the request's mark or key."""

    at: float
    number: str
    amount: Decimal
    mark: str | None
    operation: str


@frozen
class Seen:
    """One request.

    Attributes:
        at: when it came.
        path: template of the route, ``None`` where none fits.
        status: what the provider answered or would have; ``None`` where the work was not done (yet).
        fault: kind of the fault that struck it.
        mark: idempotency key or the like, see :meth:`Simulator.mark_of`.
        digest: SHA-256 of the body, so that the sameness of repeated requests can be checked.
    """

    at: float
    method: str
    path: str | None
    operation: str | None
    status: int | None
    fault: str | None
    mark: str | None
    digest: str


class Ledger:
    """What really happened at the provider, for tests to compare with what a client believes.

    ``requests`` holds the last :data:`KEPT`; ``counters`` count all, as ``"<operation> <status or fault>"``.
    """

    KEPT = 20_000

    def __init__(self) -> None:
        self.charges: list[Charge] = []
        self.releases: list[tuple[float, str]] = []
        self.requests: deque[Seen] = deque(maxlen=self.KEPT)
        self.counters: Counter[str] = Counter()

    def total(self) -> Decimal:
        """All money taken."""
        return sum((charge.amount for charge in self.charges), Decimal(0))

    def charges_of(self, number: str) -> list[Charge]:
        """Every charge for one number."""
        return [charge for charge in self.charges if charge.number == number]

    def as_dict(self) -> dict[str, Any]:
        """For the control endpoint; amounts as text."""
        return {
            "charges": [
                {"at": c.at, "number": c.number, "amount": str(c.amount), "mark": c.mark, "operation": c.operation}
                for c in self.charges
            ],
            "releases": [{"at": at, "number": number} for at, number in self.releases],
            "requests": [
                {
                    "at": s.at, "method": s.method, "path": s.path, "operation": s.operation, "status": s.status,
                    "fault": s.fault, "mark": s.mark, "digest": s.digest,
                }
                for s in self.requests
            ],
            "counters": dict(self.counters),
            "total": str(self.total()),
        }  # fmt: skip


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
        self.faults = FaultPlan(lambda: self.random, now, self.lock)
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
        """Plan a fault, as ``fault("reset", operation="order", done=True)``; its id in the plan."""
        return self.faults.add(Fault.read({"kind": kind, **how})).id

    def apply(self, scenario: Scenario) -> None:
        """Plan the faults that a scenario has for this simulator, and take its seed."""
        if scenario.seed is not None:
            self.seed = scenario.seed
            self.random.seed(self.seed)
        for fault in scenario.of(self.name):
            self.faults.add(fault)

    def reset(self) -> None:
        """Everything as it was when made: state, ledger, random; no faults."""
        with self.lock:
            self.random.seed(self.seed)
            self.faults.clear()
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
            case "throttle":
                limited = self.error(429, "Rate limit exceeded.")
                return evolve(limited, headers=limited.headers + self._retry_after(fault), delay=delay)
            case "error":
                return evolve(self._failed(fault), delay=delay)
            case "content_type":
                return evolve(real, headers=_typed(real.headers, "text/html; charset=utf-8"), delay=delay)
            case "not_json":
                return SimAnswer(real.status if real.body else 200, JSON_TYPE, b'{"accepted": true, "detai', delay)
            case "redirect":
                there = (("location", "https://elsewhere.invalid/"),)
                return SimAnswer(fault.status or 302, there, b"", delay)
            case _:
                return evolve(real, body=_drifted(real.body, fault, self.random), delay=delay)

    def _retry_after(self, fault: Fault) -> Headers:
        match fault.retry_after:
            case "seconds":
                return (("retry-after", f"{fault.wait:g}"),)
            case "date":
                return (("retry-after", formatdate(self.now() + fault.wait, usegmt=True)),)
            case _:
                return ()

    def _failed(self, fault: Fault) -> SimAnswer:
        status = fault.status or 500
        if fault.page == "html":
            page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>gateway</body></html>\n"
            return SimAnswer(status, (("content-type", "text/html"),), page.encode())
        return self.error(status, "Something went wrong on our side.")


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


# Drift: an answer that is a little other than the documents say.

Place: TypeAlias = tuple[str | int, ...]


def _drifted(body: bytes, fault: Fault, chance: random.Random) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if fault.at is not None:
        places = _places(document, fault.at.split("."), adding=fault.change == "add")
    else:
        fitting = [place for place, value in _leaves(document) if _suits(fault.change, value)]
        places = [chance.choice(fitting)] if fitting else []
        if fault.change == "add":
            places = [(*places[0][:-1], "addedLater")] if places else []
    for place in places:
        document = _changed(document, place, fault.change)
    return json.dumps(document, ensure_ascii=False).encode()


def _leaves(value: Any, place: Place = ()) -> Iterable[tuple[Place, Any]]:
    members: Iterable[tuple[str | int, Any]]
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        members = enumerate(value)
    else:
        # Only members of objects drift: a list has no names to drop or to rename.
        if place and isinstance(place[-1], str):
            yield place, value
        return
    for name, member in members:
        yield from _leaves(member, (*place, name))


def _suits(change: Change, value: object) -> bool:
    if change == "text":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) if change == "word" else True


def _places(value: Any, names: list[str], place: Place = (), *, adding: bool) -> list[Place]:
    if not names:
        return [place]
    name, rest = names[0], names[1:]
    found: list[Place] = []
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if adding and not rest and name != "*":
            return [(*place, name)]
        for key in members if name == "*" else [name] if name in members else []:
            found += _places(members[key], rest, (*place, key), adding=adding)
    elif isinstance(value, list):
        items: list[Any] = value
        for index in range(len(items)) if name == "*" else [int(name)] if name.isdigit() else []:
            if index < len(items):
                found += _places(items[index], rest, (*place, index), adding=adding)
    return found


def _changed(document: Any, place: Place, change: Change) -> Any:
    holder, last = document, place[-1]
    for name in place[:-1]:
        holder = holder[name]
    match change:
        case "drop":
            del holder[last]
        case "add":
            holder[last] = "added by drift"
        case "rename" if isinstance(last, str):
            holder[last + "Renamed"] = holder.pop(last)
        case "rename":
            raise InvalidInput("only a member of an object can be renamed")
        case "word":
            holder[last] = "word_nobody_knows"
        case "text":
            holder[last] = str(holder[last])
        case "null":
            holder[last] = None
    return document
