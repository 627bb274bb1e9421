"""VoiceTel as the simulator plays it: every operation once well and in its refusals, and against the official document.

The official OpenAPI document is not part of the project: its folder is named by ``ANYCARRIER_SPECS``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anycarrier.simulator import SimAnswer, SimRequest
from anycarrier.simulator.routes import Route
from anycarrier_adapters.voicetel.simulator import CHOICES, VoiceTelSimulator
from support.voicetel_played import AUTH, BOUND, FREE, OWNED, UNDOCUMENTED, N, Time, ask, conversed, key


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
    problems: list[str] = []
    undocumented: set[tuple[str, str, int]] = set()
    for step, template, answer in conversed():
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
    return [*broken(document, schema, answer), *members(document, schema, answer, "$")]


def broken(document: dict[str, Any], schema: Any, value: Any) -> list[str]:
    """Where *value* breaks *schema*."""
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(())
    formats.checks("date-time", ValueError)(lambda text: bool(datetime.fromisoformat(text)))
    validator = Draft202012Validator({**schema, "components": document["components"]}, format_checker=formats)
    return [f"{error.json_path} {error.message}" for error in validator.iter_errors(value)]


LEFT_OUT = {
    # What a bucket counts depends on the request.
    "coverage": {"block", "nxx", "rcAbbre", "city", "npa", "locState", "lata"},
    # A text has neither subject nor media, a receipt neither words nor price.
    r"\$\.data$": {"subject", "mediaUrls"},
    r"messages\[\]\.value$": {"direction", "rate", "message", "number", "sourceNumber", "destinationNumber"},
    # A new password is not echoed.
    r"updated\[\]$": {"value"},
    # A ticket that is not closed, a thread that is neither opened nor rated.
    r"tickets?(\[\])?$": {"closedAt", "closedBy", "closedByUser"},
    r"(threads|data\.messages)\[\]$": {"openedAt", "rating", "ratingComment"},
}
"""Members that an answer may lack, by a pattern of where it lacks them."""


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
        may_lack = {name for part, names in LEFT_OUT.items() if re.search(part, where) for name in names}
        if difference := named.keys() - value.keys() - may_lack:
            yield f"{where} lacks {sorted(difference)}"
        for name, member in value.items():
            yield from members(document, named.get(name, {}), member, f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from members(document, schema.get("items", {}), item, where + "[]")


@pytest.mark.specs
def test_what_is_accepted_is_a_request_as_the_official_document_has_it() -> None:
    document = official()
    problems: list[str] = []
    for step, template, _ in conversed():
        operation = document["paths"][template][step.method.lower()]
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        pairs = [part.partition("=")[0] for part in step.path.partition("?")[2].split("&") if part]
        assert set(pairs) <= names, step
        if step.status < 300 and step.body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            problems += [f"{step.method} {step.path}: {problem}" for problem in broken(document, schema, step.body)]
    # Older clients of the vendor send it as a number.
    assert problems == ["POST /account/api-key: $.username 1000000001 is not of type 'string'"]


@pytest.mark.specs
def test_every_documented_operation_is_played_and_refused() -> None:
    documented = {
        (method.upper(), path): set(operation["responses"])
        for path, methods in official()["paths"].items()
        for method, operation in methods.items()
    }
    answered: dict[tuple[str, str], set[str]] = {}
    for step, template, _ in conversed():
        answered.setdefault((step.method, template), set()).add(str(step.status))
    assert len(documented) == 74
    assert {(line.method, line.path) for line in VoiceTelSimulator.routes} == set(documented)
    for operation, statuses in documented.items():
        assert answered[operation] & {"200", "201", "204"}, operation
        # 502 is the failure of something behind the provider: a fault.
        wanted = (
            {status for status in statuses if status >= "400"}
            - {"401", "429", "502"}
            - UPDATE_FAILED.get(operation, set())
        )
        assert wanted <= answered[operation], operation


UPDATE_FAILED = {
    ("PUT", "/v2.2/numbers/{number}/cnam"): {"409"},
    ("PUT", "/v2.2/numbers/{number}/translation"): {"409"},
    ("PUT", "/v2.2/numbers/{number}/forward"): {"409"},
    ("DELETE", "/v2.2/numbers/{number}/forward"): {"409"},
}
"""Refusals without a documented reason: nothing in the simulator's state brings them about."""


@pytest.mark.specs
@pytest.mark.parametrize("line", VoiceTelSimulator.routes, ids=lambda line: line.operation)
def test_without_a_key_every_operation_is_refused_as_documented(line: Route) -> None:
    document = official()
    path = line.path.removeprefix("/v2.2").replace("{", "").replace("}", "")
    status, answer = ask(VoiceTelSimulator(), line.method, path, {}, {"authorization": "Bearer 0"})
    operation = document["paths"][line.path][line.method.lower()]
    assert (operation["security"] == []) == line.open == (status != 401)
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    assert not problems_of(document, schema, answer)


def test_an_order_is_charged_once_per_key_for_a_day() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, rate="0.25")
    body = {"numbers": ["2015550110", "2015550111"]}
    first = ask(simulator, "POST", "/orders", body, key("k"))
    assert first[1]["data"] == {
        "orderId": "1800000000", "amountCharged": 0.5, "numbersOrdered": body["numbers"], "failed": [],
    }  # fmt: skip
    clock.at += 86_399
    assert ask(simulator, "POST", "/orders", body, key("k")) == first
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550112"]}, key("k")) == first
    assert simulator.ledger.total() == Decimal("0.50")
    assert simulator.account.balance == Decimal("99.50")
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
    assert simulator.account.balance == 0


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
    assert rows[0]["dca"]["electedCarriers"] == ["AT&T", "T-Mobile", "Verizon"]
    assert rows[1]["dca"] is None


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
        ("GET", "/nothing", 404), ("PUT", "/orders", 405), ("GET", "/numbers/", 404),
    ],
)  # fmt: skip
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
