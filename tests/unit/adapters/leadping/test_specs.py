"""Leadping against its published contracts: the official OpenAPI document, and the fields of two client releases.

The documents are found through ``ANYCARRIER_SPECS``. Where a request or an answer of ours differs from one of them, the
difference stands with its reason in ``tests/specs/exceptions_leadping.toml``; one that no longer applies fails.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from anycarrier import Search
from anycarrier import errors as e
from anycarrier.decoding import Record
from anycarrier.exchange import Exchange, Request, Response
from anycarrier.model import Money, Offer, OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import Attempt, AttemptState, Draft
from anycarrier.simulator import SimAnswer, SimRequest
from anycarrier_adapters.leadping import AdminOverride, Leadping, LeadpingPurchase, api, enums, schemas, versions
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, LeadpingSimulator
from support.schemas import EXAMPLES, judge, made
from support.script import drive

pytestmark = pytest.mark.specs

NUMBER = PhoneNumber("+12015550123")
OFFICIAL, JUNE, OCTOBER = "leadping-openapi.json", "leadping-kiota-1.0.5.json", "leadping-kiota-1.0.83.json"
VERSION_OF = {JUNE: "2026-06", OFFICIAL: "2026-08", OCTOBER: "2026-10"}
EXCEPTIONS = Path(__file__).parents[3] / "specs" / "exceptions_leadping.toml"

Problem = tuple[str, str, str, str]
"""Document, API version, request, and what is wrong."""


# -- the documents, in one form


@frozen
class Operation:
    """One documented operation; ``body`` and ``answer`` are schemas."""

    query: frozenset[str]
    body: Any
    answer: Any


@frozen
class Document:
    """A published contract: operations by method and path (``{}`` for each parameter), and its named schemas."""

    name: str
    operations: dict[tuple[str, str], Operation]
    named: dict[str, Any]

    def schema(self, name: str) -> Any:
        return self.whole({"$ref": f"#/components/schemas/{name}"})

    def whole(self, schema: Any) -> Any:
        """*schema* without references, so that it stands alone."""
        if isinstance(schema, list):
            return [self.whole(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self.whole(self.named[schema["$ref"].rsplit("/", 1)[1]])
        made = {name: self.whole(part) for name, part in schema.items() if name not in ("description", "example")}
        inner = made.pop("allOf", None)
        if inner is None:
            return made
        kind = made.get("type", inner[0].get("type"))
        return {**inner[0], **made, "type": kind}


def folder() -> Path:
    named = os.environ.get("ANYCARRIER_SPECS")
    if not named:
        pytest.skip("official documents not given: set ANYCARRIER_SPECS")
    return Path(named)


@cache
def _official(path: Path) -> Document:
    told = json.loads(path.read_text("utf-8"))
    operations: dict[tuple[str, str], Operation] = {}
    for template, methods in told["paths"].items():
        for method, operation in methods.items():
            if not isinstance(operation, dict):
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            good = next((answer for status, answer in operation["responses"].items() if status < "300"), {})
            answer = good.get("content", {}).get("application/json", {}).get("schema")
            query = frozenset(one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query")
            operations[method.upper(), _plain(template)] = Operation(query, body, answer)
    return Document(path.name, operations, told["components"]["schemas"])


@cache
def _derived(path: Path) -> Document:
    """A field list of the client: no member is required there, and any may be null."""
    told = json.loads(path.read_text("utf-8"))
    models, enums = told["models"], told["enums"]

    def kind(text: str) -> Any:
        if text.startswith("array<"):
            return {"type": ["array", "null"], "items": kind(text[6:-1])}
        if text in models:
            return {"allOf": [{"$ref": f"#/components/schemas/{text}"}], "type": ["object", "null"]}
        if text in enums:
            return {"type": ["string", "null"], "enum": [*enums[text], None]}
        if text == "date-time":
            return {"type": ["string", "null"], "format": "date-time"}
        return {"type": [{"str": "string"}.get(text, text), "null"]}

    def members(name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for base in models[name].get("extends", ()):
            found |= members(base) if base in models else {}
        return found | {key: kind(value["type"]) for key, value in models[name].get("properties", {}).items()}

    named: dict[str, Any] = {name: {"type": "object", "properties": members(name)} for name in models}
    operations = {
        (one["method"], _plain(one["path"])): Operation(
            frozenset(one["query"]),
            named.get(one["body"] or ""),
            named.get(one["returns"] or ""),
        )
        for one in told["operations"]
    }
    return Document(path.name, operations, named)


def document(name: str) -> Document:
    path = folder() / name
    return _official(path) if name == OFFICIAL else _derived(path)


def _plain(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def differences(schema: Any, value: Any, where: str = "") -> Iterator[str]:
    """Where *value* breaks *schema*, and members that it does not name."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema).iter_errors(value):
        yield f"{where}{error.json_path.removeprefix('$')} {error.validator}: {error.message}"[:120].strip()
    yield from _unknown(schema, value, where)


