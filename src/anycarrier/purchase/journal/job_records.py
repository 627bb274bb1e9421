"""Jobs as the journal has them, and what it counts of their items."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from anycarrier.model import Money
from anycarrier.purchase.journal.types import ItemState, OrderRecord

__all__ = ["RECENT", "JobCounts", "JobKind", "JobOrderRecord", "JobRecord", "JobState"]

RECENT = 60.0
"""Seconds over which the rate of a job is counted."""


class JobState(StrEnum):
    """State of a job, as its caller wants it."""

    OPEN = "OPEN"
    """Its numbers are bought."""
    CANCELLED = "CANCELLED"
    """Nothing more of it begins; what is begun is found out about."""


class JobKind(StrEnum):
    """Kind of a job: its work on each number."""

    BUY = "buy"
    """Orders: each number is bought, and set up where its order says how."""
    APPLY = "apply"
    """A plan: the changes of each number are made."""
    PORT = "port"
    """A port order: each number is ported to an account."""


@frozen(kw_only=True)
class JobRecord:
    """A job on record; times are Unix seconds on the journal's clock.

    Attributes:
        digest: of all that it does, to notice another under the same name.
        orders: number of its orders; of a plan, of its parts.
        numbers: number of the numbers that they are for.
    """

    id: int
    name: str
    digest: str
    orders: int
    numbers: int
    state: JobState
    created: float
    kind: JobKind = JobKind.BUY


@frozen(kw_only=True)
class JobOrderRecord:
    """An order of a job that is to be recorded.

    Attributes:
        request: the order.
        quantity: number of its items.
        valid_for: seconds after which no new attempt begins.
    """

    request: OrderRecord
    quantity: int
    valid_for: float


@frozen(kw_only=True)
class JobCounts:
    """Numbers of a job's items, and what they cost.

    Attributes:
        states: by state, and whether there is something to do, the number of items.
        in_doubt: number of items with a purchase under way, whose outcome is not known.
        costs: cost of the first month of those that are bought or in doubt, each with its number of items; ``None`` for
            those of unknown price.
        recent: number of items that were bought within the last :data:`RECENT` seconds.
        span: seconds from the first of those until now.
        set_ups_failed: number of items that are bought, and whose set-up failed.
        now: the time.
    """

    states: dict[tuple[ItemState, bool], int]
    in_doubt: int
    costs: list[tuple[Money | None, int]]
    recent: int
    span: float
    set_ups_failed: int
    now: float
