"""Looks for port orders: for those in doubt whether they were taken, and for those that are on their way.

An order in doubt is found by its numbers, or it is absent: only a list of ports that was read whole, with the numbers
of each port that may be meant, says so, again and again after the provider's policy. It is never sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from anycarrier.attempt import Attempt, AttemptState
from anycarrier.errors import NotFound
from anycarrier.exchange import Exchange, Failed, call, collect, now, together
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import LIVE, Port, PortRecord, PortState
from anycarrier.porting.states import ended, seen
from anycarrier.purchase.journal.ports import PortEntry
from anycarrier.purchase.journal.types import AlreadyClaimed
from anycarrier.purchase.resolution import Timeline, after_look

if TYPE_CHECKING:
    from anycarrier.porting.providers import PortProvider
    from anycarrier.purchase.journal import Journal

__all__ = ["look", "observe_ports"]

DAY = 86_400.0

SAME_CLOCK = 300.0
"""Seconds by which the provider's clock may be behind ours."""

WATCHED = 30 * DAY
"""Seconds for which orders that ended are looked at: one that is rejected may go on, a number may come late."""

MAY_TURN_UP = frozenset({PortState.IN_DOUBT, PortState.ABSENT, PortState.REFUSED})
"""States of an order that may turn up: a refusal, too, may come from something in between, after the work."""

AT_ONCE = 4
"""Reads that are under way at once."""

FEW = 10
"""Numbers that are read one by one; of more, the account's list is read."""


@frozen
class _Ports:
    """Ports of the account that no order on record is known to be.

    Attributes:
        unknown: those whose order is not on record, with their numbers, newest first.
        is_whole: whether all of them could be read with their numbers.
    """

    unknown: Sequence[Port]
    is_whole: bool

    def find(self, numbers: frozenset[PhoneNumber], sent: float) -> Port | bool | None:
        """The port with exactly *numbers* that an order sent at *sent* made; ``False`` if there is surely none, and
        ``None`` if that is not clear."""
        clear = self.is_whole
        for port in self.unknown:
            created = None if port.created is None else port.created.timestamp()
            theirs = frozenset(port.numbers or ())
            if not theirs & numbers:
                continue
            is_later = created is not None and created >= sent - SAME_CLOCK
            if theirs == numbers and (is_later or port.state in LIVE):
                return port
            # Another port with one of these numbers: perhaps a part of this order, or it hides it.
            clear = clear and not (is_later or created is None or port.state in LIVE)
        return False if clear else None


def look(provider: PortProvider, journal: Journal, entries: Sequence[PortEntry], timeline: Timeline) -> Exchange[None]:
    """Look once for orders that are in doubt, or ended without a port, and record what is known of each by now."""
    began = timeline.at((yield from now()))
    known = yield from _known(journal, entries)
    try:
        ports = yield from _ports(provider, entries, known)
    except Exception:  # noqa: BLE001 - anything but a clear answer proves nothing
        ports = None
    for entry in entries:
        answered = timeline.at((yield from now()))
        numbers = frozenset(one.number for one in entry.record.numbers)
        found = None if ports is None else ports.find(numbers, entry.attempt.first_sent)
        if isinstance(found, Port):
            attempt = after_look(entry.attempt, True, provider.port_rules, began, answered)
            # Whether the numbers of a complete one are on the account is read when it is observed.
            state = PortState.SUBMITTED if found.state is PortState.COMPLETE else found.state
            yield from _write(journal, entry, seen(entry.record, evolve(found, state=state), ()), attempt)
        elif entry.record.state is PortState.IN_DOUBT:
            attempt = after_look(entry.attempt, found, provider.port_rules, began, answered)
            if attempt.state is not AttemptState.IN_DOUBT and not (yield from _are_elsewhere(provider, numbers)):
                attempt = after_look(entry.attempt, None, provider.port_rules, began, answered)
            yield from call(
                lambda entry=entry, attempt=attempt: journal.write_port(entry, ended(entry.record, attempt), attempt),  # type: ignore[misc]
                "record port",
            )


