"""A worker on Procrastinate: tasks are there with their job, and whatever a worker leaves is taken up again."""

from __future__ import annotations

import asyncio

import pytest

from anycarrier import AsyncClient, ConfigurationError, Desired, ForwardTo, InvalidInput, Money, Search, jobs
from anycarrier.jobs import plans
from anycarrier.jobs import worker as engine
from anycarrier.jobs.worker import Worker, enqueuer
from anycarrier.ports import PortDetails, PortState
from anycarrier.purchase import Order, journal
from anycarrier.simulator import load
from support.jobs import async_phone_of
from support.port_orders import details

ORDERS = [Order(criteria=Search(area_code="201", limit=100))] * 7


@pytest.fixture
def book(postgres, postgres_database):
    with journal.open(postgres.dsn) as book:
        yield book


def tasks(book, columns="status"):
    rows = book.connected(
        lambda db: db.execute(f"SELECT {columns} FROM procrastinate_jobs ORDER BY id").fetchall()  # noqa: S608
    )
    return [row[0] for row in rows]


async def until(holds):
    while not holds():  # noqa: ASYNC110 - the database says it
        await asyncio.sleep(0.02)


def submitted(book, name="spring", orders=ORDERS):
    return jobs.submit(book, orders, ["voicetel"], name=name, enqueue=enqueuer(book))


def run(book, simulators=None, act=None, **more):
    """Run a worker once; *act* is called with it while it runs."""

    async def main():
        phone, sims = async_phone_of(book, "voicetel", simulators=simulators)
        async with phone:
            worker = Worker(phone, book, **more)
            task = asyncio.create_task(worker.run(once=act is None))
            if act is not None:
                await act(worker)
            return await task, sims

    return asyncio.run(main())


def test_a_job_and_its_tasks_are_there_together_and_a_worker_does_them(book):
    submitted(book)
    assert tasks(book) == ["todo"]
    assert submitted(book).is_new is False
    assert tasks(book) == ["todo"]  # not enqueued again
    done, simulators = run(book)
    assert done
    assert tasks(book) == []
    assert jobs.status(book, "spring").bought == 7
    assert len(simulators["voicetel"].ledger.charges) == 7


def test_a_submission_that_is_not_committed_leaves_neither_orders_nor_tasks(book):
    enqueue = enqueuer(book)

    def fails(connection, chunks):
        enqueue(connection, chunks)
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (1,)
        raise OSError("killed before the commit")

    with pytest.raises(OSError, match="killed"):
        jobs.submit(book, ORDERS, ["voicetel"], name="spring", enqueue=fails)
    assert (tasks(book), jobs.every(book)) == ([], [])


def test_a_task_that_is_delivered_twice_buys_once(book):
    submitted(book)
    book.connected(
        lambda db: db.execute(
            "INSERT INTO procrastinate_jobs(queue_name, task_name, args)"
            " SELECT queue_name, task_name, args FROM procrastinate_jobs"
        )
    )
    assert tasks(book) == ["todo", "todo"]
    done, simulators = run(book)
    assert done  # the second task may have come back for items that the first one had: it finds nothing to do
    assert len(simulators["voicetel"].ledger.charges) == 7
    assert jobs.status(book, "spring").bought == 7


def test_tasks_that_the_queue_lost_are_found_by_the_recovery(book):
    submitted(book)
    book.connected(lambda db: db.execute("DELETE FROM procrastinate_jobs"))
    done, simulators = run(book)
    assert done
    assert len(simulators["voicetel"].ledger.charges) == 7


def test_a_cancelled_job_buys_nothing_until_it_is_resumed_with_new_tasks(book):
    submitted(book)
    assert jobs.cancel(book, "spring") == 7
    done, simulators = run(book)
    assert (done, tasks(book), simulators["voicetel"].ledger.charges) == (True, [], [])
    assert jobs.resume(book, "spring", enqueue=enqueuer(book)) == 7
    assert tasks(book) == ["todo"]
    assert run(book, simulators)[0]
    assert len(simulators["voicetel"].ledger.charges) == 7


def test_the_task_of_a_worker_that_died_is_run_again_by_another(book, monkeypatch):
    monkeypatch.setattr(engine, "HEALS", 0.1)
    monkeypatch.setattr(engine, "POLLS", 0.1)
    submitted(book)
    # As a process that was killed leaves it: taken by a worker that gives no sign of life.
    book.connected(
        lambda db: db.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers(last_heartbeat) VALUES (now() - interval '1 hour')"
            " RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
        )
    )

    async def until_done(worker):
        await until(lambda: not tasks(book))
        worker.stop()

    done, simulators = run(book, act=until_done)
    assert done
    assert len(simulators["voicetel"].ledger.charges) == 7


