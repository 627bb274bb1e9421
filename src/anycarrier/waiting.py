"""Waiting for what a provider finishes later: numbers, bindings of campaigns, releases, and ports.

No provider's documents name an event about a number that a webhook could tell, so the provider is read again and
again: all that is awaited in one round, from its list where that reads less, with waits from 1 to 30 seconds, and after
ten minutes a twentieth of the time that it has taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import define, evolve

from anycarrier.capabilities import has, lacks
from anycarrier.errors import AnyCarrierError, NotFound, ProviderDown, RateLimited, StillPending, TransportError
from anycarrier.exchange import Exchange, Failed, collect, now, sleep, together
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    OwnedNumber,
    Release,
    ReleaseState,
    Status,
    Target,
    number_of,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, PortState
from anycarrier.provider import Lists

__all__ = ["UNLISTED_FOR", "Awaited", "Settled", "until_all_settled"]

Awaited: TypeAlias = Target | CampaignBinding | Release | Port
"""A number, the binding or release of one, or a port, that its provider may finish later."""
Settled: TypeAlias = OwnedNumber | CampaignBinding | Release | Port
"""The final state of it."""

UNLISTED_FOR = 30.0
"""Seconds for which a number may be missing from its account after it was bought."""

FEW = 10
"""Numbers that are read one by one; of more, the list is read."""

AT_ONCE = 8
"""Reads that are under way at once."""

LONGEST = 30.0
"""Seconds between two rounds at most, in the first ten minutes."""

_NOT_YET = frozenset({Status.PENDING, Status.PORTING_IN})
_GOES_ON = frozenset({BindingStatus.PENDING, BindingStatus.UNBINDING})
_PORT_ENDS = frozenset({PortState.COMPLETE, PortState.REJECTED})


@define
class _Wait:
    """Course of one wait.

    Attributes:
        seen: the last state that was read.
        error: the last error that may pass.
        result: the final state, or the error that ended the wait.
    """

    target: Awaited
    seen: Settled | None = None
    error: AnyCarrierError | None = None
    result: Settled | AnyCarrierError | None = None


def until_all_settled(
    provider: Any, targets: Sequence[Awaited], *, deadline: float = 300.0
) -> Exchange[list[Settled | AnyCarrierError]]:
    """Wait until each of *targets* is settled; its final state, or the error of it, in their order.

    A number is settled when it is neither pending nor being ported in, a binding when it is neither pending nor being
    undone, a release when the number is gone, a port when it is complete or rejected. Failures of the provider that may
    pass are waited out.

    Args:
        provider: the provider that has them.
        targets: numbers, bindings, releases and ports.
        deadline: seconds for all of them together; what is not settled then is ``StillPending``. ``NotFound`` is a
            number that is not on the account, also half a minute later.
    """
    waits = [_Wait(target) for target in targets]
    started = (yield from now()).monotonic
    pause = 1.0
    while True:
        left = [one for one in waits if one.result is None]
        yield from _round(provider, left)
        elapsed = (yield from now()).monotonic - started
        for one in left:
            _judge(one, elapsed)
        left = [one for one in left if one.result is None]
        if not left:
            break
        if elapsed >= deadline:
            for one in left:
                one.result = _given_up(one, elapsed)
            break
        asked = max((getattr(one.error, "retry_after", None) or 0.0 for one in left), default=0.0)
        yield from sleep(min(max(pause, asked), max(deadline - elapsed, 0.001)), "settling")
        pause = min(max(LONGEST, elapsed / 20), pause * 2)
    return [one.result for one in waits if one.result is not None]


def _round(provider: Any, left: Sequence[_Wait]) -> Exchange[None]:
    """Read each of them once."""
    listed: Mapping[PhoneNumber, OwnedNumber] | None = None
    many = [one for one in left if not isinstance(one.target, CampaignBinding | Port)]
    if len(many) > FEW and issubclass(type(provider), Lists):
        try:
            listed = {owned.number: owned for owned in (yield from collect(provider.list()))}
        except (ProviderDown, RateLimited, TransportError) as error:
            for one in many:
                one.error = error
            left = [one for one in left if isinstance(one.target, CampaignBinding | Port)]
    if len(left) == 1:  # without a thread for it
        (one,) = left
        one.error = None
        try:
            one.seen = yield from _look(provider, one.target, listed)
        except AnyCarrierError as error:
            one.error = error
        return
    looks = [_look(provider, one.target, listed) for one in left]
    for one, outcome in zip(left, (yield from together(looks, limit=AT_ONCE)), strict=True):
        one.error = None
        if not isinstance(outcome, Failed):
            one.seen = outcome.value
        elif isinstance(outcome.error, AnyCarrierError):
            one.error = outcome.error
        else:
            raise outcome.error


def _look(provider: Any, target: Awaited, listed: Mapping[PhoneNumber, OwnedNumber] | None) -> Exchange[Settled]:
    if isinstance(target, CampaignBinding):
        if not has(provider, "campaign_of"):
            raise lacks(provider, "campaign_of")
        binding: CampaignBinding = yield from provider.campaign_of(target.number)
        return binding
    if isinstance(target, Port):
        return (yield from _port(provider, target))
    number = number_of(target.number if isinstance(target, Release) else target)
    try:
        if listed is None:
            owned: OwnedNumber = yield from provider.get(number if isinstance(target, Release) else target)
        elif number in listed:
            owned = listed[number]
        else:
            raise NotFound("not on this account", provider=provider.name, operation="list")
    except NotFound:
        if isinstance(target, Release):
            return evolve(target, state=ReleaseState.RELEASED)
        raise
    if isinstance(target, Release):
        return evolve(target, state=ReleaseState.RELEASED) if owned.status is Status.RELEASED else target
    return owned


def _port(provider: Any, target: Port) -> Exchange[Port]:
    """Read a port, at the member of a failover that has it."""
    members = getattr(provider, "members", (provider,))
    porter = next((one for one in members if target.account in {each.id for each in one.accounts}), None)
    if porter is None or not has(porter, "port"):
        raise lacks(provider, "port")
    port: Port = yield from porter.port(target.id)
    return port


def _judge(one: _Wait, elapsed: float) -> None:
    """Say whether the wait is over, by what the last round has read."""
    error = one.error
    if error is None:
        if one.seen is not None and _is_settled(one.seen):
            one.result = one.seen
    elif isinstance(error, NotFound):
        error.operation = "wait"
        if one.seen is not None or elapsed >= UNLISTED_FOR:
            one.result = error
    elif not isinstance(error, ProviderDown | RateLimited | TransportError):
        one.result = error


def _is_settled(seen: Settled) -> bool:
    if isinstance(seen, CampaignBinding):
        return seen.status not in _GOES_ON
    if isinstance(seen, Release):
        return seen.state is ReleaseState.RELEASED
    if isinstance(seen, Port):
        return seen.state in _PORT_ENDS
    return seen.status not in _NOT_YET


def _given_up(one: _Wait, elapsed: float) -> AnyCarrierError:
    seen = one.seen
    if seen is None and one.error is not None:
        return one.error
    goes_on = {
        CampaignBinding: "still being bound or unbound",
        Release: "still being released",
        Port: "still being ported",
    }
    word = getattr(seen, "provider_status", None)
    error = StillPending(
        f"{goes_on.get(type(one.target), 'still being set up')} after {elapsed:.0f} s"
        + (f"; the provider says {word}" if word else "")
        + (f"; {seen.by_hand}" if isinstance(seen, Port) and seen.by_hand else ""),
        operation="wait",
        last=seen if isinstance(seen, OwnedNumber) else None,
        provider=None if seen is None else seen.provider,
    )
    error.__cause__ = one.error
    return error
