"""Cases of ports: checked, ordered once whatever strikes, found again, and shown as the provider states them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from anycarrier.errors import AnyCarrierError, NotFound
from anycarrier.numbers import PhoneNumber
from anycarrier.port_records import PortDraft, PortIn, PortState
from anycarrier.porting import observe_ports
from anycarrier.purchase import Journal, journal
from anycarrier.simulator import STANDARD, SimAnswer, Simulator
from anycarrier.testing.contract.altered_answers import answers
from anycarrier.testing.fakes import AnyClient, VirtualClock
from anycarrier.testing.provider_case import ProviderCase

__all__ = ["PortCases"]

PATIENCE = 20_000.0
"""Seconds in which a port order is found, or is provably absent."""


class PortCases(ProviderCase):
    """Ports of numbers from other carriers."""

    @pytest.fixture
    def book(self) -> Iterator[Journal]:
        """An empty journal."""
        with journal.open(":memory:") as book:
            yield book

    def test_a_number_is_portable_or_there_is_a_reason(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("portable"):
            return
        ours = self.numbers(1)[0]
        self.own(played, ours)
        wanted = [*map(PhoneNumber, self.elsewhere), ours]
        found = phone.portable(wanted)
        assert [one.number for one in found] == wanted
        assert [one.is_portable for one in found] == [True, True, False]
        assert [one.reason is None for one in found] == [True, True, False]
        assert {(one.provider, one.account) for one in found} == {(phone.provider.name, phone.provider.accounts[0].id)}

    def test_a_port_is_ordered_once_and_shown(self, phone: AnyClient, played: Simulator, book: Journal) -> None:
        if not self.can("port_in"):
            return
        before = {one.id for one in phone.ports()}
        done = self._ordered(phone, book)
        assert done.records == self._ordered(phone, book).records == tuple(book.ports("r1"))
        (record,) = done.records
        assert record.port_id is not None
        assert [one.number for one in record.numbers] == [*self.elsewhere]
        assert {one.id for one in phone.ports()} - before == {record.port_id}
        shown = phone.port(record.port_id)
        assert {*(shown.numbers or ())} == {*self.elsewhere}
        assert shown.state is record.state is not PortState.UNKNOWN
        assert self.ported(played) == Counter(self.elsewhere)

    def test_a_port_of_another_is_not_found(self, phone: AnyClient) -> None:
        if self.can("port"):
            with pytest.raises(NotFound) as caught:
                phone.port(self.port)
            assert caught.value.operation == "port"

    @pytest.mark.parametrize("name", sorted(STANDARD))
    def test_under_any_fault_a_port_is_ordered_once_or_not_at_all(
        self, name: str, phone: AnyClient, played: Simulator, clock: VirtualClock, book: Journal
    ) -> None:
        if not self.can("port_in"):
            return
        played.faults.add(evolve(STANDARD[name], operation=self.port_purchase))
        self._ordered(phone, book, deadline=PATIENCE)
        clock.sleep(PATIENCE)
        (record,) = phone.run(observe_ports(phone.provider, journal=book))[:1]
        made = self.ported(played)
        assert max(made.values(), default=0) <= 1, f"ordered twice under {name}"
        if made:
            assert record.port_id is not None, (
                f"{name}: the numbers are being ported, and the journal says {record.state}: `place_port` takes an "
                "answer for a refusal that is none, or `ports` takes for all what is not"
            )
        else:
            assert record.state in (PortState.ABSENT, PortState.REFUSED), f"{name}: {record.state}"
        sent = [seen for seen in played.ledger.requests if seen.operation == self.port_purchase]
        assert len(sent) <= 1 + (name == "twice"), f"{name}: the order was sent {len(sent)} times"
        self._ordered(phone, book, deadline=PATIENCE)
        assert max(self.ported(played).values(), default=0) <= 1, f"ordered twice under {name}, by the same call again"

    def test_the_answer_to_an_order_says_nothing_that_is_not_there(
        self, phone: AnyClient, played: Simulator, book: Journal
    ) -> None:
        """An answer without what names the port may be one of a port that was made."""
        if not self.can("port_in"):
            return
        with answers(played, lambda operation, answer: _emptied(answer) if operation == self.port_purchase else answer):
            error = self._placed(phone)
        assert isinstance(error, AnyCarrierError)
        assert error.maybe_applied
        assert self._ordered(phone, book).refused, "the numbers are being ported already"

    def test_a_list_of_ports_that_cannot_be_read_whole_is_none(
        self, phone: AnyClient, played: Simulator, book: Journal
    ) -> None:
        if not self.can("ports"):
            return
        self._ordered(phone, book)
        listing = self.port_listing
        with (
            answers(played, lambda operation, answer: _emptied(answer) if operation == listing else answer) as changed,
            pytest.raises(AnyCarrierError) as caught,
        ):
            phone.ports()
        assert changed, f"no answer of {listing} was changed: ProviderCase.port_listing is not the list of ports"
        assert caught.value.operation == "ports"

    def _ordered(self, phone: AnyClient, book: Journal, *, deadline: float = 60.0) -> PortIn:
        order = self.port_order(*self.elsewhere)
        done: PortIn = phone.port_in(order, request_id="r1", journal=book, deadline=deadline)
        return done

    def _placed(self, phone: AnyClient) -> Any:
        """Send one order without a journal; the port, or the error."""
        order = self.port_order(*self.elsewhere)
        phone.portable(self.elsewhere)
        try:
            return phone.run(phone.provider.place_port(PortDraft(numbers=order.lines(), details=order)))
        except AnyCarrierError as error:
            return error


def _emptied(answer: SimAnswer) -> SimAnswer:
    """*answer*, in whose objects each text has gone, apart from words of its envelope."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        return answer

    def empty(value: object, depth: int = 0) -> object:
        if isinstance(value, dict):
            return {
                name: None if depth and isinstance(member, str) else empty(member, depth + 1)
                for name, member in value.items()
            }
        return [empty(one, depth + 1) for one in value] if isinstance(value, list) else value

    return evolve(answer, body=json.dumps(empty(document)).encode())
