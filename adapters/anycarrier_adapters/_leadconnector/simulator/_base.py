"""Settings, state, limits and authorization of the simulator."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from attrs import define, evolve, field

from anycarrier.simulator import (
    MAIN,
    Call,
    Failure,
    Options,
    Refused,
    SimAnswer,
    SimRequest,
    Simulator,
    Window,
    json_answer,
    listed,
)

from .records import Grantee, Location, Owned, inventory

__all__ = ["DUMMY_COMPANY", "DUMMY_LOCATION", "DUMMY_TOKEN", "Base"]

DUMMY_TOKEN = "pit-00000000-0000-0000-0000-000000000000"  # noqa: S105 - opens nothing but the simulator
DUMMY_LOCATION = "ve9EPM428h8vShlRW1KT"
"""The published example of a location's id."""

VERSIONS = frozenset({"v3", "2023-02-21", "2021-07-28", "2021-04-15"})
DUMMY_COMPANY = "tDtDnQdgm2LXpyiqYvZ6"
"""The published example of a company's id."""
SCOPES = ("phonenumbers.read", "phonenumbers.write", "numberpools.read", "oauth.write", "oauth.readonly")
SCOPE_OF = {
    "number_pools": "numberpools.read",
    "purchase": "phonenumbers.write",
    "location_token": "oauth.write",
    "location_token_v3": "oauth.write",
    "installed": "oauth.readonly",
    "installed_v3": "oauth.readonly",
}
FIRST = ("+12015550198", "+12125550199", "+18005550199")
DAY = 86_400.0


def _scopes(value: str | Iterable[str]) -> frozenset[str]:
    return frozenset(listed(value) or ())


@define(kw_only=True, slots=False, eq=False, repr=False)
class Base(Simulator):
    """One location of LeadConnector.

    Args:
        seed, now: see :class:`~anycarrier.simulator.core.Simulator`.
        token: the private integration token that is accepted.
        location_id: the location that it is for.
        company_id: the company (agency) that the location is of.
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
        accounts: further locations; see :class:`~anycarrier.simulator.core.Simulator`. One has an id and a token made
            from its name and no numbers unless it says so, and is of the same company.
    """

    account_options: ClassVar = ("location_id", "token", "company_id", "owned")
    if TYPE_CHECKING:  # the accounts that open_account makes
        accounts: dict[str, Location]
        account: Location

    seed: int = 0
    now: Callable[[], float] = time.time
    token: str = DUMMY_TOKEN
    first_location_id: str = field(default=DUMMY_LOCATION, alias="location_id")
    company_id: str = DUMMY_COMPANY
    scopes: frozenset[str] = field(default=frozenset(SCOPES), converter=_scopes)
    first_owned: tuple[str, ...] | None = field(default=None, alias="owned", converter=listed)
    _accounts: Options | None = field(default=None, alias="accounts")
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
        super().__init__(seed=self.seed, now=self.now, accounts=self._accounts)

    def begin(self) -> None:
        self.stock = inventory()
        self._last_mark = 0
        self._given: set[str] = set()
        self._used: dict[str, tuple[str, SimAnswer]] = {}
        self._recent, self._today = Window(10.0), Window(DAY)
        self.access_tokens: dict[str, Grantee] = {}
        self.codes: dict[str, Grantee] = {}
        self.refresh_tokens: dict[str, tuple[float, dict[str, Any]] | None] = {self.first_refresh_token: None}
        self.grantees: dict[str, Grantee] = {}
        self.refreshes = 0

    def open_account(self, name: str, options: Mapping[str, Any]) -> Location:
        first = name == MAIN
        mark = hashlib.sha256(name.encode()).hexdigest()
        self.account = location = Location(
            location_id=options.get("location_id", self.first_location_id if first else mark[:20]),
            token=options.get("token", self.token if first else f"pit-{mark[:8]}-{mark[8:12]}-{mark[12:16]}"),
            company_id=options.get("company_id", self.company_id),
            name="Example Plumbing" if first else name,
            installed=self.now(),
        )
        self.access_tokens[location.token] = Grantee("Location", location.company_id, location.location_id)
        owned = listed(options.get("owned", self.first_owned if first else ()))
        for place, number in enumerate(FIRST if owned is None else owned):
            self.own(number)
            if owned is None:
                one = location.owned[number]
                one.name = ("Main line", "Sales Line 1", "Support Toll-Free")[place]
                one.pooled = place == 1
                one.forwarding = "+12015550150" if place == 0 else ""
        return location

    def credentials(self, account: Location) -> Mapping[str, str]:
        return {"token": account.token, "location_id": account.location_id}

    @property
    def owned(self) -> dict[str, Owned]:
        """Numbers of the location that the request is about; between requests those of the first one."""
        return self.account.owned

    @property
    def location_id(self) -> str:
        """Id of that location."""
        return self.account.location_id

    def own(self, number: str) -> None:
        """Put a number, in E.164, on the account without selling it."""
        with self.lock:
            self.stock.pop(number, None)
            self._add(number, "tollFree" if number.startswith("+1800") else "local", "US")

    def state(self) -> dict[str, Any]:
        return {
            "owned": sorted(self.owned),
            "locations": [one.location_id for one in self.accounts.values()],
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
        grantee = self.access_tokens.get(token)
        if grantee is None:
            pit = token.startswith("pit-")
            raise Refused(401, "Invalid Private Integration token" if pit else "Invalid JWT")
        if SCOPE_OF.get(call.operation, "phonenumbers.read") not in self.scopes:
            raise Refused(401, "The token is not authorized for this scope.")
        self.grantee = grantee
        if call.request.path.startswith("/oauth/"):
            if grantee.user_type != "Company":
                raise Refused(401, "The token is not authorized for this scope.")
            return
        wanted = call.values.get("locationId") or call.query("locationId") or grantee.location_id
        found = [one for one in self.accounts.values() if one.location_id == wanted]
        if not found or not self._may(grantee, found[0]):
            raise Refused(401, "This location is not accessible from this token!")
        self.account = found[0]

    def _may(self, grantee: Grantee, location: Location) -> bool:
        if grantee.user_type == "Company":
            return grantee.company_id == location.company_id
        return grantee.location_id == location.location_id

    def _add(self, number: str, kind: str, country: str) -> None:
        sid = f"PN{self.random.getrandbits(128):032x}"
        self.owned[number] = Owned(number, sid, kind, country, self.time())
