"""Leadping's published contracts in one form: operations, and schemas of records."""

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

from anycarrier.exchange import Response
from anycarrier.numbers import PhoneNumber

NUMBER = PhoneNumber("+12015550123")
OFFICIAL, JUNE, OCTOBER = "leadping-openapi.json", "leadping-kiota-1.0.5.json", "leadping-kiota-1.0.83.json"
VERSION_OF = {JUNE: "2026-06", OFFICIAL: "2026-08", OCTOBER: "2026-10"}


EXCEPTIONS = Path(__file__).parents[1] / "specs" / "exceptions_leadping.toml"

Problem = tuple[str, str, str, str]
"""Document, API version, request, and what is wrong."""


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
        members = schema.get("properties", {})
        made = {name: self.whole(part) for name, part in schema.items() if name not in ("description", "example")}
        if isinstance(members, dict) and members:  # a member may have such a name
            made["properties"] = {name: self.whole(part) for name, part in members.items()}
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
            frozenset(one["query"]), named.get(one["body"] or ""), named.get(one["returns"] or "")
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
    """Places at which *value* breaks *schema*, and members that it does not name."""
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


def said(value: object, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(value).encode())


def exceptions(part: str) -> dict[Problem, str]:
    told = tomllib.loads(EXCEPTIONS.read_text("utf-8")).get(part, [])
    found = {
        (one["document"], api_version, request, problem): one["reason"]
        for one in told
        for api_version in one["versions"]
        for request in one.get("requests") or [one["request"]]
        for problem in one["problems"]
    }
    assert all(len(reason) > 20 for reason in found.values())
    return found
