"""Ports at the simulator of VoiceTel: what losing carriers answer, and when numbers arrive."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier.errors import InvalidInput
from anycarrier.simulator import load, read_options
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.voicetel_played import DAY, OWNED, PORT, Time, ask

ONE, TWO, FREE = "9075550123", "9075550124", "8005550150"


@pytest.fixture
def time() -> Time:
    return Time()


def made(time: Time, **records: Any) -> VoiceTelSimulator:
    """A simulator with facts of numbers, each written as ``n9075550123={...}``."""
    return VoiceTelSimulator(now=time, service_records={name[1:]: facts for name, facts in records.items()})


def check(simulator: VoiceTelSimulator, number: str) -> dict[str, Any]:
    status, document = ask(simulator, "GET", f"/ports/availability/{number}")
    assert status == 200
    found: dict[str, Any] = document["data"]
    return found


def submit(simulator: VoiceTelSimulator, *numbers: str, **stated: object) -> str:
    for number in numbers:
        check(simulator, number)
    body = {**PORT, "did": numbers, "features": [], "desiredDueDate": "", **stated}
    status, document = ask(simulator, "POST", "/ports", body)
    assert status == 201, document
    return str(document["data"]["pid"])


def signed(simulator: VoiceTelSimulator, *numbers: str, **stated: object) -> str:
    pid = submit(simulator, *numbers, **stated)
    simulator.happen("loa", pid=pid)
    return pid


def port(simulator: VoiceTelSimulator, pid: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(simulator, "GET", f"/ports/{pid}")[1]["data"]["port"]
    return found


def is_here(simulator: VoiceTelSimulator, number: str) -> bool:
    return ask(simulator, "GET", f"/numbers/{number}")[0] == 200


def test_each_number_has_a_losing_carrier_or_a_reason(time: Time) -> None:
    simulator = made(time, n9075550123={"carrier": "Far Telecom", "reason": "Rate center not served"})
    assert check(simulator, ONE) == {
        "number": ONE, "portable": False, "reason": "Rate center not served", "losingCarrier": "Far Telecom",
        "rateCenterTier": None, "localRoutingNumber": None,
    }  # fmt: skip
    assert check(simulator, TWO)["losingCarrier"] == "Example Telecom-NSR/1"
    free = check(simulator, FREE)
    assert (free["portable"], free["losingCarrier"], free["localRoutingNumber"]) == (
        True,
        "Example Toll-Free-RespOrg/1",
        None,
    )
    ours = check(simulator, OWNED)
    assert (ours["reason"], ours["losingCarrier"]) == ("Number is on this network", None)


def test_a_number_for_sale_elsewhere_than_here_can_be_ported(time: Time) -> None:
    simulator = made(time, n2015550100={"account_number": "1"})
    assert check(simulator, "2015550100")["portable"]
    assert not check(simulator, "2015550101")["portable"]


def test_a_port_that_is_never_signed_stays_as_it_is(time: Time) -> None:
    simulator = made(time)
    pid = submit(simulator, ONE)
    time.at += 400 * DAY
    assert (port(simulator, pid)["status"], is_here(simulator, ONE)) == ("Submitted", False)
    assert check(simulator, ONE)["reason"] == "A port is in progress"


def test_the_letter_is_signed_once(time: Time) -> None:
    simulator = made(time)
    pid = signed(simulator, ONE)
    time.at += DAY
    simulator.happen("loa", pid=pid)
    assert port(simulator, pid)["status"] == "FOC"
    with pytest.raises(InvalidInput, match="no port zzzzz"):
        simulator.happen("loa", pid="zzzzz")
    others = [submit(simulator, TWO), submit(simulator, FREE)]
    simulator.happen("loa")
    assert {simulator.state()["ports"][one]["status"] for one in others} == {"In Progress"}
    assert simulator.state()["ports"][pid] == {"status": "FOC", "numbers": (ONE,)}


def test_a_losing_carrier_answers_after_its_own_days_for_the_whole_order(time: Time) -> None:
    simulator = made(time, n9075550124={"answer_days": 4, "pin": "1234"})
    pid = signed(simulator, ONE, TWO, pin="1235")
    time.at += 3 * DAY
    assert port(simulator, pid)["status"] == "In Progress"
    time.at += DAY
    assert port(simulator, pid)["message"] == ("Rejected by Example Telecom-NSR/1: PIN does not match (9075550124).")
    time.at += 30 * DAY
    assert not is_here(simulator, ONE)
    assert simulator.account.balance == 88  # the fee stays


def test_a_number_is_ported_once_at_a_time(time: Time) -> None:
    simulator = VoiceTelSimulator(now=time, accounts={"second": {"balance": "50"}})
    for account in ("main", "second"):
        headers = {"authorization": "Bearer " + simulator.settings_of(account)["api_key"]}
        ask(simulator, "GET", f"/ports/availability/{ONE}", headers=headers)
    submit(simulator, ONE)
    body = {**PORT, "did": [ONE], "features": []}
    status, document = ask(simulator, "POST", "/ports", body, headers)
    assert (status, document["error"]["message"]) == (400, "A port is in progress")
    assert simulator.accounts["second"].balance == 50


def test_numbers_of_an_order_arrive_early_late_or_not_at_all(time: Time) -> None:
    simulator = made(time, n9075550124={"arrive_days": -2}, n9075550125={"arrive_days": 3}, n9075550126={"stays": True})
    numbers = (ONE, TWO, "9075550125", "9075550126")
    pid = signed(simulator, *numbers)

    def now() -> tuple[str, list[bool]]:
        return port(simulator, pid)["status"], [is_here(simulator, number) for number in numbers]

    time.at += 6 * DAY
    assert now() == ("FOC", [False, True, False, False])
    time.at += 2 * DAY
    assert now() == ("Complete", [True, True, False, False])
    assert port(simulator, pid)["message"] == "Operation completed. Not ported: 9075550126."
    time.at += 3 * DAY
    assert now() == ("Complete", [True, True, True, False])
    assert check(simulator, "9075550126")["portable"]  # it can be ordered again
    assert check(simulator, TWO)["reason"] == "Number is on this network"


def test_no_number_arrives_before_its_carrier_agreed(time: Time) -> None:
    simulator = made(time, n9075550123={"arrive_days": -30})
    pid = signed(simulator, ONE)
    assert not is_here(simulator, ONE)
    time.at += DAY
    assert (port(simulator, pid)["status"], is_here(simulator, ONE)) == ("FOC", True)


def test_the_days_until_the_date_can_be_set(time: Time) -> None:
    simulator = VoiceTelSimulator(now=time, port_days=20)
    pid = signed(simulator, ONE)
    time.at += DAY
    assert port(simulator, pid)["foc"] == "20270204"
    time.at += 20 * DAY
    assert port(simulator, pid)["status"] == "Complete"


def test_toll_free_numbers_of_an_order_become_a_port_of_their_own(time: Time) -> None:
    simulator = made(time)
    pid = submit(simulator, FREE, ONE)
    (other,) = [row["pid"] for row in ask(simulator, "GET", "/ports")[1]["data"]["ports"] if row["pid"] != pid]
    assert (port(simulator, pid)["numbers"], port(simulator, other)["numbers"]) == ([ONE], [FREE])
    assert simulator.account.balance == 88
    simulator.happen("loa", pid=pid)
    time.at += 8 * DAY
    assert (is_here(simulator, ONE), is_here(simulator, FREE)) == (True, False)


def test_records_are_options_of_a_command_line_and_for_several_numbers(time: Time) -> None:
    texts = [f"voicetel.service_records.{ONE}.pin=4321", "voicetel.port_days=2"]
    simulator = load("voicetel", now=time, **read_options(texts, ["voicetel"])["voicetel"])
    assert isinstance(simulator, VoiceTelSimulator)
    pid = signed(simulator, ONE, pin="4321")
    time.at += 3 * DAY
    assert port(simulator, pid)["status"] == "Complete"
    both = VoiceTelSimulator(now=time, service_records={f"{ONE}, {TWO}": {"reason": "Not served"}})
    assert [check(both, number)["reason"] for number in (ONE, TWO)] == ["Not served"] * 2
    both.happen("other_carrier", number=ONE, reason=None)
    assert check(both, ONE)["portable"]
    both.reset()
    assert not check(both, ONE)["portable"]


def test_a_number_of_ours_leaves(time: Time) -> None:
    simulator = VoiceTelSimulator(now=time)
    simulator.happen("porting_out", number="+1" + OWNED)
    assert ask(simulator, "POST", f"/numbers/{OWNED}/release")[0] == 409
    assert ask(simulator, "GET", "/numbers")[1]["data"]["numbers"][0]["number"] == OWNED
    simulator.happen("port_out", number=OWNED)
    assert not is_here(simulator, OWNED)
    assert OWNED not in [row["number"] for row in ask(simulator, "GET", "/numbers")[1]["data"]["numbers"]]
    assert [number for _, number in simulator.ledger.ported_out] == ["+1" + OWNED]
    for event in ("port_out", "porting_out"):
        with pytest.raises(InvalidInput, match="no number"):
            simulator.happen(event, number=OWNED)
    assert simulator.service_record("+1" + OWNED) is None
