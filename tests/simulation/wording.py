"""Effects and attempts in words for people."""

from __future__ import annotations

from anycarrier.exchange import Done, Failed
from anycarrier.purchase.journal.changes import ChangeRecord
from anycarrier.purchase.journal.types import AttemptRecord, Snapshot
from simulation.carriers import LOST, UNSENT
from simulation.plan import START


def short(value):
    """The outcome of an effect, in a few words."""
    if isinstance(value, Done):
        return short(value.value)
    if isinstance(value, Failed):
        return f"raised {value.error!r}"
    if isinstance(value, tuple) and value and isinstance(value[0], Snapshot):
        return f"{value[0].item.state.value}{'' if value[1] else ', held by another worker'}"
    if isinstance(value, AttemptRecord):
        return told_of(value)
    if isinstance(value, list) and value and isinstance(value[0], ChangeRecord):
        return ", ".join(f"{one.what} {one.outcome.value} {one.reason}" for one in value)
    if isinstance(value, list) and value and isinstance(value[0], AttemptRecord | tuple):
        return "; ".join(map(short, value))
    if isinstance(value, set) and all(type(one) is int for one in value):
        return f"{len(value)} on record"
    if type(value) is int:
        return "on record"  # its id is the database's own
    return "no answer" if value is LOST else "not sent" if value is UNSENT else repr(value)[:200]


def told_of(entry):
    one = entry.attempt
    draft, times = one.draft, [round(time - START) for time in (one.first_sent, one.last_sent, one.next_at)]
    return (
        f"{draft.provider} {draft.number} key={draft.key} {one.state.value} sends={one.sends} absent={one.absent}"
        f" unknown={one.unknown} first, last, next={times} {one.reason}"
    )
