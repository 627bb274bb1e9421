"""Simulated carriers for applications that make their own clients, without pytest's fixtures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from anycarrier import (
    Accounts,
    AsyncClient,
    Client,
    ConfigurationError,
    InvalidInput,
    OutcomeUnknown,
    RateLimited,
    Search,
    TransportError,
)
from anycarrier.engine.session import SystemClock
from anycarrier.failover import Failover
from anycarrier.installation import how_to_install
from anycarrier.purchase import Order, journal
from anycarrier.registry import account, make
from anycarrier.testing import SimulatedCarrier, simulated, simulated_carrier
from anycarrier.testing.simulated import HandClock

QUERY = Search(area_code="201", limit=1)


@pytest.fixture(autouse=True)
def _real_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings as a developer's machine has them, which no test may use."""
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", "real-voicetel-key")
    monkeypatch.setenv("ANYCARRIER_VOICETEL_ACCOUNT", "real")
    monkeypatch.setenv("ANYCARRIER_LEADPING_API_KEY", "lp_real")
    monkeypatch.setenv("ANYCARRIER_CONFIG", "/nowhere/accounts.toml")


@pytest.fixture
def carrier() -> Iterator[SimulatedCarrier]:
    with simulated_carrier("voicetel") as carrier:
        yield carrier


def buy(provider: str) -> str:
    """An application that makes its own client."""
    with Client(provider) as phone:
        return str(phone.buy(phone.search(QUERY)[0]).number)


@pytest.mark.parametrize("provider", ["lc_legacy", "lc_phone", "leadping", "voicetel"])
def test_an_application_finds_every_provider_by_its_name_and_pays_once_for_a_lost_answer(provider: str) -> None:
    with simulated_carrier(provider) as carrier:
        before = carrier.numbers
        carrier.lose_next_answer()
        number = buy(provider)
        assert [charge.number for charge in carrier.charges] == [number]
        assert carrier.numbers == sorted([*before, number])
        assert [seen.fault for seen in carrier.requests if seen.fault] == ["close"]


def test_numbers_that_are_released_are_listed(carrier: SimulatedCarrier) -> None:
    number = buy("voicetel")
    with Client("voicetel") as phone:
        phone.release(number)
    assert carrier.releases == [number]
    assert number not in carrier.numbers


def test_asynchronous_clients_find_it_too(carrier: SimulatedCarrier) -> None:
    async def main() -> str:
        async with AsyncClient("voicetel") as phone:
            return str((await phone.buy((await phone.search(QUERY))[0])).number)

    carrier.lose_next_answer()
    number = asyncio.run(main())
    assert [charge.number for charge in carrier.charges] == [number]


@pytest.mark.slow
def test_other_processes_find_it_too_and_nothing_else(carrier: SimulatedCarrier) -> None:
    code = """
from anycarrier import Client, Search
with Client("voicetel") as phone:
    print(phone.buy(phone.search(Search(area_code="201"))[0]).number)
with Client("voicetel", base_url="https://api.voicetel.com") as phone:
    phone.search(Search(area_code="201"))
"""
    assert carrier.environment.items() <= os.environ.items()
    bare = {"PYTHONPATH": os.pathsep.join(sys.path), **carrier.environment}
    done = subprocess.run([sys.executable, "-c", code], env=bare, capture_output=True, text=True)
    assert [charge.number for charge in carrier.charges] == [done.stdout.strip()]
    assert "nothing was sent to https://api.voicetel.com: only simulated carriers may be called" in done.stderr


def test_an_accounts_file_names_every_account() -> None:
    more = {"sales": {"balance": "5", "owned": ["2015550177"]}}
    with simulated_carrier("voicetel", owned=["2015550123"], accounts=more) as carrier:
        file = Path(os.environ["ANYCARRIER_CONFIG"])
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        listed = {}
        for name in ("main", "voicetel", "sales"):
            with Client(account(name)) as phone:
                listed[name] = [str(one.number) for one in phone.list()]
        with Client(account("sales")) as phone:
            bought = phone.buy(phone.search(QUERY)[0])
        assert listed == {"main": ["+12015550123"], "voicetel": ["+12015550123"], "sales": ["+12015550177"]}
        assert [charge.account for charge in carrier.charges] == ["sales"]
        assert carrier.numbers == sorted(["+12015550123", "+12015550177", str(bought.number)])
        with carrier.client("sales") as phone:
            assert len([*phone.list()]) == 2
    assert not file.exists()


