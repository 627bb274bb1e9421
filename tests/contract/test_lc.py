"""LC Phone v3 and the legacy LC API pass the contract, in process and over HTTP."""

from __future__ import annotations

import pytest

from anycarrier.testing import Contract, HttpContract
from support.provider_cases import LCLegacyCase, LCPhoneCase


@pytest.mark.usefixtures("without_coverage")  # the contract is measured at VoiceTel
class TestLCPhone(LCPhoneCase, Contract):
    pass


@pytest.mark.one_mode("sync")
@pytest.mark.usefixtures("without_coverage")
class TestLCPhoneOverHttp(LCPhoneCase, HttpContract):
    pass


@pytest.mark.usefixtures("without_coverage")
class TestLCLegacy(LCLegacyCase, Contract):
    pass


@pytest.mark.one_mode("async")
@pytest.mark.usefixtures("without_coverage")
class TestLCLegacyOverHttp(LCLegacyCase, HttpContract):
    pass
