"""A conversation with the simulator of VoiceTel: every operation once well, and in its refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from anycarrier.simulator import SimAnswer, SimRequest
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, DUMMY_PASSWORD, DUMMY_USERNAME, VoiceTelSimulator

AUTH = {"authorization": f"Bearer {DUMMY_API_KEY}"}
FREE, PORTING, BOUND, OWNED = "2015550100", "2015550198", "2125550199", "2015550197"


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


def ask(
    simulator: VoiceTelSimulator, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    where, _, query = path.partition("?")
    pairs = tuple((name, value) for name, _, value in (part.partition("=") for part in query.split("&")) if name)
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = simulator.handle(SimRequest(method, "/v2.2" + where, pairs, {**AUTH, **(headers or {})}, raw))
    assert isinstance(answer, SimAnswer)
    if answer.status == 204:
        assert answer.body == b""
        return 204, None
    document = json.loads(answer.body)
    good = answer.status < 300
    assert document["status"] == ("success" if good else "error")
    assert good or (document["error"]["code"] == answer.status and document["error"]["message"])
    return answer.status, document


@frozen
class Step:
    """One request and the status it gets."""

    status: int
    method: str
    path: str
    body: Any = None
    headers: dict[str, str] | None = None


def key(value: str) -> dict[str, str]:
    return {"idempotency-key": value}


N = "/numbers/" + OWNED
NOWHERE = "/numbers/2015550150"
STREET = {"address1": "411 Hackensack Avenue", "city": "Hackensack", "state": "NJ", "zip": "07601"}
CONVERSATION = [
    Step(200, "POST", "/account/api-key", {"username": DUMMY_USERNAME, "password": DUMMY_PASSWORD}),
    Step(200, "POST", "/account/api-key", {"username": int(DUMMY_USERNAME), "password": DUMMY_PASSWORD}),
    Step(400, "POST", "/account/api-key", {"username": DUMMY_USERNAME}),
    Step(401, "POST", "/account/api-key", {"username": DUMMY_USERNAME, "password": "x"}),
    Step(200, "GET", "/account"),
    Step(200, "PUT", "/account", {"timezone": "America/New_York", "notify": False, "callerId": OWNED}),
    Step(400, "PUT", "/account", {"ccs": 100}),
    Step(400, "PUT", "/account", {"notify": "yes"}),
    Step(200, "GET", "/account/recurring-charges"),
    Step(429, "GET", "/account/cdr"),
    Step(401, "GET", "/numbers", headers={"authorization": "Bearer 0"}),
    Step(401, "GET", "/inventory?tnMask=201", headers={"authorization": f"Basic {DUMMY_API_KEY}"}),
    Step(401, "POST", "/orders", {"numbers": [FREE]}, headers={"authorization": ""}),
    Step(200, "GET", "/inventory?tnMask=201"),
    Step(200, "GET", "/inventory?tnMask=201555*&quantity=1000&province=nj&rateCenter=hackensack&lata=224"),
    Step(200, "GET", "/inventory?tnMask=9"),
    Step(400, "GET", "/inventory"),
    Step(400, "GET", "/inventory?tnMask=2o1"),
    Step(400, "GET", "/inventory?tnMask=201&quantity=0"),
    Step(400, "GET", "/inventory?tnMask=201&quantity=1001"),
    Step(400, "GET", "/inventory?tnMask=201&quantity=ten"),
    Step(400, "GET", "/inventory?tnMask=201&lata=NJ"),
    *(Step(200, "GET", "/inventory/coverage?countBy=" + kind)
      for kind in ("state", "city", "rateCenter", "npanxx", "block")),
    Step(200, "GET", "/inventory/coverage?countBy=npanxx&locState=NY&npa=212&lata=132&city=new york&rcAbbre=new york"),
    Step(400, "GET", "/inventory/coverage?countBy=planet"),
    Step(400, "GET", "/inventory/coverage?countBy=state&lata=x"),
    Step(201, "POST", "/orders", {"numbers": [FREE, {"number": "2015550101", "route": 1000}, PORTING]}, key("k-1")),
    Step(201, "POST", "/orders", {"numbers": ["8705550100"]}),
    Step(502, "POST", "/orders", {"numbers": [FREE, "9995550123"]}),
    Step(400, "POST", "/orders", {"numbers": []}),
    Step(400, "POST", "/orders", {}),
    Step(400, "POST", "/orders", {"numbers": FREE}),
    Step(400, "POST", "/orders", {"numbers": ["2015550102"] * 2}),
    Step(400, "POST", "/orders", {"numbers": ["12015550102"]}),
    Step(400, "POST", "/orders", {"numbers": [{"number": "2015550102", "route": 999}]}),
    Step(400, "POST", "/orders", {"numbers": [{"number": "2015550102", "route": True}]}),
    Step(400, "POST", "/orders", {"numbers": [f"20155501{n:02}" for n in range(100)] + ["2125550100"]}),
    Step(400, "POST", "/orders", {"numbers": ["2015550102"]}, key("with.dot")),
    Step(400, "POST", "/orders", b"{"),
    Step(400, "POST", "/orders", b"[]"),
    Step(201, "POST", "/numbers", {"number": "2015550103", "route": 1001}),
    Step(400, "POST", "/numbers", {"number": "1"}),
    Step(409, "POST", "/numbers", {"number": OWNED}),
    Step(200, "GET", "/numbers"),
    Step(200, "GET", N),
    Step(404, "GET", NOWHERE),
    Step(404, "GET", "/numbers/+12015550197"),
    Step(200, "PUT", N + "/route", {"route": 1000}),
    Step(400, "PUT", N + "/route", {"route": 77}),
    Step(400, "PUT", N + "/route", {"route": "1000"}),
    Step(400, "PUT", NOWHERE + "/route", {"route": 4}),
    Step(200, "PUT", N + "/forward", {"destination": "2125550150"}),
    Step(200, "GET", N),
    Step(400, "PUT", N + "/forward", {"destination": "+12125550150"}),
    Step(404, "PUT", NOWHERE + "/forward", {"destination": "2125550150"}),
    Step(204, "DELETE", N + "/forward"),
    Step(404, "DELETE", NOWHERE + "/forward"),
    Step(404, "GET", N + "/sms"),
    Step(404, "DELETE", N + "/sms"),
    Step(200, "PUT", N + "/sms", {"type": "webhook", "resource": "https://hooks.example.com/in?x=1"}),
    Step(200, "PUT", N + "/sms", {"type": "email", "resource": "user@example.com"}),
    Step(200, "PUT", N + "/sms", {"type": "sip", "resource": "sip:in@example.com"}),
    Step(200, "GET", N + "/sms"),
    Step(200, "GET", N),
    Step(400, "PUT", N + "/sms", {"type": "webhook", "resource": "http://hooks.example.com/"}),
    Step(400, "PUT", N + "/sms", {"type": "webhook", "resource": "https://hooks.invalid/"}),
    Step(400, "PUT", N + "/sms", {"type": "email", "resource": "nobody"}),
    Step(400, "PUT", N + "/sms", {"type": "fax", "resource": "user@example.com"}),
    Step(404, "PUT", NOWHERE + "/sms", {"type": "email", "resource": "user@example.com"}),
    Step(200, "GET", N + "/messaging"),
    Step(404, "GET", NOWHERE + "/messaging"),
    Step(200, "PATCH", N + "/messaging", {"routeIn": 1, "routeOut": 17}),
    Step(204, "DELETE", f"/numbers/{BOUND}/sms"),
    Step(200, "PATCH", N + "/messaging", {"routeIn": 0}),
    Step(400, "PATCH", N + "/messaging", {}),
    Step(403, "PATCH", N + "/messaging", {"routeIn": 4711}),
    Step(404, "PATCH", NOWHERE + "/messaging", {"routeIn": 0}),
    Step(200, "GET", f"/numbers/messaging?numbers={BOUND},{OWNED},2015550150"),
    Step(400, "GET", "/numbers/messaging"),
    Step(400, "GET", "/numbers/messaging?numbers=1"),
    Step(200, "PUT", N + "/messaging-campaign", {"campaignId": "CH5K5IZ"}),
    Step(200, "PUT", N + "/messaging-campaign", {"campaignId": "CB2PATH"}),
    Step(200, "GET", N + "/messaging"),
    Step(400, "PUT", N + "/messaging-campaign", {"campaignId": "ch5k5iz"}),
    Step(400, "PUT", N + "/messaging-campaign", {"campaignId": "CN0PATH"}),
    Step(404, "PUT", N + "/messaging-campaign", {"campaignId": "CZZZZZZ"}),
    Step(404, "PUT", NOWHERE + "/messaging-campaign", {"campaignId": "CH5K5IZ"}),
    Step(200, "GET", "/messaging/campaigns?ids=CB2PATH,CZZZZZZ"),
    Step(400, "GET", "/messaging/campaigns"),
    Step(200, "DELETE", N + "/messaging-campaign?campaignId=CB2PATH"),
    Step(404, "DELETE", N + "/messaging-campaign?campaignId=CB2PATH"),
    Step(404, "DELETE", N + "/messaging-campaign?campaignId=CZZZZZZ"),
    Step(400, "DELETE", N + "/messaging-campaign"),
    Step(404, "DELETE", NOWHERE + "/messaging-campaign?campaignId=CB2PATH"),
    Step(200, "DELETE", f"/numbers/messaging-campaign?numbers={BOUND},{OWNED},2015550150&campaignId=CB2PATH"),
    Step(409, "DELETE", f"/numbers/messaging-campaign?numbers={BOUND}&campaignId=CN0PATH"),
    Step(400, "DELETE", f"/numbers/messaging-campaign?numbers={BOUND}"),
    Step(400, "DELETE", "/numbers/messaging-campaign?campaignId=CB2PATH"),
    Step(201, "POST", "/messaging/brands", {"messagingBrandId": "BNEW1", "messagingBrandName": "Example"}),
    Step(400, "POST", "/messaging/brands", {"messagingBrandId": "CNEW1", "messagingBrandName": "Example"}),
    Step(201, "POST", "/messaging/campaigns",
         {"messagingBrandId": "BNEW1", "externalCampaignId": "CNEW001", "campaignDescription": "Example"}),
    Step(400, "POST", "/messaging/campaigns",
         {"messagingBrandId": "BNONE", "externalCampaignId": "CNEW001", "campaignDescription": "Example"}),
    Step(400, "POST", "/messaging/campaigns", {"messagingBrandId": "BNEW1"}),
    Step(200, "PUT", N + "/cnam", {"enabled": True}),
    Step(400, "PUT", N + "/cnam", {"enabled": 1}),
    Step(404, "PUT", NOWHERE + "/cnam", {"enabled": True}),
    Step(200, "PUT", N + "/lidb", {"cnam": "EXAMPLE INC"}),
    Step(400, "PUT", N + "/lidb", {"cnam": "LONGER THAN 15 LETTERS"}),
    Step(404, "PUT", NOWHERE + "/lidb", {"cnam": "EXAMPLE"}),
    Step(200, "PUT", N + "/translation", {"translation": "2125550150"}),
    Step(400, "PUT", N + "/translation", {"translation": "#1"}),
    Step(404, "PUT", NOWHERE + "/translation", {"translation": "2125550150"}),
    Step(200, "PATCH", N + "/port-out-pin", {"pin": "4287"}),
    Step(400, "PATCH", N + "/port-out-pin", {"pin": "42871"}),
    Step(404, "PATCH", NOWHERE + "/port-out-pin", {"pin": "4287"}),
    Step(404, "GET", N + "/fax"),
    Step(404, "DELETE", N + "/fax"),
    Step(200, "PUT", N + "/fax", {"email": "fax@example.com"}),
    Step(200, "GET", N + "/fax"),
    Step(400, "PUT", N + "/fax", {"email": "fax"}),
    Step(404, "PUT", NOWHERE + "/fax", {"email": "fax@example.com"}),
    Step(204, "DELETE", N + "/fax"),
    Step(404, "GET", "/e911"),
    Step(409, "GET", "/e911/" + OWNED),
    Step(200, "POST", "/e911/validations", STREET),
    Step(409, "POST", "/e911/validations", {**STREET, "address1": "Hackensack Avenue"}),
    Step(409, "POST", "/e911/validations", {**STREET, "zip": 7601}),
    Step(200, "PUT", "/e911/" + OWNED, {"addressid": 1234567, "callername": "Example Inc"}),
    Step(409, "PUT", "/e911/" + OWNED, {"addressid": 1, "callername": "Example Inc"}),
    Step(409, "PUT", "/e911/2015550150", {"addressid": 1234567, "callername": "Example Inc"}),
    Step(200, "GET", "/e911/" + OWNED),
    Step(401, "GET", "/e911/2015550150"),
    Step(201, "POST", "/e911", {**STREET, "dn": BOUND, "callername": "Example Inc", "address2": "Ste 200"}),
    Step(400, "POST", "/e911", {**STREET, "dn": BOUND}),
    Step(403, "POST", "/e911", {**STREET, "dn": "2015550150", "callername": "Example Inc"}),
    Step(409, "POST", "/e911", {**STREET, "dn": BOUND, "callername": "Example Inc", "state": "New Jersey"}),
    Step(200, "GET", "/e911"),
    Step(204, "DELETE", "/e911/" + OWNED),
    Step(409, "DELETE", "/e911/" + OWNED),
    Step(200, "GET", "/cnam/2015550150"),
    Step(402, "GET", "/cnam/1"),
    Step(200, "GET", "/gateways"),
    Step(201, "POST", "/gateways", {"gateway": "203.0.113.20:5061", "prefix": "7", "limit": 5}),
    Step(201, "POST", "/gateways", {"gateway": "sip2.example.com"}),
    Step(409, "POST", "/gateways", {"gateway": "sip2.example.com"}),
    Step(400, "POST", "/gateways", {"gateway": "10.0.0.1"}),
    Step(400, "POST", "/gateways", {"gateway": "300.1.1.1"}),
    Step(400, "POST", "/gateways", {"gateway": "sip.invalid"}),
    Step(400, "POST", "/gateways", {"gateway": "sip3.example.com", "limit": 0}),
    Step(400, "POST", "/gateways", {}),
    Step(200, "GET", "/gateways/1002"),
    Step(200, "GET", "/gateways/4"),
    Step(404, "GET", "/gateways/7"),
    Step(404, "GET", "/gateways/x"),
    Step(200, "PUT", "/gateways/1002", {"limit": 7}),
    Step(400, "PUT", "/gateways/1002", {"limit": 0}),
    Step(404, "PUT", "/gateways/4", {"limit": 7}),
    Step(200, "GET", "/gateways/1000/numbers"),
    Step(404, "GET", "/gateways/7/numbers"),
    Step(204, "DELETE", "/gateways/1002"),
    Step(404, "DELETE", "/gateways/1002"),
    Step(409, "DELETE", "/gateways/1000"),
    Step(409, "DELETE", "/gateways/4"),
    Step(200, "PATCH", "/numbers/2015550103", {"accountId": 1000000002, "route": 4}),
    Step(404, "PATCH", "/numbers/2015550103", {"accountId": 1000000002, "route": 4}),
    Step(400, "PATCH", N, {"accountId": 1000000002}),
    Step(400, "PATCH", N, {"accountId": 1000000002, "route": 7}),
    Step(409, "PATCH", N, {"accountId": int(DUMMY_USERNAME), "route": 4}),
    Step(409, "PATCH", "/numbers/" + PORTING, {"accountId": 1000000002, "route": 4}),
    Step(409, "POST", f"/numbers/{PORTING}/release"),
    Step(409, "DELETE", "/numbers/" + PORTING),
    Step(204, "POST", f"/numbers/{FREE}/release"),
    Step(409, "POST", f"/numbers/{FREE}/release"),
    Step(409, "POST", "/numbers", {"number": FREE}),
    Step(204, "DELETE", "/numbers/2015550101"),
    Step(404, "DELETE", "/numbers/2015550101"),
    Step(201, "POST", "/numbers", {"number": "2015550101"}),
]  # fmt: skip

PORT = {
    "did": ["9075550123"], "name": "Example Inc", "nameType": "business", "lcBtn": "9075550123", "lcAccountNumber": "1",
    "streetNumber": "550", "street": "Main", "streetType": "ST", "city": "Anchorage", "state": "AK", "zip": "99501",
    "country": "US", "authPerson": "Jane Smith", "streetPrefix": "N", "desiredDueDate": "2027-02-01",
    "features": [
        {"number": "9075550123", "routing": {"gatewayId": 1000}, "lidb": {"name": "Example"},
         "sms": {"campaignId": "CB2PATH"}},
    ],
}  # fmt: skip
TEXT = {"fromNumber": BOUND, "toNumber": OWNED, "text": "Hello"}
HTTPS = "https://example.com/a.png"


@frozen
class Happens:
    """An event; ``account`` is the one where it happens."""

    name: str
    details: Mapping[str, Any]
    account: str = "main"


@frozen
class Later:
    """Time that passes, in seconds."""

    seconds: float


def by(account: str) -> dict[str, str]:
    return {"authorization": f"Bearer {KEYS[account]}"}


KEYS = {"second": "2" * 32, "poor": "3" * 32, "admin": "4" * 32}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "second": {"api_key": KEYS["second"], "owned": "4155550199"},
    "poor": {"api_key": KEYS["poor"], "balance": 0, "owned": "6175550199"},
    "admin": {"api_key": KEYS["admin"], "admin": True},
}
DAY = 86_400
WITH_EVENTS: list[Step | Happens | Later] = [
    # The account's money, registration and other accounts.
    Step(200, "GET", "/account/payments"),
    Happens("payment", {"amount": "25.00"}),
    Happens("payment", {"amount": "5.00", "status": "Pending"}),
    Step(200, "GET", "/account/payments"),
    Step(200, "GET", "/account/credits"),
    Happens("credit", {"amount": "2.50"}),
    Happens("credit", {"amount": "7.50", "paid": True}),
    Step(200, "GET", "/account/credits"),
    Step(200, "GET", "/account/credits?status=unpaid"),
    Step(400, "GET", "/account/credits?status=late"),
    Step(200, "GET", "/account/registration"),
    Step(404, "GET", "/account/registration", headers=by("second")),
    Happens("register", {"agent": "Example/1.0"}, "second"),
    Step(200, "GET", "/account/registration", headers=by("second")),
    Step(200, "POST", "/account/recovery", {"email": "second@example.com"}),
    Step(400, "POST", "/account/recovery", {"email": "second"}),
    Step(404, "POST", "/account/recovery", {"email": "other@example.com"}),
    Step(201, "POST", "/accounts", {"name": "New Inc", "email": "new@example.com", "promo": "example"}),
    Step(400, "POST", "/accounts", {"name": "New Inc"}),
    Step(400, "POST", "/accounts", {"name": "New Inc", "email": "new"}),
    Step(409, "POST", "/accounts", {"name": "New Inc", "email": "new@example.com"}),
    Step(403, "POST", "/account", {"username": "1000000009", "name": "Sub Inc", "email": "sub@example.com"}),
    Step(201, "POST", "/account",
         {"username": "1000000009", "name": "Sub Inc", "email": "sub@example.com", "masterAccount": DUMMY_USERNAME},
         by("admin")),
    Step(400, "POST", "/account", {"name": "Sub Inc", "email": "sub2@example.com"}, by("admin")),
    Step(409, "POST", "/account", {"username": "1000000009", "name": "S", "email": "sub2@example.com"}, by("admin")),
    Step(200, "PUT", "/account", {"ccs": 10, "sms": True, "timezone": "America/Denver"}, by("admin")),
    # Who may register.
    Step(404, "GET", "/acl"),
    Step(200, "POST", "/acl", {"acl": [{"cidr": "203.0.113.0/24"}, {"cidr": "198.51.100.7/32"}]}),
    Step(409, "POST", "/acl", {"acl": [{"cidr": "192.0.2.0/24"}, {"cidr": "203.0.113.0/24"}]}),
    Step(409, "POST", "/acl", {"acl": [{"cidr": "10.0.0.0/8"}]}),
    Step(409, "POST", "/acl", {"acl": [{"cidr": "203.0.113.0/25"}]}),
    Step(400, "POST", "/acl", {"acl": ["203.0.113.0/24"]}),
    Step(200, "GET", "/acl"),
    Step(200, "GET", "/auth"),
    Step(200, "DELETE", "/acl?cidrs=203.0.113.0/24,198.51.100.7/32"),
    Step(409, "DELETE", "/acl?cidrs=203.0.113.0/24,192.0.2.0/24"),
    Step(409, "DELETE", "/acl"),
    Step(200, "PUT", "/auth", {"authType": 3}),
    Step(400, "PUT", "/auth", {}),
    Step(409, "PUT", "/auth", {"authType": 2, "password": "short"}),
    Step(409, "PUT", "/auth", {"authType": 4}),
    Step(200, "PUT", "/auth", {"password": "newpass1"}, by("second")),
    Step(401, "GET", "/auth", headers=by("second")),
    # Calls and lookups.
    Happens("call", {"caller": "2125550150", "to": OWNED, "seconds": 40}),
    Happens("call", {"caller": OWNED, "to": "2125550150", "seconds": 61}),
    Step(200, "GET", "/account/cdr"),
    Step(200, "GET", "/account/cdr?start=1800000000&end=1799990000"),
    Step(200, "GET", "/lrn/2125550150/2015550150"),
    Step(200, "GET", "/lrn/9075550150/2015550150"),
    Step(400, "GET", "/lrn/2125550150/1"),
    Step(402, "GET", "/lrn/2125550150/2015550150", headers=by("poor")),
    Step(402, "GET", "/cnam/2125550150", headers=by("poor")),
    # Messages, and receipts of their delivery.
    Step(201, "POST", "/messages", TEXT),
    Step(201, "POST", "/messages", {**TEXT, "toNumber": "2125550150", "subject": "Look", "mediaUrls": [HTTPS]}),
    Step(201, "POST", "/messages", {**TEXT, "toNumber": "2125550150", "text": "x" * 161}),
    Step(400, "POST", "/messages", {**TEXT, "text": ""}),
    Step(400, "POST", "/messages", {**TEXT, "mediaUrls": "x"}),
    Step(403, "POST", "/messages", {**TEXT, "fromNumber": "2125550150"}),
    Step(409, "POST", "/messages", {**TEXT, "fromNumber": OWNED}),
    Step(200, "PATCH", "/numbers/6175550199/messaging", {"routeOut": 17}, by("poor")),
    Step(402, "POST", "/messages", {**TEXT, "fromNumber": "6175550199"}, by("poor")),
    Step(200, "GET", f"/messages?number={BOUND}&type=dlr"),
    Later(2),
    Step(200, "GET", f"/messages?number={BOUND}&type=dlr"),
    Step(200, "GET", f"/messages?number={BOUND}"),
    Step(200, "GET", f"/messages?number={BOUND}&type=mms&from=1800000010&to=1799999990"),
    Step(200, "GET", f"/messages?number={OWNED}"),
    Happens("text", {"sender": "2125550150", "to": BOUND, "body": "Stop"}),
    Step(409, "POST", "/messages", {**TEXT, "toNumber": "2125550150"}),
    Happens("text", {"sender": "2125550150", "to": BOUND, "body": "START"}),
    Step(201, "POST", "/messages", {**TEXT, "toNumber": "2125550150"}),
    Step(400, "GET", "/messages"),
    Step(400, "GET", f"/messages?number={BOUND}&type=fax"),
    Step(403, "GET", "/messages?number=2125550150"),
    # A port, from its request until its number is on the account.
    Step(200, "GET", f"/ports/availability/{OWNED}"),
    Step(400, "GET", "/ports/availability/1"),
    Step(400, "POST", "/ports", PORT),
    Step(200, "GET", "/ports/availability/9075550123"),
    Step(400, "POST", "/ports", {**PORT, "did": []}),
    Step(400, "POST", "/ports", {**PORT, "nameType": "other"}),
    Step(400, "POST", "/ports", {**PORT, "zip": ""}),
    Step(400, "POST", "/ports", {**PORT, "desiredDueDate": "soon"}),
    *(Step(400, "POST", "/ports", {**PORT, "features": wrong})
      for wrong in ([{"number": OWNED}], {"number": OWNED}, [{"number": "9075550123", "routing": {"gatewayId": 9}}],
                    [{"number": "9075550123", "lidb": {"name": "x" * 16}}],
                    [{"number": "9075550123", "sms": {"campaignId": "CZZZZZZ"}}])),
    Step(201, "POST", "/ports", PORT),
    Step(200, "GET", "/ports/availability/9075550123"),
    Step(200, "GET", "/ports/availability/9075550124", headers=by("poor")),
    Step(402, "POST", "/ports", {**PORT, "did": ["9075550124"], "features": []}, by("poor")),
    Step(200, "GET", "/ports"),
    Step(200, "GET", "/ports/{pid}"),
    Step(404, "GET", "/ports/{pid}", headers=by("poor")),
    Happens("loa", {"pid": "{pid}"}),
    Step(200, "GET", "/ports/{pid}"),
    Later(DAY),
    Step(200, "GET", "/ports/{pid}"),
    Step(404, "GET", "/numbers/9075550123"),
    Later(30 * DAY),
    Step(200, "GET", "/ports"),
    Step(200, "GET", "/numbers/9075550123"),
    Step(200, "GET", "/numbers/9075550123/messaging"),
    Step(200, "GET", "/cnam/9075550123"),
    # Tickets; the port opened 2114.
    Step(200, "GET", "/support/tickets"),
    Step(201, "POST", "/support/tickets", {"subject": "Calls", "message": "No calls.", "email": "other@example.com"}),
    Step(400, "POST", "/support/tickets", {"subject": "Calls"}),
    Happens("reply", {"ticket": 2115, "message": "Since when?"}),
    Step(200, "GET", "/support/tickets/2115"),
    Step(403, "GET", "/support/tickets/2115", headers=by("poor")),
    Step(404, "GET", "/support/tickets/99"),
    Step(201, "POST", "/support/tickets/2115/replies", {"message": "Today."}),
    Step(400, "POST", "/support/tickets/2115/replies", {}),
    Step(403, "POST", "/support/tickets/2115/replies", {"message": "Today."}, by("poor")),
    Step(404, "POST", "/support/tickets/x/replies", {"message": "Today."}),
    Step(200, "GET", "/support/tickets/2115/messages"),
    Step(403, "GET", "/support/tickets/2115/messages", headers=by("poor")),
    Step(404, "GET", "/support/tickets/99/messages"),
    Step(200, "PUT", "/support/tickets/2115", {"status": "closed"}),
    Step(400, "PUT", "/support/tickets/2115", {"status": "solved"}),
    Step(403, "PUT", "/support/tickets/2115", {"status": "spam"}, by("poor")),
    Step(404, "PUT", "/support/tickets/99", {"status": "spam"}),
    Step(200, "GET", "/support/tickets/2115"),
    Step(200, "GET", "/support/tickets", headers=by("poor")),
    Step(403, "DELETE", "/support/tickets/2115"),
    Step(404, "DELETE", "/support/tickets/99", headers=by("admin")),
    Step(204, "DELETE", "/support/tickets/2115", headers=by("admin")),
    Step(200, "GET", "/support/tickets", headers=by("admin")),
    # What else is refused for want of money or of records.
    Step(402, "POST", "/orders", {"numbers": [FREE]}, by("poor")),
    Step(402, "POST", "/numbers", {"number": FREE}, by("poor")),
    Step(404, "GET", "/numbers", headers=by("admin")),
]  # fmt: skip
"""Requests that need events, time or several accounts; ``{pid}`` is the port's."""

