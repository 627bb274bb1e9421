"""LeadConnector's phone system, played in memory: what both versions share.

Written from the published OpenAPI documents, sharing nothing with the adapters' own reading of them. What those leave
open is chosen in :data:`CHOICES`, and nowhere else.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import parse_qsl

from attrs import define, evolve, frozen

from anycarrier.simulator.core import Call, Failure, Refused, SimAnswer, SimRequest, Simulator, json_answer, route

__all__ = ["CHOICES", "DUMMY_LOCATION", "DUMMY_TOKEN", "LeadConnectorSimulator"]

DUMMY_TOKEN = "pit-00000000-0000-0000-0000-000000000000"  # noqa: S105 - opens nothing but the simulator
DUMMY_LOCATION = "ve9EPM428h8vShlRW1KT"
"""The published example of a location's id."""
DUMMY_CLIENT = "6578278e879ad2646715ba9c"
DUMMY_SECRET = "ab12dc0ae1234a7898f9ff06d4f69gh"  # noqa: S105 - the published example

CHOICES: Mapping[str, str] = MappingProxyType({
    "versions": "v3, 2023-02-21, 2021-07-28 and 2021-04-15 are accepted, as observed; the shape of an answer follows "
    "the header. A repeated header is joined with a comma and so is not accepted.",
    "missing or unknown version": "401 'version header was not found.' / 'version header is invalid', as observed.",
    "user agent": "Cloudflare's 403 page (error 1010) for none and for urllib's, as observed.",
    "unknown query or body members": "422 with a list of messages, as observed of other services.",
    "v3 required fields": "not enforced: ordinary callers cannot have all twelve; required='all' enforces them.",
    "search without numberTypes": "200 without numbers, as observed.",
    "search filters": "the three parts and the features are applied, AND; hints=True ignores all but the country.",
    "search length": "30 numbers at most, as observed.",
    "search and pools in v3": "the legacy body without an envelope; envelope_all=True wraps them too.",
    "fingerprint": "a new one for each search: milliseconds, made unique.",
    "purchase without a fingerprint": "accepted: the legacy document requires the number only.",
    "fingerprint used before": "fingerprints='refuse' (the default) refuses it with 400, so that a client that puts "
    "two purchases on one search is caught; 'ignore' looks at the number alone; 'replay' answers as the first time.",
    "fingerprint nobody gave out": "accepted: one product made its own.",
    "number that is not for sale": "400 'Phone number is no longer available', the document's example.",
    "address requirement without address": "400 before any write.",
    "dates": "RFC 2822 in the legacy list, as observed; ISO in v3.",
    "absent texts": "empty, as observed in the legacy list; null in v3.",
    "total in v3": "of the numbers that the filter lets through.",
    "page past the end": "an empty list.",
    "searchFilter": "part of the E.164 number.",
    "rate limits": "100 in 10 seconds and 200,000 a day, as documented; a 429 has no Retry-After and the NestJS body.",
    "refresh": "the old refresh token is good for 30 more seconds, then 400 'Invalid grant'.",
    "suspended account": "200 with accountStatus; failing=True answers the documented 500 with 'msg'.",
})  # fmt: skip

VERSIONS = frozenset({"v3", "2023-02-21", "2021-07-28", "2021-04-15"})
PATH = "/phone-system/numbers/location/{locationId}"
DAY = 86_400.0
GRACE = 30.0
LONGEST = 30
LEGACY_BODY = frozenset({
    "phoneNumber", "countryCode", "numberType", "addressSid", "bundleSid", "locality", "region", "fingerprintId",
    "skipLocationKYC",
})  # fmt: skip
V3_BODY = LEGACY_BODY | {"paymentIntentId", "stripeAccountId", "paymentMethodId"}
SEARCH_KEYS = frozenset({
    "countryCode", "numberTypes", "firstPart", "lastPart", "anywhere", "smsEnabled", "mmsEnabled", "voiceEnabled",
})  # fmt: skip
LIST_KEYS = frozenset({"pageSize", "page", "searchFilter", "skipNumberPool"})


