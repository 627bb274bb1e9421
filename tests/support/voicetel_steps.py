"""Requests to VoiceTel as the simulator plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
    *(
        Step(200, "GET", "/inventory/coverage?countBy=" + kind)
        for kind in ("state", "city", "rateCenter", "npanxx", "block")
    ),
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
    Step(
        201,
        "POST",
        "/messaging/campaigns",
        {"messagingBrandId": "BNEW1", "externalCampaignId": "CNEW001", "campaignDescription": "Example"},
    ),
    Step(
        400,
        "POST",
        "/messaging/campaigns",
        {"messagingBrandId": "BNONE", "externalCampaignId": "CNEW001", "campaignDescription": "Example"},
    ),
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
]


def conversed() -> Iterator[tuple[Step, str, Any]]:
    """Every step done: with the path template of its route, and its answer."""
    simulator = VoiceTelSimulator(now=Time(), account_calls=6)
    for step in CONVERSATION:
        status, document = ask(simulator, step.method, step.path, step.body, step.headers)
        assert status == step.status, (step, document)
        template = simulator.ledger.requests[-1].path
        assert template is not None
        yield step, template, document
