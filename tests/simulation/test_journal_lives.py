"""The journal under processes, threads and interrupts: closed, forked, interrupted, moved, or with a clock ahead."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest
from attrs import evolve

from anycarrier.attempt import AttemptState, Draft, ResolutionPolicy
from anycarrier.desired_state.recording import noted
from anycarrier.errors import AnyCarrierError, JournalError, TransportError
from anycarrier.exchange import Failed
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import journal as journals
from anycarrier.purchase import purchase_of
from anycarrier.purchase.journal import OrderRecord, database, schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AlreadyClaimed, JournalLost, LeaseLost, SpendCapExceeded
from anycarrier.purchase.resolution import Instant, begun
from anycarrier.testing import Script

NUMBER = PhoneNumber("+12015550123")


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request, tmp_path):
    """Opener of one journal, again and again."""
    if request.param == "sqlite":
        return lambda: journals.open(tmp_path / "book.sqlite")
    request.getfixturevalue("postgres_database").close()
    return lambda: journals.open(request.getfixturevalue("postgres").dsn)


def made(book, name="r"):
    return book.create(OrderRecord(id=name, digest="d", order="{}"), 1, 100.0)[1]


def attempt(at=1000.0, state=AttemptState.SENT):
    draft = Draft(provider="fake", account="main", number=NUMBER, key="k", body=b"{}", price=None)
    return evolve(begun(draft, ResolutionPolicy(), Instant(at, at)), state=state)


def test_closing_waits_for_the_transaction_under_way(opened):
    book = opened()
    inside, told = threading.Event(), []

    def work():
        with book._database.transaction() as tx:
            inside.set()
            time.sleep(0.1)
            told.append(tx.rows("SELECT count(*) FROM anycarrier_request")[0][0])

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait()
    book.close()
    assert told == [0]
    thread.join()
    for use in (lambda: made(book), book.request_ids, lambda: book.claim("r#1", "me")):
        with pytest.raises(JournalError, match="is closed; open it again"):
            use()
    book.close()


def test_closing_under_threads_that_write(opened):
    book = opened()
    ended = []

    def work(number):
        try:
            for turn in range(10_000):
                made(book, f"{number}-{turn}")
        except JournalError as error:
            ended.append(error.message)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    time.sleep(0.05)
    book.close()
    for one in threads:
        one.join()
    assert set(ended) == {"the journal is closed; open it again"}


def in_child(work):
    """Result of *work* in a forked process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = str(work())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said = f"{type(error).__name__}: {error}"
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as file:
        return file.read()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # about forking with threads
def test_a_child_cannot_use_its_parents_journal_and_does_not_harm_it(opened):
    book = opened()
    made(book)
    for use in (
        lambda: made(book, "s"),
        book.release_all_claims,
        book.request_ids,
        lambda: book.load("r#1"),
        book.open_items,
    ):
        assert in_child(use) == "JournalError: the journal was opened before a fork; open it in the child process"

    def ends():
        book.close()
        gc.collect()
        return "closed"

    assert in_child(ends) == "closed"
    made(book, "t")
    assert set(book.request_ids()) == {"r", "t"}
    book.close()


def test_an_idle_child_does_not_keep_the_journal_locked(tmp_path):
    path = tmp_path / "book.sqlite"
    book = journals.open(path)
    made(book)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writer)
        os.read(reader, 1)  # until the parent lets go
        os._exit(0)
    try:
        made(book, "s")  # the parent goes on, and keeps its lock
        with pytest.raises(JournalError, match="in this process already"):
            journals.open(path)
        assert "in use by another process" in in_child(lambda: journals.open(path))
        book.close()
        assert in_child(lambda: made(journals.open(path), "t")) == "['t#1']"
        with journals.open(path) as again:
            assert set(again.request_ids()) == {"r", "s", "t"}
    finally:
        os.close(writer)
        os.waitpid(child, 0)
        os.close(reader)


def test_a_fork_within_a_transaction_leaves_the_parent_its_journal(tmp_path):
    path = tmp_path / "book.sqlite"
    book = journals.open(path)
    with book._database.transaction() as tx:
        tx.run("INSERT INTO anycarrier_request(id, digest, criteria, created, valid_until) VALUES ('r','d','{}',1,2)")
        assert "before a fork" in in_child(book.request_ids)
        assert "forked while its parent wrote" in in_child(lambda: journals.open(path, readonly=True))
    assert book.request_ids() == ["r"]
    book.close()


