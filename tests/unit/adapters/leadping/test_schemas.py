"""Leadping's record: every field and every enum of it is modelled and reachable, in all API versions and spellings."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from msgspec.structs import fields
from pydantic.alias_generators import to_camel

from anycarrier.exchange import Response
from anycarrier.model import Feature, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier_adapters.leadping import Leadping, mapping, schemas
from anycarrier_adapters.leadping.schemas import enums
from support.script import drive

NUMBER = PhoneNumber("+12015550123")
WHEN = "2023-11-07T05:31:56Z"
AT = datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)

# The published example of June, with a number and with the six members that it leaves out.
SEED: dict[str, Any] = {
    "number": NUMBER.e164, "business": {"id": "b", "name": "B"}, "user": {"id": "u", "name": "U"}, "teamId": "t",
    "campaignId": "c", "sourceId": "s", "leadpingOwned": True, "provider": "p", "providerPhoneNumberId": "pn",
    "providerOrderId": "po", "providerOrderStatus": "pos", "providerStatus": "ps", "providerError": "pe",
    "providerSyncedAt": WHEN, "providerReleasedAt": WHEN, "providerReleaseRequestedAt": WHEN,
    "providerReleaseHoldStartsAt": WHEN, "providerReleaseScheduledAt": WHEN, "providerReleaseReason": "prr",
    "providerReleaseRequestedByUserId": "pru", "providerReleaseRequestedByName": "prn",
    "providerReleaseUnassignAtHoldStart": True, "capabilities": {"sms": True, "voice": True, "warmup": True,
    "testing": True}, "routing": {"smsEnabled": True, "voiceEnabled": True, "warmupOnly": True,
    "internalTestOnly": True, "teamId": "rt", "sourceId": "rs", "campaignId": "rc", "messagingProfileId": "rm",
    "voiceConnectionId": "rv"}, "tenDlc": {"brandId": "tb", "campaignId": "tc", "campaignStatus": "Approved",
    "assignmentStatus": "Assigned", "messagingProfileId": "tm", "statusUpdatedAt": WHEN, "failureReason": "tf",
    "lastProviderEventId": "te"}, "billing": {"businessId": "bb", "businessName": "bn", "userId": "bu",
    "userName": "bun", "subscriptionItemId": "bs", "monthlyAmount": "2.05", "channel": "bc"}, "isPreferred": True,
    "isDefault": True, "location": {"location": "l", "state": "NJ", "countryCode": "US", "coordinate": {"latitude":
    "40.5", "longitude": "-74.25"}, "timeZoneId": "America/New_York"}, "enabled": True, "adminEnablementOverride":
    {"enabled": True, "reason": "r", "updatedByUserId": "au", "updatedAt": WHEN}, "isInternalPool": True,
    "isApprovedTestDestination": True, "isMessagingProgramApproved": True, "warmupEnabled": True,
    "warmupHealthScore": "87", "warmupProgressPercent": "40", "warmupNextActionAt": WHEN, "warmupPauseReason": "wp",
    "callWarmupEnabled": True, "callWarmupNextActionAt": WHEN, "callWarmupPauseReason": "cp",
    "callWarmupHealthReason": "ch", "healthReason": "hr", "events": [{"id": "e", "type": "et", "title": "ei",
    "details": "ed", "actorId": "ea", "actorName": "en", "createdAt": WHEN, "state": "Assigned"}], "name": "N",
    "id": "num_1", "createdAt": WHEN, "modifiedAt": WHEN,
    "inventoryState": "Assigned", "status": "Active", "warmupState": "Warming", "healthStatus": "Healthy",
    "callWarmupState": "Warming", "callWarmupStage": "Stage 2",
}  # fmt: skip

AUGUST: dict[str, Any] = {
    "number": NUMBER.e164,
    "phoneIdentityId": "pid",
    "organization": {"id": "o", "name": "O"},
    "leadpingOwned": True,
    "routing": {
        "smsEnabled": True,
        "voiceEnabled": False,
        "teamId": None,
        "sourceId": None,
        "campaignId": None,
        "tenDlcApplicationId": "app",
    },
    "enabled": True,
    "warmup": {
        "enabled": True,
        "state": "In Progress",
        "healthStatus": "Not Evaluated",
        "healthScore": 12,
        "progressPercent": 5,
        "callStage": "Stage 1",
    },
    "name": "N",
    "id": "num_1",
    "createdAt": WHEN,
    "modifiedAt": None,
}

OCTOBER: dict[str, Any] = {
    **{name: value for name, value in AUGUST.items() if name != "leadpingOwned"},
    "ownership": "Organization",
    "smsReady": True,
    "voiceReady": False,
    "isDemo": False,
    "numberHealthEnabled": True,
}


def read(told: dict[str, Any], api_version: str = "2026-06") -> OwnedNumber:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    owned, _ = drive(
        Leadping(api_key="lp_1", api_version=api_version).get(ours), Response(200, {}, json.dumps(told).encode())
    )
    assert isinstance(owned, OwnedNumber), owned
    return owned


def same(model: Any, told: Any) -> None:
    """Every member of *told* is reachable in *model* with its value, whatever its spelling."""
    if isinstance(told, dict):
        named = {to_camel(name): getattr(model, name) for name in model.__struct_fields__}
        for name, value in told.items():
            assert name in named, f"{name} is not modelled in {type(model).__name__}"
            same(named[name], value)
    elif isinstance(told, list):
        for one, value in zip(model, told, strict=True):
            same(one, value)
    elif told == WHEN:
        assert model == AT
    elif isinstance(model, int | float | Decimal) and not isinstance(model, bool):
        assert Decimal(str(model)) == Decimal(str(told))
    else:
        assert model == told


@pytest.mark.parametrize("told", [SEED, AUGUST, OCTOBER], ids=["June", "August", "October"])
def test_every_member_is_modelled_and_reachable(told: dict[str, Any]) -> None:
    owned = read(told)
    same(owned.detail, told)
    assert owned.raw == told
    assert (owned.number, owned.id, owned.label, owned.created) == (NUMBER, "num_1", "N", AT)
    assert owned.detail.owner.id in ("b", "o")


def test_the_seeds_record_has_fifty_five_members() -> None:
    assert len(SEED) == 55


def test_counts_amounts_and_degrees_are_text_or_numbers() -> None:
    told = copy.deepcopy(SEED)
    told["warmupHealthScore"], told["warmupProgressPercent"] = 87, 40
    told["billing"]["monthlyAmount"] = 2.05
    told["location"]["coordinate"] = {"latitude": 40.5, "longitude": -74.25}
    same(read(told).detail, SEED)
    assert read(told).detail == read(SEED).detail


WORDS = {
    ("inventoryState",): enums.InventoryState,
    ("status",): enums.NumberStatus,
    ("warmupState",): enums.WarmupState,
    ("healthStatus",): enums.WarmupState,
    ("callWarmupState",): enums.CallWarmupState,
    ("callWarmupStage",): enums.CallWarmupStage,
    ("warmup", "state"): enums.ReadinessState,
    ("warmup", "healthStatus"): enums.ReadinessHealth,
    ("warmup", "callStage"): enums.CallWarmupStage,
    ("ownership",): enums.Ownership,
}


def at(owned: OwnedNumber, place: tuple[str, ...]) -> Any:
    found: Any = owned.detail
    for name in place:
        found = {to_camel(field): getattr(found, field) for field in found.__struct_fields__}[name]
    return found


@pytest.mark.parametrize(("place", "words"), WORDS.items(), ids=[".".join(place) for place in WORDS])
def test_every_word_is_known_and_an_unknown_one_is_kept(place: tuple[str, ...], words: type[StrEnum]) -> None:
    for word in [*words, "A word of tomorrow", None, ""]:
        told = copy.deepcopy({**SEED, **OCTOBER})
        holder = told
        for name in place[:-1]:
            holder = holder[name]
        holder[place[-1]] = word if word is None else str(word)
        shown = at(read(told), place)
        assert shown == (word or None)
        assert isinstance(shown, words) == isinstance(word, words)


STATUSES = {
    "Unregistered": Status.PENDING,
    "Provisioning": Status.PENDING,
    "FailedProvisioning": Status.FAILED,
    "Active": Status.ACTIVE,
    "Expired": Status.UNKNOWN,
    "Suspended": Status.SUSPENDED,
    "PendingRelease": Status.RELEASING,
    "Frozen": Status.UNKNOWN,
}
STATES = {
    "Available": None,
    "Assigned": Status.ACTIVE,
    "Pending verification": Status.PENDING,
    "Ready for SMS": Status.ACTIVE,
    "Ready for voice": Status.ACTIVE,
    "Restricted": Status.SUSPENDED,
    "Suspended": Status.SUSPENDED,
    "Failed": Status.FAILED,
    "Released": Status.RELEASED,
    "Pending release": Status.RELEASING,
    "Warmup-only": Status.ACTIVE,
    "Internal/test-only": Status.ACTIVE,
    "Frozen": Status.UNKNOWN,
}


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
def test_a_status_in_neutral_words(word: str, status: Status) -> None:
    owned = read({"number": NUMBER, "status": word})
    assert (owned.status, owned.provider_status) == (status, word)


@pytest.mark.parametrize(("word", "status"), STATES.items())
def test_an_inventory_state_in_neutral_words(word: str, status: Status | None) -> None:
    assert read({"number": NUMBER, "inventoryState": word}).status is (status or Status.UNKNOWN)
    assert read({"number": NUMBER, "inventoryState": word, "status": "Active"}).status is (status or Status.ACTIVE)
    assert read({"number": NUMBER, "inventoryState": word, "status": "Provisioning"}).status is not Status.ACTIVE


def test_every_word_of_the_enums_is_mapped() -> None:
    assert set(STATUSES) - {"Frozen"} == set(enums.NumberStatus)
    assert set(STATES) - {"Frozen"} == set(enums.InventoryState)
    for word in enums.LifecycleState:
        row = schemas.NumberRow(number=NUMBER, provider_lifecycle_state=word)
        assert (mapping.status_of(row)[0] is Status.UNKNOWN) == (word is enums.LifecycleState.UNKNOWN)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"providerStatus": "active"}, Status.ACTIVE),
        ({"providerStatus": "purchase-pending"}, Status.UNKNOWN),
        ({"providerStatus": "failed", "status": "Active"}, Status.ACTIVE),
        ({"smsReady": True, "voiceReady": False}, Status.ACTIVE),
        ({"smsReady": False, "voiceReady": False}, Status.PENDING),
        ({"smsReady": False, "voiceReady": False, "enabled": False}, Status.UNKNOWN),
        ({"smsReady": False}, Status.UNKNOWN),
        ({"enabled": True}, Status.UNKNOWN),
    ],
)
def test_a_status_without_its_words(told: dict[str, Any], status: Status) -> None:
    assert read({"number": NUMBER, **told}).status is status


def test_what_a_number_can_carry() -> None:
    assert dict(read(SEED).features) == {Feature.SMS: True, Feature.VOICE: True}
    assert dict(read(AUGUST).features) == {Feature.SMS: True, Feature.VOICE: False}
    assert dict(read({"number": NUMBER, "smsReady": True, "voiceReady": False}).features) == {Feature.SMS: True}
    assert dict(read({"number": NUMBER}).features) == {}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2023-11-07T05:31:56.1234567Z", datetime(2023, 11, 7, 5, 31, 56, 123456, tzinfo=UTC)),
        ("2023-11-07T05:31:56", AT),
        ("2023-11-07T06:31:56+01:00", AT),
        ("0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_times_are_utc_where_they_have_no_offset(text: str | None, time: datetime | None) -> None:
    assert read({"number": NUMBER, "createdAt": text}).created == time


ROW = """
id name number type ownership routingSummary capabilities location business user billingAttribution enabled smsReady
voiceReady warmupOnly internalTestOnly isMessagingProgramApproved status inventoryState providerLifecycleState
providerStatus providerReconciliationStatus tenDlcCampaignId tenDlcCampaignStatus warmupState healthStatus
warmupHealthScore warmupProgressPercent adminEnablementOverride organization organizationId warmup isDemo
"""


def test_the_rows_of_all_api_versions_are_modelled() -> None:
    assert {to_camel(name) for name in schemas.NumberRow.__struct_fields__} == set(ROW.split())


def test_nothing_but_the_number_has_to_be_there() -> None:
    required = [one.name for one in fields(schemas.NumberRecord) if one.required]
    assert required == ["number"]
    assert schemas.NumberRecord(number=NUMBER).enabled is None
