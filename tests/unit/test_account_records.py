"""Records about an account, as clients of both modes give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from anycarrier import Balance, CampaignStatus, InvalidInput, NotFound, UnexpectedResponse, Unsupported
from anycarrier.exchange import Response
from anycarrier.failover import Failover
from anycarrier.testing.fakes import MODES, AnyClient, Mode, StubTransport
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel

ACCOUNTS: dict[str, Callable[[], Any]] = {
    "voicetel": lambda: VoiceTel(api_key="0" * 32),
    "leadping": lambda: Leadping(api_key="lp_x"),
}

VOICETEL = ACCOUNTS["voicetel"]


def calling(provider: Any, mode: Mode, *bodies: object) -> AnyClient:
    """A client of *provider*, which answers its requests with *bodies* in turn."""
    answers = iter(bodies)
    headers = {"content-type": "application/json"}
    return AnyClient(
        mode, provider, StubTransport(lambda request: Response(200, headers, json.dumps(next(answers)).encode()))
    )


def account(**members: object) -> dict[str, object]:
    return {"status": "success", "data": members}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "body", "amount", "currency"),
    [
        ("voicetel", account(cash=0.1), "0.1", "USD"),
        ("voicetel", account(cash=-3), "-3", "USD"),
        ("voicetel", account(cash=None), None, None),
        ("leadping", {"balance": 87.35, "currency": " usd "}, "87.35", "USD"),
        ("leadping", {"balance": "87.35", "currency": "EUR"}, "87.35", "EUR"),
        ("leadping", {"balance": 87.35, "currency": "dollars"}, "87.35", None),
        ("leadping", {"currency": "USD"}, None, "USD"),
    ],
)
def test_a_balance_is_exact_and_what_is_not_stated_is_none(
    mode: Mode, name: str, body: object, amount: str | None, currency: str | None
) -> None:
    with calling(ACCOUNTS[name](), mode, body) as phone:
        read = phone.balance()
    assert isinstance(read, Balance)
    assert (read.provider, read.account) == (name, name)
    assert read.amount == (None if amount is None else Decimal(amount))
    assert read.currency == currency


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "body"), [("voicetel", account(cash="much")), ("leadping", {"balance": [1], "currency": "USD"})]
)
def test_a_balance_that_cannot_be_read_is_not_guessed(mode: Mode, name: str, body: object) -> None:
    with calling(ACCOUNTS[name](), mode, body) as phone, pytest.raises(UnexpectedResponse) as caught:
        phone.balance()
    assert caught.value.operation == "balance"


@pytest.mark.parametrize("mode", MODES)
def test_a_failover_leaves_the_account_to_a_client_of_one_provider(mode: Mode) -> None:
    with calling(Failover([make() for make in ACCOUNTS.values()]), mode) as phone:
        with pytest.raises(Unsupported, match="members") as caught:
            phone.balance()
        assert caught.value.feature == "balance"
        assert not phone.capabilities()["features"]["balance"]["supported"]
        assert not phone.sent


# -- campaigns, pools, coverage


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("CAMPAIGN_DCA_COMPLETE", CampaignStatus.ACTIVE),
        ("campaign_dca_complete_no_numbers_assigned", CampaignStatus.ACTIVE),
        ("CAMPAIGN_PENDING_DCA", CampaignStatus.PENDING),
        ("CAMPAIGN_DCA_REJECTED", CampaignStatus.FAILED),
        ("CAMPAIGN_LEVITATES", CampaignStatus.UNKNOWN),
        (None, CampaignStatus.UNKNOWN),
    ],
)
def test_a_word_of_voicetel_becomes_a_neutral_one_and_stays_beside_it(
    mode: Mode, word: str | None, status: CampaignStatus
) -> None:
    row = {"id": "CH5K5IZ", "status": word, "numbers": ["2015550123", "example"]}
    with calling(VOICETEL(), mode, account(campaigns=[row])) as phone:
        found = phone.campaign("CH5K5IZ")
    assert (found.status, found.provider_status, found.numbers) == (status, word, ("+12015550123",))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rows", [[], [{"id": "COTHER1", "status": "CAMPAIGN_DCA_COMPLETE"}]])
def test_an_answer_about_another_campaign_is_not_believed(mode: Mode, rows: list[object]) -> None:
    with calling(VOICETEL(), mode, account(campaigns=rows)) as phone, pytest.raises(UnexpectedResponse) as caught:
        phone.campaign("CH5K5IZ")
    assert caught.value.operation == "campaign"


@pytest.mark.parametrize("mode", MODES)
def test_an_id_that_is_none_is_refused_before_anything_is_sent(mode: Mode) -> None:
    with calling(VOICETEL(), mode) as phone:
        for wrong in ("ch5k5iz", "C/../x"):
            with pytest.raises(InvalidInput, match="campaign_id"):
                phone.campaign(wrong)
        assert not phone.sent


@pytest.mark.parametrize("mode", MODES)
def test_campaigns_of_voicetel_are_those_of_its_numbers_bound_or_being_bound(mode: Mode) -> None:
    numbers = [f"201555{line:04}" for line in (*range(100, 200),)]
    rows = [{"number": number, "route": 4, "forward": False, "forwardTo": None} for number in numbers]
    states = [{"number": number, "campaign": None} for number in numbers]
    states[0] = {"number": numbers[0], "campaign": {"id": "CAAAAA1", "status": "ACTIVE"}}
    states[1] = {"number": numbers[1], "campaign": None, "pending": {"campaignId": "CBBBBB2", "state": "queued"}}
    states[2] = {"number": numbers[2], "campaign": {"id": "CAAAAA1", "status": "ACTIVE"}}
    told = [
        {"id": "CAAAAA1", "status": "CAMPAIGN_DCA_COMPLETE", "numbers": [numbers[0], numbers[2]]},
        {"id": "CBBBBB2", "status": "CAMPAIGN_PENDING_DCA"},
    ]
    answers = (account(numbers=rows), account(numbers=states), account(campaigns=told))
    with calling(VOICETEL(), mode, *answers) as phone:
        first, second = phone.campaigns()
        assert len(phone.sent) == len(answers)
    assert (first.id, first.numbers) == ("CAAAAA1", (f"+1{numbers[0]}", f"+1{numbers[2]}"))
    assert (second.id, second.status, second.numbers) == ("CBBBBB2", CampaignStatus.PENDING, None)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (None, None),
        ({"tenDlcStatus": "NotStarted", "tenDlcApplicationId": None}, None),
        ({"tenDlcStatus": "Approved", "tenDlcApplicationId": "a1"}, (CampaignStatus.ACTIVE, "Approved")),
        (
            {"tenDlcStatus": "Submitted", "tenDlcApplicationId": "a1", "tenDlcDraft": {"campaignStatus": "Rejected"}},
            (CampaignStatus.FAILED, "Rejected"),
        ),
        ({"tenDlcStatus": "ReadyToSubmit", "tenDlcApplicationId": "a1"}, (CampaignStatus.PENDING, "ReadyToSubmit")),
        ({"tenDlcApplicationId": "a1"}, (CampaignStatus.UNKNOWN, None)),
    ],
)
def test_an_organization_of_leadping_has_its_10dlc_application(
    mode: Mode, activation: object, expected: tuple[CampaignStatus, str | None] | None
) -> None:
    owner = {"id": "org_1", "name": "Acme", "activation": activation}
    with calling(Leadping(api_key="lp_x", api_version="2026-08"), mode, owner, owner, owner) as phone:
        found = phone.campaigns()
        assert [(one.id, one.status, one.provider_status, one.numbers) for one in found] == (
            [] if expected is None else [("a1", *expected, None)]
        )
        if found:
            assert phone.campaign("a1") == found[0]
        with pytest.raises(NotFound):
            phone.campaign("a2")


@pytest.mark.parametrize("mode", MODES)
def test_coverage_sends_the_place_and_reads_what_each_row_names(mode: Mode) -> None:
    rows = [{"npa": "201", "nxx": "555", "count": 3}, {"locState": "NJ", "count": 0, "block": "2015550"}]
    with calling(VOICETEL(), mode, account(coverage=rows)) as phone:
        one, other = phone.coverage(
            "prefix", state="nj", city=" Closter ", rate_center="CLOSTER", area_code="201", lata="224"
        )
        (sent,) = phone.sent
    assert (one.prefix, one.count, one.state) == ("201555", 3, None)
    assert (other.prefix, other.count, other.state) == (None, 0, "NJ")
    asked = sent.url.partition("?")[2]
    assert sorted(asked.split("&")) == [
        "city=Closter",
        "countBy=npanxx",
        "lata=224",
        "locState=NJ",
        "npa=201",
        "rcAbbre=CLOSTER",
    ]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [None, "many", -1])
def test_a_place_without_a_count_is_not_believed(mode: Mode, count: object) -> None:
    body = account(coverage=[{"locState": "NJ", "count": count}])
    with calling(VOICETEL(), mode, body) as phone, pytest.raises(UnexpectedResponse) as caught:
        phone.coverage("state")
    assert caught.value.operation == "coverage"


@pytest.mark.parametrize("mode", MODES)
def test_coverage_within_several_area_codes_is_refused(mode: Mode) -> None:
    with calling(VOICETEL(), mode) as phone:
        with pytest.raises(InvalidInput, match="area_code"):
            phone.coverage("state", area_code=("201", "212"))
        assert not phone.sent


@pytest.mark.parametrize("mode", MODES)
def test_a_pool_keeps_what_leadconnector_states_of_it(mode: Mode) -> None:
    shown = {"id": "p1", "name": "Sales", "numbers": [{"phoneNumber": "+12015550123"}], "whisper": True}
    body = {"success": True, "data": [shown, {"numbers": None, "forwardingNumber": "+12125550142"}], "total": 2}
    with calling(LCPhone(token="pit-x", location_id="L1"), mode, body) as phone:
        one, other = phone.pools()
    assert (one.id, one.name, one.numbers, one.forward_to) == ("p1", "Sales", ("+12015550123",), None)
    assert one.detail.whisper is True
    assert one.raw["whisper"] is True
    assert (other.id, other.numbers, other.forward_to) == (None, (), "+12125550142")
