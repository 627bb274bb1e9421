"""Sweep for purchases that turn up late, and reconcile the journal with inventories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from anycarrier.attempt import AttemptState
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.exchange import Exchange, Failed, first, now, together
from anycarrier.model import OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import Lists
from anycarrier.purchase.context import Progress, PurchaseContext, make_context
from anycarrier.purchase.journal.mapping import is_watched
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AlreadyClaimed, AttemptRecord
from anycarrier.purchase.order import Bought
from anycarrier.purchase.resolution import UNDECIDED, Timeline, state_seen
from anycarrier.purchase.sending import found_by, look_once

__all__ = ["Audit", "Sweep", "reconcile", "sweep", "sweep_with"]

AT_ONCE = 8


@frozen(kw_only=True)
class Sweep:
    """The result of a sweep.

    Attributes:
        adopted: refused or refuted, found after all, and taken by the order, which still lacked a number.
        orphans: refused or refuted, found after all, and no longer needed: paid for by that purchase, or bought by
            another buyer on the same account. A person checks before any number is released.
        reopened: parked items whose provider answers again.
        watched: number of attempts that stay on the watch list.
        unknown: number of looks without a clear answer.
    """

    adopted: tuple[Bought, ...] = ()
    orphans: tuple[Bought, ...] = ()
    reopened: tuple[str, ...] = ()
    watched: int = 0
    unknown: int = 0


def sweep(
    providers: Sequence[object], *, journal: Journal, notify: Callable[[Progress], None] | None = None
) -> Exchange[Sweep]:
    """Look once for every purchase that was refused, refuted or parked. Run it on a timer, such as every ten minutes.

    An attempt leaves the watch list only by a look after its watch window. Nothing is ever released.
    """
    return sweep_with(make_context(providers, journal, None, notify))


def sweep_with(context: PurchaseContext, *, parked_only: bool = False) -> Exchange[Sweep]:
    """:func:`sweep` with a context; *parked_only* leaves out refused and refuted attempts."""
    journal = context.journal
    entries = yield from context.journaled(journal.watched, "watched")
    entries = [
        entry
        for entry in entries
        if entry.attempt.draft.account in context.providers and (not parked_only or entry.attempt.state in UNDECIDED)
    ]
    outcomes = yield from together((_seen(context, entry) for entry in entries), limit=AT_ONCE)
    found: dict[str, list[Any]] = {"adopted": [], "orphan": [], "reopened": [], "watched": [], "unknown": []}
    for entry, outcome in zip(entries, outcomes, strict=True):
        if isinstance(outcome, Failed):
            raise outcome.error
        if outcome.value in found:
            found[outcome.value].append(entry)
    return Sweep(
        adopted=tuple(map(_bought, found["adopted"])),
        orphans=tuple(map(_bought, found["orphan"])),
        reopened=tuple(entry.item_id for entry in found["reopened"]),
        watched=len(found["watched"]) + len(found["unknown"]),
        unknown=len(found["unknown"]),
    )


def _seen(context: PurchaseContext, entry: AttemptRecord) -> Exchange[str]:
    """Look for one attempt and record the result."""
    journal, attempt = context.journal, entry.attempt
    provider = context.providers[attempt.draft.account]
    snapshot = yield from context.journaled(lambda: journal.load(entry.item_id), "load")
    asked = yield from now()
    timeline = Timeline(asked, snapshot.now)
    seen = yield from look_once(provider, attempt)
    if seen is None:
        return "unknown"
    there = state_seen(seen) if isinstance(seen, OwnedNumber) else AttemptState.REJECTED
    if attempt.state in UNDECIDED:
        placed = attempt.state is AttemptState.PLACED
        state = there if seen else AttemptState.PLACED if placed else AttemptState.IN_DOUBT
        reason = found_by(attempt, seen) if seen and not placed else attempt.reason
        known = evolve(attempt, state=state, unknown=0, next_at=0.0, reason=reason)
        yield from context.journaled(lambda: journal.reopen(entry, known), "reopen")
        return "reopened"
    if there is not AttemptState.REJECTED:
        return (yield from _late(context, entry, there))
    rules = provider.rules
    watch = rules.watch if attempt.state is AttemptState.REFUTED else rules.settle
    if timeline.at(asked).earliest > attempt.last_sent + watch:
        yield from context.journaled(lambda: journal.unwatch(entry), "unwatch")
        return "over"
    return "watched"


def _late(context: PurchaseContext, entry: AttemptRecord, seen: AttemptState) -> Exchange[str]:
    try:
        state = yield from context.journaled(lambda: context.journal.found_late(entry, seen), "found late")
    except AlreadyClaimed:
        state = None
    if state is None:
        return "known"
    adopted = state is not AttemptState.ORPHAN
    before = "given up" if entry.attempt.state is AttemptState.REFUTED else "refused"
    text = f"{before}, and there: " + (
        "it is taken"
        if adopted
        else "paid for by this purchase and no longer needed, or bought by another buyer; check before you act"
    )
    context.notify(_progress(entry, text))
    return "adopted" if adopted else "orphan"


def _progress(entry: AttemptRecord, text: str) -> Progress:
    draft = entry.attempt.draft
    return Progress(
        kind="late",
        item=entry.item_id,
        provider=draft.provider,
        account=draft.account,
        number=draft.number,
        text=text,
    )


def _bought(entry: AttemptRecord) -> Bought:
    draft = entry.attempt.draft
    return Bought(
        number=draft.number,
        provider=draft.provider,
        account=draft.account,
        key=draft.key,
        price=draft.price,
        setup_price=draft.setup_price,
    )


@frozen(kw_only=True)
class Audit:
    """The journal compared with the accounts.

    Attributes:
        unknown: on an account, and bought by no purchase of this journal: by another buyer, as far as is known.
        missing: bought through the journal, and not on their account: released elsewhere, or worse.
        orphans: recorded as paid for by a purchase that does not need them, or bought by another buyer since.
        late: on an account, though their purchase was refused or refuted lately; they are adopted or orphans now.
        refused: on an account, though their purchase was refused or refuted and was not there during its watch window:
            bought by another buyer since then, or charged very late. A person checks.
        failed: accounts whose inventory could not be read to its end, each with the error; their numbers do not count
            as missing.
        counted: numbers seen, by account.
    """

    unknown: tuple[OwnedNumber, ...] = ()
    missing: tuple[Bought, ...] = ()
    orphans: tuple[Bought, ...] = ()
    late: tuple[Bought, ...] = ()
    refused: tuple[Bought, ...] = ()
    failed: Mapping[str, Exception] = field(factory=dict[str, Exception])
    counted: Mapping[str, int] = field(factory=dict[str, int])


def reconcile(
    providers: Sequence[object], *, journal: Journal, notify: Callable[[Progress], None] | None = None
) -> Exchange[Audit]:
    """Read every account's inventory to its end and compare it with the journal.

    This is the last defense, also against a journal that was lost or restored from an old copy. Memory grows with the
    journal and with the mismatches, not with the inventory.
    """
    context = make_context(providers, journal, None, notify)
    parts = yield from together(_audited(context, account) for account in context.providers)
    failed: dict[str, Exception] = {}
    counted: dict[str, int] = {}
    every: dict[str, list[Any]] = {"unknown": [], "missing": [], "orphans": [], "late": [], "refused": []}
    for account, outcome in zip(context.providers, parts, strict=True):
        if isinstance(outcome, Failed):
            if not isinstance(outcome.error, AnyCarrierError):
                raise outcome.error
            failed[account] = outcome.error
            continue
        part, counted[account] = outcome.value
        for name, found in part.items():
            every[name].extend(found)
    return Audit(failed=failed, counted=counted, **{name: tuple(found) for name, found in every.items()})


def _audited(context: PurchaseContext, account: str) -> Exchange[tuple[dict[str, list[Any]], int]]:
    provider = context.providers[account]
    name = provider.name
    if not isinstance(provider, Lists):
        raise InvalidInput(f"{name} cannot list its numbers")
    entries = yield from context.journaled(lambda: context.journal.entries(name, account), "entries")
    known = {entry.attempt.draft.number for entry in entries if entry.attempt.state in _OURS}
    given_up = {entry.attempt.draft.number: entry for entry in entries if is_watched(entry.attempt)}
    doubtful = {entry.attempt.draft.number for entry in entries if entry.attempt.state in UNDECIDED}
    seen: dict[PhoneNumber, AttemptState] = {}
    unknown: list[OwnedNumber] = []
    count = [0]

    def compare(owned: OwnedNumber) -> bool:
        count[0] += 1
        if owned.number in known or owned.number in given_up or owned.number in doubtful:
            seen[owned.number] = state_seen(owned)
        else:
            unknown.append(owned)
        return False

    yield from first(provider.list(), compare)
    late: list[Bought] = []
    refused: list[Bought] = []
    for number in sorted(seen.keys() & given_up.keys() - known - doubtful):
        entry = given_up[number]
        if seen[number] is AttemptState.REJECTED:
            continue  # there, and of no use: its provider could not set it up
        if not entry.watched:
            refused.append(_bought(entry))
            context.notify(
                _progress(entry, "its purchase had come to nothing, and there: perhaps bought by another buyer")
            )
        elif (yield from _late(context, entry, seen[number])) in ("adopted", "orphan"):
            late.append(_bought(entry))
    ours = {entry.attempt.draft.number: entry for entry in entries if entry.attempt.state in _OURS}
    missing = [_bought(entry) for number, entry in ours.items() if number not in seen]
    orphans = [_bought(entry) for entry in ours.values() if entry.attempt.state is AttemptState.ORPHAN]
    return {"unknown": unknown, "missing": missing, "orphans": orphans, "late": late, "refused": refused}, count[0]


_OURS = frozenset({AttemptState.CONFIRMED, AttemptState.ORPHAN})
