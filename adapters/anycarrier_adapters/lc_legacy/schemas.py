"""What the legacy LC API sends. The records are those of v3 too: which shape comes, the answer decides."""

from __future__ import annotations

from anycarrier_adapters._leadconnector.schemas import (
    AccountRecord,
    AvailableNumber,
    AvailableNumbers,
    InboundCallService,
    NumberPage,
    NumberPool,
    NumberRow,
    PooledNumber,
    Price,
)

__all__ = [
    "AccountRecord", "AvailableNumber", "AvailableNumbers", "InboundCallService", "NumberPage", "NumberPool",
    "NumberRow", "PooledNumber", "Price",
]  # fmt: skip