def _unknown(schema: Any, value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict) and "properties" in schema:
        for name, member in value.items():
            if name not in schema["properties"]:
                yield f"unknown member {where}{name}"
            else:
                yield from _unknown(schema["properties"][name], member, f"{where}{name}.")
    elif isinstance(value, list):
        for one in value[:1]:
            yield from _unknown(schema.get("items", {}), one, where)


def exceptions(part: str) -> dict[Problem, str]:
    told = tomllib.loads(EXCEPTIONS.read_text("utf-8"))[part]
    found = {
        (one["document"], api_version, one["request"], problem): one["reason"]
        for one in told
        for api_version in one["versions"]
        for problem in one["problems"]
    }
    assert all(len(reason) > 20 for reason in found.values())
    return found


# -- what is sent


def said(value: object, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(value).encode())


def sent(api_version: str) -> list[Request]:
    """Every kind of request that the adapter makes."""
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    offer = Offer(provider="leadping", account="leadping", number=NUMBER)
    owner = {"id": "own_1", "name": "X"}
    told = {
        "id": "num_1",
        "number": NUMBER,
        "name": "Main",
        "enabled": True,
        "numberHealthEnabled": True,
        "business": owner,
        "organization": owner,
        "adminEnablementOverride": {"enabled": True, "reason": "r", "updatedByUserId": "u", "updatedAt": None},
    }
    row = {"id": "num_1", "number": NUMBER}
    pages = [said({"items": [], "continuationToken": "t"}), said({"items": [row]})]
    provider = Leadping(api_key=DUMMY_API_KEY, api_version=api_version)
    api = provider.api
    full = Search(area_code="201", city="Hackensack", state="NJ", country="US")
    named, _ = drive(provider.draft(offer, key="k", options=[LeadpingPurchase(name="Desk", number_health=True)]))
    plain, _ = drive(provider.draft(offer, key="k"))
    attempt = Attempt(draft=plain, state=AttemptState.IN_DOUBT, first_sent=0.0, last_sent=0.0)
    scripts: list[tuple[Exchange[Any], list[Response]]] = [
        (provider.search(Search()), [said({"numbers": []})]),
        (provider.search(full), [said({"numbers": []})]),
        (provider.availability(NUMBER), [said({"isAvailable": True})]),
        (provider.place(plain), [said(told)]),
        (provider.place(named), [said(told)]),
        (provider.find_purchase(attempt), [*pages, *pages]),
        (provider.list(), pages),
        (Leadping(api_key=DUMMY_API_KEY, api_version=api_version).get(NUMBER), [*pages, said(told)]),
        (provider.update(ours, name="Desk"), [said(told), said({**told, "name": "Desk"})]),
        (provider.release(ours), [Response(204), said(told)]),
        (provider.campaign_of(ours), [said(told)]),
        (api.status(NUMBER, window_days=7), [said({})]),
        (api.warmup("num_1", window_days=7), [said({})]),
        (api.owner(), [said({})]),
        (api.sender_for_conversation("c", channel="sms"), [said({})]),
        (api.sender_for_new(channel="sms", recipientPhoneNumber=NUMBER), [said({})]),
        (api.validate_sender("num_1", channel="sms"), [said({})]),
        (api.set_sender("c", "num_1", channel="sms"), [said({})]),
        (api.clear_sender("c"), [said({})]),
    ]
    if "enabled" in provider.api_version.update:
        scripts.append((provider.update(ours, enabled=False), [said(told), said({**told, "enabled": False})]))
        moved = {**told, "business": {"id": "own_2"}, "organization": {"id": "own_2"}}
        scripts.append((provider.transfer(ours, "own_2"), [said(told), said(moved)]))
    if "adminEnablementOverride" in provider.api_version.update:
        override = AdminOverride(enabled=False, reason="x")
        shown = {**told, "adminEnablementOverride": override.as_dict()}
        scripts.append((provider.update(ours, admin_enablement_override=override), [said(told), said(shown)]))
    requests: list[Request] = []
    for exchange, answers in scripts:
        value, effects = drive(exchange, *answers)
        assert not isinstance(value, Exception), (value, effects)
        requests += [effect for effect in effects if isinstance(effect, Request)]
    return requests


