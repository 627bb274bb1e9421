"""Orders of ports: split, checked, recorded, and sent once each.

The protocol is that of a purchase without a key, see :mod:`anycarrier.purchase`: an order is on record before its one
request leaves, and where the answer is lost it is looked for and never sent again. Beyond that, a number that is on
record under a request id is not ordered again under it, unless the provider's answer, or the network, proved that
nothing was ordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from anycarrier import validation
from anycarrier.attempt import AttemptState
from anycarrier.errors import InvalidInput, InvalidRequest, RateLimited, SpendLimitExceeded, UnexpectedResponse
from anycarrier.exchange import Exchange, Moment, await_rate_limit, call, now, sleep
from anycarrier.money import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import Port, Portability, PortDraft, PortIn, PortRecord, PortState, RecordedNumber
from anycarrier.porting.asking import portable
from anycarrier.porting.digest import digest_of, is_another
from anycarrier.porting.looking import look
from anycarrier.porting.states import ended, refusal_words, seen
from anycarrier.ports import PortOrder
from anycarrier.purchase.context import later
from anycarrier.purchase.journal.ports import PortEntry
from anycarrier.purchase.journal.types import AlreadyClaimed
from anycarrier.purchase.resolution import SEND_WITHIN, Timeline, after_send, classify
from anycarrier.purchase.sending import sent_once

if TYPE_CHECKING:
    from anycarrier.porting.providers import PortProvider
    from anycarrier.purchase.journal import Journal

__all__ = ["ANOTHER_ORDER", "check_fee", "port_in"]

ANOTHER_ORDER = "another_port_order"
"""Code of the error of a request id that was used for another order."""

MARGIN = 600.0
"""Seconds by which an answer about portability is renewed before it is too old for an order."""


def port_in(
    provider: PortProvider, order: PortOrder, *, request_id: str, journal: Journal, deadline: float = 60.0
) -> Exchange[PortIn]:
    """Order the port of the numbers of *order*, each at most once under *request_id*.

    The numbers are split by losing carrier, and toll-free ones from others: each part is one order of the provider,
    which is on record before it is sent, once. Where the answer is lost, the provider's ports are read until the order
    stands there, or provably does not; what is in doubt still at the *deadline* stays on record so. The same call again
    goes on: it orders what was not ordered, and looks for what is in doubt.

    Args:
        provider: the provider that the numbers come to.
        order: the numbers, and what their losing carrier wants to know.
        request_id: the caller's id of this order. The same order with the same id is the same order; another order with
            it is refused.
        journal: the journal; it has nothing of what is private.
        deadline: seconds after which no further order is sent and no further look begins.

    Returns:
        The orders on record, the numbers that cannot be ported now, and those that the call did not come to.

    Raises:
        InvalidInput: *request_id* was used for another order, or the provider does not take one of the numbers or its
            settings: the message names every problem. Nothing was sent.
        SpendLimitExceeded: the provider's fee for all numbers is above ``order.max_fee``. Nothing was sent.
        AnyCarrierError: portability could not be read. What was ordered before stays on record.
        JournalError: the journal failed; nothing is sent that is not on record.
    """
    validation.provider(provider, "place_port")
    validation.request_id(request_id)
    validation.deadline(deadline)
    if not isinstance(order, PortOrder):
        raise InvalidInput(f"order must be a PortOrder, not {validation.shape(order)}")
    provider.check_port(PortDraft(numbers=order.lines(), details=order))
    check_fee(provider, order)
    account = provider.accounts[0]
    digest = yield from digest_of(account, order)
    moment = yield from now()
    timeline = Timeline(moment, (yield from call(journal.now, "now")))
    work = _Work(provider, order, request_id, journal, account.id, digest, timeline)
    until = work.timeline.at(moment).earliest + deadline
    entries = yield from work.entries()
    for entry in entries:
        work.check_same(entry)
    # What was refused is ordered again: unless it stands there after all.
    if refused := [one for one in entries if one.record.state is PortState.REFUSED]:
        yield from look(provider, journal, refused, work.timeline)
        entries = yield from work.entries()
    done = {one.number for entry in entries for one in entry.record.numbers if one.state is not PortState.REFUSED}
    left = [line.number for line in order.lines() if line.number not in done]
    yield from work.settle(until)
    yield from work.send_all(left, until)
    records = tuple(entry.record for entry in (yield from work.entries()))
    return PortIn(request_id=request_id, records=records, refused=tuple(work.refused), unsent=tuple(work.unsent))


def check_fee(provider: PortProvider, order: PortOrder) -> None:
    """Refuse an order that costs more than it may.

    Raises:
        SpendLimitExceeded: the provider's fee for all numbers is above ``order.max_fee``.
    """
    fee = _fee(provider, len(order.numbers))
    if fee.currency != order.max_fee.currency or fee > order.max_fee:
        raise SpendLimitExceeded(
            f"the port of {len(order.numbers)} numbers costs {fee}, and max_fee is {order.max_fee}; nothing was sent",
            provider=provider.name,
            operation="port_in",
            maybe_applied=False,
        )


def _fee(provider: PortProvider, count: int) -> Money:
    return Money(provider.port_fee.amount * count, provider.port_fee.currency)


@define
class _Work:
    """One call of :func:`port_in`.

    Attributes:
        refused: numbers that cannot be ported now.
        unsent: numbers that it did not come to.
        begun: ids of the orders that it has begun.
    """

    provider: PortProvider
    order: PortOrder
    request_id: str
    journal: Journal
    account: str
    digest: str
    timeline: Timeline
    refused: list[Portability] = field(factory=list[Portability])
    unsent: list[PhoneNumber] = field(factory=list[PhoneNumber])
    begun: set[int] = field(factory=set[int])

    def entries(self) -> Exchange[list[PortEntry]]:
        """The orders on record under this request id."""
        return (yield from call(lambda: self.journal.port_entries(request_id=self.request_id), "read ports"))

    def check_same(self, entry: PortEntry) -> None:
        """Refuse another order, or provider, under the request id of *entry*."""
        record = entry.record
        if (record.provider, record.account) != (self.provider.name, self.account):
            raise InvalidInput(
                f"request id {self.request_id!r} was already used for a port to {record.provider} (account "
                f"{record.account}); choose a new one"
            )
        if is_another(entry.digest, self.digest):
            raise InvalidInput(
                f"request id {self.request_id!r} was already used for a different port order; choose a new one",
                code=ANOTHER_ORDER,
            )

    # -- sending

    def send_all(self, numbers: Sequence[PhoneNumber], until: float) -> Exchange[None]:
        """Order *numbers*, part by part, as long as nothing is in doubt and no order failed for all."""
        parts = [numbers] if numbers else []
        fresh: dict[PhoneNumber, tuple[Portability, float]] = {}
        lasts = self.provider.portable_for - min(MARGIN, self.provider.portable_for / 2)
        while parts and not (yield from self._in_doubt()):
            instant = self.timeline.at((yield from now()))
            if instant.earliest >= until:
                break
            part = parts.pop(0)
            if any(number not in fresh or fresh[number][1] + lasts < instant.latest for number in part):
                for one in (yield from portable(self.provider, part)):
                    fresh[one.number] = one, instant.latest
                parts = [*(yield from self._split([fresh[number][0] for number in part])), *parts]
                continue
            try:
                goes_on = yield from self._order(part, until)
            except AlreadyClaimed:  # another process was quicker: what it has ordered is left out now
                parts = [*(yield from self._split([fresh[number][0] for number in part])), *parts]
                continue
            yield from self.settle(until)
            if not goes_on:
                parts.insert(0, part)
                break
        ordered = {
            one.number
            for entry in (yield from self.entries())
            if entry.record.state is not PortState.REFUSED or entry.id in self.begun
            for one in entry.record.numbers
        }
        self.unsent += [number for part in parts for number in part if number not in ordered]

    def _in_doubt(self) -> Exchange[list[PortEntry]]:
        return [one for one in (yield from self.entries()) if one.record.state is PortState.IN_DOUBT]

    def _split(self, answers: Iterable[Portability]) -> Exchange[list[list[PhoneNumber]]]:
        """Parts of the numbers that can be ported and are in no live order: by losing carrier, toll-free ones apart."""
        answers = [*answers]
        numbers = [one.number for one in answers]
        live = yield from call(lambda: self.journal.live_ports(self.provider.name, numbers), "read ports")
        parts: dict[tuple[str, bool], list[PhoneNumber]] = {}
        for one in answers:
            if one.number in live:
                if live[one.number] != self.request_id:
                    self._refuse(one, f"in a port order on record already: {live[one.number]}")
            elif one.is_portable:
                carrier = (one.losing_carrier or "").strip().casefold()
                parts.setdefault((carrier, one.is_toll_free), []).append(one.number)
            else:
                self._refuse(one, one.reason or "the provider gives no reason")
        return [*parts.values()]

    def _refuse(self, one: Portability, reason: str) -> None:
        self.refused.append(evolve(one, is_portable=False, reason=reason))

    def _order(self, numbers: Sequence[PhoneNumber], until: float) -> Exchange[bool]:
        """Record one order and send it; ``False`` where nothing was, or no other can be sent now.

        Raises:
            AlreadyClaimed: one of the numbers is in a live order.
        """
        provider = self.provider
        instant = self.timeline.at((yield from now()))
        try:
            # Before it is recorded, since it must leave at once after that.
            yield from await_rate_limit(self.account, at_most=max(0.0, until - instant.earliest))
        except RateLimited:
            return False
        moment = yield from now()
        record = PortRecord(
            request_id=self.request_id,
            provider=provider.name,
            account=self.account,
            state=PortState.IN_DOUBT,
            numbers=tuple(RecordedNumber(number=number, state=PortState.IN_DOUBT) for number in numbers),
            fee=_fee(provider, len(numbers)),
            reference=self.order.reference,
        )
        entry = yield from call(lambda: self.journal.begin_port(record, self.digest), "begin port")
        self.begun.add(entry.id)
        return (yield from self._send(entry, numbers, moment))

    def _send(self, entry: PortEntry, numbers: Sequence[PhoneNumber], moment: Moment) -> Exchange[bool]:
        provider = self.provider
        draft = PortDraft(numbers=self.order.lines(numbers), details=self.order)
        port, error, left = yield from sent_once(provider.place_port(draft), later(moment, SEND_WITHIN))
        if error is None and not isinstance(port, Port):
            error = UnexpectedResponse("no port was returned", provider=provider.name, maybe_applied=True)
        verdict = classify(error, provider.port_rules, first_send=True, left=left)
        instant = self.timeline.at((yield from now()))
        retry_after = getattr(error, "retry_after", None)
        attempt = after_send(entry.attempt, verdict, provider.port_rules, instant, refusal_words(error), retry_after)
        if attempt.state is AttemptState.CONFIRMED and port is not None:
            answered = seen(entry.record, port, ())
        else:
            answered = ended(entry.record, attempt)
        yield from call(lambda: self.journal.write_port(entry, answered, attempt, answered=True), "record port")
        # A refusal of these numbers says nothing of others; one of the account, or of the network, does.
        return attempt.state in (AttemptState.CONFIRMED, AttemptState.IN_DOUBT) or isinstance(error, InvalidRequest)

    # -- looking

    def settle(self, until: float) -> Exchange[None]:
        """Look for orders in doubt until none is, or until the deadline."""
        while True:
            doubted = yield from self._in_doubt()
            instant = self.timeline.at((yield from now()))
            if not doubted:
                return
            due = min(one.attempt.next_at for one in doubted)
            if max(due, instant.earliest) >= until:
                return
            if due > instant.earliest:
                yield from sleep(due - instant.earliest, "settling")
                continue
            yield from look(
                self.provider,
                self.journal,
                [one for one in doubted if one.attempt.next_at <= instant.earliest],
                self.timeline,
            )
