"""Mistakes about what a provider does for a number beside calls and texts."""

from __future__ import annotations

from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange
from anycarrier.model import Target, number_of
from anycarrier.number_services import EmergencyAddress, EmergencyRecord
from anycarrier.testing.mutants.wrapper import Break, Mutant, Own, succeeded

__all__ = ["NUMBER_SERVICES"]


class OfEmergencies(Break):
    """Mistakes about emergency addresses."""

    def _record(self, target: Target, address: EmergencyAddress) -> EmergencyRecord:
        mine = self.owned(number_of(target))
        return EmergencyRecord(provider=mine.provider, account=mine.account, number=mine.number, address=address)


class AddressNotSent(OfEmergencies):
    def set_emergency_address(
        self, own: Own[EmergencyRecord], target: Target, address: EmergencyAddress
    ) -> Exchange[EmergencyRecord]:
        yield from ()
        return self.struck(self._record(target, address))


class AddressNotRemoved(OfEmergencies):
    def remove_emergency_address(self, own: Own[None], target: Target) -> Exchange[None]:
        yield from ()
        self.strikes += 1


class AnotherNumbersAddress(OfEmergencies):
    def set_emergency_address(
        self, own: Own[EmergencyRecord], target: Target, address: EmergencyAddress
    ) -> Exchange[EmergencyRecord]:
        try:
            return (yield from own(target, address))
        except AnyCarrierError as error:
            if succeeded(error):
                return self.struck(self._record(target, address))
            raise


class RefusalIsNoAddress(OfEmergencies):
    def emergency_address(self, own: Own[EmergencyRecord | None], target: Target) -> Exchange[EmergencyRecord | None]:
        try:
            return (yield from own(target))
        except AnyCarrierError:
            return self.struck(None)


NUMBER_SERVICES: dict[str, Mutant] = {
    "address-not-sent": Mutant(
        means="set_emergency_address() sends nothing",
        way=AddressNotSent,
        cases=["test_an_emergency_address_is_set_read_and_removed"],
        needs=["set_emergency_address"],
    ),
    "address-not-removed": Mutant(
        means="remove_emergency_address() sends nothing",
        way=AddressNotRemoved,
        cases=["test_an_emergency_address_is_set_read_and_removed"],
        needs=["remove_emergency_address"],
    ),
    "another-numbers-address": Mutant(
        means="an answer about another number's emergency address is believed",
        way=AnotherNumbersAddress,
        cases=["test_an_emergency_address_of_another_number_is_not_believed"],
        needs=["set_emergency_address"],
    ),
    "error-is-no-address": Mutant(
        means="an emergency address that cannot be read counts as none",
        way=RefusalIsNoAddress,
        cases=["test_a_number_that_is_not_ours_is_not_found"],
        needs=["emergency_address"],
    ),
}
