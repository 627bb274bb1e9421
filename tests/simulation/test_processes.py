"""Real processes, real sockets, real kills: workers that die at any instant, and the providers' ledgers afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from anycarrier import Client
from anycarrier.failover import Failover
from anycarrier.purchase import ItemState, journal, purchase_of
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from simulation.worker import HASTY, HOOK, members
from support.server_faults import server_faults

pytestmark = pytest.mark.slow
server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")

BUYING = {"voicetel": "order", "lc_phone": "purchase", "leadping": "create"}
AREAS = ("201", "212", "312")
WORKER = Path(__file__).with_name("worker.py")

FAULTS = (*server_faults(hang=1, late=0.5), {"kind": "not_json", "done": True}, {"kind": "throttle", "seconds": 0.1})


class Campaign:
    """Simulators, a journal, and workers that are killed."""

    def __init__(self, urls, simulators, where, count, seed, lease=1.2, setup=False):
        self.simulators = simulators
        self.where = str(where)
        self.count = count
        self.rng = random.Random(seed)
        self.providers = [(name, urls[name], dict(one.settings)) for name, one in simulators.items()]
        self.lease = lease
        self.setup = setup
        self.kills = 0
        self.workers = []

    def faulty(self, probability=0.07):
        for name, simulator in self.simulators.items():
            for fault in FAULTS:
                simulator.fault(**fault, operation=BUYING[name], times=None, probability=probability)
            simulator.fault("reset", method="GET", times=None, probability=0.05)

    def start(self, **more):
        how = {
            "journal": self.where,
            "providers": self.providers,
            "count": self.count,
            "areas": AREAS,
            "lease": self.lease,
            "setup": self.setup,
            **more,
        }
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        worker = subprocess.Popen(
            [sys.executable, str(WORKER), json.dumps(how)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.workers.append(worker)
        return worker

    def close(self):
        """No worker outlives its campaign, also when the test fails: it would disturb the next one."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.communicate()

    def kill(self, worker):
        worker.kill()
        worker.communicate()
        self.kills += 1

    def finish(self):
        for simulator in self.simulators.values():
            simulator.faults.clear()
        worker = self.start()
        out, problems = worker.communicate(timeout=300)
        assert worker.returncode == 0, problems
        assert out.endswith("DONE\n"), out + problems

    def audit(self):
        """One charge for each order, and the journal knows it."""
        time.sleep(0.6)
        charges = Counter(
            (name, charge.number[-10:])
            for name, simulator in self.simulators.items()
            for charge in simulator.ledger.charges
        )
        # What could not be set up was refunded.
        charges -= Counter(
            (name, number[-10:])
            for name, simulator in self.simulators.items()
            for _, number, _ in simulator.ledger.refunds
        )
        with (
            journal.open(self.where) as book,
            Client(Failover(members(self.providers), journal=book), timeouts=HASTY) as client,
        ):
            swept = client.sweep()
            bought = [one for number in range(self.count) for one in purchase_of(f"r{number}", book).bought]
            states = Counter(purchase_of(f"r{number}", book).items[0].state for number in range(self.count))
            audit = client.reconcile()
        assert states == {ItemState.SET_UP if self.setup else ItemState.ACTIVE: self.count}
        if self.setup:
            self.audit_set_ups([one.number.ten_digit for one in bought])
        assert charges == Counter((one.provider, one.number.ten_digit) for one in bought)
        assert set(charges.values()) == {1}
        assert not audit.missing
        assert not audit.orphans
        assert not swept.orphans
        return len(charges)

    def audit_set_ups(self, numbers):
        """Each number is routed and bound; what is free to serve does."""
        voicetel = self.simulators["voicetel"]
        for number in numbers:
            owned = voicetel.account.owned[number]
            assert (owned.route, owned.campaign) == (1000, "CB2PATH")
            assert voicetel.account.inbound[owned.row].resource == HOOK


@contextlib.contextmanager
def campaign(where, count, seed, **more):
    simulators = {
        "voicetel": VoiceTelSimulator(seed=seed, account_calls=None),
        "lc_phone": LCPhoneSimulator(seed=seed),
        "leadping": LeadpingSimulator(seed=seed, provisioning=0.6),
    }
    simulators["leadping"].failing = frozenset([*simulators["leadping"].stock][::3])
    with (
        server.running(simulators) as urls,
        contextlib.closing(Campaign(urls, simulators, where, count, seed, **more)) as one,
    ):
        yield one


def end(one, running):
    """Kill the last workers, let one finish in peace, and compare the ledgers with the journal."""
    for worker in running:
        one.kill(worker)
    one.finish()
    assert one.audit() == one.count


def kill_one_by_one(one, kills):
    one.faulty()
    for _ in range(kills):
        worker = one.start()
        assert worker.stdout.readline().startswith("READY"), worker.stderr.read()
        time.sleep(one.rng.uniform(0.0, 0.7))
        one.kill(worker)
    one.finish()
    assert one.audit() == one.count


def test_killing_the_only_worker(tmp_path):
    with campaign(tmp_path / "purchases.db", count=12, seed=1) as one:
        kill_one_by_one(one, 6)


def kill_among_several(one, kills, workers=3):
    one.faulty()
    running = [one.start() for _ in range(workers)]
    for _ in range(kills):
        time.sleep(one.rng.uniform(0.1, 0.6))
        index = one.rng.randrange(workers)
        one.kill(running[index])
        running[index] = one.start()
    end(one, running)


def test_killing_one_of_three_workers(postgres, postgres_database):
    postgres_database.close()
    with campaign(postgres.dsn, count=12, seed=2) as one:
        kill_among_several(one, 4)


