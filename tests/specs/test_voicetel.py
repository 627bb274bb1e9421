"""VoiceTel against its official document: every request that we can send, every example that it gives.

The document is not part of this repository: ``ANYCARRIER_SPECS`` names the folder that holds it.
"""

from __future__ import annotations

import copy
import json
import os
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from attrs import evolve
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from anycarrier import errors as e
from anycarrier.engine.request import wire_request
from anycarrier.exchange import Request, Response
from anycarrier.model import BindingStatus, NoForward, PhoneNumber, ToGateway
from anycarrier.search import Search
from anycarrier_adapters.voicetel.api import Api
from support.script import Script, answer, failing, items, play
from support.voicetel import CALLS, NEUTRAL, N, provider

pytestmark = pytest.mark.specs

EXCEPTIONS = tomllib.loads((Path(__file__).parent / "exceptions_voicetel.toml").read_text(encoding="utf-8"))
SUCCESS = ("200", "201", "204")


@pytest.fixture(scope="module")
def path() -> Path:
    folder = os.environ.get("ANYCARRIER_SPECS")
    if not folder:
        pytest.skip("official documents not given: set ANYCARRIER_SPECS")
    found = Path(folder) / "voicetel-openapi.json"
    assert found.is_file(), "ANYCARRIER_SPECS is set, and voicetel-openapi.json is not in it"
    return found


