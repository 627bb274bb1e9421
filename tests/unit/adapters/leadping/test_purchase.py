"""Leadping's purchase: its body, its refusals, and the look for a number that may have been bought."""

from __future__ import annotations

import json

import pytest

from anycarrier import errors as e
from anycarrier.exchange import Response
from anycarrier.model import Money, Offer, Status
from anycarrier_adapters.leadping import Leadping, LeadpingPurchase
from support.leadping import (
    AUGUST,
    JUNE,
    KEY,
    NUMBER,
    OCTOBER,
    OTHER,
    VERSIONS,
    attempt,
    bodies,
    draft,
    leadping,
    page,
    problem,
    record,
    requests,
    row,
    said,
)
from support.script import drive


def test_the_body_of_a_purchase_in_each_api_version() -> None:
    offer = Offer(provider="leadping", account="leadping", number=NUMBER)
    sent = {}
    for api_version in VERSIONS:
        made, effects = drive(leadping(api_version).draft(offer, key=KEY))
        assert effects == []
        sent[api_version] = json.loads(made.body)
    both = {"name": KEY, "number": NUMBER.e164, "numberHealthEnabled": False}
    assert sent == {JUNE: {**both, "enabled": True}, AUGUST: {**both, "enabled": True}, OCTOBER: both}


def test_health_is_opted_in_to_only_when_asked_for_and_a_name_keeps_the_key() -> None:
    offer = Offer(provider="leadping", account="leadping", number=NUMBER, price=Money("2"))
    options = [LeadpingPurchase(name="  Front desk ", number_health=True)]
    made, _ = drive(leadping(OCTOBER).draft(offer, key=KEY, options=options))
    assert json.loads(made.body) == {"name": f"Front desk {KEY}", "number": NUMBER.e164, "numberHealthEnabled": True}
    assert made.price == Money("4.00")
    again, _ = drive(leadping(OCTOBER).draft(offer, key=KEY, options=options))
    assert again.body == made.body
    most = 255 - len(KEY) - 1
    made, _ = drive(leadping().draft(offer, key=KEY, options=[LeadpingPurchase(name="x" * most)]))
    assert len(json.loads(made.body)["name"]) == 255
    error, effects = drive(leadping().draft(offer, key=KEY, options=[LeadpingPurchase(name="x" * (most + 1))]))
    assert isinstance(error, e.InvalidInput)
    assert effects == []
    for name in ("", "  ", "x" * 256):
        with pytest.raises(e.InvalidInput):
            LeadpingPurchase(name=name)


def test_of_a_bare_number_the_price_is_asked_first() -> None:
    made, effects = drive(leadping().draft(NUMBER, key=KEY), said({"isAvailable": True, "price": 2, "currency": "USD"}))
    assert made.price == Money("2")
    assert len(requests(effects)) == 1
    gone, _ = drive(leadping().draft(NUMBER, key=KEY), said({"isAvailable": False}))
    assert isinstance(gone, e.NumberUnavailable)
    assert not gone.maybe_applied
    assert gone.safe_elsewhere


def test_a_number_that_is_being_set_up_is_pending_and_never_active() -> None:
    for words in (
        {"status": "Provisioning", "inventoryState": "Pending verification"},
        {"status": "Provisioning", "inventoryState": "Assigned"},
        {"status": "Active", "inventoryState": "Pending verification"},
        {"status": None, "inventoryState": "Pending verification"},
        {"status": "Unregistered"},
    ):
        bought, effects = drive(leadping().place(draft()), said(record(**words)))
        assert (bought.status, bought.id) == (Status.PENDING, "num_1")
        [request] = requests(effects)
        assert (request.method, request.path, request.purpose) == ("POST", "/phone-numbers", "purchase")
        assert request.body == draft().body
    ready = {"status": None, "smsReady": False, "voiceReady": False}
    bought, _ = drive(leadping(OCTOBER).place(draft()), said(record(**ready)))
    assert bought.status is Status.PENDING
    bought, _ = drive(leadping(AUGUST).place(draft()), said(record(status=None, leadpingOwned=True)))
    assert bought.status is Status.UNKNOWN  # August's record says nothing of it


CHALLENGE = 'Bearer resource_metadata="https://api.leadping.ai/.well-known/oauth-protected-resource"'


