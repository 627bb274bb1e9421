"""A journal that breaks at any of its transactions: what its error says about the money is true, and all can be
gone on with."""

from __future__ import annotations

import itertools

import pytest
from attrs import evolve

from anycarrier import Client, Search
from anycarrier.errors import JournalError, OutcomeUnknown
from anycarrier.failover import Failover
from anycarrier.model import Money
from anycarrier.purchase import Order, purchase_of
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.postgres import PostgresDatabase, PostgresSession
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import JournalLost
from simulation.test_drivers import BUYING, Machine, one_life

ORDER = Order(criteria=Search(area_code="201"), deadline=3600)


class Breaking(SqliteDatabase):
    """Breaks at one of its transactions, before it or right after it was committed, once or from then on."""

    count = 0
    at = 0
    after = False
    for_good = False

    def strikes(self):
        return self.at and (self.count >= self.at if self.for_good else self.count == self.at)

    def begin(self, writes):
        self.count += 1
        if self.strikes() and not self.after:
            raise JournalError("the journal cannot be used: the disk is full; free some room")
        super().begin(writes)

    def commit(self):
        super().commit()
        if self.strikes() and self.after:
            raise JournalError("the journal cannot be used: the disk does not read or write; check it")


class BreakingSession(PostgresSession):
    """Breaks likewise, at a transaction or at a step that is one statement."""

    def strikes(self, *, after):
        if not after:
            self._database.count += 1
        if self._database.strikes() and self._database.after == after:
            raise JournalLost("no connection to PostgreSQL")

    def begin(self, writes):
        self.strikes(after=False)
        super().begin(writes)

    def begin_in_turn(self):
        self.strikes(after=False)
        super().begin_in_turn()

    def begin_alone(self, writes):
        self.strikes(after=False)
        super().begin_alone(writes)

    def commit(self):
        super().commit()
        self.strikes(after=True)


class BreakingPostgres(PostgresDatabase):
    count = 0
    at = 0
    after = False
    for_good = False
    strikes = Breaking.strikes

    def __init__(self, dsn):
        super().__init__(dsn, 1)
        self._sessions[0].release()
        self._sessions = (BreakingSession(self),)


class BreakingMachine(Machine):
    def __init__(self, names, database=None):
        super().__init__(names)
        self.database.close()
        self.database = database or Breaking(":memory:", clock=lambda: self.time)
        if database is not None:
            database.now = lambda: f"({self.time}::double precision)"
            database.at = 0
            with database.transaction() as tx:
                tx.run("DROP SCHEMA public CASCADE")
                tx.run("CREATE SCHEMA public")
        schema.migrate(self.database)

    def provider(self):
        at, self.database.at = self.database.at, 0
        members = super().provider().members
        self.database.count, self.database.at = 0, at
        return Failover(members, journal=Journal(self.database))


def broken_at(names, at, fault, quantity, *, after, for_good, database=None):
    """Return whether the journal was broken at all before the order was complete."""
    machine = BreakingMachine(names, database)
    machine.simulators[names[0]].search_cache = 0.0
    if fault is not None:
        machine.simulators[names[0]].fault(fault, operation=BUYING[names[0]], done=True)
    order = evolve(ORDER, quantity=quantity)
    database = machine.database
    database.at, database.after, database.for_good = at, after, for_good
    error = None
    try:
        one_life(machine, Client, lambda client: client.provision(order, request_id="r"))
    except JournalError as raised:
        error = raised
    reached = database.count >= at
    database.at = 0
    if error is not None:
        on_record = Journal(database).entries()
        assert "\n" not in str(error)
        assert error.purchase.request_id == "r"
        assert not error.purchase.complete
        if error.maybe_applied:
            assert "Nothing was sent" not in str(error)
            assert "Request r may have been carried out" in str(error)
        else:
            assert "Nothing was sent" in str(error)
            assert machine.count() == 0
            sent = [one for one in machine.simulators[names[0]].ledger.requests if one.operation == BUYING[names[0]]]
            assert sent == []
        if machine.count():
            assert on_record
            assert error.maybe_applied
        if not for_good and on_record:
            assert error.maybe_applied
            bought = [one.number for one in purchase_of("r", Journal(database)).bought]
            assert [one.number for one in error.purchase.bought] == bought
            assert len(error.purchase.items) == quantity
    Journal(database).release_all_claims()
    done = one_life(machine, Client, lambda client: client.provision(order, request_id="r"))
    assert done.complete
    assert machine.count() == quantity
    return reached


