"""A journal behind PgBouncer in transaction mode, where each transaction may come to another session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from anycarrier import ForwardTo, jobs
from anycarrier.purchase import journal
from job_campaign.campaign import campaign, carriers
from job_campaign.carriers import NAMES
from support import pgbouncer
from support.jobs import phone_of

pytestmark = pytest.mark.skipif(not pgbouncer.is_at_hand(), reason=pgbouncer.MISSING)


@pytest.fixture
def dsn(postgres: Any, postgres_database: Any) -> Iterator[str]:
    """An empty database behind a pooler with four sessions."""
    postgres_database.close()
    with pgbouncer.PgBouncer(postgres) as pooler:
        yield pooler.dsn


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_jobs_with_one_budget_are_bought_once_though_workers_are_killed(dsn: str) -> None:
    pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")
    with (
        carriers(NAMES, limits=False, stock=100) as settings,
        campaign(dsn, settings, 5, budget="shared") as (run, book),
    ):
        run.submit(book, 80)
        run.faulty(0.01)
        run.run(book, workers=3, kills=2, every=1.5, seconds=250)
        verdict = run.verdict(book)
    assert (verdict.twice, verdict.lost, verdict.stuck) == (0, 0, 0), verdict
    assert verdict.bought == verdict.charged == 80, verdict


def test_a_job_in_this_process_and_a_change_of_a_number_are_on_record(dsn: str) -> None:
    with journal.open(dsn) as book:
        phone, simulators = phone_of(book, "voicetel")
        with phone:
            orders = jobs.orders_from_csv("area_code,max_price\n201,3\n201,3\n212,3\n")
            jobs.submit(book, orders, [phone.provider], name="spring")
            for ids in jobs.chunks(book, "spring"):
                phone.run(jobs.fill(ids))
            assert jobs.status(book, "spring").bought == 3
            assert {one.outcome for one in jobs.results(book, "spring")} == {"bought"}
            charged = len(simulators["voicetel"].ledger.charges)
            assert phone.recover(deadline=5).undecided == 0
            assert len(simulators["voicetel"].ledger.charges) == charged
            number = next(iter(phone.list()))
            phone.route(number, ForwardTo("+12125550142"))
            assert [one.what for one in book.changes(number=number.number)] == ["forward"]
