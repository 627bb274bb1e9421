"""Plans: what would make the numbers of an account as they are desired. Making one reads, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable

from attrs import evolve, field, frozen

from anycarrier.desired_state.difference import difference
from anycarrier.desired_state.model import MOVES, Change, ChangeKind, Desired, NumberState, Obstacle, Value
from anycarrier.desired_state.observation import Observation, observe_account
from anycarrier.desired_state.prerequisites import Prerequisites, look_up_prerequisites
from anycarrier.desired_state.records import ChangeJournal, ChangeOutcome
from anycarrier.desired_state.values import value_to_data
from anycarrier.errors import InvalidInput
from anycarrier.exchange import Exchange, Failed, call, together
from anycarrier.json_markers import JsonForm
from anycarrier.money import Money
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.validation import shape

__all__ = [
    "FEW",
    "NumberPlan",
    "Plan",
    "check",
    "check_accounts",
    "digest_of",
    "holders_of",
    "make_plan",
    "members_of",
    "observe_members",
    "set_last",
]

FEW = 10
"""Numbers of an account below which no share of them is looked at: one of three is a third."""


@frozen(kw_only=True)
class NumberPlan(JsonForm):
    """The part of a plan about one number. Without changes, obstacles and pending ones, the number is as desired.

    Attributes:
        account: id of the account that it is on; empty where it is on none.
        changes: what is to be changed, in order.
        obstacles: what cannot be changed, with the reason, and what a person does instead.
        pending: what the provider has accepted earlier, and has not finished.
        left: the reason for which a number stays where it is, in a plan that moves others; empty for all others.
        monthly_before: price of a month on the account that a number moves from; ``None`` where it is not stated.
        monthly_after: the same on the account that it moves to.
    """

    provider: str
    account: str
    number: PhoneNumber
    changes: tuple[Change, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    pending: tuple[ChangeKind, ...] = ()
    left: str = ""
    monthly_before: Money | None = None
    monthly_after: Money | None = None

    @property
    def move(self) -> Change | None:
        """The change of its account, which is the first one; ``None`` for a number that stays where it is."""
        return self.changes[0] if self.changes and self.changes[0].what in MOVES else None

    @property
    def is_same(self) -> bool:
        """Return whether the number is as desired."""
        return not (self.changes or self.obstacles or self.pending)


@frozen(kw_only=True)
class Plan(JsonForm):
    """Changes that lead from the observed to the desired state. Applying it does these, and nothing else.

    Attributes:
        id: digest of the changes, with their values before and after.
        numbers: each number that the desired states name, in their order.
        existing: numbers on each account, by its id.
        undoes: id of the plan that this one takes back.
        holders: mark of the login or location that an account was when the plan was made, by the account's id, where
            its settings tell: another account of that name is refused.
    """

    id: str
    numbers: tuple[NumberPlan, ...]
    existing: Mapping[str, int] = field(factory=dict[str, int])
    undoes: str | None = None
    holders: Mapping[str, str] = field(factory=dict[str, str])

    @property
    def changes(self) -> Iterator[Change]:
        """All changes, by number."""
        return (change for one in self.numbers for change in one.changes)

    @property
    def obstacles(self) -> Iterator[Obstacle]:
        """All obstacles, by number."""
        return (obstacle for one in self.numbers for obstacle in one.obstacles)

    @property
    def requests(self) -> int:
        """Requests that applying sends at least, beside those that read what is there first."""
        return sum(_REQUESTS.get(change.what, 1) for change in self.changes)

    @property
    def cost(self) -> tuple[Money, ...]:
        """Charges for all changes together, one amount of each currency; empty where the providers' documents state
        none for any of them."""
        totals: dict[str, Decimal] = {}
        for change in self.changes:
            if (cost := change.cost) is not None:
                totals[cost.currency] = totals.get(cost.currency, Decimal()) + cost.amount
        return tuple(Money(amount, currency) for currency, amount in sorted(totals.items()))

    def seconds(self, *, at_once: int = 16, latency: float = 0.3) -> float:
        """Seconds that applying takes, if each request takes *latency* seconds and no rate limit holds it back."""
        return self.requests * latency / at_once

    def unsafe(self, most: float) -> list[str]:
        """Reasons for which the plan needs a confirmation: it changes more than the share *most* of the numbers of an
        account that has ten or more, gives one up, or costs money."""
        found: list[str] = []
        touched: dict[str, int] = {}
        released = 0
        for one in self.numbers:
            if one.changes:
                account = source_of(one)
                touched[account] = touched.get(account, 0) + 1
                released += one.changes[-1].what is ChangeKind.RELEASE
        for account, count in touched.items():
            existing = self.existing.get(account, count)
            if existing >= FEW and count > most * existing:
                found.append(f"it changes {count} of the {existing} numbers of {account}, more than {most:.0%}")
        if released:
            found.append(f"it gives {released} {'number' if released == 1 else 'numbers'} up, for good")
        found += [f"it costs {cost}" for cost in self.cost if cost.amount]
        return found


_REQUESTS = {ChangeKind.EMERGENCY: 2, ChangeKind.LABEL: 2, ChangeKind.ENABLED: 2}
"""Requests of a change of these kinds: an address is checked first, a record is read and sent back."""


def digest_of(
    numbers: Iterable[NumberPlan],
    existing: Mapping[str, int],
    undoes: str | None = None,
    holders: Mapping[str, str] | None = None,
) -> str:
    """The id of a plan with these members: of all that decides what applying it does, and whether it asks first."""
    whole: list[object] = [sorted(existing.items()), undoes]
    if holders:
        whole.append(sorted(holders.items()))
    digest = sha256(json.dumps(whole).encode())
    for one in numbers:
        for change in one.changes:
            said: list[object] = [
                one.account,
                change.number,
                change.what,
                value_to_data(change.before),
                value_to_data(change.after),
            ]
            if change.cost is not None:  # decides whether applying asks first
                said += [str(change.cost.amount), change.cost.currency]
            digest.update(json.dumps(said).encode() + b"\n")
    return digest.hexdigest()[:16]


@runtime_checkable
class _Combines(Protocol):
    """Several providers as one, such as a failover."""

    @property
    def members(self) -> Sequence[Any]: ...


def members_of(provider: Any) -> Mapping[str, Any]:
    """The provider of each account, by the account's id."""
    members = provider.members if isinstance(provider, _Combines) else [provider]
    return {member.accounts[0].id: member for member in members}


