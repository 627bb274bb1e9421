"""Sweep for purchases that turn up late, and reconcile the journal with inventories."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve, field, frozen

from anycarrier.attempt import AttemptState
from anycarrier.errors import AnyCarrierError, InvalidInput
from anycarrier.exchange import Exchange, Failed, each_page, named, now, together
from anycarrier.model import OwnedNumber
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import Lists
from anycarrier.purchase.context import Progress, PurchaseContext, make_context
from anycarrier.purchase.journal.mapping import is_watched
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import AlreadyClaimed, AttemptRecord
from anycarrier.purchase.order import Bought
from anycarrier.purchase.protocols import can_batch
from anycarrier.purchase.resolution import UNDECIDED, Instant, Timeline, state_seen
from anycarrier.purchase.sending import found_by, look_for, state_changed

__all__ = ["Audit", "Sweep", "reconcile", "sweep", "sweep_with"]

AT_ONCE = 8

PAGE = 500
"""Attempts of the journal that are read at once."""


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
    return named("sweep", sweep_with(make_context(providers, journal, None, notify)))


def sweep_with(
    context: PurchaseContext,
    *,
    parked_only: bool = False,
    of_open: bool | None = None,
    until: float | None = None,
    looked_for: set[int] | None = None,
) -> Exchange[Sweep]:
    """:func:`sweep` with a context.

    Args:
        context: the shared state.
        parked_only: leave out refused and refuted attempts.
        of_open: only attempts of items that are open or parked; or, if ``False``, only those of others.
        until: second of the steady clock after which nothing more is looked for.
        looked_for: ids of attempts that are left out, since they were looked for; those of this sweep are added.
    """
    journal = context.journal
    looked_for = set() if looked_for is None else looked_for
    found: dict[str, list[AttemptRecord]] = {"adopted": [], "orphan": [], "reopened": []}
    counts = Counter[str]()
    after = 0
    while True:
        read = partial(journal.watched, of_open=True if parked_only else of_open, after=after, most=PAGE)
        page = yield from context.journaled(read, "watched")
        entries = [
            entry
            for entry in page
            if entry.attempt.draft.account in context.providers
            and entry.id not in looked_for
            and (not parked_only or entry.attempt.state in UNDECIDED)
        ]
        looked_for.update(entry.id for entry in entries)
        groups = _groups(context, entries)
        outcomes = yield from together((_in_time(context, group, until) for group in groups), limit=AT_ONCE)
        for group, outcome in zip(groups, outcomes, strict=True):
            if isinstance(outcome, Failed):
                raise outcome.error
            for entry, word in zip(group, outcome.value, strict=True):
                counts[word] += 1
                if word in found:
                    found[word].append(entry)
        if len(page) < PAGE:
            return Sweep(
                adopted=tuple(map(_bought, found["adopted"])),
                orphans=tuple(map(_bought, found["orphan"])),
                reopened=tuple(entry.item_id for entry in found["reopened"]),
                watched=counts["watched"] + counts["unknown"],
                unknown=counts["unknown"],
            )
        after = page[-1].id


def _groups(context: PurchaseContext, entries: Sequence[AttemptRecord]) -> list[list[AttemptRecord]]:
    """*entries*, those together that one look can find: of one account, where its provider tells of many at once."""
    alone: list[list[AttemptRecord]] = []
    together: dict[str, list[AttemptRecord]] = {}
    for entry in entries:
        account = entry.attempt.draft.account
        if can_batch(context.providers[account]):
            together.setdefault(account, []).append(entry)
        else:
            alone.append([entry])
    return [*alone, *together.values()]


def _in_time(context: PurchaseContext, group: Sequence[AttemptRecord], until: float | None) -> Exchange[list[str]]:
    if until is not None and (yield from now()).monotonic >= until:
        return ["watched"] * len(group)
    return (yield from _seen(context, group))


def _seen(context: PurchaseContext, group: Sequence[AttemptRecord]) -> Exchange[list[str]]:
    """Look once for the attempts of *group* and record the results."""
    provider = context.providers[group[0].attempt.draft.account]
    snapshot = yield from context.journaled(lambda: context.journal.load(group[0].item_id), "load")
    asked = yield from now()
    timeline = Timeline(asked, snapshot.now)
    found = yield from look_for(provider, group)
    words: list[str] = []
    for entry in group:
        words += [(yield from _judged(context, entry, found[entry.id], timeline.at(asked)))]
    return words


def _judged(
    context: PurchaseContext, entry: AttemptRecord, seen: OwnedNumber | bool | None, asked: Instant
) -> Exchange[str]:
    """Record the result of a look that began at this instant."""
    journal, attempt = context.journal, entry.attempt
    provider = context.providers[attempt.draft.account]
    if seen is None:
        return "unknown"
    there = state_seen(seen) if isinstance(seen, OwnedNumber) else AttemptState.REJECTED
    if attempt.state in UNDECIDED:
        placed = attempt.state is AttemptState.PLACED
        state = there if seen else AttemptState.PLACED if placed else AttemptState.IN_DOUBT
        reason = found_by(attempt, seen) if seen and not placed else attempt.reason
        known = evolve(attempt, state=state, unknown=0, next_at=0.0, reason=reason)
        yield from context.journaled(lambda: journal.reopen(entry, known), "reopen")
        state_changed(attempt, known)
        return "reopened"
    if there is not AttemptState.REJECTED:
        late = yield from _late(context, entry, there)
        if late != "known":
            return late
    rules = provider.rules
    watch = rules.watch if attempt.state is AttemptState.REFUTED else rules.settle
    if asked.earliest > attempt.last_sent + watch:
        yield from context.journaled(lambda: journal.unwatch(entry), "unwatch")
        return "over"
    return "watched" if there is AttemptState.REJECTED else "known"


def _late(context: PurchaseContext, entry: AttemptRecord, seen: AttemptState) -> Exchange[str]:
    try:
        state = yield from context.journaled(lambda: context.journal.found_late(entry, seen), "found late")
    except AlreadyClaimed:
        state = None
    if state is None:
        return "known"
    state_changed(entry.attempt, evolve(entry.attempt, state=state))
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
    mismatches, and by 8 bytes for each number that is on both sides.
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
    audit = AccountAudit(context, account)
    yield from audit.run()
    return audit.found, audit.count


class AccountAudit:
    """The audit of one account, page by page of its inventory, and then number by number of the journal.

    Attributes:
        found: mismatches, by the name of :class:`Audit`.
        count: numbers seen.
    """

    def __init__(self, context: PurchaseContext, account: str) -> None:
        self.context = context
        self.account = account
        self.name: str = context.providers[account].name
        self.found: dict[str, list[Any]] = {"unknown": [], "missing": [], "orphans": [], "late": [], "refused": []}
        self.count = 0
        self._here = array("Q")
        self._late: dict[PhoneNumber, tuple[AttemptRecord, AttemptState]] = {}

    def run(self) -> Exchange[None]:
        """Read the inventory to its end, and compare."""
        journal, provider = self.context.journal, self.context.providers[self.account]
        if not isinstance(provider, Lists):
            raise InvalidInput(f"{self.name} cannot list its numbers")
        begun = yield from self.context.journaled(partial(journal.under_way, self.name, self.account), "under way")
        unknown: list[OwnedNumber] = []

        def compare(page: Sequence[OwnedNumber]) -> Exchange[None]:
            self.count += len(page)
            unknown.extend((yield from self._compared(page)))

        yield from each_page(provider.list(), compare)
        # Once more, since they may have been bought while the inventory was read.
        self.found["unknown"] = yield from self._compared(unknown)
        yield from self._what_turned_up()
        yield from self._what_is_missing(*begun)

    def _compared(self, owned: Sequence[OwnedNumber]) -> Exchange[list[OwnedNumber]]:
        """Note which of *owned* are on record; those that are not."""
        unknown: list[OwnedNumber] = []
        for start in range(0, len(owned), PAGE):
            part = owned[start : start + PAGE]
            read = partial(self.context.journal.entries_of, self.name, self.account, [one.number for one in part])
            on_record: dict[PhoneNumber, list[AttemptRecord]] = {}
            for entry in (yield from self.context.journaled(read, "entries")):
                on_record.setdefault(entry.attempt.draft.number, []).append(entry)
            for one in part:
                entries = on_record.get(one.number, [])
                given_up = next((entry for entry in reversed(entries) if is_watched(entry.attempt)), None)
                if any(entry.attempt.state in _OURS for entry in entries):
                    self._here.append(_digits(one.number))
                elif any(entry.attempt.state in UNDECIDED for entry in entries):
                    pass
                elif given_up is not None:
                    self._late[one.number] = given_up, state_seen(one)
                else:
                    unknown.append(one)
        return unknown

    def _what_turned_up(self) -> Exchange[None]:
        for number in sorted(self._late):
            entry, seen = self._late[number]
            if seen is AttemptState.REJECTED:
                continue  # there, and of no use: its provider could not set it up
            if not entry.watched:
                self.found["refused"].append(_bought(entry))
                self.context.notify(
                    _progress(entry, "its purchase had come to nothing, and there: perhaps bought by another buyer")
                )
            elif (yield from _late(self.context, entry, seen)) in ("adopted", "orphan"):
                self.found["late"].append(_bought(entry))

    def _what_is_missing(self, undecided: set[int], highest: int) -> Exchange[None]:
        """Compare what was bought before the inventory was read; what was *undecided* then may have come later."""
        here = array("Q", sorted(self._here))
        after = "", 0
        while True:
            read = partial(self.context.journal.bought, self.name, self.account, after=after, most=PAGE)
            page = yield from self.context.journaled(read, "bought")
            for entry in page:
                number = entry.attempt.draft.number
                if entry.id > highest or entry.id in undecided or number in self._late:
                    continue
                place = bisect_left(here, _digits(number))
                if place == len(here) or here[place] != _digits(number):
                    self.found["missing"].append(_bought(entry))
                if entry.attempt.state is AttemptState.ORPHAN:
                    self.found["orphans"].append(_bought(entry))
            if len(page) < PAGE:
                return
            after = str(page[-1].attempt.draft.number), page[-1].id


def _digits(number: PhoneNumber) -> int:
    return int(str(number).removeprefix("+"))


_OURS = frozenset({AttemptState.PLACED, AttemptState.CONFIRMED, AttemptState.ORPHAN})
