"""Every operation of the simulated VoiceTel once well and in its refusals, and against the official document."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anycarrier_adapters.voicetel.simulator import CHOICES, VoiceTelSimulator
from support.voicetel_steps import FREE, N, Step, ask, conversed

UNDOCUMENTED = {("POST", "/v2.2/numbers", 400): "bad body", ("PUT", "/v2.2/gateways/{id}", 400): "bad body"}
"""Statuses that the document lacks for an operation, each with its line in CHOICES."""


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
    """Places at which *answer* breaks *schema*, and which members are too many or missing."""
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
