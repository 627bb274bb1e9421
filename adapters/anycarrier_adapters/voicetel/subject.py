"""VoiceTel, as the contract suite and the mutants meet it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from anycarrier.testing import ProviderCase

from . import VoiceTel
from .simulator import DUMMY_API_KEY, VoiceTelSimulator

__all__ = ["SUBJECT", "VoiceTelSubject"]


class VoiceTelSubject(ProviderCase):
    """Played by its simulator."""

    simulator = VoiceTelSimulator
    impossible: ClassVar[Mapping[str, str]] = {
        "502-json-after": "OpenAPI, orders: a 502 in VoiceTel's envelope comes before any write",
    }

    def provider(self, base_url: str) -> VoiceTel:
        return VoiceTel(api_key=DUMMY_API_KEY, base_url=base_url)


SUBJECT = VoiceTelSubject
