"""Neutral records about an account: balance, number pools, 10DLC campaigns, and places where numbers can be bought.

``None`` always means that the provider did not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from anycarrier.hints import by_hints
from anycarrier.json_markers import JsonRecord
from anycarrier.numbers import PhoneNumber
from anycarrier.words import Word

__all__ = ["Balance", "Campaign", "CampaignStatus", "Coverage", "CoverageBy", "Pool"]


@frozen(kw_only=True, field_transformer=by_hints)
class Balance(JsonRecord):
    """Money on an account, which purchases are paid from.

    Attributes:
        amount: exact; below 0 for a debt.
        currency: ISO 4217 code.
        as_of: time at which the provider calculated it.
        raw: the provider's own record.
    """

    provider: str
    account: str
    amount: Decimal | None = None
    currency: str | None = None
    as_of: datetime | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


@frozen(kw_only=True, field_transformer=by_hints)
class Pool(JsonRecord):
    """Number pool: numbers of the account that the provider uses in turn.

    Attributes:
        id: the provider's own.
        numbers: its numbers, in the provider's order.
        forward_to: number that its calls are forwarded to.
        detail: the provider's record as a typed object of its adapter.
        raw: the provider's own record.
    """

    provider: str
    account: str
    id: str | None = None
    name: str | None = None
    numbers: tuple[PhoneNumber, ...] = ()
    forward_to: PhoneNumber | None = None
    detail: Any = field(default=None, repr=False, eq=False)
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


class CampaignStatus(Word):
    """State of a 10DLC campaign, in neutral words: only an ``ACTIVE`` one carries texts."""

    PENDING = "pending"
    ACTIVE = "active"
    FAILED = "failed"
    """Rejected, suspended, expired or failed."""
    UNKNOWN = "unknown"


@frozen(kw_only=True, field_transformer=by_hints)
class Campaign(JsonRecord):
    """10DLC campaign.

    Attributes:
        id: the one that ``bind_campaign`` takes.
        registry_id: its id at its registry (TCR), which several providers may share.
        provider_status: the provider's own word for ``status``.
        numbers: numbers that are bound to it.
        raw: the provider's own record.
    """

    provider: str
    account: str
    id: str
    registry_id: str | None = None
    status: CampaignStatus = CampaignStatus.UNKNOWN
    provider_status: str | None = None
    numbers: tuple[PhoneNumber, ...] | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)


CoverageBy: TypeAlias = Literal["state", "city", "rate_center", "prefix"]
"""Kinds of places to count numbers by; a prefix is an area code with the three digits after it (NPA-NXX)."""


@frozen(kw_only=True, field_transformer=by_hints)
class Coverage(JsonRecord):
    """Count of the numbers that can be bought in one place. The provider states the facts that name the place.

    Attributes:
        count: numbers, at the time for which the provider counted.
        prefix: area code and the three digits after it (NPA-NXX), such as ``201555``.
        raw: the provider's own record.
    """

    provider: str
    account: str
    count: int
    state: str | None = None
    city: str | None = None
    rate_center: str | None = None
    prefix: str | None = None
    lata: str | None = None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)
