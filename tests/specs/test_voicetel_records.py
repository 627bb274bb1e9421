"""VoiceTel's records and arguments against its official document: nothing that it documents is untyped or missing."""

# ruff: noqa: F811 - fixtures come from another module

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from anycarrier import adapter, decoding
from anycarrier import errors as e
from anycarrier.decoding import Details, OneOf, Record, Rows, Text
from anycarrier.exchange import Request
from anycarrier.numbers import PhoneNumber
from anycarrier.secret import Secret
from anycarrier_adapters.voicetel import schemas
from anycarrier_adapters.voicetel.api import Api
from support.schemas import made, real, resolved
from support.script import Script, answer
from support.voicetel import CALLS, NUMBER, provider

from .test_voicetel import (  # noqa: F401 - fixtures
    EXCEPTIONS,
    SUCCESS,
    document,
    documented_as,
    example,
    operations,
    path,
    sent,
)

pytestmark = pytest.mark.specs

NUMBERS = {"Number", "OptionalNumber", "NumberOrText", "TenDigit", "OptionalTenDigit"}
COMPATIBLE: dict[str, set[str]] = {
    "date-time": {"Instant"},
    "number of ten digits": NUMBERS,
    "string": {"Text", "str", "Hidden", "Any"},
    "integer": {"Whole", "Count", "int"},
    "number": {"Amount", "Rate"},
    "boolean": {"Flag", "bool"},
}
"""Types of fields that fit a member, by its documented type."""
NAMES = [*sorted(NUMBERS), "Text", "Hidden", "Whole", "Count", "Amount", "Rate", "Flag", "Instant", "UnixTime", "Day"]
MARKED = {getattr(decoding, name): name for name in NAMES}


def endpoint_of(request: Request) -> adapter.Endpoint[Any]:
    """The endpoint that a request is made by."""
    found = [one for one in endpoints() if (one.method, one.path) == (request.method, request.path)]
    assert found, request.path
    return found[0]


def endpoints() -> Iterator[adapter.Endpoint[Any]]:
    for cls in Api.__mro__:
        for member in vars(cls).values():
            one = vars(member).get("endpoint") if isinstance(member, types.FunctionType) else member
            one = getattr(one, "endpoint", one)
            if isinstance(one, adapter.Endpoint):
                yield one


def response_schema(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any] | None:
    """Schema of the answer's ``data``, without references; ``None`` for an answer without a body."""
    (status,) = [status for status in operation["responses"] if status in SUCCESS]
    content = operation["responses"][status].get("content")
    if content is None:
        return None
    schema = resolved(content["application/json"]["schema"], lambda name: _named(document, name))
    data: dict[str, Any] = schema["properties"]["data"]
    return data


def _named(document: dict[str, Any], name: str) -> Any:
    return document["components"]["schemas"][name.rpartition("/")[2]]


CASES = sorted(CALLS)


def part(name: str, document: dict[str, Any], operations: dict[str, Any]) -> Any:
    """Documented schema of the part that an operation's record stands for, and the record's type; ``None`` for an
    answer without a body."""
    (request,) = sent(CALLS[name][0](provider().api))
    operation = operations[documented_as(request, operations)]
    schema = response_schema(document, operation)
    if schema is None:
        return None
    endpoint = endpoint_of(request)
    for step in endpoint.at[1:]:
        assert list(schema["properties"]) == [step], f"{step} has siblings"
        schema = schema["properties"][step]
    kind = list[endpoint.record] if endpoint.around is not None else endpoint.record  # type: ignore[name-defined]
    return schema, kind


@pytest.fixture
def case(name: str, document: dict[str, Any], operations: dict[str, Any]) -> Any:
    return part(name, document, operations)


def named(kind: Any) -> str:
    """Name of a field's type: of the marker, or of the plain type within what may be missing."""
    if kind in MARKED:
        return MARKED[kind]
    if get_origin(kind) is Annotated:
        return named(get_args(kind)[0])
    inner = within(kind)
    return inner.__name__ if isinstance(inner, type) else str(inner).removeprefix("typing.")


def within(kind: Any) -> Any:
    """*kind* without what may be missing."""
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = [one for one in get_args(kind) if one not in (type(None), msgspec.UnsetType)]
    return kind


