"""State of the simulator of VoiceTel that fits together: money, ports, calls, texts, tickets and accounts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from anycarrier.errors import InvalidInput
from anycarrier.simulator import SimAnswer, SimRequest, load
from anycarrier.simulator.control import control
from anycarrier_adapters.voicetel.simulator import DUMMY_PASSWORD, DUMMY_USERNAME, VoiceTelSimulator
from support.voicetel_played import (
    ACCOUNTS,
    AUTH,
    BOUND,
    DAY,
    FREE,
    OWNED,
    PORT,
    TEXT,
    WITH_EVENTS,
    Time,
    ask,
    by,
    played,
)

PORTED = "9075550123"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def simulator(time: Time) -> VoiceTelSimulator:
    return VoiceTelSimulator(now=time, accounts=ACCOUNTS)


def got(simulator: VoiceTelSimulator, path: str, headers: dict[str, str] | None = None) -> Any:
    status, document = ask(simulator, "GET", path, headers=headers)
    assert status == 200, document
    return document["data"]


def test_what_came_in_less_what_was_charged_is_the_balance(time: Time, simulator: VoiceTelSimulator) -> None:
    for _ in played(simulator, time, WITH_EVENTS):
        pass
    assert {charge.operation for charge in simulator.ledger.charges} == {
        "event",
        "lrn_lookup",
        "cnam_lookup",
        "message_send",
        "port_submit",
    }
    for name, account in simulator.accounts.items():
        received = sum(payment.amount for payment in account.payments if payment.status == "Completed")
        adjusted = sum(credit.amount for credit in account.credits)
        charged = sum(charge.amount for charge in simulator.ledger.charges if charge.account == name)
        assert account.balance == Decimal(received) + adjusted - charged, name
    assert got(simulator, "/account")["cash"] == float(simulator.account.balance)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/orders", {"numbers": [FREE]}),
        ("POST", "/numbers", {"number": FREE}),
        ("GET", f"/cnam/{FREE}", None),
        ("GET", f"/lrn/{FREE}/{OWNED}", None),
        ("POST", "/messages", TEXT),
        ("POST", "/ports", PORT),
    ],
)
def test_what_the_balance_does_not_cover_is_refused_and_leaves_no_trace(
    method: str, path: str, body: Any, time: Time
) -> None:
    simulator = VoiceTelSimulator(now=time, balance="0.0005")
    got(simulator, "/ports/availability/" + PORTED)
    before = simulator.state()
    assert ask(simulator, method, path, body)[0] == 402
    assert simulator.state() == before
    assert not simulator.ledger.charges
    assert got(simulator, "/ports")["ports"] == []


def test_a_port_goes_on_by_the_clock(time: Time, simulator: VoiceTelSimulator) -> None:
    got(simulator, "/ports/availability/" + PORTED)
    status, document = ask(simulator, "POST", "/ports", PORT)
    assert (status, simulator.account.balance) == (201, 94)
    pid, ticket = document["data"]["pid"], document["data"]["ticket"]

    def port() -> tuple[str, str]:
        row = got(simulator, f"/ports/{pid}")["port"]
        assert row["numbers"] == [PORTED]
        return row["status"], row["foc"]

    time.at += 30 * DAY
    assert port() == ("Submitted", "")  # nothing goes on without the letter
    time.at = Time().at
    simulator.happen("loa", pid=pid)
    assert port() == ("In Progress", "")
    time.at += DAY
    assert port() == ("FOC", "20270201")
    message = got(simulator, "/ports")["ports"][0]["message"]
    assert message == "Your numbers will be porting on Feb/01/2027 at 10:00 AM Central."
    assert ask(simulator, "GET", "/numbers/" + PORTED)[0] == 404
    time.at += 17 * DAY
    assert PORTED in [row["number"] for row in got(simulator, "/numbers")["numbers"]]
    assert port() == ("Complete", "20270201")
    assert got(simulator, "/numbers/" + PORTED)["route"] == 1000
    assert got(simulator, f"/numbers/{PORTED}/messaging")["campaign"]["id"] == "CB2PATH"
    assert got(simulator, "/cnam/" + PORTED)["cnam"] == "Example"
    assert got(simulator, f"/support/tickets/{ticket}")["ticket"]["subject"] == f"Port request {pid}"
    assert got(simulator, "/ports/availability/" + PORTED)["reason"] == "Number is on this network"


def test_portability_holds_for_an_hour(time: Time, simulator: VoiceTelSimulator) -> None:
    got(simulator, "/ports/availability/" + PORTED)
    time.at += 3601
    assert ask(simulator, "POST", "/ports", PORT)[0] == 400


def test_a_port_can_be_in_progress_at_the_start(time: Time) -> None:
    simulator = load("voicetel", now=time, ports=["9075550123,9075550124", "9075550125"])
    assert isinstance(simulator, VoiceTelSimulator)
    newest, oldest = got(simulator, "/ports")["ports"]
    assert (newest["status"], got(simulator, f"/ports/{oldest['pid']}")["port"]["numbers"]) == (
        "Submitted",
        ["9075550123", "9075550124"],
    )
    simulator.happen("loa", pid=oldest["pid"])
    time.at += 9 * DAY
    assert {"9075550123", "9075550124"} <= {row["number"] for row in got(simulator, "/numbers")["numbers"]}


def test_call_records_are_the_calls_that_were_charged(simulator: VoiceTelSimulator) -> None:
    simulator.happen("call", caller="2125550150", to=OWNED, seconds=40)
    told = json.dumps({"event": "call", "caller": OWNED, "to": "2125550150", "seconds": 61}).encode()
    assert control(simulator, SimRequest("POST", "/_simulator/events", body=told)).status == 204
    rows = [row["value"] for row in got(simulator, "/account/cdr")["cdr"]]
    assert [(row["cid"], row["dst"], row["dur"]) for row in rows] == [
        (OWNED, "2125550150", "61"),
        ("2125550150", OWNED, "40"),
    ]
    assert sum(Decimal(row["ba"]) for row in rows) == simulator.ledger.total() == Decimal("0.016834")
    assert got(simulator, "/account/cdr?start=1700000000")["cdr"] == []


def test_a_call_of_this_second_is_in_the_records_that_are_asked_for_without_a_range(
    time: Time, simulator: VoiceTelSimulator
) -> None:
    time.at += 0.5
    simulator.happen("call", caller=OWNED, to="2125550150", seconds=60)
    assert len(got(simulator, "/account/cdr")["cdr"]) == 1


@pytest.mark.parametrize(
    ("name", "account", "details"),
    [
        ("call", "main", {"caller": "2125550150", "to": "2125550151", "seconds": 1}),
        ("call", "poor", {"caller": "6175550199", "to": "2125550151", "seconds": 60}),
        ("text", "main", {"sender": OWNED, "to": "2125550150", "body": "x"}),
        ("loa", "main", {"pid": "aaaaa"}),
        ("reply", "main", {"ticket": 1, "message": "x"}),
        ("payment", "main", {"amount": "much"}),
    ],
)
def test_what_cannot_happen(name: str, account: str, details: Any, simulator: VoiceTelSimulator) -> None:
    with pytest.raises(InvalidInput, match=f"{name} cannot happen"):
        simulator.happen(name, account, **details)


def test_a_text_arrives_at_the_account_that_has_its_number(time: Time, simulator: VoiceTelSimulator) -> None:
    sent = ask(simulator, "POST", "/messages", {**TEXT, "toNumber": "4155550199"})[1]["data"]
    (arrived,) = got(simulator, "/messages?number=4155550199", by("second"))["messages"]
    assert (arrived["id"], arrived["value"]["direction"], arrived["value"]["number"]) == (sent["id"], "in", int(BOUND))
    assert got(simulator, f"/messages?number={BOUND}&type=dlr")["messages"] == []
    time.at += 2
    (receipt,) = got(simulator, f"/messages?number={BOUND}&type=dlr")["messages"]
    assert (receipt["id"], receipt["value"]["destinationNumber"]) == (sent["id"], "4155550199")


def test_a_new_password_brings_a_new_key(simulator: VoiceTelSimulator) -> None:
    before = dict(simulator.settings_of("main"))
    assert ask(simulator, "PUT", "/auth", {"password": "newpass1"})[0] == 200
    assert ask(simulator, "GET", "/auth")[0] == 401
    wanted = {"username": DUMMY_USERNAME, "password": "newpass1"}
    key = ask(simulator, "POST", "/account/api-key", wanted)[1]["data"]["apikey"]
    assert {"api_key": key} == simulator.settings_of("main") != before
    assert ask(simulator, "POST", "/account/api-key", {**wanted, "password": DUMMY_PASSWORD})[0] == 401


def test_an_account_that_signs_up_is_an_account(simulator: VoiceTelSimulator) -> None:
    made = ask(simulator, "POST", "/accounts", {"name": "New Inc", "email": "new@example.com"})[1]["data"]
    wanted = {"username": made["username"], "password": made["password"]}
    key = ask(simulator, "POST", "/account/api-key", wanted)[1]["data"]["apikey"]
    account = got(simulator, "/account", {"authorization": f"Bearer {key}"})
    assert (account["name"], account["cash"], account["username"]) == ("New Inc", 0, made["username"])


def test_an_emergency_address_goes_with_its_number(simulator: VoiceTelSimulator) -> None:
    address = {"address1": "411 Hackensack Avenue", "city": "Hackensack", "state": "NJ", "zip": "07601"}
    body = {**address, "dn": OWNED, "callername": "Example Inc"}
    assert ask(simulator, "POST", "/e911", body)[1]["data"]["record"]["dn"] == "1" + OWNED
    assert [row["dn"] for row in got(simulator, "/e911")["records"]] == ["1" + OWNED]
    assert ask(simulator, "DELETE", "/numbers/" + OWNED)[0] == 204
    assert ask(simulator, "GET", "/e911")[0] == 404
    assert ask(simulator, "POST", "/numbers", {"number": OWNED})[0] == 201
    assert ask(simulator, "GET", "/e911/" + OWNED)[0] == 409


def test_a_service_that_an_administrator_turns_off_is_refused() -> None:
    simulator = VoiceTelSimulator(admin=True)
    address = {"address1": "411 Hackensack Avenue", "city": "Hackensack", "state": "NJ", "zip": "07601"}
    chosen = ask(simulator, "POST", "/e911/validations", address)[1]["data"]["address"]["addressid"]
    assert ask(simulator, "PUT", "/account", {"e911": False, "sms": False})[0] == 200
    assert ask(simulator, "PUT", "/e911/" + OWNED, {"addressid": chosen, "callername": "Example"})[0] == 409
    assert ask(simulator, "POST", "/e911", {**address, "dn": OWNED, "callername": "Example"})[0] == 409
    assert ask(simulator, "POST", "/messages", TEXT)[0] == 409


def test_the_later_release_names_other_types_and_gives_numbers_as_text(time: Time) -> None:
    simulator = VoiceTelSimulator(now=time, release="2.2.17")
    ask(simulator, "PUT", "/auth", {"authType": 2})
    assert got(simulator, "/auth")["authTypeDescription"] == "IP Auth"
    ask(simulator, "POST", "/messages", TEXT)
    assert got(simulator, f"/messages?number={BOUND}")["messages"][0]["value"]["number"] == OWNED


def test_a_campaign_is_approved_a_day_after_it_was_registered(time: Time, simulator: VoiceTelSimulator) -> None:
    def status() -> tuple[str, str]:
        (row,) = got(simulator, "/messaging/campaigns?ids=CNEW001")["campaigns"]
        return row["status"], got(simulator, f"/numbers/{OWNED}/messaging")["campaign"]["status"]

    body = {"messagingBrandId": "BTEST01", "externalCampaignId": "CNEW001", "campaignDescription": "Example"}
    assert ask(simulator, "POST", "/messaging/campaigns", body)[0] == 201
    assert ask(simulator, "PUT", f"/numbers/{OWNED}/messaging-campaign", {"campaignId": "CNEW001"})[0] == 200
    assert status() == ("CAMPAIGN_PENDING_DCA", "PENDING")
    time.at += DAY
    assert status() == ("CAMPAIGN_DCA_COMPLETE", "ACTIVE")


def test_what_a_reset_brings_back(time: Time, simulator: VoiceTelSimulator) -> None:
    def told() -> Any:
        return [
            json.loads(answer.body)
            for path in ("/account", "/account/payments", "/support/tickets", "/ports", "/auth", "/numbers")
            if isinstance(answer := simulator.handle(SimRequest("GET", "/v2.2" + path, (), AUTH)), SimAnswer)
        ]

    before = told()
    for _ in played(simulator, time, WITH_EVENTS):
        pass
    time.at = Time().at
    simulator.reset()
    assert told() == before