def test_a_task_whose_end_could_not_be_recorded_is_taken_up_by_its_own_worker(book, monkeypatch):
    monkeypatch.setattr(engine, "HEALS", 0.1)
    monkeypatch.setattr(engine, "POLLS", 0.1)
    submitted(book)

    async def until_done(worker):
        await until(lambda: not tasks(book))
        (worker_id,) = worker._workers
        book.connected(
            lambda db: db.execute(
                "INSERT INTO procrastinate_jobs(queue_name, task_name, args, status, worker_id)"
                " VALUES ('anycarrier', 'anycarrier.fill', '{\"item_ids\": [\"spring:000001#1\"]}', 'doing', %s)",
                [worker_id],
            )
        )
        await until(lambda: not tasks(book))
        worker.stop()

    assert run(book, act=until_done)[0]


def test_a_worker_that_is_stopped_finishes_what_it_began_and_leaves_the_rest_to_the_next_one(book, monkeypatch):
    monkeypatch.setattr(engine, "POLLS", 0.1)
    submitted(book, orders=ORDERS * 10)
    fill = engine.Worker._fill

    async def filled_and_stopped(worker, item_ids):
        worker.stop()
        return await fill(worker, item_ids)

    with monkeypatch.context() as patched:
        patched.setattr(engine.Worker, "_fill", filled_and_stopped)
        done, simulators = run(book, concurrency=1)
    assert not done
    bought = jobs.status(book, "spring").bought
    assert bought == len(simulators["voicetel"].ledger.charges) < 70
    assert not {"doing"} & {*tasks(book)}
    assert book.open_items().held == 0
    assert jobs.status(book, "spring").in_doubt == 0
    assert run(book, simulators)[0]
    assert len(simulators["voicetel"].ledger.charges) == 70


def test_items_of_another_worker_come_back_in_a_task_of_their_own(book, monkeypatch):
    monkeypatch.setattr(engine, "RECOVERY", 0.1)
    submitted(book)
    book.claim("spring:000003#1", "another")
    done, _ = run(book)
    assert not done
    assert tasks(book) == ["todo"]
    assert tasks(book, "args->'item_ids'") == [["spring:000003#1"]]


def test_a_task_for_items_that_are_gone_is_not_tried_for_ever(book):
    submitted(book)
    book.connected(lambda db: db.execute("DELETE FROM anycarrier_intent"))
    assert run(book)[0]
    assert tasks(book) == []


def test_tables_that_are_too_old_are_refused(book):
    enqueuer(book)
    book.connected(
        lambda db: db.execute("ALTER FUNCTION procrastinate_fetch_job_v2 RENAME TO procrastinate_fetch_job_v9")
    )
    with pytest.raises(ConfigurationError, match=r"procrastinate_fetch_job_v2.*migrations"):
        enqueuer(book)


def test_queues_keep_workers_with_other_accounts_apart(book):
    jobs.submit(book, ORDERS, ["voicetel"], name="spring", enqueue=enqueuer(book, queue="east"))

    async def idle(worker):
        await asyncio.sleep(0.5)
        worker.stop()

    done, simulators = run(book, act=idle)
    assert (done, tasks(book)) == (False, ["todo"])
    assert run(book, simulators, queue="east")[0]


def test_a_worker_on_sqlite_needs_no_engine():
    with journal.open(":memory:") as book:
        jobs.submit(book, ORDERS, ["voicetel"], name="spring")
        jobs.submit(book, ORDERS, ["voicetel"], name="later")
        jobs.cancel(book, "later")
        done, simulators = run(book)
        assert done
        assert len(simulators["voicetel"].ledger.charges) == 7
        with pytest.raises(ConfigurationError, match="PostgreSQL"):
            enqueuer(book)


def test_a_worker_on_sqlite_works_until_it_is_stopped(monkeypatch):
    monkeypatch.setattr(engine, "AGAIN", 0.1)
    with journal.open(":memory:") as book:

        async def submit_later(worker):
            await asyncio.sleep(0.2)
            jobs.submit(book, ORDERS, ["voicetel"], name="spring")
            await until(lambda: jobs.status(book, "spring").done)
            worker.stop()

        assert run(book, act=submit_later)[0]


def test_arguments_of_a_worker_are_checked(book):
    for client, more, said in (
        (object(), {}, "client"),
        (AsyncClient, {"concurrency": 0}, "concurrency"),
        (AsyncClient, {"queue": ""}, "queue"),
        (AsyncClient, {"grace": -1}, "grace"),
        (AsyncClient, {"ports": ["pin"]}, "ports"),
    ):
        with pytest.raises(InvalidInput, match=said):
            Worker(client, book, **more)


# -- plans and ports

NUMBERS = tuple(f"201555{100 + at:04}" for at in range(30))


@pytest.fixture
def carrier():
    return {"voicetel": load("voicetel", owned=NUMBERS)}


def submitted_plan(book, carrier, name="move", enqueue=enqueuer):
    async def main():
        phone, _ = async_phone_of(book, "voicetel", simulators=carrier)
        async with phone:
            return await phone.plan([Desired(f"+1{one}", routes=[ForwardTo("+12125550142")]) for one in NUMBERS])

    plan = asyncio.run(main())
    return jobs.submit_plan(book, plan, name=name, confirm=plan.id, enqueue=enqueue and enqueue(book))