def judged(against: Document, api_version: str) -> Iterator[Problem]:
    for request in sent(api_version):
        label = f"{request.method} {request.path}"
        operation = against.operations.get((request.method, _plain(request.path)))
        if operation is None:
            yield against.name, api_version, label, "unknown operation"
            continue
        for name, _ in request.query:
            if name not in operation.query:
                yield against.name, api_version, label, f"unknown parameter {name}"
        if request.body is not None:
            schema = {} if operation.body is None else against.whole(operation.body)
            for difference in differences(schema, json.loads(request.body)):
                yield against.name, api_version, label, difference


def test_every_request_is_as_the_documents_say() -> None:
    found: set[Problem] = set()
    for api_version in versions.VERSIONS:
        found |= set(judged(document(OFFICIAL), api_version))
    for name in (JUNE, OCTOBER):
        found |= set(judged(document(name), VERSION_OF[name]))
    expected = exceptions("request")
    assert sorted(found - expected.keys()) == []
    assert sorted(expected.keys() - found) == [], "no longer applies"


def test_the_check_sees_a_request_that_is_wrong() -> None:
    against = document(OFFICIAL)
    schema = against.whole(against.operations["POST", "/phone-numbers"].body)
    assert list(differences(schema, {"name": "x", "number": 7, "routing": {}}))[0:2] == [
        ".number type: 7 is not of type 'string'",
        "unknown member routing",
    ]
    assert any("required" in one for one in differences(schema, {"name": "x"}))


# -- what is read


MODELS: dict[str, type[Record]] = {
    "PhoneNumberResponse": schemas.NumberRecord,
    "PhoneNumberTableRow": schemas.NumberRow,
    "PagedResultOfPhoneNumberTableRow": schemas.Page,
    "PhoneNumberSearchResponse": Record,
    "PhoneNumberSearchResult": schemas.FoundNumber,
    "PhoneNumberAvailabilityResponse": schemas.Availability,
    "PhoneNumberLocation": schemas.Location,
    "PhoneNumberRoutingMetadata": schemas.Routing,
    "PhoneNumberReadiness": schemas.Readiness,
    "PhoneNumberCapabilities": schemas.Capabilities,
    "PhoneNumberBillingAttribution": schemas.Billing,
    "PhoneNumberEventRecord": schemas.Event,
    "AdminEnablementOverride": schemas.AdminEnablementOverride,
    "Coordinate": schemas.Coordinate,
    "IdNamePair": schemas.IdName,
}


LISTS = {
    "PagedResultOfPhoneNumberTableRow": {api.Api._rows_of_business.endpoint.at[-1]},
    "PhoneNumberSearchResponse": {api.Api.search.at[-1]},
}
"""The members that endpoints name, and no record."""


@pytest.mark.parametrize("name", [JUNE, OFFICIAL, OCTOBER])
def test_every_documented_member_is_modelled(name: str) -> None:
    against = document(name)
    compared = 0
    for documented, model in MODELS.items():
        if documented not in against.named:
            continue
        members = set(against.schema(documented)["properties"]) - LISTS.get(documented, set())
        assert members <= {to_camel(field) for field in model.__struct_fields__}, documented
        compared += 1
    assert compared >= 10
    ten_dlc = next((one for one in against.named if "TenDlc" in one and one.startswith("PhoneNumber")), None)
    if name == JUNE:
        assert ten_dlc is not None
        members = set(against.schema(ten_dlc)["properties"])
        assert members <= {to_camel(field) for field in schemas.TenDlc.__struct_fields__}


