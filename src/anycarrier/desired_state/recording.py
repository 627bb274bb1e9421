"""Writes of single operations on record: what is changed from what to what is in the journal before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from anycarrier.desired_state.model import ChangeKind, Value, kind_of_route
from anycarrier.desired_state.records import ChangeJournal, ChangeOutcome, NewChange
from anycarrier.errors import AnyCarrierError, InvalidInput, JournalError, masked, printable
from anycarrier.exchange import Exchange, call
from anycarrier.model import BindingStatus, CampaignBinding, OwnedNumber, Release, ReleaseState, Target, number_of

__all__ = ["LOSES", "RECORDED", "noted", "recorded"]

T = TypeVar("T")

TRANSFER = "transfer"
"""Kind of the change of a number's account; no desired state has it."""


def _routes(routes: Sequence[Any]) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    for route in routes:
        try:
            found.append((kind_of_route(route).value, route))
        except InvalidInput:  # a provider's own kind of route
            found.append(("route", repr(route)))
    return found


RECORDED: Mapping[str, Callable[..., list[tuple[str, Value]]]] = {
    "route": lambda *routes: _routes(routes),
    "bind_campaign": lambda campaign_id: [(ChangeKind.CAMPAIGN.value, campaign_id)],
    "unbind_campaign": lambda campaign_id=None: [(ChangeKind.CAMPAIGN.value, False)],
    "set_label": lambda label: [(ChangeKind.LABEL.value, label)],
    "set_caller_name": lambda name: [(ChangeKind.CALLER_NAME.value, name)],
    "set_emergency_address": lambda address: [(ChangeKind.EMERGENCY.value, address)],
    "remove_emergency_address": lambda: [(ChangeKind.EMERGENCY.value, False)],
    "set_enabled": lambda enabled: [(ChangeKind.ENABLED.value, enabled)],
    "release": lambda: [(ChangeKind.RELEASE.value, True)],
    "transfer": lambda to_account: [(TRANSFER, to_account)],
}
"""By the name of an operation, the kinds and new values of its changes, from its arguments after the number."""


def recorded(
    journal: ChangeJournal,
    provider: Any,
    operation: str,
    target: Target,
    arguments: Sequence[Any],
    exchange: Exchange[T],
) -> Exchange[T]:
    """*exchange*, an operation on one number, with its changes in *journal*: before they are sent, and their outcome.

    The values before are those of *target*, where it is a number with its facts, else those that the journal has set
    last; nothing more is read.

    Raises:
        JournalError: the changes could not be recorded. Nothing was sent.
    """
    new = RECORDED[operation](*arguments)
    try:
        ids = yield from call(lambda: _begin(journal, provider, target, new), "begin changes")
    except JournalError:
        exchange.close()
        raise
    try:
        result = yield from exchange
    except AnyCarrierError as error:
        words = printable(masked(str(error)))
        yield from _ended(journal, _outcomes_of(ids, error, words))
        raise
    outcome, reason = _outcome_of(result)
    yield from _ended(journal, [(one, outcome, reason) for one in ids])
    return result


def _begin(journal: ChangeJournal, provider: Any, target: Target, new: Sequence[tuple[str, Value]]) -> list[int]:
    place = provider.name, provider.accounts[0].id
    number = number_of(target)
    known: dict[str, Value] = {
        record.what: record.after
        for record in journal.changes(account=place, number=number, outcome=ChangeOutcome.DONE)
    }
    if isinstance(target, OwnedNumber):
        known.update(_facts(target))
    reference = journal.references_of(*place, [number]).get(number)
    return journal.begin_changes(
        [
            NewChange(
                provider=place[0],
                account=place[1],
                number=number,
                what=what,
                before=known.get(what),
                after=after,
                reference=reference,
            )
            for what, after in new
        ]
    )


def _facts(owned: OwnedNumber) -> dict[str, Value]:
    facts: dict[str, Value] = dict(_routes(owned.routes or ()))
    facts |= {ChangeKind.LABEL.value: owned.label, ChangeKind.CAMPAIGN.value: owned.campaign_id}
    return {what: value for what, value in facts.items() if value is not None}


def _outcomes_of(ids: Sequence[int], error: AnyCarrierError, words: str) -> list[tuple[int, ChangeOutcome, str]]:
    """Outcomes after an error: of several routes, the first ones took effect, one failed, and the rest never left."""
    done = len(error.applied) if len(ids) > 1 else 0
    failed = ChangeOutcome.IN_DOUBT if error.maybe_applied else ChangeOutcome.FAILED
    found = [(one, ChangeOutcome.DONE, "") for one in ids[:done]]
    found += [(one, failed, words) for one in ids[done : done + 1]]
    return found + [(one, ChangeOutcome.FAILED, "not sent") for one in ids[done + 1 :]]


def _outcome_of(result: object) -> tuple[ChangeOutcome, str]:
    if isinstance(result, Release) and result.state is ReleaseState.SCHEDULED:
        return ChangeOutcome.PENDING, "" if result.at is None else f"on {result.at.isoformat()}"
    if isinstance(result, CampaignBinding):
        if result.status in (BindingStatus.PENDING, BindingStatus.UNBINDING, BindingStatus.UNKNOWN):
            return ChangeOutcome.PENDING, result.provider_status or ""
        if result.status is BindingStatus.FAILED:
            return ChangeOutcome.FAILED, result.provider_status or ""
    return ChangeOutcome.DONE, ""


def _ended(journal: ChangeJournal, outcomes: Sequence[tuple[int, ChangeOutcome, str]]) -> Exchange[None]:
    # The write is over, whatever becomes of its outcome's record: that says SENT then.
    with suppress(JournalError):
        yield from call(lambda: journal.end_changes(outcomes), "end changes")


LOSES: Mapping[str, str] = {"release": "given up", "transfer": "handed over"}
"""Operations after which the number is not ours, and words for that."""


def noted(journal: ChangeJournal, provider: Any, operation: str, target: Target, exchange: Exchange[T]) -> Exchange[T]:
    """*exchange*, after which the number is not ours; that goes into *journal*, or the doubt about it.

    Raises:
        JournalError: it was done, and could not be noted; ``applied`` has the result.
    """
    done = LOSES[operation]
    place = provider.name, provider.accounts[0].id, number_of(target)
    try:
        result = yield from exchange
    except AnyCarrierError as error:
        if error.maybe_applied:
            try:
                words = f"perhaps {done}: {printable(masked(error.message))}"
                yield from call(lambda: journal.release_in_doubt(*place, words), "release in doubt")
            except JournalError as broken:
                error.add_note(f"the journal could not note that the number was perhaps {done}: {broken.message}")
        raise
    try:
        yield from call(lambda: journal.released(*place), "released")
    except JournalError as broken:
        raise JournalError(
            f"{broken.message}. The number was {done}, and the journal still counts it as ours; tell it with "
            "released(provider, account, number) once it works",
            operation=operation,
            provider=provider.name,
            code=broken.code,
            maybe_applied=True,
            applied=(result,),
        ) from None
    return result
