"""Plan of a switch: for each number of an account, whether it is ported, replaced or left. Making one only reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field

from anycarrier.capabilities import lacks
from anycarrier.desired_state import (
    Change,
    ChangeKind,
    Desired,
    NumberPlan,
    NumberState,
    Obstacle,
    Plan,
    observe_account,
)
from anycarrier.desired_state.difference import leaving, obstacle_of
from anycarrier.desired_state.model import kind_of_route
from anycarrier.desired_state.observation import able
from anycarrier.desired_state.plan import digest_of, holders_of, members_of
from anycarrier.desired_state.prerequisites import look_up_prerequisites
from anycarrier.errors import InvalidInput, RateLimited
from anycarrier.exchange import Exchange, Failed, call, together
from anycarrier.model import (
    CallsToWebhook,
    ForwardTo,
    Money,
    Offer,
    Route,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
)
from anycarrier.money import first_month
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.porting import portable
from anycarrier.ports import Portability
from anycarrier.provider import Searches
from anycarrier.purchase.context import account_name
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.protocols import SharesPrices, StatesPrices
from anycarrier.search import Search
from anycarrier.switching.moving import moved_by_others
from anycarrier.switching.rules import Move, Moving, SwitchRules
from anycarrier.validation import shape
from anycarrier.words import Line

__all__ = ["member_of", "plan_switch"]

_READ = (ChangeKind.CALLS, ChangeKind.FORWARD, ChangeKind.TEXTS, ChangeKind.CAMPAIGN, ChangeKind.LABEL)
_GO_ALONG: tuple[type[Route], ...] = (ForwardTo, CallsToWebhook, TextsToWebhook, TextsToEmail, TextsToSip)
"""Routes that mean the same at any carrier."""

MOST_OFFERS = 1000


@define
class _Number:
    """A number on its way through the plan.

    Attributes:
        moving: what is to become of it.
        desired: the state in which it is to serve.
        left: the reason for which it stays.
        obstacles: what cannot be done; it stays then.
        change: the change of its account.
    """

    state: NumberState
    line: Move
    moving: Moving
    desired: Desired = field(factory=Desired)
    left: str = ""
    obstacles: tuple[Obstacle, ...] = ()
    change: Change | None = None
    monthly: Money | None = None

    @property
    def number(self) -> PhoneNumber:
        return self.state.number

    def stay(self, reason: str, by_hand: str | None = None) -> None:
        """Leave it where it is."""
        self.left = reason
        if by_hand is not None:
            self.obstacles = (Obstacle(number=self.number, what=None, reason=reason, by_hand=by_hand),)

    @property
    def goes(self) -> bool:
        return not (self.left or self.obstacles)


def plan_switch(
    provider: Any,
    source: str,
    target: str,
    *,
    moves: Iterable[Move] | None = None,
    rules: SwitchRules | None = None,
    journal: Journal | None = None,
) -> Exchange[Plan]:
    """Read both accounts, and plan how the numbers of *source* come to *target*; nothing is changed.

    Args:
        provider: several providers as one, of which two have these accounts.
        source: id of the account that the numbers leave.
        target: id of the account that they come to.
        moves: what becomes of single numbers; a number that is not on the account is refused. ``None`` for all numbers
            of the account by the rules.
        rules: what becomes of numbers for which nothing else is said.
        journal: journal that knows what other switches are moving: that is left.

    Raises:
        InvalidInput: an account or a number that is not there, or one number twice.
        Unsupported: the provider of *target* ports no numbers in.
        AnyCarrierError: something could not be read; nothing is planned from a part of the answers.
    """
    rules = SwitchRules() if rules is None else rules
    lines = None if moves is None else _by_number(moves)
    old, new = member_of(provider, source, "source"), member_of(provider, target, "target")
    if old is new:
        raise InvalidInput("source and target are one account: a switch needs two")
    observed = yield from observe_account(old, None if lines is None else [*lines], kinds=_READ)
    if lines is not None and (missing := [one for one in lines if one not in observed.states]):
        shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise InvalidInput(f"{len(missing)} of the numbers are not on account {source!r}: {shown}")
    numbers = [
        _Number(state, line := (lines or {}).get(number) or Move(number), line.move or rules.move)
        for number, state in observed.states.items()
    ]
    there = yield from observe_account(new, [*observed.states], kinds=())
    pools = yield from _pools(old)
    others: Mapping[PhoneNumber, str] = {}
    if journal is not None:
        others = yield from call(lambda: moved_by_others(journal, account_name(old, source)), "switches")
    for one in numbers:
        _first_look(one, old, there.states, pools)
        if one.goes and one.number in others:
            one.stay(others[one.number])
        if one.goes:
            one.desired = _desired(one, new, rules)
    yield from _checked(new, numbers)
    yield from _ported(old, new, numbers, rules)
    yield from _replaced(old, new, numbers, rules)
    plans = tuple(_plan_of(one, old, new) for one in numbers)
    existing = {source: observed.existing, target: there.existing}
    holders = holders_of({source: old, target: new})
    return Plan(id=digest_of(plans, existing, None, holders), numbers=plans, existing=existing, holders=holders)


def member_of(provider: Any, account: str, name: str) -> Any:
    """The provider of an account.

    Raises:
        InvalidInput: it is not one of this client's.
    """
    members = members_of(provider)
    if account not in members:
        known = ", ".join(members)
        raise InvalidInput(f"{name} must be one of this client's accounts ({known}), not {shape(account)}")
    return members[account]


def _by_number(moves: Iterable[Move]) -> dict[PhoneNumber, Move]:
    if isinstance(moves, Move | str | bytes) or not isinstance(moves, Iterable):
        raise InvalidInput(f"moves must be a list of Move, such as [Move(number, 'port')], not {shape(moves)}")
    found: dict[PhoneNumber, Move] = {}
    for at, one in enumerate(moves):
        if not isinstance(one, Move):
            raise InvalidInput(f"moves[{at}] must be a Move, such as Move(number, 'port'), not {shape(one)}")
        if one.number in found:
            raise InvalidInput(f"moves[{at}] is of a number that stands in the list already")
        found[one.number] = one
    return found


def _pools(old: Any) -> Exchange[dict[PhoneNumber, str]]:
    """Names of the pools that numbers are in, by the number."""
    if not able(old, "pools"):
        return {}
    pools = yield from old.pools()
    return {number: pool.name or pool.id for pool in pools for number in pool.numbers}


def _first_look(
    one: _Number, old: Any, there: Mapping[PhoneNumber, NumberState], pools: Mapping[PhoneNumber, str]
) -> None:
    """Leave the number where it is if that is known without a further request."""
    own_calls = one.line.desired is not None and any(
        kind in (ChangeKind.CALLS, ChangeKind.FORWARD) for kind, _ in one.line.desired.values()
    )
    on_its_way = leaving(one.state, Change(one.number, ChangeKind.LABEL, None, "x"))
    if one.moving == "leave":
        one.stay("it is to stay")
    elif one.number in there:
        one.stay("it is on the new account already")
    elif on_its_way is not None:
        one.stay(on_its_way.reason, on_its_way.by_hand)
    elif one.number in pools and not own_calls:
        one.stay(
            f"it is in the number pool {pools[one.number]!r}",
            "take it out of the pool, or say in its own line where its calls go",
        )
    elif one.state.service is not None and not own_calls:
        one.stay(
            f"{one.state.service} of {old.title} answers its calls",
            "say in its own line where its calls go",
        )


def _desired(one: _Number, new: Any, rules: SwitchRules) -> Desired:
    """The state of the number at its new carrier: by its own line, then the rules, then its present state."""
    values: dict[ChangeKind, Any] = {}
    state = one.state
    if rules.routes:
        for route in (state.calls, state.forward, state.texts):
            if isinstance(route, _GO_ALONG):
                values[kind_of_route(route)] = route
    if rules.labels and state.label and able(new, "set_label"):
        values[ChangeKind.LABEL] = state.label
    if isinstance(state.campaign, str):
        values[ChangeKind.CAMPAIGN] = rules.campaigns.get(state.campaign, state.campaign)
    for said in (rules.setup, one.line.desired):
        values.update(() if said is None else said.values())
    routes = tuple(value for value in values.values() if isinstance(value, Route))
    others: dict[str, Any] = {kind.value: value for kind, value in values.items() if not isinstance(value, Route)}
    return Desired(one.number, routes=routes, **others)


def _checked(new: Any, numbers: Sequence[_Number]) -> Exchange[None]:
    """Find what the new carrier cannot do, and campaigns, destinations and addresses that it does not have."""
    going = {one.number: one for one in numbers if one.goes}
    empty = {number: NumberState(provider=new.name, account=new.accounts[0].id, number=number) for number in going}
    known = yield from look_up_prerequisites(new, {number: one.desired for number, one in going.items()}, empty)
    for one in going.values():
        found: list[Obstacle] = []
        for kind, value in one.desired.values():
            obstacle = obstacle_of(new, Change(one.number, kind, None, value))
            if obstacle is None and (reason := known.refused.get((kind, value))):
                obstacle = Obstacle(number=one.number, what=kind, after=value, reason=reason, by_hand=_MAKE_IT)
            if obstacle is not None:
                found.append(obstacle)
        one.obstacles = tuple(found)
        if isinstance(address := one.desired.emergency, EmergencyAddress) and address in known.written:
            one.desired = evolve(one.desired, emergency=known.written[address])


_MAKE_IT = "make it at the new carrier, or name another in the rules or in the number's line"


def _ported(old: Any, new: Any, numbers: Sequence[_Number], rules: SwitchRules) -> Exchange[None]:
    """Find out which numbers can be ported."""
    wanted = [one for one in numbers if one.goes and one.moving == "port"]
    if not wanted:
        return
    if not able(new, "portable"):
        raise lacks(new, "portable")
    answers: Mapping[PhoneNumber, Portability] = {
        answer.number: answer for answer in (yield from portable(new, [one.number for one in wanted]))
    }
    prices: dict[str, Money | None] = {}
    places = account_name(old, old.accounts[0].id), account_name(new, new.accounts[0].id)
    for one in wanted:
        answer = answers[one.number]
        if answer.is_portable:
            one.change = Change(one.number, ChangeKind.PORT_IN, *places, cost=new.port_fee)
            one.monthly = yield from _monthly(new, prices, one.number)
        elif rules.not_portable == "replace":
            one.moving = "replace"
        else:
            one.stay(f"it cannot be ported: {answer.reason or 'no reason is stated'}")


def _monthly(
    new: Any, prices: dict[str, Money | None], number: PhoneNumber, offer: Offer | None = None
) -> Exchange[Money | None]:
    """Price of a month: that of an offer, else as the provider states it elsewhere, read once for those of one name."""
    if offer is not None and offer.price is not None:
        return offer.price
    if not issubclass(type(new), StatesPrices):
        return None
    name = new.price_name(number) if issubclass(type(new), SharesPrices) else number.e164
    if name not in prices:
        try:
            prices[name] = yield from new.price_of(number)
        except RateLimited:  # it is for information
            prices[name] = None
    return prices[name]


def _replaced(old: Any, new: Any, numbers: Sequence[_Number], rules: SwitchRules) -> Exchange[None]:
    """Find numbers for sale that are like those to be replaced; each stands for one of them."""
    left = [one for one in numbers if one.goes and one.moving == "replace"]
    before = account_name(old, old.accounts[0].id)
    taken: set[PhoneNumber] = set()
    prices: dict[str, Money | None] = {}
    for place in rules.alike if left else ():
        groups: dict[Search, list[_Number]] = {}
        for one in left:
            if (search := _like(one, place)) is not None:
                groups.setdefault(search, []).append(one)
        outcomes = yield from together([_offers(new, search, len(ones)) for search, ones in groups.items()], limit=8)
        for (search, ones), outcome in zip(groups.items(), outcomes, strict=True):
            if isinstance(outcome, Failed):
                raise outcome.error
            for one, offer in zip(ones, _free(outcome.value, taken), strict=False):
                taken.add(offer.number)
                price = one.monthly = yield from _monthly(new, prices, offer.number, offer)
                one.change = Change(
                    one.number, ChangeKind.REPLACE, before, search, cost=first_month(price, offer.setup_price)
                )
        left = [one for one in left if one.change is None]
    for one in left:
        words = ", ".join(rules.alike).replace("_", " ")
        one.obstacles = (
            Obstacle(
                number=one.number,
                what=ChangeKind.REPLACE,
                reason=f"no number like it is for sale (by {words})",
                by_hand="name another rate center or state in its line, or leave it",
            ),
        )


def _like(one: _Number, place: str) -> Search | None:
    """A search for numbers that share this place with the number; ``None`` where its place is not known."""
    if one.number.is_toll_free:
        return Search(line=Line.TOLL_FREE)
    if place == "rate_center":
        known = one.line.rate_center
        return None if known is None else Search(rate_center=known, state=one.line.state)
    if place == "area_code":
        return None if one.number.npa is None else Search(area_code=one.number.npa)
    return None if one.line.state is None else Search(state=one.line.state)


def _offers(new: Any, search: Search, count: int) -> Exchange[list[Offer]]:
    if not issubclass(type(new), Searches):
        raise lacks(new, "search")
    try:
        found: list[Offer] = yield from new.search(evolve(search, limit=min(2 * count + 10, MOST_OFFERS)))
    except InvalidInput:  # a rate center or state that this carrier does not know
        return []
    return found


def _free(offers: Sequence[Offer], taken: set[PhoneNumber]) -> Iterator[Offer]:
    return (offer for offer in offers if offer.number not in taken)


def _plan_of(one: _Number, old: Any, new: Any) -> NumberPlan:
    change = one.change
    if change is None or not one.goes:
        return NumberPlan(
            provider=old.name,
            account=old.accounts[0].id,
            number=one.number,
            left=one.left or (one.obstacles[0].reason if one.obstacles else ""),
            obstacles=one.obstacles,
        )
    steps = (Change(one.number, kind, None, value) for kind, value in one.desired.values())
    return NumberPlan(
        provider=new.name,
        account=new.accounts[0].id,
        number=one.number,
        changes=(change, *steps),
        monthly_after=one.monthly,
    )