def test_several_providers_share_one_accounts_file() -> None:
    with simulated_carrier("leadping", "voicetel") as both:
        for name, provider in {"main": "leadping", "leadping": "leadping", "voicetel": "voicetel"}.items():
            with Client(account(name)) as phone:
                assert phone.search(QUERY)[0].provider == provider
        buy("leadping")
        number = buy("voicetel")
        assert len(both.charges) == 2
        assert [charge.number for charge in both["voicetel"].charges] == [number]
        assert (both["voicetel"].provider, both["voicetel"].url) == ("voicetel", both.urls["voicetel"])
        assert repr(both) == "SimulatedCarrier(leadping, voicetel)"
        with pytest.raises(InvalidInput, match=r"choose one: carrier\['leadping'\], of leadping, voicetel"):
            _ = both.provider
        with pytest.raises(InvalidInput, match="lc_phone is not simulated in this test; simulated are: leadping, voic"):
            _ = both["lc_phone"]


def test_two_accounts_of_one_name_are_refused() -> None:
    with (
        pytest.raises(InvalidInput, match="two accounts are called sales: give one of them another name"),
        simulated_carrier("voicetel", "lc_phone", accounts={"sales": {}}),
    ):
        pass


def test_without_names_every_provider_is_simulated() -> None:
    with simulated_carrier() as carrier:
        assert {*carrier.simulators} == {"lc_legacy", "lc_phone", "leadping", "voicetel"}


def test_options_that_a_simulator_does_not_take_are_refused() -> None:
    with pytest.raises(InvalidInput, match="the simulator of leadping takes"), simulated_carrier("leadping", balance=5):
        pass
    with pytest.raises(ConfigurationError, match="no simulator is called 'acme'"), simulated_carrier("acme"):
        pass


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "_STAGES", {})
    monkeypatch.delitem(sys.modules, "anycarrier.simulator.server", raising=False)
    monkeypatch.delattr("anycarrier.simulator.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with (
        pytest.raises(ConfigurationError, match="need uvicorn, .*" + re.escape(how_to_install("testing"))),
        simulated_carrier("voicetel"),
    ):
        pass


def test_a_journal_without_a_place_is_the_tests_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANYCARRIER_JOURNAL", str(tmp_path / "real.sqlite"))
    for _ in range(2):
        with (
            simulated_carrier("voicetel") as carrier,
            journal.open() as book,
            Client(Failover([make("voicetel", {})], journal=book)) as phone,
        ):
            phone.provision(Order(criteria=QUERY), request_id="one")
            assert len(carrier.charges) == 1
    assert not [*tmp_path.iterdir()]


def test_the_environment_is_as_before_afterwards() -> None:
    before, clock = dict(os.environ), dict(vars(SystemClock))
    with contextlib.suppress(ZeroDivisionError), simulated_carrier("voicetel"):
        assert "ANYCARRIER_LEADPING_API_KEY" not in os.environ
        assert "ANYCARRIER_VOICETEL_ACCOUNT" not in os.environ
        _ = 1 / 0
    assert dict(os.environ) == before
    assert dict(vars(SystemClock)) == clock


def test_a_provider_that_is_not_simulated_cannot_be_used(carrier: SimulatedCarrier) -> None:
    with pytest.raises(ConfigurationError, match="ANYCARRIER_LEADPING_API_KEY"):
        Client("leadping")
    with (
        Client("leadping", api_key="lp_real") as phone,
        pytest.raises(ConfigurationError, match="only simulated carriers may be called here"),
    ):
        phone.search(QUERY)


def test_each_one_is_new_at_the_same_url() -> None:
    with simulated_carrier("voicetel") as first:
        buy("voicetel")
    with simulated_carrier("voicetel") as second:
        assert second.url == first.url
        assert not second.charges
        assert len(first.charges) == 1


def test_the_inner_one_counts() -> None:
    with simulated_carrier("voicetel") as outer:
        with simulated_carrier("voicetel") as inner:
            buy("voicetel")
        assert (len(outer.charges), len(inner.charges)) == (0, 1)
        buy("voicetel")
        assert (len(outer.charges), len(inner.charges)) == (1, 1)


def test_a_refused_connection_of_one_test_does_not_meet_the_next() -> None:
    with simulated_carrier("voicetel") as carrier, Client("voicetel", max_wait=0) as phone:
        carrier.fault("refuse", times=None, lasts=600)
        with pytest.raises(TransportError, match="failed before the request was sent"):
            phone.search(QUERY)
    with simulated_carrier("voicetel"):
        assert buy("voicetel")


def test_faults_have_names(carrier: SimulatedCarrier) -> None:
    carrier.fault("throttle", operation="inventory", times=None, seconds=5)
    with Client("voicetel") as phone, pytest.raises(RateLimited):
        phone.search(QUERY)
    with pytest.raises(InvalidInput, match="there is no operation 'purchase'"):
        carrier.fault("throttle", operation="purchase")


def test_a_fault_of_several_is_planned_where_its_operation_is() -> None:
    with simulated_carrier("leadping", "voicetel") as both:
        both.fault("error", operation="inventory", status=500)
        assert [len(one.faults.planned()) for one in both.simulators.values()] == [0, 1]


