"""VoiceTel passes the contract, in process and over HTTP."""

from __future__ import annotations

from typing import ClassVar

from anycarrier.testing import Contract, OverHttp, Subject
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY, VoiceTelSimulator


class Played(Subject):
    simulator = VoiceTelSimulator
    impossible: ClassVar[dict[str, str]] = {
        "502-json-after": "OpenAPI, orders: a 502 in VoiceTel's envelope comes before any write",
    }

    def provider(self, base_url: str) -> VoiceTel:
        return VoiceTel(api_key=DUMMY_API_KEY, base_url=base_url)


class TestVoiceTel(Played, Contract):
    pass


class TestVoiceTelOverHttp(Played, OverHttp):
    pass
