"""Leadping's update of a number: all that can be set is sent back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.capabilities import capabilities
from anycarrier.features import Cannot
from anycarrier.model import OwnedNumber
from anycarrier_adapters.leadping import NO_OVERRIDE, AdminOverride, Leadping
from support.leadping import AUGUST, JUNE, NUMBER, OCTOBER, bodies, leadping, page, record, requests, row, said
from support.script import drive

OVERRIDE = {"enabled": False, "reason": "abuse", "updatedByUserId": "u1", "updatedAt": "2026-06-24T10:00:00Z"}


def test_an_update_sends_back_all_that_can_be_set() -> None:
    before = record(adminEnablementOverride=OVERRIDE, teamId="t", routing={"smsEnabled": True}, campaignId="c")
    after = {**before, "name": "Desk"}
    owned, effects = drive(leadping().update(NUMBER, name=" Desk "), page(row()), said(before), said(after))
    assert owned.label == "Desk"
    request = requests(effects)[-1]
    assert (request.method, request.path, request.purpose) == ("PUT", "/phone-numbers/{phoneNumberId}", "write")
    assert bodies(effects)[-1] == {
        "name": "Desk",
        "number": NUMBER.e164,
        "businessId": "biz_1",
        "enabled": True,
        "id": "num_1",
        "adminEnablementOverride": OVERRIDE,
    }


def test_an_update_in_the_later_api_versions() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    told = record(business=None, organization={"id": "org_1", "name": "X"}, enabled=False)
    _, effects = drive(leadping(AUGUST).update(ours, enabled=True), said(told), said({**told, "enabled": True}))
    assert bodies(effects)[-1] == {
        "name": "Main",
        "number": NUMBER.e164,
        "organizationId": "org_1",
        "enabled": True,
        "id": "num_1",
    }
    told = record(numberHealthEnabled=True, business=None, enabled=None)
    after = {**told, "numberHealthEnabled": False}
    owned, effects = drive(leadping(OCTOBER).update(ours, number_health=False), said(told), said(after))
    assert bodies(effects)[-1] == {"name": "Main", "number": NUMBER.e164, "numberHealthEnabled": False}
    assert owned.detail.number_health_enabled is False
    _, effects = drive(
        leadping(OCTOBER).update(ours, name="A"), said({**told, "name": None}), said({**told, "name": "A"})
    )
    assert bodies(effects)[-1] == {"name": "A", "number": NUMBER.e164, "numberHealthEnabled": True}


def test_the_override_is_set_verified_and_taken_away() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    given = AdminOverride(enabled=False, reason="abuse", updated_at=datetime(2026, 6, 24, tzinfo=UTC))
    shown = {**OVERRIDE, "updatedByUserId": "somebody"}
    change = leadping().update(ours, admin_enablement_override=given)
    owned, effects = drive(change, said(record()), said(record(adminEnablementOverride=shown)))
    assert owned.detail.admin_enablement_override.updated_by_user_id == "somebody"
    assert bodies(effects)[0]["adminEnablementOverride"] == {
        "enabled": False,
        "reason": "abuse",
        "updatedAt": "2026-06-24T00:00:00+00:00",
    }
    change = leadping().update(ours, admin_enablement_override=NO_OVERRIDE)
    _, effects = drive(change, said(record(adminEnablementOverride=OVERRIDE)), said(record()))
    assert bodies(effects)[0]["adminEnablementOverride"] is None
    change = leadping().update(ours, admin_enablement_override=NO_OVERRIDE)
    error, _ = drive(
        change, said(record(adminEnablementOverride=OVERRIDE)), said(record(adminEnablementOverride=shown))
    )
    assert isinstance(error, e.UnexpectedResponse)


@pytest.mark.parametrize(
    ("change", "shown", "field"),
    [
        ({"name": "Desk"}, {}, "name"),
        ({"name": "Desk"}, {"name": None}, "name"),
        ({"enabled": False}, {}, "enabled"),
        ({"name": "Desk"}, {"name": "Desk", "enabled": False}, "enabled"),
        ({"business": "biz_2"}, {}, "businessId"),
        ({"admin_enablement_override": AdminOverride(enabled=True)}, {}, "adminEnablementOverride"),
        ({"name": "Desk"}, {"name": "Desk", "business": {"id": "biz_3", "name": ""}}, "businessId"),
    ],
)
def test_an_answer_that_does_not_show_the_change_is_an_error(
    change: dict[str, Any], shown: dict[str, Any], field: str
) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    error, _ = drive(leadping().update(ours, **change), said(record()), said(record(**shown)))
    assert isinstance(error, e.UnexpectedResponse)
    assert f"does not show what was set: {field}" in str(error)
    assert error.maybe_applied


def test_what_an_answer_leaves_out_is_not_held_against_it() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    owned, _ = drive(leadping().update(ours, name="B"), said(record()), said({"number": NUMBER, "name": "B"}))
    assert owned.label == "B"


def test_an_update_never_disables_by_leaving_out() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    error, effects = drive(leadping().update(ours, name="B"), said(record(enabled=None)))
    assert isinstance(error, e.UnexpectedResponse)
    assert not error.maybe_applied
    assert [request.method for request in requests(effects)] == ["GET"]
    _, effects = drive(leadping().update(ours, enabled=True), said(record(enabled=None)), said(record()))
    assert bodies(effects)[0]["enabled"] is True


@pytest.mark.parametrize(
    ("api_version", "change"),
    [
        *((JUNE, {name: "x"}) for name in ("routing", "team", "campaign", "source", "warmup", "ten_dlc", "is_default")),
        (JUNE, {"number_health": True}),
        (AUGUST, {"number_health": True}),
        (AUGUST, {"admin_enablement_override": AdminOverride(enabled=True)}),
        (OCTOBER, {"enabled": True}),
        (OCTOBER, {"business": "biz_2"}),
    ],
)
def test_what_an_update_cannot_carry_is_refused_before_anything_is_sent(
    api_version: str, change: dict[str, Any]
) -> None:
    refused, effects = drive(leadping(api_version).update(NUMBER, **change))
    assert isinstance(refused, e.Unsupported)
    assert "silently" in refused.reason
    assert effects == []


def test_an_update_that_names_nothing_or_something_unknown() -> None:
    for change in ({}, {"color": "red"}, {"name": ""}, {"name": "x" * 256}):
        error, effects = drive(leadping().update(NUMBER, **change))
        assert isinstance(error, e.InvalidInput)
        assert effects == []


def test_transfer_is_confirmed_by_the_owner_that_the_answer_shows() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    moved = record(business={"id": "biz_2", "name": "Y"})
    done, effects = drive(leadping().transfer(ours, "biz_2"), said(record()), said(moved))
    assert done.to_account == "biz_2"
    assert bodies(effects)[0]["businessId"] == "biz_2"
    error, _ = drive(leadping().transfer(ours, "biz_2"), said(record()), said(record()))
    assert isinstance(error, e.UnexpectedResponse)
    assert error.maybe_applied
    for to, answers in (("biz_1", [said(record())]), ("  ", [])):
        error, _ = drive(leadping().transfer(ours, to), *answers)
        assert isinstance(error, e.InvalidInput)
    told = record(business=None, organization={"id": "org_1", "name": ""})
    _, effects = drive(
        leadping(AUGUST).transfer(ours, "org_2"), said(told), said({**told, "organization": {"id": "org_2"}})
    )
    assert bodies(effects)[0]["organizationId"] == "org_2"
    refused, effects = drive(leadping(OCTOBER).transfer(ours, "org_2"))
    assert isinstance(refused, e.Unsupported)
    assert effects == []
    assert isinstance(leadping(OCTOBER).supports["transfer"], Cannot)
    assert capabilities(Leadping)["features"]["transfer"]["evidence"] == "inferred"
