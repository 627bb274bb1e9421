"""What the journal holds, as values; and what it may say instead of doing what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from attrs import field, frozen

from anycarrier.errors import JournalError
from anycarrier.model import Money
from anycarrier.provider import Attempt, AttemptState

__all__ = [
    "LIVE",
    "AlreadyClaimed",
    "AttemptRecord",
    "Caps",
    "ItemRecord",
    "ItemState",
    "JournalLost",
    "LeaseLost",
    "OrderRecord",
    "Snapshot",
    "SpendCapExceeded",
]

LIVE = frozenset({AttemptState.SENT, AttemptState.IN_DOUBT, AttemptState.CONFIRMED})
"""At most one attempt of an intent, and at most one for a number of an account, is in these states."""


@frozen(kw_only=True)
class Caps:
    """What may be spent per month of service: on one request, and on all that is begun within a day."""

    request: Money | None = None
    day: Money | None = None

    def __bool__(self) -> bool:
        return self.request is not None or self.day is not None


class ItemState(StrEnum):
    """Where one wanted number stands."""

    OPEN = "OPEN"
    FULFILLED = "FULFILLED"
    EXHAUSTED = "EXHAUSTED"
    """Nothing was bought, and every way was tried."""
    PARKED = "PARKED"
    """In doubt at a provider that has not answered for long; goes on when it does."""


@frozen(kw_only=True)
class OrderRecord:
    """What somebody asked for; times are Unix seconds.

    Attributes:
        digest: of the order, to notice another order under the same id.
        order: the order as JSON.
        valid_until: no new attempt is begun after this.
    """

    id: str
    digest: str
    order: str = field(repr=False)
    created: float = 0.0
    valid_until: float = 0.0


@frozen(kw_only=True)
class ItemRecord:
    """One number of a request.

    Attributes:
        id: ``request_id#position``, positions from 1.
        attempt_id: the attempt that fulfilled it.
        passed: accounts that are not tried (any more) for it, each with the reason.
        reason: why it is exhausted or parked.
    """

    id: str
    request_id: str
    position: int
    state: ItemState
    attempt_id: int | None = None
    passed: Mapping[str, str] = field(factory=dict[str, str])
    reason: str = ""


@frozen(kw_only=True)
class AttemptRecord:
    """One attempt as it is written down."""

    id: int
    item_id: str
    seq: int
    attempt: Attempt
    watched: bool = False

    @property
    def live(self) -> bool:
        """Whether it keeps its intent and its number to itself."""
        return self.attempt.state in LIVE


@frozen(kw_only=True)
class Snapshot:
    """An intent with all that was tried for it, at ``now`` on the journal's clock."""

    request: OrderRecord
    item: ItemRecord
    entries: Sequence[AttemptRecord]
    now: float


class LeaseLost(JournalError):
    """Another owner has the intent now, or it is not open any more: read it again."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is pursued by another worker now, or has ended; read it again")


class AlreadyClaimed(JournalError):
    """A unique index refused the attempt: ``what`` is ``number`` (another attempt pursues or has it) or ``intent``."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} has a live attempt already")
        self.what = what


class SpendCapExceeded(JournalError):
    """The spending cap would be passed; the message says by what."""


class JournalLost(JournalError):
    """The connection broke; whether the transaction was committed is not known. Read again."""

    def __init__(self, said: str) -> None:
        super().__init__(f"the connection to the journal's database broke: {said}; try again")
        self.said = said
