"""What LC Phone v3 sends. The records are those of the legacy API too: which shape comes, the answer decides."""

from __future__ import annotations

from anycarrier_adapters._leadconnector.schemas import (
    AvailableNumber,
    AvailableNumbers,
    Bought,
    InboundCallService,
    NumberPage,
    NumberPool,
    NumberRow,
    PooledNumber,
    Price,
    RcsSenderId,
)

__all__ = [
    "AvailableNumber", "AvailableNumbers", "Bought", "InboundCallService", "NumberPage", "NumberPool", "NumberRow",
    "PooledNumber", "Price", "RcsSenderId",
]  # fmt: skip
