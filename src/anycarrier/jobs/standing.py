"""State of jobs: counts, cost and rate, read from the journal alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from anycarrier.hints import checked
from anycarrier.jobs.kinds import KINDS, State
from anycarrier.jobs.submitting import Book, Job, found, job_of
from anycarrier.json_markers import JsonRecord
from anycarrier.model import Money
from anycarrier.port_records import PortState
from anycarrier.purchase.journal.job_records import JobCounts, JobKind, JobRecord, JobState
from anycarrier.purchase.journal.task_records import TaskCounts
from anycarrier.purchase.journal.types import ItemState

__all__ = ["JobStatus", "every", "status"]


_HAVE = (ItemState.PLACED, ItemState.ACTIVE, ItemState.SET_UP)


@frozen(kw_only=True)
class JobStatus(JsonRecord):
    """Progress of a job.

    Attributes:
        name: its name.
        kind: what it does with its numbers.
        orders: number of its orders; of a plan, of its parts.
        numbers: number of its numbers; it is the sum of ``reached``, ``open`` and ``ended``.
        reached: numbers that have come to what was wanted: bought, and set up where the orders say how; changed as the
            plan says; or ported.
        open: numbers for which there is something to do, or to wait for.
        ended: numbers that ended otherwise: nothing suitable, refused, failed, skipped, cancelled, parked, not set up.
        states: number of numbers by their state: in the journal, of their changes, or of their ports. Those of a plan
            or a port of which nothing is known yet are in none.
        in_doubt: numbers of ``open`` whose purchase or port was sent, and whose outcome is not known.
        spent: of purchases, cost of the first month of what is bought or in doubt, one sum for each currency.
        unpriced: number of those of unknown price, which ``spent`` leaves out.
        per_second: numbers that were bought each second, or that ended, over the last minute.
        seconds_left: seconds until nothing is open, at that rate; ``None`` where nothing was bought lately.
        cancelled: whether it was cancelled.
        created: Unix time at which it was submitted.
    """

    _json_times = ("created",)
    _json_also: ClassVar[Sequence[str]] = ("done", "bought")
    name: str
    kind: JobKind = JobKind.BUY
    orders: int
    numbers: int
    reached: int
    open: int
    ended: int
    states: Mapping[State, int]
    in_doubt: int
    spent: tuple[Money, ...]
    unpriced: int
    per_second: float
    seconds_left: float | None
    cancelled: bool
    created: float

    @property
    def bought(self) -> int:
        """The numbers that are bought, and set up where the orders say how; none of a job of another kind."""
        return self.reached if self.kind is JobKind.BUY else 0

    @property
    def done(self) -> bool:
        """Return whether nothing is left to do, apart from numbers that are parked."""
        return self.open == 0


@checked
def status(journal: Book, name: str) -> JobStatus:
    """The progress of a job; blocks, and sends nothing.

    Raises:
        InvalidInput: there is no such job.
    """
    record = found(journal, name)
    if record.kind is JobKind.BUY:
        return _status(record, journal.job_counts(record.id))
    return _of_tasks(record, journal.task_counts(record.id))


@checked
def every(journal: Book) -> list[Job]:
    """Every job of the journal, newest first; blocks, and sends nothing."""
    return [job_of(record) for record in journal.jobs()]


def _status(record: JobRecord, counts: JobCounts) -> JobStatus:
    open_now = sum(count for (_, claimable), count in counts.states.items() if claimable)
    # One that has a number, and nothing left to do, has reached its goal, unless its set-up failed.
    bought = sum(count for (state, claimable), count in counts.states.items() if state in _HAVE and not claimable)
    bought -= counts.set_ups_failed
    states: dict[State, int] = {}
    for (state, _), count in counts.states.items():
        states[state] = states.get(state, 0) + count
    sums: dict[str, Money] = {}
    unpriced = 0
    for cost, count in counts.costs:
        if cost is None:
            unpriced += count
        else:
            before = sums.get(cost.currency, Money(0, cost.currency))
            sums[cost.currency] = Money(before.amount + cost.amount * count, cost.currency)
    rate = counts.recent / max(counts.span, 1.0)
    return JobStatus(
        name=record.name,
        orders=record.orders,
        numbers=record.numbers,
        reached=bought,
        open=open_now,
        ended=record.numbers - bought - open_now,
        states=states,
        in_doubt=counts.in_doubt,
        spent=tuple(sums[currency] for currency in sorted(sums)),
        unpriced=unpriced,
        per_second=rate,
        seconds_left=open_now / rate if rate and open_now else (0.0 if not open_now else None),
        cancelled=record.state is JobState.CANCELLED,
        created=record.created,
    )


def _of_tasks(record: JobRecord, counts: TaskCounts) -> JobStatus:
    kind = KINDS[record.kind]
    states: dict[State, int] = {}
    by_outcome = {kind.done: 0, "open": 0, "failed": 0}
    for (state, is_open), count in counts.states.items():
        by_outcome[kind.outcome(state, is_open)] += count
        if (word := kind.word(state)) is not None:
            states[word] = states.get(word, 0) + count
    rate = counts.recent / max(counts.span, 1.0)
    left = by_outcome["open"]
    is_known = rate and record.kind is not JobKind.PORT  # how long a port takes is up to the losing carrier
    return JobStatus(
        name=record.name,
        kind=record.kind,
        orders=record.orders,
        numbers=record.numbers,
        reached=by_outcome[kind.done],
        open=left,
        ended=by_outcome["failed"],
        states=states,
        in_doubt=sum(
            count for (state, is_open), count in counts.states.items() if is_open and state == PortState.IN_DOUBT
        ),
        spent=(),
        unpriced=0,
        per_second=rate,
        seconds_left=0.0 if not left else left / rate if is_known else None,
        cancelled=record.state is JobState.CANCELLED,
        created=record.created,
    )
