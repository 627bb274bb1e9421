"""Results of jobs: one row for each number, read from the journal page by page, however many there are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

from attrs import field, frozen

from anycarrier.csv_cells import inert
from anycarrier.hints import checked
from anycarrier.jobs.kinds import KINDS, Kind, Outcome, State
from anycarrier.jobs.submitting import Book, found
from anycarrier.model import Money
from anycarrier.number_files.numbers import ten_digits_or_e164
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.purchase.journal.job_records import JobKind
from anycarrier.purchase.journal.task_records import TaskNumber
from anycarrier.purchase.journal.types import AttemptRecord, ItemState, Snapshot

__all__ = ["JobResult", "results", "results_to_csv", "results_to_json_lines"]


@frozen(kw_only=True)
class JobResult:
    """The outcome of one number of a job.

    Attributes:
        line: position of its order in the job, from 1: the line of a file, without its header and empty lines; of a
            plan or a port, that of the number.
        request_id: id of its order in the journal; of a plan or a port, of the part that it belongs to.
        position: which of the numbers of its order, from 1.
        outcome: ``bought`` (and set up, where the order says how), ``applied`` or ``ported``; ``open``, or ``failed``.
        state: its state: in the journal, of its changes, or of its port; ``None`` of a plan or a port while nothing is
            known.
        number: the number: that is bought or being bought, that is changed, or that is ported.
        provider: its provider, and ``account`` the account.
        price: cost of its first month, set-up cost included; ``None`` where that is not known.
        key: the mark of its purchase.
        reference: the order's.
        tags: the order's.
        reason: the reason that it failed, or what it waits for.
        bought_at: Unix time at which it was ordered, of one that is bought.
        changes: of a plan, state of each of its changes, by their kinds.
        port_id: of a port, the provider's own id of its order.
        replaced_by: the number that was bought instead of it.
        ended_at: of a plan or a port, Unix time at which it came to its end.
    """

    line: int
    request_id: str
    position: int
    outcome: Outcome
    state: State | None
    number: PhoneNumber | None = None
    provider: str | None = None
    account: str | None = None
    price: Money | None = None
    key: str | None = None
    reference: str | None = None
    tags: Mapping[str, str] = field(factory=dict[str, str])
    reason: str = ""
    bought_at: float | None = None
    changes: Mapping[str, str] = field(factory=dict[str, str])
    port_id: str | None = None
    replaced_by: PhoneNumber | None = None
    ended_at: float | None = None


@checked
def results(journal: Book, name: str) -> Iterator[JobResult]:
    """Iterate over the outcome of each number of a job; memory does not grow with the job.

    Raises:
        InvalidInput: there is no such job.
    """
    record = found(journal, name)
    if record.kind is JobKind.BUY:
        return map(_result, journal.job_rows(record.id))
    kind = KINDS[record.kind]
    return (_of_task(kind, *row) for row in journal.task_rows(record.id))


COLUMNS = (
    "line",
    "request_id",
    "position",
    "outcome",
    "state",
    "number",
    "ten_digit",
    "provider",
    "account",
    "price",
    "currency",
    "key",
    "reference",
    "tags",
    "reason",
    "bought_at",
    "changes",
    "port_id",
    "replaced_by",
    "ended_at",
)


def results_to_csv(rows: Iterable[JobResult]) -> Iterator[str]:
    """Lines of CSV, with a header, of the results of a job."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")

    def line(cells: tuple[str, ...]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(map(inert, cells))
        return buffer.getvalue()

    yield line(COLUMNS)
    for row in rows:
        record = record_of(row)
        yield line(tuple(map(_cell, map(record.__getitem__, COLUMNS))))


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={one}" for name, one in value.items())
    return "" if value is None else str(value)


def results_to_json_lines(rows: Iterable[JobResult]) -> Iterator[str]:
    """Lines of JSON, an object each, of the results of a job."""
    for row in rows:
        yield json.dumps(record_of(row), ensure_ascii=False, separators=(",", ":")) + "\n"


def record_of(row: JobResult) -> dict[str, object]:
    """A result as JSON-able data, by the names of columns."""
    return {
        "line": row.line,
        "request_id": row.request_id,
        "position": row.position,
        "outcome": row.outcome,
        "state": None if row.state is None else row.state.value,
        "number": None if row.number is None else row.number.e164,
        "ten_digit": None if row.number is None else ten_digits_or_e164(row.number),
        "provider": row.provider,
        "account": row.account,
        "price": None if row.price is None else str(row.price.amount),
        "currency": None if row.price is None else row.price.currency,
        "key": row.key,
        "reference": row.reference,
        "tags": dict(row.tags),
        "reason": row.reason,
        "bought_at": _time(row.bought_at),
        "changes": dict(row.changes),
        "port_id": row.port_id,
        "replaced_by": None if row.replaced_by is None else row.replaced_by.e164,
        "ended_at": _time(row.ended_at),
    }


def _time(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _of_task(kind: Kind, task_id: str, waits: str, one: TaskNumber) -> JobResult:
    replaced_by = one.detail.get("replaced_by")
    return JobResult(
        line=one.line,
        request_id=task_id,
        position=1,
        outcome=kind.outcome(one.state, one.is_open),
        state=kind.word(one.state),
        number=one.number,
        provider=one.provider,
        account=one.account,
        reason=one.reason or (waits if one.is_open else ""),
        changes=one.detail.get("changes", {}),
        port_id=one.detail.get("port_id"),
        replaced_by=None if replaced_by is None else stated(replaced_by),
        ended_at=one.ended,
    )


def _result(found: tuple[Snapshot, AttemptRecord | None]) -> JobResult:
    snapshot, entry = found
    item, request = snapshot.item, snapshot.request
    draft = None if entry is None else entry.attempt.draft
    reached = request.goal.is_reached_by(item.state)
    open_still = item.claimable or item.state is ItemState.PARKED
    outcome: Literal["bought", "open", "failed"] = "bought" if reached else "open" if open_still else "failed"
    has_it = entry is not None and entry.id == item.attempt_id
    named = draft if has_it or (entry is not None and entry.live) else None
    reasons = [item.reason or (entry.attempt.reason if entry is not None else "")]
    if outcome == "failed":
        reasons += [f"{account}: {reason}" for account, reason in item.passed.items()]
    return JobResult(
        line=int(request.id.rpartition(":")[2]),
        request_id=request.id,
        position=item.position,
        outcome=outcome,
        state=item.state,
        number=None if named is None else named.number,
        provider=None if named is None else named.provider,
        account=None if named is None else named.account,
        price=draft.first_month if has_it and draft is not None else None,
        key=None if named is None else named.key,
        reference=request.reference,
        tags=request.tags,
        reason="" if reached else "; ".join(reason for reason in reasons if reason),
        bought_at=entry.attempt.first_sent if has_it and entry is not None else None,
    )
