"""The models of :mod:`anycarrier_adapters.leadping.schemas`, loaded when one is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anycarrier.later import later

if TYPE_CHECKING:
    from anycarrier_adapters.leadping import schemas
else:
    schemas = later("anycarrier_adapters.leadping.schemas")

__all__ = ["schemas"]
