"""A provider that is simulated in memory: routes, state, a ledger of charges, and faults around every request.

Nothing here touches a socket or a clock of its own: :meth:`Simulator.handle` takes a request and returns an outcome for
the client, an answer or a :class:`~anycarrier.simulator.Failure` of the connection. The transports of
:mod:`anycarrier.simulator.transport` and the server of :mod:`anycarrier.simulator.server` carry that out. A simulator
of a provider is a subclass whose methods carry :func:`~anycarrier.simulator.routes.route`.
"""

from __future__ import annotations

import hashlib
import heapq
import random
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from email.utils import formatdate
from typing import Any, ClassVar, cast
from urllib.parse import unquote

from attrs import evolve

from anycarrier.errors import InvalidInput
from anycarrier.simulator.accounts import MAIN, Options, account_options
from anycarrier.simulator.drift import drifted
from anycarrier.simulator.faults import MAX_HANG, Fault, FaultPlan
from anycarrier.simulator.joining import Joinable
from anycarrier.simulator.ledger import Charge, Ledger, Seen
from anycarrier.simulator.messages import (
    JSON_TYPE,
    Call,
    Failure,
    Headers,
    Refused,
    SimAnswer,
    SimRequest,
    json_answer,
)
from anycarrier.simulator.routes import Route
from anycarrier.simulator.scenario import Scenario

__all__ = ["Simulator"]