@pytest.fixture(scope="module")
def document(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert loaded["info"]["version"] == "2.2.10"
    return loaded


@pytest.fixture(scope="module")
def official(path: Path) -> OpenAPI:
    return OpenAPI.from_file_path(str(path), config=Config(spec_validator_cls=None))


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By operationId, with method and path."""
    return {
        operation["operationId"]: {**operation, "method": method.upper(), "path": template}
        for template, methods in document["paths"].items()
        for method, operation in methods.items()
    }


class Asked:
    """A request as openapi-core wants it."""

    def __init__(self, method: str, url: str, headers: list[tuple[str, str]], body: bytes | None) -> None:
        parts = urlsplit(url)
        self.host_url = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path
        self.method = method.lower()
        self.body = body
        self.content_type = dict(headers).get("content-type", "application/json")
        self.parameters = RequestParameters(
            path={},
            query=ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True)),
            header=Headers(headers),
            cookie=ImmutableMultiDict(),
        )


class Stop(Exception):
    """No further."""


def sent(exchange: Any, *before: Response) -> list[Request]:
    """The requests up to the one for which there is no answer."""

    def stop(_: Request) -> None:
        raise Stop

    script = Script(*before, stop)
    with pytest.raises(Stop):
        script.run(exchange)
    return script.requests


def asked(request: Request) -> Asked:
    credentials = {"authorization": "Bearer 0123456789abcdef0123456789abcdef"} if request.authenticated else {}
    wire = wire_request(request, provider().accounts[0], credentials)
    return Asked(wire.method, wire.url, list(wire.headers), wire.body)


def schema_of(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    while "$ref" in body:
        body = document["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    return body


def check(request: Request, document: dict[str, Any], official: OpenAPI) -> None:
    official.validate_request(asked(request))
    operation = document["paths"][request.path][request.method.lower()]
    # The schemas allow what they do not name, so that is looked at here.
    documented = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    assert {name.lower() for name, _ in request.query} | set(request.headers) <= documented
    assert request.authenticated == (operation.get("security") != [])
    if request.body is None:
        assert "requestBody" not in operation
    else:
        assert set(json.loads(request.body)) <= set(schema_of(document, operation)["properties"])


BOUND = {"number": "2015550123", "campaign": {"id": "CH5K5IZ", "status": "ACTIVE"}}


def everything() -> Iterator[Any]:
    for name, calls in CALLS.items():
        for count, call in enumerate(calls):
            yield pytest.param(call, (), id=f"{name}-{count}")
    for name, neutral in NEUTRAL.items():
        before = (answer({"status": "success", "data": BOUND}),) if name == "unbind what it has" else ()
        yield pytest.param(lambda api, neutral=neutral: neutral(provider()), before, id=name)


@pytest.mark.parametrize(("call", "before"), list(everything()))
def test_requests_are_as_documented(
    call: Any, before: tuple[Response, ...], document: dict[str, Any], official: OpenAPI
) -> None:
    requests = sent(call(provider().api), *before)
    assert len(requests) == len(before) + 1
    for request in requests:
        check(request, document, official)


def test_every_documented_operation_is_there_and_no_other(document: dict[str, Any]) -> None:
    ours = {
        (request.method, request.path)
        for calls in CALLS.values()
        for call in calls
        for request in sent(call(provider().api))
    }
    documented = {(method.upper(), template) for template, methods in document["paths"].items() for method in methods}
    assert len(documented) == 74
    assert ours == documented


def documented_as(request: Request, operations: dict[str, Any]) -> str:
    wanted = request.method, request.path
    (found,) = [name for name, operation in operations.items() if (operation["method"], operation["path"]) == wanted]
    return found


def test_docstrings_name_the_operation_of_the_document(operations: dict[str, Any]) -> None:
    for name, calls in CALLS.items():
        (request,) = sent(calls[0](provider().api))
        (documented,) = [
            key
            for key, value in operations.items()
            if (value["method"], value["path"]) == (request.method, request.path)
        ]
        assert f"``{documented}``" in (getattr(type(provider().api), name).__doc__ or ""), name


def test_a_request_that_is_wrong_does_not_pass(document: dict[str, Any], official: OpenAPI) -> None:
    request = sent(provider().api.order([N], "k"))[0]
    with pytest.raises(OpenAPIError):
        check(evolve(request, body=b'{"numbers":["12015550123"]}'), document, official)
    with pytest.raises(OpenAPIError):
        check(evolve(request, headers={"idempotency-key": "not.a.key"}), document, official)
    with pytest.raises(AssertionError):
        check(evolve(request, body=b'{"numbers":["2015550123"],"color":"red"}'), document, official)


def example(operations: dict[str, Any], name: str) -> Response:
    """The success example of an operation, as an answer."""
    (status,) = [status for status in operations[name]["responses"] if status in SUCCESS]
    shown = operations[name]["responses"][status].get("content", {}).get("application/json", {}).get("example")
    return answer(copy.deepcopy(shown), int(status))


def changed(operations: dict[str, Any], name: str, *at: Any, to: Any) -> Response:
    """The same with one value replaced."""
    response = example(operations, name)
    body = json.loads(response.body)
    place = body
    for step in at[:-1]:
        place = place[step]
    place[at[-1]] = to
    return answer(body, response.status)


def exception(name: str) -> dict[str, Any]:
    (found,) = [entry for entry in EXCEPTIONS["example"] if entry["operation"] == name]
    assert isinstance(found, dict)
    return found


NUMBERS = {name: PhoneNumber(f"+1{name}") for name in ("2019085750", "2012548000", "2015551234", "9175803800")}
BOUND_NUMBER = PhoneNumber("+16185243600")


def test_example_of_search(operations: dict[str, Any]) -> None:
    (offer,), _ = play(provider().search(Search(area_code="201")), example(operations, "inventorySearch"))
    assert offer.number == NUMBERS["2019085750"]
    assert (offer.city, offer.state, offer.rate_center, offer.lata) == ("Closter", "NJ", "CLOSTER", "224")
    assert (offer.country, offer.line, offer.price, offer.features) == ("US", None, None, {})
    assert dict(offer.raw) == {
        "province": "NJ",
        "rateCenter": "CLOSTER",
        "number": "2019085750",
        "city": "Closter",
        "lata": "224",
    }


def test_example_of_order(operations: dict[str, Any]) -> None:
    """As it stands it orders what nobody asked for; with the number put in, it says the same number twice."""
    entry = exception("orderCreate")
    number = NUMBERS["2012548000"]
    other = NUMBERS["2019085750"]
    error, _ = failing(provider().order([other], key="k"), example(operations, "orderCreate"))
    assert isinstance(error, e.OutcomeUnknown)
    assert re.search(entry["error"], str(error.__cause__))
    ordered = changed(operations, "orderCreate", *entry["at"], to=other.ten_digit)
    result, _ = play(provider().order([other, number], key="k"), ordered)
    assert [owned.number for owned in result.numbers] == [other]
    assert result.failed == {number: "example"}
    assert result.order_id == "1747345200"
    assert result.amount_charged.amount == Decimal("0.5")
    assert result.amount_charged.currency == "USD"
    both = changed(operations, "orderCreate", *entry["at"], to=number.ten_digit)
    error, _ = failing(provider().order([number], key="k"), both)
    assert "both ordered and failed" in str(error.__cause__)


def test_example_of_list(operations: dict[str, Any]) -> None:
    entry = exception("numbersList")
    error, script = failing(provider().list(), example(operations, "numbersList"))
    assert isinstance(error, e.UnexpectedResponse)
    assert re.search(entry["error"], str(error))
    assert not script.emitted
    (owned,), _ = items(provider().list(), changed(operations, "numbersList", *entry["at"], to="2012548000"))
    assert owned.number == NUMBERS["2015551234"]
    assert [type(route).__name__ for route in owned.routes] == ["ToGateway", "ForwardTo"]
    assert owned.routes[1].number == NUMBERS["2012548000"]


def test_example_of_get(operations: dict[str, Any]) -> None:
    entry = exception("numbersGet")
    number = NUMBERS["2015551234"]
    error, _ = failing(provider().get(number), example(operations, "numbersGet"))
    assert isinstance(error, e.UnexpectedResponse)
    assert re.search(entry["error"], str(error))
    mended = changed(operations, "numbersGet", *entry["at"], to=None)
    body = json.loads(mended.body)
    body["data"]["forward"] = False
    owned, _ = play(provider().get(number), answer(body))
    assert owned.routes == (ToGateway(1000), NoForward())
    assert owned.detail.gateway == "203.0.113.10:5060"
    assert (owned.detail.carrier, owned.detail.cnam, owned.detail.fax_enabled) == (0, True, True)


def test_example_of_transfer(operations: dict[str, Any]) -> None:
    transfer, _ = play(provider().transfer(NUMBERS["2012548000"], "1"), example(operations, "numbersMove"))
    assert (transfer.number, transfer.to_account) == (NUMBERS["2012548000"], "1")


def test_example_of_bind(operations: dict[str, Any]) -> None:
    answered = example(operations, "numbersMessagingCampaignAssign")
    binding, _ = play(provider().bind_campaign(BOUND_NUMBER, "CH5K5IZ"), answered)
    assert (binding.status, binding.campaign_id, binding.provider_status) == (BindingStatus.ACTIVE, "CH5K5IZ", None)
    assert binding.raw["upstreamCnpId"] == "SFL9UTQ"


def test_example_of_unbind(operations: dict[str, Any]) -> None:
    answered = example(operations, "numbersMessagingCampaignUnassign")
    binding, _ = play(provider().unbind_campaign(BOUND_NUMBER, "CH5K5IZ"), answered)
    assert (binding.status, binding.campaign_id) == (BindingStatus.UNBOUND, None)


def test_example_of_campaign_of(operations: dict[str, Any]) -> None:
    binding, _ = play(provider().campaign_of(NUMBERS["9175803800"]), example(operations, "numbersMessagingGet"))
    assert (binding.status, binding.campaign_id, binding.provider_status) == (BindingStatus.ACTIVE, "CH5K5IZ", "ACTIVE")


@pytest.mark.parametrize("name", ["numbersRelease", "numbersDelete"])
def test_example_of_release(name: str, operations: dict[str, Any]) -> None:
    voicetel = provider()
    leave = voicetel.release if name == "numbersRelease" else voicetel.remove
    release, _ = play(leave(NUMBERS["2012548000"]), example(operations, name))
    assert (release.number, release.state.value) == (NUMBERS["2012548000"], "released")


def test_example_of_the_key(operations: dict[str, Any]) -> None:
    voicetel = provider(api_key=None, username="1000000001", password="abc1234567")
    headers, _ = play(voicetel.accounts[0].credentials.headers(), example(operations, "accountApiKey"))
    assert headers == {
        "authorization": "Bearer " + json.loads(example(operations, "accountApiKey").body)["data"]["apikey"]
    }


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_success_example_is_read(name: str, operations: dict[str, Any]) -> None:
    """All 74, with the example's own number in the place of ours."""
    call = CALLS[name][0]
    (request,) = sent(call(provider().api))
    key = documented_as(request, operations)
    response = example(operations, key)
    if "number" in request.path_values and response.body:
        body = json.loads(response.body)
        if "number" in body["data"]:
            body["data"]["number"] = request.path_values["number"]
        if "campaignId" in body["data"]:
            body["data"]["campaignId"] = "CH5K5IZ"
        if "accountId" in body["data"]:
            body["data"]["accountId"] = 1000000002
        response = answer(body, response.status)
    elif "dn" in request.path_values and response.body:
        response = changed(operations, key, "data", "record", "dn", to=f"1{request.path_values['dn']}")
    script = Script(response)
    if any(entry["operation"] == key for entry in EXCEPTIONS["example"]) and key != "orderCreate":
        with pytest.raises(e.UnexpectedResponse, match=exception(key)["error"]):
            script.run(call(provider().api))
        return
    value = script.run(call(provider().api))
    if response.status == 204:
        assert value is None
    else:
        assert value is not None


def test_every_error_example_becomes_the_error_of_its_status(operations: dict[str, Any]) -> None:
    (entry,) = EXCEPTIONS["error_examples"]
    contradicting = 0
    for operation in operations.values():
        for status, response in operation["responses"].items():
            if status in SUCCESS:
                continue
            shown = response["content"]["application/json"]["example"]
            request = Request(account="a", operation="x", method=operation["method"], path=operation["path"])
            error = Api("main").error_of(request, answer(shown, int(status)))
            assert isinstance(error, e.ProviderError)
            assert error.status == int(status)
            assert error.detail
            if shown["error"]["code"] != int(status):
                contradicting += 1
                assert shown["error"]["code"] == entry["value"]
                assert error.code == str(entry["value"])
    assert contradicting == entry["count"]


def test_exceptions_still_apply(document: dict[str, Any], operations: dict[str, Any]) -> None:
    for entry in EXCEPTIONS["example"]:
        place = json.loads(example(operations, entry["operation"]).body)
        for step in entry["at"]:
            place = place[step]
        assert place == entry["value"], entry
    for entry in EXCEPTIONS["silent"]:
        operation = operations[entry["operation"]]
        if "parameter" in entry:
            (described,) = [one for one in operation["parameters"] if one["name"] == entry["parameter"]]
            limits = described["schema"]
        else:
            limits = described = schema_of(document, operation)["properties"][entry["body"]]
        assert entry["in_words"] in described["description"], entry
        assert not {"minimum", "maximum", "minItems", "maxItems"} & set(limits), entry
    text = json.dumps(document)
    for entry in EXCEPTIONS["stale"]:
        assert entry["text"] in text, entry
        assert entry["text"].rstrip(".") not in document["paths"], entry
        assert entry["instead"] in document["paths"], entry
    for entries in EXCEPTIONS.values():
        assert all(entry["reason"] for entry in entries)
