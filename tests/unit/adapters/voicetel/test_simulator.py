"""VoiceTel as the simulator plays it: every operation once well and in its refusals, and against the official document.

The official OpenAPI document is not part of the project: its folder is named by ``ANYCARRIER_SPECS``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from anycarrier.simulator import SimAnswer, SimRequest
from anycarrier_adapters.voicetel.simulator import (
    CHOICES,
    DUMMY_API_KEY,
    DUMMY_PASSWORD,
    DUMMY_USERNAME,
    VoiceTelSimulator,
)

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

UNDOCUMENTED = {("POST", "/v2.2/numbers", 400): "bad body", ("PUT", "/v2.2/gateways/{id}", 400): "bad body"}
"""Statuses that the document lacks for an operation, each with its line in CHOICES."""


def conversed() -> Iterator[tuple[Step, str, Any]]:
    """Every step done: with the path template of its route, and its answer."""
    simulator = VoiceTelSimulator(now=Time(), account_calls=6)
    for step in CONVERSATION:
        status, document = ask(simulator, step.method, step.path, step.body, step.headers)
        assert status == step.status, (step, document)
        template = simulator.ledger.requests[-1].path
        assert template is not None
        yield step, template, document


def test_every_operation_and_its_refusals() -> None:
    good = {(step.method, template) for step, template, _ in conversed() if step.status < 300}
    simulator = VoiceTelSimulator()
    missing = {(line.method, line.path) for line in simulator.routes} - good
    assert missing == {("GET", "/v2.2/account/cdr")}  # the sixth limited call is spent on the 429


def official() -> dict[str, Any]:
    folder = os.environ.get("ANYCARRIER_SPECS")
    if not folder:
        pytest.skip("official documents not given: set ANYCARRIER_SPECS")
    document: dict[str, Any] = json.loads((Path(folder) / "voicetel-openapi.json").read_text("utf-8"))
    assert document["info"]["version"] == "2.2.10"
    return document


@pytest.mark.specs
def test_every_answer_is_as_the_official_document_says() -> None:
    document = official()
    extra = [
        (Step(200, "GET", "/account/cdr"), "/v2.2/account/cdr", ask(VoiceTelSimulator(), "GET", "/account/cdr")[1]),
        (Step(404, "GET", "/numbers"), "/v2.2/numbers", ask(VoiceTelSimulator(owned=()), "GET", "/numbers")[1]),
        (
            Step(402, "POST", "/orders"),
            "/v2.2/orders",
            ask(VoiceTelSimulator(balance=0), "POST", "/orders", {"numbers": [FREE]})[1],
        ),
        (
            Step(402, "POST", "/numbers"),
            "/v2.2/numbers",
            ask(VoiceTelSimulator(balance=0), "POST", "/numbers", {"number": FREE})[1],
        ),
    ]
    problems: list[str] = []
    undocumented: set[tuple[str, str, int]] = set()
    for step, template, answer in [*conversed(), *extra]:
        responses = document["paths"][template][step.method.lower()]["responses"]
        told = responses.get(str(step.status))
        where = f"{step.method} {step.path} {step.status}"
        if told is None:
            undocumented.add((step.method, template, step.status))
            schema: Any = {"$ref": "#/components/schemas/errorResponse"}
        elif "content" not in told:
            assert answer is None, where
            continue
        else:
            schema = told["content"]["application/json"]["schema"]
        problems += [f"{where}: {problem}" for problem in problems_of(document, schema, answer)]
    assert not problems
    assert undocumented == set(UNDOCUMENTED)
    assert set(UNDOCUMENTED.values()) <= set(CHOICES)


@pytest.mark.specs
@pytest.mark.parametrize(("change", "at"), [("text", "data.route"), ("drop", "data.number"), ("add", "data.more")])
def test_the_check_against_the_document_sees_drift(change: str, at: str) -> None:
    document = official()
    simulator = VoiceTelSimulator()
    simulator.fault("drift", change=change, at=at)
    answer = ask(simulator, "GET", N)[1]
    schema = document["paths"]["/v2.2/numbers/{number}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert problems_of(document, schema["schema"], answer)


def problems_of(document: dict[str, Any], schema: Any, answer: Any) -> list[str]:
    """Where *answer* breaks *schema*, and which members are too many or missing."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator({**schema, "components": document["components"]})
    broken = [f"{error.json_path} {error.message}" for error in validator.iter_errors(answer)]
    return [*broken, *members(document, schema, answer, "$")]