@frozen
class Place:
    """Where numbers of an area code are at home."""

    area: str
    city: str
    region: str
    rate_center: str
    lata: str
    postal_code: str = ""
    latitude: str = ""
    longitude: str = ""


PLACES = (
    Place("201", "Hackensack", "NJ", "HACKENSACK", "224", "07601", "40.885900", "-74.043500"),
    Place("212", "New York", "NY", "NEW YORK", "132", "10001", "40.750600", "-73.997200"),
    Place("305", "Miami", "FL", "MIAMI", "460", "33101", "25.774300", "-80.193700"),
    Place("415", "San Francisco", "CA", "SNFC CNTRL", "722", "94102", "37.779300", "-122.419200"),
    Place("512", "Austin", "TX", "AUSTIN", "558", "78701", "30.271100", "-97.743700"),
    Place("870", "Wynne", "AR", "WYNNE", "528", "72396", "35.241800", "-90.846000"),
)


@frozen
class Stock:
    """A number for sale."""

    number: str
    kind: Literal["local", "tollFree", "mobile"] = "local"
    country: str = "US"
    place: Place | None = None
    address: str = "none"
    price: str = "1.15"
    features: frozenset[str] = frozenset({"SMS", "MMS", "voice"})


@define
class Owned:
    """A number of the location."""

    number: str
    sid: str
    kind: str
    country: str
    added: float
    name: str = ""
    forwarding: str = ""
    pooled: bool = False


def _inventory() -> dict[str, Stock]:
    stock = [
        Stock(f"+1{place.area}55501{line:02}", place=place, address="any" if line == 90 else "none")
        for place in PLACES
        for line in range(100)
    ]
    stock += [Stock(f"+180055501{line:02}", "tollFree", price="2.15") for line in range(50)]
    stock += [
        Stock(f"+44207946{line:04}", country="GB", address="local", place=Place("20", "London", "", "", ""))
        for line in range(20)
    ]
    return {each.number: each for each in stock}


