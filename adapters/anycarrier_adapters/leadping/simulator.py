"""Leadping's phone numbers, played in memory: the contract of June, of August or of October 2026.

Written from the published page of the update, the official OpenAPI document and the field lists of the PyPI package
alone, sharing nothing with the adapter's own reading of them. What they leave open is chosen in :data:`CHOICES`.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from attrs import define, frozen

from anycarrier.simulator.core import Call, Refused, SimAnswer, SimRequest, Simulator, json_answer, route

__all__ = ["CHOICES", "DUMMY_API_KEY", "OTHER_OWNER", "OWNER", "SIMULATOR", "LeadpingSimulator"]

DUMMY_API_KEY = "lp_simulator_0123456789abcdef"
"""Opens nothing but the simulator."""
OWNER = "own_0001"
OTHER_OWNER = "own_0002"

CHOICES: Mapping[str, str] = MappingProxyType({
    "unknown path": "404 without a body, as ASP.NET answers where no route fits; also a list at another era's path.",
    "operations not played": "501: choosing the sender of a message, organizations, leads and so on.",
    "credentials": "Bearer only; a source key (lp_src_) is refused like an unknown one: 401 with a challenge.",
    "content type of problems": "2026-06 and 2026-08: application/problem+json for 403 and 429, text/plain for DELETE, "
    "else application/json; 2026-10: application/problem+json. problem_type= makes it one for all.",
    "validation": "400 with errors by field in every era, though the member came with 2026-08.",
    "search: phoneNumber": "what a number begins with, in E.164 form; punctuation is ignored.",
    "search: location": "location is compared with the city, state with the two letters, countryCode with US; without "
    "regard to case. Ascending, at most 100.",
    "price": "as the setting says, in USD; a number that cannot be bought has no price.",
    "purchase of what is not for sale": "400; no status of its own is documented.",
    "purchase beyond the wallet": "400; likewise.",
    "purchase without enabled": "disabled, in the eras that have the field: false is the default of the type.",
    "purchase without numberHealthEnabled": "opted in, and charged, in 2026-10; earlier servers ignore the member.",
    "provisioning": "done after a number of seconds, or failed for numbers named in failing=. Charged at once, and not "
    "given back when it fails.",
    "update": "replaces what a request can set: an absent enabled is false, an absent override none; an absent owner "
    "stays. Unknown members are ignored. Another number in the body is 400.",
    "update by ordinary credentials": "an override that changes is 403 unless admin=True.",
    "owner": "any other id is another account: the answer still shows the number, afterwards it is not found.",
    "release": "2026-06: held for a number of seconds with the dates shown, then gone; the later records have no such "
    "fields, and the number is gone at once. A second release while it is held is accepted again.",
    "release of a number that is being set up": "accepted.",
    "list": "pages of 50, of what is asked for up to 100; the token is opaque. search looks into the fields named, or "
    "into name and number; filters compare as they are; anything else of the body is ignored.",
    "numbers as text": "June's documents show counts as text, its client reads numbers: as_text= says which.",
    "rate limit": "300 requests in 60 seconds per credential, then 429; Retry-After is sent unless retry_after=False.",
})  # fmt: skip

LIST_PATHS = {
    "2026-06": "/phone-numbers/all/my",
    "2026-08": "/phone-numbers/all/organization",
    "2026-10": "/phone-numbers/all/organization",
}
NOT_PLAYED = ("/phone-numbers/outgoing/", "/organizations", "/businesses", "/leads", "/sms/", "/phone-call/")
WINDOW = 60.0
PAGE_DEFAULT, PAGE_MOST = 50, 100

Era = Literal["2026-06", "2026-08", "2026-10"]


@frozen
class Place:
    """Where a number is at home."""

    area: str
    city: str
    state: str
    latitude: float
    longitude: float
    zone: str


PLACES: tuple[Place, ...] = (
    Place("201", "Hackensack", "NJ", 40.89, -74.04, "America/New_York"),
    Place("206", "Seattle", "WA", 47.61, -122.33, "America/Los_Angeles"),
    Place("212", "New York", "NY", 40.71, -74.01, "America/New_York"),
    Place("312", "Chicago", "IL", 41.88, -87.63, "America/Chicago"),
    Place("415", "San Francisco", "CA", 37.77, -122.42, "America/Los_Angeles"),
    Place("512", "Austin", "TX", 30.27, -97.74, "America/Chicago"),
    Place("646", "New York", "NY", 40.71, -74.01, "America/New_York"),
)
"""Area codes for sale: 555-0100 to 555-0199 of each, numbers that are set aside for fiction."""

OWNED = ("+12015550197", "+12015550198", "+12125550199")
REGISTERED = "+12125550199"
"""Has a 10DLC campaign from the start."""


@define
class Number:
    """A number on the account."""

    id: str
    number: str
    name: str
    created: float
    ready: float
    fails: bool = False
    enabled: bool = True
    owner: str = OWNER
    override: dict[str, Any] | None = None
    health: bool = False
    campaign: str | None = None
    modified: float | None = None
    release_asked: float | None = None
    release_at: float | None = None


class LeadpingSimulator(Simulator):
    """Leadping.

    Args:
        seed, now: see :class:`~anycarrier.simulator.core.Simulator`.
        era: ``2026-06``, ``2026-08`` or ``2026-10``.
        api_key: the one key that is accepted.
        wallet: prepaid, in USD.
        price: of a number, and of its health add-on, in USD.
        owned: numbers on the account at the start, in E.164 form or ten digits; ``None`` for three.
        provisioning: seconds until a bought number is active.
        failing: numbers whose provisioning fails then.
        hold: seconds that a released number is held (June).
        as_text: whether counts, amounts and coordinates are text (June).
        admin: whether the credential may decide over the administrator's override.
        problem_type: content type of every problem; ``None`` for those of the era.
        requests: allowed within 60 seconds; ``None`` for no limit.
        retry_after: whether 429 says when to come again.
        stuck: whether the list repeats its token for ever.
    """

    name = "leadping"
    choices = CHOICES
    settings = MappingProxyType({"api_key": DUMMY_API_KEY})
    search_most = 100

    def __init__(
        self,
        *,
        seed: int = 0,
        now: Callable[[], float] = time.time,
        era: Era = "2026-06",
        api_key: str = DUMMY_API_KEY,
        wallet: Decimal | int | str = "100",
        price: Decimal | int | str = "2.00",
        owned: Iterable[str] | None = None,
        provisioning: float = 2.0,
        failing: Iterable[str] = (),
        hold: float = 7 * 86_400.0,
        as_text: bool = False,
        admin: bool = False,
        problem_type: str | None = None,
        requests: int | None = 300,
        retry_after: bool = True,
        stuck: bool = False,
    ) -> None:
        self.era = era
        self.api_key = api_key
        self.first_wallet = Decimal(wallet)
        self.price = Decimal(price)
        self.first_owned = None if owned is None else tuple(owned)
        self.provisioning = provisioning
        self.failing = frozenset(failing)
        self.hold = hold
        self.as_text = as_text
        self.admin = admin
        self.problem_type = problem_type
        self.requests = requests
        self.retry_after = retry_after
        self.stuck = stuck
        super().__init__(seed=seed, now=now)

    def begin(self) -> None:
        self.wallet = self.first_wallet
        self.stock: dict[str, Place] = {
            f"+1{place.area}55501{line:02}": place for place in PLACES for line in range(100)
        }  # fmt: skip
        self.places = dict(self.stock)
        self.numbers: dict[str, Number] = {}
        self._count = 0
        self._asked: dict[str, list[float]] = {}
        for number in OWNED if self.first_owned is None else self.first_owned:
            self.own(number)
        for one in self.numbers.values():
            one.campaign = "CB2PATH" if one.number == REGISTERED else None

    def own(self, number: str) -> Number:
        """Put *number* on the account, set up and without any charge."""
        number = number if number.startswith("+") else f"+1{number}"
        self.stock.pop(number, None)
        return self._add(number, f"Line {number[-4:]}", ready=float("-inf"))

    def _add(self, number: str, name: str, ready: float) -> Number:
        self._count += 1
        added = Number(f"num_{self._count:06}", number, name, self.time(), ready)
        self.numbers[added.id] = added
        return added

    def state(self) -> dict[str, Any]:
        self._let_go()
        return {
            "era": self.era, "wallet": str(self.wallet), "for_sale": len(self.stock), "owned": len(self.numbers),
            "numbers": {one.number: self._status(one) for one in list(self.numbers.values())[:1000]},
        }  # fmt: skip

    def mark_of(self, request: SimRequest) -> str | None:
        if request.method != "POST" or request.path != "/phone-numbers":
            return None
        name = _object(request).get("name")
        return name.split()[-1] if isinstance(name, str) and name.split() else None

    # Problems and credentials.

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        kind = self.problem_type or more.pop("content_type", None)
        if self.era == "2026-10" or status in (403, 429):
            kind = self.problem_type or "application/problem+json"
        problem: dict[str, Any] = {
            "type": f"https://leadping.ai/docs/errors/{more.get('kind', 'request')}", "title": message,
            "status": status, "detail": more.get("detail"), "instance": None,
        }  # fmt: skip
        if "errors" in more:
            problem["errors"] = more["errors"]
        if self.era != "2026-06":
            problem["traceId"] = f"00-{self._count:032x}-01"
        answer = json_answer(status, problem, tuple(more.get("headers", ())))
        kept = tuple((name, value) for name, value in answer.headers if name != "content-type")
        return SimAnswer(status, (("content-type", kind or "application/json"), *kept), answer.body)

    def unknown(self, request: SimRequest, allowed: tuple[str, ...]) -> SimAnswer:
        if request.path.startswith(NOT_PLAYED):
            return self.error(501, "The simulator does not play this operation.")
        return SimAnswer(405, (("allow", ", ".join(allowed)),)) if allowed else SimAnswer(404)

    def authenticate(self, call: Call) -> None:
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self.api_key:
            challenge = 'Bearer resource_metadata="https://api.leadping.ai/.well-known/oauth-protected-resource"'
            raise Refused(401, "Unauthorized", kind="unauthorized", headers=(("www-authenticate", challenge),))
        self._limit(token.strip())
        self._let_go()

    def _limit(self, token: str) -> None:
        if self.requests is None:
            return
        recent = [at for at in self._asked.get(token, []) if at > self.time() - WINDOW]
        if len(recent) >= self.requests:
            since = recent[0] if recent else self.time()
            wait = max(1, round(since + WINDOW - self.time() + 0.5))
            headers = (("retry-after", str(wait)),) if self.retry_after else ()
            raise Refused(429, "Too many requests", kind="rate-limit", headers=headers)
        self._asked[token] = [*recent, self.time()]

    def _let_go(self) -> None:
        for one in [*self.numbers.values()]:
            if one.release_at is not None and one.release_at <= self.time():
                del self.numbers[one.id]
                self.released(one.number)

    # Searching.

    @route("POST", "/phone-numbers/search")
    def search(self, call: Call) -> SimAnswer:
        body = _body(call)
        wanted = body.get("phoneNumber")
        beginning = "+" + "".join(filter(str.isdigit, wanted)) if isinstance(wanted, str) and wanted else ""
        place = body.get("location")
        where: dict[str, Any] = place if isinstance(place, dict) else {}
        found = [
            {"number": number, "location": self._location(at)}
            for number, at in self.stock.items()
            if number.startswith(beginning)
            and _alike(where.get("location"), at.city)
            and _alike(where.get("state"), at.state)
            and _alike(where.get("countryCode"), "US")
        ]
        return json_answer(200, {"numbers": found[: self.search_most]})

    @route("POST", "/phone-numbers/is-available-for-purchase")
    def availability(self, call: Call) -> SimAnswer:
        number = _body(call).get("phoneNumber")
        if not isinstance(number, str) or not number:
            raise Refused(400, "Request validation failed", errors={"phoneNumber": ["The field is required."]})
        place = self.stock.get(number)
        return json_answer(
            200,
            {
                "phoneNumber": number, "isAvailable": place is not None,
                "price": None if place is None else self._figure(float(self.price)),
                "currency": None if place is None else "USD",
                "location": None if place is None else self._location(place),
            },
        )  # fmt: skip

    # Buying.

    @route("POST", "/phone-numbers")
    def create(self, call: Call) -> SimAnswer:
        body = _body(call)
        name, number = self._named(body)
        if number not in self.stock:
            raise Refused(400, "The phone number is not available for purchase.", kind="validation")
        health = self.era == "2026-10" and body.get("numberHealthEnabled") is not False
        cost = self.price * (2 if health else 1)
        if cost > self.wallet:
            raise Refused(400, "The wallet balance is insufficient.", kind="validation")
        self.wallet -= cost
        self.charge(call, number, cost)
        self.stock.pop(number)
        one = self._add(number, name, ready=self.time() + self.provisioning)
        one.fails = number in self.failing
        one.enabled = body.get("enabled") is True or self.era == "2026-10"
        one.health = health
        return json_answer(200, self._record(one))

    def _named(self, body: Mapping[str, Any]) -> tuple[str, str]:
        name, number = body.get("name"), body.get("number")
        errors: dict[str, list[str]] = {}
        if self.era != "2026-10" and (not isinstance(name, str) or not name.strip()):
            errors["name"] = ["The Name field is required."]
        if isinstance(name, str) and len(name) > 255:
            errors["name"] = ["The field Name must be a string with a maximum length of 255."]
        if not isinstance(number, str) or not number:
            errors["number"] = ["The Number field is required."]
        if errors:
            raise Refused(400, "Request validation failed", kind="validation", errors=errors)
        return str(name or ""), str(number)

    # Numbers.

    @route("POST", "/phone-numbers/all/my")
    def list_of_june(self, call: Call) -> SimAnswer:
        return self._list(call)

    @route("POST", "/phone-numbers/all/organization")
    def list_of_organization(self, call: Call) -> SimAnswer:
        return self._list(call)

    def _list(self, call: Call) -> SimAnswer:
        if call.request.path != LIST_PATHS[self.era]:
            return SimAnswer(404)
        body = _body(call)
        size = body.get("pageSize")
        size = min(size, PAGE_MOST) if isinstance(size, int) and size > 0 else PAGE_DEFAULT
        rows = [self._row(one) for one in self.numbers.values() if one.owner == OWNER]
        rows = [row for row in rows if _searched(row, body) and _filtered(row, body)]
        start = _place_of(body.get("continuationToken"))
        more = start + size < len(rows) or self.stuck
        following = start if self.stuck and start else start + size
        return json_answer(
            200,
            {
                "items": rows[start : start + size], "pageSize": size,
                "totalCount": len(rows) if body.get("includeCount") is True else None,
                "continuationToken": _token(following) if more else None,
            },
        )  # fmt: skip

    @route("GET", "/phone-numbers/{phoneNumberId}")
    def get(self, call: Call) -> SimAnswer:
        return json_answer(200, self._record(self._mine(call)))

    @route("PUT", "/phone-numbers/{phoneNumberId}")
    def update(self, call: Call) -> SimAnswer:
        one = self._mine(call)
        body = _body(call)
        given = dict(body) if body.get("number") or self.era != "2026-06" else {**body, "number": one.number}
        name, number = self._named(given)
        if number != one.number:
            raise Refused(400, "The number of a phone number cannot change.", kind="validation")
        if self.era == "2026-10":
            one.name = name
            if isinstance(body.get("numberHealthEnabled"), bool):
                one.health = body["numberHealthEnabled"]
            one.modified = self.time()
            return json_answer(200, self._record(one))
        if self.era == "2026-06":
            override = body.get("adminEnablementOverride")
            if override != one.override and not self.admin:
                raise Refused(403, "Forbidden", kind="forbidden")
            one.override = override if isinstance(override, dict) else None
        one.name, one.enabled, one.modified = name, body.get("enabled") is True, self.time()
        owner = body.get("businessId" if self.era == "2026-06" else "organizationId")
        if isinstance(owner, str) and owner:
            one.owner = owner
        return json_answer(200, self._record(one))

    @route("DELETE", "/phone-numbers/{phoneNumberId}", success=204)
    def remove(self, call: Call) -> SimAnswer:
        one = self._mine(call, content_type="text/plain")
        if one.release_asked is None:
            one.release_asked = self.time()
            one.release_at = self.time() + (self.hold if self.era == "2026-06" else 0.0)
        self._let_go()
        return SimAnswer(204)

    @route("GET", "/phone-numbers/{phoneNumber}/status")
    def number_status(self, call: Call) -> SimAnswer:
        if not any(one.number == call.values["phoneNumber"] for one in self.numbers.values()):
            raise Refused(400, "The phone number is not known.", kind="validation")
        return json_answer(200, self._traffic(call.values["phoneNumber"]))

    @route("GET", "/phone-numbers/{phoneNumberId}/warmup")
    def warmup(self, call: Call) -> SimAnswer:
        return json_answer(200, self._traffic(self._mine(call).number))

    def _mine(self, call: Call, **more: Any) -> Number:
        one = self.numbers.get(call.values["phoneNumberId"])
        if one is None or one.owner != OWNER:
            raise Refused(404, "Not Found", kind="not-found", detail="The phone number was not found.", **more)
        return one

    # What is shown.

    def _status(self, one: Number) -> str:
        if one.release_asked is not None:
            return "PendingRelease"
        if one.ready > self.time():
            return "Provisioning"
        return "FailedProvisioning" if one.fails else "Active"

    def _figure(self, value: float) -> float | str:
        return f"{value:g}" if self.as_text and self.era == "2026-06" else value

    def _location(self, place: Place) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "location": f"{place.city}, {place.state}", "state": place.state, "countryCode": "US",
            "coordinate": {"latitude": self._figure(place.latitude), "longitude": self._figure(place.longitude)},
            "timeZoneId": place.zone,
        }  # fmt: skip
        if self.era != "2026-06":
            source = {"method": "Telnyx-city-state", "query": shown["location"]}
            shown |= {
                "canonicalCity": place.city, "canonicalState": place.state, "coordinateSource": source,
                "timeZoneSource": source,
            }  # fmt: skip
        return shown

    def _record(self, one: Number) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": one.id, "name": one.name, "number": one.number, "createdAt": _date(one.created),
            "modifiedAt": _date(one.modified),
        }  # fmt: skip
        if self.era == "2026-06":
            return shown | self._june(one)
        works = self._status(one) == "Active"
        shown |= {
            "phoneIdentityId": f"pid_{one.id}", "organization": {"id": one.owner, "name": "Example Inc"},
            "enabled": one.enabled, "warmup": _READINESS,
            "routing": {
                "smsEnabled": works, "voiceEnabled": works, "teamId": None, "sourceId": None, "campaignId": None,
                "tenDlcApplicationId": one.campaign,
            },
        }  # fmt: skip
        if self.era == "2026-08":
            return shown | {"leadpingOwned": True}
        return shown | {
            "ownership": "Organization", "smsReady": works, "voiceReady": works, "isDemo": False,
            "numberHealthEnabled": one.health,
        }  # fmt: skip

    def _june(self, one: Number) -> dict[str, Any]:
        status = self._status(one)
        place = self.places.get(one.number)
        orders = {"Provisioning": ("pending", "purchase-pending"), "FailedProvisioning": ("failure", "purchase-failed")}
        order_status, provider_status = orders.get(status, ("success", "active"))
        routing = {
            "smsEnabled": True, "voiceEnabled": True, "warmupOnly": False, "internalTestOnly": False, "teamId": None,
            "sourceId": None, "campaignId": None, "messagingProfileId": "mp_1", "voiceConnectionId": "vc_1",
        }  # fmt: skip
        ten_dlc = {
            "brandId": "BTEST01", "campaignId": one.campaign, "campaignStatus": "Approved",
            "assignmentStatus": "Assigned", "messagingProfileId": "mp_1", "statusUpdatedAt": _date(one.created),
            "failureReason": None, "lastProviderEventId": None,
        }  # fmt: skip
        billing = {
            "businessId": one.owner, "businessName": "Example Inc", "userId": None, "userName": None,
            "subscriptionItemId": "si_1", "channel": "sms", "monthlyAmount": self._figure(float(self.price)),
        }  # fmt: skip
        event = {
            "id": "evt_1", "type": "created", "title": "Number added", "details": None, "actorId": None,
            "actorName": "System", "createdAt": _date(one.created), "state": "Pending verification",
        }  # fmt: skip
        return {
            "business": {"id": one.owner, "name": "Example Inc"}, "user": None, "teamId": None, "campaignId": None,
            "sourceId": None, "leadpingOwned": True, "provider": "Telnyx", "providerPhoneNumberId": f"tn_{one.id}",
            "providerOrderId": f"to_{one.id}", "providerOrderStatus": order_status, "providerStatus": provider_status,
            "providerError": "The carrier refused the order." if status == "FailedProvisioning" else None,
            "providerSyncedAt": _date(one.created), "providerReleasedAt": None,
            "providerReleaseRequestedAt": _date(one.release_asked),
            "providerReleaseHoldStartsAt": _date(one.release_asked),
            "providerReleaseScheduledAt": _date(one.release_at),
            "providerReleaseReason": None, "providerReleaseRequestedByUserId": None,
            "providerReleaseRequestedByName": None, "providerReleaseUnassignAtHoldStart": False,
            "inventoryState": _INVENTORY[status], "status": status,
            "capabilities": {"sms": True, "voice": True, "warmup": True, "testing": False}, "routing": routing,
            "tenDlc": None if one.campaign is None else ten_dlc, "billing": billing, "isPreferred": False,
            "isDefault": False, "location": None if place is None else self._location(place), "enabled": one.enabled,
            "adminEnablementOverride": one.override, "isInternalPool": False, "isApprovedTestDestination": False,
            "isMessagingProgramApproved": one.campaign is not None, "warmupEnabled": True, "warmupState": "Warming",
            "healthStatus": "Healthy", "warmupHealthScore": self._figure(87), "warmupProgressPercent": self._figure(40),
            "warmupNextActionAt": None, "warmupPauseReason": None, "healthReason": None, "callWarmupEnabled": False,
            "callWarmupState": "Not Started", "callWarmupStage": "Stage 0", "callWarmupNextActionAt": None,
            "callWarmupPauseReason": None, "callWarmupHealthReason": None, "events": [event],
        }  # fmt: skip

    def _row(self, one: Number) -> dict[str, Any]:
        status = self._status(one)
        works = status == "Active"
        shown: dict[str, Any] = {
            "id": one.id, "name": one.name, "number": one.number, "type": "Local", "enabled": one.enabled,
            "routingSummary": "Unassigned", "smsReady": works, "voiceReady": works,
            "tenDlcCampaignStatus": None if one.campaign is None else "Approved",
        }  # fmt: skip
        if self.era == "2026-06":
            place = self.places.get(one.number)
            return shown | {
                "ownership": "Leadping", "capabilities": "SMS, Voice", "business": "Example Inc", "user": "",
                "location": "" if place is None else f"{place.city}, {place.state}",
                "billingAttribution": "Example Inc",
                "warmupOnly": False, "internalTestOnly": False, "isMessagingProgramApproved": one.campaign is not None,
                "status": status, "inventoryState": _INVENTORY[status], "providerLifecycleState": _LIFECYCLE[status],
                "providerStatus": "active" if works else "pending", "providerReconciliationStatus": "InSync",
                "tenDlcCampaignId": one.campaign, "warmupState": "Warming", "healthStatus": "Healthy",
                "warmupHealthScore": self._figure(87), "warmupProgressPercent": self._figure(40),
                "adminEnablementOverride": one.override,
            }  # fmt: skip
        shown |= {"organization": "Example Inc", "organizationId": one.owner, "warmup": _READINESS}
        if self.era == "2026-08":
            return shown | {"ownership": "Leadping-owned"}
        return shown | {"ownership": "Organization", "location": "", "isDemo": False}

    def _traffic(self, number: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "number": number, "messagesPossible": 0, "callsPossible": 0, "smsWarmup": None, "recentEvents": [],
            "optOutMetrics": {"distinctContactedCount": 0, "optOutCount": 0, "optOutRatePercent": 0.0},
            "trafficMetrics": {"smsSentCount": 0, "smsFailedCount": 0, "callPlacedCount": 0, "callFailedCount": 0},
        }  # fmt: skip
        if self.era == "2026-06":
            return shown | {"messagesWarmed": 0, "warmupCallsMade": 0, "callWarmup": None}
        return shown | {"outboundCapacity": None}


_READINESS: Mapping[str, Any] = {
    "enabled": True, "state": "In Progress", "healthStatus": "Healthy", "healthScore": 87, "progressPercent": 40,
    "callStage": "Stage 0",
}  # fmt: skip
_INVENTORY = {
    "PendingRelease": "Pending release", "Provisioning": "Pending verification", "FailedProvisioning": "Failed",
    "Active": "Assigned",
}  # fmt: skip
_LIFECYCLE = {
    "PendingRelease": "Active", "Provisioning": "Provisioning", "FailedProvisioning": "Failed", "Active": "Active",
}  # fmt: skip


def _object(request: SimRequest) -> dict[str, Any]:
    try:
        body = Call(request, {}, "").json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _body(call: Call) -> dict[str, Any]:
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "Request validation failed", kind="validation", errors={"$": ["A JSON object is needed."]})
    return body


def _alike(wanted: object, stated: str) -> bool:
    return not isinstance(wanted, str) or not wanted or wanted.strip().casefold() == stated.casefold()


def _searched(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    wanted = body.get("search")
    if not isinstance(wanted, str) or not wanted:
        return True
    fields = body.get("searchFields") or ["name", "number"]
    return any(wanted.casefold() in str(row.get(field) or "").casefold() for field in fields)


def _filtered(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    return all(row.get(one.get("field")) == one.get("value") for one in body.get("filters") or ())


def _token(place: int) -> str:
    return base64.b64encode(f'{{"token":"+RID:{place}"}}'.encode()).decode()


def _place_of(token: object) -> int:
    if not isinstance(token, str) or not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True).decode().removeprefix('{"token":"+RID:').removesuffix('"}'))
    except ValueError:
        raise Refused(400, "Request validation failed", errors={"continuationToken": ["It is not one."]}) from None


def _date(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(max(at, 0.0), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


SIMULATOR = LeadpingSimulator
