"""LC Phone v3 and the legacy LC API pass the contract, in process and over HTTP."""

from __future__ import annotations

from anycarrier.testing import Contract, HttpContract
from support.provider_cases import LCLegacyCase, LCPhoneCase


class TestLCPhone(LCPhoneCase, Contract):
    pass


class TestLCPhoneOverHttp(LCPhoneCase, HttpContract):
    pass


class TestLCLegacy(LCLegacyCase, Contract):
    pass


class TestLCLegacyOverHttp(LCLegacyCase, HttpContract):
    pass
