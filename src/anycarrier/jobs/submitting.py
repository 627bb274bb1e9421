"""Jobs submitted, cancelled and resumed: each a step of the journal, which blocks and sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Protocol, TypeAlias

from attrs import evolve, fields, frozen

from anycarrier import validation
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.hints import checked
from anycarrier.jobs.chunking import chunked
from anycarrier.jobs.kinds import KINDS
from anycarrier.json_markers import JsonRecord
from anycarrier.purchase.context import account_name, flat
from anycarrier.purchase.digest import digest
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.job_records import JobKind, JobOrderRecord, JobRecord, JobState
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.task_records import NewTask
from anycarrier.purchase.journal.types import OrderRecord
from anycarrier.purchase.order import Order, check_order
from anycarrier.validation import shape

__all__ = [
    "CHUNK",
    "Book",
    "Enqueue",
    "Job",
    "accounts_named",
    "cancel",
    "chunks",
    "chunks_of",
    "found",
    "job_name",
    "job_of",
    "resume",
    "submit",
    "submit_tasks",
]

CHUNK = 50
"""Items of one task of an engine."""

MOST = 1_000_000
"""Orders of one job at most."""


def _is_journal(_: str, value: object) -> None:
    validation.journal(value)


Book: TypeAlias = Annotated[Journal, _is_journal]
"""A journal as an argument."""


class Enqueue(Protocol):
    """Enqueues tasks of an engine in the journal's own transaction: they exist if the orders do, or not at all."""

    def __call__(self, connection: Any, chunks: Iterator[list[str]]) -> None:
        """Enqueue one task for each of *chunks*, with the item ids that it is to :func:`~anycarrier.jobs.fill`.

        Args:
            connection: the connection of psycopg in whose transaction the orders are written; not to be committed.
            chunks: lists of item ids.
        """
        ...


@frozen(kw_only=True)
class Job(JsonRecord):
    """A job on record.

    Attributes:
        name: its caller's name for it.
        kind: what it does with its numbers.
        orders: number of its orders; of a plan, of its parts.
        numbers: number of the numbers that they are for.
        cancelled: whether it was cancelled, and not resumed.
        created: Unix time at which it was submitted.
        is_new: whether this very call has submitted it.
    """

    _json_times = ("created",)
    name: str
    orders: int
    numbers: int
    cancelled: bool
    created: float
    is_new: bool = False
    kind: JobKind = JobKind.BUY


@checked
def submit(
    journal: Book,
    orders: Sequence[Order],
    accounts: Sequence[object],
    *,
    name: str,
    enqueue: Enqueue | None = None,
) -> Job:
    """Record many orders as one job, in one transaction: all of them are there, or none.

    The same orders again under the same name are the same job, so a call whose answer was lost is repeated. Blocks.

    Args:
        journal: the journal of the accounts.
        orders: the orders, as :func:`~anycarrier.jobs.read_orders` has them, or made here. Each gets a request id of
            the job's name and its position, such as ``spring:000001``.
        accounts: the accounts that may be bought from, in order of preference: provider objects, a failover of them,
            or names such as ``acme/main``, or ``acme`` where the account has the name of its provider.
        name: the caller's name for the job, 1 to 100 printable characters.
        enqueue: called in the same transaction with the chunks that an engine is to work on; only with a journal on
            PostgreSQL. Without it, :func:`chunks` says what there is to do.

    Raises:
        InvalidInput: the job exists with other orders, or an argument cannot be used.
        JournalError: the journal does not work; submit again once it does.
    """
    validation.journal(journal)
    job_name(name)
    if not orders:
        raise InvalidInput("orders is empty: a job has at least one")
    if len(orders) > MOST:
        raise InvalidInput(f"orders must be {MOST:,} at most, got {len(orders):,}")
    names = accounts_named(accounts)
    known: dict[tuple[object, ...], tuple[str, str]] = {}
    records = [_record(f"{name}:{at:06}", check_order(order), names, known) for at, order in enumerate(orders, 1)]
    items = (
        (f"{one.request.id}#{position}", one.request.digest)
        for one in records
        for position in range(1, one.quantity + 1)
    )

    def within(tx: Transaction) -> None:
        if enqueue is not None:
            enqueue(tx.connection, chunked(items, CHUNK))

    if enqueue is not None:
        _check_transactional(journal)
    record, is_new = journal.create_job(name, _digest_of(records), records, within)
    return evolve(job_of(record), is_new=is_new)


def submit_tasks(
    journal: Journal, name: str, kind: JobKind, digest: str, tasks: Sequence[NewTask], enqueue: Enqueue | None
) -> Job:
    """Record a job of tasks."""
    job_name(name)
    if enqueue is not None:
        _check_transactional(journal)
    record, is_new = journal.create_task_job(name, kind, digest, tasks, partial(_enqueue_each, enqueue))
    return evolve(job_of(record), is_new=is_new)


@checked
def cancel(journal: Book, name: str) -> int:
    """Cancel a job: nothing of it begins any more; how many numbers were closed by that. Blocks.

    What is under way, such as a purchase or a port, is found out about, by the workers or ``recover()``, and stays
    where it came to. :func:`resume` takes it back.

    Raises:
        InvalidInput: there is no such job.
    """
    record = found(journal, name)
    if record.kind is JobKind.BUY:
        return journal.cancel_job(record.id)
    closed = journal.cancel_tasks(record.id)
    if record.kind is JobKind.APPLY:
        journal.cancel_orders(record.id, record.digest)  # replacements of a switch, whose reference is its plan's id
    return closed