def problems(schema: dict[str, Any], kind: Any, at: str) -> Iterator[str]:
    """Members that *kind* lacks, and those whose type does not fit; ``at`` ends in the member's name."""
    inner = within(kind)
    if "properties" in schema:
        if not (isinstance(inner, type) and issubclass(inner, Record)):
            yield f"{at}: an object is read as {inner}"
            return
        fields = {one.encode_name: one.type for one in msgspec.structs.fields(inner)}
        for name, part in schema["properties"].items():
            if name in fields:
                yield from problems(part, fields[name], f"{at}.{name}")
            else:
                yield f"{at}.{name}: {inner.__name__} has no such member"
    elif "items" in schema:
        if get_origin(inner) is not list:
            yield f"{at}: a list is read as {inner}"
        else:
            yield from problems(schema["items"], get_args(inner)[0], f"{at}[]")
    else:
        said, ours = documented_type(schema), named(kind)
        words = [one for one in schema.get("enum", ()) if one is not None]
        if isinstance(kind, type(Text)) and (marks := [one for one in kind.__metadata__ if isinstance(one, OneOf)]):
            if list(marks[0].values) != words:
                yield f"{at}: {marks[0].values} are not the documented words {words}"
        elif len(words) > 1 and ours == "Text":
            yield f"{at}: the documented words {words} are not named"
        elif ours not in COMPATIBLE[said] and not excepted(at, ours):
            yield f"{at}: {said} is read as {ours}"