def test_the_answer_of_another_operation_can_be_lost(carrier: SimulatedCarrier) -> None:
    number = buy("voicetel")
    carrier.lose_next_answer("number_release")
    with Client("voicetel") as phone, pytest.raises(TransportError, match="broke before the answer was complete"):
        phone.release(number)
    assert carrier.releases == [number]


def test_waits_take_no_time_and_move_the_carrier(carrier: SimulatedCarrier) -> None:
    began, simulated = time.monotonic(), carrier.simulator.now()
    SystemClock().sleep(3600)
    asyncio.run(SystemClock().async_sleep(3600))
    assert carrier.simulator.now() - simulated >= 7200
    assert time.monotonic() - began < 60


def test_those_who_wait_at_once_wait_for_the_same_time() -> None:
    clock = HandClock()

    async def main() -> None:
        await asyncio.gather(*(clock.async_sleep(3600) for _ in range(20)))

    asyncio.run(main())
    assert 3599 < clock.ahead <= 3600
    with ThreadPoolExecutor(8) as threads:
        [*threads.map(clock.sleep, [0.0] * 8)]
    assert clock.ahead <= 3600
    with pytest.raises(InvalidInput, match="time passes forwards"):
        clock.advance(-1)
    with pytest.raises(InvalidInput, match="time passes forwards"):
        clock.advance(float("nan"))


def test_a_port_goes_on_as_time_is_passed() -> None:
    with simulated_carrier("voicetel", ports=["9075550123"]) as carrier:
        (port,) = carrier.ports
        assert (port.numbers, port.account, port.signed, port.complete) == (("+19075550123",), "main", False, False)
        carrier.happen("loa", pid=port.id)
        carrier.pass_time(days=8)
        (port,) = carrier.ports
        assert (port.signed, port.complete, port.rejection, port.missing) == (True, True, None, ())
        assert "+19075550123" in carrier.numbers


def test_a_journal_in_a_file_goes_along_with_the_clients(carrier: SimulatedCarrier, tmp_path: Path) -> None:
    """An answer that stays lost for minutes is looked for at times that the journal keeps."""
    carrier.lose_next_answer()
    for operation in ("order", "numbers", "number_get"):
        carrier.fault("error", operation=operation, status=503, times=None)
    order = Order(criteria=QUERY, deadline=300)
    with (
        journal.open(tmp_path / "purchases.sqlite") as book,
        Client(Failover([make("voicetel", {})], journal=book)) as phone,
    ):
        with pytest.raises(OutcomeUnknown):
            phone.provision(order, request_id="one")
        carrier.simulator.faults.clear()
        carrier.pass_time(minutes=10)
        bought = phone.provision(order, request_id="one")
    assert [str(number) for number in bought.numbers] == [charge.number for charge in carrier.charges]


def test_time_is_passed_in_any_unit(carrier: SimulatedCarrier) -> None:
    before = carrier.simulator.now()
    carrier.pass_time(days=1, hours=1, minutes=1, seconds=1)
    passed = timedelta(days=1, hours=1, minutes=1, seconds=1).total_seconds()
    assert passed <= carrier.simulator.now() - before < passed + 60


def test_a_client_without_a_connection_is_of_the_same_carrier(carrier: SimulatedCarrier) -> None:
    async def main() -> str:
        phone = carrier.async_client()
        return str((await phone.buy((await phone.search(QUERY))[0])).number)

    with carrier.client() as phone:
        bought = [str(phone.buy(phone.search(QUERY)[0]).number), asyncio.run(main()), buy("voicetel")]
    assert [charge.number for charge in carrier.charges] == bought


def test_a_hang_takes_no_time_for_a_client_without_a_connection(carrier: SimulatedCarrier) -> None:
    carrier.fault("hang", operation="order", done=True)
    began = time.monotonic()
    with carrier.client() as phone:
        phone.buy(phone.search(QUERY)[0])
    assert time.monotonic() - began < 20
    assert len(carrier.charges) == 1


def test_a_child_has_carriers_of_its_own(carrier: SimulatedCarrier, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    child = os.fork()
    if child == 0:
        try:
            with simulated_carrier("voicetel") as own:
                buy("voicetel")
                out.write_text(json.dumps([own.url, len(own.charges)]))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    url, charges = json.loads(out.read_text())
    assert url != carrier.url
    assert (charges, len(carrier.charges)) == (1, 0)


def test_many_accounts_of_an_application_go_there(carrier: SimulatedCarrier) -> None:
    with Accounts(lambda name: {"provider": "voicetel", **carrier.settings()}) as accounts:
        assert accounts.client("customer").search(QUERY)
    assert [seen.operation for seen in carrier.requests] == ["inventory"]
