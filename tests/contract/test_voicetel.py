"""VoiceTel passes the contract, in process and over HTTP."""

from __future__ import annotations

from anycarrier.testing import Contract, HttpContract
from anycarrier_adapters.voicetel.subject import VoiceTelSubject


class TestVoiceTel(VoiceTelSubject, Contract):
    pass


class TestVoiceTelOverHttp(VoiceTelSubject, HttpContract):
    pass
