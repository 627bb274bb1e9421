"""Desired state: what should be true of a number, what is, and the changes from one to the other.

:func:`observe` reads, :func:`difference` compares, :func:`carry_out` sends one change. :func:`make_plan`,
:func:`apply_plan` and :func:`undo_plan` do that for many numbers, and are methods of the clients.
"""

from anycarrier.desired_state.applying import Applied, ChangeResult, apply_plan
from anycarrier.desired_state.difference import Difference, difference
from anycarrier.desired_state.model import (
    MOVES,
    NAMED,
    Change,
    ChangeKind,
    ChangeState,
    Desired,
    NumberState,
    Obstacle,
    Value,
)
from anycarrier.desired_state.observation import Observation, observe, observe_account
from anycarrier.desired_state.plan import NumberPlan, Plan, make_plan, members_of
from anycarrier.desired_state.records import ChangeJournal, ChangeOutcome, ChangeRecord, NewChange
from anycarrier.desired_state.steps import carry_out, reached_now
from anycarrier.desired_state.undoing import undo_plan

__all__ = [
    "MOVES",
    "NAMED",
    "Applied",
    "Change",
    "ChangeJournal",
    "ChangeKind",
    "ChangeOutcome",
    "ChangeRecord",
    "ChangeResult",
    "ChangeState",
    "Desired",
    "Difference",
    "NewChange",
    "NumberPlan",
    "NumberState",
    "Observation",
    "Obstacle",
    "Plan",
    "Value",
    "apply_plan",
    "carry_out",
    "difference",
    "make_plan",
    "members_of",
    "observe",
    "observe_account",
    "reached_now",
    "undo_plan",
]
