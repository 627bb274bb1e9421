"""Every crash point of a plan and of a port that are jobs: what is left is made by the next worker, and nothing twice.

The process dies before and after each effect, and hears and writes nothing from then on. The next one is told nothing.
"""

from __future__ import annotations

import pytest

from anycarrier import AsyncClient, Client, Desired, ForwardTo, Money, TextsToWebhook, jobs
from anycarrier.desired_state import ChangeOutcome, ChangeState
from anycarrier.jobs import plans
from anycarrier.port_records import PortState
from anycarrier.ports import PortDetails
from anycarrier.purchase.journal.store import Journal
from anycarrier.registry import provider_class
from simulation.test_drivers import Killed, Machine, one_life
from support.port_orders import details

AWAY = ForwardTo("+12125550142")
HOOK = TextsToWebhook("https://example.com/texts")
ONE, OTHER = "+19075550150", "+19075550151"
DETAILS = PortDetails(**details())


class Mortal(Machine):
    """A machine that is dead from its last effect on."""

    def __init__(self):
        super().__init__(["voicetel"])
        self.played = self.simulators["voicetel"]
        self.book = Journal(self.database)

    def tick(self):
        self.effects += 1
        if self.dies_at is not None and self.effects >= self.dies_at:
            raise Killed

    def sent(self, operation):
        return [seen for seen in self.played.ledger.requests if seen.operation == operation]


def crashed(kind, submit, ids, is_right, *, least, fill=jobs.fill, step=1):
    """Die at each effect of the work on a job, go on with another process, and look what became of it."""
    for k in range(1, 2000, step):
        machine = Mortal()
        submit(machine)
        machine.effects, machine.dies_at = 0, k
        one_life(machine, kind, lambda client: client.run(fill(ids)))
        reached = machine.effects >= k
        machine.dies_at = None
        is_right(machine, k)
        if not reached:
            assert k > least
            return
    raise AssertionError("it never ends")


def planned(machine):
    def work(client):
        wanted = [
            Desired("+12015550197", routes=[AWAY, HOOK]),
            Desired("+12015550198", campaign="CH5K5IZ", routes=[AWAY]),
            Desired("+12125550199", release=True),
        ]
        return client.plan(wanted)

    plan = one_life(machine, Client, work)
    jobs.submit_plan(machine.book, plan, name="move", confirm=plan.id)


def is_applied(machine, k):
    for _ in range(5):
        if jobs.status(machine.book, "move").done:
            break
        assert one_life(machine, Client, lambda client: client.recover(deadline=600)) is not None
        machine.time += 4000.0
    status = jobs.status(machine.book, "move")
    assert (status.reached, status.open, status.ended) == (3, 0, 0), (k, list(jobs.results(machine.book, "move")))
    account = machine.played.account
    assert sorted(account.owned) == ["2015550197", "2015550198"], k
    assert [seen.status for seen in machine.sent("number_release")].count(204) == 1, k
    assert account.owned["2015550198"].campaign == "CH5K5IZ", k
    left = one_life(
        machine,
        Client,
        lambda client: client.plan(
            [
                Desired("+12015550197", routes=[AWAY, HOOK]),
                Desired("+12015550198", campaign="CH5K5IZ", routes=[AWAY]),
            ]
        ),
    )
    assert not any(left.changes), k
    made = {(one.number, one.what) for one in machine.book.changes() if one.outcome is not ChangeOutcome.FAILED}
    assert len(made) == 5, k  # what was made is on record


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_crash_point_of_a_plan(kind):
    crashed(kind, planned, ["move:000001"], is_applied, least=40)


@pytest.mark.usefixtures("without_coverage")
def test_every_crash_point_of_a_plan_in_parts(monkeypatch):
    monkeypatch.setattr(plans, "PART", 1)
    crashed(Client, planned, ["move:000001", "move:000002", "move:000003"], is_applied, least=50, step=3)


def ported(machine):
    machine.played.other_carrier(OTHER, carrier="Another Telecom/2")
    account = provider_class("voicetel")(base_url=machine.origin("voicetel"), **machine.played.settings)
    jobs.submit_ports(machine.book, [ONE, OTHER], account, name="ports", max_fee=Money("12"))


def filled(ids):
    return jobs.fill(ids, ports=[DETAILS])


def is_ported(machine, k):
    def recover(client):
        return client.recover(deadline=60, ports=[DETAILS])

    for _ in range(12):
        assert one_life(machine, Client, recover) is not None
        machine.time += 4000.0
    machine.played.loa()
    machine.time += 20 * 86_400.0
    assert one_life(machine, Client, recover) is not None
    assert jobs.status(machine.book, "ports").done, k
    orders = [number for port in machine.played.account.ports.values() for number in port.numbers]
    for row in jobs.results(machine.book, "ports"):
        # An order that provably never left is not ordered on a guess: a person submits it once more.
        assert row.state in (PortState.COMPLETE, PortState.ABSENT), (k, row)
        assert orders.count(row.number.ten_digit) == (row.state is PortState.COMPLETE), (k, row)
    assert len(machine.sent("port_submit")) <= 2, k
    assert len([one for one in machine.played.ledger.charges if one.operation == "port_submit"]) == len(orders)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_crash_point_of_a_port(kind):
    crashed(kind, ported, ["ports:000001"], is_ported, least=30, fill=filled, step=2 if kind is AsyncClient else 1)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_plan_whose_answers_are_lost_is_made_all_the_same(kind):
    machine = Mortal()
    planned(machine)
    for operation in ("forward_set", "campaign_assign", "number_release"):
        machine.played.fault("reset", operation=operation, done=True)
    one_life(machine, kind, lambda client: client.run(jobs.fill(["move:000001"])))
    is_applied(machine, 0)
    assert {one.state for one in jobs.results(machine.book, "move")} <= {ChangeState.DONE, ChangeState.ALREADY}