class Simulator(Joinable):
    """One provider, simulated in memory. Subclasses add the name, the routes, the envelope and the state.

    Args:
        seed: of everything random, so that a run can be repeated.
        now: the clock, Unix seconds.
        accounts: options of accounts by name, of those in :attr:`account_options`. The account ``main`` is always
            there, with the options of the simulator itself where it has none of its own.

    A subclass sets its options before it calls this ``__init__``, which builds the state through :meth:`begin` and
    :meth:`open_account`. Requests are handled one at a time, whichever thread they come from.
    """

    name: ClassVar[str] = ""
    """The provider's name, as in ``Client(name)``."""
    choices: ClassVar[Mapping[str, str]] = {}
    """Behaviour that the provider's documents leave open: topic → what this simulator does, and why."""
    settings: ClassVar[Mapping[str, Any]] = {}
    """Settings of the provider's class with which a client is let in; the credentials open nothing else."""
    story: ClassVar[Mapping[str, str]] = {}
    """Values for ``anycarrier demo``, by the names in :mod:`anycarrier.cli.demo`; without ``area_code`` there is none.
    ``purchase`` is the operation that buys a number."""
    routes: ClassVar[tuple[Route, ...]] = ()
    events: ClassVar[frozenset[str]] = frozenset()
    """Names of what can happen without a request; see :func:`~anycarrier.simulator.routes.event`."""
    account_options: ClassVar[tuple[str, ...]] = ()
    """Names of the options that an account may have; without any the simulator has one account."""
    accounts: dict[str, Any]
    """State of every account by its name, as :meth:`open_account` made it."""
    account: Any
    """State of the account whose request is answered, as :meth:`authenticate` chose it; between requests the first."""

    def __init_subclass__(cls, **more: object) -> None:
        super().__init_subclass__(**more)
        table: dict[tuple[str, str], Route] = {}
        members = [member for base in reversed(cls.__mro__) for member in vars(base).values()]
        cls.events = frozenset(member.__name__ for member in members if getattr(member, "_event", False))
        for member in members:
            for line in cast("list[Route]", getattr(member, "_routes", ())):
                if hasattr(Simulator, line.operation):
                    raise TypeError(f"{line.operation} is a name of Simulator itself: call the operation otherwise")
                table[line.method, line.path] = line
        # Where a word and a placeholder both fit, the word wins: /numbers/messaging is not a number.
        cls.routes = tuple(sorted(table.values(), key=lambda line: [part[:1] == "{" for part in line.path.split("/")]))

    def __init__(self, *, seed: int = 0, now: Callable[[], float] = time.time, accounts: Options | None = None) -> None:
        self.first_accounts = account_options(accounts, self.account_options)
        self.seed = seed
        self.now = now
        self.lock = threading.RLock()
        self.random = random.Random(seed)
        names = {
            "operation": (line.operation for line in self.routes),
            "method": (line.method for line in self.routes),
            "path": (line.path for line in self.routes),
        }
        self.faults = FaultPlan(lambda: self.random, now, self.lock, names)
        self._at: float | None = None
        self._paths = [(line, line.path.split("/")) for line in self.routes]
        self.reset()

    # for a subclass to fill in

    def begin(self) -> None:
        """Build the state anew that accounts share; called by the constructor and by every :meth:`reset`."""

    def open_account(self, name: str, options: Mapping[str, Any]) -> Any:
        """Return the state of a new account; called after :meth:`begin` for each."""

    def credentials(self, account: Any) -> Mapping[str, str]:
        """Return what differs from :attr:`settings` for the account with this state."""
        return {}

    def error(self, status: int, message: str, **more: object) -> SimAnswer:
        """Return the provider's error envelope; *more* is from :class:`~anycarrier.simulator.Refused`."""
        return json_answer(status, {"message": message, **more})

    def authenticate(self, call: Call) -> None:
        """Raise :class:`~anycarrier.simulator.Refused` for wrong credentials; not called for open routes."""

    def unknown(self, request: SimRequest, allowed: tuple[str, ...]) -> SimAnswer:
        """Return the answer where no route fits; *allowed* are the methods that the path has."""
        if allowed:
            return evolve(self.error(405, "Method Not Allowed"), headers=(*JSON_TYPE, ("allow", ", ".join(allowed))))
        return self.error(404, "Not Found")

    def mark_of(self, request: SimRequest) -> str | None:
        """Return the idempotency key, or another mark by which a repeated request is recognized."""
        return request.headers.get("idempotency-key")

    def state(self) -> dict[str, Any]:
        """Return a summary of the state for the control endpoint, as JSON values."""
        return {}

    # for a subclass to use

    def time(self) -> float:
        """Return the Unix time at which the present work is done: for late work, when it was due."""
        return self.now() if self._at is None else self._at

    def charge(self, call: Call | None, number: str, amount: Decimal) -> None:
        """Record a charge in the ledger, to the account whose request is answered; *call* is the request's, if any."""
        (account,) = (name for name, state in self.accounts.items() if state is self.account)
        mark, operation = (None, "event") if call is None else (self.mark_of(call.request), call.operation)
        self._ledger.charges.append(Charge(self.time(), number, amount, mark, operation, account))

    def refund(self, number: str, amount: Decimal) -> None:
        """Record a refund in the ledger."""
        self._ledger.refunds.append((self.time(), number, amount))

    def released(self, number: str) -> None:
        """Record a release in the ledger."""
        self._ledger.releases.append((self.time(), number))

    def ported_out(self, number: str) -> None:
        """Record in the ledger that a number left for another carrier."""
        self._ledger.ported_out.append((self.time(), number))

    # for programs and tests

    def settings_of(self, name: str) -> Mapping[str, Any]:
        """Return the settings with which a client is let in to an account.

        Raises:
            InvalidInput: there is no such account.
        """
        if name not in self.accounts:
            raise InvalidInput(f"the simulator of {self.name} has no account {name}")
        return {**self.settings, **self.credentials(self.accounts[name])}

    @property
    def ledger(self) -> Ledger:
        """The ledger, with late work that is due by now."""
        self.settle()
        return self._ledger

    def fault(self, kind: str, **how: object) -> int:
        """Plan a fault, as ``fault("reset", operation="order", done=True)``; return its id in the plan.

        Raises:
            InvalidInput: it could never strike, because there is no such operation, method or path.
        """
        return self.faults.add(Fault.read({"kind": kind, **how})).id

    def apply(self, scenario: Scenario) -> None:
        """Plan the faults that a scenario has for this simulator, and take its seed.

        A fault for all simulators is planned where its operation exists.
        """
        if scenario.seed is not None:
            self.seed = scenario.seed
            self.random.seed(self.seed)
        for target, fault in scenario.faults:
            if target == self.name or (target is None and self.faults.knows(fault)):
                self.faults.add(fault)

    def reset(self) -> None:
        """Return to the beginning: state, ledger, random; no faults."""
        with self.lock:
            self.random.seed(self.seed)
            self.faults.reset()
            self._ledger = Ledger()
            self._late: list[tuple[float, int, SimRequest, Route | None, Mapping[str, str], tuple[str, ...]]] = []
            self.begin()
            self.accounts = {}
            for name, options in self.first_accounts.items():
                self.accounts[name] = self.open_account(name, options)
            self.account = self.accounts[MAIN]
            self.withdraw_joined()

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
            self.catch_up()
            for other in self.gaining:
                other.catch_up()

    def happen(self, name: str, account: str = MAIN, **details: Any) -> None:
        """Let happen at the provider what no request causes, such as a text that arrives or a letter that is signed.

        Args:
            name: one of :attr:`events`.
            account: name of the account where it happens.
            details: arguments of the method that has this name.

        Raises:
            InvalidInput: it cannot happen.
        """
        if name not in self.events:
            raise InvalidInput(f"at {self.name} can happen {', '.join(sorted(self.events)) or 'nothing'}, not {name}")
        if account not in self.accounts:
            raise InvalidInput(f"the simulator of {self.name} has no account {account}")
        with self.lock:
            self.settle()
            self.account = self.accounts[account]
            try:
                getattr(self, name)(**details)
            except (TypeError, ValueError, ArithmeticError, Refused) as error:
                raise InvalidInput(f"{name} cannot happen so: {error}") from None
            finally:
                self.account = self.accounts[MAIN]

    def handle(self, request: SimRequest) -> SimAnswer | Failure:
        """Return the outcome of *request*: faults first, then the provider."""
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
                    at=self.now(),
                    method=request.method,
                    path=line.path if line else None,
                    operation=operation,
                    status=answer.status if answer else None,
                    fault=fault.kind if fault else None,
                    mark=self.mark_of(request),
                    digest=hashlib.sha256(request.body).hexdigest(),
                )
            )
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
        finally:
            self.account = self.accounts[MAIN]

    def _struck(self, fault: Fault, delay: float, answer: SimAnswer | None, success: int) -> SimAnswer | Failure:
        # Without the work there is no real answer to spoil; the fake one has a body, because it will be read.
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
            case "truncate" if real.status in (204, 304):
                return Failure("close", delay=delay)  # it has no body: less of it is no answer
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
