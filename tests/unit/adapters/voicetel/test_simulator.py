"""VoiceTel as the simulator plays it: orders, lags, searches, limits and releases."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from anycarrier.simulator import SimAnswer, SimRequest
from anycarrier_adapters.voicetel.simulator import CHOICES, VoiceTelSimulator
from support.voicetel_played import AUTH, BOUND, FREE, OWNED, N, Time, ask, conversed, key


def test_an_order_is_charged_once_per_key_for_a_day() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, rate="0.25")
    body = {"numbers": ["2015550110", "2015550111"]}
    first = ask(simulator, "POST", "/orders", body, key("k"))
    assert first[1]["data"] == {
        "orderId": "1800000000",
        "amountCharged": 0.5,
        "numbersOrdered": body["numbers"],
        "failed": [],
    }
    clock.at += 86_399
    assert ask(simulator, "POST", "/orders", body, key("k")) == first
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550112"]}, key("k")) == first
    assert simulator.ledger.total() == Decimal("0.50")
    assert simulator.account.balance == Decimal("99.50")
    assert {charge.mark for charge in simulator.ledger.charges} == {"k"}
    clock.at += 1
    assert ask(simulator, "POST", "/orders", body, key("k"))[0] == 502  # forgotten, and the numbers are gone
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550112"]}, key("k"))[0] == 201  # refusals are not kept


def test_a_used_key_with_another_body_can_be_refused() -> None:
    simulator = VoiceTelSimulator(other_body="refuse")
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550110"]}, key("k"))[0] == 201
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550111"]}, key("k"))[0] == 400
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550110"]}, key("k"))[0] == 201
    assert len(simulator.ledger.charges) == 1


def test_a_late_order_and_its_replay_charge_once() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock)
    simulator.fault("late", operation="order", seconds=10)
    request = SimRequest("POST", "/v2.2/orders", (), {**AUTH, **key("k")}, b'{"numbers":["2015550110"]}')
    assert not isinstance(simulator.handle(request), SimAnswer)
    clock.at += 5
    first = simulator.handle(request)
    clock.at += 10
    assert simulator.handle(request) == first
    assert len(simulator.ledger.charges) == 1


def test_the_balance_must_cover_the_whole_order() -> None:
    simulator = VoiceTelSimulator(balance="1")
    assert ask(simulator, "POST", "/orders", {"numbers": [f"201555011{n}" for n in range(3)]})[0] == 402
    assert not simulator.ledger.charges
    assert ask(simulator, "POST", "/orders", {"numbers": ["2015550110", "2015550111"]})[0] == 201
    assert ask(simulator, "POST", "/numbers", {"number": "2015550112"})[0] == 402
    assert simulator.account.balance == 0


def test_the_lag_until_an_ordered_number_shows() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, lag=3, owned=())
    assert ask(simulator, "GET", "/numbers")[0] == 404
    ask(simulator, "POST", "/orders", {"numbers": [FREE]})
    assert ask(simulator, "GET", "/numbers")[0] == 404
    assert ask(simulator, "GET", "/numbers/" + FREE)[0] == 404
    clock.at += 3
    assert ask(simulator, "GET", "/numbers/" + FREE)[0] == 200
    assert len(ask(simulator, "GET", "/numbers")[1]["data"]["numbers"]) == 1


def test_the_list_follows_every_write() -> None:
    simulator = VoiceTelSimulator()

    def routes() -> dict[str, int]:
        return {row["number"]: row["route"] for row in ask(simulator, "GET", "/numbers")[1]["data"]["numbers"]}

    assert routes()[OWNED] == 4
    ask(simulator, "PUT", N + "/route", {"route": 1001})
    assert routes()[OWNED] == 1001
    ask(simulator, "DELETE", N)
    assert OWNED not in routes()


def found(simulator: VoiceTelSimulator, query: str) -> list[str]:
    return [row["number"] for row in ask(simulator, "GET", "/inventory?" + query)[1]["data"]["numbers"]]


def test_search() -> None:
    simulator = VoiceTelSimulator()
    assert len(found(simulator, "tnMask=201")) == 10
    assert len(found(simulator, "tnMask=201&quantity=1000")) == 98  # two of them are on the account
    assert found(simulator, "tnMask=2125550199") == []
    assert found(simulator, "tnMask=*5550142&province=BC") == ["6045550142"]
    assert found(simulator, "tnMask=212*&lata=132&quantity=1") == ["2125550100"]
    assert found(simulator, "tnMask=212&lata=999") == []
    assert found(simulator, "tnMask=212&rateCenter=nowhere") == []
    counted = ask(simulator, "GET", "/inventory/coverage?countBy=npanxx&locState=NY")[1]["data"]["coverage"]
    assert counted == [{"npa": "212", "nxx": "555", "count": 99}, {"npa": "646", "nxx": "555", "count": 100}]


def test_a_search_is_answered_from_a_cache_only_where_that_is_asked_for() -> None:
    clock = Time()
    assert VoiceTelSimulator().search_cache == 0
    simulator = VoiceTelSimulator(now=clock, search_cache=600)
    before = found(simulator, "tnMask=201")
    ask(simulator, "POST", "/orders", {"numbers": [FREE]})
    clock.at += 599
    assert found(simulator, "tnMask=201") == before
    assert FREE not in found(simulator, "tnMask=2015")
    clock.at += 1
    assert FREE not in found(simulator, "tnMask=201")


def test_six_account_calls_an_hour_for_each_address_only_where_that_is_asked_for() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, account_calls=6)

    def status(client: str = "127.0.0.1") -> int:
        answer = simulator.handle(SimRequest("GET", "/v2.2/account", (), AUTH, client=client))
        assert isinstance(answer, SimAnswer)
        return answer.status

    assert [status() for _ in range(7)] == [200] * 6 + [429]
    assert status("127.0.0.2") == 200
    clock.at += 3600
    assert status() == 200
    free = VoiceTelSimulator()
    assert {ask(free, "GET", "/account")[0] for _ in range(20)} == {200}


def test_previous_network() -> None:
    simulator = VoiceTelSimulator()

    def bound(campaign: str) -> tuple[Any, ...]:
        data = ask(simulator, "PUT", N + "/messaging-campaign", {"campaignId": campaign})[1]["data"]
        return data["network"], data["carrier"], data["previousNetwork"], data["previousNetworkCleared"]

    assert bound("CH5K5IZ") == ("A", 17, None, False)
    assert bound("CA1PATH") == ("A", 17, None, False)
    assert bound("CB2PATH") == ("B", 19, "A", True)


def test_the_later_release() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, release="2.2.17")

    def bind(campaign: str) -> tuple[int, Any]:
        status, document = ask(simulator, "PUT", N + "/messaging-campaign", {"campaignId": campaign})
        return status, document.get("data")

    status, data = bind("CH5K5IZ")
    assert (status, data["status"], data["network"], data["job"]["state"]) == (202, "pending", "C", "queued")
    assert bind("CA1PATH")[0] == 409
    assert ask(simulator, "PATCH", N + "/port-out-pin", {"pin": "1111"})[1]["data"]["changed"] is True
    repeated = ask(simulator, "PATCH", N + "/port-out-pin", {"pin": "2222"})[1]["data"]
    assert (repeated["portOutPin"], repeated["changed"]) == ("1111", False)
    clock.at += 30 * 86_400
    assert ask(simulator, "PATCH", N + "/port-out-pin", {"pin": "2222"})[1]["data"]["changed"] is True
    rows = ask(simulator, "GET", "/messaging/campaigns?ids=CB2PATH,CZZZZZZ")[1]["data"]["campaigns"]
    assert rows[0]["dca"]["electedCarriers"] == ["AT&T", "T-Mobile", "Verizon"]
    assert rows[1]["dca"] is None


def test_a_number_keeps_its_campaign_until_the_job_of_the_later_release_is_done() -> None:
    clock = Time()
    simulator = VoiceTelSimulator(now=clock, release="2.2.17")
    path = f"/numbers/{BOUND}/messaging"

    def bind(campaign: str) -> tuple[Any, ...]:
        status, document = ask(simulator, "PUT", path + "-campaign", {"campaignId": campaign})
        data = document["data"]
        return status, data["status"], data["job"] and data["job"]["state"], data["previousNetworkCleared"]

    def state() -> tuple[Any, ...]:
        data = ask(simulator, "GET", path)[1]["data"]
        return (
            data["campaign"] and data["campaign"]["id"],
            data["carrier"],
            data["pending"] and data["pending"]["state"],
        )

    assert bind("CH5K5IZ") == (202, "pending", "queued", False)
    assert state() == ("CB2PATH", 19, "queued")
    clock.at += 12
    assert bind("CH5K5IZ") == (202, "pending", "assigning", False)
    assert ask(simulator, "GET", path)[1]["data"]["pending"]["message"]
    assert ask(simulator, "GET", f"/numbers/{BOUND}")[1]["data"]["carrier"] == 19
    listed = ask(simulator, "GET", "/numbers")
    clock.at += 8
    assert state() == ("CH5K5IZ", 1, None)
    assert ask(simulator, "GET", "/numbers") != listed
    assert bind("CH5K5IZ") == (200, "already", None, False)
    assert bind("CB2PATH") == (200, "enabled", None, True)
    assert bind("CH5K5IZ")[1:3] == ("pending", "queued")
    assert ask(simulator, "DELETE", path + "-campaign?campaignId=CH5K5IZ")[0] == 200
    clock.at += 60
    assert state() == ("CB2PATH", 19, None)
    assert bind("CH5K5IZ")[1:3] == ("pending", "queued")
    assert ask(simulator, "DELETE", f"/numbers/{BOUND}")[0] == 204
    clock.at += 60
    assert ask(simulator, "GET", path)[0] == 404


def test_a_row_of_texts_shared_by_two_numbers_outlives_one() -> None:
    simulator = VoiceTelSimulator()
    ask(simulator, "PATCH", N + "/messaging", {"routeIn": 1})
    assert ask(simulator, "DELETE", f"/numbers/{BOUND}/sms")[0] == 204
    assert ask(simulator, "GET", N + "/sms")[1]["data"]["resource"] == "https://example.com/sms"
    ask(simulator, "DELETE", N + "/sms")
    assert ask(simulator, "PATCH", N + "/messaging", {"routeIn": 1})[0] == 403


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.slow
def test_a_hundred_thousand_numbers() -> None:
    simulator = VoiceTelSimulator(big=100_000)
    answer = simulator.handle(SimRequest("GET", "/v2.2/numbers", (), AUTH))
    assert isinstance(answer, SimAnswer)
    assert 17_000_000 < len(answer.body) < 21_000_000
    rows = json.loads(answer.body)["data"]["numbers"]
    assert len({row["number"] for row in rows}) == 100_003
    assert all(row["number"][3:6] == "555" for row in rows)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/orders", 405),
        ("GET", "/numbers/", 404),
    ],
)
def test_where_no_route_fits(method: str, path: str, status: int) -> None:
    assert ask(VoiceTelSimulator(), method, path, headers={"authorization": ""})[0] == status


def test_choices_and_state_are_told() -> None:
    simulator = VoiceTelSimulator()
    assert simulator.choices is CHOICES
    assert all(topic and told.endswith(".") for topic, told in CHOICES.items())
    assert json.loads(json.dumps(simulator.state()))["balance"] == "100"


def test_the_same_seed_and_requests_give_the_same_answers() -> None:
    def told() -> list[Callable[..., Any] | Any]:
        return [document for _, _, document in conversed()]

    assert told() == told()