UNDOCUMENTED = {
    ("POST", "/v2.2/numbers", 400): "bad body",
    ("PUT", "/v2.2/gateways/{id}", 400): "bad body",
    ("POST", "/v2.2/account", 400): "bad body",
    ("POST", "/v2.2/acl", 400): "bad body",
    ("GET", "/v2.2/lrn/{number}/{ani}", 402): "lookups",
}
"""Statuses that the document lacks for an operation, each with its line in CHOICES."""


def conversed() -> Iterator[tuple[Step, str, Any]]:
    """Every step done: with the path template of its route, and its answer."""
    yield from played(VoiceTelSimulator(now=(time := Time()), account_calls=6), time, CONVERSATION)
    yield from played(VoiceTelSimulator(now=(time := Time()), accounts=ACCOUNTS), time, WITH_EVENTS)


def played(
    simulator: VoiceTelSimulator, time: Time, steps: Sequence[Step | Happens | Later]
) -> Iterator[tuple[Step, str, Any]]:
    """Each of *steps* that is a request, done: with the path template of its route, and its answer."""
    pid = ""
    for step in steps:
        if isinstance(step, Later):
            time.at += step.seconds
        elif isinstance(step, Happens):
            details = {name: pid if value == "{pid}" else value for name, value in step.details.items()}
            simulator.happen(step.name, step.account, **details)
        else:
            path = step.path.replace("{pid}", pid)
            status, document = ask(simulator, step.method, path, step.body, step.headers)
            assert status == step.status, (step, document)
            template = simulator.ledger.requests[-1].path
            assert template is not None
            if (status, template) == (201, "/v2.2/ports"):
                pid = document["data"]["pid"]
            yield step, template, document
