"""Desired state: what should be true of a number, what is, and the changes from one to the other.

:func:`observe` reads, :func:`difference` compares, :func:`carry_out` sends one change.
"""

from anycarrier.desired_state.difference import Difference, difference
from anycarrier.desired_state.model import Change, ChangeKind, ChangeState, Desired, NumberState, Obstacle, Value
from anycarrier.desired_state.observation import Observation, observe, observe_account
from anycarrier.desired_state.steps import carry_out

__all__ = [
    "Change",
    "ChangeKind",
    "ChangeState",
    "Desired",
    "Difference",
    "NumberState",
    "Observation",
    "Obstacle",
    "Value",
    "carry_out",
    "difference",
    "observe",
    "observe_account",
]
