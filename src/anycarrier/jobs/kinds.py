"""Kinds of jobs: the words of each for a number that has come to what was wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from anycarrier.desired_state import ChangeState
from anycarrier.port_records import PortState
from anycarrier.purchase.journal.job_records import JobKind
from anycarrier.purchase.journal.types import ItemState

__all__ = ["CLOSED", "KINDS", "Kind", "Outcome", "State"]

CLOSED = "cancelled"
"""State of a number that ended with the cancellation of its job."""

State: TypeAlias = ItemState | ChangeState | PortState
"""State of a number: in the journal, of its changes, or of its port."""

Outcome: TypeAlias = Literal["bought", "applied", "ported", "open", "failed"]


@frozen(kw_only=True)
class Kind:
    """Words of a kind of tasks for its numbers.

    Attributes:
        done: the outcome of a number that has come to what was wanted.
        states: the words for the state of a number.
        fails: state of a number whose task could not be carried out at all.
        reached: states of a number that has come to what was wanted.
        stays: states of a number that a resumption of the job looks at again and does not begin anew.
    """

    done: Outcome
    states: type[ChangeState] | type[PortState]
    fails: ChangeState | PortState
    reached: frozenset[str]
    stays: frozenset[str] = frozenset()

    def outcome(self, state: str, is_open: bool) -> Outcome:
        """The outcome of a number."""
        return "open" if is_open else self.done if state in self.reached else "failed"

    def word(self, state: str) -> State | None:
        """The word for the state of a number; ``None`` before anything is known of it."""
        if state == CLOSED:
            return ItemState.CANCELLED
        return self.states(state) if state else None


KINDS: Mapping[JobKind, Kind] = {
    JobKind.APPLY: Kind(
        done="applied",
        states=ChangeState,
        fails=ChangeState.FAILED,
        reached=frozenset({ChangeState.DONE, ChangeState.ALREADY}),
    ),
    JobKind.PORT: Kind(
        done="ported",
        states=PortState,
        fails=PortState.REFUSED,
        reached=frozenset({PortState.COMPLETE}),
        # They were ordered, and a port costs money also where it is rejected: only another job orders them again.
        stays=frozenset({PortState.REJECTED, PortState.ABSENT, PortState.LEFT_OUT}),
    ),
}
