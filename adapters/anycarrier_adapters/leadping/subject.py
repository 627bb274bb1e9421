"""Leadping, as the contract suite and the mutants meet it."""

from __future__ import annotations

from typing import Any, ClassVar

from anycarrier.numbers import PhoneNumber
from anycarrier.simulator import Simulator
from anycarrier.testing import ProviderCase

from . import Leadping
from .simulator import DUMMY_API_KEY, LeadpingSimulator

__all__ = ["SUBJECT", "LeadpingSubject"]


class LeadpingSubject(ProviderCase):
    """Played by its simulator, without its limit of requests.

    Attributes:
        era: of the API.
    """

    simulator = LeadpingSimulator
    purchase: ClassVar[str] = "create"
    listing: ClassVar[str] = "list_of_june"
    many: ClassVar[int] = 110
    era: ClassVar[str] = "2026-06"

    def provider(self, base_url: str) -> Leadping:
        return Leadping(api_key=DUMMY_API_KEY, base_url=base_url, era=self.era)

    @classmethod
    def simulate(cls, **options: Any) -> Simulator:
        return LeadpingSimulator(era=cls.era, requests=None, **options)  # type: ignore[arg-type]

    def own(self, simulator: Any, number: PhoneNumber) -> None:
        simulator.own(number.e164)


SUBJECT = LeadpingSubject