def holders_of(members: Mapping[str, Any]) -> dict[str, str]:
    """The marks of accounts, by their ids, where their settings tell."""
    known = {account: member.accounts[0].holder for account, member in members.items()}
    return {account: holder for account, holder in known.items() if holder is not None}


def make_plan(provider: Any, wanted: Iterable[Desired], *, journal: ChangeJournal | None = None) -> Exchange[Plan]:
    """Read what is there, and plan what would make it as *wanted*; a number that is not named is left alone.

    Args:
        provider: a provider, or several as one: each number is changed on the account that has it.
        wanted: desired state of each number, once.
        journal: journal whose changes say what a provider does not state, such as a caller's name that was set.

    Raises:
        InvalidInput: a desired state without a number, or two of one number.
        AnyCarrierError: something could not be read; nothing is planned from a part of the answers.
    """
    desired = _by_number(wanted)
    members = members_of(provider)
    kinds = {kind for one in desired.values() for kind, _ in one.values()}
    observed = yield from observe_members(members, desired, kinds)
    numbers: dict[PhoneNumber, NumberPlan] = {}
    for account, member in members.items():
        here = {
            number: state
            for number, state in observed[account].states.items()
            if not _elsewhere(observed, account, number)
        }
        known = yield from look_up_prerequisites(member, desired, here)
        if journal is not None:
            here = yield from _recalled(journal, desired, here)
        for number, state in here.items():
            numbers[number] = _of_number(member, desired[number], state, known)
    plans = tuple(
        numbers.get(number) or _of_none(provider, members, observed, number, one) for number, one in desired.items()
    )
    existing = {account: observation.existing for account, observation in observed.items()}
    holders = holders_of(members)
    return Plan(id=digest_of(plans, existing, None, holders), numbers=plans, existing=existing, holders=holders)


def _by_number(wanted: Iterable[Desired]) -> dict[PhoneNumber, Desired]:
    if isinstance(wanted, Desired | str | bytes) or not isinstance(wanted, Iterable):
        raise InvalidInput(f"wanted must be a list of Desired, such as [Desired(number, ...)], not {shape(wanted)}")
    desired: dict[PhoneNumber, Desired] = {}
    for at, one in enumerate(wanted):
        if not isinstance(one, Desired):
            raise InvalidInput(f"wanted[{at}] must be a Desired, not {shape(one)}")
        if one.number is None:
            raise InvalidInput(f"wanted[{at}] has no number: only the set-up of an order may leave it out")
        if one.number in desired:
            raise InvalidInput(f"wanted[{at}] is of a number that stands in the list already")
        desired[one.number] = one
    return desired


def observe_members(
    members: Mapping[str, Any], numbers: Iterable[PhoneNumber], kinds: Iterable[ChangeKind]
) -> Exchange[dict[str, Observation]]:
    """Observation of each account, by its id."""
    asked = frozenset(numbers)
    reads = [observe_account(member, asked, kinds=frozenset(kinds)) for member in members.values()]
    outcomes = yield from together(reads)
    found: dict[str, Observation] = {}
    for account, outcome in zip(members, outcomes, strict=True):
        if isinstance(outcome, Failed):
            raise outcome.error
        found[account] = outcome.value
    return found


