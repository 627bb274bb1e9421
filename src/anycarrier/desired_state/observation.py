"""Observed state of numbers: lists and bulk answers where the provider has them, else one number after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve, frozen

from anycarrier.capabilities import has, lacks, support_of
from anycarrier.desired_state.model import NAMED, ChangeKind, NumberState, kind_of_route
from anycarrier.errors import NotFound
from anycarrier.exchange import Done, Exchange, Failed, each_page, together
from anycarrier.features import OPERATIONS, Can
from anycarrier.model import ROUTES, BindingStatus, CampaignBinding, OwnedNumber, Route
from anycarrier.number_services import CallerName, EmergencyRecord, MessagingRecord
from anycarrier.numbers import PhoneNumber
from anycarrier.provider_abilities import ListsEmergencyAddresses, ListsMessaging, NamesServices, StatesEnabled

__all__ = ["AT_ONCE", "Observation", "able", "observe", "observe_account"]

T = TypeVar("T")

AT_ONCE = 8
"""Reads that are under way at once."""

EVERY = frozenset(NAMED)


def able(provider: Any, operation: str) -> bool:
    """Return whether *provider* has *operation*, and declares that it can."""
    return has(provider, operation) and isinstance(support_of(provider, operation), Can)


@frozen(kw_only=True)
class Observation:
    """Numbers of one account.

    Attributes:
        existing: numbers on the account.
        states: state of each number that was to be read and is on the account.
    """

    existing: int
    states: Mapping[PhoneNumber, NumberState]


def observe(
    provider: Any, numbers: Iterable[PhoneNumber] | None = None, *, kinds: Collection[ChangeKind] = EVERY
) -> Exchange[dict[PhoneNumber, NumberState]]:
    """State of *numbers*, each read by itself, or of all numbers of the account, from its list.

    Args:
        provider: provider of one account.
        numbers: those to read; one that is not on the account is left out. ``None`` for all.
        kinds: what is to be known; facts beyond the number's record cost further requests.

    Raises:
        AnyCarrierError: an answer is missing: no state is made of a part of the answers.
    """
    if numbers is None:
        return dict((yield from observe_account(provider, kinds=kinds)).states)
    wanted = [*dict.fromkeys(numbers)]
    read = operation_of(provider, "get")
    outcomes = yield from together([read(number) for number in wanted], limit=AT_ONCE)
    owned = [one for one in map(_unless_absent, outcomes) if one is not None]
    shared: dict[Route, Route] = {}
    states = {one.number: _state(provider, one, shared) for one in owned}
    yield from _complete(provider, states, frozenset(kinds), shared)
    return states


def observe_account(
    provider: Any, numbers: Collection[PhoneNumber] | None = None, *, kinds: Collection[ChangeKind] = EVERY
) -> Exchange[Observation]:
    """State of *numbers*, or of all, from the list of the account, with the count of all numbers on it."""
    wanted = None if numbers is None else frozenset(numbers)
    shared: dict[Route, Route] = {}
    states: dict[PhoneNumber, NumberState] = {}
    existing = 0

    def take(page: Sequence[OwnedNumber]) -> Exchange[None]:
        # The records of a page go with it.
        nonlocal existing
        existing += len(page)
        for owned in page:
            if wanted is None or owned.number in wanted:
                states[owned.number] = _state(provider, owned, shared)
        yield from ()

    yield from each_page(operation_of(provider, "list")(), take)
    yield from _complete(provider, states, frozenset(kinds), shared)
    return Observation(existing=existing, states=states)


def operation_of(provider: Any, operation: str) -> Callable[..., Any]:
    """The provider's method of *operation*.

    Raises:
        Unsupported: the provider does not have it.
    """
    if not has(provider, operation):
        raise lacks(provider, operation)
    method: Callable[..., Any] = getattr(provider, OPERATIONS[operation].method)
    return method


def _unless_absent(outcome: Done[T] | Failed) -> T | None:
    if isinstance(outcome, Done):
        return outcome.value
    if isinstance(outcome.error, NotFound):
        return None
    raise outcome.error


def _complete(
    provider: Any, states: dict[PhoneNumber, NumberState], kinds: frozenset[ChangeKind], shared: dict[Route, Route]
) -> Exchange[None]:
    """Add to *states* the facts that a number's record does not have."""
    if not states:
        return
    if kinds & {ChangeKind.TEXTS, ChangeKind.CAMPAIGN} and issubclass(type(provider), ListsMessaging):
        for record in (yield from provider.messaging([*states])):
            if record.number in states:
                states[record.number] = _with_messaging(states[record.number], record, shared)
    elif ChangeKind.CAMPAIGN in kinds and able(provider, "bind_campaign") and able(provider, "campaign_of"):
        for binding in (yield from _each(provider.campaign_of, states)):
            if binding is not None:
                states[binding.number] = _with_campaign(states[binding.number], binding)
    if ChangeKind.EMERGENCY in kinds and able(provider, "emergency_address"):
        records = yield from _addresses(provider, states)
        for number, state in states.items():
            states[number] = evolve(state, emergency=records[number].address if number in records else False)
    if ChangeKind.CALLER_NAME in kinds and able(provider, "caller_name"):
        for named in (yield from _names(provider, [*states])):
            states[named.number] = evolve(states[named.number], caller_name=named.name)


