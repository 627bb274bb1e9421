"""Cases of what a provider does for a number beside calls and texts: emergency address, names, look-up, switch."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier.errors import AnyCarrierError, InvalidRequest
from anycarrier.number_services import CallerName, EmergencyAddress, EmergencyRecord, LookUp
from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import STANDARD, Failure, SimAnswer, SimRequest, Simulator
from anycarrier.testing.contract.altered_answers import Handle, altered, answers, renamed
from anycarrier.testing.fakes import AnyClient
from anycarrier.testing.provider_case import ProviderCase

__all__ = ["NumberServiceCases"]


class NumberServiceCases(ProviderCase):
    """Emergency addresses, caller names, look-ups, labels, and the switch."""

    def test_an_emergency_address_is_set_read_and_removed(self, phone: AnyClient) -> None:
        if not self.can("set_emergency_address"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        assert phone.emergency_address(number) is None
        self._lacks(phone, number.number, lacking=True)
        record = phone.set_emergency_address(number, self.emergency_address)
        assert isinstance(record, EmergencyRecord)
        assert record.number == number.number
        assert _same(record.address, self.emergency_address)
        assert phone.emergency_address(number.number) == record
        self._lacks(phone, number.number, lacking=False)
        phone.remove_emergency_address(number)
        assert phone.emergency_address(number) is None
        self._lacks(phone, number.number, lacking=True)
        phone.remove_emergency_address(number)  # there is none: nothing to do

    def _lacks(self, phone: AnyClient, number: PhoneNumber, *, lacking: bool) -> None:
        if self.can("numbers_without_emergency_address"):
            found = [owned.number for owned in phone.every(phone.numbers_without_emergency_address())]
            assert (number in found) == lacking
            assert len(found) == len(set(found))

    def test_an_emergency_address_is_checked(self, phone: AnyClient) -> None:
        if self.can("check_emergency_address"):
            assert _same(phone.check_emergency_address(self.emergency_address), self.emergency_address)
            with pytest.raises(InvalidRequest) as caught:
                phone.check_emergency_address(self.no_address)
            assert caught.value.operation == "check_emergency_address"
            assert not caught.value.maybe_applied

    def test_an_emergency_address_that_is_refused_is_not_set(self, phone: AnyClient) -> None:
        if not self.can("set_emergency_address"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        with pytest.raises(InvalidRequest) as caught:
            phone.set_emergency_address(number, self.no_address)
        assert caught.value.operation == "set_emergency_address"
        assert not caught.value.maybe_applied
        assert phone.emergency_address(number) is None

    def test_an_emergency_address_of_another_number_is_not_believed(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("set_emergency_address"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0])).number
        phone.set_emergency_address(number, self.emergency_address)
        other = PhoneNumber(self.absent)
        with answers(played, lambda _, answer: renamed(answer, number, other)) as changed:
            with pytest.raises(AnyCarrierError) as read:
                phone.emergency_address(number)
            with pytest.raises(AnyCarrierError) as written:
                phone.set_emergency_address(number, self.emergency_address)
        assert changed, "no answer about an emergency address names the number"
        assert read.value.operation == "emergency_address"
        assert written.value.maybe_applied

    def test_a_caller_name_is_set(self, phone: AnyClient) -> None:
        if not self.can("set_caller_name"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        before = len(phone.sent)
        name = phone.set_caller_name(number, self.caller_name)
        wrote = [request for request in phone.sent[before:] if request.purpose == "write"]
        assert len(wrote) == 1
        assert isinstance(name, CallerName)
        assert (name.number, name.name) == (number.number, self.caller_name)
        if self.can("look_up"):
            found = phone.look_up(number, carrier=False)
            assert found.caller_name is not None
            assert found.caller_name.casefold() == self.caller_name.casefold()

    def test_a_caller_name_is_read(self, phone: AnyClient) -> None:
        if not self.can("caller_name"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        name = phone.caller_name(number)
        assert isinstance(name, CallerName)
        assert name.number == number.number
        assert name.name is not None or name.shows_callers is not None

    def test_a_number_is_looked_up_and_each_part_is_paid_once(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("look_up"):
            return
        number = PhoneNumber(self.absent)
        parts = {"carrier": ("carrier", "lrn"), "caller_name": ("caller_name",)}
        for wanted in (["carrier"], ["caller_name"], ["carrier", "caller_name"]):
            before, charged = len(phone.sent), len(played.ledger.charges)
            found = phone.look_up(number, **{part: part in wanted for part in parts})
            assert isinstance(found, LookUp)
            assert found.number == number
            for part, fields in parts.items():
                for field in fields:
                    assert part in wanted or getattr(found, field) is None, f"{field} was looked up, and not wanted"
            assert any(getattr(found, field) is not None for part in wanted for field in parts[part])
            assert len(phone.sent) - before <= len(wanted)
            assert len(played.ledger.charges) - charged <= len(wanted)

    def test_a_look_up_is_never_repeated(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("look_up"):
            return
        for name in ("500-json-before", "503-html-before", "reset-after", "throttle-none"):
            before = len(phone.sent)
            played.faults.add(evolve(STANDARD[name], times=None))
            with pytest.raises(AnyCarrierError) as caught:
                phone.look_up(PhoneNumber(self.absent))
            played.faults.clear()
            assert len(phone.sent) - before == 1, f"a look-up costs money, and was sent again after {name}"
            assert caught.value.operation == "look_up"

    def test_a_part_of_a_look_up_that_was_paid_is_not_lost(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("look_up"):
            return
        before = len(phone.sent)

        def handle(own: Handle, request: SimRequest) -> SimAnswer | Failure:
            return own(request) if len(phone.sent) == before + 1 else SimAnswer(500, (), b"")

        with altered(played, handle):
            try:
                phone.look_up(PhoneNumber(self.absent))
            except AnyCarrierError as error:
                (paid,) = error.applied
                assert isinstance(paid, LookUp)
                assert paid.number == self.absent
                assert paid.raw
        assert len(phone.sent) - before <= 2

    def test_a_label_is_set(self, phone: AnyClient) -> None:
        if not self.can("set_label"):
            return
        first, second = (self.settled(phone, phone.buy(offer)) for offer in phone.search(self.criteria)[:2])
        other = phone.get(second.number)
        assert phone.set_label(first, self.label).label == self.label
        assert phone.get(first.number).label == self.label
        assert phone.get(second.number) == other, "another number was changed"

    def test_a_number_is_switched_off_and_on(self, phone: AnyClient) -> None:
        if not self.can("set_enabled"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        label = phone.get(number.number).label
        for enabled in (False, True):
            changed = phone.set_enabled(number, enabled)
            assert changed.number == number.number
            read = phone.get(number.number)
            assert self.is_enabled(read) is enabled
            assert read.label == label, "more was changed than the switch"


def _same(one: EmergencyAddress, other: EmergencyAddress) -> bool:
    """Return whether two spellings are of one address: an emergency service corrects words, such as Avenue to AVE."""

    def parts(address: EmergencyAddress) -> list[str]:
        words = (address.name, address.street.split()[0], address.city, address.state, address.postal_code[:5])
        return [word.casefold() for word in words]

    return parts(one) == parts(other)
