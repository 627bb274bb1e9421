"""Values as fields of pydantic models, and as request and response models of FastAPI."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter, ValidationError

from anycarrier.errors import AnyCarrierError, NumberUnavailable, OutcomeUnknown
from anycarrier.json_forms import Problem, from_json, to_json
from anycarrier.model import ForwardTo, Money, NoForward, Offer, OwnedNumber, Route, ToGateway
from anycarrier.purchase import Order, Purchase
from anycarrier.search import Search
from support.json_samples import ORDER, OWNED, PURCHASE, SAMPLES, SEARCH, error_of

OFFER = SAMPLES[0]


class Model(BaseModel):
    offer: Offer
    owned: OwnedNumber | None = None
    price: Money = Money("1")
    routes: list[Route] = []
    calls: ToGateway | NoForward | None = None
    by_name: dict[str, Search] = {}
    order: Order | None = None
    purchase: Purchase | None = None
    error: AnyCarrierError | None = None


FULL = Model(
    offer=OFFER,
    owned=OWNED,
    price=Money("2.5"),
    routes=[ForwardTo("+12015550124"), NoForward()],
    calls=NoForward(),
    by_name={"a": SEARCH},
    order=ORDER,
    purchase=PURCHASE,
    error=error_of("OutcomeUnknown"),
)


def test_a_model_of_values_is_written_and_read() -> None:
    text = FULL.model_dump_json()
    assert json.loads(text)["offer"] == to_json(OFFER)
    again = Model.model_validate_json(text)
    assert again.model_dump_json() == text
    assert (again.offer, again.routes, again.calls) == (FULL.offer, FULL.routes, FULL.calls)
    assert isinstance(again.error, OutcomeUnknown)
    assert FULL.model_dump()["offer"] is OFFER  # data of Python stay values


def test_wrong_data_are_a_validation_error_at_their_field() -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"offer": {"provider": "x"}, "routes": [{"kind": "ToMoon"}]})
    found = {error["loc"]: error["msg"] for error in caught.value.errors()}
    assert found[("offer",)] == "Value error, Offer lacks account, number"
    assert found[("routes", 0)].startswith("Value error, Route.kind must be 'ToGateway'")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_of_a_model_defines_each_class_once(mode: Any) -> None:
    schema = Model.model_json_schema(mode=mode)
    assert {"Offer", "OwnedNumber", "Money", "Search", "Order", "Purchase", "ForwardTo", "Attempt"} <= {
        *schema["$defs"]
    }
    assert schema["properties"]["offer"] == {"$ref": "#/$defs/Offer"}
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(FULL.model_dump_json()))


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_every_class_is_a_type_of_pydantic(value: Any) -> None:
    adapter = TypeAdapter(type(value))
    form = json.loads(adapter.dump_json(value))
    assert form == to_json(value)
    assert adapter.validate_python(form) == value
    assert adapter.validate_python(value) is value
    Draft202012Validator(adapter.json_schema()).validate(form)


app = FastAPI()


@app.exception_handler(AnyCarrierError)
async def refused(request: Request, error: AnyCarrierError) -> JSONResponse:
    problem = Problem.of(error)
    return JSONResponse(problem.body, problem.status, problem.headers)


@app.post("/search", responses={409: {"model": Problem}})
def search(query: Annotated[Search, Body()]) -> list[Offer]:
    assert query == SEARCH
    return [OFFER]


class Wanted(BaseModel):
    offer: Offer
    most: Money | None = None


@app.post("/buy")
def buy(wanted: Wanted, routes: Annotated[list[Route], Body()]) -> OwnedNumber:
    if wanted.most == Money("0"):
        raise NumberUnavailable("it is gone", provider="acme", operation="buy", code="E1", safe_elsewhere=True)
    assert wanted.offer == OFFER
    assert routes == [NoForward()]
    return OWNED


@app.get("/failed")
def failed() -> AnyCarrierError:
    return error_of("OutcomeUnknown")


def test_fastapi_reads_and_answers_values() -> None:
    with TestClient(app) as web:
        found = web.post("/search", json=to_json(SEARCH))
        assert (found.status_code, from_json(list[Offer], found.json())) == (200, [OFFER])
        wanted = {"offer": found.json()[0], "most": {"amount": "2", "currency": "USD"}}
        bought = web.post("/buy", json={"wanted": wanted, "routes": [to_json(NoForward())]})
        assert (bought.status_code, from_json(OwnedNumber, bought.json())) == (200, OWNED)
        assert isinstance(from_json(AnyCarrierError, web.get("/failed").json()), OutcomeUnknown)
        wrong = web.post("/search", json={"area_code": "x"})
        assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["body"])


def test_fastapi_answers_errors_as_problems() -> None:
    with TestClient(app) as web:
        wanted = {"offer": to_json(OFFER), "most": {"amount": "0"}}
        answer = web.post("/buy", json={"wanted": wanted, "routes": []})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    problem = from_json(Problem, answer.json())
    assert (problem.error, problem.code, problem.maybe_applied) == ("NumberUnavailable", "E1", False)


def test_fastapi_describes_the_values() -> None:
    with TestClient(app) as web:
        described = web.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    assert {"Offer", "OwnedNumber", "Search", "Money", "Problem", "ForwardTo", "AnyCarrierError"} <= {*schemas}
    assert not [name for name in schemas if name.endswith(("-Input", "-Output"))]
    answer = described["paths"]["/search"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["items"] == {"$ref": "#/components/schemas/Offer"}
    assert "$defs" not in json.dumps(described)