def _elsewhere(observed: Mapping[str, Observation], account: str, number: PhoneNumber) -> bool:
    """Return whether another account has the number too."""
    return any(number in one.states for other, one in observed.items() if other != account)


def _of_number(member: Any, desired: Desired, state: NumberState, known: Prerequisites) -> NumberPlan:
    if isinstance(desired.emergency, EmergencyAddress) and desired.emergency in known.written:
        desired = evolve(desired, emergency=known.written[desired.emergency])
    found = difference(member, desired, state)
    refused = [change for change in found.changes if (change.what, change.after) in known.refused]
    return NumberPlan(
        provider=state.provider,
        account=state.account,
        number=state.number,
        changes=tuple(change for change in found.changes if change not in refused),
        obstacles=(
            *found.obstacles,
            *(
                Obstacle(number=one.number, what=one.what, after=one.after, reason=known.refused[one.what, one.after])
                for one in refused
            ),
        ),
        pending=found.pending,
    )


def _of_none(
    provider: Any,
    members: Mapping[str, Any],
    observed: Mapping[str, Observation],
    number: PhoneNumber,
    desired: Desired,
) -> NumberPlan:
    """The plan of a number that is on none of the accounts, or on several."""
    several = [account for account, one in observed.items() if number in one.states]
    obstacles = difference(provider, desired, None).obstacles
    if several:
        said = f"it is on several of these accounts: {', '.join(several)}; plan each account by itself"
        obstacles = (Obstacle(number=number, what=None, reason=said),)
    account = next(iter(members)) if len(members) == 1 else ""
    return NumberPlan(provider=provider.name, account=account, number=number, obstacles=obstacles)


def _recalled(
    journal: ChangeJournal, desired: Mapping[PhoneNumber, Desired], here: Mapping[PhoneNumber, NumberState]
) -> Exchange[dict[PhoneNumber, NumberState]]:
    """The states, with the values that were set last where the provider does not say."""
    unknown = {
        (number, kind)
        for number, state in here.items()
        for kind, _ in desired[number].values()
        if kind is not ChangeKind.RELEASE and state.value(kind) is None
    }
    states = dict(here)
    for place in {(state.provider, state.account) for state in here.values()} if unknown else ():
        last = yield from call(lambda place=place: set_last(journal, place), "changes")  # type: ignore[misc]
        for number, kind in unknown:
            if (number, kind) in last:
                value: dict[str, Any] = {kind.value: last[number, kind]}
                states[number] = evolve(states[number], **value)
    return states


def set_last(journal: ChangeJournal, account: tuple[str, str]) -> dict[tuple[PhoneNumber, str], Value]:
    """The values that were set last on an account, by number and kind. Blocks."""
    done = journal.changes(account=account, outcome=ChangeOutcome.DONE)
    return {(record.number, record.what): record.after for record in done}


def check_accounts(members: Mapping[str, Any], plan: Plan) -> None:
    """Refuse a plan that changes another account, or one that is another's under the same id.

    Raises:
        InvalidInput: the message names the account.
    """
    holders = holders_of(members)
    for one in plan.numbers:
        if not one.changes:
            continue
        if one.account not in members:
            raise InvalidInput(f"the plan is about account {one.account!r}, which is not one of this client's")
        if members[one.account].name != one.provider:
            raise InvalidInput(
                f"the plan is about account {one.account!r} of {one.provider!r}, and here that is one of "
                f"{members[one.account].name!r}"
            )
        for account in {one.account, source_of(one)} & {*plan.holders} & {*holders}:
            if plan.holders[account] != holders[account]:
                raise InvalidInput(
                    f"the plan is about account {account!r} of another login or location than this client's: plan again"
                )


def source_of(one: NumberPlan) -> str:
    """The id of the account that a number is on before its changes."""
    return str(one.move.before).partition("/")[2] if one.move else one.account


def check(plan: Plan, most: float, confirm: str | None) -> None:
    """Refuse a plan that is not the one that was made, or needs a confirmation and has none.

    Raises:
        InvalidInput: the message says what to do.
    """
    if not isinstance(plan, Plan):
        raise InvalidInput(f"plan must be a Plan, which client.plan() makes, not {shape(plan)}")
    if plan.id != digest_of(plan.numbers, plan.existing, plan.undoes, plan.holders):
        raise InvalidInput("plan: its changes are not those that its id was made of; plan again")
    if confirm is not None and confirm != plan.id:
        raise InvalidInput("confirm must be the id of this plan, and is that of another: look at this one first")
    if confirm is None and (reasons := plan.unsafe(most)):
        raise InvalidInput(
            f"the plan is not applied without a confirmation: {'; '.join(reasons)}. Look at it, then pass "
            f"confirm={plan.id!r}"
        )
