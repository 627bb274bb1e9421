"""LC Phone v3 and the legacy LC API pass the contract, in process and over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from anycarrier.numbers import PhoneNumber
from anycarrier.testing import Contract, OverHttp, Subject
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_legacy.simulator import LCLegacySimulator
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator


class Played(Subject):
    purchase: ClassVar[str] = "purchase"
    listing: ClassVar[str] = "active_numbers"

    def own(self, simulator: Any, number: PhoneNumber) -> None:
        simulator.own(number.e164)


class Phone(Played):
    simulator = LCPhoneSimulator

    def provider(self, base_url: str) -> LCPhone:
        return LCPhone(**LCPhoneSimulator.settings, base_url=base_url)


class Legacy(Played):
    simulator = LCLegacySimulator

    def provider(self, base_url: str) -> LCLegacy:
        return LCLegacy(**LCLegacySimulator.settings, base_url=base_url)


class TestLCPhone(Phone, Contract):
    pass


class TestLCPhoneOverHttp(Phone, OverHttp):
    pass


class TestLCLegacy(Legacy, Contract):
    pass


class TestLCLegacyOverHttp(Legacy, OverHttp):
    pass
