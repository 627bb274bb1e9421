"""Jobs at four carriers over real HTTP, with workers on two machines that are killed at random: paid once, and all of
it on record."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from anycarrier import jobs
from anycarrier.jobs.worker import enqueuer
from anycarrier.purchase.journal.store import Journal
from job_campaign.campaign import Campaign, campaign, carriers
from job_campaign.carriers import NAMES

pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")


@pytest.fixture
def dsn(postgres: Any, postgres_database: Any) -> str:
    """An empty database, on which everybody has a connection of his own."""
    postgres_database.close()
    address: str = postgres.dsn
    return address


def is_right(run: Campaign, book: Journal, orders: int) -> None:
    verdict = run.verdict(book)
    assert (verdict.twice, verdict.lost, verdict.stuck) == (0, 0, 0), verdict
    assert verdict.bought == verdict.charged == verdict.orders == orders, verdict


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_2000_orders_are_bought_once_though_workers_are_killed_15_times(dsn: str) -> None:
    with (
        carriers(NAMES, limits=False, stock=200) as settings,
        campaign(dsn, settings, 7) as (run, book),
    ):
        run.submit(book, 2000)
        run.faulty(0.01)
        run.run(book, workers=4, kills=15, every=1.5, seconds=350)
        assert run.kills == 15
        is_right(run, book, 2000)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_soak_10000_orders_60_kills_a_database_that_crashes_and_a_job_that_is_cancelled_and_resumed(
    dsn: str, postgres: Any
) -> None:
    with (
        carriers(NAMES, limits=False, stock=800) as settings,
        campaign(dsn, settings, 11) as (run, book),
    ):
        run.submit(book, 10_000)
        run.faulty(0.01)

        def meddle() -> None:
            wait_until(book, run, 8000)
            jobs.cancel(book, "spring-voicetel")
            jobs.cancel(book, "spring-lc_phone")
            time.sleep(10)
            charged = run.verdict(book).charged
            jobs.resume(book, "spring-voicetel", enqueue=enqueuer(book))
            jobs.resume(book, "spring-lc_phone", enqueue=enqueuer(book))
            assert charged < 10_000
            wait_until(book, run, 5000)
            postgres.crash()
            time.sleep(5)
            postgres.start()

        meddling = threading.Thread(target=meddle)
        meddling.start()
        run.run(book, workers=4, kills=60, every=4.0, seconds=3600)
        meddling.join()
        is_right(run, book, 10_000)


def wait_until(book: Journal, run: Campaign, left: int) -> None:
    """Wait until at most *left* numbers are open."""
    while run.open(book) > left:
        time.sleep(1.0)
