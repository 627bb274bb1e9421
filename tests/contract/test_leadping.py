"""Leadping passes the contract, in process and over HTTP, and in every era of its API."""

from __future__ import annotations

from typing import ClassVar

from anycarrier.testing import Contract, HttpContract
from anycarrier_adapters.leadping.subject import LeadpingSubject


class TestLeadping(LeadpingSubject, Contract):
    pass


class TestLeadpingOverHttp(LeadpingSubject, HttpContract):
    pass


class TestLeadpingOfAugust(LeadpingSubject, Contract):
    listing: ClassVar[str] = "list_of_organization"
    era: ClassVar[str] = "2026-08"


class TestLeadpingOfOctober(LeadpingSubject, Contract):
    listing: ClassVar[str] = "list_of_organization"
    era: ClassVar[str] = "2026-10"
