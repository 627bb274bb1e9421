"""Every mutant by its name."""

from __future__ import annotations

from collections.abc import Mapping

from anycarrier.testing.mutants.account import ACCOUNT
from anycarrier.testing.mutants.campaigns import CAMPAIGNS
from anycarrier.testing.mutants.changes import CHANGES
from anycarrier.testing.mutants.errors import ERRORS
from anycarrier.testing.mutants.lists import LISTS
from anycarrier.testing.mutants.number_services import NUMBER_SERVICES
from anycarrier.testing.mutants.numbers import NUMBERS
from anycarrier.testing.mutants.ports import PORTS
from anycarrier.testing.mutants.purchases import PURCHASES
from anycarrier.testing.mutants.routes import ROUTES
from anycarrier.testing.mutants.searches import SEARCHES
from anycarrier.testing.mutants.several_numbers import SEVERAL_NUMBERS
from anycarrier.testing.mutants.wrapper import Mutant

__all__ = ["MUTANTS"]

MUTANTS: Mapping[str, Mutant] = {
    **PURCHASES,
    **SEVERAL_NUMBERS,
    **LISTS,
    **SEARCHES,
    **NUMBERS,
    **CHANGES,
    **ROUTES,
    **CAMPAIGNS,
    **NUMBER_SERVICES,
    **PORTS,
    **ACCOUNT,
    **ERRORS,
}