def test_the_seeds_record_is_modelled_whole() -> None:
    members = set(document(JUNE).schema("PhoneNumberResponse")["properties"])
    assert len(members) == 55
    extra = {
        "organization",
        "phoneIdentityId",
        "warmup",
        "numberHealthEnabled",
        "smsReady",
        "voiceReady",
        "isDemo",
        "ownership",
    }
    assert {to_camel(field) for field in schemas.NumberRecord.__struct_fields__} == members | extra


ENUMS = {
    "PhoneNumberInventoryState": enums.InventoryState,
    "InternalPhoneNumberStatus": enums.NumberStatus,
    "PhoneNumberProviderLifecycleState": enums.LifecycleState,
    "PhoneNumberResponse_warmupState": enums.WarmupState,
    "PhoneNumberResponse_healthStatus": enums.WarmupState,
    "PhoneNumberResponse_callWarmupState": enums.CallWarmupState,
    "PhoneNumberResponse_callWarmupStage": enums.CallWarmupStage,
    "PhoneNumberReadiness_state": enums.ReadinessState,
    "PhoneNumberReadiness_healthStatus": enums.ReadinessHealth,
    "PhoneNumberReadiness_callStage": enums.CallWarmupStage,
    "PhoneNumberOwnership": enums.Ownership,
}


def test_every_word_of_every_enum_is_modelled() -> None:
    told: dict[str, Any] = {}
    for name in (JUNE, OCTOBER):
        told |= json.loads((folder() / name).read_text("utf-8"))["enums"]
    for documented, enum in ENUMS.items():
        assert [*told[documented]] == [*enum], documented
    warmup = document(OFFICIAL).schema("PhoneNumberReadiness")["properties"]
    assert warmup["state"]["enum"] == [*enums.ReadinessState]
    assert warmup["healthStatus"]["enum"] == [*enums.ReadinessHealth]


def test_the_documented_problem_is_read() -> None:
    told = json.loads((folder() / OFFICIAL).read_text("utf-8"))
    found = [one for one in _examples(told) if {"title", "status"} <= one.keys()]
    assert found
    for example in found[:50]:
        error, _ = drive(Leadping(api_key="lp_1").search(Search()), said(example, 400))
        assert type(error) is e.InvalidRequest
        assert example["title"] in error.detail


def _examples(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("example"), dict):
            yield value["example"]
        for member in value.values():
            yield from _examples(member)
    elif isinstance(value, list):
        for member in value:
            yield from _examples(member)


READS: dict[str, str] = {
    "get": "PhoneNumberResponse",
    "place": "PhoneNumberResponse",
    "update": "PhoneNumberResponse",
    "release": "PhoneNumberResponse",
    "campaign_of": "PhoneNumberResponse",
    "list": "PagedResultOfPhoneNumberTableRow",
    "look": "PagedResultOfPhoneNumberTableRow",
    "search": "PhoneNumberSearchResponse",
    "availability": "PhoneNumberAvailabilityResponse",
    "refused": "ProblemDetails",
}


def _exchange(operation: str, api_version: str) -> Any:
    provider = Leadping(api_key=DUMMY_API_KEY, api_version=api_version)
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    draft = Draft(provider="leadping", account="leadping", number=NUMBER, key="k", body=b"{}")
    attempt = Attempt(draft=draft, state=AttemptState.IN_DOUBT, first_sent=0.0, last_sent=0.0)
    exchanges: dict[str, Any] = {
        "get": lambda: provider.get(ours),
        "place": lambda: provider.place(draft),
        "update": lambda: provider.update(ours, name="A"),
        "release": lambda: provider.release(ours),
        "campaign_of": lambda: provider.campaign_of(ours),
        "list": provider.list,
        "look": lambda: provider.find_purchase(attempt),
        "search": lambda: provider.search(Search(limit=1000)),
        "availability": lambda: provider.availability(NUMBER),
        "refused": lambda: provider.search(Search()),
    }
    return exchanges[operation]()


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("name", [JUNE, OFFICIAL, OCTOBER])
def test_answers_made_from_the_schemas_are_a_value_or_an_unexpected_response(operation: str, name: str) -> None:
    refused = operation == "refused"
    statuses = st.sampled_from([400, 401, 403, 404, 409, 422, 429, 500, 503]) if refused else st.just(200)
    seen = judge(
        st.tuples(statuses, made(document(name).schema(READS[operation]))),
        lambda: _exchange(operation, VERSION_OF[name]),
        mend=_numbered,
        before=(Response(204),) if operation == "release" else (),
    )
    assert seen.total() >= EXAMPLES
    assert seen["value"] or operation in ("refused", "update")