LEFT_OUT = {"block", "nxx", "rcAbbre", "city", "npa", "locState", "lata"}
"""Members of a coverage bucket depend on what is counted."""


def members(document: dict[str, Any], schema: Any, value: Any, where: str) -> Iterator[str]:
    """Members that the schema does not name, and named ones that are not there: the schemas themselves allow both."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if value is not None and choice.get("type") != "null":
            yield from members(document, choice, value, where)
    if isinstance(value, dict) and "properties" in schema:
        named = schema["properties"]
        if difference := value.keys() - named.keys():
            yield f"{where} has {sorted(difference)}"
        if difference := named.keys() - value.keys() - (LEFT_OUT if "coverage" in where else set()):
            yield f"{where} lacks {sorted(difference)}"
        for name, member in value.items():
            yield from members(document, named.get(name, {}), member, f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from members(document, schema.get("items", {}), item, where + "[]")


@pytest.mark.specs
def test_every_path_that_is_played_or_refused_is_documented() -> None:
    documented = {
        (method.upper(), path)
        for path, methods in official()["paths"].items()
        for method in methods
        if method != "parameters"
    }
    simulator = VoiceTelSimulator()
    played = {(line.method, line.path) for line in simulator.routes}
    assert played <= documented
    for method, path in documented - played:
        filled = path.replace("{", "").replace("}", "")
        status = ask(simulator, method, filled.removeprefix("/v2.2"))[0]
        assert status in (405, 501), (method, path)


def test_an_order_is_charged_once_per_key_for_a_day() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, rate="0.25")
    body = {"numbers": ["2015550110", "2015550111"]}
    first = ask(simulator, "POST", "/orders", body, key("k"))
    assert first[1]["data"] == {
        "orderId": "1800000000",
        "amountCharged": 0.5,
        "numbersOrdered": body["numbers"],
        "failed": [],
    }
    clock.at += 86_399
    assert ask(simulator, "POST", "/orders", body, key("k")) == first
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550112"]}, key("k")) == first
    assert simulator.ledger.total() == Decimal("0.50")
    assert simulator.balance == Decimal("99.50")
    assert {charge.mark for charge in simulator.ledger.charges} == {"k"}
    clock.at += 1
    assert ask(simulator, "POST", "/orders", body, key("k"))[0] == 502  # forgotten, and the numbers are gone
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550112"]}, key("k"))[0] == 201  # refusals are not kept


def test_a_used_key_with_another_body_can_be_refused() -> None:
    simulator = VoiceTelSimulator(other_body="refuse")
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550110"]}, key("k"))[0] == 201
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550111"]}, key("k"))[0] == 400
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550110"]}, key("k"))[0] == 201
    assert len(simulator.ledger.charges) == 1


def test_a_late_order_and_its_replay_charge_once() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock)
    simulator.fault("late", operation="order", seconds=10)
    request = SimRequest("POST", "/v2.2/orders", (), {**AUTH, **key("k")}, b'{"numbers":["2015550110"]}')
    assert not isinstance(simulator.handle(request), SimAnswer)
    clock.at += 5
    first = simulator.handle(request)
    clock.at += 10
    assert simulator.handle(request) == first
    assert len(simulator.ledger.charges) == 1


def test_the_balance_must_cover_the_whole_order() -> None:
    simulator = VoiceTelSimulator(balance="1")
    assert ask(simulator, "POST", "/orders", {"numbers": [f"201555011{n}" for n in range(3)]})[0] == 402
    assert not simulator.ledger.charges
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550110", "2015550111"]})[0] == 201
    assert ask(simulator, "POST", "/numbers", {"number": "2015550112"})[0] == 402
    assert simulator.balance == 0


def test_the_lag_until_an_ordered_number_shows() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, lag=3, owned=())
    assert ask(simulator, "GET", "/numbers")[0] == 404
    ask(simulator, "POST", "/orders", {"numbers": [FREE]})
    assert ask(simulator, "GET", "/numbers")[0] == 404
    assert ask(simulator, "GET", "/numbers/" + FREE)[0] == 404
    clock.at += 3
    assert ask(simulator, "GET", "/numbers/" + FREE)[0] == 200
    assert len(ask(simulator, "GET", "/numbers")[1]["data"]["numbers"]) == 1


def test_the_list_follows_every_write() -> None:
    simulator = VoiceTelSimulator()

    def routes() -> dict[str, int]:
        return {row["number"]: row["route"] for row in ask(simulator, "GET", "/numbers")[1]["data"]["numbers"]}

    assert routes()[OWNED] == 4
    ask(simulator, "PUT", N + "/route", {"route": 1001})
    assert routes()[OWNED] == 1001
    ask(simulator, "DELETE", N)
    assert OWNED not in routes()


def found(simulator: VoiceTelSimulator, query: str) -> list[str]:
    return [row["number"] for row in ask(simulator, "GET", "/inventory?" + query)[1]["data"]["numbers"]]


def test_search() -> None:
    simulator = VoiceTelSimulator()
    assert len(found(simulator, "tnMask=201")) == 10
    assert len(found(simulator, "tnMask=201&quantity=1000")) == 98  # two of them are on the account
    assert found(simulator, "tnMask=2125550199") == []
    assert found(simulator, "tnMask=*5550142&province=BC") == ["6045550142"]
    assert found(simulator, "tnMask=212*&lata=132&quantity=1") == ["2125550100"]
    assert found(simulator, "tnMask=212&lata=999") == []
    assert found(simulator, "tnMask=212&rateCenter=nowhere") == []
    counted = ask(simulator, "GET", "/inventory/coverage?countBy=npanxx&locState=NY")[1]["data"]["coverage"]
    assert counted == [{"npa": "212", "nxx": "555", "count": 99}, {"npa": "646", "nxx": "555", "count": 100}]


def test_a_search_is_answered_from_a_cache_only_where_that_is_asked_for() -> None:
    clock = Time()
    assert VoiceTelSimulator().search_cache == 0
    simulator = VoiceTelSimulator(now=clock, search_cache=600)
    before = found(simulator, "tnMask=201")
    ask(simulator, "POST", "/orders", {"numbers": [FREE]})
    clock.at += 599
    assert found(simulator, "tnMask=201") == before
    assert FREE not in found(simulator, "tnMask=2015")
    clock.at += 1
    assert FREE not in found(simulator, "tnMask=201")


def test_six_account_calls_an_hour_for_each_address_only_where_that_is_asked_for() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, account_calls=6)

    def status(client: str = "127.0.0.1") -> int:
        answer = simulator.handle(SimRequest("GET", "/v2.2/account", (), AUTH, client=client))
        assert isinstance(answer, SimAnswer)
        return answer.status

    assert [status() for _ in range(7)] == [200] * 6 + [429]
    assert status("127.0.0.2") == 200
    clock.at += 3600
    assert status() == 200
    free = VoiceTelSimulator()
    assert {ask(free, "GET", "/account")[0] for _ in range(20)} == {200}


def test_previous_network() -> None:
    simulator = VoiceTelSimulator()

    def bound(campaign: str) -> tuple[Any, ...]:
        data = ask(simulator, "PUT", N + "/messaging-campaign", {"campaignId": campaign})[1]["data"]
        return data["network"], data["carrier"], data["previousNetwork"], data["previousNetworkCleared"]

    assert bound("CH5K5IZ") == ("A", 17, None, False)
    assert bound("CA1PATH") == ("A", 17, None, False)
    assert bound("CB2PATH") == ("B", 19, "A", True)


def test_the_later_release() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, release="2.2.17")

    def bind(campaign: str) -> tuple[int, Any]:
        status, document = ask(simulator, "PUT", N + "/messaging-campaign", {"campaignId": campaign})
        return status, document.get("data")

    status, data = bind("CH5K5IZ")
    assert (status, data["status"], data["network"], data["job"]["state"]) == (202, "pending", "C", "queued")
    assert ask(simulator, "GET", N + "/messaging")[1]["data"]["pending"]["state"] == "queued"
    clock.at += 12
    assert bind("CH5K5IZ")[1]["job"]["state"] == "assigning"
    clock.at += 8
    status, data = bind("CH5K5IZ")
    assert (status, data["status"], data["job"]["state"]) == (200, "already", "done")
    assert ask(simulator, "GET", N + "/messaging")[1]["data"]["pending"] is None
    assert bind("CB2PATH")[1]["status"] == "enabled"
    assert bind("CA1PATH")[0] == 409
    assert ask(simulator, "PATCH", N + "/port-out-pin", {"pin": "1111"})[1]["data"]["changed"] is True
    repeated = ask(simulator, "PATCH", N + "/port-out-pin", {"pin": "2222"})[1]["data"]
    assert (repeated["portOutPin"], repeated["changed"]) == ("1111", False)
    clock.at += 30 * 86_400
    assert ask(simulator, "PATCH", N + "/port-out-pin", {"pin": "2222"})[1]["data"]["changed"] is True
    rows = ask(simulator, "GET", "/messaging/campaigns?ids=CB2PATH,CZZZZZZ")[1]["data"]["campaigns"]
    assert [row["dca"]["electionComplete"] for row in rows] == [True, False]


def test_a_row_of_texts_shared_by_two_numbers_outlives_one() -> None:
    simulator = VoiceTelSimulator()
    ask(simulator, "PATCH", N + "/messaging", {"routeIn": 1})
    assert ask(simulator, "DELETE", f"/numbers/{BOUND}/sms")[0] == 204
    assert ask(simulator, "GET", N + "/sms")[1]["data"]["resource"] == "https://example.com/sms"
    ask(simulator, "DELETE", N + "/sms")
    assert ask(simulator, "PATCH", N + "/messaging", {"routeIn": 1})[0] == 403


def test_a_hundred_thousand_numbers() -> None:
    simulator = VoiceTelSimulator(big=100_000)
    answer = simulator.handle(SimRequest("GET", "/v2.2/numbers", (), AUTH))
    assert isinstance(answer, SimAnswer)
    assert 17_000_000 < len(answer.body) < 21_000_000
    rows = json.loads(answer.body)["data"]["numbers"]
    assert len({row["number"] for row in rows}) == 100_003
    assert all(row["number"][3:6] == "555" for row in rows)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/orders", 405),
        ("GET", "/ports", 501),
        ("POST", "/messages", 501),
        ("GET", "/support/tickets/1/messages", 501),
        ("GET", "/numbers/", 404),
    ],
)
def test_where_no_route_fits(method: str, path: str, status: int) -> None:
    assert ask(VoiceTelSimulator(), method, path, headers={"authorization": ""})[0] == status


def test_choices_and_state_are_told() -> None:
    simulator = VoiceTelSimulator()
    assert simulator.choices is CHOICES
    assert all(topic and told.endswith(".") for topic, told in CHOICES.items())
    assert json.loads(json.dumps(simulator.state()))["balance"] == "100"


def test_the_same_seed_and_requests_give_the_same_answers() -> None:
    def told() -> list[Callable[..., Any] | Any]:
        return [document for _, _, document in conversed()]

    assert told() == told()