def test_a_worker_that_stands_still_beyond_its_lease(postgres, postgres_database):
    """It wakes up as a zombie: others have taken over, and what it wanted to send must not leave."""
    postgres_database.close()
    with campaign(postgres.dsn, count=12, seed=3) as one:
        one.faulty()
        running = [one.start(), one.start()]
        for worker in running:
            worker.stdout.readline()
        for _ in range(2):
            victim = one.rng.choice(running)
            time.sleep(one.rng.uniform(0.05, 0.3))
            victim.send_signal(signal.SIGSTOP)
            time.sleep(2.0)
            victim.send_signal(signal.SIGCONT)
        end(one, running)


def test_postgresql_that_fails_at_once(postgres, postgres_database):
    postgres_database.close()
    with campaign(postgres.dsn, count=12, seed=4) as one:
        one.faulty()
        worker = one.start()
        worker.stdout.readline()
        time.sleep(0.4)
        postgres.crash()
        time.sleep(0.3)
        postgres.start()
        one.where = postgres.dsn
        out, problems = worker.communicate(timeout=300)
        # Where the server is away for longer than a worker waits, as on a busy machine, it says so and sends no more.
        assert "DONE" in out or "the journal cannot be reached" in problems, problems
        one.finish()
        assert one.audit() == one.count


MANY = ("206", "305", "404", "415", "512", "617", "646", "702")


def stocked(count):
    """A carrier that states its price six times an hour, with numbers and money for so many orders."""
    voicetel = VoiceTelSimulator(account_calls=6, balance=Decimal(count))
    for number in [f"{area}{nxx}{line:04}" for area in MANY for nxx in range(220, 223) for line in range(count // 20)]:
        voicetel.stock[number] = voicetel.stock[f"{number[:3]}5550150"]
    return voicetel


def orders_under_a_cap(postgres, count, workers=8):
    """Orders of several processes under a price cap."""
    voicetel = stocked(count)
    with (
        server.running({"voicetel": voicetel}) as urls,
        contextlib.closing(Campaign(urls, {"voicetel": voicetel}, postgres.dsn, count, seed=0)) as one,
    ):
        running = [one.start(first=each, step=workers, areas=MANY, max_price="1.00") for each in range(workers)]
        for worker in running:
            out, problems = worker.communicate(timeout=1200)
            assert worker.returncode == 0, problems
            assert "EXHAUSTED" not in out
        assert one.audit() == count
        read = [seen for seen in voicetel.ledger.requests if seen.operation == "account_get"]
    assert 0 < len(read) <= 6
    assert {seen.status for seen in read} == {200}


def test_processes_share_the_price_that_may_be_read_six_times_an_hour(postgres, postgres_database):
    postgres_database.close()
    orders_under_a_cap(postgres, 40)


def sign_ups(postgres, count, kills, workers=8):
    """Numbers for new customers: bought under a price cap, routed and bound, while faults strike and workers die."""
    simulators = {"lc_phone": LCPhoneSimulator(), "voicetel": stocked(count)}
    with (
        server.running(simulators) as urls,
        contextlib.closing(Campaign(urls, simulators, postgres.dsn, count, seed=6, setup=True)) as one,
    ):
        one.faulty()
        voicetel = simulators["voicetel"]
        for operation in ("number_route", "sms_set", "campaign_assign"):
            for fault in FAULTS:
                voicetel.fault(**fault, operation=operation, times=None, probability=0.07)

        def start(each):
            return one.start(first=each, step=workers, areas=MANY, max_price="1.00")

        running = [start(each) for each in range(workers)]
        for _ in range(kills):
            time.sleep(one.rng.uniform(0.3, 1.0))
            index = one.rng.randrange(workers)
            one.kill(running[index])
            running[index] = start(index)
        for worker in running:
            out, problems = worker.communicate(timeout=300)
            assert worker.returncode == 0, problems
            assert "EXHAUSTED" not in out, out
        for simulator in simulators.values():
            simulator.faults.clear()
        assert one.audit() == count
        assert not simulators["lc_phone"].ledger.charges  # it has no routes: passed over before anything was bought


def test_sixty_sign_ups_by_eight_workers_are_bought_once_routed_and_bound(postgres, postgres_database):
    postgres_database.close()
    sign_ups(postgres, 60, kills=5)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_soak_600_sign_ups_by_eight_workers(postgres, postgres_database):
    postgres_database.close()
    sign_ups(postgres, 600, kills=40)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_soak_2000_orders_of_8_processes_under_a_cap(postgres, postgres_database):
    postgres_database.close()
    orders_under_a_cap(postgres, 2000)


def test_a_full_disk_sends_nothing(tmp_path):
    path = tmp_path / "purchases.db"
    journal.open(path).close()
    with campaign(path, count=3, seed=5) as one:
        worker = one.start(disk=8192)  # no file can grow beyond: the first transaction does not fit
        _, problems = worker.communicate(timeout=300)
        assert worker.returncode != 0
        assert "JournalError" in problems
        requests = [seen for simulator in one.simulators.values() for seen in simulator.ledger.requests]
        assert not [seen for seen in requests if seen.operation in BUYING.values()]
        one.finish()
        assert one.audit() == one.count


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(10))
def test_soak_killing_the_only_worker(tmp_path, seed):
    with campaign(tmp_path / "purchases.db", count=30, seed=100 + seed) as one:
        kill_one_by_one(one, 10)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(10))
def test_soak_killing_one_of_three_workers(postgres, postgres_database, seed):
    postgres_database.close()
    with campaign(postgres.dsn, count=30, seed=200 + seed) as one:
        kill_among_several(one, 10)