@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("name", "fault", "quantity"),
    [("voicetel", None, 1), ("voicetel", "close", 1), ("lc_phone", "close", 1), ("voicetel", None, 3)],
)
def test_a_journal_that_breaks_denies_no_purchase(name, fault, quantity, after, for_good):
    at = 1
    while broken_at([name], at, fault, quantity, after=after, for_good=for_good):
        at += 1
    assert at > 4


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("name", "fault", "cap"), [("voicetel", None, None), ("lc_phone", "close", Money("50"))])
def test_a_connection_that_breaks_before_or_after_any_step_buys_once(
    postgres, postgres_database, name, fault, cap, after
):
    """Each step is one statement; with a cap, begin is a transaction. A worker reads what became of it."""
    database = BreakingPostgres(postgres.dsn)
    try:
        for at in itertools.count(1):
            machine = BreakingMachine([name], database)
            machine.simulators[name].search_cache = 0.0
            if fault is not None:
                machine.simulators[name].fault(fault, operation=BUYING[name], done=True)
            order = evolve(ORDER, spend_cap=cap)
            database.at, database.after, database.count = at, after, 0
            assert one_life(machine, Client, lambda client: client.provision(order, request_id="r")).complete  # noqa: B023
            assert machine.count() == 1
            assert len(Journal(database).entries()) <= 2
            if database.count < at:
                break
    finally:
        database.close()
    assert at > 5


def test_a_journal_that_breaks_before_anything_says_so():
    """Its first transaction fails, and it can still be read: nothing was sent, which is said."""
    machine = BreakingMachine(["voicetel"])
    machine.database.at = 1
    with pytest.raises(JournalError, match="Nothing was sent") as caught:
        one_life(machine, Client, lambda client: client.provision(ORDER, request_id="r"))
    assert not caught.value.maybe_applied
    assert machine.count() == 0


def test_the_same_order_again_does_not_deny_what_an_earlier_call_bought():
    machine = BreakingMachine(["voicetel"])
    assert one_life(machine, Client, lambda client: client.provision(ORDER, request_id="r")).complete
    database = machine.database
    for for_good in (False, True):
        database.at, database.for_good = 1, for_good
        for again in (lambda client: client.provision(ORDER, request_id="r"), lambda client: client.resume("r")):
            with pytest.raises(JournalError, match="Request r may have been carried out") as caught:
                one_life(machine, Client, again)
            assert caught.value.maybe_applied


def test_recovering_with_a_journal_that_breaks_denies_nothing():
    machine = BreakingMachine(["leadping"])
    machine.simulators["leadping"].fault("reset", operation="create", done=True)
    machine.simulators["leadping"].fault("error", operation="list_of_june", status=503, times=9)
    with pytest.raises(OutcomeUnknown, match="not decided yet"):
        one_life(machine, Client, lambda client: client.provision(evolve(ORDER, deadline=5.0), request_id="r"))
    database = machine.database
    for at in range(1, 12):
        database.at, database.for_good = at, True
        try:
            recovery = one_life(machine, Client, lambda client: client.recover(deadline=5.0))
        except JournalError as error:
            assert error.maybe_applied
            continue
        finally:
            database.at = 0
        for error in recovery.failed.values():
            assert error.maybe_applied
            assert error.purchase.request_id == "r"
    assert machine.count() == 1
