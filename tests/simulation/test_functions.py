"""The steps of a purchase as functions of PostgreSQL: what they read after they waited, and what a purchase takes."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from attrs import evolve

from anycarrier import Client, Search
from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.failover import Failover
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Order
from anycarrier.purchase import journal as journals
from anycarrier.purchase.journal import functions, schema
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AlreadyClaimed, ItemState, LeaseLost
from anycarrier.purchase.resolution import Instant, begun
from anycarrier.registry import provider_class
from anycarrier.simulator.transport import SimTransport
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator
from benchmark.journal import counters
from benchmark.slow_link import counting
from support.books import NUMBER, claimed, draft, made

OTHER = PhoneNumber("+12015550124")


@pytest.fixture
def journal(postgres_database):
    schema.migrate(postgres_database)
    return Journal(postgres_database)


def attempt(journal, number=NUMBER):
    now = journal.now()
    return begun(draft(number), ResolutionPolicy(), Instant(now, now))


class Meanwhile:
    """Another worker's transaction, open while a step begins, and committed once the step waits for it."""

    def __init__(self, dsn):
        self.dsn = dsn
        self.theirs = psycopg.connect(dsn)

    def waits(self, step):
        """Run *step*, which waits until the transaction is committed; its result, or its error."""
        outcome = []

        def work():
            try:
                outcome.append(step())
            except Exception as error:  # noqa: BLE001 - it is the outcome
                outcome.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        with psycopg.connect(self.dsn, autocommit=True) as looking:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while looking.execute(waiting).fetchone() == (0,):
                assert thread.is_alive()
                time.sleep(0.005)
        self.theirs.commit()
        thread.join()
        self.theirs.close()
        return outcome[0]


@pytest.fixture
def meanwhile(postgres, journal):
    return Meanwhile(postgres.dsn)


TAKE_OVER = "UPDATE anycarrier_intent SET owner = %s, lease_until = lease_until + 60 WHERE id = 'r#1'"


def begin_elsewhere(theirs, journal, owner):
    """The begin of another worker, not committed yet: its claim goes on, or ends with no *owner*."""
    of = begun(draft(OTHER, key="k2"), ResolutionPolicy(), Instant(1.0, 1.0))

    class Theirs:
        def rows(self, sql, *values):
            return theirs.execute(sql.replace("?", "%s"), values).fetchall()

        def now(self):
            return journal._database.now()

    theirs.execute(TAKE_OVER, ["other"])
    entry = functions.begun(Theirs(), "r#1", "other", 60.0, of, None)
    theirs.execute(TAKE_OVER, [owner])
    return entry


def test_a_claim_that_waited_reads_the_attempts_as_they_are_then(journal, meanwhile):
    made(journal)
    entry = begin_elsewhere(meanwhile.theirs, journal, None)
    snapshot, is_mine = meanwhile.waits(lambda: journal.claim("r#1", "me"))
    assert is_mine
    assert [(one.id, one.attempt.draft.number) for one in snapshot.entries] == [(entry.id, OTHER)]


ONE_STATEMENT = """
WITH mine AS (UPDATE anycarrier_intent SET owner = 'me' WHERE id = 'r#1' AND owner IS NULL RETURNING 1)
SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM anycarrier_attempt WHERE intent_id = 'r#1')
"""


def test_a_claim_in_one_statement_of_several_parts_would_not(journal, meanwhile):
    """The reason for a function: the parts of a statement see what was there when it began."""
    made(journal)
    begin_elsewhere(meanwhile.theirs, journal, None)

    def claim():
        with journal._database.alone() as tx:
            return tx.rows(ONE_STATEMENT)

    assert meanwhile.waits(claim) == [(1, 0)]
    assert len(journal.load("r#1").entries) == 1


def test_a_claim_that_waited_for_another_claim_is_not_ours(journal, meanwhile):
    made(journal)
    begin_elsewhere(meanwhile.theirs, journal, "other")
    snapshot, is_mine = meanwhile.waits(lambda: journal.claim("r#1", "me"))
    assert not is_mine
    assert len(snapshot.entries) == 1


def test_a_begin_that_waited_for_a_take_over_begins_nothing(journal, meanwhile):
    claimed(journal)
    meanwhile.theirs.execute(TAKE_OVER, ["other"])
    assert isinstance(meanwhile.waits(lambda: journal.begin("r#1", "me", attempt(journal))), LeaseLost)
    assert journal.entries() == []