def documented_type(schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "string")
    kind = next(one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null")
    if schema.get("format") == "date-time":
        return "date-time"
    return "number of ten digits" if schema.get("pattern", "").startswith("^[2-9][0-9]{2}[2-9]") else str(kind)


def excepted(at: str, ours: str) -> bool:
    return any(at.endswith(one["member"]) and one["as"] == ours for one in EXCEPTIONS["typed"])


@pytest.mark.parametrize("name", CASES)
def test_every_documented_member_has_a_field_of_its_type(name: str, case: Any) -> None:
    if case is not None:
        wrong = list(problems(*case, name))
        assert not wrong, "\n".join(wrong)


def members(schema: dict[str, Any]) -> int:
    parts = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return len(schema.get("properties", {})) + sum(map(members, parts))


def test_the_document_has_hundreds_of_members(document: dict[str, Any], operations: dict[str, Any]) -> None:
    found = [response_schema(document, operation) for operation in operations.values()]
    assert sum(members(one) for one in found if one is not None) > 800


def test_exceptions_of_types_still_apply(
    document: dict[str, Any], operations: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = EXCEPTIONS["typed"]
    monkeypatch.setitem(EXCEPTIONS, "typed", [])
    parts = [(name, found) for name in CASES if (found := part(name, document, operations)) is not None]
    wrong = [line for name, found in parts for line in problems(*found, name)]
    for one in listed:
        assert one["reason"]
        assert any(f"{one['member']}: " in line and line.endswith(f" as {one['as']}") for line in wrong), one


# -- requests


def fields_of(value: Any, at: str) -> Iterator[str]:
    """Names of all members within a body."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield f"{at}.{name}"
            yield from fields_of(part, f"{at}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from fields_of(part, f"{at}[]")


def documented_fields(schema: dict[str, Any], at: str) -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        yield f"{at}.{name}"
        yield from documented_fields(part, f"{at}.{name}")
    for part in [schema["items"]] if "items" in schema else []:
        for one in part.get("oneOf", [part]):
            yield from documented_fields(one, f"{at}[]")


@pytest.mark.parametrize("name", CASES)
def test_every_documented_request_field_is_an_argument(
    name: str,
    document: dict[str, Any],
    operations: dict[str, Any],
) -> None:
    """Some call of ours sends each: the calls give the functions all arguments that they have."""
    requests = [request for call in CALLS[name] for request in sent(call(provider().api))]
    operation = operations[documented_as(requests[0], operations)]
    ours: set[str] = set()
    for request in requests:
        ours |= {key for key, _ in request.query} | set(request.path_values) | set(request.headers)
        ours |= set(fields_of(json.loads(request.body or b"null"), ""))
    wanted = {one["name"].lower() if one["in"] == "header" else one["name"] for one in operation.get("parameters", ())}
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        wanted |= set(documented_fields(resolved(body, lambda one: _named(document, one)), ""))
    assert wanted <= ours, sorted(wanted - ours)


# -- answers


def lost(schema: dict[str, Any], value: Any, record: Any, at: str) -> Iterator[str]:
    """Return the parts of a documented answer that are not in the record that was read from it."""
    if "properties" in schema and isinstance(value, dict):
        fields = {one.encode_name: one.name for one in msgspec.structs.fields(record)}
        for name, part in schema["properties"].items():
            if name in value:
                yield from lost(part, value[name], getattr(record, fields[name]), f"{at}.{name}")
    elif "items" in schema and isinstance(value, list):
        if record is None or len(record) != len(value):
            yield f"{at}: {record!r} is not {value!r}"
        else:
            for one, ours in zip(value, record, strict=True):
                yield from lost(schema["items"], one, ours, f"{at}[]")
    elif not same(value, record):
        yield f"{at}: {record!r} is not {value!r}"


def same(value: Any, ours: Any) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return ours in (None, value)
    match ours:
        case Secret():
            return bool(ours.reveal() == value)
        case PhoneNumber():
            return ours.ten_digit == re.sub(r"^\+?1(?=.{10}$)", "", str(value))
        case datetime():
            return ours == (
                datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)
            )
        case date():
            return ours.strftime("%Y%m%d") == value
        case Decimal():
            return ours == Decimal(str(value))
        case int() if isinstance(value, str):
            return str(ours) == value
        case str():
            return ours == str(value)
    return bool(ours == value)


MEMBERS = {
    "number": NUMBER, "translated": NUMBER, "forwardTo": "2015550124", "status": "success", "destination": "2015550124",
    "callerId": NUMBER, "fromNumber": NUMBER, "toNumber": "2015550124", "ani": "2015550124", "dn": f"1{NUMBER}",
    "accountId": 1000000002, "translation": NUMBER, "localRoutingNumber": "2015550124", "sourceNumber": NUMBER,
    "destinationNumber": NUMBER, "apikey": "0" * 32, "zip": "07601", "foc": "20260518", "dur": "40",
    "rate": "0.0075", "nr": "0.025", "ba": "0.0175",
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_example_is_read_without_loss(name: str, case: Any, operations: dict[str, Any]) -> None:
    if case is None or name == "api_key":
        return
    (request,) = sent(CALLS[name][0](provider().api))
    key, endpoint = documented_as(request, operations), endpoint_of(request)
    response = example(operations, key)
    body = json.loads(response.body)
    if endpoint.record not in (schemas.Order, schemas.NumberRow):  # theirs have placeholders: see the exceptions
        for value in request.path_values.values():
            mend(body, value)
        script = Script(answer(body, response.status))
        record, _ = plain(script.run(CALLS[name][0](provider().api)), script.emitted)
        wrong = list(lost(case[0], payload(body, endpoint.at), record, name))
        allowed = [one["member"] for one in EXCEPTIONS["unread"] if one["operation"] == key]
        assert [one for one in wrong if not any(f"{member}: " in one for member in allowed)] == []
        assert len(wrong) == len(allowed)


def mend(body: Any, number: str) -> None:
    """Put the number that the request is about into an example."""
    data = body["data"]
    if "number" in data:
        data["number"] = number
    if "record" in data:
        data["record"]["dn"] = f"1{number}"


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("name", CASES)
def test_answers_of_the_schema_are_read_without_loss(
    name: str,
    case: Any,
    document: dict[str, Any],
    operations: dict[str, Any],
) -> None:
    if case is None or name == "api_key":
        return
    (request,) = sent(CALLS[name][0](provider().api))
    key = documented_as(request, operations)
    (status,) = [status for status in operations[key]["responses"] if status in SUCCESS]
    data = response_schema(document, operations[key])
    assert data is not None
    schema, endpoint, seen = case[0], endpoint_of(request), [0, 0]

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
    @given(made(data))
    def check(value: Any) -> None:
        real(value, MEMBERS)
        body = json.loads(json.dumps({"status": "success", "data": value}))
        if endpoint.path != "/v2.2/numbers" and not there(body, endpoint.at):
            return
        script = Script(answer(body, int(status)))
        try:
            found = script.run(CALLS[name][0](provider().api))
        except e.UnexpectedResponse:
            seen[1] += 1
            return
        seen[0] += 1
        value = payload(body, endpoint.at) if there(body, endpoint.at) else []
        if endpoint.around is not None:  # one that cannot be read does not hide the others
            value = [one for one in value if "number" in one]
        record, raw = plain(found, script.emitted)
        assert not list(lost(schema, value, record, name))
        for one, ours in zip(value if isinstance(value, list) else [value], raw, strict=True):
            assert "password" in one or dict(ours) == one  # a password is not shown

    check()
    assert seen[0] > seen[1] // 3, f"{seen[1]} of {sum(seen)} answers were refused"


def there(body: Any, at: tuple[str, ...]) -> bool:
    try:
        payload(body, at)
    except (KeyError, TypeError):
        return False
    return True


def payload(body: Any, at: tuple[str, ...]) -> Any:
    for step in at:
        body = body[step]
    return body


def plain(found: Any, emitted: list[Any]) -> tuple[Any, list[Any]]:
    """The record or list of records of an operation's value, and the ``raw`` of each."""
    if found is None:
        return [row for row, _ in emitted], [raw for _, raw in emitted]
    if isinstance(found, adapter.Answer):
        return found.value, [found.raw()]
    if isinstance(found, Rows):
        return [adapter.settled(row) for row in found], [found.raw(at) for at in range(len(found))]
    if isinstance(found, Details):
        return found, [found.raw]
    return found, [one.raw for one in found]