@pytest.mark.parametrize(
    ("answer", "kind", "maybe"),
    [
        (problem(400), e.InvalidRequest, False),
        (problem(400, "The phone number is not available for purchase."), e.NumberUnavailable, False),
        (problem(400, "Bad", errors={"number": ["already purchased"]}), e.NumberUnavailable, False),
        (problem(400, "The wallet balance is insufficient."), e.InsufficientFunds, False),
        (problem(401), e.AuthenticationFailed, False),
        (problem(403), e.PermissionDenied, False),
        (problem(404), e.UnexpectedResponse, True),
        (problem(409), e.Conflict, False),
        (problem(429), e.RateLimited, True),
        (Response(429), e.RateLimited, True),
        (said({"title": "No", "status": 403}, 400), e.InvalidRequest, True),
        (said({"title": "No", "status": None}, 400), e.InvalidRequest, True),
        (said({"title": None, "status": 400}, 400), e.InvalidRequest, True),
        (problem(400, type="https://developers.cloudflare.com/errors/1015"), e.InvalidRequest, True),
        (problem(400, type=None, cloudflare_error=True), e.InvalidRequest, True),
        (problem(400, "The number was purchased."), e.InvalidRequest, True),
        (problem(400, success=True), e.InvalidRequest, True),
        (problem(400, type="https://tools.ietf.org/html/rfc9110#section-15.5.1"), e.InvalidRequest, False),
        (said({"title": "Forbidden"}, 403), e.PermissionDenied, True),
        (
            Response(401, {"www-authenticate": 'Bearer resource_metadata="https://gate.example/"'}),
            e.AuthenticationFailed,
            True,
        ),
        (Response(401, {"www-authenticate": CHALLENGE}), e.AuthenticationFailed, False),
        (Response(401, {"www-authenticate": "Basic"}), e.AuthenticationFailed, True),
        (Response(400, {}, b"<html>"), e.InvalidRequest, True),
        (said({"message": "Forbidden"}, 403), e.PermissionDenied, True),
        (problem(408), e.UnexpectedResponse, True),
        (problem(500), e.ProviderDown, True),
        (Response(502, {}, b"<html>"), e.ProviderDown, True),
        (Response(302), e.UnexpectedResponse, True),
        (said(record(), 201), e.UnexpectedResponse, True),
        (said(record(OTHER)), e.UnexpectedResponse, True),
        (said({"id": "num_1"}), e.UnexpectedResponse, True),
        (Response(200, {}, b"<html>"), e.UnexpectedResponse, True),
    ],
)
def test_only_leadpings_own_refusal_proves_that_nothing_was_bought(answer: Response, kind: type, maybe: bool) -> None:
    error, effects = drive(leadping().place(draft()), answer)
    assert type(error) is kind
    assert error.maybe_applied is maybe
    assert len(requests(effects)) == 1


def test_the_rules_never_send_a_purchase_twice() -> None:
    rules = Leadping.rules
    assert (rules.replay, rules.settle, rules.looks, rules.same_number_once) == (False, 300.0, 3, False)
    assert rules.refusals == {400, 401, 403}


# -- looking


def test_a_look_finds_the_number_by_search_and_prefers_the_key() -> None:
    rows = [row(id="num_0", name="Old"), row(id="num_9", name=f"Desk {KEY}", status="Provisioning"), row(OTHER)]
    seen, effects = drive(leadping().find_purchase(attempt()), page(*rows))
    assert (seen.id, seen.status) == ("num_9", Status.PENDING)
    assert bodies(effects) == [{"pageSize": 100, "search": NUMBER.e164, "searchFields": ["number"]}]
    seen, _ = drive(leadping().find_purchase(attempt()), page(row(id="num_0", name="Old")))
    assert seen.id == "num_0"


def test_a_look_is_a_no_only_after_the_whole_list() -> None:
    whole = [page(row(OTHER), token="t1"), page(row("+12125550143"))]
    seen, effects = drive(leadping().find_purchase(attempt()), page(), *whole)
    assert seen is None
    assert bodies(effects)[1:] == [{"pageSize": 100}, {"pageSize": 100, "continuationToken": "t1"}]
    seen, _ = drive(leadping().find_purchase(attempt()), page(), page(row(OTHER), token="t1"), page(row()))
    assert seen.id == "num_1"
    seen, _ = drive(leadping().find_purchase(attempt()), problem(400), *whole)  # the search is not understood
    assert seen is None
    released = row(status="PendingRelease", inventoryState="Released")
    seen, _ = drive(leadping().find_purchase(attempt()), page(released))
    assert seen is None


@pytest.mark.parametrize(
    "answers",
    [
        [problem(404)],
        [Response(404)],
        [problem(403)],
        [page(), problem(500)],
        [page(), said({"items": None})],
        [page(), said({})],
        [page(), said([])],
        [page(), page(row(OTHER), token="t"), page(row(OTHER), token="t")],
        [page(), page({"id": "num_7", "number": "?"})],
        [page(row(status="PendingRelease"))],
    ],
)
def test_a_look_at_anything_odd_proves_nothing(answers: list[Response]) -> None:
    error, _ = drive(leadping().find_purchase(attempt()), *answers)
    assert isinstance(error, e.AnyCarrierError)
    ours = page(row(status="PendingRelease", name=KEY), {"id": "num_7", "number": "?"})
    seen, _ = drive(leadping().find_purchase(attempt()), ours)
    assert seen.status is Status.RELEASING
