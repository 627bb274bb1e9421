"""Neutral records about an account: its balance.

``None`` always means that the provider did not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from anycarrier.hints import by_hints

__all__ = ["Balance"]


@frozen(kw_only=True, field_transformer=by_hints)
class Balance:
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
