"""Tasks of jobs as the journal has them: parts of plans and port orders, and what is known of their numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from anycarrier.numbers import PhoneNumber, stated
from anycarrier.purchase.journal.job_records import JobKind

__all__ = ["NUMBER", "NewTask", "Standing", "TaskCounts", "TaskNumber", "TaskRecord", "number_of"]

NUMBER = "line, provider, account, e164, state, is_open, round, reason, detail, ended"
"""Columns of a number of a task."""


class Standing(StrEnum):
    """Standing of a worker towards a task that it has claimed."""

    MINE = "mine"
    CANCELLED = "cancelled"
    """It has the task still, whose job was cancelled: it begins nothing more."""
    LOST = "lost"
    """Another worker has the task by now, or it has ended."""


@frozen(kw_only=True)
class NewTask:
    """A task that is to be recorded.

    Attributes:
        body: what is to be done, as JSON; no secret.
        numbers: its numbers, each with its provider and account.
    """

    body: str
    numbers: Sequence[tuple[str, str, PhoneNumber]]


@frozen(kw_only=True)
class TaskNumber:
    """A number of a task, with what is known of it by now.

    Attributes:
        line: its place in the job, from 1.
        state: in the words of its kind; empty before anything is known.
        is_open: whether there is something to do for it, or to wait for.
        round: that of the task in which it was begun: each resumption of the job begins another one.
        detail: facts about it as JSON data, in the words of its kind.
        ended: time at which it ended; ``None`` before.
    """

    line: int
    provider: str
    account: str
    number: PhoneNumber
    state: str = ""
    is_open: bool = True
    round: int = 0
    reason: str = ""
    detail: Mapping[str, Any] = field(factory=dict[str, Any])
    ended: float | None = None


@frozen(kw_only=True)
class TaskRecord:
    """A task on record.

    Attributes:
        is_cancelled: whether its job was cancelled: what is under way is found out about, and nothing begins.
        round: number of times that its job was resumed with something to do for it.
        tries: number of visits in a row that changed nothing.
        numbers: its numbers, by line.
    """

    id: str
    job_id: int
    kind: JobKind
    is_cancelled: bool
    body: str
    round: int
    tries: int
    numbers: Sequence[TaskNumber]


@frozen(kw_only=True)
class TaskCounts:
    """Counts of the numbers of a job's tasks.

    Attributes:
        states: by state, and whether it is open, the number of numbers.
        recent: number of numbers that ended within the last minute.
        span: seconds from the first of those until now.
    """

    states: Mapping[tuple[str, bool], int]
    recent: int
    span: float


def number_of(row: Sequence[Any]) -> TaskNumber:
    """A number of the columns of :data:`NUMBER`."""
    return TaskNumber(
        line=row[0],
        provider=row[1],
        account=row[2],
        number=stated(row[3]),
        state=row[4],
        is_open=bool(row[5]),
        round=row[6],
        reason=row[7],
        detail={} if row[8] is None else json.loads(row[8]),
        ended=row[9],
    )
