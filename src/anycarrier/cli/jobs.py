"""``jobs``: many numbers that are bought, changed or ported together: worked on, counted and shown."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from anycarrier import jobs as engine
from anycarrier.cli.accounts import configured, made, sources
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.job_submitting import done, enqueuer_of, job_record, show, submit
from anycarrier.cli.journal import place, reading, shown, writing
from anycarrier.cli.json_output import record
from anycarrier.cli.output import View, say
from anycarrier.cli.provider_options import options_for
from anycarrier.cli.purchase_output import cost, counter
from anycarrier.cli.reason_text import words
from anycarrier.cli.table import Column
from anycarrier.client import AsyncClient
from anycarrier.desired_state import ChangeState
from anycarrier.errors import ConfigurationError
from anycarrier.failover import Failover
from anycarrier.jobs import JobKind
from anycarrier.jobs.results import COLUMNS, JobResult, record_of
from anycarrier.json_forms.writing import time_text
from anycarrier.number_files import port_variables, read_port_details
from anycarrier.ports import PortDetails, PortState
from anycarrier.purchase.journal import ItemState, Journal
from anycarrier.settings import environment_value

__all__ = ["jobs"]

WAITS = 600.0
"""Seconds for which a request waits for the provider's rate limit: all workers of a job wait for it together."""

SHOWS = 10.0
"""Seconds between two lines that say how far the jobs are."""


def jobs(context: Context) -> int:
    """Carry out the action that is named."""
    actions = {
        "submit": submit,
        "list": _list,
        "status": _status,
        "work": _work,
        "cancel": _cancel,
        "resume": _resume,
        "results": _results,
    }
    return actions[context.args.action](context)


def _list(context: Context) -> int:
    view = View(
        columns=(
            Column("job"),
            Column("kind"),
            Column("orders"),
            Column("numbers"),
            Column("state"),
            Column("submitted"),
        ),
        row=lambda job: (job.name, job.kind.value, job.orders, job.numbers, _state(job), _time(job.created)),
        fields=("name", "kind", "orders", "numbers", "cancelled", "created"),
        record=job_record,
        empty=f"No job is on record in {shown(place(context))}.",
    )
    with reading(context) as book:
        context.out.show(view, engine.every(book), lambda found: {"jobs": found})
    return Exit.DONE


def _state(job: engine.Job | engine.JobStatus) -> str:
    return "cancelled" if job.cancelled else "submitted"


def _status(context: Context) -> int:
    with reading(context) as book:
        status = engine.status(book, context.args.job)
    facts = {
        "job": f"{status.name}{' (cancelled)' if status.cancelled else ''}",
        "submitted": _time(status.created),
        "numbers": status.numbers,
        _DONE[status.kind]: f"{status.reached} ({status.reached / status.numbers:.1%})",
        "open": status.open,
        "in doubt": status.in_doubt or None,
        **{_WORDS[state]: count for state, count in status.states.items() if state in _WORDS},
        "spent": _spent(status),
        "rate": f"{status.per_second:.1f} a second" if status.per_second else None,
        "time left": _left(status),
    }
    if context.out.form == "table":
        context.out.facts(facts)
    else:
        show(context, _status_record(status))
    if status.open:
        return Exit.UNKNOWN
    return Exit.DONE if status.reached == status.numbers else Exit.REFUSED


_DONE: Mapping[JobKind, str] = {JobKind.BUY: "bought", JobKind.APPLY: "applied", JobKind.PORT: "ported"}

_WORDS: Mapping[Any, str] = {
    **{state: state.value.replace("_", " ") for state in PortState if state is not PortState.COMPLETE},
    ChangeState.SKIPPED: "skipped",
    ChangeState.FAILED: "failed",
    ItemState.EXHAUSTED: "nothing suitable",
    ItemState.REFUSED: "refused",
    ItemState.CANCELLED: "cancelled",
    ItemState.PARKED: "parked",
}


def _status_record(status: engine.JobStatus) -> dict[str, object]:
    return {
        "name": status.name,
        "kind": status.kind.value,
        "orders": status.orders,
        "numbers": status.numbers,
        "reached": status.reached,
        "bought": status.bought,
        "open": status.open,
        "ended": status.ended,
        "in_doubt": status.in_doubt,
        "states": {state.value: count for state, count in status.states.items()},
        "spent": [record(one) for one in status.spent],
        "unpriced": status.unpriced,
        "per_second": round(status.per_second, 3),
        "seconds_left": None if status.seconds_left is None else round(status.seconds_left),
        "done": status.done,
        "cancelled": status.cancelled,
        "created": time_text(status.created),
    }


def _spent(status: engine.JobStatus) -> str:
    said = " and ".join(map(cost, status.spent))
    if status.unpriced:
        said += f"{', and ' if said else ''}{counter(status.unpriced, 'number')} of unknown price"
    return said


