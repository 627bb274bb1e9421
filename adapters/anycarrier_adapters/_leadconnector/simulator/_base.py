"""Settings, state, limits and authorization of the simulator."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from attrs import define, evolve, field

from anycarrier.errors import InvalidInput
from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import (
    MAIN,
    Call,
    Failure,
    Options,
    Refused,
    ServiceRecord,
    SimAnswer,
    SimRequest,
    Simulator,
    Window,
    event,
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
FIRST = (
    {"number": "+12015550198", "name": "Main line", "forwarding": "+12015550150"},
    {"number": "+12125550199", "name": "Sales Line 1", "pooled": True},
    {"number": "+18005550199", "name": "Support Toll-Free"},
)
DAY = 86_400.0


KINDS: tuple[Mapping[str, Any], ...] = (
    {"name": "Line {}"},
    {"name": "Sales {}", "forwarding": "+12015550150"},
    {"name": "Campaign {}", "pooled": True},
    {"name": "Menu {}", "inbound": {"type": "ivr", "value": "68e381b296a83800a27cd1"}},
    {"name": "Support {}", "kind": "tollFree"},
    {"name": "Desk {}", "user": "0IHuJvc2ofPAAA8GzTRi"},
    {"name": "Agent {}", "inbound": {"type": "voice_ai", "value": "68e381b296a83800a27cd1"}},
    {},
)
"""Kinds of the numbers that ``big`` makes, in turn."""

OwnedNumbers = str | int | Iterable[str | Mapping[str, Any]] | None
"""Numbers of the option ``owned``."""

AREAS = ("201", "206", "212", "305", "312", "404", "415", "512", "617", "646", "702", "870")
TOLL_FREE_AREAS = ("800", "833", "844", "855", "866", "877", "888")
TOLL_FREE = re.compile(r"\+18(00|33|44|55|66|77|88)")
RECORD = ServiceRecord(
    carrier="LeadConnector-NSR/1", account_number="100200300", pin="4321", street_number="411", zip="07601"
)
"""Made up: what a port order for a number of a location has to agree with."""


def _described(owned: OwnedNumbers) -> list[tuple[str, dict[str, Any]]]:
    if owned is None:
        owned = FIRST
    found: list[tuple[str, dict[str, Any]]] = []
    for one in (owned,) if isinstance(owned, str | int) else owned:
        if isinstance(one, Mapping):
            facts = dict(one)
            if "number" not in facts:
                raise ValueError("each of the numbers owned needs its number")
            found.append((str(facts.pop("number")), facts))
        else:
            found += [(number, {}) for number in listed(one) or ()]
    return found


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
        owned: numbers of the location at the start, in E.164 or ten digits, alone or with facts of :class:`Owned`, as
            ``{"number": "+1...", "name": "Sales", "pooled": True}``; ``None`` for three, one of them in a number pool.
        service_record: facts of :class:`~anycarrier.simulator.ServiceRecord` that a port order for a number of the
            location has to agree with, instead of those in :data:`RECORD`.
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
        big: how many further numbers of the location to make up, of several kinds: with a label, forwarded, in the
            pool, with a menu (IVR), toll-free, linked to a user, with a voice agent, and without a label.
        refresh_token: the first one that is accepted.
        accounts: further locations; see :class:`~anycarrier.simulator.core.Simulator`. One has an id and a token made
            from its name and no numbers unless it says so, and is of the same company.
    """

    account_options: ClassVar = ("location_id", "token", "company_id", "owned", "service_record")
    if TYPE_CHECKING:  # the accounts that open_account makes
        accounts: dict[str, Location]
        account: Location

    seed: int = 0
    now: Callable[[], float] = time.time
    token: str = DUMMY_TOKEN
    first_location_id: str = field(default=DUMMY_LOCATION, alias="location_id")
    company_id: str = DUMMY_COMPANY
    scopes: frozenset[str] = field(default=frozenset(SCOPES), converter=_scopes)
    first_owned: OwnedNumbers = field(default=None, alias="owned")
    first_record: Mapping[str, Any] = field(factory=dict[str, Any], alias="service_record")
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
    big: int = 0
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
            record=RECORD.with_facts(options.get("service_record", self.first_record)),
        )
        self.access_tokens[location.token] = Grantee("Location", location.company_id, location.location_id)
        owned = _described(options.get("owned", self.first_owned if first else ()))
        for number, facts in owned:
            self.own(number, **facts)
        for place, kind in enumerate(KINDS if first else ()):
            self.fill(len(range(place, self.big, len(KINDS))), **kind)
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

    def own(self, number: str, **facts: Any) -> None:
        """Put a number, in E.164 or of ten digits, on the account without selling it.

        Args:
            number: the number.
            facts: attributes of :class:`Owned`, such as ``name="Sales"``, ``pooled=True`` or
                ``inbound={"type": "ivr", "value": "an id"}``.
        """
        number = PhoneNumber(number).e164
        with self.lock:
            self.stock.pop(number, None)
            kind = facts.pop("kind", "tollFree" if TOLL_FREE.match(number) else "local")
            one = self._add(number, kind, facts.pop("country", "US"))
            self.owned[number] = evolve(one, **facts)

    def fill(self, count: int, **facts: Any) -> list[str]:
        """Put *count* further numbers on the account and return them, in turn of many area codes.

        They are 555-0189 and downwards of each area code, which no account has at the start; toll-free ones where
        *facts* have ``kind="tollFree"``.

        Args:
            count: how many.
            facts: attributes of :class:`Owned` that all of them have. A ``{}`` in a name, as in ``"Sales {}"``, stands
                for the last four digits.

        Raises:
            InvalidInput: there are not that many.
        """
        if not count:
            return []
        areas = TOLL_FREE_AREAS if facts.get("kind") == "tollFree" else AREAS
        with self.lock:
            held = {number for one in (self, *self.losing, *self.gaining) for number in one.held()}
            held |= self.owned.keys()  # those of an account that is just being opened
            free = [number for line in range(89, -1, -1) for area in areas
                    if (number := f"+1{area}55501{line:02}") not in held][:count]  # fmt: skip
            if len(free) < count:
                raise InvalidInput(f"{len(free)} numbers of this kind are left to fill an account with, not {count}")
            for number in free:
                name = str(facts.get("name", "")).format(number[-4:])
                self.own(number, **{**facts, "name": name})
        return free

    # Numbers that leave

    def held(self) -> Iterable[str]:
        return [number for location in self.accounts.values() for number in location.owned]

    def withdraw(self, number: str) -> None:
        self.stock.pop(number, None)

    def service_record(self, number: str) -> ServiceRecord | None:
        found = [location for location in self.accounts.values() if number in location.owned]
        return found[0].record if found else None

    def leave(self, number: str) -> None:
        for location in self.accounts.values():
            if location.owned.pop(number, None) is not None:
                self.ported_out(number)

    @event
    def port_out(self, number: str) -> None:
        """A number of the location that is at another carrier from now on."""
        self._take_off(number)
        self.ported_out(number)

    @event
    def delete(self, number: str) -> None:
        """A number that a person deletes in the web app."""
        self._take_off(number)
        self.released(number)

    def _take_off(self, number: str) -> None:
        if self.owned.pop(number, None) is None:
            raise ValueError(f"the location has no number {number}")

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

    def _add(self, number: str, kind: str, country: str) -> Owned:
        sid = f"PN{self.random.getrandbits(128):032x}"
        self.owned[number] = one = Owned(number, sid, kind, country, self.time())
        self.came(number)
        return one
