"""Mistakes about set-ups of numbers, planted one at a time; see :mod:`simulation.mutants`."""

from __future__ import annotations

from unittest.mock import patch

from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import AttemptState
from anycarrier.desired_state.model import ChangeState
from anycarrier.purchase import set_ups
from anycarrier.purchase.journal.changes import ChangeOutcome
from anycarrier.purchase.journal.types import ItemState
from simulation.carriers import WANTED
from simulation.memory import MemoryJournal

carry_out, finished, next_set_up_step = set_ups.carry_out, set_ups._finished, set_ups.next_set_up_step
advanced, ended, on_record = MemoryJournal._advance, MemoryJournal._end_set_up, MemoryJournal.changes


def a_set_up_ends_after_its_first_step():
    def step(desired, entry, steps, at):
        done = any(one.outcome is ChangeOutcome.DONE for one in steps)
        return None if done else next_set_up_step(desired, entry, steps, at)

    return patch.object(set_ups, "next_set_up_step", step)


def a_passing_failure_ends_a_set_up():
    return patch.object(set_ups, "is_passing", lambda error: False)


def a_number_that_is_not_known_yet_ends_its_set_up():
    return patch.object(set_ups, "NOT_THERE_YET", -1000.0)


def a_step_without_an_answer_is_done():
    def carried(provider, change, *, look_first=False):
        try:
            return (yield from carry_out(provider, change, look_first=look_first))
        except e.TransportError as error:
            if error.maybe_applied:
                return ChangeState.DONE
            raise

    return patch.object(set_ups, "carry_out", carried)


def a_pending_binding_is_done():
    def carried(provider, change, *, look_first=False):
        state = yield from carry_out(provider, change, look_first=look_first)
        return ChangeState.DONE if state is ChangeState.PENDING else state

    return patch.object(set_ups, "carry_out", carried)


def a_binding_that_failed_is_waited_for():
    def waited(provider, change):
        try:
            return (yield from finished(provider, change))
        except e.Conflict:
            return ChangeState.PENDING

    return patch.object(set_ups, "_finished", waited)


def a_step_is_sent_again_without_a_look():
    def carried(provider, change, *, look_first=False):
        del look_first
        return carry_out(provider, change)

    return patch.object(set_ups, "carry_out", carried)


def a_step_is_on_record_only_afterwards():
    def changes(self, **of):
        return (one for one in on_record(self, **of) if one.outcome is not ChangeOutcome.SENT)

    return patch.object(MemoryJournal, "changes", changes)


def a_set_up_that_failed_buys_another():
    def end(self, item_id, state, reason):
        ended(self, item_id, state, reason)
        item = self.items[item_id]
        if state is ItemState.ACTIVE:
            entry = self.by_id[item.attempt_id]
            given_up = evolve(entry.attempt, state=AttemptState.REFUTED)
            self.by_id[entry.id] = evolve(entry, attempt=given_up, watched=True)
            self.items[item_id] = evolve(item, state=ItemState.OPEN, claimable=True, attempt_id=None)

    return patch.object(MemoryJournal, "_end_set_up", end)


def a_bought_number_is_never_set_up():
    def advance(self, entry, attempt):
        advanced(self, entry, attempt)
        if attempt is AttemptState.CONFIRMED:
            self.items[entry.item_id] = evolve(self.items[entry.item_id], claimable=False)

    return patch.object(MemoryJournal, "_advance", advance)


_SET_UP = {"setup": WANTED, "fulfilled_by": "active"}
_CALM = dict.fromkeys(("journal", "strangers", "ahead", "clock", "stop", "rises"), 0.0)

SET_UP_MUTANTS = {
    name: (plant, {**_SET_UP, **more})
    for name, (plant, more) in {
        "a set-up ends after its first step": (a_set_up_ends_after_its_first_step, {}),
        "a passing failure ends a set-up": (a_passing_failure_ends_a_set_up, {}),
        "a number that is not known yet ends its set-up": (a_number_that_is_not_known_yet_ends_its_set_up, {}),
        "a step without an answer is done": (a_step_without_an_answer_is_done, {}),
        "a pending binding is done": (a_pending_binding_is_done, {}),
        "a binding that failed is waited for": (a_binding_that_failed_is_waited_for, {}),
        "a step is sent again without a look": (a_step_is_sent_again_without_a_look, {"workers": 1}),
        "a step is on record only afterwards": (
            a_step_is_on_record_only_afterwards,
            {"workers": 1, "weather": {**_CALM, "crash": 0.1}},
        ),
        "a set-up that failed buys another number": (a_set_up_that_failed_buys_another, {}),
        "a bought number is never set up": (a_bought_number_is_never_set_up, {}),
    }.items()
}
