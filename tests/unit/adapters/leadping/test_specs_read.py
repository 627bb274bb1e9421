"""Leadping's published contracts: every documented member and word is modelled, and made-up answers are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from anycarrier import Search
from anycarrier import errors as e
from anycarrier.attempt import Attempt, AttemptState, Draft
from anycarrier.decoding import Record
from anycarrier.exchange import Response
from anycarrier.model import Money, OwnedNumber
from anycarrier_adapters.leadping import Leadping, api, schemas
from anycarrier_adapters.leadping.schemas import enums
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY
from support.documented import differing
from support.leadping_documents import (
    JUNE,
    NUMBER,
    OCTOBER,
    OFFICIAL,
    VERSION_OF,
    differences,
    document,
    exceptions,
    folder,
    said,
)
from support.schemas import EXAMPLES, judge, made
from support.script import drive

pytestmark = pytest.mark.specs


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
ANSWERS: dict[str, type[Record]] = {
    "WalletResponse": schemas.Wallet,
    "OutboundCapacityOverview": schemas.OutboundOverview,
    "PhoneNumberStatusResponse": schemas.StatusReport,
    "OutgoingNumberSelectionResponse": schemas.Sender,
    "SmsEventTableRow": schemas.SmsEvent,
    "CallEventTableRow": schemas.CallEvent,
    "BusinessResponse": schemas.Owner,
    "OrganizationResponse": schemas.Owner,
    "BusinessSwitchOption": schemas.SwitchOption,
    "OrganizationSwitchOption": schemas.SwitchOption,
}
"""Answers of the operations that are Leadping's own, with all that is within them."""


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


@pytest.mark.parametrize("name", [JUNE, OFFICIAL, OCTOBER])
def test_every_documented_member_has_a_field_of_its_kind(name: str) -> None:
    against = document(name)
    found = {
        (name, VERSION_OF[name], documented, difference)
        for documented, record in {**MODELS, **ANSWERS}.items()
        if documented in against.named
        for difference in differing(record, without_lists(documented, against.schema(documented)))
    }
    expected = {key for key in exceptions("field") if key[0] == name}
    assert sorted(found - expected) == []
    assert sorted(expected - found) == [], "no longer applies"


def without_lists(documented: str, schema: dict[str, Any]) -> dict[str, Any]:
    left = {key: part for key, part in schema["properties"].items() if key not in LISTS.get(documented, ())}
    return {**schema, "properties": left}


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


@pytest.mark.usefixtures("without_coverage")
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


def test_money_is_read_from_the_schemas_as_it_is_written() -> None:
    schema = document(OFFICIAL).schema("PhoneNumberAvailabilityResponse")
    answer = {"phoneNumber": NUMBER, "isAvailable": True, "price": 1.15, "currency": "USD", "location": None}
    assert not list(differences(schema, answer))
    value, _ = drive(_exchange("availability", "2026-08"), said(answer))
    assert value.price == Money("1.15")
