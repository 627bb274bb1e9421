"""Places in rate limits that processes share, in a real PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anycarrier import Accounts, Client
from anycarrier.engine.rate_limits import Limit
from anycarrier.engine.shared_budget import SharedBudget, pace_of
from anycarrier.errors import ConfigurationError, JournalError, RateLimited
from anycarrier.purchase import journal
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.places import BUCKET, places_of
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.simulator import SimTransport
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from support.limits import most_in, places_hold_the_limit

server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")

WORKER = Path(__file__).with_name("budget_worker.py")


@pytest.fixture
def places(postgres_database):
    schema.migrate(postgres_database)
    made = places_of(postgres_database)
    yield made
    made.close()


@pytest.mark.parametrize("limit", [Limit(300, 60.0), Limit(100, 10.0), Limit(6, 3600.0), Limit(2, 1.0), Limit(1, 5.0)])
def test_no_interval_holds_more_places_than_the_limit_whoever_takes_them(places, postgres_database, limit):
    others = [places_of(postgres_database) for _ in range(3)]
    try:
        places_hold_the_limit(limit, [places, *others])
    finally:
        for one in others:
            one.close()


def test_a_place_that_lies_too_late_is_not_taken(places):
    pace = pace_of(Limit(2, 10.0))
    assert places.take("key", pace, 1, 0.0, 1.0) == 0.0
    second = places.take("key", pace, 1, 0.0, 60.0)
    assert 0 < second <= 10
    assert places.take("key", pace, 1, 0.0, 1.0) is None
    assert places.take("key", pace, 1, 0.0, 60.0) == pytest.approx(second + pace.step, abs=0.5)
    assert places.take("other", pace, 1, 0.0, 1.0) == 0.0


def test_repetitions_are_paid_for_and_a_429_holds_everybody_back(places, postgres_database):
    pace = pace_of(Limit(100, 10.0))
    assert places.take("key", pace, 1, 0.0, 60.0) == 0.0
    assert places.take("key", pace, 11, 0.0, 60.0) == pytest.approx(10 * pace.step, abs=0.05)
    assert places.take("key", pace, 1, 5.0, 60.0) == pytest.approx(5.0, abs=0.3)
    other = places_of(postgres_database)
    try:
        assert other.take("key", pace, 1, 0.0, 60.0) == pytest.approx(5.0, abs=0.3)
    finally:
        other.close()


def test_a_long_limit_is_taken_in_slices_and_never_exceeded(places, postgres_database):
    limit = Limit(1000, 86_400.0)
    taken = 0
    while not (wait := places.take_slice("day", limit, 100)):
        taken += 100
    assert taken == 900  # half a percent stays
    assert 86_400 - BUCKET <= wait <= 86_400 + BUCKET
    assert places.take_slice("other", limit, 100) == 0.0
    with postgres_database.transaction() as tx:
        tx.run("UPDATE anycarrier_budget_slice SET bucket = bucket - 200 WHERE key = 'day'")
    assert places.take_slice("day", limit, 100) == 0.0


def test_a_database_that_is_away_is_an_error_and_not_a_place(places, postgres):
    postgres.crash()
    try:
        with pytest.raises(JournalError, match="cannot be reached"):
            places.take("key", pace_of(Limit(2, 10.0)), 1, 0.0, 1.0)
    finally:
        postgres.start()
    assert places.take("key", pace_of(Limit(2, 10.0)), 1, 0.0, 1.0) == 0.0


def test_a_journal_in_a_file_has_no_places():
    database = SqliteDatabase(":memory:")
    with pytest.raises(ConfigurationError, match="belongs to one process"):
        places_of(database)
    database.close()


@contextlib.contextmanager
def readers(dsn, simulator, url, count=4):
    """Processes of four threads that read as fast as their budget lets them, until their input ends."""
    plain = {
        "journal": dsn, "budget": "shared", "provider": simulator.name, "url": url, "threads": 4,
        "settings": dict(simulator.settings),
    }  # fmt: skip
    workers = [
        subprocess.Popen(
            [sys.executable, str(WORKER), json.dumps(plain)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(count)
    ]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "READY\n", worker.stderr.read()
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def wait_for(simulator, count):
    """Wait until so many requests have arrived."""
    until = time.monotonic() + 120
    while len(simulator.ledger.requests) < count:
        assert time.monotonic() < until, f"{len(simulator.ledger.requests)} of {count} requests arrived"
        time.sleep(0.02)


@pytest.mark.slow
def test_four_processes_share_one_account_also_when_one_is_killed_and_the_database_was_away(
    postgres, postgres_database
):
    """LC takes 100 requests in 10 seconds: none is refused, no 10 seconds hold more, and without the database none
    leaves but those that have their places."""
    schema.migrate(postgres_database)
    simulator = LCPhoneSimulator()
    with (
        server.running({"lc_phone": simulator}) as urls,
        readers(postgres.dsn, simulator, urls["lc_phone"]) as workers,
    ):
        wait_for(simulator, 20)
        workers[0].kill()
        wait_for(simulator, 40)
        postgres.crash()
        before = len(simulator.ledger.requests)
        time.sleep(2.0)
        assert len(simulator.ledger.requests) - before <= 12  # of three processes with four threads
        postgres.start()
        after = len(simulator.ledger.requests)
        wait_for(simulator, 110)
        refused = []
        for worker in workers[1:]:
            out, problems = worker.communicate("", timeout=120)
            assert worker.returncode == 0, problems
            refused += json.loads(out)["refused"]
    assert refused
    assert all("the shared rate budget cannot be reached" in said for said in refused)
    assert {seen.status for seen in simulator.ledger.requests} == {200}
    assert len(simulator.ledger.requests) > after
    assert most_in([seen.at for seen in simulator.ledger.requests], 10.0) <= 100


def test_voicetel_answers_six_requests_an_hour_to_all_processes_together(postgres, postgres_database):
    """Half of them leave at once, and the rest evenly; what is too much fails before it is sent, also of a client that
    has another account at this address."""
    schema.migrate(postgres_database)
    simulator = VoiceTelSimulator(account_calls=6)
    url = "http://127.0.0.1:1"

    def ask(account):
        with (
            journal.open(postgres.dsn) as book,
            Client(
                VoiceTel(**simulator.settings, account=account, base_url=url),
                journal=book,
                budget="shared",
                transport=SimTransport({url: simulator}),
            ) as phone,
        ):
            try:
                phone.native.account_info()
            except RateLimited as error:
                assert error.maybe_applied is False
                return False
            return True

    assert [ask(f"account-{turn % 2}") for turn in range(8)] == [True] * 3 + [False] * 5
    with postgres_database.transaction() as tx:
        tx.run("UPDATE anycarrier_budget SET next = next - 1200")
    assert [ask("account-1") for _ in range(2)] == [True, False]
    assert [seen.status for seen in simulator.ledger.requests] == [200] * 4


def test_a_client_shares_only_what_can_be_shared(tmp_path):
    with pytest.raises(ConfigurationError, match="needs a journal on PostgreSQL"):
        Client("lc_phone", **LCPhoneSimulator().settings, base_url="http://127.0.0.1:1", budget="shared")
    with (
        journal.open(tmp_path / "journal.sqlite") as book,
        pytest.raises(ConfigurationError, match="belongs to one process"),
    ):
        Client("lc_phone", **LCPhoneSimulator().settings, base_url="http://127.0.0.1:1", journal=book, budget="shared")
    for wrong in ("mine", 3, None, [], SharedBudget):
        with pytest.raises(ConfigurationError, match="budget must be 'own', 'shared'"):
            Client("lc_phone", **LCPhoneSimulator().settings, base_url="http://127.0.0.1:1", budget=wrong)


def test_accounts_share_a_budget_too_and_the_journal_closes_its_connection(postgres, postgres_database):
    postgres_database.close()
    simulators = {"http://127.0.0.1:1": LCPhoneSimulator()}
    settings = {"provider": "lc_phone", "base_url": "http://127.0.0.1:1", **simulators["http://127.0.0.1:1"].settings}
    with (
        journal.open(postgres.dsn) as book,
        Accounts(lambda name: settings, journal=book, transport=SimTransport(simulators), budget="shared") as accounts,
    ):
        phone = accounts.client("one")
        phone.run(phone.provider.pools())
        (limits,) = phone.limits().values()
        assert limits["windows"][0]["shared"]
        assert book.places() is book.places()
