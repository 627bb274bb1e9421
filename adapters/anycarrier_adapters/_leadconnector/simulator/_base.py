"""Settings, state, limits and authorization of the simulator."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from attrs import define, evolve, field
from attrs.converters import optional

from anycarrier.simulator import Call, Failure, Refused, SimAnswer, SimRequest, Simulator, Window, json_answer

from .records import Owned, inventory

__all__ = ["DUMMY_LOCATION", "DUMMY_TOKEN", "Base"]

DUMMY_TOKEN = "pit-00000000-0000-0000-0000-000000000000"  # noqa: S105 - opens nothing but the simulator
DUMMY_LOCATION = "ve9EPM428h8vShlRW1KT"
"""The published example of a location's id."""

VERSIONS = frozenset({"v3", "2023-02-21", "2021-07-28", "2021-04-15"})
DAY = 86_400.0


@define(kw_only=True, slots=False, eq=False, repr=False)
class Base(Simulator):
    """One location of LeadConnector.

    Args:
        seed, now: see :class:`~anycarrier.simulator.core.Simulator`.
        token: the private integration token that is accepted.
        location_id: the one location that it is for.
        scopes: what the token may do.
        owned: E.164 numbers of the location at the start; ``None`` for three, one of them in a number pool.
        connected: whether the location has a phone system.
        account_status: ``active``, ``suspended`` or ``closed``.
        failing: answer lists with the documented 500.
        hints: ignore the search filters, as a server may that takes them as hints.
        lag: seconds until a bought number shows in the list.
        fingerprints: what a fingerprint that was used before does.
        required: ``all`` for every field that v3's document calls required.
        envelope_all: wrap the answers of search and pools too.
        burst: requests in ten seconds; ``None`` for no limit.
        daily: requests in a day.
        refresh_token: the first one that is accepted.
    """

    seed: int = 0
    now: Callable[[], float] = time.time
    token: str = DUMMY_TOKEN
    location_id: str = DUMMY_LOCATION
    scopes: frozenset[str] = field(
        default=frozenset(("phonenumbers.read", "phonenumbers.write", "numberpools.read")), converter=frozenset
    )
    first_owned: tuple[str, ...] | None = field(default=None, alias="owned", converter=optional(tuple))
    connected: bool = True
    account_status: str = "active"
    failing: bool = False
    hints: bool = False
    lag: float = 0.0
    fingerprints: Literal["refuse", "ignore", "replay"] = "refuse"
    required: Literal["known", "all"] = "known"
    envelope_all: bool = False
    burst: int | None = 100
    daily: int = 200_000
    first_refresh_token: str = field(default="rt-1", alias="refresh_token")

    def __attrs_post_init__(self) -> None:
        super().__init__(seed=self.seed, now=self.now)

    def begin(self) -> None:
        self.stock = inventory()
        self.owned: dict[str, Owned] = {}
        first = ("+12015550198", "+12125550199", "+18005550199")
        for place, number in enumerate(first if self.first_owned is None else self.first_owned):
            self.own(number)
            if self.first_owned is None:
                self.owned[number].name = ("Main line", "Sales Line 1", "Support Toll-Free")[place]
                self.owned[number].pooled = place == 1
                self.owned[number].forwarding = "+12015550150" if place == 0 else ""
        self._last_mark = 0
        self._given: set[str] = set()
        self._used: dict[str, tuple[str, SimAnswer]] = {}
        self._recent, self._today = Window(10.0), Window(DAY)
        self.access_tokens = {self.token}
        self.refresh_tokens: dict[str, tuple[float, dict[str, Any]] | None] = {self.first_refresh_token: None}
        self.refreshes = 0

    def own(self, number: str) -> None:
        """Put a number, in E.164, on the account without selling it."""
        with self.lock:
            self.stock.pop(number, None)
            self._add(number, "tollFree" if number.startswith("+1800") else "local", "US")

    def state(self) -> dict[str, Any]:
        return {
            "owned": sorted(self.owned),
            "for_sale": len(self.stock),
            "account_status": self.account_status,
            "connected": self.connected,
            "refreshes": self.refreshes,
        }

    def mark_of(self, request: SimRequest) -> str | None:
        mark = (request.members() or {}).get("fingerprintId")
        return mark if isinstance(mark, str) else None

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        names = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 422: "Unprocessable Entity"}
        body: dict[str, Any] = {"message": more.pop("messages", message), "statusCode": status}
        if status in names:
            body["error"] = names[status]
        return json_answer(status, {**body, **more})

    def handle(self, request: SimRequest) -> SimAnswer | Failure:
        with self.lock:
            now = self.now()
            counted = not request.path.startswith("/oauth/")
            used = self.burst is not None and self._recent.count(now) >= self.burst
            if counted and (used or self._today.count(now) >= self.daily):
                return self._limited(self.error(429, "Too Many Requests"))
            if counted:
                self._recent.add(now)
                self._today.add(now)
            outcome = self._guarded(request)
            return self._limited(outcome) if isinstance(outcome, SimAnswer) and counted else outcome

    def _guarded(self, request: SimRequest) -> SimAnswer | Failure:
        agent = request.headers.get("user-agent", "")
        if not agent or agent.lower().startswith("python-urllib"):
            page = b"<html><head><title>Access denied | Cloudflare</title></head><body>Error 1010</body></html>"
            return SimAnswer(403, (("content-type", "text/html; charset=UTF-8"), ("server", "cloudflare")), page)
        return super().handle(request)

    def _limited(self, answer: SimAnswer) -> SimAnswer:
        burst = self.burst if self.burst is not None else 100
        stated = {
            "x-ratelimit-limit-daily": self.daily,
            "x-ratelimit-daily-remaining": max(0, self.daily - self._today.count(self.now())),
            "x-ratelimit-interval-milliseconds": 10_000,
            "x-ratelimit-max": burst,
            "x-ratelimit-remaining": max(0, burst - self._recent.count(self.now())),
        }
        return evolve(answer, headers=answer.headers + tuple((name, str(value)) for name, value in stated.items()))

    def authenticate(self, call: Call) -> None:
        version = call.header("version")
        if version is None:
            raise Refused(401, "version header was not found.")
        if version not in VERSIONS:
            raise Refused(401, "version header is invalid")
        token = call.bearer or ""
        if token not in self.access_tokens:
            pit = token.startswith("pit-")
            raise Refused(401, "Invalid Private Integration token" if pit else "Invalid JWT")
        scope = {"number_pools": "numberpools.read", "purchase": "phonenumbers.write"}.get(
            call.operation, "phonenumbers.read"
        )
        if scope not in self.scopes:
            raise Refused(401, "The token is not authorized for this scope.")
        location = call.values.get("locationId") or call.query("locationId")
        if location is not None and location != self.location_id:
            raise Refused(401, "This location is not accessible from this token!")

    def _add(self, number: str, kind: str, country: str) -> None:
        sid = f"PN{self.random.getrandbits(128):032x}"
        self.owned[number] = Owned(number, sid, kind, country, self.time())
