"""Every value with a public JSON form is read back from it, and the form is as its JSON Schema says."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator

from anycarrier import errors
from anycarrier.adapter import InvalidInput, Offer, OwnedNumber, PhoneNumber, Route
from anycarrier.errors import AnyCarrierError
from anycarrier.json_forms import from_json, json_schema, to_json
from anycarrier.json_markers import JsonForm
from anycarrier.model import ROUTES, NoTexts
from anycarrier.secret import Secret
from anycarrier_adapters.voicetel import MessagingRoutes
from support.json_samples import ERRORS, SAMPLES, error_of

MODULES = (
    "model",
    "search",
    "account_records",
    "number_services",
    "attempt",
    "purchase",
    "json_forms",
    "desired_state",
)


def told(value: object) -> Any:
    return json.loads(json.dumps(to_json(value)))


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_a_value_is_read_back_from_its_form(value: Any) -> None:
    again = from_json(type(value), told(value))
    assert type(again) is type(value)
    for one in attrs.fields(type(value)):
        assert getattr(again, one.name) == getattr(value, one.name), one.name
    assert told(again) == told(value)


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_a_form_is_as_its_schema_says(value: Any) -> None:
    schema = json_schema(type(value))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(told(value))
    name = type(value).__name__
    assert {*told(value)} <= {*schema["$defs"][name]["properties"]}


def test_no_class_with_a_form_lacks_a_sample() -> None:
    homes = [import_module(f"anycarrier.{name}") for name in MODULES]
    public = [getattr(home, name) for home in homes for name in home.__all__]
    forms = {one.__name__ for one in public if isinstance(one, type) and issubclass(one, JsonForm) and attrs.has(one)}
    assert forms - {type(one).__name__ for one in SAMPLES} == set()


def test_every_member_of_a_sample_is_set() -> None:
    """Else a member that is not read back would not be noticed."""
    set_somewhere = {
        (type(one), field.name) for one in SAMPLES for field in attrs.fields(type(one)) if getattr(one, field.name)
    }
    unset = {
        f"{type(one).__name__}.{field.name}"
        for one in SAMPLES
        for field in attrs.fields(type(one))
        if (type(one), field.name) not in set_somewhere and field.name not in ("raw", "detail")
    }
    of_others = {
        "ChangeResult.error",
        "OrderItem.number",
        "OrderItem.key",
        "Search.prefix",
    }  # of one without a number, of one area code
    assert {one for one in unset if not one.startswith("Problem.")} == of_others


def test_any_route_is_read_by_its_kind() -> None:
    routes = [one for one in SAMPLES if isinstance(one, Route)]
    assert {type(one) for one in routes} == {*ROUTES}
    assert from_json(list[Route], told(routes)) == routes
    Draft202012Validator(json_schema(list[Route])).validate(told(routes))


def test_a_route_of_a_provider_s_own_is_no_neutral_one() -> None:
    """Its form is read by its class alone, whether its adapter is loaded or not."""
    own = MessagingRoutes(route_in=4)
    assert from_json(MessagingRoutes, told(own)) == own
    with pytest.raises(InvalidInput, match=r"Route\.kind must be 'ToGateway'"):
        from_json(Route, told(own))
    assert "MessagingRoutes" not in json_schema(Route)["$defs"]
    error = errors.Conflict("half of it")
    error.applied = (NoTexts(), own)
    assert from_json(AnyCarrierError, told(error)).applied == (NoTexts(), told(own))


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_read_back_with_its_class_and_all_that_it_knows(name: str) -> None:
    error = error_of(name)
    form = told(error)
    again = from_json(AnyCarrierError, form)
    assert type(again) is type(error)
    unlike = {one for one in {*vars(again), *vars(error)} if getattr(again, one) != getattr(error, one)}
    assert unlike <= {"failed"}  # errors, which are compared by their form below
    assert str(again) == str(error)
    assert str(again.__cause__) == str(error.__cause__)
    assert told(again) == form
    Draft202012Validator(json_schema(type(error))).validate(form)
    Draft202012Validator(json_schema(AnyCarrierError)).validate(form)


def test_an_error_of_a_derived_class_has_the_form_of_its_public_one() -> None:
    from anycarrier.purchase.journal.types import LeaseLost

    form = told(LeaseLost("the item"))
    assert form["type"] == "JournalError"
    assert type(from_json(AnyCarrierError, form)) is errors.JournalError


def test_errors_that_are_not_ours_are_written_without_what_they_quote() -> None:
    assert to_json(KeyError("2015550123")) == {"version": 1, "type": "KeyError", "message": "'201*****23'"}


def test_a_document_has_a_version_and_its_parts_have_none() -> None:
    for value in SAMPLES:
        text = json.dumps(to_json(value))
        assert text.count('"version"') <= 1
    assert [one["version"] for one in to_json([SAMPLES[0], SAMPLES[1]])] == [1, 1]


def test_the_provider_s_own_record_is_written_where_it_is_wanted() -> None:
    owned = OwnedNumber(provider="acme", account="a", number="+12015550123", raw={"tn": "2015550123"})
    assert "raw" not in to_json(owned)
    form = json.loads(json.dumps(to_json(owned, raw=True)))
    assert from_json(OwnedNumber, form).raw == {"tn": "2015550123"}


def test_a_number_of_an_area_code_that_is_not_known_here_is_read_back() -> None:
    form = told(SAMPLES[0]) | {"number": "+13875550123", "ten_digit": "3875550123"}
    with pytest.raises(errors.InvalidNumber):
        PhoneNumber("+13875550123")
    assert from_json(type(SAMPLES[0]), form).number == "+13875550123"


def test_a_number_that_json_lacks_is_not_stated() -> None:
    offer = Offer(provider="acme", account="a", number="+12015550123", latitude=float("nan"), longitude=float("inf"))
    assert (to_json(offer)["latitude"], to_json(offer)["longitude"]) == (None, None)


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(InvalidInput, match="an object of class object has no JSON form"):
        to_json([object()])
    with pytest.raises(InvalidInput, match="class Secret has no JSON form"):
        to_json({"token": Secret("sk-live-0123456789abcdef")})
    with pytest.raises(InvalidInput, match="kind must be a class that has a JSON form, such as Offer"):
        json_schema(object)
    with pytest.raises(InvalidInput, match="which has no JSON form"):
        from_json(complex, "1")