def observe_ports(
    provider: PortProvider, *, journal: Journal, request_id: str | None = None
) -> Exchange[list[PortRecord]]:
    """Look at the port orders of the account that are on record and open, record what became of them, and return them.

    An order in doubt is looked for, if it is time for that. A number is ``COMPLETE`` once the provider's port is and
    the number is on the account. To be called again, by a person or a schedule, until none is open; it changes nothing
    at the provider.

    Args:
        provider: the provider.
        journal: the journal that has the orders.
        request_id: id of the orders to look at; by default all of the account's that are open, or ended lately.

    Returns:
        Those orders, oldest first.

    Raises:
        AnyCarrierError: the provider's ports, or the account's numbers, could not be read.
        JournalError: the journal failed.
    """
    account = provider.accounts[0].id
    moment = yield from now()
    wall = yield from call(journal.now, "now")
    timeline = Timeline(moment, wall)

    def read() -> list[PortEntry]:
        found = journal.port_entries(request_id=request_id, provider=provider.name, account=account)
        late = wall - WATCHED
        return [one for one in found if one.record.is_open or request_id is not None or one.record.created >= late]

    entries = yield from call(read, "read ports")
    doubted = [one for one in entries if _is_doubted(one) and one.attempt.next_at <= wall]
    if doubted:
        yield from look(provider, journal, doubted, timeline)
        entries = yield from call(read, "read ports")
    ordered = [one for one in entries if one.record.port_id is not None and _goes_on(one.record)]
    if ordered:
        yield from _follow(provider, journal, ordered)
        entries = yield from call(read, "read ports")
    return [one.record for one in entries]


def _are_elsewhere(provider: PortProvider, numbers: frozenset[PhoneNumber]) -> Exchange[bool]:
    """Return whether surely none of *numbers* is on the account."""
    try:
        return not (yield from _owned(provider, [*numbers]))
    except Exception:  # noqa: BLE001 - anything but a clear answer proves nothing
        return False


def _is_doubted(entry: PortEntry) -> bool:
    """Return whether it is not known that the provider has the order, and it may turn up."""
    return entry.record.port_id is None and entry.record.state in MAY_TURN_UP


def _goes_on(record: PortRecord) -> bool:
    return any(one.state is not PortState.COMPLETE for one in record.numbers)


def _known(journal: Journal, entries: Sequence[PortEntry]) -> Exchange[frozenset[str]]:
    record = entries[0].record
    return (yield from call(lambda: journal.port_ids(record.provider, record.account), "read ports"))


def _ports(provider: PortProvider, entries: Sequence[PortEntry], known: Collection[str]) -> Exchange[_Ports]:
    listed = yield from provider.ports()
    earliest = min(one.attempt.first_sent for one in entries) - DAY
    # Of what is on its way no date rules out that it is meant: the provider's clock may be wrong.
    unknown = [
        one
        for one in listed
        if one.id not in known and (one.state in LIVE or one.created is None or one.created.timestamp() >= earliest)
    ]
    lacking = [one for one in unknown if one.numbers is None]
    outcomes = yield from together([provider.port(one.id) for one in lacking], limit=AT_ONCE)
    read = {one.value.id: one.value for one in outcomes if not isinstance(one, Failed)}
    full = [read.get(one.id, one) for one in unknown]
    whole = all(one.numbers is not None for one in full)
    return _Ports([one for one in full if one.numbers is not None], whole)


def _follow(provider: PortProvider, journal: Journal, entries: Sequence[PortEntry]) -> Exchange[None]:
    """Record how far the ports of *entries* are."""
    listed = {one.id: one for one in (yield from provider.ports())}
    for entry in entries:
        pid = entry.record.port_id or ""
        port = listed.get(pid)
        if port is None:
            try:
                port = yield from provider.port(pid)
            except NotFound:
                continue  # no document says that a port is ever gone from the list
        yield from _record(provider, journal, entry, port, entry.attempt)


def _record(provider: PortProvider, journal: Journal, entry: PortEntry, port: Port, attempt: Attempt) -> Exchange[None]:
    owned: Collection[PhoneNumber] = ()
    if port.state is PortState.COMPLETE:
        owned = yield from _owned(provider, [one.number for one in entry.record.numbers if one.state != port.state])
    record = seen(entry.record, port, owned)
    if record != entry.record:
        yield from _write(journal, entry, record, attempt)


def _write(journal: Journal, entry: PortEntry, record: PortRecord, attempt: Attempt) -> Exchange[None]:
    settled = evolve(attempt, state=AttemptState.CONFIRMED)
    try:
        yield from call(lambda: journal.write_port(entry, record, settled), "record port")
    except AlreadyClaimed:
        return  # it goes on although it had ended, and by now another order has a number of it


def _owned(provider: PortProvider, numbers: Sequence[PhoneNumber]) -> Exchange[Collection[PhoneNumber]]:
    """Those of *numbers* that are on the account."""
    if len(numbers) > FEW:
        return {one.number for one in (yield from collect(provider.list()))} & {*numbers}
    found: set[PhoneNumber] = set()
    for number, outcome in zip(numbers, (yield from together(map(provider.get, numbers), limit=AT_ONCE)), strict=True):
        if not isinstance(outcome, Failed):
            found.add(number)
        elif not isinstance(outcome.error, NotFound):
            raise outcome.error
    return found
