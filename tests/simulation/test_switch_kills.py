"""A switch of some hundred numbers from LC to VoiceTel, with faults, killed at random moments over simulated weeks."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from anycarrier import Client
from anycarrier.desired_state import ChangeKind
from anycarrier.errors import Conflict
from anycarrier.failover import Failover
from anycarrier.json_forms import to_json
from anycarrier.purchase import journal
from anycarrier.simulator import join
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from simulation.worker import HASTY, members
from support.server_faults import server_faults
from support.switching import DAY, HOOK, RULES

pytestmark = pytest.mark.slow
server = pytest.importorskip("anycarrier.simulator.server", reason="needs anycarrier[simulator]")

WORKER = Path(__file__).with_name("switch_worker.py")
DETAILS = """
subscriber = "Acme Inc"
subscriber_kind = "business"
account_number = "100200300"
pin = "4321"
billing_number = "+12015550189"
authorized_person = "Ada Doe"
[service_address]
street_number = "411"
street = "Hackensack"
street_type = "AVE"
city = "Hackensack"
state = "NJ"
postal_code = "07601"
"""
SETTINGS = ("number_route", "sms_set", "campaign_assign")
LOST = (
    {"kind": "reset", "done": True},
    {"kind": "not_json", "done": True},
    {"kind": "error", "status": 502, "done": True},
)
"""Faults of an order that was taken: it is found, and never sent again."""


class Switch:
    """Two joined simulators with the numbers of one account, its plan, and workers that are killed."""

    def __init__(self, folder, where, seed, *, ported, replaced, left, lease=1.2):
        self.where, self.lease, self.rng = str(where), lease, random.Random(seed)
        self.ahead = 0.0
        self.lc = LCPhoneSimulator(seed=seed, owned=[])
        self.voicetel = VoiceTelSimulator(seed=seed, account_calls=None, balance=Decimal(5000))
        join(losing=self.lc, gaining=self.voicetel)
        self.ported = self.lc.fill(ported, name="Line {}")
        self.replaced = self.lc.fill(replaced)
        for number in self.replaced:
            self.voicetel.happen("other_carrier", number=number[2:], reason="Rate center not served")
        self.left = [*self.lc.fill(left - left // 2, pooled=True)]
        self.left += self.lc.fill(left // 2, inbound={"type": "ivr", "value": "68e381b296a83800a27cd1"})
        self.plan_file, self.details = folder / "plan.json", folder / "port.toml"
        self.details.write_text(DETAILS)
        self.details.chmod(0o600)
        self.workers = []
        self.kills = 0

    def at(self, urls):
        self.providers = [(one.name, urls[one.name], dict(one.settings)) for one in (self.lc, self.voicetel)]

    def client(self, book):
        return Client(Failover(members(self.providers), journal=book), timeouts=HASTY)

    def make_plan(self):
        with journal.open(self.where, lease=self.lease) as book, self.client(book) as phone:
            self.plan = phone.plan_switch("lc_phone", "voicetel", rules=RULES)
        self.plan_file.write_text(json.dumps(to_json(self.plan)))
        kinds = Counter(one.move.what if one.move else "left" for one in self.plan.numbers)
        assert kinds == {
            ChangeKind.PORT_IN: len(self.ported),
            ChangeKind.REPLACE: len(self.replaced),
            "left": len(self.left),
        }
        assert all(one.left for one in self.plan.numbers if not one.move)

    def faulty(self):
        for operation in ("order", *SETTINGS):
            for fault in (*server_faults(hang=1, late=0.5), {"kind": "not_json", "done": True}):
                self.voicetel.fault(**fault, operation=operation, times=None, probability=0.02)
        for fault in LOST:
            self.voicetel.fault(**fault, operation="port_submit", times=None, probability=0.1)
        for simulator in (self.lc, self.voicetel):
            simulator.fault("error", status=503, method="GET", times=None, probability=0.03)

    def start(self, *, again=False, skew=0.0):
        how = {
            "journal": self.where, "lease": self.lease, "providers": self.providers, "again": again,
            "plan": str(self.plan_file), "details": str(self.details), "ahead": self.ahead + skew,
        }  # fmt: skip
        worker = subprocess.Popen(
            [sys.executable, str(WORKER), json.dumps(how)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.workers.append(worker)
        return worker

    def killed(self, times, skew=0.0):
        """Start a worker and kill it, as often; those of two machines, whose clocks differ, in turn."""
        for place in range(times):
            worker = self.start(skew=skew if place % 2 else 0.0)
            assert worker.stdout.readline().startswith("READY"), worker.stderr.read()
            time.sleep(self.rng.uniform(0.0, 1.2))
            worker.kill()
            worker.communicate()
            self.kills += 1

    def finished(self, skew=0.0):
        """Results of a worker that is left in peace, by number."""
        for again in (False, False, True):
            worker = self.start(again=again, skew=skew)
            out, problems = worker.communicate(timeout=300)
            assert worker.returncode == 0, problems
            results = {line[0]: line[1:] for line in map(json.loads, out.splitlines()[1:-1])}
            if not any(state in ("failed", "skipped") for state, *_ in results.values()):
                break
        return results

    def pass_days(self, days):
        self.ahead += days * DAY
        self.lc.pass_time(days * DAY)

    def close(self):
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.communicate()

    def audit(self, results):
        """Every number that was planned serves, none was paid twice or given up, and the sum is the plan's."""
        assert {state for state, *_ in results.values()} <= {"done", "already"}, results
        bought = [results[number][2] for number in self.replaced]
        assert len({*bought}) == len(self.replaced)
        account = self.voicetel.account
        for number in (*self.ported, *bought):
            owned = account.owned[number[2:]]
            assert (owned.route, owned.campaign) == (1000, "CH5K5IZ")
            assert account.inbound[owned.row].resource == HOOK.url
        charges = Counter(charge.number[-10:] for charge in self.voicetel.ledger.charges)
        assert charges == Counter(number[2:] for number in (*self.ported, *bought))
        assert [sum(charge.amount for charge in self.voicetel.ledger.charges)] == [
            cost.amount for cost in self.plan.cost
        ]
        assert not self.voicetel.ledger.releases
        assert {*self.lc.owned} == {*self.replaced, *self.left}


