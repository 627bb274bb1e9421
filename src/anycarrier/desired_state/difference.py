"""Difference between the desired and the observed state of a number; sends nothing."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from anycarrier.capabilities import has, support_of
from anycarrier.desired_state.model import (
    Change,
    ChangeKind,
    ChangeState,
    Desired,
    NumberState,
    Obstacle,
    Value,
    is_same,
)
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.features import Cannot, in_words
from anycarrier.model import BindingStatus, Route, Status
from anycarrier.provider_abilities import SetsRoutes

__all__ = ["Difference", "difference", "feature_of", "leaving", "obstacle_of", "progress"]


@frozen(kw_only=True)
class Difference:
    """Steps that lead from the observed to the desired state of one number.

    Attributes:
        changes: what the library can change, in order.
        obstacles: what it cannot.
        pending: what the provider has accepted and not finished; nothing more is to be sent for it.
    """

    changes: tuple[Change, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    pending: tuple[ChangeKind, ...] = ()


def difference(provider: Any, desired: Desired, state: NumberState | None) -> Difference:
    """The changes that lead from *state* to *desired*, and what stands in their way.

    Args:
        provider: provider of the account that the number is on.
        desired: desired state, of a number.
        state: observed state; ``None`` for a number that is not on the account.
    """
    number = state.number if state is not None else desired.number
    if number is None:
        raise InvalidInput("desired has no number: only the set-up of an order may leave it out")
    if state is None:
        if desired.release:
            return Difference()
        return Difference(obstacles=(Obstacle(number=number, what=None, reason="it is not on this account"),))
    changes: list[Change] = []
    obstacles: list[Obstacle] = []
    pending: list[ChangeKind] = []
    for kind, after in desired.values():
        before = state.value(kind)
        reached = progress(state, kind, after)
        if reached is ChangeState.PENDING:
            pending.append(kind)
        elif reached is None:
            change = Change(number, kind, before, after)
            obstacle = _failed(state, change) or leaving(state, change) or obstacle_of(provider, change)
            if obstacle is None:
                changes.append(change)
            else:
                obstacles.append(obstacle)
    return Difference(changes=tuple(changes), obstacles=tuple(obstacles), pending=tuple(pending))


def progress(state: NumberState, kind: ChangeKind, after: Value) -> ChangeState | None:
    """``ALREADY`` where the number has this value, ``PENDING`` where it is on the way to it, else ``None``."""
    if kind is ChangeKind.RELEASE and state.status is Status.RELEASING:
        return ChangeState.PENDING
    if kind is ChangeKind.CAMPAIGN:
        if after is False and state.binding is BindingStatus.UNBINDING:
            return ChangeState.PENDING
        if state.campaign == after and state.binding in (BindingStatus.PENDING, BindingStatus.FAILED):
            return ChangeState.PENDING if state.binding is BindingStatus.PENDING else None
    return ChangeState.ALREADY if is_same(kind, state.value(kind), after) else None


def _failed(state: NumberState, change: Change) -> Obstacle | None:
    """Obstacle of a campaign that is bound and does not work: binding it once more would change nothing."""
    if change.what is not ChangeKind.CAMPAIGN or state.campaign != change.after:
        return None
    return Obstacle(
        number=state.number,
        what=change.what,
        after=change.after,
        reason="the number is bound to this campaign, which has failed, expired or is suspended",
        by_hand="see to the campaign at its registry, or name another one",
    )


_LEAVING = {
    Status.RELEASING: "its release goes on",
    Status.RELEASED: "it was released",
    Status.PORTING_OUT: "it is on its way to another carrier",
    Status.FAILED: "its set-up at the provider has failed",
}


def leaving(state: NumberState, change: Change) -> Obstacle | None:
    """Obstacle of *change* in the number's status: it is on its way off the account, or waits for a person."""
    said = f" ({state.provider_status})" if state.provider_status else ""
    if state.status is Status.NEEDS_ACTION:
        return Obstacle(
            number=state.number,
            what=change.what,
            after=change.after,
            reason=f"its provider waits for a person{said}",
            by_hand="supply in the provider's web app what it asks for",
        )
    if state.status in _LEAVING and not (change.what is ChangeKind.RELEASE and state.status is Status.FAILED):
        reason = f"{_LEAVING[state.status]}{said}"
        return Obstacle(number=state.number, what=change.what, after=change.after, reason=reason)
    return None


_OPERATIONS = {
    ChangeKind.LABEL: "set_label",
    ChangeKind.CALLER_NAME: "set_caller_name",
    ChangeKind.ENABLED: "set_enabled",
    ChangeKind.RELEASE: "release",
}


def feature_of(kind: ChangeKind, after: Value) -> str:
    """The feature that a provider needs for a change of *kind* to *after*."""
    if isinstance(after, Route):
        return after.feature
    if kind is ChangeKind.CAMPAIGN:
        return "unbind_campaign" if after is False else "bind_campaign"
    if kind is ChangeKind.EMERGENCY:
        return "remove_emergency_address" if after is False else "set_emergency_address"
    return _OPERATIONS[kind]


def obstacle_of(provider: Any, change: Change) -> Obstacle | None:
    """Obstacle that keeps *provider* from carrying *change* out, as far as is known before anything is sent."""
    feature = feature_of(change.what, change.after)
    support = support_of(provider, feature)
    operation = feature.partition(".")[0]
    if isinstance(support, Cannot) or not has(provider, operation):
        whole = support_of(provider, operation)
        declared = support if isinstance(support, Cannot) else whole if isinstance(whole, Cannot) else None
        reason = declared.reason if declared else f"{provider.title} cannot {in_words(feature)}"
        by_hand = declared.by_hand or None if declared else None
        return Obstacle(number=change.number, what=change.what, after=change.after, reason=reason, by_hand=by_hand)
    if isinstance(change.after, Route) and issubclass(type(provider), SetsRoutes):
        try:
            provider.check_routes(change.number, change.after)
        except AnyCarrierError as error:
            return Obstacle(number=change.number, what=change.what, after=change.after, reason=error.message)
    return None
