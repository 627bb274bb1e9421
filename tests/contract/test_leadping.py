"""Leadping passes the contract, in process and over HTTP, and in every era of its API."""

from __future__ import annotations

from typing import Any, ClassVar

from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import Simulator
from anycarrier.testing import Contract, OverHttp, Subject
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, LeadpingSimulator


class Played(Subject):
    simulator = LeadpingSimulator
    purchase: ClassVar[str] = "create"
    listing: ClassVar[str] = "list_of_june"
    era: ClassVar[str] = "2026-06"

    def provider(self, base_url: str) -> Leadping:
        return Leadping(api_key=DUMMY_API_KEY, base_url=base_url, era=self.era)

    @classmethod
    def simulate(cls, **options: Any) -> Simulator:
        return LeadpingSimulator(era=cls.era, requests=None, **options)  # type: ignore[arg-type]

    def own(self, simulator: Any, number: PhoneNumber) -> None:
        simulator.own(number.e164)


class TestLeadping(Played, Contract):
    pass


class TestLeadpingOverHttp(Played, OverHttp):
    pass


class TestLeadpingOfAugust(Played, Contract):
    listing: ClassVar[str] = "list_of_organization"
    era: ClassVar[str] = "2026-08"


class TestLeadpingOfOctober(Played, Contract):
    listing: ClassVar[str] = "list_of_organization"
    era: ClassVar[str] = "2026-10"
