"""LeadConnector's phone system, played in memory: what both versions share.

Written from the published OpenAPI documents, sharing nothing with the adapters' own reading of them. What those leave
open is chosen in :data:`CHOICES`, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, json_answer, route

from ._base import DUMMY_COMPANY, DUMMY_LOCATION, DUMMY_TOKEN
from .oauth import DUMMY_APP, DUMMY_CLIENT, DUMMY_CODE, DUMMY_SECRET, OAuth
from .records import Owned, Place, Stock

__all__ = [
    "CHOICES", "DUMMY_APP", "DUMMY_CLIENT", "DUMMY_CODE", "DUMMY_COMPANY", "DUMMY_LOCATION", "DUMMY_SECRET",
    "DUMMY_TOKEN", "LeadConnectorSimulator",
]  # fmt: skip

CHOICES: Mapping[str, str] = MappingProxyType({
    "versions": "v3, 2023-02-21, 2021-07-28 and 2021-04-15 are accepted, as observed; the shape of an answer follows "
    "the header. A repeated header is joined with a comma and so is not accepted.",
    "missing or unknown version": "401 'version header was not found.' / 'version header is invalid', as observed.",
    "user agent": "Cloudflare's 403 page (error 1010) for none and for urllib's, as observed.",
    "unknown query or body members": "422 with a list of messages, as observed of other services.",
    "v3 required fields": "not enforced: ordinary callers cannot have all twelve; required='all' enforces them.",
    "search without numberTypes": "200 without numbers, as observed.",
    "numberTypes": "one value with commas, as the legacy document describes it, or repeated, as an array is sent.",
    "search filters": "the three parts and the features are applied, AND; hints=True ignores all but the country.",
    "search length": "30 numbers at most, as observed.",
    "search and pools in v3": "the legacy body without an envelope; envelope_all=True wraps them too.",
    "fingerprint": "a new one for each search: milliseconds, made unique.",
    "purchase without a fingerprint": "accepted: the legacy document requires the number only.",
    "fingerprint used before": "fingerprints='refuse' (the default) refuses it with 400, so that a client that puts "
    "two purchases on one search is caught; 'ignore' looks at the number alone; 'replay' answers as the first time.",
    "fingerprint that no search returned": "accepted: one product made its own.",
    "number that is not for sale": "400 'Phone number is no longer available', the document's example.",
    "address requirement without address": "400 before any write.",
    "dates": "RFC 2822 in the legacy list, as observed; ISO in v3.",
    "absent texts": "empty, as observed in the legacy list; null in v3.",
    "total in v3": "of the numbers that the filter lets through.",
    "page past the end": "an empty list.",
    "searchFilter": "part of the E.164 number.",
    "rate limits": "100 in 10 seconds and 200,000 a day, as documented; a 429 has no Retry-After and the NestJS body.",
    "refresh": "the old refresh token is good for 30 more seconds, then 400 'Invalid grant'.",
    "tokens": "a private integration token is for its location. An agency's token is for every location of its "
    "company, as two public programs have it, although the documents list a sub-account's alone.",
    "code of a consent": "good once; the event consent lets a customer give one.",
    "location token": "legacy answers without a refresh token, as its document does; 400 for a location of another "
    "company, and where the app is not installed.",
    "installed locations": "by companyId of the token alone, else 401; another app is 404 in v3. onTrial, planId, "
    "versionId and restrictToUserLocations are ignored.",
    "path of another version": "404, as observed of location-token.",
    "numbers that leave": "a number that was ported out (the event port_out, or the day on which it arrives at a "
    "joined simulator) or that a person deleted in the web app (the event delete) is not listed from then on, is not "
    "for sale and has left its pool. Before, nothing shows that it is on its way: no document has a word for it.",
    "port-out record": "account number, PIN, house number and ZIP code that a port order has to agree with are made "
    "up; the option service_record sets others.",
    "suspended account": "200 with accountStatus; failing=True answers the documented 500 with 'msg'.",
})  # fmt: skip

PATH = "/phone-system/numbers/location/{locationId}"
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


class LeadConnectorSimulator(OAuth):
    """Locations of a company at LeadConnector: see ``Base`` in ``_base`` for what can be set."""

    choices = CHOICES
    settings = MappingProxyType({"token": DUMMY_TOKEN, "location_id": DUMMY_LOCATION})
    story = MappingProxyType({"area_code": "201", "purchase": "purchase"})

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
        kinds = ",".join(call.queries("numberTypes")).split(",")
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

    # -- what they are made of

    def _purchase_body(self, call: Call) -> dict[str, Any]:
        body = call.members("Unexpected token in JSON")
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

    def _shown(self) -> list[Owned]:
        return [each for each in self.owned.values() if self.now() - each.added >= self.lag or not self.lag]

    def _row(self, each: Owned, v3: bool) -> dict[str, Any]:
        added = datetime.fromtimestamp(each.added, UTC)
        date = added.isoformat(timespec="milliseconds").replace("+00:00", "Z") if v3 else format_datetime(added)
        absent = None if v3 else ""
        return {
            "phoneNumber": each.number, "friendlyName": each.name or absent, "sid": each.sid,
            "countryCode": each.country, "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "type": "toll-free" if each.kind == "tollFree" else each.kind, "isDefaultNumber": each.is_default,
            "linkedUser": each.user or absent, "linkedRingAllUsers": [*each.ring_all],
            "inboundCallService": each.inbound, "forwardingNumber": each.forwarding or absent,
            "isGroupConversationEnabled": False, "addressSid": absent, "bundleSid": absent, "dateAdded": date,
            "dateUpdated": date, "origin": each.origin,
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
