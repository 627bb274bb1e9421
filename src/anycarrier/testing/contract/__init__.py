"""The contract that every adapter passes, in both modes: subclass :class:`Contract` and inherit the cases.

A case that needs an operation which the provider does not have turns into the refusal that it must then give, before
anything is sent: nothing is skipped for being unsupported.
"""

from __future__ import annotations

from anycarrier.testing.contract.account import AccountCases
from anycarrier.testing.contract.answers import AnswerCases
from anycarrier.testing.contract.declarations import DeclarationCases
from anycarrier.testing.contract.desired_states import DesiredStateCases
from anycarrier.testing.contract.errors import ErrorCases
from anycarrier.testing.contract.number_services import NumberServiceCases
from anycarrier.testing.contract.pending_purchases import PendingPurchaseCases
from anycarrier.testing.contract.ports import PortCases
from anycarrier.testing.contract.purchase_evidence import PurchaseEvidenceCases
from anycarrier.testing.contract.scenarios import HttpContract, ScenarioCases
from anycarrier.testing.contract.several_numbers import SeveralNumbersCases

__all__ = ["Contract", "HttpContract"]


class Contract(
    ScenarioCases,
    AccountCases,
    NumberServiceCases,
    DesiredStateCases,
    PurchaseEvidenceCases,
    SeveralNumbersCases,
    PendingPurchaseCases,
    PortCases,
    AnswerCases,
    DeclarationCases,
    ErrorCases,
):
    """Every case. Subclass it with your provider's case: ``class TestAcme(AcmeCase, Contract)``."""
