"""VoiceTel's REST API v2.2, played in memory.

Written from the published OpenAPI document (2.2.10) alone, sharing nothing with the adapter's own reading of it. What
that document leaves open is chosen in :data:`CHOICES`, and nowhere else.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, TypeGuard, cast

from attrs import define, evolve, frozen

from anycarrier.simulator.core import Call, Refused, SimAnswer, SimRequest, Simulator, json_answer, route

__all__ = ["CHOICES", "DUMMY_API_KEY", "DUMMY_PASSWORD", "DUMMY_USERNAME", "SIMULATOR", "VoiceTelSimulator"]

DUMMY_API_KEY = "0123456789abcdef0123456789abcdef"
"""Opens nothing but the simulator."""
DUMMY_USERNAME = "1000000001"
DUMMY_PASSWORD = "abc1234567"  # noqa: S105 - the published example

CHOICES: Mapping[str, str] = MappingProxyType({
    "unknown path": "404 with the error envelope, no key needed; the document says nothing.",
    "unknown method": "405 with the error envelope and Allow, as HTTP asks; the document has no 405.",
    "operations not played": "501 with the error envelope for documented operations that are not played here (ports, "
    "messages, e911, tickets and so on), so that nobody takes a missing piece for a missing feature.",
    "bad body": "400 on every operation with a body that is no JSON object or has a wrong member, also where no 400 "
    "is documented.",
    "content type": "not looked at: the body is read as JSON.",
    "E.164 in paths and bodies": "not normalised: only ten digits name a number, as the patterns say.",
    "malformed number in a path": "answered like a number that is not on the account.",
    "number not on the account": "404 where the operation documents one; 400 for PUT route and 409 for POST release, "
    "the only refusals that those two document.",
    "order of a number that is not for sale": "listed in failed[] with 201 when others of the order are had; 502 with "
    "the error envelope when none is, because then the network has nothing to order.",
    "order of more than 100, of none, or of one number twice": "400 before any write.",
    "order with an unknown route": "400 before any write.",
    "failed[] without failures": "present and empty.",
    "orderId": "Unix seconds as text, so two orders within one second share it.",
    "balance": "an order must be covered as a whole before anything is written, else 402; taken are the numbers that "
    "were had. POST numbers costs the same rate.",
    "idempotency: which answers are kept": "201 only, since nothing was written otherwise; 24 hours of the "
    "simulator's clock; per account, of which there is one.",
    "idempotency: same key, another body": "the kept answer, as the parameter's text reads literally; "
    "other_body='refuse' makes it 400.",
    "idempotency: malformed key": "400.",
    "idempotency: at the same time": "requests are done one after another, so the second has the first one's answer.",
    "search cache": "an answer is repeated for 10 minutes per set of parameters, as documented: it may offer what is "
    "gone. search_cache=0 turns it off.",
    "search order": "ascending; unknown province, rate center or LATA find nothing (200 and an empty list).",
    "quantity out of 1 to 1000": "400; the limits are in prose only.",
    "removed numbers": "DELETE takes a number off the account; POST numbers can attach it again, search does not "
    "offer it. A released number cannot be had again.",
    "POST numbers": "attaches a number that is for sale or was removed; any other is 409.",
    "number owned twice": "409 for POST numbers, failed[] for orders.",
    "moving": "any positive accountId is an account; ours is 409; afterwards the number is not on our account.",
    "rate limit": "429 without Retry-After, which no document mentions; one budget of 6 per 3600 seconds for the four "
    "operations together, per client address, refused calls not counted.",
    "webhooks": "nothing is fetched: https and a host name are required, names under .invalid count as unreachable.",
    "gateways": "nothing is resolved: private and loopback addresses and names under .invalid are 400, addresses "
    "reserved for documentation count as public; system routes cannot be changed (404) or removed (409).",
    "forward removal without a forward": "204.",
    "campaign nobody knows": "404 on binding and unbinding, 409 for many at once; CAMPAIGN_INVALID_ID in the "
    "status list.",
    "campaign without a messaging path": "400 on binding, 409 on unbinding many.",
    "unbinding a number that is not bound": "404 for one number; failed[] for many.",
    "previousNetwork": "the letter of the other path, only where the number was bound on the other one.",
    "enabled in the messaging state": "true with an inbound route or a campaign.",
    "nothing set": "resource is empty text and routeIn 0; every documented member is always present.",
    "admin-only account settings": "400; a mixture of them and others changes nothing.",
    "release 2.2.17: path A": "binding is 409, since that path takes no new numbers; CH5K5IZ is on path C there.",
    "release 2.2.17: the job": "each of its states lasts 5 seconds of the simulator's clock; pending in the messaging "
    "state is the job, null without one.",
    "release 2.2.17: PIN": "locked for 30 days; a repeated call answers the old PIN and changed=false.",
})  # fmt: skip

TEN_DIGITS = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)
KEY = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
CAMPAIGN = re.compile(r"C[A-Z0-9]{6}", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
HOST = re.compile(r"(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
DAY = 86_400.0


@frozen
class Place:
    """Where a number is at home. Latas and rate centers are of the right kind, not surveyed."""

    area: str
    city: str
    province: str
    rate_center: str
    lata: str


PLACES: tuple[Place, ...] = (
    Place("201", "Hackensack", "NJ", "HACKENSACK", "224"),
    Place("206", "Seattle", "WA", "SEATTLE", "674"),
    Place("212", "New York", "NY", "NEW YORK", "132"),
    Place("305", "Miami", "FL", "MIAMI", "460"),
    Place("312", "Chicago", "IL", "CHICAGO", "358"),
    Place("404", "Atlanta", "GA", "ATLANTA", "438"),
    Place("415", "San Francisco", "CA", "SNFC CNTRL", "722"),
    Place("512", "Austin", "TX", "AUSTIN", "558"),
    Place("604", "Vancouver", "BC", "VANCOUVER", "888"),
    Place("617", "Boston", "MA", "BOSTON", "128"),
    Place("646", "New York", "NY", "NEW YORK", "132"),
    Place("702", "Las Vegas", "NV", "LAS VEGAS", "721"),
    Place("870", "Jonesboro", "AR", "JONESBORO", "528"),
)
"""Area codes for sale: 555-0100 to 555-0199 of each, numbers that are set aside for fiction."""

OWNED = ("2015550197", "2015550198", "2125550199")
PORTING = "2015550198"
CONFIGURED = "2125550199"


@define
class Owned:
    """A number on the account."""

    number: str
    since: float
    route: int = 4
    cnam: bool = False
    translated: str = ""
    forward_to: str | None = None
    fax: str | None = None
    row: int = 0
    carrier: int = 0
    campaign: str | None = None
    porting: bool = False
    pin: str | None = None
    pin_at: float = 0.0
    job_at: float | None = None


@define
class Gateway:
    """A route; those of the system are read-only."""

    id: int
    gateway: str
    prefix: str = ""
    limit: int | None = None
    system: bool = False

    def row(self) -> dict[str, Any]:
        return {
            "id": self.id, "gateway": self.gateway, "prefix": self.prefix, "limit": self.limit, "system": self.system,
        }  # fmt: skip


@define
class Campaign:
    """A 10DLC campaign; ``network`` is ``None`` where it is on no supported path."""

    id: str
    network: str | None
    state: str = "ACTIVE"
    status: str = "CAMPAIGN_DCA_COMPLETE"


@frozen
class Inbound:
    """Where texts go."""

    type: str
    resource: str


UPSTREAM = {"A": ("SFL9UTQ", 17), "B": ("SB8TWLO", 19)}
UPSTREAM_LATER = {"A": ("CAMP003", 17), "B": ("CAMP004", 19), "C": ("BANDW", 20)}
JOB_STATES = ("queued", "hosting", "assigning", "routing", "done")
JOB_STEP = 5.0
SYSTEM_ROUTES = {1: "USER", 2: "T30", 3: "VOICE_BRIDGE", 4: "DID", 5: "T38", 6: "RTC_BRIDGE", 8: "SDN"}
NOT_PLAYED = re.compile(
    r"/v2\.2/(account/(credits|registration|payments|recovery)|accounts|acl|auth|e911(/.*)?|ports(/.*)?|lrn/.*"
    r"|messages|support/.*)"
)


class VoiceTelSimulator(Simulator):
    """VoiceTel v2.2.

    Args:
        seed, now: see :class:`~anycarrier.simulator.core.Simulator`.
        release: ``"2.2.10"``, or ``"2.2.17"`` for the later shape of campaigns and PINs.
        api_key: the one key that is accepted.
        balance: of the account, in USD.
        rate: for each number, in USD.
        owned: ten-digit numbers on the account at the start; ``None`` for three, one of which is being ported.
        lag: seconds until an ordered number shows on the account.
        search_cache: seconds for which a search is answered from the cache.
        account_calls: how many calls per hour the four limited account operations share; ``None`` for no limit.
        other_body: what a used Idempotency-Key with another body gets.
        big: how many further owned numbers to make up for load tests, 100,000 giving a list of some 18 MB.
    """

    name = "voicetel"
    choices = CHOICES
    settings = MappingProxyType({"api_key": DUMMY_API_KEY})
    story = MappingProxyType({
        "area_code": "201", "gateway": "1000", "forward": "+12125550199", "webhook": "https://example.com/texts",
        "campaign": "CH5K5IZ", "purchase": "order",
    })  # fmt: skip

    def __init__(
        self,
        *,
        seed: int = 0,
        now: Callable[[], float] = time.time,
        release: Literal["2.2.10", "2.2.17"] = "2.2.10",
        api_key: str = DUMMY_API_KEY,
        balance: Decimal | int | str = "100",
        rate: Decimal | int | str = "0.50",
        owned: Iterable[str] | None = None,
        lag: float = 0.0,
        search_cache: float = 600.0,
        account_calls: int | None = 6,
        other_body: Literal["replay", "refuse"] = "replay",
        big: int = 0,
    ) -> None:
        self.release = release
        self.api_key = api_key
        self.first_balance = Decimal(balance)
        self.rate = Decimal(rate)
        self.first_owned = None if owned is None else tuple(owned)
        self.lag = lag
        self.search_cache = search_cache
        self.account_calls = account_calls
        self.other_body = other_body
        self.big = big
        super().__init__(seed=seed, now=now)

    def begin(self) -> None:
        self.balance = self.first_balance
        self.stock: dict[str, Place] = {
            f"{place.area}55501{line:02}": place for place in PLACES for line in range(100)
        }  # fmt: skip
        self.owned: dict[str, Owned] = {}
        self.removed: set[str] = set()
        self.released_numbers: set[str] = set()
        self.moved: dict[str, int] = {}
        self.inbound: dict[int, Inbound] = {}
        self.gateways = {number: Gateway(number, word, system=True) for number, word in SYSTEM_ROUTES.items()}
        self.gateways[1000] = Gateway(1000, "203.0.113.10:5060", "", 23)
        self.gateways[1001] = Gateway(1001, "sip.example.com", "9", 10)
        self.campaigns = {
            campaign.id: campaign
            for campaign in (
                Campaign("CH5K5IZ", "C" if self.later else "A"),
                Campaign("CB2PATH", "B"),
                Campaign("CA1PATH", "A"),
                Campaign("CEXPIRD", "B", "EXPIRED", "CAMPAIGN_EXPIRED"),
                Campaign("CN0PATH", None),
            )
        }
        self.brands = {"BTEST01"}
        self.profile: dict[str, Any] = {
            "timezone": "America/Chicago", "notify": True, "notifyThreshold": 10, "callerId": "2015550197",
        }  # fmt: skip
        self._kept: dict[str, tuple[float, bytes, SimAnswer]] = {}
        self._searches: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[float, SimAnswer]] = {}
        self._calls: dict[str, list[float]] = {}
        self._document: SimAnswer | None = None
        self._rows = 0
        for number in OWNED if self.first_owned is None else self.first_owned:
            self.own(number)
        if self.first_owned is None:
            self.owned[PORTING].porting = True
            configured = self.owned[CONFIGURED]
            configured.route = 1000
            configured.row = self._row(Inbound("webhook", "https://example.com/sms"))
            configured.campaign, configured.carrier = "CB2PATH", 19
        self._own_many(self.big)

    def own(self, number: str) -> None:
        """Put *number* on the account without any charge."""
        self.stock.pop(number, None)
        self.owned[number] = Owned(number, float("-inf"), translated=number)
        self._document = None

    def _own_many(self, count: int) -> None:
        # 555 numbers only: nobody is called by them. Those for sale are left alone.
        for place in PLACES:
            for line in range(10_000):
                if count <= 0:
                    return
                number = f"{place.area}555{line:04}"
                if number not in self.stock and number not in self.owned:
                    self.own(number)
                    count -= 1

    @property
    def later(self) -> bool:
        """Whether the later release is played."""
        return self.release != "2.2.10"

    def state(self) -> dict[str, Any]:
        return {
            "release": self.release,
            "balance": str(self.balance),
            "owned": len(self.owned),
            "numbers": list(self.owned)[:1000],
            "for_sale": len(self.stock),
            "released": sorted(self.released_numbers),
            "removed": sorted(self.removed),
            "moved": self.moved,
            "keys": len(self._kept),
            "gateways": sorted(self.gateways),
            "campaigns": sorted(self.campaigns),
        }

    # Envelopes and credentials (OpenAPI, errorResponse and bearerAuth).

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        return json_answer(status, {"status": "error", "error": {"code": status, "message": message}, **more})

    def unknown(self, request: SimRequest, allowed: tuple[str, ...]) -> SimAnswer:
        if NOT_PLAYED.fullmatch(request.path):
            return self.error(501, "The simulator does not play this operation.")
        return super().unknown(request, allowed)

    def authenticate(self, call: Call) -> None:
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self.api_key:
            raise Refused(401, "Missing or invalid bearer token.")
        if call.request.method != "GET":
            self._document = None

    # Account (OpenAPI, account).

    @route("POST", "/v2.2/account/api-key", open=True)
    def api_key_get(self, call: Call) -> SimAnswer:
        self._limit(call)
        body = _body(call)
        # The type is text; older clients of the vendor send a number.
        username, password = body.get("username"), body.get("password")
        if not username or not password:
            raise Refused(400, "Fields Required: username, password.")
        if str(username) != DUMMY_USERNAME or password != DUMMY_PASSWORD:
            raise Refused(401, "Invalid username or password.")
        return _good({"apikey": self.api_key})

    @route("GET", "/v2.2/account")
    def account_get(self, call: Call) -> SimAnswer:
        self._limit(call)
        services = ("sms", "rcid", "mms", "bypassMedia", "e911", "intl", "cnam", "dialer")
        rates = {"fax": 0.03, "sms": 0.005, "mms": 0.01, "tfAdj": 0, "lrn": 0.001, "nibble": 0.01, "cnam": 0.005}
        return _good({
            "services": {service: service not in ("intl", "dialer") for service in services},
            "rates": {**rates, "did": float(self.rate), "intlMax": 0.5},
            **self.profile,
            "ccs": 23, "username": DUMMY_USERNAME, "name": "Example Inc", "created": "2026-05-18T12:00:00Z",
            "enabled": True, "cash": float(self.balance), "authType": 0, "email": "user@example.com",
        })  # fmt: skip

    @route("PUT", "/v2.2/account")
    def account_update(self, call: Call) -> SimAnswer:
        body = _body(call)
        checks: dict[str, Callable[[Any], bool]] = {
            "timezone": lambda value: isinstance(value, str) and bool(value),
            "notify": lambda value: isinstance(value, bool),
            "notifyThreshold": _is_int,
            "callerId": _is_number,
        }
        if not body or any(name not in checks or not checks[name](value) for name, value in body.items()):
            raise Refused(400, "Only timezone, notify, notifyThreshold and callerId can be updated.")
        self.profile.update(body)
        return _good({"updated": list(body)})

    @route("GET", "/v2.2/account/recurring-charges")
    def recurring_charges(self, call: Call) -> SimAnswer:
        self._limit(call)
        amount = float(self.rate * len(self.owned))
        return _good({"charges": [{"amount": amount, "description": "DID"}], "total": amount})

    @route("GET", "/v2.2/account/cdr")
    def cdr(self, call: Call) -> SimAnswer:
        self._limit(call)
        # The range runs backwards: start is the newer end.
        start, end = call.query("start") or str(int(self.time())), call.query("end") or str(int(self.time() - DAY))
        return _good({"start": _int_or_400(start, "start"), "end": _int_or_400(end, "end"), "cdr": []})

    def _limit(self, call: Call) -> None:
        if self.account_calls is None:
            return
        recent = [at for at in self._calls.get(call.request.client, []) if at > self.time() - 3600]
        if len(recent) >= self.account_calls:
            raise Refused(429, "Rate limit exceeded.")
        self._calls[call.request.client] = [*recent, self.time()]

    # Buying (OpenAPI, iNumbering).

    @route("GET", "/v2.2/inventory")
    def inventory(self, call: Call) -> SimAnswer:
        mask = call.query("tnMask")
        if not mask or not re.fullmatch(r"(?=.{1,11}$)[0-9]*(\*[0-9]*)*", mask, re.ASCII) or mask.strip("*") == "":
            raise Refused(400, "Missing or invalid query parameter: tnMask")
        quantity = _int_or_400(call.query("quantity") or "10", "quantity")
        if not 1 <= quantity <= 1000:
            raise Refused(400, "Missing or invalid query parameter: quantity")
        lata = call.query("lata")
        if lata is not None:
            _int_or_400(lata, "lata")
        return self._cached(call, lambda: self._search(mask, quantity, call, lata))

    def _search(self, mask: str, quantity: int, call: Call, lata: str | None) -> SimAnswer:
        pattern = re.compile(re.escape(mask).replace(r"\*", "[0-9]*"))
        province, rate_center = call.query("province"), call.query("rateCenter")
        found: list[dict[str, str]] = []
        for number, place in self.stock.items():
            if (
                pattern.match(number)
                and (not province or place.province == province.upper())
                and (not rate_center or place.rate_center == rate_center.upper())
                and (lata is None or place.lata == lata)
            ):
                found.append({
                    "number": number, "city": place.city, "province": place.province,
                    "rateCenter": place.rate_center, "lata": place.lata,
                })  # fmt: skip
                if len(found) == quantity:
                    break
        return _good({"numbers": found})

    @route("GET", "/v2.2/inventory/coverage")
    def coverage(self, call: Call) -> SimAnswer:
        kinds: dict[str, Callable[[str, Place], dict[str, str]]] = {
            "state": lambda number, place: {"locState": place.province},
            "city": lambda number, place: {"city": place.city, "locState": place.province},
            "rateCenter": lambda number, place: {"rcAbbre": place.rate_center, "lata": place.lata},
            "npanxx": lambda number, place: {"npa": number[:3], "nxx": number[3:6]},
            "block": lambda number, place: {"block": number[:7]},
        }
        kind = kinds.get(call.query("countBy") or "")
        if kind is None:
            raise Refused(400, "Query parameter failed validation: countBy")
        if (lata := call.query("lata")) is not None:
            _int_or_400(lata, "lata")
        return self._cached(call, lambda: self._count(call, kind))

    def _count(self, call: Call, kind: Callable[[str, Place], dict[str, str]]) -> SimAnswer:
        wanted = {name: value.upper() for name in ("locState", "city", "rcAbbre", "npa", "lata")
                  if (value := call.query(name))}  # fmt: skip
        counts: dict[tuple[tuple[str, str], ...], int] = {}
        for number, place in self.stock.items():
            facts = {"locState": place.province, "city": place.city.upper(), "rcAbbre": place.rate_center,
                     "npa": number[:3], "lata": place.lata}  # fmt: skip
            if all(facts[name] == value for name, value in wanted.items()):
                bucket = tuple(kind(number, place).items())
                counts[bucket] = counts.get(bucket, 0) + 1
        return _good({"coverage": [{**dict(bucket), "count": count} for bucket, count in counts.items()]})

    def _cached(self, call: Call, search: Callable[[], SimAnswer]) -> SimAnswer:
        key = (call.operation, tuple(sorted(call.request.query)))
        until, answer = self._searches.get(key, (0.0, None))
        if answer is None or until <= self.time():
            answer = search()
            if self.search_cache:
                self._searches[key] = (self.time() + self.search_cache, answer)
        return answer

    @route("POST", "/v2.2/orders", success=201)
    def order(self, call: Call) -> SimAnswer:
        key = call.header("idempotency-key")
        if key is not None:
            if not KEY.fullmatch(key):
                raise Refused(400, "Invalid header: Idempotency-Key")
            until, body, answer = self._kept.get(key, (0.0, b"", SimAnswer(0)))
            if self.time() < until:
                if body != call.request.body and self.other_body == "refuse":
                    raise Refused(400, "Idempotency-Key was used with another body.")
                return answer
        answer = self._order(call, self._wanted(call))
        if key is not None:
            self._kept[key] = (self.time() + DAY, call.request.body, answer)
        return answer

    def _wanted(self, call: Call) -> dict[str, int]:
        numbers = _body(call).get("numbers")
        if not isinstance(numbers, list) or not numbers:
            raise Refused(400, "Field Required: numbers")
        entries: list[Any] = numbers
        if len(entries) > 100:
            raise Refused(400, "At most 100 numbers per order.")
        wanted: dict[str, int] = {}
        for entry in entries:
            row: dict[str, Any] = entry if isinstance(entry, dict) else {"number": entry}
            number, to = row.get("number"), row.get("route", 4)
            if not _is_number(number):
                raise Refused(400, "Invalid number in numbers.")
            if number in wanted:
                raise Refused(400, "A number is listed twice.")
            if not self._is_route(to):
                raise Refused(400, "Invalid route")
            wanted[number] = to
        return wanted

    def _order(self, call: Call, wanted: dict[str, int]) -> SimAnswer:
        if self.rate * len(wanted) > self.balance:
            raise Refused(402, "Insufficient funds.")
        had = [number for number in wanted if number in self.stock]
        if not had:
            raise Refused(502, "The network rejected the order.")
        for number in had:
            self._take(call, number, wanted[number])
        failed = [
            {"number": number, "reason": "Already on the account" if number in self.owned else "Number not available"}
            for number in wanted
            if number not in had
        ]
        return _good(
            {
                "orderId": str(int(self.time())), "amountCharged": float(self.rate * len(had)),
                "numbersOrdered": had, "failed": failed,
            },
            201,
        )  # fmt: skip

    def _take(self, call: Call, number: str, to: int) -> None:
        self.charge(call, number, self.rate)
        self.balance -= self.rate
        self.stock.pop(number, None)
        self.removed.discard(number)
        self.owned[number] = Owned(number, self.time() + self.lag, route=to, translated=number)

    # Numbers (OpenAPI, Numbers).

    @route("POST", "/v2.2/numbers", success=201)
    def number_add(self, call: Call) -> SimAnswer:
        body = _body(call)
        number, to = body.get("number"), body.get("route", 4)
        if not _is_number(number):
            raise Refused(400, "Field Required: number")
        if not self._is_route(to):
            raise Refused(400, "Invalid route")
        if number not in self.stock and number not in self.removed:
            raise Refused(409, "Failed to add")
        if self.rate > self.balance:
            raise Refused(402, "Insufficient funds")
        self._take(call, number, to)
        return _good({"number": number, "route": to}, 201)

    @route("GET", "/v2.2/numbers")
    def numbers(self, call: Call) -> SimAnswer:
        if self._document is not None:
            return self._document
        rows = [self._detail(owned) for owned in self.owned.values() if owned.since <= self.time()]
        if not rows:
            raise Refused(404, "No numbers found")
        answer = _good({"numbers": rows})
        if len(rows) == len(self.owned):  # nothing is still to show up, so this holds until the next write
            self._document = answer
        return answer

    @route("GET", "/v2.2/numbers/{number}")
    def number_get(self, call: Call) -> SimAnswer:
        return _good(self._detail(self._owned(call)))

    @route("DELETE", "/v2.2/numbers/{number}", success=204)
    def number_remove(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        self._leave(owned)
        self.removed.add(owned.number)
        return SimAnswer(204)

    @route("POST", "/v2.2/numbers/{number}/release", success=204)
    def number_release(self, call: Call) -> SimAnswer:
        owned = self._owned(call, status=409)
        self._leave(owned)
        self.released_numbers.add(owned.number)
        return SimAnswer(204)

    def _leave(self, owned: Owned) -> None:
        if owned.porting:
            raise Refused(409, "Failed or currently porting")
        del self.owned[owned.number]
        self.inbound.pop(owned.row, None)
        self.released(owned.number)

    @route("PATCH", "/v2.2/numbers/{number}")
    def number_move(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = _body(call)
        account, to = body.get("accountId"), body.get("route")
        if not _is_int(account) or account < 1 or not _is_int(to):
            raise Refused(400, "Fields Required: accountId, route")
        if not (to in SYSTEM_ROUTES or to >= 1000):
            raise Refused(400, "Invalid route")
        if str(account) == DUMMY_USERNAME or owned.porting:
            raise Refused(409, "Move failed")
        del self.owned[owned.number]
        self.moved[owned.number] = account
        return _good({"number": owned.number, "accountId": account, "route": to})

    @route("PUT", "/v2.2/numbers/{number}/route")
    def number_route(self, call: Call) -> SimAnswer:
        owned = self._owned(call, status=400)
        to = _body(call).get("route")
        if not self._is_route(to):
            raise Refused(400, "Invalid route")
        owned.route = to
        return _good({"number": owned.number, "route": owned.route})

    @route("PUT", "/v2.2/numbers/{number}/forward")
    def forward_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        destination = _body(call).get("destination")
        if not _is_number(destination):
            raise Refused(400, "Missing or invalid destination number.")
        owned.forward_to = destination
        return _good({"number": owned.number, "forwardTo": owned.forward_to})

    @route("DELETE", "/v2.2/numbers/{number}/forward", success=204)
    def forward_remove(self, call: Call) -> SimAnswer:
        self._owned(call).forward_to = None
        return SimAnswer(204)

    @route("PUT", "/v2.2/numbers/{number}/cnam")
    def cnam_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        enabled = _body(call).get("enabled")
        if not isinstance(enabled, bool):
            raise Refused(400, "Field Required: enabled (boolean).")
        owned.cnam = enabled
        return _good({"number": owned.number, "cnam": enabled})

    @route("PUT", "/v2.2/numbers/{number}/translation")
    def translation_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        translation = _body(call).get("translation")
        if not _is_number(translation):
            raise Refused(400, "Field Required: translation.")
        owned.translated = translation
        return _good({"number": owned.number, "translation": translation})

    @route("PUT", "/v2.2/numbers/{number}/lidb")
    def lidb_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = _body(call)
        cnam = body.get("cnam")
        if not isinstance(cnam, str) or not re.fullmatch(r"[A-Za-z0-9 ]{1,15}", cnam):
            raise Refused(400, "Field Required: cnam (outbound caller name, max 15 alphanumeric characters).")
        reference = body.get("customerOrderReference") or f"{DUMMY_USERNAME}-{int(self.time())}"
        return _good({
            "number": owned.number, "cnam": cnam, "customerOrderReference": str(reference), "carrierStatus": "Success",
        })  # fmt: skip

    @route("PATCH", "/v2.2/numbers/{number}/port-out-pin")
    def port_out_pin(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        pin = _body(call).get("pin")
        if not isinstance(pin, str) or not re.fullmatch(r"[0-9]{4}", pin, re.ASCII):
            raise Refused(400, "Pin missing or malformed")
        locked = self.later and owned.pin is not None and self.time() < owned.pin_at + 30 * DAY
        if not locked:
            owned.pin, owned.pin_at = pin, self.time()
        more = {"changed": not locked} if self.later else {}
        return _good({"number": owned.number, "portOutPin": owned.pin, **more})

    @route("GET", "/v2.2/numbers/{number}/fax")
    def fax_get(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        if owned.fax is None:
            raise Refused(404, "No fax routing configured")
        return _good({"number": owned.number, "email": owned.fax})

    @route("PUT", "/v2.2/numbers/{number}/fax")
    def fax_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        email = _body(call).get("email")
        if not isinstance(email, str) or not EMAIL.fullmatch(email):
            raise Refused(400, "Missing or invalid email address.")
        owned.fax = email
        return _good({"number": owned.number, "email": email})

    @route("DELETE", "/v2.2/numbers/{number}/fax", success=204)
    def fax_remove(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        if owned.fax is None:
            raise Refused(404, "No fax routing configured")
        owned.fax = None
        return SimAnswer(204)

    @route("GET", "/v2.2/cnam/{number}")
    def cnam_lookup(self, call: Call) -> SimAnswer:
        number = call.values["number"]
        if not TEN_DIGITS.fullmatch(number):
            raise Refused(402, "Service not enabled or insufficient balance")
        return _good({"number": number, "cnam": "EXAMPLE INC"})

    def _owned(self, call: Call, status: int = 404) -> Owned:
        owned = self.owned.get(call.values["number"])
        if owned is None or owned.since > self.time():
            raise Refused(status, "Number not found or not on this account.")
        return owned

    def _is_route(self, value: object) -> TypeGuard[int]:
        return _is_int(value) and value in self.gateways

    def _detail(self, owned: Owned) -> dict[str, Any]:
        gateway = self.gateways.get(owned.route)
        return {
            "number": owned.number,
            "translated": owned.translated,
            "route": owned.route,
            "gateway": None if gateway is None or gateway.system else gateway.gateway,
            "cnam": owned.cnam,
            "forward": owned.forward_to is not None,
            "forwardTo": owned.forward_to,
            "carrier": owned.carrier,
            "smsEnabled": owned.row != 0,
            "faxEnabled": owned.fax is not None,
        }

    # Texts (OpenAPI, Numbers and Messaging).

    @route("GET", "/v2.2/numbers/{number}/sms")
    def sms_get(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        inbound = self.inbound.get(owned.row)
        if inbound is None:
            raise Refused(404, "No SMS routing configured")
        return _good({"number": owned.number, "type": inbound.type, "resource": inbound.resource})

    @route("PUT", "/v2.2/numbers/{number}/sms")
    def sms_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = _body(call)
        kind, resource = body.get("type"), body.get("resource")
        if kind not in ("email", "webhook", "sip") or not isinstance(resource, str) or not _reachable(kind, resource):
            raise Refused(400, "Missing or invalid fields: type, resource")
        inbound = Inbound(kind, resource)
        if owned.row:
            self.inbound[owned.row] = inbound
        else:
            owned.row = self._row(inbound)
        return _good({"number": owned.number, "type": kind, "resource": resource})

    @route("DELETE", "/v2.2/numbers/{number}/sms", success=204)
    def sms_remove(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        if not owned.row:
            raise Refused(404, "No SMS routing configured")
        row, owned.row = owned.row, 0
        if all(other.row != row for other in self.owned.values()):
            del self.inbound[row]
        return SimAnswer(204)

    def _row(self, inbound: Inbound) -> int:
        self._rows += 1
        self.inbound[self._rows] = inbound
        return self._rows

    @route("GET", "/v2.2/numbers/{number}/messaging")
    def messaging_get(self, call: Call) -> SimAnswer:
        return _good(self._messaging(self._owned(call)))

    @route("GET", "/v2.2/numbers/messaging")
    def messaging_bulk(self, call: Call) -> SimAnswer:
        rows: list[dict[str, Any]] = []
        for number in _listed(call, "numbers", 1000):
            owned = self.owned.get(number)
            if not TEN_DIGITS.fullmatch(number):
                raise Refused(400, "numbers query parameter is malformed")
            if owned is not None and owned.since <= self.time():
                rows.append(self._messaging(owned))
            else:
                rows.append({**self._messaging(Owned(number, 0.0)), "onAccount": False})
        return _good({"numbers": rows})

    @route("PATCH", "/v2.2/numbers/{number}/messaging")
    def messaging_update(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = _body(call)
        updated = [name for name in ("routeIn", "routeOut") if name in body]
        if not updated or not all(_is_int(body[name]) for name in updated):
            raise Refused(400, "No update fields present")
        if "routeIn" in body:
            if body["routeIn"] and body["routeIn"] not in self.inbound:
                raise Refused(403, "routeIn does not belong to this account")
            owned.row = body["routeIn"]
        if "routeOut" in body:
            owned.carrier = body["routeOut"]
        return _good({"number": owned.number, "updated": updated})

    def _messaging(self, owned: Owned) -> dict[str, Any]:
        campaign = self.campaigns.get(owned.campaign or "")
        inbound = self.inbound.get(owned.row)
        network = campaign.network if campaign else None
        state: dict[str, Any] = {
            "number": owned.number, "onAccount": True, "enabled": inbound is not None or campaign is not None,
            "carrier": owned.carrier, "routeIn": owned.row, "resource": inbound.resource if inbound else "",
            "network": network, "campaign": None,
        }  # fmt: skip
        if campaign is not None:
            upstream = self._upstream(network)[0]
            state["campaign"] = {
                "id": campaign.id, "status": campaign.state, "network": network, "upstreamCnpId": upstream,
            }  # fmt: skip
        if self.later:
            job = self._job(owned)
            state["pending"] = job if job and job["state"] != "done" else None
        return state

    def _upstream(self, network: str | None) -> tuple[str | None, int]:
        table = UPSTREAM_LATER if self.later else UPSTREAM
        return table.get(network or "", (None, 0))

    # Campaigns (OpenAPI, Numbers and Messaging).

    @route("PUT", "/v2.2/numbers/{number}/messaging-campaign")
    def campaign_assign(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        wanted = _body(call).get("campaignId")
        if not isinstance(wanted, str) or not re.fullmatch(r"[A-Z0-9]+", wanted, re.ASCII):
            raise Refused(400, "campaignId missing or malformed")
        campaign = self.campaigns.get(wanted)
        if campaign is None:
            raise Refused(404, "Campaign not found.")
        if campaign.network is None:
            raise Refused(400, "Campaign is not on a supported messaging path")
        if self.later and campaign.network == "A" and owned.campaign != wanted:
            raise Refused(409, "This messaging path takes no new numbers.")
        before = self.campaigns.get(owned.campaign or "")
        conflict = before is not None and before.network != campaign.network
        already = owned.campaign == wanted
        upstream, carrier = self._upstream(campaign.network)
        owned.campaign, owned.carrier = wanted, carrier
        data: dict[str, Any] = {
            "number": owned.number, "campaignId": wanted, "carrier": carrier, "network": campaign.network,
            "upstreamCnpId": upstream, "previousNetwork": before.network if before and conflict else None,
            "previousNetworkCleared": conflict,
        }  # fmt: skip
        if not self.later:
            return _good(data)
        if campaign.network != "C":
            owned.job_at = None
        elif not already:
            owned.job_at = self.time()
        job = self._job(owned)
        pending = job is not None and job["state"] != "done"
        status = "pending" if pending else "already" if already else "enabled"
        data |= {"status": status, "alreadyAssigned": already, "orderId": None, "warning": None, "message": None}
        data["job"] = job
        return _good(data, 202 if pending else 200)

    def _job(self, owned: Owned) -> dict[str, Any] | None:
        if owned.job_at is None:
            return None
        step = min(int((self.time() - owned.job_at) / JOB_STEP), len(JOB_STATES) - 1)
        return {
            "campaignId": owned.campaign, "state": JOB_STATES[step], "message": None,
            "createdAt": _date(owned.job_at), "updatedAt": _date(owned.job_at + step * JOB_STEP),
        }  # fmt: skip

    @route("DELETE", "/v2.2/numbers/{number}/messaging-campaign")
    def campaign_unassign(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        campaign = self._unbinding(call, 404)
        if owned.campaign != campaign.id:
            raise Refused(404, "Number is not bound to this campaign.")
        self._unbind(owned)
        return _good({
            "number": owned.number, "campaignId": campaign.id, "network": campaign.network,
            "upstreamCnpId": self._upstream(campaign.network)[0], "unassigned": True,
        })  # fmt: skip

    @route("DELETE", "/v2.2/numbers/messaging-campaign")
    def campaign_unassign_many(self, call: Call) -> SimAnswer:
        numbers = _listed(call, "numbers", 1000)
        campaign = self._unbinding(call, 409)
        if campaign.network is None:
            raise Refused(409, "Campaign is not on a supported messaging path")
        if not all(TEN_DIGITS.fullmatch(number) for number in numbers):
            raise Refused(400, "Required field missing or malformed")
        done: list[str] = []
        failed: list[dict[str, str]] = []
        for number in numbers:
            owned = self.owned.get(number)
            if owned is not None and owned.campaign == campaign.id:
                self._unbind(owned)
                done.append(number)
            else:
                reason = "Not on this account" if owned is None else "Not bound to this campaign"
                failed.append({"number": number, "reason": reason})
        return _good({
            "campaignId": campaign.id, "network": campaign.network,
            "upstreamCnpId": self._upstream(campaign.network)[0], "unassignedNumbers": done, "failed": failed,
        })  # fmt: skip

    def _unbinding(self, call: Call, missing: int) -> Campaign:
        wanted = call.query("campaignId")
        if wanted is None or not CAMPAIGN.fullmatch(wanted):
            raise Refused(400, "Required query parameter missing (campaignId)")
        campaign = self.campaigns.get(wanted)
        if campaign is None:
            raise Refused(missing, "Campaign not found.")
        return campaign

    @staticmethod
    def _unbind(owned: Owned) -> None:
        owned.campaign, owned.carrier, owned.job_at = None, 0, None

    @route("GET", "/v2.2/messaging/campaigns")
    def campaign_status(self, call: Call) -> SimAnswer:
        rows: list[dict[str, Any]] = []
        for wanted in _listed(call, "ids", 100):
            campaign = self.campaigns.get(wanted)
            row: dict[str, Any] = {
                "id": wanted,
                "status": campaign.status if campaign else "CAMPAIGN_INVALID_ID",
                "numbers": [owned.number for owned in self.owned.values() if campaign and owned.campaign == wanted],
            }
            if self.later:
                done = campaign is not None and campaign.status == "CAMPAIGN_DCA_COMPLETE"
                row["dca"] = {"electionComplete": done, "electedCarriers": 3 if done else 0, "carriers": []}
            rows.append(row)
        return _good({"campaigns": rows})

    @route("POST", "/v2.2/messaging/campaigns", success=201)
    def campaign_register(self, call: Call) -> SimAnswer:
        body = _body(call)
        brand, name = body.get("messagingBrandId"), body.get("externalCampaignId")
        if not (isinstance(name, str) and re.fullmatch(r"[A-Z0-9]+", name, re.ASCII)):
            raise Refused(400, "Required field missing or malformed: externalCampaignId")
        if not isinstance(body.get("campaignDescription"), str) or brand not in self.brands:
            raise Refused(400, "Required field missing, or the network rejected it.")
        self.campaigns.setdefault(name, Campaign(name, "B", "PENDING", "CAMPAIGN_PENDING_DCA"))
        return _good({"result": {"statusCode": "200", "status": "Success"}}, 201)

    @route("POST", "/v2.2/messaging/brands", success=201)
    def brand_register(self, call: Call) -> SimAnswer:
        body = _body(call)
        brand, name = body.get("messagingBrandId"), body.get("messagingBrandName")
        if not (isinstance(brand, str) and re.fullmatch(r"B[A-Za-z0-9]+", brand, re.ASCII) and isinstance(name, str)):
            raise Refused(400, "Fields Required: messagingBrandId, messagingBrandName")
        self.brands.add(brand)
        return _good({"result": {"statusCode": "200", "status": "Success"}}, 201)

    # Gateways (OpenAPI, Gateways).

    @route("GET", "/v2.2/gateways")
    def gateway_list(self, call: Call) -> SimAnswer:
        return _good({"gateways": [gateway.row() for gateway in self.gateways.values()]})

    @route("POST", "/v2.2/gateways", success=201)
    def gateway_add(self, call: Call) -> SimAnswer:
        body = _body(call)
        wanted = self._gateway_of({"prefix": "", "limit": 23, **body})
        if any(gateway.gateway == wanted.gateway for gateway in self.gateways.values()):
            raise Refused(409, "Failed to add")
        number = max(999, *self.gateways) + 1
        self.gateways[number] = evolve(wanted, id=number)
        return _good(self.gateways[number].row(), 201)

    @route("GET", "/v2.2/gateways/{id}")
    def gateway_get(self, call: Call) -> SimAnswer:
        return _good(self._gateway(call).row())

    @route("PUT", "/v2.2/gateways/{id}")
    def gateway_update(self, call: Call) -> SimAnswer:
        gateway = self._gateway(call)
        if gateway.system:
            raise Refused(404, "Gateway not found.")
        self.gateways[gateway.id] = evolve(self._gateway_of({**gateway.row(), **_body(call)}), id=gateway.id)
        return _good(self.gateways[gateway.id].row())

    @route("DELETE", "/v2.2/gateways/{id}", success=204)
    def gateway_remove(self, call: Call) -> SimAnswer:
        gateway = self._gateway(call)
        if gateway.system or any(owned.route == gateway.id for owned in self.owned.values()):
            raise Refused(409, "Cannot remove")
        del self.gateways[gateway.id]
        return SimAnswer(204)

    @route("GET", "/v2.2/gateways/{id}/numbers")
    def gateway_numbers(self, call: Call) -> SimAnswer:
        gateway = self._gateway(call)
        rows = [self._detail(owned) for owned in self.owned.values() if owned.route == gateway.id]
        left_out = ("route", "gateway")
        return _good({"numbers": [{key: row[key] for key in row if key not in left_out} for row in rows]})

    def _gateway(self, call: Call) -> Gateway:
        number = call.values["id"]
        gateway = self.gateways.get(int(number)) if number.isascii() and number.isdigit() else None
        if gateway is None:
            raise Refused(404, "Gateway not found.")
        return gateway

    def _gateway_of(self, row: Mapping[str, Any]) -> Gateway:
        address, prefix, limit = row.get("gateway"), row["prefix"], row["limit"]
        if not isinstance(address, str) or not _public(address):
            raise Refused(400, "The gateway must resolve to a routable public IPv4 address.")
        if not isinstance(prefix, str) or not _is_int(limit) or not 1 <= limit <= 1000:
            raise Refused(400, "Invalid prefix or limit.")
        return Gateway(0, address, prefix, limit)


SIMULATOR = VoiceTelSimulator


def _good(data: dict[str, Any], status: int = 200) -> SimAnswer:
    return json_answer(status, {"status": "success", "data": data})


def _body(call: Call) -> dict[str, Any]:
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object.")
    return cast("dict[str, Any]", body)


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and TEN_DIGITS.fullmatch(value) is not None


def _int_or_400(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Refused(400, f"Missing or invalid query parameter: {name}")
    return int(text)


def _listed(call: Call, name: str, most: int) -> list[str]:
    items = [item.strip() for item in (call.query(name) or "").split(",") if item.strip()]
    if not 1 <= len(items) <= most:
        raise Refused(400, f"{name} parameter missing or empty")
    return items


def _reachable(kind: str, resource: str) -> bool:
    if kind == "email":
        return EMAIL.fullmatch(resource) is not None
    if kind == "sip":
        return bool(resource.strip())
    found = re.fullmatch(r"https://([^/:?#@\s]+)(:[0-9]+)?([/?#]\S*)?", resource)
    return found is not None and not found[1].endswith(".invalid")


def _public(address: str) -> bool:
    found = HOST.fullmatch(address)
    if found is None or found["host"].endswith(".invalid") or "." not in found["host"]:
        return False
    try:
        ip = ipaddress.IPv4Address(found["host"])
    except ValueError:
        return not found["host"].replace(".", "").isdigit()
    documentation = any(
        ip in ipaddress.IPv4Network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    )
    return documentation or ip.is_global


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