@contextlib.contextmanager
def switch(folder, where, seed, **numbers):
    one = Switch(folder, where, seed, **numbers)
    with server.running({"lc_phone": one.lc, "voicetel": one.voicetel}) as urls, contextlib.closing(one):
        one.at(urls)
        one.make_plan()
        one.faulty()
        yield one


def carried_through(one, kills, skew=0.0):
    """Weeks of a switch: ordered, signed, arrived, set up; a part of the *kills* in each."""
    before = kills - kills // 2
    one.killed(before, skew)
    one.finished()
    one.voicetel.happen("loa")
    one.pass_days(9)
    one.killed(kills // 2, skew)
    one.voicetel.faults.clear()
    one.lc.faults.clear()
    results = one.finished(skew)
    one.audit(results)
    assert one.kills == kills


def test_300_numbers_move_though_the_process_is_killed_five_times(tmp_path):
    with switch(tmp_path, tmp_path / "purchases.db", 1, ported=212, replaced=61, left=27) as one:
        carried_through(one, 5)


def test_two_machines_with_different_clocks_carry_a_switch_on_in_turn(postgres, postgres_database, tmp_path):
    postgres_database.close()
    with switch(tmp_path, postgres.dsn, 2, ported=30, replaced=8, left=4) as one:
        carried_through(one, 4, skew=400.0)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_soak_300_numbers_move_though_the_process_is_killed_fifty_times(tmp_path):
    with switch(tmp_path, tmp_path / "purchases.db", 3, ported=212, replaced=61, left=27) as one:
        carried_through(one, 50)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_soak_two_machines_carry_a_switch_of_300_numbers_on_in_turn(postgres, postgres_database, tmp_path):
    postgres_database.close()
    with switch(tmp_path, postgres.dsn, 4, ported=212, replaced=61, left=27) as one:
        carried_through(one, 50, skew=400.0)


def test_a_switch_that_was_killed_is_taken_back_as_far_as_its_page_says(tmp_path):
    """The old side is as it was, what was bought is released, and the ports that are ordered are named."""
    with switch(tmp_path, tmp_path / "purchases.db", 5, ported=12, replaced=12, left=2) as one:
        one.killed(2)
        one.voicetel.faults.clear()
        one.lc.faults.clear()
        with journal.open(one.where, lease=one.lease) as book, one.client(book) as phone:
            assert all(obstacle.by_hand for obstacle in phone.undo(one.plan).obstacles)
            phone.recover()
            list(phone.status(one.plan))  # settles what is in doubt
            back = phone.undo(one.plan)
            results = list(phone.apply(back, confirm=back.id))
            with pytest.raises(Conflict, match="undone"):
                list(phone.apply(one.plan, confirm=one.plan.id))
            open_ports = {number.number.e164 for record in book.ports() for number in record.numbers if number.is_live}
        assert {result.state.value for result in results} <= {"done"}
        released = {number[-10:] for _, number in one.voicetel.ledger.releases}
        assert {number[2:] for obstacle in back.obstacles for number in [obstacle.number.e164]} == {
            number[2:] for number in open_ports
        }
        bought = {charge.number[-10:] for charge in one.voicetel.ledger.charges} - {number[2:] for number in one.ported}
        assert released == bought
        assert {*one.lc.owned} == {*one.ported, *one.replaced, *one.left}