def _numbered(answer: Any) -> None:
    """Of our number, and on its last page."""
    if isinstance(answer, dict):
        if "numbers" not in answer and "items" not in answer and "isAvailable" not in answer:
            answer["number"] = NUMBER.e164
        if "phoneNumber" in answer:
            answer["phoneNumber"] = NUMBER.e164
        for name in ("numbers", "items"):
            for one in answer.get(name) or ():
                _numbered(one)
        if answer.get("continuationToken"):
            answer["continuationToken"] = None
        if "price" in answer:
            answer |= {"isAvailable": True, "currency": "USD"}


# -- what is played


def asked(simulator: LeadpingSimulator, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {DUMMY_API_KEY}"}
    data = b"" if body is None else json.dumps(body).encode()
    answer = simulator.handle(SimRequest(method, path, headers=headers, body=data))
    assert isinstance(answer, SimAnswer)
    return answer.status, json.loads(answer.body) if answer.body else None


@pytest.mark.parametrize("name", [JUNE, OFFICIAL, OCTOBER])
def test_the_simulator_answers_as_the_document_of_its_api_version_says(name: str) -> None:
    against, api_version = document(name), VERSION_OF[name]
    simulator: LeadpingSimulator = LeadpingSimulator(api_version=api_version)  # type: ignore[arg-type]
    number = "+12015550101"
    listed = versions.VERSIONS[api_version].list_path
    talk: list[tuple[str, str, str, Any]] = [
        ("POST", "/phone-numbers/search", "/phone-numbers/search", {"phoneNumber": "+1201"}),
        ("POST", "/phone-numbers/is-available-for-purchase", "", {"phoneNumber": number}),
        ("POST", "/phone-numbers", "", {"name": "x", "number": number, "enabled": True}),
        ("POST", listed, "", {"pageSize": 2, "includeCount": True}),
        ("GET", "/phone-numbers/num_000004", "/phone-numbers/{}", None),
        ("GET", "/phone-numbers/num_000003", "/phone-numbers/{}", None),
        ("PUT", "/phone-numbers/num_000004", "/phone-numbers/{}", {"name": "y", "number": number, "enabled": True}),
        ("GET", f"/phone-numbers/{number}/status", "/phone-numbers/{}/status", None),
        ("GET", "/phone-numbers/num_000004/warmup", "/phone-numbers/{}/warmup", None),
        ("DELETE", "/phone-numbers/num_000004", "/phone-numbers/{}", None),
    ]
    found: set[Problem] = set()
    for method, path, template, body in talk:
        status, answer = asked(simulator, method, path, body)
        assert status == (204 if method == "DELETE" else 200), (method, path, answer)
        operation = against.operations[method, template or path]
        if operation.answer is not None:
            schema = against.whole(operation.answer)
            found |= {(name, api_version, f"{method} {template or path}", one) for one in differences(schema, answer)}
    expected = {key: why for key, why in exceptions("answer").items() if key[0] == name}
    assert sorted(found - expected.keys()) == []
    assert sorted(expected.keys() - found) == [], "no longer applies"
    played = {(line.method, _plain(line.path)) for line in simulator.routes}
    other = {("POST", one.list_path) for one in versions.VERSIONS.values()} - {("POST", listed)}
    assert played - other <= against.operations.keys()


def test_money_is_read_from_the_schemas_as_it_is_written() -> None:
    schema = document(OFFICIAL).schema("PhoneNumberAvailabilityResponse")
    answer = {"phoneNumber": NUMBER, "isAvailable": True, "price": 1.15, "currency": "USD", "location": None}
    assert not list(differences(schema, answer))
    value, _ = drive(_exchange("availability", "2026-08"), said(answer))
    assert value.price == Money("1.15")
