"""VoiceTel passes the contract, in process and over HTTP."""

from __future__ import annotations

from anycarrier.testing import Contract, HttpContract
from support.provider_cases import VoiceTelCase


class TestVoiceTel(VoiceTelCase, Contract):
    pass


class TestVoiceTelOverHttp(VoiceTelCase, HttpContract):
    pass
