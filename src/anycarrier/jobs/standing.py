"""State of jobs: counts, cost and rate, read from the journal alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from anycarrier.hints import checked
from anycarrier.jobs.submitting import Book, Job, found, job_of
from anycarrier.json_markers import JsonRecord
from anycarrier.model import Money
from anycarrier.purchase.journal.jobs import JobCounts, JobRecord, JobState
from anycarrier.purchase.journal.types import ItemState

__all__ = ["JobStatus", "every", "status"]


_HAVE = (ItemState.PLACED, ItemState.ACTIVE, ItemState.SET_UP)


@frozen(kw_only=True)
class JobStatus(JsonRecord):
    """Progress of a job.

    Attributes:
        name: its name.
        orders: number of its orders.
        numbers: number of the numbers that they are for; it is the sum of ``bought``, ``open`` and ``ended``.
        bought: numbers that are bought, and set up where the orders say how.
        open: numbers for which there is something to do.
        ended: numbers that ended otherwise: nothing suitable, refused, cancelled, parked, or not set up.
        states: number of numbers by their state in the journal.
        in_doubt: numbers of ``open`` whose purchase was sent, and whose outcome is not known.
        spent: cost of the first month of what is bought or in doubt, one sum for each currency.
        unpriced: number of those of unknown price, which ``spent`` leaves out.
        per_second: numbers bought each second, over the last minute.
        seconds_left: seconds until nothing is open, at that rate; ``None`` where nothing was bought lately.
        cancelled: whether it was cancelled.
        created: Unix time at which it was submitted.
    """

    _json_times = ("created",)
    _json_also: ClassVar[Sequence[str]] = ("done",)
    name: str
    orders: int
    numbers: int
    bought: int
    open: int
    ended: int
    states: Mapping[ItemState, int]
    in_doubt: int
    spent: tuple[Money, ...]
    unpriced: int
    per_second: float
    seconds_left: float | None
    cancelled: bool
    created: float

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
    return _status(record, journal.job_counts(record.id))


@checked
def every(journal: Book) -> list[Job]:
    """Every job of the journal, newest first; blocks, and sends nothing."""
    return [job_of(record) for record in journal.jobs()]


def _status(record: JobRecord, counts: JobCounts) -> JobStatus:
    open_now = sum(count for (_, claimable), count in counts.states.items() if claimable)
    # One that has a number, and nothing left to do, has reached its goal, unless its set-up failed.
    bought = sum(count for (state, claimable), count in counts.states.items() if state in _HAVE and not claimable)
    bought -= counts.set_ups_failed
    states: dict[ItemState, int] = {}
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
        bought=bought,
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
