"""Carrying out one change of one number, with the operation that the provider has for it."""

from __future__ import annotations

from typing import Any

from anycarrier.capabilities import require
from anycarrier.desired_state.difference import feature_of, progress
from anycarrier.desired_state.model import Change, ChangeKind, ChangeState
from anycarrier.desired_state.observation import observe, operation_of
from anycarrier.errors import AnyCarrierError, Conflict, NotFound
from anycarrier.exchange import Exchange
from anycarrier.model import BindingStatus, CampaignBinding, ReleaseState, Route
from anycarrier.provider import attributed_to
from anycarrier.provider_abilities import SetsRoutes

__all__ = ["carry_out", "reached_now"]


def carry_out(provider: Any, change: Change, *, look_first: bool = False) -> Exchange[ChangeState]:
    """Send *change*; setting a value twice is harmless.

    After an error that does not say whether the change was made, the present value is read once: it may be the desired
    one.

    Args:
        provider: provider of the account that the number is on.
        change: the change.
        look_first: read the present value, and send nothing where it is the desired one or is becoming it: for a change
            that was perhaps sent before.

    Returns:
        ``DONE``, ``PENDING`` where the provider finishes it later, or ``ALREADY`` where it was so before.

    Raises:
        NotFound: the number is not on the account.
        AnyCarrierError: as of the operation; ``maybe_applied`` says whether the change may have been made.
    """
    try:
        if look_first and (state := (yield from reached_now(provider, change))) is not None:
            return state
        try:
            return (yield from _send(provider, change))
        except AnyCarrierError as error:
            if error.maybe_applied or isinstance(error, NotFound):
                state = yield from _look_again(provider, change)
                if state is not None:
                    return ChangeState.DONE if state is ChangeState.ALREADY and error.maybe_applied else state
            raise
    except AnyCarrierError as error:
        error.number = str(change.number)
        raise


def _look_again(provider: Any, change: Change) -> Exchange[ChangeState | None]:
    try:
        return (yield from reached_now(provider, change))
    except AnyCarrierError:
        return None


def reached_now(provider: Any, change: Change) -> Exchange[ChangeState | None]:
    """Read how far *change* has come: ``ALREADY``, ``PENDING``, or ``None`` where it is not made and not on its way.

    Raises:
        NotFound: the number is not on the account.
    """
    states = yield from observe(provider, [change.number], kinds={change.what})
    if change.number not in states:
        if change.what is ChangeKind.RELEASE:
            return ChangeState.ALREADY
        raise NotFound("not on this account", provider=provider.name, operation="get")
    return progress(states[change.number], change.what, change.after)


def _send(provider: Any, change: Change) -> Exchange[ChangeState]:
    feature = feature_of(change.what, change.after)
    require(provider, feature)
    operation = operation_of(provider, feature.partition(".")[0])
    number, after = change.number, change.after
    if isinstance(after, Route):
        if issubclass(type(provider), SetsRoutes):
            yield from provider.set_routes(number, after)
        else:
            yield from operation(number, after)
        return ChangeState.DONE
    if change.what is ChangeKind.CAMPAIGN:
        if after is False:
            return (yield from _unbind(provider, change))
        return _bound((yield from operation(number, after)))
    if change.what is ChangeKind.RELEASE:
        release = yield from operation(number)
        return ChangeState.DONE if release.state is ReleaseState.RELEASED else ChangeState.PENDING
    if change.what is ChangeKind.EMERGENCY and after is False:
        yield from operation(number)
    else:
        yield from operation(number, after)
    return ChangeState.DONE


def _bound(binding: CampaignBinding) -> ChangeState:
    if binding.status is BindingStatus.ACTIVE:
        return ChangeState.DONE
    if binding.status in (BindingStatus.FAILED, BindingStatus.UNBOUND):
        raise Conflict(
            "the provider did not bind the number to the campaign",
            provider=binding.provider,
            operation="bind_campaign",
            detail=binding.provider_status,
        )
    return ChangeState.PENDING


def _unbind(provider: Any, change: Change) -> Exchange[ChangeState]:
    """Unbind from the campaign that the change names, so that no other is lost."""
    before = change.before if isinstance(change.before, str) else None
    binding: CampaignBinding = yield from attributed_to(
        "unbind_campaign", operation_of(provider, "unbind_campaign")(change.number, before)
    )
    if binding.campaign_id is None:
        return ChangeState.DONE
    if binding.status in (BindingStatus.UNBINDING, BindingStatus.PENDING):
        return ChangeState.PENDING
    raise Conflict(
        "the provider did not unbind the campaign",
        provider=binding.provider,
        operation="unbind_campaign",
        detail=binding.provider_status,
    )