def _left(status: engine.JobStatus) -> str | None:
    if not status.open or status.seconds_left is None:
        return None
    minutes, seconds = divmod(round(status.seconds_left), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _cancel(context: Context) -> int:
    with writing(context, create=False) as book:
        closed = engine.cancel(book, context.args.job)
        left = engine.status(book, context.args.job).open
    said = f"Cancelled {counter(closed, 'number')} of job {context.args.job}"
    if left:
        said += f"; {left} more may be under way, which the workers or anycarrier recover find out about"
    return done(context, {"name": context.args.job, "cancelled": closed, "open": left}, f"{said}.")


def _resume(context: Context) -> int:
    with writing(context, create=False) as book:
        count = engine.resume(book, context.args.job, enqueue=enqueuer_of(context, book))
    said = f"Job {context.args.job} goes on: {counter(count, 'number')} open. To work on it: anycarrier jobs work."
    return done(context, {"name": context.args.job, "open": count}, said)


def _results(context: Context) -> int:
    args, out = context.args, context.out
    view = View(
        columns=(
            Column("line"),
            Column("number"),
            Column("outcome"),
            Column("provider"),
            Column("price"),
            Column("reference"),
            Column("reason", wraps=True),
        ),
        row=_result_row,
        fields=COLUMNS,
        record=record_of,
        empty=f"Job {args.job} has no such number.",
    )
    with reading(context) as book:
        found: Iterator[JobResult] = engine.results(book, args.job)
        if args.outcome is not None:
            found = (one for one in found if one.outcome == args.outcome)
        if out.form == "csv":
            for line in engine.results_to_csv(found):
                out.csv_line(line)
        else:
            out.show(view, found)
    return Exit.DONE


def _result_row(one: JobResult) -> tuple[object, ...]:
    return (
        one.line,
        one.number,
        one.outcome,
        one.provider,
        None if one.price is None else cost(one.price),
        one.reference,
        words(one.reason),
    )


# -- working


def _work(context: Context) -> int:
    args = context.args
    members = made(sources(args) if args.sources else _all(), lenient=not args.sources)
    options = options_for(args, members)
    with writing(context, create=False) as book:
        ports = _port_details(args.ports)
        if not ports and any(job.kind is JobKind.PORT and not _is_done(book, job) for job in engine.every(book)):
            say("No port is ordered here: a worker that has the subscriber orders it, jobs work --ports FILE.")
        budget = args.budget or ("shared" if book.is_shared else "own")
        if budget == "shared" and not book.is_shared:
            raise ConfigurationError("--budget shared needs a journal on PostgreSQL")

        async def main() -> bool:
            more: dict[str, Any] = {"transport": context.transport, "clock": context.clock, "budget": budget}
            client: AsyncClient[Any] = AsyncClient(
                Failover(members, journal=book, options=options),
                timeouts=context.timeouts,
                max_wait=args.timeout or WAITS,
                **more,
            )
            async with client:
                return await _worked(context, book, client, ports)

        done = asyncio.run(main())
        if args.once:
            return Exit.DONE if done else Exit.UNKNOWN
    return Exit.DONE


def _port_details(files: Sequence[str]) -> list[PortDetails]:
    """The details of these files; without any, those of the environment, if it has some."""
    if not files and any(environment_value(name) for name in port_variables().values()):
        return [read_port_details()]
    return [read_port_details(file, numbers=True) for file in files]


def _is_done(book: Journal, job: engine.Job) -> bool:
    return engine.status(book, job.name).done


def _all() -> list[Any]:
    found = configured()
    if not found:
        raise ConfigurationError("no provider has settings: anycarrier doctor says what to set")
    return found


async def _worked(context: Context, book: Journal, client: AsyncClient[Any], ports: Sequence[PortDetails]) -> bool:
    from anycarrier.jobs.worker import Worker

    args = context.args
    worker = Worker(
        client,
        book,
        queue=args.queue,
        concurrency=args.concurrency,
        grace=float(args.grace),
        ports=ports,
    )
    task = asyncio.create_task(worker.run(once=args.once))
    loop = asyncio.get_running_loop()
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if stopping:
            task.cancel()  # who asks twice does not want to wait
            return
        stopping = True
        say(f"Stopping: what is under way has {args.grace} s to end; once more stops at once.")
        worker.stop()

    with _signals(loop, stop):
        telling = asyncio.create_task(_tell(book))
        try:
            return await task
        except asyncio.CancelledError:
            raise KeyboardInterrupt(
                "interrupted; what was under way is on record, and another worker goes on"
            ) from None
        finally:
            telling.cancel()


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Any) -> Iterator[None]:
    """Call *stop* for SIGINT and SIGTERM, where this thread may say so."""
    taken = []
    for one in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
            before = signal.getsignal(one)
            loop.add_signal_handler(one, stop)
            taken.append((one, before))
    try:
        yield
    finally:
        for one, before in taken:
            loop.remove_signal_handler(one)
            signal.signal(one, before)


async def _tell(book: Journal) -> None:
    """Say on stderr, now and then, how far the jobs are."""
    said: dict[str, str] = {}
    while True:
        await asyncio.sleep(SHOWS)
        for job in await asyncio.to_thread(engine.every, book):
            status = await asyncio.to_thread(engine.status, book, job.name)
            left = _left(status)
            line = f"{status.reached} of {status.numbers} {_DONE[status.kind]}"
            line += f", {status.open} open" if status.open else ", done"
            if status.per_second and status.open:
                line += f", {status.per_second:.1f} a second{f', {left} left' if left else ''}"
            if said.get(job.name, line) != line or (job.name not in said and not status.done):
                say(f"{job.name}: {line}")
            said[job.name] = line


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
