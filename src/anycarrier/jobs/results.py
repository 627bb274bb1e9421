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
from anycarrier.jobs.submitting import Book, found
from anycarrier.model import Money
from anycarrier.number_files.numbers import ten_digits_or_e164
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.types import AttemptRecord, ItemState, Snapshot

__all__ = ["JobResult", "results", "results_to_csv", "results_to_json_lines"]


@frozen(kw_only=True)
class JobResult:
    """The outcome of one number of a job.

    Attributes:
        line: position of its order in the job, from 1: the line of a file, without its header and empty lines.
        request_id: id of its order in the journal.
        position: which of the numbers of its order, from 1.
        outcome: ``bought`` (and set up, where the order says how), ``open``, or ``failed``.
        state: its state in the journal.
        number: the number that is bought, or that is being bought.
        provider: its provider, and ``account`` the account.
        price: cost of its first month, set-up cost included; ``None`` where that is not known.
        key: the mark of its purchase.
        reference: the order's.
        tags: the order's.
        reason: the reason that it failed, or what it waits for.
        bought_at: Unix time at which it was ordered, of one that is bought.
    """

    line: int
    request_id: str
    position: int
    outcome: Literal["bought", "open", "failed"]
    state: ItemState
    number: PhoneNumber | None = None
    provider: str | None = None
    account: str | None = None
    price: Money | None = None
    key: str | None = None
    reference: str | None = None
    tags: Mapping[str, str] = field(factory=dict[str, str])
    reason: str = ""
    bought_at: float | None = None


@checked
def results(journal: Book, name: str) -> Iterator[JobResult]:
    """Iterate over the outcome of each number of a job; memory does not grow with the job.

    Raises:
        InvalidInput: there is no such job.
    """
    return map(_result, journal.job_rows(found(journal, name).id))


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
        tags = "; ".join(f"{name}={value}" for name, value in row.tags.items())
        yield line(
            tuple(tags if name == "tags" else "" if record[name] is None else str(record[name]) for name in COLUMNS)
        )


def results_to_json_lines(rows: Iterable[JobResult]) -> Iterator[str]:
    """Lines of JSON, an object each, of the results of a job."""
    for row in rows:
        yield json.dumps(record_of(row), ensure_ascii=False, separators=(",", ":")) + "\n"


def record_of(row: JobResult) -> dict[str, object]:
    """A result as JSON-able data, by the names of columns."""
    bought_at = None if row.bought_at is None else datetime.fromtimestamp(row.bought_at, UTC)
    return {
        "line": row.line,
        "request_id": row.request_id,
        "position": row.position,
        "outcome": row.outcome,
        "state": row.state.value,
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
        "bought_at": None if bought_at is None else bought_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


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
