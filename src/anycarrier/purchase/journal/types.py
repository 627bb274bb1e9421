"""Values of the journal, and its own errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from attrs import evolve, field, frozen

from anycarrier.attempt import Attempt, AttemptState
from anycarrier.errors import JournalError
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.digest import VERSION, digest, without_goal

__all__ = [
    "CANCELLED",
    "LIVE",
    "AlreadyClaimed",
    "AttemptRecord",
    "BatchItem",
    "Caps",
    "Goal",
    "ItemRecord",
    "ItemState",
    "JournalLost",
    "LeaseLost",
    "NumbersClaimed",
    "OpenItems",
    "OrderRecord",
    "Recorded",
    "Snapshot",
    "SpendCapExceeded",
]

LIVE = frozenset({AttemptState.SENT, AttemptState.IN_DOUBT, AttemptState.PLACED, AttemptState.CONFIRMED})
"""States that at most one attempt of an item has, and at most one for a number of an account."""

CANCELLED = "it was cancelled"
"""Reason of an item that ended since its order was called off."""


@frozen(kw_only=True)
class Caps:
    """Spending caps on first months, price and set-up cost: for one order, and for all attempts begun within a day."""

    request: Money | None = None
    day: Money | None = None

    def __bool__(self) -> bool:
        return self.request is not None or self.day is not None


class ItemState(StrEnum):
    """State of one number of an order: OPEN, PLACED, ACTIVE, or an end without a number."""

    OPEN = "OPEN"
    PLACED = "PLACED"
    """The provider took the order, and is setting the number up."""
    ACTIVE = "ACTIVE"
    """The number is bought, and active at its provider."""
    SET_UP = "SET_UP"
    """The number is active, and all that the order wants of it is done."""
    REFUSED = "REFUSED"
    """Nothing was bought: each attempt was refused by its provider."""
    EXHAUSTED = "EXHAUSTED"
    """Nothing was bought: no account had a suitable number, or the time was over."""
    CANCELLED = "CANCELLED"
    """Nothing is bought any more: it was called off."""
    PARKED = "PARKED"
    """In doubt at a provider that has not answered for long; continued when it does."""


class Goal(StrEnum):
    """The state of an item that fulfills its order."""

    PLACED = "PLACED"
    ACTIVE = "ACTIVE"
    SET_UP = "SET_UP"

    def is_reached_by(self, state: ItemState) -> bool:
        """Return whether an item in *state* fulfills an order with this goal."""
        stages = [*Goal]
        return state.value in stages and stages.index(Goal(state.value)) >= stages.index(self)


@frozen(kw_only=True)
class OrderRecord:
    """An order in the journal; times are Unix seconds.

    Attributes:
        digest: of the order, to notice another order under the same id; ``digest_version`` is that of
            :mod:`anycarrier.purchase.digest` which made it.
        order: the order as JSON.
        valid_until: no new attempt begins after this.
        goal: the state of an item that fulfills the order.
        reference: the caller's own name for what it is for.
        tags: the caller's own facts about it.
        cancelled: whether it was called off: no new attempt begins.
    """

    id: str
    digest: str
    order: str = field(repr=False)
    created: float = 0.0
    valid_until: float = 0.0
    goal: Goal = Goal.ACTIVE
    digest_version: int = VERSION
    reference: str | None = None
    tags: Mapping[str, str] = field(factory=dict[str, str])
    cancelled: bool = False

    def is_same(self, other: OrderRecord) -> bool:
        """Return whether it means the same as *other*, which another release may have written."""
        if self.digest_version == other.digest_version:
            return self.digest == other.digest
        texts = (self.order, other.order)
        if 1 in (self.digest_version, other.digest_version):
            # Then every purchase of one number had the goal of an order; its buyer must not be sent to a new key.
            texts = (without_goal(self.order), without_goal(other.order))
        return digest(texts[0]) == digest(texts[1])


@frozen(kw_only=True)
class ItemRecord:
    """One number of an order.

    Attributes:
        id: ``request_id#position``, positions from 1.
        claimable: whether there is something for a worker to do.
        attempt_id: the attempt that fulfilled it.
        passed: skipped accounts, each with the reason.
        reason: the reason that it is exhausted or parked, or that its set-up failed.
    """

    id: str
    request_id: str
    position: int
    state: ItemState
    claimable: bool = True
    attempt_id: int | None = None
    passed: Mapping[str, str] = field(factory=dict[str, str])
    reason: str = ""


@frozen(kw_only=True)
class OpenItems:
    """The items for which there is something to do.

    Attributes:
        count: number of them.
        held: number of those that a worker has claimed.
        next_in: seconds until the first of those that wait for a time can be continued; ``None`` if none waits.
    """

    count: int
    held: int = 0
    next_in: float | None = None


@frozen(kw_only=True)
class AttemptRecord:
    """One attempt in the journal.

    Attributes:
        fulfilled: whether this record of it fulfilled its item's order, so that no worker has anything to do for the
            item any more; known from the journal's ``record`` alone.
    """

    id: int
    item_id: str
    seq: int
    attempt: Attempt
    watched: bool = False
    fulfilled: bool = False

    @property
    def live(self) -> bool:
        """Return whether it blocks other attempts for its item and its number."""
        return self.attempt.state in LIVE


@frozen(kw_only=True)
class BatchItem:
    """An item with an undecided attempt of a request that other items share; ``key`` is that of the request."""

    item_id: str
    provider: str
    account: str
    key: str


@frozen
class Recorded:
    """One attempt of a batch in its new state, and an account to skip from now on for its item, with the reason."""

    entry: AttemptRecord
    passed: tuple[str, str] | None = None


@frozen(kw_only=True)
class Snapshot:
    """An item with its order and its attempts, at ``now`` on the journal's clock."""

    request: OrderRecord
    item: ItemRecord
    entries: Sequence[AttemptRecord]
    now: float

    def after(self, entry: AttemptRecord, passed: Mapping[str, str]) -> Snapshot:
        """The same after *entry* fulfilled the item's order, and accounts were *passed* over for a reason each."""
        state = ItemState.PLACED if entry.attempt.state is AttemptState.PLACED else ItemState.ACTIVE
        skipped = {**self.item.passed, **passed}
        item = evolve(self.item, state=state, claimable=False, attempt_id=entry.id, passed=skipped, reason="")
        others = [one for one in self.entries if one.id != entry.id]
        return evolve(self, item=item, entries=[*others, entry])


class LeaseLost(JournalError):
    """Another worker owns the item now, or it is no longer open: read it again."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} belongs to another worker now, or has ended; read it again")


class AlreadyClaimed(JournalError):
    """A unique index refused the attempt: ``what`` is ``number`` (another attempt has or is buying it) or ``item``."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} has a live attempt already")
        self.what = what


class NumbersClaimed(AlreadyClaimed):
    """Unique indexes refused some attempts of a batch: ``numbers`` are theirs. Nothing was recorded."""

    def __init__(self, numbers: set[PhoneNumber]) -> None:
        super().__init__("number")
        self.numbers = numbers


class SpendCapExceeded(JournalError):
    """The spending cap would be exceeded; the message has the amounts."""


class JournalLost(JournalError):
    """The connection broke; whether the transaction was committed is not known. Read again."""

    def __init__(self, said: str) -> None:
        super().__init__(f"the connection to the journal's database broke: {said}; try again")
        self.said = said
