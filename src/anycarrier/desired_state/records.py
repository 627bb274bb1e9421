"""Changes on record, and the journal that has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from anycarrier.desired_state.model import Value
from anycarrier.json_markers import JsonRecord
from anycarrier.numbers import PhoneNumber
from anycarrier.words import Word

__all__ = ["ChangeJournal", "ChangeOutcome", "ChangeRecord", "NewChange"]


class ChangeOutcome(Word):
    """State of a change on record."""

    SENT = "sent"
    """It was about to be sent; whether it was, and what came of it, is not on record."""
    DONE = "done"
    """The provider confirmed it, or a look at the number did."""
    PENDING = "pending"
    """The provider accepted it and finishes it later."""
    FAILED = "failed"
    """It was not made."""
    IN_DOUBT = "in_doubt"
    """It was sent, and no answer says whether it was made."""


@frozen(kw_only=True)
class NewChange(JsonRecord):
    """A change that is about to be sent.

    Attributes:
        what: the kind of change; ``transfer`` beside those of a desired state.
        before: the former value; ``None`` where it is not known.
        after: the value to be set.
        plan: id of the plan that it belongs to.
        item_id: item of an order whose set-up it belongs to.
        reference: the caller's own reference.
    """

    provider: str
    account: str
    number: PhoneNumber
    what: str
    before: Value = None
    after: Value = None
    plan: str | None = None
    item_id: str | None = None
    reference: str | None = None


@frozen(kw_only=True)
class ChangeRecord(NewChange):
    """A change on record; times are Unix seconds on the journal's clock.

    Attributes:
        reason: why it failed or is in doubt.
        ended: time at which its outcome was recorded; ``None`` before.
    """

    _json_times = ("created", "ended")
    id: int
    outcome: ChangeOutcome
    reason: str = ""
    created: float
    ended: float | None = None


class ChangeJournal(Protocol):
    """The part of :class:`anycarrier.purchase.Journal` that changes need. Its methods block."""

    def begin_changes(self, changes: Sequence[NewChange]) -> list[int]:
        """Record changes before the first of them is sent; returns their ids."""
        ...

    def end_changes(self, outcomes: Sequence[tuple[int, ChangeOutcome, str]]) -> None:
        """Record outcomes, with a reason each, by the ids of their changes."""
        ...

    def changes(
        self,
        *,
        plan: str | None = None,
        account: tuple[str, str] | None = None,
        number: PhoneNumber | None = None,
        outcome: ChangeOutcome | None = None,
    ) -> Iterator[ChangeRecord]:
        """Changes on record, oldest first."""
        ...

    def references_of(self, provider: str, account: str, numbers: Sequence[PhoneNumber]) -> Mapping[PhoneNumber, str]:
        """The references of the orders that bought *numbers*."""
        ...

    def released(self, provider: str, account: str, number: PhoneNumber) -> bool:
        """Record that a number is not ours any more."""
        ...

    def release_in_doubt(self, provider: str, account: str, number: PhoneNumber, what: str) -> bool:
        """Record that a number is perhaps not ours any more."""
        ...
