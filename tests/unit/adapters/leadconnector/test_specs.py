"""LeadConnector's official documents: our requests are valid by them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_schema_validator import OAS30Validator

from anycarrier import Line, NotFound, Search
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters import lc_legacy, lc_phone
from support.lc import LOCATION, NAMES, Lc, answer, available, bought, listed
from support.lc_documents import Documents

pytestmark = pytest.mark.specs
EXCEPTIONS = Path(__file__).parents[3] / "specs" / "exceptions_lc.toml"


# -- our requests


def requests_of(name: str) -> list[WireRequest]:
    """Every kind of request that the adapter sends."""
    number, address = "+12015550123", "AD1234567890abcdef1234567890abcde"
    everything: dict[str, Any] = {
        "address_sid": address,
        "bundle_sid": "BU1234567890abcdef1234567890abcde",
        "locality": "San Antonio",
        "region": "TX",
        "skip_location_kyc": False,
        "country_code": "US",
        "number_type": Line.LOCAL,
    }
    purchase: Any = lc_legacy.LCPurchase(**everything)
    how: Any = lc_legacy.LCList(include_number_pools=False, page_size=1000)
    if name == "lc_phone":
        purchase = lc_phone.LCPurchase(
            **everything, payment_intent_id="pi_3Oxx", stripe_account_id="acct_1Oxx", payment_method_id="pm_1Oxx"
        )
        how = lc_phone.LCList(include_number_pools=False, page_size=1000)
    lc = Lc(
        name,
        answer(available()),
        answer(available()),
        answer(available(number, mark="1")),
        bought(name, number),
        answer(available(number, mark="2")),
        bought(name, number),
        answer(listed()),
        answer(listed()),
        answer(listed()),
        answer([]),
    )
    lc.search(Search())
    every = Search(prefix="201", ends_with="3", contains="5", features={"sms", "mms", "voice"}, line="local")
    lc.search(every)
    lc.buy(number)
    lc.buy(number, options=[purchase])
    lc.list()
    lc.list(options=[how])
    with pytest.raises(NotFound):
        lc.get(number)
    lc.run(lc.provider.number_pools())
    if name == "lc_phone":
        lc.wire.answers.append(answer(listed()))
        lc.run(lc.provider.api.rcs_sender_ids())
    return [*lc.wire.requests, *token_requests(name)]


def token_requests(name: str) -> list[WireRequest]:
    class Store:
        def load(self) -> Any:
            return lc_phone.Tokens(access_token="a", refresh_token="b", expires_at=0)

        def save(self, tokens: Any) -> None: ...

    lc = Lc(
        name,
        answer({"access_token": "c", "refresh_token": "d"}),
        answer(listed()),
        client_id="id",
        client_secret="cs-sesame",
        token_source=Store(),
    )
    lc.list()
    return lc.wire.requests[:1]


def findings(documents: Documents, request: WireRequest) -> Iterator[str]:
    path = urlsplit(request.url).path
    for method, template, operation, document in documents.operations():
        if method == request.method and template.replace("{locationId}", LOCATION) == path:
            where = f"{documents.name} {method} {template.rpartition('/')[2]}"
            whole = documents.resolved(operation, document)
            yield from (f"{where}: {problem}" for problem in parameter_problems(whole, request))
            yield from (f"{where}: {problem}" for problem in body_problems(whole, request))
            return
    yield f"{documents.name} {request.method} {path} is no documented operation"


def parameter_problems(operation: Any, request: WireRequest) -> Iterator[str]:
    query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    headers = {name.lower(): value for name, value in request.headers}
    assert len(headers) == len(request.headers), "a header twice"
    declared = {"query": set(), "header": set()}  # type: dict[str, set[str]]
    for parameter in operation["parameters"]:
        place, name, schema = parameter["in"], parameter["name"], parameter["schema"]
        if place == "path":
            continue
        declared[place].add(name)
        given = query if place == "query" else headers
        value = given.get(name if place == "query" else name.lower())
        if value is None:
            if parameter.get("required"):
                yield f"{place} {name} is required"
            continue
        for error in OAS30Validator(schema).iter_errors(typed(value, schema.get("type"))):
            yield f"{place} {name}: {error.message}"
    for name in query.keys() - declared["query"]:
        yield f"query {name} is not documented"


def typed(value: str, kind: str | None) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    if kind in ("number", "integer"):
        return json.loads(value)
    return [value] if kind == "array" else value


def body_problems(operation: Any, request: WireRequest) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        if request.body is not None:
            yield "no body is documented"
        return
    kind = dict(request.headers)["content-type"]
    if kind not in content:
        yield f"content type {kind} is not documented"
        return
    text = (request.body or b"").decode()
    body = json.loads(text) if kind == "application/json" else dict(parse_qsl(text))
    schema = content[kind]["schema"]
    for name in body.keys() - schema["properties"].keys():
        yield f"body {name} is not documented"
    for error in OAS30Validator(schema).iter_errors(body):
        if error.validator == "required":
            yield f"body {error.message.split(chr(39))[1]} is required"
        else:
            yield f"body {'.'.join(map(str, error.path))}: {error.message}"


def test_requests_are_valid_but_for_the_documents_own_defects() -> None:
    found = {
        finding for name in NAMES for request in requests_of(name) for finding in findings(Documents(name), request)
    }
    listed_there = tomllib.loads(EXCEPTIONS.read_text())["exception"]
    assert all(entry["reason"].strip() for entry in listed_there)
    excused = [finding for entry in listed_there for finding in entry["finding"]]
    assert sorted(found) == sorted(excused)


def test_the_documented_request_is_what_we_send() -> None:
    (operation,) = [each for _, path, each, _ in Documents("lc_legacy").operations() if path.endswith("/purchase")]
    documented = operation["requestBody"]["content"]["application/json"]["examples"]["purchase-local-number"]["value"]
    number = documented["phoneNumber"]
    lc = Lc("lc_legacy", answer(available(number, mark="1")), bought("lc_legacy", number))
    lc.buy(number)
    assert lc.wire.body() == {**documented, "fingerprintId": "1"}
