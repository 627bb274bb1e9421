"""Every provider's cassettes replay in both modes; those written from documents give to the letter what these say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from anycarrier import ForwardTo, Line, Money, NoForward, NoTexts, ToGateway
from anycarrier.account_records import CampaignStatus
from anycarrier.model import BindingStatus, Status
from anycarrier.ports import PortState
from anycarrier.testing import CassetteContract, Steps
from anycarrier_adapters import lc_legacy, lc_phone, leadping, voicetel
from recordings.lc_legacy import STEPS as LC_LEGACY
from recordings.lc_phone import STEPS as LC_PHONE
from recordings.leadping import STEPS as LEADPING
from recordings.voicetel import STEPS as VOICETEL

CASSETTES = Path(__file__).parents[2] / "cassettes"
ALL: dict[str, Steps] = {"lc_legacy": LC_LEGACY, "lc_phone": LC_PHONE, "leadping": LEADPING, "voicetel": VOICETEL}
Literally = Mapping[str, Callable[[Any], None]]


def test_every_provider_has_steps_and_cassettes() -> None:
    assert {path.name for path in CASSETTES.iterdir()} == set(ALL)
    for module in (lc_legacy, lc_phone, leadping, voicetel):
        assert ALL[module.PROVIDER.name].provider is module.PROVIDER


# -- VoiceTel

NUMBER, FOUND, DETAIL = "+12012548000", "+12019085750", "+12015551234"
TEXTING, BOUND = "+19175803800", "+16185243600"
FORWARD, GATEWAY = ForwardTo("+12015550123"), ToGateway(1000)


def found(offers: Any) -> None:
    (offer,) = offers
    assert (offer.number, offer.city, offer.state, offer.rate_center, offer.lata) == (
        FOUND,
        "Closter",
        "NJ",
        "CLOSTER",
        "224",
    )


def bought(owned: Any) -> None:
    assert (owned.number, owned.status, owned.raw["orderId"]) == (NUMBER, Status.ACTIVE, "1747345200")


def unavailable(error: Any) -> None:
    assert error.detail == "example"


def ordered(order: Any) -> None:
    assert [owned.number for owned in order.numbers] == [FOUND]
    assert order.failed == {NUMBER: "example"}
    assert order.amount_charged == Money("0.5")


def listed(numbers: Any) -> None:
    (owned,) = numbers
    assert owned.number == DETAIL
    assert owned.routes == (GATEWAY, FORWARD)


def unreadable(error: Any) -> None:
    assert "1 of 1 records cannot be read: data.numbers.0.forwardTo" in str(error)


def got(owned: Any) -> None:
    assert owned.number == DETAIL
    assert owned.detail.gateway == "203.0.113.10:5060"


def routed(*routes: Any, number: str = NUMBER) -> Callable[[Any], None]:
    def check(owned: Any) -> None:
        assert owned.number == number
        assert owned.routes == routes

    return check


def campaign(status: BindingStatus, campaign_id: str | None, word: str | None, number: str) -> Callable[[Any], None]:
    def check(binding: Any) -> None:
        assert (binding.status, binding.campaign_id, binding.provider_status, binding.number) == (
            status,
            campaign_id,
            word,
            number,
        )

    return check


def emergency(value: Any) -> None:
    assert (value.number, value.address.name, value.address.unit) == ("+12015551234", "ACME INC", "STE 200")


def looked_up(value: Any) -> None:
    assert (value.carrier, value.ocn, value.lrn) == ("example", "9101", "+12125550000")
    assert (value.city, value.state, value.lata, value.cost) == ("NEW YORK", "NY", "132", None)
    assert value.caller_name == "VOICETEL"


def without_address(value: Any) -> None:
    assert value == []  # the only number of the example has the address of the other example


def balance(amount: str, as_of: datetime | None) -> Callable[[Any], None]:
    def check(read: Any) -> None:
        assert (read.amount, read.currency, read.as_of) == (Decimal(amount), "USD", as_of)

    return check


def has_campaigns(campaign_id: str, status: CampaignStatus, word: str, *numbers: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        (found,) = value if isinstance(value, list) else [value]
        assert (found.id, found.status, found.provider_status) == (campaign_id, status, word)
        assert found.numbers == numbers

    return check


def covered(value: Any) -> None:
    (place,) = value
    assert (place.count, place.state, place.city, place.rate_center) == (270026, "NJ", "example", "example")
    assert (place.prefix, place.lata) == ("201908", "224")


def can_be_ported(value: Any) -> None:
    (one,) = value
    assert (one.is_portable, one.losing_carrier, one.is_toll_free) == (True, "Sinch Voice-NSR-10X-Port/1", False)


def port_ordered(made: Any) -> None:
    (record,) = made.records
    assert (record.port_id, record.state, record.fee) == ("a3a2a", PortState.NEEDS_LOA, Money("6"))
    assert record.loa_url == "https://api.voicetel.com/a/loa/a3a2a/"


def all_ports(value: Any) -> None:
    (one,) = value
    assert (one.id, one.state, one.numbers, str(one.due)) == ("y0d36", PortState.COMPLETE, None, "1975-07-15")


def one_port(value: Any) -> None:
    assert (value.id, value.state, value.numbers) == ("y0d36", PortState.COMPLETE, ("+12015551234",))


class TestVoiceTel(CassetteContract):
    folder = CASSETTES / "voicetel"
    steps = VOICETEL
    literally: ClassVar[Literally] = {
        "search": found,
        "buy": bought,
        "buy_failed": unavailable,
        "order": ordered,
        "list": listed,
        "list_as_documented": unreadable,
        "get": got,
        "route_gateway": routed(GATEWAY, FORWARD),
        "route_forward": routed(GATEWAY, FORWARD),
        "route_no_forward": routed(GATEWAY, NoForward()),
        "route_texts_email": routed(GATEWAY, FORWARD),
        "route_texts_none": routed(GATEWAY, FORWARD, NoTexts()),
        "route_messaging": routed(GATEWAY, FORWARD, number=TEXTING),
        "bind_campaign": campaign(BindingStatus.ACTIVE, "CH5K5IZ", None, BOUND),
        "bind_campaign_pending": campaign(BindingStatus.PENDING, "CH5K5IZ", "pending", BOUND),
        "unbind_campaign": campaign(BindingStatus.UNBOUND, None, None, BOUND),
        "campaign_of": campaign(BindingStatus.ACTIVE, "CH5K5IZ", "ACTIVE", TEXTING),
        "emergency_address": emergency,
        "set_emergency_address": emergency,
        "numbers_without_emergency_address": without_address,
        "look_up": looked_up,
        "balance": balance("0.5", None),
        "campaigns": has_campaigns("CH5K5IZ", CampaignStatus.ACTIVE, "CAMPAIGN_DCA_COMPLETE", TEXTING),
        "campaign": has_campaigns("ABC123", CampaignStatus.ACTIVE, "CAMPAIGN_DCA_COMPLETE", TEXTING),
        "coverage": covered,
        "portable": can_be_ported,
        "port_in": port_ordered,
        "ports": all_ports,
        "port": one_port,
    }


# -- LeadConnector


def found_by_lc(value: Any) -> None:
    (offer,) = value
    assert (offer.number, offer.price, offer.line) == ("+18705871861", Money("1.15"), Line.LOCAL)


def pools(value: Any) -> None:
    assert [pool.name for pool in value] == ["Sales Team Pool"]


def neutral_pools(value: Any) -> None:
    (pool,) = value
    assert (pool.id, pool.name, pool.numbers) == ("ve9EPM428h8vShlRW1KT", "Sales Team Pool", ("+14155552671",))
    assert pool.forward_to == "+14155552671"
    assert pool.detail.whisper_message == "Incoming call from sales line"


def senders(value: Any) -> None:
    assert [sender.number for sender in value] == ["rcs-sender-id"]


def numbers(*expected: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        assert [owned.number for owned in value] == [*expected]

    return check


def only(number: str) -> Callable[[Any], None]:
    def check(owned: Any) -> None:
        assert owned.number == number

    return check


class TestLCPhone(CassetteContract):
    folder = CASSETTES / "lc_phone"
    steps = LC_PHONE
    literally: ClassVar[Literally] = {
        "search": found_by_lc,
        "buy": only("+17745678902"),
        "list": numbers("+17745678902"),
        "get": only("+17745678902"),
        "number_pools": pools,
        "pools": neutral_pools,
        "rcs_sender_ids": senders,
    }


class TestLCLegacy(CassetteContract):
    folder = CASSETTES / "lc_legacy"
    steps = LC_LEGACY
    literally: ClassVar[Literally] = {
        "search": found_by_lc,
        "buy": only("+18705871861"),
        "list": numbers("+14155552671", "+18005551234"),
        "get": only("+14155552671"),
        "number_pools": pools,
        "pools": neutral_pools,
    }


def test_every_request_of_leadconnector_carries_its_version() -> None:
    import yaml

    for name, version in (("lc_phone", "v3"), ("lc_legacy", "2021-07-28")):
        for path in (CASSETTES / name).glob("*.yaml"):
            for interaction in yaml.safe_load(path.read_text())["interactions"]:
                old_token = name == "lc_legacy" and path.stem == "token"
                assert interaction["request"]["headers"].get("version") == (None if old_token else version), path.stem


# -- Leadping

OURS, OTHER = "+12015550123", "+12015550124"


def found_by_leadping(offers: Any) -> None:
    assert [offer.number for offer in offers] == [OURS, OTHER]
    assert (offers[0].city, offers[0].state, offers[0].latitude) == ("Hackensack", "NJ", 40.8859)


def refused(error: Any) -> None:
    assert error.detail == "Request validation failed; One or more request fields are invalid."


def available(answer: Any) -> None:
    assert answer.available
    assert answer.price == Money("2.00")


def bought_of_leadping(owned: Any) -> None:
    assert (owned.number, owned.status) == (OURS, Status.PENDING)
    assert owned.detail.provider_order_status == "pending"


def listed_by_leadping(value: Any) -> None:
    assert [(owned.number, owned.status) for owned in value] == [(OURS, Status.ACTIVE), (OTHER, Status.PENDING)]


def got_of_leadping(owned: Any) -> None:
    assert (owned.number, owned.id, owned.status, owned.provider_status) == (OURS, "num_0001", Status.ACTIVE, "Active")
    assert owned.detail.warmup_health_score == 87
    assert owned.detail.billing.monthly_amount == 2
    assert len(owned.raw) == 55


def released(release: Any) -> None:
    assert release.at == datetime(2023, 11, 14, 5, 31, 56, tzinfo=UTC)


def bound(binding: Any) -> None:
    assert (binding.campaign_id, binding.status, binding.provider_status) == (
        "CTEST01",
        BindingStatus.ACTIVE,
        "Assigned",
    )


def of_a_later_api_version(owned: Any) -> None:
    assert (owned.number, owned.campaign_id, owned.detail.owner.id) == (OURS, "app_0001", "org_0001")
    assert owned.status is (Status.ACTIVE if owned.detail.sms_ready else Status.UNKNOWN)


class TestLeadping(CassetteContract):
    folder = CASSETTES / "leadping"
    steps = LEADPING
    literally: ClassVar[Literally] = {
        "search": found_by_leadping,
        "search_refused": refused,
        "availability": available,
        "buy": bought_of_leadping,
        "wait": got_of_leadping,
        "list": listed_by_leadping,
        "get": got_of_leadping,
        "august_get": of_a_later_api_version,
        "october_get": of_a_later_api_version,
        "campaign_of": bound,
        "balance": balance("87.35", datetime(2026, 8, 18, 9, 30, tzinfo=UTC)),
        "campaigns": has_campaigns("CTEST01", CampaignStatus.ACTIVE, "Approved", OURS),
        "campaign": has_campaigns("CTEST01", CampaignStatus.ACTIVE, "Approved", OURS),
        "release": released,
    }
