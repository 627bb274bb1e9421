"""Every operation of the simulated VoiceTel once well and in its refusals, against the official document."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from anycarrier.simulator.routes import Route
from anycarrier_adapters.voicetel.simulator import CHOICES, VoiceTelSimulator
from support.voicetel_played import UNDOCUMENTED, N, ask, conversed


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
    """Return each break of *schema* in *answer*, and the members that are too many or missing."""
    return [*broken(document, schema, answer), *members(document, schema, answer, "$")]


def broken(document: dict[str, Any], schema: Any, value: Any) -> list[str]:
    """Return each break of *schema* in *value*."""
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