def forwarded(carrier):
    return sum(seen.operation == "forward_set" for seen in carrier["voicetel"].ledger.requests)


def submitted_port(book, name="ports"):
    return jobs.submit_ports(book, ["+19075550150"], "voicetel", name=name, max_fee=Money("6"), enqueue=enqueuer(book))


def test_the_parts_of_a_plan_are_tasks_of_their_own_that_a_worker_does(book, carrier, monkeypatch):
    monkeypatch.setattr(plans, "PART", 10)
    assert submitted_plan(book, carrier).orders == 3
    assert tasks(book, "args->'item_ids'") == [[f"move:{at:06}"] for at in (1, 2, 3)]
    assert not submitted_plan(book, carrier).is_new
    assert len(tasks(book)) == 3
    assert run(book, carrier)[0]
    assert (tasks(book), jobs.status(book, "move").reached, forwarded(carrier)) == ([], 30, 30)


def test_two_workers_apply_one_plan_side_by_side_and_make_each_change_once(book, carrier, monkeypatch):
    monkeypatch.setattr(plans, "PART", 3)
    submitted_plan(book, carrier)

    async def main():
        phones = [async_phone_of(book, "voicetel", simulators=carrier)[0] for _ in range(2)]
        async with phones[0], phones[1]:
            workers = [Worker(phone, book, concurrency=2).run(once=True) for phone in phones]
            return await asyncio.gather(*workers)

    asyncio.run(main())
    run(book, carrier)
    assert (jobs.status(book, "move").reached, forwarded(carrier)) == (30, 30)


def test_a_plan_whose_tasks_the_queue_lost_is_found_by_the_recovery(book, carrier):
    submitted_plan(book, carrier)
    book.connected(lambda db: db.execute("DELETE FROM procrastinate_jobs"))
    assert run(book, carrier)[0]
    assert forwarded(carrier) == 30


def test_a_task_that_is_delivered_twice_changes_once(book, carrier):
    submitted_plan(book, carrier)
    book.connected(
        lambda db: db.execute(
            "INSERT INTO procrastinate_jobs(queue_name, task_name, args)"
            " SELECT queue_name, task_name, args FROM procrastinate_jobs"
        )
    )
    run(book, carrier)
    assert (jobs.status(book, "move").reached, forwarded(carrier)) == (30, 30)


def test_a_port_waits_in_the_journal_alone_and_is_looked_at_by_recoveries(book, carrier):
    submitted_port(book)
    done, _ = run(book, carrier)
    assert (done, tasks(book)) == (False, [])  # a worker without the subscriber leaves it, and the queue is empty
    assert len(carrier["voicetel"].account.ports) == 0
    details_of = PortDetails(**details())
    book.connected(lambda db: db.execute("UPDATE anycarrier_task SET resume_at = 0"))
    done, _ = run(book, carrier, ports=[details_of])
    assert (done, tasks(book), len(carrier["voicetel"].account.ports)) == (False, [], 1)
    assert jobs.status(book, "ports").states == {PortState.NEEDS_LOA: 1}
    book.connected(lambda db: db.execute("UPDATE anycarrier_task SET resume_at = 0"))
    run(book, carrier, ports=[details_of])
    assert len(carrier["voicetel"].account.ports) == 1


def test_a_cancelled_plan_and_port_do_nothing_until_they_are_resumed_with_new_tasks(book, carrier):
    submitted_plan(book, carrier)
    submitted_port(book)
    assert (jobs.cancel(book, "move"), jobs.cancel(book, "ports")) == (30, 1)
    assert run(book, carrier, ports=[PortDetails(**details())])[0]
    assert (tasks(book), forwarded(carrier), len(carrier["voicetel"].account.ports)) == ([], 0, 0)
    assert jobs.resume(book, "move", enqueue=enqueuer(book)) == 30
    assert jobs.resume(book, "ports", enqueue=enqueuer(book)) == 1
    assert tasks(book, "args->'item_ids'") == [["move:000001"], ["ports:000001"]]
    run(book, carrier, ports=[PortDetails(**details())])
    assert (forwarded(carrier), len(carrier["voicetel"].account.ports)) == (30, 1)


def test_a_worker_on_sqlite_applies_plans_and_orders_ports_beside_purchases(carrier):
    with journal.open(":memory:") as book:
        submitted_plan(book, carrier, enqueue=None)
        jobs.submit_ports(book, ["+19075550150"], "voicetel", name="ports", max_fee=Money("6"))
        jobs.submit(book, ORDERS, ["voicetel"], name="spring")
        done, _ = run(book, carrier, ports=[PortDetails(**details())])
        assert not done  # the port is on its way
        assert (forwarded(carrier), len(carrier["voicetel"].account.ports)) == (30, 1)
        assert jobs.status(book, "spring").bought == 7
