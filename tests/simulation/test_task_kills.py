"""A plan of some hundred numbers and a port order as jobs on Procrastinate, over real HTTP, with workers that are
killed at random: each change is made, each number given up once, each port ordered once."""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from anycarrier import Client, Desired, ForwardTo, Money, jobs
from anycarrier.failover import Failover
from anycarrier.jobs import plans
from anycarrier.jobs.worker import enqueuer
from anycarrier.port_records import PortState
from anycarrier.purchase.journal.store import Journal
from anycarrier.registry import provider_class
from anycarrier.simulator import MAIN
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from job_campaign.campaign import Campaign, campaign
from job_campaign.worker import HASTY
from simulation.test_switch_kills import DETAILS
from support.server_faults import server_faults

server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")

AWAY = ForwardTo("+12125550142")
AREAS = ("201", "206", "312", "415", "512", "646")
TO_PORT = ("+19075550150", "+19075550151", "+18005550152")
LOST = ({"kind": "reset", "done": True}, {"kind": "not_json", "done": True})
"""Faults of a port that was taken: it is found, and never sent again."""


@pytest.fixture
def dsn(postgres: Any, postgres_database: Any) -> str:
    postgres_database.close()
    address: str = postgres.dsn
    return address


def owned(count: int) -> list[str]:
    return [f"{area}555{100 + line:04}" for area in AREAS for line in range(100)][:count]


def submit(run: Campaign, book: Journal, numbers: int, gone: int) -> None:
    """A job of a plan that forwards all numbers but those that it gives up, and a job of a port."""
    settings = run.settings["voicetel"]
    account = provider_class("voicetel")(**settings)
    with Client(Failover([account], journal=book), timeouts=HASTY) as phone:
        wanted = [
            Desired(f"+1{one}", release=True) if at < gone else Desired(f"+1{one}", routes=[AWAY])
            for at, one in enumerate(owned(numbers))
        ]
        plan = phone.plan(wanted)
    enqueue = enqueuer(book)
    jobs.submit_plan(book, plan, name="move", confirm=plan.id, enqueue=enqueue)
    jobs.submit_ports(book, TO_PORT, account, name="ports", max_fee=Money("18"), enqueue=enqueue)


def is_over(book: Journal) -> bool:
    """Return whether the plan is made, and each number of the port is ordered."""
    waits = {one.state for one in jobs.results(book, "ports") if one.outcome == "open"}
    return jobs.status(book, "move").done and not waits & {None, PortState.IN_DOUBT, PortState.REFUSED}


def worked(
    run: Campaign, book: Journal, played: VoiceTelSimulator, *, kills: int, seconds: float, meddle: Any = None
) -> None:
    """Let workers work, and kill one of them after some requests more, again and again."""
    for place in range(2):
        run.start(clock_ahead=300.0 * place)
    until = time.monotonic() + seconds
    next_at = 0
    while not is_over(book):
        assert time.monotonic() < until, [*jobs.results(book, "ports"), jobs.status(book, "move")]
        time.sleep(0.02)
        sent = len(played.ledger.requests)
        if run.kills < kills and sent > next_at:
            run.kill(clock_ahead=300.0 * (run.kills % 2))
            next_at = sent + run.random.randrange(40)
            if meddle is not None:
                meddle(run.kills)
    assert run.kills == kills


def is_right(played: VoiceTelSimulator, book: Journal, numbers: int, gone: int) -> None:
    status = jobs.status(book, "move")
    assert (status.reached, status.ended) == (numbers, 0), [
        one for one in jobs.results(book, "move") if one.outcome != "applied"
    ]
    account = played.accounts[MAIN]
    assert sorted(account.owned) == sorted(owned(numbers)[gone:])
    assert {one.forward_to for one in account.owned.values()} == {AWAY.number.ten_digit}
    released = [number for _, number in played.ledger.releases]  # also those whose answer was lost
    assert (len(released), len({*released})) == (gone, gone)
    ordered = Counter(number for port in account.ports.values() for number in port.numbers)
    for row in jobs.results(book, "ports"):
        assert row.state in (PortState.NEEDS_LOA, PortState.ABSENT), row
        assert ordered[row.number.ten_digit] == (row.state is PortState.NEEDS_LOA), row


def play(seed: int, numbers: int) -> VoiceTelSimulator:
    played = VoiceTelSimulator(seed=seed, account_calls=None, balance=Decimal(5000), owned=tuple(owned(numbers)))
    for operation in ("forward_set", "number_release"):
        for fault in server_faults(hang=1.0, late=0.3):
            played.fault(**fault, operation=operation, times=None, probability=0.01)
    for fault in LOST:
        played.fault(**fault, operation="port_submit", times=None, probability=0.2)
    return played


def file_of(folder: Path) -> str:
    file = folder / "port.toml"
    file.write_text(DETAILS)
    file.chmod(0o600)
    return str(file)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_plan_of_300_numbers_and_a_port_are_carried_out_once_though_workers_are_killed_6_times(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "PART", 25)
    played = play(5, 300)
    with server.running({"voicetel": played}) as urls:
        settings = {"voicetel": {**played.settings_of(MAIN), "base_url": urls["voicetel"]}}
        with campaign(dsn, settings, 5, lease=2.0, ports=file_of(tmp_path)) as (run, book):
            submit(run, book, 300, 40)
            worked(run, book, played, kills=6, seconds=220)
            is_right(played, book, 300, 40)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_soak_a_plan_that_is_cancelled_and_resumed_while_workers_are_killed_20_times(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "PART", 10)
    for seed in range(8):
        played = play(seed, 600)
        with server.running({"voicetel": played}) as urls:
            settings = {"voicetel": {**played.settings_of(MAIN), "base_url": urls["voicetel"]}}
            with campaign(dsn, settings, seed, lease=2.0, ports=file_of(tmp_path)) as (run, book):

                def meddle(kills: int, book: Journal = book) -> None:
                    if kills % 3 == 2:
                        jobs.cancel(book, "move")
                        time.sleep(kills / 10)
                        jobs.resume(book, "move", enqueue=enqueuer(book))

                submit(run, book, 600, 80)
                worked(run, book, played, kills=20, seconds=900, meddle=meddle)
                is_right(played, book, 600, 80)
                book.connected(lambda db: db.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
