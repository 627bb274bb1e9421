"""Two simulators that are joined: a number that ports in at one leaves the other."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from anycarrier import Client, Search
from anycarrier.errors import InvalidInput
from anycarrier.simulator import ServiceRecord, SimAnswer, SimRequest, SimTransport, Simulator, join, load
from anycarrier.simulator.control import control
from anycarrier_adapters._leadconnector.simulator import LeadConnectorSimulator
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.voicetel_played import DAY, PORT, Time, ask

BASE = "http://127.0.0.1:1"
NUMBER = "+13125550150"
GOOD = {"lcAccountNumber": "100200300", "pin": "4321", "streetNumber": "411", "zip": "07601"}


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["lc_phone", "lc_legacy"])
def losing(request: pytest.FixtureRequest, time: Time) -> LeadConnectorSimulator:
    simulator = load(request.param, now=time, owned=[NUMBER])
    assert isinstance(simulator, LeadConnectorSimulator)
    return simulator


@pytest.fixture
def gaining(time: Time, losing: LeadConnectorSimulator) -> VoiceTelSimulator:
    simulator = VoiceTelSimulator(now=time, balance=5000)
    join(losing=losing, gaining=simulator)
    return simulator


def order(gaining: VoiceTelSimulator, *numbers: str, **stated: object) -> str:
    for number in numbers:
        status, document = ask(gaining, "GET", f"/ports/availability/{number[-10:]}")
        assert (status, document["data"]["portable"]) == (200, True), document
    body = {**PORT, **GOOD, "desiredDueDate": "", "features": [], **stated}
    body["did"] = [number[-10:] for number in numbers]
    status, document = ask(gaining, "POST", "/ports", body)
    assert status == 201, document
    pid = document["data"]["pid"]
    gaining.happen("loa", pid=pid)
    return str(pid)


def port(gaining: VoiceTelSimulator, pid: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(gaining, "GET", f"/ports/{pid}")[1]["data"]["port"]
    return found


def numbers_of(simulator: Simulator) -> set[str]:
    """The numbers that a client of the provider sees."""
    with Client(
        simulator.name, **simulator.settings, base_url=BASE, transport=SimTransport({BASE: simulator})
    ) as phone:
        return {owned.number.e164 for owned in phone.list()}


def test_a_number_that_ports_in_at_one_leaves_the_other_on_that_day(
    time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    pid = order(gaining, NUMBER)
    assert gaining.ledger.charges_of(NUMBER[2:])
    time.at += 7 * DAY
    assert port(gaining, pid)["status"] == "FOC"
    assert numbers_of(losing) == {NUMBER}
    time.at += DAY
    # The losing side is looked at first: it must know of the day by itself.
    assert numbers_of(losing) == set()
    assert NUMBER in numbers_of(gaining)
    assert port(gaining, pid)["status"] == "Complete"
    assert [number for _, number in losing.ledger.ported_out] == [NUMBER]
    assert losing.ledger.as_dict()["ported_out"][0]["number"] == NUMBER
    assert not losing.ledger.releases


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"lcAccountNumber": "9"}, "account number does not match"),
        ({"pin": "0000"}, "PIN does not match"),
        ({"pin": ""}, "PIN does not match"),
        ({"streetNumber": "412"}, "address does not match"),
        ({"zip": "10001"}, "address does not match"),
    ],
)
def test_the_losing_account_decides_what_the_order_has_to_state(
    stated: dict[str, str], said: str, time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    pid = order(gaining, NUMBER, **stated)
    assert port(gaining, pid)["status"] == "In Progress"  # it is the losing carrier that says so, later
    time.at += DAY
    rejected = port(gaining, pid)
    assert (rejected["status"], rejected["foc"]) == ("Rejected", "")
    assert rejected["message"] == f"Rejected by LeadConnector-NSR/1: {said} (3125550150)."
    time.at += 30 * DAY
    assert numbers_of(losing) == {NUMBER}
    corrected = order(gaining, NUMBER)
    time.at += 8 * DAY
    assert port(gaining, corrected)["status"] == "Complete"
    assert port(gaining, pid)["status"] == "Rejected"


def test_what_an_account_states_can_be_set(time: Time) -> None:
    accounts: Mapping[str, Any] = {"second": {"owned": [NUMBER], "service_record": {"account_number": 77, "pin": None}}}
    losing = load("lc_phone", now=time, accounts=accounts)
    record = losing.service_record(NUMBER)
    assert record is not None
    assert (record.account_number, record.pin, record.zip) == ("77", None, "07601")
    assert losing.service_record("+13125550151") is None
    gaining = VoiceTelSimulator(now=time)
    join(losing=losing, gaining=gaining)
    pid = order(gaining, NUMBER, lcAccountNumber="77", pin="")
    time.at += 8 * DAY
    assert port(gaining, pid)["status"] == "Complete"
    assert not losing.accounts["second"].owned


def test_a_fact_of_one_number_stands_before_its_account(
    time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    gaining.happen("other_carrier", number=NUMBER, reason="Rate center not served")
    check = ask(gaining, "GET", f"/ports/availability/{NUMBER[2:]}")[1]["data"]
    assert (check["portable"], check["reason"]) == (False, "Rate center not served")
    assert check["losingCarrier"] == "LeadConnector-NSR/1"
    gaining.happen("other_carrier", number=NUMBER, reason=None, porting_to="Third Telecom")
    pid = order(gaining, NUMBER)
    time.at += DAY
    assert "already being ported to Third Telecom" in port(gaining, pid)["message"]
    with pytest.raises(InvalidInput, match="a service record has carrier"):
        gaining.happen("other_carrier", number=NUMBER, colour="red")


@pytest.mark.parametrize("when", [0, 3])
def test_a_number_that_was_given_up_before_it_arrived_is_lost(
    when: int, time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    losing.own("+13125550151")
    pid = order(gaining, NUMBER, "+13125550151")
    time.at += when * DAY
    assert port(gaining, pid)["status"] == ("FOC" if when else "In Progress")
    losing.happen("delete", number=NUMBER)
    assert [number for _, number in losing.ledger.releases] == [NUMBER]
    time.at += 9 * DAY
    found = port(gaining, pid)
    if when:  # after the losing carrier had agreed
        assert (found["status"], found["message"]) == ("Complete", "Operation completed. Not ported: 3125550150.")
        assert "+13125550151" in numbers_of(gaining)
    else:
        assert found["status"] == "Rejected"
        assert "number is not active (3125550150)" in found["message"]
    assert NUMBER not in numbers_of(gaining)
    assert NUMBER not in numbers_of(losing)


def test_a_number_of_one_is_for_sale_at_neither(
    time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    assert NUMBER[2:] not in gaining.stock
    losing.own("+12015550100")
    assert "2015550100" not in gaining.stock
    gaining.own("2125550100")
    assert "+12125550100" not in losing.stock
    gaining.reset()
    assert "2015550100" not in gaining.stock
    pid = order(gaining, "+12015550100")
    time.at += 8 * DAY
    assert port(gaining, pid)["status"] == "Complete"
    assert "+12015550100" not in losing.stock


def test_one_order_for_numbers_of_two_accounts_is_rejected_as_a_whole(
    time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    leadping = load("leadping", now=time, owned=["+14155550150"])
    join(losing=leadping, gaining=gaining)
    pid = order(gaining, NUMBER, "+14155550150")
    time.at += DAY
    assert port(gaining, pid)["message"] == ("Rejected by Leadping-NSR/1: account number does not match (4155550150).")
    first = order(gaining, NUMBER)
    second = order(gaining, "+14155550150", lcAccountNumber="300200100", pin="1234")
    time.at += 9 * DAY
    assert (port(gaining, first)["status"], port(gaining, second)["status"]) == ("Complete", "Complete")
    assert numbers_of(leadping) == numbers_of(losing) == set()
    assert [number for _, number in leadping.ledger.ported_out] == ["+14155550150"]


def test_a_number_goes_from_one_voicetel_to_another_and_cannot_be_released_meanwhile(time: Time) -> None:
    losing, gaining = VoiceTelSimulator(now=time, owned=["3125550150"]), VoiceTelSimulator(now=time, api_key="b" * 32)
    join(losing=losing, gaining=gaining)
    headers = {"authorization": "Bearer " + "b" * 32}
    ask(losing, "PATCH", "/numbers/3125550150/port-out-pin", {"pin": "4287"})
    record = losing.service_record(NUMBER)
    assert record is not None

    def submit(pin: str) -> str:
        ask(gaining, "GET", "/ports/availability/3125550150", headers=headers)
        stated = {
            **PORT,
            "did": ["3125550150"],
            "features": [],
            "desiredDueDate": "",
            "lcAccountNumber": record.account_number,
            "pin": pin,
        }
        status, document = ask(gaining, "POST", "/ports", stated, headers)
        assert status == 201, document
        gaining.happen("loa", pid=document["data"]["pid"])
        time.at += 2 * DAY
        return str(
            ask(gaining, "GET", f"/ports/{document['data']['pid']}", headers=headers)[1]["data"]["port"]["status"]
        )

    assert submit("4288") == "Rejected"
    assert submit("4287") == "FOC"
    assert ask(losing, "POST", "/numbers/3125550150/release")[0] == 409
    time.at += 6 * DAY
    assert ask(losing, "GET", "/numbers/3125550150")[0] == 404
    assert ask(gaining, "GET", "/numbers/3125550150", headers=headers)[0] == 200


def test_what_cannot_be_joined_is_refused(losing: LeadConnectorSimulator, gaining: VoiceTelSimulator) -> None:
    with pytest.raises(InvalidInput, match="takes no port orders"):
        join(losing=gaining, gaining=losing)
    with pytest.raises(InvalidInput, match="with itself"):
        join(losing=gaining, gaining=gaining)


def test_time_passes_at_both(time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator) -> None:
    pid = order(gaining, NUMBER)
    passed = control(losing, SimRequest("POST", "/_simulator/clock", body=json.dumps({"days": 8}).encode()))
    assert isinstance(passed, SimAnswer)
    assert (passed.status, json.loads(passed.body)) == (200, {"time": time.at + 8 * DAY})
    assert port(gaining, pid)["status"] == "Complete"
    assert (losing.now(), gaining.now()) == (time.at + 8 * DAY,) * 2
    gaining.pass_time(DAY)
    assert losing.now() == time.at + 9 * DAY
    for body in (b"", b"[]", b'{"days": "1"}', b'{"days": true}', b'{"days": -1}', b'{"days": 1e9}'):
        assert control(losing, SimRequest("POST", "/_simulator/clock", body=body)).status == 400, body


@pytest.mark.slow
def test_requests_to_both_at_once_do_not_wait_for_each_other_forever(
    time: Time, losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    losing.burst = None
    numbers = losing.fill(40)
    pids = [order(gaining, number) for number in numbers]

    def look(simulator: Simulator) -> None:
        for _ in range(20):
            time.at += DAY / 4
            numbers_of(simulator)

    looking = [threading.Thread(target=look, args=(one,), daemon=True) for one in (losing, gaining, losing, gaining)]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join(60)
        assert not thread.is_alive()
    assert {port(gaining, pid)["status"] for pid in pids} == {"Complete"}
    assert numbers_of(gaining) >= {*numbers}
    assert not numbers_of(losing) & {*numbers}


def test_a_pair_for_a_switch_is_filled_with_some_hundred_numbers(time: Time) -> None:
    losing, gaining = load("lc_phone", now=time, owned=[]), VoiceTelSimulator(now=time)
    assert isinstance(losing, LeadConnectorSimulator)
    join(losing=losing, gaining=gaining)
    ported = losing.fill(212, name="Line {}")
    replaced = losing.fill(61)
    left = losing.fill(20, pooled=True) + losing.fill(7, inbound={"type": "ivr", "value": "68e381b296a83800a27cd1"})
    for number in replaced:
        gaining.happen("other_carrier", number=number, reason="Rate center not served")
    assert len({*ported, *replaced, *left}) == 300 == len(numbers_of(losing))
    with Client("voicetel", **gaining.settings, base_url=BASE, transport=SimTransport({BASE: gaining})) as phone:
        for area in {number[2:5] for number in replaced}:
            assert phone.search(Search(area_code=area, limit=61)), area
    for number in (*ported, *replaced):
        check = ask(gaining, "GET", f"/ports/availability/{number[2:]}")[1]["data"]
        assert check["portable"] is (number in ported), number


def test_the_account_that_has_the_number_loses_it(time: Time) -> None:
    losing = load("lc_phone", now=time, accounts={"second": {"owned": [NUMBER]}, "third": {"owned": []}})
    before = {name: set(account.owned) for name, account in losing.accounts.items()}
    losing.leave(NUMBER)
    after = {name: set(account.owned) for name, account in losing.accounts.items()}
    assert after == {**before, "second": set()}
    voicetel = VoiceTelSimulator(now=time, accounts={"second": {"owned": [NUMBER[2:]]}})
    voicetel.leaving(NUMBER, going=True)
    assert voicetel.accounts["second"].owned[NUMBER[2:]].porting
    assert voicetel.service_record(NUMBER) is not None
    voicetel.leave(NUMBER)
    assert not voicetel.accounts["second"].owned
    voicetel.leaving(NUMBER, going=True)  # of a number that is not here: nothing
    assert voicetel.service_record(NUMBER) is None


def test_a_number_that_its_account_dropped_is_not_in_service(
    losing: LeadConnectorSimulator, gaining: VoiceTelSimulator
) -> None:
    losing.happen("delete", number=NUMBER)
    assert losing.dropped(NUMBER)
    check = ask(gaining, "GET", f"/ports/availability/{NUMBER[2:]}")[1]["data"]
    assert (check["portable"], check["reason"]) == (False, "Number is not in service")
    losing.own(NUMBER)
    assert not losing.dropped(NUMBER)
    assert ask(gaining, "GET", f"/ports/availability/{NUMBER[2:]}")[1]["data"]["portable"]


class Mute(Simulator):
    """A simulator that says nothing of its numbers."""

    name = "mute"


def test_a_simulator_that_says_nothing_of_its_numbers_can_be_joined(time: Time) -> None:
    mute, gaining = Mute(now=time), VoiceTelSimulator(now=time)
    join(losing=mute, gaining=gaining)
    pid = order(gaining, NUMBER.replace("0150", "9150"))
    time.at += 8 * DAY
    assert port(gaining, pid)["status"] == "Complete"
    assert (list(mute.held()), mute.service_record(NUMBER), mute.events) == ([], None, frozenset())


def test_facts_of_a_record_are_named_where_they_are_not_known() -> None:
    with pytest.raises(ValueError, match="a service record has carrier, account_number"):
        ServiceRecord().with_facts({"color": 1})
    with pytest.raises(InvalidInput, match="a service record has carrier"):
        load("voicetel", service_records={"9075550123": {"color": 1}})
    with pytest.raises(InvalidInput, match="a service record has carrier"):
        load("leadping", service_record={"color": 1})


def test_a_number_leaves_leadping_by_the_event(time: Time) -> None:
    simulator = load("leadping", now=time, owned=["+14155550150", "+14155550151"])
    assert isinstance(simulator, LeadpingSimulator)
    simulator.happen("port_out", number="+14155550150")
    assert numbers_of(simulator) == {"+14155550151"}
    assert simulator.ledger.ported_out == [(time.at, "+14155550150")]
    assert not simulator.ledger.releases
    with pytest.raises(InvalidInput, match="no number"):
        simulator.happen("port_out", number="+14155550150")
    assert simulator.service_record("+14155550150") is None
