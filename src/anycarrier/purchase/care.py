"""Looking after what was given up, and comparing the journal with what the providers' inventories say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.exchange import Exchange, Failed, first, now, together
from anycarrier.model import OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.decide import OPEN, Timeline
from anycarrier.purchase.desk import Desk, Progress, desk
from anycarrier.purchase.journal.journal import Journal
from anycarrier.purchase.journal.records import Entry, Occupied
from anycarrier.purchase.journal.rows import is_watched
from anycarrier.purchase.order import Bought
from anycarrier.purchase.plain import look_once
from anycarrier.purchase.rules import AttemptState

__all__ = ["Audit", "Sweep", "reconcile", "sweep", "sweep_desk"]

AT_ONCE = 8


@frozen(kw_only=True)
class Sweep:
    """What a sweep found.

    Attributes:
        adopted: given up, turned up after all, and taken by the order, which still lacked a number.
        orphans: turned up after all, paid for, and not needed any more: a person decides what becomes of them.
        reopened: parked intents whose provider answers again.
        watched: how many are watched on.
        unknown: how many looks told nothing.
    """

    adopted: tuple[Bought, ...] = ()
    orphans: tuple[Bought, ...] = ()
    reopened: tuple[str, ...] = ()
    watched: int = 0
    unknown: int = 0


def sweep(
    providers: Sequence[Any], *, journal: Journal, notify: Callable[[Progress], None] | None = None
) -> Exchange[Sweep]:
    """Look once for every purchase that was given up or laid aside. Run it on a timer, such as every ten minutes.

    Nothing leaves the watch list by the passing of time, only by a look after its time. Nothing is ever released.
    """
    return sweep_desk(desk(providers, journal, None, notify))


def sweep_desk(table: Desk, *, parked_only: bool = False) -> Exchange[Sweep]:
    """:func:`sweep` with a desk; *parked_only* leaves out what was given up."""
    journal = table.journal
    entries = yield from table.kept(journal.watched, "watched")
    entries = [
        entry for entry in entries
        if entry.attempt.draft.account in table.providers and (not parked_only or entry.attempt.state in OPEN)
    ]  # fmt: skip
    outcomes = yield from together((_seen(table, entry) for entry in entries), limit=AT_ONCE)
    found: dict[str, list[Any]] = {"adopted": [], "orphan": [], "reopened": [], "watched": [], "unknown": []}
    for entry, outcome in zip(entries, outcomes, strict=True):
        if isinstance(outcome, Failed):
            raise outcome.error
        if outcome.value in found:
            found[outcome.value].append(entry)
    return Sweep(
        adopted=tuple(map(_bought, found["adopted"])), orphans=tuple(map(_bought, found["orphan"])),
        reopened=tuple(entry.intent_id for entry in found["reopened"]),
        watched=len(found["watched"]) + len(found["unknown"]), unknown=len(found["unknown"]),
    )  # fmt: skip


def _seen(table: Desk, entry: Entry) -> Exchange[str]:
    """Look for one attempt and write down what that tells."""
    journal, attempt = table.journal, entry.attempt
    provider = table.providers[attempt.draft.account]
    snapshot = yield from table.kept(lambda: journal.load(entry.intent_id), "load")
    asked = yield from now()
    timeline = Timeline(asked, snapshot.now)
    seen = yield from look_once(provider, attempt)
    if seen is None:
        return "unknown"
    if attempt.state in OPEN:
        state = AttemptState.CONFIRMED if seen else AttemptState.IN_DOUBT
        known = evolve(attempt, state=state, unknown=0, next_at=0.0)
        yield from table.kept(lambda: journal.reopen(entry, known), "reopen")
        return "reopened"
    if seen:
        return (yield from _late(table, entry))
    if timeline.at(asked).earliest > attempt.last_sent + provider.rules.watch:
        yield from table.kept(lambda: journal.unwatch(entry), "unwatch")
        return "over"
    return "watched"


def _late(table: Desk, entry: Entry) -> Exchange[str]:
    try:
        state = yield from table.kept(lambda: table.journal.found_late(entry), "found late")
    except Occupied:
        state = None
    if state is None:
        return "known"
    draft = entry.attempt.draft
    adopted = state is AttemptState.CONFIRMED
    text = "turned up late and is taken" if adopted else "turned up late, is paid for, and is not needed any more"
    table.tell(
        Progress(
            kind="late", intent=entry.intent_id, provider=draft.provider, account=draft.account, number=draft.number,
            text=text,
        )
    )  # fmt: skip
    return "adopted" if adopted else "orphan"


def _bought(entry: Entry) -> Bought:
    draft = entry.attempt.draft
    return Bought(number=draft.number, provider=draft.provider, account=draft.account, key=draft.key, price=draft.price)


@frozen(kw_only=True)
class Audit:
    """The journal compared with the accounts.

    Attributes:
        unknown: on an account, and bought by no purchase of this journal.
        missing: bought by the journal, and not on their account: released elsewhere, or worse.
        orphans: on record as paid for and not needed.
        late: on an account, though the journal had given their purchase up; they are adopted or orphans now.
        failed: accounts whose inventory could not be read to its end, each with the error: nothing is missing there.
        counted: numbers seen, by account.
    """

    unknown: tuple[OwnedNumber, ...] = ()
    missing: tuple[Bought, ...] = ()
    orphans: tuple[Bought, ...] = ()
    late: tuple[Bought, ...] = ()
    failed: Mapping[str, Exception] = field(factory=dict[str, Exception])
    counted: Mapping[str, int] = field(factory=dict[str, int])


def reconcile(
    providers: Sequence[Any], *, journal: Journal, notify: Callable[[Progress], None] | None = None
) -> Exchange[Audit]:
    """Read every account's inventory to its end and compare it with the journal.

    The last defence, also against a journal that was lost or restored from an old copy. Memory grows with the journal
    and with what does not match, not with the inventory.
    """
    table = desk(providers, journal, None, notify)
    parts = yield from together(_audited(table, account) for account in table.providers)
    failed: dict[str, Exception] = {}
    counted: dict[str, int] = {}
    every: dict[str, list[Any]] = {"unknown": [], "missing": [], "orphans": [], "late": []}
    for account, outcome in zip(table.providers, parts, strict=True):
        if isinstance(outcome, Failed):
            if not isinstance(outcome.error, AnyCarrierError):
                raise outcome.error
            failed[account] = outcome.error
            continue
        part, counted[account] = outcome.value
        for name, found in part.items():
            every[name].extend(found)
    return Audit(failed=failed, counted=counted, **{name: tuple(found) for name, found in every.items()})


def _audited(table: Desk, account: str) -> Exchange[tuple[dict[str, list[Any]], int]]:
    provider = table.providers[account]
    if not hasattr(provider, "list"):
        raise InvalidInput(f"{provider.name} cannot list its numbers")
    entries = yield from table.kept(lambda: table.journal.entries(provider.name, account), "entries")
    known = {entry.attempt.draft.number for entry in entries if entry.attempt.state in _OURS}
    given_up = {entry.attempt.draft.number: entry for entry in entries if is_watched(entry.attempt)}
    doubtful = {entry.attempt.draft.number for entry in entries if entry.attempt.state in OPEN}
    seen: set[PhoneNumber] = set()
    unknown: list[OwnedNumber] = []
    count = [0]

    def compare(owned: OwnedNumber) -> bool:
        count[0] += 1
        if owned.number in known or owned.number in given_up or owned.number in doubtful:
            seen.add(owned.number)
        else:
            unknown.append(owned)
        return False

    yield from first(provider.list(), compare)
    late: list[Bought] = []
    for number in sorted(seen & given_up.keys() - known - doubtful):
        became = yield from _late(table, given_up[number])
        late += [_bought(given_up[number])] if became in ("adopted", "orphan") else []
    ours = {entry.attempt.draft.number: entry for entry in entries if entry.attempt.state in _OURS}
    missing = [_bought(entry) for number, entry in ours.items() if number not in seen]
    orphans = [_bought(entry) for entry in ours.values() if entry.attempt.state is AttemptState.ORPHAN]
    return {"unknown": unknown, "missing": missing, "orphans": orphans, "late": late}, count[0]


_OURS = frozenset({AttemptState.CONFIRMED, AttemptState.ORPHAN})
