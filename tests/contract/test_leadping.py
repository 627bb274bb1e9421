"""Leadping passes the contract, in process and over HTTP, and in every version of its API."""

from __future__ import annotations

from typing import ClassVar

import pytest

from anycarrier.testing import Contract, HttpContract
from support.provider_cases import LeadpingCase


@pytest.mark.usefixtures("without_coverage")  # the contract is measured at VoiceTel
class TestLeadping(LeadpingCase, Contract):
    pass


@pytest.mark.one_mode("async")
@pytest.mark.usefixtures("without_coverage")
class TestLeadpingOverHttp(LeadpingCase, HttpContract):
    pass


@pytest.mark.one_mode("sync")
@pytest.mark.usefixtures("without_coverage")
class TestLeadpingOfAugust(LeadpingCase, Contract):
    listing: ClassVar[str] = "list_of_organization"
    api_version: ClassVar[str] = "2026-08"
    pending: ClassVar[None] = None  # it has no word for a number that is being set up


@pytest.mark.one_mode("async")
@pytest.mark.usefixtures("without_coverage")
class TestLeadpingOfOctober(LeadpingCase, Contract):
    listing: ClassVar[str] = "list_of_organization"
    api_version: ClassVar[str] = "2026-10"
    pending: ClassVar[None] = None
