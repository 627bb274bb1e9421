"""Leadping's list of numbers, and one number by its id."""

from __future__ import annotations

import pytest

from anycarrier import errors as e
from anycarrier.adapter import _paging
from anycarrier.model import Feature, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier_adapters.leadping.api import versions
from anycarrier_adapters.leadping.api.numbers import IdCache
from support.leadping import (
    NUMBER,
    OCTOBER,
    OTHER,
    VERSIONS,
    attempt,
    bodies,
    leadping,
    page,
    problem,
    record,
    requests,
    row,
    said,
)
from support.script import drive


@pytest.mark.parametrize("api_version", VERSIONS)
def test_the_cursor_goes_into_the_body_at_the_path_of_the_api_version(api_version: str) -> None:
    pages = [page(row(), token="a+/="), page(token="b"), page(row(OTHER, "num_2"), token="")]
    listed, effects = drive(leadping(api_version).list(), *pages)
    assert [owned.number for owned in listed] == [NUMBER, OTHER]
    assert [owned.id for owned in listed] == ["num_1", "num_2"]
    assert {request.path for request in requests(effects)} == {versions.VERSIONS[api_version].list_path}
    assert {(request.method, request.purpose) for request in requests(effects)} == {("POST", "read")}
    assert [body.get("continuationToken") for body in bodies(effects)] == [None, "a+/=", "b"]
    assert all(body["pageSize"] == 100 for body in bodies(effects))


def test_a_cursor_that_comes_again_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    error, effects = drive(leadping().list(), page(row(), token="a"), page(token="b"), page(token="a"))
    assert isinstance(error, e.UnexpectedResponse)
    assert "second time" in str(error)
    assert len(requests(effects)) == 3
    monkeypatch.setattr(_paging, "MOST_PAGES", 3)
    error, effects = drive(leadping().list(), *(page(token=str(place)) for place in range(9)))
    assert "more than 3 pages" in str(error)
    assert len(requests(effects)) == 3


@pytest.mark.parametrize("status", [404, 405])
def test_a_list_path_that_is_missing_is_no_empty_account(status: int) -> None:
    for exchange in (leadping().list(), leadping().get(NUMBER), leadping().find_purchase(attempt())):
        error, _ = drive(exchange, problem(status))
        assert isinstance(error, e.UnexpectedResponse)
        assert "api_version" in str(error)
        assert "2026-08" in str(error)


def test_rows_that_cannot_be_read_do_not_hide_the_others_and_are_told_of() -> None:
    error, _ = drive(leadping().list(), page({"number": "12"}, row(), {"id": "x"}))
    assert isinstance(error, e.UnexpectedResponse)
    assert "2 of 3 records" in str(error)
    demo = {"id": "num_8", "number": "+1 555 CALL", "isDemo": True}
    listed, _ = drive(leadping(OCTOBER).list(), page(demo, row(isDemo=True)))
    assert [owned.number for owned in listed] == [NUMBER]


def test_a_row_says_what_it_says() -> None:
    told = row(
        tenDlcCampaignId="CB2PATH",
        smsReady=True,
        voiceReady=False,
        capabilities="SMS, Voice",
        warmupHealthScore="87",
        business="Example Inc",
        providerLifecycleState="Active",
        healthStatus="Dazed",
        warmup={"state": "In Progress"},
    )
    [owned], _ = drive(leadping().list(), page(told))
    assert (owned.status, owned.provider_status, owned.label) == (Status.ACTIVE, "Active", "Main")
    assert (owned.campaign_id, dict(owned.features), owned.routes) == ("CB2PATH", {Feature.SMS: True}, None)
    assert (owned.detail.capabilities, owned.detail.warmup_health_score) == ("SMS, Voice", 87)
    assert (owned.detail.health_status, owned.detail.warmup.state) == ("Dazed", "In Progress")
    assert owned.raw == told


# -- one number


def test_the_id_is_found_through_the_list_and_remembered() -> None:
    provider = leadping()
    owned, effects = drive(provider.get(NUMBER), page(row(id="num_7"), row(OTHER)), said(record(id="num_7")))
    assert owned.number == NUMBER
    assert [request.path for request in requests(effects)] == [
        "/phone-numbers/all/my",
        "/phone-numbers/{phoneNumberId}",
    ]
    assert requests(effects)[1].path_values == {"phoneNumberId": "num_7"}
    again, effects = drive(provider.get("(201) 555-0123"), said(record(id="num_7")))
    assert again.id == "num_7"
    assert len(requests(effects)) == 1


def test_a_remembered_id_that_is_gone_is_looked_up_again() -> None:
    provider = leadping()
    drive(provider.get(NUMBER), page(row(id="num_7")), said(record(id="num_7")))
    answers = [problem(404), page(row(id="num_8")), said(record(id="num_8"))]
    owned, effects = drive(provider.get(NUMBER), *answers)
    assert owned.id == "num_8"
    assert [dict(request.path_values) for request in requests(effects)] == [
        {"phoneNumberId": "num_7"},
        {},
        {"phoneNumberId": "num_8"},
    ]
    missing, effects = drive(provider.get(NUMBER), problem(404), page(), page())
    assert isinstance(missing, e.NotFound)
    assert len(requests(effects)) == 3


def test_an_owned_number_is_used_by_its_id() -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_5")
    owned, effects = drive(leadping().get(ours), said(record(id="num_5")))
    assert owned.id == "num_5"
    assert len(effects) == 2  # the time, and one request
    gone, effects = drive(leadping().get(ours), problem(404))
    assert isinstance(gone, e.NotFound)
    foreign = OwnedNumber(provider="else", account="else", number=NUMBER, id="0/../1")
    owned, effects = drive(leadping().get(foreign), page(row()), said(record()))
    assert requests(effects)[-1].path_values == {"phoneNumberId": "num_1"}


def test_an_answer_about_another_number_is_not_taken() -> None:
    error, _ = drive(leadping().get(NUMBER), page(row()), said(record(OTHER)))
    assert isinstance(error, e.UnexpectedResponse)
    error, _ = drive(leadping().get(NUMBER), page(row(id=None)))
    assert isinstance(error, e.UnexpectedResponse)


@pytest.mark.parametrize("id", ["a b", "a\n", "x" * 201, "\u00e9"])
def test_an_id_that_is_none_is_not_put_into_a_url(id: str) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id=id)
    error, effects = drive(leadping().get(ours))
    assert isinstance(error, e.InvalidInput)
    assert requests(effects) == []


def test_only_so_many_ids_are_remembered() -> None:
    ids = IdCache(max_size=2)
    for place, number in enumerate(("+12015550101", "+12015550102", "+12015550101", "+12015550103")):
        ids.remember(PhoneNumber(number), str(place))
    assert len(ids) == 2
    assert (ids.get(PhoneNumber("+12015550101")), ids.get(PhoneNumber("+12015550102"))) == ("2", None)
    ids.remember(NUMBER, None)
    ids.forget(NUMBER)
    assert len(ids) == 2
