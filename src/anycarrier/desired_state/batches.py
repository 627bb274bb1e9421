"""Records of the changes of a plan, written for many numbers at once: a commit for each would take as long as a
request."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from anycarrier.desired_state.model import Change
from anycarrier.desired_state.plan import NumberPlan
from anycarrier.desired_state.records import ChangeJournal, ChangeOutcome, NewChange
from anycarrier.errors import JournalError
from anycarrier.exchange import Exchange, call, exclusive

__all__ = ["ChangeBatch"]

AHEAD = 64
"""Numbers whose changes are recorded in one transaction, before the first of them is sent."""

ENDED = 32
"""Outcomes that are recorded in one transaction."""


class ChangeBatch:
    """The records of the changes of some numbers, written for many at once; nothing without a journal.

    Args:
        journal: journal.
        plan_id: plan of the changes.
        numbers: numbers, each with its changes that are to be sent.
    """

    def __init__(
        self,
        journal: ChangeJournal | None,
        plan_id: str,
        numbers: Sequence[tuple[NumberPlan, Sequence[Change]]],
    ) -> None:
        self.journal = journal
        self._plan_id = plan_id
        self._numbers = numbers
        self._ids: dict[int, dict[Change, int]] = {}
        self._left: set[int] = set()
        self._outcomes: deque[tuple[int, ChangeOutcome, str]] = deque()

    def begun(self, at: int) -> Exchange[Mapping[Change, int]]:
        """The ids of the changes of number *at*, which are on record then, with those of the next numbers."""
        if at not in self._ids:
            yield from exclusive(f"changes of {self._plan_id}", self._begin_from(at))
        return self._ids[at]

    def _begin_from(self, at: int) -> Exchange[None]:
        if at in self._ids:
            return
        places = [
            (place, one, change)
            for place, (one, changes) in enumerate(self._numbers[at : at + AHEAD], at)
            if place not in self._ids
            for change in changes
        ]
        ids: Sequence[int] = range(len(places))
        journal = self.journal
        if journal is not None:
            changes = [(one, step) for _, one, step in places]
            ids = yield from call(lambda: self._write_begun(journal, changes), "begin changes")
        for (place, _, step), change_id in zip(places, ids, strict=True):
            self._ids.setdefault(place, {})[step] = change_id

    def _write_begun(self, journal: ChangeJournal, changes: Sequence[tuple[NumberPlan, Change]]) -> list[int]:
        first = changes[0][0]  # all are of one account
        numbers = [*dict.fromkeys(one.number for one, _ in changes)]
        references = journal.references_of(first.provider, first.account, numbers)
        return journal.begin_changes(
            [
                NewChange(
                    provider=one.provider,
                    account=one.account,
                    number=change.number,
                    what=change.what.value,
                    before=change.before,
                    after=change.after,
                    plan=self._plan_id,
                    reference=references.get(change.number),
                )
                for one, change in changes
            ]
        )

    def leaves(self, change_id: int) -> None:
        """Note that a change is sent now."""
        self._left.add(change_id)

    def ended(self, change_id: int, outcome: ChangeOutcome, reason: str) -> None:
        """Note an outcome, which is written down with others."""
        self._left.add(change_id)
        if self.journal is not None:
            self._outcomes.append((change_id, outcome, reason))

    @property
    def is_full(self) -> bool:
        """Return whether it is time to write outcomes down."""
        return len(self._outcomes) >= ENDED

    def write_down(self) -> Exchange[None]:
        """Record the outcomes that were noted."""
        yield from call(self._write, "end changes")

    def _write(self) -> None:
        outcomes: list[tuple[int, ChangeOutcome, str]] = []
        with suppress(IndexError):  # other threads add and take too
            while True:
                outcomes.append(self._outcomes.popleft())
        if self.journal is not None and outcomes:
            try:
                self.journal.end_changes(outcomes)
            except BaseException:
                self._outcomes.extend(outcomes)
                raise

    def cut_short(self) -> None:
        """Record at the end, also where it was cancelled, what is known: outcomes, and changes that never left."""
        never = {one for ids in self._ids.values() for one in ids.values()} - self._left
        if self.journal is not None:
            self._outcomes.extend((one, ChangeOutcome.FAILED, "not sent") for one in sorted(never))
            with suppress(JournalError):  # a later look says what came of them
                self._write()