def _state(provider: Any, owned: OwnedNumber, shared: dict[Route, Route]) -> NumberState:
    facts: dict[str, Any] = {
        kind_of_route(route): shared.setdefault(route, route)
        for route in owned.routes or ()
        if isinstance(route, ROUTES)
    }
    return NumberState(
        provider=owned.provider,
        account=owned.account,
        number=owned.number,
        status=owned.status,
        provider_status=owned.provider_status,
        campaign=owned.campaign_id,
        label=owned.label,
        enabled=provider.is_enabled(owned) if issubclass(type(provider), StatesEnabled) else None,
        service=provider.service_of(owned) if issubclass(type(provider), NamesServices) else None,
        **facts,
    )


def _with_messaging(state: NumberState, record: MessagingRecord, shared: dict[Route, Route]) -> NumberState:
    texts = state.texts
    if record.texts is not None:
        texts = shared.setdefault(record.texts, record.texts)
    return evolve(_with_campaign(state, record.binding), texts=texts)


def _with_campaign(state: NumberState, binding: CampaignBinding) -> NumberState:
    campaign = binding.campaign_id
    if campaign is None and binding.status is BindingStatus.UNBOUND:
        return evolve(state, campaign=False, binding=binding.status)
    return evolve(state, campaign=campaign, binding=binding.status)


def _each(read: Callable[[PhoneNumber], Exchange[T]], numbers: Iterable[PhoneNumber]) -> Exchange[list[T | None]]:
    """Answers of *read* for each number; ``None`` for one that has left the account meanwhile."""
    outcomes = yield from together([read(number) for number in numbers], limit=AT_ONCE)
    return [_unless_absent(outcome) for outcome in outcomes]


def _addresses(provider: Any, numbers: Iterable[PhoneNumber]) -> Exchange[dict[PhoneNumber, EmergencyRecord]]:
    records: Sequence[EmergencyRecord | None]
    if issubclass(type(provider), ListsEmergencyAddresses):
        records = yield from provider.emergency_addresses()
    else:
        records = yield from _each(provider.emergency_address, numbers)
    return {record.number: record for record in records if record is not None}


def _names(provider: Any, numbers: Sequence[PhoneNumber]) -> Exchange[list[CallerName]]:
    """Names of callers. The first answer shows whether the provider states them at all."""
    first = yield from _each(provider.caller_name, numbers[:1])
    if not first or first[0] is None or first[0].name is None:
        return []
    return [one for one in (*first, *(yield from _each(provider.caller_name, numbers[1:]))) if one is not None]
