"""LC Phone v3 and the legacy LC API pass the contract, in process and over HTTP."""

from __future__ import annotations

from anycarrier.testing import Contract, HttpContract
from anycarrier_adapters.lc_legacy.subject import LCLegacySubject
from anycarrier_adapters.lc_phone.subject import LCPhoneSubject


class TestLCPhone(LCPhoneSubject, Contract):
    pass


class TestLCPhoneOverHttp(LCPhoneSubject, HttpContract):
    pass


class TestLCLegacy(LCLegacySubject, Contract):
    pass


class TestLCLegacyOverHttp(LCLegacySubject, HttpContract):
    pass
