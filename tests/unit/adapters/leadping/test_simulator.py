"""Leadping played in memory: what its documents say, and what is chosen where they are silent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from anycarrier import Client, PhoneNumber, Search, Status
from anycarrier import errors as e
from anycarrier.model import ReleaseState
from anycarrier.simulator import SimAnswer, SimRequest, SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, OTHER_OWNER, OWNER, LeadpingSimulator

BASE = "http://127.0.0.1:1"
FREE = "+12015550101"
OURS = "/phone-numbers/num_000001"


def ask(
    simulator: LeadpingSimulator, method: str, path: str, body: Any = None, *, key: str = DUMMY_API_KEY
) -> tuple[int, Any, dict[str, str]]:
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = simulator.handle(SimRequest(method, path, headers={"authorization": f"Bearer {key}"}, body=data))
    assert isinstance(answer, SimAnswer)
    return answer.status, json.loads(answer.body) if answer.body else None, dict(answer.headers)


def calling(simulator: LeadpingSimulator, clock: VirtualClock) -> Client[Leadping]:
    provider = Leadping(api_key=DUMMY_API_KEY, base_url=BASE, api_version=simulator.api_version)
    return Client(provider, transport=SimTransport({BASE: simulator}), clock=clock)


def test_it_is_found_by_name() -> None:
    assert isinstance(load("leadping", api_version="2026-10"), LeadpingSimulator)


@pytest.mark.parametrize("api_version", ["2026-06", "2026-08", "2026-10"])
def test_a_list_at_the_path_of_another_api_version_is_no_path(api_version: Any) -> None:
    simulator = LeadpingSimulator(api_version=api_version)
    right, wrong = ("my", "organization") if api_version == "2026-06" else ("organization", "my")
    assert ask(simulator, "POST", f"/phone-numbers/all/{right}", {"pageSize": 5})[0] == 200
    assert ask(simulator, "POST", f"/phone-numbers/all/{wrong}", {"pageSize": 5})[:2] == (404, None)
    assert ask(simulator, "POST", "/leads", {})[0] == 501
    assert ask(simulator, "PATCH", OURS, {})[0] == 405


@pytest.mark.parametrize(
    ("api_version", "kinds"),
    [
        ("2026-06", ("application/json", "application/json", "application/problem+json", "text/plain")),
        ("2026-08", ("application/json", "application/json", "application/problem+json", "text/plain")),
        ("2026-10", ("application/problem+json",) * 4),
    ],
)
def test_problems_come_in_the_content_types_of_the_api_version(api_version: Any, kinds: tuple[str, ...]) -> None:
    simulator = LeadpingSimulator(api_version=api_version)
    answers = [
        ask(simulator, "POST", "/phone-numbers", {}),
        ask(simulator, "GET", OURS, key="lp_src_1"),
        ask(LeadpingSimulator(api_version=api_version, requests=0), "GET", OURS),
        ask(simulator, "DELETE", "/phone-numbers/num_9"),
    ]
    assert [status for status, _, _ in answers] == [400, 401, 429, 404]
    assert tuple(headers["content-type"] for _, _, headers in answers) == kinds
    assert all({"type", "title", "status", "detail"} <= body.keys() for _, body, _ in answers)
    assert all(("traceId" in body) == (api_version != "2026-06") for _, body, _ in answers)
    assert "resource_metadata=" in answers[1][2]["www-authenticate"]
    forced = LeadpingSimulator(api_version=api_version, problem_type="text/json")
    assert ask(forced, "DELETE", "/phone-numbers/num_9")[2]["content-type"] == "text/json"


def test_every_problem_is_read_by_the_adapter_whatever_its_content_type() -> None:
    for kind in ("application/problem+json", "application/json", "text/json", "text/plain"):
        simulator = LeadpingSimulator(problem_type=kind, wallet=1)
        with calling(simulator, VirtualClock()) as phone, pytest.raises(e.InsufficientFunds) as caught:
            phone.buy(FREE)
        assert not caught.value.maybe_applied
        assert simulator.ledger.total() == 0


def test_three_hundred_requests_in_a_minute() -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(now=clock.time)
    assert {ask(simulator, "GET", OURS)[0] for _ in range(300)} == {200}
    status, _, headers = ask(simulator, "GET", OURS)
    assert (status, headers["retry-after"]) == (429, "60")
    clock.sleep(61)
    assert ask(simulator, "GET", OURS)[0] == 200


@pytest.mark.parametrize(
    ("api_version", "body", "cost"),
    [
        ("2026-06", {}, "2.00"),
        ("2026-08", {"numberHealthEnabled": True}, "2.00"),
        ("2026-10", {"numberHealthEnabled": False}, "2.00"),
        ("2026-10", {}, "4.00"),
        ("2026-10", {"numberHealthEnabled": None}, "4.00"),
    ],
)
def test_the_add_on_is_charged_where_it_is_not_refused(api_version: Any, body: dict[str, Any], cost: str) -> None:
    simulator = LeadpingSimulator(api_version=api_version)
    status, answer, _ = ask(simulator, "POST", "/phone-numbers", {"name": "Desk ac1_1", "number": FREE, **body})
    assert status == 200
    [charge] = simulator.ledger.charges
    assert (charge.number, charge.amount, charge.mark) == (FREE, Decimal(cost), "ac1_1")
    assert answer["enabled"] is (api_version == "2026-10")  # false is what an absent boolean binds to


@pytest.mark.parametrize("api_version", ["2026-06", "2026-08", "2026-10"])
def test_the_adapter_never_pays_for_the_add_on_unasked(api_version: Any) -> None:
    simulator = LeadpingSimulator(api_version=api_version)
    with calling(simulator, VirtualClock()) as phone:
        assert phone.buy(FREE).detail.enabled
    assert simulator.ledger.total() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"number": FREE}, "name"),
        ({"name": "", "number": FREE}, "name"),
        ({"name": "x" * 256, "number": FREE}, "name"),
        ({"name": "x"}, "number"),
        (b"[]", "$"),
        (b"{", "$"),
    ],
)
def test_what_a_purchase_lacks_is_named(body: Any, field: str) -> None:
    status, answer, _ = ask(LeadpingSimulator(), "POST", "/phone-numbers", body)
    assert (status, list(answer["errors"])) == (400, [field])


def test_an_update_drops_silently_what_it_cannot_carry() -> None:
    simulator = LeadpingSimulator()
    number = ask(simulator, "GET", OURS)[1]["number"]
    body = {"name": "x", "number": number, "enabled": True, "routing": {"smsEnabled": False}, "teamId": "t"}
    status, answer, _ = ask(simulator, "PUT", OURS, body)
    assert (status, answer["routing"]["smsEnabled"], answer["teamId"]) == (200, True, None)
    assert ask(simulator, "PUT", OURS, {"name": "x", "number": number})[1]["enabled"] is False
    assert ask(simulator, "PUT", OURS, {"name": "x", "number": FREE})[0] == 400


def test_the_override_needs_an_administrator() -> None:
    for admin, status in ((False, 403), (True, 200)):
        simulator = LeadpingSimulator(admin=admin)
        body = {"name": "x", "enabled": True, "adminEnablementOverride": {"enabled": False, "reason": "r"}}
        assert ask(simulator, "PUT", OURS, body)[0] == status


def test_a_number_is_held_and_then_gone() -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(now=clock.time, hold=3600)
    with calling(simulator, clock) as phone:
        released = phone.release("+12015550197")
        assert (released.state, released.at and released.at.timestamp()) == (
            ReleaseState.SCHEDULED,
            clock.time() + 3600,
        )
        assert phone.get("+12015550197").status is Status.RELEASING
        assert phone.release("+12015550197").at == released.at
        clock.sleep(3600)
        with pytest.raises(e.NotFound):
            phone.get("+12015550197")
    assert [number for _, number in simulator.ledger.releases] == ["+12015550197"]
    simulator = LeadpingSimulator(now=clock.time, api_version="2026-10")
    with calling(simulator, clock) as phone:
        assert phone.release("+12015550197").state is ReleaseState.RELEASED


def test_a_number_of_another_owner_is_not_ours() -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(now=clock.time)
    with calling(simulator, clock) as phone:
        before = phone.get("+12015550197")
        assert before.detail.owner.id == OWNER
        phone.transfer(before, OTHER_OWNER)
        for target in (before, before.number):
            with pytest.raises(e.NotFound):
                phone.get(target)
        assert before.number not in {owned.number for owned in phone.list()}


def test_many_numbers_come_in_pages_and_a_stuck_cursor_is_told_of() -> None:
    simulator = LeadpingSimulator(owned=[f"+1415555{place:04}" for place in range(100, 350)], requests=None)
    with calling(simulator, VirtualClock()) as phone:
        assert len({owned.number for owned in phone.list()}) == 250
        assert simulator.ledger.counters["list_of_june 200"] == 3
        simulator.stuck = True
        seen = []
        with pytest.raises(e.UnexpectedResponse, match="second time"):
            seen.extend(phone.list())
        assert len(seen) >= 100
    status, answer, _ = ask(simulator, "POST", "/phone-numbers/all/my", {"continuationToken": "nonsense"})
    assert (status, list(answer["errors"])) == (400, ["continuationToken"])


def test_counts_as_text_or_numbers_are_the_same_to_the_adapter() -> None:
    shown = []
    for as_text in (False, True):
        clock = VirtualClock()
        simulator = LeadpingSimulator(now=clock.time, as_text=as_text)
        with calling(simulator, clock) as phone:
            owned = phone.get("+12015550197")
            assert isinstance(owned.raw["warmupHealthScore"], str if as_text else float | int)
            shown.append(
                (
                    owned.detail,
                    phone.search(Search(area_code="201"))[0],
                    phone.run(phone.provider.price_of(PhoneNumber(FREE))),
                )
            )
    assert shown[0] == shown[1]


def test_the_choices_are_told() -> None:
    assert len(LeadpingSimulator.choices) > 15
    assert all(len(text) > 5 for text in LeadpingSimulator.choices.values())
    state = LeadpingSimulator().state()
    assert (state["api_version"], state["owned"]) == ("2026-06", 3)