def test_a_begin_that_waited_for_another_of_its_item_or_number_begins_nothing(journal, meanwhile):
    claimed(journal)
    begin_elsewhere(meanwhile.theirs, journal, "me")
    refused = meanwhile.waits(lambda: journal.begin("r#1", "me", attempt(journal)))
    assert isinstance(refused, AlreadyClaimed)
    assert refused.what == "item"
    claimed(journal, "s")
    with pytest.raises(AlreadyClaimed) as refused:
        journal.begin("s#1", "me", attempt(journal, OTHER))
    assert refused.value.what == "number"
    assert len(journal.entries()) == 1


def test_a_record_that_waited_for_a_take_over_records_nothing(journal, meanwhile):
    claimed(journal)
    entry = journal.begin("r#1", "me", attempt(journal))
    meanwhile.theirs.execute(TAKE_OVER, ["other"])
    bought = evolve(entry.attempt, state=AttemptState.CONFIRMED)
    assert isinstance(meanwhile.waits(lambda: journal.record(entry, "me", bought)), LeaseLost)
    snapshot = journal.load("r#1")
    assert (snapshot.item.state, snapshot.entries[0].attempt.state) == (ItemState.OPEN, AttemptState.SENT)


def test_a_record_of_an_attempt_that_has_ended_leaves_its_item_alone(journal):
    claimed(journal)
    entry = journal.begin("r#1", "me", attempt(journal))
    journal.record(entry, "me", evolve(entry.attempt, state=AttemptState.REJECTED))
    with pytest.raises(LeaseLost):
        journal.record(entry, "me", evolve(entry.attempt, state=AttemptState.CONFIRMED))
    assert journal.load("r#1").item.state is ItemState.OPEN


def test_a_record_says_whether_it_fulfilled_the_order(book):
    claimed(book)
    entry = book.begin("r#1", "me", begun(draft(), ResolutionPolicy(), Instant(1.0, 1.0)))
    doubt = book.record(entry, "me", evolve(entry.attempt, state=AttemptState.IN_DOUBT))
    assert not doubt.fulfilled
    placed = book.record(doubt, "me", evolve(entry.attempt, state=AttemptState.PLACED))
    assert not placed.fulfilled  # the order wants an active one
    assert book.claim("r#1", "me")[1]
    charged = evolve(entry.attempt.draft, price=Money("2.50"))
    bought = evolve(placed.attempt, state=AttemptState.CONFIRMED, draft=charged)
    assert book.record(placed, "me", bought).fulfilled
    snapshot, is_mine = book.claim("r#1", "you")
    assert not is_mine
    assert not snapshot.item.claimable
    assert snapshot.entries[0].attempt.draft.price == Money("2.50")


def test_a_step_is_on_the_disk_when_it_returns_whatever_the_default(postgres, journal):
    with psycopg.connect(postgres.dsn, autocommit=True) as other:
        other.execute("ALTER DATABASE postgres SET synchronous_commit = off")
        try:
            careless = journals.open(postgres.dsn)
            (item,) = made(careless)
            for step in (
                lambda: made(careless, "s"),
                lambda: careless.claim(item, "me"),
                lambda: careless.begin(item, "me", attempt(careless)),
            ):
                step()
                written = other.execute("SELECT pg_current_wal_insert_lsn() <= pg_current_wal_flush_lsn()").fetchone()
                assert written == (True,)
            careless.close()
        finally:
            other.execute("ALTER DATABASE postgres RESET synchronous_commit")


def test_a_purchase_takes_five_statements_and_four_commits(postgres, postgres_database):
    """Create, claim, which numbers are free, begin, record. A job creates its orders in bulk."""
    postgres_database.close()
    simulator = VoiceTelSimulator()
    with counting(postgres.dsn) as (link, address), journals.open(address) as journal:
        transport = SimTransport({"http://127.0.0.1:9": simulator})
        shop = provider_class("voicetel")(base_url="http://127.0.0.1:9", **simulator.settings)
        with Client(Failover([shop], journal=journal), transport=transport) as phone:
            order = Order(criteria=Search(area_code="201"))
            phone.provision(order, request_id="before")
            statements, (commits, _) = link.statements, counters(postgres.dsn)
            phone.provision(order, request_id="r")
            assert link.statements - statements == 5
            # Counting takes one itself, and a number of a shared search is free without another look.
            assert counters(postgres.dsn)[0] - commits - 1 == 4
