"""Mistakes about what a provider does for a number beside calls and texts."""

from __future__ import annotations

from attrs import evolve

from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange
from anycarrier.model import OwnedNumber, Target, number_of
from anycarrier.number_services import CallerName, EmergencyAddress, EmergencyRecord, LookUp
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


class LookUpSentAgain(Break):
    def look_up(self, own: Own[LookUp], *given: object, **more: object) -> Exchange[LookUp]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError:
            self.strikes += 1
        return (yield from own(*given, **more))


class PaidPartLost(Break):
    def look_up(self, own: Own[LookUp], *given: object, **more: object) -> Exchange[LookUp]:
        try:
            return (yield from own(*given, **more))
        except AnyCarrierError as error:
            if error.applied:
                error.applied = self.struck(())
            raise


class BothPartsLookedUp(Break):
    def look_up(
        self, own: Own[LookUp], target: Target, *, carrier: bool = True, caller_name: bool = True
    ) -> Exchange[LookUp]:
        if carrier and caller_name:
            return own(target)
        return self.struck(own(target))


class LabelNotSent(Break):
    def set_label(self, own: Own[OwnedNumber], target: Target, label: str) -> Exchange[OwnedNumber]:
        found: OwnedNumber = yield from self.provider.get(target)
        return self.struck(evolve(found, label=label))


class AlwaysEnabled(Break):
    def set_enabled(self, own: Own[OwnedNumber], target: Target, enabled: bool) -> Exchange[OwnedNumber]:
        if not enabled:
            self.strikes += 1
        return own(target, True)


class CallerNameNotSent(Break):
    def set_caller_name(self, own: Own[CallerName], target: Target, name: str) -> Exchange[CallerName]:
        yield from ()
        mine = self.owned(number_of(target))
        return self.struck(CallerName(provider=mine.provider, account=mine.account, number=mine.number, name=name))


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
    "look-up-sent-again": Mutant(
        means="a look-up that failed is paid for a second time",
        way=LookUpSentAgain,
        cases=["test_a_look_up_is_never_repeated"],
        needs=["look_up"],
    ),
    "paid-part-lost": Mutant(
        means="an error of the second part of a look-up drops the first, which was paid for",
        way=PaidPartLost,
        cases=["test_a_part_of_a_look_up_that_was_paid_is_not_lost"],
        needs=["look_up"],
        never="it looks everything up in one request",
    ),
    "both-parts-looked-up": Mutant(
        means="look_up() pays for a part that was not wanted",
        way=BothPartsLookedUp,
        cases=["test_a_number_is_looked_up_and_each_part_is_paid_once"],
        needs=["look_up"],
    ),
    "caller-name-not-sent": Mutant(
        means="set_caller_name() sends nothing",
        way=CallerNameNotSent,
        cases=["test_a_caller_name_is_set"],
        needs=["set_caller_name"],
    ),
    "label-not-sent": Mutant(
        means="set_label() sends nothing", way=LabelNotSent, cases=["test_a_label_is_set"], needs=["set_label"]
    ),
    "always-enabled": Mutant(
        means="set_enabled() switches a number on when it is to be off",
        way=AlwaysEnabled,
        cases=["test_a_number_is_switched_off_and_on"],
        needs=["set_enabled"],
    ),
}
