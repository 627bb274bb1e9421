"""Bindings to 10DLC campaigns at VoiceTel."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.decoding import raw
from anycarrier.model import BindingStatus
from support.script import failing, json_of, play, query_of
from support.voicetel import CAMPAIGN, NUMBER, N
from support.voicetel_answers import V, no, ok


def bound(**more: Any) -> dict[str, Any]:
    return {
        "number": NUMBER,
        "campaignId": CAMPAIGN,
        "carrier": 17,
        "network": "A",
        "upstreamCnpId": "SFL9UTQ",
        "previousNetwork": None,
        "previousNetworkCleared": False,
        **more,
    }


@pytest.mark.parametrize(
    ("response", "status", "word"),
    [
        (ok(bound()), BindingStatus.ACTIVE, None),
        (ok(bound(status="enabled", alreadyAssigned=False)), BindingStatus.ACTIVE, "enabled"),
        (ok(bound(status="already", alreadyAssigned=True)), BindingStatus.ACTIVE, "already"),
        (ok(bound(status="pending", network="C")), BindingStatus.PENDING, "pending"),
        (ok(bound(status="PENDING"), 202), BindingStatus.PENDING, "PENDING"),
        (ok(bound(), 202), BindingStatus.PENDING, None),
        (ok(bound(status="enabled"), 202), BindingStatus.PENDING, "enabled"),
        (ok(bound(job={"state": "hosting", "message": "m"}), 202), BindingStatus.PENDING, "hosting"),
        (ok(bound(job={"state": "queued"})), BindingStatus.PENDING, "queued"),
        (ok(bound(job={"state": "done"})), BindingStatus.ACTIVE, "done"),
        (ok(bound(status="pending", job={"state": "failed"}), 202), BindingStatus.FAILED, "failed"),
        (ok(bound(job={"state": "levitating"})), BindingStatus.UNKNOWN, "levitating"),
        (ok(bound(status="new word")), BindingStatus.UNKNOWN, "new word"),
        (ok(bound(status=None, job=None)), BindingStatus.ACTIVE, None),
        (ok({"number": int(NUMBER)}), BindingStatus.ACTIVE, None),
    ],
)
def test_binding_in_all_shapes(response: Any, status: BindingStatus, word: str | None) -> None:
    binding, (request,) = play(V.bind_campaign(N, CAMPAIGN), response)
    assert (binding.status, binding.provider_status, binding.campaign_id) == (status, word, CAMPAIGN)
    assert (request.method, json_of(request)) == ("PUT", {"campaignId": CAMPAIGN})
    assert binding.raw["number"] in (NUMBER, int(NUMBER))


def test_unbinding_puts_the_campaign_into_the_query() -> None:
    answered = ok({"number": NUMBER, "campaignId": CAMPAIGN, "unassigned": True})
    binding, (request,) = play(V.unbind_campaign(N, CAMPAIGN), answered)
    assert (binding.status, binding.campaign_id) == (BindingStatus.UNBOUND, None)
    assert (request.method, query_of(request), request.body) == ("DELETE", {"campaignId": CAMPAIGN}, None)
    for unsaid in ({"unassigned": False}, {}):
        binding, _ = play(V.unbind_campaign(N, CAMPAIGN), ok({"number": NUMBER, **unsaid}))
        assert (binding.status, binding.campaign_id) == (BindingStatus.UNKNOWN, CAMPAIGN)


def test_unbinding_looks_the_campaign_up() -> None:
    has = ok({"number": NUMBER, "campaign": {"id": CAMPAIGN, "status": "ACTIVE"}})
    _, (_, request) = play(V.unbind_campaign(N), has, ok({"number": NUMBER, "unassigned": True}))
    assert query_of(request) == {"campaignId": CAMPAIGN}
    binding, _ = play(V.unbind_campaign(N), ok({"number": NUMBER, "campaign": None}))
    assert binding.status is BindingStatus.UNBOUND


@pytest.mark.parametrize(
    ("state", "status", "campaign_id"),
    [
        ({"campaign": {"id": CAMPAIGN, "status": "ACTIVE"}}, BindingStatus.ACTIVE, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "active", "network": "C", "dca": {}}}, BindingStatus.ACTIVE, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "EXPIRED"}}, BindingStatus.FAILED, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "SUSPENDED"}}, BindingStatus.FAILED, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "PENDING"}}, BindingStatus.PENDING, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "LEVITATING"}}, BindingStatus.UNKNOWN, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN}}, BindingStatus.UNKNOWN, CAMPAIGN),
        ({"campaign": {}}, BindingStatus.UNKNOWN, None),
        ({"campaign": None}, BindingStatus.UNBOUND, None),
        ({"campaign": None, "onAccount": True, "pending": None}, BindingStatus.UNBOUND, None),
        ({}, BindingStatus.UNKNOWN, None),
        ({"campaign": None, "pending": {"campaignId": CAMPAIGN, "state": "queued"}}, BindingStatus.PENDING, None),
        ({"campaign": None, "pending": True}, BindingStatus.PENDING, None),
        ({"campaign": None, "pending": False}, BindingStatus.UNBOUND, None),
        ({"campaign": None, "pending": {}}, BindingStatus.UNBOUND, None),
        ({"campaign": None, "pending": {"state": []}}, BindingStatus.PENDING, None),
        ({"campaign": None, "pending": ["x"]}, BindingStatus.PENDING, None),
    ],
)
def test_campaign_of_in_all_shapes(state: dict[str, Any], status: BindingStatus, campaign_id: str | None) -> None:
    binding, _ = play(V.campaign_of(N), ok({"number": NUMBER, **state}))
    assert (binding.status, binding.campaign_id) == (status, campaign_id)
    assert binding.registry_id == campaign_id


def test_an_answer_that_is_as_declared_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "_decoded", None)
    state = {"number": NUMBER, "campaign": {"id": CAMPAIGN, "status": "ACTIVE"}, "pending": None}
    binding, _ = play(V.campaign_of(N), ok(state))
    assert binding.campaign_id == CAMPAIGN


def test_a_campaign_of_another_form_has_no_registry_id() -> None:
    binding, _ = play(V.campaign_of(N), ok({"number": NUMBER, "campaign": {"id": "CAMPAIGN0001", "status": "ACTIVE"}}))
    assert (binding.campaign_id, binding.registry_id) == ("CAMPAIGN0001", None)


def test_campaign_of_a_number_of_others_is_not_found() -> None:
    for foreign in (no(404), ok({"number": NUMBER, "onAccount": False, "campaign": None})):
        error, _ = failing(V.campaign_of(N), foreign)
        assert isinstance(error, e.NotFound)


@pytest.mark.parametrize("campaign", ["", "ch5k5iz", "CH5 5IZ", "C1\n", "../..", "É", "A" * 65])
def test_ids_of_campaigns_have_the_documented_form(campaign: str) -> None:
    for exchange in (V.bind_campaign(N, campaign), V.unbind_campaign(N, campaign)):
        error, script = failing(exchange)
        assert isinstance(error, e.InvalidInput)
        assert not script.requests


def test_an_id_that_can_be_bound_may_not_have_the_form_for_unbinding() -> None:
    play(V.bind_campaign(N, "ABC123"), ok({"number": NUMBER}))
    error, script = failing(V.unbind_campaign(N, "ABC123"))
    assert isinstance(error, e.InvalidInput)
    assert not script.requests
