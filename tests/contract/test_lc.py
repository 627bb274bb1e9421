"""LC Phone v3 and the legacy LC API pass the contract, in process and over HTTP."""

from __future__ import annotations

import pytest

from anycarrier.testing import Contract, HttpContract
from support.provider_cases import LCLegacyCase, LCPhoneCase


class TestLCPhone(LCPhoneCase, Contract):
    pass


@pytest.mark.usefixtures("without_coverage")  # that over HTTP is measured at VoiceTel
class TestLCPhoneOverHttp(LCPhoneCase, HttpContract):
    pass


class TestLCLegacy(LCLegacyCase, Contract):
    pass


@pytest.mark.usefixtures("without_coverage")  # that over HTTP is measured at VoiceTel
class TestLCLegacyOverHttp(LCLegacyCase, HttpContract):
    pass