@checked
def resume(journal: Book, name: str, *, enqueue: Enqueue | None = None) -> int:
    """Take a cancellation back, and go on with whatever is not as wanted yet; how many numbers that is. Blocks.

    Orders that were refused or found nothing are tried again, at every account: once a key is right again, say, or the
    balance is. So are set-ups and changes that failed, numbers of a plan that were skipped, and ports that the provider
    refused, with what its worker then knows of the subscriber. A port that was rejected later is not ordered again: it
    costs money, so that takes another job. An order that was cancelled may buy for as long as it was valid at first.

    Args:
        journal: the journal.
        name: the job's name.
        enqueue: as that of :func:`submit`.

    Raises:
        InvalidInput: there is no such job.
    """
    record = found(journal, name)
    if enqueue is not None:
        _check_transactional(journal)
    if record.kind is not JobKind.BUY:
        return _resume_tasks(journal, record, enqueue)
    if enqueue is None:
        return journal.reopen_job(record.id)

    def within(tx: Transaction, items: Iterator[tuple[str, str]]) -> None:
        enqueue(tx.connection, chunked(items, CHUNK))

    return journal.reopen_job(record.id, within)


def _enqueue_each(enqueue: Enqueue | None, tx: Transaction, ids: Sequence[str]) -> None:
    """Enqueue a chunk for each task, in the transaction that records or opens them."""
    if enqueue is not None:
        enqueue(tx.connection, ([one] for one in ids))


def _resume_tasks(journal: Journal, record: JobRecord, enqueue: Enqueue | None) -> int:
    if record.kind is JobKind.APPLY:
        journal.reopen_job(record.id)  # the replacements of a switch that were cancelled with it
    kind, within = KINDS[record.kind], partial(_enqueue_each, enqueue)
    return journal.reopen_tasks(record.id, [*map(str, kind.reached)], [*map(str, kind.stays)], within)


@checked
def chunks(journal: Book, name: str) -> Iterator[list[str]]:
    """Iterate over the ids of items for which there is something to do, in chunks for :func:`~anycarrier.jobs.fill`.

    A part of a plan, and a port order, is a chunk of its own.

    Raises:
        InvalidInput: there is no such job.
    """
    return chunks_of(journal, found(journal, name))


def chunks_of(journal: Journal, record: JobRecord) -> Iterator[list[str]]:
    """The chunks of a job on record."""
    if record.kind is JobKind.BUY:
        return chunked(journal.open_job_items(record.id), CHUNK)
    return ([one] for one in journal.open_tasks(record.id))


def found(journal: Book, name: str) -> JobRecord:
    """The job of this name.

    Raises:
        InvalidInput: there is none.
    """
    record = validation.journal(journal).job(job_name(name))
    if record is None:
        raise InvalidInput(f"the journal has no job {name!r}")
    made: JobRecord = record
    return made


def job_name(name: str) -> str:
    """The argument *name*, if it can be a job's."""
    return validation.text("name", name, "spring", 100)


def job_of(record: JobRecord) -> Job:
    """A job on record, for its caller."""
    return Job(
        name=record.name,
        orders=record.orders,
        numbers=record.numbers,
        cancelled=record.state is JobState.CANCELLED,
        created=record.created,
        kind=record.kind,
    )


_MEANING = tuple(one.name for one in fields(Order) if one.name not in ("criteria", "setup", "reference", "tags"))


def _record(
    request_id: str, order: Order, accounts: Sequence[str], known: dict[tuple[object, ...], tuple[str, str]]
) -> JobOrderRecord:
    # Orders of a file differ in their reference, which is no part of their text: it is made once for all of them.
    means = (id(order.criteria), id(order.setup), *(getattr(order, name) for name in _MEANING))
    if means not in known:
        text = order.to_json(accounts)
        known[means] = text, digest(text)
    text, digested = known[means]
    request = OrderRecord(
        id=request_id,
        digest=digested,
        order=text,
        goal=order.goal,
        reference=order.reference,
        tags=order.tags,
    )
    return JobOrderRecord(request=request, quantity=order.quantity, valid_for=order.valid_for)


def _digest_of(records: Sequence[JobOrderRecord]) -> str:
    """A hash of all orders, in their order, with their references and tags."""
    whole = sha256()
    for one in records:
        request = one.request
        whole.update(json.dumps([request.digest, request.reference, sorted(request.tags.items())]).encode())
    return whole.hexdigest()


def accounts_named(accounts: Sequence[object]) -> list[str]:
    """The names of accounts, as orders on record have them."""
    names: list[str] = []
    for one in [accounts] if isinstance(accounts, str) else accounts:
        if isinstance(one, str):
            provider, _, account = validation.text("accounts", one, "acme/main").partition("/")
            names.append(f"{provider}/{account or provider}")
        elif getattr(one, "accounts", None) is None:
            raise InvalidInput(f"accounts must be provider objects or names such as 'acme/main', not {shape(one)}")
        else:
            names += [
                account_name(member, account.id)
                for member in flat([one])
                for account in member.accounts
                if getattr(account, "origin_of", None) is None
            ]
    if not names:
        raise InvalidInput("accounts is empty: name at least one")
    return list(dict.fromkeys(names))


def _check_transactional(journal: Journal) -> None:
    if not journal.is_shared:
        raise ConfigurationError(
            "enqueue needs a journal on PostgreSQL, in whose transaction the tasks are written; without it, work on "
            "jobs.chunks(journal, name)"
        )