class Interrupted(KeyboardInterrupt):
    pass


def interrupted_at(step, work):
    """Run *work*, with an interrupt at the step-th instruction within the package; whether it got that far."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if "purchase/journal" not in frame.f_code.co_filename.replace(os.sep, "/"):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            count += 1
            if count == step:
                raise Interrupted
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # CPython 3.12 reports instructions only if a frame wanted them before
    sys.settrace(trace)
    try:
        work()
    except Interrupted:
        return True
    finally:
        sys.settrace(before)
    return count >= step


def test_an_interrupt_at_any_instruction_leaves_the_journal_usable():
    store = SqliteDatabase(":memory:")
    schema.migrate(store)
    book = Journal(store)
    step, turns = 1, 0
    while interrupted_at(step, lambda: made(book, f"r{step}")):  # noqa: B023 - called at once
        answers = []
        # Another thread, which an interrupted hold would keep waiting once this thread has gone on.
        made(book, f"after{step}")
        thread = threading.Thread(target=lambda: answers.append(book.request(f"after{step}")))  # noqa: B023
        thread.start()
        thread.join(10)
        assert answers, step
        assert answers[0] is not None, step
        step += 7
        turns += 1
    assert turns > 20
    book.close()


def test_an_interrupt_at_any_instruction_leaves_no_connection_in_a_transaction(postgres, postgres_database):
    import psycopg

    schema.migrate(postgres_database)
    book = Journal(postgres_database, day_cap=Money("1000"))
    (item,) = made(book)
    book.claim(item, "me")

    def work():
        made(book, f"r{step}")
        with suppress(AlreadyClaimed):
            book.begin(item, "me", priced)

    priced = attempt()
    priced = evolve(priced, draft=evolve(priced.draft, price=Money("1")))
    step, turns = 1, 0
    with psycopg.connect(postgres.dsn, autocommit=True) as looking:
        while interrupted_at(step, work):
            made(book, f"after{step}")
            answers = in_threads(lambda: book.request(f"after{step}"), 2)  # noqa: B023 - called at once
            assert all(answers), step
            open_ones = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            assert looking.execute(open_ones).fetchone() == (0,), step
            step += 29
            turns += 1
    assert turns > 20
    book.close()


def in_threads(work, count):
    """The results of *work* in several threads at once."""
    results = []
    threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert len(results) == count
    return results


def test_transactions_of_several_threads_have_a_connection_each(postgres, postgres_database):
    schema.migrate(postgres_database)
    book = Journal(postgres_database)
    sizes, all_in = [], threading.Barrier(count := len(postgres_database.sessions))

    def hold():
        with book._database.transaction() as tx:
            all_in.wait(10)
            sizes.append(tx.rows("SELECT pg_backend_pid()")[0][0])
            return True

    in_threads(hold, count)
    assert len({*sizes}) == count
    # More than there are connections wait for each other, and a program with one thread has one.
    assert all(in_threads(lambda: book.request_ids() == [], 30))
    assert "before a fork" in in_child(book.request_ids)
    assert all(in_threads(lambda: book.request_ids() == [], 8))  # the parent's connections are whole
    book.close()
    assert all(session._db is None for session in postgres_database.sessions)


@pytest.mark.parametrize("what", ["deleted", "moved", "replaced", "its log deleted", "its lock deleted"])
def test_a_file_that_is_not_there_any_more_is_noticed_before_anything_is_sent(tmp_path, what):
    path = tmp_path / "book.sqlite"
    book = journals.open(path)
    (item,) = made(book)
    assert book.claim(item, "me")[1]
    match what:
        case "deleted":
            path.unlink()
        case "moved":
            path.rename(tmp_path / "old.sqlite")
        case "replaced":
            (tmp_path / "new.sqlite").write_bytes(path.read_bytes())
            (tmp_path / "new.sqlite").replace(path)
        case "its log deleted":
            (tmp_path / "book.sqlite-wal").unlink()
        case _:
            (tmp_path / "book.sqlite.lock").unlink()
    for use in (lambda: book.begin(item, "me", attempt()), book.request_ids):
        with pytest.raises(JournalError, match="was deleted, moved or replaced while it was open; stop every program"):
            use()
    book.close()


def test_what_the_journal_raises_is_of_our_kind():
    for kind in (LeaseLost, JournalLost, AlreadyClaimed, SpendCapExceeded):
        assert issubclass(kind, AnyCarrierError)


def test_readers_connect_again_once(postgres, postgres_database):
    import psycopg

    book = Journal(postgres_database)
    schema.migrate(postgres_database)
    made(book)

    def lost():
        with psycopg.connect(postgres.dsn, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'anycarrier'"
            )

    for use in (
        book.request_ids,
        book.open_items,
        book.watched,
        book.entries,
        lambda: list(book.export()),
        lambda: purchase_of("r", book),
        lambda: book.load("r#1"),
        lambda: book.released("fake", "main", NUMBER),
    ):
        lost()
        use()
    lost()
    with pytest.raises(JournalLost, match="try again"):
        book.release_all_claims()
    book.release_all_claims()
    book.close()


def test_nothing_is_kept_in_the_session_of_a_server(postgres_database):
    """Behind a pooler the next transaction may be on another connection."""
    book = Journal(postgres_database)
    schema.migrate(postgres_database)
    for turn in range(8):
        made(book, f"r{turn}")
        book.request_ids()
    with postgres_database.transaction(writes=False) as tx:
        assert tx.rows("SELECT count(*) FROM pg_prepared_statements")[0][0] == 0
        assert tx.rows("SHOW synchronous_commit")[0][0] == "on"
    outside = postgres_database.sessions[0]._db.execute("SHOW lock_timeout").fetchone()
    assert outside == ("0",)
    book.close()


YEAR = 365 * 86_400.0


def test_a_clock_that_was_a_year_ahead_delays_nothing(tmp_path):
    path = tmp_path / "book.sqlite"
    store = SqliteDatabase(path, clock=lambda: time.time() + YEAR)
    schema.migrate(store)
    book = Journal(store)
    (item,) = made(book)
    book.claim(item, "me")
    book.begin(item, "me", attempt(time.time() + YEAR))
    book.close()
    with journals.open(path) as book:
        now = book._database.time()
        snapshot, mine = book.claim(item, "you")
        assert mine
        assert snapshot.request.created <= now + 1
        assert snapshot.request.valid_until <= now + 101
        kept = snapshot.entries[0].attempt
        assert max(kept.first_sent, kept.last_sent, kept.next_at) <= now + 1
        assert kept.no_replay  # nobody knows how old its key is


def test_a_lease_from_a_clock_that_was_ahead_keeps_no_one_out():
    now = [1000.0 + YEAR]
    store = SqliteDatabase(":memory:", clock=lambda: now[0])
    schema.migrate(store)
    book = Journal(store)
    (item,) = made(book)
    book.claim(item, "dead")
    now[0] = 1000.0
    assert book.claim_next("me") == item


class Shop:
    """A provider that gives numbers up and hands them over; or loses the answer."""

    name = "fake"
    accounts = ()
    error = None

    def release(self, target):
        if self.error is not None:
            raise self.error
        return target
        yield

    def transfer(self, target, to_account, *, options=()):
        return self.release(target)


def test_what_was_handed_over_or_perhaps_given_up_is_told_to_the_journal():
    store = SqliteDatabase(":memory:")
    schema.migrate(store)
    book = Journal(store)
    (item,) = made(book)
    book.claim(item, "me")
    entry = book.begin(item, "me", attempt())
    book.record(entry, "me", evolve(entry.attempt, state=AttemptState.CONFIRMED))
    shop = Shop()
    shop.accounts = (SimpleNamespace(id="main"),)
    shop.error = TransportError("no answer", maybe_applied=True)
    with pytest.raises(TransportError):
        Script().run(noted(book, shop, "release", NUMBER, shop.release(NUMBER)))
    (kept,) = book.entries()
    assert (kept.attempt.state, kept.attempt.reason) == (AttemptState.CONFIRMED, "perhaps given up: no answer")
    shop.error = None
    Script().run(noted(book, shop, "transfer", NUMBER, shop.transfer(NUMBER, "x")))
    assert book.entries()[0].attempt.state is AttemptState.RELEASED
    book.close()
    exchange = noted(book, shop, "release", NUMBER, shop.release(NUMBER))
    effect = exchange.send(None)
    with pytest.raises(JournalError) as broken:
        effect.function()
    with pytest.raises(JournalError, match="The number was given up, and the journal still counts it as ours") as told:
        exchange.send(Failed(broken.value))
    assert told.value.maybe_applied


def test_every_open_database_is_known_once():
    store = SqliteDatabase(":memory:")
    assert store in database.opened()
    store.close()
    assert store not in database.opened()
