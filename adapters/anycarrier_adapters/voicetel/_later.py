"""The models of :mod:`anycarrier_adapters.voicetel.schemas`, loaded when one is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anycarrier.later import later

if TYPE_CHECKING:
    from anycarrier_adapters.voicetel import schemas
else:
    schemas = later("anycarrier_adapters.voicetel.schemas")

__all__ = ["schemas"]
