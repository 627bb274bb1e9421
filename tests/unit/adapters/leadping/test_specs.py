"""Requests to Leadping and answers of its simulator against its published contracts."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anycarrier import Search
from anycarrier.exchange import Exchange, Request, Response
from anycarrier.model import Offer, OwnedNumber
from anycarrier.provider import Attempt, AttemptState
from anycarrier.simulator import SimAnswer, SimRequest
from anycarrier_adapters.leadping import AdminOverride, Leadping, LeadpingPurchase
from anycarrier_adapters.leadping.api import versions
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, LeadpingSimulator
from support.leadping_documents import (
    JUNE,
    NUMBER,
    OCTOBER,
    OFFICIAL,
    VERSION_OF,
    Document,
    _plain,
    differences,
    document,
    said,
)
from support.script import drive

pytestmark = pytest.mark.specs
EXCEPTIONS = Path(__file__).parents[3] / "specs" / "exceptions_leadping.toml"

Problem = tuple[str, str, str, str]
"""Document, API version, request, and what is wrong."""


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
