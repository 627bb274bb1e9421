"""Leadping's own operations: typed both ways, and played with state that fits together."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from anycarrier import Client, PhoneNumber
from anycarrier import errors as e
from anycarrier.decoding import Details
from anycarrier.exchange import Exchange, Response
from anycarrier.simulator import SimTransport
from anycarrier.testing import VirtualClock
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.api.lists import FieldRange
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, OTHER_OWNER, OWNER, LeadpingSimulator
from support.script import drive, items

BASE = "http://127.0.0.1:1"
FREE = "+12015550101"
OURS = "+12015550197"
VERSIONS = ["2026-06", "2026-08", "2026-10"]


def calling(simulator: LeadpingSimulator, clock: VirtualClock | None = None) -> Client[Leadping]:
    provider = Leadping(api_key=DUMMY_API_KEY, base_url=BASE, api_version=simulator.api_version)
    return Client(provider, transport=SimTransport({BASE: simulator}), clock=clock or VirtualClock())


def read(exchange: Exchange[Any], body: str) -> Any:
    value, _ = drive(exchange, Response(200, {"content-type": "application/json"}, body.encode()))
    return value


def api(api_version: str = "2026-10") -> Any:
    return Leadping(api_key="lp_1", api_version=api_version).api


@pytest.mark.parametrize("api_version", VERSIONS)
def test_the_balance_goes_down_with_a_purchase_a_text_and_a_call(api_version: Any) -> None:
    simulator = LeadpingSimulator(api_version=api_version, wallet="10")
    with calling(simulator) as phone:
        assert phone.native.wallet().balance == 10
        phone.buy(FREE)
        simulator.text(OURS, "+12125550150", "Hello")
        simulator.call(OURS, "+12125550150", seconds=61)
        wallet = phone.native.wallet()
        assert wallet.balance == Decimal("7.938")
        assert (wallet.currency, wallet.credit_status) == ("USD", "active")
        assert phone.native.owner().account_balance == wallet.balance


def test_money_is_exact_dates_are_dates_and_what_is_not_declared_is_in_raw() -> None:
    body = '{"balance": 12345678901.10, "currency": "USD", "createdAt": "2026-06-01T00:00:00Z", "new": {"a": 1}}'
    wallet = read(api().wallet(), body)
    assert isinstance(wallet, Details)
    assert wallet.balance == Decimal("12345678901.10")
    assert wallet.created_at == datetime(2026, 6, 1, tzinfo=UTC)
    assert wallet.raw["new"] == {"a": 1}


def test_a_member_that_cannot_be_read_hides_no_other_but_money() -> None:
    wallet = read(api().wallet(), '{"balance": 1, "name": {}, "createdAt": "soon", "creditStatus": "frozen"}')
    assert (wallet.balance, wallet.name, wallet.created_at, wallet.credit_status) == (1, None, None, "frozen")
    assert isinstance(read(api().wallet(), '{"balance": "much"}'), e.UnexpectedResponse)


@pytest.mark.parametrize("api_version", VERSIONS)
def test_the_history_of_a_number_comes_page_by_page(api_version: Any) -> None:
    simulator = LeadpingSimulator(api_version=api_version, owned=[OURS])
    for place in range(7):
        simulator.text(OURS, "+12125550150", f"Hello {place}")
    simulator.call(OURS, "+12125550150", seconds=30, inbound=True)
    with calling(simulator) as phone:
        texts = list(phone.native.sms_events(OURS, page_size=3, include_count=True))
        assert [event.text for event in texts] == [f"Hello {place}" for place in reversed(range(7))]
        assert simulator.ledger.counters["sms_history 200"] == 3
        assert {type(event.from_phone_number) for event in texts} == {PhoneNumber}
        [call] = phone.native.call_events(OURS)
        assert (call.direction, call.from_phone_number, call.to_phone_number) == ("inbound", "+12125550150", OURS)
        assert call.answered_at is not None
        [one] = phone.native.sms_events(OURS, search="Hello 3", search_fields=["text"])
        assert one.text == "Hello 3"
        with pytest.raises(e.InvalidRequest):
            list(phone.native.sms_events(FREE))


def test_a_sender_that_is_no_number_is_none_and_raw_has_it() -> None:
    page = '{"items": [{"id": "1", "fromPhoneNumber": "72345", "toPhoneNumber": "+12015550123", "x": 1}]}'
    [event], _ = items(api().sms_events(OURS), Response(200, {}, page.encode()))
    assert (event.from_phone_number, event.to_phone_number) == (None, PhoneNumber("+12015550123"))
    assert (event.raw["fromPhoneNumber"], event.raw["x"]) == ("72345", 1)


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_switch_changes_what_every_request_is_about(api_version: Any) -> None:
    simulator = LeadpingSimulator(api_version=api_version)
    with calling(simulator) as phone:
        options = {option.id: option for option in phone.native.owner_options()}
        assert [options[owner].is_current for owner in (OWNER, OTHER_OWNER)] == [True, False]
        before = phone.native.wallet()
        assert phone.native.switch_owner(OTHER_OWNER).id == OTHER_OWNER
        assert list(phone.list()) == []
        assert phone.native.wallet().balance == 0
        assert phone.native.owner().name == options[OTHER_OWNER].name
        assert phone.native.outbound_overview().phone_numbers == []
        with pytest.raises(e.InsufficientFunds):
            phone.buy(FREE)
        phone.native.switch_owner(OWNER)
        assert phone.native.wallet().balance == before.balance
        assert len(list(phone.list())) == 3
        with pytest.raises(e.PermissionDenied):
            phone.native.switch_owner("own_9")


@pytest.mark.parametrize("api_version", VERSIONS)
def test_capacity_and_reports_count_what_was_sent(api_version: Any) -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(api_version=api_version, owned=[OURS], now=clock.time, wallet="0.05")
    with calling(simulator, clock) as phone:
        full = phone.native.outbound_overview().sms_capacity_remaining_today
        assert full == 200
        for _ in range(3):
            simulator.text(OURS, "+12125550150", "Hello")
        overview = phone.native.outbound_overview()
        assert overview.sms_capacity_remaining_today == full - 3
        assert overview.blocked_count == 1
        assert [one.reason_code for one in overview.recent_decisions or ()] == [
            "wallet_insufficient",
            "allowed",
            "allowed",
        ]
        [capacity] = overview.phone_numbers or ()
        assert (capacity.phone_number, capacity.health_status) == (PhoneNumber(OURS), "healthy")
        report = phone.native.status(OURS, window_days=1)
        assert report.traffic_metrics is not None
        assert (report.traffic_metrics.sms_sent_count, report.traffic_metrics.sms_failed_count) == (3, 1)
        assert len(report.recent_events or ()) == 3
        clock.sleep(2 * 86_400)
        later = phone.native.status(OURS, window_days=1)
        assert later.traffic_metrics is not None
        assert later.traffic_metrics.sms_sent_count == 0
        [number] = phone.native.list_numbers()
        assert phone.native.warmup(str(number.id)).number == OURS


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_sender_is_chosen_set_and_cleared(api_version: Any) -> None:
    simulator = LeadpingSimulator(api_version=api_version)
    with calling(simulator) as phone:
        ids = {number.number: str(number.id) for number in phone.native.list_numbers()}
        chosen = phone.native.sender_for_new(channel="call", recipient="+12125550150")
        assert (chosen.can_send, chosen.number, chosen.selection_reason) == (True, "+12125550199", "LocalArea")
        assert phone.native.validate_sender(ids[PhoneNumber(OURS)], channel="sms").can_send is False
        override = phone.native.set_sender("conv", ids[PhoneNumber(OURS)], channel="call")
        assert (override.was_manually_overridden, override.number) == (True, OURS)
        assert phone.native.sender_for_conversation("conv", channel="call").number == OURS
        assert phone.native.clear_sender("conv").was_manually_overridden is False
        assert phone.native.sender_for_conversation("conv", channel="call", recipient="+12125550150").number != OURS
        with pytest.raises(e.InvalidRequest):
            phone.native.set_sender("conv", "num_9")
        with pytest.raises(e.InvalidInput, match="channel"):
            phone.native.sender_for_new(channel="fax")  # type: ignore[arg-type]


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_number_is_searched_bought_read_changed_and_released(api_version: Any) -> None:
    simulator = LeadpingSimulator(api_version=api_version)
    with calling(simulator) as phone:
        found = phone.native.search_numbers(phone_number="+1201", state="NJ")
        assert {offer.number.npa for offer in found} == {"201"}
        assert found[0].raw["number"] == found[0].number
        check = phone.native.check_number(FREE)
        assert (check.is_available, check.price) == (True, Decimal("2.0"))
        bought = phone.native.create_number(FREE, name="Desk")
        assert (bought.number, bought.name) == (PhoneNumber(FREE), "Desk")
        assert simulator.ledger.total() == 2
        enabled: dict[str, Any] = {} if api_version == "2026-10" else {"enabled": True}
        changed = phone.native.update_number(str(bought.id), FREE, name="Front", **enabled)
        assert phone.native.get_number(str(bought.id)).name == changed.name == "Front"
        phone.native.delete_number(str(bought.id))
        assert isinstance(bought, Details)


@pytest.mark.parametrize(
    ("api_version", "argument"),
    [
        ("2026-08", {"admin_enablement_override": True}),
        ("2026-10", {"owner_id": "own_2"}),
        ("2026-10", {"enabled": False}),
        ("2026-06", {"number_health": True}),
    ],
)
def test_an_argument_that_the_api_version_would_drop_is_refused(api_version: Any, argument: dict[str, Any]) -> None:
    from anycarrier_adapters.leadping import AdminOverride

    if "admin_enablement_override" in argument:
        argument = {"admin_enablement_override": AdminOverride(enabled=True)}
    with pytest.raises(e.InvalidInput, match=f"API version {api_version}"):
        api(api_version).update_number("num_1", FREE, name="Desk", **argument)


def test_a_range_names_its_bounds_as_leadping_does() -> None:
    bounds = FieldRange(field="createdAt", greater_than=datetime(2026, 6, 1, tzinfo=UTC), less_than=5)
    assert bounds.members() == {"field": "createdAt", "greaterThan": "2026-06-01T00:00:00+00:00", "lessThan": 5}
    with pytest.raises(e.InvalidInput):
        FieldRange(field=7)  # type: ignore[arg-type]
