"""The four providers as the contract suite and the mutants take them: each with its simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import Simulator
from anycarrier.testing import ProviderCase
from anycarrier_adapters.lc_legacy import LCLegacy
from anycarrier_adapters.lc_legacy.simulator import LCLegacySimulator
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.lc_phone.simulator import LCPhoneSimulator
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY as LEADPING_KEY
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.simulator import DUMMY_API_KEY as VOICETEL_KEY
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

__all__ = ["LCLegacyCase", "LCPhoneCase", "LeadpingCase", "VoiceTelCase"]


class VoiceTelCase(ProviderCase):
    """VoiceTel v2.2."""

    simulator = VoiceTelSimulator
    impossible: ClassVar[Mapping[str, str]] = {
        "502-json-after": "OpenAPI, orders: a 502 in VoiceTel's envelope comes before any write"
    }

    def provider(self, base_url: str) -> VoiceTel:
        return VoiceTel(api_key=VOICETEL_KEY, base_url=base_url)


class LeadpingCase(ProviderCase):
    """Leadping; its simulator does not limit requests here.

    Attributes:
        api_version: version of the API.
    """

    simulator = LeadpingSimulator
    purchase: ClassVar[str] = "create"
    listing: ClassVar[str] = "list_of_june"
    many: ClassVar[int] = 110
    api_version: ClassVar[str] = "2026-06"
    pending: ClassVar[Mapping[str, Any] | None] = {"provisioning": 3600.0}

    def provider(self, base_url: str) -> Leadping:
        return Leadping(api_key=LEADPING_KEY, base_url=base_url, api_version=self.api_version)

    @classmethod
    def simulate(cls, **options: Any) -> Simulator:
        return LeadpingSimulator(api_version=cls.api_version, requests=None, **options)  # type: ignore[arg-type]

    def own(self, simulator: Any, number: PhoneNumber) -> None:
        simulator.own(number.e164)


class LCPhoneCase(ProviderCase):
    """LC Phone v3."""

    simulator = LCPhoneSimulator
    purchase: ClassVar[str] = "purchase"
    listing: ClassVar[str] = "active_numbers"
    many: ClassVar[int] = 260

    def provider(self, base_url: str) -> LCPhone:
        settings: dict[str, Any] = dict(LCPhoneSimulator.settings)
        return LCPhone(**settings, base_url=base_url)

    def own(self, simulator: Any, number: PhoneNumber) -> None:
        simulator.own(number.e164)


class LCLegacyCase(LCPhoneCase):
    """The legacy LC API."""

    simulator = LCLegacySimulator

    def provider(self, base_url: str) -> LCLegacy:  # type: ignore[override]
        settings: dict[str, Any] = dict(LCLegacySimulator.settings)
        return LCLegacy(**settings, base_url=base_url)