class LeadConnectorSimulator(Simulator):
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

    choices = CHOICES
    settings = MappingProxyType({"token": DUMMY_TOKEN, "location_id": DUMMY_LOCATION})
    story = MappingProxyType({"area_code": "201", "purchase": "purchase"})

    def __init__(
        self,
        *,
        seed: int = 0,
        now: Callable[[], float] = time.time,
        token: str = DUMMY_TOKEN,
        location_id: str = DUMMY_LOCATION,
        scopes: Iterable[str] = ("phonenumbers.read", "phonenumbers.write", "numberpools.read"),
        owned: Iterable[str] | None = None,
        connected: bool = True,
        account_status: str = "active",
        failing: bool = False,
        hints: bool = False,
        lag: float = 0.0,
        fingerprints: Literal["refuse", "ignore", "replay"] = "refuse",
        required: Literal["known", "all"] = "known",
        envelope_all: bool = False,
        burst: int | None = 100,
        daily: int = 200_000,
        refresh_token: str = "rt-1",  # noqa: S107 - opens nothing but the simulator
    ) -> None:
        self.token = token
        self.location_id = location_id
        self.scopes = frozenset(scopes)
        self.first_owned = None if owned is None else tuple(owned)
        self.connected = connected
        self.account_status = account_status
        self.failing = failing
        self.hints = hints
        self.lag = lag
        self.fingerprints = fingerprints
        self.required = required
        self.envelope_all = envelope_all
        self.burst = burst
        self.daily = daily
        self.first_refresh_token = refresh_token
        super().__init__(seed=seed, now=now)

    def begin(self) -> None:
        self.stock = _inventory()
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
        self._times: list[float] = []
        self._today: list[float] = []
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
            "owned": sorted(self.owned), "for_sale": len(self.stock), "account_status": self.account_status,
            "connected": self.connected, "refreshes": self.refreshes,
        }  # fmt: skip

    def mark_of(self, request: SimRequest) -> str | None:
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            return None
        mark = body.get("fingerprintId") if isinstance(body, dict) else None
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
            self._times = [at for at in self._times if now - at < 10.0]
            self._today = [at for at in self._today if now - at < DAY]
            counted = not request.path.startswith("/oauth/")
            exhausted = counted and (
                len(self._today) >= self.daily or (self.burst is not None and len(self._times) >= self.burst)
            )
            if counted and not exhausted:
                self._times.append(now)
                self._today.append(now)
            if exhausted:
                return self._limited(self.error(429, "Too Many Requests"))
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
            "x-ratelimit-daily-remaining": max(0, self.daily - len(self._today)),
            "x-ratelimit-interval-milliseconds": 10_000,
            "x-ratelimit-max": burst,
            "x-ratelimit-remaining": max(0, burst - len(self._times)),
        }
        return evolve(answer, headers=answer.headers + tuple((name, str(value)) for name, value in stated.items()))

    def authenticate(self, call: Call) -> None:
        version = call.header("version")
        if version is None:
            raise Refused(401, "version header was not found.")
        if version not in VERSIONS:
            raise Refused(401, "version header is invalid")
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        if scheme != "Bearer" or token not in self.access_tokens:
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

    # -- the four endpoints

    @route("GET", "/phone-system/number-pools")
    def number_pools(self, call: Call) -> SimAnswer:
        self._known(call, {"locationId"})
        v3 = self._is_v3(call)
        if v3 and call.query("locationId") is None:
            raise Refused(400, "locationId is required")
        pooled = [{"phoneNumber": each.number, "friendlyName": each.name} for each in self._shown() if each.pooled]
        pool = {
            "id": "ve9EPM428h8vShlRW1KT", "name": "Sales Team Pool", "locationId": self.location_id, "numbers": pooled,
            "forwardingNumber": "+12015550150", "whisper": True, "whisperMessage": "Incoming call from sales line",
            "callRecording": True, "isActive": True,
            "inboundCallService": {"type": "voice_ai", "value": "68e381b296a83800a27cd1"},
        }  # fmt: skip
        pools = [pool] if pooled else []
        if v3 and self.envelope_all:
            return self._enveloped(200, {"numberPools": pools}, "OK")
        return json_answer(200, {"success": True, "data": pools, "total": len(pools)})

    @route("GET", PATH + "/available")
    def available(self, call: Call) -> SimAnswer:
        self._known(call, SEARCH_KEYS)
        country = call.query("countryCode")
        if not country:
            raise Refused(400, "countryCode is required")
        kinds = (call.query("numberTypes") or "").split(",")
        found = [each for each in self.stock.values() if each.country == country and each.kind in kinds]
        if not self.hints:
            found = [each for each in found if self._wanted(each, call)]
        self._last_mark = max(int(self.time() * 1000), self._last_mark + 1)
        mark = str(self._last_mark)
        self._given.add(mark)
        body = {"fingerprintId": mark, "numbers": [_offered(each) for each in found[:LONGEST]]}
        if self._is_v3(call) and self.envelope_all:
            return self._enveloped(200, body, "OK")
        return json_answer(200, body)

    @route("POST", PATH + "/purchase", success=201)
    def purchase(self, call: Call) -> SimAnswer:
        body = self._purchase_body(call)
        number, mark = body.get("phoneNumber"), body.get("fingerprintId")
        if not isinstance(number, str) or not number:
            raise Refused(422, "unprocessable", messages=["phoneNumber should not be empty"])
        if mark is not None and mark in self._used and self.fingerprints != "ignore":
            before, answer = self._used[mark]
            if self.fingerprints == "replay" and before == number:
                return answer
            raise Refused(400, "fingerprintId was used for another purchase")
        wanted = self.stock.get(number)
        if wanted is None:
            raise Refused(400, "Phone number is no longer available")
        if wanted.address != "none" and not body.get("addressSid"):
            raise Refused(400, "addressSid is required for this number")
        del self.stock[number]
        self._add(number, wanted.kind, wanted.country)
        self.charge(call, number, Decimal(wanted.price))
        answer = self._bought(call, number)
        if mark is not None:
            self._used[mark] = (number, answer)
        return answer

    @route("GET", PATH)
    def active_numbers(self, call: Call) -> SimAnswer:
        v3 = self._is_v3(call)
        self._known(call, LIST_KEYS | ({"includeRcsSenderIds"} if v3 else set()))
        if not self.connected:
            raise Refused(404, "Phone system is not connected to this account")
        if self.failing:
            return json_answer(500, {"msg": "Internal server error", "accountStatus": self.account_status})
        size, page = self._integer(call, "pageSize", 1000, 1, 1000), self._integer(call, "page", 0, 0, 10**9)
        wanted = call.query("searchFilter") or ""
        skip = call.query("skipNumberPool") != "false"
        found = [each for each in self._shown() if wanted in each.number and not (skip and each.pooled)]
        rows = [self._row(each, v3) for each in found[page * size : (page + 1) * size]]
        listed = {"numbers": rows, "pageSize": size, "page": page, "accountStatus": self.account_status}
        if not v3:
            return json_answer(200, {**listed, "isUnderGhl": True, "rcsSenderIds": []})
        listed |= {"isUnderLc": True, "total": len(found)}
        if call.query("includeRcsSenderIds") == "true":
            listed["rcsSenderIds"] = [
                {"number": "rcs-sender-id", "numberType": "rcsSenderId", "friendlyName": "Brand Sender",
                 "rcsMeta": {"brandId": "brand-123"}}
            ]  # fmt: skip
        return self._enveloped(200, listed, "OK")

    @route("POST", "/oauth/token", open=True)
    def token_endpoint(self, call: Call) -> SimAnswer:
        v3 = call.header("version") == "v3"
        form = "json" not in (call.header("content-type") or "")
        try:
            given = dict(parse_qsl(call.request.body.decode())) if form else call.json()
        except ValueError:
            given = {}
        if not v3 and not form:
            raise Refused(422, "unprocessable", messages=["the body must be a form"])
        names = ("clientId", "clientSecret", "grantType", "refreshToken", "userType")
        if not v3:
            names = ("client_id", "client_secret", "grant_type", "refresh_token", "user_type")
        client, secret, grant, refresh, user = (given.get(name) for name in names)
        for name, value in zip(names, (client, secret, grant), strict=False):
            if not value:
                raise Refused(400, f"Missing parameter: {name}")
        if (client, secret) != (DUMMY_CLIENT, DUMMY_SECRET):
            raise Refused(401, "Invalid client credentials")
        if grant != "refresh_token":
            raise Refused(400, f"Invalid parameter: {names[2]}")
        return self._refreshed(refresh or "", user or "Location", v3)

    # -- what they are made of

    def _refreshed(self, refresh: str, user: str, v3: bool) -> SimAnswer:
        self.refreshes += 1
        used = self.refresh_tokens.get(refresh, (0.0, {}))
        if used is None:
            place = len(self.refresh_tokens) + 1
            pair = {"access": f"at-{place}", "refresh": f"rt-{place}"}
            self.refresh_tokens[refresh] = (self.time(), pair)
            self.refresh_tokens[pair["refresh"]] = None
            self.access_tokens.add(pair["access"])
        elif used[1] and self.time() - used[0] < GRACE:
            pair = used[1]
        else:
            raise Refused(400, "Invalid grant: refresh token is invalid")
        if v3:
            words = {"accessToken": pair["access"], "tokenType": "Bearer", "expiresIn": 86_399,
                     "refreshToken": pair["refresh"]}  # fmt: skip
        else:
            words = {"access_token": pair["access"], "token_type": "Bearer", "expires_in": 86_399,
                     "refresh_token": pair["refresh"]}  # fmt: skip
        return json_answer(200, {**words, "userType": user, "locationId": self.location_id, "userId": "user-123"})

    def _purchase_body(self, call: Call) -> dict[str, Any]:
        try:
            body = call.json()
        except ValueError:
            raise Refused(400, "Unexpected token in JSON") from None
        if not isinstance(body, dict):
            raise Refused(400, "Unexpected token in JSON")
        v3 = self._is_v3(call)
        known = V3_BODY if v3 else LEGACY_BODY
        wrong = [f"property {name} should not exist" for name in body if name not in known]
        if v3 and self.required == "all":
            wrong += [f"{name} should not be empty" for name in sorted(known - body.keys())]
        if wrong:
            raise Refused(422, "unprocessable", messages=wrong)
        return body

    def _bought(self, call: Call, number: str) -> SimAnswer:
        if self._is_v3(call):
            return self._enveloped(
                201,
                {"number": number, "locationId": self.location_id, "id": "twilio-account-123", "underLcAccount": True},
                "Number purchase successful",
            )
        return json_answer(201, {
            "id": "8xMPW85D2z5jgcTa5L1p", "account_sid": "AC" + "x" * 32, "under_ghl_account": True,
            "validate_sms": True, "location_id": self.location_id, "migration_numbers": [], "assigned_to_numbers": {},
            "numbers": dict.fromkeys(self.owned, "conversation"),
            "number_name": {each.number: each.name for each in self.owned.values()}, "new_account_sid": "",
        })  # fmt: skip

    def _enveloped(self, status: int, data: Mapping[str, Any], message: str) -> SimAnswer:
        return json_answer(status, {"status": "success", "data": data, "message": message, "statusCode": status})

    def _is_v3(self, call: Call) -> bool:
        return call.header("version") == "v3"

    def _known(self, call: Call, names: Iterable[str]) -> None:
        wrong = [f"property {name} should not exist" for name, _ in call.request.query if name not in set(names)]
        if wrong:
            raise Refused(422, "unprocessable", messages=wrong)

    def _integer(self, call: Call, name: str, default: int, least: int, most: int) -> int:
        text = call.query(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise Refused(400, "Invalid locationId format or pagination parameters")
        return int(text)

    def _wanted(self, each: Stock, call: Call) -> bool:
        national = each.number[2:] if each.country == "US" else each.number[3:]
        needs = {"smsEnabled": "SMS", "mmsEnabled": "MMS", "voiceEnabled": "voice"}
        return (
            national.startswith(call.query("firstPart") or "")
            and national.endswith(call.query("lastPart") or "")
            and (call.query("anywhere") or "") in national
            and all(feature in each.features for name, feature in needs.items() if call.query(name) == "true")
        )

    def _add(self, number: str, kind: str, country: str) -> None:
        sid = f"PN{self.random.getrandbits(128):032x}"
        self.owned[number] = Owned(number, sid, kind, country, self.time())

    def _shown(self) -> list[Owned]:
        return [each for each in self.owned.values() if self.now() - each.added >= self.lag or not self.lag]

    def _row(self, each: Owned, v3: bool) -> dict[str, Any]:
        added = datetime.fromtimestamp(each.added, UTC)
        date = added.isoformat(timespec="milliseconds").replace("+00:00", "Z") if v3 else format_datetime(added)
        absent = None if v3 else ""
        return {
            "phoneNumber": each.number, "friendlyName": each.name or absent, "sid": each.sid,
            "countryCode": each.country, "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "type": "toll-free" if each.kind == "tollFree" else each.kind, "isDefaultNumber": False,
            "linkedUser": absent, "linkedRingAllUsers": [], "inboundCallService": None,
            "forwardingNumber": each.forwarding or absent, "isGroupConversationEnabled": False, "addressSid": absent,
            "bundleSid": absent, "dateAdded": date, "dateUpdated": date, "origin": "twilio",
        }  # fmt: skip


def _offered(each: Stock) -> dict[str, Any]:
    place = each.place or Place("", "", "", "", "")
    digits = each.number[2:]
    friendly = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if each.country == "US" else each.number
    return {
        "phoneNumber": each.number, "friendlyName": friendly, "isoCountry": each.country, "lata": place.lata or None,
        "locality": place.city or None, "rateCenter": place.rate_center or None, "latitude": place.latitude or None,
        "longitude": place.longitude or None, "region": place.region or None, "postalCode": place.postal_code or None,
        "addressRequirements": each.address, "beta": False,
        "capabilities": {name: name in each.features for name in ("MMS", "SMS", "voice")},
        "price": {"number_type": each.kind, "price": float(each.price), "price_unit": "USD"},
    }  # fmt: skip
