"""Cases of what a provider does for a number beside calls and texts: its emergency address."""

from __future__ import annotations

import pytest

from anycarrier.errors import AnyCarrierError, InvalidRequest
from anycarrier.number_services import EmergencyAddress, EmergencyRecord
from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import Simulator
from anycarrier.testing.contract.altered_answers import answers, renamed
from anycarrier.testing.fakes import AnyClient
from anycarrier.testing.provider_case import ProviderCase

__all__ = ["NumberServiceCases"]


class NumberServiceCases(ProviderCase):
    """Emergency addresses."""

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


def _same(one: EmergencyAddress, other: EmergencyAddress) -> bool:
    """Return whether two spellings are of one address: an emergency service corrects words, such as Avenue to AVE."""

    def parts(address: EmergencyAddress) -> list[str]:
        words = (address.name, address.street.split()[0], address.city, address.state, address.postal_code[:5])
        return [word.casefold() for word in words]

    return parts(one) == parts(other)
