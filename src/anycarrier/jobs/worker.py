"""A worker for jobs: on PostgreSQL it takes its tasks from Procrastinate (extra ``anycarrier[jobs]``), else from the
journal.

Tasks are enqueued in the transaction that records the job, so they are there if the job is, or not at all. The queue is
no authority: whatever it loses, a worker finds in the journal. Each worker heals: a task of a worker that died is run
again, and what no task is for is found by ``recover()`` once the queue is empty.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from anycarrier import validation
from anycarrier.errors import AnyCarrierError, ConfigurationError, InvalidInput
from anycarrier.hints import checked
from anycarrier.installation import how_to_install
from anycarrier.jobs.filling import Filled, fill, port_details
from anycarrier.jobs.submitting import Book, Enqueue, chunks_of
from anycarrier.ports import PortDetails
from anycarrier.purchase.journal.job_records import JobState
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.recovery import Recovery
from anycarrier.validation import shape

if TYPE_CHECKING:
    from procrastinate import App, JobContext

__all__ = ["QUEUE", "Worker", "enqueuer"]

QUEUE = "anycarrier"
"""The queue of Procrastinate, where a job names no other."""

TASK = "anycarrier.fill"

HEARTBEAT = 5.0
"""Seconds between two signs of life of a worker."""

SILENT = 20.0
"""Seconds without a sign of life after which a worker is taken for dead."""

HEALS = 10.0
"""Seconds between two looks for tasks without a worker."""

RECOVERS = 60.0
"""Seconds between two recoveries of an idle worker, and before a task that is not finished is tried again."""

RECOVERY = 50.0
"""Seconds of a recovery at most."""

POLLS = 1.0
"""Seconds between two looks for new tasks: listening would not work behind a pooler."""

AGAIN = 5.0
"""Seconds before a worker whose database was away tries again."""

AT_ONCE = 1000
"""Tasks that one statement enqueues."""

_LOG = logging.getLogger("anycarrier")


@checked
def enqueuer(journal: Book, *, queue: str = QUEUE) -> Enqueue:
    """A function that enqueues tasks of Procrastinate, for the argument ``enqueue`` of
    :func:`~anycarrier.jobs.submit` and :func:`~anycarrier.jobs.resume`. Blocks. The tables of Procrastinate are made in
    the journal's database where they are missing.

    Args:
        journal: a journal on PostgreSQL.
        queue: name of the queue; workers that have other accounts take another.

    Raises:
        ConfigurationError: the extra is not installed, the journal is not on PostgreSQL, or the database has tables of
            a release of Procrastinate that is too old.
    """
    validation.text("queue", queue, QUEUE, 100)
    procrastinate = _procrastinate()
    _install(journal)
    app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    def enqueue(connection: Any, chunks: Iterator[list[str]]) -> None:
        deferrer = app.configure_task(TASK, queue=queue, connection=connection)
        while tasks := [{"item_ids": ids} for ids in islice(chunks, AT_ONCE)]:
            deferrer.batch_defer(*tasks)

    return enqueue


class Worker:
    """Works on the jobs of a journal, in this process; several, on several machines, share a journal on PostgreSQL.

    Args:
        client: an :class:`~anycarrier.AsyncClient` with the journal.
        journal: the journal.
        queue: name of the queue, as that of :func:`enqueuer`.
        concurrency: chunks that are worked on at once.
        grace: seconds that a purchase under way has to end in once the worker is to stop.
        ports: what port orders need, see :func:`~anycarrier.jobs.fill`.
    """

    def __init__(
        self,
        client: Any,
        journal: Journal,
        *,
        queue: str = QUEUE,
        concurrency: int = 4,
        grace: float = 30.0,
        ports: Sequence[PortDetails] = (),
    ) -> None:
        validation.journal(journal)
        validation.text("queue", queue, QUEUE, 100)
        validation.whole("concurrency", concurrency, 1, 1000)
        validation.seconds("grace", grace)
        if not inspect.iscoroutinefunction(getattr(client, "run", None)):
            raise InvalidInput(f"client must be an AsyncClient, not {shape(client)}")
        self._client = client
        self._journal = journal
        self._queue = queue
        self._concurrency = concurrency
        self._grace = grace
        self._ports = port_details(ports)
        self._is_stopping = False
        self._stopped = asyncio.Event()
        self._running: set[int] = set()
        self._workers: set[int] = set()
        self._strays: set[int] = set()

    def stop(self) -> None:
        """Begin nothing more: :meth:`run` returns once what is under way has ended, or its grace is over."""
        self._is_stopping = True
        self._stopped.set()

    async def run(self, *, once: bool = False) -> bool:
        """Work until :meth:`stop`; whether nothing is left to do.

        Args:
            once: return when every task is done, and what is left has to wait.

        Raises:
            ConfigurationError: the extra is not installed, or its tables are too old.
            JournalError: the journal does not work.
        """
        validation.flag("once", once)
        if self._journal.is_shared:
            await self._run_tasks(once)
        else:
            await self._run_jobs(once)
        left = await asyncio.to_thread(self._journal.open_items)
        return left.count == 0 and await asyncio.to_thread(self._journal.count_open_tasks) == 0

    # -- tasks of Procrastinate

    async def _run_tasks(self, once: bool) -> None:
        procrastinate = _procrastinate()
        await asyncio.to_thread(_install, self._journal)
        pool = await asyncio.to_thread(_pool_of, self._journal, self._concurrency)
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(pool_factory=pool))
        app.task(name=TASK, queue=self._queue, pass_context=True, retry=_retries())(self._task)
        async with app.open_async():
            healing = asyncio.create_task(self._heal(app))
            try:
                while not self._is_stopping:
                    await self._until_stopped(self._take_tasks(app, once), 0.0)
                    if once:
                        break
                if not self._is_stopping:
                    await self._until_stopped(self._recover(), self._grace)
            finally:
                await self._until_done(healing, self._grace if self._is_stopping else 0.0)

    async def _take_tasks(self, app: App, once: bool) -> None:
        """Take tasks until the worker stops, or until there is none. Without a database it waits for that."""
        try:
            await app.run_worker_async(
                queues=[self._queue],
                concurrency=self._concurrency,
                wait=not once,
                listen_notify=False,
                fetch_job_polling_interval=POLLS,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=SILENT,
                shutdown_graceful_timeout=self._grace,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        except _connector_error() as error:
            _LOG.warning("the queue cannot be reached (%s); it is tried again", type(error).__name__)
            await asyncio.sleep(AGAIN)

    async def _task(self, context: JobContext, item_ids: Sequence[str]) -> None:
        job = context.job
        assert job.id is not None  # noqa: S101 - it was fetched
        self._running.add(job.id)
        if job.worker_id is not None:
            self._workers.add(job.worker_id)
        try:
            done = await self._fill(item_ids)
        finally:
            self._running.discard(job.id)
        left: list[Any] = [one for one in done.left if one not in done.waiting]  # a recovery goes on with those in time
        if left:
            # Another worker has them, or they have to wait; on its way out, a worker leaves them to the next one.
            wait = 0 if self._is_stopping else int(RECOVERS)
            again = context.app.configure_task(TASK, queue=self._queue, schedule_in={"seconds": wait})
            await again.defer_async(item_ids=left)

    async def _fill(self, item_ids: Sequence[str]) -> Filled:
        done: Filled = await self._client.run(fill(item_ids, stopped=self._has_stopped, ports=self._ports))
        return done

    def _has_stopped(self) -> bool:
        return self._is_stopping

    async def _heal(self, app: App) -> None:
        """Take up what no worker works on, again and again."""
        clock = asyncio.get_running_loop().time
        recovered = clock()
        while not await self._has_stopped_within(HEALS):
            try:
                await self._retry_stalled(app)
                if clock() - recovered >= RECOVERS and await self._is_idle(app):
                    await self._until_stopped(self._recover(), self._grace)
                    recovered = clock()
            except (AnyCarrierError, _connector_error()) as error:
                _LOG.warning("a worker could not heal (%s); it tries again", type(error).__name__)

    async def _retry_stalled(self, app: App) -> None:
        manager = app.job_manager
        stalled = {
            job.id: job for job in await manager.get_stalled_jobs(queue=self._queue, seconds_since_heartbeat=SILENT)
        }
        # One of this very process whose end could not be recorded: its worker lives, so it is not stalled for others.
        mine = {
            job.id: job
            for job in await manager.list_jobs_async(queue=self._queue, status="doing")
            if job.worker_id in self._workers and job.id not in self._running
        }
        stalled |= {job_id: job for job_id, job in mine.items() if job_id in self._strays}
        self._strays = {job_id for job_id in mine if job_id is not None} - stalled.keys()
        for job in stalled.values():
            with suppress(_connector_error()):  # another worker was quicker
                await manager.retry_job(job)

    async def _is_idle(self, app: App) -> bool:
        """Return whether the queue has no task; while it has, they are what is to be done first."""
        rows = await app.connector.execute_query_all_async(
            "SELECT 1 FROM procrastinate_jobs WHERE queue_name = %(queue)s AND status IN ('todo', 'doing') LIMIT 1",
            queue=self._queue,
        )
        return not rows

    async def _recover(self) -> None:
        done: Recovery = await self._client.recover(deadline=RECOVERY, ports=self._ports, stopped=self._has_stopped)
        if done.failed:
            _LOG.warning("recovery: %d orders could not be worked on", len(done.failed))
        if done.sweep.orphans:
            _LOG.warning(
                "recovery: %d numbers are paid for, and no order needs them: reconcile lists them",
                len(done.sweep.orphans),
            )

    # -- without an engine

    async def _run_jobs(self, once: bool) -> None:
        """Work on the open jobs of a journal that this process alone writes to."""
        while not self._is_stopping:
            await self._until_stopped(self._fill_all(), self._grace)
            if not self._is_stopping:
                await self._until_stopped(self._recover(), self._grace)
            if once or await self._has_stopped_within(AGAIN):
                return

    async def _fill_all(self) -> None:
        chunks = iter(await asyncio.to_thread(self._open_chunks))

        async def work() -> None:
            for ids in chunks:
                await self._fill(ids)
                if self._is_stopping:
                    return

        async with asyncio.TaskGroup() as group:
            for _ in range(self._concurrency):
                group.create_task(work())

    def _open_chunks(self) -> list[list[str]]:
        jobs = [job for job in reversed(self._journal.jobs()) if job.state is JobState.OPEN]
        return [ids for job in jobs for ids in chunks_of(self._journal, job)]

    # -- stopping

    async def _until_stopped(self, work: Coroutine[Any, Any, None], grace: float) -> None:
        """Do *work*; once the worker is to stop, for *grace* seconds more."""
        task = asyncio.create_task(work)
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            await self._until_done(task, grace)

    async def _until_done(self, task: asyncio.Task[None], grace: float) -> None:
        """Wait *grace* seconds for *task*, then cancel it."""
        try:
            if not task.done() and grace:
                await asyncio.wait({task}, timeout=grace)
        finally:
            task.cancel()  # nothing, where it is done
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    async def _has_stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        return self._is_stopping


def _procrastinate() -> Any:
    try:
        import procrastinate
    except ImportError:
        raise ConfigurationError(f"jobs on PostgreSQL need Procrastinate: {how_to_install('jobs')}") from None
    return procrastinate


def _connector_error() -> type[Exception]:
    error: type[Exception] = _procrastinate().exceptions.ConnectorException
    return error


def _retries() -> Any:
    """The retry strategy of tasks: for ever, ever more rarely, unless the task can never be done."""
    from procrastinate import BaseRetryStrategy, RetryDecision

    class Retries(BaseRetryStrategy):
        def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
            if isinstance(exception, InvalidInput | ConfigurationError):
                return None
            seconds = 0 if isinstance(exception, asyncio.CancelledError) else min(2**job.attempts, int(RECOVERS))
            return RetryDecision(retry_in={"seconds": seconds})

    return Retries()


def _install(journal: Journal) -> None:
    """Make the tables of Procrastinate in the journal's database, unless they are there."""
    if not journal.is_shared:
        raise ConfigurationError(
            "tasks of Procrastinate need a journal on PostgreSQL; a worker with another journal needs none"
        )
    procrastinate = _procrastinate()
    queries = procrastinate.sql.queries.values()
    needed = sorted({name for query in queries for name in re.findall(r"\b(procrastinate_\w+_v\d+)\(", query)})

    def work(connection: Any) -> None:
        connection.execute("SELECT pg_advisory_xact_lock(7101, 3)")  # another worker may be doing the same
        if connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()[0] is None:
            connection.execute(procrastinate.schema.SchemaManager.get_schema())
            return
        there = connection.execute("SELECT proname FROM pg_proc WHERE proname = ANY(%s)", [needed]).fetchall()
        missing = [name for name in needed if (name,) not in there]
        if missing:
            raise ConfigurationError(
                f"the tables of Procrastinate in the journal's database lack {', '.join(missing)}; apply the "
                f"migrations of Procrastinate {procrastinate.__version__}"
            )

    journal.connected(work)


def _pool_of(journal: Journal, concurrency: int) -> Callable[..., Any]:
    """The maker of a pool of connections to the journal's database."""
    from psycopg.conninfo import make_conninfo
    from psycopg_pool import AsyncConnectionPool

    def address(connection: Any) -> str:
        info = connection.info
        more = {"password": info.password} if info.password else {}
        return make_conninfo("", **{**info.get_parameters(), **more})

    secret = journal.connected(address)

    async def reads() -> str:
        return secret

    def make(**more: Any) -> Any:
        # Nothing is prepared: behind a pooler the next statement may be on another connection.
        options = {"prepare_threshold": None}
        return AsyncConnectionPool(reads, kwargs=options, min_size=1, max_size=min(concurrency + 2, 10), **more)

    return make
