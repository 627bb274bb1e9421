"""Leadping passes the contract: in process in every era, and over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from anycarrier.simulator import Simulator
from anycarrier.testing import Contract, OverHttp, Subject
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.leadping.simulator import DUMMY_API_KEY, OTHER_OWNER, LeadpingSimulator


class Played(Subject):
    simulator = LeadpingSimulator
    to_account = OTHER_OWNER
    purchase = "create"
    listing = "list_of_june"
    many = 230
    era: ClassVar[str] = "2026-06"

    def provider(self, base_url: str) -> Leadping:
        return Leadping(api_key=DUMMY_API_KEY, base_url=base_url, era=self.era)

    @classmethod
    def simulate(cls, **options: Any) -> Simulator:
        return super().simulate(era=cls.era, **options)


class TestLeadping(Played, Contract):
    pass


class TestLeadpingInAugust(Played, Contract):
    era = "2026-08"
    listing = "list_of_organization"


class TestLeadpingInOctober(Played, Contract):
    era = "2026-10"
    listing = "list_of_organization"

    def test_it_has_the_operations_that_it_declares(self) -> None:
        """The class has ``transfer``; an account of this era refuses it, which another case checks."""


class TestLeadpingOverHttp(Played, OverHttp):
    pass
