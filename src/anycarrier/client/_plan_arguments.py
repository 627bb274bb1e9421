"""Exchanges of a client's operations with plans, their arguments checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from anycarrier import validation
from anycarrier.client._arguments import able_to
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.exchange import Exchange, Listing, named
from anycarrier.validation import flag, real, shape, text, whole

if TYPE_CHECKING:
    from anycarrier.desired_state import Applied, Desired, Plan
    from anycarrier.ports import PortDetails
    from anycarrier.purchase import Journal
    from anycarrier.switching import Move, SwitchRules


def plan(provider: Any, wanted: Iterable[Desired], journal: Journal | None) -> Exchange[Plan]:
    """Plan what would make the numbers as they are *wanted*."""
    from anycarrier.desired_state import make_plan

    return named("plan", make_plan(able_to(provider, "list"), wanted, journal=_journal(journal)))


def plan_switch(
    provider: Any,
    source: str,
    target: str,
    moves: Iterable[Move] | None,
    rules: SwitchRules | None,
    journal: Journal | None,
) -> Exchange[Plan]:
    """Plan how the numbers of *source* come to *target*."""
    from anycarrier.switching import SwitchRules, planning

    if rules is not None and not isinstance(rules, SwitchRules):
        raise InvalidInput(f"rules must be SwitchRules, not {shape(rules)}")
    made = planning.plan_switch(
        able_to(provider, "list"),
        text("source", source, "old"),
        text("target", target, "new"),
        moves=moves,
        rules=rules,
        journal=_journal(journal),
    )
    return named("plan_switch", made)


def status(provider: Any, plan: Plan, journal: Journal | None) -> Listing[Applied]:
    """Look how far *plan* has come."""
    from anycarrier.desired_state.plan import check
    from anycarrier.switching import applying as switching

    check(plan, 1.0, getattr(plan, "id", None))
    book = _needed_journal(journal) if switching.is_switch(plan) else _journal(journal)
    return named("status", switching.look_at(able_to(provider, "list"), plan, journal=book))


def finish_switch(provider: Any, plan: Plan, journal: Journal | None, grace: float) -> Exchange[Plan]:
    """Plan what the old account of a switch may give up."""
    from anycarrier.desired_state.plan import check
    from anycarrier.switching import finishing

    check(plan, 1.0, getattr(plan, "id", None))
    seconds = validation.seconds("grace", grace, zero=True)
    book = _needed_journal(journal)
    made = finishing.finish_switch(able_to(provider, "list"), plan, journal=book, grace=seconds)
    return named("finish_switch", made)


def apply(
    provider: Any,
    plan: Plan,
    journal: Journal | None,
    at_once: int,
    most: float,
    confirm: str | None,
    ports: Sequence[PortDetails],
    most_ports: int,
    order_again: bool,
) -> Listing[Applied]:
    """Make the changes of *plan*."""
    from anycarrier.desired_state.plan import check
    from anycarrier.ports import PortDetails
    from anycarrier.switching import applying as switching

    share = real("most", most)
    if not 0 <= share <= 1:
        raise InvalidInput("most must be a share, from 0 to 1, such as 0.3")
    if confirm is not None:
        text("confirm", confirm, "the id of the plan")
    check(plan, share, confirm)
    given: object = [ports] if isinstance(ports, PortDetails) else ports
    if (
        isinstance(given, str)
        or not isinstance(given, Sequence)
        or not all(isinstance(one, PortDetails) for one in given)
    ):
        raise InvalidInput(f"ports must be a list of PortDetails or PortOrder, not {shape(ports)}")
    applying = switching.apply_any(
        able_to(provider, "list"),
        plan,
        journal=_needed_journal(journal) if switching.is_switch(plan) else _journal(journal),
        details=given,
        at_once=whole("at_once", at_once, 1),
        most=share,
        confirm=confirm,
        most_ports=whole("most_ports", most_ports, 1),
        again=flag("order_again", order_again),
    )
    return named("apply", applying)


def undo(provider: Any, plan: Plan | str, journal: Journal | None) -> Exchange[Plan]:
    """Plan the reverse of *plan*."""
    from anycarrier.desired_state import Plan, undo_plan
    from anycarrier.switching.applying import is_switch
    from anycarrier.switching.finishing import undo_switch

    if not isinstance(plan, Plan | str):
        raise InvalidInput(f"plan must be a Plan, or the id of one, not {shape(plan)}")
    if isinstance(plan, str):
        text("plan", plan, "0123456789abcdef")
    if isinstance(plan, Plan) and is_switch(plan):
        return named("undo", undo_switch(able_to(provider, "list"), plan, journal=_needed_journal(journal)))
    return named("undo", undo_plan(able_to(provider, "list"), plan, journal=_journal(journal)))


def _journal(journal: Journal | None) -> Journal | None:
    checked: Journal | None = None if journal is None else validation.journal(journal)
    return checked


def _needed_journal(journal: Journal | None) -> Journal:
    found = _journal(journal)
    if found is None:
        raise ConfigurationError("a switch needs a journal: give journal=, or Client(Failover([...]), journal=...)")
    return found
