"""A simulator that counts requests and refuses those over its limit, and a provider of it."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from anycarrier import Search
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.rate_limits import Limit
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Emit, Exchange, Listing, Request, Response, send, together
from anycarrier.features import Can
from anycarrier.http import ask, status_error
from anycarrier.simulator import (
    AsyncSimTransport,
    Call,
    Refused,
    SimAnswer,
    SimTransport,
    Simulator,
    json_answer,
    route,
)
from anycarrier.testing import AnyClient
from anycarrier.testing.fakes import Mode

BASE = "http://127.0.0.1:1"


class Meter(Simulator):
    """Counts requests, in windows that slide or stand, and refuses those over the limit."""

    name = "meter"

    def __init__(
        self,
        allowed: int = 10,
        seconds: float = 10.0,
        *,
        fixed: bool = False,
        states: bool = False,
        says: float | None = None,
        **more: Any,
    ) -> None:
        self.allowed = allowed
        self.seconds = seconds
        self.fixed = fixed
        self.states = states
        self.says = says
        super().__init__(**more)

    def begin(self) -> None:
        self.times: list[float] = []
        self.most = 0

    def count(self, others: int = 0) -> tuple[tuple[str, str], ...]:
        at = self.time()
        since = at - at % self.seconds if self.fixed else at - self.seconds
        self.times = [time for time in self.times if time >= since and (self.fixed or time > since)]
        if len(self.times) >= self.allowed:
            headers = () if self.says is None else (("retry-after", f"{self.says:g}"),)
            raise Refused(429, "too many", headers=headers + self.stated())
        self.times += [at] * min(1 + others, self.allowed - len(self.times))
        return self.stated()

    def stated(self) -> tuple[tuple[str, str], ...]:
        left = self.allowed - len(self.times)
        return (("x-left", str(left)), ("x-max", str(self.allowed))) if self.states else ()

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        return json_answer(status, {"message": message}, more.get("headers", ()))

    @route("GET", "/things", open=True)
    def things(self, call: Call) -> SimAnswer:
        return json_answer(200, {}, self.count())

    @route("POST", "/orders", open=True)
    def orders(self, call: Call) -> SimAnswer:
        return json_answer(200, {}, self.count())

    @route("GET", "/account", open=True)
    def account_info(self, call: Call) -> SimAnswer:
        return json_answer(200, {}, self.count())

    @route("GET", "/pages/{page}", open=True)
    def pages(self, call: Call) -> SimAnswer:
        return json_answer(200, [f"{call.values['page']}.{place}" for place in range(3)], self.count())

    @property
    def refused(self) -> int:
        return sum(count for said, count in self.ledger.counters.items() if said.endswith(" 429"))


class Metered:
    """A client's side of it."""

    name = "meter"
    title = "Meter"
    supports: ClassVar = {"search": Can()}

    def __init__(self, *declared: Limit) -> None:
        account = Account(id="main", provider="meter", base_url=BASE, credentials=StaticToken("t"), limits=declared)
        self.accounts = (account,)
        self.began: list[str] = []

    def thing(self, path: str = "/things", **more: Any) -> Exchange[Response]:
        wanted: dict[str, Any] = {"method": "GET", "path": path, **more}
        return ask(Request(account="main", operation="thing", authenticated=False, **wanted), _error)

    def many(self, count: int, path: str = "/things") -> Exchange[list[Response]]:
        found = []
        for _ in range(count):
            found.append((yield from self.thing(path)))  # noqa: PERF401 - it yields
        return found

    def at_once(self, count: int, limit: int = 50) -> Exchange[list[Any]]:
        return together([self.thing() for _ in range(count)], limit=limit)

    def order(self) -> Exchange[Response]:
        return send(
            Request(
                account="main", operation="buy", method="POST", path="/orders", authenticated=False, purpose="purchase"
            )
        )

    def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Any]]:
        response = yield from self.thing("/pages/{page}", path_values={"page": query.area_code})
        return json.loads(response.body)  # type: ignore[no-any-return]

    def list(self, pages: int = 4, stream: bool = False) -> Listing[str]:
        for page in range(pages):
            self.began.append(f"{page}")
            response = yield from self.thing("/pages/{page}", path_values={"page": f"{page}"}, stream=stream)
            yield Emit([f"{page}.0", f"{page}.1", f"{page}.2"] if stream else json.loads(response.body))


def _error(request: Request, response: Response) -> AnyCarrierError:
    return status_error(request, response, provider="meter", detail=response.body.decode())


def phone_of(mode: Mode, provider: Any, simulator: Simulator, clock: Any, **more: Any) -> AnyClient:
    kind: Any = SimTransport if mode == "sync" else AsyncSimTransport
    return AnyClient(mode, provider, kind({BASE: simulator}), clock, **more)
