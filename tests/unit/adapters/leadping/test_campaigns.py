"""10DLC campaigns and routing at Leadping, as far as they have a neutral meaning."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from anycarrier import ForwardTo
from anycarrier import errors as e
from anycarrier.model import BindingStatus, OwnedNumber
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from support.leadping import AUGUST, NUMBER, OTHER, calling, leadping, page, record, requests, row, said
from support.script import drive

TEN_DLC = {"campaignId": "CB2PATH", "campaignStatus": "Approved", "assignmentStatus": "Assigned"}


@pytest.mark.parametrize(
    ("told", "campaign", "status", "word"),
    [
        ({"tenDlc": TEN_DLC}, "CB2PATH", BindingStatus.ACTIVE, "Assigned"),
        ({"tenDlc": {**TEN_DLC, "campaignStatus": "Pending"}}, "CB2PATH", BindingStatus.PENDING, "Pending"),
        ({"tenDlc": {**TEN_DLC, "campaignStatus": "REJECTED"}}, "CB2PATH", BindingStatus.FAILED, "REJECTED"),
        (
            {"tenDlc": {**TEN_DLC, "assignmentStatus": "PENDING_ASSIGNMENT"}},
            "CB2PATH",
            BindingStatus.PENDING,
            "PENDING_ASSIGNMENT",
        ),
        ({"tenDlc": {**TEN_DLC, "assignmentStatus": "Dazed"}}, "CB2PATH", BindingStatus.UNKNOWN, "Dazed"),
        ({"tenDlc": {"campaignId": "CB2PATH"}}, "CB2PATH", BindingStatus.UNKNOWN, None),
        (
            {"tenDlc": {**TEN_DLC, "assignmentStatus": "PENDING_UNASSIGNMENT"}},
            "CB2PATH",
            BindingStatus.UNBINDING,
            "PENDING_UNASSIGNMENT",
        ),
        ({"tenDlc": {"campaignId": None}}, None, BindingStatus.UNBOUND, None),
        ({"tenDlc": {"campaignId": ""}, "routing": None}, None, BindingStatus.UNBOUND, None),
        ({"routing": {"campaignId": "marketing"}, "campaignId": "marketing"}, None, BindingStatus.UNBOUND, None),
        ({}, None, BindingStatus.UNKNOWN, None),
    ],
)
def test_a_campaign_in_neutral_words(
    told: dict[str, Any], campaign: str | None, status: BindingStatus, word: str | None
) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    bound, effects = drive(leadping().campaign_of(ours), said(record(**told)))
    assert (bound.campaign_id, bound.status, bound.provider_status) == (campaign, status, word)
    assert len(requests(effects)) == 1
    owned, _ = drive(leadping().get(ours), said(record(**told)))
    assert owned.campaign_id == campaign


def test_since_august_the_status_of_a_campaign_is_in_the_list_only() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    told = said(record(routing={"tenDlcApplicationId": "app_1"}))
    rows = page(row(id="num_0", tenDlcCampaignStatus="Rejected"), row(tenDlcCampaignStatus="Approved"))
    bound, _ = drive(leadping(AUGUST).campaign_of(ours), told, rows)
    assert (bound.campaign_id, bound.status, bound.provider_status) == ("app_1", BindingStatus.ACTIVE, "Approved")


@pytest.mark.parametrize(
    ("routing", "routes"),
    [
        ({"smsEnabled": True, "voiceEnabled": True, "voiceConnectionId": "vc_1"}, "(ToGateway(gateway='vc_1'),)"),
        ({"smsEnabled": False, "voiceEnabled": False, "voiceConnectionId": "vc_1"}, "(NoTexts(),)"),
        ({"teamId": "t", "sourceId": "s", "campaignId": "c"}, "None"),
        (None, "None"),
    ],
)
def test_routing_is_read_as_far_as_it_has_a_neutral_meaning(routing: Any, routes: str) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    owned, _ = drive(leadping().get(ours), said(record(routing=routing)))
    assert repr(owned.routes) == routes
    if routing:
        assert owned.detail.routing.team_id == routing.get("teamId")


def test_nothing_can_be_routed_or_bound_and_the_reason_is_the_true_one() -> None:
    simulator = LeadpingSimulator()
    with calling(simulator) as phone:
        untyped: Any = phone
        for attempted in (
            lambda: untyped.route(NUMBER, ForwardTo(OTHER)),
            lambda: untyped.bind_campaign(NUMBER, "CB2PATH"),
            lambda: untyped.unbind_campaign(NUMBER),
        ):
            with pytest.raises(e.Unsupported, match="silently"):
                attempted()
    assert not simulator.ledger.requests


def test_the_other_operations_give_what_leadping_says() -> None:
    own = leadping().api
    told, effects = drive(own.status(NUMBER, window_days=7, end_date=date(2026, 6, 30)), said({"messagesPossible": 1}))
    assert (told.messages_possible, dict(told.raw)) == (1, {"messagesPossible": 1})
    [request] = requests(effects)
    assert (request.path, dict(request.path_values)) == (
        "/phone-numbers/{phoneNumber}/status",
        {"phoneNumber": NUMBER.e164},
    )
    assert request.query == (("windowDays", "7"), ("endDate", "2026-06-30"))
    error, _ = drive(own.owner(), said([]))
    assert isinstance(error, e.UnexpectedResponse)
    error, _ = drive(own.number(phoneNumberId="num_1"), said(record(status=7)))
    assert isinstance(error, e.UnexpectedResponse)
